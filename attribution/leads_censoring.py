"""When a lead had its time: the day on which the table was taken, and how long each transition takes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta

import ibis
import ibis.expr.types as ir
import numpy as np

from attribution.catalogue import CATALOGUE
from attribution.config import LeadsSection
from attribution.leads_given import Given
from attribution.leads_maturity import ALL, LEAST, QUANTILE, Delays, learn
from outlay.findings import Finding


@dataclass(frozen=True, eq=False)
class Censoring:
    """When leads had their time.

    Attributes
    ----------
    as_of : date
        Day on which the table was taken.
    maturity_days : tuple of float (J - 1,)
        Days after which a lead had its time, for each transition.
    delays : tuple of Delays or None (J - 1,)
        Distribution of the days that the transition takes, where both the stage and its delays are known.
    findings : tuple of Finding
    """

    as_of: date
    maturity_days: tuple[float, ...]
    delays: tuple[Delays | None, ...]
    findings: tuple[Finding, ...]


def clock(has_days: tuple[bool, ...], transition: int) -> str:
    """Column of the day from which a transition's age counts: the stage that it leaves, or creation."""
    return f"day_{transition}" if has_days[transition] else "created"


def began(rows: ir.Table, section: LeadsSection, has_days: tuple[bool, ...], transition: int) -> ir.DateColumn:
    """The day itself; of a stage that was skipped, the last one before it that is known."""
    start = clock(has_days, transition)
    if start == "created" or section.skipped_stages == "refuse":
        return rows[start]
    earlier = (rows[f"day_{j}"] for j in reversed(range(transition + 1)) if has_days[j])
    return ibis.coalesce(*earlier, rows["created"])


def born_by(as_of: date, days: float) -> ir.Scalar:
    """Latest day from which a clock has run for so many days."""
    return ibis.literal(as_of - timedelta(days=math.ceil(days)), type="date")


def age(start: ir.DateColumn, as_of: date) -> ir.IntegerColumn:
    """Days from a day to the one on which the table was taken."""
    return ibis.literal(as_of, type="date").delta(start, unit="day")


def censoring(given: Given, rows: ir.Table, as_of: date) -> Censoring:
    """Learn, or take from the section, when leads had their time.

    Parameters
    ----------
    given : Given
    rows : Ibis table
        Leads created by `as_of`, with stages reached by then.
    as_of : date
    """
    section = given.section
    transitions = range(len(section.stages) - 1)
    wanted = section.maturity == "model" or section.maturity_days is None
    delays = tuple(_delays(given, rows, j, as_of) if wanted and given.has_days[j + 1] else None for j in transitions)
    days, findings = [], []
    for j in transitions:
        number, told = _maturity(section, given, delays[j], j)
        days.append(number)
        findings += told
    return Censoring(as_of, tuple(days), delays, tuple(findings))


def _delays(given: Given, rows: ir.Table, transition: int, as_of: date) -> Delays | None:
    start, end = clock(given.has_days, transition), f"day_{transition + 1}"
    made = rows.filter(rows[end].notnull() & rows[start].notnull())
    pairs = made.select(delay=made[end].delta(made[start], unit="day"), age=age(made[start], as_of))
    counts = pairs.group_by(["delay", "age"]).aggregate(n=pairs.count())
    found = given.relation.backend.to_pyarrow(counts)
    delay, old, n = (found[name].to_numpy().astype(np.int64) for name in ("delay", "age", "n"))
    return learn(delay, old, n)


def _maturity(
    section: LeadsSection, given: Given, delays: Delays | None, transition: int
) -> tuple[float, list[Finding]]:
    """Days of one transition, and how they came about."""
    name = section.stages[transition + 1]
    where = f"{given.source}, column {name}"
    stated = section.maturity_days
    days = None if stated is None else float(stated[transition] if isinstance(stated, tuple) else stated)
    if not given.has_days[transition + 1] and section.maturity == "model":
        what = f"{name} is 0/1, and how long it takes cannot be learnt from that"
        return 0.0, [CATALOGUE.finding("L034", where, what)]
    if days is not None and (section.maturity == "exclude" or delays is None):
        return days, []
    if not given.has_days[transition + 1]:
        what = f"{name} is 0/1 and no maturity_days are stated: leads too young to reach it count as not converted"
        return 0.0, [CATALOGUE.finding("L031", where, what)]
    if delays is None:
        what = f"fewer than {LEAST} leads reached {name}, too few to learn how long it takes: none counts as too young"
        return 0.0, [CATALOGUE.finding("L032", where, what)]
    part = QUANTILE if section.maturity == "exclude" else ALL
    found = float(delays.quantile(part))
    what = (
        f"a lead has its time for {name} after {found:,.0f} days: {100 * part:.4g} % of those that reach it do so "
        f"by then, learnt from {delays.learnt_from:,} delays and corrected for leads that are still young"
    )
    if days is not None:
        what += f"; counted are those of the first {days:,.0f}, as maturity_days states"
    if delays.later:
        what += f"; {delays.later:,} longer than {delays.horizon:,} days were too few to count"
    return (found if days is None else days), [CATALOGUE.finding("L030", where, what)]
