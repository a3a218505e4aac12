"""Compiled parts of the hulls: points of curves kept in order, and the least concave polygon above each curve."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from budget.kernel_jit import Buffer, njit


class Nodes(NamedTuple):
    """Known points of N curves in order, padded to a common number of columns.

    Attributes
    ----------
    at, value, slope : ndarray (N, width)
    above_left, above_right : ndarray (N, width)
        Slopes of the lines above the curve from each point to the next one; NaN where they are not known yet.
    count : ndarray of int (N,)
        Points per curve.
    """

    at: Buffer
    value: Buffer
    slope: Buffer
    above_left: Buffer
    above_right: Buffer
    count: Buffer


@njit
def place(at: Buffer, count: int, x: float) -> int:
    """First position whose point is at least ``x``."""
    low, high = 0, count
    while low < high:
        middle = (low + high) // 2
        if at[middle] < x:
            low = middle + 1
        else:
            high = middle
    return low


@njit
def insert(nodes: Nodes, concave: Buffer, which: Buffer, points: Buffer, value: Buffer, slope: Buffer) -> None:
    """Insert points with their values and slopes; one that is there already is left as it is."""
    for m in range(which.shape[0]):
        j, n = which[m], nodes.count[which[m]]
        i = place(nodes.at[j], n, points[m])
        if i < n and nodes.at[j, i] == points[m]:
            continue
        for k in range(n, i, -1):
            nodes.at[j, k], nodes.value[j, k] = nodes.at[j, k - 1], nodes.value[j, k - 1]
            nodes.slope[j, k] = nodes.slope[j, k - 1]
            nodes.above_left[j, k], nodes.above_right[j, k] = nodes.above_left[j, k - 1], nodes.above_right[j, k - 1]
        nodes.at[j, i], nodes.value[j, i], nodes.slope[j, i] = points[m], value[m], slope[m]
        nodes.count[j] = n + 1
        for k in range(max(i - 1, 0), min(i + 1, n)):
            known = concave[j]
            nodes.above_left[j, k] = nodes.slope[j, k] if known else np.nan
            nodes.above_right[j, k] = nodes.slope[j, k + 1] if known else np.nan


@njit
def _push(x: Buffer, y: Buffer, n: int, at: float, value: float) -> int:
    """Add a point to an upper hull from the left; points that fall below the hull go."""
    if n > 0 and at <= x[n - 1]:
        if value <= y[n - 1]:
            return n
        n -= 1
    while n > 1 and (y[n - 1] - y[n - 2]) * (at - x[n - 1]) <= (value - y[n - 1]) * (x[n - 1] - x[n - 2]):
        n -= 1
    x[n], y[n] = at, value
    return n + 1


@njit
def polygons(
    nodes: Nodes, concave: Buffer, lower: Buffer, upper: Buffer, hole: Buffer, x: Buffer, y: Buffer, count: Buffer
) -> None:
    """Least concave polygon above each curve between ``lower`` and ``upper``, which are points of it.

    Of a concave curve the tangents' crossings are the corners, and the points between them are left out. Where ``hole``
    is positive and lies between them, only ``lower`` itself and ``hole`` to ``upper`` count. Corners go to ``x`` and
    ``y`` (N, 2 width), their number to ``count``.
    """
    for j in range(lower.shape[0]):
        at, value = nodes.at[j], nodes.value[j]
        first = place(at, nodes.count[j], lower[j])
        last = place(at, nodes.count[j], upper[j])
        n = _push(x[j], y[j], 0, at[first], value[first])
        begin = first
        if hole[j] > lower[j] and hole[j] <= upper[j]:
            begin = place(at, nodes.count[j], hole[j])
            n = _push(x[j], y[j], n, at[begin], value[begin])
        for i in range(begin, last):
            left, right = nodes.above_left[j, i], nodes.above_right[j, i]
            width = at[i + 1] - at[i]
            if left > right:
                step = 0.0
                if left < np.inf:
                    step = (value[i + 1] - right * width - value[i]) / (left - right)
                step = min(max(step, 0.0), width)
                n = _push(x[j], y[j], n, at[i] + step, value[i + 1] - right * (width - step))
            if i + 1 == last or not concave[j]:
                n = _push(x[j], y[j], n, at[i + 1], value[i + 1])
        count[j] = n


@njit
def heights(x: Buffer, y: Buffer, count: Buffer, at: Buffer, out: Buffer) -> None:
    """Height of each polygon at a point of its range."""
    for j in range(at.shape[0]):
        n = count[j]
        i = place(x[j], n, at[j])
        if i == 0 or i >= n:
            out[j] = y[j, min(i, n - 1)]
        else:
            part = (at[j] - x[j, i - 1]) / (x[j, i] - x[j, i - 1])
            out[j] = y[j, i - 1] + part * (y[j, i] - y[j, i - 1])


@njit
def meeting(nodes: Nodes, lower: Buffer, upper: Buffer, target: Buffer, out: Buffer) -> None:
    """Where the slope of each concave curve falls to ``target``, interpolated, inside its range.

    One over the square root of the slope is interpolated: of x / (x + k) it is a straight line.
    """
    for j in range(target.shape[0]):
        slope, n = nodes.slope[j], nodes.count[j]
        low, high = 0, n
        while low < high:
            middle = (low + high) // 2
            if slope[middle] > target[j]:
                low = middle + 1
            else:
                high = middle
        if low == 0 or low == n or target[j] <= 0.0:
            out[j] = lower[j] if low == 0 else upper[j]
        else:
            steep, flat, width = slope[low - 1], slope[low], nodes.at[j, low] - nodes.at[j, low - 1]
            part = 0.5
            if flat <= 0.0:
                part = (steep - target[j]) / (steep - flat) if steep < np.inf else 0.05
            elif steep > flat:
                a, b, t = steep**-0.5, flat**-0.5, target[j] ** -0.5
                if b > a:  # slopes may differ in their last digit only, and their roots in none
                    part = min(max((t - a) / (b - a), 0.0), 1.0)
            out[j] = nodes.at[j, low - 1] + part * width
        out[j] = min(max(out[j], lower[j]), upper[j])
