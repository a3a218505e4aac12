"""Outlay's engines on an instance, with their proof: what ``budget.optimize`` runs once a plan is posed."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter

import numpy as np
from scipy.sparse import csr_array

from benchmarks.budget.answer import Answer
from benchmarks.budget.curves import Array
from benchmarks.budget.instances import SHAPES, Instance, Recipe, Rules, draw, draw_rules
from benchmarks.budget.windows import Window, draw_window
from budget.curves import Curves, Term
from budget.known_curves import Tables
from budget.objective import Objective
from budget.optimum import Optimum
from budget.oracles import CurveOracle
from budget.paths import Path, PathOracle
from budget.polytope import Polytope, Semi
from budget.separable import maximise
from budget.smooth import maximise as climb

MOST = Objective()
"""The most outcome on average."""


@dataclass(frozen=True, eq=False)
class Session:
    """Curves that were met once: the next scenario costs a solve only. Spend in budgets, outcome in last plans."""

    instance: Instance
    scale: float
    tables: Tables
    seconds: float

    def solve(self, budget: float | None = None, objective: Objective = MOST, rules: Rules | None = None) -> Answer:
        """The best plan for a budget (the instance's own, unless another is said)."""
        started = perf_counter()
        money = self.instance.budget
        polytope = compile_rules(self.instance, budget or money, rules or Rules())
        curves = self.tables.curves
        if objective.risky and curves.concave.all():  # as budget.engine chooses
            found = climb(CurveOracle(curves, np.arange(curves.n), curves.n), polytope, objective, time_limit=60.0)
        else:
            found = maximise(self.tables, polytope, objective, time_limit=60.0)
        return Answer(found.z * money, perf_counter() - started, self.seconds, told(found), found.bound * self.scale)


def compile_rules(instance: Instance, budget: float, rules: Rules) -> Polytope:
    """The rules in shares of the instance's budget."""
    cells, money = instance.cells, instance.budget
    rows: list[Array] = [np.ones(cells)]
    rows += [np.where(np.isin(np.arange(cells), members), 1.0, 0.0) - share for members, share in rules.shares]
    low = np.zeros(len(rows))
    low[0] = budget / money
    high = np.full(len(rows), np.inf)
    high[0] = low[0]
    return Polytope(
        cells,
        csr_array(np.array(rows)),
        low,
        high,
        instance.lower / money,
        instance.upper / money,
        np.zeros(cells, dtype=bool),
        tuple(Semi(np.array([cell]), amount / money) for cell, amount in rules.least),
    )


def told(found: Optimum) -> str:
    """How it ended."""
    return f"{found.status}, {found.nodes} nodes, {found.rounds} programs, gap {found.gap:.1e}"


def prepare(instance: Instance) -> Session:
    """Tabulate the curves."""
    started = perf_counter()
    scale = instance.scale
    curves = instance.curves
    terms = [_term(instance, cell) for cell in range(curves.cells)]
    scaled = Curves.of(terms, curves.draws).scaled(instance.budget, scale)
    tables = Tables(scaled, instance.upper / instance.budget)
    return Session(instance, scale, tables, perf_counter() - started)


def _term(instance: Instance, cell: int) -> Term:
    """One cell's curve: a single row, nothing spent before."""
    curves = instance.curves
    row = np.ones((1, curves.draws))
    return Term(
        curves.family[cell],
        curves.gain[None, :, cell],
        0.0 * row,
        row / curves.unit[cell],
        curves.half[:, cell],
        curves.exponent[:, cell],
    )


def solve(instance: Instance, objective: Objective = MOST, rules: Rules | None = None) -> Answer:
    """From the curves to the plan and its proof; nothing is kept from before."""
    started = perf_counter()
    session = prepare(instance)
    answer = session.solve(None, objective, rules)
    return Answer(answer.spend, perf_counter() - started, 0.0, answer.status, answer.bound)


def solve_window(window: Window, time_limit: float = 60.0) -> Answer:
    """A plan by week (C, H), in shares, by the engine for coupled periods; the bound is in last plans' outcome too."""
    started = perf_counter()
    scale, weeks, size = window.mean(window.level)[0], window.weeks, window.level.size
    lags = window.weights.shape[2]
    paths = [
        Path(
            gain=window.gain[:, c, None] * window.value[c] / scale,
            weights=window.weights[:, c],
            lead=np.zeros(lags - 1),
            unit=weeks / float(window.share[c]),
            family="michaelis_menten",
            half=window.half[:, c],
            exponent=np.ones(len(window.half)),
            spread=np.eye(weeks),
            columns=np.arange(c * weeks, (c + 1) * weeks),
        )
        for c in range(window.channels)
    ]
    totals = np.kron(np.eye(window.channels), np.ones(weeks))
    polytope = Polytope(
        size,
        csr_array(np.concatenate([np.ones((1, size)), totals])),
        np.append(1.0, 0.5 * window.share),
        np.append(1.0, 2.0 * window.share),
        np.zeros(size),
        window.most.ravel(),
        np.zeros(size, dtype=bool),
    )
    found = climb(PathOracle(paths, size), polytope, MOST, aim=1e-5, time_limit=time_limit)
    return Answer(found.z, perf_counter() - started, 0.0, told(found), found.bound * scale)


def solve_tail(instance: Instance, level: float) -> Answer:
    """The mean of the worst ``level`` of draws instead of all."""
    return solve(instance, Objective(weight=1.0, level=level))


def warm_up() -> None:
    """Small problems of every kind, so that compiled code is loaded before the clock starts."""
    for shape in SHAPES:
        small = draw(Recipe(shape, "open", 6, 20), 0)
        solve(small, rules=draw_rules(small, 0))
        solve_tail(small, 0.1)
    solve_window(draw_window(2, 4, 10, 3))
