"""Rules on channels, groups and periods: ``[[plan.bounds]]``, the plan's own limits on change and steps, and locks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from budget._entries_rules import RULE_CATALOGUE
from budget.cells import Index, money
from budget.config import BoundSection, LockSection, PlanSection
from budget.decision import Decision
from budget.reference import ReferencePlan
from budget.rounding import to_the_cent
from budget.rules_grid import Grid
from budget.rules_rule import Kind, Measure, Rule, Side
from outlay.errors import ConfigError
from outlay.transforms import Array

if TYPE_CHECKING:
    from scipy.sparse import csr_array


def bound_rules(grid: Grid, section: PlanSection, reference: ReferencePlan, decision: Decision) -> Iterator[Rule]:
    """The bounds as written, then the plan's ``max_change`` and ``max_step`` on cells that have none of their own."""
    for number, bound in enumerate(section.bounds, 1):
        yield from _Bound(grid, bound, f"[[plan.bounds]] {number}").rules(reference, decision)
    if section.max_change is not None:
        own = _changed(grid, section)
        for channel in grid.cells.channels:
            rest = _Bound(grid, BoundSection(channel=channel, max_change=section.max_change), "[plan] max_change")
            if rest.without(own):
                yield from rest.rules(reference, decision)
    if section.max_step is not None:
        taken = [grid.select(b.channel, b.group, "") for b in section.bounds if b.max_step is not None]
        free = np.setdiff1d(np.flatnonzero(decision.free), np.concatenate([np.empty(0, np.intp), *taken]))
        window = np.arange(grid.periods, dtype=np.intp)
        for cell in free:
            yield step_rule(grid, int(cell), window, section.max_step, decision, hard=False, where="[plan] max_step")


def _changed(grid: Grid, section: PlanSection) -> Index:
    """Cells with a ``max_change`` of their channel's own over the whole window; one in a part leaves the rest open."""
    taken = [np.empty(0, np.intp)]
    for number, bound in enumerate(section.bounds, 1):
        where = f"[[plan.bounds]] {number}"
        if bound.max_change is None or bound.channel is None:
            continue
        if len(grid.stretch(bound.first, bound.last, where)) == grid.periods:
            taken.append(grid.select(bound.channel, bound.group, where))
    return np.unique(np.concatenate(taken))


class _Bound:
    """One ``[[plan.bounds]]`` on its cells and periods."""

    def __init__(self, grid: Grid, bound: BoundSection, where: str) -> None:
        self.grid, self.bound, self.where = grid, bound, where
        self.cells = grid.select(bound.channel, bound.group, where)
        self.periods = grid.stretch(bound.first, bound.last, where)
        self.scope = grid.scope(bound.channel, bound.group)
        self.when = grid.when(self.periods)

    def without(self, others: Index) -> bool:
        """Leave cells to other rules; whether any are left."""
        left = np.setdiff1d(self.cells, others)
        if 0 < len(left) < len(self.cells):
            self.scope = " + ".join(self.grid.cells.label(int(cell)) for cell in left)
        self.cells = left
        return len(left) > 0

    def rules(self, reference: ReferencePlan, decision: Decision) -> Iterator[Rule]:
        yield from self._amounts()
        yield from self._changes(reference)
        yield from self._per_period()
        yield from self._or_zero()
        yield from self._active()
        if self.bound.max_step is not None:
            yield from self._steps(self.bound.max_step, decision)

    def _rule(
        self, kind: Kind, words: str, rows: csr_array, amount: float, side: Side, *, or_zero: bool = False
    ) -> Rule:
        told, hard = f"{self.scope}: {words}", self.bound.hard
        amount = round(amount, 2)
        limit = np.full(rows.shape[0], amount)
        return Rule(kind, self.scope, told, rows, limit, side, amount, or_zero=or_zero, hard=hard, where=self.where)

    def _amounts(self) -> Iterator[Rule]:
        bound, currency = self.bound, self.grid.currency
        row = self.grid.row(self.cells, self.periods)
        if bound.min is not None:
            yield self._rule("min", f"at least {money(bound.min, currency)}{self.when}", row, bound.min, "low")
        if bound.max is not None:
            yield self._rule("max", f"at most {money(bound.max, currency)}{self.when}", row, bound.max, "high")

    def _changes(self, reference: ReferencePlan) -> Iterator[Rule]:
        bound, currency = self.bound, self.grid.currency
        row = self.grid.row(self.cells, self.periods)
        now = float((reference.flighting[self.periods][:, self.cells] * reference.totals[self.cells]).sum())
        sides: tuple[tuple[Side, str, float], ...] = (("low", "at least", -1.0), ("high", "at most", 1.0))
        of = f"{money(round(now, 2), currency)} in the reference plan"
        for side, said, sign in sides:
            if bound.max_change is not None:
                factor = max(1.0 + sign * bound.max_change, 0.0)
                told = money(round(now * factor, 2), currency)
                words = f"{said} {told}{self.when} (max_change {bound.max_change:.4g} of {of})"
                rule = self._rule("max_change", words, row, now * factor, side)
                yield _with_change(rule, bound.max_change, sign * now, now * factor / reference.budget)
            if bound.max_change_amount is not None:
                amount = max(now + sign * bound.max_change_amount, 0.0)
                told = money(bound.max_change_amount, currency)
                words = f"{said} {money(round(amount, 2), currency)}{self.when} (max_change_amount {told} around {of})"
                moves = now / reference.budget if amount > 0 else 0.0
                rule = self._rule("max_change_amount", words, row, amount, side)
                yield _with_change(rule, bound.max_change_amount, sign, moves, "currency")

    def _per_period(self) -> Iterator[Rule]:
        bound, grid = self.bound, self.grid
        rows = grid.rows(self.cells, self.periods)
        each = f"in each {grid.period}{self.when}"
        if bound.period_min is not None:
            words = f"at least {money(bound.period_min, grid.currency)} {each}"
            yield self._rule("period_min", words, rows, bound.period_min, "low")
        if bound.period_max is not None:
            words = f"at most {money(bound.period_max, grid.currency)} {each}"
            yield self._rule("period_max", words, rows, bound.period_max, "high")

    def _or_zero(self) -> Iterator[Rule]:
        bound, grid = self.bound, self.grid
        if bound.min_or_zero is not None:
            row = grid.row(self.cells, self.periods)
            words = f"nothing, or at least {money(bound.min_or_zero, grid.currency)}{self.when}"
            yield self._rule("min_or_zero", words, row, bound.min_or_zero, "low", or_zero=True)
        if bound.min_or_zero_per_period is not None:
            rows = grid.rows(self.cells, self.periods)
            least = money(bound.min_or_zero_per_period, grid.currency)
            words = f"nothing, or at least {least}, in each {grid.period}{self.when}"
            amount = bound.min_or_zero_per_period
            yield self._rule("min_or_zero_per_period", words, rows, amount, "low", or_zero=True)

    def _active(self) -> Iterator[Rule]:
        if self.bound.active is None:
            return
        idle = np.setdiff1d(
            np.arange(self.grid.periods, dtype=np.intp), active_periods(self.grid, self.bound, self.where)
        )
        if not len(idle):
            return
        stretches = ", ".join(f"{first} to {last}" for first, last in self.bound.active)
        row = self.grid.row(self.cells, idle)
        yield self._rule("active", f"spend only from {stretches}", row, 0.0, "high")

    def _steps(self, most: float, decision: Decision) -> Iterator[Rule]:
        given = [self.grid.cells.label(int(cell)) for cell in self.cells if not decision.free[cell]]
        if given:
            raise ConfigError(
                f"max_step limits the steps of {', '.join(given[:8])}, whose timing is given",
                where=self.where,
                repair=RULE_CATALOGUE["P071"].repair,
                id="P071",
            )
        for cell in self.cells:
            yield step_rule(self.grid, int(cell), self.periods, most, decision, hard=self.bound.hard, where=self.where)


def active_periods(grid: Grid, bound: BoundSection, where: str) -> Index:
    """Positions of the periods in which a bound lets its cells spend."""
    stretches = [grid.stretch(first, last, where) for first, last in bound.active or ()]
    return np.unique(np.concatenate(stretches)) if stretches else np.arange(grid.periods, dtype=np.intp)


def _with_change(rule: Rule, amount: float, gain: float, per_budget: float, measure: Measure = "change") -> Rule:
    return replace(rule, amount=amount, gain=gain, per_budget=per_budget, measure=measure)


def step_rule(
    grid: Grid, cell: int, periods: Index, most: float, decision: Decision, *, hard: bool, where: str
) -> Rule:
    """Pacing of one freely timed cell: steps between neighbouring periods, in parts of its mean spend per period."""
    from scipy.sparse import csr_array

    on = decision.active[:, cell]
    pairs = [(int(t), int(t) + 1) for t in periods[:-1] if on[t] and on[t + 1]]
    n_cells, n_rows = len(grid.cells), 2 * len(pairs)
    before = np.array([pair[0] for pair in pairs], np.intp) * n_cells + cell
    after = np.array([pair[1] for pair in pairs], np.intp) * n_cells + cell
    line = np.arange(n_rows)
    up, down = line[: len(pairs)], line[len(pairs) :]
    ones = np.ones(len(pairs))
    rows = csr_array(
        (
            np.concatenate([ones, -ones, ones, -ones]),
            (np.concatenate([up, up, down, down]), np.concatenate([after, before, before, after])),
        ),
        shape=(n_rows, len(grid)),
    )
    base: Array = np.zeros(len(grid))
    base[cell::n_cells] = 1.0 / grid.periods
    scope = grid.cells.label(cell)
    mean = f"its mean {grid.period}"
    words = f"{scope}: steps of at most {most:.4g} of {mean} from one {grid.period} to the next{grid.when(periods)}"
    return Rule(
        "max_step", scope, words, rows, np.zeros(n_rows), "high", most, "step", base, 0.0, hard=hard, where=where
    )


def lock_rules(grid: Grid, section: PlanSection, reference: ReferencePlan, decision: Decision) -> Iterator[Rule]:
    """Spend that is already decided: an amount, or the reference plan's amounts one by one."""
    for number, lock in enumerate(section.locks, 1):
        where = f"[[plan.locks]] {number}"
        cells = grid.select(lock.channel, lock.group, where)
        periods = grid.stretch(lock.first, lock.last, where)
        if lock.spend is None:
            yield _lock_at_reference(grid, lock, (cells, periods), reference, decision, where)
            continue
        scope, amount = grid.scope(lock.channel, lock.group), round(lock.spend, 2)
        words = f"{scope}: exactly {money(amount, grid.currency)}{grid.when(periods)} (locked)"
        row = grid.row(cells, periods)
        yield Rule("lock", scope, words, row, np.array([amount]), "both", amount, hard=lock.hard, where=where)


def _lock_at_reference(
    grid: Grid,
    lock: LockSection,
    place: tuple[Index, Index],
    reference: ReferencePlan,
    decision: Decision,
    where: str,
) -> Rule:
    """Every period of a freely timed cell by itself; the sum over the periods where the timing is given."""
    from scipy.sparse import vstack

    cells, periods = place
    blocks, limits = [], []
    for cell in cells:
        alone, total = np.array([cell], np.intp), float(reference.totals[cell])
        now = to_the_cent(reference.flighting[:, cell] * total, total)[periods]
        if decision.free[cell]:
            blocks.append(grid.rows(alone, periods))
            limits.append(now)
        else:
            blocks.append(grid.row(alone, periods))
            limits.append(now.sum(keepdims=True).round(2))
    limit = np.concatenate(limits)
    scope, all_told = grid.scope(lock.channel, lock.group), round(float(limit.sum()), 2)
    amount = all_told if len(limit) == 1 else None
    told = money(all_told, grid.currency)
    words = f"{scope}: as in the reference plan, {told}{grid.when(periods)} (locked)"
    rows, moves = vstack(blocks, format="csr"), limit / reference.budget
    return Rule("lock", scope, words, rows, limit, "both", amount, per_budget=moves, hard=lock.hard, where=where)
