"""Effects that trade with the baseline: how much of the doubt about a channel is whether it was the season instead."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mmm.draws import MediaDraws
from mmm.returns import Returns
from outlay.transforms import Array

TRADED = 0.5
"""Share of the variance of a contribution over draws that trend and season account for, from which they trade."""


def baseline_trades(draws: MediaDraws, returns: Returns) -> pd.DataFrame:
    """How far each contribution is traded against trend and season within the posterior.

    Columns: ``channel, explained``: the adjusted share of the variance of its contribution over draws that a regression
    on the draws of the trend's and the season's coefficients explains.
    """
    design = draws.design
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
