"""The engine jax: the PyMC model's own density, the same posterior as nutpie's, the same bytes for the same seed.

What needs the extra is slow, because compiling is: ``make slow`` installs the extra first.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
import pymc as pm
import pytest

from mmm.model import build_model
from outlay import sampling_jax
from outlay.catalogue import CATALOGUE
from outlay.errors import ConfigError, MissingDependencyError, TrustError
from outlay.sampling import Progress, SamplerSettings, Samples, sample
from outlay.sampling_jax import sample_jax
from outlay.sampling_jaxed import labels, translate
from tests.mmm.kernels import case_of, families, priors_of_their_own
from tests.outlay.test_sampling import _children_of, funnel

SETTINGS = SamplerSettings(draws=300, tune=300, chains=2, seed=7, target_accept=0.8)


def needs_jax(test: Any) -> Any:
    """Mark a test that needs the extra."""
    missing = find_spec("jax") is None or find_spec("numpyro") is None
    return pytest.mark.slow(pytest.mark.skipif(missing, reason="needs the extra jax: make jax")(test))


@cache
def once() -> tuple[Samples, list[Progress]]:
    told: list[Progress] = []
    return sample_jax(funnel(), SETTINGS, told.append), told


# ------------------------------------------------------------------------------------------------- without the extra
def test_without_the_extra_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jax", None)
    with pytest.raises(MissingDependencyError) as refusal:
        sample_jax(funnel(), SETTINGS)
    assert refusal.value.id == "C021"
    assert "pip install 'outlay[jax]'" in refusal.value.text()
    assert "outlay[jax]" in CATALOGUE["C021"].repair


def test_unnamed_dimensions_are_called_as_nutpie_and_arviz_call_them() -> None:
    with pm.Model(coords={"part": ["a", "b"]}) as model:
        pm.Normal("x", shape=(2, 3))
        pm.Normal("y", dims="part")
        pm.Normal("z")
    assert labels(model, "x", (2, 3)) == {"x_dim_0": (0, 1), "x_dim_1": (0, 1, 2)}
    assert labels(model, "y", (2,)) == {"part": ("a", "b")}
    assert labels(model, "z", ()) == {}


# ------------------------------------------------------------------------------------------------------- the density
def _models() -> dict[str, pm.Model]:
    three = [{"geo": name} for name in ("a", "b", "c")]
    cases = {
        "families": case_of(families(first=False)),
        "saturation first": case_of(families(first=True)),
        "panel": case_of(priors_of_their_own(), n=30, groups=three, group="geo", hierarchy="normal"),
        "student_t": case_of(priors_of_their_own(), n=30, groups=three, group="geo", likelihood="student_t"),
    }
    return {name: build_model(case.design, case.priors) for name, case in cases.items()}


@needs_jax
def test_density_and_parameters_are_those_of_the_pymc_model() -> None:
    import jax

    for name, model in _models().items():
        with jax.enable_x64(True):
            jaxed = translate(model)
            assert jaxed.data, name  # series are arguments
            density, natural = jax.jit(jaxed.log_density), jax.jit(jaxed.natural)
            peer = model.compile_fn(
                [model.logp(), *model.replace_rvs_by_values(model.free_RVs)],
                inputs=model.value_vars,
                mode="FAST_COMPILE",
                point_fn=False,
            )
            rng = np.random.default_rng(5)
            for _ in range(3):
                x = jaxed.start + rng.uniform(-1.0, 1.0, jaxed.start.size)
                parts, at = [], 0
                for start in model.initial_point().values():
                    parts.append(x[at : at + start.size].reshape(start.shape))
                    at += start.size
                expected, *parameters = peer(*parts)
                # sums of some thousand terms in another order: relative error some thousand times 1e-16
                np.testing.assert_allclose(density(x, *jaxed.data), expected, rtol=1e-11, err_msg=name)
                for ours, theirs in zip(natural(x), parameters, strict=True):
                    np.testing.assert_allclose(ours, theirs, rtol=1e-11, err_msg=name)


@needs_jax
@pytest.mark.parametrize("mode", ["full", "valid"])
@pytest.mark.parametrize("sizes", [(9, 4), (4, 9), (5, 5)])
def test_carry_over_is_numpys_convolution(mode: str, sizes: tuple[int, int]) -> None:
    from pytensor.tensor.signal import convolve1d

    rng = np.random.default_rng(2)
    one, other = (rng.standard_normal(size) for size in sizes)
    with pm.Model() as model:
        x = pm.Normal("x", shape=sizes[0])
        pm.Potential("carried", convolve1d(x, other, mode=mode)[-1])
        pm.Potential("first", 3.0 * convolve1d(x, other, mode=mode)[0])
    expected = np.convolve(one, other, mode)
    import jax

    with jax.enable_x64(True):
        value = float(translate(model).log_density(one))
    normal = -0.5 * (one**2).sum() - 0.5 * one.size * np.log(2 * np.pi)
    assert value == pytest.approx(normal + expected[-1] + 3.0 * expected[0], rel=1e-12)


# ----------------------------------------------------------------------------------------------------- the posterior
def _standard_errors_apart(ours: np.ndarray, theirs: np.ndarray) -> float:
    """Difference of two chains' means in standard errors, each by its own effective size; (chains, draws)."""
    from arviz_stats import ess

    error = sum(float(np.var(x)) / float(ess(x)) for x in (ours, theirs))
    return float(abs(ours.mean() - theirs.mean()) / np.sqrt(error))


@needs_jax
@pytest.mark.parametrize("groups", [(), ("north", "south", "west")], ids=["national", "panel"])
def test_the_posterior_is_that_of_nutpie(groups: tuple[str, ...]) -> None:
    rows: Any = [{"geo": name} for name in groups] or ({},)
    channels = [{"name": "tv", "spend": "tv_spend"}, {"name": "search", "spend": "search_spend"}]
    case = case_of(channels, n=80, groups=rows, seed=4, group="geo" if groups else None)
    model = build_model(case.design, case.priors)
    settings = SamplerSettings(draws=1000, tune=700, chains=4, seed=11, target_accept=0.95)
    ours, theirs = sample_jax(model, settings), sample(model, settings)
    assert dict(ours.dims) == dict(theirs.dims)
    assert dict(ours.coords) == dict(theirs.coords)
    assert list(ours.values) == list(theirs.values)
    assert set(ours.stats) == set(theirs.stats)
    apart = {}
    for name, value in ours.values.items():
        mine, peer = (x.reshape(4, 1000, -1) for x in (value, theirs.values[name]))
        middle = (mine.mean((0, 1)) + peer.mean((0, 1))) / 2
        for k in range(mine.shape[-1]):
            apart[f"mean of {name}[{k}]"] = _standard_errors_apart(mine[..., k], peer[..., k])
            spread = ((x[..., k] - middle[k]) ** 2 for x in (mine, peer))
            apart[f"variance of {name}[{k}]"] = _standard_errors_apart(*spread)
    # One comparison beyond 4 standard errors is a false alarm in 16,000; for the largest of n the bound that is
    # passed once in 10,000 runs is the normal's quantile at 1 - 1e-4 / (2 n), 5 for about 170.
    bound = NormalDist().inv_cdf(1 - 1e-4 / (2 * len(apart)))
    worst = max(apart, key=apart.__getitem__)
    assert apart[worst] < bound, (worst, apart[worst], bound)


@needs_jax
def test_draws_come_with_shapes_names_and_labels() -> None:
    samples, _ = once()
    assert (samples.chains, samples.draws, samples.route) == (2, 300, "jax")
    assert samples.values["x"].shape == (2, 300, 3)
    assert samples.dims == {"log_sd": (), "x": ("part",), "positive": ()}
    assert samples.coords == {"part": ("a", "b", "c")}
    assert (samples.values["positive"] > 0).all()  # natural form, not its logarithm
    assert not np.allclose(samples.values["x"][0], samples.values["x"][1])


@needs_jax
def test_the_same_seed_gives_the_same_bytes_however_transitions_fall_into_blocks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, _ = once()
    monkeypatch.setattr(sampling_jax, "_BLOCK_SECONDS", 0.0)  # one transition a block
    again = sample_jax(funnel(), SETTINGS)
    for name, value in (first.values | first.stats).items():
        assert (again.values | again.stats)[name].tobytes() == value.tobytes(), name
    other = sample_jax(funnel(), SamplerSettings(draws=300, tune=300, chains=2, seed=8, target_accept=0.8))
    assert other.values["x"].tobytes() != first.values["x"].tobytes()


@needs_jax
def test_numbers_are_double_although_jax_was_told_otherwise() -> None:
    import jax

    before = jax.config.jax_enable_x64
    try:
        jax.config.update("jax_enable_x64", False)
        values = sample_jax(funnel(), SamplerSettings(draws=20, tune=20, chains=2)).values["x"]
    finally:
        jax.config.update("jax_enable_x64", before)
    assert (values != values.astype(np.float32)).all()
    assert len(jax.devices("cpu")) == 1  # PyMC's module would have asked for a hundred


@needs_jax
def test_a_model_in_single_precision_is_refused() -> None:
    import pytensor

    with pytensor.config.change_flags(floatX="float32"), pm.Model() as model:
        pm.Normal("x")
    with pytest.raises(ConfigError) as refusal:
        sample_jax(model, SETTINGS)
    assert (refusal.value.id, "C022" in CATALOGUE) == ("C022", True)


@needs_jax
def test_all_correlations_are_learned_where_low_rank_is_asked_for() -> None:
    # Ten numbers of which every two correlate by .99: with scales alone a step is as short as the narrow direction,
    # 1/30 of the wide one, and trajectories are about 30 steps; with a dense matrix about 3.
    with pm.Model() as model:
        pm.MvNormal("x", np.zeros(10), np.full((10, 10), 0.99) + 0.01 * np.eye(10))
    steps = {
        low_rank: sample_jax(
            model, SamplerSettings(draws=200, tune=500, chains=2, low_rank=low_rank, target_accept=0.8)
        ).stats["n_steps"]
        for low_rank in (False, True)
    }
    assert steps[True].mean() < steps[False].mean() / 2


# ---------------------------------------------------------------------------------------- progress, failures, Ctrl-C
@needs_jax
def test_progress_grows_to_its_end_and_counts_kept_divergences() -> None:
    samples, told = once()
    assert told[0] == Progress("compile")
    sampling = told[1:]
    assert {progress.stage for progress in sampling} == {"sample"}
    done = [progress.done for progress in sampling]
    assert done == sorted(set(done))
    assert sampling[-1].done == sampling[-1].total == 2 * (300 + 300)
    assert all(progress.divergences == 0 for progress in sampling if progress.done <= 2 * 300)  # warm-up
    # The funnel at target 0.8 diverges after warm-up; the bar's last word is the posterior's count.
    assert samples.stats["diverging"].sum() > 0
    assert sampling[-1].divergences == samples.stats["diverging"].sum()


@needs_jax
def test_a_density_that_is_never_a_number_is_refused_in_words() -> None:
    with pm.Model() as model:
        x = pm.Normal("x")
        pm.Potential("broken", x * np.nan)
    with pytest.raises(TrustError) as refusal:
        sample_jax(model, SamplerSettings(draws=10, tune=10, chains=2))
    assert refusal.value.id == "T007"


@needs_jax
def test_a_device_that_gives_up_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    import jax

    def full(*_: Any) -> None:
        raise jax.errors.JaxRuntimeError("RESOURCE_EXHAUSTED: Out of memory\nmany lines")

    monkeypatch.setattr(sampling_jax, "_drawn", full)
    with pytest.raises(TrustError) as refusal:
        sample_jax(funnel(), SETTINGS)
    assert (refusal.value.id, "T008" in CATALOGUE) == ("T008", True)
    assert "Out of memory" in refusal.value.text()
    assert "many lines" not in refusal.value.text()


_LONG = """
import pymc as pm
from outlay.sampling import SamplerSettings
from outlay.sampling_jax import sample_jax
with pm.Model() as model:
    pm.Normal("x", 0.0, 1.0, shape=50)
def tell(progress):
    if progress.stage == "sample":
        print("sampling", flush=True)
try:
    sample_jax(model, SamplerSettings(draws=5_000_000, tune=100, chains=2), tell)
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


@needs_jax
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads the list of processes from /proc")
def test_ctrl_c_stops_the_chains_at_once_and_leaves_no_process() -> None:
    environment: dict[str, Any] = {**os.environ, "PYTHONWARNINGS": "ignore"}
    with subprocess.Popen(
        [sys.executable, "-c", _LONG],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        cwd=Path(__file__).parents[2],
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "sampling\n"
        children = _children_of(process.pid)
        pressed = time.perf_counter()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        took = time.perf_counter() - pressed
    assert out.splitlines()[-1] == "interrupted", err
    assert process.returncode == 0, err
    assert took < 20  # five million draws would take minutes; the machine may be busy
    assert not [pid for pid in children if Path(f"/proc/{pid}").exists()]
