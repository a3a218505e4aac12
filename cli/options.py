"""The options that several commands share, each written once.

Only :mod:`typer` is imported here: every ``--help`` passes through this module and has to stay fast.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

ProjectFile = Annotated[
    Path,
    typer.Option("--project", metavar="FILE", help="The project file.", show_default=True),
]
RunRef = Annotated[
    str | None,
    typer.Option("--run", metavar="ID", help="Run id or its unique beginning; default: the latest of its kind."),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of tables.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]
Force = Annotated[
    bool, typer.Option("--force", help="Use a run that did not pass the trust gate; every output says so.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done and write nothing.")]

DEFAULT_PROJECT = Path("outlay.toml")
