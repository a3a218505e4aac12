"""How good a forecast was: of a distribution, of its middle, and of its intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from outlay.transforms import Array

LEVELS = (0.5, 0.8, 0.9)
"""Levels of the intervals that are checked."""


def crps(draws: Array, actual: Array) -> Array:
    """Continuous ranked probability score of draws, exact for their number and fair.

    ``E|X - y| - E|X - X'| / 2``, the second mean over all pairs of different draws: its expectation is the score of
    the distribution that was drawn from, however few the draws are (Ferro 2014, "Fair scores for ensemble forecasts").
    In the unit of what is forecast; smaller is better; for a single value it is the absolute error.

    Parameters
    ----------
    draws : ndarray (S, ...)
        At least two draws of the forecast.
    actual : ndarray (...)
        What happened.
    """
    n = len(draws)
    if n < 2:
        raise ValueError("a distribution needs two draws at least")
    ordered = np.sort(draws, axis=0)
    rank = (2.0 * np.arange(n) - n + 1.0).reshape(-1, *([1] * (draws.ndim - 1)))
    # The sum over pairs i < j of x_j - x_i has x_(i) this many times; n (n - 1) ordered pairs, halved.
    return np.asarray(np.abs(draws - actual).mean(0) - (rank * ordered).sum(0) / (n * (n - 1)))


def inside(draws: Array, actual: Array, level: float) -> np.ndarray:
    """Whether what happened lies in the central interval of the draws, (...) of bool."""
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return np.asarray((low <= actual) & (actual <= high))


@dataclass(frozen=True)
class Errors:
    """Errors of a point forecast, its median.

    Attributes
    ----------
    mape : float
        Mean of ``|error| / |actual|`` over values that are not zero; not a number where all are.
    wmape : float
        Sum of ``|error|`` over sum of ``|actual|``, defined as soon as one value is not zero.
    zeros : int
        Values of zero, which ``mape`` leaves out.
    """

    mape: float
    wmape: float
    zeros: int


def point_errors(forecast: Array, actual: Array) -> Errors:
    """MAPE and wMAPE of a point forecast."""
    error, size = np.abs(forecast - actual), np.abs(actual)
    some = size > 0
    return Errors(
        mape=float((error[some] / size[some]).mean()) if some.any() else float("nan"),
        wmape=float(error.sum() / size.sum()) if some.any() else float("nan"),
        zeros=int((~some).sum()),
    )


def coverage(hits: list[np.ndarray], level: float, distinct: int | None = None) -> tuple[float, float]:
    """Share of values inside their intervals, and its standard error.

    Neighbouring values of a forecast are wrong together, and windows of neighbouring origins share periods. So the
    error is the larger of the binomial one at the promised level, over distinct values, and that of the folds.

    Parameters
    ----------
    hits : list of ndarray of bool
        One array per fold.
    level : float
        What the intervals promise.
    distinct : int, optional
        Different values among them; all by default.
    """
    every = np.concatenate([fold.ravel() for fold in hits])
    different = distinct or len(every)
    means = np.array([fold.mean() for fold in hits])
    between = float(means.std(ddof=1) / np.sqrt(len(means))) if len(means) > 1 else 0.0
    binomial = float(np.sqrt(level * (1 - level) / different))
    return float(every.mean()), max(binomial, between * float(np.sqrt(len(every) / different)))
