"""Which engine answers: hulls and branches where decisions have curves of their own, Newton steps where they meet.

Curves that are known stay known: a session keeps its tables, so that the next scenario on the same curves costs a
solve and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from budget import separable, smooth
from budget.aims import Scales
from budget.catalogue import CATALOGUE
from budget.curves import Curves, Term
from budget.decision import Decision
from budget.known_curves import Tables, Work
from budget.objective import Objective
from budget.optimum import Optimum
from budget.oracles import oracle_of
from budget.paths import Oracle, Path
from budget.polytope import Polytope
from budget.responses import Responses
from outlay.errors import ConfigError
from outlay.transforms import Array

AIM = 1e-6
"""Relative gap that a plan is proven to, where the time allowed suffices."""


MOST_POINTS = 200
"""Points of one curve past which tables are laid anew: every solve adds a few, and searches all of them."""


@dataclass(eq=False)
class Engine:
    """The responses of one plan's decisions on one half of the draws, ready to be asked again and again.

    Attributes
    ----------
    responses : Responses
    decision : Decision
    scales : Scales
    weight : ndarray (S, P, G) or None
        Outcome per unit of effect, where it is not the value of the KPI.
    """

    responses: Responses
    decision: Decision
    scales: Scales
    weight: Array | None = None
    _pieces: list[Term | Path] | None = None
    _tables: Tables | None = None
    _oracle: Oracle | None = None

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
        """The best plan within the rules; see :mod:`budget.separable` and :mod:`budget.smooth`."""
        if capacity is not None and not self.alone:
            raise capacity_refused()
        if self.alone and (capacity is not None or not (objective.risky and self.concave)):
            tables = self.tables(polytope.upper[: polytope.n])
            return separable.maximise(
                tables, polytope, objective, start, capacity=capacity, aim=aim, time_limit=time_limit
            )
        oracle = self.oracle()
        envelope = None if oracle.concave else getattr(oracle, "over", None)
        return smooth.maximise(oracle, polytope, objective, start, aim=aim, time_limit=time_limit, envelope=envelope)

    @property
    def pieces(self) -> list[Term | Path]:
        """What every decision or cell brings."""
        if self._pieces is None:
            self._pieces = self._split(as_paths=False)
        return self._pieces

    def _split(self, *, as_paths: bool) -> list[Term | Path]:
        scales = self.scales
        return self.responses.pieces(self.decision, scales.money, scales.outcome, self.weight, as_paths=as_paths)

    def mean_slopes(self, z: Array) -> Array:
        """Mean outcome of one more unit of each decision (N,), scaled."""
        return np.asarray(self.oracle().jacobian(z)[1].mean(axis=0))

    @property
    def alone(self) -> bool:
        """Whether every decision has a curve of its own."""
        return all(isinstance(piece, Term) for piece in self.pieces)

    @property
    def concave(self) -> bool:
        """Whether returns diminish everywhere in every draw."""
        return bool(self.oracle().concave)

    def tables(self, upper: Array) -> Tables:
        """Hulls of the curves, over ranges that hold these upper bounds."""
        known = self._tables
        if known is not None and known.size > MOST_POINTS:
            known = Tables(known.curves, known.upper)
            self._tables = known
        if known is not None and (upper <= known.upper).all():
            return known
        if known is None:
            terms = [piece for piece in self.pieces if isinstance(piece, Term)]
            made = Tables(Curves.of(terms, self.responses.n_draws), upper)
        else:
            made = Tables(known.curves, np.maximum(upper, known.upper))
        self._tables = made
        return made

    def oracle(self) -> Oracle:
        """The outcome as one smooth response."""
        if self._oracle is None:
            n, draws = len(self.decision), self.responses.n_draws
            found = oracle_of(self.pieces, n, draws)
            if not found.concave and not self.alone:
                # Envelopes over ranges are made of paths.
                found = oracle_of(self._split(as_paths=True), n, draws)
            self._oracle = found
        return self._oracle


def capacity_refused() -> ConfigError:
    """What is said of a capacity beside periods that meet in a curve."""
    return ConfigError(
        "a capacity downstream cannot be planned together with freely timed channels that carry over",
        where="[[plan.capacity]]",
        repair=CATALOGUE["P082"].repair,
        id="P082",
    )
