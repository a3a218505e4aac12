"""The picture of the multiverse: every model's ROI by channel, and what each choice does to it."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from outlay import style

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

    from mmm.validation.multiverse import Multiverse

_ROW = 44
"""Pixels of a channel's row."""


def picture(found: Multiverse) -> str:
    """One HTML file that needs nothing else."""
    from plotly.offline import get_plotlyjs

    ranges, effects = found.ranges(), found.effects()
    charts = [
        ("How each channel's ROI moves", _range_note(found), range_chart(found.by_specification(), ranges)),
        ("Which choice moves it", _EFFECT_NOTE, effect_chart(effects)),
    ]
    parts = "".join(
        f"<h2>{escape(title)}</h2><p>{escape(note)}</p>"
        + chart.to_html(full_html=False, include_plotlyjs=False, config={"displaylogo": False})
        for title, note, chart in charts
    )
    return (
        "<!doctype html><html lang='en'><head><meta charset='utf-8'><title>Multiverse</title>"
        f"<style>{style.CSS_TOKENS} body {{ font-family: {style.FONT}; color: var(--ink); background: var(--page); "
        "max-width: 60rem; margin: 2rem auto; padding: 0 1rem }} p {{ color: var(--soft) }}</style>"
        f"<script>{get_plotlyjs()}</script></head><body><h1>Multiverse: {len(found.fits)} plausible models</h1>"
        f"{parts}</body></html>"
    )


_EFFECT_NOTE = (
    "Change of the ROI (of the share, for organic channels) that an option makes against the stated one, as a "
    "share of the mean over all models; other choices held fixed."
)


def _range_note(found: Multiverse) -> str:
    note = (
        "Each dot is the median of one model. The thick bar is the stated model's interval; the thin bar, where "
        "there is one, the average's, which carries the uncertainty about the model."
    )
    return note if found.weights else note + " The models were not averaged."


def _measure(ranges: pd.DataFrame) -> tuple[str, list[str]]:
    """ROI where there is any, else the share; and the channels that have it, largest first."""
    what = "roi" if ranges["roi_plain_median"].notna().any() else "share"
    have = ranges[ranges[f"{what}_plain_median"].notna()].sort_values(f"{what}_plain_median")
    return what, list(have["channel"])


def range_chart(models: pd.DataFrame, ranges: pd.DataFrame) -> go.Figure:
    """Dots of all models over the stated and the averaged interval, one row per channel."""
    import plotly.graph_objects as go

    what, channels = _measure(ranges)
    rows = ranges.set_index("channel").loc[channels]
    labels = [escape(name) for name in channels]
    figure = go.Figure()
    for kind, label, width, colour in (
        ("plain", "stated model's interval", 12, style.TINTS[0]),
        ("averaged", "averaged interval", 4, style.PALETTE[5]),
    ):
        low, high = rows[f"{what}_{kind}_low"], rows[f"{what}_{kind}_high"]
        if low.notna().all():
            figure.add_bar(
                y=labels, x=high - low, base=low, orientation="h", width=width / _ROW, name=label,
                marker={"color": colour}, offset=-width / _ROW / 2,
                hovertemplate="%{base:.3g} to %{x:.3g}",
            )  # fmt: skip
    seen = models[models["channel"].isin(channels)]
    figure.add_scatter(
        y=[escape(name) for name in seen["channel"]], x=seen[f"{what}_median"], mode="markers", name="one model",
        marker={"size": 7, "color": style.ACTUAL_COLOUR, "opacity": 0.55},
        text=[escape(name) for name in seen["specification"]], hovertemplate="%{x:.3g}<br>%{text}<extra></extra>",
    )  # fmt: skip
    title = "ROI" if what == "roi" else "Share of the KPI"
    style.dressed(
        figure,
        height=140 + _ROW * len(channels),
        barmode="overlay",
        hovermode="closest",
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom"},
        margin={"l": 120},
    )
    return figure.update_xaxes(title_text=title).update_yaxes(type="category")


def effect_chart(effects: pd.DataFrame) -> go.Figure:
    """A heat map: options by channels."""
    import plotly.graph_objects as go

    names = effects["choice"] + ": " + effects["option"]
    table = effects.assign(name=names).pivot_table(index="name", columns="channel", values="effect", sort=False)
    bound = float(abs(table.to_numpy()).max()) if table.size else 1.0
    figure = go.Figure(
        go.Heatmap(
            z=table.to_numpy(),
            x=[escape(str(name)) for name in table.columns],
            y=[escape(str(name)) for name in table.index],
            zmin=-bound,
            zmax=bound,
            colorscale=[[0.0, style.PALETTE[5]], [0.5, "#FFFFFF"], [1.0, style.PALETTE[0]]],
            texttemplate="%{z:+.0%}",
            hovertemplate="%{y}<br>%{x}: %{z:+.1%}<extra></extra>",
            showscale=False,
        )
    )
    style.dressed(figure, height=140 + 34 * len(table))
    return figure.update_yaxes(autorange="reversed")
