"""The optimum for every family, order and adstock: against brute force, closed forms and scipy."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from budget import BoundSection, PlanSection, ShareSection, evaluate, optimize
from budget.engine import AIM
from budget.problem import Problem
from outlay.response import ResponseDraws
from outlay.transforms import adstock_weights
from tests.budget.synthetic import (
    brings,
    broken,
    curves,
    equal_marginal_returns,
    free,
    make_response,
    posed,
    spend_of,
)

BUDGET = 20_000.0
GAP = 2 * AIM
"""What is told as proven: the aim, and as much again for cents."""
MIXED = ("hill", "michaelis_menten", "logistic", "root", "none")


def of_families(families: tuple[str, ...], seed: int = 0, draws: int = 20, **changes: object) -> ResponseDraws:
    """One channel per family, exponents from 0.3 to 1, effects of comparable size at the usual spend."""
    rng = np.random.default_rng(seed + 100)
    response = make_response(seed=seed, channels=len(families), draws=draws, saturation="hill")
    # A straight line and a root have no most; at the usual spend they bring about half of what the others could.
    unbounded = np.array([family in ("root", "none") for family in families])
    return replace(
        response,
        saturation=families,
        exponent=rng.uniform(0.3, 1.0, (draws, len(families))),
        coefficient=response.coefficient * np.where(unbounded, 0.4, 1.0),
        **changes,
    )


def by_scipy(problem: Problem) -> float:
    """The best value that SLSQP finds from a few starts, with exact gradients."""
    each, budget, (lower, upper) = curves(problem), problem.rules.budget, problem.rules.on_cells()
    floor = np.maximum(lower, 1e-6 * budget)  # away from infinite slopes
    upper = np.minimum(upper, budget)
    scale = brings(problem, problem.reference.totals)
    limits = [{"type": "eq", "fun": lambda x: x.sum() - 1.0}]
    for rule in problem.rules.every:
        if rule.kind in ("min_share", "max_share"):
            sign = 1.0 if rule.at_least else -1.0
            limits.append(
                {
                    "type": "ineq",
                    "fun": lambda x, rule=rule, sign=sign: sign * rule.sums(problem.decision.shape * x)[0],
                }
            )

    def loss(shares):
        outcome, slope = each.mean_plan(shares * budget)
        return -outcome.sum() / scale, -slope * budget / scale

    best = -np.inf
    for start in np.random.default_rng(0).dirichlet(np.ones(len(floor)), 3):
        answer = minimize(
            loss,
            np.clip(start, floor / budget, upper / budget),
            jac=True,
            method="SLSQP",
            bounds=list(zip(floor / budget, upper / budget, strict=True)),
            constraints=limits,
            options={"maxiter": 500, "ftol": 1e-12},
        )
        best = max(best, -answer.fun * scale if answer.success else -np.inf)
    return best


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("first", [True, False])
def test_mixed_families_reach_what_scipy_finds(seed, first):
    response = of_families(MIXED, seed, saturation_first=(first,) * len(MIXED))
    section = PlanSection(
        budget=BUDGET,
        bounds=(BoundSection(channel="ch1", max_change=0.3),),
        groups=(ShareSection(channels=("ch3", "ch4"), max_share=0.5),),
    )
    certificate = optimize(response, section).certificate
    theirs = by_scipy(posed(response, section))
    assert certificate.gap <= GAP
    # SLSQP stops at 1e-12 of the value, and keeps equalities and rules to about 1e-8; neither may win by more.
    assert certificate.value == pytest.approx(theirs, rel=1e-5)
    assert theirs <= certificate.bound * (1 + 1e-6)


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("family", ["hill", "tanh", "root"])
@pytest.mark.parametrize("adstock", ["weibull", "weibull_cdf", "delayed", "none"])
def test_optimum_is_where_marginal_returns_are_equal(first, family, adstock):
    rng = np.random.default_rng(0)
    weights = adstock_weights(adstock, rng.uniform(0.5, 4.0, (20, 3)), rng.uniform(0.7, 3.0, (20, 3)), 4)
    response = of_families((family,) * 3, weights=weights, saturation_first=(first,) * 3)
    problem = posed(response, free(budget=BUDGET))
    exact = equal_marginal_returns(problem)
    found = spend_of(optimize(response, free(budget=BUDGET)))
    values = [brings(problem, plan) for plan in (found, exact)]
    assert values[0] == pytest.approx(values[1], rel=1e-6)
    # The value is flat at its top: a gap of 1e-8 allows 1e-4 of the budget, and near-straight roots a little more.
    assert found == pytest.approx(exact, abs=2e-3 * BUDGET)


@pytest.mark.parametrize("families", [("root", "root"), ("root", "hill"), ("root", "none"), ("hill", "logistic")])
@pytest.mark.parametrize("seed", range(2))
def test_brute_force_agrees_on_two_channels(families, seed):
    response = of_families(families, seed)
    problem = posed(response, free(budget=BUDGET))
    # Dense near both ends, where roots are steep.
    part = np.concatenate([np.geomspace(1e-6, 0.01, 400), np.linspace(0.01, 0.99, 2_000)])
    part = np.concatenate([[0.0], part, 1.0 - part[::-1], [1.0]])
    each = curves(problem)
    one, other = (each.means(np.full(len(s), cell), s * BUDGET)[0] for cell, s in ((0, part), (1, 1.0 - part)))
    best = float((one + other).max())
    certificate = optimize(response, free(budget=BUDGET)).certificate
    assert best <= certificate.bound
    # The grid misses the top by at most half its step, 2.5e-4 of the budget, where the slope is zero: second order.
    assert best >= certificate.value * (1 - 1e-5)
    assert certificate.gap <= GAP


def test_a_straight_line_beside_a_bent_one_in_closed_form():
    """One draw, no carry-over, even timing: slope of the bent one equal to that of the straight one."""
    response = of_families(
        ("none", "michaelis_menten"), draws=1, weights=adstock_weights("none", np.ones((1, 2)), 0.0, 4)
    )
    even = replace(response, spend=np.full_like(response.spend, 900.0))
    periods, k, c = 13, float(even.half_saturation[0, 1]), even.coefficient[0, 0]
    per_unit = 1.0 / (even.cost_per_exposure[0] * even.scale[0])  # scaled exposure per unit of currency
    price = c[0] * per_unit[0]
    # c k u / (x + k)^2 = price with x = u spend / periods.
    bent = periods / per_unit[1] * (np.sqrt(c[1] * k * per_unit[1] / price) - k)
    assert 0 < bent < 60_000.0  # else a bound would bind, and the form would not be this one
    allocation = optimize(even, free(budget=60_000.0))
    # A gap of 1e-8 in the value is 1e-4 in the place.
    assert spend_of(allocation) == pytest.approx([60_000.0 - bent, bent], abs=20.0)
    assert allocation.table["mroi"].to_numpy() == pytest.approx([price, price], rel=1e-3)
    assert allocation.shadow_prices[0].price == pytest.approx(price, rel=1e-3)
    assert "P058" in {finding.id for finding in allocation.findings}


def test_straight_lines_fill_up_in_the_order_of_their_returns():
    """A linear program whose answer is plain: the best to its limit, the next, and what is left to the third."""
    response = of_families(("none",) * 3)
    slope = curves(posed(response, free())).mean_plan(np.ones(3))[1]
    order = np.argsort(-slope)
    ceiling = posed(response, PlanSection()).rules.on_cells()[1]
    budget = round(float(ceiling[order[:2]].sum() + 0.5 * ceiling[order[2]]), 2)
    # The budget stretches the reference plan too, so the range is asked again at this budget.
    ceiling = posed(response, PlanSection(budget=budget)).rules.on_cells()[1]
    expected = np.zeros(3)
    expected[order[:2]] = ceiling[order[:2]]
    expected[order[2]] = budget - expected.sum()
    allocation = optimize(response, PlanSection(budget=budget))
    assert spend_of(allocation) == pytest.approx(expected, abs=0.02)
    assert allocation.table["binding"].to_numpy()[order[:2]].tolist() == ["range", "range"]
    # A linear program has no curve to approach; what is left is the room of every bound, 2e-9, and cents.
    assert allocation.gap <= 1e-8
    worth = {price.rule.split(":")[0]: price.price for price in allocation.shadow_prices if price.kind == "range"}
    for cell in order[:2]:
        assert worth[f"ch{cell}"] == pytest.approx(slope[cell] - slope[order[2]], rel=1e-6)


def test_a_free_straight_line_takes_all_that_others_do_not_earn():
    """Without a range there is nothing else to stop it, and the note says so."""
    response = of_families(("none", "hill"))
    strong = replace(response, coefficient=response.coefficient * np.array([50.0, 1e-3]))
    allocation = optimize(strong, free(budget=BUDGET))
    assert spend_of(allocation)[0] > 0.999 * BUDGET
    assert "P058" in {finding.id for finding in allocation.findings}


@pytest.mark.parametrize("least", [0.01, 0.05])
def test_very_steep_roots_are_solved_too(least):
    """Exponents near zero: nearly all of the effect comes with the first cents, where slopes are beyond any size."""
    response = of_families(("root", "root", "hill"))
    exponent = response.exponent.copy()
    exponent[:, 0] = np.linspace(least, 2 * least, 20)
    allocation = optimize(replace(response, exponent=exponent), free(budget=BUDGET))
    assert allocation.gap <= GAP
    assert (spend_of(allocation) > 0).all()
    assert "P059" in {finding.id for finding in allocation.findings}


@pytest.mark.parametrize("tiny", [1e-12, 1e-200])
def test_slopes_beyond_the_solvers_numbers_do_not_stop_it(tiny):
    """A trace of exposure before the window makes the slope at zero finite, at 1e8 or at 1e134 per unit of currency."""
    response = of_families(("root", "root", "hill"))
    exposure = response.exposure.copy()
    exposure[-4:, :, :2] = tiny
    section = free(budget=BUDGET, periods=2, carry_over_after=False)
    traced = replace(response, exposure=exposure)
    slope = curves(posed(traced, section)).mean_plan(np.zeros(3))[1]
    assert 1e6 < slope[0] < np.inf
    allocation = optimize(traced, section)
    assert allocation.gap <= GAP
    # The trace itself is worth nothing, so the plan is that without it.
    without = exposure.copy()
    without[-4:, :, :2] = 0.0
    same = spend_of(optimize(replace(response, exposure=without), section))
    assert spend_of(allocation) == pytest.approx(same, abs=1e-3 * BUDGET)


def test_a_root_held_at_zero_stays_there():
    """Its slope is infinite there: it has no finite marginal return, and everything else has."""
    response = of_families(("root", "hill", "tanh"))
    section = free(budget=BUDGET, bounds=(BoundSection(channel="ch0", max=0.0),))
    allocation = optimize(response, section)
    assert spend_of(allocation)[0] == 0.0
    assert allocation.gap <= GAP
    problem = posed(response, section)
    exact = equal_marginal_returns(problem)
    assert spend_of(allocation) == pytest.approx(exact, abs=1e-3 * BUDGET)
    rows = allocation.to_json()["rows"]
    assert rows[0]["mroi"] is None
    assert all(np.isfinite(row["mroi"]) for row in rows[1:])


def test_a_root_without_known_cost_stays_at_zero():
    response = of_families(("root", "hill", "tanh"))
    spend, cost = response.spend.copy(), response.cost_per_exposure.copy()
    spend[..., 0], cost[..., 0] = 0.0, np.nan
    allocation = optimize(replace(response, spend=spend, cost_per_exposure=cost), free(budget=BUDGET))
    assert spend_of(allocation)[0] == 0.0
    assert allocation.gap <= GAP
    assert allocation.table["mroi"].to_numpy()[0] == 0.0  # money buys nothing there


def test_a_plan_without_the_root_can_be_judged():
    response = of_families(("root", "hill"))
    plan = pd.DataFrame({"channel": ["ch0", "ch1"], "spend": [0.0, BUDGET]})
    allocation = evaluate(response, free(), plan)
    assert allocation.to_json()["rows"][0]["mroi"] is None
    assert 0 < allocation.gap < np.inf
    assert np.isfinite(allocation.expected.mean)


@settings(max_examples=8)
@given(st.integers(0, 10_000), st.permutations(MIXED), st.lists(st.booleans(), min_size=5, max_size=5))
def test_no_feasible_plan_beats_the_bound(seed, families, first):
    response = of_families(tuple(families), seed, draws=8, saturation_first=tuple(first))
    section = free(budget=BUDGET, groups=(ShareSection(channels=("ch0", "ch1"), max_share=0.7),))
    allocation, problem = optimize(response, section), posed(response, section)
    assert allocation.gap <= GAP
    for plan in np.random.default_rng(seed).dirichlet(np.full(5, 0.5), size=20) * BUDGET:
        if not broken(problem, plan):
            assert brings(problem, plan) <= allocation.certificate.bound
            assert brings(problem, plan, problem.judging) <= allocation.upper_bound


def test_concave_families_tell_no_note_about_their_shape():
    response = make_response(channels=3)
    assert not {"P058", "P059"} & {finding.id for finding in optimize(response, PlanSection()).findings}
