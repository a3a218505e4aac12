"""The compiler of the kernel, and the few vector functions that its inner loops are made of.

Loops run over contiguous memory and hold nothing but arithmetic, so that the compiler turns them into vector
instructions. ``math.exp`` and ``math.log`` would stop that; :func:`exp_into` and :func:`log_into` are polynomials.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np

from outlay.compiled import KernelCache

CACHE = KernelCache("media-kernel", tuple(Path(__file__).parent.glob("kernel*.py")))
"""Where the kernel is kept, by the hash of all its files."""

njit = CACHE.njit
Buffer = Any  # a float64 array inside compiled code

_LOG2E = 1.4426950408889634
_LN2_HIGH, _LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
_MANTISSA, _HALF = 0x000FFFFFFFFFFFFF, 0x3FE0000000000000
_SQRT_HALF = 0.7071067811865476


@njit
def exp_into(x: Buffer, out: Buffer, power: Buffer) -> None:
    """``out = exp(x)`` within 1e-15, for x between -700 and 700 (clipped there). ``power`` is scratch."""
    bits = power.view(np.int64)
    for i in range(x.shape[0]):
        z = min(max(x[i], -700.0), 700.0)
        k = math.floor(z * _LOG2E + 0.5)
        r = (z - k * _LN2_HIGH) - k * _LN2_LOW
        p = 2.505210838544172e-08
        p = p * r + 2.755731922398589e-07
        p = p * r + 2.7557319223985893e-06
        p = p * r + 2.48015873015873e-05
        p = p * r + 1.984126984126984e-04
        p = p * r + 1.388888888888889e-03
        p = p * r + 8.333333333333333e-03
        p = p * r + 4.1666666666666664e-02
        p = p * r + 1.6666666666666666e-01
        p = p * r + 0.5
        p = p * r + 1.0
        out[i] = p * r + 1.0
        bits[i] = (np.int64(k) + 1023) << 52
    for i in range(x.shape[0]):
        out[i] *= power[i]


@njit
def log_into(x: Buffer, out: Buffer, mantissa: Buffer) -> None:
    """``out = log(x)`` within 1e-15 for normal numbers above zero. ``mantissa`` is scratch."""
    raw, bits = x.view(np.int64), mantissa.view(np.int64)
    for i in range(x.shape[0]):
        bits[i] = (raw[i] & _MANTISSA) | _HALF  # between one half and one
    for i in range(x.shape[0]):
        m = mantissa[i]
        exponent = float((raw[i] >> 52) - 1022)
        if m < _SQRT_HALF:
            m += m
            exponent -= 1.0
        s = (m - 1.0) / (m + 1.0)
        z = s * s
        p = 1.0 / 21.0
        p = p * z + 1.0 / 19.0
        p = p * z + 1.0 / 17.0
        p = p * z + 1.0 / 15.0
        p = p * z + 1.0 / 13.0
        p = p * z + 1.0 / 11.0
        p = p * z + 1.0 / 9.0
        p = p * z + 1.0 / 7.0
        p = p * z + 1.0 / 5.0
        p = p * z + 1.0 / 3.0
        p = p * z + 1.0
        out[i] = exponent * _LN2_HIGH + (2.0 * s * p + exponent * _LN2_LOW)


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
