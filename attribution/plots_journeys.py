"""Charts of journeys: shares by model side by side, and credit beside what media caused."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from attribution.document_journeys import AttributeOutput, CreditRow
from outlay import style
from outlay.document import documents

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from attribution.credit import Attribution

MODELS = ("first", "last", "linear", "decay", "markov_1", "shapley_sum")
"""Models of the chart of shares; the rate game's would squeeze them, and stand in the table."""

CREDITED, CAUSED = style.PALETTE[1], style.PAID_COLOUR


def _credits(result: AttributeOutput | Attribution) -> list[CreditRow]:
    """Rows about all journeys together."""
    if isinstance(result, AttributeOutput):
        return [row for row in result.credits if row.segment is None and row.period is None]
    return documents(result.table[result.table["segment"].isna() & result.table["period"].isna()], CreditRow)


def model_colours(result: AttributeOutput | Attribution) -> dict[str, str]:
    """Colour of each model that the chart shows."""
    have = {row.model for row in _credits(result)}
    return style.colours([model for model in MODELS if model in have])


def plot_shares(result: AttributeOutput | Attribution, names: Sequence[str] = ()) -> go.Figure:
    """Each channel's share by model, a dot with its interval for each; all channels where none are named."""
    import plotly.graph_objects as go

    rows = {(row.model, row.channel): row for row in _credits(result)}
    names = names or list(dict.fromkeys(channel for _, channel in rows))
    colours, figure = model_colours(result), go.Figure()
    step = 0.8 / max(len(colours), 1)
    for i, (model, colour) in enumerate(colours.items()):
        mine = [rows[model, name] for name in names]
        at = [len(names) - 1 - k + 0.4 - step * (i + 0.5) for k in range(len(names))]
        _dots(figure, mine, at, colour, model)
    return style.dressed(
        figure,
        height=110 + max(9 * len(colours), 34) * len(names),
        xaxis={"title": {"text": "share of conversions"}, "tickformat": ".0%", "nticks": 6},
        yaxis={
            "tickvals": [len(names) - 1 - k for k in range(len(names))],
            "ticktext": [escape(name) for name in names],
            "ticks": "",
            "showgrid": False,
            "range": [-0.6, len(names) - 0.4],
            "zeroline": False,
        },
    )


def _dots(figure: go.Figure, rows: list[CreditRow], at: list[float], colour: str, model: str) -> None:
    from attribution.credit import TITLES

    share = [row.share or 0.0 for row in rows]
    figure.add_scatter(
        x=share,
        y=at,
        mode="markers",
        name=TITLES[model],
        marker={"size": 7, "color": colour},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [max((row.share_hdi_high or 0.0) - x, 0.0) for row, x in zip(rows, share, strict=True)],
            "arrayminus": [max(x - (row.share_hdi_low or 0.0), 0.0) for row, x in zip(rows, share, strict=True)],
            "color": colour,
            "thickness": 2,
            "width": 0,
        },
        customdata=[
            (escape(row.channel), style.percent(row.share_hdi_low), style.percent(row.share_hdi_high)) for row in rows
        ],
        hovertemplate=TITLES[model]
        + ", %{customdata[0]}: %{x:.1%} (%{customdata[1]} to %{customdata[2]})<extra></extra>",
    )


def plot_caused(result: AttributeOutput) -> go.Figure:
    """What journeys credit beside what the model says was caused, by channel, with intervals."""
    import plotly.graph_objects as go

    rows = sorted(result.over_credit, key=lambda row: row.credited or 0.0)
    figure = go.Figure()
    for shift, colour, prefix, label in (
        (0.13, CREDITED, "credited", "credited by journeys"),
        (-0.13, CAUSED, "incremental", "caused, by the model"),
    ):
        middle = [getattr(row, "credited" if prefix == "credited" else "incremental_mean") or 0.0 for row in rows]
        low = [getattr(row, f"{prefix}_hdi_low") or 0.0 for row in rows]
        high = [getattr(row, f"{prefix}_hdi_high") or 0.0 for row in rows]
        figure.add_scatter(
            x=middle,
            y=[i + shift for i in range(len(rows))],
            mode="markers",
            marker={"size": 10, "color": colour},
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [b - a for a, b in zip(middle, high, strict=True)],
                "arrayminus": [b - a for a, b in zip(low, middle, strict=True)],
                "color": colour,
                "thickness": 3,
                "width": 0,
            },
            customdata=[(escape(row.channel), style.between(a, b)) for row, a, b in zip(rows, low, high, strict=True)],
            hovertemplate="%{customdata[0]}, " + label + ": %{x:.3s} (%{customdata[1]})<extra></extra>",
        )
    unit = result.currency if result.media_unit == "value" else "conversions"
    return style.dressed(
        figure,
        height=110 + 40 * len(rows),
        showlegend=False,
        xaxis={"title": {"text": unit}, "nticks": 5, "exponentformat": "B", "rangemode": "tozero"},
        yaxis={
            "tickvals": list(range(len(rows))),
            "ticktext": [escape(row.channel) for row in rows],
            "ticks": "",
            "showgrid": False,
            "zeroline": False,
        },
    )
