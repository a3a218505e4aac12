"""``outlay init``: a first project file, with roles proposed from a table's column names."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import DEFAULT_PROJECT, Debug, DryRun, Json, ProjectFile

if TYPE_CHECKING:
    from cli.outputs.checks import InitOutput
    from cli.proposal import Proposal


def command(
    source: Annotated[
        str | None, typer.Option("--from", metavar="DATA", help="Table to propose from: CSV, Parquet or a URI.")
    ] = None,
    project: ProjectFile = DEFAULT_PROJECT,
    dry_run: DryRun = False,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Write a first project file.

    With --from the roles of columns are guessed from their names and marked as guesses to confirm. An existing file is
    never overwritten.
    """
    from cli.draft import TEMPLATE, draft
    from cli.outputs.checks import InitOutput
    from cli.terminal import print_json

    proposal = TEMPLATE if source is None else _from_table(source)
    place = "data/weekly.csv" if source is None else _source_as_seen_from(source, project)
    text = draft(project.resolve().parent.name or "project", place, proposal, guessed=source is not None)
    if not dry_run:
        _write_new(project, text)
    result = InitOutput(path=str(project), written=not dry_run, text=text, guesses=list(proposal.guesses))
    if as_json:
        print_json(result.document())
    else:
        _show(result)


def _from_table(source: str) -> Proposal:
    from cli.catalogue import CATALOGUE
    from cli.proposal import propose
    from outlay.errors import ConfigError
    from outlay.tables import CsvOptions, table_columns

    proposal = propose(table_columns(source, base=Path.cwd(), options=CsvOptions()))
    if proposal.channels and proposal.date:
        return proposal
    lacking = "a date" if not proposal.date else "spend or exposure (tv_spend, mdsp_tv, search_clicks ...)"
    raise ConfigError(f"no column looks like {lacking}", where=source, repair=CATALOGUE["X006"].repair, id="X006")


def _source_as_seen_from(source: str, project: Path) -> str:
    """The source relative to the project file's folder; a URI stays as it is."""
    if "://" in source:
        return source
    import os

    relative = os.path.relpath(Path(source).resolve(), project.resolve().parent)
    return Path(relative).as_posix()


def _write_new(path: Path, text: str) -> None:
    from cli.catalogue import CATALOGUE
    from outlay.errors import ConfigError

    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as there:
        raise ConfigError(
            "there is a project file already, and it is never overwritten",
            where=str(path),
            repair=CATALOGUE["X001"].repair,
            id="X001",
        ) from there
    except FileNotFoundError as lacking:
        raise ConfigError(
            "the folder does not exist", where=str(path.parent), repair="Make it first, or name another.", id="X003"
        ) from lacking


def _show(result: InitOutput) -> None:
    from cli.terminal import emit, say

    if not result.written:
        emit(result.text)
    for guess in result.guesses:
        say(f"  guess: {guess}")
    if result.written:
        say(f"Wrote {result.path}. Confirm every line marked GUESS or EXAMPLE, then run: outlay check")
    else:
        say(f"Nothing was written; without --dry-run this would be {result.path}.")
