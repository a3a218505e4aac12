"""What spend set by hand would do, fast enough to follow a hand: nothing is looked for, nothing is proven.

It says of a plan what :meth:`budget.planner.Planner.evaluate` says, on the same draws and by the same rules, without
the best plan beside it. Its numbers are named like those of :class:`budget.document.PlanOutput`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from budget.brought import Brought, broken_rules, minimums_of, missed_target, scales_of, short_volumes
from budget.config import PlanSection
from budget.intervals import Interval, probability
from budget.judge import Judgement
from budget.judge import judge as judge_plan
from budget.outlook import outcome_of_window
from budget.planner import Planner
from budget.slopes import cell_slopes
from planner.asked import Cell

WHERE = "the spend set by hand"
"""How messages name a plan of the page."""


@dataclass(frozen=True)
class JudgedCell:
    """One cell of a plan that was set by hand; ``mroi`` is the outcome of one more unit of currency."""

    channel: str
    group: str | None
    reference_spend: float
    spend: float
    mroi: float
    outcome: Interval
    roi: Interval


@dataclass(frozen=True)
class Judged:
    """A plan that was set by hand, beside the reference plan.

    Attributes
    ----------
    currency, outcome, outcome_unit : str
    hdi : float
        Probability inside the intervals.
    budget, reference_budget : float
        Totals of both plans.
    expected, reference, gain, roi : Interval
        Outcome of the plan, of the reference plan, their difference; outcome over spend.
    profit, profit_gain : Interval or None
        At the project's margin.
    p_better : float or None
        Probability that the plan beats the reference plan: by its outcome at the same total, else by its profit.
    goal, p_goal, reference_p_goal : float or None
        Probability that the window's outcome, baseline included, reaches the goal.
    broken_rules : tuple of str
        Rules that it breaks, in words, and the target where it misses that.
    cells : tuple of JudgedCell
    """

    currency: str
    outcome: str
    outcome_unit: str
    hdi: float
    budget: float
    reference_budget: float
    expected: Interval
    reference: Interval
    gain: Interval
    roi: Interval
    profit: Interval | None
    profit_gain: Interval | None
    p_better: float | None
    goal: float | None
    p_goal: float | None
    reference_p_goal: float | None
    broken_rules: tuple[str, ...]
    cells: tuple[JudgedCell, ...]

    def mroi(self) -> dict[str, float]:
        """Marginal return of each channel: of its groups, weighed by their spend."""
        found: dict[str, float] = {}
        for channel in dict.fromkeys(cell.channel for cell in self.cells):
            mine = [cell for cell in self.cells if cell.channel == channel]
            total = sum(cell.spend for cell in mine)
            parts = [cell.spend / total if total > 0 else 1.0 / len(mine) for cell in mine]
            found[channel] = sum(part * cell.mroi for part, cell in zip(parts, mine, strict=True) if part > 0)
        return found


def judge(planner: Planner, section: PlanSection, cells: Sequence[Cell]) -> Judged:
    """Judge spend that was set by hand; several threads may ask at once.

    Raises
    ------
    ConfigError, PlanError
        For names that the model does not have, amounts that cannot be used, and a plan that spends nothing.
    """
    brought = planner.bring(section, pd.DataFrame([vars(cell) for cell in cells]), where=WHERE)
    problem, spend = brought.problem, brought.spend
    response = problem.response
    found = judge_plan(problem, spend, planner.hdi, planner.margin)
    goals = _goals(brought)
    return Judged(
        currency=response.currency,
        outcome=response.outcome,
        outcome_unit=response.outcome_unit,
        hdi=planner.hdi,
        budget=round(float(spend.sum()), 2),
        reference_budget=problem.reference.budget,
        expected=found.expected,
        reference=found.reference,
        gain=found.gain,
        roi=found.roi,
        profit=found.profit,
        profit_gain=found.profit_gain,
        p_better=found.p_better,
        goal=problem.section.goal,
        p_goal=goals[0],
        reference_p_goal=goals[1],
        broken_rules=_broken(brought),
        cells=_cells(brought, found),
    )


def _goals(brought: Brought) -> tuple[float | None, float | None]:
    """Probability of the goal under the plan's own timing, and under the reference plan."""
    problem, goal = brought.problem, brought.problem.section.goal
    if goal is None:
        return None, None
    plans = (brought.own, problem.reference.spend)
    mine, theirs = (outcome_of_window(problem, problem.judging, spend) for spend in plans)
    return (
        None if mine is None else probability(mine - goal),
        None if theirs is None else probability(theirs - goal),
    )


def _broken(brought: Brought) -> tuple[str, ...]:
    problem, spend = brought.problem, brought.spend
    broken = broken_rules(problem, spend)
    if problem.section.volumes:
        broken += short_volumes(minimums_of(problem, problem.reference.budget), spend)
    if problem.section.target is not None:
        broken += missed_target(problem, scales_of(problem), spend)
    return broken


def _cells(brought: Brought, found: Judgement) -> tuple[JudgedCell, ...]:
    problem, cells = brought.problem, brought.problem.cells
    before, now = problem.reference.spend.sum(axis=0), brought.spend.sum(axis=0)
    slopes = cell_slopes(problem, brought.spend)
    return tuple(
        JudgedCell(
            channel=cells.channels[cells.channel_of(k)],
            group=cells.group_name(k),
            reference_spend=round(float(before[k]), 2),
            spend=round(float(now[k]), 2),
            mroi=float(slopes[k]),
            outcome=Interval(*(float(x) for x in found.cell_outcome[:, k])),
            roi=Interval(*(float(x) for x in found.cell_roi[:, k])),
        )
        for k in range(len(cells))
    )
