"""``outlay explain``: what a finding or refusal means and how to mend it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import Debug, Json

if TYPE_CHECKING:
    from outlay.findings import Entry


def command(
    id: Annotated[str | None, typer.Argument(metavar="[ID]", help="For example D101; without it, all ids.")] = None,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Tell what an id means and how to mend it."""
    from cli.catalogues import all_entries
    from cli.outputs.about import Explained, ExplainOutput
    from cli.terminal import print_json

    entries = all_entries()
    chosen = entries if id is None else {id.upper(): entries[_known(id, list(entries))]}
    if as_json:
        rows = [
            Explained(id=key, title=entry.title, severity=entry.severity, meaning=entry.meaning, repair=entry.repair)
            for key, entry in chosen.items()
        ]
        print_json(ExplainOutput(entries=rows).document())
    elif id is None:
        _print_list(chosen)
    else:
        _print_one(*next(iter(chosen.items())))


def _known(id: str, ids: list[str]) -> str:
    from difflib import get_close_matches

    from cli.catalogue import CATALOGUE
    from outlay.errors import ConfigError

    if id.upper() in ids:
        return id.upper()
    near = get_close_matches(id.upper().replace("O", "0"), ids, n=3, cutoff=0.5)
    hint = f"Did you mean {', '.join(near)}? " if near else ""
    raise ConfigError(f"there is no id {id!r}", repair=hint + CATALOGUE["X002"].repair, id="X002")


def _print_list(entries: dict[str, Entry]) -> None:
    from cli.terminal import print_table
    from outlay.text_table import Column, TextTable

    rows = [(id, entry.severity, entry.title) for id, entry in entries.items()]
    print_table(TextTable("", [Column("Id", False), Column("Severity", False), Column("What", False)], rows))


def _print_one(id: str, entry: Entry) -> None:
    from cli.terminal import emit, wrap

    emit(f"{id}  {entry.title}  ({entry.severity})\n")
    emit(wrap(entry.meaning))
    emit("")
    emit(wrap(f"To mend it: {entry.repair}"))
