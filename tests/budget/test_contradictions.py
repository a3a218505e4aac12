"""Rules that cannot hold: each told before any solve, with its amounts in the planner's words."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from budget.config import BoundSection, LockSection, PlanSection, RatioSection, ShareSection
from budget.contradictions import refuse_contradictions
from budget.feasible import can_hold
from outlay.errors import ConfigError, PlanError
from tests.budget.ruled import plain, ruled
from tests.budget.synthetic import make_response
from tests.budget.test_rules import combinations, section_of

BUDGET = 30_000.0


def refusal(response, *, ceiling=None, unknown=None, **keys):
    made = ruled(response, plain(**{"budget": BUDGET, **keys}), ceiling=ceiling, unknown=unknown)
    with pytest.raises(PlanError) as caught:
        refuse_contradictions(made.compiled)
    assert caught.value.exit_code == 5
    assert not can_hold(made.compiled)  # what arithmetic refuses, no plan could keep
    return caught.value


def bound(channel=None, **keys):
    return BoundSection(channel=channel, **keys)


def share(*channels, **keys):
    return ShareSection(channels=channels, **keys)


@pytest.fixture
def response():
    return make_response(channels=3)


@pytest.fixture
def panel():
    return make_response(channels=3, groups=2)


def test_minimums_above_the_budget(response):
    error = refusal(response, bounds=(bound("ch0", min=20_000), bound("ch1", min=15_000.5)))
    assert error.id == "P004"
    assert "at least 35,000.50 USD and the budget is 30,000 USD, 5,000.50 USD less" in error.what
    assert "ch0 20,000 USD, ch1 15,000.50 USD" in error.what


def test_maximums_below_the_budget(response):
    error = refusal(response, bounds=tuple(bound(f"ch{i}", max=9_000) for i in range(3)))
    assert error.id == "P005"
    assert "at most 27,000 USD and the budget is 30,000 USD, 3,000 USD more" in error.what


def test_min_above_max(response):
    error = refusal(response, bounds=(bound("ch0", min=5_000), bound("ch0", max=4_000)))
    assert error.id == "P003"
    assert "ch0: at least 5,000 USD; ch0: at most 4,000 USD" in error.what


def test_min_against_max_change_names_the_reference(response):
    reference = ruled(response, plain()).reference.totals[1]
    error = refusal(response, bounds=(bound("ch1", min=25_000, max_change=0.1),))
    assert error.id == "P003"
    assert f"at most {reference * 1.1:,.2f} USD (max_change 0.1 of {reference:,.2f} USD" in error.what


def test_group_minimums_against_the_channels_max(panel):
    rules = (bound("ch0", group="g0", min=6_000), bound("ch0", group="g1", min=6_000), bound("ch0", max=10_000))
    error = refusal(panel, bounds=rules)
    assert error.id == "P003"
    assert "ch0: at most 10,000 USD; but its groups together must get at least 12,000 USD" in error.what


def test_channel_min_against_its_groups_maximums(panel):
    rules = (bound("ch0", group="g0", max=1_000), bound("ch0", group="g1", max=1_000), bound("ch0", min=2_500))
    error = refusal(panel, bounds=rules)
    assert "ch0: at least 2,500 USD; but its groups together may get at most 2,000 USD" in error.what


def test_share_above_what_its_channels_may_get(response):
    error = refusal(response, bounds=(bound("ch0", max=5_000),), groups=(share("ch0", min_share=0.4),))
    assert error.id == "P003"  # one channel: a share is an amount like any other
    assert "ch0: at least 40 % of the budget (12,000 USD); ch0: at most 5,000 USD" in error.what
    error = refusal(
        response,
        bounds=(bound("ch0", max=5_000), bound("ch1", max=1_000)),
        groups=(share("ch0", "ch1", min_share=0.4),),
    )
    assert error.id == "P006"
    assert (
        "ch0 + ch1: at least 40 % of the budget (12,000 USD); but its channels may get at most 6,000 USD" in error.what
    )


def test_share_that_leaves_too_little_for_the_others(response):
    error = refusal(response, bounds=(bound("ch2", min=20_000),), groups=(share("ch0", "ch1", min_share=0.4),))
    assert "the other channels must get at least 20,000 USD of 30,000 USD" in error.what


def test_most_share_below_what_its_channels_must_get(response):
    error = refusal(response, bounds=(bound("ch0", min=9_000),), groups=(share("ch0", "ch1", max_share=0.2),))
    assert "at most 20 % of the budget (6,000 USD); but its channels must get at least 9,000 USD" in error.what


def test_most_share_that_the_others_cannot_take_up(response):
    error = refusal(response, bounds=(bound("ch2", max=3_000),), groups=(share("ch0", "ch1", max_share=0.5),))
    assert "the other channels may get at most 3,000 USD of 30,000 USD" in error.what


def test_most_share_of_all_channels(response):
    error = refusal(response, groups=(share("ch0", "ch1", "ch2", max_share=0.5),))
    assert "most shares of all channels add up to 50.0%" in error.what
    # Behind a rule that overlaps it, the same contradiction is found by the rule itself.
    error = refusal(response, groups=(share("ch0", "ch1", max_share=0.9), share("ch0", "ch1", "ch2", max_share=0.5)))
    assert "there is no other channel to take the rest" in error.what


def test_disjoint_shares_above_100_percent(response):
    error = refusal(response, groups=(share("ch0", min_share=0.6), share("ch1", "ch2", min_share=0.5)))
    assert error.id == "P006"
    assert "least shares add up to 110.0% (33,000 USD)" in error.what


def test_disjoint_shares_that_cannot_reach_100_percent(response):
    error = refusal(
        make_response(channels=4), groups=(share("ch0", "ch1", max_share=0.3), share("ch2", "ch3", max_share=0.5))
    )
    assert error.id == "P006"
    assert "most shares of all channels add up to 80.0% (24,000 USD)" in error.what


def test_a_share_against_itself(response):
    error = refusal(response, groups=(share("ch0", "ch1", min_share=0.6), share("ch0", "ch1", max_share=0.5)))
    assert error.id == "P006"
    assert "at least 60 %" in error.what
    assert "at most 50 %" in error.what


def test_unknown_names_get_the_nearest_one(panel):
    with pytest.raises(ConfigError, match='Did you mean "ch1"') as caught:
        ruled(panel, PlanSection(bounds=(bound("ch1x", min=1.0),)))
    assert (caught.value.exit_code, caught.value.id) == (2, "P001")
    with pytest.raises(ConfigError, match='no group "g9"'):
        ruled(panel, PlanSection(bounds=(bound("ch1", group="g9", min=1.0),)))
    with pytest.raises(ConfigError, match="no channel"):
        ruled(panel, PlanSection(groups=(share("nowhere", min_share=0.1),)))


def test_group_named_in_a_model_without_groups(response):
    with pytest.raises(ConfigError, match="has no groups"):
        ruled(response, PlanSection(bounds=(bound("ch0", group="g0", min=1.0),)))


def test_caps_per_period_that_cannot_add_up_to_a_least(response):
    error = refusal(response, bounds=(bound("ch0", timing="free", period_max=500.0), bound("ch0", min=7_000.0)))
    assert error.id == "P003"
    # 13 weeks of 500
    assert "ch0: at least 7,000 USD; but its weeks together may get at most 6,500 USD" in error.what


def test_a_cap_on_a_week_under_given_timing(response):
    error = refusal(response, bounds=(bound("ch0", timing="even", period_max=500.0), bound("ch0", min=7_000.0)))
    assert error.id == "P003"
    assert "ch0: at least 7,000 USD; ch0: at most 500 USD in each week" in error.what


def test_locks_above_the_budget(response):
    locks = (LockSection(channel="ch0", spend=20_000.0), LockSection(channel="ch1", spend=15_000.0))
    error = refusal(response, locks=locks)
    assert error.id == "P078"
    assert "at least 35,000 USD and the budget is 30,000 USD" in error.what


def test_a_lock_against_a_limit(response):
    error = refusal(response, locks=(LockSection(channel="ch0", spend=5_000.0),), bounds=(bound("ch0", max=4_000.0),))
    assert error.id == "P078"
    assert "ch0: exactly 5,000 USD (locked); ch0: at most 4,000 USD" in error.what


def test_a_minimum_or_nothing_that_can_only_be_nothing(response):
    error = refusal(response, bounds=(bound("ch0", min_or_zero=9_000.0), bound("ch0", max=8_000.0, min=10.0)))
    assert error.id == "P079"
    assert "ch0: nothing, or at least 9,000 USD; ch0: at most 8,000 USD; ch0: at least 10 USD" in error.what


@pytest.mark.parametrize("timing", ["free", "reference"])
def test_spend_demanded_outside_of_the_active_stretches(response, timing):
    flight = bound("ch0", timing=timing, active=((date(2024, 2, 26), date(2024, 3, 24)),))
    error = refusal(response, bounds=(flight, bound("ch0", first=date(2024, 4, 3), last=date(2024, 4, 9), min=100.0)))
    assert error.id == "P074"
    assert "no spend may run in the week of 2024-04-01" in error.what


def test_a_least_total_above_what_all_may_get(response):
    bounds = tuple(bound(f"ch{i}", max=9_000.0) for i in range(3))
    error = refusal(response, budget=None, budget_min=28_000.0, bounds=bounds)
    assert error.id == "P005"
    assert "at most 27,000 USD and budget_min is 28,000 USD, 1,000 USD more" in error.what


def test_a_most_total_below_what_all_must_get(response):
    error = refusal(response, budget=None, budget_max=5_000.0, bounds=(bound("ch0", min=6_000.0),))
    assert error.id == "P004"


def test_a_ratio_that_its_channels_cannot_keep(response):
    ratio = RatioSection(channels=("ch0",), to=("ch1", "ch2"), min=0.5)
    error = refusal(response, ratios=(ratio,), bounds=(bound("ch0", max=4_000.0), bound("ch1", min=9_000.0)))
    assert error.id == "P003"
    assert "it may reach 4,000 USD at most beside at least 9,000 USD" in error.what


def test_spend_demanded_of_a_cell_without_known_cost(response):
    error = refusal(response, unknown=np.array([True, False, False]), bounds=(bound("ch0", min=5.0),))
    assert error.id == "P013"


def test_the_range_names_itself_where_it_is_in_the_way(response):
    error = refusal(response, ceiling=np.full(3, 9_500.0), groups=(share("ch1", "ch2", min_share=0.9),))
    assert error.id == "P006"
    assert "margin_of_range" in error.repair


def test_an_own_max_stands_in_for_the_range(response):
    made = ruled(response, plain(bounds=(bound("ch0", max=20_000.0),)), ceiling=np.full(3, 17_000.0))
    lower, upper = made.rules.on_cells()
    assert upper == pytest.approx([20_000.0, 17_000.0, 17_000.0])
    assert (lower == 0).all()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(combinations(), st.sampled_from([4_000.0, 12_000.0, 30_000.0, 90_000.0]))
def test_arithmetic_never_refuses_what_could_hold(names, budget):
    compiled = ruled(make_response(channels=3), section_of(names, budget=budget)).compiled
    try:
        refuse_contradictions(compiled)
    except PlanError:
        assert not can_hold(compiled)
