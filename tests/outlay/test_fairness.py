"""Rates by level: intervals, ratios to the highest, and the strength of a link."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from outlay.fairness import MISSING, RARE, cramers_v, levels_of, rates_by_level, verdict


def test_cramers_v_of_a_known_table() -> None:
    # 2 x 2 with 30, 20, 10, 40: chi2 = 100 (30 40 - 20 10)^2 / (50 50 40 60) = 16.67, phi2 = 0.1667. Bergsma (2013):
    # (0.1667 - 1/99) over (2 - 1/99 - 1), rooted
    rows = np.repeat(["a", "b"], 50).astype(object)
    columns = np.concatenate([np.repeat(["x", "y"], [30, 20]), np.repeat(["x", "y"], [10, 40])]).astype(object)
    expected = np.sqrt((1 / 6 - 1 / 99) / (2 - 1 / 99 - 1))
    assert cramers_v(rows, columns, np.ones(100)) == pytest.approx(expected)


def test_cramers_v_of_no_link_is_about_nothing() -> None:
    rng = np.random.default_rng(1)
    found = [
        cramers_v(rng.integers(0, 10, 200).astype(object), rng.integers(0, 5, 200).astype(object), np.ones(200))
        for _ in range(50)
    ]
    # uncorrected it would be sqrt(36 / 199 / 4) = 0.21 on average
    assert np.mean(found) < 0.06
    assert cramers_v(
        np.array(["a", "b"] * 50, object), np.array(["a", "b"] * 50, object), np.ones(100)
    ) == pytest.approx(1)


def test_a_handful_does_not_set_the_measure() -> None:
    levels = np.array(["a"] * 100 + ["b"] * 100 + ["c"] * 3, dtype=object)
    outcome = np.concatenate([np.repeat([1, 0], [50, 50]), np.repeat([1, 0], [45, 55]), np.ones(3)]).astype(float)
    table = rates_by_level(levels, outcome, np.ones(203), 0.9).set_index("level")
    assert table.loc["a", "best"]  # and not c, with 3 of 3
    assert table["ratio"].tolist() == pytest.approx([1.0, 0.9, 2.0])
    assert table.loc["c", "high"] == 1.0


@pytest.mark.slow
def test_intervals_of_ratios_hold_as_often_as_they_say() -> None:
    rng = np.random.default_rng(2)
    levels, held, runs = np.repeat(["a", "b"], 300).astype(object), 0, 1000
    for _ in range(runs):
        outcome = (rng.random(600) < np.repeat([0.3, 0.15], 300)).astype(float)
        row = rates_by_level(levels, outcome, np.ones(600), 0.9).set_index("level").loc["b"]
        held += row["ratio_low"] <= 0.5 <= row["ratio_high"]
    # standard error sqrt(0.09 / 1000) = 0.0095; three of them: false alarm 0.3 %
    assert held / runs == pytest.approx(0.9, abs=0.029)


def test_nobody_has_the_outcome() -> None:
    table = rates_by_level(np.array(["a", "b"] * 40, object), np.zeros(80), np.ones(80), 0.9)
    assert table["ratio"].isna().all()
    assert (table["rate"] == 0).all()


def test_levels_of_numbers_text_and_holes() -> None:
    few = levels_of(pd.Series([1.0, 2.0, np.nan] * 40))
    assert (sorted(set(few.names)), few.cut) == (["(missing)", "1", "2"], "")
    many = levels_of(pd.Series(np.arange(1000.0)))
    assert sorted(set(many.names)) == ["0 to 249", "250 to 499", "500 to 749", "750 to 999"]
    assert "bands" in many.cut
    text = levels_of(pd.Series(["a"] * 40 + ["b"] * 40 + ["c", "d", None], dtype=object))
    assert sorted(set(text.names)) == [MISSING, RARE, "a", "b"]


@pytest.mark.parametrize(
    ("ratio", "high", "size", "said"),
    [
        (0.9, 1.0, 100, ""),
        (0.7, 0.75, 5, "below"),
        (0.7, 0.9, 100, "maybe"),
        (0.7, 0.9, 5, ""),
        (np.nan, np.nan, 9, ""),
    ],
)
def test_four_fifths(ratio: float, high: float, size: float, said: str) -> None:
    assert verdict(ratio, high, size) == said


def test_weights_move_rates_and_not_the_number_of_rows() -> None:
    levels = np.array(["a", "b"] * 60, object)
    outcome = np.tile([1.0, 0.0, 0.0, 1.0], 30)
    one = rates_by_level(levels, outcome, np.ones(120), 0.9)
    five = rates_by_level(levels, outcome, np.full(120, 5.0), 0.9)
    assert five["customers"].tolist() == [300, 300]
    assert five["low"].tolist() == pytest.approx(one["low"].tolist())
