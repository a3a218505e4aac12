"""Newton steps uphill over continuous decisions, to the top and its proof.

Every step maximises a model: the outcome per draw along its tangents, under the worst weights of draws for that
tangent, plus the curvature of the outcome. The weights are found as cuts inside the step, and the prices of the cuts mix
them into the weights ``q`` under which the plan is proven: ``rho(R(y)) <= q @ R(y)`` for all weights of the measure,
and a concave outcome lies below its tangent, so one linear program bounds every plan. A floor enters as a row of the
model with an exact penalty, and its price enters the bound (weak duality).
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace

import numpy as np

from budget.objective import Objective
from budget.paths import Block, Oracle
from budget.polytope import Polytope, SolverFailure, linear_best
from budget.quadratic import Cuts, Pool, Quadratic, QuadraticAnswer
from outlay.transforms import Array

SHRINK = 0.05
"""Part of a steep decision that a step leaves: near zero its tangents say little."""

_ROUNDS, _CUTS, _KEPT = 100, 40, 60
_PENALTY, _PENALTY_MOST = 30.0, 1e6
_NEAR = 30.0  # a certificate is tried once the model promises less than so many times the aim
_FLOOR_MARGIN = 1e-9  # the plan clears the floor by this part of it, so that roundoff does not break it


@dataclass(frozen=True, eq=False)
class Task:
    """What is maximised, and when to stop.

    Attributes
    ----------
    oracle : Oracle
    polytope : Polytope
    objective : Objective
    aim : float
        Relative gap.
    deadline : float
        By ``time.perf_counter``.
    """

    oracle: Oracle
    polytope: Polytope
    objective: Objective
    aim: float
    deadline: float

    @property
    def late(self) -> bool:
        """Whether the time is up."""
        return time.perf_counter() > self.deadline


@dataclass(eq=False)
class Climb:
    """How far a climb came.

    Attributes
    ----------
    y : ndarray (N + A,)
        Decisions and auxiliary columns.
    value, bound : float
        ``bound`` is infinite where nothing was proven.
    room : float
        By how much the floor is cleared.
    gradient, row_price, q : ndarray
    floor_price : float
    rounds : int
    """

    y: Array
    value: float
    bound: float
    room: float
    gradient: Array
    row_price: Array
    q: Array
    floor_price: float
    rounds: int


@dataclass(frozen=True, eq=False)
class _Step:
    """A model's best plan, what it promises, and the draws' weights (S,) and the floor's price that held it back."""

    y: Array
    promise: float
    q: Array
    p: Array
    floor_price: float


@dataclass(eq=False)
class Ascent:
    """The state of one climb; see :func:`climb`."""

    task: Task
    worst: Pool = field(default_factory=Pool)
    floor_worst: Pool = field(default_factory=Pool)
    penalty: float = _PENALTY
    floor_price: float = 0.0

    def __post_init__(self) -> None:
        self.quadratic = Quadratic(self.task.polytope)
        objective = self.task.objective
        self.n = self.task.polytope.n
        self.floored = objective.floor is not None
        self.plain = Objective(weight=objective.weight, level=objective.level)
        if self.floored and objective.per_outcome == 0.0:
            self.floor_price = 1.0

    def start(self, z: Array | None) -> Array:
        """The nearest allowed plan; where curves are steep, a little towards an even one."""
        n, upper = self.n, self.task.polytope.upper[: self.n]
        even = np.minimum(np.full(n, 1.0 / n), upper)
        y = self._near(even if z is None else z)
        steep = self.task.oracle.steep & (upper > 0.0)
        if z is not None and bool((steep & (y[:n] < 1e-3 * even)).any()):
            y = 0.9 * y + 0.1 * self._near(even)
        return y

    def _near(self, z: Array) -> Array:
        return self._inside(self.quadratic.best(z, (), damping=1.0).y)

    def _inside(self, y: Array) -> Array:
        return np.clip(y, self.task.polytope.lower, self.task.polytope.upper)

    def room(self, outcome: Array, spend: float) -> float:
        """By how much the floor is cleared beyond its margin; infinite without one."""
        objective = self.task.objective
        if objective.floor is None:
            return np.inf
        return objective.floor_room(outcome, spend) - _FLOOR_MARGIN * max(abs(objective.floor), 1.0)

    def merit(self, outcome: Array, spend: float) -> float:
        """The objective less the penalty of a floor that is missed."""
        return self.task.objective.value(outcome, spend) + self.penalty * min(self.room(outcome, spend), 0.0)

    def scale(self, value: float, outcome: Array, spend: float) -> float:
        """What gaps are relative to: the value, but not its chance zero where outcome and spend cancel."""
        objective = self.task.objective
        size = objective.per_outcome * abs(float(outcome.mean())) + objective.per_spend * spend
        return max(abs(value), 1e-3 * size, 1e-12)

    def step(self, y: Array, outcome: Array, slopes: Array, last: _Step | None) -> _Step:
        """Maximise the model around ``y``: cuts are added until its weights are the worst of its own plan."""
        objective, oracle, z = self.task.objective, self.task.oracle, y[: self.n]
        q, p = self._seen(outcome, last)
        blocks = oracle.curvature(z, objective.per_outcome * q + self.floor_price * p)
        lower = np.array(self.task.polytope.lower)
        lower[: self.n] = np.maximum(lower[: self.n], np.where(oracle.steep, SHRINK * z, 0.0))
        here = self.merit(outcome, float(z.sum()))
        for _ in range(_CUTS):
            answer = self._model(z, outcome, slopes, blocks, lower)
            there = self._inside(answer.y)
            ahead = outcome + slopes @ (there[: self.n] - z)
            spend = float(there[: self.n].sum())
            promise = self.merit(ahead, spend) - here
            q, p = self._mix(answer)
            if not objective.risky or not self._cut(answer, ahead, spend, 0.1 * max(promise, 1e-13)):
                break
        return _Step(there, promise, q, p, self.floor_price)

    def _seen(self, outcome: Array, last: _Step | None) -> tuple[Array, Array]:
        objective = self.task.objective
        q, p = objective.weights(outcome), self.plain.weights(outcome)
        if not self.worst.weights or objective.risky:
            self.worst.add(q)
        if self.floored and (not self.floor_worst.weights or objective.risky):
            self.floor_worst.add(p)
        self.worst.trim(_KEPT)
        self.floor_worst.trim(_KEPT)
        return (q, p) if last is None else (last.q, last.p)

    def _model(
        self, z: Array, outcome: Array, slopes: Array, blocks: list[Block], lower: Array
    ) -> QuadraticAnswer:
        """One quadratic program; its further columns are the measured outcome, the floor's, and what the floor lacks."""
        objective, n = self.task.objective, self.n
        gain = np.full(n, -objective.per_spend)
        for at, matrix in blocks:
            gain[at] -= matrix @ z[at]
        risky = objective.risky
        free = int(risky and objective.per_outcome > 0.0)
        floor_free, lacking = int(risky and self.floored), int(self.floored)
        rows, extra, high = [], [], []
        if objective.per_outcome > 0.0:
            weights = np.array(self.worst.weights)
            tangents = weights @ slopes
            if free:
                rows.append(-tangents)
                extra.append(np.tile([1.0, *[0.0] * (floor_free + lacking)], (len(weights), 1)))
                high.append(weights @ objective.shifted(outcome) - tangents @ z)
            else:
                gain += objective.per_outcome * tangents[0]
        if self.floored:
            weights = np.array(self.floor_worst.weights)
            tangents, most = weights @ slopes, weights @ outcome
            floor = float(objective.floor or 0.0) + _FLOOR_MARGIN * max(abs(objective.floor or 0.0), 1.0)
            if floor_free:
                rows.append(-tangents)
                extra.append(np.tile([*[0.0] * free, 1.0, 0.0], (len(weights), 1)))
                high.append(most - tangents @ z)
                rows.append(np.full((1, n), objective.floor_per_spend))
                extra.append(np.array([[*[0.0] * free, -1.0, -1.0]]))
                high.append(np.array([-floor]))
            else:
                rows.append(objective.floor_per_spend - tangents[:1])
                extra.append(np.array([[-1.0]]))
                high.append(most[:1] - tangents[:1] @ z - floor)
        gains = np.array([*[objective.per_outcome] * free, *[0.0] * floor_free, *[-self.penalty] * lacking])
        least = np.array([*[-np.inf] * (free + floor_free), *[0.0] * lacking])
        cuts = Cuts(np.vstack(rows), np.vstack(extra), np.concatenate(high), gains, least) if rows else None
        damping = 1e-10 if blocks else 1e-6
        for more in (damping, 1e-5):
            try:
                return self.quadratic.best(gain, blocks, lower=lower, cuts=cuts, damping=more)
            except SolverFailure:
                continue
        raise SolverFailure("no quadratic step")

    def _mix(self, answer: QuadraticAnswer) -> tuple[Array, Array]:
        objective = self.task.objective
        if self.floored:
            self.floor_price = max(float(answer.price[-1]), 0.0)
        if not objective.risky:
            return self.worst.weights[0], self.worst.weights[0]
        count = len(self.worst.weights) if objective.per_outcome > 0.0 else 0
        q = self.worst.mix(answer.price[:count]) if count else self.worst.weights[-1]
        p = self.floor_worst.mix(answer.price[count:-1]) if self.floored else q
        return q, p

    def _cut(self, answer: QuadraticAnswer, ahead: Array, spend: float, slack: float) -> bool:
        """Add the weights that are worst for the model's plan, where the model does not know them yet."""
        objective, added = self.task.objective, False
        if objective.per_outcome > 0.0:
            q = objective.weights(ahead)
            if objective.per_outcome * (answer.extra[0] - q @ objective.shifted(ahead)) > slack:
                self.worst.add(q)
                added = True
        if self.floored:
            p = self.plain.weights(ahead)
            if max(self.floor_price, 1e-3) * (answer.extra[-2] - p @ ahead) > slack:
                self.floor_worst.add(p)
                added = True
        return added

    def proof(self, y: Array, outcome: Array, slopes: Array, step: _Step) -> tuple[float, Array, Array]:
        """An upper bound of every plan's objective, the gradient that it rests on, and the prices of the rows."""
        objective, z, price = self.task.objective, y[: self.n], step.floor_price
        cost = objective.per_spend + price * objective.floor_per_spend
        gradient = (objective.per_outcome * step.q + price * step.p) @ slopes - cost
        here = objective.per_outcome * float(step.q @ objective.shifted(outcome)) - cost * float(z.sum())
        if self.floored:
            here += price * float(step.p @ outcome - (objective.floor or 0.0))
        best = linear_best(gradient, self.task.polytope)
        return here + best.value - float(gradient @ z), gradient, best.price


def climb(task: Task, start: Array | None, cutoff: float = -np.inf) -> Climb:
    """The best plan over continuous decisions, from a start (N,).

    Ends at the aim, at the deadline, where no step helps, or where the bound falls below ``cutoff``. Without a concave
    oracle nothing is proven and the plan is a local best.

    Raises
    ------
    InfeasibleRulesError
        Where the polytope is empty.
    SolverFailure
        Where a solver has no answer.
    """
    ascent = Ascent(task)
    oracle, objective, n = task.oracle, task.objective, ascent.n
    y = ascent.start(start)
    last: _Step | None = None
    found: Climb | None = None
    for rounds in range(1, _ROUNDS + 1):
        outcome, slopes = oracle.jacobian(y[:n])
        spend = float(y[:n].sum())
        value, room = objective.value(outcome, spend), ascent.room(outcome, spend)
        scale = ascent.scale(value, outcome, spend)
        still = last is not None and last.promise <= 1e-14 * scale
        if oracle.concave and last is not None and (last.promise <= _NEAR * task.aim * scale or still):
            found = _tried(ascent, y, outcome, slopes, last, found)
            if (room >= 0.0 and found.bound - value <= task.aim * scale) or found.bound < cutoff:
                break
        if still or task.late:
            break
        step = ascent.step(y, outcome, slopes, last)
        if not oracle.concave and step.promise <= 0.1 * task.aim * scale and room >= 0.0:
            last = step
            break
        after = _searched(ascent, y, step, ascent.merit(outcome, spend))
        last = replace(step, promise=0.0) if after is None else step
        if after is None and room < 0.0 and ascent.penalty < _PENALTY_MOST:
            ascent.penalty, last = 100.0 * ascent.penalty, step
        y = y if after is None else after
    return _ended(ascent, y, last, found, rounds)


def _searched(ascent: Ascent, y: Array, step: _Step, here: float) -> Array | None:
    """The first point on the way to the model's plan, from its far end, that keeps part of what was promised."""
    oracle, n = ascent.task.oracle, ascent.n
    length = 1.0
    while length > 1e-7 and step.promise > 0.0:
        there = y + length * (step.y - y)
        if ascent.merit(oracle.outcome(there[:n]), float(there[:n].sum())) >= here + 1e-4 * length * step.promise:
            return there
        length *= 0.5
    return None


def _tried(
    ascent: Ascent, y: Array, outcome: Array, slopes: Array, step: _Step, found: Climb | None
) -> Climb:
    bound, gradient, price = ascent.proof(y, outcome, slopes, step)
    before = np.inf if found is None else found.bound
    spend = float(y[: ascent.n].sum())
    value, room = ascent.task.objective.value(outcome, spend), ascent.room(outcome, spend)
    return Climb(y, value, min(bound, before), room, gradient, price, step.q, step.floor_price, 0)


def _ended(ascent: Ascent, y: Array, last: _Step | None, found: Climb | None, rounds: int) -> Climb:
    """The last plan, with its own gradient and prices and the best bound that was found."""
    task, n = ascent.task, ascent.n
    outcome, slopes = task.oracle.jacobian(y[:n])
    if found is None or found.y is not y:
        q, p = ascent._seen(outcome, last)
        step = _Step(y, 0.0, q, p, ascent.floor_price)
        found = _tried(ascent, y, outcome, slopes, step, found)
    if not task.oracle.concave:
        found.bound = np.inf
    outcome, spend = task.oracle.outcome(y[:n]), float(y[:n].sum())
    found.value, found.room = task.objective.value(outcome, spend), task.objective.floor_room(outcome, spend)
    found.rounds = rounds
    return found
