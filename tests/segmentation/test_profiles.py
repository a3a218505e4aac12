"""Profiles: means, shares, lifts and what tells segments apart, with intervals that hold what they say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmentation.profile_parts import BINS, Weighed, counts_of, dominance, ordered_codes
from segmentation.profiles import MOST_LEVELS, REST, Profile, profile
from tests.segmentation.customers_made import customers_of

NUMBERS = np.array([1, 1, 1, 2, 2, 2])


def by_hand() -> Profile:
    """Six customers: three who spend 10, 20, 30 and three who spend 0, 10, 20."""
    return profile(
        customers_of(
            {"visits": np.array([4.0, 6.0, 8.0, 0.0, 1.0, np.nan])},
            {"town": np.array(["a", "a", "b", "b", "b", None], dtype=object)},
            value=np.array([10.0, 20.0, 30.0, 0.0, 10.0, 20.0]),
        ),
        NUMBERS,
        0.9,
    )


def row(found: Profile, number: int, feature: str, level: str | None = None) -> pd.Series:
    part = found.features[(found.features["number"] == number) & (found.features["feature"] == feature)]
    return (part if level is None else part[part["level"] == level]).iloc[0]


def test_sizes_and_value_by_hand() -> None:
    table = by_hand().segments
    assert table["customers"].tolist() == [3, 3]
    assert table["value"].tolist() == [60, 30]
    assert table["value_share"].tolist() == pytest.approx([2 / 3, 1 / 3])
    assert table["value_per_customer"].tolist() == [20, 10]
    assert table["value_lift"].tolist() == pytest.approx([20 / 15, 10 / 15])


def test_means_lifts_and_shares_by_hand() -> None:
    found = by_hand()
    one = row(found, 1, "visits")
    # five of six cells are filled: mean 19 / 5
    assert (one["mean"], one["population"]) == (6.0, pytest.approx(3.8))
    assert one["lift"] == pytest.approx(6 / 3.8)
    assert one["apart"] == pytest.approx(2.2)
    assert row(found, 2, "visits")["missing"] == pytest.approx(1 / 3)
    assert row(found, 2, "visits")["zeros"] == pytest.approx(1 / 2)
    town = row(found, 1, "town", "a")
    assert (town["mean"], town["population"], town["lift"]) == pytest.approx((2 / 3, 2 / 5, 5 / 3))
    # every customer of segment 1 visits more often than every one of segment 2
    assert one["effect"] == 1.0
    assert town["effect"] == pytest.approx(2 / 3)


def test_intervals_of_means_are_students() -> None:
    # t quantile of 0.95 with 2 degrees of freedom is 2.92; the standard error of 4, 6, 8 is 2 / sqrt(3)
    one = row(by_hand(), 1, "visits")
    assert one["low"] == pytest.approx(6 - 2.91999 * 2 / np.sqrt(3), abs=1e-4)


def test_dominance_is_the_difference_of_shares_in_a_yes_no_column() -> None:
    rng = np.random.default_rng(1)
    flag, numbers = (rng.random(400) < 0.3).astype(float), rng.integers(1, 3, 400)
    found = profile(customers_of({"flag": flag}), numbers, 0.9)
    difference = flag[numbers == 1].mean() - flag[numbers == 2].mean()
    assert row(found, 1, "flag")["effect"] == pytest.approx(difference, abs=1e-12)


def test_dominance_against_all_pairs() -> None:
    rng = np.random.default_rng(2)
    values, place = np.round(rng.lognormal(size=300), 1), rng.integers(0, 3, 300)
    rows = Weighed(place, np.ones(300), 3)
    codes, count = ordered_codes(values)
    delta, low, high = dominance(counts_of(rows, codes, count), rows.rows(), 0.9)
    inside, outside = values[place == 1], values[place != 1]
    pairs = np.sign(inside[:, None] - outside[None, :]).mean()
    assert delta[1] == pytest.approx(pairs, abs=1e-12)
    assert low[1] < pairs < high[1]


def test_many_values_are_told_apart_to_one_in_thousands() -> None:
    rng = np.random.default_rng(3)
    values, place = rng.normal(size=20_000), rng.integers(0, 2, 20_000)
    values += 0.3 * place
    codes, count = ordered_codes(values)
    assert count == BINS
    rows = Weighed(place, np.ones(len(values)), 2)
    delta = dominance(counts_of(rows, codes, count), rows.rows(), 0.9)[0]
    ranks = pd.Series(values).rank().to_numpy()
    inside = place == 1
    exact = 2 * (ranks[inside].mean() - (inside.sum() + 1) / 2) / (~inside).sum() - 1
    # values in one bin of 4,096 count as equal: of all pairs 1 / 4096 at most
    assert delta[1] == pytest.approx(exact, abs=1 / BINS)


@given(st.integers(0, 2**32 - 1))
def test_order_of_rows_and_a_change_of_unit_change_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values, numbers = rng.lognormal(size=60), np.append(rng.integers(1, 4, 57), [1, 2, 3])
    order = rng.permutation(60)
    one = profile(customers_of({"x": values}), numbers, 0.9).features
    two = profile(customers_of({"x": 1000 * values[order]}), numbers[order], 0.9).features
    assert two["mean"].to_numpy() == pytest.approx(1000 * one["mean"].to_numpy(), rel=1e-9)
    for column in ("lift", "lift_low", "lift_high", "effect", "effect_low"):
        assert two[column].to_numpy() == pytest.approx(one[column].to_numpy(), rel=1e-9, abs=1e-12)


def test_parts_add_up_to_the_whole() -> None:
    rng = np.random.default_rng(4)
    n = 500
    numbers = rng.integers(1, 5, n)
    customers = customers_of(
        {"x": rng.lognormal(size=n)}, {"c": rng.choice(["a", "b", "c"], n)}, value=rng.lognormal(3, 1, n)
    )
    found = profile(customers, numbers, 0.9)
    assert found.segments["size_share"].sum() == pytest.approx(1)
    assert found.segments["value_share"].sum() == pytest.approx(1)
    size = found.segments.set_index("number")["customers"]
    for feature, level in (("x", None), ("c", "a")):
        own = found.features[(found.features["feature"] == feature)]
        own = own if level is None else own[own["level"] == level]
        mean = (own.set_index("number")["mean"] * size).sum() / n
        assert mean == pytest.approx(own["population"].iloc[0])


def test_weights_count_customers_and_intervals_count_rows() -> None:
    rng = np.random.default_rng(5)
    values, numbers = rng.lognormal(size=200), np.tile([1, 2], 100)
    one = profile(customers_of({"x": values}, value=values), numbers, 0.9)
    ten = profile(customers_of({"x": values}, value=values, weight=np.full(200, 10.0)), numbers, 0.9)
    assert ten.segments["customers"].tolist() == [1000, 1000]
    for column in ("mean", "low", "high", "lift_low"):
        assert ten.features[column].to_numpy() == pytest.approx(one.features[column].to_numpy())


@pytest.mark.slow
def test_intervals_of_lifts_and_effects_hold_as_often_as_they_say() -> None:
    truth_lift, runs = 1.5 / 1.25, 400  # means 1.5 and 1 in two segments of one size: lift of the first 1.5 / 1.25
    held_lift = held_share = held_effect = 0
    rng = np.random.default_rng(6)
    for _ in range(runs):
        numbers = np.repeat([1, 2], 150)
        x = rng.gamma(2, np.where(numbers == 1, 0.75, 0.5))
        c = np.where(rng.random(300) < np.where(numbers == 1, 0.2, 0.05), "y", "n")
        found = profile(customers_of({"x": x}, {"c": c}), numbers, 0.9)
        one, share = row(found, 1, "x"), row(found, 1, "c", "y")
        held_lift += one["lift_low"] <= truth_lift <= one["lift_high"]
        held_share += share["lift_low"] <= 0.2 / 0.125 <= share["lift_high"]
        held_effect += share["effect_low"] <= 0.15 <= share["effect_high"]
    # 400 intervals of 90 %: standard error 0.015, three of them 0.045; false alarm 0.3 % each
    for held in (held_lift, held_share, held_effect):
        assert held / runs == pytest.approx(0.9, abs=0.045)


def test_a_segment_of_all_has_lifts_of_one() -> None:
    found = profile(customers_of({"x": np.arange(1.0, 9)}), np.ones(8, dtype=int), 0.9)
    one = row(found, 1, "x")
    assert (one["lift"], one["lift_low"], one["lift_high"], one["effect"]) == (1, 1, 1, 0)
    assert found.told(1).empty


def test_numbers_below_nothing_have_a_difference_and_no_lift() -> None:
    one = row(profile(customers_of({"profit": np.array([-5.0, 5, 10, 10, 20, 30])}), NUMBERS, 0.9), 2, "profit")
    assert np.isnan(one["lift"])
    assert one["apart"] == pytest.approx(20 - 70 / 6)


def test_a_level_that_a_segment_has_none_of_keeps_an_interval() -> None:
    n = 100
    town = np.where(np.arange(2 * n) < n, "a", "b")
    found = profile(customers_of({}, {"town": town}), np.repeat([1, 2], n), 0.9)
    none = row(found, 1, "town", "b")
    assert (none["mean"], none["low"], none["lift"], none["lift_low"]) == (0, 0, 0, 0)
    assert 0 < none["high"] < 0.05
    assert none["lift_high"] > 0


def test_only_features_have_ranks_and_one_level_each() -> None:
    rng = np.random.default_rng(7)
    numbers = np.repeat([1, 2], 200)
    customers = customers_of(
        {"x": rng.normal(size=400) + numbers, "noise": rng.normal(size=400)},
        {"c": np.where(rng.random(400) < numbers / 3, "a", "b")},
        others={"response": (numbers == 1).astype(float)},
    )
    told = profile(customers, numbers, 0.999).told(1)
    # "noise" is inside its interval (false alarm 0.1 %), "response" made no segments, "c" comes once
    assert told["feature"].tolist() in (["x", "c"], ["c", "x"])
    assert told["rank"].tolist() == [1, 2]


def test_rare_levels_stand_together_and_are_told() -> None:
    rng = np.random.default_rng(8)
    town = np.array([f"t{i:02d}" for i in range(40)])[np.minimum(rng.geometric(0.1, 2000) - 1, 39)]
    found = profile(customers_of({}, {"town": town}), rng.integers(1, 3, 2000), 0.9)
    levels = found.features["level"].unique()
    assert len(levels) == MOST_LEVELS
    assert REST in levels
    assert [finding.id for finding in found.findings] == ["K052", "K050"]


def test_missing_values_are_left_out_of_money_and_told() -> None:
    value = np.array([10.0, np.nan, 30.0, 0.0, 10.0, 20.0])
    found = profile(customers_of({"x": np.arange(6.0)}, value=value), NUMBERS, 0.9)
    assert found.segments["value_per_customer"].tolist() == [20, 10]
    assert found.segments["value_missing"].tolist() == [1, 0]
    told = next(finding for finding in found.findings if finding.id == "K051")
    assert told.where.endswith("column sales, line 3")  # the header is line 1


def test_it_says_that_segments_were_made_from_the_same_features() -> None:
    assert "K050" in [finding.id for finding in by_hand().findings]


def test_one_customer_does_not_stand_out_surely() -> None:
    """A segment of one or two customers who are alike: by chance, for all that is known."""
    rng = np.random.default_rng(0)
    numbers = np.r_[1, 2, 2, np.full(197, 3)]
    level = np.where(np.arange(200) < 3, "x", rng.choice(["x", "y"], 200))
    amount = np.r_[9.0, 2.0, 2.0, rng.normal(2.0, 1.0, 197)]
    found = profile(customers_of({"amount": amount}, categories={"kind": level}), numbers, 0.9)
    assert found.told(1).empty
    assert found.told(2).empty
    x = found.features[(found.features["level"] == "x") & (found.features["number"] < 3)]
    population = float((level == "x").mean())
    assert (x["apart_high"] <= 1 - population + 1e-12).all()  # no share is above 1
    assert (x["lift_high"] <= 1 / population + 1e-12).all()
    assert (x["lift"] <= x["lift_high"]).all()
