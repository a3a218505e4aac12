"""What media returned: contribution, ROI, marginal ROI and cost per acquisition, draw by draw.

Contribution is the outcome inside the window that the channel caused, carry-over from earlier exposure included. ROI is
the outcome that the window's spend caused, including after the window, over that spend: history as it was, against the
same history with the window's exposure taken out. Marginal ROI is the same for one per cent more of the window's
flighting.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mmm.draws import MediaDraws
from mmm.link import cell_effect, expected_kpi, lost, won
from outlay.response import NATIONAL
from outlay.summary import summarise
from outlay.transforms import Array, carry_over

MARGIN = 0.01
"""Share by which spend is raised for a marginal ROI."""


@dataclass(frozen=True)
class Returns:
    """Draws of returns over a window. Shapes: S draws, G groups, C channels.

    Attributes
    ----------
    spend : ndarray (G, C)
        Spend in the window, currency.
    outcome : ndarray (G,)
        Observed outcome in the window.
    contribution : ndarray (S, G, C)
        Outcome in the window caused by the channel.
    incremental : ndarray (S, G, C)
        Outcome caused by the window's exposure, after the window too.
    extra : ndarray (S, G, C)
        Outcome that one per cent more of the window's exposure would have caused.
    units : ndarray (S, G, C)
        As ``incremental``, in units of the KPI.
    carried : ndarray (S, G, C)
        Part of ``contribution`` that earlier periods' exposure carried over into each period; the rest is immediate.
    """

    spend: Array
    outcome: Array
    contribution: Array
    incremental: Array
    extra: Array
    units: Array
    carried: Array


def window_returns(draws: MediaDraws, rows: slice | None = None) -> Returns:
    """Returns of a window for every cell.

    Parameters
    ----------
    draws : MediaDraws
        The posterior.
    rows : slice, optional
        Periods of the window; all scored ones by default. They need to lie among the scored ones.
    """
    design = draws.design
    panel = design.panel
    window = rows if rows is not None else design.fit
    reach = slice(window.start, min(window.stop + design.l_max - 1, panel.n_periods + design.l_max - 1))
    value = np.concatenate([panel.value, design.future.value[: design.l_max - 1]])[reach]
    shape = (draws.n_draws, panel.n_groups, panel.n_channels)
    contribution, incremental, extra, units, carried = (np.zeros(shape) for _ in range(5))
    counted = window.stop - window.start
    for g in range(panel.n_groups):
        expected = expected_kpi(draws, g, reach)
        for c in np.flatnonzero(design.active):
            now, without, more, before = _paths(draws, g, int(c), window, reach)
            caused = lost(now - without, expected)
            contribution[:, g, c] = (lost(now, expected) * value[:, g])[:, :counted].sum(1)
            incremental[:, g, c] = (caused * value[:, g]).sum(1)
            extra[:, g, c] = (won(more - now, expected) * value[:, g]).sum(1)
            units[:, g, c] = caused.sum(1)
            carried[:, g, c] = (lost(before, expected) * value[:, g])[:, :counted].sum(1)
    return Returns(
        spend=panel.spend[window].sum(0),
        outcome=(panel.kpi * panel.value)[window].sum(0),
        contribution=contribution,
        incremental=incremental,
        extra=extra,
        units=units,
        carried=carried,
    )


def _paths(
    draws: MediaDraws, group: int, channel: int, window: slice, reach: slice
) -> tuple[Array, Array, Array, Array]:
    """Effect of one cell from the window on, (S, reach) each: as it was, without the window's exposure, with one per
    cent more of it, and what only earlier periods carry into each period of the window.
    """
    exposure = draws.design.panel.exposure[:, group, channel]
    inside = np.zeros_like(exposure)
    inside[window] = exposure[window]
    now, without, more = (
        cell_effect(draws, group, channel, reach, path)
        for path in (exposure, exposure - inside, exposure + MARGIN * inside)
    )
    return now, without, more, now - immediate_effect(draws, group, channel, reach)


def immediate_effect(draws: MediaDraws, group: int, channel: int, rows: slice) -> Array:
    """Part of a cell's effect that would be missing had nothing run in the very same period, (S, rows)."""
    design = draws.design
    exposure = np.concatenate([design.panel.exposure[:, group, channel], np.zeros(design.l_max)])[: rows.stop]
    x, bend, weights = exposure / design.x_scale[group, channel], draws.bend(channel), draws.weights(channel)
    first = weights[:, :1]
    contacts = draws.contacts(group, channel)
    if contacts is not None:
        seen = np.concatenate([contacts, np.ones(design.l_max)])[: rows.stop]
        own = first * x * bend.value(seen)
    elif bend.first:
        own = first * bend.value(x)
    else:
        carried = carry_over(x, weights)
        own = bend.value(carried) - bend.value(np.maximum(carried - first * x, 0.0))
    return np.asarray(draws.coefficient[:, group, channel, None] * own[:, rows])


def roi_table(draws: MediaDraws, returns: Returns, level: float) -> pd.DataFrame:
    """One row per channel and group; group ``None`` is the total over groups.

    A channel without exposure that acts in a scored row has its spend and no estimates (M001).

    Columns are those of ``outlay roi --json``. ROI and CPA are missing for organic channels; ROI is in outcome per unit
    of currency, CPA in currency per unit of KPI.
    """
    panel = draws.design.panel
    scopes: list[tuple[str | None, slice]] = [(None, slice(None))]
    if panel.groups != (NATIONAL,):
        scopes += [(name, slice(g, g + 1)) for g, name in enumerate(panel.groups)]
    rows = [
        _row(panel.channels[c], scope, draws, returns, c, groups, level)
        for scope, groups in scopes
        for c in range(panel.n_channels)
    ]
    return pd.DataFrame(rows)


def _row(
    channel: str, scope: str | None, draws: MediaDraws, returns: Returns, c: int, groups: slice, level: float
) -> dict[str, object]:
    panel = draws.design.panel
    spend = float(returns.spend[groups, c].sum())
    outcome = float(returns.outcome[groups].sum())
    row: dict[str, object] = {"channel": channel, "group": scope, "paid": bool(panel.paid[c]), "spend": spend}
    estimated = bool(draws.design.active[c])
    contribution = returns.contribution[:, groups, c].sum(1)
    row |= _summary("contribution", contribution if estimated else None, level)
    row |= _summary("share", contribution / outcome if estimated else None, level)
    bought = estimated and spend > 0
    row |= _summary("roi", returns.incremental[:, groups, c].sum(1) / spend if bought else None, level)
    row |= _summary("mroi", returns.extra[:, groups, c].sum(1) / (MARGIN * spend) if bought else None, level)
    units = returns.units[:, groups, c].sum(1)
    acquired = bought and panel.kpi_type == "units" and bool((units > 0).all())
    # The mean of a cost per acquisition may not exist, so the table has its median and interval only.
    row |= {k: v for k, v in _summary("cpa", spend / units if acquired else None, level).items() if k != "cpa_mean"}
    return row


def _summary(prefix: str, draws: Array | None, level: float) -> dict[str, float]:
    if draws is None:
        names = ("mean", "median", "hdi_low", "hdi_high")
        return {f"{prefix}_{name}": float("nan") for name in names}
    return {name: float(value) for name, value in summarise(draws, level).columns(prefix).items()}


def total_table(returns: Returns, paid: np.ndarray, level: float) -> pd.DataFrame:
    """Paid channels together, one row: spend, contribution, share of the outcome, ROI and marginal ROI.

    Parameters
    ----------
    returns : Returns
        Draws of the window.
    paid : ndarray of bool (C,)
        The channels that count: paid, and with an effect to estimate.
    level : float
        Level of the intervals.
    """
    spend = float(returns.spend[:, paid].sum())
    contribution = returns.contribution[:, :, paid].sum((1, 2))
    row: dict[str, float] = {"spend": spend, "outcome": float(returns.outcome.sum())}
    row |= _summary("contribution", contribution, level)
    row |= _summary("share", contribution / returns.outcome.sum(), level)
    incremental, extra = returns.incremental[:, :, paid].sum((1, 2)), returns.extra[:, :, paid].sum((1, 2))
    row |= _summary("roi", incremental / spend if spend > 0 else None, level)
    row |= _summary("mroi", extra / (MARGIN * spend) if spend > 0 else None, level)
    return pd.DataFrame([row])
