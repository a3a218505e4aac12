"""Numbers with the marks of the project: the same digits, other marks, and only where they were asked for."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outlay import style

WRITERS = (style.number, style.amount, style.percent, style.ratio, lambda x: style.money(x, "EUR"), style.change)


@pytest.mark.parametrize(
    ("numbers", "said"),
    [("1,234.56", "1,234.56"), ("1.234,56", "1.234,56"), ("1 234,56", "1\u00a0234,56"), ("1'234.56", "1'234.56")],
)
def test_a_project_writes_as_it_says(numbers: str, said: str) -> None:
    with style.numbers_as(numbers):
        assert style.amount(1234.56, 2) == said
        assert f"{style.Written(1234.56):,.2f}" == said
    assert style.amount(1234.56, 2) == "1,234.56"


@given(st.floats(-1e12, 1e12), st.sampled_from(list(style.MARKS)))
def test_only_the_marks_differ(x: float, numbers: str) -> None:
    thousands, decimal = style.MARKS[numbers]
    for write in WRITERS:
        plain = write(x)
        with style.numbers_as(numbers):
            assert write(x) == plain.translate({44: thousands, 46: decimal})


def test_charts_write_as_the_project_does() -> None:
    with style.numbers_as("1.234,56"):
        assert style.layout()["separators"] == ",."
    assert style.layout()["separators"] == ".,"


def test_another_thread_is_left_alone() -> None:
    seen: list[str] = []
    with style.numbers_as("1.234,56"):
        other = threading.Thread(target=lambda: seen.append(style.amount(1234.5, 1)))
        other.start()
        other.join()
        assert style.amount(1234.5, 1) == "1.234,5"
    assert seen == ["1,234.5"]
