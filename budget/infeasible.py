"""Which rules conflict, where no single piece of arithmetic shows it, and the refusal that says so."""

from __future__ import annotations

import numpy as np

from budget.catalogue import CATALOGUE
from budget.compile import Compiled
from budget.feasible import HALF_A_CENT, can_hold
from budget.repair import least_repair
from budget.rules import Rule
from outlay.errors import PlanError


def conflicting(compiled: Compiled) -> tuple[Rule, ...]:
    """A smallest set of rules that cannot hold together: without any one of them the rest can.

    A deletion filter (Chinneck and Dravnieks, 1991) that drops many rules at a time while that goes well, and ends with
    one at a time, which is what makes the set irreducible. Rules that follow from the range seen are dropped first and
    the total last, so that what is left speaks of what the planner wrote.
    """
    kept = np.ones(len(compiled.rules), bool)
    order = sorted(range(len(kept)), key=lambda i: _blamed(compiled.rules[i]))
    for size in (max(len(order) // 3, 1), max(len(order) // 10, 1), 1):
        for start in range(0, len(order), size):
            some = [i for i in order[start : start + size] if kept[i]]
            without = kept.copy()
            without[some] = False
            if some and not can_hold(compiled, without):
                kept = without
    return tuple(rule for rule, stays in zip(compiled.rules, kept, strict=True) if stays)


def _blamed(rule: Rule) -> int:
    """Order in which rules are dropped."""
    return 0 if not rule.written else 2 if rule.kind.startswith("budget") else 1


def ensure_feasible(compiled: Compiled) -> Compiled:
    """The rules if they can hold, with half a cent of room where only rounded amounts stand against each other.

    Raises
    ------
    PlanError
        P007, with a smallest conflicting set and the least change that would make the rules hold.
    """
    if can_hold(compiled, room=0.0):
        return compiled
    if can_hold(compiled):
        return compiled.with_room(HALF_A_CENT)
    raise conflict_error(compiled)


def conflict_error(compiled: Compiled) -> PlanError:
    """The refusal that lists a smallest set of conflicting rules and the least repair."""
    listed = "".join(f"\n  - {rule.words}" for rule in conflicting(compiled))
    repair = least_repair(compiled)
    if repair is None:
        told = "No change of an amount helps as long as the rules marked hard stay: take one of the listed rules back."
    elif repair:
        told = f"The least change that would do: {'; '.join(change.words for change in repair)}."
    else:
        told = CATALOGUE["P007"].repair
    return PlanError(f"these rules cannot all hold:{listed}", where="[plan]", repair=told, id="P007")
