"""A PyMC model as JAX functions of one flat vector: its log density, and its parameters in their natural form.

Series of data are arguments of the density and not constants inside it. A program then does not grow with the panel, no
compiler folds them for minutes, and two panels of one shape share a program (``JAX_COMPILATION_CACHE_DIR``).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from outlay.errors import ConfigError, MissingDependencyError
from outlay.transforms import Array

if TYPE_CHECKING:
    import pymc as pm

_SERIES = 64
"""Constants of the graph with more numbers than this are data, and become arguments."""


@dataclass(frozen=True)
class Jaxed:
    """A model in JAX.

    Attributes
    ----------
    log_density : callable
        Of a point (dim,) and the data; a number.
    natural : callable
        The free parameters at a point, in the order of ``names``.
    data : tuple of ndarray
        Series that the density reads.
    names : tuple of str
        Free parameters.
    start : ndarray (dim,)
        The middle of the prior, unconstrained.
    """

    log_density: Callable[..., Any]
    natural: Callable[[Any], list[Any]]
    data: tuple[Array, ...]
    names: tuple[str, ...]
    start: Array


def libraries() -> None:
    """Load what the extra brings.

    Raises
    ------
    MissingDependencyError
        C021, without it.
    """
    try:
        import jax  # noqa: F401
        import numpyro.infer  # noqa: F401
    except ImportError as problem:
        raise MissingDependencyError(
            f"the engine jax needs JAX and NumPyro, and they cannot be loaded: {problem}",
            where="[media.sampling] engine",
            repair="pip install 'outlay[jax]', or take another engine: \"auto\" needs nothing more.",
            id="C021",
        ) from problem


def translate(model: pm.Model) -> Jaxed:
    """Translate a model.

    Raises
    ------
    ConfigError
        C022, where its density is not in double precision.
    """
    with _flags_untouched():
        from pymc.sampling.jax import get_jaxified_graph

    point = model.initial_point()
    shapes = [np.shape(point[variable.name]) for variable in model.value_vars]
    graph, arguments, data = _data_apart(model.logp())
    with _shifted_sums():
        log_density = get_jaxified_graph(inputs=[*model.value_vars, *arguments], outputs=[graph])
    natural = get_jaxified_graph(inputs=model.value_vars, outputs=model.replace_rvs_by_values(model.free_RVs))
    types = {variable.name: str(variable.dtype) for variable in (*model.value_vars, graph)}
    single = sorted({kind for kind in types.values() if kind != "float64"})
    if single:
        raise refused_precision(f"the model was built in {single[0]}")
    return Jaxed(
        log_density=lambda x, *series: log_density(*_parts(x, shapes), *series)[0],
        natural=lambda x: natural(*_parts(x, shapes)),
        data=data,
        names=tuple(variable.name for variable in model.free_RVs),
        start=np.concatenate([np.ravel(point[variable.name]) for variable in model.value_vars]),
    )


def refused_precision(what: str) -> ConfigError:
    """The refusal of numbers with fewer than 64 bits."""
    return ConfigError(
        f"double precision is needed, and {what}",
        where="[media.sampling] engine",
        repair="Leave PyTensor's floatX at float64 and take a device that computes in 64 bits. "
        "`outlay explain C022` tells more.",
        id="C022",
    )


def labels(model: pm.Model, name: str, shape: tuple[int, ...]) -> dict[str, tuple[Any, ...]]:
    """Dimensions of a free parameter and their labels; unnamed ones are called as ArviZ calls them."""
    given = model.named_vars_to_dims.get(name) or (None,) * len(shape)
    found: dict[str, tuple[Any, ...]] = {}
    for axis, (dim, length) in enumerate(zip(given, shape, strict=True)):
        known = model.coords.get(dim) if dim is not None else None
        found[dim or f"{name}_dim_{axis}"] = tuple(np.asarray(range(length) if known is None else known).tolist())
    return found


def _data_apart(graph: Any) -> tuple[Any, list[Any], tuple[Array, ...]]:
    """The graph with its series as inputs, those inputs, and their values."""
    from pytensor.graph.basic import Constant
    from pytensor.graph.replace import clone_replace
    from pytensor.graph.traversal import graph_inputs

    series = [
        node
        for node in graph_inputs([graph])
        if isinstance(node, Constant) and np.size(node.data) > _SERIES and np.asarray(node.data).dtype.kind == "f"
    ]
    arguments = [node.type() for node in series]
    [apart] = clone_replace([graph], replace=dict(zip(series, arguments, strict=True)))
    return apart, arguments, tuple(np.asarray(node.data) for node in series)


@contextmanager
def _shifted_sums() -> Iterator[None]:
    """Translate carry-over as a sum of shifted series: XLA's convolutions in 64 bits are general, and slow.

    On a CPU a gradient of 20 and of 100 geos took a third of the time.
    """
    import jax.numpy as jnp
    from pytensor.link.jax.dispatch import jax_funcify
    from pytensor.tensor.basic import get_underlying_scalar_constant_value
    from pytensor.tensor.signal.conv import Convolve1d

    def funcify(op: Any, node: Any, **_: Any) -> Callable[[Any, Any, Any], Any]:
        full = bool(get_underlying_scalar_constant_value(node.inputs[2]))

        def convolve(one: Any, other: Any, _: Any) -> Any:
            long, short = (one, other) if len(one) >= len(other) else (other, one)
            lags = len(short)
            padded = jnp.pad(long, lags - 1) if full else long
            rows = len(padded) - lags + 1
            return sum(short[lags - 1 - i] * padded[i : i + rows] for i in range(lags))

        return convolve

    theirs = jax_funcify.dispatch(Convolve1d)
    jax_funcify.register(Convolve1d, funcify)
    try:
        yield
    finally:
        jax_funcify.register(Convolve1d, theirs)


def _parts(x: Any, shapes: list[tuple[int, ...]]) -> list[Any]:
    """A flat vector cut into its variables."""
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes]).tolist()
    starts = [0, *ends[:-1]]
    return [x[start:end].reshape(shape) for start, end, shape in zip(starts, ends, shapes, strict=True)]


@contextmanager
def _flags_untouched() -> Iterator[None]:
    """PyMC's module asks XLA for a hundred processors when it is loaded; here all chains share one device."""
    before = os.environ.get("XLA_FLAGS")
    try:
        yield
    finally:
        if before is None:
            os.environ.pop("XLA_FLAGS", None)
        else:
            os.environ["XLA_FLAGS"] = before
