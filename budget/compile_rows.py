"""The project file's rules over the decisions: rows, bounds on single decisions, and minimums-or-nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from budget.cells import Index
from budget.decision import Decision
from budget.polytope import Semi
from budget.rules import Rule, Rules
from outlay.transforms import Array

if TYPE_CHECKING:
    from scipy.sparse import csr_array

_SAME = 1e-12
"""Coefficients that differ by less are one: they are sums of parts of one."""


@dataclass(frozen=True, eq=False)
class Bounds:
    """Limits on single decisions, scaled, as many as rules state: (B,) each.

    Attributes
    ----------
    column, owner : ndarray of int
    value, moves : ndarray
        The limit, and its change when the budget doubles.
    factor : ndarray
        What part of the decision the rule sums.
    is_upper : ndarray of bool
    """

    column: Index
    owner: Index
    value: Array
    moves: Array
    factor: Array
    is_upper: np.ndarray


@dataclass(frozen=True, eq=False)
class Gathered:
    """Everything that the rules say about the decisions, scaled.

    Attributes
    ----------
    rules : Rules
    n, helpers, switches : int
        Columns of the rows: decisions, then sums that several rows of a rule refer to, then whole numbers.
    matrix : csr_array (M, n + helpers + switches)
    limit, moves : ndarray (M,)
        Limits, and their change when the budget doubles.
    side : ndarray (M,) of str
    owner : ndarray (M,)
        Position of the rule; -1 for rows that define a helper.
    bounds : Bounds
    semis : tuple of (Semi, int)
        With the position of their rule.
    """

    rules: Rules
    n: int
    helpers: int
    switches: int
    matrix: csr_array
    limit: Array
    moves: Array
    side: np.ndarray
    owner: Index
    bounds: Bounds
    semis: tuple[tuple[Semi, int], ...]

    def sides(self) -> tuple[Index, Index, Index]:
        """Positions of the exact rows, the least and the most."""
        exact, least, most = (np.flatnonzero(self.side == side) for side in ("both", "low", "high"))
        return exact, least, most


@dataclass(eq=False)
class _Rows:
    """Rows as they are collected: coefficients on the three kinds of columns."""

    n: int
    columns: list[Index] = field(default_factory=list)
    values: list[Array] = field(default_factory=list)
    limit: list[float] = field(default_factory=list)
    moves: list[float] = field(default_factory=list)
    side: list[str] = field(default_factory=list)
    owner: list[int] = field(default_factory=list)
    helpers: int = 0
    switches: int = 0

    def add(self, columns: Index, values: Array, limit: tuple[float, float], side: str, owner: int) -> None:
        self.columns.append(np.asarray(columns, np.intp))
        self.values.append(np.asarray(values, float))
        self.limit.append(limit[0])
        self.moves.append(limit[1])
        self.side.append(side)
        self.owner.append(owner)


def gather(rules: Rules, decision: Decision, money_scale: float) -> Gathered:
    """Bring all rules onto the decisions: what limits a single one becomes a bound, all else rows."""
    rows, limits, semis = _Rows(len(decision)), _Limits(), dict[tuple[int, bytes], tuple[Semi, int]]()
    for position, rule in enumerate(rules.every):
        sums = (rule.rows @ decision.spread).tocsr()
        limit = rule.limit / money_scale
        moves = np.broadcast_to(np.asarray(rule.per_budget, float) * (rules.budget / money_scale), limit.shape)
        if rule.or_zero:
            _or_zero(sums, limit, rows, semis, position, rules.most / money_scale)
            continue
        base = None if rule.base is None else np.asarray(decision.spread.T @ rule.base)
        if base is not None and sums.shape[0] == 1:
            from scipy.sparse import csr_array

            sums, base = csr_array(sums.toarray() - float(rule.amount or 0.0) * base), None
        _rows_of(rule, position, sums, base, (limit, moves), (rows, limits))
    return _gathered(rules, rows, limits, tuple(semis.values()))


class _Limits:
    """Bounds on single decisions as they are collected."""

    def __init__(self) -> None:
        self.entries: list[tuple[int, int, float, float, float, bool]] = []

    def add(self, column: int, owner: int, limit: tuple[float, float], factor: float, side: str) -> None:
        for is_upper, name in ((False, "low"), (True, "high")):
            if side in ("both", name):
                turned = is_upper if factor > 0 else not is_upper
                self.entries.append((column, owner, limit[0] / factor, limit[1] / factor, factor, turned))

    def bounds(self) -> Bounds:
        kinds = (np.intp, np.intp, float, float, float, bool)
        parts = zip(*self.entries, strict=True) if self.entries else [()] * len(kinds)
        return Bounds(*(np.array(part, kind) for part, kind in zip(parts, kinds, strict=True)))


def _rows_of(
    rule: Rule,
    position: int,
    sums: csr_array,
    base: Array | None,
    limits: tuple[Array, Array],
    into: tuple[_Rows, _Limits],
) -> None:
    rows, bounds = into
    helper = -1
    if base is not None:
        # One column stands for the base of many rows: they would all be dense without it.
        helper, at = rows.helpers, np.flatnonzero(base)
        rows.helpers += 1
        rows.add(np.append(at, _helper(helper)), np.append(base[at], -1.0), (0.0, 0.0), "both", -1)
    for row in range(sums.shape[0]):
        part = slice(sums.indptr[row], sums.indptr[row + 1])
        columns, values = sums.indices[part], sums.data[part]
        columns, values = columns[np.abs(values) > _SAME], values[np.abs(values) > _SAME]
        limit = (float(limits[0][row]), float(limits[1][row]))
        if helper >= 0:
            columns, values = np.append(columns, _helper(helper)), np.append(values, -float(rule.amount or 0.0))
        if len(columns) == 1:
            bounds.add(int(columns[0]), position, limit, float(values[0]), rule.side)
        elif len(columns) or not _holds(limit, rule.side):
            rows.add(columns, values, limit, rule.side, position)


def _helper(number: int) -> int:
    """Helpers and switches are written as negative columns until their number is known: helpers odd, switches even."""
    return -2 * number - 1


def _switch(number: int) -> int:
    return -2 * number - 2


def _holds(limit: tuple[float, float], side: str) -> bool:
    """Whether nothing at all keeps a limit, at every budget."""
    if limit[1] != 0.0:
        return False
    return (side == "high" or limit[0] <= _SAME) and (side == "low" or limit[0] >= -_SAME)


def _or_zero(
    sums: csr_array,
    least: Array,
    rows: _Rows,
    semis: dict[tuple[int, bytes], tuple[Semi, int]],
    position: int,
    most: float,
) -> None:
    """Nothing or at least an amount: of a plain sum of decisions a :class:`Semi`, of any other a whole number."""
    for row in range(sums.shape[0]):
        part = slice(sums.indptr[row], sums.indptr[row + 1])
        columns, values = sums.indices[part].astype(np.intp), sums.data[part]
        if not len(columns):
            continue
        if np.ptp(values) <= _SAME:
            order = np.sort(columns)
            amount = float(least[row]) / float(values[0])
            key = (position, order.tobytes())
            # The same decisions in every period: the largest of the amounts holds for all.
            if key not in semis or semis[key][0].least < amount:
                semis[key] = (Semi(order, amount), position)
            continue
        switch = _switch(rows.switches)
        rows.switches += 1
        on = np.append(columns, switch)
        rows.add(on, np.append(values, -float(least[row])), (0.0, 0.0), "low", position)
        rows.add(on, np.append(values, -most * float(values.max())), (0.0, 0.0), "high", position)


def _gathered(rules: Rules, rows: _Rows, limits: _Limits, semis: tuple[tuple[Semi, int], ...]) -> Gathered:
    from scipy.sparse import csr_array

    lengths = [len(columns) for columns in rows.columns]
    flat = np.concatenate(rows.columns) if rows.columns else np.empty(0, np.intp)
    helper, switch = (-flat - 1) // 2 + rows.n, (-flat - 2) // 2 + rows.n + rows.helpers
    columns = np.where(flat >= 0, flat, np.where(flat % 2 == 1, helper, switch))
    values = np.concatenate(rows.values) if rows.values else np.empty(0)
    shape = (len(lengths), rows.n + rows.helpers + rows.switches)
    return Gathered(
        rules=rules,
        n=rows.n,
        helpers=rows.helpers,
        switches=rows.switches,
        matrix=csr_array((values, (np.repeat(np.arange(len(lengths)), lengths), columns)), shape=shape),
        limit=np.array(rows.limit, float),
        moves=np.array(rows.moves, float),
        side=np.array(rows.side, dtype="<U4"),
        owner=np.array(rows.owner, np.intp),
        bounds=limits.bounds(),
        semis=semis,
    )
