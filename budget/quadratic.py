"""Quadratic programs over the plans that the rules allow (Clarabel): one step of the engine for coupled periods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from budget.polytope import InfeasibleRulesError, Polytope, SolverFailure
from outlay.transforms import Array

if TYPE_CHECKING:
    from scipy.sparse import csc_array

    from budget.paths import Block

TOLERANCES = (1e-12, 1e-9, 1e-7)
"""Of gap and feasibility; a wider one where Clarabel does not reach the one before. Any answer is judged by itself."""


@dataclass(frozen=True, eq=False)
class Cuts:
    """Rows on top of the polytope's: ``rows @ y + extra @ v <= high``, with columns ``v`` on top of ``y``.

    Attributes
    ----------
    rows : ndarray (C, N)
        Over the decisions.
    extra : ndarray (C, E)
    high : ndarray (C,)
    gain : ndarray (E,)
        What a unit of each further column adds to the objective.
    lower : ndarray (E,)
        Least of each further column; minus infinity for none.
    """

    rows: Array
    extra: Array
    high: Array
    gain: Array
    lower: Array


def stacked(n: int, parts: Sequence[tuple[Array, Sequence[float], Array]], gain: Array, lower: Array) -> Cuts:
    """Cuts from parts: rows (C, N), what each further column has in all of them (E,), and their highs (C,)."""
    if not parts:
        return no_cuts(n)
    extra = [np.tile(np.asarray(own, float), (len(rows), 1)) for rows, own, _ in parts]
    return Cuts(
        np.vstack([rows for rows, _, _ in parts]),
        np.vstack(extra),
        np.concatenate([high for _, _, high in parts]),
        gain,
        lower,
    )


def no_cuts(n: int) -> Cuts:
    """No rows and no columns on top."""
    return Cuts(np.zeros((0, n)), np.zeros((0, 0)), np.zeros(0), np.zeros(0), np.zeros(0))


@dataclass(frozen=True, eq=False)
class QuadraticAnswer:
    """Values of the polytope's columns and of the further ones; prices of the further rows (C,) and of its own (M,)."""

    y: Array
    extra: Array
    price: Array
    row_price: Array


class Quadratic:
    """Programs over one polytope; its integer columns are taken as continuous, its semis are not looked at."""

    def __init__(self, polytope: Polytope) -> None:
        import scipy.sparse as sp

        self.polytope = polytope
        matrix, low, high = polytope.matrix.tocsr(), polytope.low, polytope.high
        self._fixed = polytope.lower == polytope.upper
        eye = sp.eye_array(len(polytope.lower), format="csr")
        equal, above, below = low == high, (low != high) & np.isfinite(high), (low != high) & np.isfinite(low)
        most = ~self._fixed & np.isfinite(polytope.upper)
        self._least = np.flatnonzero(~self._fixed & np.isfinite(polytope.lower))
        self._sides = (np.flatnonzero(equal), np.flatnonzero(above), np.flatnonzero(below))
        self._zero = int(equal.sum() + self._fixed.sum())
        self._rows = sp.vstack(
            [matrix[equal], eye[self._fixed], matrix[above], -matrix[below], eye[most], -eye[self._least]], format="csc"
        )
        self._high = np.concatenate(
            [high[equal], polytope.lower[self._fixed], high[above], -low[below], polytope.upper[most]]
        )

    def best(
        self,
        gain: Array,
        blocks: Sequence[Block],
        *,
        lower: Array | None = None,
        cuts: Cuts | None = None,
        damping: float = 1e-10,
        fine: bool = False,
    ) -> QuadraticAnswer:
        """Maximise ``gain @ y + sum of y' block y / 2 + cuts.gain @ v``.

        Parameters
        ----------
        gain : ndarray (N,)
            Over the decisions.
        blocks : sequence of (columns, matrix)
            Negative semidefinite.
        lower : ndarray (N + A,), optional
            Least of each column, in place of the polytope's.
        cuts : Cuts, optional
        damping : float
            Taken off every decision's second derivative.
        fine : bool
            Whether to try the finest tolerance first.

        Raises
        ------
        InfeasibleRulesError
            Where Clarabel says so.
        SolverFailure
            Where it has no answer.
        """
        cuts = cuts or no_cuts(self.polytope.n)
        status = ""
        for tolerance in TOLERANCES if fine else TOLERANCES[1:]:
            solution = self._solve(gain, self._curve(blocks, damping, len(cuts.gain)), lower, cuts, tolerance)
            status = str(solution.status)
            if status == "Solved":
                columns, rows = len(self.polytope.lower), len(cuts.high)
                x, prices = np.asarray(solution.x), np.asarray(solution.z)
                return QuadraticAnswer(x[:columns], x[columns:], prices[len(prices) - rows :], self._of_rows(prices))
            if status == "PrimalInfeasible":
                raise InfeasibleRulesError
        raise SolverFailure(status)

    def _of_rows(self, prices: Array) -> Array:
        """Prices of the polytope's rows, from those of Clarabel's."""
        equal, above, below = self._sides
        price, at = np.zeros(len(self.polytope.low)), self._zero
        price[equal] = prices[: len(equal)]
        price[above] = prices[at : at + len(above)]
        price[below] -= prices[at + len(above) : at + len(above) + len(below)]
        return price

    def most(self, gradient: Array, row_price: Array) -> float:
        """No plan has more of ``gradient @ y`` than this, by prices of the rows and the bounds of the columns.

        Infinite where a column that the prices leave something of has no bound; equal to the linear program's best
        value where they are its prices (weak duality).
        """
        polytope = self.polytope
        left = -(polytope.matrix.T @ row_price)
        left[: polytope.n] += gradient
        sides = (
            np.where(row_price > 0.0, polytope.high, polytope.low),
            np.where(left > 0.0, polytope.upper, polytope.lower),
        )
        total = 0.0
        for price, side in zip((row_price, left), sides, strict=True):
            moved = price != 0.0
            total += float(price[moved] @ side[moved])
        return total

    def _solve(self, gain: Array, curve: csc_array, lower: Array | None, cuts: Cuts, tolerance: float) -> Any:
        import clarabel
        import scipy.sparse as sp

        columns, n, more = len(self.polytope.lower), self.polytope.n, len(cuts.gain)
        least = (self.polytope.lower if lower is None else lower)[self._least]
        rows, high = self._rows, np.concatenate([self._high, -least])
        if more or len(cuts.high):
            bounded = np.flatnonzero(np.isfinite(cuts.lower))
            floor = sp.csc_array((-np.ones(len(bounded)), (np.arange(len(bounded)), bounded)), (len(bounded), more))
            own = sp.hstack([cuts.rows, sp.csc_array((len(cuts.high), columns - n)), cuts.extra])
            rows = sp.vstack(
                [
                    sp.hstack([rows, sp.csc_array((rows.shape[0], more))]),
                    sp.hstack([sp.csc_array((len(bounded), columns)), floor]),
                    own,
                ],
                format="csc",
            )
            high = np.concatenate([high, -cuts.lower[bounded], cuts.high])
        cost = np.zeros(columns + more)
        cost[:n], cost[columns:] = -gain, -cuts.gain
        cones = [clarabel.ZeroConeT(self._zero), clarabel.NonnegativeConeT(rows.shape[0] - self._zero)]
        settings = clarabel.DefaultSettings()
        settings.verbose, settings.max_threads = False, 1
        settings.tol_gap_abs = settings.tol_gap_rel = tolerance
        settings.tol_feas = max(tolerance, 1e-10)
        return clarabel.DefaultSolver(curve, cost, sp.csc_matrix(rows), high, cones, settings).solve()

    def _curve(self, blocks: Sequence[Block], damping: float, more: int) -> csc_array:
        """The upper triangle of minus the second derivatives."""
        import scipy.sparse as sp

        columns, n = len(self.polytope.lower), self.polytope.n
        index, value = [np.stack([np.arange(n)] * 2)], [np.full(n, damping)]
        for at, matrix in blocks:
            row, column = np.nonzero(matrix)
            upper = at[row] <= at[column]
            row, column = row[upper], column[upper]
            index.append(np.stack([at[row], at[column]]))
            value.append(-matrix[row, column])
        both = np.concatenate(index, axis=1)
        return sp.csc_matrix((np.concatenate(value), (both[0], both[1])), shape=(columns + more,) * 2)
