"""Publishing: report, workbook and a note of what they are; the note last, so that a reader who finds it finds them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from outlay.exports import atomic_write, to_json
from outlay.files import remove, sweep, sync_folder, unfinished_name, write_error
from outlay.objects import filesystem, is_object, read_object, write_object

if TYPE_CHECKING:
    from cli.refresh_config import RefreshSection

NOTE = "refresh.json"


def ensure_publishable(section: RefreshSection, base: Path) -> None:
    """Refuse before the work what could not be published after it.

    Raises
    ------
    ConfigError
        X092: neither a folder nor a place in cloud storage. C014, C016, X051: an address with a secret, or incomplete.
    MissingDependencyError
        C017, X042: the package that speaks to the store, or the browser that makes PDFs, is not installed.
    """
    from cli.catalogue import CATALOGUE
    from cli.report.pdf import chromium
    from cli.star.address import place_of
    from outlay.errors import ConfigError
    from outlay.sources_address import without_password

    if is_object(section.publish):
        filesystem(_place(section, base, NOTE))
    elif "://" in section.publish:
        raise ConfigError(
            "this is neither a folder nor a place in a storage that is known",
            where=f"[refresh] publish = {without_password(section.publish)}",
            repair=CATALOGUE["X092"].repair,
            id="X092",
        )
    if section.database is not None:
        place_of(section.database, base)
    if section.pdf:
        chromium()


def ensure_writable(section: RefreshSection, base: Path) -> None:
    """Refuse before the work a database that would not take its rows after it; what is tried there is undone.

    Raises
    ------
    DataError
        D011: the server does not let us in.
    OutlayError
        X052 to X054: the database does not take rows.
    """
    from cli.star.address import place_of
    from cli.star.export import prepare

    if section.database is None:
        return
    place = place_of(section.database, base)
    if isinstance(place.at, Path) and not place.at.exists():
        return  # a file that the export makes
    with place.opened() as target:
        prepare(target)


def make_report(
    project: Path, section: RefreshSection, fit: str | None, before: str | None, folder: Path
) -> tuple[list[Path], list[str]]:
    """Write the report into a folder: its files, and what changed since an earlier fit, in sentences.

    A fit that cannot be compared with (deleted in part, of another outcome, of an older version) keeps no report back.

    Parameters
    ----------
    project : Path
        The project file.
    section : RefreshSection
    fit : str or None
        The run that is told; None where the project has no model of media.
    before : str or None
        The fit before it.
    folder : Path
    """
    from cli.commands.report import Asked, make
    from outlay.errors import OutlayError

    page, why = folder / "report.html", ""
    try:
        output = make(project, Asked(out=page, run=fit, compare=before, pdf=section.pdf)).output
    except OutlayError as problem:
        if before is None:
            raise
        why = f"Not compared with fit {before}: {problem.what}."
        output = make(project, Asked(out=page, run=fit, pdf=section.pdf)).output
    changed = [why] if why else list(output.changed)
    return [page, *([Path(output.pdf)] if output.pdf else [])], changed


def make_workbook(project: Path, fit: str, folder: Path) -> Path:
    """Write the workbook into a folder."""
    from cli.workbook.export import Asked, export_workbook

    book = folder / "workbook.xlsx"
    export_workbook(project, Asked(out=book, run=fit))
    return book


def publish(files: Sequence[Path], note: dict[str, Any], section: RefreshSection, base: Path) -> list[str]:
    """Put the files in their place, and the note behind them.

    Returns
    -------
    list of str
        Where they are.

    Raises
    ------
    RunError
        R008, R010: the place does not take them.
    """
    contents = {path.name: path.read_bytes() for path in files}
    sums = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    contents[NOTE] = to_json({**note, "files": sums}).encode()
    if is_object(section.publish):
        return [write_object(_place(section, base, name), content) for name, content in contents.items()]
    return _put(base / section.publish, contents)


def _put(folder: Path, contents: dict[str, bytes]) -> list[str]:
    """Write all files beside their place and then rename one after the other: a full disk replaces none of them."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        sweep(folder)
        stage = folder / unfinished_name()
        stage.mkdir()
        try:
            for name, content in contents.items():
                atomic_write(stage / name, content)
            for name in contents:
                os.replace(stage / name, folder / name)
        finally:
            remove(stage)
        sync_folder(folder)
    except OSError as problem:
        raise write_error(problem, folder, id="R008") from problem
    return [str(folder / name) for name in contents]


def published(section: RefreshSection, base: Path) -> dict[str, Any]:
    """The note of the last publication; empty where there is none that can be read, or where a file of it is gone."""
    import json

    from outlay.errors import OutlayError

    try:
        found = json.loads(_read(_place(section, base, NOTE)))
        names = list(found["files"])
        there = is_object(section.publish) or all((base / section.publish / name).is_file() for name in names)
    except (OSError, OutlayError, ValueError, TypeError, KeyError):
        return {}
    return found if there else {}


def _read(place: str) -> bytes:
    return read_object(place) if is_object(place) else Path(place).read_bytes()


def _place(section: RefreshSection, base: Path, name: str) -> str:
    """Where a file of the publication is."""
    if is_object(section.publish):
        return f"{section.publish.rstrip('/')}/{name}"
    return str(base / section.publish / name)
