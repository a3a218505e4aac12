"""Charts of the plan: the reference and the recommended spend side by side."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from outlay import style

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from cli.outputs.plan import PlanOutput

BAR_HEIGHT = 46


def allocation_chart(plan: PlanOutput) -> go.Figure:
    """Total spend over the window by channel, reference against plan."""
    import plotly.graph_objects as go

    reference, planned = by_channel(plan)
    names = sorted(planned, key=lambda name: planned[name])
    figure = go.Figure()
    for label, spend, colour in (
        ("recommended", planned, style.PLAN_COLOUR),
        ("reference", reference, "#A9B2BD"),
    ):
        figure.add_bar(
            y=[escape(name) for name in names],
            x=[spend[name] for name in names],
            orientation="h",
            name=label,
            marker={"color": colour},
            hovertemplate=f"{label} %{{y}}: %{{x:,.0f}}<extra></extra>",
        )
    axis = {
        "title": {"text": escape(f"total spend over {plan.periods} {plan.period_unit}s ({plan.currency})")},
        "exponentformat": "B",
        "rangemode": "tozero",
    }
    return figure.update_layout(
        **style.layout(
            height=80 + BAR_HEIGHT * len(names),
            showlegend=False,
            barmode="group",
            bargap=0.32,
            bargroupgap=0.05,
            xaxis=axis,
            yaxis={"ticks": "", "showgrid": False, "type": "category"},
        )
    )


def by_channel(plan: PlanOutput) -> tuple[dict[str, float], dict[str, float]]:
    """Reference and planned totals of each channel over groups."""
    reference: dict[str, float] = {}
    planned: dict[str, float] = {}
    for row in plan.rows:
        if row.period is None:
            reference[row.channel] = reference.get(row.channel, 0.0) + (row.reference_spend or 0.0)
            planned[row.channel] = planned.get(row.channel, 0.0) + (row.spend or 0.0)
    return reference, planned
