"""What is computed over cells outside the sampler's loop: information of the Laplace fit, and rates of groups of leads."""

from __future__ import annotations

import math

import numpy as np

from attribution.kernel_jit import Buffer, njit


@njit
def crossed(index: Buffer, weight: Buffer, size: int) -> Buffer:
    """``X' diag(weight) X`` for the 0/1 matrix X that ``index`` (N, T) writes down."""
    out = np.zeros((size, size))
    for i in range(index.shape[0]):
        w = weight[i]
        for a in range(index.shape[1]):
            for b in range(index.shape[1]):
                out[index[i, a], index[i, b]] += w
    return out


@njit
def gathered(index: Buffer, values: Buffer) -> Buffer:
    """``X @ values``."""
    out = np.zeros(index.shape[0])
    for i in range(index.shape[0]):
        total = 0.0
        for t in range(index.shape[1]):
            total += values[index[i, t]]
        out[i] = total
    return out


@njit
def scattered(index: Buffer, values: Buffer, size: int) -> Buffer:
    """``X' @ values``."""
    out = np.zeros(size)
    for i in range(index.shape[0]):
        for t in range(index.shape[1]):
            out[index[i, t]] += values[i]
    return out


@njit
def reach_into(places: Buffer, base: Buffer, effects: Buffer, reach: Buffer) -> None:
    """``reach[s, m] *= sigmoid(base[s] + sum of effects[s, places[m]])``."""
    for s in range(base.shape[0]):
        own = effects[s]
        for m in range(places.shape[0]):
            eta = base[s]
            for t in range(places.shape[1]):
                eta += own[places[m, t]]
            reach[s, m] /= 1.0 + math.exp(-eta)


@njit
def grouped_into(group: Buffer, weight: Buffer, values: Buffer, out: Buffer) -> None:
    """``out[s, group[m]] += weight[m] * values[s, m]``."""
    for s in range(values.shape[0]):
        for m in range(group.shape[0]):
            out[s, group[m]] += weight[m] * values[s, m]
