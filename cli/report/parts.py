"""What the page is built from: charts and tables, ready to be put into HTML."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import plotly.graph_objects as go


@dataclass(frozen=True)
class Chart:
    """A chart on the page.

    Attributes
    ----------
    json : str
        Plotly's figure, safe inside a script element.
    label : str
        What it shows, for readers who cannot see it.
    height : int
        Pixels.
    """

    json: str
    label: str
    height: int


@dataclass(frozen=True)
class Table:
    """A table on the page: headers with their alignment, rows, and an optional row of totals."""

    headers: tuple[tuple[str, bool], ...]
    rows: tuple[tuple[str, ...], ...]
    total: tuple[str, ...] | None = None
    weak: frozenset[int] = frozenset()


def chart_of(figure: go.Figure, label: str) -> Chart:
    """A Plotly figure as a chart of the page, which has legends of its own; its layout has to say a height."""
    figure.update_layout(showlegend=False)
    text = figure.to_json().replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return Chart(text, label, int(figure.layout.height))
