"""``outlay scorecard``: segments and regions against their goals."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from cli.options import DEFAULT_PROJECT, Debug, DryRun, Json, ProjectFile

if TYPE_CHECKING:
    from attribution.document_scorecard import ScorecardOutput
    from attribution.scorecard_question import Question
    from outlay.project import Project

By = Literal["segment", "region", "both"]

Month = Annotated[
    str | None,
    typer.Option("--month", metavar="YYYY-MM", help="Month to tell; default: the latest whole one."),
]
ByWhat = Annotated[By | None, typer.Option("--by", help="Rows: segments, regions, or both crossed.")]
OneSegment = Annotated[
    str | None, typer.Option("--segment", metavar="NAME", help="Only this segment, in its sub-segments.")
]
OneRegion = Annotated[
    str | None, typer.Option("--region", metavar="NAME", help="Only this region, in its sub-regions.")
]
Measure = Annotated[str | None, typer.Option("--measure", metavar="NAME", help="Only this stage, or value.")]
CsvFile = Annotated[Path | None, typer.Option("--csv", metavar="FILE", help="Write the rows shown to a CSV file.")]


def command(
    month: Month = None,
    by: ByWhat = None,
    segment: OneSegment = None,
    region: OneRegion = None,
    measure: Measure = None,
    csv: CsvFile = None,
    project: ProjectFile = DEFAULT_PROJECT,
    dry_run: DryRun = False,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Show segments and regions against their goals, by month.

    Counts, change, goal, pace and the probability of reaching the month's and the year's goal; rates between stages,
    contribution by origin, and the change split into volume, mix and rate. A run keeps all parts; the options choose
    what is shown: `outlay scorecard --segment NAME --by region`.
    """
    from attribution.scorecard_question import Question
    from cli.config import load, runs_root
    from cli.scorecard import show
    from cli.terminal import print_findings, print_json, say
    from outlay.findings import Finding

    loaded, question = load(project), Question(month, by, segment, region, measure)
    result = rehearse(loaded, question) if dry_run else make_run(loaded, runs_root(project), question)
    if csv is not None and not dry_run:
        _write_csv(result, csv)
    if as_json:
        print_json(result.document())
        return
    show(result, question)
    print_findings(Finding(**row.model_dump()) for row in result.findings)
    say("Nothing was written." if dry_run else f"Run {result.run} is in {runs_root(project)}. Next: outlay report")


def rehearse(project: Project, question: Question) -> ScorecardOutput:
    """The scorecard without a run."""
    from attribution.scorecard_run import make
    from cli.scorecard import shown

    card, _, findings = make(project, question)
    return shown(None, card.tables, card.facts, findings, question)


def make_run(project: Project, root: Path, question: Question) -> ScorecardOutput:
    """Make the scorecard, keep it as a run, and read it back."""
    from attribution.scorecard_run import scorecard_run
    from cli.fits import findings_of, mapping
    from cli.scorecard import shown, tables_of

    run = scorecard_run(project, root, sys.argv, question)
    return shown(run.id, tables_of(run), mapping(run, "scorecard.json"), findings_of(run), question)


def _write_csv(result: ScorecardOutput, path: Path) -> None:
    from cli.scorecard import csv_frame
    from cli.terminal import say
    from outlay.exports import write_csv

    write_csv(csv_frame(result), path)
    say(f"Wrote {path}")
