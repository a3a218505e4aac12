"""Amounts to the cent."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from budget.rounding import SumLimit, to_the_cent

AMOUNTS = st.lists(st.floats(0.0, 1e7), min_size=2, max_size=12).filter(lambda amounts: sum(amounts) > 1.0)


@given(AMOUNTS)
def test_sums_exactly_and_moves_no_amount_by_more_than_a_cent(amounts):
    amounts = np.array(amounts)
    total = round(float(amounts.sum()), 2)
    rounded = to_the_cent(amounts, total)
    assert int(np.rint(rounded * 100).sum()) == round(total * 100)
    assert np.abs(rounded - amounts).max() <= 0.0101


@given(AMOUNTS, st.integers(0, 1_000))
def test_bounds_hold_to_the_cent(amounts, seed):
    amounts = np.array(amounts)
    rng = np.random.default_rng(seed)
    # Some amounts sit on a bound, as an optimum's do.
    lower = np.where(rng.random(len(amounts)) < 0.4, np.round(amounts, 2), 0.0)
    upper = np.where(rng.random(len(amounts)) < 0.4, np.round(amounts, 2) + 0.0, 1e9)
    upper[0], lower[0] = 1e9, 0.0  # one that can take up the cents
    total = round(float(amounts.sum()), 2)
    rounded = to_the_cent(amounts, total, lower, upper)
    inside = (np.rint(rounded * 100) >= np.rint(lower * 100)).all() and (
        np.rint(rounded * 100) <= np.rint(upper * 100)
    ).all()
    possible = np.rint(lower * 100).sum() <= round(total * 100)
    assert inside
    if possible:
        assert int(np.rint(rounded * 100).sum()) == round(total * 100)


def test_a_third_of_an_odd_cent_goes_where_the_rule_needs_it():
    # 100.00 over three cells; the first two must get 66.67 together, and flooring leaves them at 66.66.
    rounded = to_the_cent(np.full(3, 100 / 3), 100.0, limits=[SumLimit(np.array([0, 1]), 66.67, np.inf)])
    assert sorted(rounded.tolist()) == [33.33, 33.33, 33.34]
    assert rounded[0] + rounded[1] >= 66.67 - 1e-9


def test_a_limit_from_above_keeps_its_cents_out():
    rounded = to_the_cent(np.array([33.336, 33.336, 33.328]), 100.0, limits=[SumLimit(np.array([0, 1]), 0.0, 66.67)])
    assert round(rounded[0] + rounded[1], 2) <= 66.67
    assert round(rounded.sum(), 2) == 100.0


def test_solver_noise_of_many_cents_is_spread_not_dumped():
    # A solver's 1e-9 of a budget of 10^9 is a unit of currency: each of the cells takes its part.
    amounts = np.full(10, 1e8) - 0.1
    assert np.abs(to_the_cent(amounts, 1e9) - 1e8).max() <= 0.5
