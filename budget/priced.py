"""The best plan at a total, with what a sweep tells of it: one of many, so without the tables of a full answer."""

from __future__ import annotations

from dataclasses import dataclass

from budget.choice import Choice
from budget.judge import Judgement, judge, worked
from budget.prices import budget_price
from budget.problem import Problem


@dataclass(frozen=True, eq=False)
class Priced:
    """A question with its best plan.

    Attributes
    ----------
    problem : Problem
    choice : Choice
    """

    problem: Problem
    choice: Choice

    @property
    def budget(self) -> float:
        """What the plan spends."""
        return round(float(self.choice.spend.sum()), 2)

    @property
    def price(self) -> float:
        """Outcome of one more unit of budget, with all limits that move with it."""
        choice = self.choice
        return budget_price(choice.optimum, choice.compiled, self.problem.aim.unit_of_value(choice.scales))

    @property
    def expected(self) -> float:
        """Mean outcome on the draws that judge."""
        return float(worked(self.problem, self.problem.judging, self.choice.spend).mean())

    def judged(self, hdi: float, margin: float | None) -> Judgement:
        """The plan on the draws that judge, with intervals."""
        return judge(self.problem, self.choice.spend, hdi, margin)
