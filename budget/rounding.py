"""Money to the cent: amounts that sum exactly to a total, and plans that keep every rule to within a cent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from budget.cells import cents
from outlay.transforms import Array

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    from budget.compile import Compiled
    from budget.rules import Rule, Rules

Cents = NDArray[np.int64]

BROKEN = 1e3
"""Worth of keeping a rule by one more cent, against moving an amount by one."""

ENOUGH = 0.05
"""Relative gap of the whole-numbered program: which of several good roundings is taken does not matter."""

MANY_STEPS = 300
"""Above so many limits on steps the program would take long for a cent or two between neighbouring periods."""

BESIDE = 40
"""Amounts, those that care least where they go, that are decided again together with the ones left in parts."""

ROUNDING = 0.01
"""Parts of a cent that come from the tolerance of the programs before."""

SECONDS = 0.5
"""Time after which the best rounding found is taken."""


def round_plan(compiled: Compiled, z: Array) -> Array:
    """The plan (H, K) of decisions in currency, to the cent; see :func:`plan_to_the_cent`."""
    return plan_to_the_cent(compiled.decision.spend(np.maximum(z, 0.0)), compiled.stated.rules)


def plan_to_the_cent(spend: Array, rules: Rules) -> Array:
    """Round a plan (H, K) to cents.

    Every amount goes to one of its neighbouring cents, or one further where a rule needs it; which of them, a
    whole-numbered program decides. The sum is exactly the budget, or a free total's own rounded sum. Amounts of zero
    stay zero, and sums that may be nothing or at least an amount are the one or the other.

    Parameters
    ----------
    spend : ndarray (H, K)
        In currency; keeps the rules nearly.
    rules : Rules
    """
    flat = np.maximum(np.asarray(spend, float).ravel(), 0.0)
    flat = _emptied(flat, rules)
    goal = round(rules.budget if not rules.free else float(flat.sum()), 2)
    if flat.sum() <= 0:
        return np.zeros(spend.shape)
    flat = flat * (goal / flat.sum()) if abs(float(flat.sum()) - goal) <= 1e-4 * goal else flat
    whole = _chosen(flat, int(cents(goal)), rules)
    rounded = to_the_cent(flat, goal) if whole is None else whole / 100.0
    return rounded.reshape(spend.shape)


def to_the_cent(amounts: Array, total: float, lower: Array | None = None, upper: Array | None = None) -> Array:
    """Round amounts to cents by largest remainder so that they sum to ``total`` exactly.

    Parameters
    ----------
    amounts : ndarray (K,)
        Amounts in currency whose sum is near ``total`` and that keep the bounds nearly.
    total : float
        The sum wanted, in currency.
    lower, upper : ndarray (K,), optional
        Bounds per amount, kept exactly to the cent. Default: zero, and none.
    """
    goal = int(cents(total))
    low = np.zeros(len(amounts), np.int64) if lower is None else cents(lower)
    high = np.full(len(amounts), goal, np.int64) if upper is None else np.minimum(cents(upper), max(goal, 0))
    high = np.maximum(high, low)
    exact = np.asarray(amounts, float) * 100.0
    whole = np.clip(np.floor(exact + 1e-6).astype(np.int64), low, high)
    return _fill(whole, exact, goal, (low, high)) / 100.0


def _fill(whole: Cents, exact: Array, goal: int, bounds: tuple[Cents, Cents]) -> Cents:
    """Move the sum to the goal by largest remainder, many cents at a time where many are missing."""
    whole = whole.copy()
    while (rest := goal - int(whole.sum())) != 0:
        sign = 1 if rest > 0 else -1
        room = bounds[1] - whole if sign > 0 else whole - bounds[0]
        open_ = np.flatnonzero(room > 0)
        if not len(open_):
            return whole
        order = open_[np.argsort(-sign * (exact - whole)[open_], kind="stable")]
        share = max(abs(rest) // len(order), 1)
        chosen = order[: max(abs(rest) // share, 1)]
        whole[chosen] += sign * np.minimum(room[chosen], share)
    return whole


def _emptied(flat: Array, rules: Rules) -> Array:
    """Sums that may be nothing, and are less than half of their least, as nothing."""
    flat = flat.copy()
    for rule in rules.every:
        if rule.or_zero:
            for row in np.flatnonzero(rule.sums(flat) < 0.5 * rule.limit):
                flat[rule.rows.indices[rule.rows.indptr[row] : rule.rows.indptr[row + 1]]] = 0.0
    return flat


def _chosen(flat: Array, goal: int, rules: Rules) -> Array | None:
    """Whole cents (H * K,); None where no choice of neighbouring cents has the sum.

    Most rules sum amounts with ones, so the linear program of the choice has whole answers nearly everywhere. What it
    leaves in parts, and some amounts beside, a whole-numbered program decides.
    """
    from scipy.sparse import csr_array, diags_array, hstack, vstack

    exact = flat * 100.0
    floor = np.floor(exact + 1e-6)
    part = exact - floor
    moves = np.flatnonzero(flat > 0)
    matrix, low, high = _near_rows(rules, flat)
    at_floor = np.asarray(matrix @ floor)
    on = matrix[:, moves]
    n, n_rows = len(moves), matrix.shape[0]
    total = np.concatenate([np.ones(n), -np.ones(n), np.zeros(2 * n_rows)])[None, :]
    ones = diags_array(np.ones(n_rows))
    rows = vstack([hstack([on, -on, ones, -ones]), csr_array(total)], format="csr") if n_rows else csr_array(total)
    rest = goal - float(floor.sum())
    # One cent up moves an amount by 1 - part instead of part; one cent down by 1 + part.
    choice = _Choice(
        cost=np.concatenate([1.0 - 2.0 * part[moves], 1.0 + 2.0 * part[moves], np.full(2 * n_rows, BROKEN)]),
        rows=rows,
        low=np.append(low - at_floor, rest),
        high=np.append(high - at_floor, rest),
        most=np.concatenate([np.full(n, 2.0), (floor[moves] >= 1.0).astype(float), np.full(2 * n_rows, np.inf)]),
    )
    y = choice.whole(2 * n)
    if y is None:
        return None
    floor[moves] += np.rint(y[:n]) - np.rint(y[n : 2 * n])
    return floor if int(floor.sum()) == goal and (floor >= 0).all() else None


@dataclass(frozen=True, eq=False)
class _Choice:
    """Which amounts go a cent up or down: the program, and how it is made whole."""

    cost: Array
    rows: csr_array
    low: Array
    high: Array
    most: Array

    def whole(self, count: int) -> Array | None:
        """An answer whose first ``count`` columns are whole; None where there is none in the time allowed."""
        nothing = np.zeros(len(self.cost), bool)
        relaxed = self._solved(nothing, np.zeros(len(self.cost)), self.most)
        if relaxed is None:
            return None
        inside = np.arange(len(self.cost)) < count
        apart = np.abs(relaxed - np.rint(relaxed))
        if (apart[inside] < 1e-6).all():
            return relaxed
        open_still = inside & ((apart > 1e-6) | (np.argsort(np.argsort(np.abs(self.cost))) < BESIDE))
        held = inside & ~open_still
        lower, upper = np.where(held, np.rint(relaxed), 0.0), np.where(held, np.rint(relaxed), self.most)
        found = self._solved(open_still, lower, upper)
        return self._solved(inside, np.zeros(len(self.cost)), self.most) if found is None else found

    def _solved(self, integral: NDArray[np.bool_], lower: Array, upper: Array) -> Array | None:
        from scipy.optimize import Bounds, LinearConstraint, milp

        answer = milp(
            self.cost,
            constraints=LinearConstraint(self.rows, self.low, self.high),
            integrality=integral.astype(int),
            bounds=Bounds(lower, upper),
            options={"time_limit": SECONDS, "mip_rel_gap": ENOUGH, "presolve": bool(integral.any())},
        )
        return None if answer.x is None else np.asarray(answer.x)


def _near_rows(rules: Rules, flat: Array) -> tuple[csr_array, Array, Array]:
    """Rows of the rules, in cents, that a choice of cents could break; not the total, which is exact anyway."""
    from scipy.sparse import csr_array, vstack

    blocks, lows, highs = [], [], []
    skipped = {"budget", "active", "no cost"}
    if sum(rule.rows.shape[0] for rule in rules.every if rule.kind == "max_step") > MANY_STEPS:
        skipped.add("max_step")
    for rule in rules.every:
        if rule.kind in skipped or not rule.rows.shape[0]:
            continue
        rows, sums = _rows(rule), rule.sums(flat)
        reach = 0.02 * np.asarray(abs(rows).sum(axis=1)).ravel()
        least = rule.side != "high"
        counts = ~(rule.or_zero & (sums <= 0.0))
        near_low = counts & least & (sums - rule.limit <= reach)
        near_high = counts & (rule.side != "low") & (rule.limit - sums <= reach)
        near = np.flatnonzero(near_low | near_high)
        if not len(near):
            continue
        blocks.append(rows[near])
        limit = np.round(rule.limit * 100.0, 6)
        lows.append(np.where(near_low, limit, -np.inf)[near])
        highs.append(np.where(near_high, limit, np.inf)[near])
    # Cells keep their totals to the cent, so that one at its limit stays there whatever its periods are rounded to.
    cells = len(rules.grid.cells)
    every = csr_array((np.ones(len(flat)), (np.arange(len(flat)) % cells, np.arange(len(flat)))))
    totals = every @ (flat * 100.0)
    blocks.append(every)
    lows.append(np.floor(totals + ROUNDING))
    highs.append(np.ceil(totals - ROUNDING))
    return vstack(blocks, format="csr"), np.concatenate(lows), np.concatenate(highs)


def _rows(rule: Rule) -> csr_array:
    """A rule's rows with its base in them."""
    from scipy.sparse import csr_array, vstack

    if rule.base is None:
        return rule.rows
    base = vstack([csr_array(rule.base[None, :])] * rule.rows.shape[0], format="csr")
    return (rule.rows - float(rule.amount or 0.0) * base).tocsr()
