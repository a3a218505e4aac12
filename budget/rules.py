"""All rules of a plan, from the project file and from the range seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from budget._entries_rules import RULE_CATALOGUE
from budget.cells import Index, money
from budget.config import PlanSection
from budget.decision import Decision
from budget.reference import ReferencePlan
from budget.rules_bounds import bound_rules, lock_rules
from budget.rules_grid import Grid
from budget.rules_range import period_range
from budget.rules_rule import CENT, Kind, Measure, Rule, Side
from budget.rules_shares import ratio_rules, share_rules
from outlay.findings import Finding
from outlay.transforms import Array

__all__ = ["CENT", "Kind", "Measure", "Rule", "Rules", "Side", "build_rules"]

WITHOUT_LIMIT = 10.0
"""Most total of a free plan that nothing limits, in multiples of the reference plan's."""


@dataclass(frozen=True, eq=False)
class Rules:
    """All rules of a plan.

    Attributes
    ----------
    grid : Grid
    budget : float
        The total; where it is free, the reference plan's.
    free : bool
        Whether the optimizer chooses the total.
    most : float
        What no plan's total can exceed, in currency.
    every : tuple of Rule
        All rules, the total's first.
    findings : tuple of Finding
    """

    grid: Grid
    budget: float
    free: bool
    most: float
    every: tuple[Rule, ...]
    findings: tuple[Finding, ...] = ()

    def broken_by(self, spend: Array, tolerance: float = CENT) -> list[Rule]:
        """The rules that a plan on the grid (H, K) breaks by more than a cent: two of a step, which has two amounts."""
        return [rule for rule in self.every if rule.excess(spend) > tolerance * (1 + (rule.kind == "max_step"))]

    def on_cells(self) -> tuple[Array, Array]:
        """The tightest least and most that rules on single cells set for their totals, (K,) each, in currency."""
        lower, upper = np.zeros(len(self.grid.cells)), np.full(len(self.grid.cells), self.most)
        for rule in self.every:
            cell = whole_cell(rule, self.grid)
            if cell is None:
                continue
            if rule.at_least:
                lower[cell] = max(lower[cell], float(rule.limit[0]))
            if rule.at_most:
                upper[cell] = min(upper[cell], float(rule.limit[0]))
        return lower, upper


def whole_cell(rule: Rule, grid: Grid) -> int | None:
    """The cell whose whole total a rule is about; None for all other rules."""
    if rule.rows.shape[0] != 1 or rule.base is not None or rule.rows.nnz != grid.periods:
        return None
    cells = np.unique(rule.rows.indices % len(grid.cells))
    return int(cells[0]) if len(cells) == 1 else None


def build_rules(
    grid: Grid,
    section: PlanSection,
    reference: ReferencePlan,
    decision: Decision,
    ceiling: Array | None,
    unknown: NDArray[np.bool_],
    period_ceiling: Array | None = None,
) -> Rules:
    """Turn the project file's rules into :class:`Rules`.

    Parameters
    ----------
    grid : Grid
    section : PlanSection
    reference : ReferencePlan
    decision : Decision
        Which cells are timed freely.
    ceiling : ndarray (K,) or None
        Largest spend inside the range seen, margin included; None switches the limit off.
    unknown : ndarray (K,) of bool
        Cells without a known cost, which stay at zero.
    period_ceiling : ndarray (K,) or None
        The same as ``ceiling`` for a single period of freely timed cells.

    Raises
    ------
    ConfigError
        P001, P002 and P016 for names, P070 for days, P071 for steps of a given timing.
    """
    bounds = [*bound_rules(grid, section, reference, decision), *lock_rules(grid, section, reference, decision)]
    others = [*share_rules(grid, section, reference.budget), *ratio_rules(grid, section)]
    ranges = [] if ceiling is None else _range(grid, bounds, reference, ceiling)
    if period_ceiling is not None:
        ranges += period_range(grid, bounds, reference, decision, period_ceiling)
    costless = [_no_cost(grid, int(cell)) for cell in np.flatnonzero(unknown)]
    rules = [*bounds, *others, *ranges, *costless]
    total, most, findings = _total(grid, section, reference, rules)
    return Rules(grid, reference.budget, section.free_total, most, (*total, *rules), findings)


def _no_cost(grid: Grid, cell: int) -> Rule:
    label = grid.cells.label(cell)
    words = f"{label}: no spend, as its cost is not known"
    row = grid.row(np.array([cell], np.intp), _window(grid))
    return Rule("no cost", label, words, row, np.zeros(1), "high", 0.0, hard=True)


def _window(grid: Grid) -> Index:
    return np.arange(grid.periods, dtype=np.intp)


def _total(
    grid: Grid, section: PlanSection, reference: ReferencePlan, rules: list[Rule]
) -> tuple[list[Rule], float, tuple[Finding, ...]]:
    """The rules on the total, what it cannot exceed, and what was assumed for that."""
    row = grid.row(np.arange(len(grid.cells), dtype=np.intp), _window(grid))
    if not section.free_total:
        budget = reference.budget
        words = f"the budget is {money(budget, grid.currency)}"
        where = "[plan] budget"
        return (
            [Rule("budget", "the budget", words, row, np.array([budget]), "both", budget, per_budget=1.0, where=where)],
            budget,
            (),
        )

    def rule(kind: Kind, amount: float, side: Side, words: str) -> Rule:
        place = f"[plan] {kind}"
        return Rule(kind, "the total", words, row, np.array([round(amount, 2)]), side, round(amount, 2), where=place)

    found = []
    if section.budget_min:
        found.append(
            rule("budget_min", section.budget_min, "low", f"at least {money(section.budget_min, grid.currency)} in all")
        )
    reach = float(_reach(grid, rules).sum())
    if section.budget_max is not None:
        words = f"at most {money(section.budget_max, grid.currency)} in all"
        return [*found, rule("budget_max", section.budget_max, "high", words)], section.budget_max, ()
    if np.isfinite(reach):
        return found, reach, ()
    most = round(max(WITHOUT_LIMIT * reference.budget, 2.0 * (section.budget_min or 0.0)), 2)
    words = f"at most {money(most, grid.currency)} in all, as nothing else limits the total"
    finding = RULE_CATALOGUE.finding("P076", "[plan] budget_max", words)
    return [*found, rule("budget_max", most, "high", words)], most, (finding,)


def _reach(grid: Grid, rules: list[Rule]) -> Array:
    """The most that any rule with an amount lets each cell have over the window, (K,)."""
    reach = np.full((grid.periods, len(grid.cells)), np.inf).ravel()
    totals = np.full(len(grid.cells), np.inf)
    for rule in rules:
        if rule.side == "low" or rule.base is not None or rule.kind == "max_step":
            continue
        for row in range(rule.rows.shape[0]):
            at = rule.rows.indices[rule.rows.indptr[row] : rule.rows.indptr[row + 1]]
            reach[at] = np.minimum(reach[at], rule.limit[row])
            whole, count = np.unique(at % len(grid.cells), return_counts=True)
            full = whole[count == grid.periods]
            totals[full] = np.minimum(totals[full], rule.limit[row])
    return np.minimum(totals, reach.reshape(grid.periods, -1).sum(axis=0))


def _range(grid: Grid, rules: list[Rule], reference: ReferencePlan, ceiling: Array) -> list[Rule]:
    """A limit per cell at the range seen, wider where the user's own amounts or the reference plan ask for more."""
    granted, stated = _granted(grid, rules, ceiling)
    found = []
    for cell in np.flatnonzero(~stated):
        now = float(reference.totals[cell])
        amount = max(float(granted[cell]), now)
        scope = grid.cells.label(int(cell))
        beyond = amount == now and now > ceiling[cell]
        why = "its amount in the reference plan, which is beyond the range seen" if beyond else "the range seen"
        words = f"{scope}: at most {money(round(amount, 2), grid.currency)}, {why}"
        moves = now / reference.budget if beyond else 0.0
        row = grid.row(np.array([cell], np.intp), _window(grid))
        limit = np.array([round(amount, 2)])
        found.append(
            Rule("range", scope, words, row, limit, "high", round(amount, 2), per_budget=moves, where="[plan]")
        )
    return found


_GRANTING: tuple[Kind, ...] = ("min", "max", "lock", "min_or_zero", "period_min")


def _granted(grid: Grid, rules: list[Rule], ceiling: Array) -> tuple[Array, NDArray[np.bool_]]:
    """The range as the user's own amounts widen it, (K,), and the cells whose own max stands in for it.

    Amounts on a sum over cells are granted to them in proportion to their ranges. Amounts in a part of the window are
    granted where they are asked for, and not where they are limits.
    """
    granted = ceiling.copy()
    stated = np.zeros(len(ceiling), bool)
    asked = np.zeros(len(ceiling))
    for rule in rules:
        if rule.kind not in _GRANTING:
            continue
        at = np.unique(rule.rows.indices % len(ceiling))
        whole = rule.rows.nnz == len(at) * grid.periods
        if rule.kind == "max" and (not whole or len({grid.cells.channel_of(int(cell)) for cell in at}) > 1):
            continue
        share = ceiling[at] / total if (total := float(ceiling[at].sum())) > 0 else np.full(len(at), 1.0 / len(at))
        if rule.kind == "lock":
            asked[at] += (
                float(rule.limit.sum()) * share if rule.rows.shape[0] == 1 else _by_cell(rule, len(ceiling))[at]
            )
        else:
            granted[at] = np.maximum(granted[at], float(rule.limit.sum()) * share)
        stated[at] |= rule.kind == "max" and len(at) == 1
    return np.maximum(granted, asked), stated


def _by_cell(rule: Rule, n_cells: int) -> Array:
    """Limits of rows on single cells, added up per cell (K,)."""
    amount = np.zeros(n_cells)
    np.add.at(amount, rule.rows.indices[rule.rows.indptr[:-1]] % n_cells, rule.limit)
    return amount
