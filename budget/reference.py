"""The reference plan: what the recommended plan is compared with, and whose timing both keep."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from budget.catalogue import CATALOGUE
from budget.cells import Cells, money
from budget.config import PlanSection
from budget.plan_file import Spread, brought_plan, read_plan
from budget.rounding import to_the_cent
from budget.window import Window
from outlay.errors import PlanError
from outlay.findings import Finding
from outlay.response import ResponseDraws, periods_per_year
from outlay.transforms import Array


@dataclass(frozen=True)
class ReferencePlan:
    """The plan to compare with.

    Attributes
    ----------
    words : str
        What it is, for tables.
    budget : float
        The total of both plans.
    totals : ndarray (K,)
        Spend per cell over the window, rescaled to the budget, to the cent.
    flighting : ndarray (H, K)
        Share of a cell's total per period.
    findings : tuple of Finding
    """

    words: str
    budget: float
    totals: Array
    flighting: Array
    findings: tuple[Finding, ...]


def reference_plan(
    response: ResponseDraws, cells: Cells, section: PlanSection, window: Window, base: Path
) -> ReferencePlan:
    """Build the reference plan of ``section`` and rescale it to the budget.

    Raises
    ------
    PlanError
        P009, where the data do not hold it or it spends nothing; P010, where its file cannot be used.
    """
    timing, totals, words, findings = _as_planned(response, cells, section, window, base)
    own_total = float(totals.sum())
    if own_total <= 0:
        raise PlanError(
            f"the reference plan ({words}) spends nothing, so it cannot be rescaled to a budget",
            where="[plan] reference",
            repair=CATALOGUE["P009"].repair,
            id="P009",
        )
    budget = round(own_total if section.budget is None else section.budget, 2)
    currency = response.currency
    if section.budget is None:
        what = f"the budget is the reference plan's own total, {money(budget, currency)} ({words})"
        findings += (CATALOGUE.finding("P051", "[plan] budget", what),)
    elif abs(budget - own_total) > 0.005:
        moved = f"{money(round(own_total, 2), currency)} to {money(budget, currency)} ({budget / own_total - 1:+.1%})"
        what = f"{words}: rescaled from {moved}"
        findings += (CATALOGUE.finding("P052", "[plan] reference", what),)
    flighting, even = _flighting(timing)
    if even.any():
        names = ", ".join(cells.label(int(cell)) for cell in np.flatnonzero(even)[:8])
        findings += (CATALOGUE.finding("P053", "[plan] reference", f"spread evenly over the window: {names}"),)
    rescaled = to_the_cent(totals * (budget / own_total), budget)
    return ReferencePlan(words, budget, rescaled, flighting, findings)


def _as_planned(
    response: ResponseDraws, cells: Cells, section: PlanSection, window: Window, base: Path
) -> tuple[Array, Array, str, tuple[Finding, ...]]:
    """Spend per period (H, K), totals (K,), words and findings, before the rescaling."""
    if section.reference == "last_year":
        timing, words = _last_year(response, cells, section, window)
        return timing, timing.sum(axis=0), words, ()
    if section.reference == "last":
        timing, words = _last(response, cells, section.periods, window)
        return timing, timing.sum(axis=0), words, ()
    recent = _recent(response, cells, section.periods, window)
    frame = read_plan(section.reference, base)
    spread = Spread(recent.sum(axis=0), f"as in the last {section.periods} {response.period}s before the window")
    plan = brought_plan(frame, cells, window.edges, spread, section.reference)
    # Totals alone say nothing of timing: the timing of the last periods is the nearest thing that is known.
    timing = recent if plan.timing is None else plan.timing
    return timing, plan.totals, f"the plan in {section.reference}", plan.findings


def _recent(response: ResponseDraws, cells: Cells, periods: int, window: Window) -> Array:
    """Last periods before the window (H, K), or zeros where there are fewer."""
    if window.history < periods:
        return np.zeros((periods, len(cells)))
    return cells.flat(response.spend[window.history - periods : window.history])


def _last(response: ResponseDraws, cells: Cells, periods: int, window: Window) -> tuple[Array, str]:
    if window.history < periods:
        raise _too_short(
            f"the last {periods} {response.period}s", window.history, 'fewer periods, or reference = "plan.csv"'
        )
    dates = response.dates[window.history - periods : window.history]
    return (
        _recent(response, cells, periods, window),
        f"the last {periods} {response.period}s, {dates[0]:%Y-%m-%d} to {dates[-1]:%Y-%m-%d}",
    )


def _last_year(response: ResponseDraws, cells: Cells, section: PlanSection, window: Window) -> tuple[Array, str]:
    year = periods_per_year(response.period_days)
    first = window.first - year
    while first + section.periods > window.history:
        first -= year
    if first < 0:
        raise _too_short("the same periods of a year before", window.history, 'reference = "last"')
    dates = response.dates[first : first + section.periods]
    words = f"the same {response.period}s of a year before, {dates[0]:%Y-%m-%d} to {dates[-1]:%Y-%m-%d}"
    return cells.flat(response.spend[first : first + section.periods]), words


def _too_short(what: str, history: int, instead: str) -> PlanError:
    return PlanError(
        f"the reference plan is {what}, and the data hold {history} periods before the window",
        where="[plan] reference",
        repair=f"Choose {instead}.",
        id="P009",
    )


def _flighting(timing: Array) -> tuple[Array, np.ndarray]:
    """Share of each cell's total per period (H, K), and which cells had none and are spread evenly."""
    totals = timing.sum(axis=0)
    even = totals <= 0
    shares = np.where(even, 1.0 / len(timing), timing / np.where(even, 1.0, totals))
    return shares, even
