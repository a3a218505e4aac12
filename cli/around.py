"""What stands around a plan, as text: other totals, other degrees of caution, other beliefs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budget.document import PlanOutput
from budget.words import marginal, stopping
from outlay import style

if TYPE_CHECKING:
    from budget.document_around import FrontierOutput, SensitivityOutput, SweepOutput
    from cli.wide import WideTable
    from outlay.text_table import TextTable


def show_around(result: PlanOutput) -> None:
    """Print the sweep, the frontier and the sensitivity, where they were asked for."""
    from cli.terminal import emit, print_table
    from cli.wide import print_wide

    if result.sweep is not None:
        emit("")
        print_table(_sweep(result, result.sweep))
    if result.frontier is not None:
        emit("")
        print_table(_frontier(result, result.frontier))
        emit("")
        print_wide(_frontier_spend(result, result.frontier))
    if result.sensitivity is not None:
        emit("")
        print_table(_sensitivity(result, result.sensitivity))


def _sweep(result: PlanOutput, sweep: SweepOutput) -> TextTable:
    from outlay.text_table import Column, TextTable

    money = sweep.outcome_unit == sweep.currency
    hdi = f"{100 * result.hdi:g}% HDI"
    profit = any(row.profit_mean is not None for row in sweep.rows)
    columns = [
        Column(f"Budget\n({sweep.currency})"),
        Column("Change"),
        Column(f"Expected\n({sweep.outcome_unit})"),
        Column(hdi, optional=2),
        Column("ROI" if money else "Return"),
        Column("Marginal\nROI" if money else "Marginal\nreturn"),
        *([Column(f"Profit\n({sweep.currency})"), Column(f"{hdi} ", optional=1)] if profit else []),
    ]
    rows = []
    for row in sweep.rows:
        cells = [style.amount(row.budget), style.change(row.budget_change)]
        if not row.feasible:
            rows.append((*cells, "rules conflict", *[""] * (len(columns) - 3)))
            continue
        cells += [style.number(row.outcome_mean), style.between(row.outcome_hdi_low, row.outcome_hdi_high)]
        cells += [style.ratio(row.roi_mean), style.ratio(row.mroi)]
        if profit:
            cells += [style.number(row.profit_mean), style.between(row.profit_hdi_low, row.profit_hdi_high)]
        rows.append(tuple(cells))
    notes = [stopping(sweep), f"Every row is the best plan at its total. {marginal(result)}"]
    return TextTable("Other totals", columns, rows, None, notes)


def _frontier(result: PlanOutput, frontier: FrontierOutput) -> TextTable:
    from outlay.text_table import Column, TextTable

    unit, worst = frontier.outcome_unit, f"worst {100 * frontier.level:g}%"
    columns = [
        Column("Weight of\nworst draws"),
        Column(f"Expected\n({unit})"),
        Column(f"CVaR, {worst}\n({unit})"),
        Column(f"5% quantile\n({unit})", optional=1),
        Column(f"sd\n({unit})", optional=1),
        Column("Proven\nwithin"),
    ]
    rows = [
        (
            f"{row.weight:.2f}",
            *(style.number(x, 4) for x in (row.expected, row.cvar, row.q05, row.sd)),
            _within(row.gap),
        )
        for row in frontier.rows
    ]
    note = (
        "0 looks for the mean alone, 1 for the worst draws alone. Outcomes are on draws that chose none of the plans."
    )
    return TextTable("From the best mean to the best worst draws", columns, rows, None, [note])


def _within(gap: float | None) -> str:
    return "" if gap is None else "0.01%" if gap < 1e-4 else style.percent(gap, 2)


def _frontier_spend(result: PlanOutput, frontier: FrontierOutput) -> WideTable:
    from cli.wide import WideTable

    spend: dict[str, list[float]] = {}
    for cell in frontier.spend:
        known = spend.setdefault(cell.channel, [0.0] * len(frontier.rows))
        spend[cell.channel] = [a + (b or 0.0) for a, b in zip(known, cell.spend, strict=True)]
    columns = [f"{row.weight:.2f}" for row in frontier.rows]
    rows = [[style.number(x) for x in each] for each in spend.values()]
    return WideTable(
        f"Their spend ({result.currency}) by weight of the worst draws", "Channel", columns, list(spend), rows
    )


def _sensitivity(result: PlanOutput, found: SensitivityOutput) -> TextTable:
    from outlay.text_table import Column, TextTable

    less = style.percent(abs(found.change), 0)
    way = "lower" if found.change < 0 else "higher"
    columns = [
        Column("Channel", False),
        Column(f"Spend\n({found.currency})"),
        Column(f"If its return\nis {less} {way}"),
        Column("Change"),
        Column(f"Cost of not\nknowing ({found.outcome_unit})", optional=1),
    ]
    rows = [
        (
            row.channel,
            style.amount(row.spend),
            style.amount(row.spend_if),
            style.change(row.change_share) if row.spend else "",
            style.number(max(row.loss_if_kept or 0.0, 0.0)),
        )
        for row in found.channels
    ]
    words = found.words[:1].upper() + found.words[1:]
    low, high = style.number(found.regret_hdi_low), style.number(found.regret_hdi_high)
    notes = [f"{words}; {100 * result.hdi:g}%: {low} to {high}."]
    return TextTable("How the plan leans on each channel's return", columns, rows, None, notes)
