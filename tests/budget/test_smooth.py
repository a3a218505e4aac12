"""The engine for coupled periods and risk: the exact optimum, and a bound that nothing exceeds."""

from __future__ import annotations

import itertools
from dataclasses import replace

import cvxpy as cp
import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from budget.floor import FloorError
from budget.objective import Objective
from budget.optimum import Optimum
from budget.paths import PathOracle
from budget.polytope import InfeasibleRulesError, Polytope, Semi, linear_best
from budget.quadratic import Quadratic
from budget.smooth import maximise
from outlay.transforms import Array
from tests.budget.coupled import World, allowed, box

AIM = 1e-6
CONIC = 1e-6  # Clarabel's own tolerance on the cone programs that are compared with, with room for their size


def carried(world: World, spend: cp.Variable) -> list[cp.Expression]:
    """Outcome of every draw as cvxpy expressions: ``a / (a + k) = 1 - k / (a + k)``, which a cone program can say."""
    totals = []
    for s in range(world.draws):
        total: cp.Expression = 0.0
        for path in world.paths():
            periods, lags = path.gain.shape[1], path.weights.shape[1]
            toeplitz = np.zeros((periods, lags - 1 + periods))
            for t in range(periods):
                toeplitz[t, t : t + lags] = path.weights[s][::-1]
            base = toeplitz[:, : lags - 1] @ path.lead
            moved = path.unit * toeplitz[:, lags - 1 : lags - 1 + len(path.spread)] @ path.spread
            adstock = base + moved @ spend[path.columns]
            value = 1.0 - path.half[s] * cp.inv_pos(adstock + path.half[s])
            total = total + path.gain[s] @ (value - base / (base + path.half[s]))
        totals.append(total)
    return totals


def cone(world: World, polytope: Polytope, objective: Objective) -> tuple[float, Array]:
    """The same problem over all draws in cvxpy, continuous and exact."""
    spend = cp.Variable(world.n)
    outcome = cp.hstack(carried(world, spend))
    rules = [
        polytope.matrix @ spend <= np.where(np.isfinite(polytope.high), polytope.high, 1e3),
        polytope.matrix @ spend >= np.where(np.isfinite(polytope.low), polytope.low, -1e3),
        spend >= polytope.lower,
        spend <= polytope.upper,
    ]

    def rho(values: cp.Expression) -> cp.Expression:
        threshold, count = cp.Variable(), objective.level * world.draws
        tail = threshold - cp.sum(cp.pos(threshold - values)) / count
        return (1.0 - objective.weight) * cp.sum(values) / world.draws + objective.weight * tail

    shift = np.zeros(world.draws) if objective.shift is None else objective.shift
    best = objective.per_outcome * rho(outcome - shift) - objective.per_spend * cp.sum(spend)
    if objective.floor is not None:
        rules.append(rho(outcome) >= objective.floor + objective.floor_per_spend * cp.sum(spend))
    problem = cp.Problem(cp.Maximize(best), rules)
    problem.solve(solver=cp.CLARABEL)
    assert problem.status == "optimal"
    return float(problem.value), np.asarray(spend.value)


def ranged(n: int, least: float = 0.2, most: float = 1.5) -> Polytope:
    """A total that is free within a range."""
    fixed = box(n)
    return replace(fixed, low=np.array([least]), high=np.array([most]))


def checked(found: Optimum, world: World, polytope: Polytope) -> None:
    """What every proven answer is."""
    sums = polytope.matrix @ found.z
    assert (sums >= polytope.low - 1e-8).all()
    assert (sums <= polytope.high + 1e-8).all()
    assert ((found.z >= polytope.lower) & (found.z <= polytope.upper)).all()
    assert found.bound >= found.value
    assert found.q.sum() == pytest.approx(1.0)
    assert found.status == "optimal"


@pytest.mark.parametrize("weight", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("seed", range(2))
def test_the_optimum_is_that_of_the_exact_cone_program(weight: float, seed: int) -> None:
    world = World(seed=seed)
    polytope = box(world.n, most=0.15, rows=world.cell_totals(), cap=0.5)
    objective = Objective(weight=weight, level=0.3)  # 2.4 of 8 draws: a draw counts in part
    exact, _ = cone(world, polytope, objective)
    found = maximise(PathOracle(world.paths(), world.n), polytope, objective, aim=AIM)
    checked(found, world, polytope)
    assert found.gap <= AIM
    assert found.value == pytest.approx(exact, rel=CONIC)


def test_risk_of_the_gain_over_the_reference_is_that_of_the_cone_program() -> None:
    world = World(seed=4)
    polytope, oracle = box(world.n, most=0.15), PathOracle(world.paths(), world.n)
    objective = Objective(weight=1.0, level=0.25, shift=oracle.outcome(np.full(world.n, 1.0 / world.n)))
    exact, _ = cone(world, polytope, objective)
    found = maximise(oracle, polytope, objective, aim=1e-5)
    assert found.bound - found.value <= 1e-4 * found.value  # the gain is small against the outcome
    assert found.value == pytest.approx(exact, abs=1e-6)


@pytest.mark.parametrize("weight", [0.0, 0.7])
@pytest.mark.parametrize("kind", ["profit", "cheapest", "roi", "profit_floor"])
def test_profit_and_floors_are_those_of_the_cone_program(kind: str, weight: float) -> None:
    world = World(seed=1)
    polytope, oracle = ranged(world.n), PathOracle(world.paths(), world.n)
    outcome = oracle.outcome(np.full(world.n, 1.0 / world.n))
    risk = Objective(weight=weight, level=0.3)
    reached = float(risk.weights(outcome) @ outcome)
    objective = {
        "profit": replace(risk, per_spend=0.6 * reached),
        "cheapest": replace(risk, per_outcome=0.0, per_spend=1.0, floor=0.8 * reached),
        "roi": replace(risk, floor=0.0, floor_per_spend=1.2 * reached),
        "profit_floor": replace(risk, per_spend=reached, floor=0.9 * reached),
    }[kind]
    exact, spend = cone(world, polytope, objective)
    found = maximise(oracle, polytope, objective, aim=AIM)
    checked(found, world, polytope)
    assert found.value == pytest.approx(exact, rel=10 * CONIC)
    assert found.z.sum() == pytest.approx(spend.sum(), rel=1e-3)  # flat at the top
    assert objective.floor_room(oracle.outcome(found.z), float(found.z.sum())) >= 0.0


def test_a_floor_that_no_plan_reaches_is_told_with_what_is_missing() -> None:
    world = World(seed=1)
    polytope, oracle = ranged(world.n), PathOracle(world.paths(), world.n)
    most = maximise(oracle, polytope, Objective(), aim=AIM).value
    with pytest.raises(FloorError) as caught:
        maximise(oracle, polytope, Objective(per_outcome=0.0, per_spend=1.0, floor=1.1 * most))
    assert caught.value.room == pytest.approx(-0.1 * most, rel=1e-4)
    # just below the most it is reached
    near = maximise(oracle, polytope, Objective(per_outcome=0.0, per_spend=1.0, floor=0.999 * most))
    assert near.status == "optimal"


def test_rules_that_conflict_are_told() -> None:
    world = World()
    with pytest.raises(InfeasibleRulesError):
        maximise(PathOracle(world.paths(), world.n), box(world.n, most=0.01), Objective())


@settings(max_examples=25)
@given(
    st.sampled_from(["hill", "steep", "michaelis_menten", "tanh", "root", "none"]),
    st.sampled_from([0.0, 0.4, 1.0]),
    st.booleans(),
    st.booleans(),
    st.integers(0, 10_000),
)
def test_no_plan_within_the_rules_beats_the_bound(
    family: str, weight: float, free: bool, floored: bool, seed: int
) -> None:
    world, rng = World(family=family, free=free, periods=4, seed=seed), np.random.default_rng(seed)
    polytope = box(world.n, most=float(rng.uniform(0.4, 1.0)), rows=world.cell_totals(), cap=0.8)
    oracle = PathOracle(world.paths(), world.n)
    plans = allowed(polytope, rng, 200)
    assume(len(plans) >= 20)
    outcomes = [oracle.outcome(plan) for plan in plans]
    objective = Objective(weight=weight, level=0.3)
    if floored:  # a floor that about half of the plans keep
        objective = replace(
            objective, floor=float(np.median([objective.value(outcome, 0.0) for outcome in outcomes])), per_spend=0.1
        )
    found = maximise(oracle, polytope, objective, plans[0], aim=AIM, time_limit=1.0, envelope=oracle.over)
    kept = [outcome for outcome in outcomes if objective.floor_room(outcome, 1.0) >= 0.0]
    best = max(objective.value(outcome, 1.0) for outcome in kept)
    assert best <= found.bound + 1e-9
    if oracle.concave:  # where it is not, the plan is only the best of some climbs
        checked(found, world, polytope)
        assert best <= found.value + AIM * abs(found.value)
        assert found.gap <= 1e-5  # a floor's price makes the value's own scale a little smaller


def test_nothing_or_at_least_is_that_of_the_best_choice() -> None:
    world = World(cells=4, periods=3, seed=2)
    oracle = PathOracle(world.paths(), world.n)
    cells = [np.arange(3 * cell, 3 * cell + 3) for cell in range(4)]
    semis = tuple(Semi(cell, 0.35) for cell in cells)
    objective = Objective(weight=0.5, level=0.3)
    best = -np.inf
    for on in itertools.product([False, True], repeat=4):
        plain, totals = box(world.n), np.zeros((4, world.n))
        for cell, kept in enumerate(on):
            totals[cell, cells[cell]] = 1.0
            plain.upper[cells[cell]] *= kept
        matrix = sp.vstack([plain.matrix, sp.csr_array(totals)], format="csr")
        low, high = np.r_[plain.low, 0.35 * np.array(on)], np.r_[plain.high, np.full(4, np.inf)]
        try:
            found = maximise(oracle, replace(plain, matrix=matrix, low=low, high=high), objective, aim=AIM)
        except InfeasibleRulesError:
            continue
        best = max(best, found.value)
    searched = maximise(oracle, box(world.n, semis=semis), objective, aim=AIM)
    assert searched.status == "optimal"
    assert searched.value == pytest.approx(best, rel=2 * AIM)
    totals = world.cell_totals() @ searched.z
    assert all(total == 0.0 or total >= 0.35 - 1e-8 for total in totals)


def test_whole_columns_are_those_of_the_best_choice() -> None:
    # at most two of four cells run, each switched by a whole column: sum of a cell <= switch
    world = World(cells=4, periods=3, seed=3)
    oracle, plain, totals = PathOracle(world.paths(), world.n), box(world.n), world.cell_totals()
    matrix = sp.csr_array(
        np.block([[np.ones((1, 12)), np.zeros((1, 4))], [totals, -np.eye(4)], [np.zeros((1, 12)), np.ones((1, 4))]])
    )
    polytope = Polytope(
        12,
        matrix,
        np.r_[1.0, np.full(5, -np.inf)],
        np.r_[1.0, np.zeros(4), 2.0],
        np.zeros(16),
        np.r_[plain.upper, np.ones(4)],
        np.r_[np.zeros(12, bool), np.ones(4, bool)],
    )
    best = max(
        maximise(oracle, replace(plain, upper=plain.upper * np.repeat(np.isin(range(4), pair), 3)), Objective()).value
        for pair in itertools.combinations(range(4), 2)
    )
    found = maximise(oracle, polytope, Objective(), aim=AIM)
    assert found.status == "optimal"
    assert found.value == pytest.approx(best, rel=2 * AIM)
    assert found.row_price.shape == (6,)


@pytest.mark.parametrize("weight", [0.0, 1.0])
def test_s_shaped_curves_are_proven_by_cutting_boxes(weight: float) -> None:
    world = World(cells=3, family="hill", free=False, seed=5)
    oracle, polytope = PathOracle(world.paths(), 3), box(3, most=1.0)
    objective = Objective(weight=weight, level=0.3)
    found = maximise(oracle, polytope, objective, aim=1e-4, envelope=oracle.over)
    assert found.status == "optimal"
    steps = np.linspace(0.0, 1.0, 61)
    grid = max(
        objective.value(oracle.outcome(np.array([a, b, 1.0 - a - b])), 1.0)
        for a, b in itertools.product(steps, steps)
        if a + b <= 1.0
    )
    assert grid <= found.bound
    # a grid of 1/60 misses the top by at most its curvature times the step squared, below 1 % here
    assert found.value >= grid * (1.0 - 1e-4)
    assert found.value <= grid * 1.01
    assert maximise(oracle, polytope, objective).status == "local"  # nothing proves it without an envelope


def test_prices_are_what_moving_a_rule_brings() -> None:
    world = World(seed=6)
    oracle, polytope = PathOracle(world.paths(), world.n), ranged(world.n, most=1.0)
    rows = sp.vstack([polytope.matrix, sp.csr_array(world.cell_totals())], format="csr")
    polytope = replace(polytope, matrix=rows, low=np.r_[0.2, [-np.inf] * 3], high=np.r_[1.0, [0.4] * 3])
    reached = float(oracle.outcome(np.full(world.n, 1.0 / world.n)).mean())
    objective = Objective(per_spend=0.9 * reached, floor=0.95 * reached)
    found = maximise(oracle, polytope, objective, aim=1e-9)
    assert found.floor_price > 0.0

    def moved(row: int, by: float) -> float:
        high = polytope.high.copy()
        high[row] += by
        return maximise(oracle, replace(polytope, high=high), objective, aim=1e-9).value

    for row in range(4):
        # a central difference of 1e-3 is off by its square times the third derivative
        assert found.row_price[row] == pytest.approx((moved(row, 1e-3) - moved(row, -1e-3)) / 2e-3, rel=1e-2, abs=2e-4)
    lowered = [
        maximise(oracle, polytope, replace(objective, floor=0.95 * reached + by), aim=1e-9).value
        for by in (-1e-4, 1e-4)
    ]
    assert found.floor_price == pytest.approx((lowered[0] - lowered[1]) / 2e-4, rel=1e-2)


def test_the_unit_of_exposure_and_the_order_of_cells_do_not_matter() -> None:
    world = World(seed=7)
    polytope, objective = box(world.n, most=0.15), Objective(weight=0.5, level=0.3)
    paths = world.paths()
    scaled = [replace(p, unit=1e3 * p.unit, half=1e3 * p.half, lead=1e3 * p.lead) for p in reversed(paths)]
    first, second = (maximise(PathOracle(some, world.n), polytope, objective, aim=AIM) for some in (paths, scaled))
    assert first.value == pytest.approx(second.value, rel=2 * AIM)
    assert first.z == pytest.approx(second.z, abs=1e-3)  # flat at the top


def test_when_the_time_is_up_the_plan_keeps_the_rules_and_the_bound_holds() -> None:
    world = World(seed=8)
    oracle, polytope = PathOracle(world.paths(), world.n), box(world.n, most=0.15)
    best = maximise(oracle, polytope, Objective(weight=1.0, level=0.3), aim=AIM)
    start = np.eye(world.n)[0]
    rushed = maximise(oracle, polytope, Objective(weight=1.0, level=0.3), start, aim=AIM, time_limit=0.0)
    assert rushed.status == "time"
    assert rushed.value <= best.value <= rushed.bound
    assert rushed.z.sum() == pytest.approx(1.0)
    semis = tuple(Semi(np.arange(6 * cell, 6 * cell + 6), 0.4) for cell in range(3))
    hurried = maximise(oracle, box(world.n, semis=semis), Objective(), aim=AIM, time_limit=0.0)
    assert all(total == 0.0 or total >= 0.4 - 1e-8 for total in world.cell_totals() @ hurried.z)
    assert hurried.bound >= hurried.value


def test_auxiliary_columns_without_bounds_change_nothing() -> None:
    # pacing against each cell's own mean, once as rows over its decisions and once through a column for its total
    world = World(seed=9)
    plain, totals, oracle = box(world.n, most=0.3), world.cell_totals(), PathOracle(world.paths(), world.n)
    steps = np.kron(np.eye(3), np.diff(np.eye(6), axis=0))
    mean = np.kron(np.eye(3), np.full((5, 1), 0.2 / 6))
    rows = np.vstack([np.ones((1, world.n)), steps - mean @ totals, -steps - mean @ totals])
    low, high = np.r_[1.0, np.full(30, -np.inf)], np.r_[1.0, np.zeros(30)]
    direct = replace(plain, matrix=sp.csr_array(rows), low=low, high=high)
    own = np.block([[totals, -np.eye(3)], [np.ones((1, world.n)), np.zeros((1, 3))], [steps, -mean], [-steps, -mean]])
    through = Polytope(
        world.n,
        sp.csr_array(own),
        np.r_[np.zeros(3), low],
        np.r_[np.zeros(3), high],
        np.r_[plain.lower, np.full(3, -np.inf)],
        np.r_[plain.upper, np.full(3, np.inf)],
        np.zeros(world.n + 3, bool),
    )
    objective = Objective(weight=0.5, level=0.3)
    found = [maximise(oracle, polytope, objective, aim=AIM) for polytope in (direct, through)]
    for one, polytope in zip(found, (direct, through), strict=True):
        assert one.status == "optimal"
        assert one.row_price.shape == polytope.low.shape
    assert found[0].value == pytest.approx(found[1].value, rel=2 * AIM)


@pytest.mark.parametrize("family", ["steep", "root"])
def test_closed_periods_of_steep_curves_are_proven_too(family: str) -> None:
    # no lead-in and nothing in the first periods: their adstock is zero, where the slope is infinite
    world = World(family=family, seed=10)
    paths = [replace(path, lead=np.zeros_like(path.lead)) for path in world.paths()]
    polytope = box(world.n, most=0.3)
    polytope.upper[np.arange(world.n) % 6 < 2] = 0.0
    found = maximise(PathOracle(paths, world.n), polytope, Objective(), aim=AIM)
    checked(found, world, polytope)
    assert found.gap <= AIM


def test_a_floor_that_no_choice_reaches_is_told() -> None:
    world = World(seed=2)
    oracle = PathOracle(world.paths(), world.n)
    most = maximise(oracle, box(world.n), Objective()).value
    semis = tuple(Semi(np.arange(6 * cell, 6 * cell + 6), 0.6) for cell in range(3))  # only one cell can run
    with pytest.raises(FloorError):
        maximise(oracle, box(world.n, semis=semis), Objective(floor=most))


@settings(max_examples=40)
@given(st.integers(0, 10_000))
def test_prices_bound_a_linear_program(seed: int) -> None:
    rng, n = np.random.default_rng(seed), 6
    polytope = replace(box(n, most=0.5, rows=rng.uniform(0.0, 1.0, (2, n)), cap=0.8), lower=np.full(n, 0.01))
    program, gain = Quadratic(polytope), rng.standard_normal(n)
    best = linear_best(gain, polytope)
    assert program.most(gain, best.price) == pytest.approx(best.value, abs=1e-8)
    # any prices bound it, as long as a row without an upper side has none above zero
    prices = np.r_[rng.standard_normal(), np.abs(rng.standard_normal(2))]
    assert program.most(gain, prices) >= best.value - 1e-8
    answer = program.best(gain, ())
    assert program.most(gain, answer.row_price) == pytest.approx(best.value, abs=1e-6)  # of Clarabel's 1e-9 by prices
