"""Models that scikit-learn's methods leave behind: plain numbers that label new rows without scikit-learn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from outlay.transforms import Array
from segmentation.clusterers_matrix import Encoding
from segmentation.clustering import Assignment
from segmentation.mixed import Mixed
from segmentation.prototypes import sureness_of

_CHUNK = 16_384


@dataclass(frozen=True, eq=False)
class Centroids:
    """Clusters by their means; a row belongs to the nearest.

    Attributes
    ----------
    method : str
    encoding : Encoding
    means : ndarray (K, P + L)
    """

    method: str
    encoding: Encoding
    means: Array

    @property
    def k(self) -> int:
        """Number of clusters."""
        return len(self.means)

    def assign(self, rows: Mixed) -> Assignment:
        """Put rows to their nearest means; the distance is squared."""
        labels, best, second = np.empty(rows.n, np.int32), np.empty(rows.n), np.empty(rows.n)
        for part in _chunks(rows.n):
            matrix = self.encoding.matrix(rows.take(part)).astype(float)
            squares = np.stack([((matrix - mean) ** 2).sum(1) for mean in self.means], 1)
            labels[part] = squares.argmin(1)
            lowest = np.sort(squares, axis=1)
            best[part] = lowest[:, 0]
            second[part] = lowest[:, 1] if self.k > 1 else np.inf
        return Assignment(labels, best, sureness_of(best, second))

    def reordered(self, order: NDArray[np.int64]) -> Centroids:
        """The same with cluster ``order[j]`` in place j."""
        return replace(self, means=self.means[order])

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {"method": self.method, "encoding": self.encoding.as_dict(), "means": self.means.tolist()}

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> Self:
        """From what :meth:`as_dict` gave."""
        return cls(str(kept["method"]), Encoding.from_dict(kept["encoding"]), np.array(kept["means"], float))


@dataclass(frozen=True, eq=False)
class Gaussian:
    """Clusters as normal distributions with covariances of their own.

    Attributes
    ----------
    encoding : Encoding
    share : ndarray (K,)
    means : ndarray (K, D)
    factors : ndarray (K, D, D)
        Such that the precision of a cluster is ``factor @ factor.T`` (upper triangular).
    """

    encoding: Encoding
    share: Array
    means: Array
    factors: Array
    method: str = "gaussian"

    @property
    def k(self) -> int:
        """Number of clusters."""
        return len(self.means)

    def assign(self, rows: Mixed) -> Assignment:
        """Put rows to their most probable cluster; the distance is minus the log density there."""
        belongs, density = np.empty((rows.n, self.k)), np.empty((rows.n, self.k))
        determinant = np.log(np.diagonal(self.factors, axis1=1, axis2=2)).sum(1)
        constant = determinant - 0.5 * self.means.shape[1] * np.log(2 * np.pi)
        for part in _chunks(rows.n):
            matrix = self.encoding.matrix(rows.take(part)).astype(float)
            for c in range(self.k):
                away = (matrix - self.means[c]) @ self.factors[c]
                density[part, c] = constant[c] - 0.5 * (away**2).sum(1)
        joint = density + np.log(self.share)
        joint -= joint.max(1, keepdims=True)
        belongs = np.exp(joint) / np.exp(joint).sum(1, keepdims=True)
        labels = belongs.argmax(1)
        every = np.arange(rows.n)
        return Assignment(labels.astype(np.int32), -density[every, labels], belongs[every, labels], belongs)

    def reordered(self, order: NDArray[np.int64]) -> Gaussian:
        """The same with cluster ``order[j]`` in place j."""
        return replace(self, share=self.share[order], means=self.means[order], factors=self.factors[order])

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "method": self.method,
            "encoding": self.encoding.as_dict(),
            "share": self.share.tolist(),
            "means": self.means.tolist(),
            "factors": self.factors.tolist(),
        }

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> Self:
        """From what :meth:`as_dict` gave."""
        return cls(
            Encoding.from_dict(kept["encoding"]),
            np.array(kept["share"], float),
            np.array(kept["means"], float),
            np.array(kept["factors"], float),
        )


def _chunks(n: int) -> list[NDArray[np.intp]]:
    return [np.arange(low, min(low + _CHUNK, n)) for low in range(0, n, _CHUNK)]
