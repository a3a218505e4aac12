"""Rules of a section on synthetic responses, without solving anything: for the tests of rules."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from budget.cells import Cells
from budget.compile import Compiled, compile_rules
from budget.config import PlanSection
from budget.decision import Decision, build_decision
from budget.optimum import Optimum
from budget.polytope import Polytope, solve_linear
from budget.reference import ReferencePlan, reference_plan
from budget.rules import Rules, build_rules
from budget.rules_custom import Custom
from budget.rules_grid import Grid
from budget.window import plan_window
from outlay.response import ResponseDraws


@dataclass(frozen=True)
class Ruled:
    """Everything up to the polytope."""

    grid: Grid
    reference: ReferencePlan
    decision: Decision
    rules: Rules
    compiled: Compiled

    @property
    def scale(self) -> float:
        return self.compiled.money_scale

    def spend(self, z: np.ndarray) -> np.ndarray:
        """Scaled decisions as a plan (H, K)."""
        return self.decision.spend(z[: len(self.decision)] * self.scale)


def ruled(
    response: ResponseDraws,
    section: PlanSection,
    custom: Custom | None = None,
    ceiling: np.ndarray | None = None,
    unknown: np.ndarray | None = None,
) -> Ruled:
    """Bring a section's rules onto a response."""
    cells, window = Cells.of(response), plan_window(response, section)
    reference = reference_plan(response, cells, section, window, Path())
    grid = Grid(cells, window.edges, response.currency, response.period)
    decision = build_decision(grid, section, reference)
    unknown = np.zeros(len(cells), bool) if unknown is None else unknown
    rules = build_rules(grid, section, reference, decision, ceiling, unknown)
    return Ruled(grid, reference, decision, rules, compile_rules(rules, decision, reference.budget, custom))


def plain(**keys: object) -> PlanSection:
    """A section of 13 weeks and 30,000 USD without the limit at the range seen."""
    return PlanSection(**{"margin_of_range": None, "budget": 30_000.0, **keys})  # type: ignore[arg-type]


def linear_optimum(polytope: Polytope, gain: np.ndarray) -> Optimum:
    """The best plan for returns that do not diminish, as an engine would return it."""
    answer = solve_linear(np.append(gain, np.zeros(polytope.extra)), polytope)
    z, even = answer.y[: polytope.n], np.ones(1)
    return Optimum(z, answer.value, answer.value, gain, answer.price, 0.0, even, 0, 0, "optimal", 0.0, "linear")
