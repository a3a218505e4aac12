"""The file of the scenarios: one SQLite database in WAL mode, opened for every operation and closed after it.

Writers take the write lock before they read, so that what they decide on cannot change under them; readers never wait.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from outlay.errors import RunError

SCHEMA = 1
"""Version of the tables, in the database's ``user_version``."""

MARK = 0x4F55544C
"""The database's ``application_id``: ``OUTL``, so that another program's database is never written into."""

PATIENCE = 10.0
"""Seconds that a writer waits for another one."""

_TABLES = """
CREATE TABLE scenario (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    deleted TEXT
) STRICT;
CREATE TABLE version (
    scenario TEXT NOT NULL REFERENCES scenario (id),
    number INTEGER NOT NULL,
    note TEXT NOT NULL,
    who TEXT NOT NULL,
    saved TEXT NOT NULL,
    origin TEXT NOT NULL,
    fit TEXT NOT NULL,
    asked TEXT NOT NULL,
    answer TEXT NOT NULL,
    PRIMARY KEY (scenario, number)
) STRICT;
CREATE TRIGGER version_is_kept BEFORE UPDATE ON version BEGIN SELECT RAISE(ABORT, 'a version never changes'); END;
CREATE TRIGGER version_stays BEFORE DELETE ON version BEGIN SELECT RAISE(ABORT, 'a version is never removed'); END;
"""


@contextlib.contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection | None]:
    """The database to read, as of one moment; None where nothing was saved yet.

    Raises
    ------
    RunError
        X071 or X072.
    """
    with _told(path):
        if not path.is_file() or path.stat().st_size == 0:
            yield None
            return
        with contextlib.closing(_to_read(path)) as opened:
            opened.execute("BEGIN")
            yield opened if _known(opened, path) else None


@contextlib.contextmanager
def writing(path: Path) -> Iterator[sqlite3.Connection]:
    """The database to write, alone: all of the block is kept, or none of it.

    Raises
    ------
    RunError
        X071 or X072.
    """
    with _told(path), contextlib.closing(_connect(path.as_posix(), uri=False)) as opened:
        opened.execute("PRAGMA journal_mode = WAL")
        opened.execute("PRAGMA synchronous = FULL")  # a saved scenario outlives a power cut
        opened.execute("PRAGMA foreign_keys = ON")
        opened.execute("BEGIN IMMEDIATE")
        try:
            if not _known(opened, path):
                _make(opened)
            yield opened
        except BaseException:
            if opened.in_transaction:  # SQLite takes some failed ones back by itself
                opened.execute("ROLLBACK")
            raise
        opened.execute("COMMIT")


def _connect(place: str, *, uri: bool) -> sqlite3.Connection:
    opened = sqlite3.connect(place, timeout=PATIENCE, isolation_level=None, uri=uri)
    opened.row_factory = sqlite3.Row
    return opened


def _to_read(path: Path) -> sqlite3.Connection:
    opened = _connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    try:
        opened.execute("SELECT count(*) FROM sqlite_schema")
    except sqlite3.OperationalError as problem:
        opened.close()
        if problem.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY):
            raise  # somebody may be writing at this moment
        # a folder that cannot be written to has no room for the index of the journal; then nobody writes there either
        opened = _connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
    return opened


def _known(opened: sqlite3.Connection, path: Path) -> bool:
    """Whether the tables are there; raises where they are not ours to read."""
    version, mark = (int(opened.execute(f"PRAGMA {name}").fetchone()[0]) for name in ("user_version", "application_id"))
    tables = int(opened.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0])
    if tables == 0 and version == 0:
        return False
    if mark != MARK:
        raise RunError(
            "this database was made by another program",
            where=str(path),
            repair="Move it away, or give it another name: the planner's page keeps its scenarios under this one.",
            id="X072",
        )
    if version != SCHEMA:
        raise RunError(
            f"the scenarios were written by another version of outlay (their tables are of version {version}, this one "
            f"reads version {SCHEMA})",
            where=str(path),
            repair="Use the newer outlay, or move the file away to begin an empty one. Nothing in it was changed.",
            id="X072",
        )
    return True


def _make(opened: sqlite3.Connection) -> None:
    for statement in _TABLES.split(";\n"):
        if statement.strip():
            opened.execute(statement)
    opened.execute(f"PRAGMA application_id = {MARK}")
    opened.execute(f"PRAGMA user_version = {SCHEMA}")


@contextlib.contextmanager
def _told(path: Path) -> Iterator[None]:
    """What SQLite and the system say, as a refusal of ours."""
    try:
        yield
    except sqlite3.DatabaseError as problem:
        locked = "locked" in str(problem)
        repair = (
            "Another program holds the file. Close it, then save again: nothing was lost."
            if locked
            else "Check that the folder can be written to and the disk has room. A damaged file can be moved away; the "
            "page then begins an empty one."
        )
        raise RunError(f"the scenarios cannot be opened ({problem})", where=str(path), repair=repair, id="X071") from (
            problem
        )
    except OSError as problem:
        raise RunError(
            f"the scenarios cannot be opened ({problem.strerror or type(problem).__name__})",
            where=str(path),
            repair="Check that the folder exists and that you may read and write there.",
            id="X071",
        ) from problem
