"""What customers will do, by customer and by segment, over draws of the population's parameters.

Customers are put in the order of their cells and worked on some thousand cells at a time, so that a million of them
need no table of customers by draws. Every part is the same cells whatever the number of threads, and sums over segments
are added in the order of the parts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from outlay.compiled import on_cores
from outlay.transforms import Array
from segmentation.clv_cells import PurchaseCells, group, purchase_cells
from segmentation.clv_pack import CODES

PART = 2048
"""Cells worked on at a time: their tables of 200 draws take some 20 MB."""

_NODES, _ENDS = 12, (0.0, 1.0 / 16.0, 1.0 / 4.0, 1.0)
"""Nodes of each piece of the horizon, and where pieces end: frequent buyers who all leave alike leave early."""

_AMPLE = 1.6
"""How many more draws are put in order at each end than an interval needs of a normal distribution."""

MEASURES = ("p_alive", "purchases", "value", "clv")

Numbers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Horizon:
    """How far ahead, and what waiting costs.

    Attributes
    ----------
    length : float
        In the time that draws are of: days, as everywhere but in tests.
    decline : float
        Rate at which the worth of money falls: ``log(1 + yearly rate)`` over the days of a year.
    """

    length: float
    decline: float = 0.0


@dataclass(frozen=True, eq=False)
class Draws:
    """Draws of both models, paired. S draws.

    Attributes
    ----------
    model : str
        ``"bg_nbd"`` or ``"pareto_nbd"``.
    purchases : ndarray (S, 4)
        r, alpha, a, b or r, alpha, s, beta.
    money : ndarray (S, 3) or None
        p, q, v; None where purchases have no money.
    """

    model: str
    purchases: Array
    money: Array | None

    @property
    def typical(self) -> Array:
        """Mean purchase of the population (S,); not a number where purchases have no money."""
        if self.money is None:
            return np.full(len(self.purchases), np.nan)
        p, q, v = self.money.T
        return np.asarray(p * v / (q - 1.0))


@dataclass(frozen=True, eq=False)
class Future:
    """What was predicted.

    Attributes
    ----------
    rows : ndarray (4, 3, N)
        By :data:`MEASURES`: mean, low and high of every customer, in the order given.
    sums : ndarray (segments, 6, S)
        Draws of the sums over each segment's customers; after the measures the variances, by chance alone, of their
        number of purchases and of what these are worth (0 where chance was not asked for).
    """

    rows: Array
    sums: Array


@cache
def _rule() -> tuple[Array, Array]:
    """Gauss and Legendre's nodes and weights from 0 to 1, piece by piece."""
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    pieces = list(pairwise(_ENDS))
    return (
        np.concatenate([low + 0.5 * (high - low) * (nodes + 1.0) for low, high in pieces]),
        np.concatenate([0.5 * (high - low) * weights for low, high in pieces]),
    )


def predict(
    history: tuple[Array, Array, Array, Array],
    draws: Draws,
    horizon: Horizon,
    level: float,
    numbers: Numbers | None,
    *,
    chance: bool = False,
) -> Future:
    """Predict customers.

    Parameters
    ----------
    history : tuple of ndarray (N,)
        Frequency, recency, age, mean purchase (not a number where it is not known).
    draws : Draws
    horizon : Horizon
    level : float
        Probability of intervals.
    numbers : ndarray of int (N,) or None
        Segment of each customer from 0, below 0 for none; None where sums are not wanted.
    chance : bool
        Whether sums hold variances.
    """
    from segmentation.kernel_clv_future import people

    frequency, recency, age, mean = history
    cells = purchase_cells(frequency, recency, age)
    order = np.argsort(cells.of, kind="stable")
    begins = np.searchsorted(cells.of[order], np.arange(len(cells.weight) + 1))
    segments = np.full(len(mean), -1, np.int64) if numbers is None else np.asarray(numbers, np.int64)
    n_segments, n_draws = int(segments.max(initial=-1)) + 1, len(draws.purchases)
    mean, segments = np.ascontiguousarray(mean[order]), segments[order]
    inside = _interval(n_draws, level)
    paid = draws.money is not None
    spend = (draws.money if draws.money is not None else np.ones((n_draws, 3)), draws.typical, paid)
    rows = np.empty((12, len(mean)))
    parts = list(_parts(len(cells.weight)))

    def work(part: int) -> Array:
        low, high = parts[part]
        local, made = _tables(cells, (low, high), draws, horizon, second=chance)
        own = slice(begins[low], begins[high])
        sums = np.zeros((n_segments, 6, n_draws))
        layout = (cells.frequency[low:high], *local, begins[low : high + 1] - begins[low])
        some = np.empty((12, own.stop - own.start))
        people(_model(draws), layout, made, spend, (mean[own], segments[own], inside), (some, sums))
        rows[:, own] = some
        return sums

    sums = np.zeros((n_segments, 6, n_draws))
    for own in on_cores(work, len(parts)):
        sums += own
    out = np.empty_like(rows)
    out[:, order] = rows
    return Future(out.reshape(4, 3, -1), sums)


def class_moments(
    history: tuple[Array, Array, Array], draws: Draws, length: float, kinds: Numbers
) -> tuple[Array, Array]:
    """Mean and variance (kinds, S) of the number of purchases of each kind of customers within a time.

    Parameters
    ----------
    history : tuple of ndarray (N,)
        Frequency, recency, age.
    draws : Draws
    length : float
        Time ahead.
    kinds : ndarray of int (N,)
        From 0; it depends on frequency alone.
    """
    from segmentation.kernel_clv_future import moments

    cells = purchase_cells(*history)
    first = np.empty(len(cells.weight), np.int64)
    first[cells.of] = kinds
    parts = list(_parts(len(cells.weight)))

    def work(part: int) -> Array:
        low, high = parts[part]
        local, made = _tables(cells, (low, high), draws, Horizon(length), second=True)
        out = np.zeros((int(kinds.max()) + 1, 2, len(draws.purchases)))
        moments(_model(draws), (cells.weight[low:high], *local), made, first[low:high], out)
        return out

    total = sum(on_cores(work, len(parts)), np.zeros((int(kinds.max()) + 1, 2, len(draws.purchases))))
    return total[:, 0], total[:, 1]


def _interval(draws: int, level: float) -> tuple[int, float]:
    """How many steps between draws in order an interval holds, and how far from the mean its ends may be.

    The first as :func:`outlay.summary.hdi_bounds` has it, the second in standard deviations.
    """
    from scipy.special import ndtri

    inside = min(max(int(np.floor(level * draws)), 1), draws - 1) if draws > 1 else 0
    ends = (draws - inside) / draws
    return inside, max(float(-ndtri(min(_AMPLE * ends, 0.5))), 0.0)


def _model(draws: Draws) -> int | None:
    """What compiled code knows the model by."""
    return None if draws.model == "bg_nbd" else CODES[draws.model]


def _parts(cells: int) -> Iterator[tuple[int, int]]:
    return ((low, min(low + PART, cells)) for low in range(0, cells, PART))


def _tables(
    cells: PurchaseCells, part: tuple[int, int], draws: Draws, horizon: Horizon, *, second: bool
) -> tuple[tuple[Numbers, Numbers], tuple[Array, Array, Array, Array]]:
    """Pairs of the part's cells, and by pair and draw what the kernel puts them together from."""
    from segmentation.kernel_clv_future import tables

    own = slice(*part)
    frequency = cells.frequency[own]
    counts, place = np.unique(frequency, return_inverse=True)
    first_after, after_of = group(frequency, cells.age[own])
    first_until, until_of = group(frequency, cells.recency[own])
    code, n_draws = _model(draws), len(draws.purchases)
    after, until = np.empty((len(first_after), n_draws)), np.empty((len(first_until), n_draws))
    alive = after if code is None else np.empty_like(after)
    future = np.empty((3 if second else 2, len(first_after), n_draws))
    pairs = (
        counts,
        place[first_after].astype(np.int64),
        cells.age[own][first_after],
        place[first_until].astype(np.int64),
        cells.recency[own][first_until],
    )
    ask = (float(horizon.length), float(horizon.decline), *_rule(), second)
    tables(code, pairs, np.ascontiguousarray(draws.purchases), ask, (after, until, alive, future))
    return (after_of, until_of), (after, until, alive, future)
