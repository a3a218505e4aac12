"""A sheet: title and run on top, a head that stays in view, tables whose totals are formulas with their values."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Literal

from cli.workbook.book import BAD, PAPERS, Book, Kind, Role, Value, begins_like_formula, plain
from outlay import style

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

LINE = 15.5
"""Height of a line in points."""

HEAD_ROW = 4
"""Row of a table's head (from 0) on a sheet that holds one table."""

TEXTS = ("text", "words", "date")
"""Kinds that begin at the left, with a little room to the number before them."""

_UNTRUSTED = "NOT TRUSTED: this fit did not pass the trust gate; another seed would give other numbers (T006)."


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes
    ----------
    head : str
    kind : Kind
    total : {"sum", None} or float
        ``"sum"`` is a live formula; a number is written as it is.
    width : float
        In characters.
    role : Role
        ``input`` for what the planner may edit.
    """

    head: str
    kind: Kind = "text"
    total: Literal["sum"] | float | None = None
    width: float = 13.0
    role: Role = "body"


@dataclass(frozen=True)
class Block:
    """Where a table lies, rows and columns from 0; ``total`` is None where it has no such row."""

    first: int
    last: int
    total: int | None
    columns: int


class Sheet:
    """One sheet of a book.

    Parameters
    ----------
    book : Book
    name : str
        Of the tab.
    title : str
        Of the first row.
    note : str
        What a reader should know before he reads; the third row.
    unit : str, optional
        Of its outcome; default: that of the fit.
    """

    def __init__(self, book: Book, name: str, title: str, note: str = "", *, unit: str | None = None) -> None:
        self.book, self.name = book, name
        self.unit = unit or book.about.unit
        self.to: Worksheet = book.file.add_worksheet(name)
        about = book.about
        self.to.set_row(0, 24)
        self.text(0, 0, title, bold=True, font_size=16, font_color="#1B4F72")
        self.text(1, 0, about.mark(self.unit), font_size=9, font_color=style.MUTED)
        if not about.trusted:
            self.text(2, 0, _UNTRUSTED, bold=True, font_color=BAD)
        elif note:
            self.text(2, 0, note, italic=True, font_color=style.MUTED)
        if note and not about.trusted:
            self.text(3, 0, note, italic=True, font_color=style.MUTED)
        self.to.hide_gridlines(2)
        self._print()

    def _print(self) -> None:
        to, about = self.to, self.book.about
        to.set_landscape()
        to.set_paper(PAPERS[about.paper])
        to.set_margins(0.5, 0.5, 0.6, 0.7)
        to.fit_to_pages(1, 0)
        run = about.fit.replace("&", "&&")
        to.set_footer(f"&L&8 &A | fit {run}&C&8 {about.made:%Y-%m-%d}&R&8 &P / &N")

    def format(self, kind: Kind, role: Role = "body", **more: object) -> Format:
        """The format of a cell: the outcome as money or as a count, by this sheet's unit."""
        money = self.unit == self.book.about.currency
        written: Kind = kind
        if kind == "outcome":
            written = "money" if money else "units"
        elif kind == "ratio":
            written = "ratio" if money else "rate"
        return self.book.format(written, role, **more)

    def text(self, row: int, column: int, text: str, **look: object) -> None:
        """A line of text that may run over its neighbours."""
        self.to.write_string(row, column, plain(text), self.book.look(**look))

    def put(self, row: int, column: int, value: Value, kind: Kind = "text", role: Role = "body") -> None:
        """A value in its format; a missing one leaves an empty cell, and text stays text."""
        if isinstance(value, bool):
            value = "yes" if value else ""
        more: dict[str, object] = {"indent": 1} if column and kind in TEXTS else {}
        if isinstance(value, str):
            guarded = {"quote_prefix": True} if begins_like_formula(value) else {}
            self.to.write_string(row, column, plain(value), self.format(kind, role, **more, **guarded))
            return
        form = self.format(kind, role, **more)
        if isinstance(value, date):
            day = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)
            self.to.write_datetime(row, column, day, form)
        elif value is None or not math.isfinite(value):
            self.to.write_blank(row, column, None, form)
        else:
            self.to.write_number(row, column, float(value), form)

    def formula(
        self, place: tuple[int, int], formula: str, value: float | str | None, kind: Kind, role: Role = "soft"
    ) -> None:
        """A live formula with the value that it has, so that readers that do not calculate show it, too."""
        form = self.format(kind, role)
        self.to.write_formula(*place, formula, form, "" if value is None else value)

    def sum(self, place: tuple[int, int], over: str, value: float, kind: Kind, role: Role = "total") -> None:
        """A live sum over a range."""
        self.formula(place, f"=SUM({over})", value, kind, role)

    def table(
        self,
        row: int,
        columns: Sequence[Column],
        rows: Sequence[Sequence[Value]],
        total: str | None = None,
    ) -> Block:
        """A table with its head in a row and, where ``total`` names it, a row of totals below."""
        self.head(row, columns)
        first = row + 1
        for i, cells in enumerate(rows):
            for j, (column, value) in enumerate(zip(columns, cells, strict=True)):
                self.put(first + i, j, value, column.kind, column.role)
        self._heights(first, columns, rows)
        last = row + len(rows)
        if total is None or not rows:
            return Block(first, last, None, len(columns))
        for j, column in enumerate(columns):
            self._total(first, last, j, column, [cells[j] for cells in rows])
        self.put(last + 1, 0, total, "text", "total")
        return Block(first, last, last + 1, len(columns))

    def _heights(self, first: int, columns: Sequence[Column], rows: Sequence[Sequence[Value]]) -> None:
        """Rows as high as their longest text: files without a layout leave that to nobody."""
        wrapped = [(j, column.width - 1) for j, column in enumerate(columns) if column.kind == "words"]
        if not wrapped:
            return
        for line, cells_of in enumerate(rows, first):
            most = max(lines_of(str(cells_of[j] or ""), width) for j, width in wrapped)
            self.to.set_row(line, LINE * most + 2)

    def _total(self, first: int, last: int, j: int, column: Column, values: Sequence[Value]) -> None:
        if column.total == "sum":
            known = [float(value) for value in values if isinstance(value, int | float)]
            self.sum((last + 1, j), cells(first, j, last, j), math.fsum(known), column.kind)
        else:
            kind: Kind = "text" if column.kind == "words" else column.kind
            self.put(last + 1, j, column.total, kind, "total")

    def head(self, row: int, columns: Sequence[Column]) -> None:
        """The head of a table, and the widths of its columns."""
        lines = 1
        for j, column in enumerate(columns):
            side: dict[str, object] = {"indent": 1} if j else {}
            right = side if column.kind in TEXTS else {"align": "right"}
            self.to.write_string(row, j, plain(column.head), self.book.format("text", "head", **right))
            self.to.set_column(j, j, column.width)
            lines = max(lines, lines_of(column.head, 0.9 * column.width - 1))
        self.to.set_row(row, LINE * lines + 3)

    def freeze(self, row: int, column: int = 1) -> None:
        """Keep the rows down to a table's head, and the columns of names, in view and on every printed page."""
        self.to.freeze_panes(row + 1, column)
        self.to.repeat_rows(row)

    def filtered(self, block: Block) -> None:
        """Arrows in a table's head by which a reader filters and sorts."""
        if block.last >= block.first:
            self.to.autofilter(block.first - 1, 0, block.last, block.columns - 1)

    def paragraph(self, row: int, text: str, columns: int, width: float, **look: object) -> None:
        """A sentence wrapped over the columns from the first one, in a row as high as it needs."""
        form = self.book.look(text_wrap=True, valign="top", **look)
        if columns > 1:
            self.to.merge_range(row, 0, row, columns - 1, "", form)
        self.to.write_string(row, 0, plain(text), form)
        self.to.set_row(row, LINE * lines_of(text, 1.06 * width) + 2)

    def heading(self, row: int, text: str) -> None:
        """A heading inside of a sheet."""
        self.text(row, 0, text, bold=True, font_size=12, font_color="#1B4F72")

    def name_range(self, name: str, at: str) -> None:
        """A name that formulas of the reader may use."""
        self.book.file.define_name(name, f"='{self.name}'!{at}")


def lines_of(text: str, width: float) -> int:
    """Lines that a text takes when it is wrapped at words, and nowhere else than between them."""
    lines, room = 1, 0.0
    for word in text.split():
        need = len(word) + (1 if room else 0)
        if room and room + need > width:
            lines, room = lines + 1, float(len(word))
        else:
            room += need
        while room > width:  # a word that is longer than a line
            lines, room = lines + 1, room - width
    return lines


def cells(row: int, column: int, last_row: int, last_column: int, *, fixed: bool = False) -> str:
    """A range as formulas write it: ``C6:C15``."""
    from xlsxwriter.utility import xl_range, xl_range_abs

    write = xl_range_abs if fixed else xl_range
    return str(write(row, column, last_row, last_column))


def cell(row: int, column: int, *, fixed: bool = False) -> str:
    """A cell as formulas write it: ``C6``."""
    from xlsxwriter.utility import xl_rowcol_to_cell

    return str(xl_rowcol_to_cell(row, column, row_abs=fixed, col_abs=fixed))
