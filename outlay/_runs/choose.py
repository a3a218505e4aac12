"""Choosing a run: the latest of a kind, or the one that the user names."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

from outlay._runs import manifest as manifests
from outlay._runs.manifest import damaged
from outlay._runs.record import Run, listing
from outlay.errors import RunError
from outlay.files import sweep

_RUN_NAME = re.compile(r"(?P<second>\d{8}T\d{6}Z)-(?P<kind>[a-z][a-z0-9_]*)-[0-9a-f]{8}")


def list_runs(root: Path) -> list[Run]:
    """The runs of a folder, oldest first; see :func:`damaged_runs` for those that cannot be read."""
    return _scan(Path(root))[0]


def damaged_runs(root: Path) -> list[tuple[Path, RunError]]:
    """The folders of a root that look like runs and cannot be read, and why."""
    return _scan(Path(root))[1]


def open_run(root: Path, ref: str | None, kind: str, *, paths: bool = True, option: str = "--run") -> Run:
    """Open the run that a command needs.

    Parameters
    ----------
    root : Path
        The folder that holds the runs.
    ref : str or None
        None for the latest run of the kind; else an id, the beginning of one that fits no other, or the path of a
        run's folder.
    kind : str
        The kind that is needed.
    paths : bool
        Whether ``ref`` may be a path. A server that takes refs from a browser says no.
    option : str
        The option of the command line that ``ref`` came from, for what is said where there is no such run.

    Raises
    ------
    RunError
        Where there is no such run (R001, R002), it is of another kind (R007), damaged (R003) or of a format that this
        version cannot read (R004).
    """
    root = Path(root)
    if ref is not None and ("/" in ref or os.sep in ref or ref in (".", "..")):
        return _of_kind(_open_path(ref, kind, paths=paths, option=option), kind, option)
    runs, unreadable = _scan(root)
    if ref is None:
        return _latest(root, runs, unreadable, kind)
    return _of_kind(_named(root, runs, unreadable, ref, kind, option), kind, option)


def _scan(root: Path) -> tuple[list[Run], list[tuple[Path, RunError]]]:
    runs: list[Run] = []
    unreadable: list[tuple[Path, RunError]] = []
    sweep(root)
    try:
        folders = [path for path in sorted(root.iterdir()) if not path.name.startswith(".") and path.is_dir()]
    except FileNotFoundError:
        return [], []
    except OSError as problem:
        raise damaged(root, f"the folder of runs cannot be read ({manifests.reason(problem)})") from problem
    for path in folders:
        if not (_RUN_NAME.fullmatch(path.name) or os.path.lexists(path / manifests.NAME)):
            continue
        try:
            runs.append(Run.load(path))
        except RunError as problem:
            unreadable.append((path, problem))
    return sorted(runs, key=lambda run: (run.created, run.id)), unreadable


def _latest(root: Path, runs: Sequence[Run], unreadable: Sequence[tuple[Path, RunError]], kind: str) -> Run:
    fitting = [run for run in runs if run.kind == kind]
    last = f"{fitting[-1].created:%Y%m%dT%H%M%SZ}" if fitting else ""
    for path, problem in reversed(unreadable):
        name = _RUN_NAME.fullmatch(path.name)
        if name and name["kind"] == kind and name["second"] >= last:
            raise problem  # an older run in place of the damaged latest one would be a silent mix-up
    if not fitting:
        raise RunError(
            f"there is no {kind} run; {_there_is(root, runs, kind)}",
            where=str(root),
            repair=f"Write one with `outlay {kind}`, or name another run with --run.",
            id="R001",
        )
    return fitting[-1]


def _named(
    root: Path, runs: Sequence[Run], unreadable: Sequence[tuple[Path, RunError]], ref: str, kind: str, option: str
) -> Run:
    """The run with an id or with the only id that begins like ``ref``; those of the kind come first."""
    begins = [run for run in runs if ref and run.id.startswith(ref)]
    found = [run for run in begins if run.id == ref] or [run for run in begins if run.kind == kind] or begins
    if len(found) == 1:
        return found[0]
    for path, problem in unreadable:
        if not found and ref and path.name.startswith(ref):
            raise problem
    many = f"{len(found)} runs begin like that: {_ids(found)}"
    raise RunError(
        many if found else f"no run has this id; {_there_is(root, runs, kind)}",
        where=f"{option} {ref!r}",
        repair=f"Give more of the id{_or_latest(option)}. `outlay runs` lists them."
        if runs
        else f"Write a run with `outlay {kind}`, or say in which folder the runs are.",
        id="R002",
    )


def _open_path(ref: str, kind: str, *, paths: bool, option: str) -> Run:
    path = Path(ref)
    if not paths or ".." in path.parts:
        raise RunError(
            "a run is named by its id here" if not paths else "a path to a run cannot step up with '..'",
            where=f"{option} {ref!r}",
            repair="Give the id as `outlay runs` lists it." if not paths else "Give the full path of the run's folder.",
            id="R002",
        )
    if not os.path.lexists(path / manifests.NAME):
        raise RunError(
            f"there is no run in this folder (it holds no {manifests.NAME})",
            where=f"{option} {ref!r}",
            repair=f"Name a folder that `outlay {kind}` wrote{_or_latest(option)}.",
            id="R002",
        )
    return Run.load(path)


def _of_kind(run: Run, kind: str, option: str) -> Run:
    if run.kind != kind:
        raise RunError(
            f"this is a {run.kind} run, and a {kind} run is needed",
            where=run.id,
            repair=f"Name a {kind} run{_or_latest(option)}; `outlay {kind}` writes one.",
            id="R007",
        )
    return run


def _or_latest(option: str) -> str:
    """The other way out, where leaving the option out stands for the latest run."""
    return f", or leave {option} out for the latest" if option == "--run" else ""


def _there_is(root: Path, runs: Sequence[Run], kind: str) -> str:
    if not runs:
        return f"{root} holds no runs"
    return f"{root} holds {_ids([run for run in runs if run.kind == kind] or runs)}"


def _ids(runs: Sequence[Run]) -> str:
    return listing([run.id for run in runs][::-1])
