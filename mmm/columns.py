"""Which column of the table serves which purpose."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from mmm.catalogue import CATALOGUE
from mmm.config import MediaSection
from outlay.errors import DataError
from outlay.findings import Finding

Kind = Literal["date", "group", "number"]
Floor = Literal["spend", "exposure", "value", "population", "event", ""]


@dataclass(frozen=True)
class Use:
    """One purpose of one column.

    Attributes
    ----------
    column : str
        The column.
    purpose : str
        What it is for, in words: ``"spend of tv"``.
    kind : {"date", "group", "number"}
        What its cells hold.
    floor : str
        The rule its numbers obey: ``"spend"``, ``"exposure"`` and ``"value"`` are never negative, ``"population"`` is
        above zero, ``"event"`` lies in 0 to 1; empty for any number.
    with_kpi : bool
        Whether it is needed only where there is a KPI, so that it may be empty over the media history before it.
    """

    column: str
    purpose: str
    kind: Kind = "number"
    floor: Floor = ""
    with_kpi: bool = False


def uses(section: MediaSection) -> tuple[Use, ...]:
    """Every purpose that the section gives to a column, in the order of the section."""
    return tuple(_uses(section))


def _uses(section: MediaSection) -> Iterator[Use]:
    yield Use(section.date, "date", "date")
    for group in section.groups:
        yield Use(group, "group", "group")
    yield Use(section.kpi, "KPI", with_kpi=True)
    if isinstance(section.value_per_kpi, str):
        yield Use(section.value_per_kpi, "value per KPI", floor="value", with_kpi=True)
    if section.population is not None:
        yield Use(section.population, "population", floor="population")
    for channel in section.channels:
        if channel.spend is not None:
            yield Use(channel.spend, f"spend of {channel.name}", floor="spend")
        # Spend named as its own exposure says the same as no exposure at all.
        if channel.exposure is not None and channel.exposure != channel.spend:
            yield Use(channel.exposure, f"exposure of {channel.name}", floor="exposure")
        if channel.reach is not None and channel.frequency is not None:
            yield Use(channel.reach, f"reach of {channel.name}", floor="exposure")
            yield Use(channel.frequency, f"frequency of {channel.name}", floor="exposure")
    for lever in section.levers:
        yield Use(lever.column, f"lever {lever.name}", with_kpi=True)
        if lever.cost is not None:
            yield Use(lever.cost, f"cost of lever {lever.name}", floor="spend", with_kpi=True)
    for control in section.controls:
        yield Use(control, "control", with_kpi=True)
    for event in section.events:
        yield Use(event, "event", floor="event", with_kpi=True)


def number_uses(section: MediaSection) -> dict[str, Use]:
    """The number columns, each with its first purpose."""
    found: dict[str, Use] = {}
    for use in uses(section):
        if use.kind == "number":
            found.setdefault(use.column, use)
    return found


def check_columns(section: MediaSection) -> list[Finding]:
    """Faults of the section itself: a column with two purposes (D121), a channel with no column (D123).

    Raises
    ------
    DataError
        Where a column would have to hold two kinds of cells, dates and numbers say, so that it cannot be read at all.
    """
    source = section.source or "DataFrame"
    findings = []
    purposes: dict[str, list[str]] = {}
    for use in uses(section):
        purposes.setdefault(use.column, []).append(use.purpose)
    for column, names in purposes.items():
        # A price may both move the KPI and be what a unit is worth.
        others = [name for name in names if name != "value per KPI"]
        if len(others) > 1 or (len(names) > 1 and not others[0].startswith(("control", "lever"))):
            findings.append(
                CATALOGUE.finding(
                    "D121", f"{source}, column {column}", f"the column is used as {' and as '.join(names)}"
                )
            )
    for channel in section.channels:
        if channel.spend is None and channel.exposure is None and channel.reach is None:
            what = "it has neither spend nor exposure nor reach"
            findings.append(CATALOGUE.finding("D123", f"{source}, channel {channel.name}", what))
    if len({(use.column, use.kind) for use in uses(section)}) > len(purposes):
        raise DataError(findings)
    return findings
