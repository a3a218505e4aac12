"""``outlay doctor``: whether this machine and installation are fit for the work."""

from __future__ import annotations

import typer

from cli.options import DEFAULT_PROJECT, Debug, Json, ProjectFile

_MARKS = {"ok": "ok", "warning": "WARNING", "problem": "PROBLEM"}


def command(project: ProjectFile = DEFAULT_PROJECT, as_json: Json = False, debug: Debug = False) -> None:
    """Look over this machine and installation.

    Versions, names that another package shadows, writable folders, cores, compiler and extras. Exit 1 on a problem.
    """
    from cli.health import VERSIONS_OF, all_checks, versions
    from cli.outputs.about import DoctorOutput
    from cli.terminal import emit, print_json, print_table, say, wrap
    from outlay.text_table import Column, TextTable

    checks = all_checks(project)
    if as_json:
        print_json(DoctorOutput(checks=checks, versions=versions(VERSIONS_OF)).document())
    else:
        rows = [(check.name, _MARKS[check.state], check.what) for check in checks]
        print_table(TextTable("", [Column("Check", False), Column("State", False), Column("Found", False)], rows))
        installed = versions(VERSIONS_OF).items()
        # no break between a name and its version
        told = "  ".join(f"{name}\N{NO-BREAK SPACE}{version or 'missing'}" for name, version in installed)
        emit(wrap(told).replace("\N{NO-BREAK SPACE}", " "))
        for check in checks:
            if check.state != "ok" and check.repair:
                say(f"{check.name}: {check.repair}")
    if any(check.state == "problem" for check in checks):
        raise typer.Exit(1)
