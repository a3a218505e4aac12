"""Where a star schema goes: the address after ``--to``."""

from __future__ import annotations

import re
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit

from outlay.errors import ConfigError
from outlay.sources_address import Address, address_of, without_password

if TYPE_CHECKING:
    from cli.star.target import Target

SCHEMA = "outlay"
"""Schema that the tables lie in where the address names no other."""

_DUCKDB = "duckdb:///results.db"
_POSTGRES = "postgresql://user@host:5432/database"
_OPTIONS = ("sslmode", "sslrootcert", "connect_timeout", "service", "schema")
_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")


@dataclass(frozen=True)
class Place:
    """A database and a schema in it.

    Attributes
    ----------
    words : str
        The address without anything secret, for messages.
    schema : str
    at : Path or Address
        A DuckDB file, or a PostgreSQL database.
    """

    words: str
    schema: str
    at: Path | Address

    def opened(self) -> AbstractContextManager[Target]:
        """The database inside one transaction."""
        if isinstance(self.at, Path):
            from cli.star.target_duckdb import open_duckdb

            return open_duckdb(self.at, self.words, self.schema)
        from cli.star.target_postgres import open_postgres

        return open_postgres(self.at, self.words, self.schema)


def place_of(address: str, base: Path = Path()) -> Place:
    """Take the address of a database apart.

    Parameters
    ----------
    address : str
        ``duckdb:///FILE`` (three slashes and a path that starts at ``base``, or four and a full path) or
        ``postgresql://user@host:port/database``; with ``?schema=name`` for another schema than ``outlay``.
    base : Path
        Where relative paths start.

    Raises
    ------
    ConfigError
        X051: another kind of database, or incomplete. C012: incomplete. C014: a password in it.
    """
    scheme = address.partition("://")[0].lower()
    if scheme == "duckdb":
        return _duckdb(address, base)
    if scheme in ("postgresql", "postgres"):
        server = address_of(address, example=_POSTGRES, options=_OPTIONS, needs_table=False)
        schema = _schema(server.options.pop("schema", SCHEMA), without_password(address))
        return Place(without_password(address), schema, server)
    raise _refused(without_password(address) if "://" in address else address, "this is not the address of a database")


def _duckdb(address: str, base: Path) -> Place:
    parts = urlsplit(address)
    asked = parse_qs(parts.query, keep_blank_values=True)
    name = unquote(parts.path).removeprefix("/")
    words = address.partition("?")[0]
    if parts.netloc or not name or name.endswith("/"):
        raise _refused(words, "the address names no file")
    schema = _schema(asked.pop("schema", [SCHEMA])[-1], words)
    if asked:
        raise _refused(words, f"the address holds {', '.join(asked)}, which is not read")
    path = base / name
    if not path.parent.is_dir():
        raise _refused(words, f"there is no folder {path.parent.absolute()}")
    return Place(words, schema, path)


def _schema(name: str, words: str) -> str:
    if not _NAME.fullmatch(name) or name.startswith("pg_") or name == "information_schema":
        raise _refused(words, f"{name!r} cannot be the name of a schema (small letters, digits and _)")
    return name


def _refused(words: str, what: str) -> ConfigError:
    repair = f"Write --to {_DUCKDB} (a file) or --to {_POSTGRES}, with ?schema=name for another schema than {SCHEMA}."
    return ConfigError(what, where=words, repair=repair, id="X051")
