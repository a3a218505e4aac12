"""Grades, captures and the hand-over against tables that were counted by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta

from attribution.captures import calibration_table, capture_table, months_table, tenths
from attribution.grades import GRADES, Capacity, cut_off, grade, hand_over
from attribution.scores_metrics import cost_matrix, cost_table, decide, threshold, top_by

TEN = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.05])


def test_grades_of_ten() -> None:
    # 10, 20, 30, 30, 10 per cent of ten leads are 1, 2, 3, 3 and 1 of them
    graded = grade(TEN)
    assert "".join(graded.grade) == "ABBCCCDDDE"
    assert graded.rank.tolist() == list(range(1, 11))
    assert graded.lowest == {"A": 0.9, "B": 0.7, "C": 0.4, "D": 0.1, "E": 0.05}
    assert graded.split == 0


def test_grades_do_not_depend_on_the_order_of_the_table() -> None:
    order = np.array([3, 7, 0, 9, 1, 5, 2, 8, 6, 4])
    assert "".join(grade(TEN[order]).grade) == "".join(np.array(list("ABBCCCDDDE"))[order])


def test_among_equals_the_earlier_comes_first_and_is_told() -> None:
    # all five 0.5s stand at ranks 1 to 5: A, B, B, C, C; each shares its score with a lead of another grade
    graded = grade(np.array([0.5, 0.5, 0.5, 0.5, 0.5, 0.4, 0.3, 0.2, 0.1, 0.0]))
    assert "".join(graded.grade) == "ABBCCCDDDE"
    assert graded.split == 5


@given(st.lists(st.floats(0, 1), min_size=1, max_size=200))
def test_grades_have_their_sizes_and_follow_the_score(scores: list[float]) -> None:
    graded = grade(np.array(scores))
    ends = np.cumsum([int((graded.grade == g).sum()) for g in GRADES])
    # halves round up: the largest distance from the exact part is half a lead
    assert np.all(np.abs(ends - len(scores) * np.cumsum([0.1, 0.2, 0.3, 0.3, 0.1])) <= 0.5 + 1e-9)
    assert ends[-1] == len(scores)
    ranked = np.array(scores)[np.argsort(graded.rank)]
    assert np.all(np.diff(ranked) <= 0)


def test_no_lead_has_no_grade() -> None:
    assert grade(np.array([])).lowest == {}


def test_the_capture_table_of_ten() -> None:
    # conversions: the A lead, both B leads, one C lead: 4 in all, so that A caught 1/4, A and B 3/4
    outcome = np.array([1, 1, 1, 1, 0, 0, 0, 0, 0, 0], float)
    table = capture_table(grade(TEN).grade, outcome, 0.9).set_index("grade")
    assert table["leads"].tolist() == [1, 2, 3, 3, 1]
    assert table["converted"].tolist() == [1, 2, 1, 0, 0]
    assert table["rate"].tolist() == pytest.approx([1, 1, 1 / 3, 0, 0])
    assert table["captured"].tolist() == pytest.approx([0.25, 0.5, 0.25, 0, 0])
    assert table["caught"].tolist() == pytest.approx([0.25, 0.75, 1, 1, 1])
    # lift is the grade's rate over the overall 0.4
    assert table["lift"].tolist() == pytest.approx([2.5, 2.5, 1 / 3 / 0.4, 0, 0])
    # Jeffreys' interval of 1 in 3 at 90 %: quantiles of Beta(1.5, 2.5) (scipy 1.17)
    assert table.loc["C", ["rate_low", "rate_high"]].tolist() == pytest.approx(beta(1.5, 2.5).ppf([0.05, 0.95]))
    assert table.loc["D", "rate_low"] == 0.0


def test_captures_without_a_conversion_are_empty_and_not_an_error() -> None:
    table = capture_table(grade(TEN).grade, np.zeros(10), 0.9)
    assert table["captured"].isna().all()
    assert table["rate"].eq(0).all()


def test_calibration_by_name() -> None:
    names = np.array(["x"] * 6 + ["y"] * 4, object)
    outcome = np.array([1, 1, 1, 0, 0, 0, 0, 0, 0, 0], float)
    table = calibration_table(np.full(10, 0.5), outcome, names, 0.9).set_index("name")
    assert table.loc["x", "observed"] == 0.5
    assert bool(table.loc["x", "inside"])
    # Jeffreys' upper end of 0 in 4 is the 95 % quantile of Beta(0.5, 4.5), 0.362: a half is outside
    assert not bool(table.loc["y", "inside"])
    assert table.loc["y", "observed_high"] == pytest.approx(beta(0.5, 4.5).ppf(0.95))


def test_tenths_are_ten_and_add_up() -> None:
    rng = np.random.default_rng(1)
    table = tenths(rng.random(1003), (rng.random(1003) < 0.3).astype(float), 0.9)
    assert len(table) == 10
    assert table["leads"].sum() == 1003
    assert set(table["leads"]) == {100, 101}


def test_months_count_what_the_best_grades_hold() -> None:
    month = np.array(["2025-01"] * 2 + ["2025-02"] * 2, object)
    outcome, letters = np.array([1.0, 1, 1, 0]), np.array(["A", "C", "B", "E"])
    table = months_table(month, outcome, np.full(4, 0.5), letters, np.array(["E", "E", "A", "A"]), 0.9)
    assert table["caught"].tolist() == [1, 1]
    assert table["caught_share"].tolist() == [0.5, 1.0]
    assert table["rules_caught"].tolist() == [0, 1]
    assert table["expected"].tolist() == [1.0, 1.0]


def test_hours_are_spent_on_the_most_worth_an_hour() -> None:
    # 6 hours at 2 hours a lead are three leads: the best three
    chosen = hand_over(TEN, np.array(["x"] * 10, object), Capacity(6.0, 2.0))
    assert chosen.tolist() == [True] * 3 + [False] * 7
    # b leads take 4 hours and are worth 0.9 / 4 an hour, a leads 0.4 / 1: the cheap ones come first
    segment = np.array(["b", "a", "a"], object)
    assert hand_over(np.array([0.9, 0.4, 0.3]), segment, Capacity(3.0, {"a": 1.0, "b": 4.0})).tolist() == [
        False,
        True,
        True,
    ]


def test_hours_that_are_just_enough_are_enough() -> None:
    # 0.1 + 0.2 is 0.30000000000000004 in floating point and fits into 0.3 all the same
    segment = np.array(["a", "b"], object)
    assert hand_over(np.array([0.5, 0.9]), segment, Capacity(0.3, {"a": 0.1, "b": 0.2})).all()


def test_each_segment_has_its_own_hours_and_one_without_has_none() -> None:
    segment = np.array(["x", "x", "y", "z"], object)
    chosen, table = cut_off(TEN[:4], grade(TEN[:4]).grade, TEN[:4], segment, Capacity({"x": 1.0, "y": 5.0}, 1.0))
    assert chosen.tolist() == [True, False, True, False]
    x = table.set_index("segment").loc["x"]
    assert (x["handed"], x["left_out"], x["hours_used"]) == (1, 1, 1.0)
    assert (x["expected"], x["left_expected"]) == (0.9, 0.8)


def test_the_threshold_is_where_both_mistakes_cost_the_same() -> None:
    # at p the cost of leaving is 9 p, that of working 1 - p: equal at 0.1
    assert threshold(9.0, 1.0) == pytest.approx(0.1)


def test_costs_of_four_leads() -> None:
    probability, outcome = np.array([0.9, 0.5, 0.2, 0.05]), np.array([1.0, 0, 1, 0])
    rules = np.array([1.0, 1, 1, 1])
    table = cost_table(probability, outcome, 9.0, 1.0, rules).set_index("way")
    # the first three are worked: one of them wasted, none missed
    assert table.loc["probability at the threshold", "cost"] == 1.0
    # rules tie: three quarters of every lead is worked, half a good lead missed, one and a half wasted
    assert table.loc["rules, as many leads", "cost"] == pytest.approx(0.5 * 9 + 1.5)
    assert table.loc["everyone", "cost"] == 2.0
    assert table.loc["nobody", "cost"] == 18.0
    assert table.loc["probability at the threshold", "expected_per_lead"] == pytest.approx((0.1 + 0.5 + 0.8 + 0.45) / 4)


def test_ties_at_the_border_count_in_proportion() -> None:
    assert top_by(np.array([3.0, 2, 2, 1]), 2).tolist() == [1, 0.5, 0.5, 0]
    assert top_by(np.array([3.0, 2]), 0).tolist() == [0, 0]


def test_a_rare_class_is_decided_for_where_missing_it_costs_enough() -> None:
    costs = cost_matrix(("none", "buy"), {"buy": {"none": 30.0}})
    assert costs.tolist() == [[0, 1], [30, 0]]
    # at 4 % the expected costs are 1.2 and 0.96: act although the class is unlikely
    assert decide(np.array([[0.96, 0.04], [0.98, 0.02]]), costs).tolist() == [1, 0]
