"""``outlay report``: one HTML file that tells the whole study."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import DEFAULT_PROJECT, Debug, DryRun, Force, Json, ProjectFile, RunRef

if TYPE_CHECKING:
    from cli.outputs.runs import ReportOutput
    from cli.report.stories import Stories
    from outlay.runs import Run


def command(
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Where to write; default: reports/ beside the project.")
    ] = None,
    plan: Annotated[
        str | None, typer.Option("--plan", metavar="ID", help="Plan to show; default: the latest made from the fit.")
    ] = None,
    project: ProjectFile = DEFAULT_PROJECT,
    run: RunRef = None,
    force: Force = False,
    dry_run: DryRun = False,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Write one self-contained HTML report.

    It needs no network: summary, returns, causes over time, response curves, plan, conversion, scores, journeys,
    scorecard, fit, findings, trust and assumptions in one file for a browser, a phone or a printer. What has no run has
    no section; without a fit the page tells of leads alone.
    """
    from cli.config import runs_root
    from cli.report.data import latest_plan_of
    from cli.report.stories import stories
    from cli.terminal import emit, print_json, say

    root = runs_root(project)
    fit = _fit(project, run, plan, force=force)
    told = stories(root, fit, force=force)
    chosen = latest_plan_of(fit, root, plan) if fit is not None else None
    name = fit.id if fit is not None else max(each.run.id for each in told.told) if told.told else ""
    if not name:
        raise _nothing_to_tell(root, told)
    result = write(fit, chosen, out or project.parent / "reports" / f"{name}.html", dry_run=dry_run, stories=told)
    if as_json:
        print_json(result.document())
        return
    if fit is not None and chosen is None:
        say("No plan was made from this fit yet, so the report has none. `outlay plan` makes one.")
    for row in result.stories:
        for line in row.stale:
            say(f"{row.kind} {row.run} is stale. {line}")
    for each in told.left_out:
        say(f"The {each.kind} run {each.id} is left out: it did not pass the trust gate (T006). --force shows it.")
    if dry_run:
        say(f"Would write {result.bytes / 1e6:.1f} MB. Nothing was written.")
    emit(result.path)


def _fit(project: Path, ref: str | None, plan: str | None, *, force: bool) -> Run | None:
    """The fit to tell: none where there is none and none was asked for, but other runs have a story."""
    from cli.config import runs_root
    from cli.fits import open_fit
    from cli.report.stories import MODULES
    from outlay.runs import list_runs

    root = runs_root(project)
    kinds = {run.kind for run in list_runs(root)} if root.is_dir() else set()
    if ref is None and plan is None and "fit" not in kinds and kinds & set(MODULES):
        return None
    return open_fit(project, ref, force=force)


def _nothing_to_tell(root: Path, told: Stories) -> Exception:
    """The refusal where every run that has a story failed the trust gate."""
    from outlay.errors import TrustError

    which = ", ".join(run.id for run in told.left_out)
    repair = "Mend the cause and run again. --force shows the numbers all the same, with the warning beside them."
    return TrustError(f"no run passed the trust gate: {which}", where=str(root), repair=repair, id="T006")


def write(
    fit: Run | None, plan: Run | None, path: Path, *, dry_run: bool = False, stories: Stories | None = None
) -> ReportOutput:
    """Render the report and put it in place in one step."""
    from cli.fits import is_trusted
    from cli.outputs.runs import ReportOutput, StoryRow
    from cli.report.data import gather
    from cli.report.page import render
    from cli.report.stories import Stories
    from outlay.exports import atomic_write

    told = stories or Stories()
    page = render(gather(fit, plan) if fit is not None else None, told)
    if not dry_run:
        path.parent.mkdir(parents=True, exist_ok=True)
        atomic_write(path, page)
    rows = [
        StoryRow(kind=each.run.kind, run=each.run.id, created=each.made, trusted=each.trusted, stale=list(each.stale))
        for each in told.told
    ]
    return ReportOutput(
        path=str(path),
        written=not dry_run,
        run=fit.id if fit is not None else None,
        plan=plan.id if plan else None,
        trusted=is_trusted(fit) if fit is not None else None,
        bytes=len(page.encode()),
        stories=rows,
        left_out=[run.id for run in told.left_out],
    )
