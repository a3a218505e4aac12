"""Designs of every kind with draws from their prior, and the PyMC model at points: nothing here is sampled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from mmm.design import Design, make_design
from mmm.draws import MediaDraws, media_draws
from mmm.prior_draws import prior_samples as prior_draws
from mmm.priors import Priors, make_priors
from outlay.sampling import Samples
from tests.mmm.simulate import THREE, Channel, World, simulate

MIXED = (
    *THREE,
    Channel("radio", half_life=0.0, half_saturation=2.0, share=0.05, spend=9_000.0, saturation="logistic"),
    Channel("social", half_life=1.2, half_saturation=0.8, share=0.05, spend=12_000.0, cost=3.0, saturation="logistic"),
)
"""Hill and logistic, geometric and no adstock, with and without exposure of its own, paid and organic."""


@dataclass(frozen=True)
class Setup:
    """A design and its priors."""

    design: Design
    priors: Priors

    def draws(self, n: int = 6, seed: int = 0, chains: int = 2) -> MediaDraws:
        """Draws of the prior, in original units."""
        return media_draws(self.design, prior_samples(self.design, self.priors, n, seed, chains))


@dataclass(frozen=True)
class Case(Setup):
    """A market with known truth, with its design and priors."""

    world: World


def case_of(world: World) -> Case:
    """The design of a market."""
    design = make_design(world.panel(), world.section)
    return Case(design, make_priors(design), world)


@cache
def case(name: str) -> Case:
    """A market by name: ``national``, ``panel``, ``units``, ``bare`` or ``daily``."""
    it = case_of(_WORLDS[name]())
    if name != "panel":
        return it
    # Both ways of writing a deviation in one model, whichever the data would choose.
    every_other = np.arange(it.design.n_terms) % 2 == 0
    return replace(it, design=replace(it.design, centred=every_other))


def _units() -> World:
    world = simulate(4, MIXED, n=70, groups=("north", "south"), kpi_type="units", value_per_kpi="worth", l_max=5)
    frame = world.frame.assign(worth=30.0 + 5.0 * np.random.default_rng(1).random(len(world.frame)))
    return replace(world, frame=frame)


def _bare() -> World:
    """One paid channel and nothing else: no split, no baseline columns."""
    return simulate(5, THREE[:1], n=40, trend=False, seasonality=0, controls=(), levers=(), l_max=4)


_WORLDS: Mapping[str, Callable[[], World]] = {
    "national": lambda: simulate(2, MIXED, n=80),
    "panel": lambda: simulate(3, MIXED, n=60, groups=("east", "north", "west"), l_max=6),
    "units": _units,
    "bare": _bare,
    "daily": lambda: simulate(6, THREE, n=400, freq="D", l_max=14),
}


def prior_samples(design: Design, priors: Priors, n: int, seed: int = 0, chains: int = 2) -> Samples:
    """Draws of the free parameters from their prior, (chains, n), as :func:`outlay.sampling.sample` would hand them."""
    drawn, shape = prior_draws(design, priors, chains * n, seed), (chains, n)
    values = {name: value.reshape(*shape, *value.shape[2:]) for name, value in drawn.values.items()}
    stats = {"diverging": np.zeros(shape), "energy": np.random.default_rng(seed).normal(size=shape)}
    return Samples(values, dims={}, coords={}, stats=stats)


def points_of(samples: Samples) -> list[dict[str, np.ndarray]]:
    """Each draw as one point of natural parameters."""
    flat = {name: samples.flat(name) for name in samples.values}
    return [{name: value[s] for name, value in flat.items()} for s in range(samples.chains * samples.draws)]


@dataclass(frozen=True)
class Probe:
    """A PyMC model, to be evaluated at points of the unconstrained space."""

    setup: Setup
    model: Any
    call: Any

    def points(self, n: int, seed: int = 0) -> list[dict[str, np.ndarray]]:
        """Random points around the initial one."""
        rng = np.random.default_rng(seed)
        start = self.model.initial_point()
        return [{name: value + 0.5 * rng.normal(size=value.shape) for name, value in start.items()} for _ in range(n)]

    def at(self, point: Mapping[str, np.ndarray]) -> tuple[float, np.ndarray, dict[str, np.ndarray]]:
        """Log density without Jacobians, the mean of the KPI, and the natural parameters."""
        logp, mu, *natural = self.call(point)
        return float(logp), mu, {rv.name: value for rv, value in zip(self.model.free_RVs, natural, strict=True)}

    def samples(self, naturals: list[dict[str, np.ndarray]]) -> Samples:
        """Points as draws of one chain."""
        values = {name: np.stack([point[name] for point in naturals])[None] for name in naturals[0]}
        return Samples(values, {}, {}, {"diverging": np.zeros((1, len(naturals)))})


def probe_of(setup: Setup) -> Probe:
    """Compile a model without a C compiler: slower to call, quicker to have."""
    from mmm.model import build_model

    model = build_model(setup.design, setup.priors)
    parameters = model["kpi"].owner.op.dist_params(model["kpi"].owner)
    mu = parameters[-2]  # mu and sigma, after the degrees of freedom where there are any
    outputs = [model.logp(jacobian=False), *model.replace_rvs_by_values([mu, *model.free_RVs])]
    return Probe(setup, model, model.compile_fn(outputs, inputs=model.value_vars, mode="FAST_COMPILE"))
