"""Ranks as a picture: how far the share of truths below each rank is from what it should be, one panel a quantity."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

import numpy as np

from outlay.style import GRID, MUTED, PAID_COLOUR, PLAN_COLOUR

WIDTH, HEIGHT, COLUMNS, REACH = 210, 96, 4, 0.2
"""Pixels of a panel, panels in a row, and the largest difference that a panel shows."""

SURE = 0.99
"""Chance that the whole line of one calibrated quantity stays inside its band (Dvoretzky, Kiefer and Wolfowitz)."""


def band(n: int) -> float:
    """Half-width of the band around a calibrated model's line."""
    return float(np.sqrt(np.log(2 / (1 - SURE)) / (2 * n)))


def rank_plot(ranks: Mapping[str, np.ndarray], most: int) -> str:
    """An SVG of all quantities.

    Parameters
    ----------
    ranks : mapping of str to ndarray (n,)
        Rank of the truth in every simulation, 0 to ``most``.
    most : int
        Highest rank.
    """
    rows = -(-len(ranks) // COLUMNS)
    panels = [
        f'<g transform="translate({WIDTH * (i % COLUMNS)} {HEIGHT * (i // COLUMNS)})">{_panel(name, rank, most)}</g>'
        for i, (name, rank) in enumerate(ranks.items())
    ]
    size = f'width="{WIDTH * COLUMNS}" height="{HEIGHT * rows}" viewBox="0 0 {WIDTH * COLUMNS} {HEIGHT * rows}"'
    style = 'font-family="sans-serif" font-size="11"'
    ground = '<rect width="100%" height="100%" fill="white"/>'
    return "\n".join([f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style}>', ground, *panels, "</svg>", ""])


def _panel(name: str, ranks: np.ndarray, most: int) -> str:
    left, right, top, bottom = 8, WIDTH - 8, 20, HEIGHT - 6
    levels = np.arange(most + 1)
    below = np.searchsorted(np.sort(ranks), levels, side="right") / len(ranks)
    difference = below - (levels + 1) / (most + 1)

    def y(value: float) -> float:
        return top + (REACH - min(max(value, -REACH), REACH)) / (2 * REACH) * (bottom - top)

    x = left + (right - left) * levels / most
    points = " ".join(f"{a:.0f},{y(float(b)):.1f}" for a, b in zip(x, difference, strict=True))
    half = band(len(ranks))
    colour = PAID_COLOUR if np.abs(difference).max() <= half else PLAN_COLOUR
    return (
        f'<text x="{left}" y="14" fill="{MUTED}">{escape(name)}</text>'
        f'<rect x="{left}" y="{y(half):.1f}" width="{right - left}" height="{y(-half) - y(half):.1f}" fill="{GRID}"/>'
        f'<line x1="{left}" x2="{right}" y1="{y(0.0):.1f}" y2="{y(0.0):.1f}" stroke="{MUTED}" stroke-width="0.5"/>'
        f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.4"/>'
    )
