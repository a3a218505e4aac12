"""Where tables come from: one small registry from the kind of a source to the Ibis relation it opens.

Everything behind a relation (projection, casts, counts) is an Ibis expression, so that another engine is one more
entry here.
"""

from __future__ import annotations

import difflib
import glob
import hashlib
import re
import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import parse_qs, unquote, urlsplit

import duckdb
import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
import pyarrow as pa
from ibis.common.exceptions import IbisError
from numpy.typing import NDArray

from outlay.catalogue import CATALOGUE
from outlay.csv_text import csv_text, how_read
from outlay.errors import ConfigError, DataError
from outlay.objects import DRIVERS

type Backend = Any
"""An Ibis backend; Ibis publishes no types for it."""

_SCHEME = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]+)://")
CSV_SUFFIXES, PARQUET_SUFFIXES = (".csv", ".tsv", ".txt"), (".parquet", ".pq")
_NO_NETWORK = {"autoinstall_known_extensions": False}


@dataclass(frozen=True)
class Wanted:
    """What a reader asks of a source.

    Attributes
    ----------
    columns : collection of str or None
        Names of the columns; None for all.
    encoding, separator : str or None
        As the user stated them for CSV.
    """

    columns: Collection[str] | None = None
    encoding: str | None = None
    separator: str | None = None


@dataclass(frozen=True)
class Relation:
    """An open source.

    Attributes
    ----------
    backend : Ibis backend
        Executes expressions.
    table : Ibis table
        The rows, in the order of the source.
    names : tuple of str
        All columns of the source, as it spells them.
    columns : mapping of str to str
        The name in `table` of each column that can be asked for.
    word : {"line", "row"}
        What `lines` counts.
    lines : ndarray or None
        Line of each row; None where rows are counted from 1.
    separator : str or None
        Of a CSV file.
    fingerprint : str
        sha256 of the file; empty for a database.
    how : str
        What was detected about the text, for the reader's note.
    ordered : bool
        Whether the source keeps its rows in an order, so that a row can be named by its number.
    stays_open : bool
        Whether the connection is not ours to close, as that of a running Spark session.
    """

    backend: Backend
    table: ir.Table
    names: tuple[str, ...]
    columns: Mapping[str, str]
    word: str = "row"
    lines: NDArray[np.int64] | None = None
    separator: str | None = None
    fingerprint: str = ""
    how: str = ""
    ordered: bool = True
    stays_open: bool = False


@contextmanager
def opened(source: str, base: Path, wanted: Wanted) -> Iterator[Relation]:
    """Open a source for reading, and close it behind.

    Raises
    ------
    ConfigError
        C010 to C013: no such file, kind, address or table.
    DataError
        D001 to D010: the file cannot be read as what it is.
    """
    opener = _opener(source)
    relation = None
    try:
        relation = opener(source, base, wanted)
        yield relation
    except _engine_errors() as error:
        reason = str(error).strip().split("\n", 1)[0]
        raise DataError([CATALOGUE.finding("D009", source, f"the source cannot be read: {reason}")]) from None
    finally:
        if relation is not None and not relation.stays_open:
            relation.backend.disconnect()


@contextmanager
def relation_of_frame(frame: pd.DataFrame) -> Iterator[Relation]:
    """A DataFrame as an open source: its columns, without its index, in the embedded engine.

    Raises
    ------
    DataError
        D027: a column whose cells are of several kinds.
    """
    names = tuple(str(name) for name in frame.columns)
    columns = {name: f"c{position}" for position, name in enumerate(names)}
    arrays = {}
    for position, name in enumerate(names):
        try:
            arrays[f"c{position}"] = pa.array(frame.iloc[:, position], from_pandas=True)
        except pa.ArrowException as error:
            what = f"the cells are of several kinds: {str(error).splitlines()[0]}"
            raise DataError([CATALOGUE.finding("D027", f"DataFrame, column {name}", what)]) from None
    backend = embedded()
    try:
        yield Relation(backend, ibis.memtable(pa.table(arrays)), names, columns)
    finally:
        backend.disconnect()


def _opener(source: str) -> Callable[[str, Path, Wanted], Relation]:
    scheme = _SCHEME.match(source)
    if scheme:
        opener = _BY_SCHEME.get(scheme[1].lower())
        if opener is None:
            raise ConfigError(
                f"{scheme[1]}:// sources are not read in this version", where=source, repair=_repair("C011"), id="C011"
            )
        return opener
    suffix = Path(source).suffix.lower()
    opener = _BY_SUFFIX.get(suffix)
    if opener is None and suffix in {".db", ".duckdb", ".ddb"}:
        advice = f"Write duckdb:///{source}?table=name."
        raise ConfigError("a DuckDB file needs the name of a table", where=source, repair=advice, id="C012")
    if opener is None:
        kind = f"files of kind {suffix}" if suffix else "files without .csv or .parquet in their name"
        raise ConfigError(f"{kind} are not read", where=source, repair=_repair("C011"), id="C011")
    return opener


def _open_csv(source: str, base: Path, wanted: Wanted) -> Relation:
    return csv_relation(_bytes(base / source, source), source, wanted)


def csv_relation(data: bytes, source: str, wanted: Wanted) -> Relation:
    """The content of a CSV file as an open source."""
    text = csv_text(data, source, encoding=wanted.encoding, separator=wanted.separator)
    asked = text.header if wanted.columns is None else wanted.columns
    positions = {name: text.header.index(name) for name in text.header if name in asked}
    table = ibis.memtable(text.columns(positions.values())) if positions else ibis.memtable(pa.table({"none": [""]}))
    return Relation(
        backend=embedded(),
        table=table,
        names=text.header,
        columns={name: f"c{position}" for name, position in positions.items()},
        word="line",
        lines=text.lines,
        separator=text.separator,
        fingerprint=hashlib.sha256(data).hexdigest(),
        how=how_read(text, encoding=wanted.encoding, separator=wanted.separator),
    )


def _open_parquet(source: str, base: Path, wanted: Wanted) -> Relation:
    path = base / source
    digest = hashlib.sha256()
    with _file(path, source) as stream:
        while chunk := stream.read(1 << 22):
            digest.update(chunk)
    backend = embedded()
    return relation_of(backend, backend.read_parquet(glob.escape(str(path))), digest.hexdigest())


def _open_duckdb(source: str, base: Path, wanted: Wanted) -> Relation:
    address = urlsplit(source)
    names = parse_qs(address.query).get("table", [])
    path = unquote(address.path).removeprefix("/")
    if address.netloc or not path or len(names) != 1:
        raise ConfigError("the database address is incomplete", where=source, repair=_repair("C012"), id="C012")
    _file(base / path, source).close()
    backend = ibis.duckdb.connect(str(base / path), read_only=True, **_NO_NETWORK)
    _prepare(backend)
    held = _tables_of(backend)
    if names[0] in held:
        schema, name = held[names[0]]
        return relation_of(backend, backend.table(name, database=schema))
    backend.disconnect()
    raise no_table(names[0], held, source)


def _open_postgres(source: str, base: Path, wanted: Wanted) -> Relation:
    # Imported here, as the next one, because the driver is an extra.
    from outlay.sources_postgres import open_postgres

    return open_postgres(source)


def _open_spark(source: str, base: Path, wanted: Wanted) -> Relation:
    from outlay.sources_spark import open_spark

    return open_spark(source)


def _open_object(source: str, base: Path, wanted: Wanted) -> Relation:
    from outlay.sources_objects import open_object

    return open_object(source, wanted)


def no_table(name: str, held: Collection[str], source: str) -> ConfigError:
    """The refusal of a table that a database does not hold, with those that it does."""
    near = difflib.get_close_matches(name, held, n=1)
    advice = (
        f'Did you mean "{near[0]}"? ' if near else ""
    ) + f"The database holds {', '.join(list(held)[:20]) or 'no tables'}."
    return ConfigError(f'the database has no table "{name}"', where=source, repair=advice, id="C013")


def _engine_errors() -> tuple[type[BaseException], ...]:
    """What an engine raises, of those engines that are loaded."""
    # a class of its own for each driver, and none may be imported only to be caught
    named = (("psycopg", "Error"), ("pyspark.errors", "PySparkException"), ("py4j.protocol", "Py4JError"))
    loaded = [getattr(module, name) for path, name in named if (module := sys.modules.get(path)) is not None]
    return (duckdb.Error, IbisError, *loaded)


def _tables_of(backend: Backend) -> dict[str, tuple[str, str]]:
    """Schema and name of each table and view, by the name it goes by: ``table`` in main, ``schema.table`` elsewhere."""
    # Ibis 12 lists tables by a call that DuckDB 2.0 no longer has.
    rows = backend.raw_sql(
        "SELECT table_schema, table_name FROM information_schema.tables"
        " WHERE table_catalog = current_database() ORDER BY ALL"
    ).fetchall()
    return {name if schema == "main" else f"{schema}.{name}": (schema, name) for schema, name in rows}


def relation_of(backend: Backend, table: ir.Table, fingerprint: str = "") -> Relation:
    """A table of an engine as an open source."""
    names = tuple(table.columns)
    return Relation(backend, table, names, {name: name for name in names}, fingerprint=fingerprint)


def embedded() -> Backend:
    """The embedded engine, empty."""
    backend = ibis.duckdb.connect(**_NO_NETWORK)
    _prepare(backend)
    return backend


def _prepare(backend: Backend) -> None:
    """Timestamps with a zone are seen in UTC on every machine, and nothing is drawn into what a command prints."""
    backend.raw_sql("SET TimeZone = 'UTC'")
    backend.raw_sql("SET enable_progress_bar = false")  # in sessions without a file DuckDB draws one on stdout


def _bytes(path: Path, source: str) -> bytes:
    with _file(path, source) as stream:
        return stream.read()


def _file(path: Path, source: str) -> BinaryIO:
    try:
        return path.open("rb")
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError, ValueError):
        raise _no_file(path, source) from None
    except OSError as error:
        what = f"the file cannot be read: {error.strerror}"
        raise DataError([CATALOGUE.finding("D009", source, what)]) from None


def _no_file(path: Path, source: str) -> ConfigError:
    folder = path.parent
    if path.is_dir():
        what, advice = f"{path.absolute()} is a folder", "Name a file in it."
    elif not folder.is_dir():
        what, advice = f"there is no folder {folder.absolute()}", ""
    else:
        what = f"there is no file {path.absolute()}"
        beside = {near.name.lower(): near.name for near in folder.iterdir() if near.is_file()}
        close = difflib.get_close_matches(path.name.lower(), beside, n=3)
        advice = f"Did you mean {' or '.join(beside[name] for name in close)}? " if close else ""
    return ConfigError(what, where=source, repair=advice + _repair("C010") if advice else _repair("C010"), id="C010")


def _repair(id: str) -> str:
    return CATALOGUE[id].repair


_BY_SCHEME: Mapping[str, Callable[[str, Path, Wanted], Relation]] = {
    "duckdb": _open_duckdb,
    "postgresql": _open_postgres,
    "postgres": _open_postgres,
    "spark": _open_spark,
    **dict.fromkeys(DRIVERS, _open_object),
}
_BY_SUFFIX: Mapping[str, Callable[[str, Path, Wanted], Relation]] = {
    **dict.fromkeys(CSV_SUFFIXES, _open_csv),
    **dict.fromkeys(PARQUET_SUFFIXES, _open_parquet),
}
