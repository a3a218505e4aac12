"""The plan's leads in the report: worked and unworked leads by segment, hours, stages and value; volumes and goals."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from budget.document import PlanOutput, SegmentRow
from budget.words import order_line
from cli.report.parts import Table, chart_of
from cli.report.story import Exhibit
from outlay import style

if TYPE_CHECKING:
    import plotly.graph_objects as go

UNWORKED_COLOUR = "#A9B2BD"
BAR_HEIGHT = 34


def exhibits(plan: PlanOutput) -> tuple[Exhibit, ...]:
    """What the plan means for sellers; nothing where the outcome is the KPI."""
    if not plan.segments:
        return ()
    limited = any(row.most is not None for row in plan.segments)
    first = Exhibit(
        title="What it means for sellers, by segment",
        chart=chart_of(segments_chart(plan), "Leads that are worked and leads that are not, by segment"),
        table=segments_table(plan),
        key=(("worked", style.PLAN_COLOUR), *((("not worked", UNWORKED_COLOUR),) if limited else ())),
        note=" ".join(
            [
                "Leads are those of the window; value is that of worked leads, those that come anyway included.",
                *order_line(plan),
            ]
        ),
    )
    return (first, *_volumes(plan))


def segments_chart(plan: PlanOutput) -> go.Figure:
    """Expected leads of each segment, the worked part in the plan's colour."""
    import plotly.graph_objects as go

    rows = list(reversed(plan.segments))
    names = [escape(_name(row)) for row in rows]
    worked = [row.worked.mean or 0.0 for row in rows]
    left = [max((row.leads.mean or 0.0) - (row.worked.mean or 0.0), 0.0) for row in rows]
    figure = go.Figure()
    for label, numbers, colour in (("worked", worked, style.PLAN_COLOUR), ("not worked", left, UNWORKED_COLOUR)):
        figure.add_bar(
            y=names,
            x=numbers,
            orientation="h",
            name=label,
            marker={"color": colour},
            hovertemplate=f"%{{y}}, {label}: %{{x:,.0f}}<extra></extra>",
        )
    axis = {"title": {"text": "expected leads in the window"}, "exponentformat": "B", "rangemode": "tozero"}
    return style.dressed(
        figure,
        height=80 + BAR_HEIGHT * len(rows),
        showlegend=False,
        barmode="stack",
        bargap=0.35,
        xaxis=axis,
        yaxis={"ticks": "", "showgrid": False, "type": "category"},
    )


def segments_table(plan: PlanOutput) -> Table:
    """One row per segment: leads, hours, stages, value and the price of an hour."""
    rows, hdi = plan.segments, f"{100 * plan.hdi:g}% HDI"
    hours = any(row.hours_at_hand is not None for row in rows)
    limited = any(row.most is not None for row in rows)
    headers = (
        ("Segment", False),
        ("Leads from media", True),
        ("that come anyway", True),
        *((("Worked", True),) if limited else ()),
        *((("Hours needed", True), ("Hours at hand", True)) if hours else ()),
        *((f"Worked to {stage.stage}", True) for stage in rows[0].stages),
        (f"Value ({plan.currency})", True),
        (hdi, True),
        (f"Against the reference plan ({plan.currency})", True),
        *(((f"One more hour or lead ({plan.currency})", True),) if limited else ()),
    )
    cells = tuple(_cells(row, limited=limited, hours=hours) for row in rows)
    return Table(headers, cells)


def _cells(row: SegmentRow, *, limited: bool, hours: bool) -> tuple[str, ...]:
    at_hand = "" if row.hours_at_hand is None else style.number(row.hours_at_hand) + (" (shared)" if row.shared else "")
    price = "" if row.price is None else f"{style.number(row.price)} per {row.price_of}"
    return (
        _name(row),
        style.number(row.leads_media),
        "" if row.leads_baseline is None else style.number(row.leads_baseline),
        *((style.number(row.worked.mean),) if limited else ()),
        *(("" if row.hours_needed is None else style.number(row.hours_needed), at_hand) if hours else ()),
        *(style.number(stage.mean) for stage in row.stages),
        style.number(row.value.mean),
        style.between(row.value.low, row.value.high),
        style.signed(style.number(row.gain.mean)),
        *((price,) if limited else ()),
    )


def _name(row: SegmentRow) -> str:
    return row.segment if row.group is None else f"{row.segment} in {row.group}"


def _volumes(plan: PlanOutput) -> tuple[Exhibit, ...]:
    if not plan.volumes:
        return ()
    headers = (
        ("Volume", False),
        ("Expected", True),
        (f"{100 * plan.hdi:g}% HDI", True),
        ("Reference plan", True),
        ("At least", True),
        ("Goal", True),
        ("Probability of the goal", True),
        ("Reference plan's", True),
    )
    rows = tuple(
        (
            row.volume,
            style.number(row.expected.mean),
            style.between(row.expected.low, row.expected.high),
            style.number(row.reference),
            "" if row.min is None else style.number(row.min),
            "" if row.goal is None else style.number(row.goal),
            "" if row.p_goal is None else style.chance(row.p_goal),
            "" if row.reference_p_goal is None else style.chance(row.reference_p_goal),
        )
        for row in plan.volumes
    )
    note = (
        "Expected over the window, as if every lead could be worked; for goals of later stages only worked leads count."
    )
    return (Exhibit(title="Leads that must come, and goals", table=Table(headers, rows), note=note),)
