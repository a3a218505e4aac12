"""One exposure series through one channel's response, and gradients back: what the likelihood and lift tests share.

A series begins L - 1 periods before the first one that counts, with zeros where nothing is known. A response is an
adstock and a saturation in either order, or for reach and frequency the reach times a saturation of the frequency,
carried over.
"""

from __future__ import annotations

import math

from mmm.kernel_jit import Buffer, dot, exp_into, lag_sums, lag_sums_by_series, lag_sums_by_weight, log_into, njit

STRAIGHT, SIMPLE, HILL, TANH, ROOT = 0, 1, 2, 3, 4
"""Saturations inside the kernel; ``SIMPLE`` is Hill with slope one."""

ADSTOCK_FIRST, SATURATION_FIRST, REACH = 0, 1, 2
"""Orders; ``REACH`` saturates the frequency, times reach."""

SCRATCH = 7
"""Rows of scratch that the functions here need, each as long as a series."""

_LOG3 = math.log(3.0)
_TINY = 1e-300


@njit
def saturate(
    family: int, a: Buffer, k: float, s: float, out: tuple[Buffer, Buffer, Buffer], logs: Buffer, bits: Buffer
) -> None:
    """``out[0]``, the saturation of ``a``; for Hill and root also its derivatives by ``a`` and by ``s``.

    Where ``a`` is zero so is every exposure behind it, and the derivative by ``a`` is finite and says nothing.
    """
    f = out[0]
    n = a.shape[0]
    if family == STRAIGHT:
        for t in range(n):
            f[t] = a[t]
    elif family == SIMPLE:
        for t in range(n):
            f[t] = a[t] / (a[t] + k)
    elif family == TANH:
        rate = _LOG3 / k
        for t in range(n):
            logs[t] = -rate * a[t]
        exp_into(logs, f, bits)
        for t in range(n):
            f[t] = (1.0 - f[t]) / (1.0 + f[t])
    else:
        _steep(family, a, k, s, out, logs, bits)


@njit
def _steep(
    family: int, a: Buffer, k: float, s: float, out: tuple[Buffer, Buffer, Buffer], logs: Buffer, bits: Buffer
) -> None:
    f, d, e = out
    n = a.shape[0]
    log_into(a, logs, bits)
    if family == HILL:
        log_k = math.log(k)
        for t in range(n):
            logs[t] -= log_k
            f[t] = -s * logs[t]
        exp_into(f, d, bits)
        for t in range(n):
            value = 1.0 / (1.0 + d[t]) if a[t] > 0.0 else 0.0
            bend = value * (1.0 - value)
            f[t] = value
            d[t] = s * bend / max(a[t], _TINY)
            e[t] = bend * logs[t]
    else:
        for t in range(n):
            f[t] = s * logs[t]
        exp_into(f, d, bits)
        for t in range(n):
            value = d[t] if a[t] > 0.0 else 0.0
            f[t] = value
            d[t] = s * value / max(a[t], _TINY)
            e[t] = value * logs[t]


@njit
def slope_times(family: int, g: Buffer, k: float, f: Buffer, d: Buffer, out: Buffer) -> None:
    """``out = g`` times the derivative of the saturation, from what :func:`saturate` left."""
    n = g.shape[0]
    if family == STRAIGHT:
        for t in range(n):
            out[t] = g[t]
    elif family == SIMPLE:
        rate = 1.0 / k
        for t in range(n):
            rest = 1.0 - f[t]
            out[t] = g[t] * rest * rest * rate
    elif family == TANH:
        rate = 0.5 * _LOG3 / k
        for t in range(n):
            out[t] = g[t] * (1.0 - f[t] * f[t]) * rate
    else:
        for t in range(n):
            out[t] = g[t] * d[t]


@njit
def forward(
    x: Buffer,
    contacts: Buffer,
    w: Buffer,
    how: tuple[int, int, float, float],
    out: tuple[Buffer, Buffer, Buffer],
    scratch: Buffer,
) -> None:
    """Response of one series: in ``out``, of F each, with its derivatives by input and exponent for Hill and root.

    ``how``: saturation, order, half-saturation, exponent. ``contacts`` is read for reach and frequency only.
    """
    family, order, k, s = how
    n = out[0].shape[0]
    if order == ADSTOCK_FIRST:
        carried = scratch[0][:n]
        lag_sums(w, x, carried)
        saturate(family, carried, k, s, out, scratch[1][:n], scratch[2][:n])
    else:
        _bent(x, contacts, how, scratch)
        lag_sums(w, scratch[0][: x.shape[0]], out[0])


@njit
def _bent(x: Buffer, contacts: Buffer, how: tuple[int, int, float, float], scratch: Buffer) -> None:
    """A series that saturates first: in ``scratch[0]``; the saturation and its derivatives in the next three rows."""
    family, order, k, s = how
    source, rows = contacts if order == REACH else x, x.shape[0]
    out = (scratch[1][:rows], scratch[2][:rows], scratch[3][:rows])
    saturate(family, source, k, s, out, scratch[4][:rows], scratch[5][:rows])
    for t in range(rows):
        scratch[0, t] = scratch[1, t] * x[t] if order == REACH else scratch[1, t]


@njit
def backward(
    g: Buffer,
    source: tuple[Buffer, Buffer, Buffer],
    how: tuple[int, int, float, float],
    out: tuple[Buffer, Buffer, Buffer],
    pulls: tuple[Buffer, Buffer],
    scratch: Buffer,
) -> None:
    """From ``g``, the gradient by the response, adds to ``pulls``: by the weights; by log half-saturation and exponent.

    ``source`` is the series, its contacts and the weights, ``out`` what :func:`forward` left.

    Of a series that carries over first, the gradient by log half-saturation is not added here but once at the end, by
    :func:`close`: the curve depends on exposure over half-saturation only.
    """
    family, order, k, _ = how
    x, contacts, w = source
    by_weight, by_shape = pulls
    n, rows = g.shape[0], x.shape[0]
    if order == ADSTOCK_FIRST:
        slope_times(family, g, k, out[0], out[1], scratch[0][:n])
        lag_sums_by_weight(scratch[0][:n], x, by_weight)
        if family in (HILL, ROOT):
            by_shape[1] += dot(g, out[2])
        return
    _bent(x, contacts, how, scratch)
    lag_sums_by_weight(g, scratch[0][:rows], by_weight)
    pull, seen = scratch[6][:rows], contacts if order == REACH else x
    lag_sums_by_series(w, g, pull)
    if order == REACH:
        for t in range(rows):
            pull[t] *= x[t]
    if family in (HILL, ROOT):
        by_shape[1] += dot(pull, scratch[3])
    by_input = scratch[4][:rows]
    slope_times(family, pull, k, scratch[1], scratch[2], by_input)
    by_shape[0] -= dot(by_input, seen)


@njit
def close(w: Buffer, order: int, by_weight: Buffer, by_shape: Buffer) -> None:
    """The gradient by log half-saturation, once all series of a channel were added."""
    if order == ADSTOCK_FIRST:
        by_shape[0] -= dot(w, by_weight)
