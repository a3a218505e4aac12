"""``outlay check``: what the data look like and what is wrong with them, before anything is fitted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import DEFAULT_PROJECT, Debug, Json, ProjectFile

if TYPE_CHECKING:
    from cli.outputs.checks import CheckChannel, CheckOutput
    from mmm.panel import MediaPanel
    from outlay.project import Project


def command(
    project: ProjectFile = DEFAULT_PROJECT,
    prior: Annotated[
        bool, typer.Option("--prior", help="Draw what the priors imply for ROI, contribution and KPI.")
    ] = False,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Read the data and say what is wrong with them.

    Shows what was understood: rows, dates, channels with spend and cost per exposure. Exit 3 where a number is missing,
    ambiguous or impossible.
    """
    from cli.config import load
    from cli.prior import check_prior, show_prior
    from cli.terminal import print_findings, print_json

    loaded = load(project)
    panel = read_panel(loaded)
    implied = check_prior(loaded, panel) if prior else None
    summary = summarise(loaded, panel).model_copy(update={"prior": implied})
    if as_json:
        print_json(summary.document())
        return
    show(summary)
    if implied is not None:
        show_prior(implied, panel)
    print_findings(panel.findings)


def read_panel(project: Project) -> MediaPanel:
    """The checked panel of a project; raises :class:`outlay.errors.DataError` with every error found."""
    from cli.config import media_section, project_section
    from mmm.panel import panel_from_table

    return panel_from_table(media_section(project), project_section(project), project.base)


def summarise(project: Project, panel: MediaPanel) -> CheckOutput:
    """The panel in numbers."""
    from cli.config import media_section
    from cli.outputs.checks import CheckOutput, FindingRow
    from outlay.response import NATIONAL

    return CheckOutput(
        source=media_section(project).source,
        rows=panel.n_periods * panel.n_groups,
        first_date=panel.dates[0].date().isoformat(),
        last_date=panel.dates[-1].date().isoformat(),
        frequency=str(panel.frequency.name),
        periods=panel.n_periods,
        groups=[] if panel.groups == (NATIONAL,) else list(panel.groups),
        kpi=panel.kpi_name,
        kpi_total=float(panel.kpi[panel.observed].sum()),
        currency=panel.currency,
        channels=_channels(panel, {channel.name for channel in media_section(project).channels if channel.exposure}),
        controls=list(panel.control_names),
        events=list(panel.event_names),
        levers=list(panel.lever_names),
        findings=[FindingRow.of(finding) for finding in panel.findings],
    )


def _channels(panel: MediaPanel, exposed: set[str]) -> list[CheckChannel]:
    from cli.outputs.checks import CheckChannel

    total = float(panel.spend.sum())
    rows = []
    for i, name in enumerate(panel.channels):
        paid = bool(panel.paid[i])
        spend, exposure = float(panel.spend[..., i].sum()), float(panel.exposure[..., i].sum())
        active = int(((panel.spend[..., i] > 0) | (panel.exposure[..., i] > 0)).sum())
        rows.append(
            CheckChannel(
                channel=name,
                paid=paid,
                spend=spend if paid else None,
                spend_share=spend / total if paid and total > 0 else None,
                exposure=exposure if name in exposed else None,
                cost_per_exposure=spend / exposure if paid and exposure > 0 and name in exposed else None,
                active_periods=active,
            )
        )
    return rows


def show(summary: CheckOutput) -> None:
    """Print the summary as text and a table."""
    from cli.terminal import Column, TextTable, emit, plural, print_table, wrap
    from outlay import style

    where = f"{plural(len(summary.groups), 'group')} ({', '.join(summary.groups)})" if summary.groups else "national"
    emit(f"Source   {summary.source}")
    emit(wrap(f"Rows     {summary.rows:,}: {summary.periods} {summary.frequency} periods, {where}", "         "))
    emit(f"Dates    {summary.first_date} to {summary.last_date}")
    emit(f"KPI      {summary.kpi}, {style.amount(summary.kpi_total)} in total")
    for label, names in (("Controls", summary.controls), ("Events", summary.events), ("Levers", summary.levers)):
        if names:
            emit(wrap(f"{label:<9}{', '.join(names)}", "         "))
    emit("")
    columns = [
        Column("Channel", False),
        Column(f"Spend ({summary.currency})"),
        Column("Share"),
        Column("Exposure"),
        Column(f"Cost per\n1,000 ({summary.currency})", optional=1),
        Column("Active", optional=2),
    ]
    cells = summary.rows
    rows = [
        (
            row.channel,
            style.amount(row.spend) if row.paid else "organic",
            style.percent(row.spend_share) if row.paid else "",
            style.number(row.exposure) if row.exposure is not None else "",
            style.ratio(1000 * row.cost_per_exposure) if row.cost_per_exposure is not None else "",
            style.percent(row.active_periods / cells, 0),
        )
        for row in summary.channels
    ]
    total = sum(row.spend or 0.0 for row in summary.channels)
    print_table(TextTable("Media", columns, rows, ("paid media", style.amount(total), "100%", "", "", "")))
