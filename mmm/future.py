"""The future that a model can speak of: dates, controls, levers, values and costs, stated and never filled with zero.

A plan's window needs values that the data do not have yet. Here they are those of the same period one year before;
with less than a year of data, the last ones seen. What was assumed is told in sentences that every plan carries.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from outlay.response import periods_per_year
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
        Currency per unit of exposure, from the last year with exposure; NaN where nothing is known of it.
    contacts : ndarray (G, C)
        Average contacts per person reached, over the last year with reach; zero for channels without reach.
    repeats : ndarray of int (H,)
        The row of history whose values each future period repeats.
    how : str
        The same in words: the same period of the last year, or the last value seen.
    assumptions : tuple of str
        All of it in sentences.
    """

    dates: pd.DatetimeIndex
    controls: Array
    events: Array
    levers: Array
    value: Array
    cost_per_exposure: Array
    contacts: Array
    repeats: NDArray[np.int64]
    how: str
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
    year = periods_per_year(panel.frequency.days)
    horizon = year + l_max
    rows, how = _same_period_last_year(panel, year, horizon)
    named = [
        (("controls", panel.control_names), ("control", "controls")),
        (("levers", panel.lever_names), ("lever", "levers")),
        (("events", panel.event_names), ("event", "events")),
    ]
    said = [f"{word[len(names) > 1].capitalize()} {_few(names)}: {how}." for (_, names), word in named if names]
    if panel.kpi_type == "units" and panel.has_value:
        said.append(f"Value per unit of {panel.kpi_name}: {how}.")
    cost, cost_said = _cost_per_exposure(panel, year)
    contacts, contacts_said = _contacts(panel, year)
    return Future(
        dates=panel.frequency.future(panel.dates[-1], horizon),
        controls=panel.controls[rows],
        events=panel.events[rows],
        levers=panel.levers[rows],
        value=panel.value[rows],
        cost_per_exposure=cost,
        contacts=contacts,
        repeats=rows,
        how=how,
        assumptions=(*said, *cost_said, *contacts_said),
    )


def _same_period_last_year(panel: MediaPanel, year: int, horizon: int) -> tuple[NDArray[np.int64], str]:
    n = panel.n_periods
    if n - panel.history < year:
        return np.full(horizon, n - 1), "the last value seen, because there is less than a year of data"
    return n - year + np.arange(horizon) % year, "the same period of the last year of data"


def _few(names: tuple[str, ...], most: int = 4) -> str:
    shown = ", ".join(names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown


def _cost_per_exposure(panel: MediaPanel, year: int) -> tuple[Array, tuple[str, ...]]:
    """Cost per exposure over the last year; without exposure then, over all history, then over the other groups."""
    recent = _ratio(panel.spend[-year:].sum(0), panel.exposure[-year:].sum(0))
    ever = _ratio(panel.spend.sum(0), panel.exposure.sum(0))
    known = np.isfinite(ever)
    others = _ratio((panel.spend.sum(0) * known).sum(0), (panel.exposure.sum(0) * known).sum(0))
    cost = np.where(np.isfinite(recent), recent, np.where(known, ever, others))
    span = f"the last {year}" if panel.n_periods >= year else f"all {panel.n_periods}"
    said = [f"Cost per exposure of each channel: that of {span} {panel.frequency.unit}s of data."]
    older, borrowed = known & ~np.isfinite(recent), ~known & np.isfinite(cost)
    nowhere = panel.paid & panel.spend.any((0, 1)) & ~np.isfinite(cost)
    for which, words in (
        (older, "Not bought in the last year, so at its older cost per exposure"),
        (borrowed, "Never bought there with exposure, so at the cost in the other groups"),
        (nowhere, "Money without exposure throughout, so no cost per exposure is known and no plan can buy it"),
    ):
        if names := _cells(panel, which & panel.paid):
            said.append(f"{words}: {_few(names)}.")
    return cost, tuple(said)


def _contacts(panel: MediaPanel, year: int) -> tuple[Array, tuple[str, ...]]:
    """Contacts per person reached over the last year; without reach then, over all history, then elsewhere."""
    if not panel.reaches.any():
        return np.zeros(panel.exposure.shape[1:]), ()
    people, touches = panel.exposure * panel.reaches, panel.exposure * panel.contacts
    recent = _ratio(touches[-year:].sum(0), people[-year:].sum(0))
    ever = _ratio(touches.sum(0), people.sum(0))
    others = _ratio(touches.sum((0, 1)), people.sum((0, 1)))
    known = np.where(np.isfinite(recent), recent, np.where(np.isfinite(ever), ever, others))
    names = tuple(name for name, reaches in zip(panel.channels, panel.reaches, strict=True) if reaches)
    said = f"Contacts per person reached of {_few(names)}: the average of the last year with reach."
    return np.where(np.isfinite(known), known, 0.0), (said,)


def _cells(panel: MediaPanel, which: NDArray[np.bool_]) -> tuple[str, ...]:
    """Channels, each with its group where there are several, (G, C)."""
    return tuple(
        panel.channels[c] + (f" in {panel.groups[g]}" if panel.is_panel else "")
        for c, g in zip(*np.nonzero(which.T), strict=True)
    )


def _ratio(spend: Array, exposure: Array) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where((exposure > 0) & (spend > 0), spend / exposure, np.nan)
