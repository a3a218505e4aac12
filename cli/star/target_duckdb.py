"""A star schema in a DuckDB file."""

# ruff: noqa: S608  (names are those of the schema, quoted; nothing that a user wrote becomes a statement)

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from cli.catalogue import CATALOGUE
from cli.star.columns import Table
from cli.star.schema import quoted
from outlay.errors import OutlayError

if TYPE_CHECKING:
    import pyarrow as pa


class DuckTarget:
    """A DuckDB file inside one transaction."""

    # DuckDB checks keys row by row within a transaction, so that rows could not be replaced.
    bound = False

    def __init__(self, connection: duckdb.DuckDBPyConnection, place: str, schema: str) -> None:
        self.place, self.schema = place, schema
        self._connection = connection

    def run(self, statement: str) -> None:
        """Do what a statement says."""
        self._connection.execute(statement)

    def ask(self, statement: str) -> list[tuple[object, ...]]:
        """Rows that answer a statement."""
        return self._connection.execute(statement).fetchall()

    def tables(self) -> set[str] | None:
        """Tables and views of the schema; None where there is no such schema."""
        here = "catalog_name = current_database() AND schema_name = ?"
        if not self._connection.execute(
            f"SELECT 1 FROM information_schema.schemata WHERE {here}", [self.schema]
        ).fetchall():
            return None
        here = "table_catalog = current_database() AND table_schema = ?"
        held = f"SELECT table_name FROM information_schema.tables WHERE {here}"
        return {str(name) for (name,) in self._connection.execute(held, [self.schema]).fetchall()}

    def load(self, table: Table, rows: pa.Table) -> None:
        """Add rows to a table."""
        names = ", ".join(quoted(name) for name in table.names)
        self._connection.register("outlay_rows", rows)
        self._connection.execute(
            f"INSERT INTO {quoted(self.schema)}.{table.name} ({names}) SELECT {names} FROM outlay_rows"
        )
        self._connection.unregister("outlay_rows")

    def commit(self) -> None:
        """Make all of it visible at once."""
        self._connection.execute("COMMIT")


@contextmanager
def open_duckdb(path: Path, place: str, schema: str) -> Iterator[DuckTarget]:
    """Open a DuckDB file, or make it, and begin a transaction that is undone where it is not committed.

    Raises
    ------
    OutlayError
        X052 where another process holds the file; X053 where it cannot be written to.
    """
    try:
        connection = duckdb.connect(str(path), config={"autoinstall_known_extensions": False})
    except duckdb.Error as problem:
        raise _refused(problem, place) from None
    try:
        connection.execute("BEGIN TRANSACTION")
        yield DuckTarget(connection, place, schema)
    except duckdb.Error as problem:
        raise _refused(problem, place) from None
    finally:
        with suppress(duckdb.Error):  # nothing is left to undo after a commit
            connection.execute("ROLLBACK")
        connection.close()


def _refused(problem: duckdb.Error, place: str) -> OutlayError:
    said = str(problem).strip().split("\n", 1)[0]
    if "lock on file" in said:
        holder = said.partition("lock is held in")[2].partition(". ")[0].strip()
        what = "another process has the database open" + (f": {holder}" if holder else "")
        return OutlayError(what, where=place, repair=CATALOGUE["X052"].repair, id="X052")
    return OutlayError(
        f"the database cannot be written to: {said}", where=place, repair=CATALOGUE["X053"].repair, id="X053"
    )
