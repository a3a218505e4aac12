"""Scenarios that are kept: named, in versions that never change, in one file beside the runs.

Nothing that was saved is ever overwritten. Whoever saves on top of a version that is no longer the newest makes the
next one all the same, and is told whose came in between.
"""

from __future__ import annotations

import secrets
import sqlite3
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from json import loads
from pathlib import Path
from typing import Any

from outlay.errors import ConfigError, RunError
from outlay.exports import to_json
from planner.store_file import reading, writing

FILE = "scenarios.sqlite"
MOST_NAME, MOST_NOTE = 80, 1000
"""Letters of a name, and of a note."""


@dataclass(frozen=True)
class Kept:
    """One version of a scenario.

    Attributes
    ----------
    id, name : str
        Of the scenario; the name is the present one.
    number : int
        1, 2, 3 ...
    newest : int
        Number of the scenario's newest version.
    note, who : str
        As they were written; either may be empty.
    saved : datetime
        When, in UTC.
    origin : str
        What it was made from, in words: empty, ``"copy of Spring, version 2"``, ``"version 1 again"``.
    fit : str
        Id of the fit that answered.
    asked, answer : dict
        The question (:meth:`planner.asked.Asked.document`), and the answer's document as it was.
    deleted : bool
    """

    id: str
    name: str
    number: int
    newest: int
    note: str
    who: str
    saved: datetime
    origin: str
    fit: str
    asked: dict[str, Any]
    answer: dict[str, Any]
    deleted: bool

    def told(self, key: str) -> float | None:
        """A number of the answer as it was; None where it has none."""
        value = self.answer.get(key)
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


@dataclass(frozen=True)
class Draft:
    """What is to be saved.

    Attributes
    ----------
    asked, answer : mapping
        Documents of the question and of its answer.
    fit : str
        Id of the fit that answered.
    note, who : str
    """

    asked: Mapping[str, Any]
    answer: Mapping[str, Any]
    fit: str
    note: str = ""
    who: str = ""


@dataclass(frozen=True)
class Saved:
    """What became of a draft: the version, and what others saved since the one that it was made on."""

    kept: Kept
    between: tuple[Kept, ...] = ()


class Store:
    """The scenarios of a study.

    Parameters
    ----------
    folder : Path
        Where the file is, or will be.
    read_only : bool
        Refuse whatever would change it.
    """

    def __init__(self, folder: Path, *, read_only: bool = False) -> None:
        self.path = folder / FILE
        self.read_only = read_only

    def scenarios(self, *, deleted: bool = False) -> tuple[Kept, ...]:
        """The newest version of every scenario, the one that was saved last first."""
        with reading(self.path) as opened:
            if opened is None:
                return ()
            where = "scenario.deleted IS NOT NULL" if deleted else "scenario.deleted IS NULL"
            return _rows(opened, f"{where} AND number = newest.number_of", ())

    def versions(self, id: str) -> tuple[Kept, ...]:
        """All versions of a scenario, the newest first."""
        with reading(self.path) as opened:
            return () if opened is None else _rows(opened, "scenario.id = ?", (id,))

    def version(self, id: str, number: int | None = None) -> Kept:
        """One version, or the newest.

        Raises
        ------
        RunError
            X074, where there is none.
        """
        with reading(self.path) as opened:
            found = None if opened is None else _version(opened, id, number)
            newest = None if opened is None or found or number is None else _version(opened, id, None)
        if found is None:
            raise _gone(self.path) if newest is None else _no_version(self.path, newest)
        return found

    def create(self, name: str, draft: Draft, *, origin: str = "") -> Saved:
        """A new scenario; where the name is taken, a number is put behind it.

        Raises
        ------
        ConfigError
            X073 on a page that only reads, X075 for a name that is none.
        """
        with self._changing() as opened:
            id, name = secrets.token_hex(6), clean_name(name)
            opened.execute("INSERT INTO scenario (id, name) VALUES (?, ?)", (id, _free(opened, name)))
            return Saved(_append(opened, id, draft, origin))

    def save(self, id: str, seen: int, draft: Draft, *, origin: str = "") -> Saved:
        """The next version of a scenario, and the versions after `seen`, the one that it was made on.

        Raises
        ------
        RunError
            X074, where the scenario is not there, or deleted.
        ConfigError
            X073 on a page that only reads.
        """
        with self._changing() as opened:
            newest = _version(opened, id, None)
            if newest is None:
                raise _gone(self.path)
            if newest.deleted:
                raise _put_away(self.path, newest.name)
            between = _rows(opened, "scenario.id = ? AND number > ?", (id, seen))
            return Saved(_append(opened, id, draft, origin), between)

    def copy(self, id: str, number: int, *, who: str = "") -> Saved:
        """A new scenario that begins with a version of another one."""
        kept = self.version(id, number)
        draft = Draft(kept.asked, kept.answer, kept.fit, kept.note, who)
        return self.create(
            f"{kept.name[: MOST_NAME - 7]} (copy)", draft, origin=f"copy of {kept.name}, version {number}"
        )

    def restore(self, id: str, number: int, *, who: str = "") -> Saved:
        """An older version once more, as the newest one."""
        kept = self.version(id, number)
        draft = Draft(kept.asked, kept.answer, kept.fit, kept.note, who)
        return self.save(id, kept.newest, draft, origin=f"version {number} again")

    def rename(self, id: str, name: str) -> Kept:
        """Another name; where it is taken, a number is put behind it."""
        with self._changing() as opened:
            free = _free(opened, clean_name(name), but=id)
            opened.execute("UPDATE scenario SET name = ? WHERE id = ?", (free, id))
            return self._found(opened, id)

    def delete(self, id: str) -> Kept:
        """Put away; :meth:`undelete` brings it back with all of its versions."""
        with self._changing() as opened:
            opened.execute("UPDATE scenario SET deleted = ? WHERE id = ? AND deleted IS NULL", (_now(), id))
            return self._found(opened, id)

    def undelete(self, id: str) -> Kept:
        """Back again; where its name was taken meanwhile, a number is put behind it."""
        with self._changing() as opened:
            name = _free(opened, self._found(opened, id).name, but=id)
            opened.execute("UPDATE scenario SET deleted = NULL, name = ? WHERE id = ?", (name, id))
            return self._found(opened, id)

    def _found(self, opened: sqlite3.Connection, id: str) -> Kept:
        kept = _version(opened, id, None)
        if kept is None:
            raise _gone(self.path)
        return kept

    def _changing(self) -> Any:
        if self.read_only:
            raise ConfigError(
                "this page was started to look and plan, not to keep anything",
                where="outlay serve --read-only",
                repair="Ask whoever runs the page to start it without --read-only. A workbook keeps a plan, too.",
                id="X073",
            )
        return writing(self.path)


def clean_name(text: str) -> str:
    """A name as it is kept: one line of text, blanks around it taken off.

    Raises
    ------
    ConfigError
        X075, where it is empty, too long or holds signs that cannot be seen.
    """
    name = unicodedata.normalize("NFC", text).strip()
    wrong = (
        "a scenario needs a name"
        if not name
        else f"the name has {len(name)} letters, {MOST_NAME} are the most"
        if len(name) > MOST_NAME
        else "the name holds signs that cannot be seen"
        if any(unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp") for sign in name)
        else ""
    )
    if wrong:
        repair = f"Type a name of one line, with {MOST_NAME} letters at most, such as: Spring push."
        raise ConfigError(wrong, where="name of the scenario", repair=repair, id="X075")
    return name


_READ = """
SELECT scenario.id, scenario.name, scenario.deleted, version.*, newest.number_of
FROM version
JOIN scenario ON scenario.id = version.scenario
JOIN (SELECT scenario, max(number) AS number_of FROM version GROUP BY scenario) AS newest
    ON newest.scenario = version.scenario
"""


def _rows(opened: sqlite3.Connection, where: str, values: tuple[object, ...]) -> tuple[Kept, ...]:
    # in the order of saving, which clocks of two machines need not agree on
    found = opened.execute(f"{_READ} WHERE {where} ORDER BY version.rowid DESC", values)
    return tuple(_kept(row) for row in found)


def _version(opened: sqlite3.Connection, id: str, number: int | None) -> Kept | None:
    which, values = ("newest.number_of", (id,)) if number is None else ("?", (id, number))
    found = _rows(opened, f"scenario.id = ? AND number = {which}", values)
    return found[0] if found else None


def _kept(row: sqlite3.Row) -> Kept:
    return Kept(
        id=row["id"],
        name=row["name"],
        number=row["number"],
        newest=row["number_of"],
        note=row["note"],
        who=row["who"],
        saved=datetime.fromisoformat(row["saved"]),
        origin=row["origin"],
        fit=row["fit"],
        asked=loads(row["asked"]),
        answer=loads(row["answer"]),
        deleted=row["deleted"] is not None,
    )


def _append(opened: sqlite3.Connection, id: str, draft: Draft, origin: str) -> Kept:
    """The next version; the write lock is held, so no other one can take its number."""
    last = opened.execute("SELECT coalesce(max(number), 0) FROM version WHERE scenario = ?", (id,)).fetchone()[0]
    note, who = _text(draft.note, MOST_NOTE, "note"), _text(draft.who, MOST_NAME, "name of who saved it")
    asked, answer = (to_json(document, indent=None) for document in (draft.asked, draft.answer))
    opened.execute(
        "INSERT INTO version (scenario, number, note, who, saved, origin, fit, asked, answer) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (id, last + 1, note, who, _now(), origin, draft.fit, asked, answer),
    )
    return _rows(opened, "scenario.id = ? AND number = ?", (id, last + 1))[0]


def _text(text: str, most: int, what: str) -> str:
    text = unicodedata.normalize("NFC", text).strip()
    if len(text) > most:
        repair = f"Shorten it to {most} letters; nothing was saved."
        raise ConfigError(f"the {what} has {len(text)} letters", where="scenario", repair=repair, id="X075")
    if any(unicodedata.category(sign) == "Cs" for sign in text):
        repair = "Type it anew, without the sign that shows as a box; nothing was saved."
        raise ConfigError(f"the {what} holds half of a sign", where="scenario", repair=repair, id="X075")
    return text


def _free(opened: sqlite3.Connection, name: str, *, but: str = "") -> str:
    """The name, or the first of ``name (2)``, ``name (3)`` ... that no other living scenario has."""
    taken = {
        row["name"].casefold()
        for row in opened.execute("SELECT name FROM scenario WHERE deleted IS NULL AND id <> ?", (but,))
    }
    free, n = name, 1
    while free.casefold() in taken:
        n += 1
        free = f"{name[: MOST_NAME - len(str(n)) - 3]} ({n})"
    return free


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")


def _gone(path: Path) -> RunError:
    return RunError(
        "there is no such scenario",
        where=str(path),
        repair="Look for it in the list of scenarios; deleted ones can be shown there too, and be brought back.",
        id="X074",
    )


def _no_version(path: Path, newest: Kept) -> RunError:
    return RunError(
        f"{newest.name} has no such version; its newest is version {newest.number}",
        where=str(path),
        repair="Open it from the list of scenarios, where all of its versions are.",
        id="X074",
    )


def _put_away(path: Path, name: str) -> RunError:
    return RunError(
        f"{name} was deleted meanwhile, so nothing was saved",
        where=str(path),
        repair="Save under another name, or bring it back under Scenarios (Show deleted) and save again.",
        id="X074",
    )
