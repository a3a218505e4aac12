"""Scores against closed forms: the score of a normal is known, so are those of a few draws."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from mmm.validation.scores import coverage, crps, inside, point_errors


def normal_crps(mean: float, sd: float, actual: float) -> float:
    """Gneiting and Raftery (2007), equation 21."""
    z = (actual - mean) / sd
    return sd * (z * (2 * norm.cdf(z) - 1) + 2 * norm.pdf(z) - 1 / np.sqrt(np.pi))


@pytest.mark.parametrize("actual", [0.0, 1.3, -4.0])
def test_many_draws_of_a_normal_score_as_the_normal_does(actual: float) -> None:
    """100,000 draws: the Monte Carlo error of a mean of sd 3 is 0.01, four of them 0.04."""
    draws = np.random.default_rng(1).normal(0.5, 3.0, 100_000)
    assert float(crps(draws, np.asarray(actual))) == pytest.approx(normal_crps(0.5, 3.0, actual), abs=0.04)


def test_the_score_is_fair_to_few_draws() -> None:
    """The mean score of three draws, over 40,000 repetitions, is that of the distribution: standard error 0.005.

    The plain estimate (pairs of a draw with itself counted) would be higher by a third of the spread, 0.19.
    """
    draws = np.random.default_rng(2).normal(0.0, 1.0, (3, 40_000))
    assert crps(draws, np.full(40_000, 0.3)).mean() == pytest.approx(normal_crps(0.0, 1.0, 0.3), abs=0.02)


@given(
    st.lists(st.floats(-50, 50), min_size=2, max_size=12), st.floats(-50, 50), st.floats(0.1, 10), st.floats(-20, 20)
)
def test_it_is_the_double_sum_and_moves_with_the_unit(
    values: list[float], y: float, scale: float, shift: float
) -> None:
    draws = np.array(values)
    pairs = np.abs(draws[:, None] - draws[None]).sum() / (len(draws) * (len(draws) - 1))
    assert float(crps(draws, np.asarray(y))) == pytest.approx(np.abs(draws - y).mean() - pairs / 2, abs=1e-9)
    moved = float(crps(scale * draws + shift, np.asarray(scale * y + shift)))
    assert moved == pytest.approx(scale * float(crps(draws, np.asarray(y))), abs=1e-8)


def test_one_draw_is_no_distribution() -> None:
    with pytest.raises(ValueError, match="two draws"):
        crps(np.zeros((1, 3)), np.zeros(3))


def test_zeros_are_left_out_of_mape_and_counted_in_wmape() -> None:
    errors = point_errors(np.array([1.0, 90.0, 220.0]), np.array([0.0, 100.0, 200.0]))
    assert errors.mape == pytest.approx(0.1)
    assert errors.wmape == pytest.approx(31.0 / 300.0)
    assert errors.zeros == 1
    nothing = point_errors(np.ones(2), np.zeros(2))
    assert np.isnan(nothing.mape)
    assert np.isnan(nothing.wmape)


def test_intervals_are_central() -> None:
    draws = np.arange(101.0)[:, None]
    actual = np.array([5.1, 4.9, 95.1, 50.0])
    assert inside(draws, actual, 0.9).tolist() == [True, False, False, True]


def test_coverage_knows_that_periods_are_wrong_together_and_counted_twice() -> None:
    """Half of the folds all inside and half all outside: what counts is the number of folds, and not of values."""
    folds = [np.ones(100, bool)] * 2 + [np.zeros(100, bool)] * 2
    share, error = coverage(folds, 0.9)
    assert share == 0.5
    assert error == pytest.approx(np.std([1, 1, 0, 0], ddof=1) / 2)
    even = [np.tile([True] * 9 + [False], 10)] * 4
    assert coverage(even, 0.9)[1] == pytest.approx(np.sqrt(0.09 / 400))
    assert coverage(even, 0.9, distinct=100)[1] == pytest.approx(np.sqrt(0.09 / 100))
