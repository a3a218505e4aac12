"""What must not change the log density: the order of channels and of groups, and channels or levers that do nothing."""

from __future__ import annotations

import ctypes
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmm.kernel_density import entries, evaluate
from mmm.kernel_draws import named_draws
from mmm.kernel_jit import CACHE
from mmm.kernel_run import start_of
from mmm.kernel_spec import Spec
from mmm.labels import labels
from tests.mmm.kernels import Case, case, case_of, channel

EXACT = 1e-10  # the same sums in another order


def value(spec: Spec, theta: np.ndarray) -> float:
    return evaluate(np.ascontiguousarray(theta), np.empty_like(theta), spec.data.pack())


def near(spec: Spec, seed: int) -> np.ndarray:
    start = start_of(spec.data).middle
    return start + 0.5 * np.random.default_rng(seed).standard_normal(start.size)


@given(order=st.permutations(range(3)), seed=st.integers(0, 2**16))
@settings(max_examples=15, deadline=None)
def test_groups_in_another_order(order: list[int], seed: int) -> None:
    spec = case("geos").spec
    data, theta = spec.data, near(spec, seed)
    turned = {name: getattr(data, name)[order] for name in ("weight", "y", "lam", "q", "u", "levers")}
    turned |= {name: getattr(data, name)[:, order] for name in ("x", "contacts") if getattr(data, name).size}
    other = theta.copy()
    for block in spec.blocks:
        if block.dims[:1] == ("group",):
            rows = theta[block.at : block.at + block.size].reshape(block.shape)
            other[block.at : block.at + block.size] = rows[order].ravel()
    again = value(replace(spec, data=replace(data, **turned)), other)
    assert again == pytest.approx(value(spec, theta), rel=EXACT)


_CHANNELS = [
    channel("a", adstock="delayed"),
    channel("b", saturation="tanh"),
    channel("c", slope="free"),
    channel("d", saturation="root", saturation_first=True),
    {"name": "o", "exposure": "o_spend"},
]


def market(channels: list[dict[str, Any]]) -> Case:
    """One table, whatever the channels that are read from it."""
    return case_of(channels, n=30, seasonality=0, columns=[*_CHANNELS, channel("idle", never=True)])


def moved(first: Case, second: Case, theta: np.ndarray) -> np.ndarray:
    """The coordinates of the same parameters in another order of the channels."""
    mine, yours = labels(first.design), labels(second.design)
    out = np.empty(second.spec.data.dim)
    blocks = {block.name: block for block in first.spec.blocks}
    for block in second.spec.blocks:
        source = blocks[block.name]
        x = theta[source.at : source.at + source.size]
        if block.dims:
            dim = block.dims[-1]
            order = [mine[dim].index(label) for label in yours[dim]]
            x = x.reshape(block.shape)[..., order]
        out[block.at : block.at + block.size] = x.ravel()
    return out


@given(order=st.permutations(range(len(_CHANNELS))), seed=st.integers(0, 2**16))
@settings(max_examples=10, deadline=None)
def test_channels_in_another_order(order: list[int], seed: int) -> None:
    first, second = market(_CHANNELS), market([_CHANNELS[i] for i in order])
    theta = near(first.spec, seed)
    assert value(second.spec, moved(first, second, theta)) == pytest.approx(value(first.spec, theta), rel=EXACT)


def test_a_channel_that_never_ran_leaves_the_density_as_it_was() -> None:
    first, second = market(_CHANNELS), market([channel("idle"), *_CHANNELS])
    assert [block.name for block in first.spec.blocks] == [block.name for block in second.spec.blocks]
    for seed in range(3):
        theta = near(first.spec, seed)
        assert value(second.spec, moved(first, second, theta)) == pytest.approx(value(first.spec, theta), rel=EXACT)


@given(centring=st.floats(0.0, 1.0), seed=st.integers(0, 2**16))
@settings(max_examples=15, deadline=None)
def test_centring_is_a_change_of_coordinates(centring: float, seed: int) -> None:
    """Effects as z * spread ** centring: the density changes by the Jacobian, and the named draws do not."""
    it = case("nested")
    plain, bent = it.spec, with_centring(it.spec, centring)
    theta = near(plain, seed)
    other, jacobian = theta.copy(), 0.0
    blocks = {block.name: block for block in plain.blocks}
    for name in ("_1", "_2"):
        spread, effect = blocks[f"group_spread{name}"], blocks[f"group_effect{name}"]
        log_spread = theta[spread.at : spread.at + spread.size]
        rows = theta[effect.at : effect.at + effect.size].reshape(effect.shape)
        other[effect.at : effect.at + effect.size] = (rows * np.exp(centring * log_spread)).ravel()
        jacobian += centring * log_spread.sum() * len(rows)
    assert value(bent, other) == pytest.approx(value(plain, theta) - jacobian, rel=EXACT)
    one, two = (named_draws(it.design, s, x[None], seed=1) for s, x in ((plain, theta), (bent, other)))
    for name, natural in one.items():
        np.testing.assert_allclose(two[name], natural, rtol=1e-9, err_msg=name)
    gradient, step = np.empty_like(other), 1e-5
    evaluate(other, gradient, bent.data.pack())
    for block in (blocks["group_spread_1"], blocks["group_effect_2"]):
        up, down = other.copy(), other.copy()
        up[block.at], down[block.at] = other[block.at] + step, other[block.at] - step
        # The difference's own error: 1e-16 of the value over the step, and the step squared.
        assert gradient[block.at] == pytest.approx(
            (value(bent, up) - value(bent, down)) / (2 * step), rel=1e-6, abs=1e-5
        )


def with_centring(spec: Spec, centring: float) -> Spec:
    return replace(spec, data=replace(spec.data, centring=np.full_like(spec.data.centring, centring)))


@pytest.mark.parametrize("name", ["adstock first", "beliefs", "nested"])
def test_points_far_out_are_refused_or_have_a_finite_gradient(name: str) -> None:
    """The sampler steps there in warm-up: what is not a number has to be seen as such, and nothing may be silent."""
    spec = case(name).spec
    buffer, finite = spec.data.pack(), 0
    for seed in range(20):
        theta = start_of(spec.data).middle + 20.0 * np.random.default_rng(seed).standard_normal(spec.data.dim)
        gradient = np.empty_like(theta)
        reached = evaluate(theta, gradient, buffer)
        ok = np.isfinite(reached) and np.isfinite(gradient).all()
        finite += ok
        assert entries_refuse(theta, spec) == (not ok)
    assert finite < 20


def entries_refuse(theta: np.ndarray, spec: Spec) -> bool:
    gradient, reached, buffer = np.empty_like(theta), np.empty(1), spec.data.pack()
    double = ctypes.POINTER(ctypes.c_double)
    code = entries()[0].ctypes(
        theta.size,
        theta.ctypes.data_as(double),
        gradient.ctypes.data_as(double),
        reached.ctypes.data_as(double),
        buffer.ctypes.data,
    )
    return bool(code)


def test_the_kernel_is_kept_by_the_hash_of_all_its_files() -> None:
    files = {Path(str(module.__file__)) for name, module in sys.modules.items() if name.startswith("mmm.kernel")}
    assert len(files) > 8  # the kernel and its helpers are loaded by now
    assert files <= set(CACHE.sources)
