"""The compiler of the kernel, and the few vector functions that its inner loops are made of.

Loops run over contiguous memory and hold nothing but arithmetic, so that the compiler turns them into vector
instructions.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np

from outlay import vector_math
from outlay.kernel_cache import KernelCache

CACHE = KernelCache("media-kernel", (*Path(__file__).parent.glob("kernel*.py"), Path(vector_math.__file__)))
"""Where the kernel is kept, by the hash of all its files."""

njit = CACHE.njit
exp_into = njit(vector_math.exp_into)
log_into = njit(vector_math.log_into)
Buffer = Any  # a float64 array inside compiled code


@njit
def dot(a: Buffer, b: Buffer) -> float:
    """Inner product."""
    total = 0.0
    for i in range(a.shape[0]):
        total += a[i] * b[i]
    return total


@njit
def add_scaled(scale: float, x: Buffer, out: Buffer) -> None:
    """``out += scale * x``."""
    for i in range(out.shape[0]):
        out[i] += scale * x[i]


@njit
def lag_sums(w: Buffer, x: Buffer, out: Buffer) -> None:
    """``out[t] = sum_l w[l] x[t + L - 1 - l]``: x begins L - 1 periods before out. Four lags share a pass."""
    n, last = out.shape[0], w.shape[0] - 1
    lag = 0
    while lag + 3 <= last:
        a, b, c, d = w[lag], w[lag + 1], w[lag + 2], w[lag + 3]
        at = last - lag
        xa, xb = x[at : at + n], x[at - 1 : at - 1 + n]
        xc, xd = x[at - 2 : at - 2 + n], x[at - 3 : at - 3 + n]
        if lag == 0:
            for t in range(n):
                out[t] = (a * xa[t] + b * xb[t]) + (c * xc[t] + d * xd[t])
        else:
            for t in range(n):
                out[t] += (a * xa[t] + b * xb[t]) + (c * xc[t] + d * xd[t])
        lag += 4
    if lag == 0:
        out[:] = 0.0
    while lag <= last:
        add_scaled(w[lag], x[last - lag : last - lag + n], out)
        lag += 1


@njit
def lag_sums_by_weight(g: Buffer, x: Buffer, out: Buffer) -> None:
    """``out[l] += sum_t g[t] x[t + L - 1 - l]``: what a gradient by the sums is by the weights."""
    n, last = g.shape[0], out.shape[0] - 1
    lag = 0
    while lag + 3 <= last:
        at = last - lag
        xa, xb = x[at : at + n], x[at - 1 : at - 1 + n]
        xc, xd = x[at - 2 : at - 2 + n], x[at - 3 : at - 3 + n]
        a, b, c, d = 0.0, 0.0, 0.0, 0.0
        for t in range(n):
            gt = g[t]
            a += gt * xa[t]
            b += gt * xb[t]
            c += gt * xc[t]
            d += gt * xd[t]
        out[lag] += a
        out[lag + 1] += b
        out[lag + 2] += c
        out[lag + 3] += d
        lag += 4
    while lag <= last:
        out[lag] += dot(g, x[last - lag : last - lag + n])
        lag += 1


@njit
def lag_sums_by_series(w: Buffer, g: Buffer, out: Buffer) -> None:
    """``out[i] = sum_l w[l] g[i - (L - 1) + l]``: what a gradient by the sums is by the series before them."""
    n, last = g.shape[0], w.shape[0] - 1
    out[:] = 0.0
    for lag in range(last + 1):
        add_scaled(w[lag], g, out[last - lag : last - lag + n])


@njit
def cholesky(a: Buffer) -> float:
    """Lower Cholesky factor in place; returns log|a|, or not a number where a is not positive definite."""
    n = a.shape[0]
    log_det = 0.0
    for j in range(n):
        s = a[j, j]
        for k in range(j):
            s -= a[j, k] * a[j, k]
        if not s > 0.0:
            return np.nan
        d = math.sqrt(s)
        a[j, j] = d
        log_det += 2.0 * math.log(d)
        for i in range(j + 1, n):
            s = a[i, j]
            for k in range(j):
                s -= a[i, k] * a[j, k]
            a[i, j] = s / d
    return log_det


@njit
def invert_lower(low: Buffer, out: Buffer) -> None:
    """``out = inverse of a lower triangle``; its upper triangle is set to zero."""
    n = low.shape[0]
    out[:] = 0.0
    for j in range(n):
        out[j, j] = 1.0 / low[j, j]
        for i in range(j + 1, n):
            s = 0.0
            for k in range(j, i):
                s -= low[i, k] * out[k, j]
            out[i, j] = s / low[i, i]
