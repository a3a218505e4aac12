"""Dynamic programming on 2,000 steps of the budget: the best plan on a grid, whatever the shape of the curves.

It is the reference and no rival: no plan on the grid is better, so a solver that ends below it has lost something. With
``polish`` the grid's plan is the start of one SLSQP run, which takes what lies between the steps.
"""

from __future__ import annotations

from time import perf_counter

import numpy as np

from benchmarks.budget.answer import Answer
from benchmarks.budget.curves import Array
from benchmarks.budget.instances import Instance
from benchmarks.budget.slsqp import Shares, climb, mean_loss

STEPS = 2000


def solve(instance: Instance, steps: int = STEPS) -> Answer:
    """The best plan whose spends are the least ones plus whole steps."""
    started = perf_counter()
    step = (instance.budget - instance.lower.sum()) / steps
    room = np.minimum(np.floor((instance.upper - instance.lower) / step + 1e-9), steps).astype(int)
    best = np.full(steps + 1, -np.inf)
    best[0] = 0.0
    chosen = np.zeros((instance.cells, steps + 1), dtype=int)
    for cell in range(instance.cells):
        spends = instance.lower[cell] + step * np.arange(room[cell] + 1)
        best, chosen[cell] = _add(best, instance.curves.along(cell, spends))
    spend, left = np.empty(instance.cells), steps
    for cell in reversed(range(instance.cells)):
        spend[cell] = instance.lower[cell] + step * chosen[cell, left]
        left -= chosen[cell, left]
    return Answer(spend, perf_counter() - started, 0.0, f"best of {steps} steps")


def _add(best: Array, outcome: Array) -> tuple[Array, np.ndarray]:
    """Values and choices when one more cell may take 0, 1, ... steps of what is left."""
    count, most = len(best), len(outcome) - 1
    padded = np.concatenate([np.full(most, -np.inf), best])
    windows = np.lib.stride_tricks.sliding_window_view(padded, most + 1)[:, ::-1]  # [b, i] = best[b - i]
    new, choice = np.empty(count), np.empty(count, dtype=int)
    for start in range(0, count, 128):
        block = windows[start : start + 128] + outcome
        choice[start : start + 128] = block.argmax(axis=1)
        new[start : start + 128] = block[np.arange(len(block)), choice[start : start + 128]]
    return new, choice


def solve_polished(instance: Instance) -> Answer:
    """The grid's plan, and one SLSQP run from it; the better of the two."""
    started = perf_counter()
    grid = solve(instance)
    shares, value, status = climb(mean_loss(instance), Shares.of(instance), grid.spend / instance.budget)
    better = value * instance.scale >= instance.curves.total(grid.spend) and abs(shares.sum() - 1.0) <= 1e-6
    spend = shares * instance.budget if better else grid.spend
    return Answer(spend, perf_counter() - started, 0.0, f"{grid.status}, then {status}")
