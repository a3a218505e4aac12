"""k-prototypes: greedy k-means++ starts on a sample, and Lloyd's steps on all customers.

Huang (1997), *Clustering large data sets with mixed numeric and categorical values*: a customer costs the squared
distance of its numbers to a centre of means, plus gamma for every category in which it differs from the centre's modes.
Starts: Arthur & Vassilvitskii (2007), the greedy variant. Missing cells cost nothing anywhere, and centres are made of
the cells that are there, so that every step lowers the cost, as without holes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from outlay.compiled import on_cores
from outlay.transforms import Array
from segmentation.prototypes_columns import Columns

LIMIT = 100
"""Most steps over all customers."""

SHORT = 40
"""Most steps of a start: those that take longer are mostly the bad ones."""

FINALISTS, CLOSE = 3, 0.01
"""Starts that go on over all customers: the best that differ, within this part of the best cost. Optima that differ in
a mode or two lie so near to each other that a sample cannot say which is the best."""

_NOTHING = 1e-10
"""Part of all weight below which a sum is rounding that is left of customers who moved away."""


@dataclass(frozen=True, eq=False)
class Costs:
    """What a difference costs.

    Attributes
    ----------
    number : ndarray (P,)
        A squared difference of one, by number.
    mismatch : ndarray (Q,)
        Another level, by category: gamma times the feature's weight.
    """

    number: Array
    mismatch: Array


@dataclass(frozen=True, eq=False)
class Centres:
    """K centres: means of numbers, (K, P), and modes of categories, (K, Q)."""

    means: Array
    modes: NDArray[np.int16]


@dataclass(frozen=True, eq=False)
class Lloyd:
    """Where Lloyd's steps ended.

    Attributes
    ----------
    centres : Centres
    labels : ndarray of int32 (N,)
    cost : float
        Huang's, of these labels and centres.
    counts : ndarray (K, levels)
        Weight by cluster and level.
    mass : ndarray (K,)
        Weight by cluster.
    steps : int
    moved : int
        Customers whom the last step moved; above 0 only where the limit was reached.
    reseeded : int
        How often a cluster without customers was begun anew.
    """

    centres: Centres
    labels: NDArray[np.int32]
    cost: float
    counts: Array
    mass: Array
    steps: int
    moved: int
    reseeded: int


class _Sums:
    """Sums by block and cluster, which customers who move keep up to date."""

    def __init__(self, columns: Columns, k: int) -> None:
        blocks, p = len(columns.edges) - 1, len(columns.numbers)
        self.sums, self.seen = np.zeros((blocks, k, p)), np.zeros((blocks, k, p))
        self.counts, self.mass = np.zeros((blocks, k, columns.n_levels)), np.zeros((blocks, k))
        self.labels = np.full(columns.n, -1, np.int32)
        self.tiny = _NOTHING * float(columns.weight.sum())

    def step(self, columns: Columns, costs: Costs, centres: Centres) -> tuple[float, int]:
        """Put every customer to the nearest centre: the cost, and how many moved."""
        from segmentation.kernel_prototypes import step

        told = columns.by_block(
            lambda b, first, last: step(
                columns.numbers,
                columns.codes,
                columns.weight,
                first,
                last,
                centres.means,
                centres.modes,
                costs.number,
                costs.mismatch,
                columns.offsets,
                self.labels,
                self.sums[b],
                self.seen[b],
                self.counts[b],
                self.mass[b],
            )
        )
        return sum(cost for cost, _ in told), sum(moved for _, moved in told)

    def centres(self, columns: Columns) -> Centres:
        """Means and modes; those of all customers where nobody in a cluster has a cell."""
        from segmentation.kernel_prototypes import centres_from

        k = self.mass.shape[1]
        means, modes = np.empty((k, len(columns.numbers))), np.empty((k, len(columns.codes)), np.int16)
        sums, seen, counts = self.sums.sum(0), self.seen.sum(0), self.counts.sum(0)
        centres_from(sums, seen, counts, columns.offsets, self.tiny, columns.mean, columns.mode, means, modes)
        return Centres(means, modes)


def lloyd(columns: Columns, costs: Costs, start: Centres, limit: int = LIMIT) -> Lloyd:
    """Lloyd's steps until nobody moves, the cost no longer falls, or the limit."""
    k = len(start.means)
    state, centres = _Sums(columns, k), start
    cost, moved, steps, reseeded = np.inf, columns.n, 0, 0
    while steps < limit:
        before, (cost, moved) = cost, state.step(columns, costs, centres)
        steps += 1
        empty = np.flatnonzero(state.mass.sum(0) <= state.tiny)
        if moved == 0 or (before <= cost and not len(empty)):
            break
        centres = state.centres(columns)
        if len(empty):
            centres = _reseeded(columns, costs, centres, empty)
            reseeded += len(empty)
    return Lloyd(centres, state.labels, cost, state.counts.sum(0), state.mass.sum(0), steps, moved, reseeded)


def _reseeded(columns: Columns, costs: Costs, centres: Centres, empty: NDArray[np.intp]) -> Centres:
    """Begin each empty cluster at the customer who costs most where he is: the first such, so that no draw is made."""
    taken = np.setdiff1d(np.arange(len(centres.means)), empty)
    cost = columns.weight * distances_to(columns, costs, Centres(centres.means[taken], centres.modes[taken])).min(0)
    means, modes = centres.means.copy(), centres.modes.copy()
    for cluster in empty:
        seed = at_rows(columns, [int(cost.argmax())])
        means[cluster], modes[cluster] = seed.means[0], seed.modes[0]
        cost = np.minimum(cost, columns.weight * distances_to(columns, costs, seed)[0])
    return Centres(means, modes)


def distances_to(columns: Columns, costs: Costs, centres: Centres) -> Array:
    """Huang's distance of every customer to every centre, (K, N)."""
    from segmentation.kernel_prototypes import distances

    out = np.empty((len(centres.means), columns.n))
    means, modes = np.ascontiguousarray(centres.means), np.ascontiguousarray(centres.modes)
    distances(columns.numbers, columns.codes, means, modes, costs.number, costs.mismatch, out)
    return out


def at_rows(columns: Columns, rows: Sequence[int]) -> Centres:
    """Centres at customers; their missing cells are the mean and the mode of all."""
    numbers, codes = columns.numbers[:, rows].T.astype(float), columns.codes[:, rows].T
    means = np.where(np.isnan(numbers), columns.mean, numbers)
    modes = np.where(codes < 0, columns.mode, codes).astype(np.int16)
    return Centres(np.ascontiguousarray(means), np.ascontiguousarray(modes))


def seeds(columns: Columns, costs: Costs, k: int, rng: np.random.Generator) -> Centres:
    """Greedy k-means++: each seed is the best of some customers drawn by their cost so far."""
    trials = 2 + int(np.log(k))
    chosen = [_drawn(columns.weight, 1, rng)[0]]
    best = distances_to(columns, costs, at_rows(columns, chosen))[0]
    while len(chosen) < k:
        candidates = _drawn(columns.weight * best, trials, rng)
        left = np.minimum(best, distances_to(columns, costs, at_rows(columns, candidates)))
        winner = int((left * columns.weight).sum(1).argmin())  # `@` adds up by thread
        chosen.append(candidates[winner])
        best = left[winner]
    return at_rows(columns, chosen)


def _drawn(mass: Array, size: int, rng: np.random.Generator) -> list[int]:
    """Rows drawn with probability in proportion to mass; all alike where there is none."""
    edges = np.cumsum(mass if mass.sum() > 0 else np.ones_like(mass))
    found = np.searchsorted(edges, rng.random(size) * edges[-1], side="right")
    return [int(row) for row in np.minimum(found, len(mass) - 1)]


def starts(columns: Columns, costs: Costs, k: int, count: int, seed: int) -> list[Lloyd]:
    """So many starts in their order, each brought to its end or `SHORT`; each has random numbers of its own."""
    streams = np.random.SeedSequence(seed).spawn(count)

    def one(number: int) -> Lloyd:
        return lloyd(columns, costs, seeds(columns, costs, k, np.random.default_rng(streams[number])), SHORT)

    _ = columns.mean, columns.mode  # once, before threads ask for it
    return on_cores(one, count)


def finalists(tried: Sequence[Lloyd]) -> list[Lloyd]:
    """The starts that go on: the cheapest ones whose costs differ, the first of each."""
    found: list[Lloyd] = []
    for each in sorted(tried, key=lambda one: one.cost):
        last = found[-1].cost if found else -np.inf
        differs = each.cost - last > 1e-7 * abs(each.cost)
        if differs and (not found or each.cost <= found[0].cost * (1 + CLOSE)):
            found.append(each)
    return found[:FINALISTS]


def best_of(found: Sequence[Lloyd]) -> Lloyd:
    """The cheapest, the first of several, its clusters in the order of their weight, so that order does not hang on
    a draw.
    """
    best = min(found, key=lambda each: each.cost)
    order = np.argsort(-best.mass, kind="stable")
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    centres = Centres(best.centres.means[order], best.centres.modes[order])
    labels = place[best.labels].astype(np.int32)
    return replace(best, centres=centres, labels=labels, counts=best.counts[order], mass=best.mass[order])
