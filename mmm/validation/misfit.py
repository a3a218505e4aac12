"""Curves and carry-over that do not fit: what the residuals still know of a channel's exposure."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import f

from mmm.media import FittedMedia
from mmm.validation.plausible import known_columns
from outlay.transforms import Array, carry_over

ALPHA = 0.01
"""Chance that a right model is accused, over all channels and both tests together."""

CERTAIN = 1e-4
"""The same, from which the channel's numbers must not be used."""

_LAGS = ((0, 1), (1, 2), (2, 4), (4, 8), (8, 13))
"""Bins of lags in which exposure may still be seen in the residuals."""

_KNEES = (0.33, 0.67)
"""Quantiles of carried-over exposure at which the response may bend otherwise than fitted."""


def misfits(fitted: FittedMedia) -> pd.DataFrame:
    """Whether the residuals follow a channel's exposure: by its size (the curve) or by its past (the carry-over).

    The residuals of the fitted mean, all groups together, are regressed on bends of the carried-over exposure, and on
    exposure in bins of earlier periods. Trend, season, the other known series and all fitted effects are taken out
    first, so that only what the model cannot make counts. An F test each.

    Columns: ``channel, part, p``; ``part`` is ``"curve"`` or ``"carry-over"``, and ``p`` is multiplied by the number of
    tests.
    """
    design, draws = fitted.design, fitted.draws
    table = fitted.fit_table()
    residual = table[table["group"].isna()]["residual"].to_numpy()
    active = [int(c) for c in design.blocks.active]
    effects = {c: sum(draws.effect(g, c)[:, design.fit].mean(0) for g in range(len(design.weight))) for c in active}
    known = np.column_stack([known_columns(fitted), *effects.values()])
    rows = []
    for c in active:
        tests = {"curve": _bends(fitted, c), "carry-over": _past(fitted, c)}
        for part, columns in tests.items():
            p = min(1.0, len(tests) * len(active) * f_test(residual, columns, known))
            rows.append({"channel": design.panel.channels[c], "part": part, "p": p})
    return pd.DataFrame(rows, columns=["channel", "part", "p"])


def _scaled(fitted: FittedMedia, c: int) -> Array:
    """Exposure of all groups together, each on its own scale, (T,)."""
    design = fitted.design
    return np.asarray((design.panel.pressure[:, :, c] / design.x_scale[:, c]) @ design.weight)


def _bends(fitted: FittedMedia, c: int) -> Array:
    """Carried-over exposure, and what exceeds its lower and upper third."""
    weights = fitted.draws.weights(c).mean(0)[None]
    carried = carry_over(_scaled(fitted, c), weights)[0][fitted.design.fit]
    return np.column_stack([carried, *(np.maximum(carried - np.quantile(carried, q), 0.0) for q in _KNEES)])


def _past(fitted: FittedMedia, c: int) -> Array:
    """Mean exposure in bins of earlier periods."""
    exposure, fit = _scaled(fitted, c), fitted.design.fit
    rows = np.arange(fit.start, len(exposure))
    return np.column_stack(
        [
            np.mean([np.where(rows >= lag, exposure[np.maximum(rows - lag, 0)], 0.0) for lag in range(*bounds)], axis=0)
            for bounds in _LAGS
        ]
    )


def f_test(target: Array, columns: Array, known: Array) -> float:
    """p-value of some columns beside the known ones; one where there are too few rows to tell."""
    left = _left(target, known)
    new = _left(columns, known)
    size = np.sqrt(np.square(new).sum(0))
    new = new[:, size > 1e-6 * np.sqrt(np.square(columns).sum(0))]
    if not new.shape[1]:
        return 1.0
    basis, values, _ = np.linalg.svd(new / np.sqrt(np.square(new).sum(0)), full_matrices=False)
    basis = basis[:, values > 1e-6 * values[0]]
    q = basis.shape[1]
    free = len(target) - int(np.linalg.matrix_rank(known)) - q
    if free < 10:
        return 1.0
    won = float(np.square(basis.T @ left).sum())
    rest = float(left @ left) - won
    return float(f.sf(won / q / (rest / free), q, free)) if rest > 0 else 0.0


def _left(values: Array, known: Array) -> Array:
    return np.asarray(values - known @ np.linalg.lstsq(known, values, rcond=None)[0])
