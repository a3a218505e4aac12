"""``outlay score``: grade leads and say how good the grades are."""

from __future__ import annotations

from cli.options import DEFAULT_PROJECT, Debug, DryRun, Json, ProjectFile


def command(
    project: ProjectFile = DEFAULT_PROJECT,
    dry_run: DryRun = False,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Grade leads A to E, and show what the grades would have caught."""
    raise NotImplementedError
