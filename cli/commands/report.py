"""``outlay report``: one HTML file that tells the whole study."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import DEFAULT_PROJECT, Debug, DryRun, Force, Json, ProjectFile, RunRef

if TYPE_CHECKING:
    from cli.outputs.runs import ReportOutput
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

    It needs no network: summary, returns, causes over time, response curves, plan, fit, findings, trust and assumptions
    in one file for a browser, a phone or a printer.
    """
    from cli.config import runs_root
    from cli.fits import open_fit
    from cli.report.data import latest_plan_of
    from cli.terminal import emit, print_json, say

    fit = open_fit(project, run, force=force)
    chosen = latest_plan_of(fit, runs_root(project), plan)
    path = out or project.parent / "reports" / f"{fit.id}.html"
    result = write(fit, chosen, path, dry_run=dry_run)
    if as_json:
        print_json(result.document())
        return
    if chosen is None:
        say("No plan was made from this fit yet, so the report has none. `outlay plan` makes one.")
    if dry_run:
        say(f"Would write {result.bytes / 1e6:.1f} MB. Nothing was written.")
    emit(result.path)


def write(fit: Run, plan: Run | None, path: Path, *, dry_run: bool = False) -> ReportOutput:
    """Render the report and put it in place in one step."""
    from cli.fits import is_trusted
    from cli.outputs.runs import ReportOutput
    from cli.report.data import gather
    from cli.report.page import render
    from outlay.exports import atomic_write

    page = render(gather(fit, plan))
    if not dry_run:
        path.parent.mkdir(parents=True, exist_ok=True)
        atomic_write(path, page)
    return ReportOutput(
        path=str(path),
        written=not dry_run,
        run=fit.id,
        plan=plan.id if plan else None,
        trusted=is_trusted(fit),
        bytes=len(page.encode()),
    )
