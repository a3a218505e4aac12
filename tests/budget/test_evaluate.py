"""Judging a plan that the user brings."""

from __future__ import annotations

import json
from dataclasses import astuple, replace
from types import SimpleNamespace

import pandas as pd
import pytest

from budget import BoundSection, PlanSection, ShareSection, evaluate, optimize, read_plan
from budget.allocation import Certificate
from budget.answer import _status
from outlay.errors import ConfigError, PlanError
from outlay.exports import write_csv
from tests.budget.synthetic import free, make_response

SECTION = PlanSection(bounds=(BoundSection(channel="ch0", max_change=0.2),))


SAME = 1e-6
"""A brought total is spread over periods in fractions of a cent, a plan in whole ones: a cent in 10,000 USD."""


@pytest.mark.parametrize("groups", [1, 2])
@pytest.mark.parametrize("section", [SECTION, SECTION.model_copy(update={"budget": 25_000.0})])
def test_the_optimal_plan_gets_the_same_numbers(groups, section):
    response = make_response(seed=2, groups=groups)
    best = optimize(response, section)
    judged = evaluate(response, section, best.table[["channel", "group", "spend"]])
    for name in ("reference", "p_better", "budget", "broken_rules", "risk_level", "reference_risk"):
        assert getattr(judged, name) == getattr(best, name), name
    for name in ("expected", "gain", "roi"):
        mine, theirs = (astuple(getattr(plan, name)) for plan in (judged, best))
        # Gains are differences of outcomes: their digits are those of the outcome.
        assert mine == pytest.approx(theirs, rel=SAME, abs=SAME * best.expected.mean * (name == "gain")), name
    assert judged.upper_bound == pytest.approx(best.upper_bound, rel=SAME)
    assert judged.gap == pytest.approx(best.gap, abs=SAME)
    assert judged.optimum == pytest.approx(best.expected.mean, rel=1e-12)
    pd.testing.assert_frame_equal(judged.table, best.table, rtol=1e-5)
    assert judged.table["spend"].equals(best.table["spend"])
    assert judged.evaluated
    assert "keeps the rules" in judged.status


@pytest.mark.parametrize("timing", ["reference", "free"])
def test_the_optimal_plan_by_period_gets_exactly_the_same_numbers(timing):
    """With dates every cent is brought where the plan has it."""
    response, section = make_response(seed=2), PlanSection(periods=6, timing=timing)
    best = optimize(response, section)
    judged = evaluate(response, section, best.flighting[["channel", "date", "spend"]])
    mine, theirs = (plan.expected.mean for plan in (judged, best))
    assert mine == pytest.approx(theirs, rel=1e-9 if timing == "free" else SAME)
    assert not judged.broken_rules
    assert judged.gap <= 2e-6
    assert judged.flighting["spend"].to_numpy() == pytest.approx(best.flighting["spend"].to_numpy(), abs=1e-6)


def test_a_plan_written_as_csv_comes_back_the_same(tmp_path):
    response = make_response(seed=2, groups=2)
    best = optimize(response, SECTION)
    write_csv(best.table, tmp_path / "plan.csv")
    judged = evaluate(response, SECTION, read_plan("plan.csv", tmp_path))
    assert judged.table["spend"].equals(best.table["spend"])
    assert judged.gain.mean == pytest.approx(best.gain.mean, abs=SAME * best.expected.mean)


def alike(one: Certificate, other: Certificate) -> bool:
    """The same proof: everything but the seconds, and the last digits of sums taken in another order."""
    numbers = [(c.value, c.bound) for c in (one, other)]
    same = all(getattr(one, name) == getattr(other, name) for name in ("draws", "solver", "status"))
    return same and numbers[0] == pytest.approx(numbers[1], rel=SAME)


def test_a_poorer_plan_lies_below_the_optimum_by_what_it_loses():
    response = make_response(seed=2)
    plan = pd.DataFrame({"channel": ["ch0", "ch1", "ch2"], "spend": [38_000.0, 1_000.0, 1_000.0]})
    judged = evaluate(response, PlanSection(margin_of_range=None), plan)
    assert judged.budget == 40_000.0
    assert judged.expected.mean < judged.optimum <= judged.upper_bound
    # The certificate is that of the best plan, as if the poorer one had never been brought; the gap is the plan's own.
    best = optimize(response, PlanSection(margin_of_range=None, budget=40_000.0))
    assert alike(judged.certificate, best.certificate)
    assert judged.certificate.gap <= 2e-6
    assert judged.gap > 0.001
    assert "below the best plan" in judged.status


@pytest.mark.parametrize(
    ("gap", "told"),
    [
        (0.0, "optimal: less than 0.000001 % below the best plan within the rules"),
        (5.1e-9, "optimal: less than 0.000001 % below the best plan within the rules"),
        # a bound is rounded up: 0.00000512 % is not at most 0.000005 %
        (5.12e-8, "optimal: at most 0.000006 % below the best plan within the rules"),
        (9.7e-7, "optimal: at most 0.0001 % below the best plan within the rules"),
    ],
)
def test_a_proof_is_told_without_an_exponent(gap: float, told: str):
    assert _status(SimpleNamespace(gap=gap, kept_reference=False)) == told  # type: ignore[arg-type]


def test_a_reference_that_is_kept_tells_its_margin_without_an_exponent():
    kept = _status(SimpleNamespace(gap=0.0, kept_reference=True))  # type: ignore[arg-type]
    assert kept.endswith("better by more than 0.0001 % of it")


def test_broken_rules_are_named_with_amounts():
    response = make_response()
    section = PlanSection(
        budget=40_000.0,
        margin_of_range=None,
        bounds=(BoundSection(channel="ch1", max=5_000.0),),
        groups=(ShareSection(channels=("ch0", "ch2"), min_share=0.5),),
    )
    plan = pd.DataFrame({"channel": ["ch0", "ch1", "ch2"], "spend": [2_000.0, 20_000.0, 3_000.0]})
    judged = evaluate(response, section, plan)
    assert judged.broken_rules == (
        "the budget is 40,000 USD; the plan has 25,000 USD",
        "ch1: at most 5,000 USD; the plan has 20,000 USD",
        "ch0 + ch2: at least 50 % of the budget (20,000 USD); the plan has 5,000 USD",
    )
    assert "breaks 3 rules" in judged.status
    assert "P036" in {finding.id for finding in judged.findings}


def test_a_plan_that_breaks_rules_has_no_gap_to_a_bound_that_does_not_hold_for_it():
    """Held to 5,000 on its best channel, no plan within the rules comes near one that breaks the rule."""
    response = make_response(seed=2)
    free = PlanSection(budget=40_000.0, margin_of_range=None)
    best = optimize(response, free)
    richest = best.table.loc[best.table["spend"].idxmax(), "channel"]
    held = free.model_copy(update={"bounds": (BoundSection(channel=richest, max=5_000.0),)})
    judged = evaluate(response, held, best.table[["channel", "spend"]])
    assert judged.expected.mean > judged.optimum
    assert (judged.gap, judged.upper_bound) == (None, None)
    assert alike(judged.certificate, optimize(response, held).certificate)
    assert judged.certificate.gap >= 0
    document = judged.to_json()
    assert (document["gap"], document["upper_bound"]) == (None, None)


def test_a_kept_rule_to_the_cent_never_gives_a_negative_gap():
    """Rules are kept to within a cent, so a plan may stand a hair above the bound of the exact rules."""
    response = make_response(seed=2)
    section = PlanSection(budget=30_000.0, margin_of_range=None, bounds=(BoundSection(channel="ch0", max=100.0),))
    best = optimize(response, section)
    lifted = best.table[["channel", "spend"]].copy()
    lifted["spend"] += [0.01, -0.01, 0.0]
    judged = evaluate(response, section, lifted)
    assert not judged.broken_rules
    assert judged.gap >= 0
    assert judged.upper_bound >= judged.expected.mean


def test_fractions_of_a_cent_add_up_to_the_budget():
    """Three times 1,500.333 are 4,500.999: the budget says 4,501.00, and so must the rows."""
    response = make_response()
    plan = pd.DataFrame({"channel": ["ch0", "ch1", "ch2"], "spend": [1_500.333] * 3})
    judged = evaluate(response, PlanSection(margin_of_range=None), plan)
    assert judged.budget == 4_501.00
    assert sum(round(spend * 100, 6) for spend in judged.table["spend"]) == 450_100
    assert judged.table["spend"].to_numpy() == pytest.approx(1_500.333, abs=0.0071)


def test_a_plan_without_groups_is_spread_as_the_words_say():
    """A reference of last year, whose regions were other ones than the last weeks': the words name the reference."""
    response = make_response(channels=2, groups=2)
    spend = response.spend.copy()
    spend[8:21, 0] *= 5.0  # the window starts at 60, and 52 weeks before it are 8
    section = PlanSection(reference="last_year", margin_of_range=None)
    plan = pd.DataFrame({"channel": ["ch0", "ch1"], "spend": [9_000.0, 9_000.0]})
    judged = evaluate(replace(response, spend=spend), section, plan)
    note = next(finding for finding in judged.findings if finding.id == "P055")
    assert note.what.endswith("as in the reference plan")
    like = spend[8:21].sum(axis=0)[:, 0]
    assert judged.table["spend"].to_numpy()[:2] == pytest.approx(9_000.0 * like / like.sum(), abs=0.02)


def test_gain_from_timing_is_told_apart():
    response = make_response(channels=2)
    best = optimize(response, PlanSection(periods=2))
    first, second = response.future_dates[:2]
    rows = []
    for channel, spend in zip(best.table["channel"], best.table["spend"], strict=True):
        rows += [(channel, first, spend), (channel, second, 0.0)]  # all of it in the first period
    judged = evaluate(response, PlanSection(periods=2), pd.DataFrame(rows, columns=["channel", "date", "spend"]))
    # The same totals under the same timing, but for where cents fall.
    assert judged.expected.mean == pytest.approx(best.expected.mean, rel=SAME)
    assert not judged.timing_counted
    # One period at twice the spend saturates more than two periods at once the spend.
    assert judged.timing_gain.high < 0
    assert best.timing_gain is None


def test_dates_of_another_window_keep_their_order_with_a_warning():
    response = make_response(channels=2)
    dates = response.dates[-2:]
    plan = pd.DataFrame({"channel": ["ch0", "ch1"] * 2, "date": dates.repeat(2), "spend": [1.0, 2.0, 3.0, 4.0]})
    judged = evaluate(response, PlanSection(periods=2), plan)
    assert "P038" in {finding.id for finding in judged.findings}
    with pytest.raises(PlanError, match="not those of the window"):
        evaluate(response, PlanSection(periods=3), plan)


def test_plans_that_cannot_be_judged():
    response = make_response(channels=2)
    with pytest.raises(ConfigError, match="Did you mean"):
        evaluate(response, PlanSection(), pd.DataFrame({"channel": ["chh0"], "spend": [1.0]}))
    with pytest.raises(PlanError, match="spends nothing"):
        evaluate(response, PlanSection(), pd.DataFrame({"channel": ["ch0"], "spend": [0.0]}))
    with pytest.raises(PlanError, match="no usable spend"):
        evaluate(response, PlanSection(), pd.DataFrame({"channel": ["ch0"], "spend": [float("nan")]}))


@pytest.mark.parametrize("groups", [1, 2])
def test_json_has_the_documented_fields_and_no_nan(groups):
    allocation = optimize(make_response(groups=groups), SECTION)
    document = json.loads(json.dumps(allocation.to_json(), allow_nan=False))
    top = {
        "status",
        "objective",
        "budget",
        "expected",
        "expected_hdi_low",
        "expected_hdi_high",
        "reference",
        "gain_mean",
    }
    assert top | {"p_better", "upper_bound", "gap", "rows", "shadow_prices"} <= set(document)
    row = {"channel", "group", "period", "reference_spend", "spend", "lower", "upper", "mroi", "binding"}
    assert row <= set(document["rows"][0])
    assert document["rows"][0]["group"] == (None if groups == 1 else "g0")
    assert sum(round(item["spend"] * 100) for item in document["rows"]) == round(document["budget"] * 100)
    assert document["expected_hdi_low"] <= document["expected"] <= document["expected_hdi_high"]


def test_flighting_sums_to_the_plan():
    allocation = optimize(make_response(groups=2), SECTION)
    sums = allocation.flighting.groupby(["channel", "group"], sort=False)["spend"].sum()
    assert sums.to_numpy() == pytest.approx(allocation.table["spend"].to_numpy())


def test_a_budget_far_below_the_reference_leaves_channels_without_spend():
    allocation = optimize(make_response(seed=1, channels=4), PlanSection(budget=500.0))
    unspent = allocation.table[allocation.table["spend"] == 0]
    assert len(unspent) >= 1
    assert (unspent["binding"] == "no spend").all()
    assert unspent["roi_mean"].isna().all()


def test_a_budget_whose_last_unit_does_not_pay_is_told():
    """ROI near one and diminishing returns: at three times the usual spend the last unit brings less than one."""
    response = make_response(channels=3)
    usual = float(response.spend[-13:].sum())
    large = optimize(response, free(periods=13, budget=round(3 * usual, 2)))
    assert large.shadow_prices[0].price < 1.0
    assert "P040" in {finding.id for finding in large.findings}
    small = optimize(response, free(periods=13, budget=round(0.2 * usual, 2)))
    assert small.shadow_prices[0].price > 1.0
    assert "P040" not in {finding.id for finding in small.findings}
