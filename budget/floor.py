"""Climbs under a floor on the outcome: a plan that keeps it, or the proof that none can."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from budget.ascent import climb
from budget.objective import Objective
from budget.task import Climb, Task
from outlay.transforms import Array

_PATIENCE = 2.0  # seconds for the question whether any plan keeps the floor, however late it is


class FloorError(Exception):
    """No plan within the rules reaches the floor.

    Attributes
    ----------
    room : float
        By how much the best plan misses it, in scaled outcome: negative.
    """

    def __init__(self, room: float) -> None:
        super().__init__(f"the floor is missed by {-room:.6g}")
        self.room = room


def settle(task: Task, start: Array | None = None, cutoff: float = -np.inf) -> Climb:
    """:func:`budget.ascent.climb`, to a plan that keeps the floor.

    Raises
    ------
    FloorError
        Where no plan keeps it; for an outcome that is not concave: where none was found.
    """
    found = climb(task, start, cutoff)
    if found.room >= 0.0 or found.bound < cutoff:
        return found
    patient = replace(task, deadline=max(task.deadline, time.perf_counter() + _PATIENCE))
    best = climb(_clearing(patient), found.y[: task.polytope.n])
    room = best.value - (task.objective.floor or 0.0)
    if room < 0.0:
        raise FloorError(room)
    again = climb(task, best.y[: task.polytope.n], cutoff)
    if again.room >= 0.0:
        return replace(again, bound=min(found.bound, again.bound))
    return _between(task, again, best, min(found.bound, again.bound))


def _clearing(task: Task) -> Task:
    """The same plans, for the most room above the floor."""
    objective = task.objective
    room = Objective(per_spend=objective.floor_per_spend, weight=objective.weight, level=objective.level)
    return replace(task, objective=room)


def _between(task: Task, short: Climb, clear: Climb, bound: float) -> Climb:
    """The point nearest to a plan that falls short, on the way to one that clears the floor, that keeps it too."""
    objective, n = task.objective, task.polytope.n
    low, high = 0.0, 1.0
    for _ in range(60):
        part = 0.5 * (low + high)
        z = short.y[:n] + part * (clear.y[:n] - short.y[:n])
        if objective.floor_room(task.oracle.outcome(z), float(z.sum())) >= 0.0:
            high = part
        else:
            low = part
    y = short.y + high * (clear.y - short.y)
    outcome, spend = task.oracle.outcome(y[:n]), float(y[:n].sum())
    return replace(
        short, y=y, value=objective.value(outcome, spend), room=objective.floor_room(outcome, spend), bound=bound
    )
