"""What a climb is asked, and how far it came."""

from __future__ import annotations

import time
from dataclasses import dataclass

from budget.objective import Objective
from budget.paths import Oracle
from budget.polytope import Polytope
from outlay.transforms import Array


@dataclass(frozen=True, eq=False)
class Task:
    """What is maximised, and when to stop.

    Attributes
    ----------
    oracle : Oracle
    polytope : Polytope
    objective : Objective
    aim : float
        Relative gap.
    deadline : float
        By ``time.perf_counter``.
    """

    oracle: Oracle
    polytope: Polytope
    objective: Objective
    aim: float
    deadline: float

    @property
    def late(self) -> bool:
        """Whether the time is up."""
        return time.perf_counter() > self.deadline

    def scale(self, value: float, outcome: Array, spend: float) -> float:
        """What gaps are relative to: the value, but not its chance zero where outcome and spend cancel."""
        size = self.objective.per_outcome * abs(float(outcome.mean())) + self.objective.per_spend * spend
        return max(abs(value), 1e-3 * size, 1e-12)


@dataclass(frozen=True, eq=False)
class Climb:
    """How far a climb came.

    Attributes
    ----------
    y : ndarray (N + A,)
        Decisions and auxiliary columns.
    value, bound : float
        ``bound`` is infinite where nothing was proven.
    room : float
        By how much the floor is cleared; infinite without one.
    scale : float
        What the gap is relative to.
    gradient, row_price, q : ndarray
        (N,), (M,) and (S,), as in :class:`budget.optimum.Optimum`.
    floor_price : float
    rounds : int
    """

    y: Array
    value: float
    bound: float
    room: float
    scale: float
    gradient: Array
    row_price: Array
    q: Array
    floor_price: float
    rounds: int
