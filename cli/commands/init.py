"""``outlay init``: a first project file, with roles proposed from a table's column names, or a whole example."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from cli.options import DEFAULT_PROJECT, Debug, DryRun, Json, ProjectFile

if TYPE_CHECKING:
    from collections.abc import Callable

    from cli.outputs.checks import InitOutput
    from cli.proposal import Proposal
    from outlay.errors import ConfigError

    Made = tuple[str, Callable[[Path, str], Path]]
    """Text of the project file, and what writes the folder under the project file's name."""


def command(
    source: Annotated[
        str | None, typer.Option("--from", metavar="DATA", help="Table to propose from: CSV, Parquet or a URI.")
    ] = None,
    example: Annotated[
        Literal["b2b", "customers"] | None,
        typer.Option(
            "--example", help="Write a simulated company (b2b) or a shop's customers: tables, project file and truth."
        ),
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", metavar="N", min=0, help="Seed of the example; 1 by default.")
    ] = None,
    project: ProjectFile = DEFAULT_PROJECT,
    dry_run: DryRun = False,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Write a first project file.

    With --from the roles of columns are guessed from their names and marked as guesses to confirm. With --example the
    project file's folder gets a whole study to try things on. An existing file is never overwritten.
    """
    if example is not None:
        result = _example(example, project, source, 1 if seed is None else seed, dry_run=dry_run)
    elif seed is not None:
        raise _contradiction("--seed is the seed of an example, and no --example is asked for")
    else:
        result = _first_file(source, project, dry_run=dry_run)
    _tell(result, example, as_json=as_json)


def _first_file(source: str | None, project: Path, *, dry_run: bool) -> InitOutput:
    from cli.draft import TEMPLATE, draft
    from cli.outputs.checks import InitOutput

    proposal = TEMPLATE if source is None else _from_table(source)
    place = "data/weekly.csv" if source is None else _source_as_seen_from(source, project)
    text = draft(project.resolve().parent.name or "project", place, proposal, guessed=source is not None)
    if not dry_run:
        _write_new(project, text)
    return InitOutput(
        path=str(project), written=not dry_run, text=text, guesses=list(proposal.guesses), files=[str(project)]
    )


def _example(example: str, project: Path, source: str | None, seed: int, *, dry_run: bool) -> InitOutput:
    from cli.outputs.checks import InitOutput

    if source is not None:
        raise _contradiction("--from proposes from a table of yours and --example brings its own")
    files, made = _simulated(example, seed)
    folder = project.parent
    names = [folder / name for name in files(project.name)]
    _refuse_existing(names)
    text, write = made()
    if not dry_run:
        write(folder, project.name)
    return InitOutput(
        path=str(project), written=not dry_run, text=text, guesses=[], files=[str(name) for name in names]
    )


def _simulated(example: str, seed: int) -> tuple[Callable[[str], tuple[str, ...]], Callable[[], Made]]:
    """What an example writes, and what makes its project file and what writes its folder."""
    if example == "customers":
        from cli import customers

        def a_shop() -> Made:
            shop = customers.simulate_customers(seed)
            return shop.project_text, lambda folder, name: customers.write_shop(shop, folder, name)

        return customers.files, a_shop
    from cli import b2b

    def a_company() -> Made:
        company = b2b.simulate_b2b(seed)
        return company.project_text, lambda folder, name: b2b.write_company(company, folder, name)

    return b2b.files, a_company


def _refuse_existing(names: list[Path]) -> None:
    from cli.catalogue import CATALOGUE
    from outlay.errors import ConfigError

    there = [name for name in names if name.exists()]
    if there:
        others = f", and {len(there) - 1} more of the example's files" if len(there) > 1 else ""
        raise ConfigError(
            f"there is such a file already{others}; nothing was written",
            where=str(there[0]),
            repair=CATALOGUE["X001"].repair,
            id="X001",
        )


def _contradiction(what: str) -> ConfigError:
    from cli.catalogue import CATALOGUE
    from outlay.errors import ConfigError

    return ConfigError(what, where="outlay init", repair=CATALOGUE["X007"].repair, id="X007")


def _tell(result: InitOutput, example: str | None, *, as_json: bool) -> None:
    from cli.terminal import print_json

    if as_json:
        print_json(result.document())
    elif example is not None:
        _show_example(result)
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


def _show_example(result: InitOutput) -> None:
    from cli.terminal import emit, say

    for name in result.files:
        emit(name)
    if not result.written:
        say("Nothing was written; without --dry-run these files would be.")
        return
    say("Simulated from a seed; truth/truth.json holds what is true. Next, in its folder: outlay segment")
