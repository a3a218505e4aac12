"""The certified optimum of concave curves under linear rules: tangents, a linear program, and again.

Each concave curve lies below its tangents, so the linear program over tangents is an over-estimate of the problem: its
value is an upper bound, and the plan that it finds, valued on the true curves, is a lower bound. New tangents are laid
where the linear program found its plan, and where the curve's slope equals the price that the program puts on the
cell's spend; the second kind makes the gap close in a few rounds.

Spend is solved for in shares of the budget and outcome in multiples of the reference plan's outcome, so that a plan in
yen and one in dollars are the same problem.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from time import perf_counter
from typing import Protocol

import numpy as np

from budget.catalogue import CATALOGUE
from budget.rules import Rules
from outlay.errors import PlanError
from outlay.transforms import Array

GAP = 1e-6
MAX_ROUNDS = 40
START_POINTS = 9
SOLVER_ROOM = 1e-9
"""Relative room for the tolerance to which the linear program is solved, so that the bound stays a bound."""

_HIGHS = {"solver": "simplex", "primal_feasibility_tolerance": 1e-9, "dual_feasibility_tolerance": 1e-9}


class MeanCurves(Protocol):
    """What the solver needs of curves: mean outcome and slope of one cell at some totals."""

    def mean(self, cell: int, totals: Array) -> tuple[Array, Array]: ...


@dataclass
class Tangents:
    """Points at which one curve is known, in order: spend share, outcome, slope (scaled)."""

    at: Array = field(default_factory=lambda: np.empty(0))
    outcome: Array = field(default_factory=lambda: np.empty(0))
    slope: Array = field(default_factory=lambda: np.empty(0))

    def add(self, at: Array, outcome: Array, slope: Array) -> None:
        """Insert points; one that is there already is kept once."""
        joined = np.concatenate([self.at, at])
        self.at, first = np.unique(joined, return_index=True)
        self.outcome = np.concatenate([self.outcome, outcome])[first]
        self.slope = np.concatenate([self.slope, slope])[first]

    def where_slope_is(self, price: float) -> float:
        """Spend share at which the slope equals a price, interpolated between the two points around it."""
        after = int(np.searchsorted(-self.slope, -price))
        if after == 0 or after == len(self.at):
            return float(self.at[min(after, len(self.at) - 1)])
        steep, flat = self.slope[after - 1], self.slope[after]
        part = (steep - price) / (steep - flat) if steep > flat else 0.5
        return float(self.at[after - 1] + part * (self.at[after] - self.at[after - 1]))


@dataclass(frozen=True)
class LinearAnswer:
    """The linear program's plan (K,), its value, and prices in scaled units."""

    shares: Array
    value: float
    budget_price: float
    upper_price: Array
    lower_price: Array
    sum_price: Array
    status: str


@dataclass(frozen=True)
class Optimum:
    """A plan with its certificate.

    Attributes
    ----------
    spend : ndarray (K,)
        Currency, not yet to the cent.
    value, bound : float
        Mean outcome of the plan, and what no plan within the rules can exceed, on the curves that were given.
    budget_price : float
        Outcome per unit of currency of budget with all amounts in the rules held.
    upper_price, lower_price : ndarray (K,)
        Outcome per unit of currency of loosening a cell's bounds (non-negative).
    sum_price : ndarray (M,)
        The same for the rules on sums, in their order.
    rounds : int
    seconds : float
    status : str
        The solver's.
    points : tuple of ndarray
        Totals per cell at which the curve was asked, good starting points for a similar problem.
    """

    spend: Array
    value: float
    bound: float
    budget_price: float
    upper_price: Array
    lower_price: Array
    sum_price: Array
    rounds: int
    seconds: float
    status: str
    points: tuple[Array, ...]

    @property
    def gap(self) -> float:
        """(bound - value) / value, zero where nothing can be gained."""
        return max(self.bound - self.value, 0.0) / abs(self.value) if self.value else 0.0


def maximise(curves: MeanCurves, rules: Rules, seeds: tuple[Array, ...], scale: float, gap: float = GAP) -> Optimum:
    """The plan with the largest mean outcome that spends the whole budget within the rules.

    Parameters
    ----------
    curves : MeanCurves
        Concave curves.
    rules : Rules
        Bounds, sums and the budget.
    seeds : tuple of ndarray
        Totals per cell at which tangents are laid first, beside an even grid; the reference plan is a good one.
    scale : float
        An outcome to count as one, positive.
    gap : float
        Relative gap at which to stop.

    Raises
    ------
    InfeasibleRulesError
        Where no plan satisfies the rules.
    PlanError
        P012, where the solver gave no answer.
    """
    started = perf_counter()
    budget, n = rules.budget, len(rules.lower)
    lower, upper = rules.lower / budget, np.maximum(rules.upper, rules.lower) / budget
    program = _Program(rules, lower, upper)
    tangents = [Tangents() for _ in range(n)]

    def ask(cell: int, at: Array) -> None:
        outcome, slope = curves.mean(cell, at * budget)
        tangents[cell].add(at, outcome / scale, slope * (budget / scale))

    for cell in range(n):
        grid = lower[cell] + (upper[cell] - lower[cell]) * np.linspace(0.0, 1.0, START_POINTS) ** 2
        ask(cell, np.unique(np.clip(np.concatenate([grid, seeds[cell] / budget]), lower[cell], upper[cell])))
    best, best_shares, bound = -np.inf, lower, np.inf
    answer, rounds = program.solve(tangents), 0
    for rounds in range(1, MAX_ROUNDS + 1):
        bound = min(bound, answer.value + SOLVER_ROOM * abs(answer.value))
        for cell in range(n):
            ask(cell, np.unique(_new_points(program, answer, tangents, cell, lower[cell], upper[cell])))
        value = sum(float(t.outcome[np.searchsorted(t.at, x)]) for t, x in zip(tangents, answer.shares, strict=True))
        if value > best:
            best, best_shares = value, answer.shares
        if bound - best <= gap * abs(best):
            break
        answer = program.solve(tangents)
    price = scale / budget
    return Optimum(
        spend=best_shares * budget,
        value=best * scale,
        bound=max(bound, best) * scale,
        budget_price=answer.budget_price * price,
        upper_price=answer.upper_price * price,
        lower_price=answer.lower_price * price,
        sum_price=answer.sum_price * price,
        rounds=rounds,
        seconds=perf_counter() - started,
        status=answer.status,
        points=tuple(t.at * budget for t in tangents),
    )


def _new_points(
    program: _Program, answer: LinearAnswer, tangents: list[Tangents], cell: int, lower: float, upper: float
) -> Array:
    """Where to ask the curve next: at the plan, and where its slope should meet the cell's price."""
    price = program.price_of_spend(answer)[cell]
    return np.array([answer.shares[cell], min(max(tangents[cell].where_slope_is(price), lower), upper)])


class _Program:
    """The linear program over tangents, in cvxpy, solved by HiGHS' simplex."""

    def __init__(self, rules: Rules, lower: Array, upper: Array) -> None:
        self.lower, self.upper = lower, upper
        sums = rules.sums
        self.sign = np.array([-1.0 if rule.at_least else 1.0 for rule in sums])
        self.sums = np.zeros((len(sums), len(lower)))
        for row, rule in enumerate(sums):
            self.sums[row, rule.cells] = self.sign[row]
        self.most = self.sign * np.array([rule.amount for rule in sums]) / rules.budget

    def price_of_spend(self, answer: LinearAnswer) -> Array:
        """What a unit of spend in each cell has to bring, apart from the cell's own bounds: (K,)."""
        return np.asarray(answer.budget_price + answer.sum_price @ self.sums)

    def solve(self, tangents: list[Tangents]) -> LinearAnswer:
        """Solve over the tangents laid so far."""
        import cvxpy as cp  # takes seconds to import, and only a solve needs it
        import scipy.sparse as sparse

        own = np.repeat(np.arange(len(tangents)), [len(t.at) for t in tangents])
        slope = np.concatenate([t.slope for t in tangents])
        intercept = np.concatenate([t.outcome - t.slope * t.at for t in tangents])
        shape, rows = (len(own), len(tangents)), np.arange(len(own))
        spend, outcome = cp.Variable(len(tangents)), cp.Variable(len(tangents))
        whole, low, high = cp.sum(spend) == 1, spend >= self.lower, spend <= self.upper
        below = (
            sparse.csr_array((np.ones(len(own)), (rows, own)), shape=shape) @ outcome
            - sparse.csr_array((slope, (rows, own)), shape=shape) @ spend
            <= intercept
        )
        rules = [self.sums @ spend <= self.most] if len(self.sums) else []
        problem = cp.Problem(cp.Maximize(cp.sum(outcome)), [whole, low, high, below, *rules])
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
            sum_price=np.asarray(rules[0].dual_value) if rules else np.empty(0),
            status=str(problem.status),
        )


class InfeasibleRulesError(Exception):
    """No plan satisfies the rules; the caller says which of them conflict."""


def _no_answer(status: str) -> PlanError:
    return PlanError(
        f"the linear program ended with: {status}", where="[plan]", repair=CATALOGUE["P012"].repair, id="P012"
    )
