"""Which spend per channel, group and period is best: the optimizer that every model here feeds.

>>> from budget import PlanSection, optimize
>>> allocation = optimize(response, PlanSection(periods=13, budget=12_000_000))  # doctest: +SKIP
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from budget.allocation import Allocation
    from budget.config import (
        BoundSection,
        CapacitySection,
        LockSection,
        PlanSection,
        RatioSection,
        RiskSection,
        ShareSection,
        VolumeSection,
    )
    from budget.frontiers import Frontier, frontier
    from budget.plan import evaluate, optimize
    from budget.plan_file import read_plan
    from budget.planner import Planner
    from budget.rules_custom import PlanVariables
    from budget.scenarios import Comparison, Scenario, compare, load_scenario, read_scenario
    from budget.sensitivities import Sensitivity, sensitivity
    from budget.sweeps import Sweep, sweep

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
    "VolumeSection",
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

_HOMES = {
    "Allocation": "budget.allocation",
    "BoundSection": "budget.config",
    "CapacitySection": "budget.config",
    "Comparison": "budget.scenarios",
    "Frontier": "budget.frontiers",
    "LockSection": "budget.config",
    "PlanSection": "budget.config",
    "PlanVariables": "budget.rules_custom",
    "Planner": "budget.planner",
    "RatioSection": "budget.config",
    "RiskSection": "budget.config",
    "Scenario": "budget.scenarios",
    "Sensitivity": "budget.sensitivities",
    "ShareSection": "budget.config",
    "Sweep": "budget.sweeps",
    "VolumeSection": "budget.config",
    "compare": "budget.scenarios",
    "evaluate": "budget.plan",
    "frontier": "budget.frontiers",
    "load_scenario": "budget.scenarios",
    "optimize": "budget.plan",
    "read_plan": "budget.plan_file",
    "read_scenario": "budget.scenarios",
    "sensitivity": "budget.sensitivities",
    "sweep": "budget.sweeps",
}
"""Where the names live. They are imported when asked for: reading a section of the project file needs no compiler."""


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
