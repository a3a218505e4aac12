"""``outlay convert``: sample the conversion model and keep it as a run."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from cli.options import DEFAULT_PROJECT, Debug, DryRun, Json, ProjectFile

if TYPE_CHECKING:
    from attribution.document_conversion import ConvertOutput
    from outlay.project import Project

Engine = Literal["auto", "kernel", "pymc"]
"""As in ``attribution.config``, which ``--help`` does not wait for."""


def command(
    project: ProjectFile = DEFAULT_PROJECT,
    preview: Annotated[
        bool,
        typer.Option("--preview", help="Approximate in a second, unjudged; no other command reads it."),
    ] = False,
    engine: Annotated[
        Engine | None, typer.Option(help="auto, kernel or pymc, in place of what [leads.sampling] says.")
    ] = None,
    dry_run: DryRun = False,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Say how leads convert and what a lead is worth, with intervals.

    By segment and channel, pooled where leads are few. Exit 4 where the posterior does not pass the trust gate;
    the run is kept then, and later commands refuse it.
    """
    from cli.config import load, runs_root
    from cli.conversion import output_of, show
    from cli.terminal import print_json
    from outlay.errors import TrustError

    loaded = load(project)
    if dry_run:
        _rehearse(loaded, project, as_json)
        return
    from attribution.conversion_run import convert_run

    run = convert_run(
        loaded, runs_root(project), sys.argv, progress=sys.stderr.isatty(), preview=preview, engine=engine
    )
    result = output_of(run)
    if as_json:
        print_json(result.document())
    else:
        show(result)
        _close(result)
    if result.trusted is False:
        raise typer.Exit(TrustError.exit_code)


def _close(result: ConvertOutput) -> None:
    from cli.terminal import print_findings, say
    from outlay.findings import Finding

    print_findings(Finding(**row.model_dump()) for row in result.findings)
    if result.engine is not None and not result.preview:
        say(f"Sampled by {result.engine}{': ' + result.engine_reason if result.engine_reason else ''}")
    say(f"Run {result.run} is in {result.folder}")
    if result.preview:
        say(
            "This is a PREVIEW (V009): an approximation that no trust gate judged and no other command reads. "
            "Next: outlay convert without --preview"
        )
    elif result.trusted:
        say("The posterior passed the trust gate. Next: outlay score, outlay plan, outlay report")
    else:
        say("The posterior did NOT pass the trust gate; its numbers are kept but not read by other commands (exit 4):")
        for reason in result.reasons:
            say(f"  - {reason}")


def _rehearse(loaded: Project, project: ProjectFile, as_json: bool) -> None:
    """Count everything that the model reads, and say what it would do."""
    from attribution.config import LeadsSection
    from attribution.conversion_links import links_of
    from attribution.document_conversion import ConvertOutput
    from attribution.leads_cells import read_cells
    from cli.config import project_section, runs_root
    from cli.terminal import print_findings, print_json, say
    from outlay.document import FindingRow

    section = loaded.section("leads", LeadsSection)
    cells = read_cells(section, project_section(loaded), loaded.base)
    links = links_of(cells)
    if as_json:
        rows = [FindingRow.of(finding) for finding in cells.findings]
        empty = ConvertOutput(run=None, folder=None, preview=False, trusted=None, reasons=[], checks=[], findings=rows)
        print_json(empty.document())
        return
    print_findings(cells.findings)
    sampling = section.sampling
    parts = ", ".join(f"{link.name} ({len(link.n):,} cells)" for link in links)
    say(
        f"Would fit {parts} from {cells.rows:,} leads ({sampling.chains} chains of {sampling.tune} + {sampling.draws} "
        f"draws each) and write a run to {runs_root(project)}. Nothing was written."
    )
