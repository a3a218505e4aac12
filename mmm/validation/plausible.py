"""Wrong answers that converge: media that follow demand."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mmm.known import known_columns
from mmm.media import FittedMedia
from mmm.regression import f_test, what_is_left
from outlay.transforms import Array

ALPHA = 0.01
"""Chance that media without any tie to demand are said to follow it, over all channels together."""

_LAGS = 2


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
    known = known_columns(fitted.design)
    rows = []
    for c in design.blocks.active:
        media = (panel.pressure[fit, :, c] / np.where(design.x_scale[:, c] > 0, design.x_scale[:, c], 1.0)).mean(1)
        p, correlation = _tie(media, surprise, known)
        rows.append(
            {"channel": panel.channels[c], "p": min(1.0, p * len(design.blocks.active)), "correlation": correlation}
        )
    return pd.DataFrame(rows, columns=["channel", "p", "correlation"])


def _tie(media: Array, surprise: Array, known: Array) -> tuple[float, float]:
    """p-value of the lagged surprises, and the partial correlation with the last one."""
    n = len(media)
    own = [media[_LAGS - lag : n - lag] for lag in range(1, _LAGS + 1)]
    past = np.column_stack([surprise[_LAGS - lag : n - lag] for lag in range(1, _LAGS + 1)])
    now, base = media[_LAGS:], np.column_stack([known[_LAGS:], *own])
    rest, last = what_is_left(now, base), what_is_left(past[:, 0], base)
    if rest @ rest <= 1e-12 * (now @ now):
        return 1.0, 0.0
    size = float(np.sqrt((rest @ rest) * (last @ last)))
    return f_test(now, past, base), float(rest @ last) / size if size > 0 else 0.0
