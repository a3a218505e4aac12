"""How far a segment stands out in one column: counts of it over segments, and what follows from them.

Everything comes from a table of weights over segments and values of the column, so that its cost does not grow with the
rows once they are counted. A number with many values is counted in bins of equal size.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri, stdtrit

from outlay.summary import jeffreys
from outlay.transforms import Array

BINS = 4096
"""Most values of a number that are told apart in :func:`dominance`: it is exact to about one in that many."""


@dataclass(frozen=True, eq=False)
class Weighed:
    """Rows with the segment that they are in. N rows, K segments.

    Attributes
    ----------
    place : ndarray of int (N,)
        Segment from 0.
    weight : ndarray (N,)
        How many customers a row stands for.
    k : int
    """

    place: NDArray[np.intp]
    weight: Array
    k: int

    def sums(self, values: Array | None = None) -> Array:
        """Weighted sum over each segment (K,)."""
        weights = self.weight if values is None else self.weight * values
        return np.bincount(self.place, weights=weights, minlength=self.k).astype(float)

    def where(self, kept: NDArray[np.bool_]) -> Weighed:
        """Some of the rows."""
        return self if kept.all() else Weighed(self.place[kept], self.weight[kept], self.k)

    def rows(self) -> Array:
        """What each segment counts as in intervals (K,): the effective number of its rows (Kish 1965, section 8.2)."""
        squares = np.bincount(self.place, weights=self.weight**2, minlength=self.k)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(squares > 0, self.sums() ** 2 / squares, 0.0)


@dataclass(frozen=True, eq=False)
class Means:
    """Means by segment and over all. K segments.

    Attributes
    ----------
    mean, low, high : ndarray (K,)
    population : float
    lift, lift_low, lift_high : ndarray (K,)
        Mean over the population's; NaN where the column can be negative or is nothing on average.
    apart, apart_low, apart_high : ndarray (K,)
        Mean less the population's.
    """

    mean: Array
    low: Array
    high: Array
    population: float
    lift: Array
    lift_low: Array
    lift_high: Array
    apart: Array
    apart_low: Array
    apart_high: Array


def means_of(rows: Weighed, values: Array, level: float) -> Means:
    """Means of a number without missing cells, with Student's intervals; those of a 0/1 column are Jeffreys'.

    The interval of a lift comes from the ratio r of the segment's mean to that of all others, which are independent:
    lift = r / (p r + 1 - p) with the segment's share p of the customers is rising in r, and log r is nearly normal.
    """
    size, n = rows.sums(), rows.rows()
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = rows.sums(values) / size
        spread = rows.sums((values - mean[rows.place]) ** 2) / size * n / (n - 1)
        error = np.sqrt(spread / n)
        half = stdtrit(np.maximum(n - 1, 1), 0.5 + level / 2) * error
    total = float(size.sum())
    population = float((rows.weight * values).sum() / total) if total > 0 else float("nan")
    low, high = mean - half, mean + half
    if _yes_no(values):
        low, high = jeffreys(mean * n, n, level)
    elif len(values):
        low, high = np.maximum(low, values.min()), np.minimum(high, values.max())
    apart = _differences(size, mean, error, population, level)
    if not len(values) or values.min() < 0 or not population > 0:
        return Means(mean, low, high, population, *_empty(rows.k), *apart)
    return Means(mean, low, high, population, *_lifts(size, mean, error, population, level), *apart)


def _yes_no(values: Array) -> bool:
    return bool(((values == 0) | (values == 1)).all())


def _empty(k: int) -> tuple[Array, Array, Array]:
    return np.full(k, np.nan), np.full(k, np.nan), np.full(k, np.nan)


def _others_error(share: Array, error: Array) -> Array:
    """Standard error of the mean of all other segments."""
    variance = np.nan_to_num(share**2 * error**2)
    return np.sqrt(np.maximum(variance.sum() - variance, 0)) / np.where(share < 1, 1 - share, 1.0)


def _differences(size: Array, mean: Array, error: Array, population: float, level: float) -> tuple[Array, Array, Array]:
    """Mean less the population's, which is 1 - p times the mean less that of all others, and those are independent."""
    share = size / size.sum()
    half = ndtri(0.5 + level / 2) * (1 - share) * np.sqrt(error**2 + _others_error(share, error) ** 2)
    return mean - population, mean - population - half, mean - population + half


def _lifts(size: Array, mean: Array, error: Array, population: float, level: float) -> tuple[Array, Array, Array]:
    """Lifts with their intervals, from means and standard errors by segment."""
    share = size / size.sum()
    parts = np.nan_to_num(share * mean)
    others = np.where(share < 1, (parts.sum() - parts) / np.where(share < 1, 1 - share, 1.0), np.nan)
    others_error = _others_error(share, error)
    # what is nothing here or elsewhere has no logarithm: half a standard error stands in for it in the interval alone
    top, bottom = np.maximum(mean, error / 2), np.maximum(others, others_error / 2)
    with np.errstate(invalid="ignore", divide="ignore"):
        half = ndtri(0.5 + level / 2) * np.sqrt((error / top) ** 2 + (others_error / bottom) ** 2)
        ratio = top / bottom
        low = _lift_of(ratio * np.exp(-half), share)
        high = _lift_of(ratio * np.exp(half), share)
        lift = mean / population
    whole = share >= 1
    low, high = np.where(whole, 1.0, low), np.where(whole, 1.0, high)
    return lift, np.minimum(low, lift), np.maximum(high, lift)


def _lift_of(ratio: Array, share: Array) -> Array:
    return np.where(np.isinf(ratio), 1 / share, ratio / (share * ratio + 1 - share))


def share_lifts(rows: Weighed, shares: Array, counted: Array, level: float) -> Means:
    """Shares of one level by segment, with Jeffreys' intervals and lifts.

    Parameters
    ----------
    rows : Weighed
        The rows whose cell is filled.
    shares : ndarray (K,)
        Share of the level in each segment.
    counted : ndarray (K,)
        What each segment counts as, as :meth:`Weighed.rows` says.
    level : float
    """
    size = rows.sums()
    low, high = jeffreys(shares * counted, counted, level)
    population = float(np.nan_to_num(shares * size).sum() / size.sum())
    with np.errstate(invalid="ignore", divide="ignore"):
        # half a customer more on either side keeps the error of a share of 0 or 1 above nothing
        near = (shares * counted + 0.5) / (counted + 1)
        error = np.sqrt(near * (1 - near) / counted)
    apart, least, most = _differences(size, shares, error, population, level)
    least, most = np.maximum(least, -population), np.minimum(most, 1 - population)
    if not population > 0:
        return Means(shares, low, high, population, *_empty(rows.k), apart, least, most)
    lift, lift_low, lift_high = _lifts(size, shares, error, population, level)
    lift_high = np.minimum(lift_high, 1 / population)  # a share is at most 1
    return Means(shares, low, high, population, lift, lift_low, lift_high, apart, least, most)


def counts_of(rows: Weighed, codes: NDArray[np.intp], n_values: int) -> Array:
    """Weights over segments and values (K, V)."""
    flat = np.bincount(rows.place * n_values + codes, weights=rows.weight, minlength=rows.k * n_values)
    return flat.reshape(rows.k, n_values).astype(float)


def ordered_codes(values: Array) -> tuple[NDArray[np.intp], int]:
    """Place of each value among the different ones, in bins of equal size where there are more than :data:`BINS`."""
    codes, unique = pd.factorize(values, sort=True)
    if len(unique) <= BINS:
        return np.asarray(codes, dtype=np.intp), max(len(unique), 1)
    # bins of equal numbers of rows: equal values never come apart
    counts = np.bincount(codes)
    middle = np.cumsum(counts) - counts / 2
    bins = np.minimum((middle / len(values) * BINS).astype(np.intp), BINS - 1)
    return bins[codes], BINS


def dominance(counts: Array, n: Array, level: float) -> tuple[Array, Array, Array]:
    """How much more often a customer of the segment has more than one from outside than the reverse.

    Cliff's delta, P(inside > outside) - P(inside < outside), from -1 to 1: of a 0/1 column it is the difference between
    the shares. Its variance is that of the placements (DeLong, DeLong and Clarke-Pearson 1988), with half a customer
    more at either end of them: two customers who are alike by chance do not make a segment surely apart.

    Parameters
    ----------
    counts : ndarray (K, V)
        Weights over segments and values, values rising.
    n : ndarray (K,)
        What each segment counts as in intervals.
    level : float

    Returns
    -------
    delta, low, high : ndarray (K,)
        Zero for a segment that holds all or none.
    """
    whole, size = counts.sum(axis=0), counts.sum(axis=1)
    delta, error = np.zeros(len(counts)), np.zeros(len(counts))
    for s, own in enumerate(counts):
        rest = whole - own
        inside, outside = size[s], rest.sum()
        if not (inside > 0 and outside > 0):
            continue
        above = (np.cumsum(rest) - rest / 2) / outside
        below = (np.cumsum(own) - own / 2) / inside
        mean = float(own @ above) / inside
        spread_in = float(own @ (above - mean) ** 2) / inside
        spread_out = float(rest @ (below - (1 - mean)) ** 2) / outside
        delta[s] = 2 * mean - 1
        others = max(n.sum() - n[s], 1.0)
        error[s] = 2 * np.sqrt(_unsure(spread_in, mean, n[s]) + _unsure(spread_out, 1 - mean, others))
    half = ndtri(0.5 + level / 2) * error
    return delta, np.maximum(delta - half, -1.0), np.minimum(delta + half, 1.0)


def _unsure(spread: float, mean: float, n: float) -> float:
    """Variance of a mean placement of n customers, half a customer added at 0 and at 1."""
    n = max(n, 1.0)
    return (n * spread + 0.5 * (mean**2 + (1 - mean) ** 2)) / (n + 1) / n
