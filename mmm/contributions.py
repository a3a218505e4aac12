"""The fitted outcome, taken apart: what media, levers, season, holidays, controls and the base each brought, by period.

The parts add up to the fitted mean exactly. A lever counts from its reference value, a control from its mean, holidays
and events from periods without them, the season around zero; what remains is the base, trend included.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mmm.draws import MediaDraws
from mmm.link import lost
from outlay.response import NATIONAL
from outlay.summary import summarise
from outlay.transforms import Array

_CELLS_AT_ONCE = 20_000_000
"""Draws x periods x groups that a table by period holds at once; beyond, its intervals use evenly thinned draws."""


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


def components(draws: MediaDraws, thin: slice = slice(None)) -> Iterator[Component]:
    """Every part of the fitted outcome, one at a time; they add up to the fitted mean.

    Under a log likelihood each part is what would be missing without it, the base is what would be left without all of
    them, and ``"interaction"`` is what they bring only together.
    """
    design = draws.design
    value = design.panel.value[design.fit]
    if not design.log:
        for name, kind, part in _effects(draws, thin):
            yield Component(name, kind, part * value)
        return
    parts = list(_effects(draws, thin))
    noise = 0.5 * np.square(draws.sigma[thin])[:, None, :]
    expected = np.exp(np.sum([part for _, _, part in parts], axis=0) + noise) * value
    rest = expected
    for name, kind, part in parts:
        own = np.exp(part + noise) * value if name == "base" else lost(part, expected)
        rest = rest - own
        yield Component(name, kind, own)
    yield Component("interaction", "baseline", rest)


def _effects(draws: MediaDraws, thin: slice) -> Iterator[tuple[str, str, Array]]:
    """Parts of the model's mean in the scored periods: (name, kind, (S, F, G))."""
    design, panel = draws.design, draws.design.panel
    yield from baseline_parts(draws, design.raw_terms[design.fit], thin)
    for c in range(panel.n_channels):
        part = np.zeros((len(range(*thin.indices(draws.n_draws))), len(design.y), panel.n_groups))
        if design.active[c]:
            part = np.stack([draws.effect(g, c)[thin, design.fit] for g in range(panel.n_groups)], axis=-1)
        yield panel.channels[c], "paid" if panel.paid[c] else "organic", part


def baseline_parts(draws: MediaDraws, columns: Array, thin: slice = slice(None)) -> Iterator[tuple[str, str, Array]]:
    """Base, season, holidays and events, controls and levers, as parts of the model's mean: (name, kind, (S, N, G)).

    Parameters
    ----------
    draws : MediaDraws
        The posterior.
    columns : ndarray (N, G, K)
        The baseline's columns over some periods, of history or future.
    thin : slice
        Which draws.
    """
    design, slopes = draws.design, draws.terms[thin]
    origins = np.array([term.origin for term in design.terms])
    members: dict[tuple[str, str], list[int]] = {}
    for k, term in enumerate(design.terms):
        members.setdefault((term.component, term.kind), []).append(k)
    # What is counted from an origin other than the mean is taken from the base, so that the parts add up.
    base = (draws.intercept[thin] - _product(slopes, (design.centre - origins)[None])[:, 0])[:, None, :]
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
    """Tables of the fitted outcome, all in outcome units.

    Attributes
    ----------
    by_period : DataFrame
        ``date, group, component, kind, mean, hdi_low, hdi_high``; group None is the total.
    totals : DataFrame
        ``component, kind, mean, hdi_low, hdi_high, share_mean, share_hdi_low, share_hdi_high`` over the window.
    fit : DataFrame
        ``date, group, actual, mean, hdi_low, hdi_high, residual``; the interval is predictive, noise included.
    baseline_below_zero : float
        Share of scored periods (over groups) in which the mean baseline is negative.
    """

    by_period: pd.DataFrame
    totals: pd.DataFrame
    fit: pd.DataFrame
    baseline_below_zero: float


def decompose(draws: MediaDraws, level: float, seed: int) -> Decomposition:
    """Take the outcome apart and summarise each part by period and in total.

    Parameters
    ----------
    draws : MediaDraws
        The posterior.
    level : float
        Level of the intervals.
    seed : int
        Seed of the noise in the predictive interval.
    """
    design = draws.design
    panel, fit = design.panel, design.fit
    step = max(1, -(-draws.n_draws * design.y.size // _CELLS_AT_ONCE))
    thin = slice(None, None, step)
    actual = (panel.kpi * panel.value)[fit]
    by_period: list[pd.DataFrame] = []
    totals: list[dict[str, object]] = []
    mean = np.zeros((len(range(*thin.indices(draws.n_draws))), *actual.shape))
    baseline = np.zeros_like(actual)
    for part in components(draws, thin):
        mean += part.draws
        baseline += part.draws.mean(0) if part.kind == "baseline" else 0.0
        by_period.append(_by_period(part, panel.dates[fit], panel.groups, level))
        totals.append(_total(part, float(actual.sum()), level))
    noise = predictive_noise(draws, mean, panel.value[fit], thin, np.random.default_rng(seed))
    return Decomposition(
        by_period=pd.concat(by_period, ignore_index=True),
        totals=pd.DataFrame(totals),
        fit=_fit_table(actual, mean, noise, panel.dates[fit], panel.groups, level),
        baseline_below_zero=float((baseline < 0).mean()),
    )


def predictive_noise(draws: MediaDraws, mean: Array, value: Array, thin: slice, rng: np.random.Generator) -> Array:
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
    """
    sigma = draws.sigma[thin][:, None, :]
    if draws.degrees is not None:
        return np.asarray(rng.standard_t(draws.degrees[thin][:, None, None], mean.shape) * sigma * value)
    standard = rng.normal(size=mean.shape)
    if draws.design.log:
        # A lognormal whose mean is one, around the expected outcome.
        return np.asarray(mean * np.expm1(sigma * standard - 0.5 * np.square(sigma)))
    return np.asarray(standard * sigma * value)


def _scopes(values: Array, groups: tuple[str, ...]) -> Iterator[tuple[str | None, Array]]:
    """The total over groups and, in a panel, each group: (..., F, G) -> (..., F)."""
    yield None, values.sum(-1)
    if groups != (NATIONAL,):
        for g, name in enumerate(groups):
            yield name, values[..., g]


def _by_period(part: Component, dates: pd.DatetimeIndex, groups: tuple[str, ...], level: float) -> pd.DataFrame:
    frames = []
    for group, values in _scopes(part.draws, groups):
        summary = summarise(values, level)
        columns = {"mean": summary.mean, "hdi_low": summary.low, "hdi_high": summary.high}
        frames.append(
            pd.DataFrame({"date": dates, "group": group, "component": part.name, "kind": part.kind, **columns})
        )
    return pd.concat([frame.astype({"group": object}) for frame in frames], ignore_index=True)


def _total(part: Component, outcome: float, level: float) -> dict[str, object]:
    total = part.draws.sum((1, 2))
    amount, share = summarise(total, level), summarise(total / outcome, level)
    return {
        "component": part.name,
        "kind": part.kind,
        "mean": float(amount.mean),
        "hdi_low": float(amount.low),
        "hdi_high": float(amount.high),
        "share_mean": float(share.mean),
        "share_hdi_low": float(share.low),
        "share_hdi_high": float(share.high),
    }


def _fit_table(
    actual: Array, mean: Array, noise: Array, dates: pd.DatetimeIndex, groups: tuple[str, ...], level: float
) -> pd.DataFrame:
    frames = []
    both = zip(_scopes(actual, groups), _scopes(mean, groups), _scopes(noise, groups), strict=True)
    for (group, seen), (_, fitted), (_, error) in both:
        interval = summarise(fitted + error, level)
        frame = pd.DataFrame({"date": dates, "group": group, "actual": seen, "mean": fitted.mean(0)})
        frames.append(frame.assign(hdi_low=interval.low, hdi_high=interval.high, residual=seen - fitted.mean(0)))
    return pd.concat([frame.astype({"group": object}) for frame in frames], ignore_index=True)
