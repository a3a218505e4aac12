"""Customers by segment and bin of a feature, then and now alike."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from outlay.transforms import Array
from segmentation.mixed import Mixed

if TYPE_CHECKING:
    from segmentation.prepare_fields import NumberField

BINS = 10

type Kind = Literal["number", "category", "segment"]
type Who = tuple[NDArray[np.int64], int]
"""Segment of each customer from 0, and how many segments there are."""


@dataclass(frozen=True, eq=False)
class DriftFeature:
    """How customers were spread over one feature. K segments, B bins.

    Attributes
    ----------
    name : str
    kind : {"number", "category", "segment"}
    edges : tuple of float
        Inner borders of the bins of a number, on the scale of comparison; a value on a border is in the lower bin.
    levels : tuple of str
        Names of the bins but the last, which holds missing and unknown cells.
    counts : ndarray (K, B)
        Customers by segment and bin.
    mean : ndarray (K + 1,)
        Of a number on the scale of comparison, of everybody and of each segment; NaN for a category.
    """

    name: str
    kind: Kind
    edges: tuple[float, ...]
    levels: tuple[str, ...]
    counts: Array
    mean: Array


def number_feature(rows: Mixed, j: int, who: Who, field: NumberField | None) -> DriftFeature:
    """A number in bins of a tenth of the customers each, where its values are different enough."""
    values = rows.numbers[:, j].astype(np.float64)
    held = values[~np.isnan(values)]
    inner = np.unique(np.quantile(held, np.arange(1, BINS) / BINS)) if held.size else np.empty(0)
    inner = inner[inner < held.max()] if held.size else inner  # else the last bin would be empty by construction
    levels = _bins(inner, field)
    feature = DriftFeature(rows.numeric[j], "number", tuple(map(float, inner)), levels, np.empty(0), np.empty(0))
    counts, mean = counted(feature, rows, who)
    return DriftFeature(feature.name, "number", feature.edges, levels, counts, mean)


def _bins(inner: Array, field: NumberField | None) -> tuple[str, ...]:
    """Names of the bins of a number: by their borders in original units where these are known."""
    size = len(inner) + 1
    if field is None or size == 1:
        return tuple(f"bin {b + 1} of {size}" for b in range(size))
    borders = [f"{border:,.4g}" for border in field.in_units(inner)]
    between = [f"{low} to {high}" for low, high in pairwise(borders)]
    return (f"up to {borders[0]}", *between, f"above {borders[-1]}")


def category_feature(rows: Mixed, j: int, who: Who) -> DriftFeature:
    """A category by its levels."""
    feature = DriftFeature(rows.categorical[j], "category", (), rows.levels[j], np.empty(0), np.empty(0))
    counts, mean = counted(feature, rows, who)
    return DriftFeature(feature.name, "category", (), feature.levels, counts, mean)


def counted(feature: DriftFeature, rows: Mixed, who: Who) -> tuple[Array, Array]:
    """Customers by segment and bin, and the mean of everybody and of each segment."""
    segment, k = who
    size = len(feature.levels) + 1
    if feature.kind == "category":
        codes = rows.codes[:, rows.categorical.index(feature.name)].astype(np.int64)
        places = np.where((codes < 0) | (codes >= size - 1), size - 1, codes)
        mean = np.full(k + 1, np.nan)
    else:
        values = rows.numbers[:, rows.numeric.index(feature.name)].astype(np.float64)
        empty = np.isnan(values)
        places = np.where(empty, size - 1, np.searchsorted(np.array(feature.edges), values, side="left"))
        weight = np.where(empty, 0.0, rows.weight)
        sums = sums_by(segment, weight * np.where(empty, 0.0, values), k)
        total = sums_by(segment, weight, k)
        sums, total = np.r_[sums.sum(), sums], np.r_[total.sum(), total]
        mean = np.divide(sums, total, out=np.full(k + 1, np.nan), where=total > 0)
    counts = sums_by(segment * size + places, rows.weight, k * size).reshape(k, size)
    return counts, mean


def sums_by(group: NDArray[np.int64], values: Array, size: int) -> Array:
    """Sums of values by group, (size,)."""
    return np.bincount(group, values, size).astype(np.float64)
