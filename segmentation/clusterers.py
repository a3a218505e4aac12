"""Every way of clustering, behind one interface."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from outlay.errors import DataError
from outlay.findings import Finding
from segmentation.catalogue import CATALOGUE
from segmentation.clusterers_centroids import Centroids, Gaussian
from segmentation.clusterers_sklearn import fit_agglomerative, fit_gaussian, fit_kmeans, refit_gaussian
from segmentation.clustering import Clustering, ClusterModel
from segmentation.config import ClustersSection
from segmentation.mixed import Mixed
from segmentation.mixture import Mixture, fit_mixture, refit_mixture
from segmentation.prototypes import Prototypes, fit_prototypes, refit_prototypes

OWN = frozenset({"kprototypes", "mixture"})
"""Methods whose kernels let go of the interpreter's lock; scikit-learn's may not run in several threads at once."""

MOST_LEVELS = 32_000
"""Levels that a category may have: codes are two bytes in the kernels, and nobody makes segments of more."""

_FIT: dict[str, Callable[[Mixed, ClustersSection, int, int], Clustering]] = {
    "kprototypes": fit_prototypes,
    "mixture": fit_mixture,
    "kmeans": fit_kmeans,
    "minibatch": fit_kmeans,
    "gaussian": fit_gaussian,
    "agglomerative": fit_agglomerative,
}
_FROM: dict[str, Callable[[Mapping[str, Any]], ClusterModel]] = {
    "kprototypes": Prototypes.from_dict,
    "mixture": Mixture.from_dict,
    "kmeans": Centroids.from_dict,
    "minibatch": Centroids.from_dict,
    "gaussian": Gaussian.from_dict,
    "agglomerative": Centroids.from_dict,
}


def fit_clusters(rows: Mixed, section: ClustersSection, k: int, seed: int) -> Clustering:
    """Put customers into k clusters by the method of the section.

    Parameters
    ----------
    rows : Mixed
    section : ClustersSection
        Its method and that method's settings; its own ``k`` is not looked at.
    k : int
    seed : int
        The same seed gives the same clusters, whatever the number of threads.

    Raises
    ------
    DataError
        Where there are more clusters than different customers (K030), a category with too many levels (K031), or no
        feature (K032).
    """
    findings = check_rows(rows, k)
    found = _FIT[section.method](rows, section, k, seed)
    return Clustering(found.model, found.assignment, found.cost, found.facts, (*findings, *found.findings))


def refit(rows: Mixed, section: ClustersSection, k: int, seed: int) -> ClusterModel:
    """The model alone, of rows that were checked before: for resamples."""
    if section.method == "kprototypes":
        return refit_prototypes(rows, section, k, seed)
    if section.method == "mixture":
        return refit_mixture(rows, section, k, seed)
    if section.method == "gaussian":
        return refit_gaussian(rows, section, k, seed)
    return _FIT[section.method](rows, section, k, seed).model


def model_from_dict(kept: Mapping[str, Any]) -> ClusterModel:
    """A model from what its ``as_dict`` gave."""
    if kept.get("method") not in _FROM:
        raise ValueError(f"no method of clustering is called {kept.get('method')!r}")
    return _FROM[kept["method"]](kept)


def check_rows(rows: Mixed, k: int) -> tuple[Finding, ...]:
    """Whether rows can be clustered at all: refused where not, told where some have nothing to go by."""
    bad: list[Finding] = []
    features = int((rows.number_weights > 0).sum() + (rows.category_weights > 0).sum())
    if features == 0:
        bad.append(CATALOGUE.finding("K032", "[customers] features", "there is no feature to make segments from"))
    for name, levels in zip(rows.categorical, rows.levels, strict=True):
        if len(levels) > MOST_LEVELS:
            bad.append(CATALOGUE.finding("K031", f"column {name}", f"{len(levels):,} different levels"))
    different = distinct_rows(rows, k) if features else 0
    if features and different < k:
        what = f"{k} segments are asked for, but only {different} of the {rows.n:,} customers differ"
        bad.append(CATALOGUE.finding("K030", "[customers.clusters] k", what))
    if bad:
        raise DataError(bad)
    empty = int((np.isnan(rows.numbers).all(1) & (rows.codes < 0).all(1)).sum())
    if not empty:
        return ()
    what = f"{empty:,} of {rows.n:,} customers have no feature that is known; the segment they get says nothing"
    return (CATALOGUE.finding("K036", "features", what),)


def distinct_rows(rows: Mixed, enough: int) -> int:
    """How many customers differ in features that count; counting stops at `enough`."""
    found, here, there = 0, rows.number_weights > 0, rows.category_weights > 0
    for size in (1_000, rows.n):
        # 0.0 takes the place of -0.0, whose bits differ
        numbers, codes = rows.numbers[:size][:, here] + np.float32(0.0), rows.codes[:size][:, there]
        joined = np.hstack([numbers.view(np.int32), codes]) if numbers.shape[1] else codes
        found = len(np.unique(np.ascontiguousarray(joined), axis=0))
        if found >= enough:
            break
    return found
