"""``outlay schema``: the JSON Schema of the project file, or of what a command prints with ``--json``."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.options import Debug, Json


def command(
    json_output: Annotated[
        str | None,
        typer.Option("--json-output", metavar="COMMAND", help="Schema of what COMMAND prints with --json instead."),
    ] = None,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Print the JSON Schema of the project file.

    The output is always JSON. With --json-output COMMAND it describes what that command prints with --json.
    """
    from cli.terminal import print_json

    if json_output is not None:
        print_json(_output_schema(json_output))
        return
    from cli.config import sections
    from outlay.project import schema

    print_json(schema(sections()))


def _output_schema(name: str) -> dict[str, object]:
    from difflib import get_close_matches

    from cli.outputs.registry import OUTPUTS
    from outlay.errors import ConfigError

    if name not in OUTPUTS:
        near = get_close_matches(name, OUTPUTS, n=1)
        hint = f"Did you mean {near[0]}? " if near else ""
        raise ConfigError(f"no command {name!r} prints JSON", repair=f"{hint}Known: {', '.join(OUTPUTS)}.", id="X002")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **OUTPUTS[name].model_json_schema()}
