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
from outlay.response import NATIONAL
from outlay.summary import summarise
from outlay.transforms import SATURATIONS, Array, carry_over

MARGIN = 0.01
"""Share by which spend is raised for a marginal ROI."""


@dataclass(frozen=True)
class Returns:
    """Draws of returns over the scored window. Shapes: S draws, G groups, C channels.

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
    """

    spend: Array
    outcome: Array
    contribution: Array
    incremental: Array
    extra: Array
    units: Array


def window_returns(draws: MediaDraws) -> Returns:
    """Returns of the scored window for every cell."""
    design = draws.design
    panel, fit = design.panel, design.fit
    value = np.concatenate([panel.value, design.future.value[: design.l_max - 1]])
    shape = (draws.n_draws, panel.n_groups, panel.n_channels)
    contribution, incremental, extra, units = (np.zeros(shape) for _ in range(4))
    for g in range(panel.n_groups):
        for c in np.flatnonzero(design.active):
            lead, own = _carried(draws, g, int(c))
            k = draws.half_saturation[:, c, None]
            saturation = SATURATIONS[panel.saturation[c]].value
            level = saturation(lead + own, k)
            gain = draws.coefficient[:, g, c, None] * value[fit.start :, g]
            caused = level - saturation(lead, k)
            contribution[:, g, c] = (gain * level)[:, : fit.stop - fit.start].sum(1)
            incremental[:, g, c] = (gain * caused).sum(1)
            extra[:, g, c] = (gain * (saturation(lead + (1 + MARGIN) * own, k) - level)).sum(1)
            units[:, g, c] = draws.coefficient[:, g, c] * caused.sum(1)
    return Returns(
        spend=panel.spend[fit].sum(0),
        outcome=(panel.kpi * panel.value)[fit].sum(0),
        contribution=contribution,
        incremental=incremental,
        extra=extra,
        units=units,
    )


def _carried(draws: MediaDraws, group: int, channel: int) -> tuple[Array, Array]:
    """Adstock from before the window and from inside it, in the window and ``l_max - 1`` periods after: (S, P) each."""
    design = draws.design
    fit, tail = design.fit, design.l_max - 1
    x = np.concatenate([design.panel.exposure[:, group, channel], np.zeros(tail)])
    x = x / design.x_scale[group, channel]
    inside = np.zeros_like(x)
    inside[fit] = x[fit]
    weights = draws.weights(channel)
    return carry_over(x - inside, weights)[:, fit.start :], carry_over(inside, weights)[:, fit.start :]


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
