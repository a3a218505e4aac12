"""Amounts to the cent."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from budget.config import BoundSection, LockSection, PlanSection, RatioSection, ShareSection
from budget.rounding import plan_to_the_cent, round_plan, to_the_cent
from tests.budget.ruled import linear_optimum, plain, ruled
from tests.budget.synthetic import make_response

AMOUNTS = st.lists(st.floats(0.0, 1e7), min_size=2, max_size=12).filter(lambda amounts: sum(amounts) > 1.0)
PANEL = make_response(channels=3, groups=2)


def in_cents(amounts):
    return np.rint(np.asarray(amounts) * 100.0).astype(int)


@given(AMOUNTS)
def test_sums_exactly_and_moves_no_amount_by_more_than_a_cent(amounts):
    amounts = np.array(amounts)
    total = round(float(amounts.sum()), 2)
    rounded = to_the_cent(amounts, total)
    assert in_cents(rounded).sum() == round(total * 100)
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
    assert (in_cents(rounded) >= in_cents(lower)).all()
    assert (in_cents(rounded) <= in_cents(upper)).all()
    if in_cents(lower).sum() <= round(total * 100):
        assert in_cents(rounded).sum() == round(total * 100)


def test_solver_noise_of_many_cents_is_spread_not_dumped():
    # A solver's 1e-9 of a budget of 10^9 is a unit of currency: each of the cells takes its part.
    amounts = np.full(10, 1e8) - 0.1
    assert np.abs(to_the_cent(amounts, 1e9) - 1e8).max() <= 0.5


RULES = {
    "bounds": (
        BoundSection(channel="ch0", timing="free", max_step=0.5, period_max=1_500.0),
        BoundSection(channel="ch1", max_change=0.3),
        BoundSection(group="g1", first=date(2024, 3, 6), last=date(2024, 3, 20), max=2_800.01),
        BoundSection(channel="ch2", group="g0", min_or_zero=333.33),
    ),
    "groups": (ShareSection(channels=("ch0", "ch1"), max_share=1.0 / 3.0 + 0.3),),
    "ratios": (RatioSection(channels=("ch0",), to=("ch2",), min=0.7),),
    "locks": (LockSection(channel="ch2", group="g1", spend=4_321.09),),
}


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 10_000))
def test_a_plan_keeps_its_total_exactly_and_its_rules_to_a_cent(seed):
    made = ruled(PANEL, plain(budget=40_000.07, **RULES))
    gain = np.random.default_rng(seed).normal(size=len(made.decision))
    spend = made.spend(linear_optimum(made.compiled.polytope, gain).z)
    rounded = plan_to_the_cent(spend, made.rules)
    assert in_cents(rounded).sum() == 4_000_007
    assert np.abs(rounded * 100 - in_cents(rounded)).max() < 1e-6
    # Two cents for one that a rule moved further; and a minimum-or-nothing may be emptied, which moves the others.
    if spend[:, 4].sum() == 0 or spend[:, 4].sum() >= 333.33:
        assert np.abs(rounded - spend).max() <= 0.0301
        assert made.rules.broken_by(rounded) == []
    assert in_cents(rounded[:, 5]).sum() == 432_109


def test_a_third_of_an_odd_cent_goes_where_the_rule_needs_it():
    # 100.00 over three cells; the first two must get 66.67 together, and flooring leaves them at 66.66.
    section = PlanSection(
        margin_of_range=None,
        budget=100.0,
        periods=1,
        groups=(ShareSection(channels=("ch0", "ch1"), min=66.67),),
    )
    made = ruled(make_response(channels=3), section)
    rounded = plan_to_the_cent(np.full((1, 3), 100 / 3), made.rules)[0]
    assert sorted(rounded.tolist()) == [33.33, 33.33, 33.34]
    assert rounded[0] + rounded[1] >= 66.67 - 1e-9


def test_a_free_total_is_rounded_to_its_own_sum_and_nothing_stays_nothing():
    made = ruled(PANEL, PlanSection(margin_of_range=None, objective="profit", budget_max=50_000.0))
    z = np.array([1_000.004, 0.0, 2_000.003, 0.0, 3_000.002, 10.0])
    rounded = round_plan(made.compiled, z)
    assert rounded.sum() == pytest.approx(6_010.01, abs=1e-9)
    assert (rounded[:, [1, 3]] == 0).all()
    assert (plan_to_the_cent(np.zeros((13, 6)), made.rules) == 0).all()
