"""``outlay refresh``: everything again on today's data, published only where the gate lets it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import DEFAULT_PROJECT, Debug, DryRun, Json, ProjectFile

if TYPE_CHECKING:
    from cli.outputs.refresh import RefreshOutput


def command(
    force: Annotated[bool, typer.Option("--force", help="Also where nothing changed since the last one.")] = False,
    project: ProjectFile = DEFAULT_PROJECT,
    dry_run: DryRun = False,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Run all of it, from reading to publishing what passed the gate.

    Read, check, fit, validate, plan, report and export. For a job that runs every day: a line of log per step on
    stderr, nothing done where nothing changed, exit 4 and the last publication untouched where the fit or its
    validation fails. [refresh] in the project file says what is published, and where.
    """
    from cli.refresh import refresh
    from cli.terminal import print_json
    from outlay.errors import TrustError

    result = refresh(project, force=force, dry_run=dry_run)
    if as_json:
        print_json(result.document())
    else:
        _show(result)
    if result.status == "refused":
        raise typer.Exit(TrustError.exit_code)


def _show(result: RefreshOutput) -> None:
    from cli.terminal import emit, say

    if result.status == "planned":
        say(f"Would do: {', '.join(row.step for row in result.steps)}. Nothing was written.")
    elif result.status == "unchanged":
        say(f"Nothing to do: {result.why}. --force refreshes all the same.")
    for place in result.published:
        emit(place)
