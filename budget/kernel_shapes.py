"""Compiled saturations: one exposure at a time with both derivatives, and many draws at a time with the slope.

They are those of :data:`outlay.transforms.SATURATIONS`; tests hold both against each other.
"""

from __future__ import annotations

import math

import numpy as np

from budget.kernel_jit import Buffer, exp_into, log_into, njit
from outlay.transforms import Array

LINE, RATIO, TANH, ROOT, HILL = range(5)
_LOG3 = math.log(3.0)
_CODES = {"none": LINE, "michaelis_menten": RATIO, "logistic": TANH, "tanh": TANH, "root": ROOT, "hill": HILL}


def code_of(family: str, exponent: Array) -> int:
    """Code of a family in compiled code; a Hill curve whose exponents are all one is a ratio, and many times faster."""
    return RATIO if family == "hill" and bool((exponent == 1.0).all()) else _CODES[family]


@njit
def bend(code: int, a: float, half: float, exponent: float) -> tuple[float, float, float]:
    """Saturation, its slope and its second derivative at a scaled adstock ``a > 0``."""
    if code == LINE:
        return a, 1.0, 0.0
    if code == RATIO:
        inverse = 1.0 / (a + half)
        fall = half * inverse * inverse
        return a * inverse, fall, -2.0 * fall * inverse
    if code == TANH:
        rate = _LOG3 / half
        fallen = math.exp(-rate * a)
        inverse = 1.0 / (1.0 + fallen)
        value = (1.0 - fallen) * inverse
        fall = 2.0 * rate * fallen * inverse * inverse
        return value, fall, -rate * value * fall
    if code == ROOT:
        value = math.exp(exponent * math.log(a))
        fall = exponent * value / a
        return value, fall, (exponent - 1.0) * fall / a
    ratio = math.exp(min(max(exponent * math.log(a / half), -700.0), 700.0))
    value = ratio / (1.0 + ratio)
    left = 1.0 / (1.0 + ratio)
    fall = exponent * value * left / a
    return value, fall, fall / a * (exponent * (left - value) - 1.0)


@njit
def bend_into(code: int, x: Buffer, half: Buffer, exponent: Buffer, out: Buffer, scratch: Buffer) -> None:
    """Saturation and its slope at scaled exposures (S,), into ``out`` (2, S); ``scratch`` is (1, S)."""
    n, value, slope = x.shape[0], out[0], out[1]
    if code == LINE:
        for s in range(n):
            value[s], slope[s] = x[s], 1.0
    elif code == RATIO:
        for s in range(n):
            inverse = 1.0 / (x[s] + half[s])
            value[s], slope[s] = x[s] * inverse, half[s] * inverse * inverse
    elif code == TANH:
        for s in range(n):
            value[s] = -_LOG3 * x[s] / half[s]
        exp_into(value, slope, scratch[0])
        for s in range(n):
            fallen, inverse = slope[s], 1.0 / (1.0 + slope[s])
            value[s] = (1.0 - fallen) * inverse
            slope[s] = 2.0 * _LOG3 / half[s] * fallen * inverse * inverse
    else:
        log_into(x, value, scratch[0])
        if code == HILL:
            log_into(half, slope, scratch[0])
            for s in range(n):
                value[s] -= slope[s]
        for s in range(n):
            value[s] *= exponent[s]
        exp_into(value, slope, scratch[0])
        for s in range(n):
            ratio, power = slope[s], exponent[s]
            part = ratio if code == ROOT else ratio / (1.0 + ratio)
            rest = 1.0 if code == ROOT else 1.0 / (1.0 + ratio)
            value[s], slope[s] = part, power * part * rest / x[s]
            if x[s] <= 0.0:
                at_one = 1.0 if code == ROOT else 1.0 / half[s]
                value[s] = 0.0
                slope[s] = np.inf if power < 1.0 else (at_one if power == 1.0 else 0.0)


@njit
def steepening(code: int, x: float, half: float, exponent: float, value: float, slope: float) -> float:
    """Second derivative of the saturation from its value and slope."""
    if code == RATIO:
        return -2.0 * slope / (x + half)
    if code == TANH:
        return -_LOG3 / half * value * slope
    if x <= 0.0 or code == LINE:
        return 0.0
    if code == ROOT:
        return (exponent - 1.0) * slope / x
    return slope / x * (exponent * (1.0 - 2.0 * value) - 1.0)
