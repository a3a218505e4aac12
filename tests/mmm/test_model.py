"""The PyMC model against its documentation, written again in ``reference`` with loops and scipy.

Four models hold every adstock, saturation, order, input, belief, level, hierarchy and likelihood. Compiling them is
what costs; each is compiled once, without a C compiler.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from tests.mmm import reference
from tests.mmm.markets import market
from tests.mmm.probes import Probe, probe_of

CASES = ("families", "crossed", "nested", "net")
EXACT = 1e-8
"""Of a log density: sums of some thousand terms of size 1 to 10 in float64."""

CONSTANT = 1e-6
"""PyTensor takes the logarithm of short constants such as 0.5 in single precision: a constant 1e-8 for each prior."""


@cache
def compiled(name: str) -> Probe:
    return probe_of(market(name))


@pytest.mark.parametrize("name", CASES)
def test_log_density_and_mean_are_those_of_the_documentation(name: str) -> None:
    it = compiled(name)
    gaps = []
    for point in it.points(4):
        logp, mu, natural = it.at(point)
        np.testing.assert_allclose(mu, reference.mean(it.setup.design, natural), rtol=0, atol=1e-11)
        gaps.append(logp - reference.log_density(it.setup.design, natural))
    np.testing.assert_allclose(gaps, 0.0, atol=CONSTANT)
    np.testing.assert_allclose(np.array(gaps) - gaps[0], 0.0, atol=EXACT)


def test_the_cases_hold_every_kind_of_parameter() -> None:
    # Otherwise the test above would not see one of them.
    seen = {rv.name for name in CASES for rv in compiled(name).model.free_RVs}
    media = {"half_life", "adstock_shape", "half_saturation", "slope", "root"}
    beliefs = {"paid_share_logit", "paid_split", "organic_share", "own_share", "signed_share", "own_coefficient"}
    one, two = ({f"{part}{end}" for part in ("group_spread", "group_effect")} for end in ("", "_1"))
    other = {"level", "sigma", "degrees_beyond_two", "lever_effect", "coefficient", "baseline_spread"}
    written = {"coefficient_group", "coefficient_deviation"}
    assert seen == media | beliefs | one | two | {name.replace("1", "2") for name in two} | other | written


def test_sampling_space_adds_only_the_jacobians() -> None:
    """Between two points the sampled density differs by the log of each positive parameter, and by that of the root."""
    it = compiled("families")
    sampled = it.model.compile_fn(it.model.logp(), inputs=it.model.value_vars, mode="FAST_COMPILE")
    first, second = it.points(2, seed=9)
    media, beliefs = ("half_life", "adstock_shape", "half_saturation", "slope"), ("organic_share", "own_share")
    positive = (*media, *beliefs, "own_coefficient", "sigma", "lever_effect")

    def jacobian(point: dict[str, np.ndarray]) -> float:
        natural = it.at(point)[2]
        root = natural["root"]
        return sum(float(np.log(natural[name]).sum()) for name in positive) + float(np.log(root * (1 - root)).sum())

    seen = float(sampled(first) - sampled(second)) - (it.at(first)[0] - it.at(second)[0])
    assert seen == pytest.approx(jacobian(first) - jacobian(second), abs=EXACT)


def test_gradient_is_finite_where_nothing_ran() -> None:
    """0 ** lag, log(0) of a free slope, 0 ** root and no contacts: none may reach the gradient."""
    it = compiled("families")
    assert (it.setup.design.x[:, :, it.setup.design.active] == 0).any(axis=0).all()
    gradient = it.model.compile_fn(it.model.dlogp(), inputs=it.model.value_vars, mode="FAST_COMPILE")
    assert all(np.isfinite(gradient(point)).all() for point in it.points(3))


def test_coordinates_name_the_channels_of_each_parameter() -> None:
    coords = {name: [str(label) for label in labels] for name, labels in compiled("families").model.coords.items()}
    assert coords["channel"] == ["tv", "search", "radio", "print", "ooh", "video", "mail", "steep"]  # idle never ran
    assert coords["decaying"] == ["tv", "search", "radio", "print", "video", "mail", "steep"]
    assert coords["shaped"] == ["tv", "search", "radio", "video"]
    assert coords["bent"] == ["tv", "search", "radio", "video", "mail", "steep"]
    assert coords["sloped"] == ["tv", "video"]
    assert coords["paid"] == ["tv", "search", "video"]
    assert coords["own"] == ["radio", "steep"]
    assert [coords[name] for name in ("rooted", "signed", "direct", "organic")] == [
        ["print"],
        ["print"],
        ["ooh"],
        ["mail"],
    ]


def test_two_dimensions_have_their_own_labels_and_one_is_the_groups() -> None:
    coords = compiled("crossed").model.coords
    assert list(coords["level_1"]) == ["north", "south", "west"]
    assert list(coords["level_2"]) == ["s1", "s2"]
    assert compiled("net").model.named_vars_to_dims["group_effect"] == ("group", "channel")
