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
        str | None, typer.Option("--plan", metavar="ID", help="Plan to write; default: the latest made from the fit.")
    ] = None,
    project: ProjectFile = DEFAULT_PROJECT,
    run: RunRef = None,
    force: Force = False,
    dry_run: DryRun = False,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Write a workbook: ROI, contributions, curves, plan, scenarios, assumptions, definitions."""
