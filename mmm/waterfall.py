"""From the base to the outcome of a window: each part on top of the one before, and what the fit leaves over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from mmm.contributions import baseline_parts, components
from mmm.draws import MediaDraws
from mmm.paths import draw_blocks
from mmm.returns import Returns
from mmm.windows import Scope, scopes
from outlay.summary import summarise
from outlay.transforms import Array

PARTS = ("baseline", "lever", "organic", "paid")
"""Kinds of rows that add up to the fitted total."""

Parts = Mapping[tuple[str, str], Array]


def waterfall_table(
    draws: MediaDraws, returns: Returns, level: float, where: Sequence[Scope] | None = None
) -> pd.DataFrame:
    """One row per part and group of a window, in the order in which they are stacked.

    Columns: ``component, kind, group, mean, median, hdi_low, hdi_high, share_mean, share_hdi_low, share_hdi_high,
    start, end``. Parts (base, season, holidays and events, controls, levers, channels; ``interaction`` where effects
    multiply) go from ``start`` to ``end``, in means. After them come ``fitted``, their sum; ``residual``, what the
    outcome was beyond it; and ``actual``. Shares are of the actual outcome.

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
    parts = window_parts(draws, returns)
    rows = [row for scope in where or scopes(draws.design.panel) for row in _steps(scope, parts, returns, level)]
    return pd.DataFrame(rows)


def window_parts(draws: MediaDraws, returns: Returns) -> Parts:
    """Every part of the fitted outcome of a window, summed over its periods: (name, kind) -> (S, G)."""
    parts = _multiplied(draws, returns.window) if draws.design.log else _added(draws, returns)
    order = {"baseline": 0, "lever": 1, "organic": 2, "paid": 3}
    # The interaction is none of the parts': it comes last.
    return dict(sorted(parts.items(), key=lambda item: (item[0][0] == "interaction", order[item[0][1]])))


def _added(draws: MediaDraws, returns: Returns) -> dict[tuple[str, str], Array]:
    """Where effects add up, a baseline part over a window is that of the value-weighted mean of its columns."""
    design, panel, rows = draws.design, draws.design.panel, returns.window
    value = panel.value[rows]
    columns = (design.raw_terms[rows] * value[..., None]).sum(0) / value.sum(0)[:, None]
    parts = {(name, kind): part[:, 0] * value.sum(0) for name, kind, part in baseline_parts(draws, columns[None])}
    for c, name in enumerate(panel.channels):
        parts[name, "paid" if panel.paid[c] else "organic"] = returns.contribution[:, :, c]
    return parts


def _multiplied(draws: MediaDraws, rows: slice) -> dict[tuple[str, str], Array]:
    panel = draws.design.panel
    parts: dict[tuple[str, str], Array] = {}
    for block, some in draw_blocks(draws, rows.stop - rows.start):
        for g in range(panel.n_groups):
            for part in components(some, rows, slice(g, g + 1)):
                whole = parts.setdefault((part.name, part.kind), np.zeros((draws.n_draws, panel.n_groups)))
                whole[block, g] = part.draws[..., 0].sum(1)
    return parts


def _steps(scope: Scope, parts: Parts, returns: Returns, level: float) -> list[dict[str, object]]:
    name, groups = scope
    outcome, height = float(returns.outcome[groups].sum()), 0.0
    rows: list[dict[str, object]] = []
    for (component, kind), values in parts.items():
        own = values[:, groups].sum(1)
        row = _row(component, kind, name, own, outcome, level)
        rows.append(row | {"start": height, "end": height + float(own.mean())})
        height += float(own.mean())
    fitted = np.sum([values[:, groups].sum(1) for values in parts.values()], axis=0)
    rows.append(_row("fitted", "fitted", name, fitted, outcome, level) | {"start": 0.0, "end": height})
    residual = _row("residual", "residual", name, outcome - fitted, outcome, level)
    rows.append(residual | {"start": height, "end": outcome})
    actual = _row("actual", "actual", name, np.full(2, outcome), outcome, level)
    rows.append(actual | {"start": 0.0, "end": outcome})
    return rows


def _row(
    component: str, kind: str, group: str | None, values: Array, outcome: float, level: float
) -> dict[str, object]:
    amount, share = summarise(values, level), summarise(values / outcome, level)
    return {
        "component": component,
        "kind": kind,
        "group": group,
        "mean": float(amount.mean),
        "median": float(amount.median),
        "hdi_low": float(amount.low),
        "hdi_high": float(amount.high),
        "share_mean": float(share.mean),
        "share_hdi_low": float(share.low),
        "share_hdi_high": float(share.high),
    }


def totals_table(waterfall: pd.DataFrame) -> pd.DataFrame:
    """The parts of the outcome of the first scope, all groups mostly, in the columns of a run's table ``baseline``."""
    scope = waterfall["group"].iloc[0]
    first = waterfall["group"].isna() if pd.isna(scope) else waterfall["group"] == scope
    parts = waterfall[first & waterfall["kind"].isin(PARTS)]
    columns = ["component", "kind", "mean", "hdi_low", "hdi_high", "share_mean", "share_hdi_low", "share_hdi_high"]
    return parts[columns].reset_index(drop=True)
