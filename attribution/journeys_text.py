"""Touches whose times, conversions or values are held as text: read strictly once, and back to the engine typed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from attribution.catalogue import CATALOGUE
from attribution.config_journeys import JourneysSection
from outlay.cells import read_cells
from outlay.errors import DataError
from outlay.findings import Finding
from outlay.places import counted, place, quoted
from outlay.sources import Relation
from outlay.tables import Role

ROW = "outlay_row"
"""Column of the line of each row of a text file."""

_FLAGS = {"0": 0.0, "1": 1.0, "false": 0.0, "true": 1.0, "0.0": 0.0, "1.0": 1.0}


@dataclass
class Typed:
    """An open source whose times, conversions and values the engine types.

    Attributes
    ----------
    relation : Relation
    columns : dict of str to str
        Column in ``relation.table`` of each column that was text.
    findings : list of Finding
    """

    relation: Relation
    columns: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def column(self, name: str) -> ibis.expr.types.Column:
        """A column of the source by its own name, typed where it was text."""
        return self.relation.table[self.columns.get(name, self.relation.columns[name])]


def typed(relation: Relation, source: str, section: JourneysSection) -> Typed:
    """Read the columns that hold text where a time, a flag or a number is meant; the others are left as they are."""
    table = relation.table
    texts = [
        name
        for name in (section.time, section.conversion, section.value)
        if name is not None and table[relation.columns[name]].type().is_string()
    ]
    if not texts and relation.lines is None:
        return Typed(relation)
    held = list(dict.fromkeys(relation.columns.values()))
    found = relation.backend.to_pyarrow(table.select(*held))
    lines = np.arange(1, found.num_rows + 1) if relation.lines is None else relation.lines
    reader = _Reader(relation, source, section, lines)
    names = {name: f"typed_{position}" for position, name in enumerate(texts)}
    for name, column in names.items():
        found = found.append_column(column, reader.column(name, found[relation.columns[name]]))
    user = relation.columns[section.user]
    if pa.types.is_string(found[user].type):
        found = found.set_column(found.column_names.index(user), user, pc.utf8_trim_whitespace(found[user]))
    back = ibis.memtable(found.append_column(ROW, pa.array(lines)))
    return Typed(replace(relation, table=back), names, reader.findings)


class _Reader:
    """One reading of text: collects the findings of all columns."""

    def __init__(self, relation: Relation, source: str, section: JourneysSection, lines: NDArray[np.int64]) -> None:
        self.relation, self.source, self.section, self.lines = relation, source, section, lines
        self.findings: list[Finding] = []

    def column(self, name: str, values: pa.ChunkedArray) -> pa.Array:
        if name == self.section.time:
            return self._times(name, values)
        if name == self.section.conversion:
            return self._flags(name, values)
        return self._numbers(name)

    def _times(self, name: str, values: pa.ChunkedArray) -> pa.Array:
        codes, unique = pd.factorize(_trimmed(values))
        texts = pd.Series(unique, dtype="str")
        filled = (texts != "").to_numpy(bool)
        stated = self.section.csv.date_format
        found = pd.to_datetime(texts.where(filled), format=stated or "ISO8601", utc=True, errors="coerce")
        stamps = found.dt.tz_localize(None)
        self._report("J003", name, codes, filled & stamps.isna().to_numpy(), texts, "no time")
        return pa.array(stamps.to_numpy()[codes].astype("datetime64[us]"), from_pandas=True)

    def _flags(self, name: str, values: pa.ChunkedArray) -> pa.Array:
        codes, unique = pd.factorize(_trimmed(values))
        texts = pd.Series(unique, dtype="str")
        flags = np.array([_FLAGS.get(text.lower(), np.nan) for text in texts])
        self._report("J004", name, codes, np.isnan(flags), texts, "neither 0 nor 1")
        return pa.array(flags[codes], from_pandas=True)

    def _numbers(self, name: str) -> pa.Array:
        try:
            table = read_cells(
                self.relation, self.source, {name: Role.NUMBER}, self.section.csv, optional=frozenset([name])
            )
        except DataError as problem:
            self.findings += problem.findings
            return pa.nulls(len(self.lines), pa.float64())
        self.findings += table.findings
        return pa.array(table.frame[name].to_numpy(), from_pandas=True)

    def _report(
        self, id: str, name: str, codes: NDArray[np.int64], bad: NDArray[np.bool_], texts: pd.Series, what: str
    ) -> None:
        if not bad.any():
            return
        rows = self.lines[bad[codes]]
        where = place(self.source, column=name, word=self.relation.word, rows=rows)
        self.findings.append(
            CATALOGUE.finding(id, where, f"{counted(len(rows), 'cell')} with {what}: {quoted(texts[bad])}")
        )


def _trimmed(values: pa.ChunkedArray) -> pd.Series:
    """Texts without spaces around; empty ones and missing ones are told by the checks alike."""
    return pd.Series(pc.fill_null(pc.utf8_trim_whitespace(values), "").to_pandas(), dtype="str")
