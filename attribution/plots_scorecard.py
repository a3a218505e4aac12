"""Charts of the scorecard: progress against the goal, months over time, and why a measure changed."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from outlay import style

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from attribution.document_scorecard import BridgeRow, HistoryRow, YearRow

COUNTED = style.PAID_COLOUR
TO_COME = "#AAD9F4"
GOAL = style.ACTUAL_COLOUR
RUNNING = "#7FB8D8"
UP, DOWN, ENDS = style.ORGANIC_COLOUR, style.PLAN_COLOUR, style.BASELINE_COLOUR

PROGRESS_KEY: tuple[tuple[str, ...], ...] = (
    ("so far", COUNTED),
    ("due by now", GOAL, "line"),
    ("how the year may end, with its interval", style.PLAN_COLOUR, "diamond"),
    ("the year's goal", style.CURRENT_COLOUR, "dashed"),
)
HISTORY_KEY: tuple[tuple[str, ...], ...] = (
    ("counted", COUNTED),
    ("month to date", RUNNING),
    ("expected of young leads", TO_COME),
    ("goal", GOAL, "line"),
)
BRIDGE_KEY: tuple[tuple[str, ...], ...] = (("month", ENDS), ("more", UP), ("less", DOWN))

_HOVER = {"hovertemplate": "%{x}: %{y:,.4~s}<extra></extra>"}
_ROW = 34
_AXIS = {"exponentformat": "B", "nticks": 5}


def plot_progress(rows: Sequence[tuple[str, YearRow]]) -> go.Figure:
    """The year of each part as per cent of its goal: so far, due by now, and how it may end."""
    import plotly.graph_objects as go

    told = [(name, row, row.goal) for name, row in reversed(rows) if row.goal]
    names = [escape(name) for name, _, _ in told]
    figure = go.Figure()
    so_far = [100 * (row.counted or 0.0) / goal for _, row, goal in told]
    figure.add_bar(y=names, x=so_far, orientation="h", marker={"color": COUNTED}, width=0.5, name="so far")
    due = {"symbol": "line-ns", "size": 20, "line": {"width": 3, "color": GOAL}}
    by_now = [None if row.goal_by_now is None else 100 * row.goal_by_now / goal for _, row, goal in told]
    figure.add_scatter(y=names, x=by_now, mode="markers", marker=due, name="due by now")
    known = [(name, row, goal) for name, row, goal in told if row.ends_mean is not None]
    means = [100 * (row.ends_mean or 0.0) / goal for _, row, goal in known]
    lows = [100 * (row.ends_low or 0.0) / goal for _, row, goal in known]
    highs = [100 * (row.ends_high or 0.0) / goal for _, row, goal in known]
    figure.add_scatter(
        y=[escape(name) for name, _, _ in known],
        x=means,
        mode="markers",
        marker={"symbol": "diamond", "size": 9, "color": style.PLAN_COLOUR},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [high - mean for high, mean in zip(highs, means, strict=True)],
            "arrayminus": [mean - low for low, mean in zip(lows, means, strict=True)],
            "color": style.PLAN_COLOUR,
            "thickness": 1.5,
            "width": 4,
        },
        name="may end at",
    )
    figure.add_vline(x=100, line={"color": style.CURRENT_COLOUR, "dash": "dash", "width": 1.5})
    axis = {"title": {"text": "% of the year's goal"}, "rangemode": "tozero", "nticks": 6}
    height = 90 + _ROW * len(names)
    return style.dressed(figure, height=height, showlegend=False, xaxis=axis, margin=_margin(), bargap=0.4)


def _margin() -> dict[str, int]:
    return {"l": 8, "r": 12, "t": 8, "b": 40}


def plot_history(rows: Sequence[HistoryRow], unit: str) -> go.Figure:
    """Months over time: counted, expected of young leads, and the goal."""
    import plotly.graph_objects as go

    months = [row.month for row in rows]
    colours = [COUNTED if row.whole else RUNNING for row in rows]
    figure = go.Figure()
    figure.add_bar(x=months, y=[row.counted for row in rows], marker={"color": colours}, **_HOVER)
    if any((row.to_come or 0.0) >= 0.5 for row in rows):
        figure.add_bar(x=months, y=[row.to_come for row in rows], marker={"color": TO_COME}, **_HOVER)
    if any(row.goal is not None for row in rows):
        line = {"color": GOAL, "width": 2, "shape": "hvh"}
        figure.add_scatter(x=months, y=[row.goal for row in rows], mode="lines", line=line, **_HOVER)
    axes: dict[str, Any] = {
        "yaxis": {"title": {"text": escape(unit)}, "rangemode": "tozero", **_AXIS},
        "xaxis": {"nticks": 5, "tickformat": "%b<br>%Y"},
    }
    more = {"barmode": "stack", "bargap": 0.15, "margin": _margin()}
    return style.dressed(figure, height=230, showlegend=False, **axes, **more)


def plot_bridge(row: BridgeRow, names: tuple[str, str], unit: str) -> go.Figure:
    """A waterfall from one month to the next by volume, mix and rate.

    The axis begins where the smallest level stands a little above it: a change is small beside the whole.
    """
    import plotly.graph_objects as go

    steps = [("volume", row.volume or 0.0), ("mix", row.mix or 0.0), ("rate", row.rate or 0.0)]
    steps += [("other", row.other)] if row.other else []
    level, bases, lows = row.before or 0.0, [], [row.before or 0.0, row.after or 0.0]
    for _, change in steps:
        bases.append(level)
        level += change
        lows.append(level)
    spread = max(lows) - min(lows)
    floor = max(min(lows) - max(spread, 1e-9) * 0.6, 0.0)
    figure = go.Figure()
    ends = [(names[0], row.before or 0.0), (names[1], row.after or 0.0)]
    name, value = ends[0]
    figure.add_bar(x=[name], y=[value - floor], base=[floor], marker={"color": ENDS}, **_hover(value))
    for (name, change), base in zip(steps, bases, strict=True):
        colour = UP if change >= 0 else DOWN
        figure.add_bar(x=[name], y=[change], base=[base], marker={"color": colour}, **_hover(change))
    name, value = ends[1]
    figure.add_bar(x=[name], y=[value - floor], base=[floor], marker={"color": ENDS}, **_hover(value))
    axis = {"title": {"text": escape(unit)}, "range": [floor, max(lows) + 0.15 * max(spread, 1e-9)], **_AXIS}
    more = {"bargap": 0.25, "barmode": "overlay", "margin": _margin()}
    return style.dressed(figure, height=260, showlegend=False, yaxis=axis, **more)


def _hover(value: float) -> dict[str, Any]:
    text = style.number(value, 2 if abs(value) < 10 else 3)
    return {"hovertemplate": f"%{{x}}: {text}<extra></extra>", "text": [text], "textangle": 0}
