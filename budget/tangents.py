"""What is known of one concave curve: the points at which it was asked, and the tangents there."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from outlay.transforms import Array

STEEPEST = 1e6
"""Tangents this many times steeper than the steepest curve as a whole are left out of the over-estimate. The estimate
stays one, prices are never as high, and numbers of very different size would cost the linear program its accuracy."""


@dataclass
class Tangents:
    """Points of one curve in order: spend, outcome, slope.

    The slope at the first point may be infinite: there is no tangent then, and the curve comes from its point as a
    power of the distance.
    """

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

    def rise(self) -> float:
        """Slope of the curve as a whole, between the first and the last point that were asked."""
        width = self.at[-1] - self.at[0]
        return float((self.outcome[-1] - self.outcome[0]) / width) if width > 0 else 0.0

    def lines(self, steepest: float) -> tuple[Array, Array]:
        """Slope and intercept of the tangents up to a slope; the flattest one where none is."""
        flat = self.slope <= max(steepest, float(self.slope.min()))
        slope, at, outcome = self.slope[flat], self.at[flat], self.outcome[flat]
        if np.isfinite(slope).all():
            return slope, outcome - slope * at
        return np.zeros(1), outcome[:1]  # a cell that cannot move has one point and needs no slope

    def meeting(self, price: float) -> float:
        """Spend at which the slope equals a price, interpolated; an end of the range where it never does."""
        after = int(np.searchsorted(-self.slope, -price))
        if after == 0 or after == len(self.at):
            return float(self.at[min(after, len(self.at) - 1)])
        steep, flat = self.slope[after - 1], self.slope[after]
        width = self.at[after] - self.at[after - 1]
        if np.isinf(steep):
            return float(self.at[after - 1] + self._power_part(after, price) * width)
        part = (steep - price) / (steep - flat) if steep > flat else 0.5
        return float(self.at[after - 1] + part * width)

    def _power_part(self, after: int, price: float) -> float:
        """Where a curve that starts infinitely steep meets a price, as a part of the first step from there.

        A power of the distance has ``slope x distance = exponent x outcome``, which tells the exponent.
        """
        gained = self.outcome[after] - self.outcome[after - 1]
        exponent = self.slope[after] * (self.at[after] - self.at[after - 1]) / gained if gained > 0 else 0.5
        return float((self.slope[after] / price) ** (1.0 / (1.0 - min(max(exponent, 0.0), 0.99))))

    def model(self, at: float) -> tuple[float, float]:
        """Slope and curvature (never positive) at a point that was asked, the latter from its neighbours."""
        here = int(np.searchsorted(self.at, at))
        finite = np.flatnonzero(np.isfinite(self.slope))
        if not len(finite):
            return 0.0, 0.0
        here = max(here, int(finite[0]))
        left, right = max(here - 1, int(finite[0])), min(here + 1, len(self.at) - 1)
        width = self.at[right] - self.at[left]
        curvature = (self.slope[right] - self.slope[left]) / width if width > 0 else 0.0
        return float(self.slope[here]), min(float(curvature), 0.0)
