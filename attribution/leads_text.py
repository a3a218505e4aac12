"""Leads whose days, stages or numbers are held as text: read once by the strict reader, and back to the engine typed.

Every column of a CSV file is text; a Parquet file or a database may hold some. A day may carry a time, which is left
off; everything else follows the rules of tables.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field, replace

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from attribution.catalogue import CATALOGUE
from attribution.config import LeadsSection
from outlay import dates
from outlay.catalogue import CATALOGUE as TABLES
from outlay.cells import read_cells
from outlay.errors import DataError
from outlay.findings import Finding, errors
from outlay.places import counted, place, quoted
from outlay.sources import Relation
from outlay.tables import Role

ROW = "outlay_row"
"""Column of the table that holds the line of each row of a text file."""

_FLAGS = {"0": False, "1": True, "false": False, "true": True, "0.0": False, "1.0": True}
_TIME = re.compile(r"[T ]\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?( ?[AaPp][Mm])?( ?(Z|UTC|GMT|[+-]\d{2}:?\d{2}))?$")

type Flags = NDArray[np.bool_]


@dataclass
class Typed:
    """An open source whose days, stages and numbers the engine types.

    Attributes
    ----------
    relation : Relation
    columns : dict of str to str
        The typed column in `relation.table` of each column of the source that was text.
    findings : list of Finding
    """

    relation: Relation
    columns: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def name_of(self, column: str) -> str:
        """Name in the table of a column of the source, typed where it was text."""
        return self.columns.get(column, self.relation.columns[column])


def typed(relation: Relation, source: str, section: LeadsSection, kept: Collection[str]) -> Typed:
    """Read the columns that hold text where a day, a stage or a number is meant.

    Parameters
    ----------
    relation : Relation
    source : str
    section : LeadsSection
    kept : collection of str
        Columns of the source that the result must hold.

    Raises
    ------
    DataError
        D0xx and L001: all texts that cannot be read.
    """
    days = [name for name in (section.date, *section.stages) if _is_text(relation, name, integers=name == section.date)]
    amounts = [name for name in (section.value, section.score) if name is not None and _is_text(relation, name)]
    if not days and not amounts and relation.lines is None:
        return Typed(relation)
    held = list(dict.fromkeys(relation.columns[name] for name in kept if name in relation.columns))
    found = relation.backend.to_pyarrow(relation.table.select(*held))
    rows = np.arange(1, found.num_rows + 1) if relation.lines is None else relation.lines
    reader = _Reader(relation, source, section, rows)
    arrays = {
        **{name: reader.days(name, _texts(found[relation.columns[name]])) for name in dict.fromkeys(days)},
        **reader.amounts(list(dict.fromkeys(amounts))),
    }
    if errors(reader.findings):
        raise DataError(reader.findings)
    return _back(relation, found, rows, arrays, reader.findings)


def _back(
    relation: Relation, found: pa.Table, rows: NDArray[np.int64], arrays: dict[str, pa.Array], findings: list[Finding]
) -> Typed:
    """The columns back in the engine, the typed ones beside the text."""
    names = {name: f"typed_{position}" for position, name in enumerate(arrays)}
    for name, array in arrays.items():
        found = found.append_column(names[name], array)
    table = ibis.memtable(found.append_column(ROW, pa.array(rows)))
    held = {name: column for name, column in relation.columns.items() if column in found.column_names}
    return Typed(replace(relation, table=table, columns=held), names, findings)


def _is_text(relation: Relation, name: str, *, integers: bool = False) -> bool:
    """True where a column must be read from text; whole numbers such as 20250106 may be days."""
    kind = relation.table[relation.columns[name]].type()
    return bool(kind.is_string() or (integers and (kind.is_integer() or kind.is_floating())))


def _texts(values: pa.ChunkedArray) -> pd.Series:
    texts = values.cast(pa.string()) if not pa.types.is_string(values.type) else values
    return pd.Series(texts.to_pandas(), dtype="str").str.strip()


class _Reader:
    """One reading of text: collects the findings of all columns."""

    def __init__(self, relation: Relation, source: str, section: LeadsSection, rows: NDArray[np.int64]) -> None:
        self.relation = relation
        self.source = source
        self.section = section
        self.rows = rows
        self.findings: list[Finding] = []

    def amounts(self, names: list[str]) -> dict[str, pa.Array]:
        """Columns of numbers, null where a cell is empty."""
        if not names:
            return {}
        try:
            roles = dict.fromkeys(names, Role.NUMBER)
            table = read_cells(self.relation, self.source, roles, self.section.csv, frozenset(names))
        except DataError as error:
            self.findings.extend(error.findings)
            return {}
        self.findings.extend(table.findings)
        return {name: pa.array(table.frame[name].to_numpy(), from_pandas=True) for name in names}

    def days(self, name: str, texts: pd.Series) -> pa.Array:
        """A column of days, or of flags where a stage is written as 0/1 or true/false."""
        filled = (texts.notna() & (texts != "")).to_numpy()
        flags = texts.str.lower().map(_FLAGS)
        is_flag = flags.notna().to_numpy()
        if name != self.section.date and filled.any() and 2 * is_flag.sum() > filled.sum():
            wrong = filled & ~is_flag
            if wrong.any():
                self._report("L001", name, f"most cells are 0/1 and {_told(wrong, texts)}", wrong)
            return pa.array(flags.astype("object").where(pd.Series(is_flag), None), pa.bool_())
        return self._dates(name, texts, filled)

    def _dates(self, name: str, texts: pd.Series, filled: Flags) -> pa.Array:
        plain = texts.str.replace(_TIME, "", regex=True)
        found = dates.dates_from_text(plain, self.section.csv.date_format)
        for id, bad in found.faults.items():
            if bad.any() and id != "D030":
                self._unread(id, name, texts, bad & filled, found)
        if found.format != dates.ISO and self.section.csv.date_format is None and filled.any():
            self.findings.append(TABLES.finding("D050", f"{self.source}, column {name}", f"dates {found.format}"))
        return pa.array(pd.Series(found.days).dt.date, pa.date32(), from_pandas=True)

    def _unread(self, id: str, name: str, texts: pd.Series, bad: Flags, found: dates.Dates) -> None:
        stage = name != self.section.date
        if stage and id == "D031" and bad.all():
            self._report("L001", name, _told(bad, texts), bad)
            return
        if id == "D032":
            what = f"{quoted(texts[bad])} can be read as {' and as '.join(found.readings)}"
        else:
            what = f"{counted(int(bad.sum()), 'cell')}: {quoted(texts[bad])}"
        where = place(self.source, column=name, word=self.relation.word, rows=self.rows[bad])
        self.findings.append(TABLES.finding(id, where, f"{TABLES[id].title}: {what}"))

    def _report(self, id: str, name: str, what: str, bad: Flags) -> None:
        where = place(self.source, column=name, word=self.relation.word, rows=self.rows[bad])
        self.findings.append(CATALOGUE.finding(id, where, what))


def _told(bad: Flags, texts: pd.Series) -> str:
    return f"{counted(int(bad.sum()), 'cell')} neither 0/1 nor a day: {quoted(texts[bad])}"
