"""The forecast that needs no model: the same period of last year, or the last value; with its own past errors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from outlay.transforms import Array

FEWEST_ERRORS = 8
"""Past errors that make a distribution."""


@dataclass(frozen=True)
class Naive:
    """A forecast by repetition.

    Attributes
    ----------
    how : {"same period last year", "last value"}
        What is repeated.
    draws : list of ndarray (M, G)
        For each period ahead: the repeated value plus every error that the same rule made before the origin.
    """

    how: str
    draws: list[Array]

    @property
    def middle(self) -> Array:
        """Median forecast, (H, G)."""
        return np.stack([np.median(draws, axis=0) for draws in self.draws])


def naive_forecast(kpi: Array, horizon: int, year: int) -> Naive:
    """Forecast the next periods from the KPI alone.

    Parameters
    ----------
    kpi : ndarray (N, G)
        The KPI until the origin, without gaps.
    horizon : int
        Periods ahead.
    year : int
        Periods after which the same season returns.
    """
    n = len(kpi)
    if n >= year + FEWEST_ERRORS:
        errors = kpi[year:] - kpi[:-year]
        repeated = [kpi[n - year + ahead % year] for ahead in range(horizon)]
        return Naive("same period last year", [value + errors for value in repeated])
    # The error of a last value grows with the distance, so each distance has its own past errors.
    steps = [min(ahead + 1, n - 2) for ahead in range(horizon)]
    return Naive("last value", [kpi[-1] + (kpi[step:] - kpi[:-step]) for step in steps])
