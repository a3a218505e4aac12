"""One function that samples every PyMC model here, with nutpie.

The caller gets plain arrays: draws of the free parameters and the sampler's statistics. Progress goes to a callback, so
that the command line owns the terminal. Ctrl-C stops the chains and nothing is left behind.
"""

from __future__ import annotations

import os
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import xarray as xr

from outlay.errors import TrustError
from outlay.transforms import Array

if TYPE_CHECKING:
    import pymc as pm

_POLL_SECONDS = 0.2
STATS = ("diverging", "energy", "n_steps", "step_size")
"""Statistics of the sampler that are kept."""


@dataclass(frozen=True)
class SamplerSettings:
    """How to sample.

    Attributes
    ----------
    draws, tune, chains : int
        Draws kept per chain, warm-up draws per chain, number of chains.
    seed : int
        The same seed on the same machine gives the same draws to the last bit; another processor rounds otherwise.
    target_accept : float
        Step-size target; nearer to one is slower and safer.
    cores : int or None
        Chains that run at once; None takes what the machine has.
    low_rank : bool
        Whether warm-up learns some correlations of the parameters too, and not only their scales.
    """

    draws: int = 1000
    tune: int = 1000
    chains: int = 4
    seed: int = 1
    target_accept: float = 0.97
    cores: int | None = None
    low_rank: bool = False

    @property
    def at_once(self) -> int:
        """Chains that run at once."""
        return self.cores or min(self.chains, os.cpu_count() or 1)


@dataclass(frozen=True)
class Progress:
    """A moment of sampling, for a progress bar.

    Attributes
    ----------
    stage : str
        ``"compile"`` or ``"sample"``.
    done, total : int
        Draws finished over all chains, warm-up included.
    divergences : int
        Divergent transitions after warm-up so far.
    seconds_left : float or None
        Estimated time left.
    """

    stage: str
    done: int = 0
    total: int = 0
    divergences: int = 0
    seconds_left: float | None = None


class OnProgress(Protocol):
    """What takes the progress."""

    def __call__(self, progress: Progress, /) -> None:
        """Take one moment of sampling."""


@dataclass(frozen=True)
class Samples:
    """Draws of the free parameters.

    Attributes
    ----------
    values : mapping of str to ndarray (chains, draws, ...)
        Free parameters in their natural (constrained) form.
    dims : mapping of str to tuple of str
        Names of the dimensions after chain and draw.
    coords : mapping of str to tuple
        Labels of those dimensions.
    stats : mapping of str to ndarray (chains, draws)
        ``diverging``, ``energy``, ``n_steps``, ``step_size``.
    seconds : mapping of str to float
        Wall seconds of ``compile`` and ``sample``.
    route : str
        What sampled: ``"kernel"``, ``"pymc"`` or ``"jax"``.
    why : str
        Why not the kernel, in words; empty where it did.
    """

    values: Mapping[str, Array]
    dims: Mapping[str, tuple[str, ...]]
    coords: Mapping[str, tuple[Any, ...]]
    stats: Mapping[str, Array]
    seconds: Mapping[str, float] = MappingProxyType({})
    route: str = "pymc"
    why: str = ""

    @property
    def chains(self) -> int:
        """Number of chains."""
        return int(self.stats["diverging"].shape[0])

    @property
    def draws(self) -> int:
        """Draws per chain."""
        return int(self.stats["diverging"].shape[1])

    def flat(self, name: str) -> Array:
        """One parameter with chains joined, (chains * draws, ...)."""
        value = self.values[name]
        return value.reshape(-1, *value.shape[2:])

    def dataset(self) -> xr.Dataset:
        """Everything as one labelled dataset; the sampler's statistics are prefixed ``stat_``."""
        data = {name: (("chain", "draw", *self.dims[name]), value) for name, value in self.values.items()}
        data |= {f"stat_{name}": (("chain", "draw"), value) for name, value in self.stats.items()}
        coords = {name: list(labels) for name, labels in self.coords.items()}
        return xr.Dataset(data, coords=coords, attrs={"route": self.route, "why": self.why})

    def to_arviz(self) -> xr.DataTree:
        """The draws as ArviZ reads them: groups ``posterior`` and ``sample_stats``."""
        import arviz

        stats = dict(self.stats) | {"diverging": self.stats["diverging"].astype(bool)}
        return arviz.from_dict(
            {"posterior": dict(self.values), "sample_stats": dict(stats)},
            coords={name: list(labels) for name, labels in self.coords.items()},
            dims={name: list(dims) for name, dims in self.dims.items()},
        )

    @classmethod
    def from_dataset(cls, dataset: xr.Dataset) -> Samples:
        """The inverse of :meth:`dataset`."""
        names = [str(name) for name in dataset.data_vars]
        free = [name for name in names if not name.startswith("stat_")]
        return cls(
            values={name: dataset[name].to_numpy() for name in free},
            dims={name: tuple(str(dim) for dim in dataset[name].dims[2:]) for name in free},
            coords={str(name): tuple(coord.to_numpy().tolist()) for name, coord in dataset.coords.items()},
            stats={n.removeprefix("stat_"): dataset[n].to_numpy() for n in names if n.startswith("stat_")},
            route=str(dataset.attrs.get("route", "pymc")),
            why=str(dataset.attrs.get("why", "")),
        )


def sample(model: pm.Model, settings: SamplerSettings, on_progress: OnProgress | None = None) -> Samples:
    """Sample a PyMC model with NUTS.

    Parameters
    ----------
    model : pymc.Model
        The model. Deterministics are not stored: what follows from the parameters is computed from them.
    settings : SamplerSettings
        Draws, chains, seed.
    on_progress : callable, optional
        Is given a :class:`Progress` a few times a second.

    Raises
    ------
    KeyboardInterrupt
        When the user stops it; the chains are stopped first.
    TrustError
        Where the density is not a number wherever the chains may start, or breaks on the way.
    """
    import nutpie
    import pytensor

    tell = on_progress or (lambda progress: None)
    tell(Progress("compile"))
    started = time.perf_counter()
    names = [variable.name for variable in model.free_RVs]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # third parties warn of their own future; our own tests turn ours into errors
        # Fast math lets the compiler reorder sums, differently when a function comes from its cache: the first fit on a
        # machine then has other draws than the second. It also takes for granted that nothing is ever not a number.
        with pytensor.config.change_flags(numba__fastmath=False):
            compiled = nutpie.compile_pymc_model(model, var_names=names)
        ready = time.perf_counter()
        tree = watched(_nutpie(nutpie, compiled, settings), settings, tell)
    finished = time.perf_counter()
    posterior, stats = tree["posterior"].to_dataset(), tree["sample_stats"].to_dataset()
    return Samples(
        values={name: np.asarray(posterior[name].to_numpy(), float) for name in names},
        dims={name: tuple(str(dim) for dim in posterior[name].dims[2:]) for name in names},
        coords={
            str(dim): tuple(posterior[dim].to_numpy().tolist())
            for dim in posterior.dims
            if dim not in ("chain", "draw")
        },
        stats={name: np.asarray(stats[name].to_numpy(), float) for name in STATS},
        seconds={"compile": ready - started, "sample": finished - ready},
    )


class Running(Protocol):
    """A sampler that runs in the background."""

    def wait(self, timeout: float) -> Any:
        """The draws, or TimeoutError after some seconds without them."""

    def cancel(self) -> None:
        """Stop the chains."""


def watched(
    start: Callable[[Callable[[Sequence[Any]], None], int], Running],
    settings: SamplerSettings,
    tell: OnProgress | Callable[..., None],
) -> Any:
    """Run chains in the background and watch them, so that Ctrl-C is heard at once.

    Parameters
    ----------
    start : callable
        Starts the sampler, given what to call with the progress of every chain, and how many milliseconds apart.
    settings : SamplerSettings
        Draws and chains.
    tell : callable
        Is given a :class:`Progress`.

    Raises
    ------
    TrustError
        Where the density is not a number wherever the chains may start, or breaks on the way.
    """
    sampler = start(_Watch(settings, tell), int(_POLL_SECONDS * 1000))
    try:
        while True:
            try:
                return sampler.wait(timeout=_POLL_SECONDS)
            except TimeoutError:
                continue  # still running; coming back to Python lets Ctrl-C be heard
    except RuntimeError as problem:
        sampler.cancel()
        raise TrustError(
            f"the sampler stopped: {str(problem).splitlines()[0]}",
            where="the model",
            repair="Look for extreme or empty series among the data. `outlay explain T007` tells more.",
            id="T007",
        ) from problem
    except BaseException:
        sampler.cancel()
        raise


def _nutpie(nutpie: Any, compiled: Any, settings: SamplerSettings) -> Callable[..., Running]:
    """What starts nutpie on a compiled PyMC model."""

    def start(callback: Callable[[Sequence[Any]], None], rate: int) -> Running:
        return nutpie.sample(
            compiled,
            draws=settings.draws,
            tune=settings.tune,
            chains=settings.chains,
            cores=settings.at_once,
            seed=settings.seed,
            target_accept=settings.target_accept,
            adaptation="low_rank" if settings.low_rank else "diag",
            save_warmup=False,
            progress_bar=False,
            blocking=False,
            progress_callback=callback,
            progress_rate=rate,
        )

    return start


class _Watch:
    """Turns nutpie's per-chain progress into one :class:`Progress`."""

    def __init__(self, settings: SamplerSettings, tell: OnProgress | Callable[..., None]) -> None:
        self._total = settings.chains * (settings.draws + settings.tune)
        self._tune = settings.tune
        self._tell = tell
        self._started = time.perf_counter()

    def __call__(self, chains: Sequence[Any]) -> None:
        done = sum(chain.finished_draws for chain in chains)
        spent = time.perf_counter() - self._started
        left = spent * (self._total - done) / done if done else None
        # nutpie lists warm-up divergences too; only those after it count against the posterior.
        diverged = sum(sum(draw >= self._tune for draw in chain.divergent_draws) for chain in chains)
        self._tell(Progress("sample", done, self._total, diverged, left))
