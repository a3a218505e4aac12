"""The certified optimum of concave curves under linear rules: tangents, a linear program, and again.

Each concave curve lies below its tangents, so the linear program over tangents is an over-estimate of the problem: its
value is an upper bound, and any plan within the rules, valued on the true curves, is a lower bound. A round lays new
tangents at the linear program's plan, and where each curve's slope equals the price that the program puts on the cell's
spend; a quadratic step from there proposes the next plan. Near the optimum that is Newton's method, and the tangents
that it lays make the bound meet the value.

Spend is solved for in shares of the budget and outcome in multiples of the reference plan's outcome, so that a plan in
yen and one in dollars are the same problem.
"""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter
from typing import Protocol

import numpy as np

from budget.program import InfeasibleRulesError, LinearAnswer, Program
from budget.rules import Rules
from budget.tangents import Tangents
from outlay.transforms import Array

__all__ = ["GAP", "InfeasibleRulesError", "MeanCurves", "Optimum", "maximise"]

GAP = 1e-6
AIM = 1e-8
"""Rounds go on to this gap while they still help: prices are only as sharp as the square root of the gap."""

MAX_ROUNDS = 30
START_POINTS = 7
SOLVER_ROOM = 1e-9
"""Relative room for the tolerance to which the linear program is solved, so that the bound stays a bound."""


class MeanCurves(Protocol):
    """What the solver needs of curves: mean outcome and slope of one cell at some totals."""

    def mean(self, cell: int, totals: Array) -> tuple[Array, Array]:
        """Mean outcome and slope at ``totals`` (J,)."""


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

    @property
    def gap(self) -> float:
        """(bound - value) / value, zero where nothing can be gained."""
        return max(self.bound - self.value, 0.0) / abs(self.value) if self.value else 0.0


def maximise(curves: MeanCurves, rules: Rules, seeds: tuple[Array, ...], scale: float, aim: float = AIM) -> Optimum:
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
    aim : float
        Relative gap at which to stop; one above ``GAP`` is never given up before ``MAX_ROUNDS``.

    Raises
    ------
    InfeasibleRulesError
        Where no plan satisfies the rules.
    PlanError
        P012, where the solver gave no answer.
    """
    started = perf_counter()
    search = _Search(curves, rules, scale)
    search.lay(seeds)
    answer, before = search.round(), np.inf
    while search.gap > aim and search.rounds < MAX_ROUNDS:
        if search.gap <= GAP and search.gap > 0.5 * before:
            break  # proven, and another round would not sharpen it
        before = search.gap
        answer = search.round()
    price = scale / rules.budget
    return Optimum(
        spend=search.shares * rules.budget,
        value=search.value * scale,
        bound=max(search.bound, search.value) * scale,
        budget_price=answer.budget_price * price,
        upper_price=answer.upper_price * price,
        lower_price=answer.lower_price * price,
        sum_price=answer.sum_price * price,
        rounds=search.rounds,
        seconds=perf_counter() - started,
        status=answer.status,
    )


class _Search:
    """The state of a search: tangents, the best plan so far, and the smallest bound so far; all scaled."""

    def __init__(self, curves: MeanCurves, rules: Rules, scale: float) -> None:
        self.curves, self.program = curves, Program(rules)
        self.budget, self.scale = rules.budget, scale
        self.tangents = [Tangents() for _ in rules.lower]
        self.shares, self.value, self.bound = self.program.lower, -np.inf, np.inf
        self.rounds = 0

    @property
    def gap(self) -> float:
        """How far the best plan may be from the optimum, relative."""
        difference = self.bound - self.value
        if difference <= 0:
            return 0.0
        return difference / abs(self.value) if np.isfinite(self.value) and self.value else np.inf

    def lay(self, seeds: tuple[Array, ...]) -> None:
        """First tangents: a grid that is denser where curves bend most, and the seeds."""
        grid = np.linspace(0.0, 1.0, START_POINTS) ** 2
        for cell, (low, high) in enumerate(zip(self.program.lower, self.program.upper, strict=True)):
            points = np.concatenate([low + (high - low) * grid, seeds[cell] / self.budget])
            self._ask(cell, np.clip(points, low, high))

    def round(self) -> LinearAnswer:
        """One linear program, one quadratic step, and the tangents that they ask for."""
        answer = self.program.over_estimate(self.tangents)
        self.rounds += 1
        self.bound = min(self.bound, answer.value + SOLVER_ROOM * abs(answer.value))
        prices = self.program.price_of_spend(answer)
        center = np.array([t.meeting(price) for t, price in zip(self.tangents, prices, strict=True)])
        center = np.clip(center, self.program.lower, self.program.upper)
        for cell, pair in enumerate(zip(answer.shares, center, strict=True)):
            self._ask(cell, np.array(pair))
        self._offer(answer.shares)
        model = np.array([t.model(x) for t, x in zip(self.tangents, center, strict=True)])
        step = self.program.step(center, model[:, 0], model[:, 1])
        if step is not None:
            for cell, share in enumerate(step):
                self._ask(cell, np.array([share]))
            self._offer(step)
        return answer

    def _ask(self, cell: int, at: Array) -> None:
        at = np.unique(at)
        outcome, slope = self.curves.mean(cell, at * self.budget)
        self.tangents[cell].add(at, outcome / self.scale, slope * (self.budget / self.scale))

    def _offer(self, shares: Array) -> None:
        value = sum(t.value(x) for t, x in zip(self.tangents, shares, strict=True))
        if value > self.value:
            self.value, self.shares = value, shares
