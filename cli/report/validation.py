"""The section on validation: whether the answer of the fit holds, question by question and channel by channel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cli.report.parts import Table
from cli.report.stored import stored
from cli.report.words import joined
from cli.verdict_page import SECTIONS
from outlay import style

if TYPE_CHECKING:
    from cli.outputs.validation import ValidateOutput, VerdictRow
    from cli.report.data import ReportData
    from outlay.runs import Run

WORDS = {"good": "holds", "watch": "look", "bad": "fails", "open": "not judged"}
"""What a status is called on the page; colour alone would say nothing on paper."""

USE = {"good": "yes", "watch": "with care", "bad": "no"}


@dataclass(frozen=True)
class Question:
    """A question of the page with the checks that answer it."""

    title: str
    verdicts: tuple[VerdictRow, ...]


def latest_validation(fit: Run) -> Run | None:
    """The latest validation of a fit; None where it was not validated."""
    from outlay.runs import list_runs

    mine = [run for run in list_runs(fit.path.parent) if run.kind == "validate" and fit.id in run.parents]
    return mine[-1] if mine else None


def read_validation(run: Run, fit: Run) -> ValidateOutput:
    """The document of a validation run."""
    from cli.commands.validate import summarise

    return summarise(run, fit)


def questions(result: ValidateOutput) -> tuple[Question, ...]:
    """Verdicts by the question that they answer, in the order of the terminal's page."""
    known = {id for _, ids in SECTIONS for id in ids}
    told = [Question(title, tuple(row for row in result.verdicts if row.id in ids)) for title, ids in SECTIONS]
    told.append(Question("What else was seen", tuple(row for row in result.verdicts if row.id not in known)))
    return tuple(question for question in told if question.verdicts)


def sentence(result: ValidateOutput | None) -> str:
    """What the summary says of it."""
    if result is None:
        return "Whether the answer holds beyond these data was not checked: `outlay validate` does."
    barred = [row.channel for row in result.channels if row.use == "bad"]
    which = "any channel" if barred and len(barred) == len(result.channels) else joined(barred)
    use = f" The numbers of {which} must not be used." if barred and which not in result.sentence else ""
    return f"Validation: {stored(result.sentence)}{use}"


def channels(data: ReportData, result: ValidateOutput) -> Table:
    """Which channels' numbers to use."""
    headers = (
        ("Channel", False),
        ("ROI" if data.money else f"{data.unit} per {data.currency}", True),
        (f"{data.level} HDI", True),
        (f"Share of {data.outcome}", True),
        ("The answer is", False),
        ("Use it?", False),
        ("Against it", False),
    )
    rows = tuple(
        (
            row.channel,
            style.ratio(row.roi_mean) if row.paid else "organic",
            style.ratio_between(row.roi_hdi_low, row.roi_hdi_high) if row.paid else "",
            style.percent(row.share_mean),
            row.verdict,
            USE[row.use],
            row.ids,
        )
        for row in result.channels
    )
    weak = frozenset(i for i, row in enumerate(result.channels) if row.use != "good")
    return Table(headers, rows, None, weak)


def forecasts(data: ReportData, result: ValidateOutput) -> Table | None:
    """Scores of forecasts of what the model had not seen, beside repeating the past; None where none was made."""
    rows = [row for row in result.scores if row.group is None] or [row for row in result.folds if row.group is None]
    if not rows:
        return None
    headers = (
        ("Forecast from", False),
        (f"CRPS ({data.model['kpi']})", True),
        ("of repeating the past", True),
        ("Lower by", True),
        ("wMAPE", True),
        ("of repeating", True),
        ("Inside its 80% interval", True),
    )
    return Table(
        headers,
        tuple(
            (
                "all origins" if row.origin is None else row.origin,
                style.number(row.crps),
                style.number(row.naive_crps),
                style.percent(row.skill, 0),
                style.percent(row.wmape),
                style.percent(row.naive_wmape),
                style.percent(row.inside_80, 0),
            )
            for row in rows
        ),
    )


def advice(result: ValidateOutput) -> tuple[tuple[str, str], ...]:
    """Ids and what to do, the gravest first."""
    order = {"bad": 0, "watch": 1}
    rows = sorted((row for row in result.verdicts if row.status in order), key=lambda row: order[row.status])
    return tuple((row.id, row.repair) for row in rows if row.repair)
