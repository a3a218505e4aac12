"""Special functions of lifetime value, with their derivatives."""

from __future__ import annotations

import math

from segmentation.kernel_clv_jit import Buffer, njit

_ASYMPTOTIC = 10.0
"""From here on the digamma function is its asymptotic series, to 1e-15."""

_SMALL = 1e-17
_MOST_TERMS = 200_000
"""Where alpha and beta are a million apart, the series is given up, and the sampler is told not to go there."""


@njit
def digamma(x: float) -> float:
    """Derivative of the logarithm of the gamma function, for x > 0."""
    total = 0.0
    while x < _ASYMPTOTIC:
        total -= 1.0 / x
        x += 1.0
    y = 1.0 / (x * x)
    tail = 691.0 / 32760.0 - y / 12.0
    tail = 1.0 / 132.0 - y * tail
    tail = 1.0 / 240.0 - y * tail
    tail = 1.0 / 252.0 - y * tail
    tail = 1.0 / 120.0 - y * tail
    tail = y * (1.0 / 12.0 - y * tail)
    return total + math.log(x) - 0.5 / x - tail


@njit
def falling_series(d: float, k: float, z: float, out: Buffer) -> None:
    """``S = sum over n of z^n prod over j < n of (d + j) / (k + 1 + j)``, for 0 < d < k + 1 and 0 <= z < 1.

    Euler's transformation of Gauss' function: ``2F1(k, k + 1 - d; k + 1; z) = (1 - z)^(d - k) S``. All its terms are
    positive and fall, so that nothing cancels wherever the parameters are. ``out`` becomes the logarithm of S and its
    derivatives by d, k and z.
    """
    term, total = 1.0, 1.0
    by_d, by_k, by_z = 0.0, 0.0, 0.0
    up, down, n = 0.0, 0.0, 0
    while True:
        upper, lower = d + n, k + 1.0 + n
        term *= z * upper / lower
        up += 1.0 / upper
        down += 1.0 / lower
        n += 1
        total += term
        by_d += term * up
        by_k -= term * down
        by_z += term * n
        if not term * (1.0 + n) > _SMALL * (1.0 - z) * total or n > _MOST_TERMS:
            break
    out[0] = math.log(total) if n <= _MOST_TERMS else math.nan
    out[1] = by_d / total
    out[2] = by_k / total
    out[3] = by_z / (z * total) if z > 0.0 else d / (k + 1.0)
