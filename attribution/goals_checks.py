"""Checks of the goals: names that leads do not have, goals that come twice, and goals that do not add up."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from attribution.catalogue import CATALOGUE
from attribution.config_goals import GoalsSection
from attribution.goals_given import ALL, Given, Target
from attribution.goals_months import month_name, year_name, year_of
from outlay.findings import Finding
from outlay.places import counted, first_few, place, quoted

if TYPE_CHECKING:
    from attribution.scorecard_days import LeadDays
    from outlay.tables import Table

ADDS_UP = 0.005
"""Relative difference between a whole's goal and the sum of its parts' that passes as rounding."""


def check_rows(
    frame: pd.DataFrame, table: Table, section: GoalsSection, days: LeadDays, listed: Sequence[str]
) -> Iterator[Finding]:
    """G001 to G006 and G015: what single rows have wrong. `frame` is the table with columns of known names."""
    if section.counted_by == "reached" and days.reached is None:
        without = [name for name, has in zip(days.stages, days.has_days, strict=True) if not has]
        what = f"stages count by the day on which they are reached, and {first_few(without)} holds no days"
        yield CATALOGUE.finding("G001", f"[goals] counted_by, {table.source}", what)
    columns = {"segment": section.segment, "region": section.region, "measure": section.measure}
    known = {"segment": (*_levels(days, "segment"), *listed), "region": _levels(days, "region")}
    for role in ("segment", "region"):
        yield from _unknown("G002", role, frame[role], table, (columns[role] or "", known[role]))
    yield from _unknown("G004", "measure", frame["measure"], table, (section.measure, days.measures))
    yield from _periods(frame, table, section)
    bad = np.asarray(frame["goal"] < 0)
    if bad.any():
        where = place(table.source, column=section.goal, word=table.word, rows=table.rows[bad])
        yield CATALOGUE.finding("G006", where, f"{counted(int(bad.sum()), 'goal')} below zero")
    yield from _twice(frame, table)


def _levels(days: LeadDays, role: str) -> tuple[str, ...]:
    return days.levels(role) if role in days.roles else ()


def _unknown(
    id: str, role: str, found: pd.Series, table: Table, column: tuple[str, Sequence[str]]
) -> Iterator[Finding]:
    """Names that leads do not have; a name without one like it gets no guess."""
    name, known = column
    for level in sorted(set(found) - set(known) - {ALL}):
        rows = table.rows[np.asarray(found == level)]
        near = difflib.get_close_matches(level.lower(), [each.lower() for each in known], n=1)
        meant = next((each for each in known if near and each.lower() == near[0]), None)
        told = f"{first_few(known)}{' and more' if len(known) > 5 else ''}" if known else f"no {role} at all"
        guess = f'Did you mean "{meant}"? ' if meant is not None else ""
        repair = f"{guess}{CATALOGUE[id].repair}"
        where = place(table.source, column=name, word=table.word, rows=rows)
        yield CATALOGUE.finding(id, where, f"goals are for {role} {quoted([level])}; leads have {told}", repair)


def _periods(frame: pd.DataFrame, table: Table, section: GoalsSection) -> Iterator[Finding]:
    bad = ~np.asarray(frame["period"].isin(["month", "year"]))
    if bad.any():
        where = place(table.source, column=section.period or "", word=table.word, rows=table.rows[bad])
        yield CATALOGUE.finding("G015", where, f"a period is {quoted(frame['period'][bad])}")


def _twice(frame: pd.DataFrame, table: Table) -> Iterator[Finding]:
    keys = list(Target._fields)
    again = np.asarray(frame.duplicated(keys, keep=False))
    for _, rows in frame[again].groupby(keys, sort=True):
        target = Target(*rows.iloc[0][keys])
        where = place(table.source, word=table.word, rows=table.rows[rows.index])
        yield CATALOGUE.finding("G005", where, f"{len(rows)} goals for {told(target)}")


def told(target: Target) -> str:
    """A target in words."""
    when = month_name(target.start) if target.period == "month" else year_name(target.start)
    whose = [name for name in (target.segment, target.region) if name != ALL]
    return ", ".join([f"{target.measure} in {when}", *whose])


def check_sums(given: Given, section: GoalsSection) -> Iterator[Finding]:
    """G007 and G008: months that are missing inside a year, and goals whose parts make another sum."""
    yield from _missing_months(given, section)
    apart = [
        (target, goal, parts)
        for target, goal in given.goals.items()
        for parts in _sums(given, target, section.year_starts)
        if abs(parts - goal) > ADDS_UP * max(abs(goal), abs(parts))
    ]
    if apart:
        worst = max(apart, key=lambda each: abs(each[2] - each[1]) / max(abs(each[1]), abs(each[2])))
        target, goal, parts = worst
        what = f"{counted(len(apart), 'goal')} of a whole that the goals of its parts do not add up to; for "
        what += f"{told(target)} the whole is {goal:,.0f} and its parts make {parts:,.0f}"
        yield CATALOGUE.finding("G008", section.source, what)


def _sums(given: Given, target: Target, year_starts: int) -> Iterator[float]:
    """The sums that a goal could be checked against: of its parts, and a year's of its twelve months."""
    parts = given.parts(target)
    if parts is not None:
        yield parts
    if target.period == "year":
        months = pd.date_range(target.start, periods=12, freq="MS")
        goals = [given.goals.get(target._replace(period="month", start=month)) for month in months]
        known = [goal for goal in goals if goal is not None]
        if len(known) == 12:
            yield float(sum(known))


def _missing_months(given: Given, section: GoalsSection) -> Iterator[Finding]:
    """Years in which some months have a goal and others do not, by measure; where a goal of the year stands, too."""
    by_year: dict[tuple[str, pd.Timestamp, str, str], set[pd.Timestamp]] = {}
    for each in given.goals:
        if each.period == "month":
            key = (each.measure, year_of(each.start, section.year_starts), each.segment, each.region)
            by_year.setdefault(key, set()).add(each.start)
    lacking: dict[tuple[pd.Timestamp, tuple[pd.Timestamp, ...]], list[str]] = {}
    for (measure, year, segment, region), months in by_year.items():
        missing = tuple(each for each in pd.date_range(year, periods=12, freq="MS") if each not in months)
        if missing and Target("year", year, measure, segment, region) not in given.goals:
            lacking.setdefault((year, missing), []).append(", ".join(x for x in (measure, segment, region) if x))
    for (year, missing), whose in sorted(lacking.items()):
        names = first_few(f"{month:%B}" for month in missing) + (
            f" and {len(missing) - 5} more" if len(missing) > 5 else ""
        )
        what = f"{year_name(year)} has no goal in {names} for {first_few(whose)}"
        what += f" and {len(whose) - 5} more" if len(whose) > 5 else ""
        yield CATALOGUE.finding("G007", section.source, f"{what}: the year has no goal")
