"""Writing a run: beside its place, and renamed into it at the end."""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from outlay._runs import manifest as manifests
from outlay._runs.record import Run, json_file, table_file
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

if TYPE_CHECKING:
    import pandas as pd

_KIND = re.compile(r"[a-z][a-z0-9_]*")


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
            pq.write_table(table, self.path(table_file(name)), compression="zstd")
        except OSError as problem:
            raise write_error(problem, self._root, id="R005") from problem

    def write_json(self, name: str, value: object) -> None:
        """Write a JSON file: ``"trust"`` as ``trust.json``; see :func:`outlay.exports.to_json` for what it takes."""
        try:
            self.path(json_file(name)).write_text(to_json(value) + "\n", encoding="utf-8")
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
        inside = named is None or Path(os.fsdecode(named)).resolve().is_relative_to(self._root.resolve())
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
