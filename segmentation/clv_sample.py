"""Draws of the population's parameters, by the kernel wherever it can run."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from outlay.compiled import Pointer, pointer_missing, sample_pointer
from outlay.sampling import OnProgress, Progress, SamplerSettings, Samples
from outlay.transforms import Array
from outlay.trust import MAX_RHAT, MIN_ESS
from segmentation.clv_cells import MoneyCells, PurchaseCells
from segmentation.clv_mode import Mode, find_mode, fused_of, natural, start_of
from segmentation.clv_pack import moved, pack_money, pack_purchases
from segmentation.clv_priors import Priors

MONEY = "gamma_gamma"
DRAWS, TUNE, CHAINS = 1000, 1000, 4
MANY_CELLS, FEWER = 50_000, (600, 300)
"""Cells from which on a chain has this many draws and warm-up steps: the posterior is then normal to any eye, and in
the kernel's coordinates nearly every draw counts as one, so that the gate's 400 effective draws are met."""

TARGET_ACCEPT = {"many": 0.8, "kernel": 0.9, "pymc": 0.95}
"""Step-size target: in the kernel's coordinates the posterior is nearly standard normal, and with many cells it is."""

LONGER = 4
"""How much longer chains run again where a parameter has too few effective draws for the gate, or R-hat is near it."""

_ENOUGH, _AGREED = 1.5 * MIN_ESS, 1.0 + 0.7 * (MAX_RHAT - 1.0)


@dataclass(frozen=True, eq=False)
class Posterior:
    """Draws of one model's parameters.

    Attributes
    ----------
    model : str
        ``"bg_nbd"``, ``"pareto_nbd"`` or ``"gamma_gamma"``.
    samples : Samples
        Its parameters by name: r, alpha, a, b; r, alpha, s, beta; p, q, v.
    mode : Mode or None
        The highest point, where the kernel ran.
    """

    model: str
    samples: Samples
    mode: Mode | None

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters' names, in the order of :meth:`table`."""
        return tuple(self.samples.values)

    def table(self, draws: int | None = None) -> Array:
        """Draws (S, d), all of them or that many at equal distances."""
        every = np.column_stack([self.samples.flat(name) for name in self.names])
        if draws is None or draws >= len(every):
            return every
        return every[np.linspace(0, len(every) - 1, draws).round().astype(int)]


@dataclass(frozen=True)
class How:
    """A seed, and whether there are so many cells (of purchases or of money) that fewer draws will do."""

    seed: int
    many: bool = False


@dataclass(frozen=True)
class _Start:
    dim: int

    def __call__(self, seed: int) -> Array:
        return np.random.default_rng(seed).standard_normal(self.dim)


def sample_purchases(
    cells: PurchaseCells, model: str, priors: Priors, how: How, on_progress: OnProgress | None = None
) -> Posterior:
    """Sample a model of purchases.

    Raises
    ------
    TrustError
        Where the density is not a number wherever its chains may start, or has no top.
    """

    def define() -> Any:
        from segmentation.model_clv import build_purchases

        return build_purchases(cells, model, priors)

    return _sample(model, pack_purchases(cells, model, priors), define, how, on_progress)


def sample_money(cells: MoneyCells, priors: Priors, how: How, on_progress: OnProgress | None = None) -> Posterior:
    """Sample the model of money; as :func:`sample_purchases`."""

    def define() -> Any:
        from segmentation.model_clv import build_money

        return build_money(cells, priors)

    return _sample(MONEY, pack_money(cells, priors), define, how, on_progress)


def _sample(
    model: str, buffer: Array, define: Callable[[], Any], how: How, on_progress: OnProgress | None
) -> Posterior:
    missing = pointer_missing()
    many = missing is None and how.many
    route = "many" if many else "kernel" if missing is None else "pymc"
    draws, tune = FEWER if many else (DRAWS, TUNE)
    settings = SamplerSettings(
        draws=draws, tune=tune, chains=CHAINS, seed=how.seed % 2**32, target_accept=TARGET_ACCEPT[route]
    )
    if missing is not None:
        return by_definition(model, define(), settings, on_progress)
    found = by_kernel(model, buffer, settings, on_progress)
    if is_enough(found.samples):
        return found
    longer = replace(settings, draws=LONGER * draws, tune=LONGER * tune)
    again = by_kernel(model, buffer, longer, on_progress).samples
    return replace(found, samples=_every(again, LONGER))


def is_enough(samples: Samples) -> bool:
    """Whether every parameter has effective draws to spare for the gate, and chains that agree."""
    from arviz_stats.base import array_stats

    for draws in samples.values.values():
        rhat = array_stats.rhat(draws, chain_axis=0, draw_axis=1, method="rank")
        bulk = array_stats.ess(draws, chain_axis=0, draw_axis=1, method="bulk")
        tail = array_stats.ess(draws, chain_axis=0, draw_axis=1, method="tail", prob=(0.05, 0.95))
        if not (rhat <= _AGREED and min(bulk, tail) >= _ENOUGH):
            return False
    return True


def _every(samples: Samples, step: int) -> Samples:
    """Every so-manieth draw of each chain, so that both models have as many.

    Draws that follow each other say nearly the same in a chain that had to run longer. A divergence in between is kept,
    and energies stay those of draws that follow each other, because that is how they are judged.
    """
    chains, draws = samples.chains, samples.draws // step
    diverging = samples.stats["diverging"].reshape(chains, draws, step).max(axis=2)
    return replace(
        samples,
        values={name: own[:, step - 1 :: step] for name, own in samples.values.items()},
        stats={name: own[:, :draws] for name, own in samples.stats.items()} | {"diverging": diverging},
    )


def by_kernel(model: str, buffer: Array, settings: SamplerSettings, on_progress: OnProgress | None = None) -> Posterior:
    """Draws by the kernel, in coordinates that make the posterior nearly a standard normal."""
    from segmentation.kernel_clv_entry import entries
    from segmentation.kernel_clv_jit import CACHE

    if on_progress is not None:
        on_progress(Progress("compile"))
    started = time.perf_counter()
    density, identity = CACHE.loaded(entries)  # before anything compiles them here
    mode = find_mode(fused_of(buffer), start_of(buffer))
    ready = time.perf_counter()
    dim = len(mode.centre)
    own = moved(buffer, mode.centre, mode.root)
    raw = sample_pointer(Pointer(density.address, identity.address, own, _Start(dim), dim), settings, on_progress)
    values = natural(model, mode.centre + raw.values @ mode.root.T)
    samples = Samples(
        values=values,
        dims=dict.fromkeys(values, ()),
        coords={},
        stats=raw.stats,
        seconds={"compile": ready - started, "sample": time.perf_counter() - ready},
        route="kernel",
    )
    return Posterior(model, samples, mode)


def by_definition(
    model: str, definition: Any, settings: SamplerSettings, on_progress: OnProgress | None = None
) -> Posterior:
    """Draws by PyMC."""
    from outlay.sampling import sample
    from segmentation.model_clv import named

    samples = sample(definition, settings, on_progress)
    values = named(model, samples)
    why = pointer_missing() or "asked for"
    return Posterior(model, replace(samples, values=values, dims=dict.fromkeys(values, ()), why=why), None)
