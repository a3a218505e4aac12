"""The weights of draws under which a measure of risk is the mean, as they are met on the way to an optimum."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from budget.objective import Objective
from outlay.transforms import Array


@dataclass(eq=False)
class Worst:
    """Weights that were the worst of some plan: each over-estimates the measure of every other plan.

    Attributes
    ----------
    objective : Objective
        Its measure and shift.
    weights : list of ndarray (S,)
    idle : list of int
        Steps since each last held a step back.
    """

    objective: Objective
    weights: list[Array] = field(default_factory=list)
    idle: list[int] = field(default_factory=list)

    def of(self, outcome: Array) -> Array:
        """The weights of a plan's outcome (S,)."""
        return self.objective.weights(outcome)

    def see(self, outcome: Array) -> None:
        """Remember the weights of a plan; those of a mean are always the same."""
        if self.objective.risky or not self.weights:
            self.weights.append(self.of(outcome))
            self.idle.append(0)

    def tangents(self, outcome: Array, slopes: Array, z: Array) -> tuple[Array, Array]:
        """The measure under every weighting along the tangent at ``z``: rows (C, N) and constants (C,)."""
        weights = np.array(self.weights)
        rows = weights @ slopes
        return rows, weights @ self.objective.shifted(outcome) - rows @ z

    def excess(self, measured: float, outcome: Array) -> float:
        """By how much the known weights over-estimate the measure of an outcome (S,)."""
        return measured - float(self.of(outcome) @ self.objective.shifted(outcome))

    def mix(self, price: Array) -> Array:
        """The weights that prices (C,) of them make; they sum to one, as each of them does."""
        kept = np.maximum(price, 0.0)
        self.idle = [0 if part > 1e-6 * kept.max() else age + 1 for part, age in zip(kept, self.idle, strict=True)]
        total = kept.sum()
        return np.asarray(kept @ np.array(self.weights) / total) if total > 0.0 else self.weights[-1]

    def trim(self, most: int) -> None:
        """Forget those that have not mattered for longest."""
        order = sorted(np.argsort(self.idle, kind="stable")[:most])
        self.weights, self.idle = [self.weights[i] for i in order], [self.idle[i] for i in order]
