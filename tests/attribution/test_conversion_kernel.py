"""The kernel against the PyMC model: value and gradient; and what must not change either."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from attribution.conversion_links import Link, links_of
from attribution.kernel_data import pack
from attribution.kernel_density import evaluate
from attribution.laplace import fit_laplace, slices
from attribution.parametrise import KNOTS_TO, ROWS, Coordinates, coordinates_of
from tests.attribution.cells_worlds import some, world

EXACT = 1e-8  # the bound of the project; both sides are float64 sums of some thousand terms
SIZES = {"segment": 3, "channel": 4, "region": 2, "period": 6}
STAGES = ("sqo", "won", "value")


@cache
def links() -> dict[str, Link]:
    return {link.name: link for link in links_of(world(3000, SIZES).cells)}


@cache
def coordinates(name: str) -> Coordinates:
    return coordinates_of(fit_laplace(links()[name]))


@cache
def definition(name: str) -> Any:
    """Log density of the PyMC model and its gradient, by the model's own (constrained) variables."""
    import pymc as pm
    import pytensor.tensor as pt
    from pytensor.graph.replace import clone_replace

    from attribution.model_conversion import build_model

    fit = fit_laplace(links()[name])
    model = build_model(fit, centred=(True,) * len(fit.link.terms))
    inputs = [variable.type(variable.name) for variable in model.free_RVs]
    terms = [pm.logp(v, given).sum() for v, given in zip(model.free_RVs, inputs, strict=True)]
    total = sum(terms) + sum(potential.sum() for potential in model.potentials)
    (total,) = clone_replace([total], dict(zip(model.free_RVs, inputs, strict=True)))
    function = model.compile_fn([total, *pt.grad(total, inputs)], inputs=inputs, point_fn=False, mode="FAST_COMPILE")
    return [variable.name for variable in model.free_RVs], function


def variables(name: str, theta: np.ndarray) -> list[np.ndarray]:
    """The PyMC model's variables at coordinates, in its order."""
    own = coordinates(name)
    free, spread = own.natural(theta)
    values = {fixed: free[f] for f, fixed in enumerate(own.link.fixed)}
    for t, (term, place) in enumerate(zip(own.link.terms, slices(own.link), strict=True)):
        values[f"spread_{term.name}"] = spread[t]
        values[f"free_{term.name}"] = _variable(own.link, term.name, free[place])
    return [np.asarray(values[key], float) for key in definition(name)[0]]


def _variable(link: Link, name: str, v: np.ndarray) -> np.ndarray:
    from attribution.conversion_links import zero_sum_basis
    from attribution.model_conversion import shape_of

    term = next(term for term in link.terms if term.name == name)
    shape = shape_of(link, term)
    if not term.walk:
        return (term.basis @ v).reshape(shape)
    if len(shape) == 1:
        return v
    return (zero_sum_basis(shape[0]) @ v.reshape(shape[0] - 1, shape[1] - 1)).T


def log_jacobian(name: str, theta: np.ndarray) -> float:
    """Of the map from coordinates to parameters."""
    own = coordinates(name)
    n = len(own.curves)
    x = np.exp(own.log_spreads(theta[:n]))
    knots = np.linspace(-KNOTS_TO, KNOTS_TO, ROWS - 1)  # the coordinates below are well inside
    k = np.searchsorted(knots, theta[:n], side="right") - 1
    rising = np.array([np.polyval(np.polyder(own.curves[t, k[t] + 1, ::-1]), theta[t] - knots[k[t]]) for t in range(n)])
    total = (np.log(x) + np.log(rising)).sum() + np.log(np.diag(own.root)).sum()
    total -= 0.5 * np.log(own.information[: len(own.link.fixed)]).sum()
    for t, place in enumerate(slices(own.link)):
        total += (np.log(x[t]) - 0.5 * np.log1p(own.information[place] * x[t] ** 2)).sum()
    return float(total)


def slopes(function: Any, theta: np.ndarray) -> np.ndarray:
    """Central differences by every coordinate: exact to 1e-10 for the smooth, small map that they are used on."""
    h = 1e-5
    return np.stack([(function(theta + h * e) - function(theta - h * e)) / (2 * h) for e in np.eye(theta.size)])


@pytest.mark.parametrize("name", STAGES)
def test_the_kernel_is_the_definition_in_other_coordinates(name: str) -> None:
    own, rng = coordinates(name), np.random.default_rng(3)
    buffer, function = pack(own), definition(name)[1]
    for _ in range(2):
        theta = 0.8 * rng.standard_normal(own.dim)
        gradient = np.empty(own.dim)
        value = evaluate(theta, gradient, buffer)
        exact, *by_variable = function(*variables(name, theta))
        assert value == pytest.approx(float(exact) + log_jacobian(name, theta), rel=EXACT)

        def flat(at: np.ndarray) -> np.ndarray:
            return np.concatenate([np.ravel(v) for v in variables(name, at)])

        jacobian = slopes(flat, theta)
        expected = jacobian @ np.concatenate([np.ravel(g) for g in by_variable])
        expected += slopes(lambda at: np.array(log_jacobian(name, at)), theta)
        np.testing.assert_allclose(gradient, expected, rtol=0, atol=EXACT * max(np.abs(expected).max(), 100.0))


def test_the_order_of_rows_changes_no_bit() -> None:
    cells = world(3000, SIZES).cells
    order = np.random.default_rng(1).permutation(cells.n_cells)
    for one, other in zip(links_of(cells), links_of(some(cells, order)), strict=True):
        np.testing.assert_array_equal(pack(coordinates_of(fit_laplace(one))), pack(coordinates_of(fit_laplace(other))))


def test_renaming_levels_moves_the_effects_with_them() -> None:
    # bases of renamed levels differ, so sums are in another order: 1e-9 is what is left of Newton's last step
    cells = world(3000, SIZES).cells
    turn = np.array([2, 0, 1])
    codes = cells.codes.copy()
    codes[:, 0] = turn[codes[:, 0]]
    names = tuple(cells.levels["segment"][k] for k in np.argsort(turn))
    renamed = replace(cells, codes=codes, levels=cells.levels | {"segment": names})
    for one, other in zip(links_of(cells), links_of(renamed), strict=True):
        first, second = fit_laplace(one), fit_laplace(other)
        place = slices(one)[0]
        before, after = (fit.link.terms[0].basis @ fit.mean[place] for fit in (first, second))
        np.testing.assert_allclose(after[turn], before, atol=1e-6)
        np.testing.assert_allclose(second.spread, first.spread, rtol=1e-6)


def test_a_gradient_costs_cells_and_not_leads() -> None:
    # a hundred times the leads in the same cells: the buffer that a gradient reads has the same length
    few, many = world(20_000, SIZES).cells, world(2_000_000, SIZES).cells
    kept = {tuple(row) for row in few.codes} & {tuple(row) for row in many.codes}
    assert len(kept) == few.n_cells == many.n_cells == 144  # 3 x 4 x 2 x 6: every combination has a lead
    for one, other in zip(links_of(few), links_of(many), strict=True):
        assert pack(coordinates_of(fit_laplace(one))).size == pack(coordinates_of(fit_laplace(other))).size


def test_a_dimension_that_no_term_uses_makes_no_cells() -> None:
    # three periods are too few for a walk: cells of the three are one
    link = links_of(world(50_000, {"segment": 3, "channel": 4, "period": 3}).cells)[0]
    assert len(link.n) == 12
    assert [term.name for term in link.terms] == ["segment", "channel", "segment_x_channel"]


@pytest.mark.parametrize("name", STAGES)
@pytest.mark.parametrize("at", [-8.0, -7.0, -6.99, 0.0, 3.3, 7.0, 9.0])
def test_a_spread_is_smooth_at_the_ends_of_its_table(name: str, at: float) -> None:
    # seven deviations out the table ends and goes on straight: value and slope are those of both sides
    own = coordinates(name)
    buffer, theta, gradient = pack(own), np.zeros(own.dim), np.empty(own.dim)
    theta[0] = at
    assert np.isfinite(evaluate(theta, gradient, buffer))
    assert np.isfinite(gradient).all()
    scores = np.tile(theta[: len(own.curves)], (3, 1))
    scores[:, 0] += np.array([-1e-6, 0.0, 1e-6])
    logs = own.log_spreads(scores)[:, 0]
    assert logs[0] < logs[1] < logs[2]
    assert logs[2] - logs[1] == pytest.approx(logs[1] - logs[0], rel=1e-3)


@pytest.mark.parametrize("name", STAGES)
def test_coordinates_are_nearly_standard_normal(name: str) -> None:
    from attribution.conversion_sample import sample_link
    from outlay.sampling import SamplerSettings

    samples = sample_link(fit_laplace(links()[name]), SamplerSettings(draws=300, tune=200, chains=2, target_accept=0.8))
    # a step of seven leapfrogs is what a normal of this size takes; a funnel or a ridge takes 15 to 1,000
    assert samples.stats["n_steps"].mean() < 10
    assert samples.stats["diverging"].sum() == 0
