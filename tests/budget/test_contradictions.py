"""Rules that cannot hold: each told before any solve, with its amounts in the planner's words."""

from __future__ import annotations

import numpy as np
import pytest

from budget import BoundSection, PlanSection, ShareSection, optimize
from budget.infeasible import can_hold, conflicting
from outlay.errors import ConfigError, PlanError
from tests.budget.synthetic import free, make_response, posed

BUDGET = 30_000.0


def refusal(response, **keys):
    with pytest.raises(PlanError) as caught:
        optimize(response, free(budget=BUDGET, **keys))
    assert caught.value.exit_code == 5
    return caught.value


def bound(channel, **keys):
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
    error = refusal(response, bounds=(bound("ch0", min=5_000, max=4_000),))
    assert error.id == "P003"
    assert "ch0: at least 5,000 USD; ch0: at most 4,000 USD" in error.what


def test_min_against_max_change_names_the_reference(response):
    reference = posed(response, free(budget=BUDGET)).reference.totals[1]
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
    error = refusal(response, groups=(share("ch0", "ch1", min_share=0.6, max_share=0.5),))
    assert error.id == "P006"
    assert "at least 60 %" in error.what
    assert "at most 50 %" in error.what


def test_rules_that_conflict_only_together_are_listed_without_bystanders(response):
    # Each channel is in two of the three pairs, so the pairs add up to 200 % of the budget, and only 180 % is allowed.
    rules = tuple(share(*pair, max_share=0.6) for pair in (("ch0", "ch1"), ("ch1", "ch2"), ("ch0", "ch2")))
    error = refusal(response, groups=rules, bounds=(bound("ch0", max=29_000),))
    assert error.id == "P007"
    assert error.what.count("60 % of the budget (18,000 USD)") == 3
    assert "29,000" not in error.what


def test_the_conflicting_set_is_irreducible(response):
    section = free(
        budget=BUDGET,
        groups=tuple(share(*pair, max_share=0.6) for pair in (("ch0", "ch1"), ("ch1", "ch2"), ("ch0", "ch2"))),
        bounds=(bound("ch0", max=29_000), bound("ch1", min=1_000)),
    )
    core = conflicting(posed(response, section).rules)
    assert not can_hold(core, 3, BUDGET)
    for rule in core:
        assert can_hold([other for other in core if other is not rule], 3, BUDGET)


def test_unknown_names_get_the_nearest_one(panel):
    with pytest.raises(ConfigError, match='Did you mean "ch1"') as caught:
        optimize(panel, PlanSection(bounds=(bound("ch1x", min=1.0),)))
    assert (caught.value.exit_code, caught.value.id) == (2, "P001")
    with pytest.raises(ConfigError, match='no group "g9"'):
        optimize(panel, PlanSection(bounds=(bound("ch1", group="g9", min=1.0),)))
    with pytest.raises(ConfigError, match="no channel"):
        optimize(panel, PlanSection(groups=(share("nowhere", min_share=0.1),)))


def test_group_named_in_a_model_without_groups(response):
    with pytest.raises(ConfigError, match="has no groups"):
        optimize(response, PlanSection(bounds=(bound("ch0", group="g0", min=1.0),)))


def test_organic_channel_is_told_apart_from_a_misspelling(response):
    with pytest.raises(ConfigError, match="organic") as caught:
        optimize(response, PlanSection(bounds=(bound("mail", min=1.0),)), organic=("mail",))
    assert caught.value.id == "P002"


@pytest.mark.parametrize("objective", ["profit", "target_roi", "target_kpi"])
def test_objectives_of_later_versions(objective):
    with pytest.raises(ValueError, match="not in this version"):
        PlanSection(objective=objective)


def test_range_limit_names_itself_where_it_is_in_the_way(response):
    seen = posed(response, PlanSection()).seen
    with pytest.raises(PlanError) as caught:
        optimize(response, PlanSection(budget=float(seen.sum()), groups=(share("ch1", "ch2", min_share=0.9),)))
    assert caught.value.id == "P006"
    assert "margin_of_range" in caught.value.repair


def test_own_max_beyond_the_range_is_granted_with_a_warning(response):
    seen = posed(response, PlanSection()).seen
    wide = round(float(seen[0] * 1.6), 2)
    allocation = optimize(response, PlanSection(bounds=(bound("ch0", max=wide),)))
    assert allocation.table["upper"][0] == pytest.approx(wide)
    assert allocation.table["upper"][1] == pytest.approx(seen[1] * 1.2, abs=0.01)
    warning = next(finding for finding in allocation.findings if finding.id == "P030")
    assert "extrapolation" in warning.what
    assert "ch0" in warning.what
    assert "ch1" not in warning.what


def test_reference_beyond_the_range_widens_it_with_a_warning(response):
    seen = posed(response, PlanSection()).seen
    allocation = optimize(response, PlanSection(budget=float(np.round(seen.sum() * 3, 2))))
    assert (allocation.table["upper"] >= allocation.table["reference_spend"] - 0.01).all()
    assert "P030" in {finding.id for finding in allocation.findings}
    assert allocation.table["extrapolated"].any()


def test_range_is_a_note_and_can_be_switched_off(response):
    assert "P050" in {finding.id for finding in optimize(response, PlanSection()).findings}
    for off in (None, "none"):
        allocation = optimize(response, PlanSection(margin_of_range=off))
        assert "P050" not in {finding.id for finding in allocation.findings}
        assert (allocation.table["upper"] == allocation.budget).all()
