"""Light and dark: figures of the house, which are made on white, on the ground of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from outlay import style

if TYPE_CHECKING:
    import plotly.graph_objects as go

INK = {"light": style.ACTUAL_COLOUR, "dark": "#E6EAEF"}
SOFT = {"light": style.MUTED, "dark": "#A9B4C0"}
GRID = {"light": style.GRID, "dark": "#36404B"}
LINE = {"light": "#9AA5B1", "dark": "#5F6B7A"}
_ON_DARK = {
    style.ACTUAL_COLOUR.lower(): INK["dark"],
    style.MUTED.lower(): SOFT["dark"],
    style.CURRENT_COLOUR.lower(): SOFT["dark"],
    "#ffffff": "#1A1F26",
    style.PAID_COLOUR.lower(): "#4DA3D6",
}
"""What is drawn in ink, in grey or in the colour of the ground follows the ground; blue is lifted to stay legible."""


def figure(drawn: go.Figure, scheme: str) -> go.Figure:
    """The figure on the page's ground: clear paper, and ink, grid and labels that can be read on it.

    Parameters
    ----------
    drawn : Figure
        Made by a ``plot_*`` function or with :func:`outlay.style.layout`.
    scheme : str
        ``"light"`` or ``"dark"``.
    """
    axis = {
        "gridcolor": GRID[scheme],
        "linecolor": LINE[scheme],
        "zerolinecolor": LINE[scheme],
        "tickcolor": LINE[scheme],
        "title": {"font": {"color": SOFT[scheme]}},
    }
    paper = {
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": INK[scheme]},
        "hoverlabel": {"bgcolor": "#FFFFFF" if scheme == "light" else "#242B33", "font": {"color": INK[scheme]}},
    }
    style.relaid(drawn, paper, axis)
    if scheme == "dark":
        _lift(drawn)
    return drawn


def _lift(drawn: go.Figure) -> None:
    """Change what is drawn in ink or in the colour of the ground, in every trace, line and note."""
    for part in (*drawn.data, *drawn.layout.shapes, *drawn.layout.annotations):
        for owner, name in _coloured(part):
            owner[name] = _lifted(owner[name])


def _coloured(part: Any) -> list[tuple[Any, str]]:
    places = ("marker", "line", "marker.line", "font", "textfont", "error_x", "error_y")
    found = []
    for place in places:
        owner = part
        for step in place.split("."):
            owner = owner[step] if owner is not None and step in owner else None
        if owner is not None and "color" in owner and owner["color"] is not None:
            found.append((owner, "color"))
    return found


def _lifted(colour: object) -> object:
    if isinstance(colour, str):
        return _ON_DARK.get(colour.lower(), colour)
    if isinstance(colour, list | tuple):
        return [_lifted(each) for each in colour]
    return colour
