"""The range seen, for single periods of cells that are timed freely: beyond it no period was ever observed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from budget.cells import money
from budget.decision import Decision
from budget.reference import ReferencePlan
from budget.rules_grid import Grid
from budget.rules_rule import Kind, Rule
from outlay.transforms import Array

_ASKING: tuple[Kind, ...] = ("min", "lock", "min_or_zero", "min_or_zero_per_period", "period_min")


def period_range(
    grid: Grid, rules: list[Rule], reference: ReferencePlan, decision: Decision, ceiling: Array
) -> list[Rule]:
    """A most for every period of a freely timed cell: the largest period seen, margin included, (K,).

    Wider where the reference plan or the user's own amounts ask for more; left out where he wrote a ``period_max``.
    """
    most = np.maximum(np.broadcast_to(ceiling, reference.spend.shape), reference.spend).copy()
    _grant(most, rules)
    stated = _stated(rules, len(grid.cells))
    found = []
    for cell in np.flatnonzero(decision.free & ~stated):
        scope = grid.cells.label(int(cell))
        least = money(round(float(ceiling[cell]), 2), grid.currency)
        wider = " (more where the reference plan or a rule has more)" if (most[:, cell] > ceiling[cell]).any() else ""
        words = f"{scope}: at most {least} in each {grid.period}, the range seen{wider}"
        rows = grid.rows(np.array([cell], np.intp), np.arange(grid.periods, dtype=np.intp))
        limit = np.asarray(np.round(most[:, cell], 2), float)
        found.append(Rule("range", scope, words, rows, limit, "high", float(ceiling[cell]), where="[plan]"))
    return found


def _grant(most: Array, rules: list[Rule]) -> None:
    """Raise the limit of every period to what a rule asks for there; a sum is granted evenly over its places."""
    flat = most.reshape(-1)
    for rule in rules:
        if rule.kind not in _ASKING:
            continue
        for row in range(rule.rows.shape[0]):
            at = rule.rows.indices[rule.rows.indptr[row] : rule.rows.indptr[row + 1]]
            flat[at] = np.maximum(flat[at], float(rule.limit[row]) / max(len(at), 1))


def _stated(rules: list[Rule], n_cells: int) -> NDArray[np.bool_]:
    """Cells whose own ``period_max`` stands in for the range, (K,)."""
    stated = np.zeros(n_cells, bool)
    for rule in rules:
        if rule.kind == "period_max":
            cells = np.unique(rule.rows.indices % n_cells)
            stated[cells] |= len(cells) == 1
    return stated
