"""Random combinations of rules: the plan keeps every one to the cent, or the refusal names a smallest conflict."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from hypothesis import example, given, settings
from hypothesis import strategies as st

from budget import (
    Allocation,
    BoundSection,
    LockSection,
    Planner,
    PlanSection,
    RatioSection,
    ShareSection,
)
from budget.compile import Compiled, compile_rules
from budget.feasible import can_hold
from budget.infeasible import conflicting, ensure_feasible
from budget.polytope import solve_linear, with_switches
from budget.problem import pose
from outlay.errors import PlanError
from tests.budget.synthetic import make_response, plan_of

RESPONSE = make_response(seed=7, channels=3, groups=2, draws=12)
MARGIN, PERIODS = 0.6, 4
PLANNER = Planner(RESPONSE, margin=MARGIN)
DAYS = [day.date() for day in RESPONSE.future_dates[:PERIODS]]

CHANNELS = st.sampled_from(RESPONSE.channels)
GROUPS = st.sampled_from([None, *RESPONSE.groups])
AMOUNTS = st.integers(0, 12).map(lambda k: 1_000.37 * k)  # odd cents, up to about half of the whole
POSITIVE = st.integers(1, 12).map(lambda k: 500.11 * k)
SHARES = st.sampled_from([0.1, 1 / 3, 0.5, 0.7])

BOUND_KEYS = {
    "min": AMOUNTS,
    "max": AMOUNTS,
    "max_change": st.sampled_from([0.0, 0.1, 0.5]),
    "max_change_amount": POSITIVE,
    "period_min": st.sampled_from([0.0, 100.01]),
    "period_max": POSITIVE,
    "min_or_zero": POSITIVE,
}


@st.composite
def bounds(draw: st.DrawFn) -> BoundSection:
    key = draw(st.sampled_from(sorted(BOUND_KEYS)))
    first = draw(st.sampled_from([None, DAYS[0], DAYS[2]]))
    last = draw(st.sampled_from([None, DAYS[-1]]))
    channel = draw(st.one_of(CHANNELS, st.none())) if first is not None else draw(CHANNELS)
    return BoundSection(channel=channel, group=draw(GROUPS), first=first, last=last, **{key: draw(BOUND_KEYS[key])})


@st.composite
def shares(draw: st.DrawFn) -> ShareSection:
    names = draw(st.lists(CHANNELS, min_size=1, max_size=2, unique=True))
    return ShareSection(channels=tuple(names), **{draw(st.sampled_from(["min_share", "max_share"])): draw(SHARES)})


@st.composite
def ratios(draw: st.DrawFn) -> RatioSection:
    one, other = draw(st.permutations(RESPONSE.channels))[:2]
    return RatioSection(
        channels=(one,), to=(other,), **{draw(st.sampled_from(["min", "max"])): draw(st.sampled_from([0.5, 2.0]))}
    )


@st.composite
def locks(draw: st.DrawFn) -> LockSection:
    day = draw(st.sampled_from([None, DAYS[0]]))
    spend = draw(st.one_of(st.none(), POSITIVE)) if day is None else None
    return LockSection(channel=draw(CHANNELS), group=draw(GROUPS), first=day, last=day, spend=spend)


@st.composite
def sections(draw: st.DrawFn) -> PlanSection:
    total = draw(
        st.sampled_from(
            [{}, {"budget": 21_000.03}, {"budget_min": 10_000.0, "budget_max": 30_000.0, "objective": "profit"}]
        )
    )
    timing = draw(st.sampled_from(["reference", "even", "free"]))
    return PlanSection(
        periods=PERIODS,
        timing=timing,
        max_step=draw(st.sampled_from([None, 1.5])) if timing == "free" else None,
        max_change=draw(st.sampled_from([None, None, 0.4])),
        margin_of_range=draw(st.sampled_from([None, 0.2])),
        time_limit=2.0,
        bounds=tuple(draw(st.lists(bounds(), max_size=3))),
        groups=tuple(draw(st.lists(shares(), max_size=2))),
        ratios=tuple(draw(st.lists(ratios(), max_size=1))),
        locks=tuple(draw(st.lists(locks(), max_size=1))),
        **total,
    )


def compiled(section: PlanSection) -> Compiled:
    problem = pose(RESPONSE, section, Path(), margin=MARGIN)
    return compile_rules(problem.rules, problem.decision, problem.reference.budget)


def answer(section: PlanSection) -> Allocation | PlanError:
    try:
        return PLANNER.optimize(section)
    except PlanError as refusal:
        return refusal


def ensure_smallest(rules: Compiled) -> None:
    """What conflicts cannot hold together, and without any one of it the rest can."""
    clash = [rules.rules.index(rule) for rule in conflicting(rules)]
    kept = np.isin(np.arange(len(rules.rules)), clash)
    assert clash
    assert not can_hold(rules, kept)
    for one in clash:
        without = kept.copy()
        without[one] = False
        assert can_hold(rules, without), rules.rules[one].words


CENTS_OF_A_PART = PlanSection(
    periods=PERIODS,
    bounds=(BoundSection(channel="ch2", group="g1", first=DAYS[2], max_change=0.0),),
    locks=(LockSection(channel="ch2", first=DAYS[0], last=DAYS[0]),),
)
"""Two parts of one given timing, each to the cent, whose wholes are a few cents apart; once refused as P078."""


@settings(max_examples=80)
@example(CENTS_OF_A_PART)
@given(sections())
def test_every_rule_is_kept_to_the_cent_or_a_smallest_conflict_is_named(section):
    found = answer(section)
    if isinstance(found, PlanError):
        rules = compiled(section)
        assert not can_hold(rules), found  # nothing that could hold is refused
        if found.id == "P007":
            ensure_smallest(rules)
            assert all(rule.words in str(found) for rule in conflicting(rules))
        return
    plan, problem = plan_of(found), pose(RESPONSE, section, Path(), margin=MARGIN)
    assert np.abs(plan * 100 - np.rint(plan * 100)).max() < 1e-4 or "P054" in {each.id for each in found.findings}
    assert round(plan.sum(), 2) == found.budget
    if not section.free_total:
        assert found.budget == problem.reference.budget
    assert [rule.words for rule in problem.rules.broken_by(plan)] == []
    assert found.certificate.bound >= found.certificate.value
    whole = found.table["period"].isna()
    pd.testing.assert_series_equal(
        found.table.loc[whole, "spend"], pd.Series(plan.sum(axis=0), name="spend"), atol=1e-6, rtol=0
    )


@settings(max_examples=25)
@given(sections())
def test_no_plan_that_keeps_the_rules_beats_the_bound(section):
    """Mixtures of the plan with other plans that keep the rules, by the linear program in random directions."""
    found = answer(section)
    if isinstance(found, PlanError):
        return
    rules, problem = ensure_feasible(compiled(section)), pose(RESPONSE, section, Path(), margin=MARGIN)
    polytope = with_switches(rules.polytope)
    rng = np.random.default_rng(len(section.bounds))
    profit = section.objective == "profit"
    for _ in range(6):
        gain = np.zeros(len(polytope.lower))
        gain[: polytope.n] = rng.standard_normal(polytope.n)
        corner = solve_linear(gain, polytope).y[: polytope.n] * rules.money_scale
        for part in (1.0, 0.1) if not polytope.semis and not polytope.integer.any() else (1.0,):
            mixed = part * problem.decision.spend(corner) + (1.0 - part) * plan_of(found)
            brings = float(problem.choosing.outcome(np.maximum(mixed, 0.0)).mean())
            value = MARGIN * brings - mixed.sum() if profit else brings
            # Corners keep their rules to 1e-9 of the budget; the plan to the cent, ten of which are worth 0.5 here.
            assert value <= found.certificate.bound + 0.5
