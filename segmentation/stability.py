"""Whether clusters come back: the same method on resampled customers, compared cluster by cluster.

Hennig (2007), *Cluster-wise assessment of cluster stability*: in each bootstrap resample, a cluster's stability is the
greatest Jaccard similarity (customers in both / customers in either) with any cluster that is found there, over the
customers who were drawn. Its rule of thumb: below 0.6 a cluster should not be trusted, from 0.75 on it is a pattern,
from 0.85 on it is highly stable.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from outlay.compiled import on_cores
from outlay.transforms import Array
from segmentation.clusterers import OWN, refit
from segmentation.config import ClustersSection
from segmentation.mixed import Mixed
from segmentation.prototypes_columns import drawn_rows

TRUSTED, PATTERN = 0.6, 0.75
"""Hennig's limits."""

_STARTS = 3
"""Starts of methods that take long. k-prototypes has as many as in the fit, and all are new: a start at the clusters
that are asked about would find these again although others cost less."""
_UNWEIGHTED = frozenset({"gaussian", "agglomerative"})
"""Methods to which a customer who was drawn twice has to be shown twice."""
_MOST = {
    "kprototypes": 10_000,
    "mixture": 5_000,
    "kmeans": 5_000,
    "minibatch": 5_000,
    "gaussian": 2_000,
    "agglomerative": 1_500,
}
"""Customers whom methods that take long are judged on."""


@dataclass(frozen=True, eq=False)
class Stability:
    """How alike clusters of resampled customers are to the ones that were found.

    Attributes
    ----------
    by_cluster : ndarray (K,)
        Mean Jaccard similarity of each cluster, from 0 to 1; NaN without resamples.
    mean : float
        Their mean in proportion to size.
    low : float
        The lowest.
    resamples, customers : int
        What it rests on.
    """

    by_cluster: Array
    mean: float
    low: float
    resamples: int
    customers: int


def stability(rows: Mixed, labels: NDArray[np.integer[Any]], section: ClustersSection, k: int, seed: int) -> Stability:
    """Cluster-wise stability by `section.bootstraps` resamples of at most `section.sample` customers.

    Parameters
    ----------
    rows : Mixed
    labels : ndarray of int (N,)
        The clusters that are asked about, from 0.
    section : ClustersSection
        Method, sample, bootstraps.
    k, seed : int
    """
    drawn = drawn_rows(rows, min(section.sample, _MOST.get(section.method, section.sample)), seed)
    some, own = rows.take(drawn), labels[drawn]
    if section.bootstraps == 0:
        return Stability(np.full(k, np.nan), float("nan"), float("nan"), 0, some.n)
    streams = np.random.SeedSequence(seed).spawn(section.bootstraps)
    spread = on_cores if section.method in OWN else _in_turn
    found = np.array(spread(lambda b: _once(some, own, section, k, streams[b]), section.bootstraps))
    by_cluster = found.mean(0)
    sizes = np.bincount(own, some.weight, k)
    mean = float(by_cluster @ sizes / sizes.sum())
    return Stability(by_cluster, mean, float(by_cluster[sizes > 0].min()), section.bootstraps, some.n)


def _in_turn(task: Callable[[int], Array], count: int) -> list[Array]:
    return [task(number) for number in range(count)]


def _once(
    rows: Mixed, labels: NDArray[np.integer[Any]], section: ClustersSection, k: int, stream: np.random.SeedSequence
) -> Array:
    """Greatest Jaccard similarity of each cluster with one of a resample, (K,)."""
    rng = np.random.default_rng(stream)
    times = np.bincount(rng.integers(0, rows.n, rows.n), minlength=rows.n)
    there = np.flatnonzero(times)
    some = rows.take(there)
    if section.method in _UNWEIGHTED or len(there) < k:  # scikit-learn refuses fewer rows than clusters
        drawn = rows.take(np.repeat(np.arange(rows.n), times))
    else:
        drawn = replace(some, weight=some.weight * times[there])
    count = section.starts if section.method == "kprototypes" else min(section.starts, _STARTS)
    few = section.model_copy(update={"starts": count, "sample": max(rows.n, 100)})
    again = refit(drawn, few, k, int(rng.integers(2**31))).assign(some).labels
    cell = labels[there].astype(np.int64) * k + again
    table = np.bincount(cell, some.weight, k * k).reshape(k, k)
    union = table.sum(1)[:, None] + table.sum(0)[None, :] - table
    return np.divide(table, union, out=np.zeros_like(table), where=union > 0).max(1)
