"""A question in the solver's units, on both halves of the draws."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from budget.aims import Scales
from budget.catalogue import CATALOGUE
from budget.compile import Compiled
from budget.engine import Engine
from budget.feasible import own_broken
from budget.judge import worked
from budget.known_curves import Work
from budget.objective import Objective
from budget.outlook import outcome_beside
from budget.problem import Problem
from budget.responses import Responses
from budget.volumes import NEAR, Minimums
from budget.work import scaled_work
from outlay.errors import PlanError
from outlay.transforms import Array


@dataclass(frozen=True, eq=False)
class Posed:
    """A question in the solver's units, on both halves of the draws."""

    problem: Problem
    compiled: Compiled
    scales: Scales
    choosing: Engine
    judging: Engine
    minimums: Minimums | None = None

    def objective(self, responses: Responses) -> Objective:
        """What is looked for, on the draws of these responses."""
        return objective_of(self.problem, self.scales, responses)

    def value(self, responses: Responses, objective: Objective, spend: Array) -> float:
        """The objective of a plan (H, K), scaled."""
        outcome = worked(self.problem, responses, spend) / self.scales.outcome
        return objective.value(outcome, float(spend.sum()) / self.scales.money)

    def work(self, responses: Responses) -> Work | None:
        """What limits the outcome that counts on these responses, scaled."""
        return scaled_work(self.problem, responses, self.scales.outcome)

    def keeps_rules(self, spend: Array) -> bool:
        """Whether a plan keeps every rule, those written in cvxpy included."""
        return not self.problem.rules.broken_by(spend) and not own_broken(self.compiled, spend)

    def keeps_volumes(self, spend: Array) -> bool:
        """Whether a plan brings the leads that it must."""
        return self.minimums is None or bool(self.minimums.rooms(self.minimums.of(spend)).min() >= -NEAR)

    def keeps_floor(self, responses: Responses, objective: Objective, spend: Array) -> bool:
        """Whether a plan reaches what the objective asks for at least."""
        return self.floor_room(responses, objective, spend) >= -1e-7

    def floor_room(self, responses: Responses, objective: Objective, spend: Array) -> float:
        """By how much a plan clears what the objective asks for at least, scaled; infinite where it asks for none."""
        outcome = worked(self.problem, responses, spend) / self.scales.outcome
        return objective.floor_room(outcome, float(spend.sum()) / self.scales.money)


def objective_of(problem: Problem, scales: Scales, responses: Responses) -> Objective:
    """What is looked for, on the draws of these responses.

    Raises
    ------
    PlanError
        P084, where a target counts the baseline and the fit holds none for the window.
    """
    reference = worked(problem, responses, problem.reference.spend)
    beside = np.zeros(responses.n_draws)
    if problem.section.target_counts == "all":
        found = outcome_beside(problem, responses)
        if found is None:
            raise PlanError(
                'target_counts = "all" needs the baseline of the window, and the fit holds none for it',
                where="[plan] target_counts",
                repair=CATALOGUE["P084"].repair,
                id="P084",
            )
        beside = found
    return problem.aim.objective(scales, reference, beside)
