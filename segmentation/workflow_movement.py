"""Who moved since a run before, and what has drifted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from outlay.findings import Finding
from outlay.project import ProjectSection
from outlay.transforms import Array
from segmentation.assign import Assigned, assign
from segmentation.config import CustomersSection
from segmentation.customers import Customers
from segmentation.drift import EVERYBODY, compare
from segmentation.drift_verdict import refit
from segmentation.match import Match
from segmentation.migration import Standing, migration
from segmentation.migration_days import earlier_day, standing_at
from segmentation.result import Before, KeptModel
from segmentation.workflow_tables import labelled


@dataclass(frozen=True, eq=False)
class Movement:
    """Movement and drift; empty where nothing was before.

    Attributes
    ----------
    tables : mapping of str to DataFrame
        ``migration``, ``migration_segments``, ``drift``.
    facts : mapping of str to Any
    findings : tuple of Finding
    """

    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


def standing_before(before: Before, match: Match | None = None) -> Standing:
    """Who was where in a run before, by the numbers of now where segments were matched.

    A segment of before that has no partner now keeps its name and gets a number after all of now.
    """
    numbers, names = before.labels["number"].to_numpy(np.int64), dict(before.model.names)
    if match is not None:
        now = {int(old) + 1: new for new, old in enumerate(match.partner, start=1) if old >= 0}
        lost = [number for number in sorted(names) if number not in now]
        now |= {number: len(match.partner) + i for i, number in enumerate(lost, start=1)}
        numbers = np.array([now[int(number)] for number in numbers], np.int64)
        names = {now[number]: f"{name} (no longer)" if number in lost else name for number, name in names.items()}
    value = before.labels["value"].to_numpy(float) if "value" in before.labels else None
    sureness = before.labels["sureness"].to_numpy(float)
    return Standing(before.labels["id"].to_numpy(object), numbers, names, value, sureness, before.as_of or before.run)


def compared_with(before: Before, customers: Customers) -> str:
    """What movement is counted from: the day of the run before, or the run itself where the day is the same."""
    now = None if customers.as_of is None else customers.as_of.isoformat()
    return f"against {before.run}" if before.as_of in (None, now) else f"since {before.as_of}"


def since(before: Standing, now: Standing, compared: str, level: float) -> Movement:
    """Movement between two times, as a run keeps it."""
    found = migration(before, now, level=level)
    if not found.facts["customers"]:
        return Movement(findings=found.findings)
    return Movement(
        {
            "migration": found.matrix.assign(compared=compared),
            "migration_segments": found.segments.assign(compared=compared),
        },
        {"movement": {compared: found.facts}},
        found.findings,
    )


def standing_now(
    customers: Customers,
    numbers: NDArray[np.integer[Any]],
    names: Mapping[int, str],
    sureness: Array,
) -> Standing:
    """Who is where now."""
    when = "now" if customers.as_of is None else customers.as_of.isoformat()
    return Standing(customers.ids, numbers, names, customers.value, sureness, when)


def joined(one: Movement, other: Movement) -> Movement:
    """Two movements as one: tables of a name under each other."""
    names = dict.fromkeys((*one.tables, *other.tables))
    parts = {name: [each.tables[name] for each in (one, other) if name in each.tables] for name in names}
    facts = {"movement": {**one.facts.get("movement", {}), **other.facts.get("movement", {})}}
    tables = {name: pd.concat(held, ignore_index=True) for name, held in parts.items()}
    return Movement(tables, facts, tuple(dict.fromkeys((*one.findings, *other.findings))))


def looked_back(
    customers: Customers, now: Standing, kept: KeptModel, asked: tuple[CustomersSection, ProjectSection, Path]
) -> Movement:
    """Movement since an earlier day, by purchases until then and the same model; empty where none are known."""
    section, about, _ = asked
    day = earlier_day(customers, section)
    if day is None:
        return Movement()
    before = standing_at(day, asked, (kept.preparation, kept.clusters), kept.names)
    return since(before, now, f"since {day}", about.hdi)


def drift_of(customers: Customers, kept: KeptModel, *, min_share: float) -> tuple[Assigned, Movement]:
    """Customers of now beside those that a model was made from."""
    assigned = assign(customers, kept.preparation, kept.clusters, kept.reference)
    found = compare(kept.reference, assigned.rows, assigned.numbers, names=kept.names)
    verdict = refit(found, kept.reference, assigned, min_share=min_share)
    said = ("New segments are due: " if verdict.refit else "The segments still hold: ") + "; ".join(verdict.reasons)
    facts = {"refit": verdict.refit, "verdict": said, "far": assigned.far_share}
    table = labelled(found.table, {EVERYBODY: "all", **kept.names})
    return assigned, Movement({"drift": table}, facts, verdict.findings)
