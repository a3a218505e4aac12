"""The latent-class mixture by EM: clusters in which numbers are normal and categories have shares, each on its own.

Missing cells leave the likelihood (they are taken to be missing at random given the cluster). Every cluster gets part
of one customer like the average of all (the Bayes constants of Latent GOLD: Vermunt & Magidson 2016, *Technical guide
for Latent GOLD*, section 7.3), so that no share is 0 and no variance vanishes; EM then climbs the likelihood times that
prior, and never falls.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from outlay.transforms import Array
from segmentation.prototypes_columns import Columns

LIMIT = 500
"""Most steps."""
TOLERANCE = 1e-6
"""Gain in log posterior per customer below which EM has ended."""
PRIOR = 1.0
"""Customers' worth of prior, over all clusters."""
FLOOR = 0.01
"""Least variance of a number in a cluster, as part of its variance among all: else a cluster of customers who share a
value (nothing spent, say) has a density without bound."""


@dataclass(frozen=True, eq=False)
class Parameters:
    """Of a mixture with K clusters.

    Attributes
    ----------
    share : ndarray (K,)
    means, variances : ndarray (K, P)
    levels : ndarray (K, L)
        Probability of each level of each category, one category after the other.
    """

    share: Array
    means: Array
    variances: Array
    levels: Array

    @property
    def k(self) -> int:
        """Number of clusters."""
        return len(self.share)


@dataclass(frozen=True, eq=False)
class Em:
    """Where EM ended.

    Attributes
    ----------
    parameters : Parameters
    log_likelihood : float
        Of these parameters.
    path : tuple of float
        Log posterior before each step.
    mass : ndarray (K,)
        Expected weight by cluster.
    converged : bool
    """

    parameters: Parameters
    log_likelihood: float
    path: tuple[float, ...]
    mass: Array
    converged: bool


@dataclass(frozen=True, eq=False)
class Prior:
    """What a mixture leans on: variances of numbers, (P,), and shares of levels, (L,), among all customers."""

    variances: Array
    levels: Array

    @classmethod
    def of(cls, columns: Columns) -> Prior:
        """From all customers. A level that nobody has gets its part of one more customer."""
        counts = columns.moments[1]
        levels = np.empty_like(counts)
        for low, high in pairwise(columns.offsets):
            levels[low:high] = (counts[low:high] + 1.0 / (high - low)) / (counts[low:high].sum() + 1.0)
        return cls(np.where(columns.variance > 1e-12, columns.variance, 1.0), levels)

    def log(self, at: Parameters) -> float:
        """Log prior of parameters, but for a constant."""
        spread = np.log(at.variances) + self.variances / at.variances
        found = np.log(at.share).sum() - 0.5 * spread.sum() + (np.log(at.levels) @ self.levels).sum()
        return float(PRIOR / at.k * found)


class _Pass:
    """One pass over all customers: the likelihood, and the sums of the next step."""

    def __init__(self, columns: Columns, at: Parameters) -> None:
        from segmentation.kernel_mixture import expect

        blocks, k, p = len(columns.edges) - 1, at.k, len(columns.numbers)
        sums, counts = np.zeros((blocks, 3, k, p)), np.zeros((blocks, k, columns.n_levels))
        mass, form = np.zeros((blocks, k)), compiled_form(at)
        told = columns.by_block(
            lambda b, first, last: expect(
                columns.numbers,
                columns.codes,
                columns.weight,
                first,
                last,
                *form,
                columns.offsets,
                sums[b],
                counts[b],
                mass[b],
            )
        )
        self.log_likelihood = float(sum(told))
        self.sums, self.counts, self.mass = sums.sum(0), counts.sum(0), mass.sum(0)

    def step(self, columns: Columns, at: Parameters, prior: Prior) -> Parameters:
        """The parameters that the pass asks for."""
        part = PRIOR / at.k
        share = (self.mass + part) / (self.mass.sum() + PRIOR)
        seen, one, two = self.sums
        away = np.divide(one, seen, out=np.zeros_like(one), where=seen > 0)
        squares = np.maximum(two - seen * away**2, 0.0)
        variances = np.maximum((squares + part * prior.variances) / (seen + part), FLOOR * prior.variances)
        return Parameters(share, at.means + away, variances, smoothed(self.counts, columns, prior))


def smoothed(counts: Array, columns: Columns, prior: Prior) -> Array:
    """Shares of levels by cluster, (K, L), from weights; part of the prior's customer is in each."""
    part = PRIOR / len(counts)
    levels = np.empty_like(counts)
    for low, high in pairwise(columns.offsets):
        own = np.maximum(counts[:, low:high], 0.0)
        levels[:, low:high] = (own + part * prior.levels[low:high]) / (own.sum(1, keepdims=True) + part)
    return levels


def compiled_form(at: Parameters) -> tuple[Array, Array, Array, Array, Array]:
    """Parameters as the kernels take them: logarithms, and halves of precisions."""
    scale = -0.5 * np.log(2 * np.pi * at.variances)
    return np.log(at.share), np.ascontiguousarray(at.means), 0.5 / at.variances, scale, np.log(at.levels)


def climb(columns: Columns, start: Parameters, prior: Prior, limit: int = LIMIT) -> Em:
    """EM from a start, until a step gains too little, or the limit."""
    at, path = start, list[float]()
    enough = TOLERANCE * float(columns.weight.sum())
    while True:
        found = _Pass(columns, at)
        path.append(found.log_likelihood + prior.log(at))
        ended = len(path) > 1 and path[-1] - path[-2] < enough
        if ended or len(path) > limit:
            return Em(at, found.log_likelihood, tuple(path), found.mass, ended)
        at = found.step(columns, at, prior)


def best_of(found: Sequence[Em]) -> Em:
    """The one with the greatest posterior, the first of several."""
    return max(found, key=lambda each: each.path[-1])


def ordered(at: Parameters, order: Sequence[int]) -> Parameters:
    """The same mixture with cluster ``order[j]`` in place j."""
    rows = list(order)
    return Parameters(at.share[rows], at.means[rows], at.variances[rows], at.levels[rows])
