"""Charts of a fit: what each channel returned, how outcome grows with spend, what the outcome was made of."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from mmm.document import CurveRow, RoiRow
from mmm.told import Told, told_of
from outlay import style

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

    from mmm.media import FittedMedia

KINDS = {
    "baseline": ("baseline", style.BASELINE_COLOUR),
    "lever": ("levers", style.LEVER_COLOUR),
    "organic": ("organic media", style.ORGANIC_COLOUR),
    "paid": ("paid media", style.PAID_COLOUR),
}
"""Kinds of component from the bottom of the stack to its top, with name and colour."""


MOST_BARS = 60


def outcome_axis(told: Told, title: str) -> dict[str, Any]:
    """Axis of outcome: currency sign or unit in the title, B for billions."""
    return {"title": {"text": escape(f"{title} ({told.unit})")}, "exponentformat": "B", "rangemode": "tozero"}


def total_of(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows that are totals over groups; sums them where a table only has groups."""
    total = frame[frame["group"].isna()]
    if len(total) or frame.empty:
        return total
    keys = [name for name in ("date", "component", "kind") if name in frame]
    numbers = [name for name in ("actual", "mean", "residual") if name in frame]
    return frame.groupby(keys, sort=False)[numbers].sum().reset_index()


def plot_fit(fit: Told | FittedMedia) -> go.Figure:
    """The outcome and the model's mean with its predictive interval."""
    import plotly.graph_objects as go

    told = told_of(fit)
    series = total_of(told.series)
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
    axis = outcome_axis(told, told.outcome)
    return style.dressed(figure, height=360, yaxis=axis, hovermode="x unified")


def plot_residuals(fit: Told | FittedMedia) -> go.Figure:
    """What the model did not explain, in per cent of the outcome where that exists."""
    import plotly.graph_objects as go

    told = told_of(fit)
    series = total_of(told.series)
    figure = go.Figure()
    figure.add_bar(x=series["date"], y=series["residual"], marker={"color": style.CURRENT_COLOUR}, name="residual")
    axis = outcome_axis(told, "actual minus model") | {"rangemode": "normal"}
    return style.dressed(figure, height=220, showlegend=False, yaxis=axis, bargap=0.1)


def plot_decomposition(fit: Told | FittedMedia) -> go.Figure:
    """The outcome as a stack of baseline, levers, organic and paid media."""
    import plotly.graph_objects as go

    told = told_of(fit)
    parts = total_of(told.contributions)
    table = parts.pivot_table(index="date", columns="kind", values="mean", aggfunc="sum")
    figure = go.Figure()
    for kind in kinds_present(told):
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
    series = total_of(told.series)
    figure.add_scatter(
        x=series["date"],
        y=series["actual"],
        mode="lines",
        name="actual",
        line={"color": style.ACTUAL_COLOUR, "width": 1.2, "dash": "dot"},
    )
    axis = outcome_axis(told, told.outcome)
    return style.dressed(figure, height=340, yaxis=axis, hovermode="x unified")


def kinds_present(told: Told) -> list[str]:
    """Kinds of component that the fit has, from the bottom of the stack up."""
    present = set(told.contributions["kind"])
    return [kind for kind in KINDS if kind in present]


def plot_contributions(fit: Told | FittedMedia) -> go.Figure:
    """Media contributions alone, stacked by channel: the part that disappears in the whole."""
    import plotly.graph_objects as go

    told = told_of(fit)
    parts = total_of(told.contributions)
    parts = parts[parts["kind"].isin(["paid", "organic"])]
    figure = go.Figure()
    for name, colour in media_colours(told).items():
        series = parts[parts["component"] == name].set_index("date")["mean"]
        if by_month(told):
            series = series.resample("MS").sum()
        figure.add_bar(
            x=series.index,
            y=series,
            name=escape(name),
            marker={"color": colour, "line": {"width": 0.5, "color": "#FFFFFF"}},
            hovertemplate="%{y:.3s}",
        )
    axis = outcome_axis(told, f"{told.outcome} caused by media")
    more = {"barmode": "relative", "bargap": 0.12, "hovermode": "x unified"}
    return style.dressed(figure, height=400, yaxis=axis, **more)


def by_month(told: Told) -> bool:
    """Whether the media chart sums periods into months: many narrow bars cannot be read."""
    return int(told.series["date"].nunique()) > MOST_BARS


def media_colours(told: Told) -> dict[str, str]:
    """A colour for each channel, the largest at the bottom of the stack first; levers are no media."""
    channels = (row for row in told.total_rows() if row.kind != "lever")
    rows = sorted(channels, key=lambda row: -(row.contribution_mean or 0.0))
    return style.colours([row.channel for row in rows])


WEAK_COLOUR = "#8A94A0"
REACH = 1.6
"""The ROI axis ends at this many times the largest interval of a channel that the data identify, or at the last dot."""


def plot_roi(fit: Told | FittedMedia) -> go.Figure:
    """ROI of each paid channel as a dot with its interval; hollow and grey where the data say little."""
    import plotly.graph_objects as go

    told = told_of(fit)
    rows = sorted((row for row in told.total_rows() if row.paid), key=lambda row: row.roi_mean or 0.0)
    figure = go.Figure()
    if told.money:
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
    title = f"{told.unit} caused per {told.currency} spent"
    axis: dict[str, Any] = {"title": {"text": escape(title)}, "rangemode": "tozero", "zeroline": True}
    axis["range"] = [min(0.0, *(row.roi_hdi_low or 0.0 for row in rows), 0.0), _roi_end(told, rows)]
    return style.dressed(
        figure,
        height=90 + 34 * len(rows),
        showlegend=False,
        xaxis=axis,
        yaxis={"ticks": "", "showgrid": False, "type": "category"},
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


def _roi_end(told: Told, rows: list[RoiRow]) -> float:
    ends = [row.roi_hdi_high for row in rows if row.roi_hdi_high is not None]
    sure = [row.roi_hdi_high for row in rows if row.roi_hdi_high is not None and row.identified == "yes"]
    if not ends:
        return 1.0
    end = min(max(ends), REACH * max(sure)) if sure else max(ends)
    end = max(end, *(row.roi_mean or 0.0 for row in rows))  # an interval may leave the chart, a dot may not
    return (max(end, 1.1) if told.money else end) * 1.03  # money: one unit back for one spent stays in sight


def cut_off(told: Told) -> list[str]:
    """Channels whose interval goes beyond the ROI axis."""
    rows = [row for row in told.total_rows() if row.paid]
    end = _roi_end(told, rows)
    return [row.channel for row in rows if row.roi_hdi_high is not None and row.roi_hdi_high > end]


def plot_curve(fit: Told | FittedMedia, channel: str, planned: float | None = None) -> go.Figure:
    """One channel's response curve with current and recommended spend per period; dashed beyond what was seen."""
    import plotly.graph_objects as go

    told = told_of(fit)
    rows = sorted(_rows(told, channel), key=lambda row: row.spend or 0.0)
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
        {"text": escape(f"spend per {told.period} ({told.currency})")},
        {"text": escape(f"outcome ({told.unit})")},
    )
    return style.dressed(
        figure,
        height=230,
        showlegend=False,
        font={"size": 11},
        margin={"l": 56, "r": 12, "t": 8, "b": 42},
        xaxis=small | {"title": {**titles[0], "font": {"size": 11}, "standoff": 4}},
        yaxis=small | {"title": {**titles[1], "font": {"size": 11}, "standoff": 4}},
    )


def _rows(told: Told, channel: str) -> list[CurveRow]:
    mine = [row for row in told.curves if row.channel == channel]
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
