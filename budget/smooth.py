"""The engine for coupled periods and for risk: plans whose outcome is a smooth function of all decisions together."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from budget.branch import Envelope, Found, Search
from budget.floor import settle
from budget.objective import Objective
from budget.optimum import Optimum, Status
from budget.paths import Oracle
from budget.polytope import Polytope, SolverFailure, linear_best, with_switches
from budget.task import Climb, Task
from outlay.transforms import Array

SOLVER = "Clarabel, HiGHS"


def maximise(
    oracle: Oracle,
    polytope: Polytope,
    objective: Objective,
    start: Array | None = None,
    *,
    aim: float = 1e-6,
    time_limit: float = 10.0,
    envelope: Envelope | None = None,
) -> Optimum:
    """The best plan within the rules, with a bound that none exceeds.

    Parameters
    ----------
    oracle : Oracle
        Outcome per draw.
    polytope : Polytope
        The rules; whole columns and semis are branched on.
    objective : Objective
    start : ndarray (N,), optional
        A plan to begin at; it need not keep the rules.
    aim : float
        Relative gap.
    time_limit : float
        Seconds, after which the best plan so far is returned with its bound.
    envelope : callable, optional
        For an outcome that is not concave: takes bounds of the decisions, (N,) each, and returns a concave outcome that
        is no less between them (:meth:`budget.paths.PathOracle.over`). Without one such a plan has no bound.

    Raises
    ------
    InfeasibleRulesError
        Where no plan keeps the rules.
    FloorError
        Where none that does reaches the floor.
    SolverFailure
        Where a solver has no answer.
    """
    began = time.perf_counter()
    task = Task(oracle, polytope, objective, aim, began + time_limit)
    if oracle.concave and not polytope.integer.any() and not polytope.semis:
        climbed = settle(replace(task, aim=task.aim / 3.0), start)  # roundoff at the end does not miss the aim then
        found = Found(climbed, climbed.bound, 1, climbed.rounds)
    else:
        found = Search(task, envelope).run(start)
    best, bound = found.best, max(found.bound, found.best.value)
    return Optimum(
        z=best.y[: polytope.n],
        value=best.value,
        bound=bound,
        gradient=best.gradient,
        row_price=_row_price(polytope, best),
        floor_price=best.floor_price,
        q=best.q,
        nodes=found.nodes,
        rounds=found.rounds,
        status=_status(task, found, bound),
        seconds=time.perf_counter() - began,
        solver=SOLVER,
    )


def _row_price(polytope: Polytope, best: Climb) -> Array:
    """Prices of the rules where the plan is; what is switched off or on stays so."""
    if not polytope.integer.any() and not polytope.semis:
        return best.row_price
    switched = with_switches(polytope)
    lower, upper, whole = switched.lower.copy(), switched.upper.copy(), switched.integer
    lower[whole] = upper[whole] = np.rint(best.y[whole])
    held = replace(switched, lower=lower, upper=upper, integer=np.zeros_like(whole))
    try:
        return linear_best(best.gradient, held).price[: len(polytope.low)]
    except SolverFailure:
        return best.row_price[: len(polytope.low)]  # prices of the branch; the plan and its proof stand


def _status(task: Task, found: Found, bound: float) -> Status:
    if bound - found.best.value <= task.aim * found.best.scale:
        return "optimal"
    return "time" if task.late else "local"
