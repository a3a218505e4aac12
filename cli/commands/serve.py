"""``outlay serve``: the planner's page."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.options import DEFAULT_PROJECT, Debug, Force, ProjectFile, RunRef


def command(
    host: Annotated[str, typer.Option("--host", metavar="ADDRESS", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port; 0 takes a free one.")] = 8050,
    read_only: Annotated[bool, typer.Option("--read-only", help="Plan and look, but keep nothing.")] = False,
    project: ProjectFile = DEFAULT_PROJECT,
    run: RunRef = None,
    force: Force = False,
    debug: Debug = False,
) -> None:
    """Open the planner's page in a browser: budgets, rules, plans and scenarios."""
    from waitress import serve

    from cli.study import study_of
    from planner.app import build
    from planner.desk import Desk

    app = build(Desk(study_of(project, run, force=force)), read_only=read_only)
    serve(app.server, host=host, port=port)
