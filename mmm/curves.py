"""Response curves and the shape parameters behind them, in days and money."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mmm.draws import MediaDraws
from outlay.response import NATIONAL, periods_per_year
from outlay.summary import summarise
from outlay.transforms import SATURATIONS, Array

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
    """Outcome per period under constant spend, (S, N): the adstock of a constant is the constant."""
    design = draws.design
    x = spend / (design.future.cost_per_exposure[group, channel] * design.x_scale[group, channel])
    family = SATURATIONS[design.panel.saturation[channel]]
    kpi = draws.coefficient[:, group, channel, None] * family.value(x, draws.half_saturation[:, channel, None])
    year = periods_per_year(design.panel.frequency.days)
    return np.asarray(kpi * design.panel.value[-year:, group].mean())


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
        if panel.adstock[c] == "geometric":
            days = draws.half_life[:, c] * panel.frequency.days
            rows.append(_shape_row(panel.channels[c], "half_life", "days", days, level))
        ran = panel.exposure[:, :, c].any(0)  # a group without the channel has a scale that is only borrowed
        if panel.paid[c] and panel.spend[:, :, c].any():
            factor = float(np.nansum((design.future.cost_per_exposure * design.x_scale)[ran, c]))
            name = f"{panel.currency} per {unit}"
        else:
            factor, name = float(design.x_scale[ran, c].sum()), f"exposure per {unit}"
        rows.append(_shape_row(panel.channels[c], "half_saturation", name, draws.half_saturation[:, c] * factor, level))
    return pd.DataFrame(rows)


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
