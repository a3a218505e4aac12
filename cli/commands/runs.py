"""``outlay runs``: what was fitted and planned so far."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import DEFAULT_PROJECT, Debug, Json, ProjectFile

if TYPE_CHECKING:
    from cli.outputs.runs import RunRow
    from outlay.runs import Run


class Action(StrEnum):
    """What to do with runs."""

    LIST = "list"
    SHOW = "show"


def command(
    action: Annotated[Action, typer.Argument(help="List all runs, or show one.")] = Action.LIST,
    id: Annotated[str | None, typer.Argument(metavar="[ID]", help="Run to show; default: the latest fit.")] = None,
    project: ProjectFile = DEFAULT_PROJECT,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """List the runs, or show one with its findings."""
    if action is Action.LIST:
        _list(project, as_json)
    else:
        _show(project, id, as_json)


def _list(project: ProjectFile, as_json: bool) -> None:
    from cli.config import runs_root
    from cli.outputs.runs import DamagedRun, RunsOutput
    from cli.terminal import print_json, print_table, say
    from outlay.runs import damaged_runs, list_runs
    from outlay.text_table import Column, TextTable

    root = runs_root(project)
    rows = [_row(run) for run in list_runs(root)]
    damaged = [DamagedRun(folder=str(path), why=problem.what) for path, problem in damaged_runs(root)]
    if as_json:
        print_json(RunsOutput(runs=rows, damaged=damaged).document())
        return
    for bad in damaged:
        say(f"Cannot be read: {bad.folder}: {bad.why}")
    if not rows:
        say(f"There are no runs in {root} yet. `outlay fit` makes the first.")
        return
    columns = [Column("Run", False), Column("Kind", False), Column("Created (UTC)", False), Column("Trust", False)]
    columns.append(Column("From", False, optional=1))
    cells = [(row.id, row.kind, row.created, _trust_word(row.trusted), ", ".join(row.parents)) for row in rows]
    print_table(TextTable("", columns, cells))


def _show(project: ProjectFile, id: str | None, as_json: bool) -> None:
    from cli.config import runs_root
    from cli.fits import findings_of, open_any, reasons
    from cli.outputs.runs import RunOutput
    from cli.terminal import emit, print_findings, print_json, wrap
    from outlay.document import FindingRow

    run = open_any(runs_root(project), id)
    row = _row(run)
    found = findings_of(run) if "findings.json" in files(run) else []
    why = reasons(run) if row.kind == "fit" else []
    if as_json:
        rows = [FindingRow.of(finding) for finding in found]
        print_json(RunOutput(run=row, manifest=dict(run.manifest), reasons=why, findings=rows).document())
        return
    emit(f"Run      {row.id}\nKind     {row.kind}\nCreated  {row.created} UTC\nFolder   {run.path}")
    emit(f"Command  {' '.join(str(word) for word in run.manifest.get('command', []))}")
    emit(f"Seed     {run.manifest.get('seed')}\nTrust    {_trust_word(row.trusted)}")
    for reason in why:
        emit(wrap(f"         {reason}", "         "))
    for parent in row.parents:
        emit(f"From     {parent}")
    emit("Files")
    for name, facts in files(run).items():
        emit(f"  {facts.get('size', 0):>12,}  {name}")
    print_findings(found)


def files(run: Run) -> dict[str, dict[str, int]]:
    """The run's files with their sizes, from its manifest."""
    return dict(run.manifest.get("files", {}))


def _row(run: Run) -> RunRow:
    from cli.fits import is_trusted
    from cli.outputs.runs import RunRow

    trusted = is_trusted(run) if "trust.json" in files(run) else None
    return RunRow(
        id=run.id,
        kind=run.kind,
        created=f"{run.created:%Y-%m-%d %H:%M:%S}",
        parents=[str(parent) for parent in run.parents],
        trusted=trusted,
        folder=str(run.path),
    )


def _trust_word(trusted: bool | None) -> str:
    return {True: "passed", False: "NOT PASSED", None: "-"}[trusted]
