"""Log densities of the models of purchases and of money, with their gradients by hand.

With x repeat purchases, the last at t, and age T, both models of purchases have a likelihood

    exp(c(x)) (exp(after(x, T)) + exp(until(x, t)))

where the second part are those who left after their last purchase. BG/NBD (Fader, Hardie and Lee 2005, equation 6):

    after = -(r + x) log(alpha + T),    until = log(a / (b + x - 1)) - (r + x) log(alpha + t), none where x = 0

Pareto/NBD (Schmittlein, Morrison and Colombo 1987; Fader and Hardie 2005, "A note on deriving the Pareto/NBD model",
equations 22 and 23, with Euler's transformation of Gauss' function, :func:`kernel_clv_math.falling_series`):

    k = r + s + x,  z(y) = |alpha - beta| / (max + y)
    alpha >= beta:  after = log((r+x)/k) + (1-s) log(beta+T) - (r+x+1) log(alpha+T) + log S(r+x+1, k, z(T))
                    until = log(s/k) - s log(beta+t) - (r+x) log(alpha+t) + log S(r+x, k, z(t))
    alpha < beta:   after = log((r+x)/k) - (r+x) log(alpha+T) - s log(beta+T) + log S(s, k, z(T))
                    until = log(s/k) + (1-r-x) log(alpha+t) - (s+1) log(beta+t) + log S(s+1, k, z(t))
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from segmentation.clv_pack import BG_NBD, GAMMA_GAMMA, HEAD
from segmentation.kernel_clv_jit import Buffer, Model, exp_into, log_into, njit
from segmentation.kernel_clv_math import digamma, falling_series

_BLOCK = 1024
"""Cells worked on at a time, so that their scratch stays next to the processor."""

_ROOT_HALF = 0.7071067811865476
_NEVER = -1e300
"""Logarithm of a part that there is not; a number, so that differences stay numbers."""


@njit
def after_bg(x: float, age: float, p: Buffer, out: Buffer) -> None:
    """Logarithm of the part of those who stay, and its derivatives by r, alpha, a and b."""
    log = math.log(p[1] + age)
    out[0], out[1], out[2] = -(p[0] + x) * log, -log, -(p[0] + x) / (p[1] + age)
    out[3] = out[4] = 0.0


@njit
def until_bg(x: float, last: float, p: Buffer, out: Buffer) -> None:
    """Logarithm of the part of those who left, and its derivatives."""
    if x < 0.5:
        out[0] = _NEVER
        out[1] = out[2] = out[3] = out[4] = 0.0
        return
    after_bg(x, last, p, out)
    out[0] += math.log(p[2] / (p[3] + x - 1.0))
    out[3], out[4] = 1.0 / p[2], -1.0 / (p[3] + x - 1.0)


@njit
def common_bg(x: float, p: Buffer, out: Buffer) -> None:
    """What both parts share, and its derivatives."""
    r, alpha, a, b = p[0], p[1], p[2], p[3]
    out[0] = math.lgamma(r + x) - math.lgamma(r) + r * math.log(alpha)
    out[0] += math.lgamma(a + b) + math.lgamma(b + x) - math.lgamma(b) - math.lgamma(a + b + x)
    both = digamma(a + b) - digamma(a + b + x)
    out[1], out[2] = digamma(r + x) - digamma(r) + math.log(alpha), r / alpha
    out[3], out[4] = both, both + digamma(b + x) - digamma(b)


@njit
def _pareto(x: float, y: float, p: Buffer, out: Buffer, gone: bool, scratch: Buffer) -> None:
    r, alpha, s, beta = p[0], p[1], p[2], p[3]
    k, turned = r + s + x, alpha < beta
    more, less = (beta, alpha) if turned else (alpha, beta)
    d = (s + 1.0 if gone else s) if turned else (r + x if gone else r + x + 1.0)
    z = (more - less) / (more + y)
    falling_series(d, k, z, scratch)
    log_more, log_less = math.log(more + y), math.log(less + y)
    out[0] = math.log((s if gone else r + x) / k) + (d - k) * log_less - d * log_more + scratch[0]
    by_d, by_k = log_less - log_more + scratch[1], -1.0 / k - log_less + scratch[2]
    by_more = -d / (more + y) + scratch[3] * (less + y) / ((more + y) * (more + y))
    by_less = (d - k) / (less + y) - scratch[3] / (more + y)
    out[1] = by_k + (0.0 if turned else by_d) + (0.0 if gone else 1.0 / (r + x))
    out[3] = by_k + (by_d if turned else 0.0) + (1.0 / s if gone else 0.0)
    out[2], out[4] = (by_less, by_more) if turned else (by_more, by_less)


@njit
def common_pareto(x: float, p: Buffer, out: Buffer) -> None:
    """What both parts share, and its derivatives by r, alpha, s and beta."""
    r, alpha, s, beta = p[0], p[1], p[2], p[3]
    out[0] = math.lgamma(r + x) - math.lgamma(r) + r * math.log(alpha) + s * math.log(beta)
    out[1], out[2] = digamma(r + x) - digamma(r) + math.log(alpha), r / alpha
    out[3], out[4] = math.log(beta), s / beta


@njit
def after_into(code: Model, x: float, age: float, p: Buffer, out: Buffer, scratch: Buffer) -> None:
    """Logarithm of the part of those who stay (5,), with its derivatives."""
    if code is None:
        after_bg(x, age, p, out)
    else:
        _pareto(x, age, p, out, False, scratch)


@njit
def until_into(code: Model, x: float, last: float, p: Buffer, out: Buffer, scratch: Buffer) -> None:
    """Logarithm of the part of those who left after their last purchase (5,), with its derivatives."""
    if code is None:
        until_bg(x, last, p, out)
    else:
        _pareto(x, last, p, out, True, scratch)


@njit
def purchases(code: int, p: Buffer, by: Buffer, data: Any) -> float:
    """Log-likelihood of cells, and its gradient added to ``by`` (4,)."""
    counts, weight = data[0], data[1]
    own, value = np.empty(5), _bg_pairs(p, by, data) if code == BG_NBD else _pareto_pairs(p, by, data)
    for k in range(counts.shape[0]):
        if code == BG_NBD:
            common_bg(counts[k], p, own)
        else:
            common_pareto(counts[k], p, own)
        value += weight[k] * own[0]
        for q in range(4):
            by[q] += weight[k] * own[1 + q]
    return value


@njit
def _bg_pairs(p: Buffer, by: Buffer, data: Any) -> float:
    """Both parts of BG/NBD over cells: :func:`after_bg` and :func:`until_bg` for all pairs at once."""
    counts, _, ages, recencies, many, after_of, until_of, begins, pair = data
    r, alpha, a, b = p[0], p[1], p[2], p[3]
    n_after, n_until = ages.shape[0], recencies.shape[0]
    after, until = np.empty(n_after), np.empty(n_until)
    by_after, by_until = np.zeros(n_after), np.zeros(n_until)
    scratch = np.empty(max(n_after, n_until))
    log_after, log_until = np.empty(n_after), np.empty(n_until)
    raised, above = alpha + ages, alpha + recencies
    log_into(raised, log_after, scratch[:n_after])
    log_into(above, log_until, scratch[:n_until])
    left = np.empty(counts.shape[0])
    for k in range(counts.shape[0]):
        left[k] = math.log(a / (b + counts[k] - 1.0)) if counts[k] > 0.5 else _NEVER
    for j in range(n_after):
        after[j] = -(r + counts[after_of[j]]) * log_after[j]
    for i in range(n_until):
        until[i] = left[until_of[i]] - (r + counts[until_of[i]]) * log_until[i]
    value = _sums(after, until, (begins, pair, many), by_after, by_until)
    for j in range(n_after):
        by[0] -= by_after[j] * log_after[j]
        by[1] -= by_after[j] * (r + counts[after_of[j]]) / raised[j]
    for i in range(n_until):
        x = counts[until_of[i]]
        if x > 0.5:
            by[0] -= by_until[i] * log_until[i]
            by[1] -= by_until[i] * (r + x) / above[i]
            by[2] += by_until[i] / a
            by[3] -= by_until[i] / (b + x - 1.0)
    return value


@njit
def _pareto_pairs(p: Buffer, by: Buffer, data: Any) -> float:
    """Both parts of Pareto/NBD over cells."""
    counts, _, ages, recencies, many, after_of, until_of, begins, pair = data
    n_after, n_until = ages.shape[0], recencies.shape[0]
    after, until = np.empty((n_after, 5)), np.empty((n_until, 5))
    by_after, by_until, scratch = np.zeros(n_after), np.zeros(n_until), np.empty(4)
    for j in range(n_after):
        _pareto(counts[after_of[j]], ages[j], p, after[j], False, scratch)
    for i in range(n_until):
        _pareto(counts[until_of[i]], recencies[i], p, until[i], True, scratch)
    value = _sums(after[:, 0].copy(), until[:, 0].copy(), (begins, pair, many), by_after, by_until)
    for j in range(n_after):
        for q in range(4):
            by[q] += by_after[j] * after[j, 1 + q]
    for i in range(n_until):
        for q in range(4):
            by[q] += by_until[i] * until[i, 1 + q]
    return value


@njit
def _sums(after: Buffer, until: Buffer, cells: Any, by_after: Buffer, by_until: Buffer) -> float:
    """Sum of ``many * log(exp(after) + exp(until))`` over cells, and its gradient by both."""
    begins, pair, many = cells
    apart, small, one, log_one, scratch = (
        np.empty(_BLOCK),
        np.empty(_BLOCK),
        np.empty(_BLOCK),
        np.empty(_BLOCK),
        np.empty(_BLOCK),
    )
    total, n, a = 0.0, many.shape[0], 0
    for start in range(0, n, _BLOCK):
        stop = min(start + _BLOCK, n)
        size, at, entry = stop - start, start, a
        while at < stop:
            while begins[entry + 1] <= at:
                entry += 1
            base, until_row = after[entry], min(begins[entry + 1], stop)
            for i in range(at, until_row):
                apart[i - start] = until[pair[i]] - base
            at = until_row
        for i in range(size):
            one[i] = -abs(apart[i])
        exp_into(one[:size], small[:size], scratch[:size])
        for i in range(size):
            one[i] = 1.0 + small[i]
        log_into(one[:size], log_one[:size], scratch[:size])
        for i in range(size):
            total += many[start + i] * (max(apart[i], 0.0) + log_one[i])
            small[i] = many[start + i] * (1.0 if apart[i] >= 0.0 else small[i]) / one[i]
        at = start
        while at < stop:
            while begins[a + 1] <= at:
                a += 1
            until_row, stay = min(begins[a + 1], stop), 0.0
            for i in range(at, until_row):
                total += many[i] * after[a]
                stay += many[i] - small[i - start]
                by_until[pair[i]] += small[i - start]
            by_after[a] += stay
            at = until_row
    return total


@njit
def money(p: Buffer, by: Buffer, data: Any) -> float:
    """Log-likelihood of mean purchases (Fader and Hardie 2013, equation 1a), and its gradient by p, q and v."""
    counts, weight, log_mean, total, many, begins = data
    shape, q, v = p[0], p[1], p[2]
    raised, log_raised, scratch = np.empty(_BLOCK), np.empty(_BLOCK), np.empty(_BLOCK)
    value = 0.0
    for k in range(counts.shape[0]):
        x, w = counts[k], weight[k]
        logs, inverse = 0.0, 0.0
        for start in range(begins[k], begins[k + 1], _BLOCK):
            stop = min(start + _BLOCK, begins[k + 1])
            for i in range(start, stop):
                raised[i - start] = total[i] + v
            log_into(raised[: stop - start], log_raised[: stop - start], scratch[: stop - start])
            for i in range(start, stop):
                logs += many[i] * log_raised[i - start]
                inverse += many[i] / raised[i - start]
        px = shape * x
        value += w * (math.lgamma(px + q) - math.lgamma(px) - math.lgamma(q) + q * math.log(v) + px * math.log(x))
        value += (px - 1.0) * log_mean[k] - (px + q) * logs
        both = digamma(px + q)
        by[0] += x * (w * (both - digamma(px) + math.log(x)) + log_mean[k] - logs)
        by[1] += w * (both - digamma(q) + math.log(v)) - logs
        by[2] += w * q / v - (px + q) * inverse
    return value


@njit
def _normal(x: float) -> float:
    """Density of the standard normal distribution."""
    return 0.3989422804014327 * math.exp(-0.5 * x * x)


@njit
def log_density(theta: Buffer, gradient: Buffer, code: int, scales: Buffer, data: Any) -> float:
    """Log posterior density by unbounded parameters, up to a constant, with its gradient.

    BG/NBD: log r, log alpha, and the normal scores w and u of the share ``a / (a + b) = Phi(w)`` and of
    ``1 / (a + b) = Phi(-u)``, which are uniform before the data: their densities are standard normal then, and have no
    long tail where the data say little. Pareto/NBD: logarithms of r, alpha, s and beta. Money: log p, log(q - 1),
    log v.
    """
    natural, by = np.empty(4), np.zeros(4)
    dim, value = theta.shape[0], 0.0
    for i in range(dim):
        natural[i] = math.exp(theta[i])
        gradient[i] = 0.0
    weibull = 2 if code == BG_NBD else dim
    for i in range(weibull):
        ratio = natural[i] / scales[i]
        value += 2.0 * theta[i] - ratio * ratio
        gradient[i] = 2.0 - 2.0 * ratio * ratio
    if code == GAMMA_GAMMA:
        own = natural.copy()
        own[1] += 1.0
        value += money(own, by, data[1])
        for i in range(3):
            gradient[i] += natural[i] * by[i]
        return value
    if code == BG_NBD:
        share, rest = 0.5 * math.erfc(-theta[2] * _ROOT_HALF), 0.5 * math.erfc(theta[2] * _ROOT_HALF)
        sure = 2.0 / math.erfc(theta[3] * _ROOT_HALF)
        own = natural.copy()
        own[2], own[3] = share * sure, rest * sure
        value -= 0.5 * (theta[2] * theta[2] + theta[3] * theta[3])
        value += purchases(code, own, by, data[0])
        slope, steep = _normal(theta[2]), _normal(theta[3]) * sure * sure
        gradient[2] = (by[2] - by[3]) * sure * slope - theta[2]
        gradient[3] = (share * by[2] + rest * by[3]) * steep - theta[3]
        weibull = 2
    else:
        value += purchases(code, natural, by, data[0])
    for i in range(weibull):
        gradient[i] += natural[i] * by[i]
    return value


@njit
def evaluate(at: Buffer, gradient: Buffer, buffer: Buffer) -> float:
    """Log density and gradient at coordinates, from a packed population."""
    code, dim = int(buffer[1]), int(buffer[2])
    n_counts, n_after, n_until, n_cells = int(buffer[3]), int(buffer[4]), int(buffer[5]), int(buffer[6])
    whole, scales, place = buffer.view(np.int64), buffer[8:12], HEAD
    centre = buffer[place : place + dim]
    root = buffer[place + dim : place + dim + dim * dim].reshape(dim, dim)
    place += dim + dim * dim
    counts, weight = buffer[place : place + n_counts], buffer[place + n_counts : place + 2 * n_counts]
    place += 2 * n_counts
    log_mean = buffer[place : place + n_counts]  # of money alone
    total = buffer[place + n_counts : place + n_counts + n_cells]
    paid = buffer[place + n_counts + n_cells : place + n_counts + 2 * n_cells]
    ends = whole[place + n_counts + 2 * n_cells : place + 2 * n_counts + 2 * n_cells + 1]
    ages, recencies = buffer[place : place + n_after], buffer[place + n_after : place + n_after + n_until]
    place += n_after + n_until
    many = buffer[place : place + n_cells]
    place += n_cells
    after_of, until_of = whole[place : place + n_after], whole[place + n_after : place + n_after + n_until]
    place += n_after + n_until
    begins, pair = whole[place : place + n_after + 1], whole[place + n_after + 1 : place + n_after + 1 + n_cells]
    data = (
        (counts, weight, ages, recencies, many, after_of, until_of, begins, pair),
        (counts, weight, log_mean, total, paid, ends),
    )
    theta, by = np.empty(dim), np.empty(dim)
    for i in range(dim):
        theta[i] = centre[i]
        for j in range(dim):
            theta[i] += root[i, j] * at[j]
    value = log_density(theta, by, code, scales, data)
    for j in range(dim):
        gradient[j] = 0.0
        for i in range(dim):
            gradient[j] += root[i, j] * by[i]
    return value
