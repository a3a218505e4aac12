"""One rule of a planner: sums of spend on the grid with a limit, in his words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from budget.cells import money
from outlay.transforms import Array

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Kind = Literal[
    "budget",
    "budget_min",
    "budget_max",
    "min",
    "max",
    "max_change",
    "max_change_amount",
    "period_min",
    "period_max",
    "min_or_zero",
    "min_or_zero_per_period",
    "max_step",
    "active",
    "min_share",
    "max_share",
    "min_ratio",
    "max_ratio",
    "lock",
    "range",
    "no cost",
    "custom",
]

Side = Literal["low", "high", "both"]

Measure = Literal["currency", "share", "ratio", "step", "change"]

CENT = 0.0101
"""A rule is broken by more than a cent; amounts are rounded to one."""

NOT_WRITTEN = ("range", "no cost")
"""Kinds that follow from the data and not from the project file."""


@dataclass(frozen=True, eq=False)
class Rule:
    """``(rows - amount * base) @ spend`` is at least, at most, or exactly ``limit``, row by row.

    Attributes
    ----------
    kind : str
        Where it comes from: the key of the project file, ``budget``, ``range``, ``no cost`` or ``custom``.
    scope : str
        What it speaks of, in words: ``tv``, ``tv in north``, ``search + social``.
    words : str
        The whole rule in the planner's words, with the amount.
    rows : csr_array (R, H * K)
        What is summed, on the grid period by period.
    limit : ndarray (R,)
        In currency.
    side : {"low", "high", "both"}
        Whether the limit is the least, the most, or exact.
    amount : float or None
        The number that the planner wrote; None where there is no single one.
    measure : str
        What ``amount`` is: currency, a share of the total, a ratio, a step, or a change against the reference plan.
    base : ndarray (H * K,) or None
        What ``amount`` is a multiple of: the total of a share, the other side of a ratio.
    gain : float
        By how much ``limit`` moves when ``amount`` rises by one.
    per_budget : float
        By how much ``limit`` moves when the budget rises by one: changes against the rescaled reference move with it.
    or_zero : bool
        Whether each sum may be zero instead.
    hard : bool
        Whether a repair must leave it as it is.
    where : str
        Its place in the project file.
    """

    kind: Kind
    scope: str
    words: str
    rows: csr_array
    limit: Array
    side: Side
    amount: float | None = None
    measure: Measure = "currency"
    base: Array | None = None
    gain: float = 1.0
    per_budget: float | Array = 0.0
    or_zero: bool = False
    hard: bool = False
    where: str = "[plan]"

    @property
    def at_least(self) -> bool:
        """Whether the rule asks for spend."""
        return self.side != "high" and not self.or_zero

    @property
    def at_most(self) -> bool:
        """Whether the rule limits spend."""
        return self.side != "low"

    @property
    def written(self) -> bool:
        """Whether the planner wrote it."""
        return self.kind not in NOT_WRITTEN

    def sums(self, spend: Array) -> Array:
        """The rule's left side for a plan on the grid, (H, K) or (H * K,): (R,), in currency."""
        flat = np.asarray(spend, float).ravel()
        sums = np.asarray(self.rows @ flat)
        return sums if self.base is None else sums - float(self.amount or 0.0) * float(self.base @ flat)

    def excess(self, spend: Array) -> float:
        """By how much a plan breaks the rule, in currency; negative where it has room."""
        short = self.limit - (sums := self.sums(spend))
        if not len(short):
            return -np.inf
        if self.or_zero:
            short = np.minimum(short, sums)
        worst = {"low": short, "high": -short, "both": np.abs(short)}[self.side]
        return float(worst.max())

    def moves(self, spend: Array) -> float:
        """By how much the limit moves, in currency, when ``amount`` rises by one, at a plan on the grid."""
        return self.gain if self.base is None else float(self.base @ np.asarray(spend, float).ravel())

    def told(self, amount: float, currency: str) -> str:
        """Another amount of this rule, in words."""
        if self.measure == "currency":
            return money(round(amount, 2), currency)
        return f"{amount * 100:.6g} %" if self.measure in ("share", "change") else f"{amount:.6g}"
