"""The future that a model can speak of: dates, controls, levers, values and costs, stated and never filled with zero.

A plan's window needs values that the data do not have yet. Here they are those of the same period one year before;
with less than a year of data, the last ones seen. What was assumed is told in sentences that every plan carries.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
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
    repeated : tuple of (str, tuple of str)
        Kinds of series that go on in this way, with their names.
    costs : tuple of str
        What is assumed of costs and contacts, in sentences.
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
    repeated: tuple[tuple[str, tuple[str, ...]], ...]
    costs: tuple[str, ...]

    @property
    def assumptions(self) -> tuple[str, ...]:
        """All of it in sentences."""
        return self.said()

    def said(self, planned: Collection[str] = ()) -> tuple[str, ...]:
        """The same where levers are planned, and so are not assumed."""
        left = {kind: [name for name in names if name not in planned] for kind, names in self.repeated}
        told = [
            f"{kind if len(names) == 1 else f'{kind}s'} {_few(names)}: {self.how}."
            for kind, names in left.items()
            if names
        ]
        return (*told, *self.costs)


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
    valued = panel.kpi_type == "units" and panel.has_value
    value_said = (f"Value per unit of {panel.kpi_name}: {how}.",) if valued else ()
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
        repeated=(("Control", panel.control_names), ("Lever", panel.lever_names), ("Event", panel.event_names)),
        costs=(*value_said, *cost_said, *contacts_said),
    )


def _same_period_last_year(panel: MediaPanel, year: int, horizon: int) -> tuple[NDArray[np.int64], str]:
    n = panel.n_periods
    if n - panel.history < year:
        return np.full(horizon, n - 1), "the last value seen, because there is less than a year of data"
    return n - year + np.arange(horizon) % year, "the same period of the last year of data"


def _few(names: Sequence[str], most: int = 4) -> str:
    shown = ", ".join(names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown


def _cost_per_exposure(panel: MediaPanel, year: int) -> tuple[Array, tuple[str, ...]]:
    """Cost per exposure over the last year; without exposure then, over all history, then over the other groups."""
    cost, older, borrowed = unit_cost(panel.spend, panel.exposure, year)
    span = f"the last {year}" if panel.n_periods >= year else f"all {panel.n_periods}"
    said = [f"Cost per exposure of each channel: that of {span} {panel.frequency.unit}s of data."]
    nowhere = panel.paid & panel.spend.any((0, 1)) & ~np.isfinite(cost)
    for which, words in (
        (older, "Not bought in the last year, so at its older cost per exposure"),
        (borrowed, "Never bought there with exposure, so at the cost in the other groups"),
        (nowhere, "Money without exposure throughout, so no cost per exposure is known and no plan can buy it"),
    ):
        if names := _cells(panel, which & panel.paid):
            said.append(f"{words}: {_few(names)}.")
    return cost, tuple(said)


def unit_cost(spend: Array, bought: Array, year: int) -> tuple[Array, NDArray[np.bool_], NDArray[np.bool_]]:
    """What one unit of what was bought costs: spend over amount (T, G, C each) of the last year.

    Returns
    -------
    cost : ndarray (G, C)
        Where nothing was bought in the last year, that of all history; without any, that of the other groups; NaN
        where nothing is known at all.
    older, borrowed : ndarray of bool (G, C)
        Where all history, or the other groups, had to serve.
    """
    recent = _ratio(spend[-year:].sum(0), bought[-year:].sum(0))
    ever = _ratio(spend.sum(0), bought.sum(0))
    known = np.isfinite(ever)
    others = _ratio((spend.sum(0) * known).sum(0), (bought.sum(0) * known).sum(0))
    cost = np.where(np.isfinite(recent), recent, np.where(known, ever, others))
    return cost, known & ~np.isfinite(recent), ~known & np.isfinite(cost)


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
