"""Which rules conflict, where no single piece of arithmetic shows it."""

from __future__ import annotations

import numpy as np

from budget.catalogue import CATALOGUE
from budget.cells import money
from budget.rules import Rule, Rules
from outlay.errors import PlanError


def can_hold(rules: list[Rule], n_cells: int, budget: float) -> bool:
    """Whether some plan without negative spend satisfies the rules and spends the budget."""
    from scipy.optimize import linprog  # only met when a plan is infeasible

    rows = np.zeros((len(rules), n_cells))
    most = np.zeros(len(rules))
    for row, rule in enumerate(rules):
        sign = -1.0 if rule.at_least else 1.0
        rows[row, rule.cells] = sign
        # Half a cent of room, in shares of the budget: amounts are rounded to the cent.
        most[row] = (sign * rule.amount + 0.005) / budget
    answer = linprog(
        np.zeros(n_cells),
        A_ub=rows if len(rules) else None,
        b_ub=most if len(rules) else None,
        A_eq=np.ones((1, n_cells)),
        b_eq=[1.0],
        bounds=(0, None),
        method="highs-ds",
    )
    return bool(answer.status == 0)


def conflicting(rules: Rules) -> list[Rule]:
    """A smallest set of rules that cannot hold together: without any one of them the rest can (deletion filter).

    Rules that the user wrote are kept in preference to those that follow from the range seen.
    """
    core = sorted(rules.every, key=lambda rule: rule.kind not in ("range", "no cost"))
    for rule in list(core):
        rest = [other for other in core if other is not rule]
        if not can_hold(rest, len(rules.lower), rules.budget):
            core = rest
    return core


def conflict_error(rules: Rules, currency: str) -> PlanError:
    """The refusal that lists a smallest set of conflicting rules."""
    core = conflicting(rules)
    listed = "; ".join(rule.words for rule in core)
    return PlanError(
        f"these rules cannot all hold with a budget of {money(rules.budget, currency)}: {listed}",
        where="[plan]",
        repair=CATALOGUE["P007"].repair,
        id="P007",
    )
