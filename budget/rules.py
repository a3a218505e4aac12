"""The planner's rules as limits on sums of spend, each with its words and with what it owes to the budget."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from budget.cells import Cells, Index, money
from budget.config import BoundSection, PlanSection
from budget.reference import ReferencePlan
from outlay.transforms import Array

Kind = Literal["min", "max", "max_change", "min_share", "max_share", "range", "no cost"]


@dataclass(frozen=True, eq=False)
class Rule:
    """The sum of spend over some cells is at least, or at most, an amount.

    Attributes
    ----------
    kind : str
        Where it comes from.
    scope : str
        What it speaks of, in words: ``tv``, ``tv in north``, ``search + social``.
    words : str
        The whole rule in the planner's words, with the amount.
    cells : ndarray of int
        The cells that are summed.
    at_least : bool
        Direction.
    amount : float
        In currency.
    per_budget : float
        By how much ``amount`` moves when the budget moves by one unit of currency (shares and changes against the
        rescaled reference move with it).
    """

    kind: Kind
    scope: str
    words: str
    cells: Index
    at_least: bool
    amount: float
    per_budget: float = 0.0

    def excess(self, spend: Array) -> float:
        """By how much a plan (K,) breaks the rule, in currency; negative where it has room."""
        total = float(spend[self.cells].sum())
        return self.amount - total if self.at_least else total - self.amount


@dataclass(frozen=True, eq=False)
class Rules:
    """All rules of a plan: bounds on single cells and rules on sums.

    Attributes
    ----------
    budget : float
        Total over the window.
    every : tuple of Rule
        All rules.
    lower, upper : ndarray (K,)
        The tightest bounds on each cell.
    """

    budget: float
    every: tuple[Rule, ...]
    lower: Array
    upper: Array

    @property
    def sums(self) -> tuple[Rule, ...]:
        """The rules on more than one cell."""
        return tuple(rule for rule in self.every if len(rule.cells) > 1)

    def bound_of(self, cell: int, *, at_least: bool) -> Rule | None:
        """The rule that sets a cell's lower or upper bound; None where nothing but the budget does."""
        own = [r for r in self.every if len(r.cells) == 1 and r.cells[0] == cell and r.at_least == at_least]
        return max(own, key=lambda r: r.amount if at_least else -r.amount, default=None)

    def broken_by(self, spend: Array, tolerance: float = 0.0101) -> list[Rule]:
        """The rules that a plan breaks by more than a cent."""
        return [rule for rule in self.every if rule.excess(spend) > tolerance]


def build_rules(
    cells: Cells,
    section: PlanSection,
    reference: ReferencePlan,
    ceiling: Array | None,
    currency: str,
    unknown: NDArray[np.bool_],
) -> Rules:
    """Turn the project file's rules into :class:`Rules`.

    Parameters
    ----------
    cells : Cells
    section : PlanSection
    reference : ReferencePlan
    ceiling : ndarray (K,) or None
        Largest spend inside the range seen, margin included; None switches the limit off.
    currency : str
    unknown : ndarray (K,) of bool
        Cells without a known cost, which stay at zero.
    """
    rules = [
        rule for place, bound in _bounds(cells, section) for rule in _bound(cells, bound, place, reference, currency)
    ]
    rules += _shares(cells, section, reference.budget, currency)
    if ceiling is not None:
        rules += _range(cells, rules, reference, ceiling, currency)
    for cell in np.flatnonzero(unknown):
        label = cells.label(int(cell))
        rules.append(
            Rule("no cost", label, f"{label}: no spend, as its cost is not known", np.array([cell]), False, 0.0)
        )
    return combine(rules, len(cells), reference.budget)


def combine(rules: list[Rule], n_cells: int, budget: float) -> Rules:
    """Gather rules; the bounds on single cells become arrays."""
    lower, upper = np.zeros(n_cells), np.full(n_cells, budget)
    for rule in rules:
        if len(rule.cells) == 1:
            cell = rule.cells[0]
            if rule.at_least:
                lower[cell] = max(lower[cell], rule.amount)
            else:
                upper[cell] = min(upper[cell], rule.amount)
    return Rules(budget, tuple(rules), lower, upper)


def _bounds(cells: Cells, section: PlanSection) -> Iterator[tuple[str, BoundSection]]:
    """The bounds as written, then the plan's ``max_change`` for every channel that has none of its own."""
    for number, bound in enumerate(section.bounds, 1):
        yield f"[[plan.bounds]] {number}", bound
    if section.max_change is None:
        return
    own = {bound.channel for bound in section.bounds if bound.max_change is not None}
    for channel in cells.channels:
        if channel not in own:
            yield "[plan] max_change", BoundSection(channel=channel, max_change=section.max_change)


def _bound(cells: Cells, bound: BoundSection, place: str, reference: ReferencePlan, currency: str) -> Iterator[Rule]:
    index = cells.select(bound.channel, bound.group, place)
    scope = cells.scope(bound.channel, bound.group)
    if bound.min is not None:
        yield Rule("min", scope, f"{scope}: at least {money(bound.min, currency)}", index, True, round(bound.min, 2))
    if bound.max is not None:
        yield Rule("max", scope, f"{scope}: at most {money(bound.max, currency)}", index, False, round(bound.max, 2))
    if bound.max_change is not None:
        now = float(reference.totals[index].sum())
        for at_least, factor in ((True, max(1.0 - bound.max_change, 0.0)), (False, 1.0 + bound.max_change)):
            amount = round(now * factor, 2)
            words = (
                f"{scope}: {'at least' if at_least else 'at most'} {money(amount, currency)} "
                f"(max_change {bound.max_change:.4g} of {money(now, currency)} in the reference plan)"
            )
            yield Rule("max_change", scope, words, index, at_least, amount, now * factor / reference.budget)


def _shares(cells: Cells, section: PlanSection, budget: float, currency: str) -> Iterator[Rule]:
    for number, group in enumerate(section.groups, 1):
        place = f"[[plan.groups]] {number}"
        index = np.sort(np.concatenate([cells.select(channel, None, place) for channel in group.channels]))
        scope = " + ".join(group.channels)
        for at_least, share in ((True, group.min_share), (False, group.max_share)):
            if share is None:
                continue
            amount = round(share * budget, 2)
            words = (
                f"{scope}: {'at least' if at_least else 'at most'} {share * 100:.4g} % of the budget "
                f"({money(amount, currency)})"
            )
            yield Rule("min_share" if at_least else "max_share", scope, words, index, at_least, amount, share)


def _range(cells: Cells, rules: list[Rule], reference: ReferencePlan, ceiling: Array, currency: str) -> Iterator[Rule]:
    """A limit per cell at the range seen, wider where the user's own amounts or the reference plan ask for more."""
    # Amounts on a channel's sum over groups are granted to its cells in proportion to their ranges.
    granted = ceiling.copy()
    stated = np.zeros(len(cells), bool)
    for rule in rules:
        if rule.kind not in ("min", "max"):
            continue
        seen = float(ceiling[rule.cells].sum())
        share = ceiling[rule.cells] / seen if seen > 0 else np.full(len(rule.cells), 1.0 / len(rule.cells))
        granted[rule.cells] = np.maximum(granted[rule.cells], rule.amount * share)
        stated[rule.cells] |= rule.kind == "max" and len(rule.cells) == 1
    for cell in range(len(cells)):
        if stated[cell]:
            continue  # the user's own max stands in for the range
        now = float(reference.totals[cell])
        amount = max(float(granted[cell]), now)
        scope = cells.label(cell)
        beyond = amount == now and now > ceiling[cell]
        why = "its amount in the reference plan, which is beyond the range seen" if beyond else "the range seen"
        words = f"{scope}: at most {money(round(amount, 2), currency)}, {why}"
        moves = now / reference.budget if beyond else 0.0
        yield Rule("range", scope, words, np.array([cell]), False, round(amount, 2), moves)
