"""Over-estimates of mean curves: points where a curve is known, lines above it in between, and the concave hull.

Between two points a curve lies below two lines (:func:`budget.kernel_curves.lids`): the tangents where every draw is
concave, the chord where every draw is convex. The least concave polygon above points and crossings of lines is an upper
bound on the curve everywhere, and as near to its concave envelope as there are points.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from budget import kernel_hull as kernel
from budget.cells import Index
from budget.curves import Curves
from outlay.transforms import Array

FIRST_POINTS = 13
"""Points laid at first; concave curves, which Newton steps find their way on, get every other one."""

_ROOM = 64


@dataclass(frozen=True)
class Polygons:
    """Corners of N polygons: ``x``, ``y`` (N, width), of which the first ``count`` (N,) count."""

    x: Array
    y: Array
    count: NDArray[np.int64]

    def heights(self, at: Array) -> Array:
        """Height of each polygon at a point of its range."""
        out = np.empty(len(at))
        kernel.heights(self.x, self.y, self.count, np.ascontiguousarray(at), out)
        return out

    def around(self, at: Array) -> tuple[Array, Array]:
        """The corners of each polygon to the left and to the right of a point of its range."""
        inside = np.arange(self.x.shape[1]) < self.count[:, None]
        right = np.minimum((inside & (self.x < at[:, None])).sum(axis=1), self.count - 1)
        rows = np.arange(len(at))
        return self.x[rows, np.maximum(right - 1, 0)], self.x[rows, right]


class Hulls:
    """What is known so far of N mean curves under one weighting of the draws.

    The points are kept from solve to solve, so that the next scenario on the same curves starts where the last one
    ended.

    Attributes
    ----------
    curves : Curves
    q : ndarray (1, S) or (N, S) or None
        Weights of the draws, for all curves alike or for each; None for equal ones.
    """

    def __init__(
        self, curves: Curves, lower: Array, upper: Array, q: Array | None = None, points: int = FIRST_POINTS
    ) -> None:
        self.curves, self.q = curves, q
        n, width = curves.n, _ROOM
        at, value, slope, left, right = (np.full((n, width), np.nan) for _ in range(5))
        self.nodes = kernel.Nodes(at, value, slope, left, right, np.zeros(n, np.int64))
        first = lower[:, None] + (upper - lower)[:, None] * np.linspace(0.0, 1.0, points) ** 2
        first[:, -1] = upper
        wanted = np.ones((n, points), bool)
        wanted[curves.concave, 1:-1:2] = False
        which, column = np.nonzero(wanted)
        self.add(which, first[which, column])

    def add(self, which: Index, points: Array) -> None:
        """Ask curves ``which[m]`` at ``points[m]``."""
        fresh = self._unknown(which, points)
        which, points = np.asarray(which)[fresh], np.asarray(points, float)[fresh]
        if not len(which):
            return
        self._make_room(which)
        value, slope = self.curves.means(which, points, self.q)
        kernel.insert(self.nodes, self.curves.concave, which, points, value, slope)
        self._lay_lids()

    def add_known(self, which: Index, points: Array, value: Array, slope: Array) -> None:
        """Take points whose mean outcome and slope under the weights are known already."""
        if len(which):
            self._make_room(which)
            kernel.insert(self.nodes, self.curves.concave, which, points, value, slope)
            self._lay_lids()

    def polygons(self, lower: Array, upper: Array, hole: Array) -> Polygons:
        """Concave hulls of the over-estimates between bounds that are points already."""
        shape = (self.curves.n, 2 * self.nodes.at.shape[1])
        found = Polygons(np.empty(shape), np.empty(shape), np.empty(shape[0], np.int64))
        kernel.polygons(self.nodes, self.curves.concave, lower, upper, hole, found.x, found.y, found.count)
        return found

    def meeting(self, lower: Array, upper: Array, target: Array) -> Array:
        """Where each concave curve's slope falls to ``target`` (N,), within bounds."""
        out = np.empty(len(target))
        kernel.meeting(self.nodes, lower, upper, target, out)
        return out

    def _unknown(self, which: Index, points: Array) -> NDArray[np.bool_]:
        width = self.nodes.at.shape[1]
        known = (self.nodes.at[which] == np.asarray(points, float)[:, None]) & (
            np.arange(width) < self.nodes.count[which][:, None]
        )
        return np.asarray(~known.any(axis=1))

    def _lay_lids(self) -> None:
        inside = np.arange(self.nodes.at.shape[1]) < self.nodes.count[:, None] - 1
        which, position = np.nonzero(inside & np.isnan(self.nodes.above_left))
        if not len(which):
            return
        left, right = self.nodes.at[which, position], self.nodes.at[which, position + 1]
        above_left, above_right = self.curves.lids(which, left, right, self.q)
        self.nodes.above_left[which, position] = above_left
        self.nodes.above_right[which, position] = above_right

    def _make_room(self, which: Index) -> None:
        most = int((self.nodes.count + np.bincount(which, minlength=self.curves.n)).max())
        if most > self.nodes.at.shape[1]:
            self._widen(2 * most)

    def _widen(self, width: int) -> None:
        def padded(array: Array) -> Array:
            grown = np.full((len(array), width), np.nan)
            grown[:, : array.shape[1]] = array
            return grown

        at, value, slope, left, right = (padded(array) for array in self.nodes[:-1])
        self.nodes = kernel.Nodes(at, value, slope, left, right, self.nodes.count)
