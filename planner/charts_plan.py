"""Charts of the plan's view: those of a plan, and its table as a picture."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from budget import plots
from budget.document import PlanOutput
from outlay import style
from planner.plan_result import plan_rows

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from budget.sweeps import Sweep
    from planner.forecast import Forecast

ROW_HEIGHT = 26


def spend_chart(plan: PlanOutput) -> go.Figure:
    """Spend by channel beside the reference plan."""
    return style.relaid(plots.plot_allocation(plan), {"margin": {"l": 8, "r": 16, "t": 32, "b": 48}})


def timing_chart(plan: PlanOutput) -> go.Figure | None:
    """Spend period by period, where it is decided."""
    return plots.plot_flighting(plan) if plan.by_period() else None


def sweep_chart(plan: PlanOutput, sweep: Sweep) -> go.Figure:
    """Expected outcome at other totals, this plan's total and where to stop, with words at the lines."""
    figure = plots.plot_sweep(plan, sweep)
    lines = [(plan.budget, "this plan", style.PLAN_COLOUR, 1.0)]
    if sweep.stop is not None:
        lines.append((sweep.stop.budget, "stop", style.MUTED, 0.0))
    for x, word, colour, place in lines:
        figure.add_annotation(
            x=x,
            y=place,
            yref="paper",
            yanchor="top" if place else "bottom",
            xanchor="left",
            xshift=4,
            text=word,
            showarrow=False,
            font={"color": colour},
        )
    return style.relaid(figure, {"margin": {"l": 8, "r": 16, "t": 16, "b": 48}})


def forecast_chart(found: Forecast, outcome: str, period: str) -> go.Figure:
    """Outcome period by period with its interval, and what of it comes without the plan."""
    import plotly.graph_objects as go

    days = [each.date for each in found.periods]
    band = {"mode": "lines", "line": {"width": 0}, "hoverinfo": "skip", "showlegend": False}
    figure = go.Figure()
    figure.add_scatter(x=days, y=[each.outcome.high for each in found.periods], **band)
    figure.add_scatter(
        x=days,
        y=[each.outcome.low for each in found.periods],
        fill="tonexty",
        fillcolor="rgba(0,114,178,0.15)",
        **band,
    )
    for name, values, colour, dash in (
        ("with the plan", [each.outcome.mean for each in found.periods], style.PAID_COLOUR, "solid"),
        ("baseline and earlier spend", [each.beside.mean for each in found.periods], style.MUTED, "dot"),
    ):
        figure.add_scatter(
            x=days,
            y=values,
            name=name,
            mode="lines",
            line={"color": colour, "width": 2, "dash": dash},
            hovertemplate=f"{name} %{{x}}: %{{y:,.0f}}<extra></extra>",
        )
    title = escape(f"{outcome} per {period} ({found.outcome_unit})")
    return style.dressed(
        figure,
        height=340,
        margin={"l": 8, "r": 16, "t": 32, "b": 32},
        yaxis={"title": {"text": title}, "exponentformat": "B"},
        xaxis={"type": "date"},
    )


def table_picture(plan: PlanOutput) -> go.Figure:
    """The plan's table as a figure, so that a browser can make a picture of it."""
    import plotly.graph_objects as go

    rows, panel = plan_rows(plan), any(row.group is not None for row in plan.rows)
    columns: list[tuple[str, list[str], float]] = [
        ("Channel", [row["channel"] for row in rows], 1.6),
        *([("Group", [row["group"] or "" for row in rows], 1.2)] if panel else []),
        (f"Reference ({plan.currency})", [style.amount(row["reference"]) for row in rows], 1.2),
        (f"Plan ({plan.currency})", [style.amount(row["spend"]) for row in rows], 1.2),
        ("Change", [row["change_words"] for row in rows], 0.8),
        ("Marginal return", [row["mroi_words"] for row in rows], 0.9),
        ("Held by", [row["held"] for row in rows], 1.8),
    ]
    text = {"Channel", "Group", "Held by"}
    align = ["left" if name in text else "right" for name, _, _ in columns]
    table = go.Table(
        columnwidth=[width for _, _, width in columns],
        header={"values": [f"<b>{escape(name)}</b>" for name, _, _ in columns], "align": align, "height": ROW_HEIGHT},
        cells={
            "values": [[escape(cell) for cell in cells] for _, cells, _ in columns],
            "align": align,
            "height": ROW_HEIGHT,
        },
    )
    window = f"{plan.periods} {plan.period_unit}s from {plan.start}"
    title = f"{plan.name or 'Plan'}: {window}, {style.money(plan.budget, plan.currency)}"
    return style.dressed(
        go.Figure(table),
        width=1100,
        height=(len(rows) + 1) * ROW_HEIGHT + 90,
        margin={"l": 20, "r": 20, "t": 60, "b": 20},
        title={"text": escape(title), "x": 0.02},
    )
