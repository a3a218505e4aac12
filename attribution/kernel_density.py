"""The log density of a link and its gradient by hand, in the coordinates of :mod:`attribution.parametrise`.

Forward: coordinates to spreads and free directions, to effects, to cells. Backward the same way. A gradient costs one
exponential and one logarithm per cell; how many leads the cells hold makes no difference.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np

from attribution.kernel_data import HEAD, LOGNORMAL
from attribution.kernel_jit import CACHE, Buffer, exp_into, log_into, njit
from attribution.parametrise import KNOTS_TO, ROWS

RECOVERABLE = 4
"""What the sampler takes as a point that it may not go to."""

_BLOCK = 1024
"""Cells worked on at a time, so that their scratch stays next to the processor."""


@njit
def binomial(levels: Buffer, by_levels: Buffer, cells: Any) -> float:
    """Log-likelihood of counts, and its gradient by the effects added to ``by_levels``; the first is the intercept."""
    first, second, begins, second_of, trials, sums = cells
    a_values, b_values = np.empty(first.shape[0]), np.zeros(second.shape[0])
    by_a, by_b = np.zeros(first.shape[0]), np.zeros(second.shape[0])
    for a in range(first.shape[0]):
        a_values[a] = levels[0]
        for t in range(first.shape[1]):
            a_values[a] += levels[1 + first[a, t]]
    for b in range(second.shape[0]):
        for t in range(second.shape[1]):
            b_values[b] += levels[1 + second[b, t]]
    total = 0.0
    for i in range(sums.shape[0]):
        total += sums[i] * levels[i]
        by_levels[i] += sums[i]
    total -= _softplus(a_values, b_values, (begins, second_of, trials), by_a, by_b)
    for a in range(first.shape[0]):
        by_levels[0] -= by_a[a]
        for t in range(first.shape[1]):
            by_levels[1 + first[a, t]] -= by_a[a]
    for b in range(second.shape[0]):
        for t in range(second.shape[1]):
            by_levels[1 + second[b, t]] -= by_b[b]
    return total


@njit
def _softplus(a_values: Buffer, b_values: Buffer, cells: Any, by_a: Buffer, by_b: Buffer) -> float:
    """Sum of ``trials * log(1 + exp(a + b))`` over cells, and its gradient by a and b."""
    begins, second_of, trials = cells
    eta, small, one, log_one, scratch = (
        np.empty(_BLOCK),
        np.empty(_BLOCK),
        np.empty(_BLOCK),
        np.empty(_BLOCK),
        np.empty(_BLOCK),
    )
    total, n, a = 0.0, trials.shape[0], 0
    for start in range(0, n, _BLOCK):
        stop = min(start + _BLOCK, n)
        size, at, entry = stop - start, start, a
        while at < stop:
            while begins[entry + 1] <= at:
                entry += 1
            base, until = a_values[entry], min(begins[entry + 1], stop)
            for i in range(at, until):
                eta[i - start] = base + b_values[second_of[i]]
            at = until
        for i in range(size):
            one[i] = -abs(eta[i])
        exp_into(one[:size], small[:size], scratch[:size])
        for i in range(size):
            one[i] = 1.0 + small[i]
        log_into(one[:size], log_one[:size], scratch[:size])
        for i in range(size):
            total += trials[start + i] * (max(eta[i], 0.0) + log_one[i])
            small[i] = trials[start + i] * (1.0 if eta[i] >= 0.0 else small[i]) / one[i]
        at = start
        while at < stop:
            while begins[a + 1] <= at:
                a += 1
            until, pull = min(begins[a + 1], stop), 0.0
            for i in range(at, until):
                pull += small[i - start]
                by_b[second_of[i]] += small[i - start]
            by_a[a] += pull
            at = until
    return total


@njit
def lognormal(levels: Buffer, by_levels: Buffer, cells: Any) -> float:
    """Log-likelihood of logarithms by their sums, and its gradient by the effects added to ``by_levels``."""
    index, predictor, n, y, q = cells
    total = 0.0
    for i in range(n.shape[0]):
        mean, log_width = levels[0], levels[1]
        for t in range(index.shape[1]):
            if predictor[t] == 0:
                mean += levels[2 + index[i, t]]
            else:
                log_width += levels[2 + index[i, t]]
        precision = math.exp(-2.0 * log_width)
        squares = q[i] - 2.0 * mean * y[i] + n[i] * mean * mean
        total -= n[i] * log_width + 0.5 * squares * precision
        by_mean, by_width = (y[i] - n[i] * mean) * precision, squares * precision - n[i]
        by_levels[0] += by_mean
        by_levels[1] += by_width
        for t in range(index.shape[1]):
            by_levels[2 + index[i, t]] += by_mean if predictor[t] == 0 else by_width
    return total


@njit
def log_density(theta: Buffer, gradient: Buffer, sizes: Any, floats: Any, whole: Any, cells: Any) -> float:
    """Log posterior density and its gradient."""
    family, constant, n_fixed = sizes
    curves, prior, information, pull, fixed_mean, fixed_sd, root, basis = floats
    term_of, rows, columns = whole
    n_terms, free = prior.shape[0], information.shape[0]
    spread, slope, by_spread, total = np.empty(n_terms), np.empty(n_terms), np.empty(n_terms), constant
    for t in range(n_terms):
        log_spread, slope[t], bend = curve_at(curves[t], theta[t])
        spread[t] = math.exp(log_spread)
        ratio = spread[t] / prior[t]
        total += log_spread + math.log(slope[t]) - 0.5 * ratio * ratio
        by_spread[t] = -ratio / prior[t]
        gradient[t] = slope[t] + bend / slope[t]
    z = theta[n_terms:]
    u, w, by_w = root_times(root, z), np.empty(free), np.zeros(free)
    for p in range(free):
        h, t = information[p], term_of[p]
        if t < 0:
            w[p] = pull[p] / h + u[p] / math.sqrt(h)
            away = (w[p] - fixed_mean[p]) / fixed_sd[p]
            total -= 0.5 * away * away
            by_w[p] = -away / fixed_sd[p]
        else:
            x = spread[t]
            b = 1.0 + h * x * x
            v = pull[p] * x / b + u[p] / math.sqrt(b)
            w[p] = x * v
            total -= 0.5 * (v * v + math.log(b))
    levels = np.empty(n_fixed + int(rows.sum()))
    by_levels = np.zeros(levels.shape[0])
    levels_of(w, (n_fixed, rows, columns), basis, levels)
    if family == LOGNORMAL:
        total += lognormal(levels, by_levels, cells[1])
    else:
        total += binomial(levels, by_levels, cells[0])
    levels_back(by_levels, (n_fixed, rows, columns), basis, by_w)
    for p in range(free):
        h, t = information[p], term_of[p]
        if t < 0:
            by_w[p] /= math.sqrt(h)
        else:
            x = spread[t]
            b = 1.0 + h * x * x
            narrow = 1.0 / math.sqrt(b)
            v = pull[p] * x / b + u[p] * narrow
            by_x = pull[p] * (1.0 - h * x * x) / (b * b) - u[p] * h * x * narrow / b
            by_spread[t] += by_w[p] * (v + x * by_x) - v * by_x - h * x / b
            by_w[p] = (by_w[p] * x - v) * narrow
    for t in range(n_terms):
        gradient[t] += by_spread[t] * spread[t] * slope[t]
    root_back(root, by_w, gradient[n_terms:])
    return total


@njit
def curve_at(curve: Buffer, at: float) -> tuple[float, float, float]:
    """A spread's logarithm at a coordinate, with its first and second derivative; straight beyond the knots."""
    pieces = curve.shape[0] - 2
    step = 2.0 * KNOTS_TO / pieces
    place = math.floor((at + KNOTS_TO) / step)
    k = int(min(max(place, -1.0), float(pieces))) + 1
    r = at + KNOTS_TO - step * max(k - 1, 0)
    a, b, c, d = curve[k, 0], curve[k, 1], curve[k, 2], curve[k, 3]
    return a + r * (b + r * (c + r * d)), b + r * (2.0 * c + r * 3.0 * d), 2.0 * c + 6.0 * d * r


@njit
def root_times(root: Buffer, z: Buffer) -> Buffer:
    """Lower triangle times a vector."""
    out = np.empty(z.shape[0])
    for i in range(z.shape[0]):
        total = 0.0
        for j in range(i + 1):
            total += root[i, j] * z[j]
        out[i] = total
    return out


@njit
def root_back(root: Buffer, by_u: Buffer, out: Buffer) -> None:
    """Transposed lower triangle times a vector."""
    out[:] = 0.0
    for i in range(by_u.shape[0]):
        own = by_u[i]
        for j in range(i + 1):
            out[j] += own * root[i, j]


@njit
def levels_of(w: Buffer, shape: Any, basis: Buffer, out: Buffer) -> None:
    """Effects of all levels from free directions, after the parameters outside any term."""
    n_fixed, rows, columns = shape
    for f in range(n_fixed):
        out[f] = w[f]
    at, level, place = 0, n_fixed, n_fixed
    for t in range(rows.shape[0]):
        d = columns[t]
        for k in range(rows[t]):
            total = 0.0
            for j in range(d):
                total += basis[at + j] * w[place + j]
            out[level + k] = total
            at += d
        level += rows[t]
        place += d


@njit
def levels_back(by_levels: Buffer, shape: Any, basis: Buffer, by_w: Buffer) -> None:
    """What a gradient by the levels is by the free directions, added to ``by_w``."""
    n_fixed, rows, columns = shape
    for f in range(n_fixed):
        by_w[f] += by_levels[f]
    at, level, place = 0, n_fixed, n_fixed
    for t in range(rows.shape[0]):
        d = columns[t]
        for k in range(rows[t]):
            own = by_levels[level + k]
            for j in range(d):
                by_w[place + j] += own * basis[at + j]
            at += d
        level += rows[t]
        place += d


@njit
def evaluate(theta: Buffer, gradient: Buffer, buffer: Buffer) -> float:
    """Log density and gradient from a packed link."""
    n_terms, n_fixed, free = int(buffer[2]), int(buffer[3]), int(buffer[4])
    n_levels, n_cells, n_first, n_second = int(buffer[5]), int(buffer[6]), int(buffer[7]), int(buffer[8])
    wide_first, wide_second, n_basis = int(buffer[9]), int(buffer[10]), int(buffer[11])
    whole, at = buffer.view(np.int64), HEAD
    prior = buffer[at : at + n_terms]
    at += n_terms
    curves = buffer[at : at + 4 * ROWS * n_terms].reshape(n_terms, ROWS, 4)
    at += 4 * ROWS * n_terms
    information, pull = buffer[at : at + free], buffer[at + free : at + 2 * free]
    at += 2 * free
    fixed_mean, fixed_sd = buffer[at : at + n_fixed], buffer[at + n_fixed : at + 2 * n_fixed]
    at += 2 * n_fixed
    root = buffer[at : at + free * free].reshape(free, free)
    at += free * free
    basis = buffer[at : at + n_basis]
    at += n_basis
    sums = buffer[at : at + n_fixed + n_levels]
    at += n_fixed + n_levels
    trials, y, q = buffer[at : at + n_cells], buffer[at + n_cells : at + 2 * n_cells], buffer[at + 2 * n_cells :]
    q = q[:n_cells]
    at += 3 * n_cells
    term_of = whole[at : at + free]
    at += free
    rows, columns = whole[at : at + n_terms], whole[at + n_terms : at + 2 * n_terms]
    predictor = whole[at + 2 * n_terms : at + 3 * n_terms]
    at += 3 * n_terms
    first = whole[at : at + n_first * wide_first].reshape(n_first, wide_first)
    at += n_first * wide_first
    second = whole[at : at + n_second * wide_second].reshape(n_second, wide_second)
    at += n_second * wide_second
    begins = whole[at : at + n_first + 1]
    at += n_first + 1
    second_of = whole[at : at + n_cells]
    at += n_cells
    index = whole[at : at + n_cells * n_terms].reshape(n_cells, n_terms)
    floats = (curves, prior, information, pull, fixed_mean, fixed_sd, root, basis)
    cells = ((first, second, begins, second_of, trials, sums), (index, predictor, trials, y, q))
    sizes = (int(buffer[1]), buffer[12], n_fixed)
    return log_density(theta, gradient, sizes, floats, (term_of, rows, columns), cells)


@cache
def entries() -> tuple[Any, Any]:
    """The C functions of the log density, and of the identity that stands for naming the draws. Compiled, or loaded."""
    import numba as nb

    double = nb.types.CPointer(nb.types.double)
    size = nb.types.uint64

    @CACHE.cfunc(nb.types.int64(size, double, double, double, nb.types.voidptr))
    def density(dim: Any, at: Any, gradient_at: Any, value_at: Any, user: Any) -> int:
        theta, gradient = nb.carray(at, (int(dim),)), nb.carray(gradient_at, (int(dim),))
        head = nb.carray(user, (1,), np.float64)
        value = evaluate(theta, gradient, nb.carray(user, (int(head[0]),), np.float64))
        nb.carray(value_at, (1,))[0] = value
        if not math.isfinite(value):
            return RECOVERABLE
        for i in range(theta.shape[0]):
            if not math.isfinite(gradient[i]):
                return RECOVERABLE - 1
        return 0

    @CACHE.cfunc(nb.types.int64(size, size, double, double, nb.types.voidptr))
    def identity(dim: Any, expanded: Any, at: Any, out_at: Any, user: Any) -> int:
        theta, out = nb.carray(at, (int(dim),)), nb.carray(out_at, (int(expanded),))
        for i in range(out.shape[0]):
            out[i] = theta[i]
        return 0

    return density, identity
