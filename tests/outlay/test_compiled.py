"""Compiled densities: a cache that cannot be stale, and the sampler by the address of a C function."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import threading
import time
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import outlay.compiled as compiled
import outlay.kernel_cache as kernel_cache
from outlay.compiled import Pointer, RawDraws, pointer_missing, sample_pointer
from outlay.errors import TrustError
from outlay.kernel_cache import KEEP_SECONDS, KernelCache
from outlay.sampling import Progress, SamplerSettings

SETTINGS = SamplerSettings(draws=400, tune=300, chains=2, seed=5, target_accept=0.8)
MEAN, SD = 3.0, 2.0


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OUTLAY_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


def source(folder: Path, text: str = "x = 1\n") -> Path:
    file = folder / "kernel_part.py"
    file.write_text(text, encoding="utf-8")
    return file


def test_any_change_of_a_source_changes_the_folder(home: Path, tmp_path: Path) -> None:
    file = source(tmp_path)
    before = KernelCache("k", (file,)).folder
    assert before == KernelCache("k", (file,)).folder
    file.write_text("x = 2\n", encoding="utf-8")  # as long as before, so that neither size nor time need to tell
    after = KernelCache("k", (file,)).folder
    assert before != after
    assert before is not None
    assert before.parent == home


@pytest.mark.parametrize("what", range(7))
def test_any_change_of_the_machine_changes_the_folder(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: int
) -> None:
    file = source(tmp_path)
    now = kernel_cache._machine()
    assert len(now) == 8  # numba, llvmlite, numpy, Python, architecture, system, processor, its features
    before = KernelCache("k", (file,)).key
    monkeypatch.setattr(kernel_cache, "_machine", lambda: (*now[:what], "other", *now[what + 1 :]))
    assert KernelCache("k", (file,)).key != before


def test_the_cache_is_where_the_user_keeps_caches(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("OUTLAY_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert kernel_cache.cache_home() == tmp_path / "outlay"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert kernel_cache.cache_home() == Path.home() / ".cache" / "outlay"


def test_without_a_place_to_write_nothing_is_kept_and_that_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    monkeypatch.setenv("OUTLAY_CACHE_DIR", str(blocked))
    kept = KernelCache("k", (source(tmp_path),))
    assert kept.folder is None
    assert "not kept" in kept.told
    assert kept.njit(_double)(2.0) == 4.0


def _double(x: float) -> float:
    return 2.0 * x


def test_other_users_of_numba_keep_their_folder(home: Path, tmp_path: Path) -> None:
    import numba

    before = numba.config.CACHE_DIR
    kept = KernelCache("k", (source(tmp_path),))
    function = kept.njit(_double)
    assert before == numba.config.CACHE_DIR
    assert function(2.0) == 4.0
    assert kept.folder is not None
    assert str(kept.folder) in kept.told
    assert list(kept.folder.rglob("*.nbi"))


def test_folders_of_other_versions_go_when_they_are_old(home: Path, tmp_path: Path) -> None:
    home.mkdir()
    old, recent, stranger = home / "k-old", home / "k-recent", home / "other-old"
    long_ago = time.time() - KEEP_SECONDS - 60.0
    for folder in (old, recent, stranger):
        folder.mkdir()
    for folder in (old, stranger):
        os.utime(folder, (long_ago, long_ago))
    assert KernelCache("k", (source(tmp_path),)).folder is not None
    assert [folder.name for folder in (old, recent, stranger) if folder.exists()] == ["k-recent", "other-old"]


_SECOND = """
import sys
from pathlib import Path
from outlay.kernel_cache import KernelCache
import numba as nb
cache = KernelCache("k", (Path(sys.argv[1]),))
def half(x):
    return x / 2.0
@cache.cfunc(nb.float64(nb.float64))
def function(x):
    return x / 2.0
print(function.cache_hits, function.ctypes(3.0))
"""


def test_a_second_process_loads_what_the_first_compiled(home: Path, tmp_path: Path) -> None:
    program = tmp_path / "program.py"  # numba keeps only what comes from a file
    program.write_text(_SECOND, encoding="utf-8")
    root = str(Path(__file__).parents[2])
    run = [sys.executable, str(program), str(program)]
    told = [
        subprocess.run(
            run, capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": root}
        ).stdout.split()
        for _ in range(2)
    ]
    assert told == [["0", "1.5"], ["1", "1.5"]]


_APART = """
import math
from functools import cache
from pathlib import Path
import numba as nb
from outlay.kernel_cache import KernelCache
CACHE = KernelCache("k", (Path(__file__),))

@cache
def entry():
    @CACHE.cfunc(nb.float64(nb.float64))
    def function(x):
        return x / 2.0
    return function
"""


def test_the_first_process_ever_loads_too(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = set()
    for place in ("one", "two"):  # numba keeps what it compiles for each folder apart, so the second is another first
        folder = tmp_path / place
        folder.mkdir()
        (folder / "outlay_apart.py").write_text(_APART, encoding="utf-8")
        with monkeypatch.context() as patch:
            patch.syspath_prepend(str(folder))
            patch.delitem(sys.modules, "outlay_apart", raising=False)
            made = importlib.import_module("outlay_apart")
            function = made.CACHE.loaded(made.entry)
            # what this process runs is what every later one will run: compiled in a process of its own, and loaded
            assert (function.cache_hits, function.ctypes(3.0)) == (1, 1.5)
            patch.setattr(kernel_cache.subprocess, "run", None)
            assert made.CACHE.loaded(made.entry) is function  # kept: no other process is asked again
        keys.add(made.CACHE.key)
    assert len(keys) == 1  # the same sources


def test_what_cannot_be_made_apart_is_made_here(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(sys, "executable", "")
        assert KernelCache("k", (source(tmp_path),)).loaded(lambda: 5) == 5
    assert KernelCache("k", (source(tmp_path),)).loaded(lambda: 5) == 5  # a lambda is no name that another can import


# --- all cores ---


def test_tasks_come_back_in_their_order_from_several_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "cores", lambda: 3)
    gate = threading.Barrier(3, timeout=30)  # passes only where three tasks run at the same time
    assert compiled.on_cores(lambda number: (gate.wait() >= 0, number)[1], 3) == [0, 1, 2]


def test_tasks_within_tasks_run_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "cores", lambda: 2)

    def outer(number: int) -> bool:
        mine = threading.get_ident()
        return all(thread == mine for thread in compiled.on_cores(lambda _: threading.get_ident(), 4))

    assert compiled.on_cores(outer, 4) == [True] * 4
    assert not compiled._SPREAD.get()  # the caller's own thread is free again


def test_an_error_in_a_task_reaches_the_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "cores", lambda: 2)
    with pytest.raises(ZeroDivisionError):
        compiled.on_cores(lambda number: 1 / (number - 2), 4)


# --- nutpie's private entry ---


def test_nutpie_still_takes_a_density_by_its_address() -> None:
    """Where this fails, nutpie's private entry changed: read its compile_pymc.py, and mend outlay/compiled.py."""
    assert pointer_missing() is None
    assert compiled.pointer_available()


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "_PRIVATE", {"PySampler": ("from_pymc", "from_nowhere")})
    assert str(pointer_missing()).endswith("has no PySampler.from_nowhere")
    monkeypatch.setattr(compiled, "_PRIVATE", {"Nothing": ()})
    assert str(pointer_missing()).endswith("has no Nothing")
    assert not compiled.pointer_available()


@cache
def functions() -> tuple[Any, Any]:
    """An independent normal with mean and sd in its data, and the identity. A mean that is not a number breaks it."""
    import numba as nb

    double, size = nb.types.CPointer(nb.types.double), nb.types.uint64

    @nb.cfunc(nb.types.int64(size, double, double, double, nb.types.voidptr))
    def density(dim, at, gradient_at, value_at, user):
        x, g = nb.carray(at, (int(dim),)), nb.carray(gradient_at, (int(dim),))
        data = nb.carray(user, (2,), np.float64)
        value = 0.0
        for i in range(x.shape[0]):
            z = (x[i] - data[0]) / data[1]
            value -= 0.5 * z * z
            g[i] = -z / data[1]
        nb.carray(value_at, (1,))[0] = value
        return 0 if np.isfinite(value) else 4

    @nb.cfunc(nb.types.int64(size, size, double, double, nb.types.voidptr))
    def identity(dim, expanded, at, out_at, user):
        x, out = nb.carray(at, (int(dim),)), nb.carray(out_at, (int(expanded),))
        for i in range(out.shape[0]):
            out[i] = x[i]
        return 0

    return density, identity


def normal(mean: float = MEAN, dim: int = 3) -> Pointer:
    density, identity = functions()
    return Pointer(
        density.address,
        identity.address,
        np.array([mean, SD]),
        lambda seed: np.random.default_rng(seed).normal(size=dim),
        dim,
    )


@cache
def once() -> tuple[RawDraws, list[Progress]]:
    told: list[Progress] = []
    return sample_pointer(normal(), SETTINGS, told.append), told


def test_draws_are_those_of_the_density() -> None:
    raw, told = once()
    assert raw.values.shape == (2, 400, 3)
    assert set(raw.stats) == {"diverging", "energy", "n_steps", "step_size"}
    assert all(value.shape == (2, 400) for value in raw.stats.values())
    # 2,400 draws that are nearly independent: the mean's error is SD / 49, and five of them allowed.
    assert raw.values.mean() == pytest.approx(MEAN, abs=5 * SD / 49)
    assert raw.values.std() == pytest.approx(SD, rel=0.1)
    assert not np.allclose(raw.values[0], raw.values[1])
    assert (told[-1].done, told[-1].total) == (1400, 1400)


@pytest.mark.parametrize("low_rank", [False, True])
def test_the_same_seed_gives_the_same_bytes(low_rank: bool) -> None:
    settings = SamplerSettings(draws=50, tune=100, chains=2, seed=5, low_rank=low_rank)
    first, second = sample_pointer(normal(), settings), sample_pointer(normal(), settings)
    assert first.values.tobytes() == second.values.tobytes()
    assert all(first.stats[name].tobytes() == second.stats[name].tobytes() for name in first.stats)
    other = sample_pointer(normal(), SamplerSettings(draws=50, tune=100, chains=2, seed=6, low_rank=low_rank))
    assert other.values.tobytes() != first.values.tobytes()


def test_a_density_that_is_never_a_number_is_refused_in_words() -> None:
    with pytest.raises(TrustError) as refusal:
        sample_pointer(normal(mean=np.nan), SamplerSettings(draws=10, tune=10, chains=2))
    assert refusal.value.id == "T007"


def test_ctrl_c_stops_the_chains(monkeypatch: pytest.MonkeyPatch) -> None:
    """The signal reaches the waiting loop; the chains are stopped before it goes on."""
    stopped: list[bool] = []
    cancel = compiled._Run.cancel

    def wait(self: Any, timeout: float) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(compiled._Run, "wait", wait)
    monkeypatch.setattr(compiled._Run, "cancel", lambda self: (cancel(self), stopped.append(True)))
    with pytest.raises(KeyboardInterrupt):
        sample_pointer(normal(), SamplerSettings(draws=5_000_000, tune=100, chains=2))
    assert stopped == [True]


_LATER = """
import sys
from outlay.compiled import pointer_missing
assert pointer_missing() is None
assert "arviz" not in sys.modules and "nutpie" not in sys.modules
import nutpie
from nutpie import _lib
assert nutpie.compile_pymc_model is not None
assert _lib is sys.modules["nutpie._lib"]
print("both")
"""


def test_the_entry_loads_alone_and_nutpie_may_come_later() -> None:
    root = Path(__file__).parents[2]
    run = subprocess.run([sys.executable, "-W", "ignore", "-c", _LATER], capture_output=True, text=True, cwd=root)
    assert run.stdout == "both\n", run.stderr


def test_the_lock_pins_the_version_that_this_was_written_for() -> None:
    lock = (Path(__file__).parents[2] / "requirements" / "lock.txt").read_text(encoding="utf-8")
    nutpie = importlib.import_module("importlib.metadata").version("nutpie")
    assert f"\nnutpie=={nutpie} " in lock
