"""Charts of what segments are worth: lifetime value, drivers of value, response, and where customers went."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from outlay import style
from segmentation.plots import BELOW_COLOUR, broken, column_title, interval, segment_colours, titles

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from segmentation.document import MigrationRow, PartialRow, SegmentOutput

_DRIVERS = 10
_PARTIALS = 6
_LEAST_SHOWN = 0.005


def plot_lifetime(found: SegmentOutput) -> go.Figure:
    """Lifetime value of a customer by segment, with its interval."""
    rows = [row for row in found.clv if row.number]
    named = titles(found)
    return _dots(
        [named.get(row.number or 0, row.segment or "") for row in rows],
        [(row.clv, row.clv_low, row.clv_high) for row in rows],
        segment_colours(found),
        {"title": {"text": f"each, over {found.clv_months} months ({found.currency})"}},
        ",.4g",
    )


def plot_response(found: SegmentOutput) -> go.Figure:
    """Expected response to the next campaign by segment, with its interval."""
    rows = [row for row in found.propensity if row.number]
    named = titles(found)
    return _dots(
        [named.get(row.number or 0, row.segment) for row in rows],
        [(row.rate, row.low, row.high) for row in rows],
        segment_colours(found),
        {"title": {"text": "response to the next campaign"}, "tickformat": ".0%"},
        ".1%",
    )


def _dots(
    names: list[str],
    values: list[tuple[float | None, float | None, float | None]],
    colours: dict[str, str],
    axis: dict[str, object],
    form: str,
) -> go.Figure:
    """One row per name: a dot and its interval."""
    import plotly.graph_objects as go

    names, values = names[::-1], values[::-1]
    middle = [value[0] or 0.0 for value in values]
    figure = go.Figure()
    figure.add_scatter(
        x=middle, y=[escape(name) for name in names], mode="markers",
        marker={"size": 12, "color": [colours.get(name, style.PAID_COLOUR) for name in names]},
        error_x=interval(middle, [value[1] for value in values], [value[2] for value in values]),
        hovertemplate="%{y}: %{x:" + form + "}<extra></extra>",
    )  # fmt: skip
    return style.dressed(figure, height=90 + 36 * len(names), showlegend=False, xaxis={"rangemode": "tozero", **axis})


def plot_drivers(found: SegmentOutput) -> go.Figure:
    """Importance of the features that go with value, with intervals."""
    import plotly.graph_objects as go

    rows = [row for row in found.importance if row.number is None][:_DRIVERS][::-1]
    middle = [row.importance or 0.0 for row in rows]
    figure = go.Figure()
    figure.add_bar(
        x=middle, y=[escape(row.feature) for row in rows], orientation="h", marker={"color": style.PAID_COLOUR},
        error_x=interval(middle, [row.low for row in rows], [row.high for row in rows]),
        hovertemplate="%{y}: %{x:.1%}<extra></extra>",
    )  # fmt: skip
    axis = {"title": {"text": "part of the differences in value"}, "tickformat": ".0%"}
    return style.dressed(figure, height=90 + 28 * len(rows), showlegend=False, xaxis=axis)


def plot_dependence(found: SegmentOutput) -> list[tuple[str, go.Figure]]:
    """A small chart per feature, the most important first: what value goes with it, the others held as they are."""
    known = dict.fromkeys(row.feature for row in found.partial)
    important = [row.feature for row in found.importance if row.number is None and row.feature in known]
    return [
        (feature, _partial_chart([row for row in found.partial if row.feature == feature], found.currency))
        for feature in [*important, *(name for name in known if name not in important)][:_PARTIALS]
    ]


def _partial_chart(rows: list[PartialRow], currency: str) -> go.Figure:
    import plotly.graph_objects as go

    levels = rows[0].level is not None
    x = [escape(row.level or "") if levels else row.x for row in rows]
    middle = [row.effect or 0.0 for row in rows]
    low, high = [row.low for row in rows], [row.high for row in rows]
    known = all(end is not None for end in (*low, *high))
    figure = go.Figure()
    if levels:
        figure.add_scatter(
            x=x, y=middle, mode="markers", marker={"color": style.PAID_COLOUR, "size": 9},
            error_y=interval(middle, low, high) if known else None, hovertemplate="%{x}: %{y:,.4g}<extra></extra>",
        )  # fmt: skip
    else:
        if known:
            figure.add_scatter(
                x=[*x, *x[::-1]], y=[*high, *low[::-1]], mode="lines", fill="toself", fillcolor="rgba(0,114,178,0.16)",
                line={"width": 0}, hoverinfo="skip",
            )  # fmt: skip
        figure.add_scatter(
            x=x, y=middle, mode="lines", line={"color": style.PAID_COLOUR},
            hovertemplate="%{x:,.4g}: %{y:,.4g}<extra></extra>",
        )  # fmt: skip
    axes = {"yaxis": {"title": {"text": currency}}, "xaxis": {"title": {"text": escape(rows[0].unit)}, "nticks": 5}}
    return style.dressed(figure, height=250, showlegend=False, margin={"t": 10}, **axes)


def plot_migration(found: SegmentOutput) -> list[tuple[str, go.Figure]]:
    """A heat map per comparison: of those who were in a row's segment, where they are now."""
    return [
        (compared, _migration_chart([row for row in found.migration if row.compared == compared]))
        for compared in dict.fromkeys(row.compared for row in found.migration)
    ]


def _migration_chart(rows: list[MigrationRow]) -> go.Figure:
    import plotly.graph_objects as go

    before = list(dict.fromkeys(_title(row.before_number, row.before) for row in rows))
    last = sorted(rows, key=lambda row: (row.after_number == 0, row.after_number))
    after = list(dict.fromkeys(_title(row.after_number, row.after) for row in last))
    held = {(_title(row.before_number, row.before), _title(row.after_number, row.after)): row for row in rows}
    cells = [[held.get((one, other)) for other in after] for one in before]
    figure = go.Figure(
        go.Heatmap(
            z=[[None if cell is None else cell.rate for cell in line] for line in cells],
            x=[escape(name) for name in after], y=[escape(name) for name in before],
            zmin=0, zmax=1, colorscale=[[0.0, "#FFFFFF"], [1.0, BELOW_COLOUR]], showscale=False, xgap=1, ygap=1,
            text=[[_written(cell) for cell in line] for line in cells],
            textfont={"color": style.ACTUAL_COLOUR}, texttemplate="%{text}",
            customdata=[[_moved(cell) for cell in line] for line in cells],
            hovertemplate="was in %{y}, is in %{x}<br>%{customdata}<extra></extra>",
        )
    )  # fmt: skip
    heads = [column_title(name) for name in after]
    top = 46 + 14 * max(head.count("<br>") + 1 for head in heads)
    style.dressed(figure, height=top + 20 + 40 * len(before), margin={"t": top, "b": 12})
    figure.update_xaxes(type="category", title_text="is in", side="top", ticks="", tickangle=0, showgrid=False)
    figure.update_xaxes(tickfont={"size": 11}, tickvals=[escape(name) for name in after], ticktext=heads)
    figure.update_yaxes(tickvals=[escape(name) for name in before], ticktext=[broken(name, 16) for name in before])
    return figure.update_yaxes(type="category", autorange="reversed", title_text="was in", ticks="", showgrid=False)


def _written(row: MigrationRow | None) -> str:
    """The part of those who were there; a count of those who were in none, of whom there is no part."""
    if row is None or not row.customers:
        return ""
    if row.rate is None:
        return style.amount(row.customers)
    return "<1%" if row.rate < _LEAST_SHOWN else style.percent(row.rate, 0)


def _title(number: int, name: str) -> str:
    return f"{number} {name}" if number else name


def _moved(row: MigrationRow | None) -> str:
    if row is None:
        return ""
    between = "" if row.low is None or row.high is None else f" ({row.low:.0%} to {row.high:.0%})"
    rate = "" if row.rate is None else f", {style.percent(row.rate)}{between}"
    return f"{style.amount(row.customers)} customers{rate}"
