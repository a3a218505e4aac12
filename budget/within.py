"""The best plan within the rules and the minimum volumes: the engines, asked again until no minimum is missed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np

from budget.compile import Compiled
from budget.objective import Objective
from budget.optimum import Optimum
from budget.polytope import InfeasibleRulesError, Polytope, SolverFailure
from budget.posed import Posed
from budget.volumes import NEAR, Minimums, Tangents, pulled, reach, unreachable
from outlay.transforms import Array

FINE = 1e-8
"""Part of a minimum that the engines' plan may miss before it is drawn back to one that keeps it."""

ROUNDS = 4
"""Rounds after which a millionth of a minimum is near enough to be drawn back."""


@dataclass(frozen=True, eq=False)
class Within:
    """A plan with its proof, and the rows that it was found under.

    Attributes
    ----------
    optimum : Optimum
    compiled : Compiled
        The rules with the tangents of the minimums after them.
    tangents : Tangents
    minimums : Minimums or None
    """

    optimum: Optimum
    compiled: Compiled
    tangents: Tangents
    minimums: Minimums | None = None


def best_within(posed: Posed, objective: Objective, start: Array) -> Within:
    """The best plan within rules and minimum volumes, on the draws that choose.

    Every round cuts off the plan of the last one where it misses a minimum. The rows that are added hold for every plan
    that misses none, so the bound of the last round is a bound of the whole.

    Raises
    ------
    InfeasibleRulesError, FloorError, SolverFailure
        As the engines do.
    PlanError
        P088, where the minimums cannot be reached.
    """
    problem, polytope = posed.problem, posed.compiled.polytope
    work, limit = posed.work(problem.choosing), problem.section.time_limit
    minimums = posed.minimums
    if minimums is None:
        found = posed.choosing.best(polytope, objective, start, capacity=work, time_limit=limit)
        return Within(found, posed.compiled, Tangents())
    clear, tangents = _clear(minimums, polytope)
    until, under, rounds = perf_counter() + limit, tangents, 0
    while True:
        left = max(until - perf_counter(), 0.5)
        try:
            best = posed.choosing.best(under.over(polytope), objective, start, capacity=work, time_limit=left)
        except InfeasibleRulesError:
            raise unreachable(minimums, polytope) from None
        rooms = minimums.rooms(best.z)
        missed = np.flatnonzero(rooms < -FINE)
        # the last digits cost a round each, and the way back brings them too
        if not len(missed) or perf_counter() > until or (rounds > ROUNDS and rooms.min() >= -NEAR):
            break
        rounds += 1
        under = under.and_at(minimums, best.z, missed)
    whole = polytope.integer.any() or bool(polytope.semis)
    if not whole:
        best = replace(best, z=pulled(minimums, best.z, clear))
    elif minimums.rooms(best.z).min() < -NEAR:
        raise SolverFailure("no plan that keeps the minimum volumes was found in the time allowed")
    return Within(best, with_rows(posed.compiled, under), under, minimums)


def _clear(minimums: Minimums, polytope: Polytope) -> tuple[Array, Tangents]:
    """A plan that clears every minimum, and the tangents on the way to it."""
    plan, tangents = reach(minimums, polytope, np.arange(len(minimums)))
    if plan is None:
        raise unreachable(minimums, polytope)
    return plan, tangents


def with_rows(compiled: Compiled, tangents: Tangents) -> Compiled:
    """The rules with tangents after them, which are no rule's own."""
    owners, more = compiled.owners, np.zeros(len(tangents.row))
    return replace(
        compiled,
        polytope=tangents.over(compiled.polytope),
        owners=replace(
            owners,
            row=np.concatenate([owners.row, np.full(len(more), -1, owners.row.dtype)]),
            unit=np.concatenate([owners.unit, more + 1.0]),
            row_moves=np.concatenate([owners.row_moves, more]),
        ),
    )


def volume_prices(optimum: Optimum, tangents: Tangents, minimums: Minimums) -> Array:
    """What one lead less of each minimum adds to the objective, scaled."""
    price = np.zeros(len(minimums))
    first = len(optimum.row_price) - len(tangents.row)
    for row, owner in enumerate(tangents.owner):
        price[owner] -= optimum.row_price[first + row] / minimums.size(owner)
    return np.maximum(price, 0.0)
