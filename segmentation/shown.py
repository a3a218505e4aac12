"""Segments and the choice of their number as tables of text, for notebooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from outlay import style
from outlay.exports import records
from outlay.text_table import Column, TextTable

if TYPE_CHECKING:
    from segmentation.choose import Choice
    from segmentation.profiles import Profile

_MEASURES = (
    ("Cost", "cost"),
    ("Elbow", "elbow"),
    ("Explained", "explained"),
    ("Silhouette", "silhouette"),
    ("BIC", "bic"),
    ("Stability", "stability"),
)
"""Titles and columns of a choice's table; a method does not have all of them."""


def segments_table(told: Profile) -> TextTable:
    """Size and value of every segment with intervals."""
    rows = records(told.segments)
    valued = "value" in told.segments
    columns = [Column("Segment"), Column("Customers"), Column("Share")]
    if valued:
        interval = f"{style.percent(told.level, 0)} interval"
        columns += [Column(f"Value\n({told.currency})"), Column("Share of\nvalue")]
        columns += [Column(f"Value per customer\n({told.currency})"), Column(interval)]
    body = []
    for row in rows:
        cells = [str(row["number"]), style.amount(row["customers"]), style.percent(row["size_share"])]
        if valued:
            cells += [style.number(row["value"]), style.percent(row["value_share"])]
            cells += [style.number(row["value_per_customer"])]
            cells += [style.between(row["value_per_customer_low"], row["value_per_customer_high"])]
        body.append(cells)
    return TextTable("Segments", columns, body, None, [f"Value: {told.value_name}."] if valued else [])


def choice_table(choice: Choice) -> TextTable:
    """Every number of segments that was judged, the chosen one marked."""
    rows = records(choice.table)
    measures = [(title, name) for title, name in _MEASURES if any(row.get(name) is not None for row in rows)]
    columns = [Column("k"), *(Column(title) for title, _ in measures), Column("Smallest\nsegment"), Column("", False)]
    body = [
        (
            str(row["k"]),
            *(style.number(row[name]) for _, name in measures),
            style.percent(row["smallest_share"]),
            f"chosen. {row['why'] or ''}".strip() if row["chosen"] else str(row["why"] or ""),
        )
        for row in rows
    ]
    return TextTable("How many segments", columns, body, None, [choice.reason])
