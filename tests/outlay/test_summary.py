"""Summaries of draws against closed forms and against ArviZ."""

from __future__ import annotations

import numpy as np
import pytest
from arviz_stats.base import array_stats
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from outlay.summary import hdi_bounds, summarise

QUANTILES = (np.arange(200_000) + 0.5) / 200_000
"""A sample without chance: the quantiles of a distribution at 200,000 even steps."""


def test_the_interval_of_a_normal_is_symmetric_around_its_mean() -> None:
    low, high = hdi_bounds(stats.norm(3.0, 2.0).ppf(QUANTILES), 0.9)
    # mean +- 1.6449 sd; the width of a flat optimum moves its place by the square root of the step
    assert low == pytest.approx(3.0 - 2.0 * 1.6449, abs=0.01)
    assert high == pytest.approx(3.0 + 2.0 * 1.6449, abs=0.01)


@pytest.mark.parametrize("level", [0.5, 0.8, 0.9, 0.99])
def test_the_interval_of_an_exponential_starts_at_zero(level: float) -> None:
    """Its density falls from zero on, so the narrowest interval is [0, -log(1 - level)]."""
    low, high = hdi_bounds(stats.expon.ppf(QUANTILES), level)
    assert low == pytest.approx(0.0, abs=1e-5)
    assert high == pytest.approx(-np.log(1 - level), rel=1e-3)


def test_the_interval_is_narrower_than_equal_tails_where_the_draws_are_skewed() -> None:
    draws = stats.lognorm(1.0).ppf(QUANTILES)
    low, high = hdi_bounds(draws, 0.9)
    tails = np.quantile(draws, [0.05, 0.95])
    assert high - low < tails[1] - tails[0]
    assert ((draws >= low) & (draws <= high)).mean() == pytest.approx(0.9, abs=1e-4)


@given(seed=st.integers(0, 10_000), n=st.integers(2, 400), level=st.sampled_from([0.5, 0.9, 0.94]))
def test_intervals_are_those_of_arviz(seed: int, n: int, level: float) -> None:
    """arviz-stats 1.x ``hdi(method="nearest")``: the same draws as ends, so equal to the last bit."""
    draws = np.random.default_rng(seed).gamma(2.0, size=n)
    if int(np.floor(level * n)) == 0:
        return  # fewer draws than the interval needs: ArviZ refuses, ours is one step wide
    theirs = array_stats.hdi(draws, prob=level, method="nearest")
    np.testing.assert_array_equal(hdi_bounds(draws, level), theirs)


def test_columns_are_summarised_each_for_itself() -> None:
    draws = np.random.default_rng(0).normal(size=(500, 3, 2)) * [1.0, 10.0]
    whole = summarise(draws, 0.8)
    for i in range(3):
        for j in range(2):
            one = summarise(draws[:, i, j], 0.8)
            for name in ("mean", "median", "sd", "low", "high"):
                # The sum over a strided column is taken in another order.
                assert getattr(whole, name)[i, j] == pytest.approx(getattr(one, name), rel=1e-12)
    assert whole.sd[1, 1] == pytest.approx(np.std(draws[:, 1, 1], ddof=1), rel=1e-12)


def test_the_table_s_columns_have_the_names_of_the_design() -> None:
    names = list(summarise(np.arange(10.0), 0.9).columns("roi"))
    assert names == ["roi_mean", "roi_median", "roi_hdi_low", "roi_hdi_high"]


def test_one_draw_and_equal_draws_are_points() -> None:
    for draws in (np.array([4.0]), np.full(50, 4.0)):
        it = summarise(draws, 0.9)
        assert (it.mean, it.median, it.sd, it.low, it.high) == (4.0, 4.0, 0.0, 4.0, 4.0)


def test_a_draw_that_is_not_a_number_is_seen_in_the_mean() -> None:
    assert np.isnan(summarise(np.array([1.0, np.nan, 2.0]), 0.9).mean)
