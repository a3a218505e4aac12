"""Charts of the plan: its spend beside the reference, week by week, among scenarios, and what stands around it."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from budget.document import PlanOutput
from budget.document_around import FrontierOutput, SweepOutput
from budget.document_compare import CompareOutput
from outlay import style

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from budget.allocation import Allocation
    from budget.frontiers import Frontier
    from budget.scenarios import Comparison
    from budget.sweeps import Sweep

BAR_HEIGHT = 46
REFERENCE_COLOUR = "#A9B2BD"


def _plan(plan: PlanOutput | Allocation) -> PlanOutput:
    return plan if isinstance(plan, PlanOutput) else PlanOutput.of(plan)


def plot_allocation(plan: PlanOutput | Allocation) -> go.Figure:
    """Total spend over the window by channel, reference against plan."""
    import plotly.graph_objects as go

    plan = _plan(plan)
    reference, planned = plan.by_channel()
    names = sorted(planned, key=lambda name: planned[name])
    figure = go.Figure()
    for label, spend, colour in (
        ("recommended", planned, style.PLAN_COLOUR),
        ("reference", reference, REFERENCE_COLOUR),
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
    return style.dressed(
        figure,
        height=80 + BAR_HEIGHT * len(names),
        barmode="group",
        bargap=0.32,
        bargroupgap=0.05,
        xaxis=axis,
        yaxis={"ticks": "", "showgrid": False, "type": "category"},
    )


def weekly_colours(plan: PlanOutput) -> dict[str, str]:
    """Channels whose timing is decided, from the top of the stack down, with their colours."""
    totals = {name: sum(days.values()) for name, days in plan.by_period().items()}
    return style.colours(sorted(totals, key=lambda name: -totals[name]))


def plot_flighting(plan: PlanOutput | Allocation) -> go.Figure:
    """Spend per period of the channels whose timing is decided, stacked; the same of the reference plan as a line."""
    import plotly.graph_objects as go

    plan = _plan(plan)
    spend, figure = plan.by_period(), go.Figure()
    for name, colour in reversed(weekly_colours(plan).items()):
        days = spend[name]
        figure.add_bar(
            x=list(days),
            y=list(days.values()),
            name=escape(name),
            marker={"color": colour},
            hovertemplate=f"{escape(name)} %{{x}}: %{{y:,.0f}}<extra></extra>",
        )
    before: dict[str, float] = {}
    for row in plan.rows:
        if row.period is not None:
            before[row.period] = before.get(row.period, 0.0) + (row.reference_spend or 0.0)
    figure.add_scatter(
        x=list(before),
        y=list(before.values()),
        mode="lines",
        name="reference",
        line={"color": style.ACTUAL_COLOUR, "width": 2, "dash": "dot"},
        hovertemplate="reference %{x}: %{y:,.0f}<extra></extra>",
    )
    axis = {"title": {"text": escape(f"spend per {plan.period_unit} ({plan.currency})")}, "exponentformat": "B"}
    return style.dressed(figure, height=400, barmode="stack", bargap=0.15, yaxis=axis, xaxis={"type": "date"})


def scenario_colours(found: CompareOutput) -> dict[str, str]:
    """The reference plan and the scenarios with their colours."""
    names, reference = [row.name for row in found.rows], "reference"
    while reference in names:
        reference += " plan"
    return {reference: REFERENCE_COLOUR, **style.colours(names)}


def plot_scenarios(found: CompareOutput | Comparison) -> go.Figure:
    """Spend by channel of the reference plan and of every scenario."""
    import plotly.graph_objects as go

    found = found if isinstance(found, CompareOutput) else CompareOutput.of(found)
    spend = found.spend_by_channel()
    names = sorted(spend, key=lambda name: max(spend[name]))
    figure = go.Figure()
    for i, (label, colour) in reversed(list(enumerate(scenario_colours(found).items()))):
        figure.add_bar(
            y=[escape(name) for name in names],
            x=[spend[name][i] for name in names],
            orientation="h",
            name=escape(label),
            marker={"color": colour},
            hovertemplate=f"{escape(label)} %{{y}}: %{{x:,.0f}}<extra></extra>",
        )
    axis = {"title": {"text": escape(f"total spend ({found.currency})")}, "exponentformat": "B", "rangemode": "tozero"}
    return style.dressed(
        figure,
        height=90 + (14 * (len(found.rows) + 1) + 12) * len(names),
        barmode="group",
        bargap=0.28,
        bargroupgap=0.05,
        xaxis=axis,
        yaxis={"ticks": "", "showgrid": False, "type": "category"},
    )


def plot_sweep(plan: PlanOutput | Allocation, sweep: SweepOutput | Sweep) -> go.Figure:
    """Expected outcome against the total, with its interval, this plan's total and where to stop."""
    import plotly.graph_objects as go

    plan = _plan(plan)
    sweep = sweep if isinstance(sweep, SweepOutput) else SweepOutput.model_validate(sweep.to_json())
    rows = [row for row in sweep.rows if row.feasible]
    budgets = [row.budget for row in rows]
    figure = go.Figure()
    band = {"mode": "lines", "line": {"width": 0}, "hoverinfo": "skip", "showlegend": False}
    figure.add_scatter(x=budgets, y=[row.outcome_hdi_high for row in rows], **band)
    figure.add_scatter(
        x=budgets,
        y=[row.outcome_hdi_low for row in rows],
        fill="tonexty",
        fillcolor="rgba(0,114,178,0.15)",
        **band,
    )
    figure.add_scatter(
        x=budgets,
        y=[row.outcome_mean for row in rows],
        mode="lines+markers",
        line={"color": style.PAID_COLOUR, "width": 2},
        customdata=[style.ratio(row.mroi) for row in rows],
        hovertemplate="%{x:,.0f}: %{y:,.0f}, marginal %{customdata}<extra></extra>",
    )
    if plan.budget is not None:
        figure.add_vline(x=plan.budget, line={"color": style.PLAN_COLOUR, "width": 2})
    if sweep.stop is not None:
        figure.add_vline(x=sweep.stop.budget, line={"color": style.MUTED, "width": 2, "dash": "dash"})
    return style.dressed(
        figure,
        height=340,
        showlegend=False,
        xaxis={"title": {"text": escape(f"budget ({sweep.currency})")}, "exponentformat": "B"},
        yaxis={"title": {"text": escape(f"{plan.outcome} ({sweep.outcome_unit})")}, "exponentformat": "B"},
    )


def plot_frontier(plan: PlanOutput | Allocation, frontier: FrontierOutput | Frontier) -> go.Figure:
    """Expected outcome against that of the worst draws, one point per weight."""
    import plotly.graph_objects as go

    plan = _plan(plan)
    frontier = frontier if isinstance(frontier, FrontierOutput) else FrontierOutput.of(frontier)
    worst, unit = f"mean of the worst {100 * frontier.level:g} % of draws", frontier.outcome_unit
    figure = go.Figure()
    figure.add_scatter(
        x=[row.cvar for row in frontier.rows],
        y=[row.expected for row in frontier.rows],
        mode="lines+markers+text",
        text=[f"{row.weight:.2g}" for row in frontier.rows],
        textposition="bottom left",
        line={"color": style.PAID_COLOUR, "width": 2},
        marker={"size": 9},
        hovertemplate="weight %{text}: worst %{x:,.0f}, expected %{y:,.0f}<extra></extra>",
    )
    return style.dressed(
        figure,
        height=340,
        showlegend=False,
        xaxis={"title": {"text": escape(f"{worst} ({unit})")}, "exponentformat": "B"},
        yaxis={
            "title": {"text": escape(f"expected {plan.outcome} ({unit})")},
            "exponentformat": "B",
        },
    )
