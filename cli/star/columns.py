"""What the schema is written in: tables of columns with a type that every database has, and a sentence each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

TOTAL = "(all)"
"""Name of the member that stands for all members of a dimension together."""


class Kind(StrEnum):
    """Types of columns: those that PostgreSQL, DuckDB and Amazon Redshift share."""

    KEY = "BIGINT"
    WHOLE = "INTEGER"
    NUMBER = "DOUBLE PRECISION"
    TEXT = "VARCHAR(65535)"  # without a length, Redshift would cut at 256 bytes
    TRUTH = "BOOLEAN"
    DATE = "DATE"
    MOMENT = "TIMESTAMP"


@dataclass(frozen=True)
class Column:
    """A column.

    Attributes
    ----------
    name : str
    kind : Kind
    words : str
        What it holds, with its unit; the column's comment in the database.
    to : str
        The dimension that it leads to, if any.
    always : bool
        Whether it is never null.
    """

    name: str
    kind: Kind
    words: str
    to: str = ""
    always: bool = False


@dataclass(frozen=True)
class Table:
    """A table.

    Attributes
    ----------
    name : str
    words : str
        What one row is; the table's comment.
    columns : tuple of Column
    key : tuple of str
        Columns that no two rows share.
    """

    name: str
    words: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns, in their order."""
        return tuple(column.name for column in self.columns)

    @property
    def links(self) -> tuple[Column, ...]:
        """Columns that lead to a dimension."""
        return tuple(column for column in self.columns if column.to)


def text(name: str, words: str, *, always: bool = False) -> Column:
    """A column of text."""
    return Column(name, Kind.TEXT, words, always=always)


def number(name: str, words: str, *, always: bool = False) -> Column:
    """A column of numbers."""
    return Column(name, Kind.NUMBER, words, always=always)


def whole(name: str, words: str) -> Column:
    """A column of whole numbers."""
    return Column(name, Kind.WHOLE, words)


def truth(name: str, words: str, *, always: bool = False) -> Column:
    """A column of yes and no."""
    return Column(name, Kind.TRUTH, words, always=always)


def link(name: str, to: str, words: str, *, always: bool = True) -> Column:
    """A column that leads to a dimension; dates are led to by yyyymmdd."""
    return Column(name, Kind.WHOLE if to == "dim_date" else Kind.KEY, words, to, always)


def spread(stem: str, words: str, *parts: str) -> tuple[Column, ...]:
    """Mean and interval of a quantity, with `parts` in place of mean, hdi_low and hdi_high."""
    said = {
        "mean": "Posterior mean.",
        "median": "Posterior median.",
        "hdi_low": "Lower end of the interval of probability `hdi`.",
        "hdi_high": "Upper end of the interval of probability `hdi`.",
        "low": "Lower end of the interval of probability `hdi`.",
        "high": "Upper end of the interval of probability `hdi`.",
    }
    chosen = parts or ("mean", "hdi_low", "hdi_high")
    return tuple(number(f"{stem}_{part}", f"{words} {said[part]}") for part in chosen)
