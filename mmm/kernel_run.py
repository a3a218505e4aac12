"""Sampling with the kernel: names, dimensions and labels of a PyMC model's draws, without compiling a model."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from mmm.design import Design
from mmm.kernel_data import BETA, HALF_NORMAL, KernelData
from mmm.kernel_density import entries
from mmm.kernel_draws import named_draws
from mmm.kernel_jit import CACHE
from mmm.kernel_spec import make_spec
from mmm.labels import labels
from mmm.priors import Priors
from outlay.compiled import Pointer, sample_pointer
from outlay.sampling import OnProgress, Progress, SamplerSettings, Samples
from outlay.transforms import Array

_JITTER = 0.5
"""Chains start this far from the middle of the prior, in the coordinates, either way."""

_HALF_NORMAL_MEDIAN = 0.6745

_DIMS: dict[str, tuple[str, ...]] = {
    "paid_share_logit": (),
    "paid_split": ("paid",),
    "level": ("group",),
    "coefficient": ("term",),
    "coefficient_group": ("group", "centred_term"),
    "coefficient_deviation": ("group", "raw_term"),
}


def sample_kernel(
    design: Design, priors: Priors, settings: SamplerSettings, on_progress: OnProgress | None = None
) -> Samples:
    """Draw from the posterior of a design that the kernel can express.

    Parameters
    ----------
    design : Design
        The data; see :func:`mmm.kernel_spec.expressible`.
    priors : Priors
        The prior's numbers.
    settings : SamplerSettings
        Draws, chains, seed.
    on_progress : callable, optional
        Is given a :class:`outlay.sampling.Progress` a few times a second.

    Raises
    ------
    KeyboardInterrupt
        When the user stops it; the chains are stopped first.
    TrustError
        Where the density is not a number wherever the chains may start, or breaks on the way.
    """
    if on_progress is not None:
        on_progress(Progress("compile"))
    started = time.perf_counter()
    spec = make_spec(design, priors)
    density, identity = CACHE.loaded(entries)
    ready = time.perf_counter()
    pointer = Pointer(density.address, identity.address, spec.data.pack(), start_of(spec.data), spec.data.dim)
    raw = sample_pointer(pointer, settings, on_progress)
    named = named_draws(design, spec, raw.values.reshape(-1, spec.data.dim), settings.seed)
    dims = {block.name: block.dims for block in spec.blocks} | _DIMS
    used = {name: dims[name] for name in named}
    return Samples(
        values={
            name: value.reshape(settings.chains, settings.draws, *value.shape[1:]) for name, value in named.items()
        },
        dims=used,
        coords=_labels(design, {dim for names in used.values() for dim in names}),
        stats=raw.stats,
        seconds={"compile": ready - started, "sample": time.perf_counter() - ready},
    )


@dataclass(frozen=True)
class Start:
    """Where chains start: around the middle of the prior.

    Attributes
    ----------
    middle : ndarray (n,)
        That point, in the coordinates.
    """

    middle: Array

    def __call__(self, seed: int) -> Array:
        """A point for one chain, (n,)."""
        rng = np.random.default_rng(seed)
        return self.middle + rng.uniform(-_JITTER, _JITTER, self.middle.size)


def start_of(data: KernelData) -> Start:
    """Start at the prior's medians."""
    with np.errstate(divide="ignore"):
        positive = np.log(_HALF_NORMAL_MEDIAN * data.prior_sd)
    return Start(np.where(data.prior == HALF_NORMAL, positive, np.where(data.prior == BETA, 0.0, data.prior_mean)))


def _labels(design: Design, dims: set[str]) -> dict[str, tuple[Any, ...]]:
    return {name: tuple(values) for name, values in labels(design).items() if name in dims}
