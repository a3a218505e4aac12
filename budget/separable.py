"""The certified optimum where each decision has a response of its own, concave or S-shaped: hulls, programs, branches.

Every curve is over-estimated by a concave polygon (:mod:`budget.hull`), so a linear program over the polygons' segments
gives an upper bound, and its plan, valued on the true curves, a lower one. Points are laid where the program went and
where the slope of a curve meets the price that the program puts on it; near the optimum that is Newton's method. What
is left then is a curve that is not concave, or the gap between nothing and a least amount: its range is split in two,
and both parts are bounded again (Horst and Tuy, 1996). By the theorem of Shapley and Folkman no more curves lie off
their hull than rules couple them, plus one, so there are few branches.

Under a measure of risk the program holds one set of polygons per weighting of the draws; the plan's worst weighting is
added until its value and the program's agree.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field, replace
from itertools import count
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from budget.cells import Index
from budget.floor import FloorError
from budget.hull import Hulls, Polygons
from budget.known_curves import At, Tables, Work, Worth
from budget.newton import NewtonStep
from budget.objective import Objective
from budget.optimum import Optimum, Status
from budget.polytope import InfeasibleRulesError, Polytope, SolverFailure, linear_best, with_switches
from budget.segments import Cut, Master, MasterAnswer, fixed_switches
from budget.sellers import Sellers
from outlay.transforms import Array

AIM = 1e-6
BOUND_ROOM = 2e-9
"""Relative room for the tolerance to which linear programs are solved, so that a bound stays a bound."""

FLOOR_ROOM = 1e-7
"""By how much, in the reference's outcome, a plan may miss its floor; cents are larger."""

REFINEMENTS = 14
NEWTON_STEPS = 3
WAY = 16
"""Halvings of the way between a plan that misses the floor and one that clears it."""


@dataclass(order=True)
class _Node:
    """A part of the decisions' ranges, best bound first."""

    worst: float
    number: int
    lower: Array = field(compare=False)
    upper: Array = field(compare=False)


@dataclass
class _Best:
    """The best plan so far."""

    z: Array | None = None
    value: float = -np.inf
    gross: float = 0.0

    def slack(self, aim: float) -> float:
        """A gap small enough to stop at: of the value or, where profit and cost nearly cancel, of a part of them.

        No smaller than what the room that bounds have lets them prove: media may bring nothing at all.
        """
        if self.z is None:
            return 0.0
        return max(aim * max(abs(self.value), 0.01 * self.gross), 3.0 * BOUND_ROOM * (1.0 + abs(self.value)))


def maximise(
    tables: Tables,
    polytope: Polytope,
    objective: Objective,
    start: Array | None = None,
    *,
    capacity: Work | None = None,
    aim: float = AIM,
    time_limit: float = 10.0,
) -> Optimum:
    """The plan with the largest objective within the rules, with its proof.

    Parameters
    ----------
    tables : Tables
        The responses; what is learned of them stays there.
    polytope : Polytope
        Semis of one decision are branched on, others become integer columns.
    objective : Objective
    start : ndarray (N,) or None
        A plan to begin with, counted only if it keeps the rules.
    capacity : Capacity or Sellers or None
        What of the outcome can be worked.
    aim : float
        Relative gap to stop at.
    time_limit : float
        Seconds, after which the best plan is returned with the bound that is proven.

    Raises
    ------
    InfeasibleRulesError
        Where no plan keeps the rules.
    FloorError
        Where none that does reaches the floor.
    SolverFailure
        Where the solver has no accurate answer.
    """
    until = perf_counter() + time_limit
    search = _Search(tables, polytope, Worth(objective, capacity), aim, until)
    if objective.floor is not None:
        clear = replace(objective, floor=None, per_outcome=1.0, per_spend=objective.floor_per_spend, shift=None)
        most = maximise(tables, polytope, clear, start, capacity=capacity, aim=1e-4, time_limit=time_limit)
        if most.bound < objective.floor - FLOOR_ROOM:
            raise FloorError(most.value - objective.floor)
        search.clear = most.z
        search.until = max(until, perf_counter() + 0.5 * time_limit)
    return search.run(start)


class _Search:
    """One branch and bound."""

    def __init__(self, tables: Tables, polytope: Polytope, worth: Worth, aim: float, until: float) -> None:
        self.tables, self.worth, self.aim, self.until = tables, worth, aim, until
        self.objective = worth.objective
        self.started = perf_counter()
        self.curves, self.n, self.rows = tables.curves, polytope.n, len(polytope.low)
        self.least = np.zeros(self.n)
        for semi in polytope.semis:
            if len(semi.index) == 1:
                self.least[semi.index[0]] = max(self.least[semi.index[0]], semi.least)
        joint = tuple(semi for semi in polytope.semis if len(semi.index) > 1)
        self.polytope = with_switches(replace(polytope, semis=joint))
        self.master = Master(self.polytope, self.objective)
        self.newton = NewtonStep(self.polytope)
        self.hulls, self.cuts = self._first()
        self.best, self.rounds, self.nodes = _Best(), 0, 0
        self.clear: Array | None = None  # a plan with the most room above the floor
        self.last: MasterAnswer | None = None

    def run(self, start: Array | None) -> Optimum:
        lower, upper = self.polytope.lower[: self.n], self.polytope.upper[: self.n]
        if start is not None and self._allowed(start):
            self._offer(start)
        if self.clear is not None:
            self._offer(self.clear)
        ticket = count()
        heap = [_Node(-np.inf, next(ticket), lower.copy(), upper.copy())]
        closed = -np.inf
        while heap:
            if self.best.z is not None and -heap[0].worst - self.best.value <= self.best.slack(self.aim):
                break
            if perf_counter() > self.until and self.nodes:
                break
            node = heapq.heappop(heap)
            self.nodes += 1
            bound, gaps, z = self._bound(node)
            if z is None:
                continue
            if bound - self.best.value <= self.best.slack(self.aim):
                closed = max(closed, bound)
                continue
            parts = self._split(node, z, gaps)
            if not parts:
                closed = max(closed, bound)
            for part in parts:
                heapq.heappush(heap, _Node(-bound, next(ticket), *part))
        if self.best.z is None:
            if heap:
                raise SolverFailure("no plan was found in the time allowed")
            raise InfeasibleRulesError
        bound = max([closed, self.best.value, *(-node.worst for node in heap)])
        self._polish(_Node(0.0, 0, lower, upper), self.best.z)
        return self._optimum(self.best.z, max(bound, self.best.value))

    def _polish(self, node: _Node, z: Array) -> None:
        """One more Newton step from the best plan: it squares what is missing, and prices gain by it."""
        plain = self.objective.floor is None and not self.worth.bends and not self.polytope.integer.any()
        if not (plain and self.curves.concave.all() and not self.least.any()):
            return
        step = self._newton(node, z, At(z, *self.curves.derivatives(z)))
        if step is not None:
            self._offer(step)

    def _bound(self, node: _Node) -> tuple[float, Array, Array | None]:
        """Bound of a part, its plan, and each curve's height over its value there; points are laid on the way."""
        bound, before, gaps, z = -node.worst, np.inf, np.zeros(self.n), None
        if (node.lower > node.upper).any():  # more than its limits allow, or nothing where something is demanded
            return -np.inf, gaps, None
        self._open(self.hulls, node)
        for _ in range(REFINEMENTS):
            hole = np.where((node.lower == 0.0) & (node.upper >= self.least), self.least, 0.0)
            polygons = [hulls.polygons(node.lower, node.upper, hole) for hulls in self.hulls]
            try:
                answer = self.master.solve(polygons, self.cuts, node.lower, node.upper)
            except InfeasibleRulesError:
                return -np.inf, gaps, None
            self.rounds += 1
            self.last, z = answer, answer.z
            bound = min(bound, answer.value + BOUND_ROOM * (1.0 + abs(answer.value)))
            here = At(z, *self.curves.derivatives(z))
            outcome = here.value
            gaps = self._gaps(polygons, answer, outcome)
            worst = self._offer(z, outcome)
            self._offer_clear_of_floor(z, outcome)
            steps = self._steps(node, answer) if bound - self.best.value > self.best.slack(self.aim) else []
            gap = bound - self.best.value
            if gap <= self.best.slack(self.aim) or perf_counter() > self.until:
                break
            self._refine(node, answer, gaps, polygons, [here, *steps])
            fresh = self._add_cut(node, answer, outcome, worst)
            if not fresh and gap > 0.7 * before and gaps[~self.curves.concave].sum() + self._holes(z).sum() > 0.1 * gap:
                break  # what is left is not for points to mend
            before = gap
        return bound, gaps, z

    def _gaps(self, polygons: list[Polygons], answer: MasterAnswer, outcome: Array) -> Array:
        """Height of each hull over its curve at the plan, under the weights that the program's answer rests on.

        Under the plan's own worst weights too: the answer may rest on others, and lie above them all the same.
        """
        gaps, own, lowest = np.zeros(self.n), np.zeros(self.n), self._lowest(outcome)
        for number, (found, cut, share) in enumerate(zip(polygons, self.cuts, answer.share, strict=True)):
            if share > 1e-9 or number == lowest:
                height = np.maximum(found.heights(answer.z) - (outcome * cut.q).sum(axis=1), 0.0)
                gaps += share * height
                own = height if number == lowest else own
        return np.maximum(gaps, own)

    def _lowest(self, outcome: Array) -> int:
        """The known cut under which an outcome (N, S) is worth least."""
        return int(np.argmin([self._worth_under(cut, outcome) for cut in self.cuts]))

    def _steps(self, node: _Node, answer: MasterAnswer) -> list[At]:
        """Where slopes meet the program's prices, and Newton's plans from there; S-shaped curves stay put."""
        if answer.slope is None or len(self.hulls) > 1 or self.objective.floor is not None:
            return []
        met = self.hulls[0].meeting(node.lower, node.upper, answer.slope)
        middle = np.where(self.curves.concave, met, answer.z)
        steps = [At(middle, *self.curves.derivatives(middle))]
        worth = -np.inf
        for _ in range(NEWTON_STEPS):
            z = self._newton(node, answer.z, steps[-1])
            if z is None:
                break
            steps.append(At(z, *self.curves.derivatives(z)))
            if not self.polytope.integer.any():  # a step knows nothing of whole numbers: its plan may lie between them
                self._offer(z, steps[-1].value)
            before, worth = worth, self._worth_under(self.cuts[0], steps[-1].value) - self.objective.per_spend * z.sum()
            if worth - before <= 10.0 * self.best.slack(self.aim):
                break
        return steps

    def _newton(self, node: _Node, still: Array, center: At) -> Array | None:
        """The best plan under slopes and second derivatives at a plan; what has none stays where it is."""
        slope, steepening = center.slope.mean(axis=1), center.steepening.mean(axis=1)
        fixed = ~self.curves.concave | ~np.isfinite(slope)
        lower, upper = np.where(fixed, still, node.lower), np.where(fixed, still, node.upper)
        worth = self.objective.per_outcome * np.where(fixed, 0.0, slope) - self.objective.per_spend
        bent = self.objective.per_outcome * np.where(fixed, 0.0, steepening)
        return self.newton.best(worth, bent, center.z, lower, upper)

    def _refine(
        self, node: _Node, answer: MasterAnswer, gaps: Array, polygons: list[Polygons], known: list[At]
    ) -> None:
        """Lay points where the program and the steps went, and at the corners of the hulls of S-shaped curves."""
        open_still = node.upper > node.lower
        off = open_still & (gaps > 1e-3 * self.best.slack(self.aim) / self.n)
        free, wide, bent = (np.flatnonzero(which) for which in (open_still, off, off & ~self.curves.concave))
        lowest, parts = self._lowest(known[0].value), zip(self.hulls, self.cuts, polygons, answer.share, strict=True)
        for number, (hulls, cut, found, share) in enumerate(parts):
            if share <= 1e-9 and number != lowest:
                continue
            for at in known:
                # Newton's plan moves curves too whose hull is tight where the program left them.
                which = free if at is known[-1] and len(known) > 1 else wide
                value, slope = at.means(cut.q, which)
                hulls.add_known(which, at.z[which], value, slope)
            left, right = found.around(answer.z)
            hulls.add(np.concatenate([bent, bent]), np.concatenate([left[bent], right[bent]]))

    def _add_cut(self, node: _Node, answer: MasterAnswer, outcome: Array, worst: Cut) -> bool:
        """Add the cut that is exact at the program's plan, where the program does not know of it yet."""
        if not self.worth.bends:
            return False
        known = min(self._worth_under(cut, outcome) for cut in self.cuts)
        if known - self._worth_under(worst, outcome) <= 0.1 * self.best.slack(self.aim):
            return False
        hulls = self.tables.weighted(worst.q)
        hulls.add(np.arange(self.n), answer.z)
        self._open([hulls], node)
        self.hulls.append(hulls)
        self.cuts.append(worst)
        return True

    def _worth_under(self, cut: Cut, outcome: Array) -> float:
        return float((cut.q * outcome).sum()) + cut.constant - cut.shift

    def _first(self) -> tuple[list[Hulls], list[Cut]]:
        """A valuation that is nowhere too small: every draw alike and everything worked, or as it is at no spend."""
        shift = 0.0 if self.objective.shift is None else float(self.objective.shift.mean())
        even = self.curves.even
        if not isinstance(self.worth.capacity, Sellers):
            return [self.tables.mean], [Cut(even, 0.0, shift)]
        weights, constant = self.worth.capacity.cut(self.curves.draws(np.zeros(self.n)), even[0])
        return [self.tables.weighted(weights)], [Cut(weights, constant, shift)]

    def _split(self, node: _Node, z: Array, gaps: Array) -> list[tuple[Array, Array]]:
        """Two parts of a node: at a hole its two sides, else the range of the curve farthest below its hull."""
        open_hole = self._holes(z)
        if open_hole.any():
            k = int(np.argmax(np.where(open_hole, gaps + 1e-12, -1.0)))
            off, on = node.upper.copy(), node.lower.copy()
            off[k], on[k] = 0.0, self.least[k]
            return [(node.lower, off), (on, node.upper)]
        k = int(np.argmax(gaps))
        width = node.upper[k] - node.lower[k]
        if width <= 1e-9 * max(self.polytope.upper[k], 1e-12):
            return []
        at = float(np.clip(z[k], node.lower[k] + 1e-2 * width, node.upper[k] - 1e-2 * width))
        self._ask(self.hulls, np.array([k]), np.array([at]))
        below, above = node.upper.copy(), node.lower.copy()
        below[k] = above[k] = at
        return [(node.lower, below), (above, node.upper)]

    def _holes(self, z: Array) -> NDArray[np.bool_]:
        """Decisions between nothing and their least amount."""
        return np.asarray((z > 1e-10) & (z < self.least * (1.0 - 1e-9)))

    def _open(self, hulls: list[Hulls], node: _Node) -> None:
        """Lay points at the ends of a part and of its holes: a hull stands between points."""
        self._ask(hulls, np.arange(self.n), node.lower)
        self._ask(hulls, np.arange(self.n), node.upper)
        holes = np.flatnonzero(self.least > 0)
        self._ask(hulls, holes, np.maximum(self.least[holes], node.lower[holes]))

    def _ask(self, hulls: list[Hulls], which: Index, at: Array) -> None:
        for known in hulls:
            known.add(which, at)

    def _offer(self, z: Array, outcome: Array | None = None) -> Cut:
        """Count a plan if it is allowed and better; the cut that is exact there."""
        outcome = self.curves.draws(z) if outcome is None else outcome
        total, spend = self.worth.total(outcome), float(z.sum())
        if not self._holes(z).any() and self.objective.floor_room(total, spend) >= -FLOOR_ROOM:
            value = self.objective.value(total, spend)
            if value > self.best.value:
                gross = abs(value) + 2.0 * self.objective.per_spend * spend
                self.best.z, self.best.value, self.best.gross = z.copy(), value, gross
        return self.worth.cut(outcome)

    def _offer_clear_of_floor(self, z: Array, outcome: Array) -> None:
        """Of a plan that misses the floor, the nearest one on the way to the clearest plan that keeps it."""
        room = self.objective.floor_room(self.worth.total(outcome), float(z.sum()))
        if self.clear is None or room >= -FLOOR_ROOM or self.polytope.integer.any():
            return
        low, high = 0.0, 1.0
        for _ in range(WAY):
            part = 0.5 * (low + high)
            between = z + part * (self.clear - z)
            total = self.worth.total(self.curves.draws(between))
            if self.objective.floor_room(total, float(between.sum())) >= -FLOOR_ROOM:
                high = part
            else:
                low = part
        self._offer(z + high * (self.clear - z))

    def _allowed(self, z: Array) -> bool:
        fixed = replace(self.polytope, lower=self.polytope.lower.copy(), upper=self.polytope.upper.copy())
        if (z < fixed.lower[: self.n] - 1e-9).any() or (z > fixed.upper[: self.n] + 1e-9).any():
            return False
        if not self.polytope.extra:
            rows = self.polytope.matrix @ z
            return bool((rows >= self.polytope.low - 1e-9).all() and (rows <= self.polytope.high + 1e-9).all())
        fixed.lower[: self.n] = fixed.upper[: self.n] = np.clip(z, fixed.lower[: self.n], fixed.upper[: self.n])
        try:
            linear_best(np.zeros(self.n), fixed)
        except InfeasibleRulesError:
            return False
        return True

    def _optimum(self, z: Array, bound: float) -> Optimum:
        q, floor_price = self._prices(z)
        outcome = self.curves.draws(z)
        gradient = self._gradient(z, q, floor_price)
        gap = bound - self.best.value
        status: Status = "optimal" if gap <= 1.01 * self.best.slack(self.aim) else "time"
        return Optimum(
            z=z,
            value=self.best.value,
            bound=bound,
            gradient=gradient,
            row_price=self._row_price(z, gradient),
            floor_price=floor_price,
            q=q.mean(axis=0) if self.worth.capacity is None else self.objective.weights(self.worth.total(outcome)),
            nodes=self.nodes,
            rounds=self.rounds,
            status=status,
            seconds=perf_counter() - self.started,
            solver="HiGHS",
        )

    def _prices(self, z: Array) -> tuple[Array, float]:
        """Weights of the draws on which the answer rests, per decision, and the price of the floor."""
        if self.last is None:
            return self.worth.cut(self.curves.draws(z)).q, 0.0
        parts = zip(self.last.share, self.cuts, strict=False)
        q = sum((share * np.broadcast_to(cut.q, (self.n, self.curves.n_draws)) for share, cut in parts), np.zeros(()))
        return np.ascontiguousarray(q), self.last.floor_price

    def _gradient(self, z: Array, q: Array, floor_price: float) -> Array:
        _, slope = self.curves.mean_plan(z, q)
        worth = self.objective.per_outcome + floor_price
        cost = self.objective.per_spend + floor_price * self.objective.floor_per_spend
        steep = 1e6 * max(float(np.abs(slope[np.isfinite(slope)]).max(initial=1.0)), 1e-9)
        return np.asarray(worth * np.minimum(slope, steep) - cost)

    def _row_price(self, z: Array, gradient: Array) -> Array:
        """Prices of the rules where the plan is: of the linear program at its gradient, with its switches held."""
        lower, upper = self.polytope.lower.copy(), self.polytope.upper.copy()
        decided = self.least > 0
        upper[: self.n][decided & (z <= 1e-10)] = 0.0
        held = np.flatnonzero(decided & (z > 1e-10))
        lower[held] = np.maximum(lower[held], self.least[held])
        local = replace(self.polytope, lower=lower, upper=upper)
        try:
            answer = linear_best(gradient, local)
            if local.integer.any():
                answer = linear_best(gradient, fixed_switches(local, answer))
        except SolverFailure:
            return np.zeros(self.rows)  # the plan and its proof stand without prices
        return answer.price[: self.rows]  # switches have rows of their own, after the rules'
