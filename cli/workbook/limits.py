"""Edited limits of a plan's table as rules of ``[plan]``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cli.workbook.asked import AS_REFERENCE
from cli.workbook.edits import Edits, RowEdit

Key = tuple[str, str | None]

_SCOPE = {"channel", "group", "first", "last", "hard"}
_OF_TOTAL = ("min", "max", "max_change", "max_change_amount", "min_or_zero")
"""Limits of a total, which the two cells of a row stand for."""


def with_limits(stated: dict[str, Any], edits: Edits, rows: Sequence[Key]) -> tuple[dict[str, Any], dict[str, str]]:
    """A question with the limits that were edited, and the cells of the rules that are new.

    Parameters
    ----------
    stated : dict
        Keys of ``[plan]`` that were stated.
    edits : Edits
    rows : sequence of (channel, group)
        All rows of the plan's table.
    """
    stated = dict(stated)
    bounds, locks = list(stated.get("bounds", [])), list(stated.get("locks", []))
    alone = {row.channel for row in edits.rows if sum(row.channel == channel for channel, _ in rows) == 1}
    for row in edits.rows:
        scopes = [(row.channel, row.group), *([(row.channel, None)] if row.channel in alone else [])]
        bounds = [kept for bound in bounds if (kept := _without_total(bound, scopes))]
        locks = [lock for lock in locks if not _is_whole(lock, scopes)]
    national = all(group is None for _, group in rows)
    if stated.get("max_change") is not None and edits.rows and national:
        # the plan's own limit on change would still hold these channels, so it is stated for each of the others
        bounds += _own_changes(stated.pop("max_change"), bounds, rows, alone)
    places: dict[str, str] = {}
    for row in edits.rows:
        if row.locked is not None:
            locks.append(_lock(row))
            places[f"[[plan.locks]] {len(locks)}"] = row.place
        elif (bound := _bound(row)) is not None:
            bounds.append(bound)
            places[f"[[plan.bounds]] {len(bounds)}"] = row.place
    for key, rules in (("bounds", bounds), ("locks", locks)):
        stated.pop(key, None)
        if rules:
            stated[key] = rules
    return stated, places


def _is_whole(rule: dict[str, Any], scopes: Sequence[Key]) -> bool:
    """Whether a rule speaks of one of these over the whole window."""
    return not _is_dated(rule) and (rule.get("channel"), rule.get("group")) in scopes


def _is_dated(rule: dict[str, Any]) -> bool:
    return rule.get("first") is not None or rule.get("last") is not None


def _without_total(bound: dict[str, Any], scopes: Sequence[Key]) -> dict[str, Any] | None:
    """A bound without its limits of the total; None where it says nothing more."""
    if not _is_whole(bound, scopes):
        return bound
    left = {key: value for key, value in bound.items() if key not in _OF_TOTAL and value is not None}
    return left if set(left) - _SCOPE else None


def _own_changes(
    change: float, bounds: Sequence[dict[str, Any]], rows: Sequence[Key], alone: set[str]
) -> list[dict[str, Any]]:
    own = {
        str(bound["channel"])
        for bound in bounds
        if bound.get("max_change") is not None and bound.get("channel") and not _is_dated(bound)
    }
    others = [channel for channel in dict.fromkeys(channel for channel, _ in rows) if channel not in alone | own]
    return [{"channel": channel, "max_change": change} for channel in others]


def _scope(row: RowEdit) -> dict[str, Any]:
    return {"channel": row.channel} if row.group is None else {"channel": row.channel, "group": row.group}


def _lock(row: RowEdit) -> dict[str, Any]:
    return _scope(row) if row.locked == AS_REFERENCE else {**_scope(row), "spend": row.locked}


def _bound(row: RowEdit) -> dict[str, Any] | None:
    limits = {"min": row.lower or None, "max": row.upper}
    stated = {key: value for key, value in limits.items() if value is not None}
    return {**_scope(row), **stated} if stated else None
