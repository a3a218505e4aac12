"""``outlay refresh``: everything again on today's data, published only where the gate lets it."""

from __future__ import annotations

from cli.options import DEFAULT_PROJECT, Debug, DryRun, Json, ProjectFile


def command(
    project: ProjectFile = DEFAULT_PROJECT,
    dry_run: DryRun = False,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Read, check, fit, validate, plan, report and export, and publish only what passed the gate."""
