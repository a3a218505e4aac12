"""``outlay forecast``: the outcome of the coming periods, its baseline and media, and whether a goal is reached."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import DEFAULT_PROJECT, Debug, DryRun, Force, Json, ProjectFile, RunRef

if TYPE_CHECKING:
    import pandas as pd

    from cli.outputs.media import ForecastOutput
    from mmm.outlook import Outlook
    from outlay.runs import Run

Plan = Annotated[
    str | None,
    typer.Option(
        "--plan",
        metavar="RUN|FILE",
        help="A plan run, or a table with date, channel, spend. Default: the spend of the same period last year.",
    ),
]
Periods = Annotated[
    int | None, typer.Option("--periods", min=1, help="How many; default: 13, or as far as the plan reaches.")
]
Goal = Annotated[float | None, typer.Option("--goal", metavar="AMOUNT", help="Outcome to reach over all periods.")]


def command(
    plan: Plan = None,
    periods: Periods = None,
    goal: Goal = None,
    project: ProjectFile = DEFAULT_PROJECT,
    run: RunRef = None,
    force: Force = False,
    dry_run: DryRun = False,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Forecast the outcome with its baseline, and keep it as a run.

    Two intervals: of the expected outcome, and of the outcome itself with its noise. With --goal also the probability
    of reaching it.
    """
    from cli.fits import open_fit
    from cli.outlook import show
    from cli.terminal import print_findings, print_json

    fit = open_fit(project, run, force=force)
    words, spend, parents = spend_of(plan, fit, project)
    found = decide(fit, spend, periods, goal)
    written = None if dry_run else write(fit, found, words, parents, project)
    result = summarise(found, fit, words, written)
    if as_json:
        print_json(result.document())
        return
    show(result)
    print_findings(found.findings)


def spend_of(plan: str | None, fit: Run, project: Path) -> tuple[str, pd.DataFrame | None, list[Run]]:
    """Where the spend comes from in words, its table, and the runs that the forecast is made from."""
    from cli.config import runs_root
    from outlay.runs import open_run

    if plan is None:
        return "the spend of the same period of the last year of data", None, [fit]
    if Path(plan).suffix or Path(plan).is_file():
        return plan, _table(plan), [fit]
    made = open_run(runs_root(project), plan, "plan", option="--plan")
    return f"run {made.id}", made.table("flighting"), [fit, made]


def _table(source: str) -> pd.DataFrame:
    """A plan file, read through the same door as every table; what it needs is checked by the forecast."""
    from outlay.tables import Role, read_table, table_columns

    columns = [name for name, _ in table_columns(source, base=Path())]
    roles = {"date": Role.DATE, "channel": Role.TEXT, "group": Role.TEXT, "spend": Role.NUMBER}
    known = {name: role for name, role in roles.items() if name in columns}
    # a path on the command line counts from where the user stands, not from the project file
    return read_table(source, known, base=Path(), optional=("group",)).frame


def decide(fit: Run, spend: pd.DataFrame | None, periods: int | None, goal: float | None) -> Outlook:
    """Ask the posterior."""
    from mmm.media import FittedMedia

    return FittedMedia.load(fit.path).forecast(spend, periods, goal)


def write(fit: Run, found: Outlook, plan: str, parents: list[Run], project: Path) -> Run:
    """Keep the forecast as a run made from the fit, and from the plan where it is one."""
    from cli.config import runs_root
    from outlay.runs import RunWriter

    with RunWriter(runs_root(project), "forecast", command=sys.argv, seed=None, parents=parents) as writer:
        writer.write_table("forecast", found.by_period)
        writer.write_table("forecast_total", found.totals)
        writer.write_table("forecast_channels", found.channels)
        writer.write_table("spend", found.plan)
        writer.write_json("forecast", summarise(found, fit, plan, None).document())
        writer.write_json("findings", [finding.as_dict() for finding in found.findings])
    return writer.run


def summarise(found: Outlook, fit: Run, plan: str, written: Run | None) -> ForecastOutput:
    """The forecast as the document that ``--json`` prints."""
    from cli.fits import is_trusted, mapping
    from cli.outputs.answers import ForecastChannel, ForecastRow, ForecastTotal, SpendRow
    from cli.outputs.media import ForecastOutput
    from outlay.document import FindingRow, documents

    model = mapping(fit, "model.json")
    totals = documents(found.totals, ForecastTotal)
    rows = documents(found.by_period.assign(date=found.by_period["date"].dt.strftime("%Y-%m-%d")), ForecastRow)
    money = bool(model["money"])
    valued = money and model.get("kpi_type") == "units"
    return ForecastOutput(
        run=written.id if written else None,
        fit=fit.id,
        trusted=is_trusted(fit),
        outcome=f"value of {model['kpi']}" if valued else str(model["kpi"]),
        outcome_unit=str(model["outcome_unit"]),
        currency=str(model["currency"]),
        hdi=float(model["hdi"]),
        start=rows[0].date,
        end=rows[-1].date,
        periods=sum(row.group is None for row in rows),
        period_unit=str(model["period"]),
        plan=plan,
        goal=found.goal,
        p_goal=found.p_goal,
        total=totals[0],
        totals=totals,
        rows=rows,
        channels=documents(found.channels, ForecastChannel),
        spend=documents(found.plan.assign(date=found.plan["date"].dt.strftime("%Y-%m-%d")), SpendRow),
        assumptions=list(found.assumptions),
        findings=[FindingRow.of(finding) for finding in found.findings],
    )
