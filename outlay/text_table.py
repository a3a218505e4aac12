"""A table whose cells are text already: what a terminal prints and a notebook shows alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes
    ----------
    title : str
        Header, with the unit in it.
    numeric : bool
        Align right and never wrap.
    optional : int
        0 stays; among the others the highest go first where the terminal is narrow, all of one number together: a mean
        does not stay without its interval.
    """

    title: str
    numeric: bool = True
    optional: int = 0


@dataclass(frozen=True)
class TextTable:
    """Columns, rows of text and an optional last row of totals, with sentences below."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    total: Sequence[str] | None = None
    caption: Sequence[str] = field(default_factory=tuple)
