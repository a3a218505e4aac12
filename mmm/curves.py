"""Response curves and the shape parameters behind them, in days and money."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mmm.draws import MediaDraws
from mmm.link import cell_effect, expected_kpi
from outlay.response import NATIONAL, periods_per_year
from outlay.summary import summarise
from outlay.transforms import Array

POINTS = 41
"""Points of a curve, from zero to twice the largest spend of any one period."""


def curve_table(draws: MediaDraws, level: float) -> pd.DataFrame:
    """Outcome per period at a constant spend per period, for every paid channel that ran.

    Columns: ``channel, group, spend, outcome_mean, outcome_hdi_low, outcome_hdi_high, extrapolated, is_current``. The
    curve is the mean over draws of the response. ``spend`` is per period; ``extrapolated`` marks spend beyond the
    largest seen in any one period; ``is_current`` marks the mean of the last year. The total over groups keeps the
    groups' shares of the last year's spend.
    """
    panel = draws.design.panel
    year = periods_per_year(panel.frequency.days)
    frames = []
    for c in np.flatnonzero(panel.paid & draws.design.active & panel.spend.any((0, 1))):
        recent = panel.spend[-year:, :, c].mean(0)
        weight = recent / recent.sum() if recent.sum() > 0 else np.full(panel.n_groups, 1 / panel.n_groups)
        largest = float(panel.spend[:, :, c].sum(1).max())
        grid, current = _grid(largest, float(recent.sum()))
        total = sum(_steady(draws, int(g), int(c), grid * weight[g]) for g in np.flatnonzero(weight))
        frames.append(_frame(panel.channels[c], None, grid, np.asarray(total), largest, current, level))
        if panel.groups == (NATIONAL,):
            continue
        for g, name in enumerate(panel.groups):
            largest = float(panel.spend[:, g, c].max())
            if largest == 0:
                continue  # nothing was ever spent there, so nothing says what money would buy
            grid, current = _grid(largest, float(recent[g]))
            frames.append(
                _frame(panel.channels[c], name, grid, _steady(draws, g, int(c), grid), largest, current, level)
            )
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


def _grid(largest: float, current: float) -> tuple[Array, float]:
    return np.unique(np.append(np.linspace(0.0, 2.0 * largest, POINTS), current)), current


def _steady(draws: MediaDraws, group: int, channel: int, spend: Array) -> Array:
    """Outcome per period under constant spend, (S, N): the adstock of a constant is the constant.

    Spend on reach and frequency buys reach, at the contacts per person of the last year.
    """
    design, panel = draws.design, draws.design.panel
    year = periods_per_year(panel.frequency.days)
    x = spend / (design.future.cost_per_exposure[group, channel] * design.x_scale[group, channel])
    bend = draws.bend(channel)
    saturated = x * bend.value(usual_contacts(draws, group, channel)) if panel.reaches[channel] else bend.value(x)
    effect = draws.coefficient[:, group, channel, None] * saturated
    recent = slice(max(panel.n_periods - year, design.fit.start), panel.n_periods)
    value = float(np.nanmean(panel.value[recent, group]))
    if design.log:
        expected = expected_kpi(draws, group, recent)
        own = cell_effect(draws, group, channel, recent)
        # The same with the channel off is what its spend would be added to.
        return np.asarray(np.expm1(effect) * (np.asarray(expected) * np.exp(-own)).mean(1, keepdims=True) * value)
    return np.asarray(effect * value)


def usual_contacts(draws: MediaDraws, group: int, channel: int) -> Array:
    """Contacts per person reached over the last year with any, (1,)."""
    panel = draws.design.panel
    reach, contacts = panel.exposure[:, group, channel], panel.contacts[:, group, channel]
    year = slice(-periods_per_year(panel.frequency.days), None)
    if not reach[year].any():
        year = slice(None)
    seen = float(reach[year].sum())
    return np.array([float((reach * contacts)[year].sum()) / seen if seen > 0 else 1.0])


def _frame(
    channel: str, group: str | None, grid: Array, outcome: Array, largest: float, current: float, level: float
) -> pd.DataFrame:
    columns = {k: v for k, v in summarise(outcome, level).columns("outcome").items() if k != "outcome_median"}
    frame = pd.DataFrame({"channel": channel, "group": group, "spend": grid, **columns})
    return frame.assign(extrapolated=grid > largest, is_current=grid == current).astype({"group": object})


def shape_table(draws: MediaDraws, level: float) -> pd.DataFrame:
    """Half-life in days and half-saturation in currency (or exposure, for organic channels) per period.

    Columns: ``channel, quantity, unit, mean, median, hdi_low, hdi_high``.
    """
    design = draws.design
    panel, unit = design.panel, design.panel.frequency.unit
    rows = []
    for c in np.flatnonzero(design.active):
        rows += _carry_rows(draws, int(c), level)
        if c in design.blocks.sloped:
            rows.append(_shape_row(panel.channels[c], "slope", "", draws.exponent[:, c], level))
        if c in design.blocks.rooted:
            rows.append(_shape_row(panel.channels[c], "exponent", "", draws.exponent[:, c], level))
        if c not in design.blocks.bent:
            continue
        if panel.reaches[c]:
            contacts = draws.half_saturation[:, c]
            rows.append(_shape_row(panel.channels[c], "half_saturation", "contacts per person", contacts, level))
            continue
        ran = panel.exposure[:, :, c].any(0)  # a group without the channel has a scale that is only borrowed
        if panel.paid[c] and panel.spend[:, :, c].any():
            factor = float(np.nansum((design.future.cost_per_exposure * design.x_scale)[ran, c]))
            name = f"{panel.currency} per {unit}"
        else:
            factor, name = float(design.x_scale[ran, c].sum()), f"exposure per {unit}"
        rows.append(_shape_row(panel.channels[c], "half_saturation", name, draws.half_saturation[:, c] * factor, level))
    return pd.DataFrame(rows)


def _carry_rows(draws: MediaDraws, channel: int, level: float) -> list[dict[str, object]]:
    """Half-life in days and, for families that have one, the delay in days or the Weibull shape."""
    panel, blocks = draws.design.panel, draws.design.blocks
    rows = []
    if channel in blocks.decaying:
        days = draws.half_life[:, channel] * panel.frequency.days
        rows.append(_shape_row(panel.channels[channel], "half_life", "days", days, level))
    if channel in blocks.shaped:
        second = draws.adstock_shape[:, channel]
        delayed = panel.adstock[channel] == "delayed"
        name, unit = ("delay", "days") if delayed else ("weibull_shape", "")
        rows.append(
            _shape_row(panel.channels[channel], name, unit, second * (panel.frequency.days if delayed else 1), level)
        )
    return rows


def _shape_row(channel: str, quantity: str, unit: str, values: Array, level: float) -> dict[str, object]:
    summary = summarise(values, level)
    return {
        "channel": channel,
        "quantity": quantity,
        "unit": unit,
        "mean": float(summary.mean),
        "median": float(summary.median),
        "hdi_low": float(summary.low),
        "hdi_high": float(summary.high),
    }
