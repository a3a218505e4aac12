"""The finance planner's web page over finished runs: budgets, rules, plans with proof, scenarios that are kept.

It reads runs, asks `budget`, and knows no model room; what else it needs is handed in with a :class:`Study`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from planner.app import build
    from planner.asked import Asked
    from planner.desk import Answered, Desk
    from planner.study import Study

__all__ = ["Answered", "Asked", "Desk", "Study", "build"]

_HOMES = {
    "Answered": "planner.desk",
    "Asked": "planner.asked",
    "Desk": "planner.desk",
    "Study": "planner.study",
    "build": "planner.app",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
