"""Response curves and the shape parameters behind them, in days and money."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mmm.draws import MediaDraws
from mmm.link import cell_effect, expected_kpi
from mmm.panel import MediaPanel
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
    channels = [int(c) for c in np.flatnonzero(panel.paid & draws.design.active & panel.spend.any((0, 1)))]
    plans = {c: _Constant.of(panel, c) for c in channels}
    totals = {c: np.zeros((draws.n_draws, len(plan.grid))) for c, plan in plans.items()}
    frames: dict[int, list[pd.DataFrame]] = {c: [] for c in channels}
    for g, name in enumerate(panel.groups):
        others = _expected_lately(draws, g)
        for c, plan in plans.items():
            if plan.weight[g] > 0:
                totals[c] += _steady(draws, g, c, plan.grid * plan.weight[g], others)
            largest = float(panel.spend[:, g, c].max())
            # Where nothing was ever spent, nothing says what money would buy.
            if panel.groups != (NATIONAL,) and largest > 0:
                grid, current = _grid(largest, float(plan.recent[g]))
                outcome = _steady(draws, g, c, grid, others)
                frames[c].append(_frame(panel.channels[c], name, grid, outcome, largest, current, level))
    for c, plan in plans.items():
        frame = _frame(panel.channels[c], None, plan.grid, totals[c], plan.largest, plan.current, level)
        frames[c].insert(0, frame)
    return (
        pd.concat([frame for c in channels for frame in frames[c]], ignore_index=True) if channels else pd.DataFrame()
    )


@dataclass(frozen=True)
class _Constant:
    """Constant spend on one channel over all groups, split as in the last year."""

    recent: Array
    weight: Array
    largest: float
    grid: Array
    current: float

    @classmethod
    def of(cls, panel: MediaPanel, channel: int) -> _Constant:
        recent = panel.spend[-periods_per_year(panel.frequency.days) :, :, channel].mean(0)
        weight = recent / recent.sum() if recent.sum() > 0 else np.full(panel.n_groups, 1 / panel.n_groups)
        largest = float(panel.spend[:, :, channel].sum(1).max())
        grid, current = _grid(largest, float(recent.sum()))
        return cls(recent, weight, largest, grid, current)


def _grid(largest: float, current: float) -> tuple[Array, float]:
    return np.unique(np.append(np.linspace(0.0, 2.0 * largest, POINTS), current)), current


def _lately(draws: MediaDraws) -> slice:
    """The last year, as far as it is scored."""
    panel = draws.design.panel
    return slice(max(panel.n_periods - periods_per_year(panel.frequency.days), draws.design.fit.start), panel.n_periods)


def _expected_lately(draws: MediaDraws, group: int) -> Array | None:
    """Expected KPI of the last year where effects multiply, (S, N)."""
    return expected_kpi(draws, group, _lately(draws))


def _steady(draws: MediaDraws, group: int, channel: int, spend: Array, expected: Array | None) -> Array:
    """Outcome per period under constant spend, (S, N): the adstock of a constant is the constant.

    Spend on reach and frequency buys reach, at the contacts per person of the last year. Where effects multiply, what
    spend brings depends on everything else: it is added to the last year as it would have been without the channel.
    """
    design, panel = draws.design, draws.design.panel
    x = spend / (design.future.cost_per_exposure[group, channel] * design.x_scale[group, channel])
    bend, recent = draws.bend(channel), _lately(draws)
    contacts = design.future.contacts[group, channel, None]
    saturated = x * bend.value(contacts) if panel.reaches[channel] else bend.value(x)
    effect = draws.coefficient[:, group, channel, None] * saturated
    value = float(np.nanmean(panel.value[recent, group]))
    if expected is None:
        return np.asarray(effect * value)
    own = cell_effect(draws, group, channel, recent)
    return np.asarray(np.expm1(effect) * (expected * np.exp(-own)).mean(1, keepdims=True) * value)


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
