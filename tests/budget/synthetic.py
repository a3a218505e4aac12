"""Synthetic response draws for the optimizer's tests; no model is fitted here."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import brentq

from budget import Allocation, PlanSection
from budget.curves import Curves
from budget.problem import Problem, pose
from budget.responses import Responses, curves_of
from budget.rules import Rule
from outlay.response import NATIONAL, ResponseDraws
from outlay.transforms import adstock_weights


def make_response(
    seed: int = 0,
    channels: int = 3,
    groups: int = 1,
    draws: int = 40,
    saturation: str = "hill",
    periods: int = 60,
    future: int = 40,
    l_max: int = 4,
    **changes: object,
) -> ResponseDraws:
    """Weekly response draws with ROI near one, spend in thousands, and half-saturations near the usual spend."""
    rng = np.random.default_rng(seed)
    usual = rng.uniform(500.0, 2_000.0, (groups, channels))
    spend = usual * rng.uniform(0.5, 1.5, (periods, groups, channels))
    cost = rng.uniform(0.5, 5.0, (groups, channels))
    exposure = spend / cost
    scale = exposure.mean(axis=0)
    roi = rng.uniform(0.5, 2.0, (groups, channels))
    noise = np.exp(0.2 * rng.standard_normal((draws, groups, channels)))
    fields: dict[str, object] = {
        "outcome": "sales",
        "outcome_unit": "USD",
        "money": True,
        "currency": "USD",
        "period_days": 7,
        "channels": tuple(f"ch{i}" for i in range(channels)),
        "groups": (NATIONAL,) if groups == 1 else tuple(f"g{i}" for i in range(groups)),
        "saturation": (saturation,) * channels,
        "saturation_first": (False,) * channels,
        "link": "identity",
        "l_max": l_max,
        "dates": pd.date_range("2023-01-02", periods=periods, freq="7D"),
        "future_dates": pd.date_range("2023-01-02", periods=periods + future, freq="7D")[periods:],
        "weights": geometric(rng.uniform(0.1, 0.6, (draws, channels)), l_max),
        "half_saturation": rng.uniform(0.7, 2.0, (draws, channels)),
        "exponent": np.ones((draws, channels)),
        "coefficient": 2.5 * roi * usual * noise,
        "scale": scale,
        "exposure": exposure,
        "spend": spend,
        "cost_per_exposure": cost,
        "value": np.ones((periods + future, groups)),
        "baseline": np.full((draws, future, groups), 50_000.0),
    }
    fields.update(changes)
    return ResponseDraws(**fields)  # type: ignore[arg-type]


def geometric(retention: np.ndarray, l_max: int) -> np.ndarray:
    """Adstock weights of a retention per period in (0, 1)."""
    return adstock_weights("geometric", -1.0 / np.log2(retention), 0.0, l_max)


def free(**keys: object) -> PlanSection:
    """A plan without the limit at the range seen, so that only the rules under test bind."""
    return PlanSection(**{"margin_of_range": None, **keys})  # type: ignore[arg-type]


def spend_of(allocation: Allocation) -> np.ndarray:
    """Totals of the cells (K,)."""
    whole = allocation.table["period"].isna()
    return np.asarray(allocation.table.loc[whole, "spend"], float)


def plan_of(allocation: Allocation) -> np.ndarray:
    """The plan period by period, (H, K), with the cells in the order of the table."""
    flighting = allocation.flighting
    return np.asarray(flighting["spend"], float).reshape(flighting["date"].nunique(), -1)


def posed(response: ResponseDraws, section: PlanSection) -> Problem:
    """The question of a section, before it is solved."""
    return pose(response, section, Path())


def curves(problem: Problem) -> Curves:
    """What each cell's total brings, in currency and outcome units, on the draws that choose."""
    return curves_of(problem.choosing.pieces(problem.decision, 1.0, 1.0), problem.choosing.n_draws)


def brings(problem: Problem, totals: np.ndarray, responses: Responses | None = None) -> float:
    """Expected outcome of a plan of totals (K,) under the timing of the question, on the draws that choose."""
    return float((responses or problem.choosing).outcome(problem.decision.shape * totals).mean())


def broken(problem: Problem, totals: np.ndarray, **keys: float) -> list[Rule]:
    """Rules that a plan of totals (K,) breaks under the timing of the question."""
    return problem.rules.broken_by(problem.decision.shape * totals, **keys)


def equal_marginal_returns(problem: Problem) -> np.ndarray:
    """The exact optimum without rules on sums: one price at which all cells' slopes meet, found by bisection."""
    budget, (lower, upper) = problem.rules.budget, problem.rules.on_cells()
    upper, each = np.minimum(upper, budget), curves(problem)

    def slope(cell: int, total: float) -> float:
        return float(each.means(np.array([cell]), np.array([total]))[1][0])

    def wanted(price: float) -> np.ndarray:
        spend = np.empty(len(lower))
        for cell, (low, high) in enumerate(zip(lower, upper, strict=True)):

            def excess(total: float, cell: int = cell) -> float:
                return slope(cell, total) - price

            if excess(low) <= 0:
                spend[cell] = low
            elif excess(high) >= 0:
                spend[cell] = high
            else:
                spend[cell] = brentq(excess, low, high, xtol=1e-7)
        return spend

    # A slope at zero may be infinite: a billionth of the budget is near enough.
    steepest = max(slope(cell, 1e-9 * budget) for cell in range(len(lower)))
    price = brentq(lambda p: wanted(p).sum() - budget, 1e-9 * steepest, steepest, xtol=1e-13 * steepest)
    return wanted(price)
