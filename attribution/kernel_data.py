"""A link and its coordinates as one flat buffer for compiled code.

For a binomial link the terms are parted into two tables, so that a cell's logit is one number of the first plus one of
the second: with 10,000 cells of six dimensions the tables have some hundred entries each, and a gradient touches a cell
once and not once per term. The successes need no cells at all: they enter through each level's sum.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import product

import numpy as np

from attribution.conversion_links import Link
from attribution.laplace import slices
from attribution.parametrise import Coordinates
from outlay.transforms import Array

BINOMIAL, LOGNORMAL = 0, 1
HEAD = 16
"""Numbers before the first array."""

_LOG_2PI = math.log(2.0 * math.pi)


def pack(coordinates: Coordinates) -> Array:
    """The buffer that :func:`attribution.kernel_density.evaluate` reads."""
    link = coordinates.link
    family = BINOMIAL if link.family == "binomial" else LOGNORMAL
    parts = _tables(link) if family == BINOMIAL else _one_table(link)
    term_of = np.full(coordinates.information.size, -1, np.int64)
    for t, place in enumerate(slices(link)):
        term_of[place] = t
    floats = [
        np.array([term.prior for term in link.terms]),
        coordinates.curves.ravel(),
        coordinates.information,
        coordinates.pull,
        link.fixed_mean,
        link.fixed_sd,
        coordinates.root.ravel(),
        *(basis.ravel() for basis in coordinates.bases),
        _sums(link),
        parts.trials,
        link.y,
        link.q,
    ]
    sizes = [term.basis.shape for term in link.terms]
    whole = [
        term_of,
        np.array([k for k, _ in sizes], np.int64),
        np.array([d for _, d in sizes], np.int64),
        np.array([term.predictor for term in link.terms], np.int64),
        parts.first.ravel(),
        parts.second.ravel(),
        parts.begins,
        parts.second_of,
        link.index.ravel(),
    ]
    body = np.concatenate([np.concatenate(floats), np.concatenate(whole).astype(np.int64).view(np.float64)])
    head = np.zeros(HEAD)
    numbers = (
        HEAD + body.size,
        family,
        len(link.terms),
        len(link.fixed),
        coordinates.information.size,
        link.n_levels,
        len(link.n),
        len(parts.first),
        len(parts.second),
        parts.first.shape[1],
        parts.second.shape[1],
        sum(k * d for k, d in sizes),
    )
    head[: len(numbers)] = numbers
    head[len(numbers)] = _constant(coordinates)
    return np.concatenate([head, body])


class _Tables:
    """Cells as pairs of entries of two tables.

    ``first`` (A, T1) and ``second`` (B, T2) hold places of levels. Cells of entry a of the first are ``begins[a]`` to
    ``begins[a + 1]``, with their entry of the second in ``second_of``.
    """

    def __init__(self, link: Link, mine: Sequence[int], other: Sequence[int]) -> None:
        self.first, a = np.unique(link.index[:, list(mine)], axis=0, return_inverse=True)
        self.second, b = np.unique(link.index[:, list(other)], axis=0, return_inverse=True)
        order = np.lexsort((b.ravel(), a.ravel()))
        self.begins = np.searchsorted(a.ravel()[order], np.arange(len(self.first) + 1)).astype(np.int64)
        self.second_of = b.ravel()[order].astype(np.int64)
        self.trials = link.n[order]


def _tables(link: Link) -> _Tables:
    """The parting of terms into two tables with the fewest entries; terms that share a dimension stay together."""
    groups = _connected(link)
    best: tuple[list[int], list[int]] = ([], list(range(len(link.terms))))
    fewest = math.inf
    for sides in product((False, True), repeat=max(len(groups) - 1, 0)):
        chosen = [t for group, side in zip(groups, (False, *sides), strict=False) if side for t in group]
        rest = [t for t in range(len(link.terms)) if t not in chosen]
        entries = sum(len(np.unique(link.index[:, side], axis=0)) * len(side) for side in (chosen, rest) if side)
        if entries < fewest:
            best, fewest = (rest, chosen), entries
    return _Tables(link, *best)


def _one_table(link: Link) -> _Tables:
    return _Tables(link, list(range(len(link.terms))), [])


def _connected(link: Link) -> list[list[int]]:
    groups: list[tuple[set[str], list[int]]] = []
    for t, term in enumerate(link.terms):
        joined = [group for group in groups if group[0] & set(term.dims)]
        groups = [group for group in groups if group not in joined]
        dims = set(term.dims).union(*(group[0] for group in joined))
        groups.append((dims, sorted([t, *(i for group in joined for i in group[1])])))
    return sorted(members for _, members in groups)


def _sums(link: Link) -> Array:
    """Successes in all (per parameter outside any term), then per level."""
    out = np.zeros(len(link.fixed) + link.n_levels)
    if link.family == "binomial":
        out[0] = link.y.sum()
        for t in range(link.index.shape[1]):
            out += np.bincount(link.index[:, t] + 1, link.y, out.size)
    return out


def _constant(coordinates: Coordinates) -> float:
    """What of the log density depends on no coordinate, so that it equals the definition's to the last constant."""
    link = coordinates.link
    free = coordinates.information.size
    total = -0.5 * _LOG_2PI * free - float(np.log(link.fixed_sd).sum())
    total -= 0.5 * float(np.log(coordinates.information[: len(link.fixed)]).sum())
    total += sum(0.5 * math.log(2.0 / math.pi) - math.log(term.prior) for term in link.terms)
    total += float(np.log(np.diag(coordinates.root)).sum())
    if link.family == "lognormal":
        total -= 0.5 * _LOG_2PI * float(link.n.sum())
    return total
