"""Draws of every link by the engine that ``[leads.sampling]`` names. Either engine gives the same names."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from attribution.config import ConversionSampling
from attribution.conversion_links import Link, Part
from attribution.kernel_data import pack
from attribution.kernel_density import entries
from attribution.kernel_jit import CACHE
from attribution.laplace import Laplace, fit_laplace, samples_of
from attribution.parametrise import coordinates_of
from outlay.compiled import Pointer, pointer_missing, sample_pointer
from outlay.errors import ConfigError
from outlay.sampling import OnProgress, Progress, SamplerSettings, Samples
from outlay.transforms import Array

TARGET_ACCEPT = {"kernel": 0.8, "pymc": 0.95}
"""Step-size target: in the kernel's coordinates the posterior is nearly normal, the definition may keep some funnel."""

_START = 1.5
"""Chains start from a normal around the mode, this many times as wide as the posterior nearly is."""


@dataclass(frozen=True)
class _Start:
    dim: int

    def __call__(self, seed: int) -> Array:
        return _START * np.random.default_rng(seed).standard_normal(self.dim)


def draw_parts(
    links: Sequence[Link], sampling: ConversionSampling, seed: int, on_progress: OnProgress | None = None
) -> tuple[Part, ...]:
    """Sample every link; each has its own seed, made from the project's.

    Raises
    ------
    ConfigError
        C020, where the kernel is asked for and cannot run here.
    TrustError
        Where a density is not a number wherever its chains may start.
    """
    missing = pointer_missing()
    if sampling.engine == "kernel" and missing is not None:
        raise ConfigError(
            f"the kernel cannot sample this model: {missing}",
            where="[leads.sampling] engine",
            repair='Write engine = "auto" (or "pymc").',
            id="C020",
        )
    by_kernel = sampling.engine != "pymc" and missing is None
    route = "kernel" if by_kernel else "pymc"
    why = "" if by_kernel else missing or 'engine = "pymc" was asked for'
    if by_kernel:
        CACHE.loaded(entries)  # before anything compiles them here
    parts = []
    for i, link in enumerate(links):
        settings = SamplerSettings(
            draws=sampling.draws,
            tune=sampling.tune,
            chains=sampling.chains,
            seed=(seed + 7919 * i) % 2**32,
            target_accept=TARGET_ACCEPT[route],
        )
        tell = None if on_progress is None else _Share(on_progress, i, len(links))
        draw = sample_link if by_kernel else _sample_definition
        parts.append(Part(link, replace(draw(fit_laplace(link), settings, tell), route=route, why=why)))
    return tuple(parts)


def sample_link(fit: Laplace, settings: SamplerSettings, on_progress: OnProgress | None = None) -> Samples:
    """Draws of one link by the kernel."""
    if on_progress is not None:
        on_progress(Progress("compile"))
    started = time.perf_counter()
    coordinates = coordinates_of(fit)
    density, identity = CACHE.loaded(entries)
    ready = time.perf_counter()
    pointer = Pointer(density.address, identity.address, pack(coordinates), _Start(coordinates.dim), coordinates.dim)
    raw = sample_pointer(pointer, settings, on_progress)
    samples = samples_of(fit.link, coordinates.natural(raw.values), raw.stats, "kernel")
    return replace(samples, seconds={"compile": ready - started, "sample": time.perf_counter() - ready})


def _sample_definition(fit: Laplace, settings: SamplerSettings, on_progress: OnProgress | None = None) -> Samples:
    from attribution.model_conversion import build_model, named
    from outlay.sampling import sample

    samples = sample(build_model(fit), settings, on_progress)
    return replace(named(fit.link, samples), seconds=samples.seconds)


@dataclass(frozen=True)
class _Share:
    """Progress of one link as its share of all of them."""

    tell: OnProgress
    done: int
    links: int

    def __call__(self, progress: Progress, /) -> None:
        before = self.done * progress.total
        left = None if progress.seconds_left is None else progress.seconds_left * (self.links - self.done)
        self.tell(replace(progress, done=before + progress.done, total=self.links * progress.total, seconds_left=left))
