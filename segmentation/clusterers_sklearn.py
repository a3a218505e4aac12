"""scikit-learn's KMeans, MiniBatchKMeans, GaussianMixture and AgglomerativeClustering, behind the same interface.

They run on one thread: with several, scikit-learn adds partial sums in the order in which threads end.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from outlay.findings import Finding
from outlay.transforms import Array
from segmentation.catalogue import CATALOGUE
from segmentation.clusterers_centroids import Centroids, Gaussian
from segmentation.clusterers_matrix import Encoding
from segmentation.clustering import Clustering, ClusterModel
from segmentation.config import ClustersSection
from segmentation.mixed import Mixed
from segmentation.prototypes_columns import drawn_rows

LARGEST = 4_000
"""Customers whom agglomerative clustering compares pair by pair."""
SHORT, LONG, QUICK = 5, 100, 15
"""Steps of a start of the Gaussian mixture before the best goes on (Biernacki, Celeux & Govaert 2003), most steps of
that one, and of one on resampled customers, whose labels are settled before."""
_RIDGE = 1e-3
"""Added to the variances of the Gaussian mixture: columns of levels add up to a constant."""
_WHERE = "[customers.clusters] method"


def fit_kmeans(rows: Mixed, section: ClustersSection, k: int, seed: int) -> Clustering:
    """Fit KMeans, or MiniBatchKMeans where the section's method is "minibatch"."""
    from sklearn.cluster import KMeans, MiniBatchKMeans

    encoding, reason = Encoding.of(rows, section.gamma)
    kind: Any = MiniBatchKMeans if section.method == "minibatch" else KMeans
    model = kind(n_clusters=k, n_init=section.starts, random_state=seed)
    every = rows.take(drawn_rows(rows, rows.n, seed))
    _alone(model, encoding.matrix(every), sample_weight=every.weight)
    found = Centroids(section.method, encoding, model.cluster_centers_.astype(float))
    facts = {"gamma_reason": reason, "steps": int(model.n_iter_), "starts": section.starts}
    return _by_distance(found, rows, facts, _filled(rows))


def fit_agglomerative(rows: Mixed, section: ClustersSection, k: int, seed: int) -> Clustering:
    """Fit AgglomerativeClustering with Ward's criterion on at most `LARGEST` customers; all go to the nearest mean."""
    from sklearn.cluster import AgglomerativeClustering

    encoding, reason = Encoding.of(rows, section.gamma)
    drawn = drawn_rows(rows, LARGEST, seed)
    some = rows.take(drawn)
    matrix = encoding.matrix(some).astype(float)
    model = AgglomerativeClustering(n_clusters=k, linkage="ward")
    _alone(model, matrix)
    means = np.stack([np.average(matrix[model.labels_ == c], axis=0) for c in range(k)])
    found = Centroids("agglomerative", encoding, means)
    told = [*_filled(rows), *_unweighted(rows)]
    if some.n < rows.n:
        what = f"clusters were made from {some.n:,} of {rows.n:,} customers"
        told.append(CATALOGUE.finding("K038", _WHERE, what))
    return _by_distance(found, rows, {"gamma_reason": reason, "sample": some.n}, told)


def fit_gaussian(rows: Mixed, section: ClustersSection, k: int, seed: int) -> Clustering:
    """Fit GaussianMixture with full covariances, on at most `section.sample` customers."""
    encoding, reason = Encoding.of(rows, section.gamma)
    some = rows.take(drawn_rows(rows, section.sample, seed))
    matrix = encoding.matrix(some).astype(float)
    model = _mixture(matrix, k, seed, starts=max(1, section.starts // 3), most=LONG)
    found = Gaussian(encoding, model.weights_, model.means_, model.precisions_cholesky_)
    found = found.reordered(np.argsort(-found.share, kind="stable").astype(np.int64))
    assignment = found.assign(rows)
    log_likelihood = float(model.score(matrix) * some.n)
    facts: dict[str, Any] = {
        "gamma_reason": reason,
        "bic": float(_free(matrix.shape[1], k) * np.log(some.n) - 2.0 * log_likelihood),
        "log_likelihood": log_likelihood,
        "steps": int(model.n_iter_),
        "converged": bool(model.converged_),
        "sample": some.n,
    }
    told = [*_filled(rows), *_unweighted(rows)]
    if some.n < rows.n:
        what = f"the mixture was fitted on {some.n:,} of {rows.n:,} customers"
        told.append(CATALOGUE.finding("K038", _WHERE, what))
    if not model.converged_:
        told.append(CATALOGUE.finding("K043", f"k = {k}", f"EM still gained after {model.n_iter_} steps"))
    cost = -log_likelihood / some.n * float(rows.weight.sum())
    return Clustering(found, assignment, cost, facts, tuple(told))


def _free(width: int, k: int) -> int:
    """Free parameters: shares, and a mean and a covariance for each cluster."""
    return k - 1 + k * (width + width * (width + 1) // 2)


def refit_gaussian(rows: Mixed, section: ClustersSection, k: int, seed: int) -> Gaussian:
    """The model alone, of all rows and with at most `QUICK` steps: for resamples."""
    encoding, _ = Encoding.of(rows, section.gamma)
    model = _mixture(encoding.matrix(rows), k, seed, starts=1, most=QUICK)
    share, means, factors = (
        np.asarray(part, float) for part in (model.weights_, model.means_, model.precisions_cholesky_)
    )
    return Gaussian(encoding, share, means, factors)


def _mixture(matrix: NDArray[Any], k: int, seed: int, *, starts: int, most: int) -> Any:
    """Short runs from several starts, and the best of them to its end."""
    from sklearn.mixture import GaussianMixture

    steps = SHORT if starts > 1 else most
    model = GaussianMixture(
        k, n_init=starts, reg_covar=_RIDGE, random_state=seed, max_iter=steps, warm_start=starts > 1
    )
    _alone(model, matrix)
    if starts > 1:
        model.max_iter = most
        _alone(model, matrix)
    return model


def _alone(model: Any, matrix: NDArray[Any], **weights: Array) -> None:
    """Fit on one thread; what scikit-learn would warn of is in findings."""
    from sklearn.exceptions import ConvergenceWarning
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(matrix, **weights)


def _by_distance(model: ClusterModel, rows: Mixed, facts: dict[str, Any], told: list[Finding]) -> Clustering:
    assignment = model.assign(rows)
    sizes = np.bincount(assignment.labels, rows.weight, model.k)
    order = np.argsort(-sizes, kind="stable").astype(np.int64)
    if (order != np.arange(model.k)).any():
        model = model.reordered(order)
        assignment = model.assign(rows)
    cost = float((assignment.distance * rows.weight).sum())  # `@` adds up by thread
    return Clustering(model, assignment, cost, facts, tuple(told))


def _filled(rows: Mixed) -> list[Finding]:
    holes = int(np.isnan(rows.numbers).sum()) + int((rows.codes < 0).sum())
    if not holes:
        return []
    what = f"{holes:,} empty cells were filled with means of numbers and shares of levels"
    return [CATALOGUE.finding("K037", _WHERE, what)]


def _unweighted(rows: Mixed) -> list[Finding]:
    if np.ptp(rows.weight) == 0:
        return []
    return [CATALOGUE.finding("K039", "[customers] weight", "every row counts once while clusters are made")]
