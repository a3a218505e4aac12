"""One measure of the scorecard over time: what was counted in each part, and what is still to come."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attribution.pace import Series, Values, coming, maturing_rate, money
from attribution.pace_shape import day_weights, season
from attribution.scorecard_calendar import Calendar
from attribution.scorecard_days import VALUE, CountedBy, LeadDays
from attribution.scorecard_parts import Counts, Part, cut
from outlay.transforms import Array

type Flags = NDArray[np.bool_]

HALF = 0.5
"""Part of a month's conversions that has to have come for the month to speak about the season."""


@dataclass(frozen=True, eq=False)
class Measured:
    """A measure with all that its parts share.

    Attributes
    ----------
    name : str
        A stage, or ``"value"``.
    stage : int
        The stage that is counted; the last one for the value.
    counted_by : {"created", "reached"}
    weights : ndarray (D,)
        Usual weight of each day, with the season where it is known.
    part_come : ndarray (D,)
        Part of the conversions of a day's leads that has come.
    in_table : ndarray (D,)
        Part of a day's counts whose leads are in the table: below 1 where stages count by their own day and the leads
        were created before the table begins.
    final : ndarray of bool (D,)
        Days whose counts are final or whose rest can be expected.
    has_season : bool
    rate : float
        Conversions per lead, all parts together, for leads that had their time.
    pooled : tuple of float
        Wins, the sum of their values, and the sum of the squares, all parts together.
    """

    name: str
    stage: int
    counted_by: CountedBy
    weights: Array
    part_come: Array
    in_table: Array
    final: Flags
    has_season: bool
    rate: float
    pooled: tuple[float, float, float]

    @property
    def column(self) -> str:
        """Column of the counts."""
        return VALUE if self.name == VALUE else f"made_{self.stage}"


def measured(days: LeadDays, name: str, calendar: Calendar, counted_by: CountedBy, pace: str) -> Measured:
    """Learn what all parts of a measure share."""
    stage = len(days.stages) - 1 if name == VALUE else days.stages.index(name)
    counts = counts_of(days, (), calendar, counted_by)
    made, leads = counts.by_day[f"made_{stage}"][0], counts.by_day["leads"][0]
    come, final = _come(days, stage, calendar, counted_by)
    # What becomes of leads is spread over days as the leads are; young days would look too thin by conversions.
    shape_of = leads if counted_by == "created" else made
    whole = calendar.whole[calendar.of_day] & calendar.seen
    weights = day_weights(calendar.days, shape_of, whole) if pace == "usual" else np.ones(len(calendar.days))
    in_table = _in_table(days, stage, calendar, counted_by)
    exposure = calendar.sums(np.where(calendar.seen & final, weights * come * in_table, 0.0))
    full = calendar.sums(weights)
    usable = calendar.whole & (exposure >= HALF * full)
    weight_of_month = season(calendar.months, calendar.sums(np.where(final, made, 0.0)), exposure, usable)
    if weight_of_month is not None:
        weights = weights * weight_of_month[np.asarray(calendar.days.month) - 1]
    had_time = float((leads * come)[final].sum())
    last = f"made_{len(days.stages) - 1}"
    values = [float(counts.by_day[each][0].sum()) for each in (last, VALUE, "value_square") if days.has_value]
    return Measured(
        name=name,
        stage=stage,
        counted_by=counted_by,
        weights=weights,
        part_come=come,
        in_table=in_table,
        final=final,
        has_season=weight_of_month is not None,
        rate=float(made[final].sum()) / had_time if had_time > 0 else 0.0,
        pooled=(values[0], values[1], values[2]) if values else (0.0, 0.0, 0.0),
    )


def counts_of(days: LeadDays, view: Sequence[str], calendar: Calendar, counted_by: CountedBy) -> Counts:
    """Counts of a view by day: leads by creation, everything else as `counted_by` says."""
    stages = [f"made_{j}" for j in range(len(days.stages))]
    values = [VALUE, "value_square"] if days.has_value else []
    created = cut(days.frame, view, calendar, ["leads", *stages, *values])
    if counted_by == "created" or days.reached is None:
        return created
    reached = cut(days.reached, view, calendar, [*stages, *values])
    at = [reached.parts.index(part) if part in reached.parts else -1 for part in created.parts]
    empty = np.zeros(len(calendar.days))
    by_day = {name: np.array([found[i] if i >= 0 else empty for i in at]) for name, found in reached.by_day.items()}
    return Counts(created.parts, {"leads": created.by_day["leads"], **by_day})


def _come(days: LeadDays, stage: int, calendar: Calendar, counted_by: CountedBy) -> tuple[Array, Flags]:
    """Part of the conversions that has come by now for leads of each day, and whether that is known."""
    ages = np.asarray((calendar.last - calendar.days).days)
    nothing_known = np.ones(len(ages)), np.ones(len(ages), dtype=bool)
    if counted_by == "reached":
        return nothing_known
    delays = days.delays[stage]
    if delays is not None:
        return np.where(ages >= 0, delays.at(np.maximum(ages, 0)), 0.0), np.ones(len(ages), dtype=bool)
    needed = float(sum(days.maturity_days[:stage]))
    return np.ones(len(ages)), np.asarray((ages >= needed) | (ages < 0))


def _in_table(days: LeadDays, stage: int, calendar: Calendar, counted_by: CountedBy) -> Array:
    """Part of the counts of each day that leads of the table can make, with leads coming as before the table began."""
    delays = days.delays[stage]
    since = np.asarray((calendar.days - calendar.first).days)
    if counted_by == "created" or delays is None:
        return np.ones(len(since))
    return np.where(since >= 0, delays.at(np.maximum(since, 0)), 0.0)


def series_of(measure: Measured, counts: Counts, part: int, calendar: Calendar) -> Series:
    """A part's counts over time; of the value it is the wins that are counted here."""
    months = calendar.past
    made = counts.by_day[f"made_{measure.stage}"][part]
    leads = counts.by_day["leads"][part]
    known = calendar.seen & measure.final
    by_month = calendar.sums(np.where(known, measure.weights, 0.0))
    come = calendar.sums(np.where(known, measure.weights * measure.part_come * measure.in_table, 0.0))
    full = calendar.sums(measure.weights)
    gap = np.where(calendar.seen, leads * (1.0 - measure.part_come), 0.0)
    rest = float(np.where(calendar.days > calendar.last, measure.weights, 0.0)[calendar.of_day == months - 1].sum())
    return Series(
        counts=calendar.sums(np.where(known, made, 0.0))[:months],
        exposure=by_month[:months],
        running=calendar.running,
        rest=rest,
        future=full[months:],
        complete=np.divide(come, by_month, out=np.ones_like(come), where=by_month > 0)[:months],
        gap=calendar.sums(gap)[:months],
        trials=float(np.where(known, leads * measure.part_come, 0.0).sum()),
        wins=float(np.where(known, made, 0.0).sum()),
        rate=measure.rate,
    )


@dataclass(frozen=True, eq=False)
class Told:
    """A part's measure over time, with draws of how months end.

    Attributes
    ----------
    counted : ndarray (D,)
        By the day of the table.
    to_come : ndarray (D,)
        Expected of leads that are there already.
    ends : ndarray (S, M)
        Draws of the final measure of each month.
    wins : ndarray (D,)
        Counts behind the measure: wins behind a value, else the counts themselves.
    spread : float
        Of the value of a win, over its mean; 0 for counts.
    """

    counted: Array
    to_come: Array
    ends: Array
    wins: Array
    spread: float

    @property
    def expected(self) -> Array:
        """Final measure of the leads that are there, (D,)."""
        return self.counted + self.to_come


def told(measure: Measured, counts: Counts, part: int, calendar: Calendar, seed: int) -> Told:
    """Everything about one part; the draws depend on the seed and on names, and not on what else is shown."""
    series = series_of(measure, counts, part, calendar)
    rng = np.random.default_rng([seed, zlib.crc32(repr((measure.name, counts.parts[part])).encode())])
    still = coming(series, rng)
    leads, wins = counts.by_day["leads"][part], counts.by_day[f"made_{measure.stage}"][part]
    to_come = maturing_rate(series) * np.where(calendar.seen, leads * (1.0 - measure.part_come), 0.0)
    counted, spread = counts.by_day[measure.column][part], 0.0
    if measure.name == VALUE:
        values = Values(float(wins.sum()), float(counted.sum()), *measure.pooled)
        still, to_come, spread = money(still, values, rng), to_come * values.mean(), values.spread()
    return Told(counted, to_come, calendar.sums(counted) + still, wins, spread)


def name_of(part: Part) -> str:
    """A part in words: its levels, from the whole down."""
    return ", ".join(level for level in part if level) or "all"
