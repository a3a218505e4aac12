"""Publishing: report, workbook and a note of what they are, each written whole, the note last."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from outlay.exports import atomic_write, to_json
from outlay.objects import is_object, read_object, write_object

if TYPE_CHECKING:
    from cli.refresh_config import RefreshSection

NOTE = "refresh.json"


@contextmanager
def made(
    project: Path, section: RefreshSection, fit: str, before: str | None
) -> Iterator[tuple[list[Path], list[str]]]:
    """The files of a publication, in a folder that is gone afterwards, and what changed since an earlier fit.

    Parameters
    ----------
    project : Path
        The project file.
    section : RefreshSection
    fit : str
        The run that is told.
    before : str or None
        The fit before it.
    """
    from cli.workbook.export import Asked as AskedBook
    from cli.workbook.export import export_workbook

    with tempfile.TemporaryDirectory() as folder:
        page, book = Path(folder) / "report.html", Path(folder) / "workbook.xlsx"
        pdf, changed = _report(project, page, section, fit, before)
        files = [page, *([Path(pdf)] if pdf else [])]
        if section.workbook:
            export_workbook(project, AskedBook(out=book, run=fit))
            files.append(book)
        yield files, changed


def _report(
    project: Path, page: Path, section: RefreshSection, fit: str, before: str | None
) -> tuple[str | None, list[str]]:
    """Write the report; where the fit before cannot be compared with, without it, and say so."""
    from cli.commands.report import Asked, make
    from outlay.errors import OutlayError

    asked = Asked(out=page, run=fit, compare=before, pdf=section.pdf)
    try:
        output = make(project, asked).output
    except OutlayError as problem:
        if before is None:
            raise
        output = make(project, replace(asked, compare=None)).output  # which tells what else is wrong, if anything is
        return output.pdf, [f"Not compared with fit {before}: {problem.what}."]
    return output.pdf, list(output.changed)


def publish(files: list[Path], note: dict[str, Any], section: RefreshSection, base: Path) -> list[str]:
    """Put the files in their place, and the note behind them: a reader who finds it finds what it names."""
    written = [_put(section, base, path.name, path.read_bytes()) for path in files]
    return [*written, _put(section, base, NOTE, to_json({**note, "files": [path.name for path in files]}).encode())]


def published(section: RefreshSection, base: Path) -> dict[str, Any]:
    """The note of the last publication; empty where there is none that can be read."""
    import json

    from outlay.errors import OutlayError

    place = _place(section, base, NOTE)
    try:
        text = read_object(place).decode() if is_object(place) else Path(place).read_text(encoding="utf-8")
        found = json.loads(text)
    except (OSError, OutlayError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _put(section: RefreshSection, base: Path, name: str, content: bytes) -> str:
    place = _place(section, base, name)
    if is_object(place):
        return write_object(place, content)
    Path(place).parent.mkdir(parents=True, exist_ok=True)
    return str(atomic_write(place, content))


def _place(section: RefreshSection, base: Path, name: str) -> str:
    """Where a file of the publication is."""
    if is_object(section.publish):
        return f"{section.publish.rstrip('/')}/{name}"
    return str(base / section.publish / name)
