"""Sheets of contributions: what the outcome was made of, period by period, and in the whole window."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from cli.report.data import ReportData
from cli.workbook.book import Book, Role, Value
from cli.workbook.sheet import HEAD_ROW, Column, Sheet, cell, cells

if TYPE_CHECKING:
    import pandas as pd

BY_DATE = "By date"


def contributions_sheets(book: Book, data: ReportData) -> tuple[Sheet, Sheet]:
    """The window's totals, as sums over the sheet of periods; and that sheet."""
    parts, actual = _by_date(data)
    kinds = dict(zip(data.told.contributions["component"], data.told.contributions["kind"], strict=True))
    whole = Sheet(book, "Contributions", f"What {data.outcome} was made of", _note(data))
    dates = Sheet(book, BY_DATE, f"{data.outcome} by {data.period}", _dates_note(data))
    first, last = _dates_table(dates, data, parts, actual)
    _whole_table(whole, data, parts, kinds, (first, last))
    whole.freeze(HEAD_ROW)
    return whole, dates


def _note(data: ReportData) -> str:
    return (
        f"Means over the scored window, in {data.unit}: what each part added. Sums over the sheet {BY_DATE!r}; "
        "they add up to what the model expects of the window."
    )


def _dates_note(data: ReportData) -> str:
    return f"Mean contribution of each part in {data.unit}; their sum is what the model expects of the {data.period}."


def _by_date(data: ReportData) -> tuple[pd.DataFrame, pd.Series[float]]:
    """Means by date (and group) and component, in the table's order, and what was observed."""
    parts, series = data.told.contributions, data.told.series
    if parts["group"].notna().any():
        parts, series = parts[parts["group"].notna()], series[series["group"].notna()]
    keys = ["date", "group"]
    order = list(dict.fromkeys(parts["component"]))
    # missing groups of a national fit are a key like any other
    wide = parts.assign(group=parts["group"].fillna("")).pivot_table(
        index=keys, columns="component", values="mean", aggfunc="sum", sort=False
    )
    actual = series.assign(group=series["group"].fillna("")).set_index(keys)["actual"]
    return wide[order], actual.reindex(wide.index)


def _dates_table(sheet: Sheet, data: ReportData, parts: pd.DataFrame, actual: pd.Series[float]) -> tuple[int, int]:
    panel = any(group for _, group in parts.index)
    columns = [
        Column("First day", "date", None, 12),
        *([Column("Group", width=14)] if panel else []),
        *(Column(str(name), "outcome", "sum", max(13.0, 0.8 * len(str(name)))) for name in parts.columns),
        Column("Sum of parts", "outcome", None, 16, "soft"),
        Column("Observed", "outcome", "sum", 16),
        Column("Observed less sum", "outcome", None, 16, "soft"),
    ]
    rows: list[tuple[Value, ...]] = []
    for (day, group), values, seen in zip(parts.index, parts.to_numpy(float), actual, strict=True):
        rows.append((day.to_pydatetime(), *([group] if panel else []), *map(float, values), None, float(seen), None))
    block = sheet.table(HEAD_ROW, columns, rows, "Total")
    left, right = 1 + panel, panel + len(parts.columns)
    sums = [math.fsum(values) for values in parts.to_numpy(float)]
    lines = [*zip(range(block.first, block.last + 1), sums, map(float, actual), strict=True)]
    lines.append((block.last + 1, math.fsum(sums), math.fsum(map(float, actual))))
    for line, total, seen in lines:
        role: Role = "total" if line == block.total else "soft"
        sheet.sum((line, right + 1), cells(line, left, line, right), total, "outcome", role)
        difference = f"={cell(line, right + 2)}-{cell(line, right + 1)}"
        sheet.formula((line, right + 3), difference, seen - total, "outcome", role)
    sheet.freeze(HEAD_ROW, left)
    return block.first, block.last


def _whole_table(
    sheet: Sheet, data: ReportData, parts: pd.DataFrame, kinds: Mapping[str, str], lines: tuple[int, int]
) -> None:
    intervals = {row.component: (row.hdi_low, row.hdi_high) for row in data.baseline}
    intervals |= {row.channel: (row.contribution_hdi_low, row.contribution_hdi_high) for row in data.total_rows()}
    panel = any(group for _, group in parts.index)
    columns = [
        Column("Part", width=26),
        Column("Kind", width=12),
        Column(f"Contribution ({data.unit})", "outcome", None, 20),
        Column(f"{data.level} HDI from", "outcome", None, 18),
        Column(f"{data.level} HDI to", "outcome", None, 18),
        Column("Share of the sum", "share", None, 12, "soft"),
    ]
    names = [str(name) for name in parts.columns]
    rows = [(name, str(kinds[name]), None, *intervals.get(name, (None, None)), None) for name in names]
    block = sheet.table(HEAD_ROW, columns, rows)
    digits = 2 if data.money else 6
    # a part that is centred adds up to nothing but for what computers round off: "-0" would only puzzle
    sums = [round(math.fsum(parts[name].to_numpy(float)), digits) or 0.0 for name in names]
    total, end = math.fsum(sums), block.last + 1
    for i, each in enumerate(sums):
        line, source = block.first + i, cells(lines[0], 1 + panel + i, lines[1], 1 + panel + i)
        sheet.formula((line, 2), f"=ROUND(SUM('{BY_DATE}'!{source}),{digits})", each, "outcome", "body")
        sheet.formula((line, 5), f"={cell(line, 2)}/{cell(end, 2, fixed=True)}", each / total, "share")
    for j in (1, 3, 4):
        sheet.put(end, j, None, "text", "total")
    sheet.put(end, 0, "Sum of parts", "text", "total")
    sheet.sum((end, 2), cells(block.first, 2, block.last, 2), total, "outcome")
    sheet.sum((end, 5), cells(block.first, 5, block.last, 5), 1.0, "share")
