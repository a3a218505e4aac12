"""Charts of the fit: the outcome against the model, what is left over, and what the outcome was made of."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from outlay import style

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

    from cli.report.data import ReportData

KINDS = {
    "baseline": ("baseline", style.BASELINE_COLOUR),
    "lever": ("levers", style.LEVER_COLOUR),
    "organic": ("organic media", style.ORGANIC_COLOUR),
    "paid": ("paid media", style.PAID_COLOUR),
}
"""Kinds of component from the bottom of the stack to its top, with name and colour."""


MOST_BARS = 60


def outcome_axis(data: ReportData, title: str) -> dict[str, Any]:
    """Axis of outcome: currency sign or unit in the title, B for billions."""
    return {"title": {"text": escape(f"{title} ({data.unit})")}, "exponentformat": "B", "rangemode": "tozero"}


def total_of(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows that are totals over groups; sums them where a table only has groups."""
    total = frame[frame["group"].isna()]
    if len(total) or frame.empty:
        return total
    keys = [name for name in ("date", "component", "kind") if name in frame]
    numbers = [name for name in ("actual", "mean", "residual") if name in frame]
    return frame.groupby(keys, sort=False)[numbers].sum().reset_index()


def fit_chart(data: ReportData) -> go.Figure:
    """The outcome and the model's mean with its predictive interval."""
    import plotly.graph_objects as go

    series = total_of(data.series)
    figure = go.Figure()
    if "hdi_low" in series:
        band = {"mode": "lines", "line": {"width": 0}, "hoverinfo": "skip", "showlegend": False}
        figure.add_scatter(x=series["date"], y=series["hdi_high"], **band)
        figure.add_scatter(
            x=series["date"], y=series["hdi_low"], fill="tonexty", fillcolor="rgba(0,114,178,0.18)", **band
        )
    figure.add_scatter(
        x=series["date"], y=series["mean"], mode="lines", name="model", line={"color": style.PAID_COLOUR, "width": 2}
    )
    figure.add_scatter(
        x=series["date"],
        y=series["actual"],
        mode="markers",
        name="actual",
        marker={"color": style.ACTUAL_COLOUR, "size": 4},
    )
    axis = outcome_axis(data, data.outcome)
    return figure.update_layout(**style.layout(height=360, showlegend=False, yaxis=axis, hovermode="x unified"))


def residual_chart(data: ReportData) -> go.Figure:
    """What the model did not explain, in per cent of the outcome where that exists."""
    import plotly.graph_objects as go

    series = total_of(data.series)
    figure = go.Figure()
    figure.add_bar(x=series["date"], y=series["residual"], marker={"color": style.CURRENT_COLOUR}, name="residual")
    axis = outcome_axis(data, "actual minus model") | {"rangemode": "normal"}
    return figure.update_layout(**style.layout(height=220, showlegend=False, yaxis=axis, bargap=0.1))


def kinds_chart(data: ReportData) -> go.Figure:
    """The outcome as a stack of baseline, levers, organic and paid media."""
    import plotly.graph_objects as go

    parts = total_of(data.contributions)
    table = parts.pivot_table(index="date", columns="kind", values="mean", aggfunc="sum")
    figure = go.Figure()
    for kind in kinds_present(data):
        name, colour = KINDS[kind]
        figure.add_scatter(
            x=table.index,
            y=table[kind],
            name=name,
            mode="lines",
            stackgroup="outcome",
            line={"width": 0.5, "color": "#FFFFFF"},
            fillcolor=colour,
        )
    series = total_of(data.series)
    figure.add_scatter(
        x=series["date"],
        y=series["actual"],
        mode="lines",
        name="actual",
        line={"color": style.ACTUAL_COLOUR, "width": 1.2, "dash": "dot"},
    )
    axis = outcome_axis(data, data.outcome)
    return figure.update_layout(**style.layout(height=340, showlegend=False, yaxis=axis, hovermode="x unified"))


def kinds_present(data: ReportData) -> list[str]:
    """Kinds of component that the fit has, from the bottom of the stack up."""
    present = set(data.contributions["kind"])
    return [kind for kind in KINDS if kind in present]


def media_chart(data: ReportData) -> go.Figure:
    """Media contributions alone, stacked by channel: the part that disappears in the whole."""
    import plotly.graph_objects as go

    parts = total_of(data.contributions)
    parts = parts[parts["kind"].isin(["paid", "organic"])]
    figure = go.Figure()
    for name, colour in media_colours(data).items():
        series = parts[parts["component"] == name].set_index("date")["mean"]
        if by_month(data):
            series = series.resample("MS").sum()
        figure.add_bar(
            x=series.index,
            y=series,
            name=escape(name),
            marker={"color": colour, "line": {"width": 0.5, "color": "#FFFFFF"}},
            hovertemplate="%{y:.3s}",
        )
    axis = outcome_axis(data, f"{data.outcome} caused by media")
    more = {"barmode": "relative", "bargap": 0.12, "hovermode": "x unified"}
    return figure.update_layout(**style.layout(height=400, showlegend=False, yaxis=axis, **more))


def by_month(data: ReportData) -> bool:
    """Whether the media chart sums periods into months: many narrow bars cannot be read."""
    return int(data.series["date"].nunique()) > MOST_BARS


def media_colours(data: ReportData) -> dict[str, str]:
    """A colour for each channel, the largest at the bottom of the stack first."""
    rows = sorted(data.total_rows(), key=lambda row: -(row.contribution_mean or 0.0))
    return style.colours([row.channel for row in rows])
