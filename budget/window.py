"""The plan's window on the timeline of the data and its future, and what runs into it from before."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from budget.catalogue import CATALOGUE
from budget.cells import money
from budget.config import PlanSection
from outlay.errors import PlanError
from outlay.findings import Finding
from outlay.response import ResponseDraws, periods_per_year
from outlay.style import Written
from outlay.transforms import Array


@dataclass(frozen=True)
class Window:
    """Where a plan lies in time.

    Attributes
    ----------
    dates : DatetimeIndex (H,)
        Date of each period of the window, as the data write it: its first day, or its last.
    edges : DatetimeIndex (H + 1,)
        First day of each period, and the day after the last period.
    first : int
        Position of the first period on the timeline (history, then future).
    history : int
        Periods of data before the window; a plan for the past knows nothing later.
    lead_in : ndarray (l_max - 1, G, C)
        Exposure just before the window.
    value : ndarray (P, G)
        Outcome per unit of KPI in the periods that count.
    findings : tuple of Finding
    assumptions : tuple of str
    """

    dates: pd.DatetimeIndex
    edges: pd.DatetimeIndex
    first: int
    history: int
    lead_in: Array
    value: Array
    findings: tuple[Finding, ...]
    assumptions: tuple[str, ...]


def plan_window(response: ResponseDraws, section: PlanSection) -> Window:
    """Place the window of ``section`` and gather what it inherits.

    Raises
    ------
    PlanError
        P008, where the start lies in no period of the timeline or the window leaves it.
    """
    timeline = pd.DatetimeIndex(response.dates.append(response.future_dates))
    edges = _edges(response, timeline)
    first = _first_period(edges, len(response.dates), section.start)
    if first + section.periods > len(timeline):
        raise PlanError(
            f"the window of {section.periods} {response.period}s from {timeline[first]:%Y-%m-%d} reaches beyond "
            f"{timeline[-1]:%Y-%m-%d}, the last period that the fitted model speaks of",
            where="[plan]",
            repair=f"Plan at most {len(timeline) - first} {response.period}s from there, or start earlier.",
            id="P008",
        )
    lead_in, findings, assumed = _lead_in(response, first)
    value, late, value_words = _values(response, section, first)
    return Window(
        dates=pd.DatetimeIndex(timeline[first : first + section.periods]),
        edges=pd.DatetimeIndex(edges[first : first + section.periods + 1]),
        first=first,
        history=min(first, len(response.dates)),
        lead_in=lead_in,
        value=value,
        findings=(*findings, *late),
        assumptions=(*assumed, *value_words),
    )


def _edges(response: ResponseDraws, timeline: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """First day of every period of the timeline, and the day after the last one.

    A date that marks the end of its period is its last day, so that the period begins the day after the date before.
    """
    length = pd.DateOffset(months=1) if response.period == "month" else pd.DateOffset(days=response.period_days)
    if response.date_marks == "end":
        after = timeline + pd.Timedelta(days=1)
        return pd.DatetimeIndex([after[0] - length, *after])
    return pd.DatetimeIndex([*timeline, timeline[-1] + length])


def _first_period(edges: pd.DatetimeIndex, n_history: int, start: date | None) -> int:
    """Position of the period that the start lies in: any of its days will do."""
    n_periods = len(edges) - 1
    if start is None:
        if n_periods > n_history:
            return n_history
        raise PlanError(
            "the fitted model holds no future periods",
            where="[plan] start",
            repair="State a start inside the data to plan a window of the past.",
            id="P008",
        )
    # days and not timestamps: a year that a planner mistyped may lie beyond what a timestamp can hold
    position = bisect_right([edge.date() for edge in edges], start) - 1
    if 0 <= position < n_periods:
        return position
    last = edges[-1] - pd.Timedelta(days=1)
    raise PlanError(
        f"{start} lies outside of the periods that the fitted model speaks of ({edges[0]:%Y-%m-%d} to {last:%Y-%m-%d})",
        where="[plan] start",
        repair=f"Write a day from {edges[0]:%Y-%m-%d} to {last:%Y-%m-%d}; any day of the first period will do.",
        id="P008",
    )


def _lead_in(response: ResponseDraws, first: int) -> tuple[Array, tuple[Finding, ...], tuple[str, ...]]:
    """Exposure in the l_max - 1 periods before the window; spend between the data and the window is assumed."""
    n_history, reach = len(response.dates), response.l_max - 1
    exposure = response.exposure[:first]
    findings: tuple[Finding, ...] = ()
    assumed: tuple[str, ...] = ()
    if first > n_history:
        spend, source = _gap_spend(response, first - n_history)
        cost = response.cost_per_exposure
        bought = np.divide(spend, cost, out=np.zeros_like(spend), where=np.isfinite(cost) & (cost > 0))
        exposure = np.concatenate([exposure, bought])
        amount = money(round(float(spend.sum()), 2), response.currency)
        gap = f"{first - n_history} {response.period}s"
        words = f"between the data and the window ({gap}) {amount} of spend is assumed, {source}"
        findings = (CATALOGUE.finding("P031", "[plan] start", words),)
        assumed = (f"{words[0].upper()}{words[1:]}.",)
    missing = max(reach - len(exposure), 0)
    lead = exposure[len(exposure) - (reach - missing) :]
    return np.concatenate([np.zeros((missing, *lead.shape[1:])), lead]), findings, assumed


def _gap_spend(response: ResponseDraws, gap: int) -> tuple[Array, str]:
    year, n_history = periods_per_year(response.period_days), len(response.dates)
    if n_history >= year:
        # The same season of the last full year of data, also where the gap is longer than a year.
        return response.spend[
            n_history - year + np.arange(gap) % year
        ], f"as in the same {response.period}s one year before"
    last = response.spend[-min(13, n_history) :].mean(axis=0)
    return np.repeat(last[None], gap, axis=0), f"as the mean of the last {min(13, n_history)} {response.period}s"


def _values(
    response: ResponseDraws, section: PlanSection, first: int
) -> tuple[Array, tuple[Finding, ...], tuple[str, ...]]:
    """Outcome per unit of KPI in the counted periods; the last known one stands in after the known future."""
    tail = response.l_max - 1 if section.carry_over_after else 0
    wanted = first + np.arange(section.periods + tail)
    known = len(response.value)
    value = response.value[np.minimum(wanted, known - 1)]
    if (response.value == response.value.flat[0]).all():
        words = (
            ()
            if response.value.flat[0] == 1.0
            else (f"One unit of KPI is worth {Written(response.value.flat[0]):,.4g} {response.outcome_unit}.",)
        )
        return value, (), words
    low, high = float(value.min()), float(value.max())
    words = (
        f"One unit of KPI is worth {Written(low):,.4g} to {Written(high):,.4g} {response.outcome_unit} in the window.",
    )
    late = int((wanted >= known).sum())
    if not late:
        return value, (), words
    what = f"for {late} {response.period}s after the known future the last known value per unit of KPI is used"
    return (
        value,
        (CATALOGUE.finding("P056", "[plan] carry_over_after", what),),
        (*words, f"{what[0].upper()}{what[1:]}."),
    )
