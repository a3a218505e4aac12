"""Strict numbers from text: every cell is one number in one notation, or a finding.

The work is done by the engine that holds the table: its shapes are counted and its text cast by Ibis expressions,
so that a column of a million rows costs what the engine takes and another engine costs no other code.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from functools import reduce
from operator import add
from typing import Literal

import ibis
import ibis.expr.types as ir

type Mark = Literal[".", ","]

_MARKS: tuple[Mark, ...] = (".", ",")
_DOTS = ((".", r"\."), (",", ","))
_START, _END = r"^\s*[+-]?", r"\s*$"  # spaces around a number do no harm
_EXPONENT = "([eE][+-]?[0-9]{1,3})?"
_PLAIN = {mark: rf"{_START}([0-9]+({dot}[0-9]*)?|{dot}[0-9]+){_EXPONENT}{_END}" for mark, dot in _DOTS}
# Three digits behind a mark and one to three before it, not starting with 0: thousands or decimals, nobody can tell.
_EITHER = {mark: rf"{_START}[1-9][0-9]{{0,2}}{dot}[0-9]{{3}}{_END}" for mark, dot in _DOTS}
# Both marks in one number: the last one is the decimal mark.
_BOTH = {
    ".": rf"{_START}[0-9]{{1,3}}(,[0-9]{{3}})+\.[0-9]+{_END}",
    ",": rf"{_START}[0-9]{{1,3}}(\.[0-9]{{3}})+,[0-9]+{_END}",
}
_GROUPED = re.compile(r"^[+-]?[0-9]{1,3}([.,' \u00a0\u202f\u2019])[0-9]{3}(\1[0-9]{3})*([.,][0-9]+)?$")
_UNDEFINED = re.compile(r"^[+-]?(inf(inity)?|nan|1\.#(inf|qnan|ind))$", re.IGNORECASE)
_CODE = re.compile(r"^[A-Z]{3} ?[0-9+-]|[0-9] ?[A-Z]{3}$")
_DIGIT = re.compile(r"[0-9]")


@dataclass(frozen=True)
class Shapes:
    """How the numbers of some columns are written; counts of cells.

    Attributes
    ----------
    point, comma : int
        Numbers that can only have a decimal point (comma).
    point_or_thousands, comma_or_thousands : int
        Numbers such as 1.234 (1,234) that may be either.
    padded : int
        Of those with a point, the ones that end in 0.
    small : int
        Whole numbers of up to three digits without a mark.
    """

    point: int = 0
    comma: int = 0
    point_or_thousands: int = 0
    comma_or_thousands: int = 0
    padded: int = 0
    small: int = 0

    def __add__(self, other: Shapes) -> Shapes:
        return Shapes(*(getattr(self, name) + getattr(other, name) for name in Shapes.names()))

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Names of the counts."""
        return tuple(each.name for each in fields(cls))

    @property
    def looks_grouped(self) -> bool:
        """True where no way of writing decimals gives these texts: 12.500 beside 987.

        Whoever writes the 0 of 12.500 writes three decimals always, and would write 987.000.
        """
        return not self.point and self.padded > 0 and self.small > 0


def shape_counts(column: ir.StringColumn) -> dict[str, ir.IntegerScalar]:
    """Expressions that count the fields of :class:`Shapes` in a column of text."""
    either = {mark: column.re_search(pattern) for mark, pattern in _EITHER.items()}
    sure = {
        mark: column.contains(mark) & (column.re_search(_PLAIN[mark]) | column.re_search(_BOTH[mark])) & ~either[mark]
        for mark in _PLAIN
    }
    return {
        "point": sure["."].sum(),
        "comma": sure[","].sum(),
        "point_or_thousands": either["."].sum(),
        "comma_or_thousands": either[","].sum(),
        "padded": (either["."] & column.re_search(rf"0{_END}")).sum(),
        "small": column.re_search(rf"{_START}[0-9]{{1,3}}{_END}").sum(),
    }


def settled_mark(texts: Iterable[str | None]) -> Mark | None:
    """The mark that most of the texts can only have as decimal mark; None where none of them tells."""
    certain: Counter[Mark] = Counter()
    for text in texts:
        if text and ("." in text or "," in text):
            certain.update(mark for mark in _MARKS if _can_only_have(text, mark))
    return certain.most_common(1)[0][0] if certain else None


def _can_only_have(text: str, mark: Mark) -> bool:
    known = re.match(_PLAIN[mark], text) or re.match(_BOTH[mark], text)
    return mark in text and bool(known) and not re.match(_EITHER[mark], text)


def has_mark(column: ir.StringColumn) -> ir.BooleanScalar:
    """Expression that is true where any cell holds a comma or a point."""
    return (column.contains(".") | column.contains(",")).any()


@dataclass(frozen=True)
class Decision:
    """The decimal mark of a table, and the columns that it does not settle.

    Attributes
    ----------
    mark : {".", ","}
        Decimal mark to read with.
    doubtful : frozenset of str
        Columns whose numbers may have thousands or decimals.
    """

    mark: Mark
    doubtful: frozenset[str] = frozenset()


def decide(columns: Mapping[str, Shapes], separator: str | None) -> Decision:
    """The decimal mark of a table, from all its number columns together: one writer, one notation.

    Parameters
    ----------
    columns : mapping of str to Shapes
        What each column's texts look like.
    separator : str or None
        Separator of the CSV file; semicolons mean that a comma may be the decimal mark.
    """
    found = reduce(add, columns.values(), Shapes())
    if found.point or found.comma:
        return Decision("." if found.point >= found.comma else ",")
    doubtful = frozenset(
        name
        for name, shapes in columns.items()
        if shapes.comma_or_thousands or (shapes.point_or_thousands and separator == ";") or shapes.looks_grouped
    )
    return Decision(".", doubtful=doubtful)


def doubts(column: ir.StringColumn) -> ir.StringColumn:
    """The texts of a column that may be thousands or decimals, null elsewhere."""
    return (column.re_search(_EITHER["."]) | column.re_search(_EITHER[","])).ifelse(column, ibis.null("string"))


def cast(column: ir.StringColumn, mark: Mark) -> tuple[ir.FloatingColumn, ir.StringColumn]:
    """A column of text as numbers, null where it is empty or no number; and the text of the latter."""
    text = column.re_search(_PLAIN[mark]).ifelse(column, ibis.null("string"))
    number = (text.replace(",", ".") if mark == "," else text).try_cast("float64")
    number = number.isinf().ifelse(ibis.null("float64"), number)  # more than a number can be: 1e400
    return number, (number.isnull() & column.re_search(r"\S")).ifelse(column, ibis.null("string"))


def fault(text: str, mark: Mark) -> str:
    """The id that fits a text which is no number by that decimal mark."""
    text = text.strip()
    other = "." if mark == "," else ","
    if _UNDEFINED.match(text) or re.match(_PLAIN[mark], text):
        return "D025"
    if re.match(_PLAIN[other], text) and not re.match(_EITHER[other], text):
        return "D024"
    if _GROUPED.match(text):
        return "D022"
    if _DIGIT.search(text) and (_CODE.search(text) or any(_is_unit(sign) for sign in text)):
        return "D026"
    return "D021"


def _is_unit(sign: str) -> bool:
    return sign in "%‰" or unicodedata.category(sign) == "Sc"


def is_number(text: str) -> bool:
    """True for a number with either decimal mark."""
    return any(re.match(pattern, text) for pattern in _PLAIN.values())
