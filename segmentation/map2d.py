"""A map of customers in two dimensions: factor analysis of mixed data.

Numbers are scaled to unit variance, each level of a category is an indicator divided by the root of its share, and all
are centred; the two leading principal axes of that table are the map (FAMD: Pagès 2004, "Analyse factorielle de données
mixtes"). A number counts with a variance of 1, a category with the number of its levels less one, and an empty cell
stands at the centre.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from outlay import style
from outlay.findings import Finding
from outlay.transforms import Array
from segmentation.catalogue import CATALOGUE
from segmentation.mixed import Mixed

POINTS = 2_000
"""Customers on the map; the axes come from all."""
_BLOCK = 16_384
_TOLD = 3
_SEEN = 0.5


@dataclass(frozen=True, eq=False)
class SegmentMap:
    """Customers and segments in a plane.

    Attributes
    ----------
    points : DataFrame
        A sample of the customers: ``row`` (place in the table, from 0), ``number`` (segment), ``x``, ``y``.
    centres : DataFrame (K rows)
        ``number``, ``customers``, ``x``, ``y``: means over all of a segment's customers.
    axes : DataFrame
        What makes the axes: ``axis`` (``"x"`` or ``"y"``), ``feature``, ``level`` (of a category, else None),
        ``correlation`` with the axis, and ``contribution`` (shares that add up to 1 over an axis), the most first.
    shares : tuple of (float, float)
        Part of all variation that each axis shows.
    between : float
        Part of the variation between the segments' centres that the plane shows.
    sentences : tuple of str
        What each axis means.
    findings : tuple of Finding
    """

    points: pd.DataFrame
    centres: pd.DataFrame
    axes: pd.DataFrame
    shares: tuple[float, float]
    between: float
    sentences: tuple[str, ...]
    findings: tuple[Finding, ...]


def map_of(rows: Mixed, numbers: NDArray[np.integer[Any]], seed: int) -> SegmentMap:
    """Draw the map.

    Parameters
    ----------
    rows : Mixed
    numbers : ndarray of int (N,)
        Segment of each row, from 1.
    seed : int
        Of the sample of points; segments keep their shares in it.
    """
    place = np.asarray(numbers, dtype=np.intp) - 1
    table = _Table(rows)
    covariance = table.covariance()
    values, vectors = np.linalg.eigh(covariance)
    order = np.argsort(-values, kind="stable")[:2]
    axes = np.zeros((len(values), 2))
    axes[:, : len(order)] = vectors[:, order]
    peaks = axes[np.abs(axes).argmax(axis=0), [0, 1]]
    axes *= np.where(peaks < 0, -1.0, 1.0)  # an axis has no sign of its own: its strongest feature points right or up
    top = np.zeros(2)
    top[: len(order)] = np.maximum(values[order], 0.0)
    total = max(float(values.sum()), np.finfo(float).tiny)
    centres, size = table.centres(place)
    flat = centres @ axes
    whole = float(size @ (centres**2).sum(axis=1))
    between = float(size @ (flat**2).sum(axis=1)) / whole if whole > 0 else 1.0
    made = _made_of(table.columns, np.diag(covariance), axes, top)
    shares = (float(top[0] / total), float(top[1] / total))
    sample = _sample(place, seed)
    seen = table.block(sample) @ axes
    points = pd.DataFrame({"row": sample, "number": place[sample] + 1, "x": seen[:, 0], "y": seen[:, 1]})
    middle = pd.DataFrame({"number": np.arange(1, len(size) + 1), "customers": size, "x": flat[:, 0], "y": flat[:, 1]})
    told = tuple(_sentence(made, axis, share) for axis, share in zip(("x", "y"), shares, strict=True))
    return SegmentMap(points, middle, made, shares, between, told, _little(between))


def _little(between: float) -> tuple[Finding, ...]:
    if between >= _SEEN:
        return ()
    what = f"the map shows {between:.0%} of what lies between the segments' centres"
    return (CATALOGUE.finding("K069", "map of segments", what),)


class _Table:
    """The table whose axes are looked for, made in blocks of rows."""

    def __init__(self, rows: Mixed) -> None:
        self.rows = rows
        self.total = float(rows.weight.sum())
        self.shares = [self._shares(q) for q in range(len(rows.categorical))]
        self.columns: list[tuple[str, str | None]] = [(name, None) for name in rows.numeric]
        self.columns += [
            (name, level) for name, levels in zip(rows.categorical, rows.levels, strict=True) for level in levels
        ]
        self.mean, self.spread = self._moments()

    def _shares(self, q: int) -> Array:
        codes, levels = self.rows.codes[:, q], len(self.rows.levels[q])
        known = codes >= 0
        counts = np.bincount(codes[known], weights=self.rows.weight[known], minlength=levels)
        return counts / max(float(counts.sum()), np.finfo(float).tiny)

    def _moments(self) -> tuple[Array, Array]:
        """Mean and standard deviation of the numbers (P,) over filled cells."""
        sums = np.zeros((3, len(self.rows.numeric)))
        for block in self._blocks():
            x, w = self.rows.numbers[block].astype(float), self.rows.weight[block, None]
            known = ~np.isnan(x)
            x = np.where(known, x, 0.0)
            sums += np.stack([(w * known).sum(axis=0), (w * x).sum(axis=0), (w * x * x).sum(axis=0)])
        size = np.maximum(sums[0], np.finfo(float).tiny)
        mean = sums[1] / size
        return mean, np.sqrt(np.maximum(sums[2] / size - mean**2, 0.0))

    def _blocks(self) -> Iterator[slice]:
        for start in range(0, self.rows.n, _BLOCK):
            yield slice(start, start + _BLOCK)

    def block(self, part: slice | NDArray[np.intp]) -> Array:
        """Some rows of the table (M, D): scaled numbers, then indicators; weights of features are in the scale."""
        rows = self.rows
        safe = np.where(self.spread > 0, self.spread, 1.0)
        numbers = np.nan_to_num((rows.numbers[part] - self.mean) / safe) * np.sqrt(rows.number_weights)
        parts = [numbers]
        for q, share in enumerate(self.shares):
            codes = rows.codes[part, q]
            scale = np.sqrt(np.maximum(share, np.finfo(float).tiny))
            held = (codes[:, None] == np.arange(len(share))) / scale - scale
            held[codes < 0] = 0.0
            parts.append(np.where(share > 0, held, 0.0) * np.sqrt(rows.category_weights[q]))
        return np.concatenate(parts, axis=1)

    def covariance(self) -> Array:
        """Weighted covariance (D, D)."""
        found = np.zeros((len(self.columns), len(self.columns)))
        for part in self._blocks():
            block = self.block(part)
            found += block.T @ (block * self.rows.weight[part, None])
        return found / self.total

    def centres(self, place: NDArray[np.intp]) -> tuple[Array, Array]:
        """Mean row of each segment (K, D), and how many customers it has (K,)."""
        k = int(place.max()) + 1
        sums, size = np.zeros((k, len(self.columns))), np.bincount(place, weights=self.rows.weight, minlength=k)
        for part in self._blocks():
            one = (place[part, None] == np.arange(k)) * self.rows.weight[part, None]
            sums += one.T @ self.block(part)
        return sums / np.maximum(size, np.finfo(float).tiny)[:, None], size.astype(float)


def _sample(place: NDArray[np.intp], seed: int) -> NDArray[np.intp]:
    if len(place) <= POINTS:
        return np.arange(len(place))
    rng = np.random.default_rng(seed)
    return np.sort(rng.choice(len(place), POINTS, replace=False))


def _made_of(columns: list[tuple[str, str | None]], variance: Array, axes: Array, values: Array) -> pd.DataFrame:
    """Contribution and correlation of every column of the table, the strongest first."""
    frames = []
    for i, axis in enumerate(("x", "y")):
        with np.errstate(invalid="ignore", divide="ignore"):
            correlation = np.where(variance > 0, axes[:, i] * np.sqrt(values[i] / variance), 0.0)
        frames.append(
            pd.DataFrame(
                {
                    "axis": axis,
                    "feature": [name for name, _ in columns],
                    "level": pd.Series([level for _, level in columns], dtype=object),
                    "correlation": correlation,
                    "contribution": axes[:, i] ** 2,
                }
            ).sort_values("contribution", ascending=False, kind="stable")
        )
    return pd.concat(frames, ignore_index=True)


def _sentence(made: pd.DataFrame, axis: str, share: float) -> str:
    """For example "From left to right: more MntWines, Income; less Kidhome (31.4% of the variation)."."""
    own = made[(made["axis"] == axis) & (made["correlation"].abs() >= 0.3)]
    said: dict[bool, list[str]] = {True: [], False: []}
    for row in own.to_dict("records"):
        words = said[row["correlation"] > 0]
        if len(words) < _TOLD:
            words.append(str(row["feature"]) if row["level"] is None else f"{row['feature']} = {row['level']}")
    parts = [f"more {', '.join(said[True])}"] if said[True] else []
    parts += [f"less {', '.join(said[False])}"] if said[False] else []
    way = "From left to right" if axis == "x" else "From bottom to top"
    meaning = "; ".join(parts) or "no feature stands out"
    return f"{way}: {meaning} ({style.percent(share)} of the variation)."
