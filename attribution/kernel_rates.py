"""Sums over leads of the probability to reach each stage, for many groups of leads in one pass over cells."""

from __future__ import annotations

from typing import Any

import numpy as np

from attribution.kernel_jit import Buffer, exp_into, njit

_BLOCK = 1024
"""Cells worked on at a time, so that their scratch stays next to the processor."""


@njit
def sums_into(tables: Any, cells: Any, extras: Buffer, out: Any) -> None:
    """Add, per draw, ``weight * reach`` of every cell to its groups; the last column is ``weight * reach * worth``.

    Parameters
    ----------
    tables : (first (S, R, A), second (S, R, B), worth (S, A))
        A cell's logit of transition r is ``first[s, r, a] + second[s, r, b]``; ``worth`` is of a lead at the end.
    cells : (begins (A + 1,), second_of (M,), weight (M,))
        Cells in the order of a.
    extras : ndarray of int (K, M)
        Groups of each cell beyond a and b.
    out : (by_a (S, R + 1, A), by_b (S, R + 1, B), by_extra (S, R + 1, E))
    """
    first, second, worth = tables
    begins, second_of, weight = cells
    by_a, by_b, by_extra = out
    n, n_links = weight.shape[0], first.shape[1]
    reach, eta, small, scratch = np.empty(_BLOCK), np.empty(_BLOCK), np.empty(_BLOCK), np.empty(_BLOCK)
    for s in range(first.shape[0]):
        a = 0
        for start in range(0, n, _BLOCK):
            stop = min(start + _BLOCK, n)
            size = stop - start
            for i in range(size):
                reach[i] = weight[start + i]
            for r in range(n_links + 1):
                entry, at = a, start
                while at < stop:
                    while begins[entry + 1] <= at:
                        entry += 1
                    until = min(begins[entry + 1], stop)
                    if r < n_links:
                        base = first[s, r, entry]
                        for i in range(at, until):
                            eta[i - start] = -(base + second[s, r, second_of[i]])
                    else:
                        for i in range(at, until):
                            reach[i - start] *= worth[s, entry]
                    at = until
                if r < n_links:
                    exp_into(eta[:size], small[:size], scratch[:size])
                    for i in range(size):
                        reach[i] /= 1.0 + small[i]
                _add(reach, (begins, second_of, a, start, stop), by_a[s, r], by_b[s, r])
                for k in range(extras.shape[0]):
                    for i in range(start, stop):
                        by_extra[s, r, extras[k, i]] += reach[i - start]
            while a < first.shape[2] - 1 and begins[a + 1] <= stop:
                a += 1


@njit
def _add(reach: Buffer, place: Any, by_a: Buffer, by_b: Buffer) -> None:
    begins, second_of, entry, at, stop = place
    start = at
    while at < stop:
        while begins[entry + 1] <= at:
            entry += 1
        until, total = min(begins[entry + 1], stop), 0.0
        for i in range(at, until):
            total += reach[i - start]
            by_b[second_of[i]] += reach[i - start]
        by_a[entry] += total
        at = until
