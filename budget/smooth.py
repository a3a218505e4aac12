"""The engine for coupled periods and for risk: plans whose outcome is a smooth function of all decisions together."""

from __future__ import annotations

import time

from budget.ascent import Task, climb
from budget.objective import Objective
from budget.optimum import Optimum
from budget.paths import Oracle
from budget.polytope import Polytope
from outlay.transforms import Array


def maximise(
    oracle: Oracle,
    polytope: Polytope,
    objective: Objective,
    start: Array | None = None,
    *,
    aim: float = 1e-6,
    time_limit: float = 10.0,
    envelope: Oracle | None = None,
) -> Optimum:
    began = time.perf_counter()
    task = Task(oracle, polytope, objective, aim, began + time_limit)
    found = climb(task, start)
    return Optimum(
        found.y[: polytope.n], found.value, max(found.bound, found.value), found.gradient, found.row_price,
        found.floor_price, found.q, 1, found.rounds, "optimal", time.perf_counter() - began, "Clarabel",
    )
