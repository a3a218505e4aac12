"""A mean with its interval, from draws."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from outlay.summary import hdi_bounds
from outlay.transforms import Array


@dataclass(frozen=True)
class Interval:
    """A mean with its highest-density interval."""

    mean: float
    low: float
    high: float


def interval(draws: Array, hdi: float) -> Interval:
    """Mean and highest-density interval of draws (S,); NaN where a draw has none."""
    if np.isnan(draws).any():
        return Interval(np.nan, np.nan, np.nan)
    low, high = hdi_bounds(draws, hdi)
    return Interval(float(draws.mean()), float(low), float(high))


def probability(gain: Array) -> float:
    """Share of draws with a gain; none at all counts half."""
    return float((gain > 0).mean() + 0.5 * (gain == 0).mean())
