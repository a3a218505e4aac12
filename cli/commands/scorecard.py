"""``outlay scorecard``: segments and regions against their goals."""

from __future__ import annotations

from cli.options import DEFAULT_PROJECT, Debug, DryRun, Json, ProjectFile


def command(
    project: ProjectFile = DEFAULT_PROJECT,
    dry_run: DryRun = False,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Show each segment and region against its goals, month over month."""
    raise NotImplementedError
