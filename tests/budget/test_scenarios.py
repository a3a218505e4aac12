"""Scenarios beside each other, totals swept, caution traded for outcome, and what a plan owes to its beliefs."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from budget import (
    BoundSection,
    Planner,
    PlanSection,
    Scenario,
    compare,
    frontier,
    load_scenario,
    optimize,
    read_scenario,
    sensitivity,
    sweep,
)
from budget.cells import money
from budget.document_compare import CompareOutput
from budget.plots import plot_scenarios
from budget.sweeps import NEAR
from outlay.errors import ConfigError, PlanError
from outlay.style import chance, signed
from outlay.style import money as shown_money
from tests.budget import plain
from tests.budget.synthetic import free, make_response, plan_of, spend_of

CHANNELS = ("ch0", "ch1")
RESPONSE = make_response(seed=11, channels=3, draws=60)
PLANNER = Planner(RESPONSE, margin=0.6)
BARE = Planner(RESPONSE)
JUDGING = RESPONSE.take(np.arange(30, 60))
BASE = PlanSection(
    periods=6, budget=20_000.0, name="base", bounds=(BoundSection(channel="ch0", max=9_000.0),), max_change=0.5
)


def written(path: Path, text: str) -> Path:
    (path / "bold.toml").write_text(text, encoding="utf-8")
    return path / "bold.toml"


# ------------------------------------------------------------------------------------------------ scenario files


@pytest.mark.parametrize("head", ["", "[plan]\n"])
def test_a_scenario_replaces_what_it_states_and_keeps_the_rest(tmp_path, head):
    section = read_scenario(written(tmp_path, head + 'timing = "free"\nperiods = 4\n'), BASE)
    assert (section.timing, section.periods, section.name) == ("free", 4, "bold")
    assert (section.budget, section.bounds, section.max_change) == (BASE.budget, BASE.bounds, BASE.max_change)
    assert read_scenario(written(tmp_path, head + 'name = "mine"'), BASE).name == "mine"


def test_lists_of_rules_are_replaced_as_a_whole(tmp_path):
    section = read_scenario(written(tmp_path, '[[bounds]]\nchannel = "ch1"\nmin = 5.0\n'), BASE)
    assert section.bounds == (BoundSection(channel="ch1", min=5.0),)


@pytest.mark.parametrize(
    ("text", "gone", "set_"),
    [
        ("budget_max = 30000.0", {"budget"}, {"budget_max": 30_000.0}),
        ('objective = "target_kpi"\ntarget = 9000.0', {"budget"}, {"target": 9_000.0}),
        ('objective = "target_mroi"\ntarget = 1.1', {"budget"}, {"target": 1.1}),
        ('objective = "target_roi"\ntarget = 1.1', set(), {"budget": 20_000.0}),
    ],
)
def test_rivals_of_what_a_scenario_states_are_left_out(tmp_path, text, gone, set_):
    section = read_scenario(written(tmp_path, text), BASE)
    assert all(getattr(section, key) is None for key in gone)
    assert all(getattr(section, key) == value for key, value in set_.items())


def test_a_fixed_total_replaces_a_range_and_an_outcome_a_target(tmp_path):
    ranged = PlanSection(budget_min=1.0, budget_max=9e4, objective="target_roi", target=1.2, target_counts="all")
    fixed = read_scenario(written(tmp_path, 'budget = 5000.0\nobjective = "outcome"'), ranged)
    assert (fixed.budget, fixed.budget_min, fixed.budget_max, fixed.target) == (5_000.0, None, None, None)
    assert fixed.target_counts == "media"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("budget = ", "Invalid value"),
        ("budgte = 5.0", "budgte"),
        ("budget = -5.0", "greater than or equal to 0.01"),
        ("budget = 0.004", "greater than or equal to 0.01"),  # less than a cent is no plan
        ("[plan]\nperiods = 4\n[media]\nkpi = 1", "media stands beside"),
        ("plan = 5", "not a table"),
        ("budget = 5.0\nbudget_max = 6.0", "write one of the two"),
    ],
)
def test_scenarios_that_cannot_be_read(tmp_path, text, what):
    with pytest.raises(ConfigError, match=what) as caught:
        read_scenario(written(tmp_path, text), BASE)
    assert caught.value.id == "P086"
    assert "bold.toml" in str(caught.value.where)


def test_scenarios_that_are_no_text(tmp_path):
    with pytest.raises(ConfigError):
        read_scenario(tmp_path / "none.toml", BASE)
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe\x00budget")
    with pytest.raises(ConfigError):
        read_scenario(tmp_path / "bytes.toml", BASE)


# -------------------------------------------------------------------------------------------------- side by side


def answers(*sections: PlanSection, planner: Planner = PLANNER) -> list[Scenario]:
    return [Scenario.of(planner.optimize(section)) for section in sections]


A = free(periods=6, name="a")
B = free(periods=6, name="b", budget=15_000.0)
C = free(periods=6, name="c", timing="free")
SAME = free(periods=6, name="b", max_change=0.1)


@pytest.mark.parametrize("planner", [PLANNER, BARE])
def test_plans_are_compared_draw_by_draw(planner):
    # without a margin only plans of one total are compared
    each = [planner.optimize(section) for section in (A, B if planner.margin else SAME, C)]
    found = compare([Scenario.of(one) for one in each])
    column = "plan_profit" if planner.margin else "plan"
    worth = np.stack([one.draws[column] for one in each])
    assert found.better_by == ("profit" if planner.margin else "outcome")
    assert found.table["p_best"].sum() == pytest.approx(1.0, abs=1e-12)
    best = worth.argmax(axis=0)  # no two plans are worth the same in a draw here
    assert found.table["p_best"].to_numpy() == pytest.approx([(best == k).mean() for k in range(3)])
    assert found.better.loc["a", "b"] == pytest.approx((worth[0] > worth[1]).mean())
    assert (found.better + found.better.T).to_numpy() == pytest.approx(1.0)
    assert found.table["expected"].to_numpy() == pytest.approx([one.expected.mean for one in each])
    assert found.table["cvar"].to_numpy() == pytest.approx(
        [plain.worst(one.draws["plan"].to_numpy(), 0.1) for one in each]
    )
    for name, one in zip("abc", each, strict=True):
        assert found.spend[name].to_numpy() == pytest.approx(spend_of(one))
    json.dumps(found.to_json(), allow_nan=False)


def test_equal_plans_share_being_the_best():
    found = compare(answers(A, A.model_copy(update={"name": "again"})))
    assert found.table["p_best"].tolist() == [0.5, 0.5]
    assert found.better.loc["a", "again"] == 0.5
    assert found.differs[:2] == ("again asks the same question as a.", "again spends the same on every channel as a.")
    assert "with probability 50%" in found.differs[2]


def test_what_differs_is_told_in_words():
    found = compare(answers(A, B))
    asked, spent, brought = found.differs
    spend = found.spend.set_index("channel")
    before, after = money(round(spend["a"].sum(), 2), "USD"), "15,000 USD"
    was = f"that of the reference plan ({before})"
    assert asked == f"b asks for something else than a: budget {after} instead of {was}."
    change = spend["b"] - spend["a"]
    most = change.abs().idxmax()
    less = money(round(-change.sum(), 2), "USD")
    assert spent.startswith(f"b spends {less} less than a: {most} -{money(round(-change[most], 2), 'USD')}")
    gain = found.table["expected"][1] - found.table["expected"][0]
    assert f"b against a: expected {found.outcome} {signed(shown_money(gain, 'USD'))} (9" in brought
    assert brought.endswith(f"its profit is the higher one with probability {chance(found.better.loc['b', 'a'])}.")


def test_every_plan_is_told_beside_the_first_one_with_the_rules_that_only_one_has():
    """The table of spend counts changes from the first plan as well, so a reader needs one base alone."""
    rules = {
        "bounds": ({"channel": CHANNELS[0], "max": 3_500.0},),
        "groups": ({"channels": CHANNELS[:2], "max_share": 0.6},),
    }
    found = compare(answers(A, B, free(periods=6, name="ruled", max_change=0.2, **rules)))
    ruled = found.differs[3]
    assert all(" than a" in line or " as a" in line or " against a" in line for line in found.differs)
    assert f"with the limit {CHANNELS[0]} at most 3,500 USD" in ruled
    assert f"with the share {CHANNELS[0]} and {CHANNELS[1]} at most 60.0% of the total" in ruled
    assert "largest change of a channel 20.0% instead of" in ruled
    again = compare(answers(free(periods=6, name="ruled", max_change=0.2, **rules), A)).differs[0]
    assert f"without the limit {CHANNELS[0]} at most 3,500 USD" in again


def test_sums_of_channels_that_are_not_named_close_the_gap():
    """What is named and what is not add up to the difference of the totals."""
    found = compare(answers(A, B))
    words = re.findall(r"([+-])([\d,.]+) USD", found.differs[1])
    parts = [float(f"{sign}{digits.replace(',', '')}") for sign, digits in words]
    total = found.table["budget"][1] - found.table["budget"][0]
    assert sum(parts) == pytest.approx(total, abs=0.05)


@pytest.mark.parametrize("name", ["reference", "channel", "group", "name", "=1+1"])
def test_a_scenario_may_be_called_as_a_column_is(name):
    """Names are typed by planners; the tables of a comparison have columns of their own."""
    found = CompareOutput.of(compare(answers(A, B.model_copy(update={"name": name}))))
    spent = [sum(column) for column in zip(*found.spend_by_channel().values(), strict=True)]
    assert spent[1:] == pytest.approx([row.budget for row in found.rows], abs=0.01)
    assert [row.name for row in found.rows] == ["a", name]
    assert len(plot_scenarios(found).data) == 3


def test_a_scenario_that_a_run_kept_is_the_same(tmp_path):
    one, other = answers(A, B)
    document = json.loads(json.dumps(one.document, allow_nan=False))
    draws = pd.read_csv(_csv(one.draws, tmp_path / "draws.csv"))
    kept = load_scenario(document, json.loads(json.dumps(one.question)), draws, one.table)
    again, first = compare([kept, other]), compare([one, other])
    pd.testing.assert_frame_equal(again.table, first.table)
    assert again.differs == first.differs
    assert PlanSection.model_validate(kept.question) == A  # the question can be asked again


def _csv(table: pd.DataFrame, path: Path) -> Path:
    table.to_csv(path, index=False)
    return path


def test_what_cannot_be_compared_is_refused():
    one, other = answers(A, B)
    elsewhere = Scenario.of(optimize(make_response(seed=12, channels=3, draws=40), B, margin=0.6))
    in_euro = Scenario.of(optimize(replace(RESPONSE, currency="EUR"), B, margin=0.6))
    for scenarios, what in (
        ([], "needs two plans"),
        ([one], "needs two plans"),
        ([one, one], "two scenarios are called a"),
        ([one, elsewhere], "different fits"),
        ([one, in_euro], "differ in currency"),
    ):
        with pytest.raises(ConfigError, match=what) as caught:
            compare(scenarios)
        assert caught.value.id == "P087"
    assert len(compare([one, other]).table) == 2


def test_fits_of_as_many_draws_are_still_different_fits():
    """The same plan in the same window is worth the same in every draw of one fit, and not of another."""
    again = replace(RESPONSE, coefficient=RESPONSE.coefficient * _noise(0.1))
    other = Scenario.of(optimize(again, A.model_copy(update={"name": "again"})))
    with pytest.raises(ConfigError, match="different fits"):
        compare([*answers(A, planner=BARE), other])


# ----------------------------------------------------------------------------------------------------- the sweep


def test_the_sweep_stops_where_one_more_unit_brings_the_hurdle():
    found = sweep(PLANNER, free(periods=6), points=7, low=0.2, high=1.6)
    table = found.table
    assert found.hurdle == pytest.approx(1 / 0.6)
    assert table["feasible"].all()
    # Best plans of larger totals bring more, and less per unit: concave curves.
    assert (np.diff(table["outcome_mean"]) > 0).all()
    assert (np.diff(table["mroi"].astype(float)) < 0).all()
    assert (table["gap"] <= 2e-6).all()
    # The stop lies where the prices in the table cross the hurdle, and has their price there.
    assert found.stop.mroi == pytest.approx(found.hurdle, rel=5e-3)
    around = np.interp(-found.hurdle, -table["mroi"].astype(float), table["budget"])
    assert found.stop.budget == pytest.approx(around, rel=0.1)  # the table is coarse
    # There profit is at its most.
    best = PLANNER.optimize(free(periods=6, objective="profit", budget_max=float(table["budget"].max())))
    assert found.stop.budget == pytest.approx(best.budget, rel=5e-3)
    slopes = np.gradient(table["outcome_mean"].astype(float), table["budget"])[1:-1]
    # Prices are those of the draws that choose, slopes of those that judge, over wide steps.
    assert slopes == pytest.approx(table["mroi"].astype(float)[1:-1], rel=0.25)
    json.dumps(found.to_json(), allow_nan=False)


@pytest.mark.parametrize("planner", [PLANNER, BARE])
def test_every_row_of_a_sweep_is_the_plan_of_its_total(planner):
    """A sweep looks for plans without all that is told of one; what it does tell is the same."""
    asked = free(periods=6, bounds=(BoundSection(channel="ch1", max=9_000.0),), max_change=0.6)
    for row in sweep(planner, asked, points=4).table.to_dict("records"):
        found = planner.optimize(asked.model_copy(update={"budget": row["budget"]}))
        assert (row["budget"], row["gap"]) == (found.budget, found.gap)
        outcome = [row[f"outcome_{name}"] for name in ("mean", "hdi_low", "hdi_high")]
        assert outcome == [found.expected.mean, found.expected.low, found.expected.high]
        assert row["roi_mean"] == found.roi.mean
        assert row["mroi"] == next(price.price for price in found.shadow_prices if price.kind == "budget")
        profit = [row[f"profit_{name}"] for name in ("mean", "hdi_low", "hdi_high")]
        if planner is BARE:
            assert profit == [None, None, None]
        else:
            assert profit == [found.profit.mean, found.profit.low, found.profit.high]


@pytest.mark.parametrize("points", [3, 7, 11])
def test_the_stopping_point_lies_within_a_fifth_of_a_percent(points):
    """Beyond it by :data:`budget.sweeps.NEAR` one more unit brings less than the hurdle, at it no less."""
    asked = free(periods=6)
    found = sweep(PLANNER, asked, points=points, low=0.2, high=1.6)
    beyond = PLANNER.priced(asked.model_copy(update={"budget": round(found.stop.budget * (1 + 1.01 * NEAR), 2)}))
    assert found.stop.mroi >= found.hurdle > beyond.price


def test_a_hurdle_that_is_met_nowhere_stops_at_the_most_looked_at():
    found = sweep(PLANNER, free(periods=6), points=3, hurdle=1e-3)
    assert found.stop.budget == pytest.approx(found.table["budget"].max(), abs=0.02)
    assert found.stop.mroi > 1e-3
    assert "still brings" in found.stop.words


def test_totals_that_cannot_keep_the_rules_stand_in_the_sweep_as_such():
    asked = free(periods=6, budget=20_000.0, bounds=(BoundSection(channel="ch0", min=15_000.0),))
    found = sweep(PLANNER, asked, points=3)
    assert found.table["feasible"].tolist() == [False, True, True]
    assert np.isnan(found.table["outcome_mean"].astype(float)[0])
    json.dumps(found.to_json(), allow_nan=False)
    with pytest.raises(PlanError):
        sweep(PLANNER, asked.model_copy(update={"bounds": (BoundSection(channel="ch0", min=90_000.0),)}), points=3)


def test_a_sweep_of_units_has_no_hurdle_unless_it_is_given():
    leads = replace(RESPONSE, money=False, outcome="leads", outcome_unit="leads")
    assert (sweep(Planner(leads), A, points=2).hurdle, sweep(Planner(leads), A, points=2).stop) == (None, None)


# -------------------------------------------------------------------------------------------------- the frontier


def test_the_frontier_trades_outcome_for_the_worst_draws():
    spread = replace(RESPONSE, coefficient=RESPONSE.coefficient * _noise(0.8))
    planner, asked = Planner(spread), free(periods=6, risk={"measure": "cvar", "level": 0.2})
    found = frontier(planner, asked, points=4)
    assert found.table["weight"].tolist() == pytest.approx([0, 1 / 3, 2 / 3, 1])
    choosing = spread.take(np.arange(30))
    means, tails = [], []
    for weight in found.table["weight"]:
        risk = {"measure": "blend", "weight": weight, "level": 0.2} if weight else {"measure": "mean"}
        plan = plan_of(planner.optimize(asked.model_copy(update={"risk": type(asked.risk)(**risk)})))
        brings = plain.outcome(choosing, plan)
        means.append(brings.mean())
        tails.append(plain.worst(brings, 0.2))
    room = 2e-6 * means[0]  # every point is proven to 1e-6
    assert (np.diff(means) <= room).all()
    assert (np.diff(tails) >= -room).all()
    assert tails[-1] > tails[0] * 1.001  # there is something to trade
    assert (found.table["gap"] <= 2e-6).all()
    # On draws that did not choose it holds but for noise: a few percent of 30 draws' worst six.
    assert (np.diff(found.table["cvar"]) >= -0.05 * found.table["cvar"].iloc[0]).all()
    assert found.spend.iloc[:, 2:].sum().to_numpy() == pytest.approx(found.table["budget"], abs=0.01)
    json.dumps(found.to_json(), allow_nan=False)


def _noise(size: float) -> np.ndarray:
    """More for channels that bring more, so that the best mean is not the safest."""
    rng = np.random.default_rng(0)
    return np.exp(size * rng.standard_normal((60, 1, 3)) * np.array([0.1, 1.0, 0.4]))


# -------------------------------------------------------------------------------------------------- sensitivity


def test_what_a_plan_owes_to_each_channels_return():
    asked = free(periods=6)
    found = sensitivity(BARE, asked, change=-0.3, draws=10)
    plan = BARE.optimize(asked)
    assert found.channels["spend"].to_numpy() == pytest.approx(spend_of(plan))
    for k, row in found.channels.iterrows():
        factor = np.where(np.arange(3) == k, 0.7, 1.0)
        other = replace(RESPONSE, coefficient=RESPONSE.coefficient * factor)
        again = optimize(other, asked)
        assert row["spend_if"] == pytest.approx(spend_of(again)[k], abs=0.02)
        truth = other.take(np.arange(30, 60))
        kept, new = (plain.outcome(truth, plan_of(each)).mean() for each in (plan, again))
        assert row["outcome_if_kept"] == pytest.approx(kept, rel=1e-6)
        assert row["loss_if_kept"] == pytest.approx(new - kept, abs=1e-5 * kept)
        assert row["spend_if"] < row["spend"]  # a lower return gets less
        assert row["change_share"] == pytest.approx(row["spend_if"] / row["spend"] - 1)
    json.dumps(found.to_json(), allow_nan=False)


def test_regret_is_what_the_best_plan_for_a_draw_brings_more():
    asked = free(periods=6)
    found, plan = sensitivity(BARE, asked, draws=5), BARE.optimize(asked)
    assert found.draws == 5
    missed = []
    for draw in np.unique(np.linspace(0, 29, 5).astype(int)):
        truth = JUDGING.take(np.array([draw]))
        best = optimize(truth, asked.model_copy(update={"budget": plan.budget}))
        missed.append(best.certificate.value - plain.outcome(truth, plan_of(plan))[0])
    # Best plans for single draws are found to 1e-4.
    assert found.regret.mean == pytest.approx(np.mean(missed), abs=1e-4 * plan.expected.mean)
    assert found.regret.low >= 0.0
    assert found.regret_share == pytest.approx(found.regret.mean / plan.expected.mean)
    assert f"{found.regret.mean:,.0f}" in found.words


def test_a_channel_without_spend_has_no_share_of_change():
    asked = free(periods=6, bounds=(BoundSection(channel="ch1", max=0.0),))
    found = sensitivity(BARE, asked, draws=2)
    row = found.channels.iloc[1]
    assert row["spend"] == row["spend_if"] == 0.0
    # The others are planned anew on curves in other units: to the same plan, but for where its cents fall.
    assert row["loss_if_kept"] == pytest.approx(0.0, abs=0.05)
    assert found.to_json()["channels"][1]["change_share"] is None
