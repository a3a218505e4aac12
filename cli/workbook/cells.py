"""Reading a workbook that came back: cells with their places, within limits, without running anything in it."""

from __future__ import annotations

import io
import warnings
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from outlay.errors import ConfigError

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook

MOST_BYTES = 20_000_000
MOST_UNPACKED = 200_000_000
MOST_PARTS = 1_000
MOST_ROWS, MOST_COLUMNS = 3_000, 60

_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    SyntaxError,  # of XML: its ParseError is one
    RecursionError,
    OverflowError,
    NotImplementedError,  # compressed in a way that no spreadsheet writes
    RuntimeError,  # with a password
)


@dataclass(frozen=True)
class Found:
    """What a cell holds; ``formula`` where its value was calculated by a spreadsheet."""

    value: Any
    formula: bool = False


class Tab:
    """The cells of one sheet.

    Parameters
    ----------
    name : str
    cells : mapping of (row, column) to Found
        Counted from 0; empty cells are absent.
    """

    def __init__(self, name: str, cells: Mapping[tuple[int, int], Found]) -> None:
        self.name, self.cells = name, cells

    def place(self, row: int, column: int) -> str:
        """``Plan!F9``."""
        from openpyxl.utils import get_column_letter

        return f"{self.name}!{get_column_letter(column + 1)}{row + 1}"

    def text(self, row: int, column: int) -> str:
        """A cell as text; empty where it holds none."""
        found = self.cells.get((row, column))
        return found.value.strip() if found is not None and isinstance(found.value, str) else ""

    @property
    def rows(self) -> range:
        """Rows that hold something."""
        return range(1 + max((row for row, _ in self.cells), default=-1))

    @property
    def columns(self) -> range:
        """Columns that hold something."""
        return range(1 + max((column for _, column in self.cells), default=-1))


def open_book(source: bytes | Path, name: str) -> Mapping[str, Tab]:
    """The cells of all sheets.

    Raises
    ------
    ConfigError
        X061, where it is no workbook, damaged, or larger than a workbook of plans can be.
    """
    content = _content(source, name)
    _ensure_sane(content, name)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about formats and charts that are not read
            return _tabs(content)
    except _BROKEN as problem:
        raise unreadable(f"it is damaged: {problem}", name) from problem


def unreadable(what: str, name: str) -> ConfigError:
    """A workbook that cannot be used as a whole."""
    from cli.catalogue import CATALOGUE

    return ConfigError(what, where=name, repair=CATALOGUE["X061"].repair, id="X061")


def _content(source: bytes | Path, name: str) -> bytes:
    if isinstance(source, bytes):
        content = source
    else:
        try:
            if source.stat().st_size > MOST_BYTES:
                raise unreadable(f"it is larger than {MOST_BYTES // 1_000_000} MB", name)
            content = source.read_bytes()
        except OSError as problem:
            raise unreadable(f"it cannot be read: {problem.strerror or problem}", name) from problem
    if len(content) > MOST_BYTES:
        raise unreadable(f"it is larger than {MOST_BYTES // 1_000_000} MB", name)
    return content


def _ensure_sane(content: bytes, name: str) -> None:
    """Refuse what is no workbook, and small files that unpack to huge ones."""
    if not content.startswith(b"PK\x03\x04"):
        old = content.startswith(b"\xd0\xcf\x11\xe0")
        raise unreadable("it is an old or encrypted workbook" if old else "it is not a workbook (XLSX)", name)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
                raise unreadable("it unpacks to more than a workbook of plans can hold", name)
            for part in parts:
                # a workbook has no document types; entities in them could grow without bound
                with archive.open(part) as opened:
                    if b"<!DOCTYPE" in opened.read(4096).upper():
                        raise unreadable(f"its part {part.filename} declares a document type", name)
    except _BROKEN as problem:
        raise unreadable(f"it is damaged: {problem}", name) from problem


def _tabs(content: bytes) -> dict[str, Tab]:
    from openpyxl import load_workbook

    written = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
    values = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    try:
        return {name: Tab(name, _cells(written, values, name)) for name in written.sheetnames}
    finally:
        written.close()
        values.close()


def _cells(written: Workbook, values: Workbook, name: str) -> dict[tuple[int, int], Found]:
    window = {"min_row": 1, "max_row": MOST_ROWS, "min_col": 1, "max_col": MOST_COLUMNS}
    found: dict[tuple[int, int], Found] = {}
    if not hasattr(written[name], "iter_rows"):  # a sheet that is a chart
        return found
    lines = zip(written[name].iter_rows(**window), values[name].iter_rows(**window), strict=False)
    for row, (own, known) in enumerate(lines):
        for column, (cell, value) in enumerate(zip(own, known, strict=False)):
            if cell.value is not None:
                found[row, column] = Found(value.value, formula=cell.data_type == "f")
    return found
