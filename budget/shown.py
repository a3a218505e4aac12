"""A plan and what stands around it as tables of text: a terminal prints them, a notebook shows them."""

from __future__ import annotations

from budget.document import PlanOutput, PlanRow
from budget.document_around import FrontierOutput, SensitivityOutput, SweepOutput
from budget.document_compare import CompareOutput
from budget.words import is_money, level, stopping
from outlay import style
from outlay.text_table import Column, TextTable


def plan_table(result: PlanOutput) -> TextTable:
    """The plan by channel: spend beside the reference plan, marginal return, and what holds it where it is."""
    unit = result.currency
    hdi = level(result)
    panel = any(row.group is not None for row in result.rows)
    columns = [
        Column("Channel", False),
        *([Column("Group", False)] if panel else []),
        Column(f"Reference\n({unit})"),
        Column(f"{'This plan' if result.evaluated else 'Recommended'}\n({unit})"),
        Column("Change"),
        Column("Marginal\nROI" if is_money(result) else "Marginal\nreturn"),
        Column(f"ROI\n({hdi} HDI)" if is_money(result) else f"Return\n({hdi} HDI)", optional=1),
        Column("Held by", False, optional=2),
    ]
    cells = [row for row in result.rows if row.period is None]
    rows = [_cells(row, panel) for row in cells]
    before, after = (
        sum(x or 0.0 for x in (getattr(row, name) for row in cells)) for name in ("reference_spend", "spend")
    )
    change = style.change(after / before - 1.0) if before and abs(after - before) >= 0.005 else ""
    total = ("total", *([""] if panel else []), style.amount(before), style.amount(after), change, "", "", "")
    what = "Your plan" if result.evaluated else "Recommended plan"
    if result.name:
        what += f" {result.name!r}"
    window = f"{result.periods} {result.period_unit}s from {result.start}"
    note = "Spend is the total over the window."
    if any(row.extrapolated for row in cells):
        note += " * beyond any spend in the data."
    return TextTable(f"{what}: {window}", columns, rows, total, [note])


def _cells(row: PlanRow, panel: bool) -> tuple[str, ...]:
    roi = style.ratio_between(row.roi_hdi_low, row.roi_hdi_high) if row.spend else ""
    return (
        row.channel,
        *([row.group or "all"] if panel else []),
        style.amount(row.reference_spend),
        style.amount(row.spend) + ("*" if row.extrapolated else ""),
        style.change(row.change_share) if row.spend or row.reference_spend else "",
        style.ratio(row.mroi),
        roi,
        row.binding or "",
    )


def sweep_table(sweep: SweepOutput, hdi: float, counted: str) -> TextTable:
    """The best plans at other totals, and where to stop; `counted` says what the marginal return counts."""
    money = sweep.outcome_unit == sweep.currency
    interval = f"{100 * hdi:g}% HDI"
    profit = any(row.profit_mean is not None for row in sweep.rows)
    columns = [
        Column(f"Budget\n({sweep.currency})"),
        Column("Change"),
        Column(f"Expected\n({sweep.outcome_unit})"),
        Column(interval, optional=2),
        Column("ROI" if money else "Return"),
        Column("Marginal\nROI" if money else "Marginal\nreturn"),
        *([Column(f"Profit\n({sweep.currency})"), Column(f"{interval} ", optional=1)] if profit else []),
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
    notes = [stopping(sweep), f"Every row is the best plan at its total. {counted}"]
    return TextTable("Other totals", columns, rows, None, notes)


def frontier_table(frontier: FrontierOutput) -> TextTable:
    """Plans from the best mean to the best worst draws."""
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


def sensitivity_table(found: SensitivityOutput, hdi: float) -> TextTable:
    """What becomes of the plan where a channel returns less, and what not knowing it costs."""
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
    notes = [f"{words}; {100 * hdi:g}%: {low} to {high}."]
    return TextTable("How the plan leans on each channel's return", columns, rows, None, notes)


def comparison_table(found: CompareOutput) -> TextTable:
    """Scenarios side by side: what they spend and bring, how sure that is, and which is the best."""
    money, hdi = found.outcome_unit == found.currency, f"{100 * found.hdi:g}% HDI"
    profit = any(row.profit_mean is not None for row in found.rows)
    columns = [
        Column("Scenario", False),
        Column(f"Budget\n({found.currency})"),
        Column(f"Expected\n({found.outcome_unit})"),
        Column(hdi, optional=1),
        Column("ROI" if money else "Return"),
        *([Column(f"Profit\n({found.currency})"), Column(f"{hdi} ", optional=2)] if profit else []),
        Column("Beats its\nreference"),
        Column("Is the\nbest"),
    ]
    rows = []
    for row in found.rows:
        cells = [row.name, style.amount(row.budget), style.number(row.expected)]
        cells += [style.between(row.expected_hdi_low, row.expected_hdi_high), style.ratio(row.roi_mean)]
        if profit:
            cells += [style.number(row.profit_mean), style.between(row.profit_hdi_low, row.profit_hdi_high)]
        rows.append((*cells, style.chance(row.p_better), style.chance(row.p_best)))
    return TextTable("Plans side by side", columns, rows, None, found.differs)
