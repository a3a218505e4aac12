"""A table of customers read column by column: strict numbers, days and names, as the cells or the section say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import ibis
import ibis.expr.datatypes as dt
import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from outlay import dates
from outlay.catalogue import CATALOGUE as TABLES
from outlay.cells import check_names, read_cells
from outlay.errors import DataError
from outlay.findings import Finding, errors
from outlay.places import counted, place, quoted
from outlay.sources import Relation, embedded
from outlay.tables import CsvOptions, Role
from segmentation.catalogue import CATALOGUE
from segmentation.customers_kinds import Kind, Seen, kind_of, without_time
from segmentation.customers_words import how_many, level_texts, listed

_ROLES = {Kind.NUMBER: Role.NUMBER, Kind.TEXT: Role.TEXT}
_WORDS = {
    "D031": "no day",
    "D033": "a day in another notation than most",
    "D035": "a spreadsheet's day number",
    "D036": "a day in another notation than date_format",
    "D037": "a day outside 1900 to 2199",
}


@dataclass(frozen=True, eq=False)
class Columns:
    """Columns as they were read. N rows.

    Attributes
    ----------
    frame : DataFrame (N rows)
        Numbers as float64, days as datetime64[ns], names as text; missing where a cell is empty.
    kinds : mapping of str to Kind
        ``NUMBER``, ``DATE``, ``TEXT``; ``EMPTY`` and ``OTHER`` for columns that `frame` does not hold.
    seen : mapping of str to Seen
    lines : ndarray of int (N,)
    word : {"line", "row"}
    source : str
    fingerprint : str
    findings : tuple of Finding
    """

    frame: pd.DataFrame
    kinds: Mapping[str, Kind]
    seen: Mapping[str, Seen]
    lines: NDArray[np.int64]
    word: str
    source: str
    fingerprint: str
    findings: tuple[Finding, ...] = ()

    def where(self, column: str = "", bad: NDArray[np.bool_] | None = None) -> str:
        """A place in the table, for findings."""
        return place(self.source, column=column, word=self.word, rows=None if bad is None else self.lines[bad])


def read_columns(
    relation: Relation, source: str, options: CsvOptions, named: Mapping[str, Kind | None], *, others: bool
) -> Columns:
    """Read the columns of an open source.

    Parameters
    ----------
    relation : Relation
    source : str
    options : CsvOptions
    named : mapping of str to Kind or None
        Columns that the section names, with the kind that it says; None where the cells say it.
    others : bool
        Whether columns that are not named are read, too, as what they hold.

    Raises
    ------
    DataError
        D0xx, K005: every cell that cannot be read, with its line.
    """
    check_names(relation, source, named)
    asked = dict(named)
    if others:
        asked |= {name: None for name in relation.columns if name not in named}
    order = dict.fromkeys(relation.names)
    asked = {name: asked[name] for name in order if asked.get(name, Kind.OTHER) is not Kind.OTHER}
    strange = {
        name: str(kind) for name in asked if not _readable(kind := relation.table[relation.columns[name]].type())
    }
    plain = [relation.columns[name] for name in asked if name not in strange]
    held = relation.backend.to_pyarrow(relation.table.select(*plain) if plain else relation.table.select(none=1))
    relation = _held_here(relation, held)
    seen = {
        name: Seen(Kind.OTHER, held.num_rows, declared=strange[name])
        if name in strange
        else kind_of(held[relation.columns[name]], options.date_format)
        for name in asked
    }
    reader = _Reader(relation, source, options)
    kinds = {name: reader.decided(name, seen[name], kind, name in named) for name, kind in asked.items()}
    frame = reader.frame(held, kinds)
    if errors(reader.findings):
        raise DataError(reader.findings)
    return Columns(frame, kinds, seen, reader.rows, relation.word, source, reader.fingerprint, tuple(reader.findings))


def _readable(kind: dt.DataType) -> bool:
    """True for types whose cells are numbers, days or names; lists, intervals and the like are none."""
    return bool(
        kind.is_numeric()
        or kind.is_boolean()
        or kind.is_string()
        or kind.is_date()
        or kind.is_timestamp()
        or kind.is_null()
        or kind.is_uuid()
    )


def _held_here(relation: Relation, held: pa.Table) -> Relation:
    """The columns that were fetched as a source of their own: a server may give its rows in another order next time."""
    backend = relation.backend if relation.backend.name == "duckdb" else embedded()
    columns = {name: column for name, column in relation.columns.items() if column in held.column_names}
    return replace(relation, backend=backend, table=ibis.memtable(held), columns=columns)


class _Reader:
    """One reading: collects the findings of all columns."""

    def __init__(self, relation: Relation, source: str, options: CsvOptions) -> None:
        self.relation = relation
        self.source = source
        self.options = options
        self.rows: NDArray[np.int64] = np.empty(0, np.int64)
        self.fingerprint = relation.fingerprint
        self.findings: list[Finding] = []

    def decided(self, name: str, seen: Seen, kind: Kind | None, named: bool) -> Kind:
        """What a column is read as."""
        if seen.kind is Kind.EMPTY:
            return Kind.EMPTY
        if kind is not None:
            return kind
        if seen.kind is Kind.MIXED:
            what = (
                f"{how_many(seen.numbers, 'cell')} of {seen.filled:,} hold a number, "
                f"and the others do not: {quoted(seen.odd)}"
            )
            self.findings.append(CATALOGUE.finding("K005", place(self.source, column=name), what))
        if seen.kind is Kind.OTHER and named:
            what = f"the column holds {seen.declared}, which is no number, day or name"
            self.findings.append(TABLES.finding("D027", place(self.source, column=name), what))
        return Kind.TEXT if seen.kind is Kind.MIXED else seen.kind

    def frame(self, held: pa.Table, kinds: Mapping[str, Kind]) -> pd.DataFrame:
        """The typed columns, in the order of `kinds`."""
        lines = self.relation.lines
        self.rows = np.arange(1, held.num_rows + 1) if lines is None else lines
        if not held.num_rows:
            raise DataError([TABLES.finding("D004", self.source, "the table has no rows")])
        roles = {name: _ROLES[kind] for name, kind in kinds.items() if kind in _ROLES}
        # 5524.0 is the id 5524 that went through pandas with an empty cell among its rows
        coded = [
            name
            for name, role in roles.items()
            if role is Role.TEXT and pa.types.is_floating(held[self.relation.columns[name]].type)
        ]
        roles |= dict.fromkeys(coded, Role.NUMBER)
        columns: dict[str, object] = {}
        if roles:
            columns = self._strict(roles)
        for name in coded:
            if name in columns:
                columns[name] = pd.Series(level_texts(np.asarray(columns[name], np.float64)), dtype="str")
        for name, kind in kinds.items():
            if kind is Kind.DATE:
                columns[name] = self._days(name, held[self.relation.columns[name]])
        return pd.DataFrame({name: columns[name] for name in kinds if name in columns}, index=range(held.num_rows))

    def _strict(self, roles: Mapping[str, Role]) -> dict[str, object]:
        try:
            table = read_cells(self.relation, self.source, roles, self.options, frozenset(roles))
        except DataError as error:
            self.findings.extend(error.findings)
            return {}
        self.findings.extend(_padded_once(table.findings, self.source, roles))
        self.fingerprint = self.fingerprint or table.fingerprint
        return {name: table.frame[name] for name in roles}

    def _days(self, name: str, values: pa.ChunkedArray) -> NDArray[np.datetime64]:
        """A column of days; a time of day is left off."""
        if pa.types.is_timestamp(values.type) or pa.types.is_date(values.type):
            stamps = pd.Series(values.cast(pa.timestamp("us")).to_pandas()).dt.floor("D")
            found, shown = dates.dates_from_timestamps(stamps), stamps.astype("str")
        else:
            shown = pd.Series(_as_text(values).to_pandas(), dtype="str")
            found = dates.dates_from_text(without_time(shown), self.options.date_format)
        for id, bad in found.faults.items():
            if bad.any() and id != "D030":
                self._unread(id, name, shown, bad, found)
        if found.format != dates.ISO and self.options.date_format is None:
            self.findings.append(TABLES.finding("D050", place(self.source, column=name), f"dates {found.format}"))
        return found.days

    def _unread(self, id: str, name: str, shown: pd.Series, bad: NDArray[np.bool_], found: dates.Dates) -> None:
        if id == "D032":
            what = f"{quoted(shown[bad])} can be read as {' and as '.join(found.readings)}"
        else:
            what = f"{counted(int(bad.sum()), 'cell')} with {_WORDS.get(id, 'no day')}: {quoted(shown[bad])}"
        where = place(self.source, column=name, word=self.relation.word, rows=self.rows[bad])
        self.findings.append(TABLES.finding(id, where, what))


def _padded_once(findings: Sequence[Finding], source: str, names: Iterable[str]) -> Iterator[Finding]:
    """Findings with those on spaces around names as one: a padded file has them in every column."""
    padded = [finding for finding in findings if finding.id == "D041"]
    if len(padded) < 2:
        yield from findings
        return
    yield from (finding for finding in findings if finding.id != "D041")
    wheres = {f"{place(source, column=name)}, ": name for name in names}
    told = [
        f"{name} {finding.what.split(maxsplit=1)[0]}"
        for finding in padded
        for where, name in wheres.items()
        if finding.where.startswith(where)
    ]
    yield replace(padded[0], where=source, what=f"names with spaces around, which are read without: {listed(told)}")


def _as_text(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Whole numbers such as 20120904 as their digits."""
    if pa.types.is_floating(values.type):
        values = values.cast(pa.int64(), safe=False)
    return values.cast(pa.string())
