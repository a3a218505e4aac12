"""The plan that was chosen, with its proof."""

from __future__ import annotations

from dataclasses import dataclass

from budget.aims import Scales
from budget.compile import Compiled
from budget.objective import Objective
from budget.optimum import Optimum
from budget.within import Within
from outlay.transforms import Array


@dataclass(frozen=True, eq=False)
class Choice:
    """The best plan to the cent, with its value on the draws that chose it; values are scaled.

    Attributes
    ----------
    spend : ndarray (H, K)
        Currency.
    value : float
    within : Within
        The optimum before cents, and the rows that it was found under.
    objective : Objective
    scales : Scales
    kept_reference : bool
    """

    spend: Array
    value: float
    within: Within
    objective: Objective
    scales: Scales
    kept_reference: bool

    @property
    def optimum(self) -> Optimum:
        """The optimum before cents."""
        return self.within.optimum

    @property
    def compiled(self) -> Compiled:
        """The rules that it was found under."""
        return self.within.compiled

    @property
    def bound(self) -> float:
        """What no plan exceeds; cents can lift a plan above the bound of the exact rules by a hair."""
        return max(self.optimum.bound, self.value)

    @property
    def gap(self) -> float:
        """How far the plan can be from the best one, relative."""
        return self.gap_of(self.value)

    def gap_of(self, value: float) -> float:
        """How far a plan of this value can be from the best one, relative; a cent can lift it to the bound.

        Where profit and cost nearly cancel, relative to a hundredth of them.
        """
        cost = self.objective.per_spend * float(self.spend.sum()) / self.scales.money
        size = max(abs(value), 0.01 * (abs(value) + 2.0 * cost))
        return max(self.bound - value, 0.0) / size if size else 0.0
