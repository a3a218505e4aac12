"""Samples a PyMC model with NumPyro's NUTS in JAX, on a GPU where there is one: for panels too large for a laptop.

All chains advance together on one device, in blocks of transitions between which progress is told and Ctrl-C is heard.
How transitions fall into blocks changes no draw. Only free parameters leave the device, and only after warm-up.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from outlay.errors import TrustError
from outlay.sampling import OnProgress, Progress, SamplerSettings, Samples
from outlay.sampling_jaxed import Jaxed, labels, libraries, refused_precision, translate
from outlay.transforms import Array

if TYPE_CHECKING:
    import pymc as pm

_BLOCK = 64
"""Most transitions between two looks at the keyboard."""
_BLOCK_SECONDS = 0.5
"""How long a block should take: long enough that starting it costs nothing, short enough for a progress bar."""
_STARTS = 100
"""Starting points that are tried per chain."""


def sample_jax(model: pm.Model, settings: SamplerSettings, on_progress: OnProgress | None = None) -> Samples:
    """Sample a PyMC model with NUTS in JAX; names, labels and statistics are those of :func:`outlay.sampling.sample`.

    Parameters
    ----------
    model : pymc.Model
        The model. Deterministics are not stored.
    settings : SamplerSettings
        Draws, chains, seed. ``cores`` plays no part: chains advance together on JAX's default device. ``low_rank`` has
        warm-up learn all correlations (a dense mass matrix), because NumPyro knows no form between none and all.
    on_progress : callable, optional
        Is given a :class:`outlay.sampling.Progress` about twice a second.

    Raises
    ------
    MissingDependencyError
        C021, without the extra ``[jax]``.
    ConfigError
        C022, where the model or the device has no double precision.
    TrustError
        T007, where the density is not a number wherever the chains may start; T008, where the device gives up.
    """
    tell = on_progress or (lambda progress: None)
    tell(Progress("compile"))
    started = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # third parties warn of their own future; our own tests turn ours into errors
        libraries()
        import jax

        with jax.enable_x64(True):
            try:
                jaxed = translate(model)
                run = _compiled(jaxed, settings)
                ready = time.perf_counter()
                values, stats = _drawn(run, settings, tell)
            except jax.errors.JaxRuntimeError as problem:
                raise _device_failure(problem) from problem
    finished = time.perf_counter()
    named = {name: labels(model, name, value.shape[2:]) for name, value in zip(jaxed.names, values, strict=True)}
    return Samples(
        values=dict(zip(jaxed.names, values, strict=True)),
        dims={name: tuple(dims) for name, dims in named.items()},
        coords={dim: members for dims in named.values() for dim, members in dims.items()},
        stats=stats,
        seconds={"compile": ready - started, "sample": finished - ready},
        route="jax",
    )


@dataclass(frozen=True)
class _Run:
    """A compiled sampler and where it stands.

    Attributes
    ----------
    state : pytree
        NumPyro's state of every chain, random keys included.
    block : callable
        Of a state and a number of transitions up to ``_BLOCK``: the state after them, the free parameters of each
        transition (_BLOCK, chains, ...), and its statistics (_BLOCK, chains).
    """

    state: Any
    block: Callable[[Any, int], tuple[Any, list[Any], dict[str, Any]]]


def _compiled(jaxed: Jaxed, settings: SamplerSettings) -> _Run:
    """Compile the transitions and place the chains."""
    import jax
    from numpyro.infer.hmc import hmc

    data = jax.device_put(jaxed.data)
    density = jax.jit(jaxed.log_density)  # traced once, however often the sampler calls it
    begin, transition = hmc(potential_fn_gen=lambda *series: lambda x: -density(x, *series), algo="NUTS")

    def first(x: Any, key: Any, series: Any) -> Any:
        return begin(
            x,
            num_warmup=settings.tune,
            dense_mass=settings.low_rank,
            target_accept_prob=settings.target_accept,
            model_args=series,
            rng_key=key,
        )

    def block(state: Any, count: Any, series: Any) -> Any:
        advance = jax.vmap(lambda one: transition(one, series))
        return _many(advance, lambda state: _told(jaxed, state), state, count)

    keys = jax.random.split(jax.random.key(settings.seed), settings.chains)
    state = jax.jit(jax.vmap(first, in_axes=(0, 0, None)))(_starting_points(jaxed, data, settings), keys, data)
    program = jax.jit(block)
    jax.block_until_ready(program(state, 0, data))  # no transition: this compiles
    return _Run(state, lambda state, count: program(state, count, data))


def _told(jaxed: Jaxed, state: Any) -> tuple[list[Any], dict[str, Any]]:
    """What is kept of a transition: natural parameters of each chain, and statistics."""
    import jax

    stats = {
        "diverging": state.diverging,
        "energy": state.energy,
        "n_steps": state.num_steps,
        "step_size": state.adapt_state.step_size,
    }
    return jax.vmap(jaxed.natural)(state.z), stats


def _many(advance: Callable[[Any], Any], tell: Callable[[Any], Any], state: Any, count: Any) -> Any:
    """Take some transitions, as many as are asked for when it runs, and keep what each tells."""
    import jax
    from jax import lax

    room = jax.tree.map(lambda one: jax.numpy.zeros((_BLOCK, *one.shape), one.dtype), jax.eval_shape(tell, state))

    def one(i: Any, carry: Any) -> Any:
        state, kept = carry
        state = advance(state)
        return state, jax.tree.map(lambda whole, now: whole.at[i].set(now), kept, tell(state))

    state, (values, stats) = lax.fori_loop(0, count, one, (state, room))
    return state, values, stats


def _starting_points(jaxed: Jaxed, data: Any, settings: SamplerSettings) -> Any:
    """The middle of the prior, moved by up to one in every unconstrained direction, (chains, dim).

    The point of a chain depends on the seed and on its own number only.
    """
    import jax

    look = jax.jit(jax.vmap(jax.value_and_grad(jaxed.log_density), in_axes=(0, *(None for _ in data))))
    random = [np.random.default_rng([settings.seed, chain]) for chain in range(settings.chains)]
    points = np.tile(jaxed.start, (settings.chains, 1))
    waiting = np.ones(settings.chains, bool)
    for _ in range(_STARTS):
        moves = np.stack([one.uniform(-1.0, 1.0, jaxed.start.size) for one in random])
        points = np.where(waiting[:, None], jaxed.start + moves, points)
        value, slope = look(points, *data)
        if value.dtype != np.float64:
            raise refused_precision(f"the device computes in {value.dtype}")
        waiting = ~(np.isfinite(np.asarray(value)) & np.isfinite(np.asarray(slope)).all(axis=1))
        if not waiting.any():
            return jax.numpy.asarray(points)
    raise TrustError(
        f"the sampler stopped: no starting point among {_STARTS} has a finite density",
        where="the model",
        repair="Look for extreme or empty series among the data. `outlay explain T007` tells more.",
        id="T007",
    )


def _drawn(
    run: _Run, settings: SamplerSettings, tell: OnProgress | Callable[..., None]
) -> tuple[list[Array], dict[str, Array]]:
    """Run the chains; free parameters (chains, draws, ...) and statistics (chains, draws)."""
    import jax

    started = time.perf_counter()
    total, done, pace, diverged = settings.tune + settings.draws, 0, 1, 0
    state, keepers = run.state, _Keepers(settings)
    while done < total:
        until = settings.tune if done < settings.tune else total
        count, began = min(pace, until - done), time.perf_counter()
        state, values, stats = jax.block_until_ready(run.block(state, count))
        if done >= settings.tune:
            diverged += keepers.keep(values, stats, done - settings.tune, count)
        done += count
        now = time.perf_counter()
        pace = int(np.clip(count * _BLOCK_SECONDS / (now - began), 1, _BLOCK))
        left = (now - started) * (total - done) / done
        tell(Progress("sample", done * settings.chains, total * settings.chains, diverged, left))
    return keepers.values, keepers.stats


class _Keepers:
    """Arrays on the host that draws are written into, block by block: no draw is held twice."""

    def __init__(self, settings: SamplerSettings) -> None:
        self._size = (settings.chains, settings.draws)
        self.values: list[Array] = []
        self.stats: dict[str, Array] = {}

    def keep(self, values: list[Any], stats: dict[str, Any], first: int, count: int) -> int:
        """Write the transitions of a block; how many of them diverged."""
        if not self.stats:
            self.values = [np.empty((*self._size, *value.shape[2:])) for value in values]
            self.stats = {name: np.empty(self._size) for name in stats}
        rows = slice(first, first + count)
        for whole, value in zip(self.values, values, strict=True):
            whole[:, rows] = np.swapaxes(np.asarray(value)[:count], 0, 1)
        for name, value in stats.items():
            self.stats[name][:, rows] = np.asarray(value)[:count].T
        return int(np.asarray(stats["diverging"])[:count].sum())


def _device_failure(problem: Exception) -> TrustError:
    """JAX's failure in one line."""
    return TrustError(
        f"the device stopped: {str(problem).splitlines()[0]}",
        where="the engine jax",
        repair="If it ran out of memory, take fewer chains or a larger device. `outlay explain T008` tells more.",
        id="T008",
    )
