"""What a refresh starts from: the project file, and every file and object that it names, by their content."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from outlay.project import Project

SERVERS = ("duckdb://", "postgresql://", "postgres://", "spark://")
"""How addresses begin of what cannot be looked at without reading it."""


def inputs(project: Project) -> dict[str, str | None]:
    """SHA-256 of what the project file names, by the names that it uses.

    Times of files say little where tables are copied from elsewhere, so the content is read. Of an object it is the
    version that its store tells. None stands for a table of a server, which cannot be looked at without reading it.
    """
    found: dict[str, str | None] = {project.path.name: hashlib.sha256(project.text.encode()).hexdigest()}
    for text in dict.fromkeys(_texts(tomllib.loads(project.text))):
        known, fingerprint = _looked_at(text, project.base)
        if known:
            found[text] = fingerprint
    return found


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        # where a refresh publishes is what it writes, and not what it reads
        yield from (text for key, each in value.items() if key != "refresh" for text in _texts(each))
    elif isinstance(value, list):
        yield from (text for each in value for text in _texts(each))


def _looked_at(text: str, base: Path) -> tuple[bool, str | None]:
    """Whether a text of the project file names a table or a file, and what is known of its content."""
    from outlay.files import sha256_of
    from outlay.objects import is_object

    if is_object(text):
        return True, _version(text)
    if text.lower().startswith(SERVERS):
        return True, None
    try:
        return (True, sha256_of(base / text)) if (base / text).is_file() else (False, None)
    except (OSError, ValueError):  # no path at all, or one that only the command that needs it can tell of
        return False, None


def _version(address: str) -> str | None:
    """What a store tells of an object's version; None where it tells nothing: the command that reads it says why."""
    from outlay.errors import OutlayError
    from outlay.objects import filesystem

    try:
        store, path = filesystem(address)
        return hashlib.sha256(str(store.ukey(path)).encode()).hexdigest()
    except (OSError, ValueError, NotImplementedError, OutlayError):
        return None
