"""The rows of a scorecard: a month, the running month and the year of each part, with goal, pace and chance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from attribution.goals import Goals
from attribution.goals_months import year_of
from attribution.scorecard_calendar import Calendar
from attribution.scorecard_parts import Part
from attribution.scorecard_series import Measured, Told
from outlay.summary import jeffreys, summarise
from outlay.transforms import Array

ALMOST = 1e-9
"""Relative slack of a goal in comparisons, so that a goal that is met to the last cent counts as met."""


@dataclass(frozen=True, eq=False)
class Frame:
    """What every row of a scorecard is told against.

    Attributes
    ----------
    calendar : Calendar
    month : int
        Position of the month that is told.
    goals : Goals or None
    level : float
        Of the intervals.
    year_starts : int
    """

    calendar: Calendar
    month: int
    goals: Goals | None
    level: float
    year_starts: int

    @property
    def year(self) -> pd.Timestamp:
        """First day of the year that the month lies in."""
        return year_of(self.calendar.months[self.month], self.year_starts)

    def goal_of(self, month: int, measure: str, part: Part) -> float | None:
        """The goal of a month; None where goals do not reach down to the part."""
        if self.goals is None or not part.has_goal:
            return None
        return self.goals.month(self.calendar.months[month], measure, part.segment, part.region)


def month_rows(frame: Frame, measure: Measured, part: Part, told: Told) -> Iterator[dict[str, Any]]:
    """The month that is told, and the running month where that is another."""
    yield _month_row(frame, measure, part, told, frame.month)
    if frame.calendar.running and frame.calendar.past - 1 != frame.month:
        yield _month_row(frame, measure, part, told, frame.calendar.past - 1)


def _month_row(frame: Frame, measure: Measured, part: Part, told: Told, month: int) -> dict[str, Any]:
    calendar = frame.calendar
    to_date = calendar.running and month == calendar.past - 1
    inside = (calendar.of_day == month) & calendar.seen
    known = bool(measure.final[inside].all())
    elapsed = float(measure.weights[inside].sum() / measure.weights[calendar.of_day == month].sum()) if to_date else 1.0
    goal, counted = frame.goal_of(month, measure.name, part), float(told.counted[inside].sum())
    row = {
        "kind": "to_date" if to_date else "month",
        "month": calendar.months[month],
        "through": calendar.days[inside].max(),
        "measure": measure.name,
        **part._asdict(),
        "counted": counted,
        "goal": goal,
        "elapsed": elapsed,
        "goal_by_now": None if goal is None else goal * elapsed,
    }
    row |= _ends(told.ends[:, month], goal, counted, frame.level) if known else _ENDS_UNKNOWN
    row["expected"] = float(told.expected[inside].sum()) if known else None
    row["to_come"] = float(told.to_come[inside].sum()) if known else None
    row["pace"] = _over(row["expected"], row["goal_by_now"])
    return row | _change(frame, measure, told, month, to_date=to_date)


_ENDS_UNKNOWN: dict[str, float | None] = dict.fromkeys(("ends_mean", "ends_low", "ends_high", "p_goal"))


def _ends(draws: Array, goal: float | None, counted: float, level: float) -> dict[str, float | None]:
    summary = summarise(draws, level)
    return {
        "ends_mean": float(summary.mean),
        "ends_low": float(summary.low),
        "ends_high": float(summary.high),
        "p_goal": None if goal is None else chance_of(draws, goal, counted),
    }


def chance_of(draws: Array, goal: float, counted: float) -> float:
    """Probability that an end reaches a goal.

    It is 0 or 1 only where nothing is open or enough is counted already: draws do not see everything.
    """
    if counted >= goal * (1 - ALMOST):
        return 1.0
    hits = int((draws >= goal * (1 - ALMOST)).sum())
    if draws.min() == draws.max():
        return float(hits > 0)
    return (hits + 0.5) / (len(draws) + 1)


def _over(a: float | None, b: float | None) -> float | None:
    return a / b if a is not None and b is not None and b > 0 else None


def _change(frame: Frame, measure: Measured, told: Told, month: int, *, to_date: bool) -> dict[str, Any]:
    """The month against the one before; to date against the same days of it."""
    calendar = frame.calendar
    none: dict[str, Any] = dict.fromkeys(("before", "change", "change_low", "change_high"))
    comparable = month > 0 and calendar.whole[month - 1] and (to_date or calendar.whole[month])
    if not comparable:
        return none
    now, before = (calendar.of_day == month) & calendar.seen, calendar.of_day == month - 1
    if to_date:
        before &= np.asarray(calendar.days.day <= calendar.last.day)
    if not measure.final[now | before].all():
        return none
    after, earlier = float(told.expected[now].sum()), float(told.expected[before].sum())
    low, high = change_interval(
        (after, earlier), (told.wins[now].sum(), told.wins[before].sum()), told.spread, frame.level
    )
    return {"before": earlier, "change": _over(after - earlier, earlier), "change_low": low, "change_high": high}


def change_interval(
    measure: tuple[float, float], wins: tuple[float, float], spread: float, level: float
) -> tuple[float | None, float | None]:
    """Interval of the relative change from the second to the first.

    Counts: given their sum, the first is binomial; Jeffreys' interval of its share is one of their ratio (Przyborowski
    and Wilenski 1940). It speaks of chance alone and not of what a month has of its own. Money: the same width on the
    logarithm, widened by the spread of single values.
    """
    from scipy.special import ndtri

    after, before = measure
    if before <= 0:
        return None, None
    if spread == 0:
        low, high = (float(x) for x in jeffreys(after, after + before, level))
        return low / (1 - low) - 1, high / (1 - high) - 1 if high < 1 else None
    if min(wins) <= 0 or after <= 0:
        return None, None
    sd = float(np.sqrt((1 + spread**2) * (1 / wins[0] + 1 / wins[1])))
    z = float(ndtri(0.5 + level / 2))
    return after / before * float(np.exp(-z * sd)) - 1, after / before * float(np.exp(z * sd)) - 1


def year_row(frame: Frame, measure: Measured, part: Part, told: Told) -> dict[str, Any] | None:
    """The year that the month lies in; None where the leads begin inside it."""
    calendar, start = frame.calendar, frame.year
    which = np.asarray((calendar.months >= start) & (calendar.months < start + pd.DateOffset(months=12)))
    months = np.flatnonzero(which)
    if len(months) < 12 or not calendar.begins_with(start):
        return None
    inside = which[calendar.of_day] & calendar.seen
    known = bool(measure.final[inside].all())
    goal = frame.goals.year(start, measure.name, part.segment, part.region) if frame.goals and part.has_goal else None
    row = {
        "year": start,
        "through": calendar.days[inside].max(),
        "measure": measure.name,
        **part._asdict(),
        "counted": float(told.counted[inside].sum()),
        "expected": float(told.expected[inside].sum()) if known else None,
        "to_come": float(told.to_come[inside].sum()) if known else None,
        "goal": goal,
        "goal_by_now": None if goal is None else _year_by_now(frame, measure, part, inside),
    }
    row["pace"] = _over(row["expected"], row["goal_by_now"])
    if not known:
        return row | _ENDS_UNKNOWN
    return row | _ends(told.ends[:, months].sum(axis=1), goal, float(told.counted[inside].sum()), frame.level)


def _year_by_now(frame: Frame, measure: Measured, part: Part, inside: Any) -> float | None:
    """What the goals expect by the day of the table: whole months, and the running one by the usual shape of a month.

    A year's goal without months is spread by the usual weight of days, and the season where that is known.
    """
    calendar, goals = frame.calendar, frame.goals
    if goals is None:
        return None
    whose = (measure.name, part.segment, part.region)
    end = frame.year + pd.DateOffset(months=12)
    last = min(calendar.past - 1, calendar.at(end - pd.DateOffset(months=1)))
    monthly = goals.to_date(frame.year, calendar.months[last], *whose)
    current = frame.goal_of(last, measure.name, part)
    if monthly is not None and current is not None:
        days = calendar.of_day == last
        return monthly + current * float(measure.weights[days & calendar.seen].sum() / measure.weights[days].sum())
    whole = goals.year(frame.year, *whose)
    days = np.asarray((calendar.days >= frame.year) & (calendar.days < end))
    return None if whole is None else whole * float(measure.weights[inside].sum() / measure.weights[days].sum())


def history_rows(frame: Frame, measure: Measured, part: Part, told: Told) -> Iterator[dict[str, Any]]:
    """Every month that has begun."""
    calendar = frame.calendar
    counted, to_come = calendar.sums(told.counted), calendar.sums(told.to_come)
    final = calendar.sums(np.where(calendar.seen & ~measure.final, 1.0, 0.0)) == 0
    for month in range(calendar.past):
        yield {
            "month": calendar.months[month],
            "measure": measure.name,
            **part._asdict(),
            "counted": float(counted[month]),
            "to_come": float(to_come[month]) if final[month] else None,
            "goal": frame.goal_of(month, measure.name, part),
            "whole": bool(calendar.whole[month]),
        }
