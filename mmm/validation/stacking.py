"""Stacking: the mixture of forecasts that would have predicted best what none of them had seen.

Yao, Vehtari, Simpson and Gelman (2018), "Using stacking to average Bayesian predictive distributions".
"""

from __future__ import annotations

import numpy as np

from outlay.transforms import Array

TOLERANCE = 1e-6
_ROUNDS = 20_000


def stacking_weights(density: Array) -> Array:
    """Weights of a mixture that maximise the mean log density of held-out values, (K,).

    The problem is concave. Weights grow by the share of each value that a forecast accounts for (the EM step for
    mixture weights), until no forecast could add more than a millionth: the mean of a forecast's density over the
    mixture's, less one, bounds what is missing to the best mixture.

    Parameters
    ----------
    density : ndarray (N, K)
        Log predictive density of each held-out value under each forecast.
    """
    if density.ndim != 2 or not density.size:
        raise ValueError("one row per held-out value and one column per forecast")
    relative = np.exp(density - density.max(axis=1, keepdims=True))
    weights = np.full(density.shape[1], 1.0 / density.shape[1])
    for _ in range(_ROUNDS):
        growth = (relative / (relative @ weights)[:, None]).mean(axis=0)
        if growth.max() - 1.0 <= TOLERANCE:
            break
        weights = weights * growth
    return np.asarray(weights / weights.sum())


def predictive_density(draws: Array) -> Array:
    """Log of the mean density over draws, (S, ...) to (...)."""
    top = draws.max(axis=0)
    return np.asarray(top + np.log(np.exp(draws - top).mean(axis=0)))


def mixture(draws: list[Array], weights: Array, size: int, seed: int) -> Array:
    """Draws of a mixture, (size, ...): each comes from one forecast, as often as its weight says.

    Parameters
    ----------
    draws : list of ndarray (S, ...)
        Draws of each forecast.
    weights : ndarray (K,)
        Weights, which sum to one.
    size, seed : int
        How many, and of what randomness.
    """
    rng = np.random.default_rng(seed)
    # Systematic resampling: counts are off by less than one from their share, so that rare forecasts are not lost.
    place = (rng.random() + np.arange(size)) / size
    source = np.minimum(np.searchsorted(np.cumsum(weights), place), len(weights) - 1)
    return np.stack([draws[k][rng.integers(len(draws[k]))] for k in source])
