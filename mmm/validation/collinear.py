"""Channels that the data cannot tell apart: only what they do together is known, and that is what is reported."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd

from mmm.media import FittedMedia
from mmm.returns import Returns
from outlay.summary import summarise

OPPOSED = -0.5
"""Posterior correlation of two contributions at and below which they trade off."""

NARROWER = 0.5
"""The sum's relative sd over the smaller of the two channels': alone, two equal and independent ones have 0.71."""

VAGUE = 0.2
"""Relative sd below which a channel is known well enough by itself."""


def collinear_pairs(fitted: FittedMedia, returns: Returns) -> pd.DataFrame:
    """Pairs of channels whose sum is known much better than either.

    Columns: ``one, other, correlation`` (of the posterior contributions), ``exposure_correlation, relative_sd_one,
    relative_sd_other, relative_sd_sum``, then mean and interval of the pair's contribution, and of its ROI where both
    are paid.
    """
    panel, active = fitted.design.panel, fitted.design.blocks.active
    contribution = returns.contribution.sum(1)
    incremental, spend = returns.incremental.sum(1), returns.spend.sum(0)
    rows = []
    for a, b in combinations((int(c) for c in active), 2):
        relative = [_relative(contribution[:, c]) for c in (a, b)]
        both = contribution[:, a] + contribution[:, b]
        correlation = float(np.corrcoef(contribution[:, a], contribution[:, b])[0, 1])
        together = _relative(both)
        if correlation > OPPOSED or min(relative) < VAGUE or together > NARROWER * min(relative):
            continue
        amount = summarise(both, fitted.project.hdi)
        row: dict[str, object] = {
            "one": panel.channels[a],
            "other": panel.channels[b],
            "correlation": correlation,
            "exposure_correlation": _exposures(fitted, a, b),
            "relative_sd_one": relative[0],
            "relative_sd_other": relative[1],
            "relative_sd_sum": together,
            "contribution_mean": float(amount.mean),
            "contribution_low": float(amount.low),
            "contribution_high": float(amount.high),
        }
        rows.append(row | _joint_roi(incremental[:, a] + incremental[:, b], spend[[a, b]], fitted.project.hdi))
    return pd.DataFrame(rows, columns=_COLUMNS)


_COLUMNS = [
    "one", "other", "correlation", "exposure_correlation", "relative_sd_one", "relative_sd_other", "relative_sd_sum",
    "contribution_mean", "contribution_low", "contribution_high", "roi_mean", "roi_low", "roi_high",
]  # fmt: skip


def _joint_roi(incremental: np.ndarray, spend: np.ndarray, level: float) -> dict[str, object]:
    if (spend <= 0).any():
        return dict.fromkeys(("roi_mean", "roi_low", "roi_high"), float("nan"))
    ratio = summarise(incremental / spend.sum(), level)
    return {"roi_mean": float(ratio.mean), "roi_low": float(ratio.low), "roi_high": float(ratio.high)}


def _relative(draws: np.ndarray) -> float:
    return float(draws.std() / max(abs(draws.mean()), np.finfo(float).tiny))


def _exposures(fitted: FittedMedia, a: int, b: int) -> float:
    """Correlation of the two exposures within groups, over the scored rows."""
    seen = fitted.design.panel.exposure[fitted.design.fit]
    one, other = ((seen[..., c] - seen[..., c].mean(0)).ravel() for c in (a, b))
    size = float(np.sqrt((one @ one) * (other @ other)))
    return float(one @ other) / size if size > 0 else 0.0
