"""Journeys as Ibis expressions: which touches belong together, where each journey ends, and what is counted of them.

A touch travels as one whole number, its key: milliseconds since 1970, then one bit for the conversion, then six bits
for the channel. Sorting keys sorts touches by time, puts a conversion behind what happened in the same moment, and
leaves one narrow column to carry through the one sort that journeys need.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import ibis
import ibis.expr.types as ir

from attribution.config_journeys import JourneysSection
from attribution.journeys_table import TouchTable

CONVERTED, LOST = 62, 63
"""States after the last touch of a journey; channels are 0 to 59."""

START = -1
"""State before the first."""

_CHANNEL, _FLAG, _SHIFT = 63, 64, 7
_TURN = 2**60
_DAY, _MINUTE = 86_400_000, 60_000


@dataclass(frozen=True)
class Cut:
    """How touches become journeys, in milliseconds and codes.

    Attributes
    ----------
    lookback, session : int or None
    direct : int or None
        Code of direct traffic, where it is dropped beside other channels.
    half_life : float
    position : tuple of float
        Shares of the first and the last touch.
    order : int
    edges : tuple of int
        First moments of the periods but the first.
    has_value, has_segment : bool
    apart : int
        Number of channels where the engine cannot put bits together, else 0: each is then asked for by itself.
    """

    lookback: int | None
    session: int | None
    direct: int | None
    half_life: float
    position: tuple[float, float]
    order: int
    edges: tuple[int, ...]
    has_value: bool
    has_segment: bool
    apart: int = 0


def cut_of(section: JourneysSection, table: TouchTable, starts: Sequence[datetime]) -> Cut:
    """The section's options for a table whose periods begin at `starts`."""
    dropped = section.direct_rule == "ignore_if_other" and section.direct in table.channels
    return Cut(
        lookback=None if section.lookback_days is None else round(section.lookback_days * _DAY),
        session=round(section.session_minutes * _MINUTE) if section.session_minutes else None,
        direct=table.channels.index(str(section.direct)) if dropped else None,
        half_life=section.half_life_days * _DAY,
        position=section.position_weights,
        order=section.order,
        edges=tuple(milliseconds(start) for start in starts[1:]),
        has_value=section.value is not None,
        has_segment=section.segment is not None,
        apart=len(table.channels) if table.relation.backend.name == "pyspark" else 0,
    )


def milliseconds(moment: datetime) -> int:
    """Milliseconds since 1970 of a moment in UTC."""
    return round(moment.replace(tzinfo=UTC).timestamp() * 1000)


def keyed(table: TouchTable, *, conversions: bool = False) -> ir.Table:
    """``user``, ``key`` and, where they are named, ``value`` and ``segment`` of each touch, or conversion only."""
    rows = table.rows.filter(table.rows.conversion == 1) if conversions else table.rows
    channel = rows.channel.cases(*table.channel_codes.items(), else_=0).cast("int64")
    moment = _milliseconds(rows.time, table.relation.backend.name)
    picked: dict[str, ir.Value] = {
        "user": rows.user,
        "key": (moment << _SHIFT) + rows.conversion.cast("int64") * _FLAG + channel,
    }
    if "value" in rows.columns:
        picked["value"] = rows.value
    if "segment" in rows.columns:
        picked["segment"] = rows.segment.cases(*table.segment_codes.items(), else_=0).cast("int16")
    return rows.select(**picked)


@ibis.udf.scalar.builtin(name="epoch_ms")
def _epoch_ms(moment: ibis.expr.datatypes.timestamp) -> int:  # type: ignore[empty-body]
    """Milliseconds since 1970, by DuckDB itself."""


def _milliseconds(time: ir.TimestampColumn, engine: str) -> ir.IntegerColumn:
    """Milliseconds since 1970: the same number from every engine, by one step where the engine has it."""
    if engine == "duckdb":
        return _epoch_ms(time).cast("int64")
    return time.truncate("s").epoch_seconds().cast("int64") * 1000 + time.millisecond().cast("int64")


def linked(keys: ir.Table, cut: Cut) -> ir.Table:
    """Each touch with the user's next one and the end of its journey: the one sort.

    ``end`` is the key of the journey's last touch where it did not convert, and a mirrored key, larger than any, where
    it did: running from the latest touch back, the largest so far is then the journey that a touch belongs to.
    """
    back = {"group_by": "user", "order_by": ibis.desc("key")}
    ended = (keys.key & _FLAG > 0).ifelse(_TURN - keys.key, keys.key)
    found: dict[str, ir.Value] = {
        "user": keys.user,
        "key": keys.key,
        "later": keys.key.lag().over(ibis.window(**back)),
        "end": ended.max().over(ibis.cumulative_window(**back)),
    }
    if cut.has_segment:
        found["segment"] = keys.segment.max().over(ibis.window(group_by="user"))
        found["moved"] = keys.segment != found["segment"]
    return keys.select(**found)


@dataclass(frozen=True)
class Touch:
    """Expressions about one row of :func:`linked`."""

    row: ir.Table
    cut: Cut

    @property
    def channel(self) -> ir.IntegerColumn:
        """Code of its channel."""
        return self.row.key & _CHANNEL

    @property
    def is_conversion(self) -> ir.BooleanColumn:
        """Whether it converted."""
        return self.row.key & _FLAG > 0

    @property
    def converts(self) -> ir.BooleanColumn:
        """Whether its journey does."""
        return self.row.end > _TURN // 2

    @property
    def last_key(self) -> ir.IntegerColumn:
        """Key of its journey's end."""
        return self.converts.ifelse(_TURN - self.row.end, self.row.end)

    @property
    def before_end(self) -> ir.IntegerColumn:
        """Milliseconds to its journey's end."""
        return (self.last_key >> _SHIFT) - (self.row.key >> _SHIFT)

    @property
    def is_inside(self) -> ir.BooleanColumn:
        """Whether it lies within the lookback window."""
        if self.cut.lookback is None:
            return ibis.literal(value=True)
        return self.before_end <= self.cut.lookback

    @property
    def goes_on(self) -> ir.BooleanColumn:
        """Whether the next touch is of the same session, or the same conversion once more: that one is kept."""
        later, key = self.row.later, self.row.key
        again = self.is_conversion & (later == key)
        if self.cut.session is None:
            return _sure(again)
        near = ((later & _CHANNEL) == (key & _CHANNEL)) & ((later >> _SHIFT) - (key >> _SHIFT) <= self.cut.session)
        return _sure((near & ~self.is_conversion) | again)

    @property
    def is_tied(self) -> ir.BooleanColumn:
        """Whether the next touch is of the same moment and another channel."""
        later, key = self.row.later, self.row.key
        tied = ((later >> _SHIFT) == (key >> _SHIFT)) & ((later & _CHANNEL) != (key & _CHANNEL))
        return _sure(tied)

    @property
    def follows(self) -> ir.IntegerColumn:
        """What comes next in its journey: a channel, a conversion, or nothing."""
        later = self.row.later
        return ibis.cases((self.is_conversion, CONVERTED), (later.isnull(), LOST), else_=later & _CHANNEL)

    @property
    def segment(self) -> ir.IntegerColumn:
        """Code of its user's segment."""
        return self.row.segment if self.cut.has_segment else ibis.literal(0, "int16")

    @property
    def period(self) -> ir.IntegerColumn:
        """Number of the period in which its journey ends."""
        return period_of(self.last_key, self.cut)


def _sure(condition: ir.BooleanValue) -> ir.BooleanColumn:
    """The condition, false where there is no next touch."""
    return condition.ifelse(ibis.literal(value=True), ibis.literal(value=False))


def period_of(key: ir.IntegerColumn, cut: Cut) -> Any:
    """Number of the period of a key."""
    if not cut.edges:
        return ibis.literal(0, "int64")
    moment = key >> _SHIFT
    return ibis.cases(*((moment < edge, i) for i, edge in enumerate(cut.edges)), else_=len(cut.edges)).cast("int64")


def kept(links: ir.Table, cut: Cut) -> ir.Table:
    """The touches that count: ``user, key, end, segment``."""
    touch = Touch(links, cut)
    picked = links.filter(touch.is_inside & ~touch.goes_on)
    columns = ["user", "key", "end", *(["segment"] if cut.has_segment else [])]
    if cut.direct is None:
        return picked.select(*columns)
    others = picked.filter((picked.key & _CHANNEL) != cut.direct)
    having = others.group_by("user", "end").agg(others=others.count())
    joined = picked.left_join(having, ["user", "end"])
    return joined.filter(joined.others.isnull() | ((joined.key & _CHANNEL) != cut.direct)).select(*columns)
