"""The form of the plan's view: how a question reads as fields, and how fields become a question again.

What the form does not show stays in the question as it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import pandas as pd
from pydantic import ValidationError

from budget.config import PlanSection
from outlay import style
from outlay.exports import to_json
from outlay.response import ResponseDraws
from planner.plan_result import on_page

Total = Literal["fixed", "free"]

LOOKS_FOR_TOTAL = ("target_mroi", "target_kpi")
"""Objectives that look for the total themselves."""

FIELDS = (
    "start",
    "periods",
    "total",
    "budget",
    "least",
    "most",
    "objective",
    "target",
    "counts",
    "risk",
    "level",
    "goal",
    "reference",
    "timing",
    "max_change",
    "beyond",
)
"""Names of the fields, in the order of :class:`Form`."""

NUMBERS = ("periods", "budget", "least", "most", "target", "level", "goal", "max_change", "beyond")
"""Those that hold a number."""


@dataclass(frozen=True)
class Form:
    """The fields. Shares are in per cent, dates as ISO text, and an empty field is None.

    Attributes
    ----------
    start : str
        First period's date.
    periods : int
    total : {"fixed", "free"}
    budget, least, most : float or None
        The fixed total; the least and the most of a free one.
    objective : str
    target : float or None
    counts : {"media", "all"}
        What a target counts.
    risk : {"mean", "blend", "cvar"}
    level : float
        Worst share of the draws, in per cent.
    goal : float or None
    reference : str
    timing : str
    max_change : float or None
        Largest change of every channel, in per cent.
    beyond : float or None
        How far a channel may go above the most that the data have seen, in per cent; None without a limit.
    """

    start: str
    periods: int | None
    total: Total
    budget: float | None
    least: float | None
    most: float | None
    objective: str
    target: float | None
    counts: str
    risk: str
    level: float | None
    goal: float | None
    reference: str
    timing: str
    max_change: float | None
    beyond: float | None

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Form:
        """The fields as a browser sends them: an emptied number is an empty text, and one half typed a text too."""
        given: dict[str, Any] = {name: None if values[name] in ("", None) else values[name] for name in FIELDS}
        return cls(**given)

    def ensure_numbers(self) -> None:
        """Refuse fields for numbers that hold something else: a lone minus, more digits than a browser counts with.

        Raises
        ------
        UnclearFieldError
        """
        held = {name: getattr(self, name) for name in NUMBERS}
        wrong = {name: "Write a number." for name, value in held.items() if isinstance(value, str)}
        periods: object = self.periods  # a browser may send half a period
        if isinstance(periods, float) and not periods.is_integer():
            wrong["periods"] = "Write a whole number."
        if wrong:
            raise UnclearFieldError(wrong)

    def values(self) -> dict[str, Any]:
        """What the fields show."""
        return {name: "" if getattr(self, name) is None else getattr(self, name) for name in FIELDS}


class UnclearFieldError(Exception):
    """What a field says cannot be.

    Attributes
    ----------
    messages : dict
        A sentence for each field that is concerned.
    """

    def __init__(self, messages: dict[str, str]) -> None:
        super().__init__("; ".join(messages.values()))
        self.messages = messages


def starts(response: ResponseDraws) -> list[str]:
    """Dates that a window can start on, the first one after the data first, then later ones, then the past."""
    dates = [f"{date:%Y-%m-%d}" for date in pd.DatetimeIndex(response.dates.append(response.future_dates))]
    n = len(response.dates)
    return [*dates[n:], *reversed(dates[:n])]


def form_of(section: PlanSection, response: ResponseDraws) -> Form:
    """What the form shows of a question."""
    return Form(
        start=_first_date(section, response),
        periods=section.periods,
        total="free" if section.free_total else "fixed",
        budget=section.budget,
        least=section.budget_min,
        most=section.budget_max,
        objective=section.objective,
        target=section.target,
        counts=section.target_counts,
        risk=section.risk.measure,
        level=_percent(section.risk.level),
        goal=section.goal,
        reference=section.reference,
        timing=section.timing,
        max_change=_percent(section.max_change),
        beyond=_percent(section.range_margin),
    )


def section_of(form: Form, base: PlanSection, response: ResponseDraws) -> PlanSection:
    """The question that the form asks, over another one that holds what the form does not show.

    Raises
    ------
    UnclearFieldError
    """
    form.ensure_numbers()
    if form.periods is None:
        raise UnclearFieldError({"periods": "How long is the window?"})
    if form.objective.startswith("target_") and form.target is None:
        raise UnclearFieldError({"target": "This objective needs a number to aim at."})
    stated = base.model_dump(mode="json", exclude_unset=True)
    usual = starts(response)[0] if len(response.future_dates) else None
    free = form.total == "free"
    wanted: dict[str, Any] = {
        "start": None if base.start is None and form.start == usual else form.start,
        "periods": int(form.periods),
        "budget": None if free else form.budget,
        "budget_min": form.least if free else None,
        "budget_max": form.most if free else None,
        "objective": form.objective,
        "target": form.target if form.objective.startswith("target_") else None,
        "target_counts": form.counts if form.objective.startswith("target_") else "media",
        "goal": form.goal,
        "reference": form.reference,
        "timing": form.timing,
        "max_change": None if form.max_change is None else form.max_change / 100,
        "margin_of_range": "none" if form.beyond is None else form.beyond / 100,
        "risk": _risk(form, stated.get("risk", {})),
    }
    for name, value in wanted.items():
        if value == _DEFAULTS.get(name) and name not in stated:
            continue  # a default that nobody stated stays one
        stated[name] = value
    if form.timing != "free" and not any(bound.timing == "free" for bound in base.bounds):
        stated.pop("max_step", None)
    return read_section(stated)


def fixed(form: Form, total: float) -> Form:
    """The form with the total fixed; at ``total`` where it says none and only the most outcome needs none."""
    budget = form.budget if form.budget is not None else None if form.objective == "outcome" else round(total, 2)
    return replace(form, total="fixed", budget=budget, least=None, most=None)


def freed(form: Form) -> Form:
    """The form with the total free: the amount that it was fixed at becomes the most."""
    most = form.most if form.most is not None else form.budget
    return replace(form, total="free", budget=None, most=most)


def read_section(stated: Mapping[str, Any]) -> PlanSection:
    """A section from JSON values, with what is wrong said of fields.

    Raises
    ------
    UnclearFieldError
    """
    try:
        return PlanSection.model_validate_json(to_json(stated))
    except ValidationError as error:
        messages: dict[str, str] = {}
        for problem in error.errors():
            key = ".".join(str(part) for part in problem["loc"]) or "plan"
            place = _FIELD_OF.get(key, _field_in(problem["msg"]))
            messages[place] = _sentence(problem)
        raise UnclearFieldError(messages) from error


_DEFAULTS = PlanSection().model_dump(mode="json")

_FIELD_OF = {
    "budget_min": "least",
    "budget_max": "most",
    "target_counts": "counts",
    "risk.level": "level",
    "risk.measure": "risk",
    **{name: name for name in FIELDS},
}


def _field_in(message: str) -> str:
    """The field that a sentence on several keys is best told beside."""
    for word, place in (
        ("budget_min", "least"),
        ("objective", "objective"),
        ("target", "target"),
        ("budget", "budget"),
    ):
        if word in message:
            return place
    return "plan"


_IN_FIELDS = {
    "budget_min": "the least total",
    "budget_max": "the largest total",
    "min": "the least amount",
    "max": "the largest amount",
    "min_or_zero": "the least amount of one that may be nothing",
    "min_share": "the least share",
    "max_share": "the largest share",
}
"""What a page calls the keys of a sentence on two of them."""


def _sentence(problem: Mapping[str, Any]) -> str:
    message, most = problem["msg"], problem.get("ctx", {}).get("le")
    if problem["type"] == "less_than_equal" and most is not None:
        return f"Must be at most {style.amount(most)}."
    if problem["type"] == "value_error":
        message = on_page(message, _IN_FIELDS)
    text = message.removeprefix("Value error, ").removeprefix("Input should be ")
    text = text if text != message or message.startswith("Value") else message
    text = f"Must be {text}" if message.startswith("Input should be ") else text
    return f"{text[:1].upper()}{text[1:]}."


def _risk(form: Form, stated: Mapping[str, Any]) -> dict[str, Any]:
    if form.risk == "mean":
        return dict(stated) if stated.get("measure", "mean") == "mean" else {}
    kept = {
        name: value for name, value in stated.items() if name == "of" or (name == "weight" and form.risk == "blend")
    }
    if form.level is None:
        raise UnclearFieldError({"level": "Which share of the draws counts as the worst?"})
    return {**kept, "measure": form.risk, "level": form.level / 100}


def _percent(share: float | None) -> float | None:
    return None if share is None else round(100 * share, 6)


def _first_date(section: PlanSection, response: ResponseDraws) -> str:
    dates = starts(response)
    if section.start is None:
        return dates[0]
    wanted = section.start.isoformat()
    if wanted in dates:
        return wanted
    # any day of a period will do: dates mark its first day, or its last
    known = sorted(dates)
    if response.date_marks == "end":
        return next((date for date in known if date >= wanted), wanted)
    return next((date for date in reversed(known) if date <= wanted), wanted)
