"""What the search over separate curves knows: hulls under every weighting of draws, and what a plan is worth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from budget.cells import Index
from budget.curves import Curves
from budget.hull import Hulls
from budget.objective import Capacity, Objective
from budget.segments import Cut
from budget.sellers import Sellers
from outlay.transforms import Array

Work = Capacity | Sellers
"""What limits the outcome that counts: an amount of it, or what sellers can work."""


class Tables:
    """Hulls of the same curves under every weighting of the draws that was met, kept from solve to solve."""

    def __init__(self, curves: Curves, upper: Array) -> None:
        self.curves, self.upper = curves, upper
        self.mean = Hulls(curves, np.zeros(curves.n), upper)

    @property
    def size(self) -> int:
        """Most points that are known of one curve."""
        return int(self.mean.nodes.count.max(initial=0))

    def weighted(self, q: Array) -> Hulls:
        """Hulls under other weights of the draws (1 or N, S); draws without weight cost nothing."""
        used = np.flatnonzero((q > 0.0).any(axis=0))
        curves = self.curves.take_draws(used) if len(used) < q.shape[1] else self.curves
        return Hulls(curves, np.zeros(curves.n), self.upper, np.ascontiguousarray(q[:, used]), points=9)


@dataclass(frozen=True, eq=False)
class At:
    """All curves at a plan (N,): value, slope and second derivative per draw, (N, S) each."""

    z: Array
    value: Array
    slope: Array
    steepening: Array

    def means(self, q: Array, which: Index) -> tuple[Array, Array]:
        """Mean value and slope of some curves under weights of the draws (1 or N, S)."""
        weights = q[which] if len(q) > 1 else q
        still = weights == 0.0  # an infinite slope of a draw without weight does not count
        slope = np.where(still, 0.0, self.slope[which])
        return (weights * self.value[which]).sum(axis=1), (weights * slope).sum(axis=1)


@dataclass(frozen=True)
class Worth:
    """What a plan is worth, and the cut that says so."""

    objective: Objective
    capacity: Work | None

    @property
    def bends(self) -> bool:
        """Whether the plan's worth is more than a weighted sum of its decisions' means."""
        return self.objective.risky or self.capacity is not None

    def total(self, outcome: Array) -> Array:
        """What counts of the decisions' outcome (N, S), per draw."""
        return np.asarray(outcome.sum(axis=0)) if self.capacity is None else self.capacity.worked(outcome)

    def cut(self, outcome: Array) -> Cut:
        """The valuation that is exact at this outcome (N, S) and nowhere too small."""
        total = self.total(outcome)
        q = self.objective.weights(total)
        shift = 0.0 if self.objective.shift is None else float(q @ self.objective.shift)
        if self.capacity is None:
            return Cut(q[None], 0.0, shift)
        weights, constant = self.capacity.cut(outcome, q)
        return Cut(weights, constant, shift)
