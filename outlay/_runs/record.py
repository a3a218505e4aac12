"""A finished run: its manifest, and its files as they were written."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from outlay._runs.manifest import damaged, moment, read_manifest, reason
from outlay.errors import RunError
from outlay.files import sha256_of

if TYPE_CHECKING:
    import pandas as pd

HASHED_BELOW = 50_000_000
"""Bytes; a file smaller than this is hashed when it is opened, of a larger one only the size is checked."""


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
        return moment(self.manifest["created"])

    @classmethod
    def load(cls, path: Path) -> Run:
        """Open the run in a folder, of whatever kind.

        Raises
        ------
        RunError
            Where its manifest is missing or damaged (R003) or of another format (R004).
        """
        return cls(path, read_manifest(path))

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
                f"this {self.kind} run has no file {name!r}; it has {listing(self.manifest['files'])}",
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
            raise damaged(path, f"it cannot be read ({reason(problem)})", self.kind) from problem
        return path

    def table(self, name: str) -> pd.DataFrame:
        """One of its tables, by name (``"roi"`` is ``tables/roi.parquet``) or by file (``"panel.parquet"``)."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        path = self.file(table_file(name))
        try:
            frame: pd.DataFrame = pq.read_table(path).to_pandas()
        except (OSError, ValueError, pa.ArrowException) as problem:
            raise damaged(path, f"it is not a table ({type(problem).__name__})", self.kind) from problem
        return frame

    def json(self, name: str) -> Any:
        """The content of one of its JSON files (``"trust"`` is ``trust.json``)."""
        path = self.file(json_file(name))
        try:
            return json.loads(path.read_bytes())
        except (OSError, ValueError, RecursionError) as problem:
            raise damaged(path, f"it is not JSON ({type(problem).__name__})", self.kind) from problem

    def verify(self) -> None:
        """Check every file of the run; raises :class:`RunError` for the first that is not what was written."""
        for name in self.manifest["files"]:
            self.file(name)


def table_file(name: str) -> str:
    """File of a table in a run: ``"roi"`` is ``tables/roi.parquet``, ``"panel.parquet"`` that file."""
    return name if name.endswith(".parquet") else f"tables/{name}.parquet"


def json_file(name: str) -> str:
    """JSON file in a run: ``"trust"`` is ``trust.json``."""
    return name if PurePosixPath(name).suffix == ".json" else f"{name}.json"


def listing(names: Iterable[str]) -> str:
    """The first few names, for a message."""
    shown = list(names)
    more = f" and {len(shown) - 6} more" if len(shown) > 6 else ""
    return ", ".join(shown[:6]) + more if shown else "no files"
