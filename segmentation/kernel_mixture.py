"""The latent-class mixture as loops: who belongs where, and the sums that parameters come from, in one pass.

A missing cell adds nothing to a row's density, and nothing to any sum. Numbers enter sums as differences from the
means that the pass began with, so that variances lose no digits.
"""

from __future__ import annotations

import math

import numpy as np

from segmentation.kernel_jit import Buffer, exp_into, njit

TILE = 256


@njit
def _log_density(
    numbers: Buffer,
    codes: Buffer,
    low: int,
    high: int,
    log_share: Buffer,
    means: Buffer,
    half_precision: Buffer,
    log_scale: Buffer,
    log_level: Buffer,
    offsets: Buffer,
    out: Buffer,
) -> None:
    """``out[c, i]``: log of share times density of row ``low + i`` in cluster c, over the cells that it has."""
    size = high - low
    for c in range(means.shape[0]):
        row = out[c, :size]
        row[:] = log_share[c]
        for j in range(numbers.shape[0]):
            x = numbers[j, low:high]
            at, half, scale = means[c, j], half_precision[c, j], log_scale[c, j]
            for i in range(size):
                e = x[i] - at
                row[i] += scale - half * e * e if e == e else 0.0
        for j in range(codes.shape[0]):
            code, first = codes[j, low:high], offsets[j]
            for i in range(size):
                if code[i] >= 0:
                    row[i] += log_level[c, first + code[i]]


@njit
def _normalised(density: Buffer, size: int, row_weight: Buffer, belongs: Buffer, evidence: Buffer) -> float:
    """Probabilities of clusters into ``belongs`` and the log density of rows into ``evidence``; its weighted sum."""
    k = density.shape[0]
    power, shifted = np.empty(size), np.empty(size)
    top, total = np.full(size, -np.inf), np.zeros(size)
    for c in range(k):
        for i in range(size):
            top[i] = max(top[i], density[c, i])
    for c in range(k):
        row = belongs[c, :size]
        for i in range(size):
            shifted[i] = density[c, i] - top[i]
        exp_into(shifted, row, power)
        for i in range(size):
            total[i] += row[i]
    found = 0.0
    for i in range(size):
        evidence[i] = top[i] + math.log(total[i])
        found += row_weight[i] * evidence[i]
    for c in range(k):
        for i in range(size):
            belongs[c, i] /= total[i]
    return found


@njit
def expect(
    numbers: Buffer,
    codes: Buffer,
    row_weight: Buffer,
    first: int,
    last: int,
    log_share: Buffer,
    means: Buffer,
    half_precision: Buffer,
    log_scale: Buffer,
    log_level: Buffer,
    offsets: Buffer,
    sums: Buffer,
    counts: Buffer,
    mass: Buffer,
) -> float:
    """One pass over rows ``first`` to ``last``: returns their log likelihood.

    ``sums`` (3, K, P): weight that has a number, and sums of its difference from the mean and of the square of that;
    ``counts`` (K, levels) and ``mass`` (K,): weight by level, and in all.
    """
    k = means.shape[0]
    density, belongs, evidence = np.empty((k, TILE)), np.empty((k, TILE)), np.empty(TILE)
    found = 0.0
    for low in range(first, last, TILE):
        high = min(low + TILE, last)
        size = high - low
        weight = row_weight[low:high]
        _log_density(
            numbers,
            codes,
            low,
            high,
            log_share,
            means,
            half_precision,
            log_scale,
            log_level,
            offsets,
            density,
        )
        found += _normalised(density, size, weight, belongs, evidence)
        for c in range(k):
            part = belongs[c, :size]
            total = 0.0
            for i in range(size):
                part[i] *= weight[i]
                total += part[i]
            mass[c] += total
            for j in range(numbers.shape[0]):
                x, at = numbers[j, low:high], means[c, j]
                zero, one, two = 0.0, 0.0, 0.0
                for i in range(size):
                    e = x[i] - at
                    here = e == e
                    zero += part[i] if here else 0.0
                    one += part[i] * e if here else 0.0
                    two += part[i] * e * e if here else 0.0
                sums[0, c, j] += zero
                sums[1, c, j] += one
                sums[2, c, j] += two
            for j in range(codes.shape[0]):
                code, begin = codes[j, low:high], offsets[j]
                for i in range(size):
                    if code[i] >= 0:
                        counts[c, begin + code[i]] += part[i]
    return found


@njit
def membership(
    numbers: Buffer,
    codes: Buffer,
    first: int,
    last: int,
    log_share: Buffer,
    means: Buffer,
    half_precision: Buffer,
    log_scale: Buffer,
    log_level: Buffer,
    offsets: Buffer,
    belongs_out: Buffer,
    evidence_out: Buffer,
) -> None:
    """Probability of each cluster, (N, K), and log density, (N,), of rows ``first`` to ``last``."""
    k = means.shape[0]
    density, belongs, alike = np.empty((k, TILE)), np.empty((k, TILE)), np.zeros(TILE)
    for low in range(first, last, TILE):
        high = min(low + TILE, last)
        size = high - low
        _log_density(
            numbers,
            codes,
            low,
            high,
            log_share,
            means,
            half_precision,
            log_scale,
            log_level,
            offsets,
            density,
        )
        _normalised(density, size, alike, belongs, evidence_out[low:high])
        for c in range(k):
            for i in range(size):
                belongs_out[low + i, c] = belongs[c, i]
