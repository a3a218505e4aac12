"""Rules on what some channels get together or against others: ``[[plan.groups]]`` and ``[[plan.ratios]]``."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from budget.cells import Index, money
from budget.config import PlanSection, ShareSection
from budget.rules_grid import Grid
from budget.rules_rule import Kind, Rule, Side
from outlay import style
from outlay.transforms import Array


def share_rules(grid: Grid, section: PlanSection, budget: float) -> Iterator[Rule]:
    """Shares of the total and amounts of channels and groups together.

    A share is a row without an amount of its own, ``sum(part) - share * sum(all)``: it holds for every total, and the
    price of the budget then contains what moves with it.
    """
    for number, group in enumerate(section.groups, 1):
        where = f"[[plan.groups]] {number}"
        cells = grid.select_many(group.channels, group.groups, where)
        periods = grid.stretch(group.first, group.last, where)
        told = None if section.free_total or len(periods) < grid.periods else budget
        yield from _shares(grid, group, (cells, periods), told, where)
        yield from _amounts(grid, group, (cells, periods), where)


def _shares(
    grid: Grid, group: ShareSection, place: tuple[Index, Index], budget: float | None, where: str
) -> Iterator[Rule]:
    cells, periods = place
    scope, when = grid.scope_many(group.channels, group.groups), grid.when(periods)
    base = indicator(grid, np.arange(len(grid.cells), dtype=np.intp), periods)
    kinds: tuple[tuple[Kind, Side, str, float | None], ...] = (
        ("min_share", "low", "at least", group.min_share),
        ("max_share", "high", "at most", group.max_share),
    )
    for kind, side, said, share in kinds:
        if share is None:
            continue
        of = "of the total" if budget is None else f"of the budget ({money(round(share * budget, 2), grid.currency)})"
        words = f"{scope}: {said} {style.written(f'{share * 100:.4g}')} % {of}{when}"
        row = grid.row(cells, periods)
        yield Rule(kind, scope, words, row, np.zeros(1), side, share, "share", base, 0.0, hard=group.hard, where=where)


def _amounts(grid: Grid, group: ShareSection, place: tuple[Index, Index], where: str) -> Iterator[Rule]:
    cells, periods = place
    scope, when = grid.scope_many(group.channels, group.groups), grid.when(periods)
    kinds: tuple[tuple[Kind, Side, str, float | None], ...] = (
        ("min", "low", "at least", group.min),
        ("max", "high", "at most", group.max),
    )
    for kind, side, said, written in kinds:
        if written is None:
            continue
        amount = round(written, 2)
        words = f"{scope}: {said} {money(amount, grid.currency)}{when}"
        row = grid.row(cells, periods)
        yield Rule(kind, scope, words, row, np.array([amount]), side, amount, hard=group.hard, where=where)


def ratio_rules(grid: Grid, section: PlanSection) -> Iterator[Rule]:
    """What some channels get for each unit of currency of others."""
    for number, ratio in enumerate(section.ratios, 1):
        where = f"[[plan.ratios]] {number}"
        cells = grid.select_many(ratio.channels, None, where)
        periods = grid.stretch(ratio.first, ratio.last, where)
        base = indicator(grid, grid.select_many(ratio.to, None, where), periods)
        scope, to = " + ".join(ratio.channels), " + ".join(ratio.to)
        kinds: tuple[tuple[Kind, Side, str, float | None], ...] = (
            ("min_ratio", "low", "at least", ratio.min),
            ("max_ratio", "high", "at most", ratio.max),
        )
        for kind, side, said, amount in kinds:
            if amount is None:
                continue
            words = f"{scope}: {said} {amount:.4g} times {to}{grid.when(periods)}"
            row = grid.row(cells, periods)
            yield Rule(
                kind, scope, words, row, np.zeros(1), side, amount, "ratio", base, 0.0, hard=ratio.hard, where=where
            )


def indicator(grid: Grid, cells: Index, periods: Index) -> Array:
    """Ones on these cells and periods of the flat grid (H * K,)."""
    marked = np.zeros(len(grid))
    marked[grid.positions(cells, periods).ravel()] = 1.0
    return marked
