"""The sheet of a plan: what is asked on top, the table with its limits, what it brings, what loosening is worth."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import get_args

from budget.config import ObjectiveName
from budget.document import PlanOutput, PlanRow
from budget.words import verdict
from cli.workbook.asked import ALL, AS_REFERENCE, CHANNEL, ENTRIES, GROUP, LIMITS, SPEND, TOTAL, WrittenPlan
from cli.workbook.book import Book, Role, Value, in_unit
from cli.workbook.sheet import TEXTS, Block, Column, Sheet, cell, cells
from outlay import style

LABEL_ROW, ENTRY_ROW, CHECK_ROW, TABLE_ROW = 4, 5, 6, 8

MOST_BARS = 24
"""Rows that a chart can show so that it is read."""

_NOTE = (
    "Edit the yellow cells, save, and run: outlay plan --from THIS_FILE. What you leave as it is keeps its rule; an "
    "empty limit is no limit. Amounts are totals over the window."
)


def plan_sheet(book: Book, result: PlanOutput, written: WrittenPlan) -> Sheet:
    """Write a plan with the cells by which it can be asked again."""
    sheet = Sheet(book, written.sheet, _title(result), _NOTE, unit=result.outcome_unit)
    rows = [row for row in result.rows if row.period is None]
    panel = any(row.group is not None for row in rows)
    columns = _columns(book, result, panel=panel)
    block = sheet.table(TABLE_ROW, columns, _cells(rows, written, panel=panel), TOTAL)
    _derived(sheet, block, rows, panel=panel)
    _entry_cells(sheet, written)
    _check(sheet, block, written, panel=panel)
    sheet.freeze(TABLE_ROW, 1 + panel)
    width = sum(column.width for column in columns[:11])
    row = _told(sheet, result, (block.total or block.last) + 2, width)
    _chart(sheet, block, row + 1, panel=panel)
    return sheet


def _title(result: PlanOutput) -> str:
    named = f" '{result.name}'" if result.name else ""
    kind = "Brought plan" if result.evaluated else "Recommended plan"
    start = date.fromisoformat(result.start[:10])
    return f"{kind}{named}: {result.periods} {result.period_unit}s from {start.isoformat()}"


def _columns(book: Book, result: PlanOutput, *, panel: bool) -> tuple[Column, ...]:
    about = book.about
    money, unit = result.currency, result.outcome_unit
    total = sum(row.outcome_mean or 0.0 for row in result.rows if row.period is None)
    # under a log likelihood the parts do not add up to what they bring together
    adds_up = abs(total - (result.expected or 0.0)) <= 1e-6 * max(abs(total), 1.0)
    back = "ROI" if unit == money else f"{unit} per {money}"
    return (
        Column(CHANNEL, width=24),
        *([Column(GROUP, width=14)] if panel else []),
        Column(f"Reference ({money})", "money", "sum", 15),
        Column(f"{SPEND} ({money})", "money", "sum", 16),
        Column(f"Change ({money})", "money", None, 14, "soft"),
        Column("Change (%)", "share", None, 12, "soft"),
        Column(f"{LIMITS['lower']} ({money})", "money", "sum", 14, "input"),
        Column(f"{LIMITS['upper']} ({money})", "money", "sum", 14, "input"),
        Column(f"{LIMITS['locked']} ({money})", "money", None, 17, "input"),
        Column(in_unit(f"Expected {result.outcome}", unit), "outcome", "sum" if adds_up else result.expected, 17),
        Column(f"{about.level} HDI from", "outcome", result.expected_hdi_low, 15),
        Column(f"{about.level} HDI to", "outcome", result.expected_hdi_high, 15),
        Column(back, "ratio", result.roi_mean, 9),
        Column(f"{back}, {about.level} HDI from", "ratio", result.roi_hdi_low, 11),
        Column(f"{back}, {about.level} HDI to", "ratio", result.roi_hdi_high, 11),
        Column(f"Marginal {back}", "ratio", None, 10),
        Column("Held by", "words", None, 38),
        Column("Beyond the range seen", "text", None, 15),
    )


def _cells(rows: Sequence[PlanRow], written: WrittenPlan, *, panel: bool) -> list[tuple[Value, ...]]:
    return [
        (
            row.channel,
            *([row.group or ALL] if panel else []),
            row.reference_spend,
            row.spend,
            None,
            None,
            row.lower,
            row.upper,
            held.locked,
            row.outcome_mean,
            row.outcome_hdi_low,
            row.outcome_hdi_high,
            row.roi_mean if row.spend else None,
            row.roi_hdi_low if row.spend else None,
            row.roi_hdi_high if row.spend else None,
            row.mroi,
            row.binding,
            row.extrapolated,
        )
        for row, held in zip(rows, written.rows, strict=True)
    ]


def _derived(sheet: Sheet, block: Block, rows: Sequence[PlanRow], *, panel: bool) -> None:
    """Changes as formulas over the two plans, to the cent: a solver's last digits are not shown as minus nothing."""
    at = 1 + panel
    amounts = [(row.reference_spend or 0.0, row.spend or 0.0) for row in rows]
    lines = [(block.first + i, now, plan) for i, (now, plan) in enumerate(amounts)]
    if block.total is not None:
        lines.append((block.total, sum(now for now, _ in amounts), sum(plan for _, plan in amounts)))
    for line, now, plan in lines:
        before, after = cell(line, at), cell(line, at + 1)
        role: Role = "total" if line == block.total else "soft"
        sheet.formula((line, at + 2), f"=ROUND({after}-{before},2)", round(plan - now, 2), "money", role)
        share = round(plan / now - 1, 6) if now else ""
        sheet.formula((line, at + 3), f'=IF({before}=0,"",ROUND({after}/{before}-1,6))', share, "share", role)
    first, last = block.first, block.last
    names = {"reference": at, "recommended": at + 1, "lower": at + 4, "upper": at + 5}
    for name, column in names.items():
        tab = sheet.name.lower().replace(" ", "_")
        sheet.name_range(f"{tab}_{name}", cells(first, column, last, column, fixed=True))


def _entry_cells(sheet: Sheet, written: WrittenPlan) -> None:
    """Keys of the question with a cell of their own, label above value."""
    for j, (key, (label, kind)) in enumerate(ENTRIES.items()):
        value: Value = written.entries[key]
        if key == "start" and isinstance(value, str):
            value = date.fromisoformat(value)
        right = {"align": "right"} if kind not in TEXTS else {"indent": 1} if j else {}
        sheet.to.write_string(LABEL_ROW, j, label, sheet.book.format("text", "soft", bold=True, **right))
        sheet.put(ENTRY_ROW, j, value, kind, "input")
        if key == "objective":
            sheet.to.data_validation(ENTRY_ROW, j, ENTRY_ROW, j, {"validate": "list", "source": list(_OBJECTIVES)})
        if key == "budget":
            name = sheet.name.lower().replace(" ", "_")
            sheet.name_range(f"{name}_budget", cell(ENTRY_ROW, j, fixed=True))


_OBJECTIVES = get_args(ObjectiveName)


def _check(sheet: Sheet, block: Block, written: WrittenPlan, *, panel: bool) -> None:
    """A live line on whether the limits leave room for the budget."""
    at = 5 + panel
    budget = cell(ENTRY_ROW, list(ENTRIES).index("budget"), fixed=True)
    low, high, lock = (cells(block.first, j, block.last, j) for j in (at, at + 1, at + 2))
    now = cells(block.first, 1 + panel, block.last, 1 + panel)
    # a lock stands in for both limits of its row, and so does the word for the row's reference spend
    locked = f'SUM({lock})+SUMIF({lock},"{AS_REFERENCE}",{now})'
    least_of, most_of = (
        f'SUM({limit})-SUMIF({lock},">=0",{limit})-SUMIF({lock},"{AS_REFERENCE}",{limit})+{locked}'
        for limit in (low, high)
    )
    little, much = (
        "The lower limits and locks add up to more than the budget.",
        "The upper limits and locks add up to less than the budget.",
    )
    fine = "The limits leave room for the budget."
    open_top = f'COUNTIFS({high},"",{lock},"")>0'
    formula = (
        f'=IF({budget}="","",IF({least_of}>{budget}+0.01,"{little}",'
        f'IF(OR({open_top},{most_of}>={budget}-0.01),"{fine}","{much}")))'
    )
    asked = written.entries["budget"]
    value = ""
    if isinstance(asked, float):
        least = sum(row.lower or 0.0 for row in written.rows)
        most = sum(row.upper or 0.0 for row in written.rows)
        is_open = any(row.upper is None for row in written.rows)
        value = little if least > asked + 0.01 else fine if is_open or most >= asked - 0.01 else much
    sheet.formula((CHECK_ROW, 0), formula, value, "text")


def _told(sheet: Sheet, result: PlanOutput, row: int, width: float) -> int:
    """Sentences below the table; the row after them."""
    parts = [
        ("What it brings", verdict(result)),
        (
            "What loosening a limit is worth",
            [f"{price.text[:1].upper()}{price.text[1:]}." for price in result.shadow_prices if price.kind == "budget"]
            + [f"{price.text}." for price in result.shadow_prices if price.kind != "budget"],
        ),
        ("Rules that it breaks", list(result.broken_rules)),
    ]
    for heading, sentences in parts:
        if not sentences:
            continue
        sheet.heading(row, heading)
        for i, sentence in enumerate(sentences, row + 1):
            sheet.paragraph(i, sentence, 11, width)
        row += len(sentences) + 2
    return row


def _chart(sheet: Sheet, block: Block, row: int, *, panel: bool) -> None:
    """Reference and recommended spend as bars, drawn by the spreadsheet from the cells."""
    if block.last - block.first >= MOST_BARS:
        return
    at = 1 + panel
    chart = sheet.book.file.add_chart({"type": "bar"})
    for column, colour in ((at, style.CURRENT_COLOUR), (at + 1, style.PLAN_COLOUR)):
        chart.add_series(
            {
                "name": [sheet.name, TABLE_ROW, column],
                "categories": [sheet.name, block.first, 0, block.last, panel],
                "values": [sheet.name, block.first, column, block.last, column],
                "fill": {"color": colour},
                "gap": 60,
            }
        )
    chart.set_title({"name": "Spend over the window", "name_font": {"size": 12, "bold": False}})
    chart.set_y_axis({"reverse": True})
    chart.set_x_axis(
        {
            "num_format": "#,##0",
            "major_gridlines": {"visible": True, "line": {"color": style.GRID}},
            "label_position": "high",
        }
    )
    chart.set_legend({"position": "top"})
    chart.set_size({"width": 900, "height": 120 + 36 * (block.last - block.first + 1)})
    sheet.to.insert_chart(row, 0, chart)
