"""How numbers are written, and that the colours stay apart."""

from __future__ import annotations

import json
import math

import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st
from plotly.subplots import make_subplots

from outlay import style


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (0, "0"),
        (12_345_678, "12.3M"),
        (999_600, "1.00M"),  # rounding happens before the unit is chosen
        (-4_321, "-4.32k"),
        (0.01234, "0.0123"),
        (7.8e9, "7.80B"),
        (float("nan"), "n/a"),
        (None, "n/a"),
    ],
)
def test_numbers(x: float | None, text: str) -> None:
    assert style.number(x) == text


def test_money_percent_ratio_and_signs() -> None:
    assert style.money(12_345_678, "USD") == "$12.3M"
    assert style.money(-5_000, "CHF") == "-CHF 5.00k"
    assert style.percent(0.0224) == "2.2%"
    assert style.percent(0.0031) == "0.31%"
    assert style.ratio(1.884) == "1.88"
    assert style.ratio(0.00123) == "0.00123"
    assert style.signed("12.3M") == "+12.3M"
    assert style.signed("-12.3M") == "-12.3M"
    assert style.amount(-0.001) == "0"


@given(st.floats(min_value=1e-6, max_value=1e14))
def test_a_written_number_is_within_half_a_per_cent(x: float) -> None:
    """Three significant digits: the error is at most half of the third digit, 0.5 % of the smallest mantissa."""
    units = {"T": 1e12, "B": 1e9, "M": 1e6, "k": 1e3}
    text = style.number(x)
    value = float(text.rstrip("TBMk")) * units.get(text[-1], 1.0)
    assert math.isclose(value, x, rel_tol=0.00501)


def test_colours_are_distinct_and_stable() -> None:
    names = [f"channel {i}" for i in range(13)]
    given_ = style.colours(names)
    assert len(set(given_.values())) == 13
    assert style.colours(names[:5]) == {name: given_[name] for name in names[:5]}


def test_layout_merges_inner_settings() -> None:
    made = style.layout(xaxis={"title": {"text": "spend"}})
    assert made["xaxis"]["title"]["text"] == "spend"
    assert made["xaxis"]["title"]["font"]["size"] == 13
    assert style.layout()["xaxis"]["title"].get("text") is None


def test_both_ends_of_a_small_interval_have_the_decimals_of_the_larger():
    """Five digits of an end near zero would say more than the posterior knows."""
    assert style.ratio_between(0.000187, 0.0712) == "0.000 to 0.071"
    assert style.ratio_between(0.011, 20.07) == "0.01 to 20.07"


def test_a_figure_that_is_dressed_is_one_whose_layout_was_updated() -> None:
    """In one assignment, and over what was laid out before: subplots, notes and lines."""

    def drawn() -> go.Figure:
        figure = make_subplots(rows=2, cols=1, shared_xaxes=True, row_heights=[0.7, 0.3])
        figure.add_scatter(x=[1, 2], y=[3, 4], row=2, col=1)
        figure.add_hline(y=1.0, line={"color": "#123456"})
        return figure.add_annotation(x=1, y=2, text="here")

    more = {"height": 300, "yaxis": {"title": {"text": "spend"}}, "margin": {"l": 5}}
    dressed, updated = style.dressed(drawn(), **more), drawn().update_layout(**style.layout(**more))
    assert json.loads(dressed.to_json()) == json.loads(updated.to_json())
    axis = {"gridcolor": "#ABCDEF"}
    relaid = style.relaid(dressed, {"font": {"color": "#FEDCBA"}}, axis)
    updated.update_layout(font={"color": "#FEDCBA"}).update_xaxes(**axis).update_yaxes(**axis)
    assert json.loads(relaid.to_json()) == json.loads(updated.to_json())
    assert (len(relaid.layout.annotations), len(relaid.layout.shapes)) == (1, 1)
