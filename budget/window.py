"""The plan's window on the timeline of the data and its future, and what runs into it from before."""

from __future__ import annotations

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
from outlay.transforms import Array


@dataclass(frozen=True)
class Window:
    """Where a plan lies in time.

    Attributes
    ----------
    dates : DatetimeIndex (H,)
        First day of each period of the window.
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
        P008, where the start is not a period of the timeline or the window leaves it.
    """
    timeline = pd.DatetimeIndex(response.dates.append(response.future_dates))
    first = _first_period(timeline, len(response.dates), section.start)
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
    carry = (
        f"Effects up to {response.l_max - 1} {response.period}s after the window count, with no further spend after it."
        if section.carry_over_after
        else "Effects after the end of the window do not count."
    )
    return Window(
        dates=pd.DatetimeIndex(timeline[first : first + section.periods]),
        first=first,
        history=min(first, len(response.dates)),
        lead_in=lead_in,
        value=value,
        findings=(*findings, *late),
        assumptions=(*assumed, *value_words, carry),
    )


def _first_period(timeline: pd.DatetimeIndex, n_history: int, start: date | None) -> int:
    if start is None:
        if len(timeline) > n_history:
            return n_history
        raise PlanError(
            "the fitted model holds no future periods",
            where="[plan] start",
            repair="State a start inside the data to plan a window of the past.",
            id="P008",
        )
    wanted = pd.Timestamp(start)
    position = int(timeline.searchsorted(wanted))
    if position < len(timeline) and timeline[position] == wanted:
        return position
    near = [timeline[i] for i in (position - 1, position) if 0 <= i < len(timeline)]
    raise PlanError(
        f"{start} is not the first day of a period ({timeline[0]:%Y-%m-%d} to {timeline[-1]:%Y-%m-%d})",
        where="[plan] start",
        repair=f"Write {' or '.join(f'{day:%Y-%m-%d}' for day in near)}.",
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
            else (f"One unit of KPI is worth {response.value.flat[0]:,.4g} {response.outcome_unit}.",)
        )
        return value, (), words
    low, high = float(value.min()), float(value.max())
    words = (f"One unit of KPI is worth {low:,.4g} to {high:,.4g} {response.outcome_unit} in the window.",)
    late = int((wanted >= known).sum())
    if not late:
        return value, (), words
    what = f"for {late} {response.period}s after the known future the last known value per unit of KPI is used"
    return (
        value,
        (CATALOGUE.finding("P056", "[plan] carry_over_after", what),),
        (*words, f"{what[0].upper()}{what[1:]}."),
    )
