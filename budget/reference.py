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
        Its total: that of both plans, or its own where the total is free.
    totals : ndarray (K,)
        Spend per cell over the window, rescaled to the budget, to the cent.
    flighting : ndarray (H, K)
        Share of a cell's total per period.
    rows : slice
        The periods of history that it was taken from; for a file the last ones before the window.
    findings : tuple of Finding
    """

    words: str
    budget: float
    totals: Array
    flighting: Array
    rows: slice
    findings: tuple[Finding, ...]

    @property
    def spend(self) -> Array:
        """The plan period by period, (H, K)."""
        return self.flighting * self.totals


def reference_plan(
    response: ResponseDraws, cells: Cells, section: PlanSection, window: Window, base: Path
) -> ReferencePlan:
    """Build the reference plan of ``section`` and rescale it to the budget.

    Raises
    ------
    PlanError
        P009, where the data do not hold it or it spends nothing; P010, where its file cannot be used.
    """
    rows = _rows(response, section, window)
    timing, totals, words, findings = _as_planned(response, cells, section, window, rows, base)
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
    if section.budget is None and section.free_total:
        what = f"the total is free; the reference plan keeps its own, {money(budget, currency)} ({words})"
        findings += (CATALOGUE.finding("P065", "[plan] reference", what),)
    elif section.budget is None:
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
    return ReferencePlan(words, budget, rescaled, flighting, rows, findings)


def _as_planned(
    response: ResponseDraws, cells: Cells, section: PlanSection, window: Window, rows: slice, base: Path
) -> tuple[Array, Array, str, tuple[Finding, ...]]:
    """Spend per period (H, K), totals (K,), words and findings, before the rescaling."""
    spent = cells.flat(response.spend[rows])
    if section.reference in ("last", "last_year"):
        dates, unit = response.dates[rows], response.period
        which = (
            f"the last {section.periods} {unit}s"
            if section.reference == "last"
            else f"the same {unit}s of a year before"
        )
        return spent, spent.sum(axis=0), f"{which}, {dates[0]:%Y-%m-%d} to {dates[-1]:%Y-%m-%d}", ()
    # Totals alone say nothing of timing: the timing of the last periods is the nearest thing that is known.
    recent = spent if len(spent) == section.periods else np.zeros((section.periods, len(cells)))
    spread = Spread(recent.sum(axis=0), f"as in the last {section.periods} {response.period}s before the window")
    plan = brought_plan(read_plan(section.reference, base), cells, window.edges, spread, section.reference)
    timing = recent if plan.timing is None else plan.timing
    return timing, plan.totals, f"the plan in {section.reference}", plan.findings


def _rows(response: ResponseDraws, section: PlanSection, window: Window) -> slice:
    """Periods of history that the reference plan is taken from; beside a file the last ones, as many as there are."""
    first = window.history - section.periods
    if section.reference == "last_year":
        year = periods_per_year(response.period_days)
        first = window.first - year
        while first + section.periods > window.history:
            first -= year
        if first < 0:
            raise _too_short("the same periods of a year before", window.history, 'reference = "last"')
    elif section.reference == "last" and first < 0:
        what = f"the last {section.periods} {response.period}s"
        raise _too_short(what, window.history, 'fewer periods, or reference = "plan.csv"')
    return slice(max(first, 0), max(first, 0) + min(section.periods, window.history))


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
