"""Sheets of words: what was assumed, what was found in the data, and what every number means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from budget.document import PlanOutput
from cli.workbook.book import About, Book, Value
from cli.workbook.sheet import HEAD_ROW, Column, Sheet
from outlay import style

if TYPE_CHECKING:
    from outlay.document import FindingRow
    from outlay.findings import Finding

ABOUT, WHAT, REPAIR = 28, 96, 60


def plan_assumptions_sheet(book: Book, answers: Sequence[PlanOutput]) -> Sheet:
    """What plans rest on, and what their findings say."""
    rows: list[tuple[Value, ...]] = []
    for answer in answers:
        rows += [(_plan(answer), line, "") for line in asked_words(answer)]
        rows += [(_plan(answer), line, "") for line in answer.assumptions]
    found = [(_plan(answer), finding) for answer in answers for finding in answer.findings]
    return assumptions_sheet(book, rows, found)


def asked_words(answer: PlanOutput) -> list[str]:
    """The question of a plan in sentences."""
    lines = [f"Looks for {answer.objective_words}. The reference plan is {answer.reference_plan}."]
    rules = {
        key: value for key, value in (answer.question or {}).items() if key not in ("name", "periods", "objective")
    }
    return lines + [f"Asked: {key} = {_said(value)}" for key, value in rules.items()]


def _said(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_said(inner)}" for key, inner in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "; ".join(_said(inner) for inner in value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return style.written(f"{value:,.12g}")
    return str(value)


def _plan(answer: PlanOutput) -> str:
    return f"plan {answer.name}" if answer.name else "plan"


def assumptions_sheet(
    book: Book, rows: Sequence[Sequence[Value]], findings: Sequence[tuple[str, Finding | FindingRow]]
) -> Sheet:
    """Assumptions first, then the findings with what to do about each."""
    sheet = Sheet(book, "Assumptions", "What these numbers rest on", "")
    columns = (Column("About", width=ABOUT), Column("Assumption or finding", "words", width=WHAT))
    told = [(*row, "")[:3] for row in rows]
    told += [
        (
            f"{about}: {each.severity} {each.id}",
            f"{each.where}: {each.what}" if each.where else each.what,
            each.repair,
        )
        for about, each in findings
    ]
    sheet.table(HEAD_ROW, (*columns, Column("What to do", "words", width=REPAIR)), told)
    sheet.freeze(HEAD_ROW)
    return sheet


def _of_plans(about: About) -> list[tuple[Value, ...]]:
    """What plans count, where it is another thing than the fit's outcome."""
    money, unit = about.currency, about.plan_unit
    if unit == about.unit:
        return []
    back, called = f"{unit} per {money}", "ROI" if unit == money else "Return"
    return [
        ("Outcome of plans", unit, f"What the fit's outcome ({about.unit}) turns into, by the conversion model."),
        (f"{called} of plans", back, "What the plan's spend brings, over that spend. On the sheets of plans alone."),
    ]


def definitions_sheet(book: Book) -> Sheet:
    """What every number means, with its unit."""
    about = book.about
    money, unit, level = about.currency, about.unit, about.level
    back = f"{unit} per {money}"
    rows = [
        ("Spend", money, "Money spent in the window."),
        ("Outcome", unit, "What the model explains. For a KPI that is money: revenue, not profit."),
        ("Contribution", unit, "What a channel caused inside of the window, carry-over of earlier spend included."),
        ("Share", "% of outcome", "Contribution over the observed outcome."),
        (
            "ROI" if unit == money else back,
            back,
            "What the window's spend caused, also after the window, over that spend.",
        ),
        (
            "Marginal ROI" if unit == money else "Marginal",
            back,
            "The same for one more unit of spend. Budgets follow it.",
        ),
        (
            f"{level} HDI",
            "as the number",
            f"Highest-density interval: the narrowest that holds {level} of the posterior.",
        ),
        ("Mean, median", "as the number", "Of the posterior. Returns are skewed: the mean lies above the median."),
        (
            "Data say",
            "",
            "enough: the data decided; little: they leave room for the prior; nothing: the number is the prior.",
        ),
        ("Contraction", "up to 1", "How much the data narrowed the prior: 1 completely, 0 or less not at all."),
        ("Response curve", f"{unit} and {money} per period", "Outcome per period at constant spend per period."),
        ("Beyond the range seen", "", "More spend than any that the data hold: there the curve is extrapolated."),
        ("Reference plan", money, "What would happen without a decision; brought to the same total where it is given."),
        ("Recommended", money, "The best plan within the rules; proven up to the distance told on its sheet."),
        ("Change", f"{money}, %", "Recommended less reference."),
        ("Lower limit, upper limit", money, "Least and most of the row's total over the window, from all rules on it."),
        ("Locked at", money, "Spend that is already decided. An amount, or the word reference."),
        ("Held by", "", "The rule that keeps the row from getting more, or less."),
        *_of_plans(about),
        (
            "Gain",
            about.plan_unit,
            "Expected outcome of the plan less that of the reference plan, on draws that did not choose it.",
        ),
        ("P(beats its reference plan)", "%", "Probability of more outcome at the same total, else of more profit."),
        ("Profit", money, "Margin times outcome, less spend."),
        ("CVaR", about.plan_unit, "Mean outcome over the worst share of draws."),
        ("Yellow cells", "", "Inputs: `outlay plan --from FILE` asks again with what was changed in them."),
        ("Sheet Outlay (hidden)", "", "What the yellow cells held when they were written. Without it nothing is read."),
    ]
    sheet = Sheet(book, "Definitions", "Definitions and units", "")
    columns = (Column("Term", width=28), Column("Unit", width=26), Column("Meaning", "words", width=100))
    sheet.table(HEAD_ROW, columns, rows)
    sheet.freeze(HEAD_ROW)
    return sheet
