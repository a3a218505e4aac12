"""Monthly goals by segment, region and measure, as a planning round would set them."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cli.b2b.leads import MONTHS, Leads
from cli.b2b.world import FIRST_WEEK, LAUNCH, REGIONS, SEGMENTS

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

MEASURES = ("mql", "sqo", "won", "value")
GOAL_MONTHS = 24  # two whole years: the second one is half gone
_GROWTH = 0.008  # that goals grow by in a month
_WAVE = 0.05  # of the year


def goals_table(leads: Leads) -> pd.DataFrame:
    """One row per month, segment, region and measure: what the company's size makes likely, times its ambition.

    Stages count in the month in which they are reached, so those of the first months are lower: what was in the
    pipeline before the table begins is not in the table.
    """
    months = pd.date_range(FIRST_WEEK, periods=GOAL_MONTHS, freq="MS").strftime("%Y-%m-%d")
    by_cell = _expected(leads)
    rows = []
    for m, month in enumerate(months):
        for k, (segment, facts) in enumerate(SEGMENTS.items()):
            for g, region in enumerate(REGIONS):
                for measure, number in zip(MEASURES, by_cell[m, k, g] * facts.ambition, strict=True):
                    rows.append((month, segment, region, measure, _round(measure, number)))
    return pd.DataFrame(rows, columns=["month", "segment", "region", "measure", "goal"])


def _expected(leads: Leads) -> Array:
    """Expected counts and value by month of being reached, (GOAL_MONTHS, K, G, measures)."""
    shape = (len(SEGMENTS), len(REGIONS))
    mean = np.zeros((*shape, 2))
    per_month = _counted((leads.segment, leads.region), shape) / MONTHS
    known = leads.day < (LAUNCH - FIRST_WEEK).days  # goals were set before the launch, which nobody planned with
    cell = (leads.segment[known], leads.region[known])
    np.add.at(mean, cell, np.cumprod(leads.chance[known], axis=1))
    rates = mean / np.maximum(_counted(cell, shape), 1.0)[:, :, None]
    t = np.arange(GOAL_MONTHS)
    flow = 1.0 + _GROWTH * (t - (MONTHS - 1) / 2.0) + _WAVE * np.sin(2.0 * np.pi * (t - 1.0) / 12.0)
    out = np.zeros((GOAL_MONTHS, *shape, len(MEASURES)))
    for k, facts in enumerate(SEGMENTS.values()):
        worth = facts.value * np.exp(0.5 * facts.spread**2)
        sqo = np.convolve(flow, _lags(facts.days_to_sqo))[:GOAL_MONTHS]
        won = np.convolve(flow, _lags(facts.days_to_sqo + facts.days_to_won))[:GOAL_MONTHS]
        out[:, k, :, 0] = flow[:, None] * per_month[k]
        out[:, k, :, 1] = sqo[:, None] * per_month[k] * rates[k, :, 0]
        out[:, k, :, 2] = won[:, None] * per_month[k] * rates[k, :, 1]
        out[:, k, :, 3] = out[:, k, :, 2] * worth
    return out


def _counted(cell: tuple[Codes, Codes], shape: tuple[int, int]) -> Array:
    out = np.zeros(shape)
    np.add.at(out, cell, 1.0)
    return out


def _lags(days: float) -> Array:
    """Parts of what is reached by months since the lead came: a log-normal delay about its median."""
    months = (np.arange(1, 16) - 0.5) * 30.4  # leads come all over a month
    z = np.log(months / days) / 0.45
    below = 1.0 / (1.0 + np.exp(-1.702 * z))  # the normal's distribution function to 1 %, which is enough for a goal
    return np.diff(below, prepend=0.0)


def _round(measure: str, number: float) -> float:
    """Goals are round numbers: leads in whole ones, opportunities and deals in halves, money in thousands."""
    if measure == "mql":
        return float(max(round(number), 1))
    return float(round(number / 1000.0) * 1000) if measure == "value" else max(round(number * 2.0) / 2.0, 0.5)
