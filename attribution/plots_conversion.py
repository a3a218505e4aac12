"""Charts of conversion: rates with intervals beside raw counts, what pooling did, what drives conversion, movement."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from attribution.document_conversion import EffectRow, LeadValueRow, PairRow, PeriodRow, RateRow
from outlay import style
from outlay.document import documents

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from attribution.conversion import FittedConversion

MODELLED, RAW = style.PAID_COLOUR, style.MUTED
RATES_KEY: tuple[tuple[str, ...], ...] = (("modelled, with its interval", MODELLED, "dot"), ("raw", RAW, "hollow"))
SHRINKAGE_KEY: tuple[tuple[str, ...], ...] = (
    ("a segment and channel; larger with more leads", MODELLED, "dot"),
    ("pooled = raw", style.CURRENT_COLOUR, "dashed"),
)
MOVEMENT_KEY: tuple[tuple[str, ...], ...] = (("modelled, with its interval", MODELLED, "line"), ("raw", RAW, "hollow"))

_ROW = 30
_BAND = "rgba(0,114,178,0.16)"


def plot_rates(of: Sequence[RateRow] | FittedConversion, dimension: str = "segment") -> go.Figure:
    """One step's rate by level: a dot with its interval, the raw rate as a hollow dot.

    Parameters
    ----------
    of : FittedConversion or sequence of RateRow
        A fit, whose rates from end to end are drawn; or the rows of one step.
    dimension : str
        Of a fit: ``segment``, ``channel`` or another dimension of its leads.
    """
    import plotly.graph_objects as go

    rows = list(reversed(of if isinstance(of, Sequence) else _end_to_end(of, dimension)))
    names = [escape(row.level) for row in rows]
    figure = go.Figure()
    raw = [None if row.raw is None else 100 * row.raw for row in rows]
    hollow = {"size": 9, "color": "#FFFFFF", "line": {"width": 1.5, "color": RAW}}
    hover = "%{y}: raw %{x:.2f}%<extra></extra>"
    figure.add_scatter(x=raw, y=names, mode="markers", marker=hollow, hovertemplate=hover)
    _dots(figure, names, [(row.mean, row.low, row.high) for row in rows], 100.0, "%{y}: %{x:.2f}%<extra></extra>")
    return _levels(figure, len(rows), {"title": {"text": "% of leads"}, "rangemode": "tozero", "nticks": 6})


def _end_to_end(fitted: FittedConversion, dimension: str) -> list[RateRow]:
    rows = documents(fitted.tables()["rates"], RateRow)
    return [row for row in rows if row.dimension == dimension and row.stage == "end to end"]


def plot_lead_values(rows: Sequence[LeadValueRow], currency: str) -> go.Figure:
    """Value per lead by level with its interval."""
    import plotly.graph_objects as go

    rows = sorted(rows, key=lambda row: row.mean or 0.0)
    names = [escape(row.level) for row in rows]
    figure = go.Figure()
    _dots(figure, names, [(row.mean, row.low, row.high) for row in rows], 1.0, "%{y}: %{x:,.4~s}<extra></extra>")
    axis = {"title": {"text": escape(f"{currency} per lead")}, "rangemode": "tozero", "nticks": 6}
    return _levels(figure, len(rows), axis | {"exponentformat": "B"})


def plot_shrinkage(rows: Sequence[PairRow]) -> go.Figure:
    """Pooled against raw rates: points with few leads leave the diagonal towards the others."""
    import plotly.graph_objects as go

    told = [row for row in rows if row.raw is not None and row.mean is not None]
    most = max((row.trials or 0.0 for row in told), default=1.0)
    figure = go.Figure()
    top = 105 * max((max(row.raw or 0.0, row.mean or 0.0) for row in told), default=1.0)
    dash = {"color": style.CURRENT_COLOUR, "dash": "dash", "width": 1.5}
    figure.add_scatter(x=[0, top], y=[0, top], mode="lines", line=dash, hoverinfo="skip")
    figure.add_scatter(
        x=[100 * (row.raw or 0.0) for row in told],
        y=[100 * (row.mean or 0.0) for row in told],
        mode="markers",
        marker={
            "size": [5 + 17 * ((row.trials or 0.0) / most) ** 0.5 for row in told],
            "color": MODELLED,
            "opacity": 0.65,
        },
        customdata=[
            (escape(f"{row.segment}, {row.channel}"), style.amount(row.successes), style.amount(row.trials))
            for row in told
        ],
        hovertemplate="%{customdata[0]}: raw %{x:.1f}% (%{customdata[1]} of %{customdata[2]}), "
        "pooled %{y:.1f}%<extra></extra>",
    )
    return style.dressed(
        figure,
        height=340,
        showlegend=False,
        xaxis={"title": {"text": "raw rate, %"}, "rangemode": "tozero"},
        yaxis={"title": {"text": "pooled rate, %"}, "rangemode": "tozero"},
    )


def plot_effects(rows: Sequence[EffectRow]) -> go.Figure:
    """Odds ratios of levels with intervals, on a logarithmic axis, with a line at one."""
    import plotly.graph_objects as go

    rows = list(reversed(rows))
    names = [escape(f"{row.term}: {row.level}") for row in rows]
    figure = go.Figure()
    figure.add_vline(x=1, line={"color": style.CURRENT_COLOUR, "dash": "dash", "width": 1.5})
    _dots(figure, names, [(row.ratio, row.low, row.high) for row in rows], 1.0, "%{y}: x%{x:.2f}<extra></extra>")
    ticks = [0.1, 0.25, 0.5, 0.7, 1, 1.4, 2, 4, 10]
    axis = {"type": "log", "tickvals": ticks, "ticktext": [f"x{tick:g}" for tick in ticks]}
    return _levels(figure, len(rows), axis | {"title": {"text": "odds against the average level"}})


def plot_movement(rows: Sequence[PeriodRow]) -> go.Figure:
    """One step's rate by period of creation, with its band and the raw rates."""
    import plotly.graph_objects as go

    x = [row.period for row in rows]
    figure = go.Figure()
    edge: dict[str, Any] = {"mode": "lines", "line": {"width": 0}, "hoverinfo": "skip"}
    figure.add_scatter(x=x, y=[_percent(row.high) for row in rows], **edge)
    figure.add_scatter(x=x, y=[_percent(row.low) for row in rows], fill="tonexty", fillcolor=_BAND, **edge)
    line = {"color": MODELLED, "width": 2.5}
    hover = "%{x|%d %b %Y}: %{y:.2f}%<extra></extra>"
    figure.add_scatter(x=x, y=[_percent(row.mean) for row in rows], mode="lines", line=line, hovertemplate=hover)
    hollow = {"size": 7, "color": "#FFFFFF", "line": {"width": 1.5, "color": RAW}}
    raw = [_percent(row.raw) for row in rows]
    figure.add_scatter(x=x, y=raw, mode="markers", marker=hollow, hovertemplate="raw, " + hover)
    axes = {"xaxis": {"type": "date"}, "yaxis": {"title": {"text": "% of leads"}, "rangemode": "tozero"}}
    return style.dressed(figure, height=300, showlegend=False, **axes)


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share


def _dots(
    figure: go.Figure,
    names: Sequence[str],
    values: Sequence[tuple[float | None, float | None, float | None]],
    scale: float,
    hover: str,
) -> None:
    told = [(name, m, low, high) for name, (m, low, high) in zip(names, values, strict=True) if m is not None]
    figure.add_scatter(
        x=[scale * m for _, m, _, _ in told],
        y=[name for name, _, _, _ in told],
        mode="markers",
        marker={"size": 9, "color": MODELLED},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [scale * ((high or m) - m) for _, m, _, high in told],
            "arrayminus": [scale * (m - (m if low is None else low)) for _, m, low, _ in told],
            "color": MODELLED,
            "thickness": 2.5,
            "width": 0,
        },
        hovertemplate=hover,
    )


def _levels(figure: go.Figure, rows: int, axis: dict[str, Any]) -> go.Figure:
    levels = {"ticks": "", "showgrid": False, "type": "category", "automargin": True}
    return style.dressed(figure, height=90 + _ROW * max(rows, 2), showlegend=False, xaxis=axis, yaxis=levels)
