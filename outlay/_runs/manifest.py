"""The manifest of a run: what it must say, how it is sealed, and how a damaged one is refused.

``manifest.json`` is written last, so a run without it was never finished. Its ``digest`` covers everything else that it
says, and it lists size and hash of every file, so that a change anywhere in the folder is seen.
"""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import json
import platform
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from outlay import __version__
from outlay.errors import RunError

FORMAT = 1
"""Version of the manifest. It rises when an older reader would misread a run, not when a key is added."""

NAME = "manifest.json"

_SIZE_LIMIT = 16_000_000  # bytes; a real one has a few thousand, and a damaged one shall not fill the memory
_PACKAGES = ("numpy", "pandas", "pymc", "pymc-marketing", "nutpie", "cvxpy", "duckdb")
_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_FIELDS: Mapping[str, type | tuple[type, ...]] = {
    "id": str,
    "kind": str,
    "parents": list,
    "created": str,
    "command": list,
    "seed": (int, type(None)),
    "versions": dict,
    "inputs": dict,
    "files": dict,
}


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of the run in a folder; keys that this version does not know are kept and ignored.

    Raises
    ------
    RunError
        Where it is missing or damaged (R003) or of another format (R004).
    """
    source = folder / NAME
    try:
        if not source.is_file():
            raise damaged(source, "its manifest is missing")
        if source.stat().st_size > _SIZE_LIMIT:
            raise damaged(source, "its manifest is far too large")
        manifest = json.loads(source.read_bytes())
        fault = _fault(manifest, source)
    except OSError as problem:
        raise damaged(source, f"its manifest cannot be read ({reason(problem)})") from problem
    except (ValueError, RecursionError) as problem:
        raise damaged(source, "its manifest is not JSON") from problem
    if fault:
        raise damaged(source, fault)
    return dict(manifest)


def digest(manifest: Mapping[str, Any]) -> str:
    """Hash over everything that a manifest says but its digest, keys of later versions included."""
    return sha256_of_json({key: value for key, value in manifest.items() if key != "digest"})


def sha256_of_json(value: Mapping[str, Any]) -> str:
    """Hash of a JSON-ready value, whatever the order of its keys."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def is_safe_name(name: str) -> bool:
    """Whether a file name stays inside the run's folder on every system."""
    return all(_PART.fullmatch(part) for part in name.split("/"))


def moment(text: str) -> dt.datetime:
    """The moment that ``created`` speaks of."""
    return dt.datetime.fromisoformat(text)


@functools.cache
def versions() -> dict[str, str]:
    """Versions of what a run's numbers depend on: Python, the platform, and the packages that are installed."""
    from importlib import metadata  # costs time that commands which only read runs need not spend

    found = {"outlay": __version__, "python": platform.python_version(), "platform": platform.platform()}
    for package in _PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found


def damaged(path: Path, what: str, kind: str = "") -> RunError:
    """The refusal of a run whose files are not what was written (R003)."""
    again = f"`outlay {kind}`" if kind else "the command that wrote it"
    return RunError(
        f"this run cannot be used: {what}",
        where=str(path),
        repair=f"Restore the run's folder from a copy, or delete it and write a new run with {again}.",
        id="R003",
    )


def reason(problem: OSError) -> str:
    """What the operating system said, in a few words."""
    return problem.strerror or type(problem).__name__


def _fault(manifest: object, source: Path) -> str:
    """What is wrong with a manifest, or nothing; raises R004 for one of another format."""
    if not isinstance(manifest, dict):
        return "its manifest is not that of a run"
    version = manifest.get("format_version")
    if not isinstance(version, int) or isinstance(version, bool):
        return "its manifest has no format version"
    if version != FORMAT:
        raise _other_format(version, source)
    for name, kinds in _FIELDS.items():
        if name not in manifest:
            return f"its manifest lacks {name!r}"
        if not isinstance(manifest[name], kinds) or isinstance(manifest[name], bool):
            return f"{name!r} in its manifest is not of the right type"
    if manifest.get("digest") != digest(manifest):
        return "its manifest is not what was written (the digest differs)"
    # Anybody can seal a manifest, so what leads to a file or to a comparison is looked at all the same.
    known = all(is_safe_name(name) and _is_file_entry(entry) for name, entry in manifest["files"].items())
    named = all(isinstance(parent, str) for parent in manifest["parents"])
    return "" if known and named and _is_utc(manifest["created"]) else "the entries of its manifest are not a run's"


def _other_format(version: int, source: Path) -> RunError:
    newer = "Install the newer outlay that wrote it, or write the run again with this one."
    return RunError(
        f"the run has format version {version} and this version of outlay reads format version {FORMAT}",
        where=str(source),
        repair=newer if version > FORMAT else "Write the run again with this version of outlay.",
        id="R004",
    )


def _is_file_entry(entry: object) -> bool:
    return isinstance(entry, dict) and isinstance(entry.get("size"), int) and isinstance(entry.get("sha256"), str)


def _is_utc(text: str) -> bool:
    try:
        return moment(text).utcoffset() == dt.timedelta(0)
    except ValueError:
        return False
