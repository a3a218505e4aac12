"""``outlay segment``: who the customers are, what each kind is worth, and how they move."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import DEFAULT_PROJECT, Debug, DryRun, Force, Json, ProjectFile, RunRef

if TYPE_CHECKING:
    from cli.outputs.segments import Mode
    from cli.segments_modes import Asked, Found

Choose = Annotated[bool, typer.Option("--choose", help="Only judge how many segments there are; keep nothing.")]
Profile = Annotated[bool, typer.Option("--profile", help="Tell a run again: the latest, or the one of --run.")]
Assign = Annotated[
    bool, typer.Option("--assign", help="Put the customers of today to the segments of a run, without a new fit.")
]
Drift = Annotated[
    bool, typer.Option("--drift", help="Only compare today's customers with a run: refit or not; keep nothing.")
]
Data = Annotated[
    str | None,
    typer.Option("--data", metavar="TABLE", help="With --assign and --drift: this table in place of the project's."),
]
Count = Annotated[
    int | None, typer.Option("--k", min=1, max=50, metavar="COUNT", help="Number of segments, in place of the file's.")
]
CsvFile = Annotated[
    Path | None,
    typer.Option("--csv", metavar="FILE", help="Write every customer with segment, purchases and lifetime value."),
]
Picture = Annotated[
    Path | None, typer.Option("--picture", metavar="FILE", help="Draw what was found into one HTML file.")
]
Panel = Annotated[
    Path | None,
    typer.Option("--panel", metavar="FILE", help="Write purchases by week and segment, for [media] (CSV or Parquet)."),
]


def command(
    choose: Choose = False,
    profile: Profile = False,
    assign: Assign = False,
    drift: Drift = False,
    data: Data = None,
    k: Count = None,
    csv: CsvFile = None,
    picture: Picture = None,
    panel: Panel = None,
    project: ProjectFile = DEFAULT_PROJECT,
    run: RunRef = None,
    force: Force = False,
    dry_run: DryRun = False,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Find the kinds of customers, and what each is worth and needs.

    Reads [customers]: cleans and says how, chooses the number of segments, names them, values them, and keeps their
    labels for [leads.labels] and [media]. A second run keeps the numbers and names of the first. --choose, --profile,
    --assign and --drift do one part each.
    """
    from cli.segments_modes import Asked, find

    modes: dict[Mode, bool] = {"choose": choose, "profile": profile, "assign": assign, "drift": drift}
    asked = Asked(
        project=project,
        mode=_mode(modes),
        data=data,
        k=k,
        run=run,
        force=force,
        dry_run=dry_run,
        panel=panel,
    )
    _check(asked, csv=csv, picture=picture)
    found = find(asked)
    _write(found, csv, picture)
    if as_json:
        from cli.terminal import print_json

        print_json(found.output.document())
        return
    _tell(asked, found)


def _mode(modes: dict[Mode, bool]) -> Mode:
    """The one thing that was asked for; ``"fit"`` without any."""
    named = [name for name, wanted in modes.items() if wanted]
    if len(named) > 1:
        raise _clash(f"--{named[0]} and --{named[1]} are two different things to do", f"--{named[1]}")
    return named[0] if named else "fit"


def _clash(what: str, where: str) -> Exception:
    from cli.catalogue import CATALOGUE
    from outlay.errors import ConfigError

    return ConfigError(what, where=where, repair=CATALOGUE["X007"].repair, id="X007")


def _check(asked: Asked, *, csv: Path | None, picture: Path | None) -> None:
    """Refuse options that say nothing beside the mode."""
    mode = asked.mode
    if asked.data is not None and mode not in ("assign", "drift"):
        raise _clash("--data goes with --assign or --drift; a fit reads the project's tables", "--data")
    if asked.k is not None and mode not in ("fit",):
        raise _clash(f"--k fixes the number of segments of a fit, and --{mode} makes none", "--k")
    if asked.run is not None and mode not in ("profile", "assign", "drift"):
        raise _clash("--run names the run that --profile, --assign or --drift reads", "--run")
    if mode in ("choose", "drift"):
        for name, path in (("--csv", csv), ("--panel", asked.panel)):
            if path is not None:
                raise _clash(f"--{mode} labels nobody, so {name} has nothing to write", name)
    if mode == "drift" and picture is not None:
        raise _clash("--drift is a table and a verdict; it has no picture", "--picture")
    if asked.dry_run:
        for name, path in (("--csv", csv), ("--panel", asked.panel), ("--picture", picture)):
            if path is not None:
                raise _clash(f"--dry-run writes nothing, and {name} asks for a file", name)


def _write(found: Found, csv: Path | None, picture: Path | None) -> None:
    """The files that were asked for beside the run."""
    from cli.terminal import say
    from outlay.exports import atomic_write, write_csv

    if csv is not None:
        table = found.customers()
        write_csv(table, csv)
        say(f"Wrote {len(table):,} customers to {csv}")
    if picture is not None:
        from cli.charts_segments import picture as draw

        atomic_write(picture, draw(found.output, found.tables))
        say(f"Drew it into {picture}")


def _tell(asked: Asked, found: Found) -> None:
    """Tables on stdout; what was found on the way, and what comes next, on stderr."""
    from cli.segments import show
    from cli.segments_words import next_step
    from cli.terminal import print_findings, say
    from outlay.findings import Finding

    show(found.output)
    print_findings(Finding(**row.model_dump()) for row in found.output.findings)
    say(next_step(found.output, asked.project, found.sections))
