"""``outlay attribute``: what journeys credit each channel with."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import DEFAULT_PROJECT, Debug, DryRun, Json, ProjectFile

if TYPE_CHECKING:
    from attribution.journeys_run import Media

Segment = Annotated[str | None, typer.Option("--segment", metavar="NAME", help="Show only this segment.")]
Period = Annotated[
    str | None, typer.Option("--period", metavar="DATE", help="Show only the period that begins on this day.")
]
NoMedia = Annotated[
    bool, typer.Option("--no-media", help="Leave costs and the media-mix model out, even where there is a fit.")
]


def command(
    segment: Segment = None,
    period: Period = None,
    no_media: NoMedia = False,
    project: ProjectFile = DEFAULT_PROJECT,
    dry_run: DryRun = False,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Share conversions among the channels that users touched.

    First, last, linear, position, time decay, Markov chains and Shapley values, with intervals; beside the media-mix
    model where there is a fit. What journeys credit is not what a channel caused.
    """
    from cli.config import load, runs_root
    from cli.journeys import media_between, show, summarise
    from cli.terminal import print_json

    loaded = load(project)
    media: Media | None = None if no_media else media_between(loaded, runs_root(project))
    if dry_run:
        _rehearse(project, as_json=as_json)
        return
    from attribution.journeys_run import journeys_run

    run = journeys_run(loaded, runs_root(project), sys.argv, media)
    result = summarise(run, segment, period)
    if as_json:
        print_json(result.document())
    else:
        show(run, result)


def _rehearse(project: ProjectFile, *, as_json: bool) -> None:
    """Read and check every touch, and say what would be done."""
    from attribution.document_journeys import AttributeOutput
    from attribution.journeys import check_journeys
    from cli.config import load, runs_root
    from cli.terminal import print_findings, print_json, say
    from outlay.document import FindingRow

    checked = check_journeys(load(project))
    if as_json:
        rows = [FindingRow.of(finding) for finding in checked.findings]
        print_json(AttributeOutput.empty(rows).document())
        return
    print_findings(checked.findings)
    for label, text in checked.facts:
        say(f"{label}: {text}")
    say(f"Would share the conversions among channels and write a run to {runs_root(project)}. Nothing was written.")
