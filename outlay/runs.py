"""Runs: what a command found, kept in a folder that never changes again.

A run has a kind (``fit``, ``plan`` ...), a seed, hashes of what it read, and the runs it was made from. Its folder is
``runs/<utc>-<kind>-<short hash>/`` with a ``manifest.json`` that lists every file with its size and hash. It is written
in a hidden folder beside its place and renamed into it at the end, so that a reader sees a whole run or none.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import re
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from outlay import manifest as manifests
from outlay.errors import RunError
from outlay.exports import to_json
from outlay.files import (
    STORAGE_FAULTS,
    exit_on_termination,
    folder_lock,
    remove,
    sha256_of,
    sweep,
    sync_file,
    sync_folder,
    unfinished_name,
    write_error,
)
from outlay.manifest import damaged

if TYPE_CHECKING:
    import pandas as pd

HASHED_BELOW = 50_000_000
"""Bytes; a file smaller than this is hashed when it is opened, of a larger one only the size is checked."""

_KIND = re.compile(r"[a-z][a-z0-9_]*")
_RUN_NAME = re.compile(r"(?P<second>\d{8}T\d{6}Z)-(?P<kind>[a-z][a-z0-9_]*)-[0-9a-f]{8}")


@dataclass(frozen=True)
class Run:
    """A finished run.

    Attributes
    ----------
    path : Path
        Its folder.
    manifest : dict
        What ``manifest.json`` says: ``format_version``, ``id``, ``kind``, ``parents``, ``created``, ``command``,
        ``seed``, ``versions``, ``inputs`` (sha256 by name) and ``files`` (size and sha256 by name).
    """

    path: Path
    manifest: dict[str, Any] = field(repr=False)

    @property
    def id(self) -> str:
        """The name it was given, for example ``20250106T091500Z-fit-1a2b3c4d``."""
        return str(self.manifest["id"])

    @property
    def kind(self) -> str:
        """What sort of run it is, named after the command that writes it."""
        return str(self.manifest["kind"])

    @property
    def parents(self) -> tuple[str, ...]:
        """Ids of the runs it was made from."""
        return tuple(self.manifest["parents"])

    @property
    def created(self) -> dt.datetime:
        """When it was finished (UTC)."""
        return manifests.moment(self.manifest["created"])

    @classmethod
    def load(cls, path: Path) -> Run:
        """Open the run in a folder, of whatever kind.

        Raises
        ------
        RunError
            Where its manifest is missing or damaged (R003) or of another format (R004).
        """
        return cls(path, manifests.read_manifest(path))

    def file(self, name: str) -> Path:
        """Path of one of its files, after a check that the content is what was written.

        Parameters
        ----------
        name : str
            Name within the run, for example ``"posterior.nc"`` or ``"tables/roi.parquet"``.

        Raises
        ------
        RunError
            Where the run has no such file (R006), or it is missing, cut short or changed (R003).
        """
        known = self.manifest["files"].get(name)
        if known is None:
            raise RunError(
                f"this {self.kind} run has no file {name!r}; it has {_listing(self.manifest['files'])}",
                where=self.id,
                repair=f"Name one of these, or write a new run with `outlay {self.kind}`.",
                id="R006",
            )
        path = self.path / name
        try:
            if not path.resolve().is_relative_to(self.path.resolve()):
                raise damaged(path, "it points out of the run's folder", self.kind)
            if not path.is_file():
                raise damaged(path, "the file is missing", self.kind)
            size = path.stat().st_size
            if size != known["size"]:
                raise damaged(path, f"it has {size} bytes and was written with {known['size']}", self.kind)
            if size < HASHED_BELOW and sha256_of(path) != known["sha256"]:
                raise damaged(path, "its content is not what was written (sha256 differs)", self.kind)
        except OSError as problem:
            raise damaged(path, f"it cannot be read ({manifests.reason(problem)})", self.kind) from problem
        return path

    def table(self, name: str) -> pd.DataFrame:
        """One of its tables, by name (``"roi"`` is ``tables/roi.parquet``) or by file (``"panel.parquet"``)."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        path = self.file(_table_file(name))
        try:
            frame: pd.DataFrame = pq.read_table(path).to_pandas()
        except (OSError, ValueError, pa.ArrowException) as problem:
            raise damaged(path, f"it is not a table ({type(problem).__name__})", self.kind) from problem
        return frame

    def json(self, name: str) -> Any:
        """The content of one of its JSON files (``"trust"`` is ``trust.json``)."""
        path = self.file(_json_file(name))
        try:
            return json.loads(path.read_bytes())
        except (OSError, ValueError, RecursionError) as problem:
            raise damaged(path, f"it is not JSON ({type(problem).__name__})", self.kind) from problem

    def verify(self) -> None:
        """Check every file of the run; raises :class:`RunError` for the first that is not what was written."""
        for name in self.manifest["files"]:
            self.file(name)


class RunWriter:
    """Writes one run; a context manager.

    Leaving the block normally makes the run visible under its final name, in :attr:`run`. Leaving it by an error, by
    Ctrl-C or by SIGTERM removes what was written. Any number of writers can work in one root at once.

    Parameters
    ----------
    root : Path
        The folder that holds the runs; made where it is missing.
    kind : str
        Kind of the run, in small letters.
    command : sequence of str
        The command line that makes it.
    seed : int or None
        The seed of everything random in it.
    parents : sequence of Run
        The runs it is made from.
    inputs : mapping of str to str
        The sha256 of each thing it read, by name.

    Raises
    ------
    RunError
        Where the folder cannot be written to or the disk is full (R005); nothing is left behind then.

    Examples
    --------
    >>> import tempfile
    >>> with RunWriter(Path(tempfile.mkdtemp()), "fit", command=["outlay", "fit"], seed=1) as writer:
    ...     writer.write_json("trust", {"passed": True})
    >>> writer.run.json("trust")
    {'passed': True}
    """

    def __init__(
        self,
        root: Path,
        kind: str,
        *,
        command: Sequence[str],
        seed: int | None,
        parents: Sequence[Run] = (),
        inputs: Mapping[str, str] | None = None,
    ) -> None:
        if not _KIND.fullmatch(kind):
            raise ValueError(f"{kind!r} is not a kind of run")
        self._root = Path(root)
        self._about: dict[str, Any] = {
            "kind": kind,
            "parents": [parent.id for parent in parents],
            "command": [str(part) for part in command],
            "seed": None if seed is None else int(seed),
            "inputs": dict(inputs or {}),
        }
        self._folder: Path | None = None
        self._run: Run | None = None
        self._process = os.getpid()
        self._stack = ExitStack()

    @property
    def folder(self) -> Path:
        """The hidden folder that is written into, while the block lasts."""
        if self._folder is None:
            raise RuntimeError("a run is written inside `with RunWriter(...)`")
        return self._folder

    @property
    def run(self) -> Run:
        """The finished run, after the block."""
        if self._run is None:
            raise RuntimeError("the run is not finished")
        return self._run

    def path(self, name: str) -> Path:
        """Where to write a file of the run; its folder within the run exists afterwards."""
        if not manifests.is_safe_name(name) or name == manifests.NAME:
            raise ValueError(f"{name!r} cannot be the name of a file in a run")
        path = self.folder / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as problem:
            raise write_error(problem, self._root, id="R005") from problem
        return path

    def write_table(self, name: str, frame: pd.DataFrame) -> None:
        """Write a table, without its index: ``"roi"`` as ``tables/roi.parquet``, ``"panel.parquet"`` as that file.

        The bytes depend on the values and types alone.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        # The notes that pandas adds (index, its version, frame.attrs) would make equal tables unequal files.
        table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
        try:
            pq.write_table(table, self.path(_table_file(name)), compression="zstd")
        except OSError as problem:
            raise write_error(problem, self._root, id="R005") from problem

    def write_json(self, name: str, value: object) -> None:
        """Write a JSON file: ``"trust"`` as ``trust.json``; see :func:`outlay.exports.to_json` for what it takes."""
        try:
            self.path(_json_file(name)).write_text(to_json(value) + "\n", encoding="utf-8")
        except OSError as problem:
            raise write_error(problem, self._root, id="R005") from problem

    def __enter__(self) -> Self:
        self._stack.enter_context(exit_on_termination())
        try:
            self._root.mkdir(parents=True, exist_ok=True)
            sweep(self._root)
            self._folder = self._root / unfinished_name()
            self._folder.mkdir()
        except BaseException as problem:
            self._discard()
            if isinstance(problem, OSError):
                raise write_error(problem, self._root, id="R005") from problem
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        if os.getpid() != self._process:
            return  # a forked worker leaves the block too, and the folder is its parent's
        try:
            if problem is None:
                self._run = self._finish()
        except OSError as fault:
            raise write_error(fault, self._root, id="R005") from fault
        finally:
            self._discard()
        if isinstance(problem, OSError) and self._is_ours(problem):
            raise write_error(problem, self._root, id="R005") from problem

    def _discard(self) -> None:
        if self._folder is not None:
            remove(self._folder)  # a finished run has left it by its new name
            self._folder = None
        self._stack.close()

    def _is_ours(self, problem: OSError) -> bool:
        """Whether a library failed to write into the run (and not elsewhere): a full disk while sampling, say."""
        named = problem.filename
        inside = named is None or str(named).startswith(str(self._root))
        return inside and problem.errno in STORAGE_FAULTS

    def _finish(self) -> Run:
        files = _flush(self.folder)
        manifest: dict[str, Any] = {
            "format_version": manifests.FORMAT,
            **self._about,
            "versions": manifests.versions(),
            "files": files,
        }
        with folder_lock(self._root):
            created, name = _free_name(self._root, self._about)
            manifest |= {"id": name, "created": created}
            manifest["digest"] = manifests.digest(manifest)
            target = self.folder / manifests.NAME
            target.write_text(to_json(manifest) + "\n", encoding="utf-8")
            sync_file(target)
            sync_folder(self.folder)
            final = self._root / name
            os.rename(self.folder, final)
        sync_folder(self._root)
        return Run(final, manifest)


def list_runs(root: Path) -> list[Run]:
    """The runs of a folder, oldest first; see :func:`damaged_runs` for those that cannot be read."""
    return _scan(Path(root))[0]


def damaged_runs(root: Path) -> list[tuple[Path, RunError]]:
    """The folders of a root that look like runs and cannot be read, and why."""
    return _scan(Path(root))[1]


def open_run(root: Path, ref: str | None, kind: str, *, paths: bool = True) -> Run:
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

    Raises
    ------
    RunError
        Where there is no such run (R001, R002), it is of another kind (R007), damaged (R003) or of a format that this
        version cannot read (R004).
    """
    root = Path(root)
    if ref is not None and ("/" in ref or os.sep in ref or ref in (".", "..")):
        return _of_kind(_open_path(ref, kind, paths=paths), kind)
    runs, unreadable = _scan(root)
    if ref is None:
        return _latest(root, runs, unreadable, kind)
    return _of_kind(_named(root, runs, unreadable, ref, kind), kind)


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


def _named(root: Path, runs: Sequence[Run], unreadable: Sequence[tuple[Path, RunError]], ref: str, kind: str) -> Run:
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
        where=f"--run {ref!r}",
        repair="Give more of the id, or leave --run out for the latest. `outlay runs` lists them."
        if runs
        else f"Write a run with `outlay {kind}`, or say in which folder the runs are.",
        id="R002",
    )


def _open_path(ref: str, kind: str, *, paths: bool) -> Run:
    path = Path(ref)
    if not paths or ".." in path.parts:
        raise RunError(
            "a run is named by its id here" if not paths else "a path to a run cannot step up with '..'",
            where=f"--run {ref!r}",
            repair="Give the id as `outlay runs` lists it." if not paths else "Give the full path of the run's folder.",
            id="R002",
        )
    if not os.path.lexists(path / manifests.NAME):
        raise RunError(
            f"there is no run in this folder (it holds no {manifests.NAME})",
            where=f"--run {ref!r}",
            repair=f"Name a folder that `outlay {kind}` wrote, or leave --run out for the latest.",
            id="R002",
        )
    return Run.load(path)


def _of_kind(run: Run, kind: str) -> Run:
    if run.kind != kind:
        raise RunError(
            f"this is a {run.kind} run, and a {kind} run is needed",
            where=run.id,
            repair=f"Name a {kind} run, or leave --run out for the latest; `outlay {kind}` writes one.",
            id="R007",
        )
    return run


def _flush(folder: Path) -> dict[str, dict[str, Any]]:
    """Bring every file below a folder to the disk; size and hash of each by its name."""
    files: dict[str, dict[str, Any]] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_dir() and not path.is_symlink():
            sync_folder(path)
            continue
        name = path.relative_to(folder).as_posix()
        if path.is_symlink() or not manifests.is_safe_name(name):
            raise ValueError(f"{name!r} cannot be kept in a run")
        sync_file(path)
        files[name] = {"size": path.stat().st_size, "sha256": sha256_of(path)}
    return files


def _free_name(root: Path, about: Mapping[str, Any]) -> tuple[str, str]:
    """Moment and name of a new run, under the lock: a name that is taken moves on by a microsecond."""
    now = dt.datetime.now(dt.UTC)
    while True:
        created = now.isoformat(timespec="microseconds").replace("+00:00", "Z")
        short = manifests.sha256_of_json({**about, "created": created})[:8]
        name = f"{now:%Y%m%dT%H%M%SZ}-{about['kind']}-{short}"
        if not os.path.lexists(root / name):
            return created, name
        now += dt.timedelta(microseconds=1)


def _table_file(name: str) -> str:
    return name if name.endswith(".parquet") else f"tables/{name}.parquet"


def _json_file(name: str) -> str:
    return name if PurePosixPath(name).suffix == ".json" else f"{name}.json"


def _there_is(root: Path, runs: Sequence[Run], kind: str) -> str:
    if not runs:
        return f"{root} holds no runs"
    return f"{root} holds {_ids([run for run in runs if run.kind == kind] or runs)}"


def _ids(runs: Sequence[Run]) -> str:
    return _listing([run.id for run in runs][::-1])


def _listing(names: Sequence[str] | Mapping[str, Any]) -> str:
    shown = list(names)
    return ", ".join(shown[:6]) + (f" and {len(shown) - 6} more" if len(shown) > 6 else "") if shown else "no files"
