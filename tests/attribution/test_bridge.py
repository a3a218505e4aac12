"""Volume, mix and rate: hand-made numbers, and a sum without remainder whatever the numbers are."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from attribution.bridge import bridge


def by_hand(n: tuple[float, float], w: np.ndarray, r: np.ndarray) -> tuple[float, float, float]:
    """Shapley's values by walking all six orders in which total, shares and rates can move."""

    def worth(state: tuple[int, int, int]) -> float:
        return float(n[state[0]] * (w[state[1]] * r[state[2]]).sum())

    effects = [0.0, 0.0, 0.0]
    for order in permutations(range(3)):
        state = [0, 0, 0]
        for factor in order:
            before = worth((state[0], state[1], state[2]))
            state[factor] = 1
            effects[factor] += (worth((state[0], state[1], state[2])) - before) / 6
    return effects[0], effects[1], effects[2]


def test_only_volume_moves() -> None:
    # twice the leads of each part at the same rates: 10 + 40 = 50 becomes 100, all of it volume
    found = bridge(np.array([100.0, 200.0]), np.array([200.0, 400.0]), np.array([10.0, 40.0]), np.array([20.0, 80.0]))
    assert (found.volume, found.mix, found.rate, found.other) == pytest.approx((50.0, 0.0, 0.0, 0.0), abs=1e-12)


def test_only_the_mix_moves() -> None:
    # 300 leads in both months; 100 of them move from a rate of 20 % to one of 10 %: 10 fewer
    found = bridge(np.array([100.0, 200.0]), np.array([200.0, 100.0]), np.array([10.0, 40.0]), np.array([20.0, 20.0]))
    assert (found.volume, found.mix, found.rate) == pytest.approx((0.0, -10.0, 0.0), abs=1e-12)
    # the part with the lower rate grew and the one with the higher shrank: both take away
    assert (found.mix_of < 0).all()


def test_only_rates_move() -> None:
    # 10 % to 15 % on 100 leads: 5 more
    found = bridge(np.array([100.0, 200.0]), np.array([100.0, 200.0]), np.array([10.0, 40.0]), np.array([15.0, 40.0]))
    assert (found.volume, found.mix, found.rate) == pytest.approx((0.0, 0.0, 5.0), abs=1e-12)
    assert found.rate_of == pytest.approx([5.0, 0.0], abs=1e-12)


def test_it_is_shapleys_value() -> None:
    n = (300.0, 360.0)
    leads = np.array([[100.0, 120.0, 80.0], [150.0, 90.0, 120.0]])
    made = np.array([[10.0, 30.0, 4.0], [18.0, 20.0, 9.0]])
    found = bridge(leads[0], leads[1], made[0], made[1])
    expected = by_hand(n, leads / leads.sum(axis=1, keepdims=True), made / leads)
    assert (found.volume, found.mix, found.rate) == pytest.approx(expected, rel=1e-12)


def test_a_part_that_comes_is_volume_and_mix() -> None:
    # it had no rate before; its own rate afterwards stands in, so nothing is called a change of rate
    found = bridge(np.array([100.0, 0.0]), np.array([100.0, 50.0]), np.array([10.0, 0.0]), np.array([10.0, 20.0]))
    assert found.rate == 0.0
    assert found.volume + found.mix == pytest.approx(20.0)


def test_what_has_no_leads_is_told_apart() -> None:
    # counted by the day of the stage, a part can make 4 without a lead of that month
    found = bridge(np.array([100.0, 0.0]), np.array([100.0, 0.0]), np.array([10.0, 4.0]), np.array([10.0, 7.0]))
    assert (found.volume, found.mix, found.rate, found.other) == (0.0, 0.0, 0.0, 3.0)


def test_a_month_without_leads_is_volume() -> None:
    found = bridge(np.array([0.0, 0.0]), np.array([30.0, 10.0]), np.array([0.0, 0.0]), np.array([6.0, 1.0]))
    assert (found.volume, found.mix, found.rate) == pytest.approx((7.0, 0.0, 0.0))


COUNTS = arrays(np.float64, 5, elements=st.integers(0, 100_000).map(float))
MADE = arrays(np.float64, 5, elements=st.floats(0, 1e7))


@settings(max_examples=300, deadline=None)
@given(COUNTS, COUNTS, MADE, MADE)
def test_the_parts_add_up_to_the_change(n0: np.ndarray, n1: np.ndarray, m0: np.ndarray, m1: np.ndarray) -> None:
    found = bridge(n0, n1, m0, m1)
    scale = max(found.before, found.after, 1.0)
    assert found.volume + found.mix + found.rate + found.other == pytest.approx(found.change, abs=1e-9 * scale)
    parts = found.volume_of + found.mix_of + found.rate_of + found.other_of
    assert parts.sum() == pytest.approx(found.change, abs=1e-9 * scale)


@settings(max_examples=100, deadline=None)
@given(COUNTS, COUNTS, MADE, MADE, st.permutations(range(5)))
def test_the_order_of_parts_does_not_matter(
    n0: np.ndarray, n1: np.ndarray, m0: np.ndarray, m1: np.ndarray, order: list[int]
) -> None:
    first, second = bridge(n0, n1, m0, m1), bridge(n0[order], n1[order], m0[order], m1[order])
    scale = max(first.before, first.after, 1.0)
    assert second.mix == pytest.approx(first.mix, abs=1e-9 * scale)
    assert second.rate_of == pytest.approx(first.rate_of[order], abs=1e-9 * scale)


@settings(max_examples=100, deadline=None)
@given(COUNTS, COUNTS, MADE, MADE)
def test_the_way_back_is_the_opposite(n0: np.ndarray, n1: np.ndarray, m0: np.ndarray, m1: np.ndarray) -> None:
    there, back = bridge(n0, n1, m0, m1), bridge(n1, n0, m1, m0)
    scale = max(there.before, there.after, 1.0)
    assert (back.volume, back.mix, back.rate) == pytest.approx(
        (-there.volume, -there.mix, -there.rate), abs=1e-9 * scale
    )
