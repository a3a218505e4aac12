"""Over-estimates lie above their curves everywhere: all families, S-shapes, negative effects, exposure from before."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from budget.curves import Curves
from budget.hull import Hulls
from outlay.transforms import SATURATIONS, Array
from tests.budget.alone import CONCAVE, Alone

WORLDS = st.builds(
    Alone,
    n=st.integers(1, 4),
    draws=st.integers(1, 6),
    shape=st.sampled_from(["mixed", "s", "steep", *CONCAVE]),
    rows=st.integers(1, 4),
    negative=st.sampled_from([0.0, 0.4, 1.0]),
    seed=st.integers(0, 10_000),
)

ROUNDING = 1e-12
"""Values are of size one and sums have tens of terms: what floating point may lose."""


def heights(hulls: Hulls, lower: Array, upper: Array, at: Array, hole: Array | None = None) -> Array:
    """Height of every hull over points ``at`` (M, N) of ranges that are points already."""
    polygons = hulls.polygons(lower, upper, np.zeros(len(lower)) if hole is None else hole)
    return np.stack([polygons.heights(row) for row in at])


def means(curves: Curves, at: Array, q: Array | None = None) -> Array:
    return np.stack([curves.mean_plan(row, q)[0] for row in at])


def asked(curves: Curves, upper: Array, q: Array | None, rng: np.random.Generator, more: int) -> Hulls:
    """Hulls with some points of their own choice: near each other, near zero, at the ends, and twice the same."""
    hulls = Hulls(curves, np.zeros(curves.n), upper, q, points=int(rng.integers(2, 8)))
    for _ in range(more):
        at = upper * rng.choice([1e-9, 1e-4, 0.3, 1.0 - 1e-12, rng.uniform()], curves.n)
        hulls.add(np.arange(curves.n), at)
        hulls.add(np.arange(curves.n), at)
    return hulls


@settings(max_examples=100)
@given(WORLDS, st.integers(0, 12), st.booleans())
def test_a_hull_lies_above_its_curve(world, more, weighted):
    curves, rng = world.curves(), np.random.default_rng(world.seed)
    upper = rng.uniform(0.1, 2.0, world.n)
    q = rng.dirichlet(np.ones(world.draws))[None] if weighted else None
    hulls = asked(curves, upper, q, rng, more)
    at = upper * np.vstack([np.zeros(world.n), np.ones(world.n), rng.uniform(size=(80, world.n)) ** 3])
    over = heights(hulls, np.zeros(world.n), upper, at) - means(curves, at, q)
    assert over.min() >= -ROUNDING


@settings(max_examples=60)
@given(WORLDS)
def test_a_hull_on_a_part_of_the_range_lies_above_the_curve_there(world):
    curves, rng = world.curves(), np.random.default_rng(world.seed)
    upper = rng.uniform(0.5, 2.0, world.n)
    ends = np.sort(rng.uniform(size=(2, world.n)), axis=0) * upper
    hulls = asked(curves, upper, None, rng, 3)
    for end in ends:
        hulls.add(np.arange(world.n), end)
    at = ends[0] + (ends[1] - ends[0]) * rng.uniform(size=(60, world.n))
    whole = heights(hulls, np.zeros(world.n), upper, at)
    part = heights(hulls, ends[0], ends[1], at)
    assert (part - means(curves, at)).min() >= -ROUNDING
    # A narrower range can only lower the hull, or branching would never end.
    assert (whole - part).min() >= -ROUNDING


@settings(max_examples=60)
@given(WORLDS, st.floats(0.05, 0.9))
def test_between_nothing_and_a_least_amount_the_hull_needs_only_its_ends(world, share):
    curves, rng = world.curves(), np.random.default_rng(world.seed)
    upper = rng.uniform(0.5, 2.0, world.n)
    least = share * upper
    hulls = asked(curves, upper, None, rng, 2)
    hulls.add(np.arange(world.n), least)
    allowed = np.vstack([np.zeros(world.n), least + (upper - least) * rng.uniform(size=(60, world.n))])
    zero = np.zeros(world.n)
    over = heights(hulls, zero, upper, allowed, least) - means(curves, allowed)
    assert over.min() >= -ROUNDING
    inside = least * rng.uniform(size=(60, world.n))
    filled = heights(hulls, zero, upper, inside) - heights(hulls, zero, upper, inside, least)
    assert filled.min() >= -ROUNDING


@settings(max_examples=40)
@given(WORLDS)
def test_hulls_are_concave_and_end_on_their_curves(world):
    curves, rng = world.curves(), np.random.default_rng(world.seed)
    upper = rng.uniform(0.5, 2.0, world.n)
    polygons = asked(curves, upper, None, rng, 4).polygons(np.zeros(world.n), upper, np.zeros(world.n))
    for j, corners in enumerate(polygons.count):
        x, y = polygons.x[j, :corners], polygons.y[j, :corners]
        assert (x[0], x[-1]) == (0.0, upper[j])
        assert (np.diff(x) > 0).all()
        slopes = np.diff(y) / np.diff(x)
        # Slopes of segments as narrow as 1e-9 of the range lose digits; the program only needs them in order.
        wide = np.diff(x) > 1e-6 * upper[j]
        assert (np.diff(slopes[wide]) <= 1e-7 * np.abs(slopes).max()).all()
    ends = np.stack([np.zeros(world.n), upper])
    assert np.stack([polygons.heights(end) for end in ends]) == pytest.approx(means(curves, ends), abs=ROUNDING)


@pytest.mark.parametrize("shape", ["michaelis_menten", "tanh", "s"])
def test_more_points_bring_the_hull_to_the_envelope(shape):
    """At points that were asked the hull of a concave curve is the curve; tangents close in with the square."""
    curves = Alone(n=3, draws=4, shape=shape).curves()
    upper = np.full(3, 1.5)
    dense = 1.5 * np.linspace(0.0, 1.0, 2001)[:, None] * np.ones(3)
    values = means(curves, dense)
    slack = []
    for points in (9, 33):
        hulls = Hulls(curves, np.zeros(3), upper, points=points)
        over = heights(hulls, np.zeros(3), upper, dense) - _envelope(dense[:, 0], values)
        slack.append(over.max())
    # Four times the points: a sixteenth of the gap for smooth curves; an eighth leaves room for bends.
    assert slack[1] <= slack[0] / 8 + ROUNDING
    assert slack[1] <= 2e-3


def _envelope(x: Array, values: Array) -> Array:
    """Least concave majorant of dense values (M, N), column by column."""
    out = np.empty_like(values)
    for j, y in enumerate(values.T):
        top: list[int] = []
        for i in range(len(x)):
            while len(top) > 1 and (y[top[-1]] - y[top[-2]]) * (x[i] - x[top[-1]]) <= (y[i] - y[top[-1]]) * (
                x[top[-1]] - x[top[-2]]
            ):
                top.pop()
            top.append(i)
        out[:, j] = np.interp(x, x[top], y[top])
    return out


@settings(max_examples=60)
@given(WORLDS)
def test_curves_are_the_saturations_and_their_derivatives(world):
    """Compiled loops against the plain definition, and slopes against differences."""
    rng = np.random.default_rng(world.seed)
    terms = [world._term(rng) for _ in range(world.n)]
    curves = Curves.of(terms, world.draws)
    z = rng.uniform(0.2, 1.5, world.n)
    plain = [
        (t.gain * (f.value(t.base + x * t.unit, t.half, t.exponent) - f.value(t.base, t.half, t.exponent))).sum(axis=0)
        for t, x, f in ((t, x, SATURATIONS[t.family]) for t, x in zip(terms, z, strict=True))
    ]
    assert curves.draws(z) == pytest.approx(np.stack(plain), rel=1e-12, abs=ROUNDING)
    step = 1e-5
    above, here, below = (curves.derivatives(z + move) for move in (step, 0.0, -step))
    # Central differences are off by the square of the step, times third derivatives of order 100 near steep bends.
    assert here[1] == pytest.approx((above[0] - below[0]) / (2 * step), rel=1e-5, abs=1e-7)
    assert here[2] == pytest.approx((above[1] - below[1]) / (2 * step), rel=1e-4, abs=1e-6)


def test_a_point_next_to_another_does_not_cut_the_range():
    """A tie within floating point once cut a curve's domain, and the bound with it."""
    curves = Alone(n=1, draws=3, shape="s").curves()
    hulls = Hulls(curves, np.zeros(1), np.ones(1))
    for at in (0.5, np.nextafter(0.5, 1.0), np.nextafter(0.5, 0.0), 1.0 - 1e-16, 1e-300):
        hulls.add(np.array([0]), np.array([at]))
    at = np.linspace(0.0, 1.0, 501)[:, None]
    over = heights(hulls, np.zeros(1), np.ones(1), at) - means(curves, at)
    assert np.isfinite(over).all()
    assert over.min() >= -ROUNDING


@pytest.mark.parametrize("shape", ["michaelis_menten", "root"])
def test_a_slope_meets_a_price_where_it_should(shape):
    """What branch and bound is quick by: close to where the slope of a concave curve falls to a price."""
    world = Alone(n=2, draws=1, shape=shape)
    curves = world.curves()
    hulls = Hulls(curves, np.zeros(2), np.ones(2), points=33)
    target = curves.mean_plan(np.array([0.3, 0.6]))[1]
    # Between 33 points slopes are interpolated; a tenth of their distance is near enough for Newton's method.
    assert hulls.meeting(np.zeros(2), np.ones(2), target) == pytest.approx([0.3, 0.6], abs=0.006)
