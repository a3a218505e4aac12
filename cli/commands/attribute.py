"""``outlay attribute``: what journeys credit each channel with."""

from __future__ import annotations

from cli.options import DEFAULT_PROJECT, Debug, DryRun, Json, ProjectFile


def command(
    project: ProjectFile = DEFAULT_PROJECT,
    dry_run: DryRun = False,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Share conversions among the channels that users touched."""
    raise NotImplementedError
