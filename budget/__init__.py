"""Which spend per channel, group and period is best: the optimizer that every model here feeds.

>>> from budget import PlanSection, optimize
>>> allocation = optimize(response, PlanSection(periods=13, budget=12_000_000))  # doctest: +SKIP
"""

from budget.allocation import Allocation
from budget.config import (
    BoundSection,
    CapacitySection,
    LockSection,
    PlanSection,
    RatioSection,
    RiskSection,
    ShareSection,
)
from budget.frontier import Frontier, frontier
from budget.plan import evaluate, optimize
from budget.plan_file import read_plan
from budget.planner import Planner
from budget.rules_custom import PlanVariables
from budget.scenarios import Comparison, Scenario, compare, load_scenario, read_scenario
from budget.sensitivity import Sensitivity, sensitivity
from budget.sweep import Sweep, sweep

__all__ = [
    "Allocation",
    "BoundSection",
    "CapacitySection",
    "Comparison",
    "Frontier",
    "LockSection",
    "PlanSection",
    "PlanVariables",
    "Planner",
    "RatioSection",
    "RiskSection",
    "Scenario",
    "Sensitivity",
    "ShareSection",
    "Sweep",
    "compare",
    "evaluate",
    "frontier",
    "load_scenario",
    "optimize",
    "read_plan",
    "read_scenario",
    "sensitivity",
    "sweep",
]
