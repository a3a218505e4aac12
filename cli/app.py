"""The command ``outlay``: its commands in the order of the work.

The functions of :mod:`cli.commands` import what they need when they run, so that ``outlay --help`` loads Typer and
nothing else.
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from typer.core import TyperGroup

from cli.commands import (
    attribute,
    check,
    compare,
    convert,
    curves,
    demo,
    doctor,
    explain,
    export,
    fit,
    forecast,
    init,
    plan,
    refresh,
    report,
    roi,
    runs,
    schema,
    score,
    scorecard,
    segment,
    serve,
    validate,
)
from cli.guard import guard, interrupted, reader_left, stop_on_terminate

COMMANDS = (
    init,
    check,
    segment,
    convert,
    score,
    attribute,
    fit,
    validate,
    roi,
    curves,
    forecast,
    plan,
    compare,
    scorecard,
    report,
    export,
    serve,
    refresh,
    runs,
    doctor,
    explain,
    schema,
    demo,
)
NAMES = tuple(module.__name__.rpartition(".")[2] for module in COMMANDS)


class _InOrder(TyperGroup):
    """The commands in the order of the work; Typer would list groups of commands behind all others."""

    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]
        return list(NAMES)


app = typer.Typer(
    name="outlay",
    cls=_InOrder,
    help="What did our marketing return, and where should the next dollar go?",
    epilog="First steps: `outlay demo` shows a whole study; `outlay init --from data.csv` starts your own. "
    "Exit codes: 0 done, 1 failed, 2 usage or project file, 3 data rejected, 4 model not trustworthy, "
    "5 plan infeasible, 130 interrupted.",
    no_args_is_help=True,
    rich_markup_mode=None,  # plain help: fast, the same in every terminal and locale
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

for name, module in zip(NAMES, COMMANDS, strict=True):
    if module is export:
        app.add_typer(export.app)
    else:
        app.command(name=name)(guard(module.command))


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        sys.stdout.write(f"outlay {version('outlay')}\n")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    """What did our marketing return, and where should the next dollar go?"""


def main() -> None:
    """Run the command line; the console script's entry."""
    for stream in (sys.stdout, sys.stderr):
        # a terminal that cannot show a character gets its escape, not a traceback
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    stop_on_terminate()
    try:
        app(prog_name="outlay")
    except KeyboardInterrupt:
        sys.exit(interrupted())
    except BrokenPipeError:
        sys.exit(reader_left())


if __name__ == "__main__":
    main()
