"""Draw docs/figures/star.svg: the tables of ``outlay export db``, and which key leads to which dimension.

Run from the repository root: ``.venv/bin/python docs/figures/star.py``. Tables and columns are those of ``cli.star``; a
test holds the picture against them.
"""

from __future__ import annotations

from html import escape
from pathlib import Path

from cli.star.columns import Table
from cli.star.dimensions import DIMENSIONS
from cli.star.facts import FACTS
from outlay.style import ACTUAL_COLOUR, BASELINE_COLOUR, GRID, MUTED, PALETTE, TINTS

FILE = Path(__file__).with_suffix(".svg")

COLUMNS, WIDTH, GAP, LINE, HEAD, PAD = 4, 290, 18, 17, 28, 8
PARTS = ("mean", "median", "hdi_low", "hdi_high", "low", "high")  # longer endings first
COLOURS = {table.name: PALETTE[number] for number, table in enumerate(DIMENSIONS)}
PALE = {table.name: TINTS[number] for number, table in enumerate(DIMENSIONS)}
FONT = "font-family=\"ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace\""


def lines(table: Table) -> list[tuple[str, str]]:
    """The columns of a table, the parts of an interval in one line, each with the dimension that it leads to."""
    found: list[tuple[str, str]] = []
    taken: set[str] = set()
    for column in table.columns:
        stem = next((column.name.removesuffix(f"_{part}") for part in PARTS if column.name.endswith(f"_{part}")), "")
        parts = [part for part in PARTS if f"{stem}_{part}" in table.names]
        if not any(part.endswith("high") for part in parts):
            found.append((column.name, column.to))
        elif stem not in taken:
            taken.add(stem)
            ends = ["hdi_low/high" if part == "hdi_low" else "low/high" for part in parts if part.endswith("low")]
            found.append((f"{stem}_ {', '.join([part for part in parts if part[0] == 'm'] + ends)}", ""))
    return found


def box(table: Table, x: int, y: int) -> tuple[str, int]:
    """A table as a box, and how high it is."""
    rows = lines(table)
    height = HEAD + len(rows) * LINE + PAD
    colour = COLOURS.get(table.name, ACTUAL_COLOUR)
    drawn = [
        f'<rect x="{x}" y="{y}" width="{WIDTH}" height="{height}" rx="5" fill="#ffffff" stroke="{BASELINE_COLOUR}"/>',
        f'<path d="M{x} {y + HEAD} v-{HEAD - 5} q0 -5 5 -5 h{WIDTH - 10} q5 0 5 5 v{HEAD - 5} z" fill="{colour}"/>',
        f'<text x="{x + 10}" y="{y + 19}" font-size="13" font-weight="bold" fill="{_ink(table)}">{table.name}</text>',
    ]
    for number, (name, to) in enumerate(rows):
        top = y + HEAD + 3 + number * LINE
        if to:
            drawn.append(
                f'<rect x="{x + 6}" y="{top}" width="{WIDTH - 12}" height="{LINE - 1}" rx="3" fill="{PALE[to]}"/>'
            )
            drawn.append(
                f'<text x="{x + WIDTH - 10}" y="{top + 12}" font-size="11" text-anchor="end" fill="{ACTUAL_COLOUR}">'
                f"{to.removeprefix('dim_')}</text>"
            )
        key = ' font-weight="bold"' if name in table.key else ""
        drawn.append(
            f'<text x="{x + 10}" y="{top + 12}" font-size="11"{key} fill="{ACTUAL_COLOUR}">{escape(name)}</text>'
        )
    return "\n".join(drawn), height


def picture() -> str:
    """The whole picture: dimensions above, facts below, each in the shortest column so far."""
    drawn: list[str] = []
    floor = 70
    for title, tables in (("Dimensions", DIMENSIONS), ("Facts", FACTS)):
        drawn.append(f'<text x="{GAP}" y="{floor}" font-size="15" fill="{MUTED}">{title}</text>')
        heights = [floor + 12] * COLUMNS
        for table in tables:
            column = heights.index(min(heights))
            shape, height = box(table, GAP + column * (WIDTH + GAP), heights[column])
            drawn.append(shape)
            heights[column] += height + GAP
        floor = max(heights) + 18
    width = GAP + COLUMNS * (WIDTH + GAP)
    note = "A key in the colour of a dimension leads to it. Bold columns tell a row from all others."
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {floor}" width="{width}" height="{floor}" '
        f'role="img" aria-label="Tables of outlay export db" {FONT}>\n'
        f'<rect width="{width}" height="{floor}" fill="#fafbfc" stroke="{GRID}"/>\n'
        f'<text x="{GAP}" y="34" font-size="14" fill="{ACTUAL_COLOUR}">{note}</text>\n'
        + "\n".join(drawn)
        + "\n</svg>\n"
    )


def _ink(table: Table) -> str:
    """White on dark headers, dark on light ones."""
    return "#ffffff" if COLOURS.get(table.name, ACTUAL_COLOUR) in (ACTUAL_COLOUR, PALETTE[0], PALETTE[5]) else "#111820"


if __name__ == "__main__":
    FILE.write_text(picture(), encoding="utf-8")
