"""The plan as text: its table, week by week where that is decided, and what it brings."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from budget.document import PlanOutput
from budget.words import verdict
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
    from budget.shown import plan_table
    from cli.fits import untrusted_mark

    table = plan_table(result)
    return replace(table, title=f"{table.title}  (fit {result.fit}){untrusted_mark(result.trusted)}")
