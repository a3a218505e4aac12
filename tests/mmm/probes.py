"""Designs of every kind with draws from their prior, and the PyMC model at points: nothing here is sampled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from mmm.design import Design, make_design
from mmm.draws import MediaDraws, media_draws
from mmm.priors import BASELINE_SPREAD_SD, DEGREES, GROUP_SPREAD_SD, ROOT, Priors, make_priors
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
    rng, shape = np.random.default_rng(seed), (chains, n)
    values = _of_media(design, priors, rng, shape) | _of_groups(design, rng, shape)
    values |= _of_baseline(design, priors, rng, shape)
    values = {name: value for name, value in values.items() if value.size}
    return Samples(values, dims={}, coords={}, stats={"diverging": np.zeros(shape), "energy": rng.normal(size=shape)})


def _of_media(
    design: Design, priors: Priors, rng: np.random.Generator, shape: tuple[int, int]
) -> dict[str, np.ndarray]:
    blocks = design.blocks

    def normal(numbers: tuple[Any, Any], index: np.ndarray) -> np.ndarray:
        return rng.normal(numbers[0][index], numbers[1][index], (*shape, len(index)))

    values = {
        "half_life": np.exp(normal(priors.half_life_log, blocks.decaying)),
        "adstock_shape": np.exp(normal(priors.shape_log, blocks.shaped)),
        "half_saturation": np.exp(normal(priors.half_saturation_log, blocks.bent)),
        "slope": np.exp(normal(priors.slope_log, blocks.sloped)),
        "root": rng.beta(*ROOT, (*shape, blocks.rooted.size)),
        "organic_share": np.exp(rng.normal(*priors.organic_log_share, (*shape, blocks.organic.size))),
        "own_share": np.exp(normal(priors.own, blocks.own)),
        "signed_share": normal(priors.own, blocks.signed),
        "own_coefficient": np.exp(normal(priors.own, blocks.direct)),
    }
    if blocks.pooled.size:
        values["paid_share_logit"] = rng.normal(*priors.paid_share_logit, shape)
        if blocks.pooled.size > 1:
            split = rng.normal(0.0, priors.split_sd, (*shape, blocks.pooled.size))
            values["paid_split"] = split - split.mean(-1, keepdims=True)
    return values


def _of_groups(design: Design, rng: np.random.Generator, shape: tuple[int, int]) -> dict[str, np.ndarray]:
    values, active = {}, design.blocks.active.size
    for i, level in enumerate(design.levels):
        end = f"_{i + 1}" if len(design.levels) > 1 else ""
        values[f"group_spread{end}"] = np.abs(rng.normal(0.0, GROUP_SPREAD_SD, (*shape, active)))
        values[f"group_effect{end}"] = rng.normal(size=(*shape, len(level.labels), active))
    return values


def _of_baseline(
    design: Design, priors: Priors, rng: np.random.Generator, shape: tuple[int, int]
) -> dict[str, np.ndarray]:
    groups = design.panel.n_groups
    values = {
        "level": rng.normal(design.y_mean, 0.1, (*shape, groups)),
        "sigma": np.abs(rng.normal(0.0, priors.noise_sd, (*shape, groups))),
        "coefficient": rng.normal(size=(*shape, len(design.free_terms))),
        "lever_effect": np.abs(rng.normal(size=(*shape, int((design.signed != 0).sum())))),
    }
    if design.section.likelihood == "student_t":
        values["degrees_beyond_two"] = rng.gamma(DEGREES[0], 1.0 / DEGREES[1], shape)
    if design.pooled and len(design.free_terms):
        spread = np.abs(rng.normal(0.0, BASELINE_SPREAD_SD, shape))
        common = values["coefficient"][..., None, design.centred]
        centred, raw = int(design.centred.sum()), int((~design.centred).sum())
        values |= {
            "baseline_spread": spread,
            "coefficient_group": common + spread[..., None, None] * rng.normal(size=(*shape, groups, centred)),
            "coefficient_deviation": rng.normal(size=(*shape, groups, raw)),
        }
    return values


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


@cache
def probe(name: str) -> Probe:
    """The compiled model of a named case."""
    return probe_of(case(name))
