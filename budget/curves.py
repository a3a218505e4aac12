"""One-dimensional responses: what each decision brings, per posterior draw, whatever the others do."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from budget import kernel_curves as kernel
from budget.cells import Index
from budget.kernel_shapes import HILL, code_of
from outlay.transforms import SATURATIONS, Array


@dataclass(frozen=True)
class Term:
    """The response to one decision: ``sum over rows of gain (sat(base + z unit) - sat(base))``, per draw.

    Attributes
    ----------
    family : str
        Key of :data:`outlay.transforms.SATURATIONS`.
    gain, base, unit : ndarray (P, S)
        Per row (a period in which the spend acts) and draw; ``unit`` is scaled exposure per unit of ``z``.
    half, exponent : ndarray (S,)
    """

    family: str
    gain: Array
    base: Array
    unit: Array
    half: Array
    exponent: Array


@dataclass(frozen=True, eq=False)
class Curves:
    """N one-dimensional responses on S draws.

    Attributes
    ----------
    arrays : CurveArrays
        The terms as the compiled loops read them.
    concave : ndarray (N,) of bool
        Whether returns diminish in every draw.
    """

    arrays: kernel.CurveArrays
    concave: NDArray[np.bool_]

    @classmethod
    def of(cls, terms: list[Term], n_draws: int) -> Curves:
        """Gather terms."""
        codes = [code_of(term.family, term.exponent) for term in terms]
        rows = np.cumsum([0, *(len(term.gain) for term in terms)])
        empty = np.zeros((0, n_draws))

        def stacked(name: str) -> Array:
            parts = [np.broadcast_to(getattr(term, name), (len(term.gain), n_draws)) for term in terms]
            return np.ascontiguousarray(np.concatenate([empty, *parts]))

        starts = [
            np.broadcast_to(SATURATIONS[term.family].value(term.base, term.half, term.exponent), term.gain.shape)
            for term in terms
        ]
        half = np.array([term.half for term in terms], float).reshape(len(terms), n_draws)
        exponent = np.array([term.exponent for term in terms], float).reshape(len(terms), n_draws)
        bends = (np.array(codes) == HILL)[:, None] & (exponent > 1.0)
        above = np.where(bends, exponent, 2.0)
        arrays = kernel.CurveArrays(
            family=np.array(codes, np.int64),
            first=rows.astype(np.int64),
            gain=stacked("gain"),
            base=stacked("base"),
            unit=stacked("unit"),
            start=np.ascontiguousarray(np.concatenate([empty, *starts])),
            half=half,
            exponent=exponent,
            turn=np.where(bends, half * ((above - 1.0) / (above + 1.0)) ** (1.0 / above), 0.0),
        )
        return cls(arrays, np.array([_diminishing(term) for term in terms], bool))

    @property
    def n(self) -> int:
        """Number of decisions N."""
        return len(self.arrays.family)

    @property
    def n_draws(self) -> int:
        """Number of draws S."""
        return int(self.arrays.gain.shape[1])

    @cached_property
    def even(self) -> Array:
        """Equal weights of the draws, (1, S)."""
        return np.full((1, self.n_draws), 1.0 / self.n_draws)

    def draws(self, z: Array) -> Array:
        """Outcome of every decision, per draw: (N, S)."""
        return np.asarray(kernel.per_draw(self.arrays, np.ascontiguousarray(z, float))[0])

    def derivatives(self, z: Array) -> tuple[Array, Array, Array]:
        """Outcome, slope and second derivative of every decision, per draw: (N, S) each."""
        value, slope, steepening = kernel.per_draw(self.arrays, np.ascontiguousarray(z, float))
        return value, slope, steepening

    def means(self, which: Index, points: Array, q: Array | None = None) -> tuple[Array, Array]:
        """Mean outcome and slope of decision ``which[m]`` at ``points[m]``: (M,) each; ``q`` is (1, S) or (N, S)."""
        weights = self.even if q is None else q
        value, slope = kernel.means(self.arrays, weights, np.asarray(which, np.int64), np.asarray(points, float))
        return value, slope

    def mean_plan(self, z: Array, q: Array | None = None) -> tuple[Array, Array]:
        """Mean outcome and slope of every decision at ``z`` (N,): (N,) each."""
        return self.means(np.arange(self.n), z, q)

    def lids(self, which: Index, left: Array, right: Array, q: Array | None = None) -> tuple[Array, Array]:
        """Slopes of lines above the mean curve between two points; see :func:`budget.kernel_curves.lids`."""
        weights = self.even if q is None else q
        a, b = kernel.lids(
            self.arrays, weights, np.asarray(which, np.int64), np.asarray(left, float), np.asarray(right, float)
        )
        return a, b

    def scaled(self, money: float, outcome: float) -> Curves:
        """The same responses to spend in units of ``money``, in units of ``outcome``."""
        arrays = self.arrays._replace(unit=self.arrays.unit * money, gain=self.arrays.gain / outcome)
        return replace(self, arrays=arrays)

    def weighted(self, factor: Array) -> Curves:
        """The same responses with every row's gain times a positive ``factor`` (R, S)."""
        return replace(self, arrays=self.arrays._replace(gain=self.arrays.gain * factor))

    def take_draws(self, which: Index) -> Curves:
        """The same responses on some of the draws."""
        parts = {name: np.ascontiguousarray(getattr(self.arrays, name)[:, which]) for name in _BY_DRAW}
        return replace(self, arrays=self.arrays._replace(**parts))


_BY_DRAW = ("gain", "base", "unit", "start", "half", "exponent", "turn")


def _diminishing(term: Term) -> bool:
    if term.family == "none":
        return True
    never_negative = bool((term.gain >= 0.0).all())
    return never_negative and bool(np.all(SATURATIONS[term.family].concave(term.exponent)))
