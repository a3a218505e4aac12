"""The [plan] section: defaults of the design, and values that cannot be."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from budget import BoundSection, PlanSection, ShareSection, optimize
from tests.budget.synthetic import make_response


def test_defaults_are_the_designs():
    section = PlanSection()
    assert (section.periods, section.budget, section.objective, section.reference) == (13, None, "outcome", "last")
    assert section.carry_over_after
    assert section.range_margin == 0.2


def test_range_can_be_switched_off_by_a_word_or_in_python():
    assert PlanSection(margin_of_range="none").range_margin is None
    assert PlanSection(margin_of_range=None).range_margin is None
    assert PlanSection(margin_of_range=0).range_margin == 0.0  # zero is a margin, not its absence


@pytest.mark.parametrize(
    "keys",
    [
        {"periods": 0},
        {"budget": 0},
        {"budget": float("inf")},
        {"margin_of_range": -0.1},
        {"margin_of_range": "nothing"},
        {"objective": "likes"},
        {"budgets": 5},
    ],
)
def test_values_that_cannot_be(keys):
    with pytest.raises(ValidationError):
        PlanSection(**keys)


def test_rules_that_cannot_be():
    with pytest.raises(ValidationError):
        BoundSection(channel="tv", min=-1.0)
    with pytest.raises(ValidationError):
        ShareSection(channels=("tv",), min_share=40.0)
    with pytest.raises(ValidationError, match="named twice"):
        ShareSection(channels=("tv", "tv"), max_share=0.4)
    with pytest.raises(ValidationError):
        ShareSection(channels=(), max_share=0.4)


def test_a_change_limit_for_the_plan_holds_for_every_channel_without_its_own():
    """``[plan] max_change`` stands in for ``[[plan.bounds]] max_change``: 10 % for all but the one that says 50 %."""
    response = make_response(channels=3)
    bound = BoundSection(channel=response.channels[0], max_change=0.5)
    table = optimize(response, PlanSection(periods=13, max_change=0.1, bounds=(bound,))).table
    change = table["spend"] / table["reference_spend"] - 1.0
    cent = 0.01 / table["reference_spend"].min()  # bounds are whole cents
    assert (change.abs() <= np.array([0.5, 0.1, 0.1]) + cent).all()
    assert change.abs().max() > 0.05  # the limits stop it, and not a lack of anything to gain
