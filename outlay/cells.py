"""From an open relation to typed columns, every faulty cell told with its place."""

from __future__ import annotations

import difflib
import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from outlay import dates, numbers
from outlay.catalogue import CATALOGUE
from outlay.errors import DataError
from outlay.findings import Finding, errors
from outlay.places import counted, place, quoted
from outlay.sources import Relation
from outlay.tables import CsvOptions, Role, Table

_SAMPLE = 1000


def read_cells(
    relation: Relation, source: str, roles: Mapping[str, Role], options: CsvOptions, optional: frozenset[str]
) -> Table:
    """Read the columns of `roles`; see :func:`outlay.tables.read_table`.

    Raises
    ------
    DataError
        All faults together.
    """
    check_names(relation, source, roles)
    reader = _Reader(relation, source, options, optional)
    frame = reader.frame(roles)
    if errors(reader.findings):
        raise DataError(reader.findings)
    return Table(
        frame=frame,
        rows=reader.rows,
        word=relation.word,
        source=source,
        fingerprint=relation.fingerprint or _content_hash(frame),
        findings=tuple(reader.findings),
    )


def kinds(relation: Relation, options: CsvOptions) -> list[tuple[str, str]]:
    """What each column seems to hold; see :func:`outlay.tables.table_columns`."""
    head = relation.backend.to_pyarrow(relation.table.limit(_SAMPLE))
    return [
        (name, _kind(head[relation.columns[name]], relation.table[relation.columns[name]], options))
        for name in dict.fromkeys(relation.names)
    ]


def _kind(values: pa.ChunkedArray, column: ir.Column, options: CsvOptions) -> str:
    if not column.type().is_string():
        return _engine_kind(column) or "other"
    texts = pd.Series(values.to_pandas(), dtype="str").str.strip()
    filled = texts[texts.notna() & (texts != "")]
    if filled.empty:
        return "text"
    if not any(bad.any() for bad in dates.dates_from_text(filled, options.date_format).faults.values()):
        # 20240101 may be a day or a number; only the notation with eight digits is both.
        return "date"
    return "number" if all(numbers.is_number(text) for text in filled) else "text"


def _engine_kind(column: ir.Column) -> str:
    """Kind of a column whose engine declares more than text; empty for kinds that no role reads."""
    kind = column.type()
    if kind.is_numeric() or kind.is_boolean():
        return "number"
    if kind.is_date() or kind.is_timestamp():
        return "date"
    return "text" if kind.is_string() else ""


def check_names(relation: Relation, source: str, roles: Iterable[str]) -> None:
    """See that the source has every column that is asked for, once.

    Raises
    ------
    DataError
        D005, D006.
    """
    held = Counter(relation.names)
    findings = []
    for name in roles:
        if held[name] > 1:
            findings.append(CATALOGUE.finding("D005", place(source), f'{held[name]} columns are named "{name}"'))
        elif name not in held:
            lower = {other.lower(): other for other in held}
            near = difflib.get_close_matches(name.lower(), lower, n=1)
            advice = f'Did you mean "{lower[near[0]]}"? ' if near else ""
            repair = f"{advice}The table has {_names(relation.names)}."
            findings.append(CATALOGUE.finding("D006", place(source), f'there is no column "{name}"', repair))
    if findings:
        raise DataError(findings)


def _names(names: tuple[str, ...]) -> str:
    return ", ".join(names[:30]) + (f" and {len(names) - 30} more" if len(names) > 30 else "")


@dataclass(frozen=True)
class _Texts:
    """A number column held as text: its expression and how its marks are read."""

    column: ir.StringColumn
    decision: numbers.Decision
    doubtful: bool


class _Reader:
    """One reading: collects the findings of all columns."""

    def __init__(self, relation: Relation, source: str, options: CsvOptions, optional: frozenset[str]) -> None:
        self.relation = relation
        self.source = source
        self.options = options
        self.optional = optional
        self.findings: list[Finding] = []
        self.rows: NDArray[np.int64] = np.empty(0, np.int64)
        self.how = [relation.how] if relation.how else []

    def frame(self, roles: Mapping[str, Role]) -> pd.DataFrame:
        texts = self._number_texts([name for name, role in roles.items() if role is Role.NUMBER])
        selected: dict[str, ir.Value] = {}
        for position, (name, role) in enumerate(roles.items()):
            selected.update(self._expressions(position, name, role, texts.get(name)))
        found = self._execute(selected)
        lines = self.relation.lines
        self.rows = np.arange(1, found.num_rows + 1) if lines is None else lines
        if not found.num_rows:
            raise DataError([CATALOGUE.finding("D004", self.source, "the table has no rows")])
        columns = {
            name: self._column(found, position, name, role, texts.get(name))
            for position, (name, role) in enumerate(roles.items())
        }
        if self.how:
            self.findings.append(CATALOGUE.finding("D050", self.source, f"read as {', '.join(self.how)}"))
        return pd.DataFrame(columns)

    def _of(self, name: str) -> ir.Column:
        return self.relation.table[self.relation.columns[name]]

    def _execute(self, selected: Mapping[str, ir.Value]) -> pa.Table:
        return self.relation.backend.to_pyarrow(self.relation.table.select(**selected))

    def _number_texts(self, names: list[str]) -> dict[str, _Texts]:
        """The number columns that are held as text, with the decimal mark that they agree on."""
        names = [name for name in names if self._of(name).type().is_string()]
        if not names:
            return {}
        decision = self._decision(names)
        if decision.mark == "," and self.options.decimal is None:
            self.how.append("decimal commas")
        return {name: _Texts(self._of(name), decision, name in decision.doubtful) for name in names}

    def _decision(self, names: list[str]) -> numbers.Decision:
        if self.options.decimal is not None:
            return numbers.Decision(self.options.decimal)
        # The first rows settle nearly every table; what disagrees further down is then no number and is reported.
        held = [self.relation.columns[name] for name in names]
        head = self.relation.backend.to_pyarrow(self.relation.table.select(*held).limit(_SAMPLE))
        settled = numbers.settled_mark(text for column in head.columns for text in column.to_pylist())
        if settled:
            return numbers.Decision(settled)
        marked = self._aggregate({name: numbers.has_mark(self._of(name)) for name in names})
        return numbers.decide(self._shapes([name for name in names if marked[name]]), self.relation.separator)

    def _shapes(self, names: list[str]) -> dict[str, numbers.Shapes]:
        if not names:
            return {}
        columns = {name: self._of(name) for name in names}
        counts = {
            f"{position}_{shape}": expression
            for position, column in enumerate(columns.values())
            for shape, expression in numbers.shape_counts(column).items()
        }
        found = self._aggregate(counts)
        return {
            name: numbers.Shapes(**{each: int(found[f"{position}_{each}"] or 0) for each in numbers.Shapes.names()})
            for position, name in enumerate(columns)
        }

    def _aggregate(self, expressions: Mapping[str, ir.Scalar]) -> dict[str, Any]:
        # Columns travel under numbers: their names may be anything.
        numbered = {f"a{position}": expression for position, expression in enumerate(expressions.values())}
        row = self.relation.backend.to_pyarrow(self.relation.table.aggregate(**numbered)).to_pylist()[0]
        return dict(zip(expressions, row.values(), strict=True))

    def _expressions(self, position: int, name: str, role: Role, texts: _Texts | None) -> dict[str, ir.Value]:
        """What to ask of the engine for one column."""
        column = self._of(name)
        value, bad = f"v{position}", f"b{position}"
        if texts is not None:
            number, text = numbers.cast(texts.column, texts.decision.mark)
            return {value: number, bad: numbers.doubts(texts.column) if texts.doubtful else text}
        kind = column.type()
        declared = _engine_kind(column)
        if not declared or (role is Role.NUMBER and declared == "date") or (role is Role.DATE and kind.is_boolean()):
            what = f"the column holds {str(kind).lower()}, not {'dates' if role is Role.DATE else f'{role}s'}"
            self._report("D027", name, what)
            return {value: ibis.null("float64")}
        if role is Role.NUMBER:
            return {value: column.cast("float64")}
        if role is Role.DATE and declared == "date":
            return {value: column.cast("timestamp")}
        return {value: column if kind.is_string() else column.cast("string")}

    def _column(self, found: pa.Table, position: int, name: str, role: Role, texts: _Texts | None) -> object:
        values = found[f"v{position}"]
        if role is Role.NUMBER:
            bad = found[f"b{position}"] if texts is not None else None
            return self._numbers(name, values, bad, texts)
        if role is Role.DATE:
            return self._dates(name, values)
        return self._texts(name, values)

    def _numbers(
        self, name: str, values: pa.ChunkedArray, bad: pa.ChunkedArray | None, texts: _Texts | None
    ) -> NDArray[np.float64]:
        number = np.asarray(values.to_numpy(), np.float64)
        missing = np.isnan(number)
        infinite = np.isinf(number)
        if infinite.any():
            self._report("D025", name, counted(int(infinite.sum()), "infinite number"), infinite)
        if texts is not None and bad is not None and bad.null_count < len(bad):
            missing &= ~self._bad_texts(name, bad, texts)
        if missing.any() and name not in self.optional:
            self._report("D020", name, f"{counted(int(missing.sum()), 'cell')} without a number", missing)
        return number

    def _bad_texts(self, name: str, bad: pa.ChunkedArray, texts: _Texts) -> NDArray[np.bool_]:
        """Report the texts that are no numbers, each kind by its own id."""
        decision = texts.decision
        at = np.flatnonzero(bad.is_valid().to_numpy())
        codes, unique = pd.factorize(bad.drop_null().to_pandas())
        ids = ["D023" if texts.doubtful else numbers.fault(text, decision.mark) for text in unique]
        kinds = np.array(ids)[codes]
        for id in dict.fromkeys(ids):
            rows = at[kinds == id]
            examples = quoted(text.strip() for text, own in zip(unique, ids, strict=True) if own == id)
            self._report(id, name, f"{counted(len(rows), 'cell')} with {_CELLS[id]}: {examples}", rows)
        flags = np.zeros(len(bad), bool)
        flags[at] = True
        return flags

    def _dates(self, name: str, values: pa.ChunkedArray) -> NDArray[np.datetime64]:
        if pa.types.is_timestamp(values.type):
            shown = stamps = pd.Series(values.to_pandas())
            found = dates.dates_from_timestamps(stamps)
        elif pa.types.is_floating(values.type):  # a column already reported as of another kind
            return np.full(len(values), np.datetime64("NaT", "ns"))
        else:
            shown = pd.Series(values.to_pandas(), dtype="str")
            found = dates.dates_from_text(shown, self.options.date_format)
        if found.format != dates.ISO and self.options.date_format is None:
            self.how.append(f"dates {found.format}")
        for id, bad in found.faults.items():
            if bad.any() and not (id == "D030" and name in self.optional):
                self._report(id, name, self._date_fault(id, shown[bad], found), bad)
        return found.days

    def _date_fault(self, id: str, bad: pd.Series, found: dates.Dates) -> str:
        cells = counted(len(bad), "cell")
        if id == "D030":
            return f"{cells} without a date"
        if id == "D032":
            return f"{quoted(bad)} can be read as {' and as '.join(found.readings)}"
        if id == "D033":
            return f"most dates are written as {found.format}, and {cells} otherwise: {quoted(bad)}"
        if id == "D036":
            return f"{cells} not written as {self.options.date_format}: {quoted(bad)}"
        return f"{cells} with {_CELLS[id]}: {quoted(bad)}"

    def _texts(self, name: str, values: pa.ChunkedArray) -> pd.Series:
        if pa.types.is_floating(values.type):  # a column already reported as of another kind
            return pd.Series(np.full(len(values), None), dtype="str")
        trimmed = pc.utf8_trim_whitespace(values)
        padded = np.asarray(pc.fill_null(pc.not_equal(trimmed, values), fill_value=False).to_numpy())
        if padded.any():
            self._report("D041", name, f"{counted(int(padded.sum()), 'name')} with spaces around", padded)
        texts = pd.Series(trimmed.to_pandas(), dtype="str")
        texts = texts.mask(texts == "")
        missing = texts.isna().to_numpy()
        if missing.any() and name not in self.optional:
            self._report("D040", name, f"{counted(int(missing.sum()), 'cell')} without a name", missing)
        return texts

    def _report(self, id: str, column: str, what: str, at: NDArray[np.bool_] | NDArray[np.int64] | None = None) -> None:
        rows = None if at is None else self.rows[at]
        where = place(self.source, column=column, word=self.relation.word, rows=rows)
        self.findings.append(CATALOGUE.finding(id, where, what))


_CELLS = {
    "D021": "text in place of a number",
    "D022": "separators between thousands",
    "D023": "either thousands or decimals",
    "D024": "the other decimal mark",
    "D025": "no finite number",
    "D026": "a sign of unit",
    "D031": "no date",
    "D034": "a time of day",
    "D035": "a spreadsheet's day number",
    "D037": "a date outside 1900 to 2199",
}


def _content_hash(frame: pd.DataFrame) -> str:
    """sha256 over names and cells, the same for the same content from any engine."""
    digest = hashlib.sha256()
    for name in frame.columns:
        for part in _parts(str(name), frame[name]):
            digest.update(len(part).to_bytes(8, "little") + part)
    return digest.hexdigest()


def _parts(name: str, column: pd.Series) -> Iterator[bytes]:
    yield name.encode()
    if column.dtype.kind in "fM":
        yield column.to_numpy().tobytes()
    else:
        for text in column:
            yield b"\x00" if pd.isna(text) else str(text).encode()
