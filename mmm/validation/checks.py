"""Posterior predictive checks: would the model, asked again, have made data like these?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mmm.draws import MediaDraws
from mmm.validation.predictive import within
from mmm.validation.scores import LEVELS, coverage, inside
from outlay.transforms import Array

EXTREME = 0.01
"""Posterior predictive p-values below this, or above one minus this, say that the data look unlike the model's."""


def _lag(values: Array) -> Array:
    """Correlation of neighbouring periods, over the second last axis."""
    centred = values - values.mean(axis=-2, keepdims=True)
    size = np.square(centred).sum(axis=-2)
    both = (centred[..., 1:, :] * centred[..., :-1, :]).sum(axis=-2)
    return np.asarray(both / np.where(size > 0, size, 1.0))


STATISTICS = {
    "mean": lambda values: values.mean(axis=-2),
    "spread": lambda values: values.std(axis=-2),
    "smallest": lambda values: values.min(axis=-2),
    "largest": lambda values: values.max(axis=-2),
    "persistence": _lag,
}
"""What is compared: of the KPI summed over groups. ``persistence`` is the correlation of neighbouring periods."""


@dataclass(frozen=True)
class PredictiveCheck:
    """The data beside data that the model would have made.

    Attributes
    ----------
    table : DataFrame
        ``statistic, actual, low, high, p``: the value, the 90 % interval of the model's, and the share of the model's
        that is as large or larger.
    coverage : dict of float to (share, standard error)
        Of the scored periods, by level of the predictive interval. These rows were fitted, so it runs high.
    """

    table: pd.DataFrame
    coverage: dict[float, tuple[float, float]]


def predictive_check(draws: MediaDraws, seed: int) -> PredictiveCheck:
    """Compare the scored periods with the model's own draws of them."""
    design = draws.design
    actual = design.panel.kpi[design.fit]
    drawn = within(draws, seed).kpi
    rows = []
    for name, statistic in STATISTICS.items():
        seen = float(statistic(actual.sum(1, keepdims=True))[0])
        model = statistic(drawn.sum(-1, keepdims=True))[:, 0]
        low, high = np.quantile(model, [0.05, 0.95])
        # Half of what is equal, so that a statistic that cannot differ is no surprise.
        p = float((model > seen).mean() + 0.5 * (model == seen).mean())
        rows.append({"statistic": name, "actual": seen, "low": float(low), "high": float(high), "p": p})
    hits = {level: coverage([inside(drawn, actual, level)], level) for level in LEVELS}
    return PredictiveCheck(pd.DataFrame(rows), hits)
