"""Branch and bound for what one climb cannot settle: whole numbers, nothing-or-at-least, and curves that are S-shaped.

A node is a box of the columns. Its bound is the proven top over the box of the outcome or, where that is not concave,
of its concave envelope there, which tightens as boxes shrink. Its plans are climbs on the true outcome with the whole
numbers fixed.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from budget.floor import FloorError, settle
from budget.paths import Oracle
from budget.polytope import InfeasibleRulesError, Polytope, SolverFailure, linear_best, solve_linear, with_switches
from budget.task import Climb, Task
from outlay.transforms import Array

Envelope = Callable[[Array, Array], Oracle]
"""A concave outcome that is no less than the true one for decisions between two bounds, (N,) each."""

_WHOLE = 1e-6
_PART = 0.02  # of what is missing: a node's bound is not looked for more exactly
_EDGE = 0.1  # a box is cut no nearer to its sides than this part of it
_LITTLE = 1e-9
_SEED, _RANDOM = 0, 4
_SPARSE = 8  # after the first nodes, one in so many climbs on the true outcome without a reason of its own
_THIN = 1e-7  # a box thinner than this part of the plan is not cut


@dataclass(frozen=True, eq=False)
class _Node:
    lower: Array
    upper: Array
    bound: float
    start: Array | None


@dataclass(frozen=True, eq=False)
class Found:
    """The best plan, the proven bound, and how many nodes and programs it took."""

    best: Climb
    bound: float
    nodes: int
    rounds: int


class Search:
    """One branch and bound; see :meth:`run`."""

    def __init__(self, task: Task, envelope: Envelope | None) -> None:
        polytope = replace(with_switches(task.polytope), semis=task.polytope.semis)
        self.task = replace(task, polytope=polytope, aim=task.aim / 3.0)
        self.aim, self.envelope = task.aim, envelope
        self.columns = np.flatnonzero(polytope.integer)
        self.semi = {len(polytope.lower) - len(polytope.semis) + i: semi for i, semi in enumerate(polytope.semis)}
        self.best: Climb | None = None
        self.tried: set[bytes] = set()
        self.rounds = self.nodes = 0

    def run(self, start: Array | None) -> Found:
        """Best nodes first, until the aim, the deadline, or until no box is worth cutting.

        Raises
        ------
        InfeasibleRulesError
            Where no plan keeps the rules.
        FloorError
            Where none that does reaches the floor.
        SolverFailure
            Where the time was up before a plan was found.
        """
        polytope = self.task.polytope
        heap, tick = [(-np.inf, 0, _Node(polytope.lower, polytope.upper, np.inf, start))], itertools.count(1)
        closed = -np.inf
        failure: InfeasibleRulesError | FloorError = InfeasibleRulesError()
        while heap:
            node = heapq.heappop(heap)[2]
            if node.bound <= self._enough():
                closed = max(closed, node.bound)
                break
            if self.task.late and self.nodes:
                heapq.heappush(heap, (-node.bound, next(tick), node))
                break
            try:
                bound, children = self._open(node)
            except (InfeasibleRulesError, FloorError) as problem:
                failure = problem if isinstance(problem, FloorError) else failure
                continue
            for child in children:
                heapq.heappush(heap, (-bound, next(tick), replace(child, bound=bound)))
            closed = closed if children else max(closed, bound)
        if self.best is None:
            self._any()
        if self.best is None:
            raise SolverFailure("no plan was found in the time allowed") if heap else failure
        bound = max(closed, *(-entry[0] for entry in heap), self.best.value)
        return Found(self.best, bound, self.nodes, self.rounds)

    def _enough(self) -> float:
        """A bound that needs no further node."""
        return -np.inf if self.best is None else self.best.value + self.aim * self.best.scale

    def _open(self, node: _Node) -> tuple[float, list[_Node]]:
        """A node's bound, and the boxes that it is cut into; none where it is settled."""
        self.nodes += 1
        polytope, n = self._within(node.lower, node.upper), self.task.polytope.n
        wide = self.task.oracle
        if self.envelope is not None and not wide.concave:
            wide = self.envelope(polytope.lower[:n], polytope.upper[:n])
        task = replace(self.task, oracle=wide, polytope=polytope, aim=self._precision(node))
        relaxed = settle(task, node.start, self._enough())
        self.rounds += relaxed.rounds
        bound = min(node.bound, relaxed.bound)
        if bound <= self._enough():
            return bound, []
        self._plans(node, polytope, relaxed)
        if bound <= self._enough():
            return bound, []
        split = self._whole(node, relaxed.y) or self._box(node, polytope, wide, relaxed)
        if split is None:
            return bound, []
        column, below, above = split
        upper, lower = node.upper.copy(), node.lower.copy()
        upper[column], lower[column] = below, above
        z = relaxed.y[:n]
        return bound, [_Node(node.lower, upper, bound, z), _Node(lower, node.upper, bound, z)]

    def _precision(self, node: _Node) -> float:
        """How exactly a node's bound is worth knowing, since it will be cut while whole columns are open."""
        settled = bool((node.lower[self.columns] == node.upper[self.columns]).all()) and self.task.oracle.concave
        if self.best is None or settled:
            return self.task.aim
        missing = (node.bound - self.best.value) / self.best.scale
        return max(self.task.aim, _PART * missing) if np.isfinite(missing) else self.task.aim

    def _within(self, lower: Array, upper: Array) -> Polytope:
        """The polytope in a box; what is off has no money."""
        upper = upper.copy()
        for column, semi in self.semi.items():
            if upper[column] == 0.0:
                upper[semi.index] = np.maximum(lower[semi.index], 0.0)
        return replace(self.task.polytope, lower=lower, upper=upper)

    def _share(self, y: Array) -> Array:
        """How far each whole column is from nothing; a semi's by its sum, since its column may lie anywhere between."""
        share = y[self.columns].copy()
        for i, column in enumerate(self.columns.tolist()):
            if column in self.semi:
                total = float(y[self.semi[column].index].sum())
                share[i] = 0.0 if total <= _WHOLE else min(total / self.semi[column].least, 1.0)
        return share

    def _whole(self, node: _Node, y: Array) -> tuple[int, float, float] | None:
        """The whole column that is least clear, and the whole numbers beside it."""
        share = np.clip(self._share(y), node.lower[self.columns], node.upper[self.columns])
        unclear = np.abs(share - np.rint(share))
        if not len(unclear) or unclear.max() <= _WHOLE:
            open_ = node.upper[self.columns] > node.lower[self.columns]
            if not len(unclear) or not open_.any():
                return None
            i = int(np.argmax(open_))  # whole by itself, but a climb with it fixed did not reach the bound
            below = np.clip(np.floor(share[i] + _WHOLE), node.lower[self.columns[i]], node.upper[self.columns[i]] - 1.0)
            return int(self.columns[i]), float(below), float(below) + 1.0
        i = int(np.argmax(unclear))
        return int(self.columns[i]), float(np.floor(share[i])), float(np.floor(share[i])) + 1.0

    def _box(self, node: _Node, polytope: Polytope, wide: Oracle, relaxed: Climb) -> tuple[int, float, float] | None:
        """In the part that the envelope over-estimates most, the decision that does, and where to cut it."""
        oracle, n = self.task.oracle, polytope.n
        if wide is oracle:
            return None
        z, lower, upper = relaxed.y[:n], polytope.lower[:n], polytope.upper[:n]
        width = upper - lower
        slopes = np.abs(relaxed.q @ (wide.jacobian(z)[1] - oracle.jacobian(z)[1]))
        score = (slopes * width + _LITTLE * width) * (width > _THIN * max(float(z.sum()), _THIN))
        pairs = zip(wide.parts(z, relaxed.q), oracle.parts(z, relaxed.q), strict=True)
        apart = [(more - less, at) for (at, more), (_, less) in pairs if score[at].max() > 0.0]
        if not apart:
            return None
        at = max(apart, key=lambda part: part[0])[1]
        column = int(at[np.argmax(score[at])])
        edge = _EDGE * width[column]
        cut = float(np.clip(z[column], lower[column] + edge, upper[column] - edge))
        return column, cut, cut

    def _plans(self, node: _Node, polytope: Polytope, relaxed: Climb) -> None:
        """Climbs on the true outcome, with the whole columns fixed near the relaxed plan."""
        n, oracle = polytope.n, self.task.oracle
        starts = [relaxed.y[:n]]
        if self.nodes == 1:
            starts += self._starts(node, polytope, relaxed)
            if len(self.columns):  # nothing at all, where that is allowed
                self._fixed(node, node.lower[self.columns].copy(), node.lower[:n].copy())
        if not oracle.concave and self.nodes > _SPARSE and self.nodes % _SPARSE and not self._promising(relaxed):
            return
        if not len(self.columns):
            if oracle.concave:
                self._offer(relaxed)
                return
            for z in starts:
                self._climb(polytope, z)
            return
        for z in starts:
            share = self._share(np.concatenate([z, relaxed.y[n:]]))
            for whole in (np.rint(share), np.ceil(share - _WHOLE), np.floor(share + _WHOLE)):
                if self._fixed(node, np.clip(whole, node.lower[self.columns], node.upper[self.columns]), z):
                    break

    def _promising(self, relaxed: Climb) -> bool:
        """Whether the relaxed plan is, on the true outcome, better than the best so far."""
        z = relaxed.y[: self.task.polytope.n]
        value = self.task.objective.value(self.task.oracle.outcome(z), float(z.sum()))
        return self.best is None or value > self.best.value

    def _starts(self, node: _Node, polytope: Polytope, relaxed: Climb) -> list[Array]:
        """The start itself; and, since a local best depends on where a climb begins, others.

        The random ones spread their money at random over the parts of the outcome, and evenly within each.
        """
        n = polytope.n
        starts = [] if node.start is None else [node.start]
        if not self.task.oracle.concave:
            starts += [np.full(n, 1.0 / n), linear_best(relaxed.gradient, polytope).y[:n]]
            groups = [at for at, _ in self.task.oracle.parts(starts[-1], relaxed.q)]
            for shares in np.random.default_rng(_SEED).dirichlet(np.full(len(groups), 0.5), size=_RANDOM):
                z = np.zeros(n)
                for at, share in zip(groups, shares, strict=True):
                    z[at] += share / len(at)
                starts.append(z)
        return starts

    def _fixed(self, node: _Node, whole: Array, z: Array) -> bool:
        """Climb with the whole columns fixed; False where the rules do not allow it."""
        key = whole.tobytes()
        if self.task.oracle.concave and key in self.tried:
            return True
        self.tried.add(key)
        lower, upper = node.lower.copy(), node.upper.copy()
        lower[self.columns] = upper[self.columns] = whole
        return self._climb(self._within(lower, upper), z)

    def _climb(self, polytope: Polytope, z: Array) -> bool:
        """Climb on the true outcome; False where no plan keeps the rules."""
        if self.task.late and self.best is not None:
            return True
        try:
            found = settle(replace(self.task, polytope=polytope), z, self._enough())
        except (InfeasibleRulesError, FloorError, SolverFailure):
            return False
        self.rounds += found.rounds
        self._offer(found)
        return True

    def _offer(self, found: Climb) -> None:
        if found.room >= -1e-9 * found.scale and (self.best is None or found.value > self.best.value):
            self.best = found

    def _any(self) -> None:
        """Some plan that keeps the rules, where the time was up before one was met."""
        polytope = self.task.polytope
        whole: NDArray[np.float64] = np.rint(solve_linear(np.zeros(len(polytope.lower)), polytope).y[self.columns])
        lower, upper = polytope.lower.copy(), polytope.upper.copy()
        lower[self.columns] = upper[self.columns] = whole
        self._climb(self._within(lower, upper), np.full(polytope.n, 1.0 / polytope.n))
