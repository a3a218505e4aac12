"""Draws that every way of giving credit shares: shares that add up to one, and what a conversion was worth."""

from __future__ import annotations

import numpy as np

from outlay.transforms import Array


def shares_of(credit: Array) -> Array:
    """Credits made to add up to one over the last axis; zeros where there is none."""
    total = credit.sum(-1, keepdims=True)
    return np.divide(credit, total, out=np.zeros_like(credit, dtype=float), where=total != 0)


def gammas(counts: Array, draws: int, rng: np.random.Generator) -> Array:
    """Weights of counts under the Bayesian bootstrap, (S, ...): made to add up to one, a Dirichlet posterior.

    The prior adds nothing to the counts (Rubin 1981); what was never seen stays at zero.
    """
    return rng.standard_gamma(np.broadcast_to(counts, (draws, *counts.shape)))


def mean_values(count: Array, value: Array, square: Array, draws: int, rng: np.random.Generator) -> Array:
    """Mean value of a conversion of each kind, (S, K): a gamma with the moments of the Bayesian bootstrap.

    Parameters
    ----------
    count, value, square : ndarray (K,)
        Conversions of each kind, the sum of their values, and of the squared values.
    """
    n = np.maximum(count, 1.0)
    mean = value / n
    spread = np.maximum(square / n - mean**2, 0.0) / n
    sure = (spread <= 1e-12 * mean**2) | (mean <= 0)
    shape = np.where(sure, 1.0, mean**2 / np.where(sure, 1.0, spread))
    noise = rng.standard_gamma(np.broadcast_to(shape, (draws, len(shape)))) / shape
    return np.asarray(np.where(sure, mean, mean * noise))
