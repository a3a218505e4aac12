"""Tables of returns: channels, levers, and all paid media together, in original units with their intervals."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from mmm.draws import MediaDraws
from mmm.identify import CLEAR, WEAK
from mmm.paths import MARGIN
from mmm.returns import Returns
from mmm.windows import Scope, scopes
from outlay.summary import summarise
from outlay.transforms import Array

_PARTS = ("mean", "median", "hdi_low", "hdi_high")


def roi_table(draws: MediaDraws, returns: Returns, level: float, where: Sequence[Scope] | None = None) -> pd.DataFrame:
    """One row per channel and group; group ``None`` is the total over groups.

    A channel without exposure that acts in a scored row has its spend and no estimates (M001). ROI and CPA are missing
    for organic channels; ROI is in outcome per unit of currency, CPA in currency per unit of KPI. ``immediate_*`` and
    ``carried_*`` split the contribution: what each period's own exposure brought in that very period, and what earlier
    exposure carried into it.

    Parameters
    ----------
    draws : MediaDraws
        The posterior.
    returns : Returns
        Draws of the window.
    level : float
        Level of the intervals.
    where : sequence of Scope, optional
        The rows' groups; the total and every group by default.
    """
    panel = draws.design.panel
    rows = [
        _channel_row(scope, draws, returns, c, level)
        for scope in where or scopes(panel)
        for c in range(panel.n_channels)
    ]
    return pd.DataFrame(rows)


def _channel_row(scope: Scope, draws: MediaDraws, returns: Returns, c: int, level: float) -> dict[str, object]:
    panel, (name, groups) = draws.design.panel, scope
    spend, outcome = float(returns.spend[groups, c].sum()), float(returns.outcome[groups].sum())
    paid, estimated = bool(panel.paid[c]), bool(draws.design.active[c])
    row: dict[str, object] = {"channel": panel.channels[c], "group": name, "paid": paid}
    row |= {"kind": "paid" if paid else "organic", "spend": spend}

    def over(values: Array) -> Array | None:
        return values[:, groups, c].sum(1) if estimated else None

    whole, carried = over(returns.contribution), over(returns.carried)
    row |= _contribution(whole, carried, outcome, level)
    bought = spend if estimated and spend > 0 else None
    row |= _returned(over(returns.incremental), over(returns.extra), bought, level)
    return row | _cost(over(returns.units), bought if panel.kpi_type == "units" else None, level)


def _contribution(whole: Array | None, carried: Array | None, outcome: float, level: float) -> dict[str, float]:
    immediate = None if whole is None or carried is None else whole - carried
    return {
        **_summary("contribution", whole, level),
        **_summary("immediate", immediate, level),
        **_summary("carried", carried, level),
        **_summary("share", _over(whole, outcome), level),
    }


def _returned(caused: Array | None, extra: Array | None, spend: float | None, level: float) -> dict[str, float]:
    margin = None if spend is None else MARGIN * spend
    return {**_summary("roi", _over(caused, spend), level), **_summary("mroi", _over(extra, margin), level)}


def _over(values: Array | None, by: float | None) -> Array | None:
    return None if values is None or by is None else np.asarray(values / by)


def _cost(units: Array | None, spend: float | None, level: float) -> dict[str, float]:
    """Cost per unit of KPI; its mean may not exist, so the table has its median and interval only."""
    cost = None if units is None or spend is None or not (units > 0).all() else np.asarray(spend / units)
    return {name: value for name, value in _summary("cpa", cost, level).items() if name != "cpa_mean"}


def _summary(prefix: str, draws: Array | None, level: float) -> dict[str, float]:
    if draws is None:
        return {f"{prefix}_{name}": float("nan") for name in _PARTS}
    return {name: float(value) for name, value in summarise(draws, level).columns(prefix).items()}


def lever_table(
    draws: MediaDraws, returns: Returns, level: float, where: Sequence[Scope] | None = None
) -> pd.DataFrame:
    """One row per lever and group, with the columns of :func:`roi_table` and what the data said of it.

    A lever counts from its reference. One that names a cost has an ROI: its contribution over its cost in the window.
    ``contraction`` compares the spread of its effect, all groups together, with that of its prior.
    """
    panel, levers = draws.design.panel, returns.levers
    rows: list[dict[str, object]] = []
    for scope in where or scopes(panel):
        name, groups = scope
        outcome = float(returns.outcome[groups].sum())
        for v, lever in enumerate(panel.lever_names):
            cost = float(levers.cost[groups, v].sum()) if panel.has_cost[v] else float("nan")
            whole, extra, units = (
                values[:, groups, v].sum(1) for values in (levers.contribution, levers.extra, levers.units)
            )
            spent = cost if cost > 0 else None
            row: dict[str, object] = {"channel": lever, "group": name, "paid": False, "kind": "lever", "spend": cost}
            row |= _contribution(whole, np.zeros_like(whole), outcome, level) | _returned(whole, extra, spent, level)
            row |= _cost(units, spent if panel.kpi_type == "units" else None, level)
            rows.append(row | _learned(draws, lever))
    return pd.DataFrame(rows)


def _learned(draws: MediaDraws, lever: str) -> dict[str, object]:
    design = draws.design
    k = next(k for k, term in enumerate(design.terms) if term.kind == "lever" and term.component == lever)
    # A half-normal prior, of a lever whose sign is known, is narrower than the normal of the same scale.
    narrow = np.sqrt(1.0 - 2.0 / np.pi) if design.signed[k] else 1.0
    typical = (draws.terms[:, :, k] / design.y_scale) @ design.weight
    contraction = float(1.0 - typical.std() / (design.terms[k].prior_sd * narrow))
    said = "yes" if contraction >= CLEAR else "weak" if contraction >= WEAK else "no"
    return {"contraction": contraction, "identified": said, "warning": None}


def total_table(
    draws: MediaDraws, returns: Returns, level: float, where: Sequence[Scope] | None = None
) -> pd.DataFrame:
    """Paid channels together, one row for the total and each group: all of them off at once, draw by draw.

    Channels that are paid and have an effect to estimate count. Under a log likelihood this is less than the sum of
    the channels, because they share what they bring together.
    """
    panel, rows = draws.design.panel, []
    counted = panel.paid & draws.design.active
    for name, groups in where or scopes(panel):
        spend, outcome = float(returns.spend[groups][:, counted].sum()), float(returns.outcome[groups].sum())
        every = returns.together
        whole, carried = every.contribution[:, groups].sum(1), every.carried[:, groups].sum(1)
        row: dict[str, object] = {"group": name, "spend": spend, "outcome": outcome}
        row |= _contribution(whole, carried, outcome, level)
        spent = spend if spend > 0 else None
        caused, extra = every.incremental[:, groups].sum(1), every.extra[:, groups].sum(1)
        rows.append(row | _returned(caused, extra, spent, level))
    return pd.DataFrame(rows)
