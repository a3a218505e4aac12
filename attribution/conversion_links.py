"""One transition of the funnel, or the value of the last stage, as a hierarchical model: its terms, cells and draws.

A :class:`Link` holds what the definition in :mod:`attribution.model_conversion` and the kernel both read. Cells with
the same levels in every term are one cell, in the order of their levels: neither the order of rows nor dimensions that
no term uses change a bit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from attribution import conversion_priors as priors
from attribution.catalogue import CATALOGUE
from attribution.leads import LeadCells
from outlay.errors import DataError
from outlay.findings import Finding
from outlay.sampling import Samples
from outlay.transforms import Array

INTERACTION = ("segment", "channel")
PERIOD = "period"
FEWEST_PERIODS = 4
"""Periods with leads from which a walk's step can be told at all: three differences."""

VALUE = "value"


@dataclass(frozen=True, eq=False)
class Term:
    """Effects that share one spread: K levels, d free directions.

    Attributes
    ----------
    name : str
        ``"segment"``, ``"segment_x_channel"``, ``"period"``, ``"spread_segment"``.
    dims : tuple of str
        The dimensions whose levels it has, the last one fastest.
    levels : tuple of str
        Names of the levels.
    basis : ndarray (K, d)
        Effects are ``basis @ v`` with ``v ~ Normal(0, spread)``: orthonormal and orthogonal to ones for exchangeable
        levels, centred sums of steps for a walk; a product of the two for walks of segments.
    prior : float
        Scale of the spread's half-normal prior.
    predictor : int
        0 for the rate or the mean logarithm, 1 for the logarithm's own spread.
    walk : bool
        Whether neighbouring levels are steps of a random walk.
    """

    name: str
    dims: tuple[str, ...]
    levels: tuple[str, ...]
    basis: Array
    prior: float
    predictor: int = 0
    walk: bool = False


@dataclass(frozen=True, eq=False)
class Link:
    """What one posterior is of. N cells, T terms, L levels of all terms together, F parameters outside any term.

    Attributes
    ----------
    name : str
        The stage that is reached, or ``"value"``.
    family : {"binomial", "lognormal"}
    fixed : tuple of str
        Names of the parameters outside any term; the first is the intercept.
    fixed_mean, fixed_sd : ndarray (F,)
        Their normal priors.
    terms : tuple of Term
    index : ndarray of int (N, T)
        Place of each cell's level in the effects of all terms in a row.
    n, y, q : ndarray (N,)
        Trials and successes; or deals, sum of the logarithms of their values, and of the squared logarithms.
    """

    name: str
    family: Literal["binomial", "lognormal"]
    fixed: tuple[str, ...]
    fixed_mean: Array
    fixed_sd: Array
    terms: tuple[Term, ...]
    index: NDArray[np.int64]
    n: Array
    y: Array
    q: Array

    @cached_property
    def offsets(self) -> NDArray[np.int64]:
        """Where each term's effects begin, and where they all end, (T + 1,)."""
        return np.cumsum([0, *(len(term.levels) for term in self.terms)])

    @property
    def n_levels(self) -> int:
        """Levels of all terms together."""
        return int(self.offsets[-1])

    def places(self, dims: Sequence[str], codes: NDArray[np.int64], shape: Sequence[int]) -> NDArray[np.int64]:
        """Places of given combinations of levels in the effects, (M, T); ``codes`` (M, D) by ``dims``."""
        sizes = dict(zip(dims, shape, strict=True))
        return _places(self.terms, dims, codes, sizes)


@dataclass(frozen=True, eq=False)
class Part:
    """A link and draws of its posterior.

    Attributes
    ----------
    link : Link
    samples : Samples
        ``spread_<term>`` and ``effect_<term>`` per term, and the parameters outside any term, in their natural form.
    """

    link: Link
    samples: Samples

    @cached_property
    def effects(self) -> Array:
        """Draws of the effects of all terms in a row, (S, L)."""
        columns = [self.samples.flat(f"effect_{term.name}") for term in self.link.terms]
        return np.ascontiguousarray(np.concatenate([np.empty((self.size, 0)), *columns], axis=1))

    @cached_property
    def fixed(self) -> Array:
        """Draws of the parameters outside any term, (S, F)."""
        return np.stack([self.samples.flat(name) for name in self.link.fixed], axis=1)

    @property
    def size(self) -> int:
        """Draws of all chains together."""
        return self.samples.chains * self.samples.draws


def links_of(cells: LeadCells) -> tuple[Link, ...]:
    """The links of a table of leads: one per transition, and the value's where leads have values.

    Raises
    ------
    DataError
        Where a transition has no lead that had its time.
    """
    empty = [stage for j, stage in enumerate(cells.stages[1:]) if not cells.trials[:, j].sum() > 0]
    if empty:
        raise DataError([_no_trials(cells, stage) for stage in empty])
    links = [
        count_link(stage, (cells.dims, cells.levels, cells.codes), cells.trials[:, j], cells.successes[:, j])
        for j, stage in enumerate(cells.stages[1:])
    ]
    return (*links, *([value_link(cells)] if cells.value_count.sum() > 0 else []))


def count_link(
    name: str,
    cut: tuple[Sequence[str], dict[str, tuple[str, ...]], NDArray[np.int64]],
    trials: Array,
    successes: Array,
) -> Link:
    """A hierarchical binomial over cells; ``cut`` is their dimensions, levels and codes."""
    dims, levels, codes = cut
    kept = trials > 0
    codes, n, y = codes[kept], trials[kept], successes[kept]
    terms = tuple(_rate_terms(dims, levels, codes))
    sizes = {dim: len(levels[dim]) for dim in dims}
    index, (n, y) = _together(_places(terms, dims, codes, sizes), (n, y))
    mean, sd = np.array([priors.INTERCEPT[0]]), np.array([priors.INTERCEPT[1]])
    return Link(name, "binomial", ("intercept",), mean, sd, terms, index, n, y, np.zeros_like(n))


def value_link(cells: LeadCells) -> Link:
    """The hierarchical log-normal of the last stage's value: by segment and channel, its spread by segment."""
    kept = cells.value_count > 0
    codes = cells.codes[kept]
    used = [dim for dim in INTERACTION if dim in cells.dims and len(cells.levels[dim]) > 1]
    terms = [_exchangeable(dim, (dim,), cells.levels, priors.VALUE_EFFECT) for dim in used]
    if "segment" in used:
        spread = _exchangeable("spread_segment", ("segment",), cells.levels, priors.VALUE_SPREAD, 1)
        terms.append(spread)
    sizes = {dim: len(cells.levels[dim]) for dim in cells.dims}
    sums = (cells.value_count[kept], cells.value_log_sum[kept], cells.value_log_square[kept])
    index, (n, y, q) = _together(_places(terms, cells.dims, codes, sizes), sums)
    mean = np.array([y.sum() / n.sum(), priors.LOG_SPREAD[0]])
    sd = np.array([priors.LOG_VALUE_SD, priors.LOG_SPREAD[1]])
    return Link(VALUE, "lognormal", ("log_value", "log_spread"), mean, sd, tuple(terms), index, n, y, q)


def zero_sum_basis(size: int) -> Array:
    """Orthonormal directions that sum to zero, (size, size - 1): Helmert's contrasts."""
    basis = np.zeros((size, size - 1))
    for j in range(1, size):
        basis[:j, j - 1], basis[j, j - 1] = 1.0, -float(j)
        basis[:, j - 1] /= np.sqrt(j * (j + 1.0))
    return basis


def walk_basis(size: int) -> Array:
    """Centred levels of a walk by its steps, (size, size - 1)."""
    levels = np.tril(np.ones((size, size)))[:, 1:]
    return np.asarray(levels - levels.mean(axis=0))


def _rate_terms(dims: Sequence[str], levels: dict[str, tuple[str, ...]], codes: NDArray[np.int64]) -> list[Term]:
    plain = [dim for dim in dims if dim != PERIOD and len(levels[dim]) > 1]
    terms = [_exchangeable(dim, (dim,), levels, priors.EFFECT) for dim in plain]
    if all(dim in plain for dim in INTERACTION):
        terms.append(_exchangeable("_x_".join(INTERACTION), INTERACTION, levels, priors.INTERACTION))
    if PERIOD in dims and len(np.unique(codes[:, dims.index(PERIOD)])) >= FEWEST_PERIODS:
        names = levels[PERIOD]
        walk = walk_basis(len(names))
        terms.append(Term(PERIOD, (PERIOD,), names, walk, priors.STEP, walk=True))
        if "segment" in plain:
            # Segments part from the common walk by walks of their own, which sum to zero in every period.
            basis = np.asarray(np.kron(zero_sum_basis(len(levels["segment"])), walk), dtype=float)
            both = tuple(f"{segment} x {name}" for segment in levels["segment"] for name in names)
            terms.append(Term("segment_x_period", ("segment", PERIOD), both, basis, priors.OWN_STEP, walk=True))
    return terms


def _exchangeable(
    name: str, dims: tuple[str, ...], levels: dict[str, tuple[str, ...]], prior: float, predictor: int = 0
) -> Term:
    """Levels that know nothing of each other; effects sum to zero over every dimension."""
    basis: Array = np.ones((1, 1))
    names = [""]
    for dim in dims:
        basis = np.asarray(np.kron(basis, zero_sum_basis(len(levels[dim]))), dtype=float)
        names = [f"{name} x {level}" if name else level for name in names for level in levels[dim]]
    return Term(name, dims, tuple(names), basis, prior, predictor)


def _places(
    terms: Sequence[Term], dims: Sequence[str], codes: NDArray[np.int64], sizes: dict[str, int]
) -> NDArray[np.int64]:
    out = np.zeros((len(codes), len(terms)), np.int64)
    offset = 0
    for t, term in enumerate(terms):
        for dim in term.dims:
            out[:, t] = out[:, t] * sizes[dim] + codes[:, list(dims).index(dim)]
        out[:, t] += offset
        offset += len(term.levels)
    return out


def _together(index: NDArray[np.int64], sums: Sequence[Array]) -> tuple[NDArray[np.int64], list[Array]]:
    """One cell per combination of levels, in their order; sums are exact where they are counts."""
    if not index.shape[1]:
        return index[:1], [np.array([values.sum()]) for values in sums]
    cells, inverse = np.unique(index, axis=0, return_inverse=True)
    order = np.lexsort([*sums, inverse.ravel()])
    places = inverse.ravel()[order]
    return cells, [np.bincount(places, values[order], len(cells)).astype(float) for values in sums]


def _no_trials(cells: LeadCells, stage: str) -> Finding:
    return CATALOGUE.finding(
        "V001", f"{cells.source}, stage {stage}", f"none of the {cells.rows:,} leads had its time to reach {stage}"
    )
