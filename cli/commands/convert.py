"""``outlay convert``: sample the conversion model and keep it as a run."""

from __future__ import annotations

from cli.options import DEFAULT_PROJECT, Debug, DryRun, Json, ProjectFile


def command(
    project: ProjectFile = DEFAULT_PROJECT,
    dry_run: DryRun = False,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Say how leads of each segment and channel convert, with intervals."""
    raise NotImplementedError
