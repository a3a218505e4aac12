"""Exponential and logarithm over arrays: plain functions that the rooms compile where they use them.

``math.exp`` and ``math.log`` inside a loop would keep the compiler from making vector instructions of it. These are
polynomials.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

Buffer = Any  # a float64 array inside compiled code

_LOG2E = 1.4426950408889634
_LN2_HIGH, _LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
_MANTISSA, _HALF = 0x000FFFFFFFFFFFFF, 0x3FE0000000000000
_SQRT_HALF = 0.7071067811865476


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
