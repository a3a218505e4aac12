"""The least change of amounts that would let rules hold which conflict."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from budget.cells import Index
from budget.compile import Compiled
from budget.feasible import can_hold, most_of
from budget.polytope import InfeasibleRulesError, Polytope, Semi, solve_linear
from budget.rules import Rule
from outlay.transforms import Array

SMALL = 0.01
"""A change is weighed against the rule's own amount, but no amount counts as less than this part of the budget."""

NOISE = 1e-7
"""Changes below this part of the budget are the solver's."""


@dataclass(frozen=True, eq=False)
class Change:
    """One amount that would have to move.

    Attributes
    ----------
    rule : Rule
    amount : float
        The new one, in the rule's own measure.
    words : str
        ``raise the max of tv from 5,000 USD to 6,000 USD``.
    """

    rule: Rule
    amount: float
    words: str


def least_repair(compiled: Compiled) -> tuple[Change, ...] | None:
    """The changes of amounts that add up to least, each relative to its own amount; none where the rules can hold.

    Rules marked hard, rules without an amount and rules written in cvxpy stay as they are, and the total stays too
    where that is possible. None where no change of amounts helps.
    """
    for fixed in ((_is_total, _stays), (_stays,)):
        soft = [i for i, rule in enumerate(compiled.rules) if not any(test(rule) for test in fixed)]
        elastic = _Elastic(compiled, np.array(soft, np.intp))
        try:
            shifts, spend = elastic.solve()
        except InfeasibleRulesError:
            continue
        changes = _changes(compiled, shifts, spend)
        if changes is None or not _holds(compiled, changes):
            continue
        return changes
    return None


def moved(rule: Rule, amount: float) -> Rule:
    """A rule with another amount."""
    shift = rule.gain * (amount - float(rule.amount or 0.0)) if rule.base is None else 0.0
    limit = rule.limit + shift
    # A change against the reference plan of more than all of it leaves a least of nothing.
    return replace(rule, amount=amount, limit=np.maximum(limit, 0.0) if rule.base is None else limit)


def _stays(rule: Rule) -> bool:
    return rule.hard or rule.amount is None or rule.kind in ("custom", "active", "no cost")


def _is_total(rule: Rule) -> bool:
    return rule.kind.startswith("budget")


class _Elastic:
    """The rules with a column by which each soft one may give way: first how far down, then how far up."""

    def __init__(self, compiled: Compiled, soft: Index) -> None:
        self.compiled, self.soft = compiled, soft
        self.rules = len(compiled.rules)
        kept = np.ones(self.rules, bool)
        kept[soft] = False
        self.stiff = compiled.keep(kept)
        self.size = len(self.stiff.lower)
        self.columns: list[Index] = []
        self.values: list[Array] = []
        self.low: list[float] = []
        self.high: list[float] = []
        self.switches = 0

    def solve(self) -> tuple[Array, Array]:
        """By how much each rule gives way, (2, number of rules) in currency (down, up), and the plan (H, K)."""
        from scipy.sparse import coo_array, hstack, vstack

        self._give_way()
        for semi in self.stiff.semis:
            self._or_zero(semi, None)
        width = self.size + 2 * self.rules + self.switches
        n_rows = len(self.low)
        line = np.repeat(np.arange(n_rows), [len(columns) for columns in self.columns])
        flat = np.concatenate(self.columns) if n_rows else np.empty(0, np.intp)
        # Switches are counted from the end, as their number is not known while rows are collected.
        flat = np.where(flat < 0, width + flat, flat)
        values = np.concatenate(self.values) if n_rows else np.empty(0)
        given = self.stiff.matrix
        wide = hstack([given, coo_array((given.shape[0], width - self.size))])
        matrix = vstack([wide, coo_array((values, (line, flat)), shape=(n_rows, width))], format="csr")
        allowed = np.zeros((2, self.rules))
        allowed[:, self.soft] = np.inf
        rest = (allowed.ravel(), np.ones(self.switches))
        polytope = Polytope(
            n=self.stiff.n,
            matrix=matrix,
            low=np.concatenate([self.stiff.low, self.low]),
            high=np.concatenate([self.stiff.high, self.high]),
            lower=np.concatenate([self.stiff.lower, np.zeros(width - self.size)]),
            upper=np.concatenate([self.stiff.upper, *rest]),
            integer=np.concatenate([self.stiff.integer, np.zeros(2 * self.rules, bool), np.ones(self.switches, bool)]),
        )
        gain = np.zeros(width)
        gain[self.size : self.size + 2 * self.rules] = -np.tile(self._weights(), 2)
        y = solve_linear(gain, polytope).y
        scale = self.compiled.money_scale
        shifts = y[self.size : self.size + 2 * self.rules].reshape(2, self.rules) * scale
        return shifts, self.compiled.decision.spend(y[: self.stiff.n] * scale)

    def _weights(self) -> Array:
        """Worth of a unit of change: one over the rule's own amount, as a part of the budget."""
        rules = self.compiled.stated.rules
        own = np.array([_own_amount(rule, rules.budget, len(rules.grid)) for rule in self.compiled.rules])
        return self.compiled.money_scale / np.maximum(own, SMALL * rules.budget)

    def _give_way(self) -> None:
        """Every row and bound of a soft rule, with its column."""
        compiled, whole = self.compiled, self.compiled.polytope
        is_soft = np.zeros(self.rules + 1, bool)
        is_soft[self.soft] = True
        for row in np.flatnonzero(is_soft[compiled.owners.row]):
            part = slice(whole.matrix.indptr[row], whole.matrix.indptr[row + 1])
            owner = int(compiled.owners.row[row])
            # The row that switches spend off is no limit of the planner's.
            stiff = compiled.rules[owner].or_zero and np.isfinite(whole.high[row])
            self._row(
                whole.matrix.indices[part], whole.matrix.data[part], (whole.low[row], whole.high[row]), owner, stiff
            )
        bounds = compiled.stated.bounds
        value = bounds.value + (compiled.times - 1.0) * bounds.moves
        for at in np.flatnonzero(is_soft[bounds.owner]):
            factor = bounds.factor[at]
            limit = value[at] * factor
            is_most = bool(bounds.is_upper[at]) == (factor > 0)
            sides = (-np.inf, limit) if is_most else (limit, np.inf)
            self._row(np.array([bounds.column[at]]), np.array([factor]), sides, int(bounds.owner[at]), False)
        for semi, owner in compiled.stated.semis:
            if is_soft[owner]:
                self._or_zero(semi, owner)

    def _row(self, columns: Array, values: Array, sides: tuple[float, float], owner: int, stiff: bool) -> None:
        down, up = self.size + owner, self.size + self.rules + owner
        extra = [] if stiff else [down] * bool(np.isfinite(sides[0])) + [up] * bool(np.isfinite(sides[1]))
        self.columns.append(np.concatenate([columns, np.array(extra, np.intp)]).astype(np.intp))
        self.values.append(np.concatenate([values, [1.0 if column == down else -1.0 for column in extra]]))
        self.low.append(sides[0])
        self.high.append(sides[1])

    def _or_zero(self, semi: Semi, owner: int | None) -> None:
        """Nothing, or at least an amount, which may give way where it has an owner that is soft."""
        self.switches += 1
        on, ones = np.append(semi.index, -self.switches), np.ones(len(semi.index))
        most = max(most_of(self.compiled), semi.least)
        gives = [] if owner is None else [self.size + owner]
        self.columns += [np.append(on, gives).astype(np.intp), on.astype(np.intp)]
        self.values += [np.concatenate([ones, [-semi.least], np.ones(len(gives))]), np.append(ones, -most)]
        self.low += [0.0, -np.inf]
        self.high += [np.inf, 0.0]


def _own_amount(rule: Rule, budget: float, positions: int) -> float:
    """A rule's amount in currency, as far as it has one before any plan."""
    amount = float(rule.amount or 0.0)
    if rule.measure == "share":
        return amount * budget
    if rule.measure == "step":
        return amount * budget / positions
    if rule.measure == "ratio":
        return budget
    return float(np.abs(rule.limit).max(initial=0.0))


def _changes(compiled: Compiled, shifts: Array, spend: Array) -> tuple[Change, ...] | None:
    """The new amounts, told; None where a shift cannot be had by moving the amount."""
    rules, currency = compiled.stated.rules, compiled.stated.rules.grid.currency
    found: dict[object, Change] = {}
    for position, rule in enumerate(compiled.rules):
        shift = float(shifts[1, position] - shifts[0, position])
        if abs(shift) <= NOISE * rules.budget:
            continue
        per_amount, now = rule.moves(spend), float(rule.amount or 0.0)
        if (abs(per_amount) <= 1e-12 * rules.budget and rule.base is not None) or per_amount == 0.0:
            return None
        amount = _outward(now + shift / per_amount, now, rule.measure == "currency")
        if _is_total(rule) and amount <= 0.0:
            return None  # a plan of nothing keeps many rules, and helps nobody
        words = _sentence(rule, now, amount, currency)
        key = _same_amount(rule)
        # Both sides of a change against the reference plan have one amount: the wider one serves both.
        if key not in found or abs(amount - now) > abs(found[key].amount - now):
            found[key] = Change(rule, amount, words)
    return tuple(found.values())


def _same_amount(rule: Rule) -> object:
    """What rules that are told by one amount have in common: the least and the most of a change."""
    if rule.kind in ("max_change", "max_change_amount"):
        return rule.where, rule.kind, rule.scope
    return id(rule)


def _outward(amount: float, now: float, is_money: bool) -> float:
    """Rounded away from the present amount, so that what is told suffices."""
    away = np.ceil if amount > now else np.floor
    if is_money:
        return max(float(away(round(amount * 100.0, 4)) / 100.0), 0.0) + 0.0
    step = 10.0 ** (np.floor(np.log10(max(abs(amount), 1e-9))) - 5)
    return max(float(away(round(amount / step, 4)) * step), 0.0) + 0.0


def _sentence(rule: Rule, now: float, amount: float, currency: str) -> str:
    way = "raise" if amount > now else "lower"
    told = f"from {rule.told(now, currency)} to {rule.told(amount, currency)}"
    if rule.kind == "range":
        return f"let {rule.scope} go beyond the range seen, {told}, by a max of its own"
    if rule.kind == "budget":
        return f"{way} the budget {told}"
    if rule.kind in ("budget_min", "budget_max"):
        return f"{way} {rule.kind} {told}"
    return f"{way} the {rule.kind} of {rule.scope} {told} ({rule.where})"


def _holds(compiled: Compiled, changes: tuple[Change, ...]) -> bool:
    """Whether the rules can hold with the new amounts."""
    new = {_same_amount(change.rule): change.amount for change in changes}
    stated = compiled.stated.rules
    every = []
    for rule in stated.every:
        amount = new.get(_same_amount(rule))
        every.append(rule if amount is None else moved(rule, amount))
    return can_hold(compiled.with_rules(tuple(every)))
