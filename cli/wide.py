"""Tables with more columns than a terminal is wide: one row per name, the columns in blocks below each other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from cli.terminal import emit, printable, table_width

GUTTER = 2
"""Columns of the terminal between two columns of a wide table."""


@dataclass(frozen=True)
class WideTable:
    """Rows of numbers as text under many columns.

    Attributes
    ----------
    title : str
    corner : str
        Head of the names.
    columns : sequence of str
    names : sequence of str
    rows : sequence of sequence of str
        One text per column.
    total : sequence of str, optional
        A last row, set apart.
    """

    title: str
    corner: str
    columns: Sequence[str]
    names: Sequence[str]
    rows: Sequence[Sequence[str]]
    total: Sequence[str] | None = None


def print_wide(table: WideTable) -> None:
    """Write the table to stdout, its columns in blocks of about equal size that fit the terminal."""
    emit(printable(table.title))
    emit("\n\n".join(_blocks(table, table_width())))


def _blocks(table: WideTable, width: int) -> list[str]:
    names = [table.corner, *table.names, *(["total"] if table.total else [])]
    lines = [table.columns, *table.rows, *([table.total] if table.total else [])]
    lines = [[printable(text) for text in line] for line in lines]
    first = max(len(printable(name)) for name in names)
    each = max(len(text) for line in lines for text in line)
    fit = max((width - first - 1) // (each + GUTTER), 1)
    blocks = math.ceil(len(table.columns) / fit)
    count = math.ceil(len(table.columns) / blocks)
    return [
        _block(names, [line[start : start + count] for line in lines], (first, each), total=table.total is not None)
        for start in range(0, len(table.columns), count)
    ]


def _block(names: Sequence[str], lines: Sequence[Sequence[str]], widths: tuple[int, int], *, total: bool) -> str:
    first, each = widths
    drawn = [
        (" " + printable(name).ljust(first) + "".join(text.rjust(each + GUTTER) for text in line)).rstrip()
        for name, line in zip(names, lines, strict=True)
    ]
    rule = " " + "─" * (first + len(lines[0]) * (each + GUTTER))
    body = [drawn[0], rule, *drawn[1:]]
    if total:
        body.insert(-1, rule)
    return "\n".join(body)
