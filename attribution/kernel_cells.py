"""Sums over cells by level: what the Laplace fit needs of them."""

from __future__ import annotations

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
