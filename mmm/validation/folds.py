"""Rolling-origin cross-validation: fit what was known, forecast what came, compare with repeating last year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mmm.calendar import first_scored
from mmm.media import FittedMedia
from mmm.panel import MediaPanel
from mmm.validation.naive import FEWEST_ERRORS, naive_forecast
from mmm.validation.predictive import ahead
from mmm.validation.refits import Failed, Fitter, Refit, kept, refit_all, settled, until
from mmm.validation.scores import LEVELS, coverage, crps, inside, point_errors
from outlay.response import NATIONAL, periods_per_year
from outlay.transforms import Array

MIXED = 1.05
"""R-hat of a fold's contributions beyond which its chains have not met: its scores are kept, and it is named."""


@dataclass(frozen=True)
class Fold:
    """One origin. Shapes: H periods, G groups.

    Attributes
    ----------
    origin : int
        The first period that the fit did not see.
    actual, middle, naive_middle : ndarray (H, G)
        What happened, and the median forecasts of model and repetition.
    crps, naive_crps : ndarray (H, G)
        Their scores.
    hits : ndarray of bool (levels, H, G)
        Whether what happened lies in the intervals.
    naive : str
        What was repeated.
    converged : bool
        Whether the chains met.
    """

    origin: int
    actual: Array
    middle: Array
    naive_middle: Array
    crps: Array
    naive_crps: Array
    hits: np.ndarray
    naive: str
    converged: bool


@dataclass(frozen=True)
class CrossValidation:
    """What the folds say together.

    Attributes
    ----------
    folds : tuple of Fold
        The origins, early ones first.
    failed : tuple of Failed
        Origins that could not be fitted.
    by_fold, by_group : DataFrame
        Scores by origin and by group; group None is all together.
    coverage : dict of float to (share, standard error)
        By level of the interval.
    skill, skill_error : float
        One minus the ratio of the model's score to that of the repetition, and its jackknife standard error.
    zeros : int
        Values of zero, which MAPE leaves out.
    """

    folds: tuple[Fold, ...]
    failed: tuple[Failed, ...]
    by_fold: pd.DataFrame
    by_group: pd.DataFrame
    coverage: dict[float, tuple[float, float]]
    skill: float
    skill_error: float
    zeros: int


def fold_origins(first: int, last: int, folds: int, horizon: int) -> tuple[int, ...]:
    """Origins, evenly spaced and ending with the last; neighbours are at most a horizon apart.

    Parameters
    ----------
    first, last : int
        The earliest origin with enough data before it, and the latest with a whole horizon after it.
    folds, horizon : int
        How many are wanted, and how far each looks.

    Returns
    -------
    tuple of int
        Fewer than wanted where there are not as many periods; empty where there is none.
    """
    if last < first:
        return ()
    step = min(horizon, (last - first) // max(folds - 1, 1))
    count = folds if step else 1
    return tuple(last - step * back for back in range(count - 1, -1, -1))


def earliest_origin(panel: MediaPanel, l_max: int, horizon: int) -> int:
    """The first origin: half of the rows with a KPI before it, a whole year and the carry-over where there are two."""
    observed = panel.n_periods - panel.history
    year = periods_per_year(panel.frequency.days)
    scored = first_scored(panel.history, l_max)
    enough = scored + year + FEWEST_ERRORS if observed >= 2 * year else scored + max(2 * FEWEST_ERRORS, horizon)
    return max(panel.history + observed // 2, enough)


def cross_validate(
    fitted: FittedMedia, fitter: Fitter, folds: int = 10, horizon: int = 13, workers: int = 1
) -> CrossValidation | None:
    """Forecast the next periods from many origins.

    Scales, priors and columns are made anew from what was known at each origin; only the length of the carry-over is
    that of the fit. Media, controls, levers and events of the forecast periods are the real ones.

    Parameters
    ----------
    fitted : FittedMedia
        The fit to validate.
    fitter : Fitter
        What fits.
    folds, horizon : int
        Origins, and periods that each forecasts.
    workers : int
        Fits at once.

    Returns
    -------
    CrossValidation or None
        None where the data are too short for two origins, or too few could be fitted.
    """
    panel, section = fitted.design.panel, settled(fitted.design.section, fitted.design)
    origins = fold_origins(
        earliest_origin(panel, fitted.design.l_max, horizon), panel.n_periods - horizon, folds, horizon
    )
    refits = [
        Refit(str(origin), until(panel, origin), section, fitted.project, fitted.project.seed + 1 + i)
        for i, origin in enumerate(origins)
    ]

    def measure(refit: Refit, again: FittedMedia) -> Fold:
        return _fold(fitted, again, int(refit.name), horizon, refit.seed)

    results = refit_all(refits, fitter, measure, workers) if len(refits) > 1 else []
    made = [result for result in results if isinstance(result, Fold)]
    return _together(fitted, made, kept(results)) if len(made) > 1 else None


def _fold(fitted: FittedMedia, again: FittedMedia, origin: int, horizon: int, seed: int) -> Fold:
    panel = fitted.design.panel
    actual = panel.kpi[origin : origin + horizon]
    drawn = ahead(again.draws, panel, horizon, seed).kpi
    year = periods_per_year(panel.frequency.days)
    naive = naive_forecast(panel.kpi[panel.history : origin], horizon, year)
    return Fold(
        origin=origin,
        actual=actual,
        middle=np.median(drawn, axis=0),
        naive_middle=naive.middle,
        crps=crps(drawn, actual),
        naive_crps=np.stack([crps(draws, actual[h]) for h, draws in enumerate(naive.draws)]),
        hits=np.stack([inside(drawn, actual, level) for level in LEVELS]),
        naive=naive.how,
        converged=chains_met(again),
    )


def chains_met(fitted: FittedMedia) -> bool:
    """Whether the chains agree on every channel's share."""
    from arviz_stats.base import array_stats

    chains = fitted.samples.chains
    share = fitted.draws.share.sum(1)[:, fitted.design.active]
    by_chain = share.reshape(chains, -1, share.shape[1])
    worst = [
        float(array_stats.rhat(by_chain[..., c], chain_axis=0, draw_axis=1, method="rank"))
        for c in range(share.shape[1])
        if np.ptp(by_chain[..., c]) > 0
    ]
    return max(worst, default=1.0) <= MIXED


def _together(fitted: FittedMedia, folds: Sequence[Fold], failed: tuple[Failed, ...]) -> CrossValidation:
    panel = fitted.design.panel
    model, naive = (np.array([getattr(fold, name).sum() for fold in folds]) for name in ("crps", "naive_crps"))
    skill = 1.0 - float(model.sum() / naive.sum())
    without = 1.0 - (model.sum() - model) / (naive.sum() - naive)
    n, horizon = len(folds), len(folds[0].actual)
    distinct = len({fold.origin + ahead for fold in folds for ahead in range(horizon)}) * panel.n_groups
    by_fold = pd.DataFrame(
        [
            {"origin": panel.dates[fold.origin], **_scores([fold], slice(None)), "converged": fold.converged}
            for fold in folds
        ]
    )
    scopes: list[tuple[str | None, slice]] = [(None, slice(None))]
    if panel.groups != (NATIONAL,):
        scopes += [(name, slice(g, g + 1)) for g, name in enumerate(panel.groups)]
    by_group = pd.DataFrame([_scores(folds, groups) for _, groups in scopes])
    by_group.insert(0, "group", pd.Series([name for name, _ in scopes], dtype=object))
    return CrossValidation(
        folds=tuple(folds),
        failed=failed,
        by_fold=by_fold,
        by_group=by_group,
        coverage={level: coverage([fold.hits[i] for fold in folds], level, distinct) for i, level in enumerate(LEVELS)},
        skill=skill,
        skill_error=float(np.sqrt((n - 1) / n * np.square(without - without.mean()).sum())),
        zeros=int(sum((fold.actual == 0).sum() for fold in folds)),
    )


def _scores(folds: Sequence[Fold], groups: slice) -> dict[str, float | str]:
    """Scores of some folds in some groups, pooled over their cells."""

    def pooled(name: str) -> Array:
        return np.concatenate([getattr(fold, name)[:, groups].ravel() for fold in folds])

    model, naive = pooled("crps").mean(), pooled("naive_crps").mean()
    errors = point_errors(pooled("middle"), pooled("actual"))
    repeated = point_errors(pooled("naive_middle"), pooled("actual"))
    row: dict[str, float | str] = {
        "crps": float(model),
        "naive_crps": float(naive),
        "skill": 1.0 - float(model / naive),
        "mape": errors.mape,
        "naive_mape": repeated.mape,
        "wmape": errors.wmape,
        "naive_wmape": repeated.wmape,
        "naive": ", ".join(sorted({fold.naive for fold in folds})),
    }
    hits = np.concatenate([fold.hits[:, :, groups].reshape(len(LEVELS), -1) for fold in folds], axis=1)
    return row | {f"inside_{100 * level:g}": float(hits[i].mean()) for i, level in enumerate(LEVELS)}
