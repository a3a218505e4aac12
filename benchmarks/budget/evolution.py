"""scipy's differential evolution; the budget is kept by projecting every member onto it."""

from __future__ import annotations

from time import perf_counter

from scipy.optimize import differential_evolution

from benchmarks.budget.answer import Answer, project
from benchmarks.budget.curves import Array
from benchmarks.budget.instances import Instance

GENERATIONS = 80
MEMBERS = 5
"""Members of the population per cell."""


def solve(instance: Instance) -> Answer:
    """8,100 plans at 20 cells; a member counts as its projection, so every plan that is valued spends the budget."""
    started = perf_counter()
    curves, budget = instance.curves, instance.budget
    valued = 0

    def loss(members: Array) -> Array:
        """Of members (K, P), as scipy hands them over."""
        nonlocal valued
        valued += members.shape[1]
        return -curves.population(project(members.T, instance.lower, instance.upper, budget))

    found = differential_evolution(
        loss,
        list(zip(instance.lower, instance.upper, strict=True)),
        maxiter=GENERATIONS,
        popsize=MEMBERS,
        vectorized=True,
        updating="deferred",
        polish=False,
        tol=0.0,  # else it stops where the members agree to 1 %
        rng=0,
    )
    spend = project(found.x, instance.lower, instance.upper, budget)
    return Answer(spend, perf_counter() - started, 0.0, f"{valued} plans")
