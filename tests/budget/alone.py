"""Random decisions that have curves of their own, and rules over them, scaled as the engine takes them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from budget.curves import Curves, Term
from budget.objective import Objective
from budget.polytope import Polytope, Semi
from outlay.transforms import Array

CONCAVE = ("michaelis_menten", "hill", "tanh", "logistic", "root", "none")
"""All families; ``hill`` with exponents up to one."""

STEEP, FLAT, BENT = (0.3, 0.9), (1.0, 1.0), (1.3, 4.0)
"""Ranges of exponents: infinite slopes at zero, none, and S-shapes."""


@dataclass(frozen=True)
class Alone:
    """Decisions that bring about one together when they share one unit of spend evenly.

    Attributes
    ----------
    shape : str
        ``concave``, ``s`` (a hill above one everywhere), ``mixed``, or the name of one family for all.
    rows : int
        Periods in which a decision acts; more than one have exposure from before.
    negative : float
        Probability that a row's gain is negative.
    """

    n: int = 4
    draws: int = 5
    shape: str = "mixed"
    rows: int = 1
    negative: float = 0.0
    seed: int = 0

    def curves(self) -> Curves:
        rng = np.random.default_rng(self.seed)
        return Curves.of([self._term(rng) for _ in range(self.n)], self.draws)

    def _term(self, rng: np.random.Generator) -> Term:
        kind = self.shape if self.shape not in ("s", "mixed", "concave") else self._kind(rng)
        low, high = {"s": BENT, "steep": STEEP, "root": STEEP}.get(kind, FLAT)
        size = (self.rows, self.draws)
        gain = rng.uniform(0.5, 1.5) * np.exp(0.3 * rng.standard_normal(size)) / self.n / self.rows
        gain = np.where(rng.random((self.rows, 1)) < self.negative, -0.5, 1.0) * gain
        base = rng.uniform(0.0, 0.5, size) * (self.rows > 1)
        unit = self.n * rng.uniform(0.5, 1.5, size)
        half = rng.uniform(0.3, 1.5) * np.exp(0.2 * rng.standard_normal(self.draws))
        family = "hill" if kind in ("s", "steep") else kind
        return Term(family, gain, base, unit, half, rng.uniform(low, high, self.draws))

    def _kind(self, rng: np.random.Generator) -> str:
        if self.shape == "s" or (self.shape == "mixed" and rng.random() < 0.5):
            return "s"
        return str(rng.choice([*CONCAVE, "steep"]))


def one(n: int, most: float = 1.0, total: tuple[float, float] = (1.0, 1.0), **more: object) -> Polytope:
    """Plans of a total within bounds, no decision above ``most``; ``least``, ``rows`` (R, N) up to ``cap``, semis."""
    rows = np.asarray(more.get("rows", np.zeros((0, n))), float)
    cap = np.broadcast_to(np.asarray(more.get("cap", np.inf), float), len(rows))
    semis = more.get("semis", ())
    return Polytope(
        n,
        sp.csr_array(np.vstack([np.ones((1, n)), rows])),
        np.r_[total[0], np.full(len(rows), -np.inf)],
        np.r_[total[1], cap],
        np.broadcast_to(np.asarray(more.get("least", 0.0), float), n).copy(),
        np.broadcast_to(np.asarray(most, float), n).copy(),
        np.zeros(n, bool),
        semis if isinstance(semis, tuple) else (),
    )


def keeps(polytope: Polytope, plans: Array, room: float = 1e-8) -> Array:
    """Which plans (M, N) keep the rules."""
    sums = plans @ polytope.matrix.toarray().T
    good = ((plans >= polytope.lower - room) & (plans <= polytope.upper + room)).all(axis=1)
    good &= ((sums >= polytope.low - room) & (sums <= polytope.high + room)).all(axis=1)
    for semi in polytope.semis:
        total = plans[:, semi.index].sum(axis=1)
        good &= (total <= room) | (total >= semi.least - room)
    return np.asarray(good)


def tried(polytope: Polytope, rng: np.random.Generator, count: int) -> Array:
    """Random plans that keep the rules: many splits of a random total, with some decisions at zero."""
    total = rng.uniform(polytope.low[0], polytope.high[0], (count, 1))
    plans = rng.dirichlet(np.full(polytope.n, rng.choice([0.3, 1.0, 4.0])), size=count)
    plans *= rng.random(plans.shape) < 0.7
    whole = plans.sum(axis=1, keepdims=True)
    plans = np.where(whole > 0, plans / np.where(whole > 0, whole, 1.0), 1.0 / polytope.n) * total
    return np.asarray(plans[keeps(polytope, plans, 0.0 if polytope.semis else 1e-12)])


def worth(curves: Curves, objective: Objective, plans: Array) -> Array:
    """The objective of plans (M, N) at the true curves; minus infinity where the floor is missed."""
    values = []
    for z in plans:
        outcome, spend = curves.draws(z).sum(axis=0), float(z.sum())
        missed = objective.floor_room(outcome, spend) < 0.0
        values.append(-np.inf if missed else objective.value(outcome, spend))
    return np.array(values)


def single(*leasts: float) -> tuple[Semi, ...]:
    """One nothing-or-at-least per decision, in order; zero for none."""
    return tuple(Semi(np.array([j]), least) for j, least in enumerate(leasts) if least > 0)


def grid(n: int, steps: int) -> Array:
    """All plans (M, N) that split one unit into multiples of ``1 / steps``."""
    axes = np.meshgrid(*[np.arange(steps + 1)] * (n - 1), indexing="ij")
    parts = np.stack([axis.ravel() for axis in axes], axis=1)
    parts = parts[parts.sum(axis=1) <= steps]
    return np.asarray(np.c_[parts, steps - parts.sum(axis=1)] / steps)
