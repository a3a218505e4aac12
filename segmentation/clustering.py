"""What every way of clustering gives: labels, how sure they are, and a model that labels new rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from outlay.findings import Finding
from outlay.transforms import Array
from segmentation.mixed import Mixed


@dataclass(frozen=True, eq=False)
class Assignment:
    """Rows put to clusters. N rows, K clusters.

    Attributes
    ----------
    labels : ndarray of int32 (N,)
        Cluster of each row, from 0.
    distance : ndarray (N,)
        What the row costs there (the model's own measure; smaller is more typical).
    sureness : ndarray (N,)
        From 0 (as near to a second cluster) to 1: the probability of the cluster where the model has one, else
        1 - distance to the nearest / distance to the second.
    membership : ndarray (N, K) or None
        Probability of each cluster, where the model has any.
    """

    labels: NDArray[np.int32]
    distance: Array
    sureness: Array
    membership: Array | None = None


class ClusterModel(Protocol):
    """A fitted clustering that can label new rows, and be kept without code."""

    @property
    def method(self) -> str:
        """Its name in ``[customers.clusters]``."""

    @property
    def k(self) -> int:
        """Number of clusters."""

    def assign(self, rows: Mixed) -> Assignment:
        """Label rows; missing and unseen cells pull to no cluster."""

    def reordered(self, order: NDArray[np.int64]) -> ClusterModel:
        """The same with cluster ``order[j]`` in place j."""

    def as_dict(self) -> dict[str, Any]:
        """Everything that it takes to label rows, as JSON-ready numbers and text."""


@dataclass(frozen=True, eq=False)
class Clustering:
    """A fitted clustering.

    Attributes
    ----------
    model : ClusterModel
    assignment : Assignment
        Of the rows that it was fitted on.
    cost : float
        The model's own criterion over all rows; smaller is better.
    facts : mapping of str to Any
        JSON-ready facts worth telling: gamma and its reason, iterations, starts and their costs, BIC, log-likelihood.
    findings : tuple of Finding
    """

    model: ClusterModel
    assignment: Assignment
    cost: float
    facts: Mapping[str, Any] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    @property
    def labels(self) -> NDArray[np.int32]:
        """Cluster of each row, from 0."""
        return self.assignment.labels

    @property
    def k(self) -> int:
        """Number of clusters."""
        return self.model.k
