"""The fitted outcome, taken apart: what media, levers, season, holidays, controls and the base each brought, by period.

The parts add up to the fitted mean exactly. A lever counts from its reference value, a control from its mean, holidays
and events from periods without them, the season around zero; what remains is the base, trend included.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
import pandas as pd

from mmm.draws import MediaDraws
from mmm.link import cell_effect, lost
from outlay.summary import hdi_bounds
from outlay.transforms import Array

_NUMBERS = 60_000_000
"""Draws x rows of a table by period that its intervals sort; beyond, they use evenly thinned draws."""

_FEWEST = 1000
"""Draws that such an interval has at least: its ends are then good to a few per cent of its width."""


@dataclass(frozen=True)
class Component:
    """One part of the outcome.

    Attributes
    ----------
    name : str
        Channel, lever, ``"base"``, ``"season"``, ``"controls"``, ``"holidays and events"`` or, where effects multiply,
        ``"interaction"``.
    kind : {"paid", "organic", "lever", "baseline"}
        What it is.
    draws : ndarray (S, F, G)
        Outcome per scored period and group.
    """

    name: str
    kind: str
    draws: Array


def components(draws: MediaDraws, rows: slice | None = None, groups: slice = slice(None)) -> Iterator[Component]:
    """Every part of the fitted outcome, one at a time; they add up to the fitted mean.

    Under a log likelihood each part is what would be missing without it, the base is what would be left without all of
    them, and ``"interaction"`` is what they bring only together.

    Parameters
    ----------
    draws : MediaDraws
        The posterior.
    rows : slice, optional
        Periods of history; the scored ones by default.
    groups : slice
        Which groups.
    """
    design, window = draws.design, rows if rows is not None else draws.design.fit
    value = design.panel.value[window, groups]
    if not design.log:
        for name, kind, part in _effects(draws, window, groups):
            yield Component(name, kind, part * value)
        return
    parts = list(_effects(draws, window, groups))
    noise = 0.5 * np.square(draws.sigma[:, groups])[:, None, :]
    expected = np.exp(np.sum([part for _, _, part in parts], axis=0) + noise) * value
    rest = expected
    for name, kind, part in parts:
        own = np.exp(part + noise) * value if name == "base" else lost(part, expected)
        rest = rest - own
        yield Component(name, kind, own)
    yield Component("interaction", "baseline", rest)


def _effects(draws: MediaDraws, rows: slice, groups: slice) -> Iterator[tuple[str, str, Array]]:
    """Parts of the model's mean in some periods: (name, kind, (S, F, G))."""
    design, panel = draws.design, draws.design.panel
    chosen = range(*groups.indices(panel.n_groups))
    yield from baseline_parts(draws, design.raw_terms[rows, groups], groups)
    for c in range(panel.n_channels):
        part = np.zeros((draws.n_draws, rows.stop - rows.start, len(chosen)))
        if design.active[c]:
            for i, g in enumerate(chosen):
                part[:, :, i] = cell_effect(draws, g, c, rows)
        yield panel.channels[c], "paid" if panel.paid[c] else "organic", part


def baseline_parts(draws: MediaDraws, columns: Array, groups: slice = slice(None)) -> Iterator[tuple[str, str, Array]]:
    """Base, season, holidays and events, controls and levers, as parts of the model's mean: (name, kind, (S, N, G)).

    Parameters
    ----------
    draws : MediaDraws
        The posterior.
    columns : ndarray (N, G, K)
        The baseline's columns of these groups over some periods, of history or future.
    groups : slice
        Which groups.
    """
    design, slopes = draws.design, draws.terms[:, groups]
    origins = np.array([term.origin for term in design.terms])
    members: dict[tuple[str, str], list[int]] = {}
    for k, term in enumerate(design.terms):
        members.setdefault((term.component, term.kind), []).append(k)
    # What is counted from an origin other than the mean is taken from the base, so that the parts add up.
    base = (draws.intercept[:, groups] - _product(slopes, (design.centre[groups] - origins)[None])[:, 0])[:, None, :]
    base = np.repeat(base, columns.shape[0], axis=1)
    for (_, kind), index in members.items():
        if kind == "base":
            base = base + _product(slopes[..., index], (columns - origins)[..., index])
    yield "base", "baseline", base
    for (name, kind), index in members.items():
        if kind != "base":
            part = _product(slopes[..., index], (columns - origins)[..., index])
            yield name, "lever" if kind == "lever" else "baseline", part


def _product(slopes: Array, columns: Array) -> Array:
    """(S, G, K) x (N, G, K) -> (S, N, G)."""
    return np.asarray(np.einsum("sgk,ngk->sng", slopes, columns, optimize=True))


@dataclass(frozen=True)
class Decomposition:
    """Tables of the fitted outcome by period, all in outcome units.

    Attributes
    ----------
    by_period : DataFrame
        ``date, group, component, kind, mean, hdi_low, hdi_high``; group None is the total.
    fit : DataFrame
        ``date, group, actual, mean, hdi_low, hdi_high, residual``; the interval is predictive, noise included.
    baseline_below_zero : float
        Share of scored periods (over groups) in which the mean baseline is negative.
    draws : int
        Draws behind the intervals; the means are of all draws.
    """

    by_period: pd.DataFrame
    fit: pd.DataFrame
    baseline_below_zero: float
    draws: int = 0


def decompose(draws: MediaDraws, level: float, seed: int) -> Decomposition:
    """Take the outcome apart and summarise each part by period.

    Means are of all draws. Intervals come from evenly thinned draws where a table would be long.

    Parameters
    ----------
    draws : MediaDraws
        The posterior.
    level : float
        Level of the intervals.
    seed : int
        Seed of the noise in the predictive interval.
    """
    design, panel = draws.design, draws.design.panel
    fit, rng = design.fit, np.random.default_rng(seed)
    tables = _Tables(panel.dates[fit], level)
    step = _thinning(draws)
    draws.intercept  # noqa: B018  computed for all draws at once, so that the thinned ones need not do it again
    actual = (panel.kpi * panel.value)[fit]
    whole: dict[tuple[str, str], _Part] = {}
    every, below = _Part(np.zeros(1), np.zeros((1, 1))), 0.0
    for g in range(panel.n_groups):
        parts = _group_parts(draws, g, step)
        fitted = _together(parts.values())
        thin, value = slice(None, None, step), panel.value[fit, g : g + 1]
        noise = predictive_noise(draws, fitted.draws[..., None], value, thin, rng, slice(g, g + 1))[..., 0]
        baseline = _together(part for (_, kind), part in parts.items() if kind == "baseline")
        below += float((baseline.mean < 0).sum())
        every = every.plus(_Part(fitted.mean, fitted.draws + noise))
        whole = {key: whole[key].plus(part) if whole else part for key, part in parts.items()}
        if panel.is_panel:
            tables.add(panel.groups[g], parts)
            tables.add_fit(panel.groups[g], actual[:, g], fitted.mean, fitted.draws + noise)
    tables.add(None, whole)
    tables.add_fit(None, actual.sum(1), every.mean, every.draws)
    return Decomposition(
        by_period=tables.by_period(list(whole)),
        fit=tables.fit(),
        baseline_below_zero=below / actual.size,
        draws=len(every.draws),
    )


def _thinning(draws: MediaDraws) -> int:
    """Every how many draws the intervals by period need to take, so that no table costs more than it tells."""
    design = draws.design
    rows = design.y.size + design.y.shape[0]
    parts = design.panel.n_channels + len({(term.component, term.kind) for term in design.terms})
    most = max(_NUMBERS // (rows * parts), _FEWEST)
    return max(1, -(-draws.n_draws // most))


@dataclass(frozen=True)
class _Part:
    """A series: its mean over all draws (F,), and the thinned draws (S, F)."""

    mean: Array
    draws: Array

    def plus(self, other: _Part) -> _Part:
        return _Part(self.mean + other.mean, self.draws + other.draws)


def _together(parts: Iterable[_Part]) -> _Part:
    return reduce(_Part.plus, parts)


def _group_parts(draws: MediaDraws, g: int, step: int) -> dict[tuple[str, str], _Part]:
    """Every component of one group: the draws in ``step`` interleaved pieces, of which the first is kept."""
    kept: dict[tuple[str, str], Array] = {}
    sums: dict[tuple[str, str], Array] = {}
    for first in range(step):
        for part in components(draws.take(slice(first, None, step)), groups=slice(g, g + 1)):
            key = (part.name, part.kind)
            # Draws side by side: they are sorted before long.
            if first == 0:
                kept[key] = np.asfortranarray(part.draws[..., 0])
            total = part.draws[..., 0].sum(0)
            sums[key] = sums[key] + total if key in sums else total
    return {key: _Part(total / draws.n_draws, kept[key]) for key, total in sums.items()}


class _Tables:
    """The rows of the tables by period, as they come group by group."""

    def __init__(self, dates: pd.DatetimeIndex, level: float) -> None:
        self._dates, self._level = dates, level
        self._parts: dict[tuple[str, str], list[pd.DataFrame]] = {}
        self._fits: list[pd.DataFrame] = []

    def add(self, group: str | None, parts: Mapping[tuple[str, str], _Part]) -> None:
        """The components of one group, or of all."""
        for (name, kind), part in parts.items():
            low, high = hdi_bounds(part.draws, self._level)
            told = {"date": self._dates, "group": group, "component": name, "kind": kind}
            frame = pd.DataFrame({**told, "mean": part.mean, "hdi_low": low, "hdi_high": high})
            self._parts.setdefault((name, kind), []).append(frame.astype({"group": object}))

    def add_fit(self, group: str | None, actual: Array, mean: Array, predicted: Array) -> None:
        """The fit of one group, or of all, with draws of the outcome, noise included."""
        low, high = hdi_bounds(predicted, self._level)
        frame = pd.DataFrame({"date": self._dates, "group": group, "actual": actual, "mean": mean})
        frame = frame.assign(hdi_low=low, hdi_high=high, residual=actual - mean)
        self._fits.append(frame.astype({"group": object}))

    def by_period(self, order: Sequence[tuple[str, str]]) -> pd.DataFrame:
        """Component by component, the total over groups first."""
        return pd.concat([frame for key in order for frame in _total_first(self._parts[key])], ignore_index=True)

    def fit(self) -> pd.DataFrame:
        """The total over groups first."""
        return pd.concat(_total_first(self._fits), ignore_index=True)


def _total_first(frames: list[pd.DataFrame]) -> list[pd.DataFrame]:
    return [frames[-1], *frames[:-1]]


def predictive_noise(
    draws: MediaDraws,
    mean: Array,
    value: Array,
    thin: slice,
    rng: np.random.Generator,
    groups: slice = slice(None),
) -> Array:
    """What the noise adds to the expected outcome, (S, N, G), in the likelihood's own form.

    Parameters
    ----------
    draws : MediaDraws
        The posterior.
    mean : ndarray (S, N, G)
        Expected outcome.
    value : ndarray (N, G)
        Outcome per unit of KPI.
    thin : slice
        Which draws.
    rng : Generator
        Where the noise comes from.
    groups : slice
        Which groups.
    """
    sigma = draws.sigma[thin, groups][:, None, :]
    if draws.degrees is not None:
        return np.asarray(rng.standard_t(draws.degrees[thin][:, None, None], mean.shape) * sigma * value)
    standard = rng.normal(size=mean.shape)
    if draws.design.log:
        # A lognormal whose mean is one, around the expected outcome.
        return np.asarray(mean * np.expm1(sigma * standard - 0.5 * np.square(sigma)))
    return np.asarray(standard * sigma * value)
