"""Shapley values against the definition: all orders in which channels can come together."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations

import numpy as np
import pandas as pd
import pytest

from attribution.shapley import rate_draws, rate_game, sum_game


def by_permutations(worth: Callable[[int], float], m: int) -> np.ndarray:
    """Mean of what each channel adds, over all orders."""
    phi = np.zeros(m)
    orders = list(permutations(range(m)))
    for order in orders:
        have, before = 0, worth(0)
        for i in order:
            have |= 1 << i
            after = worth(have)
            phi[i] += after - before
            before = after
    return phi / len(orders)


def sets(seed: int, m: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    masks = np.sort(rng.choice(np.arange(1, 1 << m), min(20, (1 << m) - 1), replace=False))
    journeys = rng.integers(1, 50, len(masks)).astype(float)
    return masks, journeys, np.floor(journeys * rng.random(len(masks)))


@pytest.mark.parametrize("m", [1, 2, 4, 6])
def test_the_sum_game_is_its_definition(m: int) -> None:
    masks, _, won = sets(m, m)

    def worth(have: int) -> float:
        return float(won[(masks & ~have) == 0].sum())

    np.testing.assert_allclose(sum_game(masks, won, m), by_permutations(worth, m), atol=1e-12)


@pytest.mark.parametrize("m", [1, 2, 4, 6])
def test_the_rate_game_is_its_definition(m: int) -> None:
    masks, journeys, won = sets(m + 10, m)

    def worth(have: int) -> float:
        inside = (masks & ~have) == 0
        total = journeys[inside].sum()
        return float(won[inside].sum() / total) if total else 0.0

    found = rate_game(masks, journeys, won, m)
    np.testing.assert_allclose(found, by_permutations(worth, m), atol=1e-12)
    assert found.sum() == pytest.approx(won.sum() / journeys.sum())


def test_games_of_draws_are_games_of_each_draw() -> None:
    masks, journeys, won = sets(3, 5)
    many = np.stack([journeys, journeys + 1]), np.stack([won, won + 0.5])
    found = rate_game(masks, *many, 5)
    for i in range(2):
        np.testing.assert_allclose(found[i], rate_game(masks, many[0][i], many[1][i], 5))


def test_draws_of_the_rate_game_sit_around_it() -> None:
    masks, journeys, won = sets(4, 4)
    journeys, won = journeys * 200, won * 200
    frame = pd.DataFrame({"mask": masks, "journeys": journeys, "conversions": won, "value": won, "square": won})
    share, value = rate_draws(frame, 4, 1000, np.random.default_rng(1))
    exact = rate_game(masks, journeys, won, 4)
    away = np.abs(share.mean(0) - exact / exact.sum()) / share.std(0)
    assert (away < 0.25).all()  # a mean of 1000 draws is within 0.1 sd; the rest is the ratio's curvature
    np.testing.assert_allclose(share, value)  # every conversion is worth one
