"""Charts of segments: how many, how large, where they lie, and what tells them apart."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING

from outlay import style
from outlay.document import documents
from outlay.exports import records
from segmentation.document import ChoiceRow, FeatureRow, SegmentOutput

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

    from segmentation.choose import Choice
    from segmentation.profiles import Profile

SIZE_COLOUR = style.BASELINE_COLOUR
ABOVE_COLOUR, BELOW_COLOUR = style.TINTS[1], style.TINTS[0]
"""Of a heat map: light enough for dark numbers on them."""

_LINE = 30
"""Pixels of a row of a heat map."""

_HEAT_ROWS = 24
_COLUMN = 10
"""Letters of a line over a column: a telephone is narrow."""

_LEAST = 1.1
"""Lift, or one over it, that a feature has in some segment if it is to be on the heat map."""

_TINT = 2.0
"""Lift of which the colour is full: twice, or half."""


def segment_colours(found: SegmentOutput) -> dict[str, str]:
    """A colour for each segment by its title, the same in all charts."""
    return style.colours(list(titles(found).values()))


def titles(found: SegmentOutput) -> dict[int, str]:
    """Number and name of each segment."""
    return {row.number: f"{row.number} {row.segment}" for row in found.segments}


def plot_choice(found: SegmentOutput | Choice) -> list[tuple[str, go.Figure]]:
    """One small chart per measure of how many segments there are, with its title; the chosen number is marked."""
    rows = found.choice if isinstance(found, SegmentOutput) else documents(found.table, ChoiceRow)
    measures = (
        ("Cost (lower is closer)", "cost", ""),
        ("Silhouette (higher is clearer)", "silhouette", ""),
        ("BIC (lower is better)", "bic", ""),
        ("Stability (1: all comes back)", "stability", "stability_low"),
        ("Smallest segment", "smallest_share", ""),
    )
    return [
        (title, _choice_chart(rows, name, low))
        for title, name, low in measures
        if sum(getattr(row, name) is not None for row in rows) > 1
    ]


def _choice_chart(rows: list[ChoiceRow], name: str, low: str) -> go.Figure:
    import plotly.graph_objects as go

    ks, values = [row.k for row in rows], [getattr(row, name) for row in rows]
    figure = go.Figure()
    if low:
        figure.add_scatter(
            x=ks, y=[getattr(row, low) for row in rows], mode="lines", line={"color": style.TINTS[0], "dash": "dot"},
            hovertemplate="k = %{x}: at least %{y:.3g}<extra></extra>",
        )  # fmt: skip
    figure.add_scatter(
        x=ks, y=values, mode="lines+markers", line={"color": style.PALETTE[0]},
        marker={
            "size": [13 if row.chosen else 7 for row in rows],
            "color": [style.PLAN_COLOUR if row.chosen else style.PALETTE[0] for row in rows],
            "symbol": ["circle" if row.allowed else "circle-open" for row in rows],
            "opacity": 1,
        },
        hovertemplate="k = %{x}: %{y:.4g}<extra></extra>",
    )  # fmt: skip
    percent = {"tickformat": ".0%", "rangemode": "tozero"} if name == "smallest_share" else {}
    axes = {"xaxis": {"dtick": 1, "title": {"text": "segments"}}, "yaxis": percent}
    return style.dressed(figure, height=230, showlegend=False, margin={"l": 52, "t": 12}, **axes)


def _sizes(found: SegmentOutput | Profile) -> list[tuple[str, float | None, float | None]]:
    """Title, share of customers and share of the value of each segment."""
    if isinstance(found, SegmentOutput):
        return [(f"{row.number} {row.segment}", row.size_share, row.value_share) for row in found.segments]
    rows = records(found.segments)
    return [(f"segment {row['number']}", row["size_share"], row.get("value_share")) for row in rows]


def plot_sizes(found: SegmentOutput | Profile) -> go.Figure:
    """Share of the customers and share of the value of each segment."""
    import plotly.graph_objects as go

    rows = _sizes(found)[::-1]
    names = [escape(name) for name, _, _ in rows]
    figure = go.Figure()
    parts: list[tuple[str, str, list[float | None]]] = [("customers", SIZE_COLOUR, [size for _, size, _ in rows])]
    if any(value is not None for _, _, value in rows):
        parts.append(("value", style.PAID_COLOUR, [value for _, _, value in rows]))  # drawn above the bar before it
    for name, colour, shares in parts:
        figure.add_bar(
            y=names, x=shares, orientation="h", name=escape(name), marker={"color": colour},
            text=[style.percent(share, 0) for share in shares], textposition="outside", cliponaxis=False,
            hovertemplate="%{y}: %{x:.1%}<extra>" + escape(name) + "</extra>",
        )  # fmt: skip
    most = max(share or 0.0 for _, _, shares in parts for share in shares)
    axis = {"tickformat": ".0%", "range": [0, min(1.0, 1.12 * most) if most < 0.9 else 1.1]}
    return style.dressed(figure, height=90 + 26 * len(rows) * len(parts), barmode="group", bargap=0.25, xaxis=axis)


def plot_map(found: SegmentOutput, points: pd.DataFrame, centres: pd.DataFrame, axes: tuple[str, str]) -> go.Figure:
    """Customers in two dimensions, coloured by segment, with the segments' centres named.

    Parameters
    ----------
    points, centres : DataFrame
        ``x``, ``y`` and ``number``.
    axes : tuple of str
        Titles of the axes.
    """
    import plotly.graph_objects as go

    named, colours = titles(found), segment_colours(found)
    figure = go.Figure()
    for number, title in named.items():
        part = points[points["number"] == number]
        figure.add_scatter(
            x=part["x"], y=part["y"], mode="markers", name=escape(title),
            marker={"color": colours[title], "size": 5, "opacity": 0.45}, hoverinfo="skip",
        )  # fmt: skip
    centres = centres[centres["number"].isin(list(named))]
    figure.add_scatter(
        x=centres["x"], y=centres["y"], mode="markers", cliponaxis=False,
        marker={
            "size": 13, "symbol": "diamond", "line": {"color": "#FFFFFF", "width": 2},
            "color": [colours[named[number]] for number in centres["number"]],
        },
        text=[escape(named[number]) for number in centres["number"]], hovertemplate="%{text}<extra></extra>",
    )  # fmt: skip
    for number, x, y in centres[["number", "x", "y"]].to_numpy(object):
        figure.add_annotation(
            x=x, y=y, text=f"<b>{broken(named[number], 24)}</b>", showarrow=False, yanchor="bottom", yshift=9,
            bgcolor="rgba(255,255,255,0.82)", borderpad=1, font={"size": 13, "color": style.ACTUAL_COLOUR},
        )  # fmt: skip
    return style.dressed(
        figure,
        height=520,
        showlegend=False,
        xaxis={"title": {"text": broken(axes[0], 44)}, "zeroline": False},
        yaxis={"title": {"text": broken(axes[1], 44)}, "zeroline": False},
    )


def heat_rows(found: SegmentOutput, most: int = _HEAT_ROWS) -> list[tuple[str, str | None]]:
    """Features, and levels, of the heat map: what tells any segment apart, numbers before categories."""
    best: dict[tuple[str, str | None], float] = {}
    spread: dict[tuple[str, str | None], float] = {}
    for row in found.features:
        if row.lift is not None and row.effect is not None:
            key = (row.feature, row.level)
            best[key] = max(best.get(key, 0.0), abs(row.effect) * (1.0 if row.level is None else 2.0))
            spread[key] = max(spread.get(key, 0.0), abs(math.log(max(row.lift, 1e-6))))
    telling = [key for key in best if spread.get(key, 0.0) >= math.log(_LEAST)]
    chosen = sorted(telling, key=lambda key: -best[key])[:most]
    order = {key: i for i, key in enumerate(best)}
    return sorted(chosen, key=lambda key: (key[1] is not None, order[key]))


def plot_profiles(found: SegmentOutput) -> go.Figure:
    """Lift of every telling feature in every segment: blue below all customers, orange above."""
    import plotly.graph_objects as go

    rows, named = heat_rows(found), titles(found)
    held: dict[tuple[str, str | None, int], FeatureRow] = {
        (row.feature, row.level, row.number): row for row in found.features
    }
    cells = [[held.get((*key, number)) for number in named] for key in rows]
    figure = go.Figure(
        go.Heatmap(
            z=[[_tint(cell) for cell in line] for line in cells],
            x=[escape(title) for title in named.values()],
            y=[escape(feature if level is None else f"{feature} = {level}") for feature, level in rows],
            zmin=-1, zmax=1, showscale=False, xgap=1, ygap=1,
            colorscale=[[0.0, BELOW_COLOUR], [0.5, "#FFFFFF"], [1.0, ABOVE_COLOUR]],
            textfont={"color": style.ACTUAL_COLOUR},
            text=[[_lift(cell) for cell in line] for line in cells], texttemplate="%{text}",
            customdata=[[_told(cell) for cell in line] for line in cells],
            hovertemplate="%{y}, %{x}<br>%{customdata}<extra></extra>",
        )
    )  # fmt: skip
    heads = [column_title(title) for title in named.values()]
    top = 30 + 14 * max(head.count("<br>") + 1 for head in heads)
    style.dressed(figure, height=top + 16 + _LINE * len(rows), margin={"t": top, "b": 12})
    figure.update_xaxes(side="top", ticks="", tickangle=0, ticktext=heads, tickfont={"size": 11})
    figure.update_xaxes(tickvals=[escape(title) for title in named.values()], type="category")
    return figure.update_yaxes(autorange="reversed", ticks="", type="category")


def column_title(title: str) -> str:
    """A segment's number over its name, in lines short enough for a column of a narrow page."""
    number, _, name = title.partition(" ")
    return f"<b>{escape(number)}</b><br>{broken(name, _COLUMN)}" if number.isdigit() else broken(title, _COLUMN)


def broken(title: str, width: int = 16) -> str:
    """A title over several lines, broken after words and underscores."""
    import textwrap

    lines = textwrap.wrap(title.replace("_", "_ "), width, break_long_words=False, break_on_hyphens=False)
    return "<br>".join(escape(line.replace("_ ", "_")) for line in lines)


def _tint(row: FeatureRow | None) -> float | None:
    if row is None or row.lift is None:
        return None
    lift = max(row.lift, 1e-6)
    return max(-1.0, min(1.0, math.log(lift) / math.log(_TINT)))


def _lift(row: FeatureRow | None) -> str:
    return "" if row is None or row.lift is None else f"x{row.lift:.2f}"


def _told(row: FeatureRow | None) -> str:
    if row is None:
        return ""
    write = style.percent if row.level is not None else style.number
    between = "" if row.lift_low is None or row.lift_high is None else f" ({row.lift_low:.2f} to {row.lift_high:.2f})"
    return f"here {write(row.mean)}, all {write(row.population)}, lift {_lift(row)}{between}"


def plot_differences(found: SegmentOutput, most: int = 6) -> list[tuple[str, go.Figure]]:
    """A small chart per segment: the features that tell it apart, with intervals; all by one scale."""
    colours = segment_colours(found)
    charts = []
    shown = [row for row in found.features if row.rank is not None and row.rank <= most]
    ends = [abs(end) for row in shown for end in (row.effect, row.effect_low, row.effect_high) if end is not None]
    reach = 1.08 * max(ends, default=1.0)
    for number, title in titles(found).items():
        rows = [row for row in found.features if row.number == number and row.rank is not None]
        rows = sorted(rows, key=lambda row: row.rank or 0)[:most]
        if rows:
            charts.append((title, _apart_chart(rows, colours[title], reach)))
    return charts


def _apart_chart(rows: list[FeatureRow], colour: str, reach: float) -> go.Figure:
    import plotly.graph_objects as go

    rows = rows[::-1]
    middle = [row.effect or 0.0 for row in rows]
    figure = go.Figure()
    figure.add_scatter(
        x=middle,
        y=[escape(row.feature if row.level is None else f"{row.feature} = {row.level}") for row in rows],
        mode="markers", marker={"color": colour, "size": 10}, cliponaxis=False,
        error_x=interval(middle, [row.effect_low for row in rows], [row.effect_high for row in rows]),
        customdata=[_told(row) for row in rows], hovertemplate="%{y}<br>%{customdata}<extra></extra>",
    )  # fmt: skip
    figure.add_vline(x=0, line={"color": style.CURRENT_COLOUR, "width": 1})
    axis = {"title": {"text": "below all | above all"}, "zeroline": False, "nticks": 3, "tickangle": 0}
    axis |= {"range": [-reach, reach]}
    return style.dressed(figure, height=80 + 30 * len(rows), showlegend=False, xaxis=axis, margin={"t": 8, "l": 40})


def interval(middle: list[float], low: list[float | None], high: list[float | None]) -> dict[str, object]:
    """Plotly's error bars of an interval that need not be symmetric."""
    return {
        "type": "data",
        "symmetric": False,
        "array": [0.0 if top is None else top - at for at, top in zip(middle, high, strict=True)],
        "arrayminus": [0.0 if end is None else at - end for at, end in zip(middle, low, strict=True)],
        "color": style.ACTUAL_COLOUR,
        "thickness": 1.2,
        "width": 4,
    }
