"""A star schema in PostgreSQL, and in databases that speak as it does."""

# ruff: noqa: S608  (names are those of the schema, quoted; nothing that a user wrote becomes a statement)

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from cli.catalogue import CATALOGUE
from cli.star.columns import Table
from cli.star.schema import quoted
from outlay import catalogue as foundation
from outlay.errors import DataError, MissingDependencyError, OutlayError

if TYPE_CHECKING:
    import pyarrow as pa

    from outlay.sources_address import Address

WAIT_SECONDS = 60
"""How long an export waits for another one into the same schema."""

_PARAMETERS = 30_000  # of one statement; the protocol takes 65,535


class PostgresTarget:
    """A PostgreSQL database inside one transaction; `copies` says whether rows go by COPY, or else by INSERT."""

    bound = True

    def __init__(self, connection: Any, place: str, schema: str, *, copies: bool = True) -> None:
        self.place, self.schema, self._copies = place, schema, copies
        self._connection = connection

    def run(self, statement: str) -> None:
        """Do what a statement says."""
        self._connection.execute(statement)

    def ask(self, statement: str) -> list[tuple[object, ...]]:
        """Rows that answer a statement."""
        rows: list[tuple[object, ...]] = self._connection.execute(statement).fetchall()
        return rows

    def tables(self) -> set[str] | None:
        """Tables and views of the schema; None where there is no such schema."""
        named = [self.schema]
        if not self._connection.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", named).fetchall():
            return None
        held = "SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE nspname = %s"
        return {str(name) for (name,) in self._connection.execute(held, named).fetchall()}

    def load(self, table: Table, rows: pa.Table) -> None:
        """Add rows to a table."""
        place = f"{quoted(self.schema)}.{table.name}"
        names = ", ".join(quoted(name) for name in table.names)
        if self._copies:
            with (
                self._connection.cursor() as cursor,
                cursor.copy(f"COPY {place} ({names}) FROM STDIN (FORMAT csv)") as copy,
            ):
                copy.write(_csv(rows))
            return
        most = _PARAMETERS // len(table.names)
        one = f"({', '.join(['%s'] * len(table.names))})"
        for start in range(0, rows.num_rows, most):
            part = [list(row.values()) for row in rows.slice(start, most).to_pylist()]
            values = ", ".join([one] * len(part))
            self._connection.execute(
                f"INSERT INTO {place} ({names}) VALUES {values}", [cell for row in part for cell in row]
            )

    def commit(self) -> None:
        """Make all of it visible at once."""
        self._connection.commit()


@contextmanager
def open_postgres(address: Address, place: str, schema: str) -> Iterator[PostgresTarget]:
    """Connect, and begin a transaction that is undone where it is not committed.

    Raises
    ------
    MissingDependencyError
        C015: the driver is not installed.
    DataError
        D011: the server does not let us in.
    OutlayError
        X052 where another export into the schema does not end; X053 where the server refuses to write.
    """
    connection = _connected(address, place)
    import psycopg

    try:
        redshift = "redshift" in str(connection.execute("SELECT version()").fetchone()).lower()
        if not redshift:  # one export at a time; readers go on reading what was committed before
            connection.execute(f"SET lock_timeout = '{WAIT_SECONDS}s'")
            connection.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"outlay:{schema}"])
        yield PostgresTarget(connection, place, schema, copies=not redshift)
    except psycopg.errors.LockNotAvailable:
        what = f"another export into the schema {schema} has not ended within {WAIT_SECONDS} seconds"
        raise OutlayError(what, where=place, repair=CATALOGUE["X052"].repair, id="X052") from None
    except psycopg.Error as problem:
        said = str(problem).strip().split("\n", 1)[0]
        raise OutlayError(
            f"the database cannot be written to: {said}", where=place, repair=CATALOGUE["X053"].repair, id="X053"
        ) from None
    finally:
        connection.close()


def _connected(address: Address, place: str) -> Any:
    try:
        import psycopg

        # What the driver says beside its errors would go to the terminal unasked.
        logging.getLogger("psycopg").addHandler(logging.NullHandler())
    except ImportError:
        raise MissingDependencyError(
            "writing to PostgreSQL needs a driver that is not installed",
            where=place,
            repair=foundation.CATALOGUE["C015"].repair,
            id="C015",
        ) from None
    where = {"host": address.host, "port": address.port, "user": address.user, "dbname": address.path}
    given = {name: value for name, value in where.items() if value}
    try:
        return psycopg.connect(**given, **address.options, client_encoding="utf8", application_name="outlay")
    except psycopg.OperationalError as problem:
        reason = str(problem).strip().split("\n", 1)[0]
        finding = foundation.CATALOGUE.finding("D011", place, f"no connection: {reason}")
        raise DataError([finding]) from None


def _csv(rows: pa.Table) -> bytes:
    """Rows as CSV: text in quotes, so that an empty one is not taken for null."""
    import pyarrow.csv

    text = io.BytesIO()
    pyarrow.csv.write_csv(rows, text, pyarrow.csv.WriteOptions(include_header=False))
    return text.getvalue()
