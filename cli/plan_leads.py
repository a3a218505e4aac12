"""What a plan means for sellers, as text: leads, hours, stages and value by segment; volumes and their goals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budget.document import PlanOutput, SegmentRow
from outlay import style

if TYPE_CHECKING:
    from outlay.text_table import TextTable

MARKED = " *"
"""Behind hours and leads that several segments share."""


def show_leads(result: PlanOutput) -> None:
    """Print the segments and the volumes, where the plan follows leads to their value."""
    from cli.terminal import emit, print_table, wrap

    if not result.segments:
        return
    emit("")
    print_table(segments_table(result))
    for line in volume_lines(result):
        emit(wrap(line))


def segments_table(result: PlanOutput) -> TextTable:
    """Leads, worked leads, hours, stages, value and the price of an hour, by segment."""
    from outlay.text_table import Column, TextTable

    rows, hdi = result.segments, f"{100 * result.hdi:g}%"
    hours = any(row.hours_at_hand is not None for row in rows)
    limited = any(row.most is not None for row in rows)
    grouped = any(row.group is not None for row in rows)
    columns = [
        Column("Segment", False),
        *([Column("Group", False)] if grouped else []),
        Column("Media\nleads", optional=2),
        Column("Other\nleads", optional=2),
        Column("Leads\nin all"),
        *([Column("Worked")] if limited else []),
        *([Column("Hours\nneeded", optional=1), Column("at\nhand", optional=1)] if hours else []),
        *(Column(f"Worked\nto {stage.stage}", optional=3) for stage in rows[0].stages),
        Column(f"Value\n({result.currency})"),
        Column(f"Value\n({hdi} HDI)", optional=4),
        *([Column(f"One more\n{_price_head(rows)} ({result.currency})")] if limited else []),
    ]
    cells = [_cells(row, grouped=grouped, limited=limited, hours=hours) for row in rows]
    notes = ["Leads of the window, from media and others that come anyway; value of all that are worked."]
    if any(row.shared for row in rows):
        notes.append("* shared with other segments.")
    return TextTable("What it means for sellers, by segment", columns, cells, None, notes)


def _price_head(rows: list[SegmentRow]) -> str:
    kinds = {row.price_of for row in rows if row.price_of}
    return f"{kinds.pop()}" if len(kinds) == 1 else "hour or lead"


def _cells(row: SegmentRow, *, grouped: bool, limited: bool, hours: bool) -> tuple[str, ...]:
    mark = MARKED if row.shared else ""
    price = "" if row.price is None else style.number(row.price)
    return (
        row.segment,
        *([row.group or "all"] if grouped else []),
        style.number(row.leads_media),
        "" if row.leads_baseline is None else style.number(row.leads_baseline),
        style.number(row.leads.mean),
        *([style.number(row.worked.mean)] if limited else []),
        *(_hours(row, mark) if hours else ()),
        *(style.number(stage.mean) for stage in row.stages),
        style.number(row.value.mean),
        style.between(row.value.low, row.value.high),
        *([price] if limited else []),
    )


def _hours(row: SegmentRow, mark: str) -> tuple[str, str]:
    if row.hours_at_hand is None:
        return "", ""
    return style.number(row.hours_needed), style.number(row.hours_at_hand) + mark


def volume_lines(result: PlanOutput) -> list[str]:
    """Every volume with its minimum and the probability of its goal, in sentences."""
    told, hdi = [], f"{100 * result.hdi:g}%"
    for row in result.volumes:
        between = f"{style.number(row.expected.low)} to {style.number(row.expected.high)}"
        line = f"{row.volume[:1].upper()}{row.volume[1:]}: {style.number(row.expected.mean)} expected ({hdi}: {between}"
        line += f"; the reference plan {style.number(row.reference)})"
        if row.min is not None:
            line += f", at least {style.number(row.min)} asked for"
        if row.p_goal is not None:
            line += f"; the goal of {style.number(row.goal)} is reached with probability {style.chance(row.p_goal)}"
            line += f" (the reference plan: {style.chance(row.reference_p_goal)})"
        told.append(f"{line}.")
    return told
