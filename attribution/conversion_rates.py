"""From draws of effects to draws of what becomes of groups of leads.

A group's rate is the mean over its leads of their cells' rates. Cells are pairs of entries of two tables, as in
:mod:`attribution.kernel_data`, and sums over leads are kept by entry: every grouping by dimensions of one table then
costs a small product, however many there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from attribution.conversion_links import INTERACTION, PERIOD, VALUE, Part
from attribution.conversion_mix import Mix
from attribution.kernel_rates import sums_into
from outlay.transforms import Array

if TYPE_CHECKING:
    from attribution.conversion import FittedConversion, RateDraws

Draws = NDArray[np.intp]

_BLOCK = 50
"""Draws that a thread takes at a time."""

_THREADS = 2


@dataclass(frozen=True, eq=False)
class Reached:
    """Draws by group of one grouping: reach (S, n, J), worth of a lead (S, n), observed leads (n,)."""

    reach: Array
    worth: Array
    leads: Array

    @property
    def value(self) -> Array:
        """Value of the last stage for a lead that reaches it, (S, n)."""
        return np.asarray(self.worth / self.reach[..., -1])


def rate_draws(fitted: FittedConversion, by: tuple[str, ...], most: int | None = None) -> RateDraws:
    """Draws of reach and value by some dimensions; see :meth:`attribution.conversion.FittedConversion.draws`."""
    from attribution.conversion import RateDraws

    got = reach_by(fitted.parts, fitted.mix, [by], spaced(fitted.n_draws, most))[0]
    return RateDraws(fitted.mix.labels(by), got.leads, got.reach, got.value, fitted.mix.sentence)


def spaced(draws: int, most: int | None) -> Draws:
    """Places of at most so many draws, evenly spaced."""
    if most is None or most >= draws:
        return np.arange(draws)
    return np.linspace(0, draws - 1, most).round().astype(np.intp)


def reach_by(parts: Sequence[Part], mix: Mix, groupings: Sequence[tuple[str, ...]], draws: Draws) -> list[Reached]:
    """Draws of every group of several groupings, one pass over the leads for all of them."""
    sums: dict[tuple[str, ...], tuple[Array, Array]] = {}
    for dated in (False, True):
        mine = [by for by in groupings if (PERIOD in by) is dated]
        if mine:
            codes, leads = mix.observed(mine[0])
            sums |= dict(zip(mine, _sums(parts, mix, mine, (codes, leads, draws)), strict=True))
    return [_reached(parts, mix, by, sums[by], draws) for by in groupings]


def _reached(parts: Sequence[Part], mix: Mix, by: tuple[str, ...], sums: tuple[Array, Array], draws: Draws) -> Reached:
    """Sums over leads divided by leads; groups without a lead stand in with everybody's mix."""
    total, leads = sums
    weight = leads
    empty = np.flatnonzero(leads == 0)
    if empty.size:
        codes, mixed = mix.standing_in(by, empty)
        ((more, added),) = _sums(parts, mix, [by], (codes, mixed, draws))
        total, weight = total + more, leads + added
    rates = total / weight
    ones = np.ones((draws.size, leads.size, 1))
    reach = np.concatenate([ones, np.moveaxis(rates[:, :-1], 1, 2)], axis=2)
    worth = rates[:, -1] if any(part.link.name == VALUE for part in parts) else np.full(rates[:, -1].shape, np.nan)
    return Reached(reach, worth, leads)


def _sums(
    parts: Sequence[Part],
    mix: Mix,
    groupings: Sequence[tuple[str, ...]],
    rows: tuple[NDArray[np.int64], Array, Draws],
) -> list[tuple[Array, Array]]:
    """Per grouping, sums over leads (S, J, n) of reaching each later stage and of worth, and its leads (n,)."""
    codes, leads, draws = rows
    tables = _Tables(parts, mix, codes, leads)
    apart = [by for by in groupings if not (set(by) <= tables.mine or set(by) <= tables.others)]
    sizes = [prod(mix.shape(by)) for by in apart]
    ends = np.cumsum([0, *sizes])
    extras = [mix.group(by, codes)[tables.order] + end for by, end in zip(apart, ends[:-1], strict=True)]
    extra = np.stack(extras) if extras else np.empty((0, len(codes)), np.int64)
    shape = (draws.size, len(tables.links) + 1)
    out = tuple(np.zeros((*shape, n)) for n in (len(tables.first), len(tables.second), int(ends[-1])))

    def work(start: int) -> None:
        some = slice(start, start + _BLOCK)
        sums_into(tables.values(draws[some]), tables.cells, extra, tuple(part[some] for part in out))

    with ThreadPoolExecutor(_THREADS) as pool:
        list(pool.map(work, range(0, draws.size, _BLOCK)))
    found = []
    for by in groupings:
        groups = mix.group(by, codes)
        size = prod(mix.shape(by))
        if by in apart:
            k = apart.index(by)
            total = out[2][..., ends[k] : ends[k + 1]]
        elif set(by) <= tables.mine:
            total = _onto(out[0], mix.group(by, tables.first), size)
        else:
            total = _onto(out[1], mix.group(by, tables.second), size)
        found.append((total, np.bincount(groups, leads, size).astype(float)))
    return found


def _onto(sums: Array, group: NDArray[np.int64], size: int) -> Array:
    """Entries of a table added up by group."""
    return np.asarray(sums @ np.eye(size)[group])


class _Tables:
    """Combinations of levels as pairs of entries of two tables, and what the draws say of either."""

    def __init__(self, parts: Sequence[Part], mix: Mix, codes: NDArray[np.int64], leads: Array) -> None:
        self.links = [part for part in parts if part.link.name != VALUE]
        self.value = next((part for part in parts if part.link.name == VALUE), None)
        self.mix = mix
        self.mine = _side(mix, codes, [set(term.dims) for part in parts for term in part.link.terms])
        self.others = set(mix.dims) - self.mine
        self.first, a = self._entries(codes, self.mine)
        self.second, b = self._entries(codes, self.others)
        self.order = np.lexsort((b, a))
        begins = np.searchsorted(a[self.order], np.arange(len(self.first) + 1)).astype(np.int64)
        self.cells = (begins, b[self.order].astype(np.int64), np.asarray(leads, float)[self.order])
        shape = [len(mix.levels[dim]) for dim in mix.dims]
        self.first_places = [part.link.places(mix.dims, self.first, shape) for part in parts]
        self.second_places = [part.link.places(mix.dims, self.second, shape) for part in parts]

    def _entries(self, codes: NDArray[np.int64], dims: set[str]) -> tuple[NDArray[np.int64], NDArray[np.intp]]:
        """Distinct combinations of some dimensions, zero in the others, and which of them each row has."""
        masked = codes * np.array([dim in dims for dim in self.mix.dims], np.int64)
        entries, inverse = np.unique(masked, axis=0, return_inverse=True)
        return entries, inverse.ravel()

    def values(self, draws: Draws) -> tuple[Array, Array, Array]:
        """Logits' two summands, and the value of a lead at the end, per draw."""
        first = np.empty((draws.size, len(self.links), len(self.first)))
        second = np.zeros((draws.size, len(self.links), len(self.second)))
        for r, part in enumerate(self.links):
            effects = part.effects[draws]
            first[:, r] = part.fixed[draws]
            for t, term in enumerate(part.link.terms):
                if set(term.dims) <= self.mine:
                    first[:, r] += effects[:, self.first_places[r][:, t]]
                else:
                    second[:, r] += effects[:, self.second_places[r][:, t]]
        if self.value is None:
            return first, second, np.zeros((draws.size, len(self.first)))
        return first, second, expected_value(self.value, self.first_places[len(self.links)], draws)


def expected_value(part: Part, places: NDArray[np.int64], draws: Draws) -> Array:
    """Mean of the log-normal at combinations of levels, (draws, M)."""
    effects, fixed = part.effects[draws], part.fixed[draws]
    mean, width = (np.repeat(fixed[:, [k]], len(places), axis=1) for k in (0, 1))
    for t, term in enumerate(part.link.terms):
        own = width if term.predictor else mean
        own += effects[:, places[:, t]]
    return np.asarray(np.exp(mean + 0.5 * np.exp(2.0 * width)))


def _side(mix: Mix, codes: NDArray[np.int64], terms: Sequence[set[str]]) -> set[str]:
    """Dimensions of the first table: segment, channel and what shares a term with them, and such others that the two
    tables have fewest entries.
    """
    core = {dim for dim in INTERACTION if dim in mix.dims}
    for term in terms:
        core |= term if term & core else set()
    others = [dim for dim in mix.dims if dim not in core]
    best, fewest = set(mix.dims), float("inf")
    for chosen in range(2 ** len(others)):
        side = core | {dim for d, dim in enumerate(others) if chosen >> d & 1}
        at = [d for d, dim in enumerate(mix.dims) if dim in side]
        rest = [d for d in range(len(mix.dims)) if d not in at]
        entries = sum(min(len(codes), prod(mix.shape([mix.dims[d] for d in part]))) for part in (at, rest))
        if entries < fewest:
            best, fewest = side, entries
    return best
