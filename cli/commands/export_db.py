"""``outlay export db``: the results as a star schema in DuckDB or PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import DEFAULT_PROJECT, Debug, DryRun, Force, Json, ProjectFile, RunRef

if TYPE_CHECKING:
    from cli.outputs.export_db import ExportDbOutput


def command(
    to: Annotated[str, typer.Option("--to", metavar="ADDRESS", help="duckdb:///FILE or postgresql://HOST/DATABASE.")],
    project: ProjectFile = DEFAULT_PROJECT,
    run: RunRef = None,
    all_runs: Annotated[
        bool, typer.Option("--all-runs", help="Write all runs and versions, not only the latest.")
    ] = False,
    force: Force = False,
    dry_run: DryRun = False,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Write facts and dimensions of the runs into a database.

    In one transaction. By default the latest fit, scorecard, conversion and segments, the latest plan of each
    scenario of that fit, and the scenarios saved on the page. A run that is there already is written again in its
    place. The password comes from PGPASSWORD, ~/.pgpass or a service file, never from the address. The tables lie in
    the schema outlay; ?schema=NAME names another.
    """
    from cli.config import runs_root
    from cli.star.export import export_runs
    from cli.terminal import print_json
    from outlay.errors import ConfigError

    if run is not None and all_runs:
        raise ConfigError(
            "--run and --all-runs exclude each other", where="--run", repair="Leave one of the two out.", id="X007"
        )
    result = export_runs(to, runs_root(project), run=run, every=all_runs, force=force, dry_run=dry_run)
    if as_json:
        print_json(result.document())
    else:
        _show(result)


def _show(result: ExportDbOutput) -> None:
    from cli.terminal import emit, print_table, say
    from outlay import style
    from outlay.text_table import Column, TextTable

    doubted = [run.run for run in result.runs if run.trusted is False]
    for run in doubted:
        say(f"WARNING: run {run} did not pass the trust gate; its rows are marked as not trusted (T006).")
    rows = [(row.run, row.kind, style.amount(row.rows)) for row in result.runs]
    print_table(TextTable("Runs", [Column("Run", False), Column("Kind", False), Column("Rows of facts")], rows))
    emit("")
    cells = [(name, style.amount(count)) for name, count in result.tables.items()]
    total = ("together", style.amount(sum(result.tables.values())))
    print_table(TextTable("Tables", [Column("Table", False), Column("Rows")], cells, total))
    for line in result.left_out:
        say(f"Left out: {line}")
    place = f"schema {result.schema_name} of {result.to}"
    say(f"These rows are in the {place}." if result.written else f"Nothing was written to the {place}.")
