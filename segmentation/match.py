"""Labels that mean the same from one run to the next: clusters are matched to those of before.

Where both runs labelled the same customers, clusters are matched by the customers they share (Hungarian method: Kuhn
1955, as scipy.optimize.linear_sum_assignment); where they share none, by the distance of their centres.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from outlay.transforms import Array

SAME = 1 / 3
"""Least part of the customers in either cluster that must be in both: half of two clusters of equal size."""


@dataclass(frozen=True, eq=False)
class Match:
    """Clusters of a run matched to those of an earlier one. K clusters now.

    Attributes
    ----------
    order : ndarray of int64 (K,)
        For :meth:`segmentation.clustering.ClusterModel.reordered`: clusters that were there before first, in the order
        of before, then new ones in their own order.
    partner : ndarray of int64 (K,)
        Cluster of before, from 0, of each cluster of now **after** reordering; -1 where it is new.
    overlap : DataFrame
        One row per pair that shares customers: ``before``, ``after`` (numbers from 0, of now after reordering),
        ``customers``, ``share_before`` (part of the cluster of before), ``share_after``, ``jaccard``, ``matched``.
    ari : float
        Adjusted Rand index of the two labellings (Hubert & Arabie 1985); NaN where no customers are shared.
    kept : float
        Part of the shared customers whose cluster is the partner of the one they were in; NaN where none are shared.
    """

    order: NDArray[np.int64]
    partner: NDArray[np.int64]
    overlap: pd.DataFrame
    ari: float
    kept: float

    @property
    def similarity(self) -> dict[str, float]:
        """How alike the two runs are, JSON-ready."""
        return {"ari": self.ari, "kept": self.kept}


def match_labels(
    before: NDArray[np.integer[Any]], after: NDArray[np.integer[Any]], k_before: int, k_after: int
) -> Match:
    """Match clusters by the customers that they share.

    Parameters
    ----------
    before, after : ndarray of int (N,)
        Clusters of the same N customers, from 0; -1 where a customer was not labelled in a run.
    k_before, k_after : int
        Number of clusters of each run.
    """
    both = (before >= 0) & (after >= 0)
    table = contingency(before[both], after[both], k_before, k_after)
    if table.sum() == 0:
        raise ValueError("no customer is labelled in both runs")
    union = table.sum(1)[:, None] + table.sum(0)[None, :] - table
    jaccard = table / np.maximum(union, 1)
    same = jaccard >= SAME
    order, partner = _ordered(*_paired(-np.where(same, jaccard, 0.0), same), k_after)
    table, jaccard = table[:, order], jaccard[:, order]
    kept = sum(int(table[old, new]) for new, old in enumerate(partner) if old >= 0) / int(table.sum())
    return Match(order, partner, _overlap(table, jaccard, partner), adjusted_rand(table), kept)


def contingency(
    one: NDArray[np.integer[Any]], other: NDArray[np.integer[Any]], k_one: int, k_other: int
) -> NDArray[np.int64]:
    """Customers by cluster in both labellings, (k_one, k_other)."""
    flat = np.bincount(one.astype(np.int64) * k_other + other, minlength=k_one * k_other)
    return flat.reshape(k_one, k_other).astype(np.int64)


def adjusted_rand(table: NDArray[np.int64]) -> float:
    """Adjusted Rand index of two labellings by their contingency table (Hubert & Arabie 1985, equation 5)."""
    table = table.astype(float)
    pairs, rows, columns = (float((x * (x - 1)).sum() / 2) for x in (table, table.sum(1), table.sum(0)))
    total = float(table.sum())
    expected = rows * columns / max(total * (total - 1) / 2, 1.0)
    most = (rows + columns) / 2
    return 1.0 if most == expected else (pairs - expected) / (most - expected)


def _paired(cost: Array, allowed: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs (before, after) of the cheapest assignment, without those that are not allowed."""
    from scipy.optimize import linear_sum_assignment

    before, after = linear_sum_assignment(cost)
    same = allowed[before, after]
    return np.asarray(before[same], np.int64), np.asarray(after[same], np.int64)


def _ordered(
    before: NDArray[np.int64], after: NDArray[np.int64], k_after: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Matched clusters in the order of before, then the others; and the partner of each in that order."""
    by_before = np.argsort(before)
    others = np.setdiff1d(np.arange(k_after), after)
    order = np.concatenate([after[by_before], others]).astype(np.int64)
    partner = np.concatenate([before[by_before], np.full(len(others), -1)]).astype(np.int64)
    return order, partner


def _overlap(table: NDArray[np.int64], jaccard: Array, partner: NDArray[np.int64]) -> pd.DataFrame:
    old, new = np.nonzero(table)
    customers = table[old, new]
    return pd.DataFrame(
        {
            "before": old,
            "after": new,
            "customers": customers,
            "share_before": customers / table.sum(1)[old],
            "share_after": customers / table.sum(0)[new],
            "jaccard": jaccard[old, new],
            "matched": partner[new] == old,
        }
    )
