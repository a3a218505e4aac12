"""Wrong answers that converge: effects that trade with the baseline, media that follow demand, demand that drifted."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mmm.baseline import seasonal_order
from mmm.calendar import year_phase
from mmm.media import FittedMedia
from mmm.panel import MediaPanel
from mmm.returns import Returns
from outlay.transforms import Array

TRADED = 0.5
"""Share of the variance of a contribution over draws that trend and season account for, from which they trade."""

ALPHA = 0.01
"""Chance that media without any tie to demand are said to follow it, over all channels together."""

_LAGS = 2


def baseline_trades(fitted: FittedMedia, returns: Returns) -> pd.DataFrame:
    """How far each contribution is traded against trend and season within the posterior.

    Columns: ``channel, explained``: the adjusted share of the variance of its contribution over draws that a regression
    on the draws of the trend's and the season's coefficients explains.
    """
    draws, design = fitted.draws, fitted.design
    slow = [k for k, term in enumerate(design.terms) if term.kind in ("base", "season")]
    if not slow:
        return pd.DataFrame(columns=["channel", "explained"])
    coefficients = np.einsum("sgk,g->sk", draws.terms[..., slow], design.y_scale / design.y_scale.sum())
    contribution = returns.contribution.sum(1)
    rows = [
        {
            "channel": design.panel.channels[c],
            "explained": explained(contribution[:, c], coefficients),
        }
        for c in design.blocks.active
    ]
    return pd.DataFrame(rows)


def explained(target: Array, columns: Array) -> float:
    """Adjusted share of the variance of some draws that a regression on others explains; never below zero."""
    size = columns.std(0)
    centred = (columns - columns.mean(0))[:, size > 0] / size[size > 0]
    y = target - target.mean()
    free = len(y) - centred.shape[1] - 1
    if free < 1 or not y.any():
        return 0.0
    left = y - centred @ np.linalg.lstsq(centred, y, rcond=None)[0]
    return max(0.0, 1.0 - float(left @ left / free) / float(y @ y / (len(y) - 1)))


def follows_demand(fitted: FittedMedia) -> pd.DataFrame:
    """Whether media follow what the KPI did unexpectedly in the periods before.

    Media may move the KPI of the next period; the KPI's surprises have no business in the media of the next period. A
    regression of each channel's exposure on its own past, trend, season, the other known series and the surprises of
    the last two periods tests that, by an F test.

    Columns: ``channel, p, correlation``: the test's p-value times the number of channels, and the correlation of
    exposure with the last surprise, both without what else explains them.
    """
    design, panel = fitted.design, fitted.design.panel
    fit = design.fit
    table = fitted.fit_table()
    whole = table[table["group"].isna()]
    surprise = whole["residual"].to_numpy() / whole["actual"].abs().mean()
    known = known_columns(fitted)
    rows = []
    for c in design.blocks.active:
        media = (panel.pressure[fit, :, c] / np.where(design.x_scale[:, c] > 0, design.x_scale[:, c], 1.0)).mean(1)
        p, correlation = _f_test(media, surprise, known)
        rows.append(
            {"channel": panel.channels[c], "p": min(1.0, p * len(design.blocks.active)), "correlation": correlation}
        )
    return pd.DataFrame(rows, columns=["channel", "p", "correlation"])


def known_columns(fitted: FittedMedia) -> Array:
    """Trend, season, controls, levers and events of the scored rows, averaged over groups, (F, K)."""
    design, panel = fitted.design, fitted.design.panel
    columns = time_columns(panel, seasonal_order(panel, design.section))[design.fit]
    others = [panel.controls, panel.levers, panel.events]
    return np.column_stack([columns, *(block[design.fit].mean(1) for block in others)])


def time_columns(panel: MediaPanel, order: int) -> Array:
    """A bent trend and the waves of the season, up to an order, over all periods, (T, K)."""
    time = np.linspace(-1.0, 1.0, panel.n_periods)
    columns = [np.ones_like(time), time, time**2]
    phase = 2 * np.pi * year_phase(panel.dates)
    for wave in range(1, order + 1):
        columns += [np.sin(wave * phase), np.cos(wave * phase)]
    return np.column_stack(columns)


def _f_test(media: Array, surprise: Array, known: Array) -> tuple[float, float]:
    """p-value of the lagged surprises, and the partial correlation with the last one."""
    from scipy.stats import f

    n = len(media)
    own = [media[_LAGS - lag : n - lag] for lag in range(1, _LAGS + 1)]
    past = np.column_stack([surprise[_LAGS - lag : n - lag] for lag in range(1, _LAGS + 1)])
    now, base = media[_LAGS:], np.column_stack([known[_LAGS:], *own])
    left, surprises = (_left(values, base) for values in (now, past))
    rank = int(np.linalg.matrix_rank(base))
    free = len(now) - rank - _LAGS
    if free < 10 or not (left @ left > 1e-12 * (now @ now)):
        return 1.0, 0.0
    after = _left(left, surprises)
    before, rest = float(left @ left), float(after @ after)
    ratio = max(before - rest, 0.0) / _LAGS / (rest / free)
    last = surprises[:, 0]
    size = float(np.sqrt(before * (last @ last)))
    return float(f.sf(ratio, _LAGS, free)), float(left @ last) / size if size > 0 else 0.0


def _left(values: Array, known: Array) -> Array:
    return np.asarray(values - known @ np.linalg.lstsq(known, values, rcond=None)[0])
