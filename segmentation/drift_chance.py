"""What a stability index is by chance: two samples of one population, drawn at the sizes that are compared."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from outlay.transforms import Array

_DRAWS = 400


@dataclass(frozen=True)
class Chance:
    """A gamma distribution with the mean and variance of the index under no change.

    With many customers in every bin the index is (1/n + 1/m) times a chi-square of B - 1 degrees of freedom, which is a
    gamma; with few, its mean and variance are others, and a gamma with these fits well.

    Attributes
    ----------
    mean, variance : float
    """

    mean: float
    variance: float

    def quantile(self, level: float) -> float:
        """Index that is not exceeded with this probability."""
        from scipy.stats import gamma

        if not self.variance > 0:
            return self.mean
        return float(gamma.ppf(level, self._shape, scale=self.variance / self.mean))

    def beyond(self, index: float) -> float:
        """Probability of an index at least as large."""
        from scipy.stats import gamma

        if not self.variance > 0:
            return 1.0 if index <= self.mean else 0.0
        return float(gamma.sf(index, self._shape, scale=self.variance / self.mean))

    @property
    def _shape(self) -> float:
        return self.mean**2 / self.variance


def chance_of(pooled: Array, then: float, now: float) -> Chance:
    """Mean and variance of the index between two samples of the pooled shares.

    Parameters
    ----------
    pooled : ndarray (B,)
        Customers by bin, of both times together.
    then, now : float
        Customers of the two samples.

    Notes
    -----
    Simulated, always from the same stream of random numbers: the same question has the same answer. Bins that nobody
    is in are in both samples empty and are left as they are.
    """
    share = pooled / pooled.sum()
    n, m = max(round(then), 1), max(round(now), 1)
    rng = np.random.default_rng([n, m, len(share)])
    p, q = rng.multinomial(n, share, _DRAWS) + 0.5, rng.multinomial(m, share, _DRAWS) + 0.5
    p, q = p / p.sum(1, keepdims=True), q / q.sum(1, keepdims=True)
    index = ((q - p) * np.log(q / p)).sum(1)
    return Chance(float(index.mean()), float(index.var()))


def effective(total: Array, squares: Array) -> Array:
    """How many customers of equal weight tell as much, from sums of weights and of squared weights (Kish 1965)."""
    return np.divide(total**2, squares, out=np.zeros_like(total), where=squares > 0)
