"""Compiled densities: how cores share them, and how the sampler runs one without compiling a model.

The sampler (nutpie) takes the density as the address of a C function. That entry is private to nutpie, and this is the
only module that uses it; :func:`pointer_available` says whether it is there.
"""

from __future__ import annotations

import importlib
import importlib.machinery
import importlib.util
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from types import ModuleType
from typing import Any

import numpy as np

from outlay.sampling import STATS, OnProgress, Progress, SamplerSettings, watched
from outlay.transforms import Array

_PRIVATE = {
    "LogpFunc": (),
    "ExpandFunc": (),
    "PyMcModel": (),
    "PyVariable": ("new_variables",),
    "PySampler": ("from_pymc", "wait", "take_results", "abort"),
    "PyNutsSettings": ("Diag", "LowRank", "update"),
    "PyStorage": ("arrow",),
    "ProgressType": ("none",),
}
"""What of nutpie's private module is used here, by class."""


_SPREAD: ContextVar[bool] = ContextVar("_SPREAD", default=False)
"""Whether this thread is one of several that share the cores already."""


def cores() -> int:
    """How many threads compiled functions may use: numba's number (``NUMBA_NUM_THREADS``, or the cores)."""
    import numba

    return int(numba.config.NUMBA_NUM_THREADS)


def on_cores[T](task: Callable[[int], T], count: int) -> list[T]:
    """``[task(0), ..., task(count - 1)]``, on all cores.

    Compiled functions let go of the interpreter's lock, so that plain threads share the cores: no threading layer of
    numba's is loaded, which would not survive a fork nor a call from two threads. A task that calls this again runs
    its own tasks one after the other. What a task computes must not depend on the others; then no number depends on
    how many threads there are.

    Parameters
    ----------
    task : callable
        Takes the number of a task, from 0.
    count : int
        How many there are.

    Returns
    -------
    list
        What the tasks returned, in their order.
    """
    threads = min(cores(), count)
    if threads < 2 or _SPREAD.get():
        return [task(number) for number in range(count)]

    def alone(number: int) -> T:
        _SPREAD.set(True)  # of this thread's own context: the pool's threads do nothing else
        return task(number)

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(alone, range(count)))


@dataclass(frozen=True)
class Pointer:
    """A log density as the sampler takes it.

    Attributes
    ----------
    address, expand : int
        Addresses of the C functions of the log density with gradient, and of the identity (draws are kept as they are).
    data : ndarray (n,)
        What both read; it stays alive while the sampler runs.
    start : callable
        Takes a seed, gives a point where a chain starts, (dim,).
    dim : int
        Number of coordinates.
    """

    address: int
    expand: int
    data: Array
    start: Callable[[int], Array]
    dim: int


@dataclass(frozen=True)
class RawDraws:
    """Draws as coordinates, before they get names.

    Attributes
    ----------
    values : ndarray (chains, draws, dim)
        Coordinates.
    stats : mapping of str to ndarray (chains, draws)
        As in :class:`outlay.sampling.Samples`.
    """

    values: Array
    stats: dict[str, Array]


@cache
def _library() -> ModuleType | None:
    """nutpie's compiled module, without its Python layer, which loads ArviZ and takes seconds to import."""
    if "nutpie" in sys.modules or "nutpie._lib" in sys.modules:
        return importlib.import_module("nutpie._lib")
    package = importlib.util.find_spec("nutpie")
    for place in (package.submodule_search_locations or ()) if package else ():
        finder = importlib.machinery.FileFinder(
            place, (importlib.machinery.ExtensionFileLoader, importlib.machinery.EXTENSION_SUFFIXES)
        )
        spec = finder.find_spec("_lib")
        if spec is not None and spec.origin is not None:
            return _load(spec.origin)
    return None


def _load(origin: str) -> ModuleType:
    """Load under its full name, so that a later ``import nutpie`` finds it and does not load it twice."""
    name = "nutpie._lib"
    loader = importlib.machinery.ExtensionFileLoader(name, origin)
    spec = importlib.util.spec_from_file_location(name, origin, loader=loader)
    if spec is None:
        raise ImportError(f"no module at {origin}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    loader.exec_module(module)
    return module


def pointer_missing() -> str | None:
    """What of nutpie's private entry is missing, in words; None where all is there."""
    try:
        library = _library()
    except ImportError as problem:
        return f"nutpie's compiled module cannot be loaded: {problem}"
    if library is None:
        return "nutpie has no compiled module"
    lacking = [
        ".".join(filter(None, (name, method)))
        for name, methods in _PRIVATE.items()
        for method in ("", *methods)
        if not hasattr(getattr(library, name, None), method or "__name__")
    ]
    return f"nutpie {_nutpie_version()} has no {lacking[0]}" if lacking else None


def _nutpie_version() -> str:
    try:
        return version("nutpie")
    except PackageNotFoundError:
        return "(unknown)"


def pointer_available() -> bool:
    """Whether nutpie takes a density by its address; else a model samples through PyMC."""
    return pointer_missing() is None


def sample_pointer(density: Pointer, settings: SamplerSettings, on_progress: OnProgress | None = None) -> RawDraws:
    """Sample a compiled log density with NUTS.

    Parameters
    ----------
    density : Pointer
        The density.
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
    library = _library()
    if library is None:
        raise ImportError(pointer_missing())
    tell: Callable[[Progress], None] = on_progress or (lambda progress: None)
    tune = library.PyNutsSettings.LowRank if settings.low_rank else library.PyNutsSettings.Diag
    options = tune(settings.seed)
    options.update(
        {
            "num_tune": settings.tune,
            "num_draws": settings.draws,
            "num_chains": settings.chains,
            "target_accept": settings.target_accept,
        }
    )
    trace = watched(lambda callback, rate: _Run(library, density, options, settings, callback, rate), settings, tell)
    draws, stats = trace.get_arrow_trace()
    return RawDraws(
        np.stack([_kept_rows(batch, "theta", settings) for batch in draws]),
        {name: np.stack([_kept_rows(batch, name, settings) for batch in stats]) for name in STATS},
    )


def _kept_rows(batch: Any, name: str, settings: SamplerSettings) -> Array:
    """One column after warm-up, (draws, ...)."""
    import pyarrow as pa

    column = pa.array(batch.column(name))
    flat = column.flatten() if hasattr(column, "flatten") else column
    values = np.asarray(flat.to_numpy(zero_copy_only=False), float)
    rows = values.reshape(batch.num_rows, -1) if name == "theta" else values
    return np.ascontiguousarray(rows[-settings.draws :])


class _Run:
    """One run of nutpie's sampler: what ``nutpie.sample.CompiledModel`` and its background sampler do, by address."""

    def __init__(
        self,
        library: ModuleType,
        density: Pointer,
        options: Any,
        settings: SamplerSettings,
        callback: Callable[[Sequence[Any]], None],
        rate: int,
    ) -> None:
        self._alive = density
        names, sizes = ["theta"], {"coordinate": density.dim}
        variables = library.PyVariable.new_variables(
            names, ["float64"], [(density.dim,)], sizes, {"theta": ("coordinate",)}
        )
        data = density.data.ctypes.data
        model = library.PyMcModel(
            library.LogpFunc(density.address, data, density),
            library.ExpandFunc(density.dim, density.dim, density.expand, data, density),
            variables,
            density.dim,
            sizes,
            {},
            density.start,
            None,
        )
        self._sampler = library.PySampler.from_pymc(
            options, settings.at_once, model, library.ProgressType.none(), callback, rate, library.PyStorage.arrow()
        )

    def wait(self, timeout: float) -> Any:
        self._sampler.wait(timeout)
        return self._sampler.take_results()

    def cancel(self) -> None:
        self._sampler.abort()
