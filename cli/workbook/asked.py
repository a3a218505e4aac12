"""What a workbook holds of its plans' questions: the cells that a planner may edit, and what they held when written.

A limit that nobody touched keeps the rule that it comes from; so what was written has to travel with the workbook. It
lies as JSON in a hidden sheet.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

from budget.document import PlanOutput, PlanRow
from outlay.document import Document

STORE = "Outlay"
"""The hidden sheet."""

VERSION = 1
CENT = 0.005

EntryKind = Literal["text", "money", "ratio", "outcome", "date", "count"]

ENTRIES: Mapping[str, tuple[str, EntryKind]] = {
    "name": ("Scenario", "text"),
    "budget": ("Budget", "money"),
    "budget_min": ("Least budget", "money"),
    "budget_max": ("Most budget", "money"),
    "objective": ("Looks for", "text"),
    "target": ("Target", "ratio"),
    "goal": ("Goal", "outcome"),
    "start": ("First day", "date"),
    "periods": ("Periods", "count"),
}
"""Keys of ``[plan]`` with a cell of their own: its label and what it holds."""

CHANNEL, GROUP, SPEND, REFERENCE = "Channel", "Group", "Recommended", "Reference"
TOTAL, ALL = "Total", "all"
LIMITS: Mapping[str, str] = {"lower": "Lower limit", "upper": "Upper limit", "locked": "Locked at"}
"""Columns of the plan's table that a planner may edit, by their heads without units."""


AS_REFERENCE = "reference"
"""What may stand in the column of locks instead of an amount."""


class WrittenRow(Document):
    """One row of the plan's table as it was written."""

    channel: str
    group: str | None
    spend: float
    lower: float | None
    upper: float | None
    locked: float | None
    reference: float | None = None


class WrittenPlan(Document):
    """One sheet of a plan as it was written."""

    sheet: str
    run: str | None
    fit: str
    question: dict[str, Any] | None
    entries: dict[str, str | float | None]
    rows: list[WrittenRow]


class WrittenBook(Document):
    """All plans of a workbook."""

    version: int
    plans: list[WrittenPlan]


def written_plan(result: PlanOutput, sheet: str) -> WrittenPlan:
    """What the sheet of a plan holds."""
    rows = [
        WrittenRow(
            channel=row.channel,
            group=row.group,
            spend=row.spend or 0.0,
            lower=row.lower,
            upper=row.upper,
            locked=row.lower if _is_locked(result, row) else None,
            reference=row.reference_spend,
        )
        for row in result.rows
        if row.period is None
    ]
    return WrittenPlan(
        sheet=sheet,
        run=result.run,
        fit=result.fit,
        question=result.question,
        entries=_entries(result),
        rows=rows,
    )


def _entries(result: PlanOutput) -> dict[str, str | float | None]:
    asked = result.question or {}
    told: dict[str, str | float | None] = {key: asked.get(key) for key in ENTRIES}
    return told | {
        "name": result.name,
        "budget": None if result.total_is_free else result.budget,
        "objective": result.objective,
        "goal": result.goal,
        "start": date.fromisoformat(result.start[:10]).isoformat(),
        "periods": result.periods,
    }


def _is_locked(result: PlanOutput, row: PlanRow) -> bool:
    """Whether a lock over the whole window holds the row."""
    locks = (result.question or {}).get("locks", [])
    mine = [lock for lock in locks if lock["channel"] == row.channel and lock.get("group") in (None, row.group)]
    whole = any(lock.get("first") is None and lock.get("last") is None for lock in mine)
    return whole and row.lower is not None and row.lower == row.upper
