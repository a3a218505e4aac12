"""Rules on the grid, and the polytope that they become."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import cvxpy as cp
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from budget import compile as compile_module
from budget.config import BoundSection, LockSection, PlanSection, RatioSection, ShareSection
from budget.feasible import can_hold, most_of, own_broken, with_switches
from budget.kept import Kept
from budget.polytope import InfeasibleRulesError, solve_linear
from budget.rules_custom import canonical
from outlay.errors import ConfigError
from tests.budget.ruled import Ruled, plain, ruled
from tests.budget.synthetic import make_response

# The synthetic data end on 2024-02-25, so the window's weeks start on 2024-02-26, 2024-03-04, and so on.
RESPONSE = make_response(channels=3)
PANEL = make_response(channels=2, groups=2)
SECOND_WEEK = date(2024, 3, 6)


def bound(channel=None, **keys):
    return BoundSection(channel=channel, **keys)


def share(*channels, **keys):
    return ShareSection(channels=channels, **keys)


def best(made: Ruled, gain: np.ndarray) -> np.ndarray:
    """The plan (H, K) that a linear worth of decisions prefers, minimums-or-nothing included."""
    polytope = with_switches(made.compiled.polytope, most_of(made.compiled))
    full = np.append(gain, np.zeros(len(polytope.lower) - len(gain)))
    return made.spend(solve_linear(full, polytope).y)


SOME_RULES = {
    "min": bound("ch0", min=2_000.0),
    "max": bound("ch1", max=9_000.0),
    "change": bound("ch2", max_change=0.4),
    "money": bound("ch1", max_change_amount=4_000.0),
    "weeks": bound("ch0", first=SECOND_WEEK, last=date(2024, 3, 20), max=3_000.0),
    "total of weeks": bound(None, first=SECOND_WEEK, last=SECOND_WEEK, max=2_600.0),
    "caps": bound("ch1", period_max=900.0, period_min=50.0),
    "free": bound("ch0", timing="free"),
    "paced": bound("ch0", timing="free", max_step=0.2),
    "even": bound("ch2", timing="even"),
    "pattern": bound("ch1", timing=(1.0, 0.0) * 6 + (2.0,)),
    "nothing or": bound("ch2", min_or_zero=4_000.0),
    "nothing or weekly": bound("ch0", min_or_zero_per_period=300.0),
    "flight": bound("ch2", active=((date(2024, 3, 1), date(2024, 4, 20)),)),
    "share": share("ch0", "ch1", min_share=0.4),
    "little share": share("ch2", max_share=0.5),
    "ratio": RatioSection(channels=("ch0",), to=("ch1", "ch2"), min=0.2, max=1.5),
    "lock": LockSection(channel="ch1", spend=5_000.0),
    "reference lock": LockSection(channel="ch2"),
}
# Two timings of one channel are refused, and a pattern with zeros leaves no room for period_min.
APART = ({"free", "paced"}, {"pattern", "caps"}, {"lock", "reference lock"})


@st.composite
def combinations(draw):
    names = draw(st.lists(st.sampled_from(sorted(SOME_RULES)), min_size=1, max_size=6, unique=True))
    for pair in APART:
        if pair <= set(names):
            names.remove(sorted(pair)[0])
    return names


def section_of(names, **keys):
    picked = [SOME_RULES[name] for name in names]
    kinds = {"bounds": BoundSection, "groups": ShareSection, "ratios": RatioSection, "locks": LockSection}
    return plain(**{key: tuple(r for r in picked if isinstance(r, kind)) for key, kind in kinds.items()} | keys)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(combinations(), st.integers(0, 100), st.booleans())
def test_a_plan_lies_in_the_polytope_exactly_where_every_rule_says_so(names, seed, free):
    made = ruled(RESPONSE, section_of(names, timing="free" if free else "reference"))
    rng = np.random.default_rng(seed)
    try:
        inside = best(made, rng.normal(size=len(made.decision)))
    except InfeasibleRulesError:
        assert not can_hold(made.compiled)
        return
    # What the solver calls feasible, each rule calls kept: 1e-9 of 30,000 and sums of up to 39 amounts are no cent.
    assert made.rules.broken_by(inside) == []
    # A plan that a rule calls broken is outside: no decisions near it satisfy the polytope.
    for _ in range(5):
        z = rng.dirichlet(np.ones(len(made.decision)))
        polytope = made.compiled.polytope
        spend = made.spend(z)
        is_kept = not made.rules.broken_by(spend, 1e-4)
        assert is_kept == holds(polytope, z, made)


def holds(polytope, z, made) -> bool:
    """Whether fixed decisions satisfy the polytope, helper columns free and to a hundredth of a cent."""
    from dataclasses import replace

    slack = 1e-4 / made.scale
    lower, upper = polytope.lower.copy(), polytope.upper.copy()
    if (z < lower[: polytope.n] - slack).any() or (z > upper[: polytope.n] + slack).any():
        return False
    lower[: polytope.n] = upper[: polytope.n] = z
    loose = replace(polytope, lower=lower, upper=upper, low=polytope.low - slack, high=polytope.high + slack)
    for semi in polytope.semis:
        total = z[semi.index].sum()
        if slack < total < semi.least - slack:
            return False
    try:
        solve_linear(np.zeros(len(lower)), replace(loose, semis=()))
    except InfeasibleRulesError:
        return False
    return True


def test_a_share_holds_for_every_total():
    made = ruled(RESPONSE, plain(groups=(share("ch0", min_share=0.4),)))
    for budget in (15_000.0, 30_000.0, 60_000.0):
        polytope = made.compiled.at(budget).polytope
        spend = made.spend(solve_linear(np.array([-1.0, 0.0, 1.0]), polytope).y).sum(axis=0)
        assert spend.sum() == pytest.approx(budget)
        assert spend[0] == pytest.approx(0.4 * budget)


@pytest.mark.parametrize("timing", ["reference", "free"])
def test_a_form_that_was_kept_is_cvxpys_own_of_these_limits(monkeypatch, timing):
    """Rules of the same shape share a canonical form; their limits are those that cvxpy writes beside it."""

    def asked(budget, least, step):
        return plain(
            budget=budget,
            timing=timing,
            bounds=(
                bound("ch0", min=least),
                bound("ch1", period_max=9_000.0),
                bound("ch2", max_step=step, timing="free"),
            ),
            groups=(share("ch0", "ch2", min_share=0.3, max_share=0.9), share("ch1", max_share=0.6)),
            ratios=(RatioSection(channels=("ch0",), to=("ch2",), min=0.2, max=4.0),),
        )

    monkeypatch.setattr(compile_module, "_FORMS", Kept(4))
    ruled(RESPONSE, asked(30_000.0, 2_000.0, 0.3))
    gathered = ruled(RESPONSE, asked(41_000.0, 3_500.0, 0.3)).compiled.stated
    assert len(compile_module._FORMS) == 1  # other amounts, the same form
    ruled(RESPONSE, asked(41_000.0, 3_500.0, 0.6))
    kept, own = compile_module._stated(gathered), _by_cvxpy(gathered)
    difference = (kept.matrix - own.matrix).tocsr()
    assert difference.nnz == 0 or abs(difference).max() == 0.0
    for name in ("low", "high", "lower", "upper", "integer"):
        assert np.array_equal(getattr(kept, name), getattr(own, name)), name
    assert kept.limit_moves == pytest.approx(own.limit_moves, abs=1e-12)


def _by_cvxpy(gathered):
    """The canonical form of these very limits, budget and all, in the order gathered; no switches."""
    spend, budget = cp.Variable(gathered.n), cp.Parameter(nonneg=True)
    y = cp.hstack([spend, cp.Variable(gathered.helpers)]) if gathered.helpers else spend
    limit = gathered.limit + gathered.moves * (budget - 1.0)
    rows = []
    for row, side in enumerate(gathered.side):
        line = gathered.matrix[[row]] @ y
        rows.append({"both": line == limit[row], "high": line <= limit[row], "low": line >= limit[row]}[str(side)])
    block = canonical(rows, spend, budget)
    # cvxpy puts equations first, and writes every other row as <=
    order = np.argsort(gathered.side != "both", kind="stable")
    sign = np.where(gathered.side[order] == "low", -1.0, 1.0)
    back = np.argsort(order)
    low, high = np.where(sign > 0, block.low, -block.high), np.where(sign > 0, block.high, -block.low)
    return replace(
        block,
        matrix=block.matrix.multiply(sign[:, None]).tocsr()[back],
        low=low[back],
        high=high[back],
        limit_moves=(sign * block.limit_moves)[back],
    )


def test_another_budget_is_what_would_have_been_compiled_for_it():
    rules = {
        "bounds": (bound("ch0", timing="free", max_step=0.3), bound("ch1", max_change=0.2)),
        "groups": (share("ch2", max_share=0.5),),
        "locks": (LockSection(channel="ch2"),),
    }
    first = ruled(RESPONSE, plain(**rules))
    second = ruled(RESPONSE, plain(**rules, budget=36_000.0))
    moved, new = first.compiled.at(36_000.0).polytope, second.compiled.polytope
    gain = np.random.default_rng(0).normal(size=len(first.decision))
    full = np.append(gain, np.zeros(new.extra))
    # The second one's scale is its own budget; amounts are rounded to cents, of which a price sees a few.
    here, there = solve_linear(full, moved).value * 30_000.0, solve_linear(full, new).value * 36_000.0
    assert here == pytest.approx(there, abs=0.1)


def test_rules_written_in_cvxpy_bind_as_they_say_in_currency():
    def own(plan):
        return {
            "search and social stay close": [cp.abs(plan.channel("ch0") - plan.channel("ch1")) <= 1_000.0],
            "the second week is calm": [plan.period(SECOND_WEEK) <= 1_500.0],
            "at most a third for ch2": [plan.cell("ch2") <= plan.budget / 3.0],
        }

    made = ruled(RESPONSE, plain(timing="free"), own)
    gain = np.repeat([1.0, 3.0, 2.0], 13)
    spend = best(made, gain)
    totals = spend.sum(axis=0)
    # The best: ch2 at its third, ch1 1,000 above ch0.
    assert totals == pytest.approx([9_500.0, 10_500.0, 10_000.0], abs=0.01)
    assert spend[1].sum() <= 1_500.01
    assert [rule.words for rule in made.compiled.rules if rule.kind == "custom"][1] == "the second week is calm"
    assert own_broken(made.compiled, spend) == []
    other = spend + np.array([[-20.0, 10.0, 10.0]]) / 13.0  # 30 further apart, and more than a third
    assert [rule.words[:4] for rule in own_broken(made.compiled, other)] == ["sear", "at m"]
    wider = made.compiled.at(36_000.0).polytope
    full = np.append(np.repeat([0.0, 0.0, 1.0], 13), np.zeros(wider.extra))
    assert made.spend(solve_linear(full, wider).y).sum(axis=0)[2] == pytest.approx(12_000.0)


def test_whole_numbers_in_rules_of_ones_own():
    def one_of_two(plan):
        on = cp.Variable(boolean=True)
        return {
            "ch0 or ch1": [plan.channel("ch0") <= 30_000.0 * on, plan.channel("ch1") <= 30_000.0 * (1 - on)],
            "ch2 at most 10,000": [plan.channel("ch2") <= 10_000.0],
        }

    spend = best(ruled(RESPONSE, plain(), one_of_two), np.array([2.0, 1.9, 0.0])).sum(axis=0)
    assert spend == pytest.approx([30_000.0, 0.0, 0.0], abs=0.01)


@pytest.mark.parametrize(
    ("own", "words"),
    [
        (lambda plan: {"steep": [cp.square(plan.channel("ch0")) <= 5.0]}, '"steep" is not linear'),
        (lambda plan: {"bent": [cp.abs(plan.channel("ch0") - 5.0) >= 5.0]}, '"bent" is not convex'),
        (lambda plan: {"no rule": [5.0]}, '"no rule" holds float'),
        (lambda plan: [plan.total <= 5.0], "must be a mapping"),
    ],
)
def test_rules_of_ones_own_that_cannot_be_used(own, words):
    with pytest.raises(ConfigError, match=words) as caught:
        ruled(RESPONSE, plain(), own)
    assert caught.value.id == "P075"


def test_timing_decides_what_is_decided():
    bounds = (
        bound("ch0", timing="free"),
        bound("ch1", timing=(1.0,) * 12 + (2.0,)),
        bound("ch2", active=((date(2024, 2, 26), date(2024, 3, 10)),)),
    )
    made = ruled(RESPONSE, plain(bounds=bounds))
    assert made.decision.timing == ("free", "pattern", "reference")
    assert len(made.decision) == 13 + 1 + 1
    assert made.decision.shape[:, 1] == pytest.approx(np.append(np.full(12, 1 / 14), 2 / 14))
    assert (made.decision.shape[2:, 2] == 0).all()
    assert made.decision.shape[:, 2].sum() == pytest.approx(1.0)
    assert [finding.id for finding in made.decision.findings] == ["P077"]
    z = np.random.default_rng(0).random(len(made.decision))
    assert made.decision.of(made.decision.spend(z)) == pytest.approx(z)
    assert made.decision.totals(z).sum() == pytest.approx(z.sum())


def test_a_lock_at_the_reference_locks_its_timing_too():
    made = ruled(RESPONSE, plain(timing="free", locks=(LockSection(channel="ch1"),)))
    assert made.decision.timing == ("free", "reference", "free")
    spend = best(made, np.random.default_rng(1).normal(size=len(made.decision)))
    reference = made.reference.flighting[:, 1] * made.reference.totals[1]
    assert spend[:, 1] == pytest.approx(reference, abs=0.02)


@pytest.mark.parametrize(
    ("bounds", "id"),
    [
        ((bound("ch0", first=date(2023, 1, 1), min=5.0),), "P070"),
        ((bound("ch0", max_step=0.3),), "P071"),
        ((bound("ch0", timing=(1.0, 2.0)),), "P072"),
        (
            (bound("ch0", timing=(1.0,) * 13, active=((date(2024, 3, 1), date(2024, 3, 9)),)),),
            "P072",
        ),
        ((bound("ch0", timing="free"), bound("ch0", timing="even")), "P073"),
    ],
)
def test_rules_that_do_not_fit_the_window(bounds, id):
    with pytest.raises(ConfigError) as caught:
        ruled(RESPONSE, plain(bounds=bounds))
    assert caught.value.id == id


def test_a_free_total_has_a_finite_most():
    section = PlanSection(margin_of_range=None, budget_min=20_000.0, objective="profit")
    made = ruled(RESPONSE, section)
    assert [finding.id for finding in made.rules.findings] == ["P076"]
    assert made.rules.most == pytest.approx(10.0 * made.reference.budget)
    totals = [best(made, np.full(3, sign)).sum() for sign in (-1.0, 1.0)]
    assert totals == pytest.approx([20_000.0, made.rules.most])
    capped = ruled(RESPONSE, section, ceiling=np.full(3, 9_000.0))
    reference = capped.reference.totals
    # Each may reach the range seen, or its own amount in the reference plan where that is beyond.
    assert best(capped, np.ones(3)).sum() == pytest.approx(np.maximum(reference, 9_000.0).sum())


def test_a_rule_on_a_group_counts_its_cells_alone():
    made = ruled(PANEL, plain(bounds=(bound(group="g1", max=5_000.0),)))
    spend = best(made, np.array([0.0, 1.0, 0.0, 1.0])).sum(axis=0)
    assert spend[[1, 3]].sum() == pytest.approx(5_000.0)
    assert made.rules.every[1].scope == "all channels in g1"


def test_cells_without_known_cost_stay_at_zero():
    made = ruled(RESPONSE, plain(), unknown=np.array([False, True, False]))
    assert best(made, np.array([0.0, 1.0, 0.0])).sum(axis=0)[1] == pytest.approx(0.0, abs=1e-6)
