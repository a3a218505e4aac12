"""k-prototypes as loops: distances of a tile of rows to all centres, the nearest, and the sums that centres come from.

Features lie in rows and customers in columns, so that the compiler makes vector instructions over customers. NaN and
codes below zero, of a customer or of a centre, add nothing to any distance. Arithmetic is in double precision.
"""

from __future__ import annotations

import numpy as np

from segmentation.kernel_jit import Buffer, njit

TILE = 512
"""Customers at a time: their distances to all centres stay in the fastest cache."""


@njit
def by_feature(numbers: Buffer, codes: Buffer, first: int, last: int, numbers_out: Buffer, codes_out: Buffer) -> None:
    """Turn rows ``first`` to ``last`` of (N, P) and (N, Q) over into (P, N) and (Q, N)."""
    for low in range(first, last, TILE):
        high = min(low + TILE, last)
        for j in range(numbers.shape[1]):
            for i in range(low, high):
                numbers_out[j, i] = numbers[i, j]
        for j in range(codes.shape[1]):
            for i in range(low, high):
                codes_out[j, i] = codes[i, j]


@njit
def of_tile(
    numbers: Buffer,
    codes: Buffer,
    low: int,
    high: int,
    centres: Buffer,
    modes: Buffer,
    number_cost: Buffer,
    mismatch_cost: Buffer,
    out: Buffer,
) -> None:
    """``out[c, i]``: distance of row ``low + i`` to centre c (Huang 1997, equation 2, with a weight per feature)."""
    size = high - low
    for c in range(centres.shape[0]):
        row = out[c, :size]
        row[:] = 0.0
        for j in range(numbers.shape[0]):
            x = numbers[j, low:high]
            at, weight = centres[c, j], number_cost[j]
            for i in range(size):
                e = x[i] - at
                row[i] += weight * e * e if e == e else 0.0
        for j in range(codes.shape[0]):
            code = codes[j, low:high]
            mode, cost = modes[c, j], mismatch_cost[j]
            if mode < 0:
                continue
            for i in range(size):
                row[i] += cost if (code[i] != mode) & (code[i] >= 0) else 0.0


@njit
def distances(
    numbers: Buffer,
    codes: Buffer,
    centres: Buffer,
    modes: Buffer,
    number_cost: Buffer,
    mismatch_cost: Buffer,
    out: Buffer,
) -> None:
    """``out`` (K, N): distance of every row to every centre."""
    k, n = out.shape
    tile = np.empty((k, TILE))
    for low in range(0, n, TILE):
        high = min(low + TILE, n)
        of_tile(numbers, codes, low, high, centres, modes, number_cost, mismatch_cost, tile)
        for c in range(k):
            for i in range(high - low):
                out[c, low + i] = tile[c, i]


@njit
def step(
    numbers: Buffer,
    codes: Buffer,
    row_weight: Buffer,
    first: int,
    last: int,
    centres: Buffer,
    modes: Buffer,
    number_cost: Buffer,
    mismatch_cost: Buffer,
    offsets: Buffer,
    labels: Buffer,
    sums: Buffer,
    seen: Buffer,
    counts: Buffer,
    mass: Buffer,
) -> tuple[float, int]:
    """Put rows ``first`` to ``last`` to their nearest centres, and keep the block's sums up to date.

    ``sums`` and ``seen`` (K, P) are weighted sums of numbers and the weight that has one, ``counts`` (K, levels) the
    weight by level, ``mass`` (K,) the weight. Only rows that move change them. Returns the cost and how many moved.
    """
    k = centres.shape[0]
    cost, moved = 0.0, 0
    distance = np.empty((k, TILE))
    best, nearest = np.empty(TILE), np.empty(TILE, np.int32)
    for low in range(first, last, TILE):
        high = min(low + TILE, last)
        size = high - low
        of_tile(numbers, codes, low, high, centres, modes, number_cost, mismatch_cost, distance)
        for i in range(size):  # an assignment of slices would compile a message on their shapes, for two seconds
            best[i], nearest[i] = distance[0, i], 0
        for c in range(1, k):
            for i in range(size):
                closer = distance[c, i] < best[i]
                best[i] = distance[c, i] if closer else best[i]
                nearest[i] = c if closer else nearest[i]
        for i in range(size):
            weight = row_weight[low + i]
            cost += weight * best[i]
            old, new = labels[low + i], nearest[i]
            if old == new:
                continue
            moved += 1
            labels[low + i] = new
            mass[new] += weight
            if old >= 0:
                mass[old] -= weight
            for j in range(numbers.shape[0]):
                x = numbers[j, low + i]
                if x == x:
                    sums[new, j] += weight * x
                    seen[new, j] += weight
                    if old >= 0:
                        sums[old, j] -= weight * x
                        seen[old, j] -= weight
            for j in range(codes.shape[0]):
                code = codes[j, low + i]
                if code >= 0:
                    counts[new, offsets[j] + code] += weight
                    if old >= 0:
                        counts[old, offsets[j] + code] -= weight
    return cost, moved


@njit
def centres_from(
    sums: Buffer,
    seen: Buffer,
    counts: Buffer,
    offsets: Buffer,
    tiny: float,
    mean: Buffer,
    mode: Buffer,
    means_out: Buffer,
    modes_out: Buffer,
) -> None:
    """Means and most frequent levels, the first of several; ``mean`` and ``mode`` where no row of a cluster has any."""
    for c in range(means_out.shape[0]):
        for j in range(means_out.shape[1]):
            means_out[c, j] = sums[c, j] / seen[c, j] if seen[c, j] > tiny else mean[j]
        for j in range(modes_out.shape[1]):
            first, top, at = offsets[j], tiny, -1
            for level in range(first, offsets[j + 1]):
                if counts[c, level] > top:
                    top, at = counts[c, level], level - first
            modes_out[c, j] = at if at >= 0 else mode[j]


@njit
def nearest_two(
    numbers: Buffer,
    codes: Buffer,
    first: int,
    last: int,
    centres: Buffer,
    modes: Buffer,
    number_cost: Buffer,
    mismatch_cost: Buffer,
    labels: Buffer,
    best: Buffer,
    second: Buffer,
) -> None:
    """Nearest centre of rows ``first`` to ``last``, its distance, and the distance of the second nearest."""
    k = centres.shape[0]
    distance = np.empty((k, TILE))
    for low in range(first, last, TILE):
        high = min(low + TILE, last)
        size = high - low
        of_tile(numbers, codes, low, high, centres, modes, number_cost, mismatch_cost, distance)
        one, two, where = best[low:high], second[low:high], labels[low:high]
        for i in range(size):
            one[i], two[i], where[i] = distance[0, i], np.inf, 0
        for c in range(1, k):
            for i in range(size):
                d = distance[c, i]
                closer = d < one[i]
                two[i] = one[i] if closer else min(two[i], d)
                where[i] = c if closer else where[i]
                one[i] = d if closer else one[i]


@njit
def moments(
    numbers: Buffer,
    codes: Buffer,
    row_weight: Buffer,
    first: int,
    last: int,
    offsets: Buffer,
    powers: Buffer,
    counts: Buffer,
) -> None:
    """Weight that has a number, and weighted sums of it and its square, into ``powers`` (3, P); weight by level."""
    for j in range(numbers.shape[0]):
        a, b, c = 0.0, 0.0, 0.0
        for i in range(first, last):
            x, weight = numbers[j, i], row_weight[i]
            if x == x:
                a += weight
                b += weight * x
                c += weight * x * x
        powers[0, j], powers[1, j], powers[2, j] = a, b, c
    for j in range(codes.shape[0]):
        for i in range(first, last):
            if codes[j, i] >= 0:
                counts[offsets[j] + codes[j, i]] += row_weight[i]
