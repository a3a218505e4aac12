"""Charts of the channels: what each returned, and how outcome grows with spend."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from outlay import style

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from cli.outputs.media import CurveRow, RoiRow
    from cli.report.data import ReportData

WEAK_COLOUR = "#8A94A0"
REACH = 1.6
"""The ROI axis ends at this many times the largest interval among the channels that the data identify."""


def roi_chart(data: ReportData) -> go.Figure:
    """ROI of each paid channel as a dot with its interval; hollow and grey where the data say little."""
    import plotly.graph_objects as go

    rows = sorted((row for row in data.total_rows() if row.paid), key=lambda row: row.roi_mean or 0.0)
    figure = go.Figure()
    if data.money:
        figure.add_vline(x=1, line={"color": style.MUTED, "width": 1, "dash": "dash"})
    for row in rows:
        _interval(figure, row)
    figure.add_scatter(
        x=[row.roi_mean for row in rows],
        y=[_name(row) for row in rows],
        mode="markers",
        marker={
            "size": 11,
            "color": ["#FFFFFF" if row.identified != "yes" else style.PAID_COLOUR for row in rows],
            "line": {"width": 2, "color": [_colour(row) for row in rows]},
        },
        customdata=[tuple(style.ratio(x) for x in (row.roi_mean, row.roi_hdi_low, row.roi_hdi_high)) for row in rows],
        hovertemplate="%{y}: %{customdata[0]} (%{customdata[1]} to %{customdata[2]})<extra></extra>",
    )
    title = f"{data.unit} caused per {data.currency} spent"
    axis: dict[str, Any] = {"title": {"text": escape(title)}, "rangemode": "tozero", "zeroline": True}
    axis["range"] = [min(0.0, *(row.roi_hdi_low or 0.0 for row in rows), 0.0), _roi_end(data, rows)]
    return figure.update_layout(
        **style.layout(
            height=90 + 34 * len(rows),
            showlegend=False,
            xaxis=axis,
            yaxis={"ticks": "", "showgrid": False, "type": "category"},
        )
    )


def _name(row: RoiRow) -> str:
    mark = {"yes": "", "weak": " (weak)", "no": " (not identified)"}[row.identified]
    return escape(row.channel) + mark


def _colour(row: RoiRow) -> str:
    return style.PAID_COLOUR if row.identified == "yes" else WEAK_COLOUR


def _interval(figure: go.Figure, row: RoiRow) -> None:
    figure.add_scatter(
        x=[row.roi_hdi_low, row.roi_hdi_high],
        y=[_name(row)] * 2,
        mode="lines",
        line={"color": _colour(row), "width": 3, "dash": "solid" if row.identified == "yes" else "dot"},
        hoverinfo="skip",
    )


def _roi_end(data: ReportData, rows: list[RoiRow]) -> float:
    ends = [row.roi_hdi_high for row in rows if row.roi_hdi_high is not None]
    sure = [row.roi_hdi_high for row in rows if row.roi_hdi_high is not None and row.identified == "yes"]
    if not ends:
        return 1.0
    end = min(max(ends), REACH * max(sure)) if sure else max(ends)
    return (max(end, 1.1) if data.money else end) * 1.03  # money: one unit back for one spent stays in sight


def cut_off(data: ReportData) -> list[str]:
    """Channels whose interval goes beyond the ROI axis."""
    rows = [row for row in data.total_rows() if row.paid]
    end = _roi_end(data, rows)
    return [row.channel for row in rows if row.roi_hdi_high is not None and row.roi_hdi_high > end]


def curve_chart(data: ReportData, channel: str, planned: float | None) -> go.Figure:
    """One channel's response curve with current and recommended spend per period; dashed beyond what was seen."""
    import plotly.graph_objects as go

    rows = sorted(_rows(data, channel), key=lambda row: row.spend or 0.0)
    x = [row.spend or 0.0 for row in rows]
    figure = go.Figure()
    band = {"mode": "lines", "line": {"width": 0}, "hoverinfo": "skip"}
    figure.add_scatter(x=x, y=[row.outcome_hdi_high for row in rows], **band)
    figure.add_scatter(
        x=x, y=[row.outcome_hdi_low for row in rows], fill="tonexty", fillcolor="rgba(0,114,178,0.14)", **band
    )
    seen = [row for row in rows if not row.extrapolated]
    beyond = [*seen[-1:], *(row for row in rows if row.extrapolated)]
    for part, dash in ((seen, "solid"), (beyond, "dash")):
        figure.add_scatter(
            x=[row.spend for row in part],
            y=[row.outcome_mean for row in part],
            mode="lines",
            line={"color": style.PAID_COLOUR, "width": 2.5, "dash": dash},
            hovertemplate="spend %{x:.3s}, outcome %{y:.3s}<extra></extra>",
        )
    current = next((row.spend for row in rows if row.is_current), None)
    _mark(figure, rows, current, "diamond", style.CURRENT_COLOUR, 14, "current")
    _mark(figure, rows, planned, "circle", style.PLAN_COLOUR, 9, "recommended")
    small = {"nticks": 4, "exponentformat": "B", "rangemode": "tozero"}
    titles = (
        {"text": escape(f"spend per {data.period} ({data.currency})")},
        {"text": escape(f"outcome ({data.unit})")},
    )
    return figure.update_layout(
        **style.layout(
            height=230,
            showlegend=False,
            font={"size": 11},
            margin={"l": 56, "r": 12, "t": 8, "b": 42},
            xaxis=small | {"title": {**titles[0], "font": {"size": 11}, "standoff": 4}},
            yaxis=small | {"title": {**titles[1], "font": {"size": 11}, "standoff": 4}},
        )
    )


def _rows(data: ReportData, channel: str) -> list[CurveRow]:
    mine = [row for row in data.curves if row.channel == channel]
    total = [row for row in mine if row.group is None]
    return total or [row for row in mine if row.group == mine[0].group]


def _mark(
    figure: go.Figure, rows: list[CurveRow], spend: float | None, symbol: str, colour: str, size: int, name: str
) -> None:
    import numpy as np

    x = [row.spend or 0.0 for row in rows]
    if spend is None or not x or spend > x[-1]:
        return
    y = float(np.interp(spend, x, [row.outcome_mean or 0.0 for row in rows]))
    figure.add_scatter(
        x=[spend],
        y=[y],
        mode="markers",
        marker={"symbol": symbol, "size": size, "color": colour, "line": {"width": 1.5, "color": "#FFFFFF"}},
        cliponaxis=False,
        hovertemplate=f"{name}: %{{x:.3s}}<extra></extra>",
    )
