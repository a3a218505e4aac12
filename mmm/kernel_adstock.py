"""Adstock weights by log half-life and log shape, and gradients back to the two.

The weights are those of :func:`outlay.transforms.adstock_weights`. All families but ``weibull`` are positive numbers
over their sum, for which a derivative of the log, centred under the weights, is the derivative of the weights.
"""

from __future__ import annotations

import math

import numpy as np

from mmm.kernel_jit import Buffer, dot, njit

ADSTOCKS = {"none": 0, "geometric": 1, "delayed": 2, "weibull": 3, "weibull_cdf": 4}
"""Number of each family inside the kernel."""

_LN2 = math.log(2.0)


@njit
def adstock(family: int, half_life: float, shape: float, parts: Buffer) -> None:
    """Rows of ``parts``, (3, L): weights, and derivatives of their unnormalised logs by log half-life and log shape."""
    parts[:] = 0.0
    w, by_half_life, by_shape = parts[0], parts[1], parts[2]
    n = w.shape[0]
    if family == 0:
        w[0] = 1.0
        return
    if family == 1:
        for lag in range(n):
            w[lag] = -lag * _LN2 / half_life
            by_half_life[lag] = lag * _LN2 / half_life
    elif family == 2:
        rate = _LN2 / (half_life * half_life)
        for lag in range(n):
            off = lag - shape
            w[lag] = -off * off * rate
            by_half_life[lag] = 2.0 * off * off * rate
            by_shape[lag] = 2.0 * off * shape * rate
    elif family == 3:
        _weibull_density(half_life, shape, w, by_half_life, by_shape)
    else:
        _weibull_survival(half_life, shape, w, by_half_life, by_shape)
    _normalise(w, family == 3)


@njit
def _weibull_density(half_life: float, shape: float, w: Buffer, by_half_life: Buffer, by_shape: Buffer) -> None:
    """Logs of the density at lag + 1 over the median, without the constants that normalising takes out."""
    for lag in range(w.shape[0]):
        log_t = math.log((lag + 1.0) / half_life)
        hazard = _LN2 * math.exp(shape * log_t)
        w[lag] = (shape - 1.0) * log_t - hazard
        by_half_life[lag] = -(shape - 1.0) + shape * hazard
        by_shape[lag] = shape * log_t * (1.0 - hazard)


@njit
def _weibull_survival(half_life: float, shape: float, w: Buffer, by_half_life: Buffer, by_shape: Buffer) -> None:
    """Logs of the running product of what survives each lag."""
    log_w, dh, ds = 0.0, 0.0, 0.0
    for lag in range(w.shape[0]):
        if lag > 0:
            log_t = math.log(lag / half_life)
            hazard = _LN2 * math.exp(shape * log_t)
            log_w -= hazard
            dh += shape * hazard
            ds -= hazard * shape * log_t
        w[lag] = log_w
        by_half_life[lag] = dh
        by_shape[lag] = ds


@njit
def _normalise(w: Buffer, from_least: bool) -> None:
    """Logs to weights that sum to one; ``from_least`` takes the smallest one off first."""
    top, least, total = w[0], w[0], 0.0
    for lag in range(w.shape[0]):
        top = max(top, w[lag])
        least = min(least, w[lag])
    for lag in range(w.shape[0]):
        above = math.exp(w[lag] - top)
        # u - least without the cancellation where a long half-life makes all of them nearly equal
        w[lag] = -above * math.expm1(least - w[lag]) if from_least else above
        total += w[lag]
    for lag in range(w.shape[0]):
        w[lag] = w[lag] / total if total > 0.0 else 1.0 / w.shape[0]


@njit
def adstock_back(family: int, parts: Buffer, g: Buffer, half_life: float, shape: float) -> tuple[float, float]:
    """Gradients by log half-life and log shape, from ``g``, that by the weights; ``parts`` are those of adstock."""
    if family == 0:
        return 0.0, 0.0
    if family == 3:
        return _weibull_back(parts, g, half_life, shape)
    w, by_half_life, by_shape = parts[0], parts[1], parts[2]
    along = dot(g, w)
    by_first, by_second = 0.0, 0.0
    for lag in range(w.shape[0]):
        pull = w[lag] * (g[lag] - along)
        by_first += pull * by_half_life[lag]
        by_second += pull * by_shape[lag]
    return by_first, by_second


@njit
def _weibull_back(parts: Buffer, g: Buffer, half_life: float, shape: float) -> tuple[float, float]:
    """As above where the least density u is taken off all: w = (u - u_least) / sum(u - u_least)."""
    w, by_half_life, by_shape = parts[0], parts[1], parts[2]
    n = w.shape[0]
    u = np.empty(n)
    least = 0
    for lag in range(n):
        log_t = math.log((lag + 1.0) / half_life)
        u[lag] = (shape - 1.0) * log_t - _LN2 * math.exp(shape * log_t)
        if u[lag] < u[least]:
            least = lag
    lowest, top = u[least], u.max()
    total = 0.0
    for lag in range(n):
        total -= math.exp(u[lag] - top) * math.expm1(lowest - u[lag])
    if not total > 0.0:
        return 0.0, 0.0
    along = dot(g, w)
    by_first, by_second = 0.0, 0.0
    lowest = math.exp(lowest - top)
    for lag in range(n):
        pull, own = (g[lag] - along) / total, math.exp(u[lag] - top)
        by_first += pull * (own * by_half_life[lag] - lowest * by_half_life[least])
        by_second += pull * (own * by_shape[lag] - lowest * by_shape[least])
    return by_first, by_second
