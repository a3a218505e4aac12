"""A workbook of plans: one sheet each, side by side where there are several, and the cells to ask again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from budget.document import PlanOutput
from cli.workbook.asked import STORE, VERSION, WrittenBook, WrittenPlan, written_plan
from cli.workbook.book import About, Book, Paper, now, shortened
from cli.workbook.plan_sheet import plan_sheet

if TYPE_CHECKING:
    from datetime import datetime


def plans_workbook(answers: Sequence[PlanOutput], *, made: datetime | None = None, paper: Paper = "A4") -> bytes:
    """Answers as a workbook (XLSX).

    Parameters
    ----------
    answers : sequence of PlanOutput
        At least one, of one fit.
    made : datetime, optional
        The moment that stands on every sheet; default: now.
    paper : {"A4", "Letter"}
        That the sheets are printed on.
    """
    from cli.workbook.flighting_sheet import flighting_sheet
    from cli.workbook.scenarios_sheet import scenarios_sheet
    from cli.workbook.words_sheets import definitions_sheet, plan_assumptions_sheet

    first = answers[0]
    about = About(
        fit=first.fit,
        plan=", ".join(answer.run for answer in answers if answer.run),
        currency=first.currency,
        unit=first.outcome_unit,
        plan_unit=first.outcome_unit,
        hdi=first.hdi,
        trusted=all(answer.trusted for answer in answers),
        made=made or now(),
        paper=paper,
    )
    book = Book(about, f"Plans: {', '.join(answer.name or 'plan' for answer in answers)}")
    if len(answers) > 1:
        scenarios_sheet(book, answers)
    written = plan_sheets(book, answers)
    for i, answer in enumerate(answers):
        flighting_sheet(book, answer, sheet_name("Flighting", i))
    plan_assumptions_sheet(book, answers)
    definitions_sheet(book)
    store(book, written)
    return book.content()


def plan_sheets(book: Book, answers: Sequence[PlanOutput]) -> list[WrittenPlan]:
    """A sheet for each plan; what their input cells hold."""
    written = [written_plan(answer, sheet_name("Plan", i)) for i, answer in enumerate(answers)]
    for answer, each in zip(answers, written, strict=True):
        plan_sheet(book, answer, each)
    return written


def sheet_name(kind: str, i: int) -> str:
    """``Plan``, ``Plan 2`` ...: names of scenarios are no names of sheets, which must be short and without signs."""
    return kind if i == 0 else f"{kind} {i + 1}"


def store(book: Book, written: Sequence[WrittenPlan]) -> None:
    """The hidden sheet: what the input cells held when they were written."""
    from outlay.exports import to_json

    sheet = book.file.add_worksheet(STORE)
    sheet.write_string(0, 0, "What the yellow cells held when this workbook was written. Do not edit.")
    text = to_json(WrittenBook(version=VERSION, plans=list(written)).document(), indent=None)
    for i, piece in enumerate(shortened(text), 1):
        sheet.write_string(i, 0, piece)
    sheet.hide()
