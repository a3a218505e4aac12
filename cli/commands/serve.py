"""``outlay serve``: the planner's page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import DEFAULT_PROJECT, Debug, Force, Json, ProjectFile, RunRef

if TYPE_CHECKING:
    from planner.server import Running
    from planner.study import Study


def command(
    host: Annotated[
        str, typer.Option("--host", metavar="ADDRESS", help="Address to listen on; any but loopback needs a token.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port; 0 takes a free one.")] = 8050,
    read_only: Annotated[bool, typer.Option("--read-only", help="Plan and look, but keep nothing.")] = False,
    no_open: Annotated[bool, typer.Option("--no-open", help="Do not open a browser.")] = False,
    project: ProjectFile = DEFAULT_PROJECT,
    run: RunRef = None,
    force: Force = False,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Open the planner's page in a browser.

    Budgets, rules, plans and scenarios. It shows one fit and its plans, on this machine alone unless --host says
    otherwise. Ctrl-C ends it; scenarios are kept in scenarios.sqlite beside the project file.
    """
    import os
    from dataclasses import replace

    from cli.study import study_of
    from planner.app import build
    from planner.desk import Desk
    from planner.server import Running, place_of, share_arenas, warm

    place = place_of(host, port, os.environ.get("OUTLAY_TOKEN") or None)
    study = replace(study_of(project, run, force=force), read_only=read_only)
    desk = Desk(study)
    share_arenas()
    running = Running(build(desk), place)
    _tell(running, study, as_json=as_json)
    warm(desk)
    if not (no_open or as_json):
        _open(running.link)
    try:
        running.run()
    except KeyboardInterrupt:  # the way to end it, and not an interruption of work
        running.close()


def _tell(running: Running, study: Study, *, as_json: bool) -> None:
    import sys

    from cli.outputs.serve import ServeOutput
    from cli.terminal import emit, print_json, say

    if as_json:
        document = ServeOutput(
            url=running.url,
            link=running.link,
            token=running.place.token is not None,
            read_only=study.read_only,
            run=study.fit.id,
            trusted=study.trusted,
        )
        print_json(document.document())
    else:
        if running.place.token is not None:
            say("Whoever has the link can plan. It goes over the network as it is: put a proxy with TLS before it.")
        if running.everywhere:
            say("From another machine, write this machine's name in place of 127.0.0.1.")
        say(f"The planner's page of {study.project.name}; Ctrl-C ends it.")
        emit(running.link)
    sys.stdout.flush()


def _open(link: str) -> None:
    """Open a browser where somebody sits before a screen."""
    import os
    import sys
    import webbrowser

    screen = sys.platform in ("darwin", "win32") or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if sys.stderr.isatty() and screen:
        webbrowser.open(link)
