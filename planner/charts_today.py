"""Charts of today: returns with their intervals, and how the outcome grows with spend."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import numpy as np

from outlay import style
from planner.study import Study
from planner.today import Returned

if TYPE_CHECKING:
    import plotly.graph_objects as go

WEAK = "#8A94A0"
ROW = 30
REACH = 1.6
"""The axis ends at this many times the largest interval of a channel that the data identify, or at the last dot."""


def returns_chart(study: Study, rows: list[Returned]) -> go.Figure:
    """Return per unit spent of each paid channel, a dot with its interval; grey where the data say little."""
    import plotly.graph_objects as go

    told = [(row, row.roi) for row in reversed(rows) if row.roi is not None]
    figure = go.Figure()
    if study.money:
        figure.add_vline(x=1, line={"color": style.MUTED, "width": 1, "dash": "dash"})
    colours = [style.PAID_COLOUR if row.said == "enough" else WEAK for row, _ in told]
    for (row, (_, low, high)), colour in zip(told, colours, strict=True):
        figure.add_scatter(
            x=[low, high],
            y=[escape(row.channel)] * 2,
            mode="lines",
            line={"color": colour, "width": 3, "dash": "solid" if row.said == "enough" else "dot"},
            hoverinfo="skip",
        )
    figure.add_scatter(
        x=[roi[0] for _, roi in told],
        y=[escape(row.channel) for row, _ in told],
        mode="markers",
        marker={"size": 11, "color": colours},
        customdata=[[style.ratio(x) for x in roi] for _, roi in told],
        hovertemplate="%{y}: %{customdata[0]} (%{customdata[1]} to %{customdata[2]})<extra></extra>",
    )
    axis = {"title": {"text": escape(f"{study.unit} caused per {study.currency} spent")}, "rangemode": "tozero"}
    return style.dressed(
        figure,
        height=80 + ROW * len(told),
        showlegend=False,
        margin={"l": 8, "r": 16, "t": 8, "b": 44},
        xaxis={**axis, "range": [0, _end(study, told)]},
        yaxis={"ticks": "", "showgrid": False, "type": "category"},
    )


def _end(study: Study, told: list[tuple[Returned, tuple[float, float, float]]]) -> float:
    highs = [roi[2] for _, roi in told]
    sure = [roi[2] for row, roi in told if row.said == "enough"]
    most = min(max(highs, default=1.0), REACH * max(sure)) if sure else max(highs, default=1.0)
    means = max((roi[0] for _, roi in told), default=0.0)  # an interval may leave the chart, a dot may not
    # money: one unit back for one spent stays in sight
    return 1.03 * max(most, means, 1.1 if study.money else 0.0)


def curve_chart(study: Study, channel: str) -> go.Figure:
    """A channel's response per period with its interval and where it stands today; dashed beyond what was seen."""
    import plotly.graph_objects as go

    curves = study.fit.table("curves")
    mine = curves[curves["channel"] == channel]
    whole = mine[mine["group"].isna()] if mine["group"].isna().any() else mine[mine["group"] == mine["group"].iloc[0]]
    whole = whole.sort_values("spend")
    figure = go.Figure()
    band = {"mode": "lines", "line": {"width": 0}, "hoverinfo": "skip"}
    figure.add_scatter(x=whole["spend"], y=whole["outcome_hdi_high"], **band)
    figure.add_scatter(
        x=whole["spend"], y=whole["outcome_hdi_low"], fill="tonexty", fillcolor="rgba(0,114,178,0.16)", **band
    )
    seen = whole[~whole["extrapolated"].astype(bool)]
    beyond = whole[whole["spend"] >= seen["spend"].max()] if len(seen) else whole
    for part, dash in ((seen, "solid"), (beyond, "dash")):
        figure.add_scatter(
            x=part["spend"],
            y=part["outcome_mean"],
            mode="lines",
            line={"color": style.PAID_COLOUR, "width": 2.5, "dash": dash},
            hovertemplate="spend %{x:.3s}: %{y:.3s}<extra></extra>",
        )
    now = whole.loc[whole["is_current"].astype(bool), "spend"]
    if len(now):
        at = float(now.iloc[0])
        figure.add_scatter(
            x=[at],
            y=[float(np.interp(at, whole["spend"], whole["outcome_mean"]))],
            mode="markers",
            marker={"symbol": "diamond", "size": 13, "color": style.CURRENT_COLOUR},
            hovertemplate="mean spend in the data: %{x:.3s}<extra></extra>",
        )
    return style.dressed(
        figure,
        height=300,
        showlegend=False,
        margin={"l": 8, "r": 16, "t": 8, "b": 44},
        xaxis={
            "title": {"text": escape(f"{channel}: spend per {study.period} ({study.currency})")},
            "exponentformat": "B",
            "rangemode": "tozero",
        },
        yaxis={
            "title": {"text": escape(f"{study.outcome} per {study.period} ({study.unit})")},
            "exponentformat": "B",
            "rangemode": "tozero",
        },
    )
