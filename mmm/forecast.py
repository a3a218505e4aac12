"""What the model hands to the optimizer: response draws, with the baseline forecast on the same draws."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np

from mmm.config import MediaSection
from mmm.contributions import baseline_parts
from mmm.design import Design
from mmm.draws import MediaDraws
from mmm.planned_levers import CostlyLevers, PlannedLever, costly_levers, lever_words
from outlay.response import ResponseDraws
from outlay.transforms import Array

RESPONSE_DRAWS = 1000
"""Draws kept for planning, evenly spaced over the chains in their order; the first half decides, the second judges."""


def response_draws(draws: MediaDraws) -> ResponseDraws:
    """The posterior as the optimizer reads it: original units, at most 1,000 draws.

    Paid channels that ran are planned, and after them the levers that cost money.
    """
    design = draws.design
    panel, future = design.panel, design.future
    planned = panel.paid & design.active & (panel.spend.sum((0, 1)) > 0)
    paid, others = np.flatnonzero(planned), np.flatnonzero(design.active & ~planned)
    draws = draws.take(np.unique(np.linspace(0, draws.n_draws - 1, min(RESPONSE_DRAWS, draws.n_draws)).astype(int)))
    money = panel.kpi_type == "revenue" or panel.has_value
    levers = costly_levers(design)
    media = ResponseDraws(
        outcome=panel.outcome_name,
        outcome_unit=panel.outcome_unit,
        money=money,
        currency=panel.currency,
        period_days=panel.frequency.days,
        channels=tuple(panel.channels[c] for c in paid),
        groups=panel.groups,
        saturation=tuple("none" if panel.reaches[c] else panel.saturation[c] for c in paid),
        l_max=design.l_max,
        dates=panel.dates,
        future_dates=future.dates,
        weights=np.stack([draws.weights(int(c)) for c in paid], axis=1)
        if len(paid)
        else np.zeros((draws.n_draws, 0, design.l_max)),
        half_saturation=draws.half_saturation[:, paid],
        exponent=draws.exponent[:, paid],
        saturation_first=tuple(bool(draws.bend(int(c)).first) for c in paid),
        link="log" if design.log else "identity",
        coefficient=_planned_coefficient(draws, paid),
        scale=design.x_scale[:, paid],
        exposure=panel.exposure[:, :, paid],
        spend=panel.spend[:, :, paid],
        cost_per_exposure=future.cost_per_exposure[:, paid],
        value=np.concatenate([panel.value, future.value]),
        baseline=_baseline_forecast(draws, others, levers.names),
        assumptions=(*future_assumptions(draws, levers.names), *lever_words(design)),
        date_marks=panel.frequency.marks,
        unplanned=_unplanned(design, np.flatnonzero(panel.paid & ~planned), levers),
    )
    return _with_levers(media, draws, levers.planned) if levers.planned else media


def _unplanned(design: Design, channels: np.ndarray, levers: CostlyLevers) -> tuple[tuple[str, tuple[float, ...]], ...]:
    """What costs money and no plan can hold, with its spend per period."""
    panel = design.panel
    return (
        *((panel.channels[c], tuple(panel.spend[:, :, c].sum(axis=1).tolist())) for c in channels),
        *((name, tuple(spend.sum(axis=1).tolist())) for name, _, spend in levers.others),
    )


def _with_levers(media: ResponseDraws, draws: MediaDraws, levers: tuple[PlannedLever, ...]) -> ResponseDraws:
    """The response with levers as further channels: straight lines that do not carry over."""
    n = len(levers)

    def beside(mine: Array, *theirs: Array) -> Array:
        return np.concatenate([mine, np.stack(theirs, axis=-1)], axis=-1)

    now = np.zeros((draws.n_draws, n, media.l_max))
    now[..., 0] = 1.0
    plain = np.ones((draws.n_draws, n))
    return replace(
        media,
        channels=(*media.channels, *(lever.name for lever in levers)),
        levers=tuple(lever.name for lever in levers),
        saturation=(*media.saturation, *("none",) * n),
        saturation_first=(*media.saturation_first, *(False,) * n),
        weights=np.concatenate([media.weights, now], axis=1),
        half_saturation=np.concatenate([media.half_saturation, plain], axis=1),
        exponent=np.concatenate([media.exponent, plain], axis=1),
        coefficient=beside(media.coefficient, *(lever.coefficient(draws) for lever in levers)),
        scale=beside(media.scale, *(np.ones(len(media.groups)) for _ in levers)),
        exposure=beside(media.exposure, *(lever.distance for lever in levers)),
        spend=beside(media.spend, *(lever.spend for lever in levers)),
        cost_per_exposure=beside(media.cost_per_exposure, *(lever.cost for lever in levers)),
    )


def future_assumptions(draws: MediaDraws, planned: Collection[str] = ()) -> tuple[str, ...]:
    """What is assumed of the future, in sentences that every forecast carries, and every plan.

    Parameters
    ----------
    draws : MediaDraws
        The posterior.
    planned : collection of str
        Levers that a plan decides, and that are therefore not assumed.
    """
    design = draws.design
    panel, future = design.panel, design.future
    bought = panel.paid & design.active & (panel.spend.sum((0, 1)) > 0)
    said = list(future.said(planned))
    if (design.active & ~bought).any():
        said.append(f"Exposure of organic channels: {future.how}.")
    for c in np.flatnonzero(bought & panel.reaches):
        said.append(f"Contacts per person of {panel.channels[c]}: the average of the last year; spend buys reach.")
    return (*said, _base_goes_on(design.section))


def _base_goes_on(section: MediaSection) -> str:
    if not section.trend:
        return "The base stays at its level."
    return "The trend goes on as after its last bend." if section.knots else "The linear trend goes on."


def _planned_coefficient(draws: MediaDraws, paid: np.ndarray) -> Array:
    """Effect per unit of saturated media, (S, G, paid); of reach and frequency, per unit of reach at usual contacts."""
    design = draws.design
    coefficient = draws.coefficient[:, :, paid].copy()
    for i, c in enumerate(paid):
        if design.panel.reaches[c]:
            for g in range(design.panel.n_groups):
                coefficient[:, g, i] *= draws.bend(int(c)).value(design.future.contacts[g, c, None])[:, 0]
    return coefficient


def _baseline_forecast(draws: MediaDraws, others: np.ndarray, planned: Collection[str]) -> Array:
    """Outcome in each future period without what a plan decides: base, season, holidays, controls, all that is left."""
    design = draws.design
    panel = design.panel
    columns = design.raw_terms[panel.n_periods :]
    forecast = np.zeros((draws.n_draws, len(columns), panel.n_groups))
    for name, kind, part in baseline_parts(draws, columns):
        if kind != "lever" or name not in planned:
            forecast += part
    for c in others:
        for g in range(panel.n_groups):
            history, seen = panel.exposure[:, g, c], draws.contacts(g, int(c))
            path = np.concatenate([history, history[design.future.repeats]])
            contacts = None if seen is None else np.concatenate([seen, seen[design.future.repeats]])
            saturated = draws.saturated(g, int(c), path, contacts)[:, panel.n_periods :]
            forecast[:, :, g] += draws.coefficient[:, g, c, None] * saturated
    if design.log:
        forecast = np.exp(forecast + 0.5 * np.square(draws.sigma)[:, None, :])
    return np.asarray(forecast * design.future.value)
