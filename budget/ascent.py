"""Newton steps uphill over continuous decisions, to the top and its proof.

Every step maximises a model: the outcome per draw along its tangents, under the worst weights of draws for that
tangent, plus the curvature of the outcome. The weights are found as cuts inside the step, and the prices of the cuts
mix them into the weights ``q`` under which the plan is proven: ``rho(R(y)) <= q @ R(y)`` for all weights of the
measure, and a concave outcome lies below its tangent, so one linear program bounds every plan. A floor enters as a row
of the model with an exact penalty, and its price enters the bound (weak duality).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from budget.objective import Objective
from budget.paths import Block
from budget.polytope import FEASIBLE, InfeasibleRulesError, SolverFailure, linear_best, solve_linear
from budget.quadratic import Cuts, Quadratic, QuadraticAnswer, stacked
from budget.task import Climb, Task
from budget.worst import Worst
from outlay.transforms import Array

SHRINK = 0.05
"""Part of a steep decision that a step leaves: near zero its tangents say little."""

_ROUNDS, _CUTS, _KEPT = 100, 40, 60
_PENALTY, _PENALTY_MOST = 30.0, 1e6
_NEAR = 0.3  # a linear program is asked for a proof once a step has promised less than so many times the aim
_MARGIN = 1e-9  # a step aims so much above the floor, so that roundoff does not break it
_FINE = 3e-4  # a step after one that promised less than this part of the value is worked out to more digits
_DAMPING = 1e-5  # where a quadratic program cannot be solved as it is


@dataclass(frozen=True, eq=False)
class _Spot:
    """A plan (N + A,), and its outcome and slopes per draw."""

    y: Array
    z: Array
    outcome: Array
    slopes: Array

    @property
    def spend(self) -> float:
        return float(self.z.sum())


@dataclass(frozen=True, eq=False)
class _Step:
    """A model's best plan, the rise that it promises, and what held it back: weights of draws (S,) and prices."""

    y: Array
    promise: float
    q: Array
    p: Array
    floor_price: float
    row_price: Array | None


class Ascent:
    """The state of one climb; see :func:`climb`."""

    def __init__(self, task: Task) -> None:
        objective = task.objective
        self.task, self.n = task, task.polytope.n
        self.quadratic = Quadratic(task.polytope)
        self.measured = Worst(objective)
        self.floored = Worst(Objective(weight=objective.weight, level=objective.level))
        self.counts, self.floor = objective.per_outcome > 0.0, objective.floor
        self.penalty = _PENALTY
        self.floor_price = 1.0 if self.floor is not None and not self.counts else 0.0

    @property
    def margin(self) -> float:
        """How far above the floor a step aims."""
        return _MARGIN * max(abs(self.floor or 0.0), 1.0)

    def at(self, y: Array) -> _Spot:
        """Outcome and slopes of a plan."""
        outcome, slopes = self.task.oracle.jacobian(y[: self.n])
        return _Spot(y, y[: self.n], outcome, slopes)

    def start(self, z: Array | None) -> Array:
        """The nearest allowed plan; where curves are steep, a little towards an even one."""
        upper = self.task.polytope.upper[: self.n]
        even = np.minimum(np.full(self.n, 1.0 / self.n), upper)
        y = self._near(even) if z is None else self._kept(z)
        steep = self.task.oracle.steep & (upper > 0.0)
        if z is not None and bool((steep & (y[: self.n] < 1e-3 * even)).any()):
            y = 0.9 * y + 0.1 * self._near(even)
        return y

    def _kept(self, z: Array) -> Array:
        """The plan itself where it keeps the rules, else the nearest that does."""
        polytope = self.task.polytope
        if polytope.extra or bool((z < polytope.lower).any()) or bool((z > polytope.upper).any()):
            return self._near(z)
        sums = polytope.matrix @ z
        kept = (sums >= polytope.low - FEASIBLE).all() and (sums <= polytope.high + FEASIBLE).all()
        return np.array(z) if kept else self._near(z)

    def _near(self, z: Array) -> Array:
        try:
            return self._inside(self.quadratic.best(z, (), damping=1.0).y)
        except (InfeasibleRulesError, SolverFailure):
            return self._inside(linear_best(z, self.task.polytope).y)  # the simplex decides whether there is any

    def _inside(self, y: Array) -> Array:
        return np.clip(y, self.task.polytope.lower, self.task.polytope.upper)

    def merit(self, outcome: Array, spend: float) -> float:
        """The objective less the penalty of a floor that is missed."""
        objective = self.task.objective
        room = min(objective.floor_room(outcome, spend) - self.margin, 0.0)
        return objective.value(outcome, spend) + self.penalty * room

    def step(self, spot: _Spot, last: _Step | None) -> _Step:
        """Maximise the model around a plan: cuts are added until its weights are the worst of its own plan."""
        objective, z = self.task.objective, spot.z
        q, p = self._known(spot.outcome, last)
        blocks = self.task.oracle.curvature(z, objective.per_outcome * q + self.floor_price * p)
        lower = np.array(self.task.polytope.lower)
        lower[: self.n] = np.maximum(lower[: self.n], np.where(self.task.oracle.steep, SHRINK * z, 0.0))
        here = self.merit(spot.outcome, spot.spend)
        fine = last is not None and last.promise <= _FINE * max(abs(here), 1e-3)
        cuts = 0
        while True:
            cuts += 1
            try:
                answer = self._model(spot, blocks, lower, fine)
            except (InfeasibleRulesError, SolverFailure):  # the plan itself keeps the rules
                return self._corner(spot, q, p)
            y = self._inside(answer.y)
            ahead = spot.outcome + spot.slopes @ (y[: self.n] - z)
            promise = self.merit(ahead, float(y[: self.n].sum())) - here
            q, p = self._mixed(answer.price)
            tight = not self._cut(answer, ahead, 0.1 * max(promise, 1e-13))
            if tight or cuts == _CUTS or self.task.late:
                return _Step(y, promise, q, p, self.floor_price, answer.row_price)

    def _corner(self, spot: _Spot, q: Array, p: Array) -> _Step:
        """A step towards the best corner along the gradient, where the model cannot be solved."""
        objective, price = self.task.objective, self.floor_price
        cost = objective.per_spend + price * objective.floor_per_spend
        best = linear_best((objective.per_outcome * q + price * p) @ spot.slopes - cost, self.task.polytope)
        z = best.y[: self.n]
        ahead = spot.outcome + spot.slopes @ (z - spot.z)
        promise = self.merit(ahead, float(z.sum())) - self.merit(spot.outcome, spot.spend)
        return _Step(best.y, promise, q, p, price, best.price)

    def _known(self, outcome: Array, last: _Step | None) -> tuple[Array, Array]:
        for worst in (self.measured, self.floored):
            worst.see(outcome)
            worst.trim(_KEPT)
        return (self.measured.of(outcome), self.floored.of(outcome)) if last is None else (last.q, last.p)

    def _model(self, spot: _Spot, blocks: Sequence[Block], lower: Array, fine: bool) -> QuadraticAnswer:
        """One quadratic program."""
        gain = np.full(self.n, -float(self.task.objective.per_spend))
        for at, matrix in blocks:
            gain[at] -= matrix @ spot.z[at]
        if self.counts and not self.task.objective.risky:
            gain += self.task.objective.per_outcome * self.measured.tangents(spot.outcome, spot.slopes, spot.z)[0][0]
        cuts = self._cuts(spot)
        try:
            return self.quadratic.best(gain, blocks, lower=lower, cuts=cuts, fine=fine)
        except SolverFailure:
            return self.quadratic.best(gain, blocks, lower=lower, cuts=cuts, damping=_DAMPING)

    def _cuts(self, spot: _Spot) -> Cuts:
        """Further columns are the measured outcome, the floor's measured outcome, and what the floor lacks."""
        objective, risky = self.task.objective, self.task.objective.risky
        lack = int(self.floor is not None)
        theta, phi = int(risky and self.counts), int(risky) * lack
        parts: list[tuple[Array, Sequence[float], Array]] = []
        if theta:
            rows, constant = self.measured.tangents(spot.outcome, spot.slopes, spot.z)
            parts.append((-rows, (1.0, *[0.0] * (phi + lack)), constant))
        if self.floor is not None:
            rows, constant = self.floored.tangents(spot.outcome, spot.slopes, spot.z)
            least, per_spend = self.floor + self.margin, np.full((1, self.n), objective.floor_per_spend)
            if phi:
                parts.append((-rows, (*[0.0] * theta, 1.0, 0.0), constant))
                parts.append((per_spend, (*[0.0] * theta, -1.0, -1.0), np.array([-least])))
            else:
                parts.append((per_spend - rows, (-1.0,), constant - least))
        gain = [*[objective.per_outcome] * theta, *[0.0] * phi, *[-self.penalty] * lack]
        lower = [*[-np.inf] * (theta + phi), *[0.0] * lack]
        return stacked(self.n, parts, np.array(gain), np.array(lower))

    def _mixed(self, prices: Array) -> tuple[Array, Array]:
        count = len(self.measured.weights) if self.counts else 0
        if self.floor is not None:
            self.floor_price = max(float(prices[-1]), 0.0)
        if not self.task.objective.risky:
            return self.measured.weights[0], self.floored.weights[0]
        q = self.measured.mix(prices[:count]) if self.counts else self.measured.weights[-1]
        return q, self.floored.mix(prices[count:-1]) if self.floor is not None else q

    def _cut(self, answer: QuadraticAnswer, ahead: Array, slack: float) -> bool:
        """Add the weights that are worst for the model's plan, where the model does not know them yet."""
        objective, added = self.task.objective, False
        if not objective.risky:
            return False
        if self.counts and objective.per_outcome * self.measured.excess(answer.extra[0], ahead) > slack:
            self.measured.see(ahead)
            added = True
        price = max(self.floor_price, 1e-3)
        if self.floor is not None and price * self.floored.excess(answer.extra[-2], ahead) > slack:
            self.floored.see(ahead)
            added = True
        return added

    def proof(self, spot: _Spot, step: _Step, known: float, exact: bool) -> Climb:
        """What this plan is worth, and the best bound on every plan that weights and prices give.

        The prices of the rows are the step's, which are good near the top, or with ``exact`` a linear program's.
        """
        objective = self.task.objective
        if exact and objective.risky:
            known, step = self._best_mixture(spot, known)
        price = step.floor_price
        cost = objective.per_spend + price * objective.floor_per_spend
        gradient = (objective.per_outcome * step.q + price * step.p) @ spot.slopes - cost
        here = objective.per_outcome * float(step.q @ objective.shifted(spot.outcome)) - cost * spot.spend
        if self.floor is not None:
            here += price * (float(step.p @ spot.outcome) - self.floor)
        if step.row_price is None or (exact and not objective.risky):
            best = linear_best(gradient, self.task.polytope)
            most, row_price = best.value, best.price
        else:
            most, row_price = self.quadratic.most(gradient, step.row_price), step.row_price
        bound = here + most - float(gradient @ spot.z) if self.task.oracle.concave else np.inf
        outcome = self.task.oracle.outcome(spot.z)
        value = objective.value(outcome, spot.spend)
        scale, room = self.task.scale(value, outcome, spot.spend), objective.floor_room(outcome, spot.spend)
        bound = min(bound, known)
        return Climb(spot.y, value, bound, room, scale, gradient, row_price, step.q, step.floor_price, 0)

    def _best_mixture(self, spot: _Spot, known: float) -> tuple[float, _Step]:
        """A bound by all known weights of draws together, and the mixture of them and the prices that give it.

        It is the best value of the model without its curvature, where every tangent lies above what it stands for.
        """
        import scipy.sparse as sp

        polytope, objective = self.task.polytope, self.task.objective
        self._known(spot.outcome, None)
        cuts = self._cuts(spot)
        count, more, endless = len(cuts.high), len(cuts.gain), np.full(len(cuts.gain), np.inf)
        rows = [
            [polytope.matrix, sp.csr_array((len(polytope.low), more))],
            [sp.hstack([cuts.rows, sp.csr_array((count, polytope.extra))]), cuts.extra],
        ]
        wider = replace(
            polytope,
            matrix=sp.csr_array(sp.block_array(rows)),
            low=np.concatenate([polytope.low, np.full(count, -np.inf)]),
            high=np.concatenate([polytope.high, cuts.high]),
            lower=np.concatenate([polytope.lower, cuts.lower]),
            upper=np.concatenate([polytope.upper, endless]),
            integer=np.zeros(len(polytope.lower) + more, bool),
        )
        spend = np.full(self.n, -float(objective.per_spend))
        best = solve_linear(np.concatenate([spend, np.zeros(polytope.extra), cuts.gain]), wider)
        row_price, price = np.split(best.price, [len(polytope.low)])
        q, p = self._mixed(price)
        bound = best.value if self.task.oracle.concave else np.inf
        return min(bound, known), _Step(best.y, 0.0, q, p, self.floor_price, row_price)

    def walk(self, spot: _Spot, step: _Step) -> Array | None:
        """The first point on the way to the model's plan, from its far end, that keeps part of what was promised."""
        here, length = self.merit(spot.outcome, spot.spend), 1.0
        while length > 1e-7 and step.promise > 0.0:
            y = spot.y + length * (step.y - spot.y)
            z = y[: self.n]
            if self.merit(self.task.oracle.outcome(z), float(z.sum())) >= here + 1e-4 * length * step.promise:
                return y
            length *= 0.5
        return None


def climb(task: Task, start: Array | None = None, cutoff: float = -np.inf) -> Climb:
    """The best plan over continuous decisions, from a start (N,).

    Ends at the aim, at the deadline, where no step helps, or where the bound falls below ``cutoff``. Without a concave
    oracle nothing is proven and the plan is a local best. Where a floor cannot be kept, ``room`` is negative.

    Raises
    ------
    InfeasibleRulesError
        Where the polytope is empty.
    SolverFailure
        Where a solver has no answer.
    """
    ascent = Ascent(replace(task, oracle=task.oracle.within(task.polytope.upper[: task.polytope.n])))
    spot = ascent.at(ascent.start(start))
    last: _Step | None = None
    bound, rounds, proven = np.inf, 0, None
    while rounds < _ROUNDS:
        rounds += 1
        value = task.objective.value(spot.outcome, spot.spend)
        aim = task.aim * task.scale(value, spot.outcome, spot.spend)
        if last is not None:
            proven = _proof(ascent, spot, last, bound, aim)
            bound = proven.bound
            if (proven.room >= 0.0 and bound - proven.value <= aim) or bound < cutoff:
                break
            if last.promise <= (1e-7 if task.oracle.concave else 1.0) * aim:
                break
        if task.late:
            break
        step = ascent.step(spot, last)
        after = ascent.walk(spot, step)
        last = replace(step, promise=0.0) if after is None else step
        if after is None and task.objective.floor_room(spot.outcome, spot.spend) < 0.0 < _PENALTY_MOST - ascent.penalty:
            ascent.penalty, last = 100.0 * ascent.penalty, step
        if after is not None:
            spot = ascent.at(after)
    if proven is None or proven.y is not spot.y:
        weights = ascent._known(spot.outcome, last)
        proven = ascent.proof(spot, _Step(spot.y, 0.0, *weights, ascent.floor_price, None), bound, exact=True)
    return replace(proven, rounds=rounds)


def _proof(ascent: Ascent, spot: _Spot, step: _Step, bound: float, aim: float) -> Climb:
    """A proof by the step's prices; where they are not good enough although the top is near, by a linear program."""
    proven = ascent.proof(spot, step, bound, exact=False)
    if proven.bound - proven.value <= aim or step.promise > _NEAR * aim or not ascent.task.oracle.concave:
        return proven
    return ascent.proof(spot, step, bound, exact=True)
