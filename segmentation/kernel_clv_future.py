"""What customers will do, draw by draw: alive or not, purchases to come, and what these are worth.

A customer who is alive at age T after x purchases has a rate of purchases that is gamma with shape R = r + x and rate
A = alpha + T; the expected rate of purchases a time y later is

    BG/NBD      R/A E[(1 + p y/A)^-(R+1)],  p ~ Beta(a, b + x)   = R/A 2F1(R+1, a; a+b+x; -y/A)
    Pareto/NBD  R/A (B / (B + y))^s,        B = beta + T

and what is wanted are integrals of it: over the horizon, discounted, and (for the variance of a number of purchases)
with weights that grow. In w = log(1 + y/A) (or B for A) the integrand is smooth for any horizon, so that Gauss and
Legendre's rule with a few nodes is exact to ten digits; and Pfaff's transformation
``2F1(R+1, a; a+b+x; -y/A) = exp(-a w) 2F1(a, a+b-r-1; a+b+x; 1 - exp(-w))`` has coefficients that know nothing of the
age, so that a frequency's ages share them. Where customers leave alike (a in the hundreds) its terms would grow beyond
numbers, and Euler's ``exp(-(R+1) w) 2F1(R+1, b+x; a+b+x; 1 - exp(-w))`` stands in. Unlike the closed form of the
expectation (Fader, Hardie and Lee 2005, equation 10) there is no division by a - 1.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from segmentation.clv_pack import LEAST_ABOVE
from segmentation.kernel_clv import after_into, until_into
from segmentation.kernel_clv_jit import Buffer, Model, exp_into, log_into, njit

_SMALL = 1e-13
_MOST_TERMS = 100_000
_ALIKE = 300.0
"""Logarithm of what Pfaff's terms may grow to."""


@njit
def coefficients(a: float, e: float, g: float, z: float) -> Buffer:
    """Coefficients of ``2F1(a, e; g; .)`` as a power series, as many as arguments from 0 to z need."""
    room, size = 64, 1
    out = np.empty(room)
    out[0] = 1.0
    power, total = 1.0, 1.0
    while size < _MOST_TERMS:
        if size == room:
            wider = np.empty(2 * room)
            for i in range(room):
                wider[i] = out[i]
            out, room = wider, 2 * room
        n = float(size - 1)
        out[size] = out[size - 1] * ((a + n) * (e + n)) / ((g + n) * (n + 1.0))
        power *= z
        term = out[size] * power
        total += term
        size += 1
        if not abs(term) > _SMALL * (1.0 - z) * abs(total) and n > -e:
            break
    return out[:size]


@njit
def _series(c: Buffer, z: Buffer, out: Buffer) -> None:
    """The power series at several places."""
    n = c.shape[0]
    for k in range(z.shape[0]):
        out[k] = c[n - 1]
    for j in range(n - 2, -1, -1):
        own = c[j]
        for k in range(z.shape[0]):
            out[k] = out[k] * z[k] + own


@njit
def _bg(p: Buffer, x: float, ages: Buffer, ask: Any, out: Buffer) -> None:
    """Expected, discounted and second factorial number of purchases (3, ages) of those alive."""
    horizon, decline, nodes, weights, second = ask
    r, alpha, a, b = p[0], p[1], p[2], p[3] + x
    big = r + x
    z_top = horizon / (alpha + ages[0] + horizon)
    alike = -a * math.log1p(-z_top) > _ALIKE
    fall = big if alike else a - 1.0
    if alike:
        c = coefficients(big + 1.0, b, a + b, z_top)
        c2 = coefficients(big + 2.0, b + 1.0, a + b + 1.0, z_top) if second else c
    else:
        c = coefficients(a, a + p[3] - r - 1.0, a + b, z_top)
        c2 = coefficients(a, a + p[3] - r - 1.0, a + b + 1.0, z_top) if second else c
    m = nodes.shape[0]
    w, up, z, series, thin, cut, scratch = (
        np.empty(m),
        np.empty(m),
        np.empty(m),
        np.empty(m),
        np.empty(m),
        np.empty(m),
        np.empty(m),
    )
    for j in range(ages.shape[0]):
        start = alpha + ages[j]
        width = math.log1p(horizon / start)
        for k in range(m):
            w[k] = width * nodes[k]
            thin[k] = -fall * w[k]
        exp_into(w, up, scratch)
        for k in range(m):
            z[k] = 1.0 - 1.0 / up[k]
            series[k] = -decline * start * (up[k] - 1.0)
        exp_into(series, cut, scratch)
        exp_into(thin, thin, scratch)
        _series(c, z, series)
        plain, worth = 0.0, 0.0
        for k in range(m):
            own = weights[k] * thin[k] * series[k]
            plain += own
            worth += own * cut[k]
        out[0, j], out[1, j] = big * width * plain, big * width * worth
        if second:
            _series(c2, z, series)
            pairs = 0.0
            for k in range(m):
                pairs += weights[k] * thin[k] * series[k] * ((1.0 - 1.0 / up[k]) if alike else (up[k] - 1.0))
            out[2, j] = 2.0 * big * (big + 1.0) * b / (a + b) * width * pairs


@njit
def _pareto(p: Buffer, x: float, ages: Buffer, ask: Any, out: Buffer) -> None:
    """As :func:`_bg`, for Pareto/NBD."""
    horizon, decline, nodes, weights, _ = ask
    big, s = p[0] + x, p[2]
    m = nodes.shape[0]
    w, up, thin, cut, scratch = np.empty(m), np.empty(m), np.empty(m), np.empty(m), np.empty(m)
    for j in range(ages.shape[0]):
        rate, start = p[1] + ages[j], p[3] + ages[j]
        width = math.log1p(horizon / start)
        for k in range(m):
            w[k] = width * nodes[k]
            thin[k] = (1.0 - s) * w[k]
        exp_into(w, up, scratch)
        for k in range(m):
            cut[k] = -decline * start * (up[k] - 1.0)
        exp_into(cut, cut, scratch)
        exp_into(thin, thin, scratch)
        plain, worth, pairs = 0.0, 0.0, 0.0
        for k in range(m):
            own = weights[k] * thin[k]
            plain += own
            worth += own * cut[k]
            pairs += own * (up[k] - 1.0)
        scale = big * start / rate * width
        out[0, j], out[1, j] = scale * plain, scale * worth
        out[2, j] = 2.0 * big * (big + 1.0) * (start / rate) ** 2 * width * pairs


@njit
def tables(code: Model, cells: Any, draws: Buffer, ask: Any, out: Any) -> None:
    """Fill what cells are put together from, for every draw (S).

    ``after`` (J, S) and ``until`` (I, S) are logarithms of the parts of the likelihood, ``alive`` (J, S) that of the
    part of those alive at the end, ``future`` (3, J, S) the purchases of those alive.
    """
    counts, after_of, ages, until_of, recencies = cells
    after, until, alive, future = out
    n_after, n_draws = ages.shape[0], draws.shape[0]
    own, scratch, begin = np.empty(5), np.empty(4), 0
    while begin < n_after:
        end = begin
        while end < n_after and after_of[end] == after_of[begin]:
            end += 1
        x, some = counts[after_of[begin]], np.empty((3, end - begin))
        for d in range(n_draws):
            p = draws[d]
            if code is None:
                _bg(p, x, ages[begin:end], ask, some)
            else:
                _pareto(p, x, ages[begin:end], ask, some)
            for j in range(begin, end):
                future[0, j, d], future[1, j, d] = some[0, j - begin], some[1, j - begin]
                if ask[4]:
                    future[2, j, d] = some[2, j - begin]
                after_into(code, x, ages[j], p, own, scratch)
                after[j, d] = own[0]
                if code is not None:
                    alive[j, d] = -(p[0] + x) * math.log(p[1] + ages[j]) - p[2] * math.log(p[3] + ages[j])
        begin = end
    for i in range(recencies.shape[0]):
        for d in range(n_draws):
            until_into(code, counts[until_of[i]], recencies[i], draws[d], own, scratch)
            until[i, d] = own[0]


@njit
def alive_into(code: Model, after: Buffer, until: Buffer, alive: Buffer, out: Buffer, work: Any) -> None:
    """Probability of being alive (S,)."""
    small, one, scratch = work
    n = out.shape[0]
    for d in range(n):
        one[d] = -abs(until[d] - after[d])
    exp_into(one, small, scratch)
    if code is None:
        for d in range(n):
            out[d] = (small[d] if until[d] > after[d] else 1.0) / (1.0 + small[d])
        return
    for d in range(n):
        one[d] = 1.0 + small[d]
    log_into(one, small, scratch)
    for d in range(n):
        one[d] = alive[d] - max(after[d], until[d]) - small[d]
    exp_into(one, out, scratch)


@njit
def summary(values: Buffer, ask: Any, out: Buffer, work: Any) -> None:
    """Mean and narrowest interval that holds ``ask[0]`` steps between draws in order.

    Only draws at both ends have to be in order. They are found as those further than ``ask[1]`` standard deviations
    from the mean, without a branch for each draw; where that finds too few, all are sorted.
    """
    inside, cut = ask
    low, high, _ = work
    n, total, squares = values.shape[0], 0.0, 0.0
    ends = n - inside
    for d in range(n):
        total += values[d]
    mean = total / n
    for d in range(n):
        squares += (values[d] - mean) ** 2
    far = cut * math.sqrt(squares / n)
    below, above = 0, 0
    for d in range(n):
        low[below] = values[d]
        high[above] = values[d]
        below += 1 if values[d] < mean - far else 0
        above += 1 if values[d] > mean + far else 0
        below, above = min(below, n - 1), min(above, n - 1)
    if below < ends or above < ends:
        for d in range(n):
            low[d] = values[d]
        _in_order(low)
        for d in range(n):
            high[d] = low[d]
        below, above = n, n
    else:
        _in_order(low[:below])
        _in_order(high[:above])
    best, at = math.inf, 0
    for d in range(ends):
        width = high[above - ends + d] - low[d]
        if width < best:
            best, at = width, d
    out[0], out[1], out[2] = mean, low[at], high[above - ends + at]


@njit
def _in_order(values: Buffer) -> None:
    """Sort by Shell's method: the library's sort takes seconds to compile."""
    n, gap = values.shape[0], 1
    while gap < n // 9:
        gap = 3 * gap + 1
    while gap > 0:
        for i in range(gap, n):
            own, j = values[i], i
            while j >= gap and values[j - gap] > own:
                values[j] = values[j - gap]
                j -= gap
            values[j] = own
        gap //= 3


@njit
def people(code: Model, cells: Any, made: Any, spend: Any, who: Any, out: Any) -> None:
    """Summaries of customers in the order of their cells, and sums over segments.

    Where ``made`` holds pairs of purchases (a third table of the future), sums hold variances too: of the number of
    purchases N, and of what they are worth, which is N times a mean z that is known from the customer's history alone:
    ``c^2 (E[N] E[z^2] (1 + 1/p) + E[N (N - 1)] E[z^2]) - (c E[N] E[z])^2``, c being the mean discount. E[z^2] is finite
    from a shape ``p x + q`` of 2 on; :data:`segmentation.clv_pack.LEAST_ABOVE` more is the least that it is taken by.

    ``cells``: frequency (C,), pairs (C,), (C,), and where each cell's customers begin (C + 1,). ``spend``: draws of p,
    q and v (S, 3), draws of the population's mean purchase (S,), whether there are any. ``who``: mean purchase (N,)
    (not a number where it is not known), segment from 0 (N,), what :func:`summary` asks. ``out``: rows (12, N), sums
    (segments, 6, S): alive, purchases, value of a purchase, lifetime value, and the variances.
    """
    frequency, after_of, until_of, begins = cells
    after, until, alive, future = made
    money, typical, paid = spend
    mean, segment, inside = who
    rows, sums = out
    n_draws = after.shape[1]
    share, many, worth, value, total = (
        np.empty(n_draws),
        np.empty(n_draws),
        np.empty(n_draws),
        np.empty(n_draws),
        np.empty(n_draws),
    )
    work = (np.empty(n_draws), np.empty(n_draws), np.empty(n_draws))
    chance, pairs = future.shape[0] == 3, np.zeros(n_draws)
    plain, first, second, third, fourth = np.empty(3), np.empty(3), np.empty(3), np.empty(3), np.empty(3)
    summary(typical, inside, plain, work)
    for c in range(frequency.shape[0]):
        j, x = after_of[c], frequency[c]
        alive_into(code, after[j], until[until_of[c]], alive[j], share, work)
        for d in range(n_draws):
            many[d], worth[d] = share[d] * future[0, j, d], share[d] * future[1, j, d]
        if chance:
            for d in range(n_draws):
                pairs[d] = share[d] * future[2, j, d]
        summary(share, inside, first, work)
        summary(many, inside, second, work)
        told = False
        for i in range(begins[c], begins[c + 1]):
            own = paid and x > 0.5 and mean[i] > 0.0
            if own:
                for d in range(n_draws):
                    px = money[d, 0] * x
                    value[d] = money[d, 0] * (money[d, 2] + x * mean[i]) / (px + money[d, 1] - 1.0)
                    total[d] = worth[d] * value[d]
                summary(value, inside, third, work)
                summary(total, inside, fourth, work)
                told = False
            elif not told:
                for d in range(n_draws):
                    value[d] = typical[d]
                    total[d] = worth[d] * typical[d]
                for q in range(3):
                    third[q] = plain[q]
                summary(total, inside, fourth, work)
                told = True
            for q in range(3):
                rows[q, i], rows[3 + q, i], rows[6 + q, i], rows[9 + q, i] = first[q], second[q], third[q], fourth[q]
            g = segment[i]
            if g >= 0:
                for d in range(n_draws):
                    sums[g, 0, d] += share[d]
                    sums[g, 1, d] += many[d]
                    sums[g, 2, d] += value[d]
                    sums[g, 3, d] += total[d]
            if g >= 0 and chance:
                for d in range(n_draws):
                    sums[g, 4, d] += pairs[d] + many[d] - many[d] * many[d]
                    rest = money[d, 1] - 1.0 + (money[d, 0] * x if own else 0.0)
                    cut = worth[d] / many[d] if many[d] > 0.0 else 0.0
                    square = cut * cut * value[d] * value[d] * rest / max(rest - 1.0, LEAST_ABOVE)
                    sums[g, 5, d] += square * (many[d] * (1.0 + 1.0 / money[d, 0]) + pairs[d]) - total[d] * total[d]


@njit
def moments(code: Model, cells: Any, made: Any, kind: Buffer, out: Buffer) -> None:
    """Mean and variance of the purchases of a kind of customers, (kinds, 2, S): sums over cells with weights."""
    weight, after_of, until_of = cells
    after, until, alive, future = made
    n_draws = after.shape[1]
    share, work = np.empty(n_draws), (np.empty(n_draws), np.empty(n_draws), np.empty(n_draws))
    for c in range(weight.shape[0]):
        j, g = after_of[c], kind[c]
        alive_into(code, after[j], until[until_of[c]], alive[j], share, work)
        for d in range(n_draws):
            mean = share[d] * future[0, j, d]
            out[g, 0, d] += weight[c] * mean
            out[g, 1, d] += weight[c] * (share[d] * future[2, j, d] + mean - mean * mean)
