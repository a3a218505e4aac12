"""What stands around a plan, as text: other totals, other degrees of caution, other beliefs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budget.document import PlanOutput
from budget.shown import frontier_table, sensitivity_table, sweep_table
from budget.words import marginal
from outlay import style

if TYPE_CHECKING:
    from budget.document_around import FrontierOutput
    from cli.wide import WideTable


def show_around(result: PlanOutput) -> None:
    """Print the sweep, the frontier and the sensitivity, where they were asked for."""
    from cli.terminal import emit, print_table
    from cli.wide import print_wide

    if result.sweep is not None:
        emit("")
        print_table(sweep_table(result.sweep, result.hdi, marginal(result)))
    if result.frontier is not None:
        emit("")
        print_table(frontier_table(result.frontier))
        emit("")
        print_wide(_frontier_spend(result, result.frontier))
    if result.sensitivity is not None:
        emit("")
        print_table(sensitivity_table(result.sensitivity, result.hdi))


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
