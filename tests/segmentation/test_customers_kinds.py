"""What a column holds, seen from all of its cells."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from segmentation.customers_kinds import Kind, kind_of

CELLS: dict[str, tuple[list[Any], Kind]] = {
    "whole numbers": ([1, 2, None], Kind.NUMBER),
    "numbers": ([1.5, None, float("nan")], Kind.NUMBER),
    "decimals": ([Decimal("1.25"), Decimal("2.50")], Kind.NUMBER),
    "truth": ([True, False], Kind.NUMBER),
    "days": ([date(2024, 1, 1), None], Kind.DATE),
    "times": ([datetime(2024, 1, 1, 10)], Kind.DATE),
    "nothing": ([None, None], Kind.EMPTY),
    "nan only": ([float("nan")], Kind.EMPTY),
    "blanks": (["  ", "", None], Kind.EMPTY),
    "text of numbers": (["1", " 2.5 ", "", "1e3", "-4,5"], Kind.NUMBER),
    "text of days": (["04-09-2012", "31-12-2013", ""], Kind.DATE),
    "text of times": (["2024-01-01 10:30:00", "2024-01-02 11:00"], Kind.DATE),
    "days without separators": (["20240131", "20231201"], Kind.DATE),
    "ids of eight digits": (["20240131", "20231299"], Kind.NUMBER),
    "names": (["north", "south"], Kind.TEXT),
    "names and a few numbers": (["north"] * 8 + ["1"], Kind.TEXT),
    "numbers and a word": (["1", "2", "3", "unknown"], Kind.MIXED),
    "amounts with a sign": (["$1,200", "$900"], Kind.NUMBER),
    "years": (["1957", "1999"], Kind.NUMBER),
    "a list": ([["a"], ["b"]], Kind.OTHER),
}


@pytest.mark.parametrize("name", CELLS)
def test_kind(name: str) -> None:
    cells, kind = CELLS[name]
    assert kind_of(pa.chunked_array([pa.array(cells)])).kind is kind


def test_codes_of_mostly_digits_are_names() -> None:
    """Numbers of articles such as 85123A are another in nearly every row, and half of them are digits only."""
    codes = [f"{k:05d}{'A' if k % 2 else ''}" for k in range(1000)]
    assert kind_of(pa.chunked_array([pa.array(codes)])).kind is Kind.TEXT


def test_one_bad_day_is_still_a_column_of_days() -> None:
    days = [f"2024-01-{k % 28 + 1:02d}" for k in range(99)] + ["2024-02-31"]
    assert kind_of(pa.chunked_array([pa.array(days)])).kind is Kind.DATE
