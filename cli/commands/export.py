"""``outlay export``: results handed on, as a workbook or into a database."""

from __future__ import annotations

import typer

from cli.commands import export_db, export_xlsx
from cli.guard import guard

app = typer.Typer(
    name="export",
    help="Hand results on: a workbook, or tables in a database.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
for module in (export_xlsx, export_db):
    app.command(name=module.__name__.rpartition("_")[2])(guard(module.command))
