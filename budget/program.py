"""The two convex programs of a round, written in cvxpy: the over-estimate that proves, and the step that finds.

Both are in shares of the budget. The linear program over tangents is solved by HiGHS' simplex and its value is proof;
only an optimal status is accepted. The quadratic step (Clarabel) merely proposes a plan, so a failure costs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from budget.catalogue import CATALOGUE
from budget.rules import Rules
from budget.tangents import STEEPEST, Tangents
from outlay.errors import PlanError
from outlay.transforms import Array

_HIGHS = {"solver": "simplex", "primal_feasibility_tolerance": 1e-9, "dual_feasibility_tolerance": 1e-9}


class InfeasibleRulesError(Exception):
    """No plan satisfies the rules; the caller says which of them conflict."""


@dataclass(frozen=True)
class LinearAnswer:
    """The linear program's plan (K,), its value, and its prices, in scaled units."""

    shares: Array
    value: float
    budget_price: float
    upper_price: Array
    lower_price: Array
    sum_price: Array
    status: str


class Program:
    """A plan's rules in shares of the budget, and the programs over them.

    Attributes
    ----------
    lower, upper : ndarray (K,)
        Bounds per cell.
    """

    def __init__(self, rules: Rules) -> None:
        self.lower = rules.lower / rules.budget
        # Bounds that are equal but for a rounded cent must not cross.
        self.upper = np.maximum(rules.upper / rules.budget, self.lower)
        sums = rules.sums
        sign = np.array([-1.0 if rule.at_least else 1.0 for rule in sums])
        self._sums = np.zeros((len(sums), len(self.lower)))
        for row, rule in enumerate(sums):
            self._sums[row, rule.cells] = sign[row]
        self._most = sign * np.array([rule.amount for rule in sums]) / rules.budget

    def price_of_spend(self, answer: LinearAnswer) -> Array:
        """What a unit of spend in each cell has to bring, apart from the cell's own bounds: (K,)."""
        return np.asarray(answer.budget_price + answer.sum_price @ self._sums)

    def over_estimate(self, tangents: list[Tangents]) -> LinearAnswer:
        """Best plan under the tangents laid so far.

        Raises
        ------
        InfeasibleRulesError
            Where no plan satisfies the rules.
        PlanError
            P012, where the solver gave no answer.
        """
        import cvxpy as cp  # takes seconds to import, and only a solve needs it
        import scipy.sparse as sparse

        steepest = STEEPEST * max(t.rise() for t in tangents)
        lines = [t.lines(steepest) for t in tangents]
        own = np.repeat(np.arange(len(tangents)), [len(slope) for slope, _ in lines])
        slope = np.concatenate([slope for slope, _ in lines])
        intercept = np.concatenate([intercept for _, intercept in lines])
        shape, rows = (len(own), len(tangents)), np.arange(len(own))
        spend, outcome = cp.Variable(len(tangents)), cp.Variable(len(tangents))
        whole, low, high = cp.sum(spend) == 1, spend >= self.lower, spend <= self.upper
        below = (
            sparse.csr_array((np.ones(len(own)), (rows, own)), shape=shape) @ outcome
            - sparse.csr_array((slope, (rows, own)), shape=shape) @ spend
            <= intercept
        )
        sums = [self._sums @ spend <= self._most] if len(self._sums) else []
        problem = cp.Problem(cp.Maximize(cp.sum(outcome)), [whole, low, high, below, *sums])
        try:
            problem.solve(solver=cp.HIGHS, highs_options=dict(_HIGHS))
        except cp.SolverError as failure:
            raise _no_answer(str(failure)) from failure
        if problem.status in (cp.INFEASIBLE, "infeasible_or_unbounded"):
            raise InfeasibleRulesError
        if problem.status != cp.OPTIMAL:
            raise _no_answer(problem.status)
        return LinearAnswer(
            shares=np.clip(np.asarray(spend.value), self.lower, self.upper),
            value=float(problem.value),
            budget_price=float(whole.dual_value),
            upper_price=np.asarray(high.dual_value),
            lower_price=np.asarray(low.dual_value),
            sum_price=np.asarray(sums[0].dual_value) if sums else np.empty(0),
            status=str(problem.status),
        )

    def step(self, center: Array, slope: Array, curvature: Array) -> Array | None:
        """Best plan under a quadratic model around ``center`` (K,); None where the solver has no accurate answer."""
        import cvxpy as cp

        spend = cp.Variable(len(center))
        moved = spend - center
        model = slope @ moved - 0.5 * cp.sum_squares(cp.multiply(np.sqrt(-curvature), moved))
        rules = [cp.sum(spend) == 1, spend >= self.lower, spend <= self.upper]
        rules += [self._sums @ spend <= self._most] if len(self._sums) else []
        problem = cp.Problem(cp.Maximize(model), rules)
        try:
            problem.solve(solver=cp.CLARABEL)
        except cp.SolverError:
            return None
        return np.clip(np.asarray(spend.value), self.lower, self.upper) if problem.status == cp.OPTIMAL else None


def _no_answer(status: str) -> PlanError:
    return PlanError(
        f"the linear program ended with: {status}", where="[plan]", repair=CATALOGUE["P012"].repair, id="P012"
    )
