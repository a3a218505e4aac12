"""``outlay plan``: where the next budget should go, or how good a plan is that the user brings."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import DEFAULT_PROJECT, Debug, DryRun, Force, Json, ProjectFile, RunRef

if TYPE_CHECKING:
    from budget.allocation import Allocation
    from budget.config import PlanSection
    from cli.outputs.plan import PlanOutput
    from outlay.project import Project
    from outlay.runs import Run

Evaluate = Annotated[
    Path | None, typer.Option("--evaluate", metavar="FILE", help="Judge this plan (columns channel, spend) instead.")
]
Budget = Annotated[float | None, typer.Option("--budget", metavar="AMOUNT", help="Total over the window.")]
Periods = Annotated[int | None, typer.Option("--periods", min=1, help="Length of the window in periods of the data.")]
Start = Annotated[
    datetime | None, typer.Option("--start", formats=["%Y-%m-%d"], metavar="DATE", help="Any day of the first period.")
]


def command(
    evaluate: Evaluate = None,
    budget: Budget = None,
    periods: Periods = None,
    start: Start = None,
    project: ProjectFile = DEFAULT_PROJECT,
    run: RunRef = None,
    force: Force = False,
    dry_run: DryRun = False,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Spread a total budget over channels and groups.

    Window, budget and rules come from [plan] in the project file; --budget, --periods and --start go before it. The
    recommended plan is compared with the reference plan, and comes with a proof of how good it is. Exit 5 where the
    rules cannot all hold.
    """
    from cli.fits import open_fit
    from cli.planning import section_of
    from cli.terminal import print_findings, print_json

    fit = open_fit(project, run, force=force)
    section, loaded = section_of(project, budget, periods, start)
    allocation = decide(fit, section, base=project.parent, brought=evaluate)
    written = None if dry_run else write(fit, allocation, loaded, project)
    result = summarise(allocation, fit, written)
    if as_json:
        print_json(result.document())
        return
    from cli.planning import show

    show(result)
    print_findings(allocation.findings)


def decide(fit: Run, section: PlanSection, *, base: Path, brought: Path | None) -> Allocation:
    """Ask the optimizer, or let it judge the plan that was brought."""
    from budget import evaluate, optimize, read_plan
    from cli.fits import mapping
    from outlay.response import load_response

    response = load_response(fit.file("response.nc"))
    hdi = float(mapping(fit, "model.json")["hdi"])
    roi = fit.table("roi")
    unpaid = ~roi["paid"].astype(bool) & (roi["kind"] != "lever" if "kind" in roi else True)
    organic = tuple(str(name) for name in roi.loc[unpaid, "channel"].unique())
    if brought is None:
        return optimize(response, section, base=base, hdi=hdi, organic=organic)
    # a path on the command line counts from where the user stands, not from the project file
    table = read_plan(str(brought), Path())
    return evaluate(response, section, table, base=base, hdi=hdi, organic=organic, where=str(brought))


def write(fit: Run, allocation: Allocation, loaded: Project | None, project: Path) -> Run:
    """Keep the plan as a run made from the fit."""
    from cli.config import runs_root
    from outlay.runs import RunWriter

    with RunWriter(runs_root(project), "plan", command=sys.argv, seed=None, parents=[fit]) as writer:
        writer.write_table("allocation", allocation.table)
        writer.write_table("flighting", allocation.flighting)
        writer.write_json("allocation", summarise(allocation, fit, None).document())
        writer.write_json("findings", [finding.as_dict() for finding in allocation.findings])
        if loaded is not None:
            writer.path("config.lock.toml").write_text(loaded.text, encoding="utf-8")
    return writer.run


def summarise(allocation: Allocation, fit: Run, written: Run | None) -> PlanOutput:
    """The plan as the document that ``--json`` prints."""
    from cli.fits import is_trusted
    from cli.outputs.plan import PlanOutput

    about = {"run": written.id if written else None, "fit": fit.id, "trusted": is_trusted(fit)}
    return PlanOutput.model_validate({**allocation.to_json(), **about})
