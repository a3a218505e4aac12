"""``outlay score``: grade leads and say how good the grades are."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import DEFAULT_PROJECT, Debug, DryRun, Json, ProjectFile

if TYPE_CHECKING:
    import pandas as pd

CsvFile = Annotated[
    Path | None, typer.Option("--csv", metavar="FILE", help="Write every open lead with its grade to a CSV file.")
]
Leads = Annotated[int, typer.Option("--leads", min=0, max=1000, help="How many of the best open leads to show.")]


def command(
    csv: CsvFile = None,
    leads: Leads = 10,
    project: ProjectFile = DEFAULT_PROJECT,
    dry_run: DryRun = False,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Grade leads A to E, and show what the grades would have caught.

    Learns from leads that had their time before the test, checks the grades on the leads since, beside the rule-based
    score, and grades the open ones: A the best tenth, B the next fifth, C and D three tenths each, E the last tenth.
    Says what to hand over this week and why each lead scores as it does. The classifier is not kept: the same seed
    fits it again.
    """
    from cli.config import load, runs_root
    from cli.fits import findings_of, mapping
    from cli.scores import document_of, show, tables_of
    from cli.terminal import print_findings, print_json, say

    loaded = load(project)
    if dry_run:
        from attribution.scores_run import score_project

        read, found = score_project(loaded)
        tables, findings = found.tables, [*read.findings, *found.findings]
        result = document_of(None, tables, found.facts, findings)
    else:
        from attribution.scores_run import score_run

        run = score_run(loaded, runs_root(project), sys.argv)
        tables, findings = tables_of(run), findings_of(run)
        result = document_of(run.id, tables, mapping(run, "score.json"), findings)
        if csv is not None:
            _write_csv(tables["scores"], csv)
    if as_json:
        print_json(result.document())
        return
    show(result, leads)
    print_findings(findings)
    say("Nothing was written." if dry_run else f"Run {result.run} is in {runs_root(project)}. Next: outlay report")


def _write_csv(scores: pd.DataFrame, path: Path) -> None:
    """The open leads by rank; those of the test where none is open."""
    from cli.terminal import say
    from outlay.exports import write_csv

    part = scores[scores["set"] == "open"] if (scores["set"] == "open").any() else scores
    write_csv(part.drop(columns=["row"]), path)
    say(f"Wrote {len(part):,} leads to {path}")
