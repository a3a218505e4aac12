"""The sheet of a plan's periods: spend by date of the cells whose timing is decided."""

from __future__ import annotations

import math
from datetime import datetime

from budget.document import PlanOutput
from cli.workbook.book import Book, Value
from cli.workbook.sheet import HEAD_ROW, Column, Sheet, cells


def flighting_sheet(book: Book, result: PlanOutput, name: str) -> Sheet | None:
    """Spend per period; None where the plan keeps the timing that it was given."""
    dated = [row for row in result.rows if row.period is not None]
    if not dated:
        return None
    panel = any(row.group is not None for row in dated)
    days = sorted({str(row.period)[:10] for row in dated})
    lines: dict[tuple[str, str], dict[str, float]] = {}
    for row in dated:
        spend = lines.setdefault((row.channel, row.group or ""), {})
        spend[str(row.period)[:10]] = row.spend or 0.0
    columns = [
        Column("Channel", width=24),
        *([Column("Group", width=14)] if panel else []),
        *(Column(day, "money", "sum", 12) for day in days),
        Column(f"All {result.period_unit}s", "money", "sum", 14, "soft"),
    ]
    note = f"Spend in {result.currency} by first day of the {result.period_unit}, where the timing was decided."
    named = f" '{result.name}'" if result.name else ""
    sheet = Sheet(book, name, f"Spend by {result.period_unit}{named}", note, unit=result.outcome_unit)
    rows: list[tuple[Value, ...]] = []
    for (channel, group), spend in lines.items():
        each = [spend.get(day, 0.0) for day in days]
        rows.append((channel, *([group] if panel else []), *each, sum(each)))
    block = sheet.table(HEAD_ROW, columns, rows, "Total")
    for i, day in enumerate(days):
        head = book.format("date", "head", align="right", num_format="yyyy-mm-dd")
        sheet.to.write_datetime(HEAD_ROW, 1 + panel + i, datetime.fromisoformat(day), head)
    last = panel + len(days)
    for line, spend in enumerate(lines.values(), block.first):
        total = math.fsum(spend.values())
        sheet.sum((line, last + 1), cells(line, 1 + panel, line, last), total, "money", "soft")
    sheet.freeze(HEAD_ROW, 1 + panel)
    return sheet
