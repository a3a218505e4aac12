"""How findings about customers say counts, columns and values."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from outlay.transforms import Array

_NAMED = 12
_LONGEST = 1e19
YEAR = "year"
"""Unit of numbers that are years: 1945 and not 1,945."""


def how_many(number: int, noun: str) -> str:
    """For example ``1 cell`` or ``1,429 cells``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def spoken(value: float, unit: str = "") -> str:
    """A number as a message shows it: 666,666 and 0.25 and 1,730.5; a year is 1945."""
    if unit == YEAR:
        return f"{value:.0f}"
    if abs(value) >= 1000 or value == round(value):
        return f"{value:,.0f}" if value == round(value) else f"{value:,.1f}"
    return f"{value:.3g}"


def money(value: float, currency: str) -> str:
    """Money as a message shows it: GBP 1,447,682, EUR 18.90."""
    return (f"{currency} {value:,.0f}" if abs(value) >= 1000 else f"{currency} {value:,.2f}").lstrip()


def listed(names: Iterable[str], most: int = _NAMED) -> str:
    """Names with commas between, at most a dozen."""
    every = list(names)
    return ", ".join(every[:most]) + (f" and {len(every) - most} more" if len(every) > most else "")


def per_column(counts: Mapping[str, int], noun: str = "") -> str:
    """Counts by column, for example ``Income 24, Region 3``."""
    unit = f" {noun}" if noun else ""
    return listed(f"{name} {count:,}{unit}" for name, count in counts.items())


def level_texts(values: Array) -> NDArray[np.object_]:
    """Numbers as names of levels: 1.0 is ``"1"``; None where missing."""
    texts = np.full(len(values), None, dtype=object)
    filled = ~np.isnan(values)
    unique, codes = np.unique(values[filled], return_inverse=True)
    texts[filled] = np.array([level_text(value) for value in unique], dtype=object)[codes]
    return texts


def level_text(value: float) -> str:
    """A number as the name of a level; of whole numbers every digit, or long ids would become one."""
    whole = math.isfinite(value) and value == math.floor(value) and abs(value) < _LONGEST
    return f"{value:.0f}" if whole else f"{value:.15g}"
