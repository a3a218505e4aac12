"""The optimum: exact, certified, never worse than the reference, and the same in any unit or order."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from budget import BoundSection, PlanSection, ShareSection, optimize
from budget.engine import AIM
from outlay.errors import PlanError
from tests.budget.synthetic import (
    brings,
    broken,
    curves,
    equal_marginal_returns,
    free,
    geometric,
    make_response,
    plan_of,
    posed,
    spend_of,
)

GAP = 2 * AIM
"""What is told as proven: the aim, and as much again for cents."""


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("saturation", ["hill", "logistic"])
def test_optimum_is_where_marginal_returns_are_equal(seed, saturation):
    response = make_response(seed=seed, channels=5, saturation=saturation)
    section = PlanSection(bounds=(BoundSection(channel="ch1", max_change=0.2),))
    problem = posed(response, section)
    exact = equal_marginal_returns(problem)
    found = spend_of(optimize(response, section))
    value = [brings(problem, plan) for plan in (found, exact)]
    # Exam: concave optimum equals the exact one to 1e-4; the certificate promises 1e-6 of the value.
    assert value[0] == pytest.approx(value[1], rel=1e-6)
    assert found == pytest.approx(exact, abs=1e-4 * exact.sum())


@pytest.mark.parametrize("channels", [2, 3])
def test_brute_force_agrees(channels):
    response = make_response(seed=5, channels=channels, draws=12)
    section = free(budget=30_000.0)
    problem = posed(response, section)
    steps = np.linspace(0.0, 30_000.0, 101)
    each = curves(problem)
    values = np.array([each.means(np.full(101, cell), steps)[0] for cell in range(channels)])
    best = max(
        sum(values[cell, part] for cell, part in enumerate((*parts, 100 - sum(parts))))
        for parts in itertools.product(range(101), repeat=channels - 1)
        if sum(parts) <= 100
    )
    certificate = optimize(response, section).certificate
    # The grid's best is feasible, so it lies below the optimum, and a grid of 1 % cannot miss by 0.1 % here.
    assert best <= certificate.value * (1 + GAP)
    assert best >= certificate.value * (1 - 1e-3)


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.integers(3, 6), st.sampled_from(["hill", "logistic"]))
def test_no_feasible_plan_beats_the_bound(seed, channels, saturation):
    response = make_response(seed=seed, channels=channels, draws=8, saturation=saturation)
    section = free(budget=20_000.0, groups=(ShareSection(channels=("ch0", "ch1"), max_share=0.7),))
    allocation = optimize(response, section)
    problem = posed(response, section)
    assert allocation.certificate.bound >= allocation.certificate.value
    assert allocation.upper_bound >= allocation.expected.mean
    assert allocation.gap <= GAP
    rng = np.random.default_rng(seed)
    for plan in rng.dirichlet(np.full(channels, 0.7), size=20) * 20_000.0:
        if broken(problem, plan):
            continue
        assert brings(problem, plan) <= allocation.certificate.bound
        assert brings(problem, plan, problem.judging) <= allocation.upper_bound


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.floats(0.0, 0.3), st.floats(0.0, 1.0))
def test_never_worse_than_a_reference_that_keeps_the_rules(seed, change, share):
    response = make_response(seed=seed, channels=4, draws=8)
    reference = posed(response, free()).reference.totals
    section = PlanSection(
        bounds=tuple(BoundSection(channel=f"ch{i}", max_change=change) for i in range(2)),
        groups=(ShareSection(channels=("ch0", "ch3"), min_share=share * reference[[0, 3]].sum() / reference.sum()),),
    )
    problem = posed(response, section)
    assert not broken(problem, reference)
    found = spend_of(optimize(response, section))
    assert brings(problem, found) >= brings(problem, reference)
    assert not broken(problem, found)


def test_reference_is_returned_where_it_is_the_optimum():
    response = make_response(channels=3)
    section = PlanSection(bounds=tuple(BoundSection(channel=f"ch{i}", max_change=0.0) for i in range(3)))
    allocation = optimize(response, section)
    assert allocation.table["spend"].equals(allocation.table["reference_spend"])
    assert allocation.gain.mean == 0.0
    # Ties count half, so a plan that equals the reference is as likely better as worse.
    assert allocation.p_better == 0.5
    assert "P054" in {finding.id for finding in allocation.findings}


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.floats(1_000.0, 9e6))
def test_money_to_the_cent_and_within_the_rules(seed, budget):
    response = make_response(seed=seed, channels=3, groups=2, draws=6)
    section = free(
        budget=budget,
        bounds=(
            BoundSection(channel="ch0", min=round(budget * 0.111, 2)),
            BoundSection(channel="ch1", group="g1", max=round(budget * 0.0777, 2)),
        ),
        groups=(
            ShareSection(channels=("ch1", "ch2"), min_share=1 / 3),
            ShareSection(channels=("ch0", "ch2"), max_share=5 / 7),
        ),
    )
    allocation = optimize(response, section)
    in_cents = spend_of(allocation) * 100
    whole = np.rint(in_cents).astype(int)
    assert np.abs(in_cents - whole).max() < 1e-3
    assert whole.sum() == round(allocation.budget * 100)
    assert not broken(posed(response, section), spend_of(allocation), tolerance=0.0101)
    assert (allocation.table["spend"] <= allocation.table["upper"] + 1e-6).all()
    assert (allocation.table["spend"] >= allocation.table["lower"] - 1e-6).all()


def value_at(response, section):
    return optimize(response, section).certificate.value


@pytest.mark.parametrize("budget", [15_000.0, 40_000.0])
def test_price_of_the_budget_is_the_slope_of_the_optimum(budget):
    response = make_response(seed=3, channels=4)
    rules = {
        "bounds": (BoundSection(channel="ch1", max_change=0.1),),
        "groups": (ShareSection(channels=("ch0", "ch2"), max_share=0.3),),
    }
    step = 0.001 * budget
    above, below = (value_at(response, free(budget=budget + sign * step, **rules)) for sign in (1, -1))
    told = optimize(response, free(budget=budget, **rules)).shadow_prices[0]
    assert told.kind == "budget"
    assert told.price == pytest.approx((above - below) / (2 * step), rel=0.01)


def test_prices_of_rules_are_slopes_of_the_optimum():
    response = make_response(seed=3, channels=4)

    def section(least=9_000.0, most_share=0.3):
        return free(
            budget=30_000.0,
            bounds=(BoundSection(channel="ch1", min=least),),
            groups=(ShareSection(channels=("ch0", "ch2"), max_share=most_share),),
        )

    told = {price.kind: price for price in optimize(response, section()).shadow_prices}
    lowered = (value_at(response, section(least=8_950.0)) - value_at(response, section(least=9_050.0))) / 100.0
    widened = (value_at(response, section(most_share=0.305)) - value_at(response, section(most_share=0.295))) / 1.0
    assert told["min"].price == pytest.approx(lowered, rel=0.01)
    assert told["min"].unit == "USD"
    assert told["max_share"].price == pytest.approx(widened, rel=0.01)  # 1.0 percentage point apart
    assert told["max_share"].unit == "percentage point"


def test_free_cells_have_the_same_marginal_return():
    allocation = optimize(make_response(seed=2, channels=6), PlanSection())
    free_cells = allocation.table[allocation.table["binding"].isna()]
    assert len(free_cells) >= 3
    # The optimality condition itself; the square root of the gap (1e-8) bounds how far slopes may differ.
    assert np.ptp(free_cells["mroi"]) <= 1e-3 * free_cells["mroi"].mean()
    assert allocation.shadow_prices[0].price == pytest.approx(free_cells["mroi"].mean(), rel=1e-3)


def test_currency_times_1000_changes_only_units():
    response = make_response(seed=4, channels=4)
    dear = replace(
        response,
        spend=response.spend * 1000,
        cost_per_exposure=response.cost_per_exposure * 1000,
        value=response.value * 1000,
    )
    section = PlanSection(bounds=(BoundSection(channel="ch0", max_change=0.1),))
    one, thousand = optimize(response, section), optimize(dear, section)
    # Rounding to the cent is a thousand times finer in the second, hence a cent of room.
    assert spend_of(thousand) / 1000 == pytest.approx(spend_of(one), abs=0.05)
    assert thousand.expected.mean / 1000 == pytest.approx(one.expected.mean, rel=1e-6)
    assert thousand.shadow_prices[0].price == pytest.approx(one.shadow_prices[0].price, rel=1e-4)
    assert thousand.p_better == one.p_better


def test_permuted_channels_get_the_same_plan():
    response = make_response(seed=6, channels=4)
    order = [2, 0, 3, 1]
    permuted = replace(
        response,
        channels=tuple(response.channels[i] for i in order),
        saturation=tuple(response.saturation[i] for i in order),
        weights=response.weights[:, order],
        half_saturation=response.half_saturation[:, order],
        **{
            name: getattr(response, name)[..., order]
            for name in ("coefficient", "scale", "exposure", "spend", "cost_per_exposure")
        },
    )
    one = optimize(response, PlanSection()).table.set_index("channel")["spend"]
    other = optimize(permuted, PlanSection()).table.set_index("channel")["spend"]
    # The optimum is unique; both solves stop within 1e-8 of its value, so within 1e-4 of its place.
    assert other[one.index].to_numpy() == pytest.approx(one.to_numpy(), abs=1e-4 * one.sum())


def test_curves_are_concave_and_rise():
    problem = posed(make_response(channels=2, saturation="logistic"), free())
    totals = np.linspace(0.0, 60_000.0, 200)
    for cell in range(2):
        outcome, slope = curves(problem).means(np.full(200, cell), totals)
        assert (np.diff(outcome) > 0).all()
        assert (np.diff(slope) < 0).all()


def test_carry_over_after_the_window_adds_outcome_and_favours_slow_channels():
    slow_and_fast = np.tile([0.85, 0.05], (40, 1))
    response = make_response(seed=8, channels=2, l_max=8, weights=geometric(slow_and_fast, 8))
    counted, cut = (optimize(response, free(carry_over_after=flag, periods=4)) for flag in (True, False))
    assert counted.reference.mean > cut.reference.mean
    assert spend_of(counted)[0] > spend_of(cut)[0]


def test_judged_on_draws_that_did_not_choose():
    response = make_response(seed=9, channels=3, draws=30)
    allocation = optimize(response, PlanSection())
    problem = posed(response, PlanSection())
    unseen = replace(problem.choosing, response=response.take(np.arange(15, 30)))
    gain = unseen.outcome(plan_of(allocation)) - unseen.outcome(problem.reference.spend)
    assert allocation.gain.mean == pytest.approx(gain.mean(), rel=1e-12)
    assert allocation.p_better == (gain > 0).mean()
    assert allocation.gain.mean == pytest.approx(allocation.expected.mean - allocation.reference.mean, rel=1e-9)
    assert allocation.certificate.draws == 15


def test_halves_are_different_chains():
    """Two chains of 20 draws that stayed in different places: one chooses, and the other judges."""
    response = make_response(channels=2)
    coefficient = response.coefficient.copy()
    coefficient[20:] = 3.0 * coefficient[:20]
    problem = posed(replace(response, coefficient=coefficient), PlanSection())
    assert np.array_equal(problem.choosing.response.coefficient, coefficient[:20])
    assert np.array_equal(problem.judging.response.coefficient, coefficient[20:])
    assert np.shares_memory(problem.judging.response.weights, response.weights)  # a question holds no draws of its own


def test_same_question_same_answer():
    response = make_response(seed=10, channels=4)
    one, two = (optimize(response, PlanSection()) for _ in range(2))
    assert one.table.equals(two.table)


def test_s_shaped_negative_and_multiplied_responses_are_planned():
    """Once refused; now each is planned with its proof, and told where it is not the usual shape."""
    response = make_response(channels=2)
    exponent = response.exponent.copy()
    exponent[3, 1] = 1.7  # one draw of 40 is enough
    coefficient = response.coefficient * np.array([-0.3, 1.0])
    for other in (replace(response, exponent=exponent), replace(response, coefficient=coefficient)):
        found, problem = optimize(other, free()), posed(other, free())
        assert found.gap <= GAP
        shares = np.linspace(0.0, 1.0, 201)[:, None]
        plans = problem.rules.budget * np.hstack([shares, 1.0 - shares])
        top = max(brings(problem, plan) for plan in plans)
        # Half a step of 1/200 off a smooth top is of second order; at an end it is on the grid.
        assert top <= found.certificate.bound
        assert top >= found.certificate.value * (1 - 1e-3)
    harmful = optimize(replace(response, coefficient=coefficient), free())
    assert spend_of(harmful)[0] == 0.0  # what does harm gets nothing
    multiplied = replace(response, link="log", coefficient=response.coefficient / 60_000.0)
    assert optimize(multiplied, free()).gain.mean > 0


def test_an_exponent_means_nothing_to_a_family_without_one():
    """Only hill and root can be S-shaped; what stands there for the others is not looked at."""
    response = make_response(channels=2, saturation="tanh", exponent=np.full((40, 2), 3.0))
    assert optimize(response, PlanSection()).gap <= GAP


def test_cells_without_known_cost_stay_at_zero():
    response = make_response(channels=3)
    spend, cost = response.spend.copy(), response.cost_per_exposure.copy()
    spend[..., 2], cost[..., 2] = 0.0, np.nan
    mended = replace(response, spend=spend, cost_per_exposure=cost)
    allocation = optimize(mended, PlanSection())
    assert spend_of(allocation)[2] == 0.0
    assert "P035" in {finding.id for finding in allocation.findings}
    with pytest.raises(PlanError, match="its cost is not known") as caught:
        optimize(mended, PlanSection(bounds=(BoundSection(channel="ch2", min=10.0),)))
    assert caught.value.id == "P013"


def test_few_rounds_are_needed():
    # The quadratic steps are what makes a scenario cheap: a few linear programs, not ten.
    certificate = optimize(make_response(seed=1, channels=20, draws=20), PlanSection()).certificate
    assert certificate.rounds <= 6
    assert certificate.nodes == 1
    assert certificate.gap <= AIM


def test_media_without_any_effect_keep_the_reference():
    response = make_response(channels=2)
    nothing = replace(response, coefficient=np.zeros_like(response.coefficient))
    allocation = optimize(nothing, PlanSection())
    assert allocation.expected.mean == 0.0
    assert allocation.gap == 0.0
    assert allocation.table["spend"].equals(allocation.table["reference_spend"])


@pytest.mark.parametrize("draws", [1, 2])
def test_very_few_draws_still_give_a_plan(draws):
    allocation = optimize(make_response(draws=draws), PlanSection())
    assert allocation.gap <= GAP
