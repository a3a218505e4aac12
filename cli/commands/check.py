"""``outlay check``: what the data look like and what is wrong with them, before anything is fitted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import DEFAULT_PROJECT, Debug, Json, ProjectFile

if TYPE_CHECKING:
    from collections.abc import Callable

    from cli.outputs.checks import CheckChannel, CheckOutput, CheckSection
    from mmm.panel import MediaPanel
    from outlay.checked import Checked
    from outlay.findings import Finding
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

    Shows what was understood of [media], [customers], [leads], [journeys] and [goals], where the file has them: rows,
    dates, channels, features, stages. Exit 3 where a number is missing, ambiguous or impossible.
    """
    from cli.config import load
    from cli.prior import check_prior, show_prior
    from cli.terminal import print_findings, print_json

    loaded = load(project)
    panel, sections = read_sections(loaded)
    implied = check_prior(loaded, panel) if prior and panel is not None else None
    summary = whole(loaded, panel, sections).model_copy(update={"prior": implied})
    if as_json:
        print_json(summary.document())
        return
    if panel is not None:
        show(summary)
    show_sections(sections, first=panel is None)
    if implied is not None and panel is not None:
        show_prior(implied, panel)
    print_findings(_findings(panel, sections))


def read_panel(project: Project) -> MediaPanel:
    """The checked panel of a project; raises :class:`outlay.errors.DataError` with every error found."""
    from cli.config import media_section, project_section
    from mmm.panel import panel_from_table

    return panel_from_table(media_section(project), project_section(project), project.base)


def read_sections(project: Project) -> tuple[MediaPanel | None, list[Checked]]:
    """Every section that names data, checked; [media], where there is one, as a panel.

    Raises
    ------
    ConfigError
        C007 where the file names no data at all.
    DataError
        The errors of all sections together.
    """
    from outlay.errors import DataError

    checks = _checks(project)
    panel: MediaPanel | None = None
    sections: list[Checked] = []
    wrong: list[Finding] = []
    if "media" in project.sections or not checks:
        try:
            panel = read_panel(project)
        except DataError as error:
            wrong += error.findings
    for check in checks:
        try:
            sections.append(check(project))
        except DataError as error:
            wrong += error.findings
    if wrong:
        raise DataError([*wrong, *_findings(panel, sections)])
    return panel, sections


def _checks(project: Project) -> list[Callable[[Project], Checked]]:
    """The check of each section on customers that the file has."""
    found: list[Callable[[Project], Checked]] = []
    if "customers" in project.sections:
        from segmentation.customers_check import check_customers

        found.append(check_customers)
    if "leads" in project.sections:
        from attribution.leads_check import check_leads

        found.append(check_leads)
    if "journeys" in project.sections:
        from attribution.journeys import check_journeys

        found.append(check_journeys)
    if "goals" in project.sections:
        from attribution.goals import check_goals

        found.append(check_goals)
    return found


def _findings(panel: MediaPanel | None, sections: list[Checked]) -> list[Finding]:
    """What was found in all sections, each finding once: two sections may read the same table."""
    own = () if panel is None else panel.findings
    return list(dict.fromkeys([*own, *(finding for section in sections for finding in section.findings)]))


def whole(project: Project, panel: MediaPanel | None, sections: list[Checked]) -> CheckOutput:
    """All sections in numbers."""
    from cli.config import project_section
    from cli.outputs.checks import CheckOutput
    from outlay.document import FindingRow

    findings = [FindingRow.of(finding) for finding in _findings(panel, sections)]
    told = [_section(section) for section in sections]
    if panel is not None:
        media = summarise(project, panel)
        return media.model_copy(update={"findings": findings, "sections": [*media.sections, *told]})
    return CheckOutput(
        source=None,
        rows=None,
        first_date=None,
        last_date=None,
        frequency=None,
        periods=None,
        groups=[],
        kpi=None,
        kpi_total=None,
        currency=project_section(project).currency,
        channels=[],
        controls=[],
        events=[],
        levers=[],
        findings=findings,
        sections=told,
    )


def _section(section: Checked) -> CheckSection:
    from cli.outputs.checks import CheckFact, CheckSection
    from outlay.document import FindingRow

    return CheckSection(
        section=section.section,
        source=section.source,
        facts=[CheckFact(label=label, text=text) for label, text in section.facts],
        findings=[FindingRow.of(finding) for finding in section.findings],
    )


def summarise(project: Project, panel: MediaPanel) -> CheckOutput:
    """The panel in numbers."""
    from cli.config import media_section
    from cli.outputs.checks import CheckFact, CheckOutput, CheckSection
    from outlay.document import FindingRow
    from outlay.response import NATIONAL

    source, findings = media_section(project).source, [FindingRow.of(finding) for finding in panel.findings]
    summary = CheckOutput(
        source=source,
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
        findings=findings,
    )
    facts = [CheckFact(label=label, text=text) for label, text in _lines(summary)]
    media = CheckSection(section="media", source=source, facts=facts, findings=findings)
    return summary.model_copy(update={"sections": [media]})


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


def _lines(summary: CheckOutput) -> list[tuple[str, str]]:
    """Label and text of each line about the media table."""
    from cli.terminal import plural
    from outlay import style

    where = f"{plural(len(summary.groups), 'group')} ({', '.join(summary.groups)})" if summary.groups else "national"
    named = (("Controls", summary.controls), ("Events", summary.events), ("Levers", summary.levers))
    return [
        ("Rows", f"{summary.rows:,}: {summary.periods} {summary.frequency} periods, {where}"),
        ("Dates", f"{summary.first_date} to {summary.last_date}"),
        ("KPI", f"{summary.kpi}, {style.amount(summary.kpi_total or 0.0)} in total"),
        *((label, ", ".join(names)) for label, names in named if names),
    ]


def show_sections(sections: list[Checked], *, first: bool) -> None:
    """Print the sections on customers, a few lines each."""
    from cli.terminal import emit, printable, wrap

    for section in sections:
        if not first:
            emit("")
        first = False
        width = max(9, *(len(label) + 2 for label, _ in section.facts))
        emit(f"[{section.section}]  {printable(section.source)}")
        for label, text in section.facts:
            emit(wrap(f"{label[:1].upper() + label[1:]:<{width}}{printable(text)}", " " * width))


def show(summary: CheckOutput) -> None:
    """Print what was understood of the media table, as text and a table."""
    from cli.terminal import emit, print_table, wrap
    from outlay import style
    from outlay.text_table import Column, TextTable

    emit(f"Source   {summary.source}")
    for label, text in _lines(summary):
        emit(wrap(f"{label:<9}{text}", "         "))
    emit("")
    columns = [
        Column("Channel", False),
        Column(f"Spend ({summary.currency})"),
        Column("Share"),
        Column("Exposure"),
        Column(f"Cost per\n1,000 ({summary.currency})", optional=1),
        Column("Active", optional=2),
    ]
    cells = summary.rows or 1
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
