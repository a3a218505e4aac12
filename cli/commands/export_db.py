"""``outlay export db``: the results as a star schema in DuckDB or PostgreSQL."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.options import DEFAULT_PROJECT, Debug, DryRun, Force, Json, ProjectFile, RunRef


def command(
    to: Annotated[str, typer.Option("--to", metavar="ADDRESS", help="duckdb:///FILE or postgresql://HOST/DATABASE.")],
    project: ProjectFile = DEFAULT_PROJECT,
    run: RunRef = None,
    force: Force = False,
    dry_run: DryRun = False,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Write facts and dimensions of the runs into a database, in one transaction."""
