"""Shapley values of channels, exact, from counts of the sets of channels that journeys touched.

The **sum game** (Zhao et al. 2018): a set of channels is worth the conversions of the journeys that touched channels of
the set only. A journey with the channels T is then worth something to every set that contains T, and its conversion is
shared equally among T:

    phi_i = sum over T that contain i of conversions(T) / |T|.

The **rate game** (after Shao and Li 2011): a set is worth the conversion rate of those journeys. All sets are valued at
once by a sum over subsets (zeta transform), and

    phi_i = sum over S without i of |S|! (m - |S| - 1)! / m! (v(S + i) - v(S)).

It shares the overall rate, and a channel whose journeys convert less often than the others' can be below zero.
"""

from __future__ import annotations

from math import lgamma

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attribution.credit_draws import gammas, mean_values, shares_of
from outlay.transforms import Array

MOST_CHANNELS = 20
"""Channels of the rate game, which values 2 to the power of their number of sets."""

_WORK = 3e7
_FEWEST = 100
_CHUNK = 200_000  # what one processor's own memory holds


def members(masks: NDArray[np.int64], n_channels: int) -> Array:
    """Which channels a set has, (T, m), from its bits."""
    return ((masks[:, None] >> np.arange(n_channels)) & 1).astype(float)


def sum_game(masks: NDArray[np.int64], conversions: Array, n_channels: int) -> Array:
    """Shapley values of the sum game, (..., m); they add up to the conversions.

    Parameters
    ----------
    masks : ndarray of int (T,)
        Sets of channels as bits.
    conversions : ndarray (..., T)
        Conversions, or value, or draws of them.
    """
    sets = members(masks, n_channels)
    return np.asarray((conversions / sets.sum(1)) @ sets)


def rate_game(masks: NDArray[np.int64], journeys: Array, conversions: Array, n_channels: int) -> Array:
    """Shapley values of the rate game, (..., m); they add up to the overall rate.

    Parameters
    ----------
    masks : ndarray of int (T,)
        Sets of channels as bits.
    journeys, conversions : ndarray (..., T)
        Journeys of each set, and conversions or value among them.
    """
    n, c = _subset_sums(masks, journeys, n_channels), _subset_sums(masks, conversions, n_channels)
    worth = np.divide(c, n, out=np.zeros_like(c), where=n > 0)
    size = np.zeros(1 << n_channels, np.int64)
    for i in range(n_channels):
        size.reshape(-1, 2, 1 << i)[:, 1] += 1
    m = n_channels
    weight = np.exp([lgamma(k + 1) + lgamma(m - k) - lgamma(m + 1) for k in range(m)])
    # A set counts for its members by what it adds to the set without them, and against the others by what they add.
    joined, apart = np.append(0.0, weight)[size], np.append(weight, 0.0)[size]
    against = worth @ apart
    left = worth * (joined + apart)
    phi = np.empty((*worth.shape[:-1], m))
    for i in range(m - 1, -1, -1):
        half = 1 << i
        phi[..., i] = left[..., half:].sum(-1) - against
        left = left[..., :half] + left[..., half:]
    return phi


def _subset_sums(masks: NDArray[np.int64], counts: Array, n_channels: int) -> Array:
    """For every set of channels, the counts of all sets within it, (..., 2^m)."""
    full = np.zeros((*counts.shape[:-1], 1 << n_channels))
    full[..., masks] = counts
    for i in range(n_channels):
        pairs = full.reshape(*full.shape[:-1], -1, 2, 1 << i)
        pairs[..., 1, :] += pairs[..., 0, :]
    return full


def rate_draws(sets: pd.DataFrame, n_channels: int, draws: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """The rate game under the Dirichlet posterior of journeys by set and outcome: shares of conversions and of value.

    Many channels get fewer draws, but 100 at least.
    """
    states = n_channels << n_channels
    draws = max(min(draws, int(_WORK / states)), min(draws, _FEWEST))
    size = max(1, int(_CHUNK / (1 << n_channels)))
    masks = sets["mask"].to_numpy(np.int64)
    won = sets["conversions"].to_numpy(float)
    lost = sets["journeys"].to_numpy(float) - won
    worth, square = sets["value"].to_numpy(float), sets["square"].to_numpy(float)
    found: list[tuple[Array, Array]] = []
    for start in range(0, draws, size):
        number = min(size, draws - start)
        converted = gammas(won, number, rng)
        journeys = converted + gammas(lost, number, rng)
        value = converted * mean_values(won, worth, square, number, rng)
        found.append((rate_game(masks, journeys, converted, n_channels), rate_game(masks, journeys, value, n_channels)))
    conversions, values = (shares_of(np.concatenate(part)) for part in zip(*found, strict=True))
    return conversions, values
