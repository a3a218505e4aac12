"""What the customers of each cluster are like on average, whatever the method: for names, and to match two runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from outlay.transforms import Array
from segmentation.mixed import Mixed


@dataclass(frozen=True, eq=False)
class SegmentMeans:
    """Means of K clusters, over the customers of whom a cell is known.

    Attributes
    ----------
    numeric, categorical : tuple of str
    levels : tuple of tuple of str
        Of the categories.
    means : ndarray (K, P)
        In scaled units; NaN where nobody of a cluster has the number.
    shares : tuple of ndarray (K, levels), one per category
        Part of a cluster that has the level; NaN where nobody of it has any.
    """

    numeric: tuple[str, ...]
    categorical: tuple[str, ...]
    levels: tuple[tuple[str, ...], ...]
    means: Array
    shares: tuple[Array, ...]

    @property
    def k(self) -> int:
        """Number of clusters."""
        return len(self.means)

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready; null where nothing is known."""
        return {
            "numeric": list(self.numeric),
            "categorical": list(self.categorical),
            "levels": [list(names) for names in self.levels],
            "means": _open(self.means),
            "shares": [_open(share) for share in self.shares],
        }

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> Self:
        """From what :meth:`as_dict` gave."""
        k = len(kept["means"])
        return cls(
            tuple(kept["numeric"]),
            tuple(kept["categorical"]),
            tuple(tuple(names) for names in kept["levels"]),
            np.array(kept["means"], float).reshape(k, len(kept["numeric"])),
            tuple(np.array(share, float).reshape(k, -1) for share in kept["shares"]),
        )


def segment_means(rows: Mixed, labels: NDArray[np.integer[Any]], k: int) -> SegmentMeans:
    """Weighted means of numbers and shares of levels, by cluster.

    Parameters
    ----------
    rows : Mixed
    labels : ndarray of int (N,)
        From 0; rows below 0 are left out.
    k : int
    """
    means = np.empty((k, rows.numbers.shape[1]))
    for j, column in enumerate(rows.numbers.T):
        here = (labels >= 0) & ~np.isnan(column)
        weight = rows.weight[here]
        total, seen = np.bincount(labels[here], weight * column[here], k), np.bincount(labels[here], weight, k)
        means[:, j] = np.divide(total, seen, out=np.full(k, np.nan), where=seen > 0)
    shares = []
    for codes, names in zip(rows.codes.T, rows.levels, strict=True):
        here = (labels >= 0) & (codes >= 0)
        cell = labels[here].astype(np.int64) * len(names) + codes[here]
        counts = np.bincount(cell, rows.weight[here], k * len(names)).reshape(k, len(names))
        seen = counts.sum(1, keepdims=True)
        shares.append(np.divide(counts, seen, out=np.full_like(counts, np.nan), where=seen > 0))
    return SegmentMeans(rows.numeric, rows.categorical, rows.levels, means, tuple(shares))


def centre_distance(before: SegmentMeans, after: SegmentMeans, gamma: float = 0.5) -> Array:
    """Distance between the clusters of two runs, (K before, K after), over the features and levels that both have.

    Squared differences of means, and gamma times the part of one cluster that would have to change its level to be like
    the other (total variation). Scaled units are those of each run's own scaling: match runs by shared customers where
    there are any.
    """
    found = np.zeros((before.k, after.k))
    for name in [name for name in before.numeric if name in after.numeric]:
        one, other = before.means[:, before.numeric.index(name)], after.means[:, after.numeric.index(name)]
        found += np.nan_to_num((one[:, None] - other[None, :]) ** 2)
    for name in [name for name in before.categorical if name in after.categorical]:
        one, other = _aligned(before, after, name)
        found += gamma * np.nan_to_num(0.5 * np.abs(one[:, None, :] - other[None, :, :]).sum(2))
    return found


def _aligned(before: SegmentMeans, after: SegmentMeans, name: str) -> tuple[Array, Array]:
    """Shares of the levels of one category in both runs, levels in one order; 0 where a run has not the level."""
    sides = [(run, run.categorical.index(name)) for run in (before, after)]
    names = sorted({level for run, place in sides for level in run.levels[place]})
    found = []
    for run, place in sides:
        wide = np.zeros((run.k, len(names)))
        wide[:, [names.index(level) for level in run.levels[place]]] = run.shares[place]
        found.append(wide)
    return found[0], found[1]


def _open(values: Array) -> list[list[float | None]]:
    return [[None if np.isnan(value) else float(value) for value in row] for row in values]
