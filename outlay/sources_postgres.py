"""Tables of a PostgreSQL server, read inside one transaction that writes nothing and sees one moment."""

from __future__ import annotations

from typing import Any

import ibis

from outlay.catalogue import CATALOGUE
from outlay.errors import DataError, MissingDependencyError
from outlay.sources import Relation, no_table
from outlay.sources_address import address_of

_EXAMPLE = "postgresql://user@host:5432/database?table=schema.name"
_OPTIONS = ("sslmode", "sslrootcert", "connect_timeout", "service")
_TABLES = """
SELECT n.nspname, c.relname, n.nspname = ANY (current_schemas(false))
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
  AND n.nspname NOT LIKE 'pg_toast%' AND has_table_privilege(c.oid, 'SELECT')
ORDER BY 3 DESC, 1, 2
"""


def open_postgres(source: str) -> Relation:
    """Open a table or view of a PostgreSQL server.

    What the address leaves out, and the password always, comes from where PostgreSQL's own programs take it: PGHOST,
    PGUSER, PGPASSWORD and the like, ``~/.pgpass``, or a service file.

    Raises
    ------
    ConfigError
        C012 to C014: an address that is incomplete or holds a password; no such table.
    MissingDependencyError
        C015: the driver is not installed.
    DataError
        D011: the server does not let us in.
    """
    address = address_of(source, example=_EXAMPLE, options=_OPTIONS)
    backend = _connected(
        source,
        host=address.host or None,
        port=address.port,
        user=address.user or None,
        database=address.path or None,
        **address.options,
    )
    # Several queries are asked of a table that may grow meanwhile; this way all of them see the same rows.
    backend.raw_sql("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").close()
    with backend.raw_sql(_TABLES) as cursor:
        rows = cursor.fetchall()
    held = {name if near else f"{schema}.{name}": (schema, name) for schema, name, near in reversed(rows)}
    # The schema may be written out, also where it need not be.
    known = {f"{schema}.{name}": (schema, name) for schema, name, _ in rows} | held
    if address.table not in known:
        backend.disconnect()
        raise no_table(address.table, list(reversed(held)), source)
    schema, name = known[address.table]
    table = backend.table(name, database=schema)
    names = tuple(table.columns)
    return Relation(backend, table, names, {name: name for name in names}, ordered=False)


def _connected(source: str, **where: Any) -> Any:
    try:
        import psycopg
    except ImportError:
        raise MissingDependencyError(
            "PostgreSQL tables need a driver that is not installed",
            where=source,
            repair=CATALOGUE["C015"].repair,
            id="C015",
        ) from None
    try:
        return ibis.postgres.connect(**where)
    except psycopg.OperationalError as error:
        reason = str(error).strip().split("\n", 1)[0]
        raise DataError([CATALOGUE.finding("D011", source, f"no connection: {reason}")]) from None
