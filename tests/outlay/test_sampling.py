"""The sampler: the same draws for the same seed, progress that only grows, and Ctrl-C that leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pymc as pm
import pytest

from outlay.catalogue import CATALOGUE
from outlay.errors import TrustError
from outlay.sampling import Progress, SamplerSettings, Samples, _Watch, sample

SETTINGS = SamplerSettings(draws=300, tune=300, chains=2, seed=7, target_accept=0.8)


def funnel() -> pm.Model:
    """Neal's funnel with a vector and labels: small, and sure to diverge at a low target."""
    with pm.Model(coords={"part": ["a", "b", "c"]}) as model:
        log_sd = pm.Normal("log_sd", 0.0, 3.0)
        pm.Normal("x", 0.0, pm.math.exp(log_sd), dims="part")
        pm.HalfNormal("positive", 1.0)
    return model


@cache
def once() -> tuple[Samples, list[Progress]]:
    told: list[Progress] = []
    return sample(funnel(), SETTINGS, told.append), told


def test_draws_come_with_shapes_names_and_labels() -> None:
    samples, _ = once()
    assert (samples.chains, samples.draws) == (2, 300)
    assert samples.values["x"].shape == (2, 300, 3)
    assert samples.dims == {"log_sd": (), "x": ("part",), "positive": ()}
    assert samples.coords == {"part": ("a", "b", "c")}
    assert (samples.values["positive"] > 0).all()  # natural form, not its logarithm
    assert set(samples.stats) == {"diverging", "energy", "n_steps", "step_size"}
    assert samples.flat("x").shape == (600, 3)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not() -> None:
    first, _ = once()
    again = sample(funnel(), SETTINGS)
    for name, value in first.values.items():
        assert again.values[name].tobytes() == value.tobytes(), name
    for name, value in first.stats.items():
        assert again.stats[name].tobytes() == value.tobytes(), name
    other = sample(funnel(), SamplerSettings(draws=300, tune=300, chains=2, seed=8, target_accept=0.8))
    assert other.values["x"].tobytes() != first.values["x"].tobytes()


def test_chains_are_not_copies_of_each_other() -> None:
    samples, _ = once()
    assert not np.allclose(samples.values["x"][0], samples.values["x"][1])


def test_progress_grows_to_its_end_and_counts_kept_divergences() -> None:
    samples, told = once()
    assert told[0] == Progress("compile")
    sampling = told[1:]
    assert {progress.stage for progress in sampling} == {"sample"}
    done = [progress.done for progress in sampling]
    assert done == sorted(done)
    assert sampling[-1].done == sampling[-1].total == 2 * (300 + 300)
    # The funnel at target 0.8 diverges after warm-up; the bar's last word is the posterior's count.
    assert samples.stats["diverging"].sum() > 0
    assert sampling[-1].divergences == samples.stats["diverging"].sum()


def test_divergences_of_the_warm_up_do_not_count() -> None:
    told: list[Progress] = []
    watch = _Watch(SamplerSettings(draws=10, tune=100, chains=2), told.append)
    # The first 100 draws, 0 to 99, are warm-up.
    watch(
        [
            SimpleNamespace(finished_draws=105, divergent_draws=[0, 99, 100, 104]),
            SimpleNamespace(finished_draws=20, divergent_draws=[3]),
        ]
    )
    assert told[0].divergences == 2
    assert (told[0].done, told[0].total) == (125, 220)


def test_time_left_is_what_is_left_at_the_pace_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Progress] = []
    watch = _Watch(SamplerSettings(draws=100, tune=100, chains=1), told.append)
    watch([SimpleNamespace(finished_draws=0, divergent_draws=[])])
    assert told[0].seconds_left is None  # no pace yet
    monkeypatch.setattr("outlay.sampling.time.perf_counter", lambda: watch._started + 10.0)
    watch([SimpleNamespace(finished_draws=50, divergent_draws=[])])
    assert told[1].seconds_left == pytest.approx(30.0)  # 50 of 200 draws in 10 seconds


def test_draws_survive_their_labelled_form() -> None:
    samples, _ = once()
    back = Samples.from_dataset(samples.dataset())
    assert (dict(back.dims), dict(back.coords)) == (samples.dims, samples.coords)
    for name, value in samples.values.items():
        np.testing.assert_array_equal(back.values[name], value)
    for name, value in samples.stats.items():
        np.testing.assert_array_equal(back.stats[name], value)


def test_a_density_that_is_never_a_number_is_refused_in_words() -> None:
    with pm.Model() as model:
        x = pm.Normal("x")
        pm.Potential("broken", x * np.nan)
    with pytest.raises(TrustError) as refusal:
        sample(model, SamplerSettings(draws=10, tune=10, chains=2))
    assert refusal.value.id == "T007"
    assert "T007" in CATALOGUE
    assert "Stack backtrace" not in refusal.value.text()


_LONG = """
import pymc as pm
from outlay.sampling import SamplerSettings, sample
with pm.Model() as model:
    pm.Normal("x", 0.0, 1.0, shape=50)
def tell(progress):
    if progress.stage == "sample":
        print("sampling", flush=True)
try:
    sample(model, SamplerSettings(draws=5_000_000, tune=100, chains=2), tell)
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


def _children_of(pid: int) -> list[int]:
    """Processes whose parent is this one."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if int((entry / "stat").read_text().rpartition(")")[2].split()[1]) == pid:
                found.append(int(entry.name))
        except (OSError, IndexError):
            continue
    return found


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
