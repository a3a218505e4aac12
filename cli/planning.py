"""The plan as text: its table, week by week where that is decided, and what it brings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budget.document import PlanOutput, PlanRow
from budget.words import is_money, level, verdict
from outlay import style

if TYPE_CHECKING:
    from cli.wide import WideTable
    from outlay.text_table import TextTable

MOST_PERIODS = 60
"""Periods that are shown one by one; a longer plan is in its run."""


MOST_PRICES = 12
"""Shadow prices that are shown; a plan by week can have one for each channel's steps."""


def show(result: PlanOutput) -> None:
    """Print the allocation, what it brings, and how sure that is."""
    from cli.around import show_around
    from cli.plan_leads import show_leads
    from cli.terminal import emit, print_table, say, wrap
    from cli.wide import print_wide

    print_table(_table(result))
    weekly = by_period(result)
    if weekly is not None:
        emit("")
        print_wide(weekly)
    show_leads(result)
    emit("")
    for line in verdict(result):
        emit(wrap(line))
    prices = [price.text for price in result.shadow_prices]
    if len(prices) > MOST_PRICES:
        prices[MOST_PRICES:] = [f"and {len(prices) - MOST_PRICES} more (--json lists all)"]
    for title, lines in (
        ("What loosening a limit is worth", prices),
        ("Rules that this plan breaks", result.broken_rules),
        ("Assumed of the future", result.assumptions),
    ):
        if lines:
            emit(f"\n{title}")
        for line in lines:
            emit(wrap(f"  - {line}", "    "))
    show_around(result)
    emit("")
    say(f"Run {result.run} keeps this plan. Next: outlay report" if result.run else "Nothing was written.")


def by_period(result: PlanOutput) -> WideTable | None:
    """Spend per period of the cells whose timing is decided, groups of a channel together; None where none is."""
    from cli.wide import WideTable

    spend = result.by_period()
    dates = list(dict.fromkeys(day for days in spend.values() for day in days))
    if not dates or len(dates) > MOST_PERIODS:
        return None
    rows = [[style.number(days.get(day)) for day in dates] for days in spend.values()]
    every = len({row.channel for row in result.rows}) == len(spend)
    total = [style.number(sum(days.get(day, 0.0) for days in spend.values())) for day in dates] if every else None
    columns = [day[:7] if result.period_unit == "month" else day[5:] for day in dates]
    title = f"Spend by {result.period_unit} ({result.currency}; from {dates[0]})"
    if not every:
        title += ", of the channels whose timing is decided"
    return WideTable(title, "Channel", columns, list(spend), rows, total)


def _table(result: PlanOutput) -> TextTable:
    from cli.fits import untrusted_mark
    from outlay.text_table import Column, TextTable

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
    title = f"{what}: {window}  (fit {result.fit}){untrusted_mark(result.trusted)}"
    note = "Spend is the total over the window."
    if any(row.extrapolated for row in cells):
        note += " * beyond any spend in the data."
    return TextTable(title, columns, rows, total, [note])


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
