"""Whether rules can hold together, minimums-or-nothing and whole numbers included."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from budget.compile import Compiled
from budget.polytope import InfeasibleRulesError, solve_linear, with_switches
from budget.rules import CENT, Rule
from outlay.transforms import Array

HALF_A_CENT = 0.005
"""Room that every rule has before rules are said to conflict: amounts are rounded to the cent."""

WIDE = 100.0
"""What stands for no limit in a minimum-or-nothing, in multiples of the largest total."""


def can_hold(compiled: Compiled, kept: NDArray[np.bool_] | None = None, room: float = HALF_A_CENT) -> bool:
    """Whether some plan without negative spend keeps these rules, (number of rules,); all of them by default."""
    kept = np.ones(len(compiled.rules), bool) if kept is None else kept
    polytope = compiled.keep(kept, room)
    try:
        solve_linear(np.zeros(len(polytope.lower)), with_switches(polytope, most_of(compiled)))
    except InfeasibleRulesError:
        return False
    return True


def own_broken(compiled: Compiled, spend: Array, room: float = CENT) -> list[Rule]:
    """The planner's rules in cvxpy that a plan (H, K) breaks by more than a cent; helpers are free to serve it.

    Cells of a given timing count with their totals. A rule in cvxpy that counts one cent many times can be broken by
    more than a cent when amounts are rounded.
    """
    z = compiled.decision.of(spend) / compiled.money_scale
    broken = []
    for position, rule in enumerate(compiled.rules):
        if rule.kind != "custom":
            continue
        kept = np.arange(len(compiled.rules)) == position
        alone = compiled.keep(kept, room)
        lower, upper = alone.lower.copy(), alone.upper.copy()
        lower[: alone.n] = upper[: alone.n] = z
        try:
            solve_linear(np.zeros(len(lower)), replace(alone, lower=lower, upper=upper))
        except InfeasibleRulesError:
            broken.append(rule)
    return broken


def most_of(compiled: Compiled) -> float:
    """A sum of decisions that no sensible plan exceeds, scaled."""
    return WIDE * compiled.times * max(compiled.stated.rules.most / compiled.money_scale, 1.0)
