"""How much more or less a channel does in each group, with priors and gradients.

An effect is sampled as ``z * spread ** centring`` with ``z`` standard normal: only the coordinates depend on the
centring, and not the model.
"""

from __future__ import annotations

import math

from mmm.kernel_jit import Buffer, njit
from mmm.kernel_prior import HALF_LOG_2PI
from mmm.kernel_views import AT_EFFECT, AT_SPREAD, Levels

LOGNORMAL = 1
"""The hierarchy whose factors are exponentials; else they are one plus the deviation."""


@njit
def factors(theta: Buffer, levels: Levels, hierarchy: int, gradient: Buffer, out: Buffer) -> float:
    """Factors of the groups, (G, C), and the log prior of the effects."""
    n_groups, n_channels = out.shape
    out[:] = 0.0
    total = 0.0
    for level in range(levels.index.shape[0]):
        total += _level(theta, levels, level, gradient)
        spread_at, at = int(levels.places[AT_SPREAD, level]), int(levels.places[AT_EFFECT, level])
        for c in range(n_channels):
            scale = math.exp((1.0 - levels.centring[level, c]) * theta[spread_at + c])
            for g in range(n_groups):
                out[g, c] += scale * theta[at + int(levels.index[level, g]) * n_channels + c]
    for g in range(n_groups):
        for c in range(n_channels):
            out[g, c] = math.exp(out[g, c]) if hierarchy == LOGNORMAL else 1.0 + out[g, c]
    return total


@njit
def _level(theta: Buffer, levels: Levels, level: int, gradient: Buffer) -> float:
    """Log prior of the effects of one dimension."""
    spread_at, at = int(levels.places[AT_SPREAD, level]), int(levels.places[AT_EFFECT, level])
    n_channels = levels.centring.shape[1]
    n_values = 1 + int(levels.index[level].max())
    total = 0.0
    for c in range(n_channels):
        centring = levels.centring[level, c]
        scale = math.exp(-centring * theta[spread_at + c])
        squares = 0.0
        for j in range(n_values):
            z = theta[at + j * n_channels + c] * scale
            squares += z * z
            gradient[at + j * n_channels + c] -= z * scale
        total -= 0.5 * squares + n_values * (HALF_LOG_2PI + centring * theta[spread_at + c])
        gradient[spread_at + c] += centring * (squares - n_values)
    return total


@njit
def factors_back(
    theta: Buffer, levels: Levels, hierarchy: int, factor: Buffer, by_factor: Buffer, gradient: Buffer
) -> None:
    """Adds to the gradient from ``by_factor``, the gradient by each group's factor."""
    n_groups, n_channels = factor.shape
    for level in range(levels.index.shape[0]):
        spread_at, at = int(levels.places[AT_SPREAD, level]), int(levels.places[AT_EFFECT, level])
        for c in range(n_channels):
            free = 1.0 - levels.centring[level, c]
            scale = math.exp(free * theta[spread_at + c])
            for g in range(n_groups):
                i = at + int(levels.index[level, g]) * n_channels + c
                pull = by_factor[g, c] * factor[g, c] if hierarchy == LOGNORMAL else by_factor[g, c]
                gradient[i] += pull * scale
                gradient[spread_at + c] += pull * free * scale * theta[i]
