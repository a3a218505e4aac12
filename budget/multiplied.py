"""Plans where effects multiply: the outcome between a tangent from below and a chord from above, both of which add up.

A period's outcome is ``base * exp(effects)``. The exponential is convex, so it lies above its tangent at the plan at
hand; the best plan under the tangent is therefore no worse than that plan, and so on until nothing moves (Hunter and
Lange, 2004, "A tutorial on MM algorithms"). Over the range of effects that the rules allow it lies below its chord, so
the best value under the chord is an upper bound.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np

from budget.engine import AIM, Engine, capacity_refused
from budget.floor import FloorError
from budget.known_curves import Work
from budget.objective import Objective
from budget.optimum import Optimum
from budget.polytope import Polytope, SolverFailure
from outlay.transforms import Array

ROUNDS = 12
LARGEST = 10.0
"""Effect, in logarithms, beyond which no chord is laid: it would allow an outcome of 20,000 baselines."""

STILL = 1e-9
"""Relative rise of the objective below which the ascent stops."""


@dataclass(frozen=True, eq=False)
class _Additive:
    """Effects that add up: ``outcome = constant + sum of weight x (effect - effect without spend)``, per draw.

    Attributes
    ----------
    weight : ndarray (S, P, G)
    constant : ndarray (S,)
        Scaled.
    """

    weight: Array
    constant: Array

    def objective(self, true: Objective, most: bool) -> Objective:
        """The objective of the additive part alone; its floor is no higher (``most``) or no lower than the true one."""
        shift = -self.constant if true.shift is None else true.shift - self.constant
        floor = true.floor
        if floor is not None:
            plain = Objective(weight=true.weight, level=true.level)
            sure = float(self.constant.mean()) if not true.risky else plain.value(self.constant, 0.0)
            floor -= float(self.constant.max()) if most and true.risky else sure
        return replace(true, shift=shift, floor=floor)


class MultipliedEngine(Engine):
    """:class:`budget.engine.Engine` for effects that multiply."""

    def best(
        self,
        polytope: Polytope,
        objective: Objective,
        start: Array | None,
        *,
        capacity: Work | None = None,
        aim: float = AIM,
        time_limit: float = 10.0,
    ) -> Optimum:
        """The best plan found, with the bound of the chords; see the module.

        The ascent starts at the plan of the chords, at the plan given, and at both ends of the straight lines: where a
        line multiplies the rest, more of it makes yet more worth while, and the way there may lead down first.
        """
        if capacity is not None:
            raise capacity_refused()
        until = perf_counter() + time_limit
        started = perf_counter()
        chord = self._chord(polytope)
        above = self._solved(chord, polytope, objective, start, (aim, time_limit), most=True) if chord else None
        starts = [plan for plan in (None if above is None else above.z, start) if plan is not None]
        starts = starts or [polytope.lower[: polytope.n]]
        climbs = self._climbs([*starts, *self._corners(polytope, starts[0])], polytope, objective, (aim, until))
        best = max(climbs, key=lambda found: found.value)
        bound = np.inf if above is None else max(above.bound, best.value)
        proven = bound - best.value <= aim * max(abs(best.value), 1e-12)
        return replace(
            best,
            bound=bound,
            status="optimal" if proven else "local",
            nodes=sum(found.nodes for found in climbs) + (above.nodes if above else 0),
            rounds=sum(found.rounds for found in climbs) + (above.rounds if above else 0),
            seconds=perf_counter() - started,
            solver=f"tangents and chords, {best.solver}",
        )

    def _climbs(
        self, starts: list[Array], polytope: Polytope, objective: Objective, limits: tuple[float, float]
    ) -> list[Optimum]:
        climbs, missed = [], []
        for z in starts:
            try:
                climbs.append(self._ascent(z, polytope, objective, limits))
            except FloorError as short:
                missed.append(short.room)
        if not climbs:
            raise FloorError(max(missed))
        return climbs

    def _ascent(self, z: Array, polytope: Polytope, objective: Objective, limits: tuple[float, float]) -> Optimum:
        """Best plans under tangents, one after the other, until nothing rises.

        A tangent lies below the outcome, so a floor that it misses may yet be kept: the way there is climbed first.

        Raises
        ------
        FloorError
            Where the climb to the floor ends below it.
        """
        aim, until = limits
        if objective.floor is not None and self._room(objective, z) < 0.0:
            clear = replace(objective, per_outcome=1.0, per_spend=objective.floor_per_spend, floor=None, shift=None)
            z = self._ascent(z, polytope, clear, limits).z
            if (room := self._room(objective, z)) < 0.0:
                raise FloorError(room)
        best: Optimum | None = None
        for _ in range(ROUNDS):
            left = max(until - perf_counter(), 0.5)
            found = self._solved(self._tangent(z), polytope, objective, z, (aim, left), most=False)
            value = objective.value(self._outcome(found.z), float(found.z.sum()))
            if best is not None and value <= best.value + STILL * abs(best.value):
                break
            best, z = replace(found, value=value), found.z
            if perf_counter() > until:
                break
        if best is None:
            raise SolverFailure("no plan was found in the time allowed")
        return best

    def _room(self, objective: Objective, z: Array) -> float:
        return objective.floor_room(self._outcome(z), float(z.sum()))

    def _corners(self, polytope: Polytope, z: Array) -> list[Array]:
        """The plan with all straight lines at their most, and at their least; it need not keep the rules."""
        channels = [self.responses.cells.channel_of(int(cell)) for cell in self.decision.cell]
        straight = np.array([self.responses.response.saturation[channel] == "none" for channel in channels])
        if not straight.any():
            return []
        sides = (polytope.upper[: polytope.n], polytope.lower[: polytope.n])
        return [np.where(straight, side, z) for side in sides]

    def mean_slopes(self, z: Array) -> Array:
        """Mean outcome of one more unit of each decision (N,), scaled; exact, as the tangent touches."""
        return self._engine(self._tangent(z).weight).mean_slopes(z)

    def _solved(
        self,
        additive: _Additive,
        polytope: Polytope,
        objective: Objective,
        start: Array | None,
        limits: tuple[float, float],
        *,
        most: bool,
    ) -> Optimum:
        aim, seconds = limits
        engine = self._engine(additive.weight)
        return engine.best(polytope, additive.objective(objective, most), start, aim=aim, time_limit=seconds)

    def _engine(self, weight: Array) -> Engine:
        return Engine(self.responses, self.decision, self.scales, weight)

    def _tangent(self, z: Array) -> _Additive:
        base, outcome = self._base, self._outcome(z)
        here, without = self._effects(z), self._effects(np.zeros_like(z))
        weight = base * np.exp(here)
        added = (weight * (here - without)).sum(axis=(1, 2)) / self.scales.outcome
        return _Additive(weight, outcome - added)

    def _chord(self, polytope: Polytope) -> _Additive | None:
        """From the least to the most effect that the bounds of the decisions allow; negative effects turn them.

        None where the range is so wide that its exponential is no number.
        """
        base, n = self._base, polytope.n
        low, high = self._range(polytope.lower[:n], polytope.upper[:n])
        without = self._effects(np.zeros(n))
        width = high - low
        if float(high.max()) > LARGEST:
            return None
        slope = np.where(width > 1e-12, np.expm1(width) / np.where(width > 1e-12, width, 1.0), 1.0) * np.exp(low)
        constant = base * (np.exp(low) + slope * (without - low) - np.exp(without))
        return _Additive(base * slope, constant.sum(axis=(1, 2)) / self.scales.outcome)

    def _range(self, lower: Array, upper: Array) -> tuple[Array, Array]:
        """Least and most effect per draw, period and group: each cell's at one of its bounds, whichever is which."""
        sides = [self.responses.effects(self._spend(side)) for side in (lower, upper)]
        shape = (*sides[0].shape[:2], len(self.responses.cells.channels), len(self.responses.cells.groups))
        low, high = np.minimum(*sides), np.maximum(*sides)
        return low.reshape(shape).sum(axis=2), high.reshape(shape).sum(axis=2)

    def _effects(self, z: Array) -> Array:
        effects = self.responses.effects(self._spend(z))
        shape = (*effects.shape[:2], len(self.responses.cells.channels), len(self.responses.cells.groups))
        return np.asarray(effects.reshape(shape).sum(axis=2))

    def _spend(self, z: Array) -> Array:
        return self.decision.spend(z * self.scales.money)

    def _outcome(self, z: Array) -> Array:
        return self.responses.outcome(self._spend(z)) / self.scales.outcome

    @property
    def _base(self) -> Array:
        if self.responses.base is None:
            raise ValueError("these effects add up")
        return self.responses.base
