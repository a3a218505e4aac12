"""What is known of one concave curve: the points at which it was asked, and the tangents there."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from outlay.transforms import Array


@dataclass
class Tangents:
    """Points of one curve in order: spend, outcome, slope."""

    at: Array = field(default_factory=lambda: np.empty(0))
    outcome: Array = field(default_factory=lambda: np.empty(0))
    slope: Array = field(default_factory=lambda: np.empty(0))

    def add(self, at: Array, outcome: Array, slope: Array) -> None:
        """Insert points; one that is there already is kept once."""
        self.at, first = np.unique(np.concatenate([self.at, at]), return_index=True)
        self.outcome = np.concatenate([self.outcome, outcome])[first]
        self.slope = np.concatenate([self.slope, slope])[first]

    def value(self, at: float) -> float:
        """Outcome at a point that was asked."""
        return float(self.outcome[np.searchsorted(self.at, at)])

    def meeting(self, price: float) -> float:
        """Spend at which the slope equals a price, interpolated; an end of the range where it never does."""
        after = int(np.searchsorted(-self.slope, -price))
        if after == 0 or after == len(self.at):
            return float(self.at[min(after, len(self.at) - 1)])
        steep, flat = self.slope[after - 1], self.slope[after]
        part = (steep - price) / (steep - flat) if steep > flat else 0.5
        return float(self.at[after - 1] + part * (self.at[after] - self.at[after - 1]))

    def model(self, at: float) -> tuple[float, float]:
        """Slope and curvature (never positive) at a point that was asked, the latter from its neighbours."""
        here = int(np.searchsorted(self.at, at))
        left, right = max(here - 1, 0), min(here + 1, len(self.at) - 1)
        width = self.at[right] - self.at[left]
        curvature = (self.slope[right] - self.slope[left]) / width if width > 0 else 0.0
        return float(self.slope[here]), min(float(curvature), 0.0)
