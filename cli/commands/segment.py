"""``outlay segment``: who the customers are, what each kind is worth, and how they move."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import DEFAULT_PROJECT, Debug, DryRun, Force, Json, ProjectFile, RunRef

if TYPE_CHECKING:
    from cli.segments_modes import Asked, Found
    from segmentation.document import Mode

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
Card = Annotated[
    Path | None, typer.Option("--card", metavar="FILE", help="Write a model card (Markdown): data, method, limits.")
]
Panel = Annotated[
    Path | None,
    typer.Option("--panel", metavar="FILE", help="Write purchases by week and segment, for [media] (CSV or Parquet)."),
]


@dataclass(frozen=True)
class Files:
    """Files that are written beside the run."""

    csv: Path | None
    picture: Path | None
    card: Path | None


def command(
    choose: Choose = False,
    profile: Profile = False,
    assign: Assign = False,
    drift: Drift = False,
    data: Data = None,
    k: Count = None,
    csv: CsvFile = None,
    picture: Picture = None,
    card: Card = None,
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
    files = Files(csv, picture, card)
    _check(asked, files)
    found = find(asked)
    _write(found, files)
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


def _check(asked: Asked, files: Files) -> None:
    """Refuse options that say nothing beside the mode."""
    mode = asked.mode
    if asked.data is not None and mode not in ("assign", "drift"):
        raise _clash("--data goes with --assign or --drift; a fit reads the project's tables", "--data")
    if asked.k is not None and mode != "fit":
        raise _clash(f"--k fixes the number of segments of a fit, and --{mode} makes none", "--k")
    if asked.run is not None and mode not in ("profile", "assign", "drift"):
        raise _clash("--run names the run that --profile, --assign or --drift reads", "--run")
    wanted = {"--csv": files.csv, "--panel": asked.panel, "--picture": files.picture, "--card": files.card}
    nothing = {"choose": ("--csv", "--panel", "--card"), "assign": ("--card",), "drift": tuple(wanted)}.get(mode, ())
    for name, path in wanted.items():
        if path is not None and asked.dry_run:
            raise _clash(f"--dry-run writes nothing, and {name} asks for a file", name)
        if path is not None and name in nothing:
            raise _clash(f"--{mode} finds nothing that {name} could write", name)


def _write(found: Found, files: Files) -> None:
    """The files that were asked for beside the run."""
    from cli.terminal import say
    from outlay.exports import atomic_write, write_csv

    if files.csv is not None:
        table = found.customers()
        write_csv(table, files.csv)
        say(f"Wrote {len(table):,} customers to {files.csv}")
    if files.picture is not None:
        from cli.charts_segments import picture

        atomic_write(files.picture, picture(found.output, found.tables))
        say(f"Drew it into {files.picture}")
    if files.card is not None and found.model is not None:
        from cli.segments_card import card

        atomic_write(files.card, card(found.output, found.model.preparation, found.versions))
        say(f"Wrote the model card to {files.card}")


def _tell(asked: Asked, found: Found) -> None:
    """Tables on stdout; what was found on the way, and what comes next, on stderr."""
    from cli.segments import show
    from cli.segments_words import next_step
    from cli.terminal import print_findings, say
    from outlay.findings import Finding

    show(found.output)
    print_findings(Finding(**row.model_dump()) for row in found.output.findings)
    say(next_step(found.output, asked.project, found.sections))
