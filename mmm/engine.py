"""Which route a posterior takes: our kernel where it can express the model, else PyMC. Either gives the same names."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mmm.kernel_spec import expressible
from outlay.compiled import pointer_available
from outlay.errors import ConfigError
from outlay.sampling import OnProgress, SamplerSettings, Samples

if TYPE_CHECKING:
    from mmm.design import Design
    from mmm.priors import Priors

TARGET_ACCEPT = {"kernel": 0.9, "pymc": 0.97, "jax": 0.97}
"""Step-size target where none is stated: the kernel explores fewer parameters, without the ridges of the others."""

PANEL_TARGET_ACCEPT = 0.95
"""The kernel's with groups, whose effects and spreads make a funnel."""


def draw_posterior(design: Design, priors: Priors, seed: int, on_progress: OnProgress | None = None) -> Samples:
    """Sample a design by the engine that its section names; ``auto`` is the kernel wherever it can.

    Parameters
    ----------
    design, priors
        The model.
    seed : int
        Seed of the sampler.
    on_progress : callable, optional
        Is given a :class:`outlay.sampling.Progress` a few times a second.

    Raises
    ------
    ConfigError
        C020, where the section asks for the kernel and the kernel cannot express the model.
    TrustError
        Where the density is not a number wherever the chains may start.
    """
    engine = design.section.sampling.engine
    obstacle = obstacle_to_kernel(design)
    if engine == "kernel" and obstacle is not None:
        raise ConfigError(
            f"the kernel cannot sample this model: {obstacle}",
            where="[media.sampling] engine",
            repair='Write engine = "auto" (or "pymc"), or change what stands in the way.',
            id="C020",
        )
    if engine in ("auto", "kernel") and obstacle is None:
        from mmm.kernel_run import sample_kernel

        samples = sample_kernel(design, priors, _settings(design, seed, "kernel"), on_progress)
        return replace(samples, route="kernel")
    route = "jax" if engine == "jax" else "pymc"
    why = obstacle if engine == "auto" and obstacle is not None else f'engine = "{engine}" was asked for'
    samples = _by_model(design, priors, _settings(design, seed, route), on_progress)
    return replace(samples, route=route, why=why)


def obstacle_to_kernel(design: Design) -> str | None:
    """Why the kernel cannot be used, in words; None where it can."""
    if not pointer_available():
        return "this version of nutpie does not take a compiled density"
    return expressible(design)


def _by_model(design: Design, priors: Priors, settings: SamplerSettings, on_progress: OnProgress | None) -> Samples:
    from mmm.model import build_model

    model = build_model(design, priors)
    if design.section.sampling.engine == "jax":
        from outlay.sampling_jax import sample_jax

        return sample_jax(model, settings, on_progress)
    from outlay.sampling import sample

    return sample(model, settings, on_progress)


def _settings(design: Design, seed: int, route: str) -> SamplerSettings:
    wanted = design.section.sampling
    return SamplerSettings(
        draws=wanted.draws,
        tune=wanted.tune,
        chains=wanted.chains,
        target_accept=wanted.target_accept or _target_accept(design, route),
        seed=seed,
        # Learning correlations in warm-up pays where there are no groups; with many parameters it costs more.
        low_rank=route == "kernel" and not design.pooled,
    )


def _target_accept(design: Design, route: str) -> float:
    return PANEL_TARGET_ACCEPT if route == "kernel" and design.pooled else TARGET_ACCEPT[route]
