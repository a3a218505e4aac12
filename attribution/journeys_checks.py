"""What is wrong with a table of touches: counted in one pass, told with rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import ibis
import ibis.expr.types as ir

from attribution.catalogue import CATALOGUE
from attribution.config_journeys import JourneysSection
from attribution.journeys_text import ROW
from attribution.leads import MISSING_LEVEL
from outlay.catalogue import CATALOGUE as TABLES
from outlay.findings import Finding
from outlay.places import SHOWN, quoted
from outlay.sources import Relation

MOST_CHANNELS = 60
"""Channels of a table: their sets are kept as bits of one whole number."""

_EARLIEST = datetime(1990, 1, 1)
_FEW = 100


@dataclass(frozen=True)
class Facts:
    """Counts of a table of touches.

    Attributes
    ----------
    touches, conversions : int
    value : float
    first, last : datetime or None
        Earliest and latest time.
    bad : mapping of str to int
        Rows that break a rule, by the finding's id.
    channels, segments : mapping of str to int
        Touches by name as the source writes it.
    """

    touches: int
    conversions: int
    value: float
    first: datetime | None
    last: datetime | None
    bad: Mapping[str, int]
    channels: Mapping[str, int]
    segments: Mapping[str, int]


def faults(rows: ir.Table, now: datetime | None = None) -> dict[str, ir.BooleanColumn]:
    """Rows that break a rule, by the finding's id; those about time compare with the bounds."""
    flag, time = rows.conversion, rows.time
    late = (now or datetime.now(UTC).replace(tzinfo=None)) + timedelta(hours=12)
    found = {
        "J001": rows.user.isnull(),
        "J002": time.isnull(),
        "J004": flag.isnull() | ~flag.isin([0, 1]),
        "J008": time > ibis.literal(late),
        "J009": time < ibis.literal(_EARLIEST),
    }
    if "value" in rows.columns:
        value = rows.value
        found["J005"] = (value < 0) | value.isnan() | value.isinf()
        found["J006"] = (flag == 0) & (value != 0)
        found["J007"] = (flag == 1) & value.isnull()
    return found


def read_facts(backend: Any, rows: ir.Table, section: JourneysSection) -> Facts:
    """Count the table in one pass, by channel and segment."""
    kinds = ["channel", *(["segment"] if section.segment else [])]
    told = faults(rows)
    counts = {
        "touches": rows.count(),
        "conversions": (rows.conversion == 1).sum(),
        "first": rows.time.min(),
        "last": rows.time.max(),
        **{f"bad_{id}": bad.sum() for id, bad in told.items() if id not in ("J008", "J009")},
    }
    if section.value is not None:
        counts["value"] = (rows.conversion == 1).ifelse(rows.value, 0.0).sum()
    found = backend.to_pyarrow(rows.group_by(kinds).agg(**counts)).to_pylist()
    times = [moment for row in found for moment in (row["first"], row["last"]) if moment is not None]
    return Facts(
        touches=sum(row["touches"] for row in found),
        conversions=sum(row["conversions"] or 0 for row in found),
        value=sum(row["value"] or 0.0 for row in found) if section.value is not None else 0.0,
        first=min(times, default=None),
        last=max(times, default=None),
        bad={id: sum(row[f"bad_{id}"] or 0 for row in found) for id in told if f"bad_{id}" in counts},
        channels=_by_name(found, "channel"),
        segments=_by_name(found, "segment") if section.segment else {},
    )


def _by_name(found: Sequence[Mapping[str, Any]], kind: str) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for row in found:
        counts[row[kind]] += row["touches"]
    return dict(counts)


_PLACES = {
    "J001": ("user", "without a user"),
    "J002": ("time", "without a time"),
    "J004": ("conversion", "with a conversion that is neither 0 nor 1"),
    "J005": ("value", "with a value below zero or none that is finite"),
    "J006": ("value", "with a value and no conversion"),
    "J007": ("value", "with a conversion and without a value"),
    "J008": ("time", "in the future"),
    "J009": ("time", "before 1990"),
}


def check_touches(
    facts: Facts,
    rows: ir.Table,
    relation: Relation,
    source: str,
    section: JourneysSection,
    now: datetime | None = None,
) -> Iterator[Finding]:
    """Findings of the rules that rows break, and of a table without rows or conversions."""
    if not facts.touches:
        yield TABLES.finding("D004", source, "the table has no rows")
        return
    flags = faults(rows, now)
    counts = dict(facts.bad) | {id: 1 for id in ("J008", "J009") if _outside(facts, id, now)}
    for id, count in sorted(counts.items()):
        if count:
            column, words = _PLACES[id]
            where, exact = _rows_of(flags[id], rows, relation)
            place = f"{source}, column {getattr(section, column)}, {where}"
            yield CATALOGUE.finding(id, place, f"{exact:,} {'touch' if exact == 1 else 'touches'} {words}")
    if not facts.conversions and not counts.get("J004"):
        what = f"none of {facts.touches:,} touches converted"
        yield CATALOGUE.finding("J010", f"{source}, column {section.conversion}", what)
    names = {name.strip() for name in facts.channels}
    if len(names) > MOST_CHANNELS:
        what = f"{len(names):,} channels: {quoted(sorted(names))} and more"
        yield CATALOGUE.finding("J013", f"{source}, column {section.channel}", what)


def _outside(facts: Facts, id: str, now: datetime | None) -> bool:
    if facts.first is None or facts.last is None:
        return False
    late = (now or datetime.now(UTC).replace(tzinfo=None)) + timedelta(hours=12)
    return facts.last > late if id == "J008" else facts.first < _EARLIEST


def _rows_of(bad: ir.BooleanColumn, rows: ir.Table, relation: Relation) -> tuple[str, int]:
    """The first rows that break a rule, in words, and how many there are."""
    numbered = rows.select(bad=bad, row=rows[ROW] if ROW in rows.columns else ibis.row_number() + 1)
    kept = numbered.filter(numbered.bad)
    first = relation.backend.to_pyarrow(kept.order_by("row").select("row").limit(SHOWN))["row"].to_pylist()
    count = int(relation.backend.to_pyarrow(kept.count()).as_py())
    shown = f"{relation.word}{'' if count == 1 else 's'} {', '.join(str(row) for row in first)}"
    return (f"{shown} and {count - len(first):,} more" if count > len(first) else shown), count


def level_findings(facts: Facts, channels: tuple[str, ...], source: str, section: JourneysSection) -> Iterator[Finding]:
    """Findings about names: missing ones, spaces, one channel only, and names in the project file that do not occur."""
    at = f"{source}, column {section.channel}"
    missing = sum(count for name, count in facts.channels.items() if name in (MISSING_LEVEL, "") or not name.strip())
    if missing:
        yield CATALOGUE.finding("J012", at, f"{missing:,} of {facts.touches:,} touches have no channel")
    spaced = [name for name in facts.channels if name != name.strip() and name.strip()]
    if spaced:
        yield CATALOGUE.finding("J014", at, f"{quoted(spaced)}")
    lost = sum(count for name, count in facts.segments.items() if name == MISSING_LEVEL or not name.strip())
    if lost:
        what = f"{lost:,} of {facts.touches:,} touches have no segment"
        yield CATALOGUE.finding("J015", f"{source}, column {section.segment}", what)
    for name in sorted({*section.channel_map, *section.spend} - set(channels)):
        what = f'"{name}" does not occur among the channels; they are {", ".join(channels[:20])}'
        yield CATALOGUE.finding("J030", f"{source}, [journeys]", what)
    if section.direct is not None and section.direct not in channels:
        what = f'direct = "{section.direct}" does not occur among the channels; they are {", ".join(channels[:20])}'
        yield CATALOGUE.finding("J031", f"{source}, [journeys]", what)
    if len(channels) == 1:
        yield CATALOGUE.finding("J032", at, f'all touches are of "{channels[0]}"')
    if 0 < facts.conversions < _FEW:
        yield CATALOGUE.finding("J056", source, f"{facts.conversions} conversions in {facts.touches:,} touches")
