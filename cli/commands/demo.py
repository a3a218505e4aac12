"""``outlay demo``: the whole path on the bundled retailer example."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import Debug, Json

if TYPE_CHECKING:
    from budget.document import PlanOutput
    from cli.outputs.media import RoiOutput
    from outlay.findings import Finding
    from outlay.project import Project
    from outlay.runs import Run


def command(
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Folder for the example; made if missing, never overwritten.")
    ] = Path("outlay-demo"),
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Run the whole path on a real retailer's data.

    Copies the bundled example to a folder and there runs check, fit, roi, plan (the next 13 weeks with the same total
    as the last 13) and report. Takes a minute or two.
    """
    from cli.config import load
    from cli.demo_data import copy_demo
    from cli.outputs.runs import DemoOutput
    from cli.terminal import print_json

    project = copy_demo(out)
    loaded = load(project)
    steps = _Steps(quiet=as_json)
    told = _check(loaded, steps)
    fitted = _fit(loaded, told, steps)
    returns = _returns(fitted, steps)
    decision = _plan(fitted, loaded, steps)
    page = _report(fitted, decision, project, steps)
    if not as_json:
        return
    result = DemoOutput(
        folder=str(project.parent),
        fit=fitted.id,
        plan=str(decision.run),
        report=page,
        roi=returns,
        allocation=decision,
    )
    print_json(result.document())


class _Steps:
    """Headings between the steps, on stdout with the tables they head, or nowhere with ``--json``."""

    def __init__(self, *, quiet: bool) -> None:
        self.shown, self._number = not quiet, 0

    def next(self, title: str) -> None:
        from cli.terminal import emit

        self._number += 1
        if self.shown:
            emit(f"\n=== {self._number} of 5  {title}\n")


def _check(project: Project, steps: _Steps) -> Sequence[Finding]:
    from cli.commands import check
    from cli.terminal import print_findings

    steps.next("The data  (outlay check)")
    panel = check.read_panel(project)
    if steps.shown:
        check.show(check.summarise(project, panel))
        print_findings(panel.findings)
    return panel.findings


def _fit(project: Project, told: Sequence[Finding], steps: _Steps) -> Run:
    from cli.commands import fit
    from cli.config import runs_root
    from cli.fits import distrust, is_trusted
    from mmm.workflow import fit_run

    steps.next("The fit  (outlay fit)")
    fitted = fit_run(project, runs_root(project.path), sys.argv, progress=sys.stderr.isatty())
    if steps.shown:
        fit.show(fitted, fit.summarise(fitted), told=told)
    if not is_trusted(fitted):
        raise distrust(fitted)
    return fitted


def _returns(fitted: Run, steps: _Steps) -> RoiOutput:
    from cli.commands import roi
    from cli.returns import show

    steps.next("What media returned  (outlay roi)")
    returns = roi.summarise(fitted)
    if steps.shown:
        show(returns)
    return returns


def _plan(fitted: Run, project: Project, steps: _Steps) -> PlanOutput:
    from cli.commands import plan
    from cli.planning import show
    from cli.questions import Planners, Question, section_of
    from cli.terminal import print_findings

    section, _ = section_of(project.path)
    steps.next(f"The next {section.periods} weeks with the same total  (outlay plan)")
    planners = Planners(fitted, project, project.base)
    answer = plan.decide(planners.of(section), Question(section))
    decision = plan.summarise(answer, fitted, plan.write(planners, answer, project.path))
    if steps.shown:
        show(decision)
        print_findings(answer.allocation.findings)
    return decision


def _report(fitted: Run, decision: PlanOutput, project: Path, steps: _Steps) -> str:
    from cli.commands import report
    from cli.config import runs_root
    from cli.terminal import emit, say
    from outlay.runs import open_run

    steps.next("The report  (outlay report)")
    planned = open_run(runs_root(project), decision.run, "plan")
    page = report.write(fitted, planned, project.parent / "reports" / f"{fitted.id}.html")
    if steps.shown:
        emit(f"Report: {Path(page.path).resolve()}")
        say(f"Open it in a browser. The project file is {project}; every command above works in its folder.")
    return page.path
