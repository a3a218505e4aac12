"""Cleaning that reports itself: values that cannot be, empty cells, and days that lie after the day of the table."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd

from outlay.catalogue import CATALOGUE as TABLES
from outlay.findings import Finding
from outlay.places import first_few
from segmentation.catalogue import CATALOGUE
from segmentation.config import CustomersSection
from segmentation.customers_columns import Columns
from segmentation.customers_kinds import Kind
from segmentation.customers_words import how_many, per_column

_BIRTH = re.compile(r"birth|born|(^|[_\s])(yob|dob)($|[_\s])", re.IGNORECASE)
_AGE = re.compile(r"(^|[_\s])age($|[_\s])|^Age$|[a-z]Age$")
_OLDEST, _FIRST_YEAR = 120.0, 1900.0


def today() -> date:
    """The latest day that it is anywhere on earth: what lies after it has not happened."""
    return (datetime.now(UTC) + timedelta(hours=14)).date()


def latest_day(columns: Columns) -> date | None:
    """The latest day in the table that is not in the future; None where it holds no day."""
    edge = np.datetime64(today(), "ns")
    days = [columns.frame[name].to_numpy() for name, kind in columns.kinds.items() if kind is Kind.DATE]
    latest = [held.max() for column in days if len(held := column[~np.isnat(column) & (column <= edge)])]
    return pd.Timestamp(max(latest)).date() if latest else None


def days_before(columns: Columns, as_of: date | None) -> tuple[Columns, list[Finding]]:
    """Days as numbers of days before `as_of`; a day after it is below zero, and told."""
    named = [name for name, kind in columns.kinds.items() if kind is Kind.DATE]
    if not named or as_of is None:
        return columns, []
    frame, findings = columns.frame.copy(deep=False), []
    for name in named:
        days = (np.datetime64(as_of, "D") - frame[name].to_numpy().astype("datetime64[D]")).astype("timedelta64[D]")
        numbers = np.where(np.isnat(days), np.nan, days.astype(np.float64))
        frame[name] = numbers
        ahead = numbers < 0
        if ahead.any():
            what = f"{how_many(int(ahead.sum()), 'customer')} with a day after {as_of}: days before it are below zero"
            findings.append(CATALOGUE.finding("K016", columns.where(name, ahead), what))
    return replace(columns, frame=frame), findings


def possible(columns: Columns, section: CustomersSection, as_of: date | None) -> tuple[Columns, list[Finding]]:
    """Values that cannot be count as missing.

    What cannot be is said by ``bounds``; without them, a year of birth lies between 1900 and `as_of`, an age between
    0 and 120, by the column's name.
    """
    frame, findings = columns.frame.copy(deep=False), []
    for name, (low, high, why) in _limits(columns, section, as_of).items():
        values = frame[name].to_numpy(np.float64)
        bad = (values < low) | (values > high)
        if bad.any():
            shown = first_few(f"{value:g}" for value in dict.fromkeys(values[bad]))
            what = (
                f"{how_many(int(bad.sum()), 'value')} outside {low:g} to {high:g} ({why}) "
                f"{'counts' if bad.sum() == 1 else 'count'} as missing: {shown}"
            )
            findings.append(CATALOGUE.finding("K012", columns.where(name, bad), what))
            frame[name] = np.where(bad, np.nan, values)
    return replace(columns, frame=frame), findings


def years(columns: Columns) -> list[str]:
    """Columns that hold years of birth, by name and values."""
    behind = float(today().year) + 200
    return [
        name
        for name, kind in columns.kinds.items()
        if kind is Kind.NUMBER and _BIRTH.search(name) and _mostly(columns.frame[name], _FIRST_YEAR - 200, behind)
    ]


def _limits(columns: Columns, section: CustomersSection, as_of: date | None) -> Mapping[str, tuple[float, float, str]]:
    limits: dict[str, tuple[float, float, str]] = {}
    stated = section.clean.bounds
    this_year, born = float((as_of or today()).year), set(years(columns))
    for name, kind in columns.kinds.items():
        if kind is not Kind.NUMBER:
            continue
        if name in stated:
            limits[name] = (*stated[name], "its bounds")
        elif name in born:
            limits[name] = (_FIRST_YEAR, this_year, "a year of birth by its name")
        elif _AGE.search(name) and _mostly(columns.frame[name], 0.0, _OLDEST):
            limits[name] = (0.0, _OLDEST, "an age by its name")
    return limits


def _mostly(column: pd.Series, low: float, high: float) -> bool:
    """True where nine of ten values lie inside: the name is then to be trusted."""
    values = column.dropna().to_numpy()
    return len(values) > 0 and float(((values >= low) & (values <= high)).mean()) >= 0.9


def missing_cells(columns: Columns, features: pd.DataFrame, section: CustomersSection) -> list[Finding]:
    """Empty cells of features: neutral and told, or an error for each column."""
    counts = {str(name): features[name].isna().to_numpy() for name in features}
    gaps = {name: bad for name, bad in counts.items() if bad.any()}
    if not gaps:
        return []
    if section.clean.missing == "refuse":
        return [
            CATALOGUE.finding("K014", columns.where(name, bad), f"{how_many(int(bad.sum()), 'cell')} without a value")
            for name, bad in gaps.items()
        ]
    if len(gaps) == 1:
        name, bad = next(iter(gaps.items()))
        what = f"{how_many(int(bad.sum()), 'cell')} of {len(bad):,} without a value"
        return [CATALOGUE.finding("K013", columns.where(name, bad), what)]
    what = f"cells without a value: {per_column({name: int(bad.sum()) for name, bad in gaps.items()})}"
    return [CATALOGUE.finding("K013", columns.where("", np.logical_or.reduce(list(gaps.values()))), what)]


def known_bounds(columns: Columns, section: CustomersSection) -> list[Finding]:
    """Bounds are for columns of numbers."""
    wrong = [name for name in section.clean.bounds if columns.kinds.get(name) not in (Kind.NUMBER, Kind.EMPTY)]
    return [
        TABLES.finding("D027", columns.where(name), f"bounds are of numbers; the column holds {_held(columns, name)}")
        for name in wrong
    ]


def _held(columns: Columns, name: str) -> str:
    return {Kind.DATE: "days", Kind.TEXT: "names"}.get(columns.kinds[name], "something else")
