"""Rates by the levels of a protected column: intervals, ratios to the highest, and how strong the link is.

The ratio of a level's rate to the highest is what the four-fifths rule looks at (Uniform Guidelines on Employee
Selection Procedures, 29 CFR 1607.4 D): below 0.8 it asks why. It is arithmetic, and no judgement on what is fair.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from outlay.summary import jeffreys
from outlay.transforms import Array

FOUR_FIFTHS = 0.8
MISSING = "(missing)"
"""Level of those whose protected cell is empty: they are told like any other."""
RARE = "(rare levels)"
FEWEST = 30
"""Least number of rows whose rate the others are compared with; levels with fewer stand together."""
BANDS = 4
MOST_VALUES = 12
"""Different whole numbers up to which a protected number is told value by value."""


@dataclass(frozen=True, eq=False)
class Levels:
    """A protected column in levels. N rows.

    Attributes
    ----------
    names : ndarray of str (N,)
    cut : str
        What was done to get few levels, in words; empty where nothing was.
    """

    names: NDArray[np.object_]
    cut: str


def levels_of(column: pd.Series) -> Levels:
    """The levels of a protected column: bands of a number, rare levels together, empty cells as a level too."""
    missing = column.isna().to_numpy()
    cuts = []
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        names, cut = _bands(column.to_numpy(dtype=float))
        cuts += [cut] if cut else []
    else:
        names = column.astype("str").to_numpy(dtype=object)
    names = np.where(missing, MISSING, names).astype(object)
    held = pd.Series(names).value_counts()
    rare = [str(name) for name, count in held.items() if count < FEWEST and name != MISSING]
    if len(rare) > 1 and len(held) > 2:
        names = np.where(pd.Series(names).isin(rare), RARE, names).astype(object)
        cuts.append(f"{len(rare)} levels of fewer than {FEWEST} rows stand together")
    return Levels(names, "; ".join(cuts))


def _bands(values: Array) -> tuple[NDArray[np.object_], str]:
    """A number in words: its few whole values, or bands with about as many rows each."""
    known = values[~np.isnan(values)]
    unique = np.unique(known)
    if len(unique) <= MOST_VALUES:
        texts = {value: f"{value:g}" for value in unique}
        return np.array([texts.get(value, MISSING) for value in values], dtype=object), ""
    edges = np.unique(np.quantile(known, np.linspace(0, 1, BANDS + 1)[1:-1]))
    place = np.searchsorted(edges, values, side="right")
    names = np.full(len(values), MISSING, dtype=object)
    said = []
    for band in range(len(edges) + 1):
        own = (place == band) & ~np.isnan(values)
        if own.any():
            said.append(f"{values[own].min():g} to {values[own].max():g}")
            names[own] = said[-1]
    return names, f"bands with about as many rows each: {', '.join(said)}"


def rates_by_level(levels: NDArray[np.object_], outcome: Array, weight: Array, level: float) -> pd.DataFrame:
    """Rate of an outcome at each level, beside the highest.

    Parameters
    ----------
    levels : ndarray of str (N,)
    outcome : ndarray (N,)
        1 where the outcome holds, 0 where it does not.
    weight : ndarray (N,)
        How many each row stands for. Intervals count a level as the effective number of its rows (Kish).
    level : float
        Probability of intervals.

    Returns
    -------
    DataFrame
        One row per level, in order of name: ``level``, ``customers``, ``positives``, ``rate`` with Jeffreys' ``low``
        and ``high``, ``ratio`` to the highest rate among levels of at least :data:`FEWEST` rows (so that a handful does
        not set the measure) with ``ratio_low`` and ``ratio_high`` (on the log scale, half a row added to each count),
        and ``best`` where it is the level that others are compared with: its ratio is 1, without an interval.
    """
    place, names = pd.factorize(levels, sort=True)
    size = np.bincount(place, weights=weight)
    hits = np.bincount(place, weights=weight * outcome)
    n = size**2 / np.bincount(place, weights=weight**2)
    rate = hits / size
    low, high = jeffreys(rate * n, n, level)
    able = n >= FEWEST if (n >= FEWEST).any() else n == n.max()
    best = int(np.argmax(np.where(able, rate, -1.0)))
    ratio, least, most = _ratios(rate, n, best, level)
    table: dict[str, Any] = {"level": names.astype(object), "customers": size, "positives": hits, "rate": rate}
    table |= {"low": low, "high": high, "ratio": ratio, "ratio_low": least, "ratio_high": most}
    return pd.DataFrame(table | {"best": np.arange(len(names)) == best})


def _ratios(rate: Array, n: Array, best: int, level: float) -> tuple[Array, Array, Array]:
    from scipy.special import ndtri

    empty = np.full(len(rate), np.nan)
    if not rate[best] > 0:
        return empty, empty, empty
    near = (rate * n + 0.5) / (n + 1)
    spread = np.sqrt((1 - near) / (near * (n + 1)) + (1 - near[best]) / (near[best] * (n[best] + 1)))
    half = ndtri(0.5 + level / 2) * spread
    ratio, centre = rate / rate[best], near / near[best]
    low, high = np.minimum(centre * np.exp(-half), ratio), np.maximum(centre * np.exp(half), ratio)
    own = np.arange(len(rate)) == best
    return ratio, np.where(own, 1.0, low), np.where(own, 1.0, high)


def cramers_v(rows: NDArray[np.object_], columns: NDArray[np.object_], weight: Array) -> float:
    """Cramér's V of two columns, from 0 (no link) to 1, without the upward bias of small tables (Bergsma 2013).

    Weights are scaled to the effective number of rows (Kish).
    """
    i, j = pd.factorize(rows)[0], pd.factorize(columns)[0]
    r, c = int(i.max()) + 1, int(j.max()) + 1
    n = float(weight.sum() ** 2 / (weight**2).sum())
    if r < 2 or c < 2 or n < 2:
        return 0.0
    counts = np.bincount(i * c + j, weights=weight, minlength=r * c).reshape(r, c) * (n / weight.sum())
    expected = counts.sum(axis=1, keepdims=True) * counts.sum(axis=0) / n
    phi = float((((counts - expected) ** 2) / expected).sum()) / n
    less = max(phi - (r - 1) * (c - 1) / (n - 1), 0.0)
    rows_less, columns_less = r - (r - 1) ** 2 / (n - 1), c - (c - 1) ** 2 / (n - 1)
    return float(np.sqrt(less / max(min(rows_less, columns_less) - 1, np.finfo(float).tiny)))


def verdict(ratio: float, high: float, size: float) -> Literal["", "below", "maybe"]:
    """What the four-fifths rule says: ``"below"`` surely, ``"maybe"`` by the ratio alone, else nothing.

    Parameters
    ----------
    ratio, high : float
        To the highest rate, and the upper bound of it.
    size : float
        Rows of the level; of fewer than :data:`FEWEST` only what is sure is said.
    """
    if not ratio < FOUR_FIFTHS:
        return ""
    if high < FOUR_FIFTHS:
        return "below"
    return "maybe" if size >= FEWEST else ""
