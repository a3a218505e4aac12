"""The sheet of scenarios: what several plans bring and where their money goes, side by side."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from budget.document import PlanOutput
from budget.document_compare import CompareOutput
from cli.workbook.book import Book, Kind, Value, in_unit
from cli.workbook.sheet import HEAD_ROW, LINE, Column, Sheet, cells, lines_of

Read = Callable[[PlanOutput], Value]


def scenarios_sheet(book: Book, plans: Sequence[PlanOutput], found: CompareOutput | None = None) -> Sheet:
    """Plans side by side.

    Parameters
    ----------
    book : Book
    plans : sequence of PlanOutput
    found : CompareOutput, optional
        The same plans draw by draw: then it is told which one beats which.
    """
    names = _names(plans, found)
    same = len({(plan.start, plan.periods) for plan in plans}) == 1
    note = "" if same else "These plans are of different windows: their totals are not comparable."
    sheet = Sheet(book, "Scenarios", "Scenarios side by side", note, unit=plans[0].outcome_unit)
    columns = [Column("", width=38), *(Column(name, "money", width=19) for name in names)]
    sheet.head(HEAD_ROW, columns)
    row = HEAD_ROW + 1
    for label, kind, read in _facts(plans[0], found):
        values = [read(plan) for plan in plans]
        if all(value is None for value in values):
            continue
        sheet.put(row, 0, label)
        lines = max(lines_of(value, 17) for value in values if isinstance(value, str)) if kind == "words" else 1
        sheet.to.set_row(row, LINE * lines)
        for j, value in enumerate(values, 1):
            if isinstance(value, str):
                sheet.to.write_string(row, j, value, book.format("words", align="right"))
            else:
                sheet.put(row, j, value, kind)
        row += 1
    if found is not None and any(each.p_best is not None for each in found.rows):
        sheet.put(row, 0, "P(best of these)")
        for j, each in enumerate(found.rows, 1):
            sheet.put(row, j, each.p_best, "chance")
        row += 1
    row = _spend(sheet, plans, names, row + 1)
    if found is not None:
        row = _better(sheet, found, names, row + 1)
        _differs(sheet, found, row + 1, 38 + 19 * len(plans))
    sheet.freeze(HEAD_ROW)
    return sheet


def _names(plans: Sequence[PlanOutput], found: CompareOutput | None) -> list[str]:
    if found is not None:
        return [row.name for row in found.rows]
    return [plan.name or (f"plan {i}" if len(plans) > 1 else "plan") for i, plan in enumerate(plans, 1)]


def _facts(first: PlanOutput, found: CompareOutput | None) -> list[tuple[str, Kind, Read]]:
    """Rows: a label with its unit, how the number is written, and where it is in a plan."""
    level, unit, money = f"{100 * first.hdi:g}%", first.outcome_unit, first.currency
    is_money = unit == money
    roi = "ROI" if is_money else f"{unit} per {money}"
    return [
        ("Looks for", "words", lambda plan: plan.objective_words),
        ("First day", "words", lambda plan: plan.start[:10]),
        ("Periods", "words", lambda plan: f"{plan.periods} {plan.period_unit}s"),
        (f"Budget ({money})", "money", lambda plan: plan.budget),
        (in_unit(f"Expected {first.outcome}", unit), "outcome", lambda plan: plan.expected),
        (f"   {level} HDI from", "outcome", lambda plan: plan.expected_hdi_low),
        (f"   {level} HDI to", "outcome", lambda plan: plan.expected_hdi_high),
        (f"Reference plan ({unit})", "outcome", lambda plan: plan.reference),
        (f"Gain over the reference plan ({unit})", "outcome", lambda plan: plan.gain_mean),
        (f"   {level} HDI from", "outcome", lambda plan: plan.gain_hdi_low),
        (f"   {level} HDI to", "outcome", lambda plan: plan.gain_hdi_high),
        (roi, "ratio", lambda plan: plan.roi_mean),
        (f"   {level} HDI from", "ratio", lambda plan: plan.roi_hdi_low),
        (f"   {level} HDI to", "ratio", lambda plan: plan.roi_hdi_high),
        (f"Profit at the stated margin ({money})", "money", lambda plan: plan.profit_mean),
        (f"   {level} HDI from", "money", lambda plan: plan.profit_hdi_low),
        (f"   {level} HDI to", "money", lambda plan: plan.profit_hdi_high),
        (f"Mean of the worst draws, CVaR ({unit})", "outcome", lambda plan: plan.risk.cvar),
        (f"One draw in twenty below ({unit})", "outcome", lambda plan: plan.risk.q05),
        (f"Standard deviation ({unit})", "outcome", lambda plan: plan.risk.sd),
        ("P(beats its reference plan)", "chance", lambda plan: plan.p_better),
        ("P(reaches its goal)", "chance", lambda plan: plan.p_goal),
    ]


def _spend(sheet: Sheet, plans: Sequence[PlanOutput], names: Sequence[str], row: int) -> int:
    """Spend by channel (and group) of every plan with live totals; the row after it."""
    spends = [
        {(each.channel, each.group): each.spend or 0.0 for each in plan.rows if each.period is None} for plan in plans
    ]
    keys = list(dict.fromkeys(key for spend in spends for key in spend))
    sheet.heading(row, f"Spend over the window ({plans[0].currency})")
    head = row + 1
    for j, name in enumerate(["Channel", *names]):
        right = {"align": "right"} if j else {}
        sheet.to.write_string(head, j, name, sheet.book.format("text", "head", **right))
    for i, key in enumerate(keys, head + 1):
        sheet.put(i, 0, " in ".join(part for part in key if part))
        for j, spend in enumerate(spends, 1):
            sheet.put(i, j, spend.get(key), "money")
    total = head + 1 + len(keys)
    sheet.put(total, 0, "Total", "text", "total")
    for j, spend in enumerate(spends, 1):
        sheet.sum((total, j), cells(head + 1, j, total - 1, j), math.fsum(spend.values()), "money")
    return total + 1


def _better(sheet: Sheet, found: CompareOutput, names: Sequence[str], row: int) -> int:
    """Who beats whom; the row after it."""
    odds = {(each.scenario, each.than): each.probability for each in found.better}
    if all(value is None for value in odds.values()):
        sheet.text(row, 0, f"Which plan beats which: {found.better_by}.")
        return row + 1
    sheet.heading(row, f"Probability that the plan of the row beats that of the column, by {found.better_by}")
    for j, name in enumerate(["", *names]):
        right = {"align": "right"} if j else {}
        sheet.to.write_string(row + 1, j, name, sheet.book.format("text", "head", **right))
    for i, mine in enumerate(names, row + 2):
        sheet.put(i, 0, mine)
        for j, other in enumerate(names, 1):
            sheet.put(i, j, odds.get((mine, other)), "chance")
    return row + 2 + len(names)


def _differs(sheet: Sheet, found: CompareOutput, row: int, width: float) -> None:
    sheet.heading(row, "What differs")
    for i, line in enumerate(found.differs, row + 1):
        sheet.paragraph(i, line, 1 + len(found.rows), width)
