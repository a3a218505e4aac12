"""Compiled loops over periods and draws: the response of one cell whose periods are coupled by carry-over.

Arrays are (periods, draws), so that the inner loop runs over draws that lie next to each other in memory.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from budget.kernel_jit import Buffer, njit
from budget.kernel_shapes import HILL, LINE, RATIO, bend

TINY = 1e-12
"""Adstock below which a steep curve is replaced by its tangent, so that no slope is infinite."""


class PathArrays(NamedTuple):
    """One cell: P counted periods, S draws, L lags.

    Attributes
    ----------
    code : int
        Family, one of the codes of :mod:`budget.kernel_shapes`.
    gain : ndarray (P, S)
    weights : ndarray (L, S)
    half, exponent : ndarray (S,)
    low, high, anchor, slope : ndarray (P, S) or (0, 0)
        A straight line ``anchor + slope (a - low)`` in place of the curve for adstock ``low <= a <= high``.
    """

    code: int
    gain: Buffer
    weights: Buffer
    half: Buffer
    exponent: Buffer
    low: Buffer
    high: Buffer
    anchor: Buffer
    slope: Buffer


@njit
def adstock_into(weights: Buffer, x: Buffer, t: int, out: Buffer) -> None:
    """Adstock per draw in period ``t``; ``x`` begins L - 1 periods before the first one."""
    last = weights.shape[0] - 1
    out[:] = 0.0
    for lag in range(last + 1):
        amount = x[t + last - lag]
        if amount != 0.0:
            for s in range(out.shape[0]):
                out[s] += weights[lag, s] * amount


@njit
def respond(path: PathArrays, x: Buffer, order: int, outcome: Buffer, first: Buffer, second: Buffer) -> None:
    """Add the outcome per draw; with ``order`` 1 fill also its two derivatives by the adstock of each period, (P, S).

    Without derivatives the outcome is exact. With them it is where the tangent lies, which differs below ``TINY``;
    the tangent then over-estimates a concave curve everywhere.
    """
    periods, draws = path.gain.shape
    a = np.empty(draws)
    lined = path.low.shape[0] > 0
    for t in range(periods):
        adstock_into(path.weights, x, t, a)
        if path.code == RATIO and not lined:
            for s in range(draws):
                gain, half = path.gain[t, s], path.half[s]
                inverse = 1.0 / (a[s] + half)
                outcome[s] += gain * a[s] * inverse
                if order > 0:
                    fall = gain * half * inverse * inverse
                    first[t, s] = fall
                    second[t, s] = -2.0 * fall * inverse
            continue
        for s in range(draws):
            gain = path.gain[t, s]
            if gain == 0.0:
                value, fall, curve = 0.0, 0.0, 0.0
            elif lined and path.low[t, s] <= a[s] <= path.high[t, s]:
                fall, curve = path.slope[t, s], 0.0
                value = path.anchor[t, s] + fall * (a[s] - path.low[t, s])
            else:
                value, fall, curve = bend(path.code, max(a[s], TINY), path.half[s], path.exponent[s])
                if a[s] < TINY:
                    value = value - fall * (TINY - a[s]) if order > 0 else value * (a[s] / TINY)
            outcome[s] += gain * value
            if order > 0:
                first[t, s] = gain * fall
                second[t, s] = gain * curve


@njit
def pull_back(weights: Buffer, first: Buffer, out: Buffer) -> None:
    """``out[i, s] = sum_l weights[l, s] first[i + l, s]``: derivatives by adstock become those by exposure."""
    periods = first.shape[0]
    out[:] = 0.0
    for i in range(out.shape[0]):
        for lag in range(min(weights.shape[0], periods - i)):
            for s in range(out.shape[1]):
                out[i, s] += weights[lag, s] * first[i + lag, s]


@njit
def _touch(half: float, exponent: float, turn: float, left: float, right: float) -> float:
    """Where a line from the curve at ``left`` touches it between its turning point and ``right``, from the far side."""
    from_value = bend(HILL, max(left, TINY), half, exponent)[0]
    lo, hi = turn, right
    c = min(max(half * math.exp(math.log(exponent - 1.0) / exponent), turn), right)  # exact where left is zero
    for _ in range(60):
        value, fall, curve = bend(HILL, c, half, exponent)
        ahead = fall * (c - left) - (value - from_value)
        if ahead > 0.0:
            lo = c
        else:
            hi = c
        step = -ahead / (curve * (c - left)) if curve < 0.0 else math.inf
        after = c + step + 1e-10 * c
        if abs(step) <= 1e-10 * c and ahead <= 0.0:
            break
        c = after if lo < after < hi else 0.5 * (lo + hi)
        if hi - lo <= 1e-12 * hi:
            break
    return hi


@njit
def _touch_below(half: float, exponent: float, turn: float, left: float, right: float) -> float:
    """Where a line from the curve at ``right`` touches it from below between ``left`` and its turning point."""
    to_value = bend(HILL, right, half, exponent)[0]
    lo, hi = left, turn
    for _ in range(60):
        c = 0.5 * (lo + hi)
        value, fall, _ = bend(HILL, max(c, TINY), half, exponent)
        if fall * (right - c) <= to_value - value:
            lo = c
        else:
            hi = c
    return lo


@njit
def straighten(path: PathArrays, left: Buffer, right: Buffer) -> None:
    """Fill a path's lines, so that every term is concave, and no less than it was, for ``left <= adstock <= right``.

    Both are (P, S). A line from ``left`` begins at zero, and one to ``right`` has no end, so that roundoff at either
    does not leave it.
    """
    periods, draws = path.gain.shape
    for t in range(periods):
        for s in range(draws):
            a, b, half, exponent = left[t, s], right[t, s], path.half[s], path.exponent[s]
            path.low[t, s], path.high[t, s] = math.inf, -math.inf
            bends = path.code == HILL and exponent > 1.0
            turn = half * math.exp(math.log((exponent - 1.0) / (exponent + 1.0)) / exponent) if bends else 0.0
            up = path.gain[t, s] >= 0.0
            if path.code == LINE or not b > a or (up and a >= turn) or (not up and b <= turn):
                continue
            start, end, tangent = a, b, False
            if up and b > turn:
                value, fall, _ = bend(path.code, b, half, exponent)
                if fall * (b - a) < value - bend(path.code, max(a, TINY), half, exponent)[0]:
                    end, tangent = _touch(half, exponent, turn, a, b), True
            elif not up and a < turn:
                value, fall, _ = bend(path.code, max(a, TINY), half, exponent)
                if fall * (b - a) < bend(path.code, b, half, exponent)[0] - value:
                    start, tangent = _touch_below(half, exponent, turn, a, b), True
            first = bend(path.code, max(start, TINY), half, exponent)
            last = bend(path.code, max(end, TINY), half, exponent)
            slope = (last[0] - first[0]) / (end - start)
            if tangent:
                slope = last[1] if up else first[1]
            path.low[t, s] = 0.0 if start == a else start
            path.high[t, s] = math.inf if end == b else end
            path.slope[t, s] = slope
            at, value = (end, last[0]) if up else (start, first[0])
            path.anchor[t, s] = value + slope * (path.low[t, s] - at)
