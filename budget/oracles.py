"""Responses as smooth functions of all decisions together: curves of single decisions, and sums with coupled cells."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from budget.cells import Index
from budget.curves import Curves, Term
from budget.kernel_shapes import HILL, ROOT
from budget.paths import Block, Oracle, Path, PathOracle
from outlay.transforms import Array, Flags


@dataclass(frozen=True, eq=False)
class CurveOracle:
    """Curves of some of N decisions; see :class:`budget.paths.Oracle`.

    Attributes
    ----------
    curves : Curves
    columns : ndarray of int
        Whose curves they are.
    n : int
        Number of all decisions.
    """

    curves: Curves
    columns: Index
    n: int

    @property
    def n_draws(self) -> int:
        """Number of draws S."""
        return self.curves.n_draws

    @property
    def concave(self) -> bool:
        """Whether returns diminish everywhere in every draw."""
        return bool(self.curves.concave.all())

    @property
    def steep(self) -> Flags:
        """Decisions whose slope may be infinite at zero, (N,)."""
        family, exponent = self.curves.arrays.family, self.curves.arrays.exponent
        found = np.zeros(self.n, bool)
        found[self.columns] = ((family == ROOT) | (family == HILL)) & (exponent < 1.0).any(axis=1)
        return found

    def outcome(self, z: Array) -> Array:
        """Outcome per draw, (S,)."""
        return np.asarray(self.curves.draws(z[self.columns]).sum(axis=0))

    def jacobian(self, z: Array) -> tuple[Array, Array]:
        """Outcome (S,) and its derivatives (S, N)."""
        value, slope, _ = self.curves.derivatives(z[self.columns])
        slopes = np.zeros((self.n_draws, self.n))
        slopes[:, self.columns] = slope.T
        return value.sum(axis=0), slopes

    def within(self, upper: Array) -> CurveOracle:
        """The same outcome; decisions that cannot move have no slope."""
        still = upper[self.columns] <= 0.0
        if not still.any():
            return self
        arrays = self.curves.arrays
        closed = np.repeat(still, np.diff(arrays.first))
        gain = np.where(closed[:, None], 0.0, arrays.gain)
        return replace(self, curves=replace(self.curves, arrays=arrays._replace(gain=gain)))

    def parts(self, z: Array, q: Array) -> list[tuple[Index, float]]:
        """What each decision adds to ``q @ outcome``."""
        added = self.curves.draws(z[self.columns]) @ q
        return [(np.array([column]), float(value)) for column, value in zip(self.columns, added, strict=True)]

    def curvature(self, z: Array, q: Array) -> list[Block]:
        """Second derivatives under weights of the draws, one decision a block, without what is convex."""
        _, _, steepening = self.curves.derivatives(z[self.columns])
        bent = np.minimum(steepening, 0.0) @ q
        return [(np.array([column]), np.array([[value]])) for column, value in zip(self.columns, bent, strict=True)]


@dataclass(frozen=True, eq=False)
class SumOracle:
    """Two responses together."""

    one: Oracle
    other: Oracle

    @property
    def n_draws(self) -> int:
        """Number of draws S."""
        return self.one.n_draws

    @property
    def n(self) -> int:
        """Number of decisions N."""
        return self.one.n

    @property
    def concave(self) -> bool:
        """Whether both are."""
        return self.one.concave and self.other.concave

    @property
    def steep(self) -> Flags:
        """Decisions whose slope may be infinite at zero, (N,)."""
        return self.one.steep | self.other.steep

    def outcome(self, z: Array) -> Array:
        """Outcome per draw, (S,)."""
        return self.one.outcome(z) + self.other.outcome(z)

    def jacobian(self, z: Array) -> tuple[Array, Array]:
        """Outcome (S,) and its derivatives (S, N)."""
        (value, slopes), (more, others) = self.one.jacobian(z), self.other.jacobian(z)
        return value + more, slopes + others

    def within(self, upper: Array) -> SumOracle:
        """Both within bounds."""
        return SumOracle(self.one.within(upper), self.other.within(upper))

    def parts(self, z: Array, q: Array) -> list[tuple[Index, float]]:
        """What the parts of both add to ``q @ outcome``."""
        return [*self.one.parts(z, q), *self.other.parts(z, q)]

    def curvature(self, z: Array, q: Array) -> list[Block]:
        """Second derivatives of both; they share no decision."""
        return [*self.one.curvature(z, q), *self.other.curvature(z, q)]


def oracle_of(pieces: list[Term | Path], n: int, n_draws: int) -> Oracle:
    """Pieces in the order of their decisions as one smooth response of N decisions."""
    paths = [piece for piece in pieces if isinstance(piece, Path)]
    terms = [piece for piece in pieces if isinstance(piece, Term)]
    if not terms:
        return PathOracle(paths, n)
    taken = np.concatenate([np.empty(0, np.intp), *(path.columns for path in paths)])
    columns = np.setdiff1d(np.arange(n), taken)
    curves = CurveOracle(Curves.of(terms, n_draws), columns, n)
    return SumOracle(PathOracle(paths, n), curves) if paths else curves
