"""What plans are worth on draws that the optimizer did not see."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from budget.aims import mean_of_worst, spread_of
from budget.intervals import Interval, interval, probability
from budget.problem import Problem
from budget.responses import Responses
from budget.work import counted, counted_by_cell, work_of
from outlay.summary import hdi_bounds
from outlay.transforms import Array


@dataclass(frozen=True)
class Judgement:
    """A plan beside the reference plan, on the same draws.

    Attributes
    ----------
    expected, reference, gain : Interval
        Outcome of the plan, of the reference plan, and their difference.
    p_better : float or None
        Probability that the plan brings more: outcome where both spend the same, else profit; None where the totals
        differ and profit is not known. Draws in which both bring the same count half.
    roi : Interval
        Outcome over spend, both of the whole plan.
    profit, reference_profit, profit_gain : Interval or None
        Margin times outcome less spend, where there is a margin and the outcome is money.
    risk, reference_risk : dict
        Measures of risk of the outcome; see :func:`budget.aims.spread_of`.
    draws : DataFrame
        Outcome per draw of both plans, and profit where it is known; see :class:`budget.Allocation`.
    cell_outcome, cell_reference : ndarray (3, K)
        Mean, low and high per cell.
    cell_roi : ndarray (3, K)
        The same for outcome over spend; NaN where nothing is spent.
    """

    expected: Interval
    reference: Interval
    gain: Interval
    p_better: float | None
    roi: Interval
    profit: Interval | None
    reference_profit: Interval | None
    profit_gain: Interval | None
    risk: dict[str, float]
    reference_risk: dict[str, float]
    draws: pd.DataFrame
    cell_outcome: Array
    cell_reference: Array
    cell_roi: Array


def judge(problem: Problem, spend: Array, hdi: float, margin: float | None) -> Judgement:
    """Value a plan (H, K) and the reference plan."""
    responses, reference = problem.judging, problem.reference.spend
    by_plan, by_reference = responses.outcomes(spend), responses.outcomes(reference)
    plan, now = worked(problem, responses, spend, by_plan), worked(problem, responses, reference, by_reference)
    total, before = float(spend.sum()), float(reference.sum())
    profits = None if margin is None or not problem.response.money else (margin * plan - total, margin * now - before)
    gain = plan - now
    totals = spend.sum(axis=0)
    cell_outcome = _cells(counted_by_cell(problem, responses, by_plan), hdi)
    level = problem.section.risk.level
    return Judgement(
        expected=interval(plan, hdi),
        reference=interval(now, hdi),
        gain=interval(gain, hdi),
        p_better=_p_better(gain, None if profits is None else profits[0] - profits[1], same=abs(total - before) < 0.01),
        roi=interval(plan / total if total > 0 else np.full(len(plan), np.nan), hdi),
        profit=None if profits is None else interval(profits[0], hdi),
        reference_profit=None if profits is None else interval(profits[1], hdi),
        profit_gain=None if profits is None else interval(profits[0] - profits[1], hdi),
        risk=spread_of(plan, level) | {"gain_cvar": mean_of_worst(gain, level)},
        reference_risk=spread_of(now, level) | {"gain_cvar": 0.0},
        draws=_by_draw(plan, now, profits),
        cell_outcome=cell_outcome,
        cell_reference=_cells(counted_by_cell(problem, responses, by_reference), hdi),
        cell_roi=np.where(totals > 0, cell_outcome / np.where(totals > 0, totals, 1.0), np.nan),
    )


def worked(problem: Problem, responses: Responses, spend: Array, by_cell: Array | None = None) -> Array:
    """Outcome of a plan (H, K) that counts, per draw: all of it, or what can be worked downstream."""
    if work_of(problem, responses) is None:
        additive = by_cell is not None and not responses.multiplies
        return np.asarray(by_cell.sum(axis=1)) if additive and by_cell is not None else responses.outcome(spend)
    return counted(problem, responses, responses.outcomes(spend) if by_cell is None else by_cell)


def _by_draw(plan: Array, now: Array, profits: tuple[Array, Array] | None) -> pd.DataFrame:
    columns = {"plan": plan, "reference": now}
    if profits is not None:
        columns |= {"plan_profit": profits[0], "reference_profit": profits[1]}
    return pd.DataFrame(columns)


def _p_better(gain: Array, profit_gain: Array | None, *, same: bool) -> float | None:
    if same:
        return probability(gain)
    return None if profit_gain is None else probability(profit_gain)


def _cells(draws: Array, hdi: float) -> Array:
    low, high = hdi_bounds(draws, hdi)
    return np.stack([draws.mean(axis=0), low, high])
