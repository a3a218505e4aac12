"""How much nearer customers are to their own cluster than to the next: silhouettes in the mixed distance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from outlay.compiled import on_cores
from outlay.transforms import Array
from segmentation.mixed import Mixed
from segmentation.prototypes import gamma_of
from segmentation.prototypes_columns import Columns, drawn_rows

MOST = 3_000
"""Customers whose silhouettes are computed: their mean is known to about 0.01 then, and work grows with the square."""
_PART = 200


@dataclass(frozen=True, eq=False)
class Silhouette:
    """Silhouettes of some customers.

    Attributes
    ----------
    mean : float
        From -1 (in the wrong cluster) over 0 (between two) to 1; NaN for a single cluster.
    error : float
        Standard error of the mean, because it is of a sample.
    by_cluster : ndarray (K,)
        Mean by cluster; NaN where nobody of it was drawn.
    """

    mean: float
    error: float
    by_cluster: Array


def silhouette(
    rows: Mixed, labels: NDArray[np.integer[Any]], k: int, seed: int, gamma: float | None = None, most: int = MOST
) -> Silhouette:
    """Mean silhouette of a sample of customers, each against the sample (Rousseeuw 1987).

    Parameters
    ----------
    rows : Mixed
        N rows, of which `most` are drawn where there are more; one of weight 2 counts as two customers.
    labels : ndarray of int (N,)
    k, seed : int
    gamma : float, optional
        What a different category counts; Huang's where none is given.
    most : int
    """
    drawn = drawn_rows(rows, most, seed)
    some, own = rows.take(drawn), np.ascontiguousarray(labels[drawn], np.int64)
    weights = _costs(rows if len(drawn) == rows.n else some, gamma)
    values = silhouette_values(Columns.of(some), own, k, *weights)
    if len(np.unique(own)) < 2:
        return Silhouette(float("nan"), float("nan"), np.full(k, np.nan))
    weight = some.weight
    sizes = np.bincount(own, weight, k)
    by_cluster = np.divide(np.bincount(own, weight * values, k), sizes, out=np.full(k, np.nan), where=sizes > 0)
    mean = float(np.average(values, weights=weight))
    error = float(np.sqrt((weight**2 * (values - mean) ** 2).sum()) / weight.sum())
    return Silhouette(mean, error, by_cluster)


def silhouette_values(
    columns: Columns, labels: NDArray[np.int64], k: int, number_cost: Array, mismatch_cost: Array
) -> Array:
    """Silhouette of every row against all of them, (N,)."""
    from segmentation.kernel_silhouette import silhouettes

    weight, out = columns.weight, np.zeros(columns.n)
    sizes = np.bincount(labels, weight, k)

    def part(number: int) -> None:
        first, last = number * _PART, min((number + 1) * _PART, columns.n)
        silhouettes(columns.numbers, columns.codes, first, last, number_cost, mismatch_cost, weight, labels, sizes, out)

    on_cores(part, -(-columns.n // _PART))
    return out


def _costs(rows: Mixed, gamma: float | None) -> tuple[Array, Array]:
    value = gamma_of(Columns.of(rows), gamma).value
    return rows.number_weights.astype(float), value * rows.category_weights.astype(float)
