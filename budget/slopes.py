"""What one more unit of money brings in each cell of a plan, from the responses themselves: no engine is built."""

from __future__ import annotations

import numpy as np

from budget.problem import Problem
from budget.responses import Responses
from budget.sellers import Sellers
from budget.work import work_of
from outlay.transforms import Array

STEP = 1e-4
"""Part of a cell's spend that differences are taken over, where effects multiply."""


def cell_slopes(problem: Problem, spend: Array) -> Array:
    """Mean outcome of one more unit of each cell's total, spread as the plan (H, K) spreads it: (K,).

    On the draws that choose, as in the table of a plan. A cell without spend is spread as the question times it, evenly
    where that is decided. Where sellers have a limit, it is that of the leads that they work. Infinite where a curve
    rises steeply from zero.
    """
    responses, decision = problem.choosing, problem.decision
    totals = spend.sum(axis=0)
    given = np.where(decision.free, 1.0 / len(spend), decision.shape)
    shape = np.where(totals > 0, spend / np.where(totals > 0, totals, 1.0), given)
    slopes = _multiplied(responses, spend, shape) if responses.multiplies else _added(responses, totals, shape)
    work = work_of(problem, responses)
    if not isinstance(work, Sellers):
        return np.asarray(slopes.mean(axis=0))
    weights, _ = work.cut(responses.outcomes(spend).T, np.ones(len(slopes)))
    return np.asarray(np.where(weights.T > 0.0, weights.T * slopes, 0.0).mean(axis=0))


def _added(responses: Responses, totals: Array, shape: Array) -> Array:
    """Slopes per draw (S, K) where effects add up: exact."""
    each = [responses.along(cell, float(totals[cell]), shape[:, cell])[1] for cell in range(len(totals))]
    return np.stack(each, axis=1)


def _multiplied(responses: Responses, spend: Array, shape: Array) -> Array:
    """Slopes per draw (S, K) where effects multiply: a cell's own effect by differences, the rest exact."""
    if responses.base is None:
        raise ValueError("the effects add up")
    totals = spend.sum(axis=0)
    usual = responses.cells.flat(responses.response.spend).mean(axis=0) * len(spend)
    step = STEP * np.maximum(np.maximum(totals, usual), 1.0)
    low = np.where(totals > step, spend - step * shape, spend)
    high = spend + step * shape
    width = (high - low).sum(axis=0)
    effects, cells = responses.effects(spend), responses.cells
    steep = (responses.effects(high) - responses.effects(low)) / width
    slopes = np.empty((len(effects), len(cells)))
    for group in range(len(cells.groups)):
        mine = [cell for cell in range(len(cells)) if cells.group_of(cell) == group]
        level = responses.base[:, :, group] * np.exp(effects[:, :, mine].sum(axis=2))
        slopes[:, mine] = np.einsum("sp,spk->sk", level, steep[:, :, mine])
    return slopes
