"""The outcome of coupled periods: the response's own numbers, exact derivatives, and envelopes that lie above."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from budget.paths import Path, PathOracle
from outlay.response import CellWindow, cell_response
from outlay.transforms import SATURATIONS
from tests.budget.coupled import World
from tests.budget.synthetic import make_response

FAMILIES = ("hill", "steep", "michaelis_menten", "logistic", "tanh", "root", "none")


@pytest.mark.parametrize("saturation", sorted(SATURATIONS))
@pytest.mark.parametrize("carried", [True, False])
def test_the_outcome_is_the_response_s_own(saturation: str, carried: bool) -> None:
    response = make_response(seed=3, channels=1, draws=6, saturation=saturation, l_max=4)
    rng = np.random.default_rng(0)
    flighting, total = rng.dirichlet(np.ones(5)), 4_000.0
    window = CellWindow(rng.uniform(0.0, 900.0, 3), flighting, rng.uniform(0.5, 1.5, 8 if carried else 5))
    expected = cell_response(response, 0, 0, window, np.array([total]))[0][:, 0]
    path = Path(
        gain=response.coefficient[:, 0, 0, None] * window.value,
        weights=response.weights[:, 0],
        lead=window.lead_in / response.scale[0, 0],
        unit=1.0 / (response.cost_per_exposure[0, 0] * response.scale[0, 0]),
        family=saturation,
        half=response.half_saturation[:, 0],
        exponent=response.exponent[:, 0],
        spread=np.eye(5),
        columns=np.arange(5),
    )
    # the same sums in another order, so only roundoff is between them
    assert PathOracle([path], 5).outcome(total * flighting) == pytest.approx(expected, rel=1e-10)
    together = replace(path, spread=flighting[:, None], columns=np.array([0]))
    assert PathOracle([together], 1).outcome(np.array([total])) == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("free", [True, False])
def test_derivatives_are_those_of_the_outcome(family: str, free: bool) -> None:
    world = World(family=family, free=free)
    oracle, rng = PathOracle(world.paths(), world.n), np.random.default_rng(1)
    z, q = rng.dirichlet(np.full(world.n, 5.0)), rng.dirichlet(np.ones(world.draws))
    direction, h = rng.standard_normal(world.n) / world.n, 1e-5
    ahead, behind = z + h * direction, z - h * direction
    slope = (oracle.outcome(ahead) - oracle.outcome(behind)) / (2 * h)
    outcome, jacobian = oracle.jacobian(z)
    assert outcome == pytest.approx(oracle.outcome(z), rel=1e-12)
    # central differences are off by h^2 of the third derivative, which is below 1e3 here
    assert jacobian @ direction == pytest.approx(slope, rel=1e-5, abs=1e-8)
    blocks = oracle.curvature(z, q)
    assert sorted(np.concatenate([at for at, _ in blocks]).tolist()) == list(range(world.n))
    assert all(np.linalg.eigvalsh(matrix).max() <= 1e-12 * max(1.0, np.abs(matrix).max()) for _, matrix in blocks)
    if oracle.concave:  # what is convex is left out, so that only a concave outcome has its own second derivatives
        change = (q @ oracle.jacobian(ahead)[1] - q @ oracle.jacobian(behind)[1]) / (2 * h)
        turned = np.zeros(world.n)
        for at, matrix in blocks:
            turned[at] = matrix @ direction[at]
        assert turned == pytest.approx(change, rel=1e-4, abs=1e-6 * max(1.0, np.abs(change).max()))


def test_no_spend_brings_nothing() -> None:
    # the lead-in's own outcome is taken off
    world = World(family="hill")
    assert PathOracle(world.paths(), world.n).outcome(np.zeros(world.n)) == pytest.approx(
        np.zeros(world.draws), abs=1e-14
    )


@pytest.mark.parametrize("family", ["steep", "root"])
def test_a_steep_curve_has_a_finite_tangent_at_zero_that_lies_above(family: str) -> None:
    world = World(family=family)
    paths = [replace(path, lead=np.zeros_like(path.lead)) for path in world.paths()]
    oracle, rng = PathOracle(paths, world.n), np.random.default_rng(2)
    assert oracle.steep.all()
    outcome, jacobian = oracle.jacobian(np.zeros(world.n))
    assert np.isfinite(jacobian).all()
    for z in rng.dirichlet(np.full(world.n, 0.3), size=50):
        assert (outcome + jacobian @ z >= oracle.outcome(z) - 1e-12).all()


def test_periods_that_nothing_reaches_have_no_slope() -> None:
    # the first two periods are closed and nothing came before: their adstock is zero in every plan
    world = World(family="root", cells=1)
    path = replace(world.paths()[0], lead=np.zeros(3))
    upper = np.where(np.arange(world.n) < 2, 0.0, 1.0)
    z = upper / upper.sum()
    _, jacobian = PathOracle([path], world.n).within(upper).jacobian(z)
    assert np.abs(jacobian).max() < 1e3
    assert PathOracle([path], world.n).within(upper).outcome(z) == pytest.approx(PathOracle([path], world.n).outcome(z))


@settings(max_examples=60)
@given(st.sampled_from(FAMILIES), st.sampled_from([1.0, -1.0]), st.booleans(), st.integers(0, 10_000))
def test_the_envelope_is_concave_and_lies_above(family: str, sign: float, free: bool, seed: int) -> None:
    world, rng = World(family=family, free=free, seed=seed % 7), np.random.default_rng(seed)
    oracle = PathOracle([replace(path, gain=sign * path.gain) for path in world.paths()], world.n)
    lower = rng.uniform(0.0, 0.5, world.n) / world.n
    upper = lower + rng.choice([0.0, 0.5, 3.0], world.n) / world.n
    wide = oracle.over(lower, upper)
    assert wide.concave
    size = np.abs(oracle.outcome(upper)).max() + 1e-6
    for _ in range(5):
        z = lower + (upper - lower) * rng.choice([0.0, rng.random(), 1.0], world.n)
        y = lower + (upper - lower) * rng.random(world.n)
        # steep curves are straight below TINY, where their value is off by up to TINY ** 0.4 of their gain
        assert (wide.outcome(z) >= oracle.outcome(z) - 1e-9 * size).all()
        outcome, jacobian = wide.jacobian(z)
        assert (outcome + jacobian @ (y - z) >= wide.outcome(y) - 1e-9 * size).all()


def test_the_envelope_of_a_hill_touches_where_the_curve_has_one_minus_one_over_its_exponent() -> None:
    # from zero the tangent a h'(a) = h(a) gives n (1 - h) = 1 (Hill): one period without carry-over
    one = np.ones((1, 1))
    path = Path(one, one, np.zeros(0), 1.0, "hill", np.ones(1), np.array([2.5]), one, np.zeros(1, int))
    oracle = PathOracle([path], 1)
    wide = oracle.over(np.zeros(1), np.full(1, 50.0))
    touch = 1.5 ** (1 / 2.5)
    assert oracle.outcome(np.array([touch])) == pytest.approx(1 - 1 / 2.5)
    assert wide.outcome(np.array([touch])) == pytest.approx(1 - 1 / 2.5, rel=1e-9)
    assert wide.outcome(np.array([0.5 * touch])) == pytest.approx(0.5 * (1 - 1 / 2.5), rel=1e-9)
    assert wide.outcome(np.array([2 * touch])) == pytest.approx(oracle.outcome(np.array([2 * touch])), rel=1e-12)
