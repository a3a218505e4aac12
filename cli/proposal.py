"""Guessing the roles of columns from their names, for the first draft of a project file.

Only names and types are looked at, never values. Every guess is written down as one, to be confirmed by the user.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

SPEND_MARKS = ("spend", "spent", "cost", "mdsp", "budget", "investment")
EXPOSURE_MARKS = ("impressions", "impression", "impr", "imps", "clicks", "grps", "grp", "mdip", "exposure", "views")
REACH_MARKS = ("reach", "reached")
FREQUENCY_MARKS = ("frequency", "freq")
DATE_MARKS = ("date", "week", "wk_strt_dt", "ds", "day", "month", "period", "time")
KPI_MARKS = ("sales", "revenue", "conversions", "orders", "kpi", "y", "target", "units", "signups")
REVENUE_MARKS = ("sales", "revenue", "turnover", "gmv", "amount")
MEDIA_NAMES = (
    "tv", "radio", "search", "social", "display", "facebook", "google", "youtube", "tiktok", "print", "ooh", "email",
    "newsletter", "newspaper", "affiliate", "affiliates", "video", "audio", "influencer", "sem", "media",
)  # fmt: skip
"""Names that media go by; they count only where no column says spend or exposure."""

GROUP_MARKS = ("geo", "region", "dma", "market", "country", "state", "segment", "brand")
POPULATION_MARKS = ("population", "pop")
EVENT_MARKS = ("event", "events", "hldy", "holiday", "is_")
_CHANNEL_MARKS = SPEND_MARKS + EXPOSURE_MARKS + REACH_MARKS + FREQUENCY_MARKS
_SIDES = {"S": "spend", "I": "exposure", "P": "exposure"}
"""Robyn's suffixes: tv_S, facebook_I, search_clicks_P."""

_NUMBERED = re.compile(r"(x|channel_?|media_?)\d+", re.IGNORECASE)
SKIPPED_MARKS = ("yr_nbr", "qtr_nbr", "wk_nbr", "index", "unnamed", "seas_", "_id", "dayofyear", "wk_in_yr", "prd")


class ChannelColumns(NamedTuple):
    """The columns of one channel: spend, an exposure, or reach and frequency in place of the exposure."""

    name: str
    spend: str | None = None
    exposure: str | None = None
    reach: str | None = None
    frequency: str | None = None


@dataclass(frozen=True)
class Proposal:
    """Roles guessed for the columns of a table.

    Attributes
    ----------
    date, kpi : str or None
        Column, or None where no name looks like one.
    kpi_type : str
        ``"revenue"`` or ``"units"``.
    group, population : str or None
        Columns of the panel dimension and its size.
    channels : tuple of ChannelColumns
        Each with one column at least.
    rest : tuple of str
        Numeric columns without a role, offered as controls.
    events : tuple of str
        Columns whose names speak of events, offered as such.
    value_per_kpi : str or None
        Column that looks like money per unit of KPI.
    guesses : tuple of str
        The guesses in sentences.
    """

    date: str | None
    kpi: str | None
    kpi_type: str
    group: str | None
    population: str | None
    channels: tuple[ChannelColumns, ...]
    rest: tuple[str, ...]
    events: tuple[str, ...] = ()
    value_per_kpi: str | None = None
    guesses: tuple[str, ...] = field(default_factory=tuple)


def propose(columns: Sequence[tuple[str, str]]) -> Proposal:
    """Guess the roles of columns.

    Parameters
    ----------
    columns : sequence of (name, type)
        Columns of the table with their types in words, as ``outlay.tables.table_columns`` gives them.
    """
    names = [name for name, _ in columns]
    numeric = {name for name, kind in columns if _is_numeric(kind)}
    dated = [name for name, kind in columns if "date" in kind.lower() or "time" in kind.lower()]
    date = _named(dated, DATE_MARKS) or (dated[0] if dated else _named(names, DATE_MARKS))
    channels = _channels([name for name in names if name != date])
    reached = {channel.name for channel in channels if channel.reach}
    # Impressions of a channel with reach and frequency are their product, and nobody's control.
    products = {name for name in names if _side(name) == "exposure" and _stem(name) in reached}
    taken = {date, *products, *(part for channel in channels for part in channel[1:])}
    free = [name for name in names if name not in taken]
    kpi = _named([name for name in free if name in numeric], KPI_MARKS)
    group = _named([name for name in free if name not in numeric], GROUP_MARKS)
    population = _named([name for name in free if name in numeric], POPULATION_MARKS) if group else None
    taken |= {kpi, group, population}
    left = [name for name in names if name not in taken and name in numeric and not _has(name, SKIPPED_MARKS)]
    value = next((name for name in left if "per" in _words(name) and _has(name, ("revenue", "value"))), None)
    events = tuple(name for name in left if _has(name, EVENT_MARKS))
    rest = tuple(name for name in left if name not in events and name != value)
    revenue = kpi is not None and _has(kpi, REVENUE_MARKS)
    return Proposal(
        date=date,
        kpi=kpi,
        kpi_type="revenue" if revenue else "units",
        group=group,
        population=population,
        channels=tuple(channels),
        rest=rest,
        events=events,
        value_per_kpi=None if revenue else value,
        guesses=tuple(_sentences(date, kpi, revenue, group, channels)),
    )


def _is_numeric(kind: str) -> bool:
    return any(word in kind.lower() for word in ("int", "float", "decimal", "double", "number", "numeric"))


def _words(name: str) -> list[str]:
    split = re.sub(r"([a-z])([A-Z])", r"\1_\2", name)
    return [word for word in re.split(r"[^a-z0-9]+", split.lower()) if word]


def _has(name: str, marks: Sequence[str]) -> bool:
    return any(mark in _words(name) or (("_" in mark) and mark in name.lower()) for mark in marks)


def _named(names: Sequence[str], marks: Sequence[str]) -> str | None:
    """The first name that is a mark, or else holds one; marks earlier in the list win."""
    for mark in marks:
        for name in names:
            if name.lower() == mark:
                return name
    for mark in marks:
        for name in names:
            if mark in _words(name):
                return name
    return None


def _channels(names: Sequence[str]) -> list[ChannelColumns]:
    sides = {name: side for name in names if (side := _side(name))}
    if not sides:
        sides = {name: "spend" for name in names if _NUMBERED.fullmatch(name) or _has(name, MEDIA_NAMES)}
    spends = {_stem(name): name for name, side in sides.items() if side == "spend"}
    exposures = {_stem(name): name for name, side in sides.items() if side == "exposure"}
    people, contacts = (
        {_stem(name): name for name in names if _has(name, marks)} for marks in (REACH_MARKS, FREQUENCY_MARKS)
    )
    both = people.keys() & contacts.keys()  # one without the other says nothing
    stems = [stem for stem in dict.fromkeys([*spends, *exposures, *(stem for stem in people if stem in both)]) if stem]
    return [
        ChannelColumns(stem, spends.get(stem), None, people[stem], contacts[stem])
        if stem in both
        else ChannelColumns(stem, spends.get(stem), exposures.get(stem))
        for stem in stems
    ]


def _side(name: str) -> str | None:
    """Whether a column is a channel's spend or exposure, by its name."""
    suffix = name.rpartition("_")[2]
    if suffix in _SIDES and "_" in name:
        return _SIDES[suffix]
    if _has(name, SPEND_MARKS):
        return "spend"
    return "exposure" if _has(name, EXPOSURE_MARKS) else None


def _stem(name: str) -> str:
    """The channel's name: the column's words without the marks (``mdsp_tv`` and ``tv_spend`` are both ``tv``)."""
    head, _, suffix = name.rpartition("_")
    words = _words(head if suffix in _SIDES and head else name)
    return "_".join(word for word in words if word not in _CHANNEL_MARKS)


def _sentences(
    date: str | None,
    kpi: str | None,
    revenue: bool,
    group: str | None,
    channels: Sequence[ChannelColumns],
) -> list[str]:
    lines = [f"date = {date}" if date else "no column looks like a date"]
    if kpi:
        lines.append(f"kpi = {kpi}, taken for {'revenue in the currency' if revenue else 'a count of units'}")
    else:
        lines.append("no column looks like the KPI")
    if group:
        lines.append(f"group = {group}, so that the model is a panel")
    for name, spend, exposure, reach, frequency in channels:
        if reach:
            paid = f"spend {spend}" if spend else "no spend, so organic (no ROI, not planned)"
            lines.append(f"channel {name}: {paid}, reach {reach} and frequency {frequency} in place of an exposure")
        elif spend and exposure:
            lines.append(f"channel {name}: spend {spend}, exposure {exposure}")
        elif spend:
            lines.append(f"channel {name}: spend {spend}, no exposure")
        else:
            lines.append(f"channel {name}: exposure {exposure} without spend, so organic (no ROI, not planned)")
    return lines
