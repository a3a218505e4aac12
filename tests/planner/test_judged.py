"""Spend set by hand is judged as `Planner.evaluate` judges it, whatever the model and the question are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from budget import Planner, PlanSection
from outlay.errors import ConfigError, PlanError
from outlay.response import ResponseDraws
from planner.asked import Cell
from planner.judged import judge
from tests.budget.leads import make_money
from tests.budget.synthetic import make_response

MARGIN = 0.6


def multiplied() -> ResponseDraws:
    """Effects of a tenth of the baseline that multiply; the baseline moves, or the weeks would not matter."""
    made = make_response(seed=5, channels=3, groups=2, draws=40)
    baseline = made.baseline * np.linspace(0.8, 1.2, made.baseline.shape[1])[:, None]
    return replace(made, link="log", coefficient=made.coefficient / 50_000.0, baseline=baseline)


def asked(**keys: object) -> PlanSection:
    return PlanSection(**{"periods": 6, **keys})  # type: ignore[arg-type]


QUESTIONS = {
    "national": (make_response(seed=1), asked(max_change=0.1, goal=350_000.0)),
    "panel": (
        make_response(seed=2, groups=3),
        asked(budget=60_000.0, bounds=[{"channel": "ch1", "group": "g1", "max": 100.0}]),
    ),
    "free timing": (make_response(seed=3, l_max=5), asked(timing="free", budget=30_000.0, goal=300_000.0)),
    "target": (make_response(seed=4), asked(objective="target_roi", target=1.4, budget_max=90_000.0)),
    "target of everything": (
        make_response(seed=4),
        asked(objective="target_kpi", target=500_000.0, target_counts="all", budget_max=90_000.0),
    ),
    "multiplied": (multiplied(), asked(goal=650_000.0)),
    "capacity": (make_response(seed=6), asked(capacity=[{"channels": ["ch0", "ch1"], "most": 20_000.0}])),
    "sellers": (
        make_money(seed=7, draws=30),
        asked(
            value_from="conversion",
            capacity=[{"segment": "seg0", "most": 150.0}],
            volumes=[{"segment": "seg1", "min": 440.0}],
            goal=100_000.0,
        ),
    ),
    "whole numbers": (make_response(seed=8), asked(bounds=[{"channel": "ch0", "min_or_zero": 9_000.0}])),
}


def by_hand(planner: Planner, section: PlanSection, seed: int = 0) -> tuple[Cell, ...]:
    """The reference plan with every cell moved by up to 30 %, and the first at nothing."""
    problem = planner.problem(section)
    cells, rng = problem.cells, np.random.default_rng(seed)
    totals = problem.reference.totals * rng.uniform(0.7, 1.3, len(cells))
    totals[0] = 0.0
    return tuple(
        Cell(cells.channels[cells.channel_of(k)], cells.group_name(k), round(float(totals[k]), 2))
        for k in range(len(cells))
    )


@pytest.mark.parametrize("name", QUESTIONS)
def test_it_says_what_the_evaluation_says(name):
    response, section = QUESTIONS[name]
    planner = Planner(response, margin=MARGIN if response.money else None)
    cells = by_hand(planner, section)
    mine = judge(planner, section, cells)
    theirs = planner.evaluate(section, pd.DataFrame([vars(cell) for cell in cells]))
    for each in ("expected", "reference", "gain", "roi", "profit", "profit_gain"):
        assert getattr(mine, each) == getattr(theirs, each), each
    for each in ("budget", "reference_budget", "p_better", "goal", "p_goal", "reference_p_goal", "broken_rules"):
        assert getattr(mine, each) == getattr(theirs, each), each
    table = theirs.table[theirs.table["period"].isna()]
    assert [cell.spend for cell in mine.cells] == table["spend"].tolist()
    assert [cell.reference_spend for cell in mine.cells] == table["reference_spend"].tolist()
    assert [cell.outcome.mean for cell in mine.cells] == pytest.approx(table["outcome_mean"].tolist(), rel=1e-12)
    # The table's slopes are exact. So are these where effects add up; where they multiply they are differences over
    # 1e-4 of the spend, whose error is the curvature times that, squared for all but the cell at nothing.
    exact = response.link == "identity"
    told = table["mroi"].to_numpy(float)
    assert [cell.mroi for cell in mine.cells] == pytest.approx(told, rel=1e-9 if exact else 1e-4)


def test_every_question_of_the_table_breaks_or_asks_something():
    """Else the comparison above would hold empty tuples against empty tuples."""
    broken = {
        name: judge(planner, section, by_hand(planner, section)).broken_rules
        for name, (response, section) in QUESTIONS.items()
        for planner in [Planner(response)]
    }
    assert {name for name, rules in broken.items() if rules} >= {
        "national",
        "panel",
        "target",
        "target of everything",
        "sellers",
    }
    assert any("the target" in rule for rule in broken["target"])
    assert any("the plan has" in rule for rule in broken["sellers"])


def test_more_money_on_one_channel_brings_about_its_marginal_return():
    """One per cent more of a channel brings its slope times the money: the curve hardly bends over so little."""
    response = make_response(seed=1)
    planner, section = Planner(response), asked(budget_max=1e6)
    usual = [replace(cell, spend=cell.spend or 1_000.0) for cell in by_hand(planner, section)]
    before = judge(planner, section, usual)
    for number, cell in enumerate(usual):
        more = list(usual)
        more[number] = replace(cell, spend=round(1.01 * cell.spend, 2))
        after = judge(planner, section, more)
        # slopes come from the draws that choose, outcomes from those that judge: twenty of each, some per cent apart
        gained = (after.expected.mean - before.expected.mean) / (more[number].spend - cell.spend)
        assert gained == pytest.approx(before.cells[number].mroi, rel=0.25)


def test_rules_that_conflict_are_told_as_broken_and_not_refused():
    """A hand that moves money wants numbers, also where no plan keeps the rules; the optimizer refuses those."""
    planner = Planner(make_response(seed=1))
    section = asked(budget=10_000.0, bounds=[{"channel": "ch0", "min": 8_000.0}, {"channel": "ch1", "min": 8_000.0}])
    cells = [Cell("ch0", None, 5_000.0), Cell("ch1", None, 5_000.0), Cell("ch2", None, 0.0)]
    with pytest.raises(PlanError):
        planner.optimize(section)
    assert len(judge(planner, section, cells).broken_rules) == 2


def test_channels_are_weighed_by_the_spend_of_their_groups():
    response, section = QUESTIONS["panel"]
    found = judge(Planner(response), section, by_hand(Planner(response), section))
    cells = [cell for cell in found.cells if cell.channel == "ch2"]
    total = sum(cell.spend for cell in cells)
    assert found.mroi()["ch2"] == pytest.approx(sum(cell.spend * cell.mroi for cell in cells) / total)


@pytest.mark.parametrize(
    ("cells", "error"),
    [
        ([Cell("radio", None, 1.0)], ConfigError),
        ([Cell("ch0", None, -1.0)], PlanError),
        ([Cell("ch0", None, float("nan"))], PlanError),
        ([Cell("ch0", None, 0.0)], PlanError),
        ([Cell("ch0", None, 1.0), Cell("ch0", None, 2.0)], PlanError),
    ],
)
def test_what_cannot_be_judged_is_refused(cells, error):
    with pytest.raises(error):
        judge(Planner(make_response(seed=1)), asked(), cells)
