"""Compiled loops over draws: one-dimensional responses, their slopes, and slopes that over-estimate between two points.

Draws are the inner loop and lie next to each other in memory.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from budget.kernel_jit import Buffer, exp_into, log_into, njit

LINE, RATIO, TANH, ROOT, HILL = range(5)
_LOG3 = math.log(3.0)


class CurveArrays(NamedTuple):
    """Curves as plain arrays: ``f_s(z) = sum of gain[r, s] (sat(base[r, s] + z unit[r, s]) - start[r, s])`` over rows.

    Attributes
    ----------
    family : ndarray of int (N,)
        One of the codes above, per curve.
    first : ndarray of int (N + 1,)
        Rows ``first[j] .. first[j + 1]`` are those of curve ``j``.
    gain, base, unit, start : ndarray (R, S)
        ``start = sat(base)``.
    half, exponent : ndarray (N, S)
    turn : ndarray (N, S)
        Scaled exposure at which a Hill curve with an exponent above one turns from convex to concave; zero elsewhere.
    """

    family: Buffer
    first: Buffer
    gain: Buffer
    base: Buffer
    unit: Buffer
    start: Buffer
    half: Buffer
    exponent: Buffer
    turn: Buffer


@njit
def _bend(code: int, x: Buffer, half: Buffer, exponent: Buffer, out: Buffer, scratch: Buffer) -> None:
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
def _steepening(code: int, x: float, half: float, exponent: float, value: float, slope: float) -> float:
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


@njit
def means(curves: CurveArrays, q: Buffer, which: Buffer, points: Buffer) -> Buffer:
    """Value and slope of the mean of curve ``which[m]`` at ``points[m]``: (2, M).

    ``q`` are weights of the draws, (N, S) or (1, S) for all curves alike.
    """
    n = q.shape[1]
    x, bent, scratch = np.empty(n), np.empty((2, n)), np.empty((1, n))
    value, slope = bent[0], bent[1]
    out = np.zeros((2, which.shape[0]))
    for m in range(which.shape[0]):
        j, z = which[m], points[m]
        share = q[j] if q.shape[0] > 1 else q[0]
        for r in range(curves.first[j], curves.first[j + 1]):
            for s in range(n):
                x[s] = curves.base[r, s] + z * curves.unit[r, s]
            _bend(curves.family[j], x, curves.half[j], curves.exponent[j], bent, scratch)
            for s in range(n):
                weight = share[s] * curves.gain[r, s]
                out[0, m] += weight * (value[s] - curves.start[r, s])
                if weight * curves.unit[r, s] != 0.0:
                    out[1, m] += weight * curves.unit[r, s] * slope[s]
    return out


@njit
def per_draw(curves: CurveArrays, z: Buffer) -> Buffer:
    """Value, slope and second derivative of every curve at ``z`` (N,), per draw: (3, N, S)."""
    n = curves.gain.shape[1]
    x, bent, scratch = np.empty(n), np.empty((2, n)), np.empty((1, n))
    value, slope = bent[0], bent[1]
    out = np.zeros((3, z.shape[0], n))
    for j in range(z.shape[0]):
        code, half, exponent = curves.family[j], curves.half[j], curves.exponent[j]
        for r in range(curves.first[j], curves.first[j + 1]):
            for s in range(n):
                x[s] = curves.base[r, s] + z[j] * curves.unit[r, s]
            _bend(code, x, half, exponent, bent, scratch)
            for s in range(n):
                speed = curves.gain[r, s] * curves.unit[r, s]
                out[0, j, s] += curves.gain[r, s] * (value[s] - curves.start[r, s])
                if speed != 0.0:
                    second = _steepening(code, x[s], half[s], exponent[s], value[s], slope[s])
                    out[1, j, s] += speed * slope[s]
                    out[2, j, s] += speed * curves.unit[r, s] * second
    return out


@njit
def lids(curves: CurveArrays, q: Buffer, which: Buffer, left: Buffer, right: Buffer) -> Buffer:
    """Slopes of two lines that lie above the mean curve between two points: (2, M).

    With ``A = out[0]`` and ``B = out[1]``, ``f(z) <= f(left) + A (z - left)`` and ``f(z) <= f(right) - B (right - z)``
    for every ``z`` between. Each term's own lines are summed: of a concave piece the tangents, of a convex piece the
    chord, and where a term turns from convex to concave in between, its steepest slope on the left and the smaller of
    chord and tangent on the right. A negative gain turns the lines from below into lines from above.
    """
    n = q.shape[1]
    x, xr, bent, bent_r, scratch = np.empty(n), np.empty(n), np.empty((2, n)), np.empty((2, n)), np.empty((1, n))
    value, slope, value_r, slope_r = bent[0], bent[1], bent_r[0], bent_r[1]
    out = np.zeros((2, which.shape[0]))
    for m in range(which.shape[0]):
        j, width = which[m], right[m] - left[m]
        share = q[j] if q.shape[0] > 1 else q[0]
        code, half, exponent = curves.family[j], curves.half[j], curves.exponent[j]
        for r in range(curves.first[j], curves.first[j + 1]):
            for s in range(n):
                x[s] = curves.base[r, s] + left[m] * curves.unit[r, s]
                xr[s] = curves.base[r, s] + right[m] * curves.unit[r, s]
            _bend(code, x, half, exponent, bent, scratch)
            _bend(code, xr, half, exponent, bent_r, scratch)
            for s in range(n):
                weight, unit = share[s] * curves.gain[r, s], curves.unit[r, s]
                if weight * unit == 0.0:
                    continue
                chord = (value_r[s] - value[s]) / width
                above_left, above_right = slope[s] * unit, slope_r[s] * unit
                below_left, below_right = chord, chord
                if code == HILL and exponent[s] > 1.0:
                    turn = curves.turn[j, s]
                    if xr[s] <= turn:
                        above_left, above_right = chord, chord
                        below_left, below_right = slope[s] * unit, slope_r[s] * unit
                    elif x[s] < turn:
                        part = 0.5 * (1.0 - 1.0 / exponent[s])
                        steepest = exponent[s] * part * (1.0 - part) / turn * unit
                        above_left, above_right = steepest, min(slope_r[s] * unit, chord)
                        below_left, below_right = min(slope[s] * unit, chord), steepest
                if weight > 0.0:
                    out[0, m] += weight * above_left
                    out[1, m] += weight * above_right
                else:
                    out[0, m] += weight * below_left
                    out[1, m] += weight * below_right
    return out
