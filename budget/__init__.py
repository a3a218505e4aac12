"""Which spend per channel and group is best: the optimizer that every model here feeds.

>>> from budget import PlanSection, optimize
>>> allocation = optimize(response, PlanSection(periods=13, budget=12_000_000))  # doctest: +SKIP
"""

from budget.allocation import Allocation
from budget.config import BoundSection, PlanSection, ShareSection
from budget.plan import evaluate, optimize
from budget.plan_file import read_plan

__all__ = ["Allocation", "BoundSection", "PlanSection", "ShareSection", "evaluate", "optimize", "read_plan"]
