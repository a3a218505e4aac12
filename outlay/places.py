"""Where in a table something is, in words: file, column, and the first few lines with their number."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

import numpy as np
from numpy.typing import NDArray

SHOWN = 5
"""How many lines or values a message names before it only counts."""


def place(source: str, *, column: str = "", word: str = "line", rows: NDArray[np.int64] | None = None) -> str:
    """For example ``weekly.csv, column tv_spend, lines 5, 9, 12 and 40 more``."""
    parts = [source]
    if column:
        parts.append(f"column {column}")
    if rows is not None and len(rows):
        parts.append(f"{word}{'' if len(rows) == 1 else 's'} {first_few(str(row) for row in rows[:SHOWN])}")
        if len(rows) > SHOWN:
            parts[-1] += f" and {len(rows) - SHOWN} more"
    return ", ".join(parts)


def first_few(words: Iterable[str]) -> str:
    """At most :data:`SHOWN` words, with commas between."""
    return ", ".join(islice(words, SHOWN))


def quoted(texts: Iterable[object]) -> str:
    """The first few different texts in quotes, each shortened; the control characters are spelled out."""
    return first_few(_quote(text) for text in dict.fromkeys(texts))


def _quote(text: object) -> str:
    plain = str(text).encode("unicode_escape").decode() if not str(text).isprintable() else str(text)
    return f'"{plain}"' if len(plain) <= 40 else f'"{plain[:37]}..."'


def counted(number: int, noun: str) -> str:
    """For example ``1 cell`` or ``45 cells``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
