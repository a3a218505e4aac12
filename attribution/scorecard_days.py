"""Leads counted by day and part: the one look that the scorecard takes at the rows, in the engine.

A row of the result is a day and a combination of levels; whole counts, so that any drill-down adds up exactly.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attribution.leads_maturity import Delays, learn

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from attribution.leads_table import LeadsTable

ROLES = ("segment", "sub_segment", "region", "sub_region", "origin")
"""What a scorecard can be cut by."""

VALUE = "value"
"""The measure that is money: the last stage's value."""

CountedBy = Literal["created", "reached"]
type Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class LeadDays:
    """Counts by day and part. R rows, J stages.

    Attributes
    ----------
    stages : tuple of str
    roles : tuple of str
        Which of `ROLES` the leads have.
    frame : DataFrame (R rows)
        ``day`` (the day of creation), the roles, ``leads``, ``made_j`` (of these, that reached stage j by `as_of`),
        ``old_j`` and ``kept_j`` (leads at stage j that had their time to reach the next, and those that did),
        ``value`` and ``value_square``.
    reached : DataFrame or None
        The same by the day on which a stage was reached, where stages hold days: ``made_j`` and the values only.
    delays : tuple of Delays or None (J,)
        Part of the leads that reach a stage which has done so by an age since creation; None where days are not known.
    has_days : tuple of bool (J,)
    as_of : date
    maturity_days : tuple of float (J - 1,)
    currency : str
    has_value : bool
    """

    stages: tuple[str, ...]
    roles: tuple[str, ...]
    frame: pd.DataFrame
    reached: pd.DataFrame | None
    delays: tuple[Delays | None, ...]
    has_days: tuple[bool, ...]
    as_of: date
    maturity_days: tuple[float, ...]
    currency: str
    has_value: bool

    @property
    def measures(self) -> tuple[str, ...]:
        """What can be counted: the stages, and the value where leads have one."""
        return (*self.stages, VALUE) if self.has_value else self.stages

    def within(self, fixed: Mapping[str, str]) -> LeadDays:
        """Only the leads of some levels, by role."""
        if not fixed:
            return self

        def only(frame: pd.DataFrame) -> pd.DataFrame:
            kept = np.logical_and.reduce([np.asarray(frame[role] == level) for role, level in fixed.items()])
            return frame[kept].reset_index(drop=True)

        return replace(self, frame=only(self.frame), reached=None if self.reached is None else only(self.reached))

    def levels(self, role: str) -> tuple[str, ...]:
        """Names of a role's levels, in the order of the alphabet."""
        return tuple(sorted(self.frame[role].unique()))


def count_days(table: LeadsTable) -> LeadDays:
    """Count an open table of leads by day and part."""
    stages = table.section.stages
    roles = tuple(role for role in ROLES if role in table.section.dims)
    created = _by_creation(table, roles)
    days = all(table.has_days)
    return LeadDays(
        stages=stages,
        roles=roles,
        frame=_fetched(table, created, roles),
        reached=_fetched(table, _by_reaching(table, roles), roles) if days else None,
        delays=tuple(_delays(table, j) for j in range(len(stages))),
        has_days=tuple(table.has_days),
        as_of=table.as_of,
        maturity_days=tuple(table.maturity_days),
        currency=table.currency,
        has_value=table.section.value is not None,
    )


def _by_creation(table: LeadsTable, roles: tuple[str, ...]) -> ir.Table:
    rows, last = table.rows, len(table.section.stages) - 1
    counts = {"leads": rows.count()}
    counts |= {f"made_{j}": rows[f"stage_{j}"].sum() for j in range(last + 1)}
    needed = np.cumsum(table.maturity_days)
    for j in range(last):
        old = rows[f"stage_{j}"] & (rows["age_days"] >= float(needed[j]))
        counts |= {f"old_{j}": old.sum(), f"kept_{j}": (old & rows[f"stage_{j + 1}"]).sum()}
    return rows.group_by(day=rows["created"], **{role: rows[role] for role in roles}).aggregate(
        **counts, **_values(table, rows)
    )


def _by_reaching(table: LeadsTable, roles: tuple[str, ...]) -> ir.Table:
    """The counts of each stage by its own day, stacked and summed."""
    import ibis

    parts = []
    last = len(table.section.stages) - 1
    for j in range(last + 1):
        rows = table.rows.filter(table.rows[f"stage_{j}"])
        counts = {f"made_{i}": rows.count() if i == j else ibis.literal(0, "int64") for i in range(last + 1)}
        values = _values(table, rows) if j == last else {name: ibis.literal(0.0) for name in _values(table, rows)}
        # a stage that was skipped has no day of its own (L017)
        day = ibis.coalesce(*(rows[f"day_{i}"] for i in range(j, last + 1)))
        keys = {"day": day, **{role: rows[role] for role in roles}}
        parts.append(rows.group_by(**keys).aggregate(**counts, **values))
    stacked = ibis.union(*parts)
    sums = {name: stacked[name].sum() for name in stacked.columns if name not in ("day", *roles)}
    return stacked.group_by(["day", *roles]).aggregate(**sums)


def _values(table: LeadsTable, rows: ir.Table) -> dict[str, ir.Value]:
    if table.section.value is None:
        return {}
    won = rows[f"stage_{len(table.section.stages) - 1}"]
    value = rows["value"]
    return {
        "value": value.sum(where=won),
        "value_square": (value * value).sum(where=won),
    }


def _fetched(table: LeadsTable, counts: ir.Table, roles: tuple[str, ...]) -> pd.DataFrame:
    frame = table.relation.backend.to_pyarrow(counts).to_pandas()
    frame["day"] = pd.to_datetime(frame["day"]).astype("datetime64[ns]")
    for name in frame.columns.difference(["day", *roles]):
        money = name in ("value", "value_square")
        # A sum over no row is null in SQL: it is a count of nothing.
        known = frame[name].where(frame[name].notna(), 0)
        frame[name] = known.astype(np.float64 if money else np.int64)
    # The engine returns groups in no order; sums of money depend on it in the last digit.
    return frame.sort_values(["day", *roles], kind="stable").reset_index(drop=True)


def _delays(table: LeadsTable, stage: int) -> Delays | None:
    """How long after its creation a lead reaches a stage."""
    if not table.has_days[stage]:
        return None
    rows = table.rows
    made = rows.drop_null(f"day_{stage}")
    pairs = made.select(delay=made[f"day_{stage}"].delta(made["created"], unit="day"), age=made["age_days"])
    counts = pairs.group_by(["delay", "age"]).aggregate(n=pairs.count())
    found = table.relation.backend.to_pyarrow(counts)
    delay, age, n = (found[name].to_numpy().astype(np.int64) for name in ("delay", "age", "n"))
    return learn(delay, age, n)
