"""Lift tests: experiments that measured what a change of spend did, read and checked against the panel.

One row per test. ``channel`` may name several channels and ``group`` several groups, joined by ``+``; an empty group is
all of them. ``spend_change`` is what the test added to (or, below zero, took from) the spend of its window, in total.
``lift`` is what it did to the KPI, in the KPI's unit, with its standard error; or ``roi`` and ``roi_se`` instead, the
outcome per unit of currency of that change.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mmm.catalogue import CATALOGUE
from mmm.config_lift import CarryOver, LiftSection
from mmm.panel import MediaPanel
from mmm.wording import day, listed, money, span
from outlay.errors import ConfigError, DataError
from outlay.findings import Finding
from outlay.tables import Role, read_table, table_columns

_ROLES = {"channel": Role.TEXT, "start": Role.DATE, "end": Role.DATE}
_OPTIONAL = {
    "test": Role.TEXT,
    "group": Role.TEXT,
    "spend_change": Role.NUMBER,
    "lift": Role.NUMBER,
    "lift_se": Role.NUMBER,
    "roi": Role.NUMBER,
    "roi_se": Role.NUMBER,
    "carry_over": Role.TEXT,
}


@dataclass(frozen=True)
class LiftTest:
    """One experiment, in the panel's terms.

    Attributes
    ----------
    name : str
        What tables call it.
    channels, groups : tuple of int
        Indices into the panel.
    first, last : int
        First and last period of the change, rows of the panel.
    spend_change : float
        Currency that the test added over its window, channels and groups; below zero where it took spend away.
    lift, lift_se : float
        What it did to the KPI, in units of the KPI, and its standard error.
    after : bool
        Whether the lift counts what came after the window, within the reach of the adstock.
    days : tuple of str
        First and last day as they were given, ISO dates; empty where only the periods are known.
    """

    name: str
    channels: tuple[int, ...]
    groups: tuple[int, ...]
    first: int
    last: int
    spend_change: float
    lift: float
    lift_se: float
    after: bool
    days: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready form."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> LiftTest:
        """The inverse of :meth:`as_dict`."""
        tuples = {name: tuple(data.get(name, ())) for name in ("channels", "groups", "days")}
        return cls(**{**data, **tuples})


def read_lift_tests(section: LiftSection, panel: MediaPanel, base: Path) -> tuple[tuple[LiftTest, ...], list[Finding]]:
    """Read the section's table and place every test in the panel.

    Raises
    ------
    ConfigError
        Where the table cannot be opened.
    DataError
        With every error of the table (M030 to M034).
    """
    found = {name for name, _ in table_columns(section.source, base=base, options=section.csv)}
    roles = _ROLES | {name: role for name, role in _OPTIONAL.items() if name in found}
    if unknown := sorted(found - set(_ROLES) - set(_OPTIONAL)):
        raise ConfigError(
            f"the table of lift tests has columns that mean nothing here: {listed(unknown)}",
            where=section.source,
            repair=f"The columns are {', '.join([*_ROLES, *_OPTIONAL])}. Rename or remove the others.",
            id="M034",
        )
    table = read_table(section.source, roles, base=base, options=section.csv, optional=tuple(set(roles) - set(_ROLES)))
    places = [f"{section.source}, {table.word} {row}" for row in table.rows]
    return _placed(table.frame, places, panel, section.carry_over), list(table.findings)


def lift_tests_from_frame(
    frame: pd.DataFrame, panel: MediaPanel, *, carry_over: CarryOver = "inside"
) -> tuple[LiftTest, ...]:
    """The same from a DataFrame; rows are named by position, from 0.

    Raises
    ------
    DataError
        With every error of the table.
    """
    absent = [name for name in _ROLES if name not in frame.columns]
    if absent:
        what = f"the lift tests have no column {listed(absent)}"
        raise DataError([CATALOGUE.finding("M034", "lift tests", what)])
    places = [f"lift tests, row {row}" for row in range(len(frame))]
    dated = frame.assign(start=pd.to_datetime(frame["start"]), end=pd.to_datetime(frame["end"]))
    return _placed(dated, places, panel, carry_over)


def _placed(
    frame: pd.DataFrame, places: Sequence[str], panel: MediaPanel, carry_over: CarryOver
) -> tuple[LiftTest, ...]:
    tests, errors = [], []
    for index, (place, row) in enumerate(zip(places, frame.to_dict("records"), strict=True)):
        reader = _Row({str(key): value for key, value in row.items()}, place, panel, carry_over)
        test = reader.test(index)
        errors += reader.errors
        if test is not None:
            tests.append(test)
    if errors:
        raise DataError(errors)
    return tuple(tests)


class _Row:
    """One row of the table on its way to a :class:`LiftTest`; collects what is wrong with it."""

    def __init__(self, row: dict[str, Any], place: str, panel: MediaPanel, carry_over: CarryOver) -> None:
        self.row, self.place, self.panel, self.default = row, place, panel, carry_over
        self.errors: list[Finding] = []

    def test(self, index: int) -> LiftTest | None:
        """The test, or None where it has an error."""
        channels = self._indices("channel", self.panel.channels)
        groups = self._groups()
        window = self._window()
        after = self._after()
        if self.errors or window is None:
            return None
        first, last = window
        spent = float(self.panel.spend[first : last + 1][:, groups][:, :, channels].sum())
        change = self._number("spend_change")
        measured = self._measured(change if change is not None else spent, first, last, groups)
        if measured is None:
            return None
        change = spent if change is None else change
        self._check_change(change, spent)
        lift, se = measured
        name = str(self.row.get("test") or f"{self.row['channel']} {day(self.panel.dates[first])}")
        days = (day(self.row["start"]), day(self.row["end"]))
        built = LiftTest(f"{index + 1}: {name}", channels, groups, first, last, change, lift, se, after, days)
        return None if self.errors else built

    def _error(self, id: str, what: str) -> None:
        self.errors.append(CATALOGUE.finding(id, self.place, what))

    def _text(self, column: str) -> str:
        value = self.row.get(column)
        return "" if value is None or pd.isna(value) else str(value).strip()

    def _number(self, column: str) -> float | None:
        value = self.row.get(column)
        return None if value is None or pd.isna(value) else float(value)

    def _indices(self, column: str, known: tuple[str, ...]) -> tuple[int, ...]:
        text = self._text(column)
        # A name that itself holds a plus is taken whole before it is taken apart.
        names = [text] if text in known else [part.strip() for part in text.split("+")]
        for name in names:
            if name not in known:
                self._error("M030", f'{column} "{name}" is not in the model, which has {listed(list(known))}')
        return tuple(known.index(name) for name in names if name in known)

    def _groups(self) -> tuple[int, ...]:
        if not self._text("group"):
            return tuple(range(self.panel.n_groups))
        if not self.panel.is_panel:
            self._error("M030", f'group "{self._text("group")}" is named, and the model has no groups')
            return ()
        return self._indices("group", self.panel.groups)

    def _window(self) -> tuple[int, int] | None:
        ends = pd.DatetimeIndex([self.row["start"], self.row["end"]])
        if ends.hasnans or ends[0] > ends[1]:
            self._error("M031", "the test does not end after it starts")
            return None
        place = self._positions(ends)
        start = int(self._positions(self.panel.dates[:1])[0])
        first, last = (int(position) - start for position in place)
        if first < self.panel.history or last >= self.panel.n_periods:
            known = span(self.panel.dates[self.panel.observed])
            what = f"the test ran {span(ends)}, and the data with a KPI cover {known}"
            self._error("M031", what)
            return None
        return first, last

    def _positions(self, dates: pd.DatetimeIndex) -> np.ndarray:
        return self.panel.frequency.position(dates)

    def _after(self) -> bool:
        word = self._text("carry_over") or self.default
        if word not in ("inside", "after"):
            self._error("M034", f'carry_over is "{word}"; write inside or after')
        return word == "after"

    def _measured(self, change: float, first: int, last: int, groups: tuple[int, ...]) -> tuple[float, float] | None:
        """Lift and its standard error in units of the KPI."""
        pairs = [(self._number(name), self._number(f"{name}_se")) for name in ("lift", "roi")]
        whole = [pair for pair in pairs if None not in pair]
        if len(whole) != 1 or any((one is None) != (two is None) for one, two in pairs):
            self._error("M032", "a test needs lift and lift_se, or roi and roi_se, and not both")
            return None
        value, se = (float(number) for number in whole[0] if number is not None)
        if not (np.isfinite(value) and np.isfinite(se) and se > 0):
            self._error("M032", f"the standard error is {se:g}; it needs to be above zero")
            return None
        if pairs[0][0] is not None:
            return value, se
        if not self.panel.has_value:
            self._error("M032", "the test has an ROI, and the KPI is a count without a value; give its lift instead")
            return None
        per_kpi = float(np.mean(self.panel.value[first : last + 1][:, groups]))
        return value * change / per_kpi, se * abs(change) / per_kpi

    def _check_change(self, change: float, spent: float) -> None:
        currency = self.panel.currency
        if change == 0 or not np.isfinite(change):
            self._error("M033", "spend_change is zero, so there is nothing that the test changed")
        elif change > spent * (1 + 1e-9):
            what = (
                f"the test added {money(change, currency)}, and the data have {money(spent, currency)} in its window, "
                "channels and groups"
            )
            self._error("M033", what)
