"""Plans in the money that leads turn into: capacity by segment, minimum volumes, prices, goals, against programs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError
from scipy.optimize import linprog

from budget import Planner, PlanSection, frontier, sensitivity, sweep
from budget.problem import pose
from budget.volumes import Minimums, volumes_of
from budget.work import sellers_of
from outlay.errors import ConfigError, PlanError
from tests.budget.leads import make_money
from tests.budget.synthetic import plan_of

MONEY = make_money(3, channels=4, groups=2, draws=60)
PLANNER = Planner(MONEY, margin=0.4)
SEGMENTS = ("seg0", "seg1", "seg2")


def section(**keys: object) -> PlanSection:
    return PlanSection(**{"value_from": "conversion", "periods": 8, "margin_of_range": None, **keys})  # type: ignore[arg-type]


def needed(part: float = 1.0) -> list[float]:
    """Leads of each segment under the reference plan, times a part."""
    rows = PLANNER.optimize(section()).leads.segments
    return [part * row.leads.mean for row in rows]


NEEDED = needed()
CAPACITY = [
    {"segment": name, "hours": 4.0 * part * leads, "hours_per_unit": 4.0}
    for name, part, leads in zip(SEGMENTS, (0.5, 0.8, 0.6), NEEDED, strict=True)
]
CAPPED = PLANNER.optimize(section(capacity=CAPACITY))


def test_money_is_leads_times_their_worth_draw_by_draw():
    """Of a plan's cells, by hand from splits, reaches and values; without a capacity the plan's outcome is the sum."""
    problem = pose(MONEY, section(), Path())
    spend, downstream = problem.reference.spend, MONEY.downstream
    worth = np.einsum("sgckb,sgckb,sk->sgc", downstream.split, downstream.reach[..., -1], downstream.value)
    leads = replace(MONEY, coefficient=MONEY.coefficient / worth[:, :, :-1], downstream=None, money=False)
    by_hand = pose(leads, PlanSection(periods=8, margin_of_range=None), Path()).every.outcomes(spend)
    money = problem.every.outcomes(spend)
    flat = np.swapaxes(worth[:, :, :-1], 1, 2).reshape(len(worth), -1)
    assert money == pytest.approx(by_hand * flat, rel=1e-10)
    free = PLANNER.optimize(section())
    assert free.expected.mean == pytest.approx(problem.judging.outcomes(plan_of(free)).sum(axis=1).mean(), rel=1e-12)


def test_plans_are_proven_and_never_worse_than_the_reference():
    assert CAPPED.certificate.bound >= CAPPED.certificate.value
    assert CAPPED.gap <= 3e-6
    assert CAPPED.upper_bound >= CAPPED.objective_value
    problem = pose(MONEY, section(capacity=CAPACITY), Path())
    sellers = sellers_of(problem, problem.choosing)
    now = sellers.worked(problem.choosing.outcomes(problem.reference.spend).T).mean()
    assert CAPPED.certificate.value >= now
    mine = sellers.worked(problem.choosing.outcomes(plan_of(CAPPED)).T).mean()
    assert CAPPED.certificate.value == pytest.approx(mine, rel=1e-9)


def test_the_joint_optimum_is_that_of_one_linear_program():
    """All kinds of leads, all draws and tangents of the curves in one program (the prototype's way): within 1e-4."""
    response = make_money(1, channels=3, groups=1, draws=12)
    leads = [row.leads.mean for row in Planner(response).optimize(section()).leads.segments]
    limits = [{"segment": name, "most": 0.6 * each} for name, each in zip(SEGMENTS, leads, strict=True)]
    found = Planner(response).optimize(section(capacity=limits))
    problem = pose(response, section(capacity=limits), Path())
    assert found.certificate.value == pytest.approx(whole_program(problem), rel=1e-4)


def whole_program(problem) -> float:
    """Spend, leads of each cell and draw below tangents, worked leads of each kind and draw: the most that is worked.

    Expected over the draws that choose, less what the leads that come anyway are worth.
    """
    sellers, budget = sellers_of(problem, problem.choosing), problem.rules.budget
    kinds, cells, draws = sellers.kinds, len(problem.cells), problem.choosing.n_draws
    knots = np.concatenate([[1e-6], np.linspace(0.0, 1.0, 41)[1:] ** 2]) * budget
    rows, limits, teams = [], [], len(sellers.teams)
    kinds_count = len(kinds.source)
    n = cells + draws * cells + draws * kinds_count
    curve = [_curve(problem, cell, knots) for cell in range(cells)]
    for s in range(draws):
        for cell in range(cells):
            value, slope = curve[cell][0][:, s], curve[cell][1][:, s]
            for k, knot in enumerate(knots):
                row = np.zeros(n)
                row[cells + s * cells + cell], row[cell] = 1.0, -slope[k] * sellers.leads[s, cell]
                rows.append(row)
                limits.append((value[k] - slope[k] * knot) * sellers.leads[s, cell])
        at = cells + draws * cells + s * kinds_count
        for t in range(kinds_count):
            row, source = np.zeros(n), kinds.source[t]
            row[at + t] = 1.0
            if source < cells:
                row[cells + s * cells + source] = -kinds.part[s, t]
            rows.append(row)
            limits.append(0.0 if source < cells else sellers.beside[s, source] * kinds.part[s, t])
        for m in range(teams):
            row = np.zeros(n)
            row[at + kinds.first[m] : at + kinds.first[m + 1]] = 1.0
            rows.append(row)
            limits.append(kinds.most[m])
    gain = np.zeros(n)
    gain[cells + draws * cells :] = kinds.worth.ravel() / draws
    whole = np.zeros((1, n))
    whole[0, :cells] = 1.0
    found = linprog(-gain, A_ub=np.array(rows), b_ub=np.array(limits), A_eq=whole, b_eq=[budget], method="highs")
    return float(-found.fun - sellers.anyway.mean())


def _curve(problem, cell: int, knots: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Outcome and slope of one cell at some totals, per draw: (J, S) each."""

    def outcome(total: float) -> np.ndarray:
        spend = np.zeros_like(problem.reference.spend)
        spend[:, cell] = problem.decision.shape[:, cell] * total
        return problem.choosing.outcomes(spend)[:, cell]

    values = np.array([outcome(knot) for knot in knots])
    steps = 1e-5 * knots + 1e-3
    slopes = np.array([(outcome(k + h) - outcome(k)) / h for k, h in zip(knots, steps, strict=True)])
    return values, slopes


def test_a_large_capacity_is_no_capacity_and_none_leaves_nothing():
    free = PLANNER.optimize(section())
    large = PLANNER.optimize(section(capacity=[{"segment": name, "most": 1e7} for name in SEGMENTS]))
    assert large.expected.mean == pytest.approx(free.expected.mean, rel=1e-6)
    assert not [price for price in large.shadow_prices if price.kind == "capacity"]
    none = PLANNER.optimize(section(capacity=[{"segment": "seg1", "hours": 0.0, "hours_per_unit": 4.0}]))
    row = next(row for row in none.leads.segments if row.segment == "seg1")
    assert row.worked.mean == row.value.mean == 0.0
    assert none.expected.mean < free.expected.mean


def test_ignoring_segments_and_capacity_costs_what_the_joint_plan_gains():
    """The plan made without a capacity, judged under it, is worth less than the plan that knows of it."""
    free = PLANNER.optimize(section())
    brought = free.flighting.loc[free.flighting["spend"] > 0, ["channel", "group", "date", "spend"]]
    judged = PLANNER.evaluate(section(capacity=CAPACITY), brought)
    assert judged.expected.mean < CAPPED.expected.mean
    assert judged.gap > CAPPED.gap


@pytest.mark.parametrize("number", range(3))
def test_the_price_of_an_hour_is_the_slope_of_all_that_is_worked(number):
    """Against plans with a little more and fewer hours; 1 %: between them some draws turn."""
    step = 0.004 * CAPACITY[number]["hours"]

    def worked(move: float) -> float:
        moved = [dict(limit) for limit in CAPACITY]
        moved[number]["hours"] += move
        asked = section(capacity=moved)
        found, problem = PLANNER.optimize(asked), pose(MONEY, asked, Path())
        return found.certificate.value + float(sellers_of(problem, problem.choosing).anyway.mean())

    slope = (worked(step) - worked(-step)) / (2 * step)
    row = next(row for row in CAPPED.leads.segments if row.segment == SEGMENTS[number])
    assert row.price == pytest.approx(slope, rel=0.03)
    assert row.price_of == "hour"
    told = [price for price in CAPPED.shadow_prices if price.kind == "capacity" and price.rule.startswith(row.segment)]
    assert told[0].price == pytest.approx(row.price)
    assert "one more seller hour brings" in told[0].text


def test_segments_add_up():
    """Worked value less what is worked anyway is the plan's outcome; hours needed are leads times hours."""
    problem = pose(MONEY, section(capacity=CAPACITY), Path())
    anyway = float(sellers_of(problem, problem.judging).anyway.mean())
    rows = CAPPED.leads.segments
    assert sum(row.value.mean for row in rows) - anyway == pytest.approx(CAPPED.expected.mean, rel=1e-9)
    assert sum(row.gain.mean for row in rows) == pytest.approx(CAPPED.gain.mean, rel=1e-6, abs=1.0)
    for row in rows:
        assert row.leads.mean == pytest.approx(row.leads_media + row.leads_baseline)
        assert row.hours_needed == pytest.approx(4.0 * row.leads.mean)
        assert row.worked.mean <= row.most + 1e-6
        assert row.stages[0].mean > row.stages[1].mean > 0.0
    assert 0.0 <= CAPPED.leads.one_order < 0.05


def test_one_pool_and_teams_by_group():
    """A pool of all segments works the best of all; teams of one segment in one group each stand for themselves."""
    pool = PLANNER.optimize(section(capacity=[{"hours": 2.0 * sum(NEEDED), "hours_per_unit": 4.0}]))
    assert all(row.shared for row in pool.leads.segments)
    assert sum(row.worked.mean for row in pool.leads.segments) == pytest.approx(0.5 * sum(NEEDED), rel=1e-6)
    split = PLANNER.optimize(section(capacity=[{"segment": "seg0", "groups": ["g1"], "most": 0.2 * NEEDED[0]}]))
    rows = [row for row in split.leads.segments if row.segment == "seg0"]
    assert [row.group for row in rows] == ["g0", "g1"]
    assert rows[0].most is None
    assert rows[1].worked.mean <= 0.2 * NEEDED[0] + 1e-6


def test_names_and_doubled_teams_are_refused():
    with pytest.raises(ConfigError, match="P019") as caught:
        PLANNER.optimize(section(capacity=[{"segment": "seg9", "most": 5.0}]))
    assert "seg" in caught.value.repair
    with pytest.raises(ConfigError, match="P083"):
        PLANNER.optimize(section(capacity=[{"segment": "seg0", "most": 5.0}, {"most": 9.0}]))
    with pytest.raises(ConfigError, match="P014"):
        Planner(replace(MONEY, downstream=None)).optimize(section())
    with pytest.raises(ConfigError, match="P019"):
        PLANNER.optimize(section(volumes=[{"stage": "opportunity", "min": 5.0}]))


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"value_from": "kpi", "capacity": [{"segment": "a", "most": 1.0}]}, "needs value_from"),
        ({"value_from": "kpi", "volumes": [{"min": 1.0}]}, "needs value_from"),
        ({"capacity": [{"channels": ["ch0"], "most": 1.0}]}, "all channels"),
        ({"capacity": [{"segment": "a", "channels": ["ch0"], "most": 1.0}]}, "all channels"),
        ({"volumes": [{"segment": "a"}]}, "states no rule"),
        ({"volumes": [{"channel": "ch0", "min": 1.0, "counts": "all"}]}, "belong to no channel"),
    ],
)
def test_keys_that_mean_nothing_together_are_refused(keys, words):
    with pytest.raises(ValidationError, match=words):
        section(**keys)


def test_a_window_of_the_past_has_no_hours():
    with pytest.raises(PlanError, match="P017"):
        PLANNER.optimize(section(start=MONEY.dates[30].date(), capacity=CAPACITY))


# ------------------------------------------------------------------------------------------------------ minimum volumes


def reachable(**keys: object) -> float:
    """The most of a volume that plans bring, from the refusal of a number that none does."""
    with pytest.raises(PlanError, match="P088") as caught:
        PLANNER.optimize(section(volumes=[{"min": 1e6, **keys}]))
    assert caught.value.exit_code == 5
    return float(caught.value.what.partition("about ")[2].split(",  ")[0].split(", with")[0].replace(",", ""))


@pytest.mark.parametrize(
    "keys",
    [{"segment": "seg1"}, {"segment": "seg0", "group": "g1", "stage": "sqo"}, {"channel": "ch2", "stage": "won"}],
)
def test_a_minimum_is_kept_and_costs(keys):
    """Between what the free plan brings and the most that is reachable: met to 1e-6, proven, and worth less."""
    free = PLANNER.optimize(section(capacity=CAPACITY, volumes=[{"goal": 1.0, **keys}]))
    now, most = free.leads.volumes[0].expected.mean, reachable(**keys)
    assert most > now
    least = 0.5 * (now + most)
    found = PLANNER.optimize(section(capacity=CAPACITY, volumes=[{"min": least, **keys}]))
    told = found.leads.volumes[0]
    assert told.expected.mean >= least * (1 - 1e-6)
    assert told.expected.mean == pytest.approx(least, rel=1e-4)
    assert found.gap < 1e-5
    assert found.certificate.value < free.certificate.value
    assert found.upper_bound >= found.objective_value
    assert [price for price in found.shadow_prices if price.kind == "volume"]
    assert [finding for finding in found.findings if finding.id == "P066"]
    brought = free.flighting.loc[free.flighting["spend"] > 0, ["channel", "group", "date", "spend"]]
    judged = PLANNER.evaluate(section(capacity=CAPACITY, volumes=[{"min": least, **keys}]), brought)
    assert any(told.volume in rule for rule in judged.broken_rules)


def test_the_most_that_is_reachable_is_that_of_a_program():
    """The plan that looks for nothing but the leads of a segment, by its own curves: within the 1e-3 that is told."""
    problem = pose(MONEY, section(volumes=[{"segment": "seg1", "min": 1.0}]), Path())
    minimums = Minimums(problem, volumes_of(problem), 1.0)
    response = minimums.engines[0].responses.response
    alone = Planner(replace(response, downstream=None, money=False)).optimize(
        PlanSection(periods=8, margin_of_range=None)
    )
    mine = minimums.brings(0, minimums.of(plan_of(alone)))
    assert reachable(segment="seg1") == pytest.approx(mine, rel=2e-3)


def test_the_price_of_a_minimum_is_its_slope():
    free = PLANNER.optimize(section(volumes=[{"segment": "seg2", "goal": 1.0}]))
    least = 0.5 * (free.leads.volumes[0].expected.mean + reachable(segment="seg2"))

    def value(least: float) -> float:
        return PLANNER.optimize(section(volumes=[{"segment": "seg2", "min": least}])).certificate.value

    found = PLANNER.optimize(section(volumes=[{"segment": "seg2", "min": least}]))
    price = next(price.price for price in found.shadow_prices if price.kind == "volume")
    slope = (value(least * 0.999) - value(least * 1.001)) / (0.002 * least)
    assert price == pytest.approx(slope, rel=0.01)


def test_several_minimums_and_freely_timed_carry_over():
    """Tangents of paths hold as those of single curves do: the plan keeps both, and its bound stands."""
    response = make_money(2, channels=2, groups=1, draws=20)
    planner = Planner(response)
    asked = section(timing="free", volumes=[{"segment": "seg0", "goal": 1.0}, {"segment": "seg1", "goal": 1.0}])
    free = planner.optimize(asked)
    least = [1.005 * row.expected.mean for row in free.leads.volumes][:1]
    found = planner.optimize(section(timing="free", volumes=[{"segment": "seg0", "min": least[0]}]))
    assert found.leads.volumes[0].expected.mean >= least[0] * (1 - 1e-6)
    assert found.certificate.bound >= found.certificate.value
    assert found.certificate.value <= free.certificate.bound


def test_minimums_together_out_of_reach_are_told_one_by_one():
    most = reachable(segment="seg0")
    with pytest.raises(PlanError, match="P088") as caught:
        PLANNER.optimize(
            section(
                volumes=[
                    {"segment": "seg0", "min": 0.99 * most},
                    {"segment": "seg1", "min": 0.99 * reachable(segment="seg1")},
                ]
            )
        )
    assert "[[plan.volumes]] 2" in caught.value.where
    assert "kept" in caught.value.what


def test_a_curve_that_is_not_concave_is_refused_beside_a_minimum():
    bent = replace(MONEY, exponent=np.full_like(MONEY.exponent, 2.0))
    with pytest.raises(PlanError, match="P089"):
        Planner(bent).optimize(section(volumes=[{"segment": "seg0", "min": 5.0}]))
    found = Planner(bent).optimize(section(capacity=CAPACITY))  # and planned, with its bound, under a capacity
    assert found.certificate.bound >= found.certificate.value


# -------------------------------------------------------------------------------------------------------- around a plan


def test_the_baseline_counts_where_it_is_asked_for():
    asked = section(volumes=[{"segment": "seg0", "goal": 1.0}, {"segment": "seg0", "goal": 1.0, "counts": "all"}])
    media, everything = PLANNER.optimize(asked).leads.volumes
    row = next(row for row in PLANNER.optimize(asked).leads.segments if row.segment == "seg0")
    assert everything.expected.mean - media.expected.mean == pytest.approx(row.leads_baseline, rel=0.1)


def test_goals_are_told_by_segment_and_in_total():
    """A goal of the mean is reached about half of the time, one of nothing always; hours take won leads away."""
    goals = [{"segment": name, "stage": "won", "goal": 1.0, "counts": "all"} for name in SEGMENTS]
    found = PLANNER.optimize(section(volumes=goals, goal=1.0, capacity=CAPACITY))
    assert [row.p_goal for row in found.leads.volumes] == [1.0] * 3
    assert found.p_goal == 1.0
    won = {row.segment: row.stages[-1].mean for row in found.leads.segments}
    goals = [{"segment": name, "stage": "won", "goal": won[name], "counts": "all"} for name in SEGMENTS]
    again = PLANNER.optimize(section(volumes=goals, capacity=CAPACITY))
    assert all(0.2 < row.p_goal < 0.8 for row in again.leads.volumes)
    free = PLANNER.optimize(section(volumes=goals))
    assert all(a.p_goal >= b.p_goal for a, b in zip(free.leads.volumes, again.leads.volumes, strict=True))


def test_goal_of_the_window_counts_what_is_worked():
    limit = PLANNER.optimize(section(capacity=CAPACITY, goal=1.0))
    total = sum(row.value.mean for row in limit.leads.segments)
    high = PLANNER.optimize(section(capacity=CAPACITY, goal=1.3 * total))
    assert high.p_goal < 0.05
    assert PLANNER.optimize(section(goal=1.3 * total)).p_goal >= high.p_goal


@pytest.mark.parametrize(
    "keys",
    [
        {"objective": "profit", "budget_max": 90_000.0},
        {"risk": {"measure": "cvar", "level": 0.2}},
        {"objective": "target_roi", "target": 20.0, "budget_max": 90_000.0},
        {"objective": "target_kpi", "target": 3_000_000.0, "budget_max": 90_000.0},
        {"carry_over_after": False},
        {"target_counts": "all", "objective": "target_kpi", "target": 4_000_000.0, "budget_max": 90_000.0},
    ],
)
def test_every_objective_keeps_its_proof_under_hours(keys):
    found = PLANNER.optimize(section(capacity=CAPACITY, **keys))
    sign = -1.0 if keys.get("objective") == "target_kpi" else 1.0
    assert sign * found.certificate.bound >= sign * found.certificate.value - 1e-9
    assert found.gap < 1e-4


def test_sweep_frontier_and_sensitivity_go_on():
    asked = section(capacity=CAPACITY)
    swept = sweep(PLANNER, asked, points=3)
    assert (np.diff(swept.table["outcome_mean"]) > 0).all()
    assert swept.table["mroi"].is_monotonic_decreasing
    assert len(frontier(PLANNER, asked, 2).table) == 2
    leaned = sensitivity(PLANNER, section(capacity=CAPACITY, volumes=[{"segment": "seg0", "min": 1.0}]), draws=3)
    assert leaned.regret.mean >= 0.0


def test_json_holds_no_nan_and_tells_the_segments():
    document = CAPPED.to_json()
    assert [row["segment"] for row in document["segments"]] == list(SEGMENTS)
    assert document["segments"][0]["worked"]["mean"] == CAPPED.leads.segments[0].worked.mean
    assert document["one_order"] == CAPPED.leads.one_order


def test_busy_sellers_are_told():
    tight = PLANNER.optimize(section(capacity=[{"segment": "seg0", "most": 1.0}]))
    assert [finding.id for finding in tight.findings if finding.id in ("P044", "P068")] == ["P068", "P044"]
