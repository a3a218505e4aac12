"""What is decided: one total per cell whose timing is given, every period of a cell whose timing is free."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from budget._entries_rules import RULE_CATALOGUE
from budget.cells import Index
from budget.config import PlanSection
from budget.reference import ReferencePlan
from budget.rules_grid import Grid
from outlay.errors import ConfigError
from outlay.findings import Finding
from outlay.transforms import Array

if TYPE_CHECKING:
    from scipy.sparse import csr_array


@dataclass(frozen=True, eq=False)
class Decision:
    """Decisions z (N,), in currency or any scale of it, and the plan ``x = spread @ z`` on the grid.

    Attributes
    ----------
    spread : csr_array (H * K, N)
        Each column sums to one, so that ``sum(z)`` is the plan's total.
    cell : ndarray (N,)
        Cell of each decision; the decisions of one cell stand together.
    period : ndarray (N,)
        Period of a decision on a single one; -1 where it is a cell's total.
    timing : tuple of str
        Per cell: ``reference``, ``even``, ``pattern`` or ``free``.
    shape : ndarray (H, K)
        Share of a cell's total per period: what is given, and for a free cell the reference plan's.
    active : ndarray (H, K) of bool
        Where spend may run.
    findings : tuple of Finding
    """

    spread: csr_array
    cell: Index
    period: Index
    timing: tuple[str, ...]
    shape: Array
    active: NDArray[np.bool_]
    findings: tuple[Finding, ...] = ()

    def __len__(self) -> int:
        return len(self.cell)

    @property
    def free(self) -> NDArray[np.bool_]:
        """Which cells are decided period by period, (K,)."""
        return np.array([timing == "free" for timing in self.timing])

    def columns(self, cell: int) -> Index:
        """Positions of a cell's decisions."""
        return np.flatnonzero(self.cell == cell)

    def spend(self, z: Array) -> Array:
        """The plan on the grid (H, K)."""
        return np.asarray(self.spread @ z).reshape(self.shape.shape)

    def totals(self, z: Array) -> Array:
        """Total per cell (K,)."""
        return np.bincount(self.cell, weights=z, minlength=self.shape.shape[1]).astype(float)

    def of(self, spend: Array) -> Array:
        """Decisions (N,) of a plan on the grid (H, K); given timings keep the totals and drop the plan's own."""
        totals = spend.sum(axis=0)
        return np.where(self.period < 0, totals[self.cell], spend[np.maximum(self.period, 0), self.cell])


def build_decision(grid: Grid, section: PlanSection, reference: ReferencePlan) -> Decision:
    """Settle every cell's timing.

    Raises
    ------
    ConfigError
        P072 for patterns that do not fit, P073 where two bounds give one cell different timings.
    """
    timing, pattern = _timings(grid, section)
    active = _active(grid, section)
    shape, cut = np.empty((grid.periods, len(grid.cells))), []
    for cell, name in enumerate(timing):
        on = active[:, cell]
        given = {"even": np.ones(grid.periods), "pattern": pattern.get(cell)}.get(name)
        wanted = np.asarray(reference.flighting[:, cell] if given is None else given, float)
        kept = np.where(on, wanted, 0.0)
        shape[:, cell] = kept / kept.sum() if kept.sum() > 0 else on / on.sum()
        if name == "reference" and kept.sum() < wanted.sum() - 1e-12:
            cut.append(grid.cells.label(cell))
    findings: tuple[Finding, ...] = ()
    if cut:
        what = f"the reference plan's timing is cut to the active stretches: {', '.join(cut[:8])}"
        findings = (RULE_CATALOGUE.finding("P077", "[[plan.bounds]] active", what),)
    return Decision(*_columns(timing, shape), timing, shape, active, findings)


def _columns(timing: tuple[str, ...], shape: Array) -> tuple[csr_array, Index, Index]:
    from scipy.sparse import csr_array

    periods, n_cells = shape.shape
    each = [np.arange(periods) if name == "free" else np.array([-1]) for name in timing]
    period = np.concatenate(each).astype(np.intp)
    cell = np.repeat(np.arange(n_cells, dtype=np.intp), [len(one) for one in each])
    rows, columns, values = [], [], []
    for column, (k, t) in enumerate(zip(cell, period, strict=True)):
        at = np.flatnonzero(shape[:, k]) if t < 0 else np.array([t])
        rows.append(at * n_cells + k)
        columns.append(np.full(len(at), column))
        values.append(shape[at, k] if t < 0 else np.ones(1))
    spread = csr_array(
        (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), shape=(shape.size, len(cell))
    )
    return spread, cell, period


def _timings(grid: Grid, section: PlanSection) -> tuple[tuple[str, ...], dict[int, Array]]:
    """Timing of every cell, and the patterns."""
    timing: dict[int, str] = {}
    pattern: dict[int, Array] = {}
    for number, bound in enumerate(section.bounds, 1):
        if bound.timing is None:
            continue
        where = f"[[plan.bounds]] {number}"
        numbers = np.asarray(bound.timing, float) if isinstance(bound.timing, tuple) else None
        if numbers is not None:
            _ensure_length(len(numbers), grid, where)
        name = "pattern" if numbers is not None else str(bound.timing)
        for cell in grid.select(bound.channel, bound.group, where):
            same = numbers is None or np.array_equal(pattern.get(int(cell), numbers), numbers)
            if timing.setdefault(int(cell), name) != name or not same:
                raise _two(f"{grid.cells.label(int(cell))} is given two timings", where)
            if numbers is not None:
                pattern[int(cell)] = numbers
    locked = _locked(grid, section)
    names = tuple(
        timing.get(cell, "reference" if cell in locked else section.timing) for cell in range(len(grid.cells))
    )
    return names, pattern


def _locked(grid: Grid, section: PlanSection) -> set[int]:
    """Cells that are locked at the reference plan for the whole window: its timing is locked with it."""
    found: set[int] = set()
    for number, lock in enumerate(section.locks, 1):
        where = f"[[plan.locks]] {number}"
        if lock.spend is None and len(grid.stretch(lock.first, lock.last, where)) == grid.periods:
            found.update(int(cell) for cell in grid.select(lock.channel, lock.group, where))
    return found


def _active(grid: Grid, section: PlanSection) -> NDArray[np.bool_]:
    """Where spend may run, (H, K)."""
    active = np.ones((grid.periods, len(grid.cells)), bool)
    stated: dict[int, NDArray[np.bool_]] = {}
    for number, bound in enumerate(section.bounds, 1):
        if bound.active is None:
            continue
        where = f"[[plan.bounds]] {number}"
        on = np.zeros(grid.periods, bool)
        for first, last in bound.active:
            on[grid.stretch(first, last, where)] = True
        if isinstance(bound.timing, tuple):
            _ensure_inside(np.asarray(bound.timing) * ~on[: len(bound.timing)], where)
        for cell in grid.select(bound.channel, bound.group, where):
            if not np.array_equal(stated.setdefault(int(cell), on), on):
                raise _two(f"{grid.cells.label(int(cell))} is given two sets of active stretches", where)
            active[:, cell] = on
    return active


def _ensure_length(length: int, grid: Grid, where: str) -> None:
    if length == grid.periods:
        return
    raise ConfigError(
        f"the pattern has {length} numbers and the window {grid.periods} {grid.period}s",
        where=where,
        repair=RULE_CATALOGUE["P072"].repair,
        id="P072",
    )


def _ensure_inside(outside: Array, where: str) -> None:
    if not outside.any():
        return
    raise ConfigError(
        f"the pattern has spend in period {int(np.flatnonzero(outside)[0]) + 1} of the window, which is not active",
        where=where,
        repair=RULE_CATALOGUE["P072"].repair,
        id="P072",
    )


def _two(what: str, where: str) -> ConfigError:
    return ConfigError(what, where=where, repair=RULE_CATALOGUE["P073"].repair, id="P073")
