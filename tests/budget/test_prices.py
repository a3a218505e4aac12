"""Shadow prices against what really happens when a rule is moved."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from budget.config import BoundSection, LockSection, RatioSection, ShareSection
from budget.prices import binding, budget_price, price_rules, shadow_prices
from budget.repair import moved
from tests.budget.ruled import linear_optimum, plain, ruled
from tests.budget.synthetic import make_response

RESPONSE = make_response(channels=4)
WORTH = 50_000.0

SECTIONS = {
    "shares": plain(
        groups=(ShareSection(channels=("ch0", "ch1"), min_share=0.6),),
        bounds=(BoundSection(channel="ch1", max_change=0.1), BoundSection(channel="ch3", max=2_500.0)),
    ),
    "paced": plain(
        bounds=(
            BoundSection(channel="ch0", timing="free", period_max=700.0, max_step=0.4),
            BoundSection(channel="ch3", max=2_000.0),
        ),
        ratios=(RatioSection(channels=("ch0",), to=("ch1",), min=0.5),),
    ),
    "weeks": plain(
        timing="free",
        bounds=(
            BoundSection(first=date(2024, 3, 6), last=date(2024, 3, 19), max=3_000.0),
            BoundSection(channel="ch2", period_max=400.0),
            BoundSection(channel="ch3", max=9_000.0, min=100.0),
        ),
    ),
    "given timing in part": plain(
        bounds=(
            BoundSection(channel="ch3", first=date(2024, 3, 6), last=date(2024, 3, 19), max=900.0),
            BoundSection(channel="ch1", period_max=300.0),
        ),
        locks=(LockSection(channel="ch2", spend=4_000.0),),
    ),
}


@pytest.mark.parametrize("name", SECTIONS)
def test_a_rules_price_is_what_a_small_move_of_it_brings(name):
    made = ruled(RESPONSE, SECTIONS[name])
    gain = np.random.default_rng(3).uniform(1.0, 3.0, len(made.decision))
    gain[made.decision.cell == 3] += 3.0  # so that the most of ch3 binds
    optimum = linear_optimum(made.compiled.polytope, gain)
    spend = made.spend(optimum.z)
    prices = price_rules(optimum, made.compiled, WORTH)
    priced = 0
    for position, rule in enumerate(made.rules.every):
        if rule.kind == "budget" or rule.amount is None:
            continue
        # A step that keeps the optimum's corner: a cent, or a millionth of a share.
        step = 0.01 if rule.measure in ("currency", "change") else 1e-6
        per_amount = 1.0 if rule.measure == "change" else rule.moves(spend)
        change = step / rule.gain if rule.measure == "change" else step
        new = made.compiled.with_rules(
            tuple(moved(r, float(r.amount) + change) if r is rule else r for r in made.rules.every)
        )
        brought = (linear_optimum(new.polytope, gain).value - optimum.value) * WORTH
        # Relative 2e-3: the difference of two values near 50,000 that are good to nine digits.
        assert prices.limit[position] * per_amount * step == pytest.approx(brought, rel=2e-3, abs=1e-5)
        priced += abs(prices.limit[position]) > 1e-9
    assert priced


@pytest.mark.parametrize("name", SECTIONS)
def test_the_budgets_price_has_all_that_moves_with_it(name):
    made = ruled(RESPONSE, SECTIONS[name])
    gain = np.random.default_rng(4).uniform(1.0, 3.0, len(made.decision))
    optimum = linear_optimum(made.compiled.polytope, gain)
    more = linear_optimum(made.compiled.at(30_003.0).polytope, gain)
    assert budget_price(optimum, made.compiled, WORTH) * 3.0 == pytest.approx(
        (more.value - optimum.value) * WORTH, rel=1e-4
    )


def test_prices_are_told_in_the_planners_units():
    made = ruled(RESPONSE, SECTIONS["shares"])
    # ch0 and ch1 bring less than ch2, so the share holds money back; ch1 and ch3 are at their most.
    optimum = linear_optimum(made.compiled.polytope, np.array([1.0, 2.0, 3.0, 4.0]))
    told = {price.kind: price for price in shadow_prices(optimum, made.compiled, 30_000.0, "sales")}
    # A point of the share is 300 USD that bring 3 instead of 1.
    assert told["min_share"].text.endswith("one percentage point lower brings 600 sales")
    assert told["max"].text == "ch3: at most 2,500 USD: one USD higher brings 1 sales"
    assert told["max_change"].price == pytest.approx(1.0)
    # Of one more USD 0.6 go to ch0 or ch1 at 1, 0.4 to ch2 at 3, and the change of ch1 moves with the budget.
    moves = 1.1 * made.reference.totals[1] / 30_000.0
    assert told["budget"].price == pytest.approx(0.6 + 1.2 + moves)
    # Where ch1's amount stayed and the share held, 0.6 would go to ch0 and 0.4 to ch2.
    stays = " sales (1.8 sales if the limits that move with the total stayed where they are)"
    assert told["budget"].text.endswith(stays)


def test_a_budget_that_moves_no_limit_has_one_price():
    made = ruled(RESPONSE, plain(bounds=(BoundSection(channel="ch3", max=2_500.0),)))
    optimum = linear_optimum(made.compiled.polytope, np.array([1.0, 2.0, 3.0, 4.0]))
    [told] = [price for price in shadow_prices(optimum, made.compiled, 30_000.0, "sales") if price.kind == "budget"]
    assert told.text == "one more USD of budget brings 3 sales"


def test_what_holds_a_cell_is_named():
    made = ruled(RESPONSE, SECTIONS["shares"])
    optimum = linear_optimum(made.compiled.polytope, np.array([1.0, 2.0, 3.0, 4.0]))
    words = binding(made.compiled, made.spend(optimum.z))
    assert words == ["min_share of ch0 + ch1", "max_change; min_share of ch0 + ch1", None, "max"]
    nothing = np.zeros((13, 4))
    nothing[:, 2] = 30_000.0 / 13
    assert binding(made.compiled, nothing)[0] == "no spend"


def test_a_rule_of_ones_own_has_a_price_in_its_own_units():
    def own(plan):
        return {"twice ch2 at most 20,000": [2.0 * plan.channel("ch2") <= 20_000.0]}

    made = ruled(RESPONSE, plain(), own)
    optimum = linear_optimum(made.compiled.polytope, np.array([1.0, 2.0, 4.0, 0.0]))
    told = {price.kind: price for price in shadow_prices(optimum, made.compiled, 30_000.0, "sales")}
    # One more of 20,000 lets half a USD go to ch2, where it brings 4 instead of 2.
    assert told["custom"].price == pytest.approx(1.0)
