"""The kernel against the PyMC model: value and gradient with the linear block integrated out, in every family."""

from __future__ import annotations

import numpy as np
import pytest

from mmm.kernel_density import evaluate
from mmm.kernel_draws import sampled_parameters
from tests.mmm.kernels import NAMES, case, definition, gradient_of, log_jacobian, point_of

EXACT = 1e-8  # the bound of the project; both sides are float64 sums of some thousand terms


def at(name: str, seed: int) -> np.ndarray:
    """Coordinates near the middle of the prior, as far from it as chains start and more."""
    from mmm.kernel_run import start_of

    start = start_of(case(name).spec.data).middle
    return start + 0.7 * np.random.default_rng(seed).standard_normal(start.size)


@pytest.mark.parametrize("name", NAMES)
def test_the_kernel_is_the_model_with_its_linear_block_integrated_out(name: str) -> None:
    spec, model = case(name).spec, definition(name)
    assert set(sampled_parameters(spec, at(name, 0)[None])) == set(model.sampled)
    buffer = spec.data.pack()
    for seed in range(2):
        theta = at(name, seed)
        exact = model.integral(point_of(spec, model, theta))
        gradient = np.empty_like(theta)
        assert evaluate(theta, gradient, buffer) == pytest.approx(exact.value + log_jacobian(spec), rel=EXACT)
        size = np.abs(gradient).max()
        expected = gradient_of(spec, model, theta, exact)
        np.testing.assert_allclose(gradient, expected, rtol=EXACT, atol=EXACT * size)
