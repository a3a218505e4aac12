"""Compiled loops over draws: one-dimensional responses, their slopes, and slopes that over-estimate between two points.

Draws are the inner loop and lie next to each other in memory.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from budget.kernel_jit import Buffer, njit
from budget.kernel_shapes import HILL, bend_into, steepening


class CurveArrays(NamedTuple):
    """Curves as plain arrays: ``f_s(z) = sum of gain[r, s] (sat(base[r, s] + z unit[r, s]) - start[r, s])`` over rows.

    Attributes
    ----------
    family : ndarray of int (N,)
        One of the codes of :mod:`budget.kernel_shapes`, per curve.
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
            bend_into(curves.family[j], x, curves.half[j], curves.exponent[j], bent, scratch)
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
            bend_into(code, x, half, exponent, bent, scratch)
            for s in range(n):
                speed = curves.gain[r, s] * curves.unit[r, s]
                out[0, j, s] += curves.gain[r, s] * (value[s] - curves.start[r, s])
                if speed != 0.0:
                    second = steepening(code, x[s], half[s], exponent[s], value[s], slope[s])
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
            bend_into(code, x, half, exponent, bent, scratch)
            bend_into(code, xr, half, exponent, bent_r, scratch)
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
