"""Money to the cent: amounts that sum exactly to the budget and keep every rule to within a cent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from budget.cells import Index, cents
from outlay.transforms import Array

Cents = NDArray[np.int64]


@dataclass(frozen=True)
class SumLimit:
    """The sum over some cells lies between two amounts, in currency."""

    cells: Index
    lower: float
    upper: float


def to_the_cent(
    amounts: Array,
    total: float,
    lower: Array | None = None,
    upper: Array | None = None,
    limits: Sequence[SumLimit] = (),
) -> Array:
    """Round amounts to cents by largest remainder so that they sum to ``total`` exactly.

    Parameters
    ----------
    amounts : ndarray (K,)
        Amounts in currency whose sum is near ``total`` and that keep the bounds and limits nearly.
    total : float
        The sum wanted, in currency.
    lower, upper : ndarray (K,), optional
        Bounds per amount, kept exactly to the cent. Default: zero, and none.
    limits : sequence of SumLimit
        Limits on sums. Kept exactly where that is possible to the cent, else to within a few cents.
    """
    goal = int(cents(total))
    low = np.zeros(len(amounts), np.int64) if lower is None else cents(lower)
    high = np.full(len(amounts), goal, np.int64) if upper is None else np.minimum(cents(upper), max(goal, 0))
    high = np.maximum(high, low)
    exact = np.asarray(amounts, float) * 100.0
    whole = np.clip(np.floor(exact + 1e-6).astype(np.int64), low, high)
    member, floor, ceiling = _limits_in_cents(limits, len(amounts))
    for slack in (0, 1, 10, goal):  # loosened only where a cent cannot be placed otherwise
        whole = _fill(whole, exact, goal, (low, high), (member, floor - slack, ceiling + slack))
        if int(whole.sum()) == goal:
            break
    whole = _mend(whole, (low, high), (member, floor, ceiling))
    return whole / 100.0


def _limits_in_cents(limits: Sequence[SumLimit], n: int) -> tuple[NDArray[np.bool_], Cents, Cents]:
    member = np.zeros((len(limits), n), bool)
    for row, limit in enumerate(limits):
        member[row, limit.cells] = True
    biggest = np.iinfo(np.int64).max // 4
    floor = np.array([cents(limit.lower) for limit in limits], np.int64).reshape(-1)
    ceiling = np.array(
        [cents(limit.upper) if np.isfinite(limit.upper) else biggest for limit in limits], np.int64
    ).reshape(-1)
    return member, floor, ceiling


def _fill(
    whole: Cents,
    exact: Array,
    goal: int,
    bounds: tuple[Cents, Cents],
    limits: tuple[NDArray[np.bool_], Cents, Cents],
) -> Cents:
    """Move the sum to the goal, first where a limit is not met yet, then by largest remainder."""
    whole = whole.copy()
    member, floor, ceiling = limits
    while (rest := goal - int(whole.sum())) != 0:
        sign = 1 if rest > 0 else -1
        room = _room(whole, sign, bounds, limits)
        if not (room > 0).any():
            return whole
        sums = member @ whole
        needy = (sums < floor) if sign > 0 else (sums > ceiling)
        wanted = member[needy].any(axis=0) if needy.any() else np.zeros(len(whole), bool)
        order = np.lexsort((-sign * (exact - whole), ~wanted))
        cell = next(int(i) for i in order if room[i] > 0)
        share = max(abs(rest) // max(int((room > 0).sum()), 1), 1)
        whole[cell] += sign * min(share, int(room[cell]))
    return whole


def _room(
    whole: Cents, sign: int, bounds: tuple[Cents, Cents], limits: tuple[NDArray[np.bool_], Cents, Cents]
) -> Cents:
    """Cents by which each cell can move in the direction of ``sign`` without leaving a bound or a limit."""
    low, high = bounds
    member, floor, ceiling = limits
    room = (high - whole) if sign > 0 else (whole - low)
    if len(member):
        sums = member @ whole
        spare = (ceiling - sums) if sign > 0 else (sums - floor)
        # A limit that is broken already must not stop the cents that have to go somewhere else.
        per_cell = np.where(member, np.maximum(spare, 0)[:, None], np.iinfo(np.int64).max)
        room = np.minimum(room, per_cell.min(axis=0))
    return room


def _mend(whole: Cents, bounds: tuple[Cents, Cents], limits: tuple[NDArray[np.bool_], Cents, Cents]) -> Cents:
    """Trade cents between cells until every limit holds, as far as single trades can."""
    member, floor, ceiling = limits
    whole = whole.copy()
    for _ in range(4 * len(whole) + 100):
        sums = member @ whole
        short, over = np.flatnonzero(sums < floor), np.flatnonzero(sums > ceiling)
        if not len(short) and not len(over):
            break
        row, sign = (int(short[0]), 1) if len(short) else (int(over[0]), -1)
        inside = member[row]
        need = int(floor[row] - sums[row]) if sign > 0 else int(sums[row] - ceiling[row])
        gain, give = _room(whole, sign, bounds, limits), _room(whole, -sign, bounds, limits)
        to = np.where(inside, gain, 0)
        source = np.where(inside, 0, give)
        if not to.any() or not source.any():
            break
        receiver, donor = int(to.argmax()), int(source.argmax())
        moved = min(need, int(to[receiver]), int(source[donor]))
        whole[receiver] += sign * moved
        whole[donor] -= sign * moved
    return whole
