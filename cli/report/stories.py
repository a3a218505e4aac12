"""The stories of a report: the latest run of each kind, whether it may be told, and whether it is stale."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.report.story import Story

if TYPE_CHECKING:
    from outlay.runs import Run

MODULES: dict[str, str] = {
    "segment": "cli.report.story_segments",
    "convert": "cli.report.story_conversion",
    "score": "cli.report.story_scores",
    "attribute": "cli.report.story_journeys",
    "scorecard": "cli.report.story_scorecard",
}
"""Module that tells the story of a run, by kind, in the order of the page."""

SOURCES: dict[str, tuple[str, ...]] = {
    "fit": ("media",),
    "segment": ("customers", "customers.transactions"),
    "convert": ("leads",),
    "score": ("leads",),
    "attribute": ("journeys",),
    "scorecard": ("leads", "goals"),
}
"""Sections of the project file whose tables a run of a kind was made from."""


USES_FIT = ("attribute",)
"""Kinds of runs that take something from the fit: the others say the same, whether they are older than it or not."""


@dataclass(frozen=True)
class Told:
    """A story with what has to be said about its run.

    Attributes
    ----------
    story : Story
    run : Run
    trusted : bool or None
        Whether it passed the trust gate; None where there is none.
    reasons : tuple of str
        Why it did not.
    stale : tuple of str
        What is newer than the run, in sentences.
    """

    story: Story
    run: Run
    trusted: bool | None
    reasons: tuple[str, ...]
    stale: tuple[str, ...]

    @property
    def made(self) -> str:
        """When the run was made."""
        return f"{self.run.created:%Y-%m-%d %H:%M} UTC"


@dataclass(frozen=True)
class Stories:
    """What can be told.

    Attributes
    ----------
    told : tuple of Told
        In the order of the page.
    left_out : tuple of Run
        Runs that did not pass the trust gate, where that was not overruled.
    """

    told: tuple[Told, ...] = ()
    left_out: tuple[Run, ...] = ()


def stories(root: Path, fit: Run | None, *, force: bool) -> Stories:
    """The stories of the latest runs in a folder.

    Parameters
    ----------
    root : Path
        Folder of runs.
    fit : Run or None
        The fit that the report tells, to say which stories are older.
    force : bool
        Whether to tell runs that did not pass the trust gate, too.

    Raises
    ------
    RunError
        Where a file of a run is missing, damaged or of another version.
    """
    from outlay.runs import list_runs

    runs = list_runs(root) if root.is_dir() else []
    latest = {run.kind: run for run in runs}
    told, left_out = [], []
    for kind, module in MODULES.items():
        run = latest.get(kind)
        if run is None:
            continue
        trusted = _trusted(run)
        if trusted is False and not force:
            left_out.append(run)
            continue
        found: Story = import_module(module).story(run)
        told.append(Told(found, run, trusted, _reasons(run, trusted), tuple(_stale(run, latest, fit))))
    return Stories(tuple(told), tuple(left_out))


def _trusted(run: Run) -> bool | None:
    from cli.fits import is_trusted

    return is_trusted(run) if "trust.json" in run.manifest["files"] else None


def _reasons(run: Run, trusted: bool | None) -> tuple[str, ...]:
    from cli.fits import reasons

    return tuple(reasons(run)) if trusted is False else ()


def _stale(run: Run, latest: Mapping[str, Run], fit: Run | None) -> Iterator[str]:
    """What came after a run that it does not know."""
    from outlay.labels import LABEL_KINDS

    yield from stale_data(run)
    # a fit of segments takes names and numbers from its parent, which what came after that does not change
    for parent in () if run.kind in LABEL_KINDS else run.parents:
        kind = parent.split("-")[1] if parent.count("-") >= 2 else ""
        newer = _newest(kind, latest)
        if newer is not None and newer.id not in (parent, run.id):
            yield f"It was made from {parent}, and there is a newer {newer.kind} run ({newer.id})."
    if fit is not None and run.kind in USES_FIT and run.created < fit.created:
        when = _apart(run, fit)
        yield f"It was made before the fit ({when}), so it is not reconciled with it: run `outlay {run.kind}` again."


def _newest(kind: str, latest: Mapping[str, Run]) -> Run | None:
    """The latest run that does what a parent of a kind did: two kinds say who is in which segment."""
    from outlay.labels import LABEL_KINDS

    alike = LABEL_KINDS if kind in LABEL_KINDS else (kind,)
    found = [latest[each] for each in alike if each in latest]
    return max(found, key=lambda each: each.created, default=None)


def stale_data(run: Run) -> Iterator[str]:
    """Tables and project file that changed after a run was made; a table that is no file cannot be looked at."""
    base = run.path.parent.parent
    sections = _sections(run)
    for name in SOURCES.get(run.kind, ()):
        source = _within(sections, name).get("source")
        path = base / source if isinstance(source, str) and "://" not in source else None
        if path is not None and path.is_file() and _changed(path, run, run.manifest["inputs"].get(name)):
            yield f"{source} changed after it was made: `outlay {run.kind}` tells of the table as it is now."


def _within(sections: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A section, or one inside another by its dotted name; empty where there is none."""
    for part in name.split("."):
        sections = sections.get(part, {})
    return sections


def _sections(run: Run) -> dict[str, Any]:
    if "config.lock.toml" not in run.manifest["files"]:
        return {}
    return tomllib.loads(run.file("config.lock.toml").read_text(encoding="utf-8"))


def _changed(path: Path, run: Run, known: str | None) -> bool:
    """Whether a file is another than the run read: by its time first, because hashing a large table takes long."""
    if path.stat().st_mtime <= run.created.timestamp():
        return False
    if known is None:
        return True
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest() != known


def _apart(older: Run, newer: Run) -> str:
    """Time between two runs, in the largest unit that says something."""
    seconds = (newer.created - older.created).total_seconds()
    for unit, size in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"by {seconds / size:.0f} {unit}"
    return f"by {seconds:.0f} seconds"


def project_name(runs: Sequence[Run]) -> str:
    """The project's name, as the latest of some runs has it."""
    for run in sorted(runs, key=lambda each: each.created, reverse=True):
        name = _sections(run).get("project", {}).get("name")
        if isinstance(name, str) and name:
            return name
    return "Report"
