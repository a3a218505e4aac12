"""Journeys as counts: what every rule, chain and game below sees of the table of touches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa

from attribution import paths
from attribution.catalogue import CATALOGUE
from attribution.config_journeys import JourneysSection
from attribution.journeys_counted import Counted
from attribution.journeys_table import TouchTable, open_touches, touches_of
from outlay.errors import DataError
from outlay.findings import Finding
from outlay.project import ProjectSection
from outlay.sources import Relation, embedded


@dataclass(frozen=True, eq=False)
class JourneyCounts:
    """Counts of journeys. Codes in the frames are places in `channels`, `segments` and `periods`.

    Attributes
    ----------
    channels, segments : tuple of str
    periods : tuple of str
        First days; ``("all",)`` without periods.
    grams : DataFrame
        ``segment, period, h1 ..., channel, follows, touches, value, square``: touches that count, by the channels
        before, and by what follows; value and its square are those of conversions that follow.
    coalitions : DataFrame
        ``segment, period, mask, journeys, conversions, value, square``: journeys by set of channels, as bits.
    credits : DataFrame
        ``segment, period, mask, channel`` and of each rule its credit, the sum of its squares, and its value.
    touches, journeys, conversions : int
        What counts, after every option.
    value : float
    first, last : datetime
        Earliest and latest touch of the table.
    has_value : bool
    source, fingerprint : str
    findings : tuple of Finding
    """

    channels: tuple[str, ...]
    segments: tuple[str, ...]
    periods: tuple[str, ...]
    grams: pd.DataFrame
    coalitions: pd.DataFrame
    credits: pd.DataFrame
    touches: int
    journeys: int
    conversions: int
    value: float
    first: datetime
    last: datetime
    has_value: bool
    source: str
    fingerprint: str
    findings: tuple[Finding, ...] = ()

    def cell(self, segment: int | None = None, period: int | None = None) -> JourneyCounts:
        """The counts of one segment, one period, or both."""
        grams, sets, credits = (_of(frame, segment, period) for frame in (self.grams, self.coalitions, self.credits))
        return replace(
            self,
            grams=grams,
            coalitions=sets,
            credits=credits,
            touches=int(grams["touches"].sum()),
            journeys=int(sets["journeys"].sum()),
            conversions=int(sets["conversions"].sum()),
            value=float(sets["value"].sum()),
        )


def _of(frame: pd.DataFrame, segment: int | None, period: int | None) -> pd.DataFrame:
    keep = np.ones(len(frame), bool)
    for name, code in (("segment", segment), ("period", period)):
        if code is not None:
            keep &= (frame[name] == code).to_numpy()
    return frame[keep]


def count_journeys(
    section: JourneysSection, about: ProjectSection, base: Path, now: datetime | None = None
) -> JourneyCounts:
    """Count the journeys of a table, in the engine that holds it.

    Parameters
    ----------
    section : JourneysSection
    about : ProjectSection
        Not read; every reader of a section takes it.
    base : Path
        Folder at which relative paths start.
    now : datetime, optional
        No touch is later; default: the clock.

    Raises
    ------
    ConfigError
        C010 to C013: no such file, kind of source, or table.
    DataError
        D0xx, J0xx: every error of the table together.
    """
    with open_touches(section, base, now) as table:
        return counts_of(table, section)


def counts_within(
    section: JourneysSection, base: Path, start: datetime, end: datetime, now: datetime | None = None
) -> JourneyCounts:
    """The journeys that end from `start` to before `end`, whatever they touched before; without periods."""
    whole = section.model_copy(update={"period": "none"})
    with open_touches(section, base, now) as table:
        first = table.facts.first or start
        counts = counts_of(table, whole, (min(first, start), start, end))
    return replace(counts.cell(period=1), periods=("all",), findings=())


def counts_from_frame(
    frame: pd.DataFrame, section: JourneysSection, now: datetime | None = None, source: str = "the frame"
) -> JourneyCounts:
    """Count the journeys of a DataFrame; ``section.source`` is not read."""
    backend = embedded()
    try:
        names = tuple(str(name) for name in frame.columns)
        relation = Relation(
            backend,
            ibis.memtable(pa.Table.from_pandas(frame, preserve_index=False)),
            names,
            {name: name for name in names},
        )
        return counts_of(touches_of(relation, source, section, now), section)
    finally:
        backend.disconnect()


def counts_of(table: TouchTable, section: JourneysSection, starts: Sequence[datetime] | None = None) -> JourneyCounts:
    """Count the journeys of an open table of touches, by periods that begin at `starts` or as the section says.

    The embedded engine hands its columns to a compiled pass; other engines count where the table is.
    """
    facts = table.facts
    if facts.first is None or facts.last is None:
        raise DataError([CATALOGUE.finding("J002", section.source, "no touch has a time")])
    starts = starts or period_starts(facts.first, facts.last, section.period)
    cut = paths.cut_of(section, table, starts)
    horizon = paths.milliseconds(facts.last - timedelta(days=section.lookback_days or 0))
    if table.relation.backend.name == "duckdb":
        from attribution.journeys_pass import counted_in_a_pass

        counted = counted_in_a_pass(table, cut, horizon)
    else:
        from attribution.journeys_engine import counted_by_engine

        counted = counted_by_engine(table, cut, horizon)
    return _put_together(table, section, starts, counted)


def _put_together(
    table: TouchTable, section: JourneysSection, starts: Sequence[datetime], counted: Counted
) -> JourneyCounts:
    facts, sets = table.facts, counted.sets
    findings = (*table.findings, *notes(section, counted, facts.touches))
    return JourneyCounts(
        channels=table.channels,
        segments=table.segments,
        periods=tuple(f"{start:%Y-%m-%d}" for start in starts) if section.period != "none" else ("all",),
        grams=counted.grams,
        coalitions=sets,
        credits=counted.credits,
        touches=int(counted.grams["touches"].sum()),
        journeys=int(sets["journeys"].sum()),
        conversions=int(sets["conversions"].sum()),
        value=float(sets["value"].sum()),
        first=facts.first or starts[0],
        last=facts.last or starts[0],
        has_value=section.value is not None,
        source=section.source,
        fingerprint=table.relation.fingerprint,
        findings=findings,
    )


def notes(section: JourneysSection, counted: Counted, touches: int) -> Iterator[Finding]:
    """What every option left out or merged, and what is odd about the journeys."""
    told, total = counted.notes, f"of {touches:,} touches"
    if told.before:
        words = f"{told.before:,} {total} lie more than {section.lookback_days:g} days before the end of their journey"
        yield CATALOGUE.finding("J040", section.source, words)
    if told.merged:
        near = f"at most {section.session_minutes or 0:g} minutes before it"
        words = f"{told.merged:,} {total} are of the same channel as the user's next one, {near}"
        yield CATALOGUE.finding("J041", section.source, words)
    if told.direct:
        words = f'{told.direct:,} {total} are of "{section.direct}" in journeys that have others'
        yield CATALOGUE.finding("J042", section.source, words)
    if told.tied:
        words = f"{told.tied:,} {total} are followed by another channel in the same millisecond"
        yield CATALOGUE.finding("J020", f"{section.source}, column {section.time}", words)
    if told.moved:
        words = f"{told.moved:,} {total} name another segment than the one their user is counted in"
        yield CATALOGUE.finding("J022", f"{section.source}, column {section.segment}", words)
    yield from _journey_notes(section, counted)


def _journey_notes(section: JourneysSection, counted: Counted) -> Iterator[Finding]:
    told, sets = counted.notes, counted.sets
    won, lost = int(sets["conversions"].sum()), int((sets["journeys"] - sets["conversions"]).sum())
    if told.repeated:
        words = f"{told.repeated:,} conversions stand in several rows of one user, time and channel"
        yield CATALOGUE.finding("J021", section.source, words)
    if told.still_open:
        late = f"were touched in the last {section.lookback_days or 0:g} days"
        words = f"{told.still_open:,} of {lost:,} journeys without a conversion {late}"
        yield CATALOGUE.finding("J043", section.source, words)
    if not lost:
        words = f"all {won:,} journeys convert"
        yield CATALOGUE.finding("J011", section.source, words)
    if not told.second:
        words = "no journey has a second touch"
        yield CATALOGUE.finding("J023", f"{section.source}, column {section.user}", words)


def period_starts(first: datetime, last: datetime, period: str) -> list[datetime]:
    """First days of the periods from the first touch to the last; the first touch alone without periods."""
    if period == "none":
        return [first]
    step = 3 if period == "quarter" else 1
    month = first.year * 12 + (first.month - 1) // step * step
    found: list[datetime] = []
    while True:
        start = datetime(month // 12, month % 12 + 1, 1)
        if start > last:
            return found
        found.append(start)
        month += step


def levels(counts: JourneyCounts) -> Mapping[str, tuple[str, ...]]:
    """Names of the segments and periods that there are more than one of."""
    found = {"segment": counts.segments, "period": counts.periods}
    return {name: names for name, names in found.items() if len(names) > 1}
