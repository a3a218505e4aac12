"""What a plan is chosen for, in the solver's units: outcome and spend weighed, under a measure of risk and a floor."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from outlay.transforms import Array


@dataclass(frozen=True, eq=False)
class Objective:
    """``max per_outcome * rho(R - shift) - per_spend * spend`` with ``rho(R) >= floor + floor_per_spend * spend``.

    ``R`` is the outcome per draw, ``spend`` the plan's total, and ``rho = (1 - weight) * mean + weight * CVaR``: the
    conditional value at risk is the mean outcome of the worst ``level`` of draws (Rockafellar and Uryasev, 2000). Every
    objective of a planner is one of these: the most outcome has ``per_spend = 0``; profit has the margin and one; the
    cheapest plan for a KPI has ``per_outcome = 0``, ``per_spend = 1`` and a floor; a target ROI is ``floor = 0`` with
    ``floor_per_spend`` the ROI; a target marginal ROI is ``per_spend``.

    Attributes
    ----------
    per_outcome, per_spend : float
        Worth of a unit of outcome, cost of a unit of spend.
    weight : float
        Part of the CVaR in ``rho``, 0 to 1.
    level : float
        Share of draws that CVaR is the mean of.
    floor : float or None
        Least outcome at no spend; None for no floor. ``shift`` does not enter the floor.
    floor_per_spend : float
        Least outcome per unit of spend, on top of ``floor``.
    shift : ndarray (S,) or None
        Outcome per draw that is taken off before ``rho``: the reference plan's, where the risk of the gain counts.
    """

    per_outcome: float = 1.0
    per_spend: float = 0.0
    weight: float = 0.0
    level: float = 0.1
    floor: float | None = None
    floor_per_spend: float = 0.0
    shift: Array | None = None

    @property
    def risky(self) -> bool:
        """Whether more than the mean of the draws counts."""
        return self.weight > 0.0

    def weights(self, outcome: Array) -> Array:
        """The weights ``q`` (S,) of draws under which ``q @ (outcome - shift)`` is ``rho``: they sum to one.

        ``rho`` is the least over all such weights, so ``q`` of one plan over-estimates ``rho`` of every other.
        """
        n = len(outcome)
        even = np.full(n, 1.0 / n)
        if not self.risky:
            return even
        return (1.0 - self.weight) * even + self.weight * tail_weights(self.shifted(outcome), self.level)

    def shifted(self, outcome: Array) -> Array:
        """Outcome per draw less the shift."""
        return outcome if self.shift is None else outcome - self.shift

    def value(self, outcome: Array, spend: float) -> float:
        """The objective of a plan with this outcome per draw (S,) and this total spend."""
        return float(self.per_outcome * (self.weights(outcome) @ self.shifted(outcome)) - self.per_spend * spend)

    def floor_room(self, outcome: Array, spend: float) -> float:
        """By how much a plan clears the floor, in outcome; negative where it falls short, infinite without a floor."""
        if self.floor is None:
            return np.inf
        plain = Objective(weight=self.weight, level=self.level)
        return float(plain.weights(outcome) @ outcome - self.floor - self.floor_per_spend * spend)


@dataclass(frozen=True, eq=False)
class Capacity:
    """Outcome that can be worked downstream: of some decisions together, no more than an amount counts in any draw.

    Attributes
    ----------
    scope : ndarray of int (N,)
        Which amount a decision counts against; -1 for none.
    most : ndarray (C,)
        Outcome, scaled.
    """

    scope: NDArray[np.intp]
    most: Array

    def volumes(self, outcome: Array) -> Array:
        """Outcome that each scope has to work, from the decisions' (N, S): (C, S)."""
        return np.array([outcome[self.scope == c].sum(axis=0) for c in range(len(self.most))])

    def full(self, outcome: Array) -> NDArray[np.bool_]:
        """Whether a scope has more than it can work, (C, S)."""
        return np.asarray(self.volumes(outcome) > self.most[:, None])

    def worked(self, outcome: Array) -> Array:
        """Outcome that counts, per draw: (S,)."""
        beside = outcome[self.scope < 0].sum(axis=0)
        return np.asarray(beside + np.minimum(self.volumes(outcome), self.most[:, None]).sum(axis=0))

    def cut(self, outcome: Array, q: Array) -> tuple[Array, float]:
        """Weights (N, S) and a constant, exact at this outcome under weights ``q`` of draws and nowhere too small."""
        full = self.full(outcome)
        open_still = np.where(self.scope[:, None] < 0, True, ~full[self.scope])
        return np.ascontiguousarray(q * open_still), float(((full * self.most[:, None]) @ q).sum())

    def on(self, cell: NDArray[np.intp]) -> Capacity:
        """The same for outcomes whose rows are of these cells."""
        return replace(self, scope=self.scope[cell])

    def scaled(self, unit: float) -> Capacity:
        """The same for outcomes in multiples of ``unit``."""
        return replace(self, most=self.most / unit)


def tail_weights(outcome: Array, level: float) -> Array:
    """Weights (S,) of the worst ``level`` of draws: they sum to one, and ``weights @ outcome`` is the CVaR."""
    count = level * len(outcome)
    whole = int(count + 1e-9)
    order = np.argsort(outcome, kind="stable")
    weights = np.zeros(len(outcome))
    weights[order[:whole]] = 1.0 / count
    if whole < len(outcome) and count > whole:
        weights[order[whole]] = 1.0 - whole / count
    return weights
