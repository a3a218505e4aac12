"""scipy's SLSQP with exact gradients: from the even split, as PyMC-Marketing starts it, or from ten points."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np
from scipy.optimize import minimize

from benchmarks.budget.answer import Answer, project
from benchmarks.budget.curves import CHORD, Array
from benchmarks.budget.instances import Instance, Rules
from benchmarks.budget.windows import Window

OPTIONS = {"maxiter": 1000, "ftol": 1e-9}
"""As PyMC-Marketing sets them; the objective is in multiples of the last plan's outcome, spend in shares."""

Loss = Callable[[Array], tuple[float, Array]]


class OutOfTime(Exception):
    """The clock of a run."""


@dataclass
class Clock:
    """Stops a run after some seconds, and remembers the last point."""

    limit: float
    started: float
    last: Array

    def __call__(self, point: Array) -> None:
        """scipy's callback, after every iteration."""
        self.last = point.copy()
        if perf_counter() - self.started > self.limit:
            raise OutOfTime


@dataclass(frozen=True, eq=False)
class Shares:
    """A problem in shares of the budget: bounds (K,), and rows of ``matrix @ x >= low`` beside ``sum(x) = 1``."""

    lower: Array
    upper: Array
    matrix: Array
    low: Array

    @classmethod
    def of(cls, instance: Instance, rules: Rules | None = None) -> Shares:
        """The bounds and the shares of an instance."""
        cells = np.arange(instance.cells)
        rows = [1.0 * np.isin(cells, members) - share for members, share in (rules.shares if rules else ())]
        matrix = np.array(rows).reshape(len(rows), len(cells))
        return cls(instance.lower / instance.budget, instance.upper / instance.budget, matrix, np.zeros(len(rows)))


def climb(loss: Loss, shares: Shares, start: Array, limit: float = np.inf) -> tuple[Array, float, str]:
    """Shares, value and ending of one run."""
    ones = np.ones(len(start))
    rules: list[dict[str, Any]] = [{"type": "eq", "fun": lambda x: x.sum() - 1.0, "jac": lambda x: ones}]
    if len(shares.matrix):
        rules.append({"type": "ineq", "fun": lambda x: shares.matrix @ x - shares.low, "jac": lambda x: shares.matrix})
    clock = Clock(limit, perf_counter(), start)
    try:
        found: Any = minimize(
            loss,
            start,
            jac=True,
            method="SLSQP",
            bounds=list(zip(shares.lower, shares.upper, strict=True)),
            constraints=rules,
            options=OPTIONS,
            callback=clock,
        )
    except OutOfTime:
        point, status = clock.last, f"stopped after {limit:g} s"
    else:
        point, status = found.x, ending(found)
    point = np.clip(point, shares.lower, shares.upper)
    return point, -loss(point)[0], status


def ending(found: Any) -> str:
    """How scipy ended."""
    return f"{'converged' if found.success else found.message}, {found.nit} iterations"


def mean_loss(instance: Instance) -> Loss:
    """Less the mean outcome, in last plans, and its gradient."""
    budget, scale, curves = instance.budget, instance.scale, instance.curves

    def loss(point: Array) -> tuple[float, Array]:
        value, slope = curves.mean(np.maximum(point, 0.0) * budget, CHORD)
        return -float(value.sum()) / scale, -slope * (budget / scale)

    return loss


def tail_loss(instance: Instance, level: float) -> Loss:
    """Less the mean outcome of the worst ``level`` of draws, and a subgradient."""
    budget, scale, curves = instance.budget, instance.scale, instance.curves
    worst = round(level * curves.draws)

    def loss(point: Array) -> tuple[float, Array]:
        value, slope = curves.per_draw(np.maximum(point, 0.0) * budget, CHORD)
        tail = np.argpartition(value.sum(axis=0), worst)[:worst]
        gain = slope[:, tail].mean(axis=1)
        return -float(value[:, tail].sum(axis=0).mean()) / scale, -gain * (budget / scale)

    return loss


def even(shares: Shares) -> Array:
    """The even split, clipped to the bounds as scipy does."""
    return np.clip(np.full(len(shares.lower), 1.0 / len(shares.lower)), shares.lower, shares.upper)


def solve(instance: Instance, limit: float = np.inf) -> Answer:
    """One run from the even split."""
    started = perf_counter()
    shares = Shares.of(instance)
    point, _, status = climb(mean_loss(instance), shares, even(shares), limit)
    return Answer(point * instance.budget, perf_counter() - started, 0.0, status)


def solve_many(instance: Instance, starts: int = 10) -> Answer:
    """The best of ten runs: the even split, the last plan, and eight random plans within the rules."""
    started = perf_counter()
    rng = np.random.default_rng(0)
    shares = Shares.of(instance)
    near = [instance.last / instance.last.sum(), *rng.dirichlet(np.full(instance.cells, 0.5), starts - 2)]
    points = [even(shares), *(project(point, shares.lower, shares.upper, 1.0) for point in near)]
    runs = [climb(mean_loss(instance), shares, point) for point in points]
    kept = [run for run in runs if abs(run[0].sum() - 1.0) <= 1e-6] or runs
    point, _, status = max(kept, key=lambda run: run[1])
    return Answer(point * instance.budget, perf_counter() - started, 0.0, f"best of {starts}: {status}")


def solve_tail(instance: Instance, level: float, limit: float = np.inf) -> Answer:
    """The mean of the worst draws, by subgradients, from the even split."""
    started = perf_counter()
    shares = Shares.of(instance)
    point, _, status = climb(tail_loss(instance, level), shares, even(shares), limit)
    return Answer(point * instance.budget, perf_counter() - started, 0.0, status)


def solve_ruled(instance: Instance, rules: Rules, limit: float = np.inf) -> Answer:
    """With shares; cells that end below half their least are closed, others raised to it, and SLSQP is run again."""
    started = perf_counter()
    shares = Shares.of(instance, rules)
    point, _, status = climb(mean_loss(instance), shares, even(shares), limit)
    lower, upper = shares.lower.copy(), shares.upper.copy()
    for cell, amount in rules.least:
        if point[cell] < 0.5 * amount / instance.budget:
            upper[cell] = 0.0
        else:
            lower[cell] = max(lower[cell], amount / instance.budget)
    again = Shares(lower, upper, shares.matrix, shares.low)
    point, _, status = climb(mean_loss(instance), again, project(point, lower, upper, 1.0), limit)
    return Answer(point * instance.budget, perf_counter() - started, 0.0, status)


def solve_window(window: Window, limit: float) -> Answer:
    """A plan by week (C, H), in shares, from the last plan."""
    started = perf_counter()
    shape = window.level.shape
    scale = window.mean(window.level)[0]
    rows = np.kron(np.eye(window.channels), np.ones(window.weeks))
    shares = Shares(
        np.zeros(window.level.size),
        window.most.ravel(),
        np.concatenate([rows, -rows]),
        np.concatenate([0.5 * window.share, -2.0 * window.share]),
    )

    def loss(point: Array) -> tuple[float, Array]:
        value, gradient = window.mean(np.maximum(point, 0.0).reshape(shape))
        return -value / scale, -gradient.ravel() / scale

    point, _, status = climb(loss, shares, window.level.ravel(), limit)
    return Answer(point, perf_counter() - started, 0.0, status)
