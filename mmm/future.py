"""The future that a model can speak of: dates, controls, levers, values and costs, stated and never filled with zero.

A plan's window needs values that the data do not have yet. Here they are those of the same period one year before;
with less than a year of data, the last ones seen. What was assumed is told in sentences that every plan carries.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from outlay.transforms import Array

if TYPE_CHECKING:
    from mmm.panel import MediaPanel


@dataclass(frozen=True)
class Future:
    """One year and ``l_max`` periods after the data, H periods in all.

    Attributes
    ----------
    dates : DatetimeIndex (H,)
        First day of each period.
    controls, events, levers : ndarray (H, G, .)
        Assumed values.
    value : ndarray (H, G)
        Assumed money per unit of KPI.
    cost_per_exposure : ndarray (G, C)
        Currency per unit of exposure, from the last year with exposure.
    assumptions : tuple of str
        The same in sentences.
    """

    dates: pd.DatetimeIndex
    controls: Array
    events: Array
    levers: Array
    value: Array
    cost_per_exposure: Array
    assumptions: tuple[str, ...]


def assume_future(panel: MediaPanel, l_max: int) -> Future:
    """Carry the last year forward, period by period.

    Parameters
    ----------
    panel : MediaPanel
        The data.
    l_max : int
        Periods over which an exposure acts; a plan of a year still has its carry-over inside the future.
    """
    year = round(panel.frequency.periods_per_year)
    horizon = year + l_max
    rows, how = _same_period_last_year(panel.n_periods, year, horizon)
    named = [
        (("controls", panel.control_names), ("control", "controls")),
        (("levers", panel.lever_names), ("lever", "levers")),
        (("events", panel.event_names), ("event", "events")),
    ]
    said = [f"{word[len(names) > 1].capitalize()} {_few(names)}: {how}." for (_, names), word in named if names]
    if panel.kpi_type == "units" and panel.has_value:
        said.append(f"Value per unit of {panel.kpi_name}: {how}.")
    cost, cost_said = _cost_per_exposure(panel, year)
    return Future(
        dates=panel.frequency.future(panel.dates[-1], horizon),
        controls=panel.controls[rows],
        events=panel.events[rows],
        levers=panel.levers[rows],
        value=panel.value[rows],
        cost_per_exposure=cost,
        assumptions=(*said, *cost_said),
    )


def _same_period_last_year(n: int, year: int, horizon: int) -> tuple[np.ndarray, str]:
    if n < year:
        return np.full(horizon, n - 1), "the last value seen, because there is less than a year of data"
    return n - year + np.arange(horizon) % year, "the same period of the last year of data"


def _few(names: tuple[str, ...], most: int = 4) -> str:
    shown = ", ".join(names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown


def _cost_per_exposure(panel: MediaPanel, year: int) -> tuple[Array, tuple[str, ...]]:
    """Cost per exposure over the last year; without exposure then, over all history, then over groups."""
    recent = _ratio(panel.spend[-year:].sum(0), panel.exposure[-year:].sum(0))
    ever = _ratio(panel.spend.sum(0), panel.exposure.sum(0))
    anywhere = np.broadcast_to(_ratio(panel.spend.sum((0, 1)), panel.exposure.sum((0, 1))), ever.shape)
    cost = np.where(np.isfinite(recent), recent, np.where(np.isfinite(ever), ever, anywhere))
    old = [
        f"{panel.channels[c]}" + (f" in {panel.groups[g]}" if panel.is_panel else "")
        for g, c in zip(*np.nonzero(panel.paid & ~np.isfinite(recent) & np.isfinite(cost)), strict=True)
    ]
    unit = panel.frequency.unit
    said = [f"Cost per exposure of each channel: that of the last {year} {unit}s of data."]
    if old:
        said.append(f"Without exposure in the last year, so at its older cost per exposure: {_few(tuple(old))}.")
    return np.where(np.isfinite(cost), cost, 1.0), tuple(said)


def _ratio(spend: Array, exposure: Array) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where((exposure > 0) & (spend > 0), spend / exposure, np.nan)
