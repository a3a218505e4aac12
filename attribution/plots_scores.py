"""Charts of lead scores: what grades would have caught, month by month, and whether probabilities came true."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attribution.document_scores import CaptureRow, ScoreOutput
from outlay import style
from outlay.document import documents

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from attribution.scores import LeadScores

RULES_COLOUR = "#A9B2BD"


def plot_caught(found: ScoreOutput | LeadScores) -> go.Figure:
    """Part of all conversions in the best leads, grade by grade, ours beside the rules'."""
    import plotly.graph_objects as go

    captures = found.captures if isinstance(found, ScoreOutput) else documents(found.tables["captures"], CaptureRow)
    figure = go.Figure()
    for by, name, colour in (("score", "score", style.PLAN_COLOUR), ("rules", "rules", RULES_COLOUR)):
        rows = [row for row in captures if row.by == by]
        if not rows:
            continue
        figure.add_bar(
            x=["A", "A and B", "A to C", "A to D"],
            y=[row.caught for row in rows[:4]],
            name=name,
            marker={"color": colour},
            error_y={
                "type": "data",
                "symmetric": False,
                "array": [(row.caught_high or 0) - (row.caught or 0) for row in rows[:4]],
                "arrayminus": [(row.caught or 0) - (row.caught_low or 0) for row in rows[:4]],
                "color": style.ACTUAL_COLOUR,
                "thickness": 1.2,
                "width": 4,
            },
            hovertemplate=f"{name}, %{{x}}: %{{y:.0%}}<extra></extra>",
        )
    share = {"title": {"text": "share of all that got there"}, "tickformat": ".0%", "range": [0, 1.04]}
    return style.dressed(figure, height=340, barmode="group", bargap=0.3, bargroupgap=0.05, yaxis=share)


def plot_months(found: ScoreOutput) -> go.Figure:
    """Leads that got there by month: caught in A and B and not, what was expected, and the day of the event."""
    import plotly.graph_objects as go

    months = [row.month for row in found.months]
    figure = go.Figure()
    for name, counts, colour in (
        ("in A and B", [row.caught for row in found.months], style.PLAN_COLOUR),
        ("in C to E", [row.converted - row.caught for row in found.months], RULES_COLOUR),
    ):
        figure.add_bar(
            x=months, y=counts, name=name, marker={"color": colour}, hovertemplate=f"{name}: %{{y:,}}<extra></extra>"
        )
    figure.add_scatter(
        x=months,
        y=[row.expected for row in found.months],
        mode="markers",
        name="expected",
        marker={"color": style.ACTUAL_COLOUR, "symbol": "diamond", "size": 9},
        hovertemplate="expected: %{y:,.0f}<extra></extra>",
    )
    if found.event and found.event[:7] in months:
        at = months.index(found.event[:7]) - 0.5 + (int(found.event[8:10]) - 1) / 31
        figure.add_vline(x=at, line={"color": style.ACTUAL_COLOUR, "dash": "dash", "width": 1.5})
    axes = {"yaxis": {"title": {"text": "leads that got there"}}, "xaxis": {"type": "category"}}
    return style.dressed(figure, height=340, showlegend=False, barmode="stack", bargap=0.3, **axes)


def plot_calibration(found: ScoreOutput) -> go.Figure:
    """Observed rate with its interval against the predicted one, by tenths of the leads."""
    import plotly.graph_objects as go

    rows = [row for row in found.calibration if row.by == "tenth"]
    most = 1.08 * max(max(row.observed_high or 0, row.predicted or 0) for row in rows)
    figure = go.Figure()
    figure.add_scatter(
        x=[0, most], y=[0, most], mode="lines", line={"color": RULES_COLOUR, "dash": "dash"}, hoverinfo="skip"
    )
    figure.add_scatter(
        x=[row.predicted for row in rows],
        y=[row.observed for row in rows],
        mode="markers",
        marker={"color": style.PLAN_COLOUR, "size": 9},
        error_y={
            "type": "data",
            "symmetric": False,
            "array": [(row.observed_high or 0) - (row.observed or 0) for row in rows],
            "arrayminus": [(row.observed or 0) - (row.observed_low or 0) for row in rows],
            "thickness": 1.2,
            "width": 4,
        },
        hovertemplate="said %{x:.1%}, came %{y:.1%}<extra></extra>",
    )
    axis = {"tickformat": ".0%", "range": [0, most]}
    return style.dressed(
        figure,
        height=340,
        showlegend=False,
        xaxis=axis | {"title": {"text": "chance that was said"}},
        yaxis=axis | {"title": {"text": "part that got there"}},
    )
