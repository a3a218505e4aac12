"""The plan as tables: one row per cell, and one per cell and period."""

from __future__ import annotations

import numpy as np
import pandas as pd

from budget.judge import Judgement
from budget.prices import binding
from budget.problem import Problem
from outlay.transforms import Array


def plan_table(problem: Problem, spend: Array, mroi: Array, judged: Judgement) -> pd.DataFrame:
    """One row per cell; see :class:`budget.Allocation` for the columns."""
    cells, reference = problem.cells, problem.reference.totals
    change = np.round(spend - reference, 2)
    table = pd.DataFrame(_names(problem))
    table["period"] = None
    table["reference_spend"] = reference
    table["spend"] = spend
    table["change"] = change
    table["change_share"] = np.where(reference > 0, change / np.where(reference > 0, reference, 1.0), np.nan)
    table["lower"] = problem.rules.lower
    table["upper"] = problem.rules.upper
    table["mroi"] = mroi
    table["binding"] = pd.Series(binding(problem.rules, cells, spend), dtype=object)
    for name, values in (("outcome", judged.cell_outcome), ("roi", judged.cell_roi)):
        table[f"{name}_mean"], table[f"{name}_hdi_low"], table[f"{name}_hdi_high"] = values
    table["reference_outcome_mean"] = judged.cell_reference[0]
    table["extrapolated"] = spend > problem.seen + 0.01
    return table


def flighting_table(problem: Problem, spend: Array) -> pd.DataFrame:
    """Spend per period and cell under the reference plan's flighting, for the plan and the reference."""
    flighting, names = problem.reference.flighting, _names(problem)
    periods, n = flighting.shape
    return pd.DataFrame(
        {
            "date": np.repeat(problem.window.dates.to_numpy(), n),
            **{name: values * periods for name, values in names.items()},
            "reference_spend": (flighting * problem.reference.totals).ravel(),
            "spend": (flighting * spend).ravel(),
        }
    )


def _names(problem: Problem) -> dict[str, list[str | None]]:
    cells = problem.cells
    return {
        "channel": [cells.channels[cells.channel_of(cell)] for cell in range(len(cells))],
        "group": [cells.group_name(cell) for cell in range(len(cells))],
    }
