"""What a side returns, and how it is judged: on the exact mean curves, by the same code for all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.budget.curves import Array
from benchmarks.budget.instances import Instance

TOLERANCE = 1e-6
"""A plan is feasible where it misses the budget and every bound by less than this share of the budget."""


@dataclass(frozen=True, eq=False)
class Answer:
    """A plan, and what it took.

    Attributes
    ----------
    spend : ndarray (K,)
    seconds : float
        From the problem to the plan.
    seconds_compile : float
        What is done once per set of curves before that, where a side tells it apart (compiling, filling a grid).
    status : str
        How the side ended, in its own words.
    bound : float or None
        Upper bound of the mean outcome, where the side proves one.
    """

    spend: Array
    seconds: float
    seconds_compile: float
    status: str
    bound: float | None = None


@dataclass(frozen=True)
class Score:
    """One side on one instance.

    Attributes
    ----------
    value : float
        Mean outcome of the plan, after what is over the bounds or the budget was taken off.
    spent : float
        Share of the budget that the plan spends.
    off : float
        By how much the worst bound is missed, as a share of the budget.
    feasible : bool
        Within the bounds and not above the budget; money left over is allowed, and shows in ``spent`` and ``value``.
    """

    value: float
    spent: float
    off: float
    feasible: bool
    seconds: float
    seconds_compile: float
    status: str
    bound: float | None


def within(instance: Instance, spend: Array) -> Array:
    """The plan (K,) cut back to the bounds and, where it spends too much, to the budget; money left over stays."""
    inside = np.clip(spend, instance.lower, instance.upper)
    over = inside.sum() > instance.budget
    return project(inside, instance.lower, instance.upper, instance.budget) if over else inside


def score(instance: Instance, answer: Answer, tolerance: float = TOLERANCE) -> Score:
    """Judge a plan; a side that rounds is given a larger tolerance, and its value is that of the plan cut back."""
    spend = np.asarray(answer.spend, dtype=float)
    off = float(max(np.max(instance.lower - spend), np.max(spend - instance.upper), 0.0)) / instance.budget
    spent = float(spend.sum()) / instance.budget
    return Score(
        value=instance.curves.total(within(instance, spend)),
        spent=spent,
        off=off,
        feasible=bool(off <= tolerance and spent <= 1.0 + tolerance),
        seconds=answer.seconds,
        seconds_compile=answer.seconds_compile,
        status=answer.status,
        bound=answer.bound,
    )


def project(point: Array, lower: Array, upper: Array, total: float) -> Array:
    """The nearest point within the bounds whose sum is ``total``; rows of a matrix are projected one by one.

    The shift that every entry gets before it is clipped is found by bisection.
    """
    rows = np.atleast_2d(point)
    low = (lower - rows).min(axis=1)
    high = (upper - rows).max(axis=1)
    for _ in range(60):
        middle = (low + high) / 2.0
        short = np.clip(rows + middle[:, None], lower, upper).sum(axis=1) < total
        low, high = np.where(short, middle, low), np.where(short, high, middle)
    return np.clip(rows + ((low + high) / 2.0)[:, None], lower, upper).reshape(point.shape)
