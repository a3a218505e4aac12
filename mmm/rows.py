"""The rows of a table as a media panel needs them: typed, in the order of the file, each with its place."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mmm.columns import number_uses, uses
from mmm.config import MediaSection
from mmm.levels import Grouping, natural
from mmm.wording import count, listed, runs
from outlay.catalogue import CATALOGUE as TABLES
from outlay.dates import dates_from_text, dates_from_timestamps
from outlay.errors import ConfigError, DataError
from outlay.findings import Finding
from outlay.places import quoted
from outlay.tables import Role, Table, read_table

Floats = NDArray[np.float64]
Index = NDArray[np.int64]


@dataclass(frozen=True)
class Rows:
    """The used columns of a table.

    Attributes
    ----------
    source : str
        The table, for the place of a finding.
    labels : ndarray (N,)
        Line in the file, or position in the DataFrame.
    word : str
        ``"line"`` or ``"row"``: what a label counts.
    dates : DatetimeIndex (N,)
        Day of each row; NaT where it is missing or unreadable.
    grouping : Grouping
        The groups, in natural order.
    code : ndarray (N,)
        Index of each row's group, -1 where it is missing.
    numbers : dict of ndarray (N,)
        The number columns by name; NaN where a number is missing or text.
    fingerprint : str
        Hash of what was read.
    unreadable : dict of ndarray
        Rows of each number column that hold text; already reported.
    history : ndarray of bool (N,)
        Rows of the dates before the first with a KPI in any group: media history.
    """

    source: str
    labels: Index
    word: str
    dates: pd.DatetimeIndex
    grouping: Grouping
    code: Index
    numbers: dict[str, Floats]
    history: NDArray[np.bool_]
    fingerprint: str = ""
    unreadable: dict[str, Index] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def groups(self) -> tuple[str, ...]:
        """Names of the groups."""
        return self.grouping.groups

    @property
    def is_panel(self) -> bool:
        """True where the table has a group column."""
        return bool(self.grouping.columns)

    def place(self, rows: Index, column: str = "") -> str:
        """Where some rows are: file, column, lines."""
        return _place(self.source, column, self.word, self.labels[rows])

    def moment(self, row: int) -> str:
        """Date and group of one row, where it has them."""
        when = str(self.dates[row])[:10]
        name = f" in {self.groups[self.code[row]]}" if self.is_panel and self.code[row] >= 0 else ""
        return ("an unknown date" if when == "NaT" else when) + name


def _place(source: str, column: str, word: str, labels: Index) -> str:
    parts = [source, f"column {column}" if column else "", f"{word if len(labels) == 1 else word + 's'} {runs(labels)}"]
    return ", ".join(part for part in parts if part)


def rows_from_table(section: MediaSection, base: Path) -> tuple[Rows, list[Finding]]:
    """Read the section's source.

    Raises
    ------
    ConfigError
        Where there is no source.
    DataError
        Where cells cannot be read or columns are absent.
    """
    if not section.source:
        raise ConfigError(
            "[media] names no source", where="[media]", repair='Add source = "your.csv", or a URI.', id="C007"
        )
    table = _read(section, base)
    frame = table.frame
    code, grouping = _groups(frame, section)
    dates = pd.DatetimeIndex(frame[section.date])
    numbers = {column: frame[column].to_numpy(np.float64) for column in number_uses(section)}
    rows = Rows(
        source=table.source,
        labels=np.asarray(table.rows, np.int64),
        word=table.word,
        dates=dates,
        grouping=grouping,
        code=code,
        numbers=numbers,
        history=_before_the_kpi(dates, np.isnan(numbers[section.kpi])),
        fingerprint=table.fingerprint,
    )
    undated = np.flatnonzero(rows.dates.isna())
    findings = list(table.findings)
    if len(undated):
        what = f"{count(len(undated), 'cell')} without a date"
        findings.append(TABLES.finding("D030", rows.place(undated, section.date), what))
    return rows, findings


def _read(section: MediaSection, base: Path) -> Table:
    """Empty cells pass, to be told with the faults of the panel; unless others stop the reading, then with those."""
    roles = dict.fromkeys(number_uses(section), Role.NUMBER) | {section.date: Role.DATE}
    roles |= dict.fromkeys(section.groups, Role.TEXT)
    try:
        return read_table(section.source, roles, base=base, options=section.csv, optional=tuple(roles))
    except DataError:
        spared = [use.column for use in number_uses(section).values() if use.with_kpi]
        optional = tuple(spared) if _begins_before_the_kpi(section, base) else ()
        return read_table(section.source, roles, base=base, options=section.csv, optional=optional)


def _begins_before_the_kpi(section: MediaSection, base: Path) -> bool:
    """Whether the table has media history, where empty cells are no fault beside those that stop the reading."""
    roles = {section.date: Role.DATE, section.kpi: Role.NUMBER}
    try:
        frame = read_table(section.source, roles, base=base, options=section.csv, optional=tuple(roles)).frame
    except DataError:
        return False
    empty = np.isnan(frame[section.kpi].to_numpy(np.float64))
    return bool(_before_the_kpi(pd.DatetimeIndex(frame[section.date]), empty).any())


def rows_from_frame(frame: pd.DataFrame, section: MediaSection) -> tuple[Rows, list[Finding]]:
    """Take the section's columns from a DataFrame, by the reader's rules and ids.

    Raises
    ------
    DataError
        Where columns are absent or named twice.
    """
    _refuse_absent_columns(frame, section)
    dates, findings = _dates(frame[section.date], section.csv.date_format)
    code, grouping = _groups(frame, section)
    numbers, unreadable = {}, {}
    for column in number_uses(section):
        numbers[column], text = _numbers(frame[column])
        if len(text):
            unreadable[column] = text
            what = f"{count(len(text), 'cell')} with text in place of a number: {quoted(frame[column].iloc[text])}"
            findings.append(TABLES.finding("D021", _place("DataFrame", column, "row", text), what))
    empty = np.isnan(numbers[section.kpi])
    empty[unreadable.get(section.kpi, np.empty(0, np.int64))] = False
    history = _before_the_kpi(dates, empty)
    labels = np.arange(len(frame))
    return Rows("DataFrame", labels, "row", dates, grouping, code, numbers, history, unreadable=unreadable), findings


def _before_the_kpi(dates: pd.DatetimeIndex, empty: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Rows of dates before the first on which any KPI cell holds something; none where no date does."""
    filled = dates[~empty & ~np.asarray(dates.isna())]
    return np.asarray(dates < filled.min()) if len(filled) else np.zeros(len(dates), bool)


def _refuse_absent_columns(frame: pd.DataFrame, section: MediaSection) -> None:
    names = [str(name) for name in frame.columns]
    findings = []
    for column in dict.fromkeys(use.column for use in uses(section)):
        held = int((frame.columns == column).sum())
        if held > 1:
            findings.append(TABLES.finding("D005", "DataFrame", f'{held} columns are named "{column}"'))
        elif not held:
            near = difflib.get_close_matches(column, names, 1)
            repair = (f'Did you mean "{near[0]}"? ' if near else "") + f"The table has {listed(names, 30)}."
            findings.append(TABLES.finding("D006", "DataFrame", f'there is no column "{column}"', repair))
    if findings:
        raise DataError(findings)


def _dates(column: pd.Series, date_format: str | None) -> tuple[pd.DatetimeIndex, list[Finding]]:
    """Days of a column of dates or of text, read as the table reader reads text."""
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        naive = pd.DatetimeIndex(column)
        stamps = pd.Series(naive if naive.tz is None else naive.tz_localize(None))
        found, shown = dates_from_timestamps(stamps), stamps.astype("str")
    else:
        cells = ["" if pd.isna(cell) else cell.isoformat() if isinstance(cell, date) else str(cell) for cell in column]
        shown = pd.Series(cells, dtype="str").str.strip()
        found = dates_from_text(shown, date_format)
    findings = []
    for id, bad in found.faults.items():
        rows = np.flatnonzero(bad)
        if len(rows):
            what = f"{count(len(rows), 'cell')}: {TABLES[id].title.lower()}"
            if id != "D030":
                what += f", {quoted(shown.iloc[rows])}"
            findings.append(TABLES.finding(id, _place("DataFrame", str(column.name), "row", rows), what))
    return pd.DatetimeIndex(found.days), findings


def _groups(frame: pd.DataFrame, section: MediaSection) -> tuple[Index, Grouping]:
    """Code of each row's group, with the groups in natural order so that the order of rows does not matter."""
    if not section.groups:
        return np.zeros(len(frame), np.int64), Grouping()
    names = [frame[column].astype(str).where(frame[column].notna(), "").str.strip() for column in section.groups]
    found, uniques = pd.factorize(pd.Series(list(zip(*names, strict=True)), dtype=object).to_numpy())
    known = sorted((key for key in uniques if all(key)), key=lambda key: [natural(name) for name in key])
    rank = {key: index for index, key in enumerate(known)}
    code = np.array([rank.get(key, -1) for key in uniques], np.int64)[found]
    return code, Grouping(section.groups, tuple(known))


def _numbers(column: pd.Series) -> tuple[Floats, Index]:
    """Numbers of a column, and the rows of text in it.

    Text is refused rather than parsed: whoever made the DataFrame knows what its numbers mean, and a reader does not.
    """
    if pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_complex_dtype(column.dtype):
        return column.to_numpy(np.float64, na_value=np.nan), np.empty(0, np.int64)
    blank = [isinstance(value, str) and not value.strip() for value in column]
    empty = column.isna().to_numpy() | np.array(blank, bool)
    number = (
        np.array([isinstance(value, (int, float, Decimal, np.number, np.bool_)) for value in column], bool) & ~empty
    )
    values = np.full(len(column), np.nan)
    values[number] = column.to_numpy(object)[number].astype(np.float64)
    return values, np.flatnonzero(~number & ~empty)
