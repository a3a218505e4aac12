"""What must hold for every lead, as conditions on a row: counted in one scan, and looked up where one fails."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import and_, or_
from typing import Any

import ibis
import ibis.expr.types as ir

from attribution.leads_given import Given
from attribution.leads_words import how_many

FIRST, LAST = date(1900, 1, 1), date(2199, 12, 31)
"""Days that a table can hold; what lies outside is a program's word for none."""

type Condition = Callable[[ir.Table], ir.BooleanValue]
type Extremes = Mapping[str, Any]
"""Lowest and highest of the columns that have an order, as ``low_created``, ``high_created`` and so on; or None."""


@dataclass(frozen=True)
class Rule:
    """A condition that no row should meet.

    Attributes
    ----------
    id : str
        The finding where rows meet it.
    columns : tuple of str
        Columns of the source that it is about.
    bad : callable
        The condition, given a table with the columns of :class:`Given`.
    what : str
        What was seen, behind the number of rows.
    possible : callable, optional
        Whether any row can meet the condition, from the extremes of columns: spares the count where none can.
    of : int, optional
        Stage whose leads the rows are told as a part of.
    """

    id: str
    columns: tuple[str, ...]
    bad: Condition
    what: str
    possible: Callable[[Extremes], bool] | None = None
    of: int | None = None

    def words(self, rows: int, reached: Sequence[int]) -> str:
        """For example ``3 leads with sqo before mql``, given how many leads reached each stage."""
        part = "" if self.of is None else f" of {reached[self.of]:,} ({rows / max(reached[self.of], 1):.1%})"
        return f"{how_many(rows, 'lead')}{part} {self.what}"


def number(condition: ir.BooleanValue) -> ir.IntegerScalar:
    """How many rows meet a condition; counting costs DuckDB a fifth less than summing truth."""
    return condition.ifelse(1, ibis.null("int64")).count()


def reached(given: Given, stage: int) -> Condition:
    """Whether a lead reached the stage at all."""
    name = f"day_{stage}"
    if given.has_days[stage]:
        return lambda table: table[name].notnull()
    return lambda table: table[f"flag_{stage}"] == 1


def rules(given: Given, as_of: date | None, today: date) -> list[Rule]:
    """Every rule that applies to the table.

    Parameters
    ----------
    given : Given
    as_of : date or None
        As the user stated it.
    today : date
        Days after it cannot have happened.
    """
    return [
        *_days(given, today),
        *_stages(given),
        *_order(given),
        *(_value(given) if given.section.value else ()),
        *(_infinite("score", given.section.score) if given.section.score else ()),
        *(_after(given, as_of) if as_of else ()),
    ]


def _day(value: date) -> ir.Scalar:
    return ibis.literal(value, type="date")


def _above(role: str, limit: object) -> Callable[[Extremes], bool]:
    return lambda extremes: (high := extremes.get(f"high_{role}")) is not None and high > limit


def _below(role: str, limit: object) -> Callable[[Extremes], bool]:
    return lambda extremes: (low := extremes.get(f"low_{role}")) is not None and low < limit


def _days(given: Given, today: date) -> Iterator[Rule]:
    section = given.section
    yield Rule("D030", (section.date,), lambda table: table["created"].isnull(), "without a day of creation")
    yield from _calendar("created", section.date, today)
    for j, name in enumerate(section.stages):
        if given.has_days[j]:
            yield from _calendar(f"day_{j}", name, today)


def _calendar(role: str, name: str, today: date) -> Iterator[Rule]:
    outside, ahead = "with a date outside 1900 to 2199", f"with {name} after today, {today.isoformat()}"

    def future(table: ir.Table) -> ir.BooleanValue:
        return (table[role] > _day(today)) & (table[role] <= _day(LAST))

    yield Rule("D037", (name,), lambda table: table[role] < _day(FIRST), outside, _below(role, FIRST))
    yield Rule("D037", (name,), lambda table: table[role] > _day(LAST), outside, _above(role, LAST))
    yield Rule("L010", (name,), future, ahead, _above(role, today))


def _stages(given: Given) -> Iterator[Rule]:
    for j, name in enumerate(given.section.stages):
        if not given.has_days[j]:
            yield from _flags(f"flag_{j}", name)


def _flags(role: str, name: str) -> Iterator[Rule]:
    def other(table: ir.Table) -> ir.BooleanValue:
        return (table[role] != 0) & (table[role] != 1)

    yield Rule("L001", (name,), other, "with a number that is neither 0 nor 1")
    yield Rule("L002", (name,), lambda table: table[role].isnull(), f"with neither 0 nor 1 in {name}")


def _order(given: Given) -> Iterator[Rule]:
    stages, lenient = given.section.stages, given.section.skipped_stages == "reached"
    known = [("created", given.section.date)]
    for j, name in enumerate(stages):
        if lenient and j + 1 < len(stages):
            yield _counted_as_reached(given, j)
        elif j and not lenient:
            yield _skipped(reached(given, j), reached(given, j - 1), (name, stages[j - 1]))
        if given.has_days[j]:
            for k in range(len(known) if lenient else 1):
                since, before = known[-1 - k]
                yield _swapped(f"day_{j}", since, (name, before), between=[role for role, _ in known[len(known) - k :]])
            known.append((f"day_{j}", name))


def _skipped(here: Condition, earlier: Condition, names: tuple[str, str]) -> Rule:
    return Rule(
        "L003", names, lambda table: here(table) & ~earlier(table), f"that reached {names[0]} and not {names[1]}"
    )


def _counted_as_reached(given: Given, stage: int) -> Rule:
    stages, here = given.section.stages, reached(given, stage)
    later = [reached(given, k) for k in range(stage + 1, len(stages))]

    def bad(table: ir.Table) -> ir.BooleanValue:
        return reduce(or_, (further(table) for further in later)) & ~here(table)

    name, further = stages[stage], " or ".join(stages[stage + 1 :])
    return Rule("L017", stages[stage:], bad, f"that reached {further} and not {name} count as having reached {name}")


def _swapped(role: str, since: str, names: tuple[str, str], *, between: Sequence[str]) -> Rule:
    """A day before an earlier one; those `between` the two are empty, and where they are not, they are compared."""

    def bad(table: ir.Table) -> ir.BooleanValue:
        return reduce(and_, (table[name].isnull() for name in between), table[role] < table[since])

    return Rule("L005" if since == "created" else "L004", names, bad, f"with {names[0]} before {names[1]}")


def _value(given: Given) -> Iterator[Rule]:
    name, end = str(given.section.value), given.section.stages[-1]
    won = reached(given, len(given.section.stages) - 1)
    yield from _infinite("value", name)
    yield Rule("L006", (name,), lambda table: table["value"] < 0, "with a value below zero", _below("value", 0))
    yield _without_value(given, won)
    yield Rule("L008", (name, end), lambda table: ~won(table) & (table["value"] > 0), f"with a value and without {end}")
    yield Rule("L009", (name, end), lambda table: won(table) & (table["value"] == 0), f"with {end} and a value of 0")


def _without_value(given: Given, won: Condition) -> Rule:
    name, last = str(given.section.value), len(given.section.stages) - 1
    end = given.section.stages[last]

    def bad(table: ir.Table) -> ir.BooleanValue:
        return won(table) & table["value"].isnull()

    if given.section.missing_value == "refuse":
        return Rule("L007", (name, end), bad, f"with {end} and no value")
    return Rule("L018", (name, end), bad, f"with {end} have no value and are left out of values", of=last)


def _infinite(role: str, name: str) -> Iterator[Rule]:
    most, words = sys.float_info.max, f"with an infinite {role}"
    yield Rule("D025", (name,), lambda table: table[role] > most, words, _above(role, most))
    yield Rule("D025", (name,), lambda table: table[role] < -most, words, _below(role, -most))


def _after(given: Given, as_of: date) -> Iterator[Rule]:
    section, day = given.section, as_of.isoformat()

    def young(table: ir.Table) -> ir.BooleanValue:
        return table["created"] > _day(as_of)

    yield Rule("L012", (section.date,), young, f"created after as_of, {day}, which are left out")
    flags = tuple(name for j, name in enumerate(section.stages) if not given.has_days[j])
    if flags:
        words = f"created after as_of, {day}, so that {', '.join(flags)} may have been reached after it too"
        yield Rule("L016", flags, young, words)
    for j, name in enumerate(section.stages):
        if given.has_days[j]:
            yield _later(f"day_{j}", name, as_of)


def _later(role: str, name: str, as_of: date) -> Rule:
    def later(table: ir.Table) -> ir.BooleanValue:
        return (table[role] > _day(as_of)) & (table["created"] <= _day(as_of))

    return Rule("L013", (name,), later, f"with {name} after as_of, {as_of.isoformat()}, which count as not reached")
