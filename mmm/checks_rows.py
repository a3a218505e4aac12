"""Checks of single rows: missing, infinite, negative and impossible numbers. All of these stop the work."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mmm.catalogue import CATALOGUE
from mmm.columns import Use, number_uses
from mmm.config import MediaSection
from mmm.rows import Rows
from mmm.wording import amount, count, listed, money
from outlay.catalogue import CATALOGUE as TABLES
from outlay.findings import Finding

LARGEST = 1e30
"""No sum of money and no count of impressions comes near; squares of it still fit a float."""

_ROUNDING = 1e-6
"""What a quotient of whole numbers may lack of one."""

Values = NDArray[np.float64]


def check_rows(rows: Rows, section: MediaSection, currency: str) -> list[Finding]:
    """Every fault that a row can have by itself."""
    findings = [*check_group_names(rows, section)]
    for column, use in number_uses(section).items():
        findings += check_finite(rows, column, use)
        findings += check_size(rows, column, use)
        findings += check_range(rows, column, use, currency)
    for channel in section.channels:
        if channel.reach is not None and channel.frequency is not None:
            findings += check_contacts(rows, channel.reach, channel.frequency)
    if section.population is not None:
        findings += check_population(rows, section.population)
    return findings + check_kpi_varies(rows, section)


def check_group_names(rows: Rows, section: MediaSection) -> list[Finding]:
    """Rows without a group name (D040) and names that differ only in case or blanks (D147)."""
    if not section.groups:
        return []
    findings = []
    nameless = np.flatnonzero(rows.code < 0)
    if len(nameless):
        what = f"{count(len(nameless), 'row')} without a group name"
        findings.append(TABLES.finding("D040", rows.place(nameless, " or ".join(section.groups)), what))
    for side, column in enumerate(section.groups):
        alike: dict[str, list[str]] = {}
        for name in dict.fromkeys(key[side] for key in rows.grouping.keys):
            alike.setdefault("".join(name.casefold().split()), []).append(name)
        for names in alike.values():
            if len(names) > 1:
                what = f"{' and '.join(map(repr, names))} are taken as different groups"
                findings.append(CATALOGUE.finding("D147", f"{rows.source}, column {column}", what))
    return findings


def check_finite(rows: Rows, column: str, use: Use) -> list[Finding]:
    """Empty cells (D020) and infinite ones (D025)."""
    values = rows.numbers[column]
    if np.isfinite(values).all():
        return []
    missing = np.isnan(values)
    if use.with_kpi and missing[rows.history].all():
        missing &= ~rows.history  # empty throughout the media history, where it is not needed
    missing[rows.unreadable.get(column, np.empty(0, np.int64))] = False
    findings = []
    holes = (("D020", np.flatnonzero(missing), "missing"), ("D025", np.flatnonzero(np.isinf(values)), "infinite"))
    for id, bad, word in holes:
        if len(bad):
            what = f"{count(len(bad), 'number')} of {use.purpose} {word}, first on {rows.moment(int(bad[0]))}"
            findings.append(TABLES.finding(id, rows.place(bad, column), what))
    return findings


def check_size(rows: Rows, column: str, use: Use) -> list[Finding]:
    """Numbers that no count and no currency reaches (D127)."""
    values = rows.numbers[column]
    bad = np.flatnonzero((np.abs(values) > LARGEST) & np.isfinite(values))
    if not len(bad):
        return []
    what = f"{count(len(bad), 'number')} of {use.purpose} beyond 10^30; the first is {values[bad[0]]:.3g}"
    return [CATALOGUE.finding("D127", rows.place(bad, column), f"{what} on {rows.moment(int(bad[0]))}")]


def check_range(rows: Rows, column: str, use: Use, currency: str) -> list[Finding]:
    """Numbers that cannot be: negative spend, exposure or value, population of zero, events outside 0 to 1."""
    if not use.floor:
        return []
    id, impossible, word = _FLOORS[use.floor]
    values = rows.numbers[column]
    bad = np.flatnonzero(impossible(values) & np.isfinite(values))
    if not len(bad):
        return []
    worst = int(bad[np.argmin(values[bad])] if use.floor != "event" else bad[np.argmax(np.abs(values[bad]))])
    shown = money(values[worst], currency) if use.floor in ("spend", "value") else amount(values[worst])
    what = f"{count(len(bad), 'number')} of {use.purpose} {word}; the furthest is {shown} on {rows.moment(worst)}"
    if use.floor == "spend":
        what += f", together {money(float(values[bad].sum()), currency)}"
    return [CATALOGUE.finding(id, rows.place(bad, column), what)]


_FLOORS: dict[str, tuple[str, Callable[[Values], NDArray[np.bool_]], str]] = {
    "spend": ("D107", lambda values: values < 0, "below zero"),
    "exposure": ("D108", lambda values: values < 0, "below zero"),
    "value": ("D109", lambda values: values < 0, "below zero"),
    "population": ("D119", lambda values: values <= 0, "not above zero"),
    "event": ("D125", lambda values: (values < 0) | (values > 1), "outside 0 to 1"),
}


def check_contacts(rows: Rows, reach: str, frequency: str) -> list[Finding]:
    """People reached without contacts, or contacts without people (D129); fewer contacts than people (D167)."""
    people, contacts = rows.numbers[reach], rows.numbers[frequency]
    findings = []
    for bad, words in (
        ((people > 0) & (contacts == 0), f"{reach} above zero and {frequency} of zero"),
        ((people == 0) & (contacts > 0), f"{reach} of zero and {frequency} above zero"),
    ):
        if bad.any():
            found = np.flatnonzero(bad)
            what = f"{count(len(found), 'row')} with {words}, first on {rows.moment(int(found[0]))}"
            findings.append(CATALOGUE.finding("D129", rows.place(found, f"{reach} and {frequency}"), what))
    below = np.flatnonzero((people > 0) & (contacts > 0) & (contacts < 1 - _ROUNDING))
    if len(below):
        lowest = int(below[np.argmin(contacts[below])])
        what = (
            f"{count(len(below), 'row')} with fewer than one contact for each person reached; "
            f"the lowest is {amount(float(contacts[lowest]))} on {rows.moment(lowest)}"
        )
        findings.append(CATALOGUE.finding("D167", rows.place(below, frequency), what))
    return findings


def check_population(rows: Rows, column: str) -> list[Finding]:
    """Groups whose population is not one number (D120)."""
    known = (rows.code >= 0) & np.isfinite(rows.numbers[column])
    spread = pd.Series(rows.numbers[column][known]).groupby(rows.code[known]).agg(["min", "max"])
    varying = spread[spread["min"] != spread["max"]]
    if varying.empty:
        return []
    shown = [
        f"{rows.groups[int(code)]} from {amount(low)} to {amount(high)}"
        for code, low, high in varying.itertuples(name=None)
    ]
    subject = listed(shown) if rows.is_panel else shown[0].removeprefix(f"{rows.groups[0]} ")
    changed = np.flatnonzero(np.isin(rows.code, varying.index.to_numpy()))
    return [CATALOGUE.finding("D120", rows.place(changed, column), f"the population changes: {subject}")]


def check_kpi_varies(rows: Rows, section: MediaSection) -> list[Finding]:
    """A KPI with one value in all rows (D126)."""
    values = rows.numbers[section.kpi][~rows.history]
    if len(values) < 2 or not np.isfinite(values).all() or (values != values[0]).any():
        return []
    what = f"the KPI is {amount(values[0])} in all {count(len(values), 'row')}"
    return [CATALOGUE.finding("D126", f"{rows.source}, column {section.kpi}", what)]
