"""What the model hands to the optimizer: response draws, with the baseline forecast on the same draws."""

from __future__ import annotations

import numpy as np

from mmm.config import MediaSection
from mmm.contributions import baseline_parts
from mmm.draws import MediaDraws
from outlay.response import ResponseDraws
from outlay.transforms import Array

RESPONSE_DRAWS = 1000
"""Draws kept for planning, evenly spaced over the chains in their order; the first half decides, the second judges."""


def response_draws(draws: MediaDraws) -> ResponseDraws:
    """The posterior as the optimizer reads it: paid channels that ran, original units, at most 1,000 draws."""
    design = draws.design
    panel, future = design.panel, design.future
    planned = panel.paid & design.active & (panel.spend.sum((0, 1)) > 0)
    paid, others = np.flatnonzero(planned), np.flatnonzero(design.active & ~planned)
    draws = draws.take(np.unique(np.linspace(0, draws.n_draws - 1, min(RESPONSE_DRAWS, draws.n_draws)).astype(int)))
    money = panel.kpi_type == "revenue" or panel.has_value
    return ResponseDraws(
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
        baseline=_baseline_forecast(draws, others),
        assumptions=future_assumptions(draws),
        date_marks=panel.frequency.marks,
        unplanned=tuple(
            (panel.channels[c], tuple(panel.spend[:, :, c].sum(axis=1).tolist()))
            for c in np.flatnonzero(panel.paid & ~planned)
        ),
    )


def future_assumptions(draws: MediaDraws) -> tuple[str, ...]:
    """What is assumed of the future beside the plan, in sentences that every plan and forecast carries."""
    design = draws.design
    panel, future = design.panel, design.future
    planned = panel.paid & design.active & (panel.spend.sum((0, 1)) > 0)
    said = list(future.assumptions)
    if (design.active & ~planned).any():
        said.append(f"Exposure of organic channels: {future.how}.")
    for c in np.flatnonzero(planned & panel.reaches):
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


def _baseline_forecast(draws: MediaDraws, others: np.ndarray) -> Array:
    """Outcome in each future period without planned media: base, season, holidays, controls, levers, other channels."""
    design = draws.design
    panel = design.panel
    columns = design.raw_terms[panel.n_periods :]
    forecast = np.zeros((draws.n_draws, len(columns), panel.n_groups))
    for _, _, part in baseline_parts(draws, columns):
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
