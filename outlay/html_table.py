"""Tables in notebooks: the house's tables as HTML, made by great-tables.

Everything in a table is text and nothing in it is markup: names come from users' data.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from outlay import style

if TYPE_CHECKING:
    from outlay.text_table import TextTable


def html_table(table: TextTable, sentences: Sequence[str] = ()) -> str:
    """A table as HTML that carries its own style, with its caption and more sentences below it."""
    import pandas as pd
    from great_tables import GT, html, loc
    from great_tables import style as gt_style

    names = [f"c{i}" for i in range(len(table.columns))]
    rows = [*table.rows, *([table.total] if table.total else [])]
    drawn = GT(pd.DataFrame([tuple(row) for row in rows], columns=names, dtype=object))
    drawn = drawn.cols_label({name: html(_text(c.title)) for name, c in zip(names, table.columns, strict=True)})
    numeric = [name for name, column in zip(names, table.columns, strict=True) if column.numeric]
    drawn = drawn.cols_align("left").cols_align("right", numeric) if numeric else drawn.cols_align("left")
    if numeric:  # an interval stays on its line
        drawn = drawn.tab_style(gt_style.css("white-space: nowrap;"), loc.body(columns=numeric))
    if table.title:
        drawn = drawn.tab_header(html(_text(table.title)))
    for line in (*table.caption, *sentences):
        drawn = drawn.tab_source_note(html(_text(line)))
    if table.total:
        drawn = drawn.tab_style(gt_style.text(weight="bold"), loc.body(rows=[len(rows) - 1]))
    return str(drawn.tab_options(**_LOOK).as_raw_html())


_LOOK = {
    "table_font_names": [name.strip(" '") for name in style.FONT.split(",")],
    "table_font_size": "14px",
    "table_margin_left": "0",
    "heading_align": "left",
    "heading_title_font_size": "15px",
    "heading_title_font_weight": "600",
    "column_labels_font_weight": "600",
    "column_labels_vlines_style": "none",
    "table_body_vlines_style": "none",
    "table_body_hlines_color": style.GRID,
    "data_row_padding": "4px",
    "source_notes_font_size": "13px",
}


def _text(text: str) -> str:
    """Text as HTML, its line breaks kept; great-tables would read double braces as a unit."""
    return escape(text).replace("{{", "&#123;&#123;").replace("\n", "<br>")
