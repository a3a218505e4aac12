"""The plan as tables: cells over the window, cells period by period where that is decided, and the flighting."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from budget.cells import Index
from budget.compile import Compiled
from budget.judge import Judgement
from budget.prices import binding
from budget.problem import Problem
from outlay.transforms import Array


def plan_table(problem: Problem, compiled: Compiled, spend: Array, mroi: Array, judged: Judgement) -> pd.DataFrame:
    """One row per cell, then one per cell and period for freely timed cells; see :class:`budget.Allocation`.

    Parameters
    ----------
    problem : Problem
    compiled : Compiled
    spend : ndarray (H, K)
    mroi : ndarray (N,)
        Outcome of one more unit of currency in each decision.
    judged : Judgement
    """
    cells, decision, reference = problem.cells, problem.decision, problem.reference.spend
    totals, before = spend.sum(axis=0), reference.sum(axis=0)
    lower, upper = problem.rules.on_cells()
    every, dates = np.arange(len(cells)), [f"{day:%Y-%m-%d}" for day in problem.window.dates]
    columns = _rows(problem, every, [None] * len(cells), before, totals)
    columns |= {"lower": lower, "upper": upper, "mroi": _along_plan(problem, spend, mroi)}
    columns["binding"] = pd.Series(binding(compiled, spend), dtype=object)
    for name, values in (("outcome", judged.cell_outcome), ("roi", judged.cell_roi)):
        columns |= dict(zip((f"{name}_mean", f"{name}_hdi_low", f"{name}_hdi_high"), values, strict=True))
    columns |= {"reference_outcome_mean": judged.cell_reference[0], "extrapolated": totals > problem.seen + 0.01}
    table = pd.DataFrame(columns)
    free = np.flatnonzero(decision.period >= 0)
    if not len(free):
        return table
    cell, period = decision.cell[free], decision.period[free]
    weekly = _rows(problem, cell, [dates[t] for t in period], reference[period, cell], spend[period, cell])
    weekly |= {"mroi": mroi[free], "extrapolated": spend[period, cell] > problem.seen_period[cell] + 0.01}
    return pd.concat([table, pd.DataFrame(weekly)], ignore_index=True)


def flighting_table(problem: Problem, spend: Array) -> pd.DataFrame:
    """Spend per period and cell, of the plan and of the reference plan."""
    periods, n = spend.shape
    names = _names(problem, np.arange(n))
    return pd.DataFrame(
        {
            "date": np.repeat(problem.window.dates.to_numpy(), n),
            **{name: values * periods for name, values in names.items()},
            "reference_spend": problem.reference.spend.ravel(),
            "spend": spend.ravel(),
        }
    )


def _rows(problem: Problem, cell: Index, period: list[str | None], before: Array, after: Array) -> dict[str, Any]:
    """Columns that rows of cells and of single periods share."""
    change = np.round(after - before, 2)
    return {
        **_names(problem, cell),
        "period": pd.Series(period, dtype=object),
        "reference_spend": np.round(before, 2),
        "spend": np.round(after, 2),
        "change": change,
        "change_share": np.where(before > 0, change / np.where(before > 0, before, 1.0), np.nan),
    }


def _along_plan(problem: Problem, spend: Array, mroi: Array) -> Array:
    """Outcome of one more unit of currency in each cell, spread as the plan spreads it; evenly where it has none."""
    decision = problem.decision
    z = decision.of(spend)
    totals = decision.totals(z)[decision.cell]
    count = np.bincount(decision.cell, minlength=spend.shape[1])[decision.cell]
    part = np.where(totals > 0, z / np.where(totals > 0, totals, 1.0), 1.0 / count)
    with np.errstate(invalid="ignore"):
        each = np.where(part > 0, part * mroi, 0.0)
    return np.asarray(np.bincount(decision.cell, each, minlength=spend.shape[1]), float)


def _names(problem: Problem, cell: Index) -> dict[str, list[str | None]]:
    cells = problem.cells
    return {
        "channel": [cells.channels[cells.channel_of(int(k))] for k in cell],
        "group": [cells.group_name(int(k)) for k in cell],
    }
