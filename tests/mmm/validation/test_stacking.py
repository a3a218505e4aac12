"""Weights against a search over all of them."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmm.validation.stacking import mixture, predictive_density, stacking_weights


def score(density: np.ndarray, weights: np.ndarray) -> float:
    return float(np.log(np.exp(density) @ weights).mean())


@pytest.mark.parametrize("k", [2, 3])
def test_no_mixture_on_a_grid_scores_higher(k: int) -> None:
    """A grid of hundredths; the optimum is at least as good as its best point, up to the tolerance of a millionth."""
    rng = np.random.default_rng(k)
    density = rng.normal(-1.0, 0.8, (60, k)) - np.array([0.0, 0.1, 0.4])[:k]
    best = max(score(density, np.array(w) / 100) for w in product(range(101), repeat=k) if sum(w) == 100)
    assert score(density, stacking_weights(density)) >= best - 1e-6


@given(st.integers(0, 10_000))
def test_what_is_missing_to_the_optimum_is_below_a_millionth(seed: int) -> None:
    """For a concave score, the mean ratio of a component to the mixture, less one, bounds what that component adds."""
    density = np.random.default_rng(seed).normal(size=(25, 4))
    mix = np.exp(density) @ stacking_weights(density)
    assert (np.exp(density) / mix[:, None]).mean(0).max() <= 1 + 2e-6


def test_a_forecast_that_is_always_better_has_all_the_weight() -> None:
    density = np.random.default_rng(1).normal(size=(40, 1)) + np.array([[0.0, -1.0, -30.0]])
    np.testing.assert_allclose(stacking_weights(density), [1, 0, 0], atol=1e-5)


def test_densities_that_underflow_are_weighed_all_the_same() -> None:
    density = np.array([[-5000.0, -5001.0], [-7001.0, -7000.0]])
    np.testing.assert_allclose(stacking_weights(density), [0.5, 0.5], atol=1e-4)


def test_the_mean_density_is_taken_without_underflow() -> None:
    assert float(predictive_density(np.array([-2000.0, -2000.0 + np.log(3.0)]))) == pytest.approx(-2000.0 + np.log(2.0))


def test_a_mixture_draws_from_each_as_its_weight_says() -> None:
    drawn = mixture([np.zeros(50), np.ones(80)], np.array([0.25, 0.75]), 4000, 1)
    assert drawn.mean() == pytest.approx(0.75, abs=1 / 4000)


def test_nothing_to_weigh_is_refused() -> None:
    with pytest.raises(ValueError, match="one row per held-out value"):
        stacking_weights(np.zeros((0, 2)))
