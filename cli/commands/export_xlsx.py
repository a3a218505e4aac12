"""``outlay export xlsx``: the results as a workbook whose totals are live formulas."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.options import DEFAULT_PROJECT, Debug, DryRun, Force, Json, ProjectFile, RunRef


def command(
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Where to write; default: reports/ beside the project.")
    ] = None,
    plan: Annotated[
        str | None,
        typer.Option("--plan", metavar="ID", help="Plan to write; default: the latest recommended one of the fit."),
    ] = None,
    project: ProjectFile = DEFAULT_PROJECT,
    run: RunRef = None,
    force: Force = False,
    dry_run: DryRun = False,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Write a workbook of a fit and its plans.

    ROI, contributions, curves, plan, scenarios, assumptions, definitions. Totals are live formulas. The yellow cells
    of the plan's sheet can be edited: `outlay plan --from FILE` asks again. A file that holds edits is never written
    over.
    """
    from cli.terminal import emit, print_json, say
    from cli.workbook.export import Asked, export_workbook

    result = export_workbook(project, Asked(out=out, plan=plan, run=run, force=force, dry_run=dry_run))
    if as_json:
        print_json(result.document())
        return
    if not result.plans:
        say("No plan was made from this fit yet, so the workbook has none. `outlay plan` makes one.")
    for run in result.left_out:
        say(f"Left out: {run} counts another outcome than {result.plans[0]}.")
        say(f"--plan {run} writes a workbook of its own.")
    if not result.written:
        say(f"Would write {result.bytes / 1e3:.0f} kB. Nothing was written.")
    emit(result.path)
