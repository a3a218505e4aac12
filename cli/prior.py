"""What the priors imply, for ``outlay check --prior``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cli.outputs.checks import PriorOutput
    from mmm.panel import MediaPanel
    from outlay.project import Project


def check_prior(project: Project, panel: MediaPanel) -> PriorOutput:
    """Draw from the priors of the project's model; lift tests play no part, they are data."""
    from cli.config import media_section, project_section
    from cli.outputs.checks import PriorChannel, PriorKpi, PriorOutput
    from mmm.design import make_design
    from mmm.prior_check import check_priors
    from mmm.priors import make_priors
    from outlay.document import FindingRow

    about = project_section(project)
    design = make_design(panel, media_section(project))
    check = check_priors(design, make_priors(design), about.hdi, about.seed)
    channels = check.channels.reindex(columns=list(PriorChannel.model_fields)).to_dict("records")
    return PriorOutput(
        hdi=about.hdi,
        channels=[PriorChannel(**{str(key): value for key, value in row.items()}) for row in channels],
        kpi=[PriorKpi(**{str(key): value for key, value in row.items()}) for row in check.kpi.to_dict("records")],
        kpi_below_zero=check.below_zero,
        paid_beyond_60_percent=check.beyond,
        findings=[FindingRow.of(finding) for finding in check.findings],
    )


def show_prior(implied: PriorOutput, panel: MediaPanel) -> None:
    """Print the prior's share, contribution, ROI and half-life by channel, and the outcome it would have produced."""
    from cli.terminal import emit, print_findings, print_table, say
    from outlay import style
    from outlay.findings import Finding
    from outlay.text_table import Column, TextTable

    level = f"{implied.hdi:.0%}"
    columns = [
        Column("Channel", False),
        Column("Share of KPI"),
        Column(level, False),
        Column(f"Contribution\n({panel.outcome_unit})", optional=2),
        Column(level, False, optional=2),
        Column("ROI" if panel.has_value else "KPI per\n" + panel.currency),
        Column(level, False),
        Column("Half-life\n(days)", optional=1),
        Column(level, False, optional=1),
    ]
    rows = [
        (
            row.channel,
            style.percent(row.share_median),
            f"{style.percent(row.share_hdi_low)} to {style.percent(row.share_hdi_high)}",
            style.number(row.contribution_median),
            _amounts(row.contribution_hdi_low, row.contribution_hdi_high),
            style.ratio(row.roi_median),
            _range(row.roi_hdi_low, row.roi_hdi_high),
            style.ratio(row.half_life_days_median),
            _range(row.half_life_days_hdi_low, row.half_life_days_hdi_high),
        )
        for row in implied.channels
    ]
    emit("")
    print_table(TextTable("What the prior says before the data (medians)", columns, rows))
    shown = [
        (row.quantity, style.number(row.observed), style.number(row.median), _amounts(row.hdi_low, row.hdi_high))
        for row in implied.kpi
    ]
    unit = f" ({panel.outcome_unit})" if panel.outcome_unit != panel.outcome_name else ""
    heads = [Column(f"{panel.outcome_name}{unit}", False), Column("Observed"), Column("Prior"), Column(level, False)]
    print_table(TextTable("What it would have produced in the scored periods, noise included", heads, shown))
    emit("")
    say(
        f"Prior probability that paid media cause more than 60% of the KPI: "
        f"{style.percent(implied.paid_beyond_60_percent)}"
    )
    print_findings(Finding(**row.model_dump()) for row in implied.findings)


def _range(low: float | None, high: float | None) -> str:
    from outlay import style

    return "" if low is None or high is None else f"{style.ratio(low)} to {style.ratio(high)}"


def _amounts(low: float | None, high: float | None) -> str:
    from outlay import style

    return f"{style.number(low)} to {style.number(high)}"
