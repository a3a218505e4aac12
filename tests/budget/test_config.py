"""The [plan] section: defaults of the design, and values that cannot be."""

from __future__ import annotations

import subprocess
import sys
from datetime import date

import numpy as np
import pytest
from pydantic import ValidationError

from budget.config import (
    BoundSection,
    CapacitySection,
    LockSection,
    PlanSection,
    RatioSection,
    RiskSection,
    ShareSection,
)
from tests.budget.ruled import plain, ruled
from tests.budget.synthetic import make_response


def test_defaults_are_the_designs():
    section = PlanSection()
    assert (section.periods, section.budget, section.objective, section.reference) == (13, None, "outcome", "last")
    assert section.carry_over_after
    assert section.range_margin == 0.2
    assert (section.timing, section.target_counts, section.time_limit) == ("reference", "media", 10.0)
    assert (section.risk.measure, section.risk.tail) == ("mean", 0.0)
    assert not section.free_total


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
        {"time_limit": 0},
        {"timing": "whenever"},
    ],
)
def test_values_that_cannot_be(keys):
    with pytest.raises(ValidationError):
        PlanSection(**keys)


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"budget": 5.0, "budget_max": 6.0}, "budget fixes the total"),
        ({"budget_min": 7.0, "budget_max": 6.0}, r"budget_min \(7.00\) is above budget_max \(6.00\)"),
        ({"objective": "target_roi"}, "needs target"),
        ({"target": 2.0}, "target means nothing"),
        ({"target_counts": "all"}, "target_counts means nothing"),
        ({"objective": "target_mroi", "target": 2.0, "target_counts": "all"}, "must be media"),
        ({"objective": "target_kpi", "target": 2.0, "budget": 5.0}, "the cheapest plan.*write budget_max"),
        ({"max_step": 0.2}, 'write timing = "free"'),
    ],
)
def test_combinations_that_mean_nothing(keys, words):
    with pytest.raises(ValidationError, match=words):
        PlanSection(**keys)


@pytest.mark.parametrize(
    ("section", "keys", "words"),
    [
        (BoundSection, {"channel": "tv", "min": -1.0}, "greater than or equal to 0"),
        (BoundSection, {"channel": "tv"}, "states no rule"),
        (BoundSection, {"min": 5.0}, "needs a channel, a group, or first and last"),
        (BoundSection, {"channel": "tv", "min": 5.0, "max": 4.0}, r"min \(5\) is above max \(4\)"),
        (BoundSection, {"channel": "tv", "period_min": 5.0, "period_max": 4.0}, "period_min .5. is above"),
        (BoundSection, {"channel": "tv", "min_or_zero": 5.0, "max": 4.0}, "min_or_zero .5. is above max"),
        (BoundSection, {"channel": "tv", "min_or_zero": 0.0}, "greater than 0"),
        (BoundSection, {"channel": "tv", "timing": (0.0, 0.0)}, "at least one above zero"),
        (BoundSection, {"channel": "tv", "timing": "free", "first": date(2024, 1, 1)}, "whole window"),
        (BoundSection, {"channel": "tv", "active": ((date(2024, 2, 1), date(2024, 1, 1)),)}, "is after"),
        (BoundSection, {"min": 1.0, "first": date(2024, 2, 1), "last": date(2024, 1, 1)}, "first .* is after last"),
        (ShareSection, {"channels": ("tv",), "min_share": 40.0}, "less than or equal to 1"),
        (ShareSection, {"channels": ("tv", "tv"), "max_share": 0.4}, "named twice"),
        (ShareSection, {"groups": ("n", "n"), "max_share": 0.4}, "named twice"),
        (ShareSection, {"channels": (), "max_share": 0.4}, "at least 1 item"),
        (ShareSection, {"channels": ("tv",)}, "states no rule"),
        (ShareSection, {"min_share": 0.4}, "needs channels, groups, or both"),
        (RatioSection, {"channels": ("tv",), "to": ("radio", "tv"), "min": 1.0}, "both sides"),
        (RatioSection, {"channels": ("tv",), "to": ("radio",)}, "states no rule"),
        (CapacitySection, {"hours": 40.0}, "go together"),
        (CapacitySection, {}, "needs most, or hours"),
        (CapacitySection, {"most": 5.0, "hours": 4.0, "hours_per_unit": 1.0}, "not both"),
        (RiskSection, {"measure": "cvar", "weight": 0.7}, "weight means nothing"),
        (RiskSection, {"level": 0.2}, 'mean nothing beside measure = "mean"'),
        (RiskSection, {"measure": "cvar", "level": 0.0}, "greater than 0"),
    ],
)
def test_rules_that_cannot_be(section, keys, words):
    with pytest.raises(ValidationError, match=words):
        section(**keys)


def test_the_total_is_free_where_it_is_what_is_looked_for():
    assert PlanSection(budget_max=5.0).free_total
    assert PlanSection(objective="profit").free_total
    assert not PlanSection(objective="profit", budget=5.0).free_total
    assert PlanSection(objective="target_roi", target=2.0).free_total
    assert not PlanSection(objective="target_roi", target=2.0, budget=5.0).free_total


def test_capacity_counts_units_from_hours():
    assert CapacitySection(hours=400.0, hours_per_unit=0.5).limit == 800.0
    assert CapacitySection(most=70.0).limit == 70.0


def test_a_section_that_was_saved_in_full_loads_again():
    section = PlanSection(
        budget_max=9.0,
        risk={"measure": "cvar", "level": 0.2},
        bounds=({"channel": "tv", "timing": [1, 2, 3], "active": [["2024-01-01", "2024-02-01"]]},),
        locks=({"channel": "radio"},),
    )
    assert PlanSection.model_validate(section.model_dump()) == section
    assert PlanSection.model_validate_json(section.model_dump_json()) == section
    assert PlanSection.model_validate(PlanSection().model_dump()) == PlanSection()


def test_a_lock_is_hard_and_a_bound_is_not():
    assert LockSection(channel="tv").hard
    assert not BoundSection(channel="tv", max=5.0).hard


def test_a_change_limit_for_the_plan_holds_for_every_channel_without_its_own():
    """``[plan] max_change`` stands in for ``[[plan.bounds]] max_change``: 10 % for all but the one that says 50 %."""
    bound = BoundSection(channel="ch0", max_change=0.5)
    made = ruled(make_response(channels=3), plain(max_change=0.1, bounds=(bound,)))
    lower, upper = made.rules.on_cells()
    change = np.array([0.5, 0.1, 0.1])
    # Amounts are whole cents.
    assert upper == pytest.approx(made.reference.totals * (1.0 + change), abs=0.01)
    assert lower == pytest.approx(made.reference.totals * (1.0 - change), abs=0.01)


def test_a_step_limit_for_the_plan_holds_for_every_free_cell_without_its_own():
    bounds = (BoundSection(channel="ch0", max_step=0.5), BoundSection(channel="ch2", timing="even"))
    made = ruled(make_response(channels=3), plain(timing="free", max_step=0.1, bounds=bounds))
    steps = {rule.scope: rule.amount for rule in made.rules.every if rule.kind == "max_step"}
    assert steps == {"ch0": 0.5, "ch1": 0.1}


def test_reading_a_section_loads_neither_compiler_nor_solver():
    """Every command reads the project file; numba alone would add more than a second to each."""
    heavy = ("numba", "cvxpy", "highspy", "clarabel", "scipy")
    code = f"import sys, budget.config; print([name for name in {heavy!r} if name in sys.modules])"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
