"""Lift tests in the kernel: their part of the density against numpy, and its gradient against differences."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mmm.design import Design, make_design
from mmm.draws import media_draws
from mmm.kernel_density import evaluate
from mmm.kernel_draws import named_draws
from mmm.kernel_run import start_of
from mmm.kernel_spec import Spec, expressible, make_spec
from mmm.lift_series import predicted_lift
from mmm.lift_tests import lift_tests_from_frame
from mmm.priors import make_priors
from outlay.sampling import Samples
from tests.mmm.fabricated import design_of

TESTS = pd.DataFrame(
    [
        {"channel": "tv", "start": "2022-07-04", "end": "2022-07-31", "group": "north", "spend_change": 200.0},
        {"channel": "search+radio", "start": "2022-08-01", "end": "2022-08-14", "group": "", "spend_change": -300.0},
        {"channel": "video", "start": "2022-09-05", "end": "2022-10-02", "group": "south", "spend_change": 100.0},
    ]
).assign(lift=[900.0, -2500.0, 400.0], lift_se=[400.0, 900.0, 300.0], carry_over=["inside", "after", "inside"])
"""One test of each order and of several cells, with counted windows of different lengths."""


@pytest.fixture(scope="module")
def designs() -> tuple[Design, Design]:
    """A panel of every family, without and with tests."""
    plain = design_of(groups=("north", "south"))
    return plain, make_design(plain.panel, plain.section, lift_tests_from_frame(TESTS, plain.panel))


def spec_of(design: Design) -> Spec:
    assert expressible(design) is None
    return make_spec(design, make_priors(design))


def density(spec: Spec, theta: np.ndarray) -> tuple[float, np.ndarray]:
    gradient = np.zeros_like(theta)
    return evaluate(theta, gradient, spec.data.pack()), gradient


def points(spec: Spec) -> list[np.ndarray]:
    start = start_of(spec.data)
    return [start(seed) for seed in range(5)]


def test_the_tests_add_their_normal_log_density(designs: tuple[Design, Design]) -> None:
    plain, tested = (spec_of(design) for design in designs)
    design = designs[1]
    for theta in points(tested):
        values = {name: value[None] for name, value in named_draws(design, tested, theta[None], 1).items()}
        stats = {"diverging": np.zeros((1, 1))}
        draws = media_draws(design, Samples(values, {}, {}, stats))
        off = (TESTS["lift"].to_numpy() - predicted_lift(draws, design.lifts)[0]) / TESTS["lift_se"].to_numpy()
        added = density(tested, theta)[0] - density(plain, theta)[0]
        assert added == pytest.approx(-0.5 * np.square(off).sum(), rel=1e-8)


def test_the_gradient_is_that_of_the_density(designs: tuple[Design, Design]) -> None:
    spec = spec_of(designs[1])
    buffer, step = spec.data.pack(), 1e-5
    for theta in points(spec)[:2]:
        _, gradient = density(spec, theta)
        unused = np.zeros_like(theta)
        for i in range(len(theta)):
            up, down = theta.copy(), theta.copy()
            up[i] += step
            down[i] -= step
            slope = (evaluate(up, unused, buffer) - evaluate(down, unused, buffer)) / (2 * step)
            # Central differences err by the third derivative times step squared, and by rounding over step.
            assert gradient[i] == pytest.approx(slope, rel=2e-6, abs=2e-5)


def test_what_depends_on_the_kpi_itself_is_left_to_pymc() -> None:
    plain = design_of(groups=("north", "south"), likelihood="log")
    design = make_design(plain.panel, plain.section, lift_tests_from_frame(TESTS, plain.panel))
    assert "log likelihood" in str(expressible(design))
