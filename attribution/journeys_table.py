"""An open table of touches: one row per touch in the engine, and what is wrong with it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import ibis
import ibis.expr.types as ir

from attribution.config_journeys import JourneysSection
from attribution.journeys_checks import Facts, check_touches, level_findings, read_facts
from attribution.journeys_text import ROW, typed
from attribution.leads import MISSING_LEVEL
from outlay.cells import check_names
from outlay.errors import DataError
from outlay.findings import Finding, errors
from outlay.sources import Relation, Wanted, opened


@dataclass(frozen=True, eq=False)
class TouchTable:
    """Touches in the engine, checked. Rows are Ibis expressions; nothing is read before it is asked for.

    Attributes
    ----------
    relation : Relation
    rows : Ibis table
        ``user``, ``time`` (timestamp, UTC), ``channel`` and ``segment`` as the source writes them, ``conversion`` (0 or
        1), ``value``.
    channels : tuple of str
        Names of the channels, sorted.
    channel_codes : mapping of str to int
        Place in `channels` of each name as the source writes it.
    segments : tuple of str
        Names of the segments, sorted; ``("all",)`` where none is named.
    segment_codes : mapping of str to int
    facts : Facts
        Counts of the whole table.
    findings : tuple of Finding
    """

    relation: Relation
    rows: ir.Table
    channels: tuple[str, ...]
    channel_codes: Mapping[str, int]
    segments: tuple[str, ...]
    segment_codes: Mapping[str, int]
    facts: Facts
    findings: tuple[Finding, ...]


@contextmanager
def open_touches(section: JourneysSection, base: Path, now: datetime | None = None) -> Iterator[TouchTable]:
    """Open the table of touches, check every row, and close it behind.

    Parameters
    ----------
    section : JourneysSection
    base : Path
        Folder at which relative paths start.
    now : datetime, optional
        No touch is later; default: the clock.

    Raises
    ------
    ConfigError
        C010 to C013: no such file, kind of source, or table.
    DataError
        D0xx, J001 to J015: every error of the table together.
    """
    wanted = Wanted(section.columns, section.csv.encoding, section.csv.separator)
    with opened(section.source, Path(base), wanted) as relation:
        yield touches_of(relation, section.source, section, now)


def touches_of(relation: Relation, source: str, section: JourneysSection, now: datetime | None = None) -> TouchTable:
    """The touches of an open source; see :func:`open_touches`."""
    check_names(relation, source, section.columns)
    found = typed(relation, source, section)
    rows = touch_rows(found.column, section, found.relation.table)
    facts = read_facts(found.relation.backend, rows, section)
    told = {finding.id for finding in errors(found.findings)}
    checked = check_touches(facts, rows, found.relation, source, section, now)
    # A text that cannot be read is empty in the engine: it is told once, as what it is.
    findings = [*found.findings, *(each for each in checked if each.id not in told and not (told & _ALSO[each.id]))]
    if errors(findings):
        raise DataError(findings)
    channels, channel_codes = _levels(facts.channels)
    segments, segment_codes = _levels(facts.segments) if section.segment else (("all",), {})
    findings += level_findings(facts, channels, source, section)
    return TouchTable(
        relation=found.relation,
        rows=rows,
        channels=channels,
        channel_codes=channel_codes,
        segments=segments,
        segment_codes=segment_codes,
        facts=facts,
        findings=tuple(findings),
    )


def touch_rows(column: Callable[[str], ir.Column], section: JourneysSection, table: ir.Table) -> ir.Table:
    """One row per touch under the names of this room."""
    user, conversion = column(section.user), column(section.conversion)
    picked: dict[str, ir.Value] = {
        "user": user.nullif("") if user.type().is_string() else user,
        "time": column(section.time),
        "channel": _text(column(section.channel)),
        "conversion": conversion.cast("int8") if conversion.type().is_boolean() else conversion,
    }
    time = picked["time"]
    if not time.type().is_timestamp() or time.type().timezone is not None:
        picked["time"] = time.cast("timestamp")
    if section.value is not None:
        picked["value"] = column(section.value).cast("float64")
    if section.segment is not None:
        picked["segment"] = _text(column(section.segment))
    if ROW in table.columns:
        picked[ROW] = table[ROW]
    return table.select(**picked)


def _text(column: ir.Column) -> ir.Column:
    """A column of names as text, missing ones as their own level."""
    text = column if column.type().is_string() else column.cast("string")
    return text.coalesce(ibis.literal(MISSING_LEVEL))


_ALSO = defaultdict(frozenset, J002=frozenset(["J003"]), J007=frozenset(["D020", "D021", "D022", "D023", "D024"]))


def _levels(found: Mapping[str, int]) -> tuple[tuple[str, ...], dict[str, int]]:
    """Names in order without spaces around, and the place of each name as it is written, the commonest first."""
    clean = {name: name.strip() or MISSING_LEVEL for name in found}
    names = tuple(sorted(set(clean.values())))
    place = {name: i for i, name in enumerate(names)}
    return names, {name: place[clean[name]] for name in sorted(found, key=lambda name: (-found[name], name))}
