"""The usual shape of a month and of a year: how much of what a month brings comes by which day.

Two shapes are learnt, both from all parts of a measure together. Within the month: the weekday's weight times that
of the fifth of the month, from the last twelve whole months. Across the year: a weight for each calendar month, from
two whole years or more, drawn towards none as far as the months' scatter around their own mean asks for.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from outlay.transforms import Array

type Flags = NDArray[np.bool_]

SHAPED_FROM = 3
"""Whole months from which the shape of a month is learnt; with fewer, all days weigh the same."""

SEASON_FROM = 24
"""Whole months from which the shape of a year is learnt."""

_FIFTHS = 5
_ROUNDS = 20


def day_weights(days: pd.DatetimeIndex, counts: Array, whole: Flags) -> Array:
    """Weight of each day, one on average, (D,).

    Parameters
    ----------
    days : DatetimeIndex (D,)
        Every day from the first month's first to the last one that is needed.
    counts : ndarray (D,)
        What came on each day, all parts together.
    whole : ndarray of bool (D,)
        Days of whole months: those to learn from.
    """
    months = np.asarray(days.year * 12 + days.month)
    used = whole & (months > months[whole].max() - 12) if whole.any() else whole
    if len(np.unique(months[used])) < SHAPED_FROM or counts[used].sum() <= 0:
        return np.ones(len(days))
    weekday, fifth = np.asarray(days.day_of_week), _fifth(days)
    by_weekday, by_fifth = np.ones(7), np.ones(_FIFTHS)
    for _ in range(_ROUNDS):  # iterative proportional fitting of two margins
        by_weekday = _share(weekday[used], counts[used], by_fifth[fifth[used]], 7)
        by_fifth = _share(fifth[used], counts[used], by_weekday[weekday[used]], _FIFTHS)
    weights = by_weekday[weekday] * by_fifth[fifth]
    return np.asarray(weights / weights[used].mean())


def _fifth(days: pd.DatetimeIndex) -> NDArray[np.int64]:
    return np.asarray(((days.day - 1) * _FIFTHS) // days.days_in_month)


def _share(groups: NDArray[np.int64], counts: Array, given: Array, n: int) -> Array:
    """Weight of each group beside what the other margin expects of it."""
    expected = np.bincount(groups, weights=given, minlength=n)
    came = np.bincount(groups, weights=counts, minlength=n)
    return np.divide(came, expected, out=np.ones(n), where=expected > 0)


def season(months: pd.DatetimeIndex, counts: Array, exposure: Array, whole: Flags) -> Array | None:
    """Weight of each calendar month, (12,); None where the months do not make two years.

    A regression of log counts per exposure on a line and twelve months; the months' effects are shrunk by the part of
    their scatter that the residuals explain (James and Stein).
    """
    used = whole & (exposure > 0)
    if int(used.sum()) < SEASON_FROM or counts[used].min() <= 0:
        return None
    y = np.log(counts[used] / exposure[used])
    which = np.asarray(months.month)[used] - 1
    design = np.column_stack([np.arange(len(months))[used] - len(months) / 2, np.eye(12)[which]])
    solution = np.linalg.lstsq(design, y, rcond=None)[0]
    effects = solution[1:] - solution[1:].mean()
    left = y - design @ solution
    noise = float(left @ left) / (len(y) - 13) / (len(y) / 12)
    scatter = float(effects @ effects) / 11
    kept = max(0.0, 1.0 - noise / scatter) if scatter > 0 else 0.0
    weights = np.exp(kept * effects)
    return np.asarray(weights / weights.mean())
