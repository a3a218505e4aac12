"""What the residuals still know: of a channel's exposure, and of time. A right model leaves neither.

Each is an F test beside everything that the model has: trend, season, the other known series and all fitted effects.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from mmm.contributions import Decomposition
from mmm.design import Design
from mmm.draws import MediaDraws
from mmm.known import known_columns
from mmm.regression import f_test
from outlay.transforms import Array, carry_over

ALPHA = 0.01
"""Chance that a right model is accused, over all channels and both tests together."""

CERTAIN = 1e-4
"""The same, from which the channel's numbers must not be used."""

_LAGS = ((0, 1), (1, 2), (2, 4), (4, 8), (8, 13))
"""Bins of lags in which exposure may still be seen in the residuals."""

_KNEES = (0.33, 0.67)
"""Quantiles of carried-over exposure at which the response may bend otherwise than fitted."""

_TURNS = 5
"""Places, evenly spread over the scored periods, at which the residuals may turn if something slow is missing."""


def misfits(draws: MediaDraws, parts: Decomposition) -> pd.DataFrame:
    """Whether the residuals follow a channel's exposure: by its size (the curve) or by its past (the carry-over).

    The residuals of the fitted mean, all groups together, are regressed on bends of the carried-over exposure, and on
    exposure in bins of earlier periods. Trend, season, the other known series and all fitted effects are taken out
    first, so that only what the model cannot make counts. An F test each.

    Columns: ``channel, part, p``; ``part`` is ``"curve"`` or ``"carry-over"``, and ``p`` is multiplied by the number of
    tests.

    Parameters
    ----------
    draws : MediaDraws
        The posterior.
    parts : Decomposition
        The outcome taken apart by period.
    """
    design, known = draws.design, _known(draws.design, parts)
    residual = _residual(design, parts)
    active = [int(c) for c in design.blocks.active]
    rows = []
    for c in active:
        tests = {"curve": _bends(draws, c), "carry-over": _past(draws.design, c)}
        for part, columns in tests.items():
            p = min(1.0, len(tests) * len(active) * f_test(residual, columns, known))
            rows.append({"channel": design.panel.channels[c], "part": part, "p": p})
    return pd.DataFrame(rows, columns=["channel", "part", "p"])


def slow_rest(design: Design, parts: Decomposition) -> float:
    """p-value of slow movement in the residuals, all groups together: of straight lines that turn at five places.

    Only the trend that the model has is known beside them, so that a bend counts where its trend is straight.
    """
    residual = _residual(design, parts)
    time = np.linspace(0.0, 1.0, len(residual))
    turns = np.linspace(0.0, 1.0, _TURNS + 2)[:-1]
    terms = design.raw_terms[design.fit].mean(1)
    levers = design.panel.levers[design.fit].mean(1)
    known = np.column_stack([np.ones_like(time), terms, levers, _media(design, parts)])
    return f_test(residual, np.maximum(time[:, None] - turns, 0.0), known)


def bent_rest(design: Design, parts: Decomposition) -> float:
    """p-value of the squared fitted KPI in the residuals, all groups together: a right sum of effects leaves none.

    Ramsey (1969), "Tests for specification errors in classical linear least-squares regression analysis".
    """
    fitted = _whole(parts)["mean"].to_numpy(float)
    centred = (fitted - fitted.mean()) / np.abs(fitted).mean()
    return f_test(_residual(design, parts), np.square(centred)[:, None], _known(design, parts))


def shared_noise(fit: pd.DataFrame) -> tuple[float, float]:
    """Variance of the groups' residuals together over the sum of their variances, and its p-value; (1, 1) of one group.

    Noise that is independent between groups, as the model has it, makes the ratio one: a chi-square over its degrees of
    freedom.
    """
    apart = fit[fit["group"].notna()].pivot_table(index="date", columns="group", values="residual", dropna=False)
    residual = apart.to_numpy(float)
    if residual.shape[1] < 2 or len(residual) < 3:
        return 1.0, 1.0
    free = len(residual) - 1
    ratio = float(residual.sum(1).var(ddof=1) / residual.var(0, ddof=1).sum())
    return ratio, float(chdtrc(free, ratio * free))


def _residual(design: Design, parts: Decomposition) -> Array:
    """Residuals of all groups together; of effects that multiply, as shares of the fitted KPI, like their noise."""
    return _whole(parts)["residual"].to_numpy(float) / _size(design, parts)


def _known(design: Design, parts: Decomposition) -> Array:
    """Everything that the model has, and a bent trend, as columns of the scored rows."""
    return np.column_stack([known_columns(design), _media(design, parts)])


def _media(design: Design, parts: Decomposition) -> Array:
    """What each channel brought, on the scale of the residuals, (F, C)."""
    whole = parts.by_period[parts.by_period["group"].isna() & parts.by_period["kind"].isin(("paid", "organic"))]
    means = [part["mean"].to_numpy(float) for _, part in whole.groupby("component", sort=False)]
    return np.stack(means, axis=1) / _size(design, parts)[:, None]


def _size(design: Design, parts: Decomposition) -> Array:
    """What residuals are measured in: the mean KPI or, where effects multiply, the fitted KPI of each period, (F,)."""
    whole = _whole(parts)
    fitted = whole["mean"].to_numpy(float)
    return fitted if design.log else np.full_like(fitted, whole["actual"].abs().mean())


def _whole(parts: Decomposition) -> pd.DataFrame:
    return parts.fit[parts.fit["group"].isna()]


def _scaled(design: Design, c: int) -> Array:
    """Exposure of all groups together, each on its own scale, (T,)."""
    return np.asarray((design.panel.pressure[:, :, c] / design.x_scale[:, c]) @ design.weight)


def _bends(draws: MediaDraws, c: int) -> Array:
    """Carried-over exposure, and what exceeds its lower and upper third."""
    weights = draws.weights(c).mean(0)[None]
    carried = carry_over(_scaled(draws.design, c), weights)[0][draws.design.fit]
    return np.column_stack([carried, *(np.maximum(carried - np.quantile(carried, q), 0.0) for q in _KNEES)])


def _past(design: Design, c: int) -> Array:
    """Mean exposure in bins of earlier periods."""
    exposure, fit = _scaled(design, c), design.fit
    rows = np.arange(fit.start, len(exposure))
    return np.column_stack(
        [
            np.mean([np.where(rows >= lag, exposure[np.maximum(rows - lag, 0)], 0.0) for lag in range(*bounds)], axis=0)
            for bounds in _LAGS
        ]
    )
