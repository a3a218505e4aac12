"""Integrated parameters follow the PyMC model's conditional, and names and shapes are the model's."""

from __future__ import annotations

import numpy as np
import pytest

from mmm.kernel_draws import named_draws
from mmm.kernel_run import sample_kernel, start_of
from mmm.kernel_spec import expressible
from outlay.sampling import Progress, SamplerSettings, Samples
from tests.mmm.kernels import case, definition, point_of

DRAWS = 20_000


@pytest.mark.parametrize("name", ["beliefs", "geos", "deficient"])
def test_integrated_parameters_have_the_conditional_distribution_of_the_model(name: str) -> None:
    it, model = case(name), definition(name)
    spec = it.spec
    theta = start_of(spec.data).middle
    exact = model.integral(point_of(spec, model, theta))
    named = named_draws(it.design, spec, np.tile(theta, (DRAWS, 1)), seed=3)
    b = np.concatenate([named[part].reshape(DRAWS, -1) for part in model.integrated], axis=1)
    low = np.linalg.cholesky(exact.precision)
    white = (b - exact.mean) @ low  # standard normal, if mean and precision are right
    # Means of 20,000 have an error of 0.007, and covariances too: five of them, over at most some thousand numbers.
    np.testing.assert_allclose(white.mean(0), 0.0, atol=5 / np.sqrt(DRAWS))
    np.testing.assert_allclose(np.cov(white.T), np.eye(len(low)), atol=0.05)


def short(name: str, seed: int = 1) -> tuple[Samples, list[Progress]]:
    it, told = case(name), []
    settings = SamplerSettings(draws=20, tune=40, chains=2, seed=seed)
    return sample_kernel(it.design, it.priors, settings, told.append), told


@pytest.mark.parametrize("name", ["beliefs", "geos", "nested", "bare"])
def test_samples_have_the_names_dimensions_and_labels_of_the_model(name: str) -> None:
    samples, told = short(name)
    model = definition(name).model
    assert set(samples.values) == {rv.name for rv in model.free_RVs}
    for rv in model.free_RVs:
        dims = model.named_vars_to_dims.get(rv.name, ())
        assert samples.dims[rv.name] == tuple(dims)
        assert samples.values[rv.name].shape == (2, 20, *(len(model.coords[dim]) for dim in dims))
        for dim in dims:
            assert samples.coords[dim] == tuple(model.coords[dim])
    assert told[0].stage == "compile"
    assert told[-1].done == told[-1].total
    back = Samples.from_dataset(samples.dataset())
    assert set(back.values) == set(samples.values)


def test_the_same_seed_gives_the_same_bytes() -> None:
    first, second, other = short("geos")[0], short("geos")[0], short("geos", seed=2)[0]
    assert all(first.values[name].tobytes() == second.values[name].tobytes() for name in first.values)
    assert all(first.values[name].tobytes() != other.values[name].tobytes() for name in ("level", "half_life"))


def test_what_the_kernel_cannot_express_is_said_in_words() -> None:
    from tests.mmm.kernels import case_of, channel

    assert expressible(case("beliefs").design) is None
    heavy = case_of([channel("tv")], likelihood="student_t")
    assert "Student-t" in str(expressible(heavy.design))
