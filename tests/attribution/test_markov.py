"""Removal effects: exact, against deleting the channel from the chain by hand."""

from __future__ import annotations

import numpy as np
import pytest

from attribution.journeys_counts import counts_from_frame
from attribution.markov import Chain, chain_of, removal_draws, removal_effects
from tests.attribution.touches import NOW, random_touches, section


def by_deletion(chain: Chain, weight: np.ndarray) -> np.ndarray:
    """Removal effects by solving the chain again without each channel: what would move to it is lost instead."""

    def reached(without: int | None) -> float:
        alive = chain.channel != without if without is not None else np.ones(chain.n_states, bool)
        out = np.bincount(chain.source, weights=chain.moves, minlength=chain.n_states) + chain.convert + chain.lose
        q = np.zeros((chain.n_states, chain.n_states))
        np.add.at(q, (chain.source, chain.target), chain.moves / out[chain.source])
        kept = np.flatnonzero(alive)
        h = np.linalg.solve(np.eye(len(kept)) - q[np.ix_(kept, kept)], (weight / out)[kept])
        return float((chain.start / chain.start.sum())[kept] @ h)

    whole = reached(None)
    return np.array([1 - reached(k) / whole for k in range(chain.n_channels)])


@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_removal_effects_are_those_of_deleting_the_channel(order: int, seed: int) -> None:
    counts = counts_from_frame(random_touches(seed, 800), section(order=3, value="value"), NOW)
    chain = chain_of(counts.grams, len(counts.channels), order)
    found = removal_effects(chain)
    # both are solutions of the same linear systems: what is left is rounding, 1e-12 for some hundred states
    np.testing.assert_allclose(found.effect, by_deletion(chain, chain.convert), atol=1e-12, rtol=0)
    np.testing.assert_allclose(found.value_effect, by_deletion(chain, chain.value), atol=1e-12, rtol=0)
    assert found.share.sum() == pytest.approx(1, abs=1e-12)


def test_a_chain_by_hand() -> None:
    # Journeys a->b->won, a->lost, b->won: from a, half go to b and half are lost; from b, all convert; two of three
    # journeys start at a. P(convert) = 2/3 * 1/2 + 1/3 = 2/3. Without a: 1/3, so the effect is 1/2. Without b: 0, so 1.
    chain = Chain(
        order=1,
        n_channels=2,
        channel=np.array([0, 1]),
        source=np.array([0]),
        target=np.array([1]),
        moves=np.array([1.0]),
        start=np.array([2.0, 1.0]),
        convert=np.array([0.0, 2.0]),
        lose=np.array([1.0, 0.0]),
        value=np.array([0.0, 10.0]),
        square=np.array([0.0, 100.0]),
    )
    found = removal_effects(chain)
    np.testing.assert_allclose(found.effect, [0.5, 1.0])
    np.testing.assert_allclose(found.share, [1 / 3, 2 / 3])
    assert found.rate == pytest.approx(2 / 3)


def test_order_one_from_either_route_is_the_same() -> None:
    # Order 1 is counted without a sort of its own; with order 3 it is summed from longer histories.
    frame = random_touches(5, 900)
    short = counts_from_frame(frame, section(order=1), NOW)
    long = counts_from_frame(frame, section(order=3), NOW)
    one, other = (removal_effects(chain_of(counts.grams, 4, 1)) for counts in (short, long))
    np.testing.assert_allclose(one.effect, other.effect, atol=1e-13)


def test_draws_sit_around_the_exact_effects() -> None:
    counts = counts_from_frame(random_touches(6, 4000, users=800), section(), NOW)
    chain = chain_of(counts.grams, 4, 1)
    exact, drawn = removal_effects(chain), removal_draws(chain, 2000, np.random.default_rng(1))
    # a mean of 2000 draws has a standard error of sd / sqrt(2000); posterior and plug-in differ by order 1/n
    away = np.abs(drawn.effect.mean(0) - exact.effect) / drawn.effect.std(0)
    assert (away < 0.25).all()


def test_a_channel_that_never_occurs_has_no_effect() -> None:
    counts = counts_from_frame(random_touches(7), section(), NOW)
    found = removal_effects(chain_of(counts.grams, 6, 1))
    assert (found.effect[4:] == 0).all()
    assert found.share.sum() == pytest.approx(1)
