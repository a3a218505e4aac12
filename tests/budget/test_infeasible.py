"""Rules that conflict only together: the smallest set of them, and the least change that would do."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from budget.config import BoundSection, LockSection, RatioSection, ShareSection
from budget.feasible import can_hold
from budget.infeasible import conflicting, ensure_feasible
from budget.repair import least_repair, moved
from outlay.errors import PlanError
from tests.budget.ruled import plain, ruled
from tests.budget.synthetic import make_response

RESPONSE = make_response(channels=3)
CHANNELS = ("ch0", "ch1", "ch2")
PAIRS = (("ch0", "ch1"), ("ch1", "ch2"), ("ch0", "ch2"))


def bound(channel, **keys):
    return BoundSection(channel=channel, **keys)


def pairs(most, **keys):
    return tuple(ShareSection(channels=pair, max_share=most, **keys) for pair in PAIRS)


def refusal(made):
    with pytest.raises(PlanError) as caught:
        ensure_feasible(made.compiled)
    assert (caught.value.id, caught.value.exit_code) == ("P007", 5)
    return caught.value


def test_only_rules_of_the_conflict_are_listed_with_the_least_change():
    # Each channel is in two of the three pairs, so the pairs add up to 200 % of the budget, and 180 % is allowed.
    made = ruled(RESPONSE, plain(groups=pairs(0.6), bounds=(bound("ch0", max=29_000), bound("ch1", min=1_000))))
    error = refusal(made)
    assert error.what.count("60 % of the budget (18,000 USD)") == 3
    assert "the budget is 30,000 USD" in error.what
    assert "29,000" not in error.what
    # One pair takes up the missing 20 points.
    assert "raise the max_share of ch" in error.repair
    assert "from 60 % to 80 % ([[plan.groups]]" in error.repair


def test_hard_rules_stay_and_then_the_budget_moves():
    both = (bound("ch0", min=20_000.0, hard=True), bound("ch1", min=15_000.5, hard=True))
    assert "raise the budget from 30,000 USD to 35,000.50 USD" in refusal(ruled(RESPONSE, plain(bounds=both))).repair
    one = (bound("ch0", min=20_000.0, hard=True), bound("ch1", min=15_000.5))
    assert "lower the min of ch1 from 15,000.50 USD to 10,000 USD" in refusal(ruled(RESPONSE, plain(bounds=one))).repair
    assert "rules marked hard" in refusal(ruled(RESPONSE, plain(groups=pairs(0.6, hard=True)))).repair


def test_a_lock_is_hard_unless_it_says_otherwise():
    rules = (bound("ch0", max=4_000.0),)
    made = ruled(RESPONSE, plain(bounds=rules, locks=(LockSection(channel="ch0", spend=5_000.0),)))
    assert "raise the max of ch0 from 4,000 USD to 5,000 USD" in refusal(made).repair
    soft = LockSection(channel="ch0", spend=5_000.0, hard=False)
    made = ruled(RESPONSE, plain(bounds=(bound("ch0", max=4_000.0, hard=True),), locks=(soft,)))
    assert "lower the lock of ch0 from 5,000 USD to 4,000 USD" in refusal(made).repair


def test_a_minimum_or_nothing_can_be_in_the_conflict_and_in_the_repair():
    bounds = (bound("ch0", min_or_zero=20_000.0), bound("ch0", max=15_000.0, hard=True), bound("ch0", period_min=10.0))
    weekly = bound("ch0", period_min=10.0, hard=True)
    made = ruled(RESPONSE, plain(bounds=bounds))
    assert [rule.kind for rule in conflicting(made.compiled)] == ["min_or_zero", "max", "period_min"]
    # 10 USD a week are less than 5,000 of 20,000 USD, as no amount counts as less than 1 % of the budget.
    assert "lower the period_min of ch0 from 10 USD to 0 USD" in refusal(made).repair
    made = ruled(RESPONSE, plain(bounds=(*bounds[:2], weekly)))
    assert "lower the min_or_zero of ch0 from 20,000 USD to 15,000 USD" in refusal(made).repair


def test_a_chain_of_ratios():
    ratios = (
        RatioSection(channels=("ch0",), to=("ch1",), min=2.0),
        RatioSection(channels=("ch1",), to=("ch2",), min=2.0),
        RatioSection(channels=("ch2",), to=("ch0",), min=0.5, hard=True),
    )
    made = ruled(RESPONSE, plain(ratios=ratios))
    # ch0 >= 2 ch1 >= 4 ch2 >= 2 ch0 leaves nothing, and the budget has to be spent.
    assert {rule.kind for rule in conflicting(made.compiled)} == {"budget", "min_ratio"}
    assert "min_ratio" in refusal(made).repair


def test_rules_that_differ_by_a_rounded_cent_do_not_conflict():
    # A third of the budget is 10,000.0033 USD, and the max is told to the cent.
    groups = (ShareSection(channels=("ch0",), min_share=1.0 / 3.0),)
    made = ruled(RESPONSE, plain(budget=30_000.01, groups=groups, bounds=(bound("ch0", max=10_000.0),)))
    assert not can_hold(made.compiled, room=0.0)
    assert can_hold(ensure_feasible(made.compiled), room=0.0)


def test_rules_from_the_range_are_blamed_only_where_nothing_else_is_left():
    bounds = tuple(bound(channel, max=5_000.0) for channel in CHANNELS)
    # Each cell's own max stands in for the range, which is therefore no part of the conflict.
    made = ruled(RESPONSE, plain(bounds=bounds), ceiling=np.full(3, 4_000.0))
    assert {rule.kind for rule in conflicting(made.compiled)} == {"budget", "max"}
    low = ruled(RESPONSE, plain(groups=(ShareSection(channels=("ch2",), min_share=0.9),)), ceiling=np.full(3, 9_000.0))
    assert "range" in {rule.kind for rule in conflicting(low.compiled)}
    assert "min_share of ch2 from 90 %" in refusal(low).repair or "beyond the range" in refusal(low).repair


@st.composite
def conflicts(draw):
    amount = st.integers(1, 30).map(lambda thousands: 1_000.0 * thousands)
    bounds = []
    for channel in CHANNELS:
        least = draw(st.none() | amount)
        most = draw(st.none() | amount)
        if least is not None and most is not None and least > most:
            least, most = most, least
        keys = {"min": least, "max": most, "period_max": draw(st.none() | st.integers(200, 2_000).map(float))}
        keys["min_or_zero"] = draw(st.none() | amount) if most is None else None
        if any(value is not None for value in keys.values()):
            bounds.append(bound(channel, **keys, hard=draw(st.booleans())))
    share = st.none() | st.integers(1, 9).map(lambda tenth: tenth / 10.0)
    groups = []
    for pair in PAIRS:
        low, high = draw(share), draw(share)
        if low is not None and high is not None and low > high:
            low, high = high, low
        if low is not None or high is not None:
            groups.append(ShareSection(channels=pair, min_share=low, max_share=high, hard=draw(st.booleans())))
    return plain(bounds=tuple(bounds), groups=tuple(groups), timing=draw(st.sampled_from(["reference", "even"])))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(conflicts())
def test_the_set_is_irreducible_and_the_repair_makes_the_rules_hold(section):
    compiled = ruled(RESPONSE, section).compiled
    repair = least_repair(compiled)
    if can_hold(compiled):
        assert repair == ()
        return
    core = conflicting(compiled)
    inside = np.array([rule in core for rule in compiled.rules])
    assert not can_hold(compiled, inside)
    for position in np.flatnonzero(inside):
        without = inside.copy()
        without[position] = False
        assert can_hold(compiled, without)
    if repair is None:
        # The total may always move, so only hard rules are left to blame.
        soft = np.array([not rule.hard and not rule.kind.startswith("budget") for rule in compiled.rules])
        assert not can_hold(compiled, ~soft) or not repair
        return
    assert repair
    assert all(not change.rule.hard for change in repair)
    new = {id(change.rule): moved(change.rule, change.amount) for change in repair}
    assert can_hold(compiled.with_rules(tuple(new.get(id(rule), rule) for rule in compiled.stated.rules.every)))
