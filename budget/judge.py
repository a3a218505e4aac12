"""What plans are worth on draws that the optimizer did not see."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from budget.cell_curves import Curves
from outlay.summary import hdi_bounds
from outlay.transforms import Array


@dataclass(frozen=True)
class Interval:
    """A mean with its highest-density interval."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Judgement:
    """A plan beside the reference plan, on the same draws.

    Attributes
    ----------
    expected, reference, gain : Interval
        Outcome of the plan, of the reference plan, and their difference.
    p_better : float
        Probability that the plan brings more; draws in which both bring the same count half.
    roi : Interval
        Outcome over spend, both of the whole plan.
    cell_outcome, cell_reference : ndarray (3, K)
        Mean, low and high per cell.
    cell_roi : ndarray (3, K)
        The same for outcome over spend; NaN where nothing is spent.
    """

    expected: Interval
    reference: Interval
    gain: Interval
    p_better: float
    roi: Interval
    cell_outcome: Array
    cell_reference: Array
    cell_roi: Array


def judge(curves: Curves, spend: Array, reference: Array, hdi: float) -> Judgement:
    """Value a plan (K,) and the reference plan (K,) on the draws of ``curves``."""
    by_plan, by_reference = curves.plan_draws(spend), curves.plan_draws(reference)
    plan, now = by_plan.sum(axis=1), by_reference.sum(axis=1)
    gain = plan - now
    cell_outcome = _cells(by_plan, hdi)
    return Judgement(
        expected=interval(plan, hdi),
        reference=interval(now, hdi),
        gain=interval(gain, hdi),
        p_better=float((gain > 0).mean() + 0.5 * (gain == 0).mean()),
        roi=interval(plan / spend.sum(), hdi),
        cell_outcome=cell_outcome,
        cell_reference=_cells(by_reference, hdi),
        cell_roi=np.where(spend > 0, cell_outcome / np.where(spend > 0, spend, 1.0), np.nan),
    )


def interval(draws: Array, hdi: float) -> Interval:
    """Mean and highest-density interval of draws (S,)."""
    low, high = hdi_bounds(draws, hdi)
    return Interval(float(draws.mean()), float(low), float(high))


def _cells(draws: Array, hdi: float) -> Array:
    low, high = hdi_bounds(draws, hdi)
    return np.stack([draws.mean(axis=0), low, high])
