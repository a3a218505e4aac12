"""Customers as the kernels take them: a feature in a row, in blocks that do not depend on the number of threads."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from outlay.compiled import on_cores
from outlay.transforms import Array
from segmentation.mixed import Mixed

BLOCK, BLOCKS = 16_384, 64
"""Rows of a block, unless that made more than so many blocks. Sums are made by block and then over blocks in order,
so that no number depends on how many threads there are."""


ORDERED = 100_000
"""Rows up to which draws do not hang on the order of the table; to put more in order would take as long as a fit."""


@dataclass(frozen=True, eq=False)
class Columns:
    """Features of N customers, by feature.

    Attributes
    ----------
    numbers : ndarray of float32 (P, N)
    codes : ndarray of int16 (Q, N)
    weight : ndarray (N,)
    offsets : ndarray of int64 (Q + 1,)
        Where the levels of each category begin, among all.
    """

    numbers: NDArray[np.float32]
    codes: NDArray[np.int16]
    weight: Array
    offsets: NDArray[np.int64]

    @classmethod
    def of(cls, rows: Mixed) -> Self:
        """Turn rows over."""
        from segmentation.kernel_prototypes import by_feature

        n = rows.n
        numbers = np.empty((rows.numbers.shape[1], n), np.float32)
        codes = np.empty((rows.codes.shape[1], n), np.int16)
        from_numbers, from_codes = _locked(rows.numbers, np.float32), _locked(rows.codes, np.int32)
        edges = edges_of(n)
        on_cores(
            lambda b: by_feature(from_numbers, from_codes, int(edges[b]), int(edges[b + 1]), numbers, codes),
            len(edges) - 1,
        )
        offsets = np.cumsum([0, *(len(names) for names in rows.levels)], dtype=np.int64)
        return cls(numbers, codes, np.ascontiguousarray(rows.weight, np.float64).copy(), offsets)

    @property
    def n(self) -> int:
        """Number of customers."""
        return len(self.weight)

    @property
    def n_levels(self) -> int:
        """Levels of all categories together."""
        return int(self.offsets[-1])

    @cached_property
    def edges(self) -> NDArray[np.int64]:
        """Where blocks begin, and the end."""
        return edges_of(self.n)

    def weighted(self, weight: Array) -> Columns:
        """The same customers with other weights."""
        return replace(self, weight=np.ascontiguousarray(weight, np.float64))

    def by_block[T](self, task: Callable[[int, int, int], T]) -> list[T]:
        """``task(block, first, last)`` for every block, on all cores."""
        edges = self.edges
        return on_cores(lambda b: task(b, int(edges[b]), int(edges[b + 1])), len(edges) - 1)

    @cached_property
    def moments(self) -> tuple[Array, Array]:
        """Weight, sum and sum of squares of each number (3, P), and weight by level (levels)."""
        from segmentation.kernel_prototypes import moments

        blocks = len(self.edges) - 1
        powers, counts = np.zeros((blocks, 3, len(self.numbers))), np.zeros((blocks, self.n_levels))
        self.by_block(
            lambda b, first, last: moments(
                self.numbers, self.codes, self.weight, first, last, self.offsets, powers[b], counts[b]
            )
        )
        return powers.sum(0), counts.sum(0)

    @cached_property
    def mean(self) -> Array:
        """Mean of each number, (P,); 0 where nobody has one."""
        (seen, total, _), _ = self.moments
        return np.divide(total, seen, out=np.zeros_like(total), where=seen > 0)

    @property
    def variance(self) -> Array:
        """Variance of each number, (P,)."""
        (seen, _, squares), _ = self.moments
        mean = np.divide(squares, seen, out=np.zeros_like(squares), where=seen > 0)
        return np.maximum(mean - self.mean**2, 0.0)

    @cached_property
    def mode(self) -> NDArray[np.int16]:
        """Most frequent level of each category, (Q,)."""
        return modes_of(self.moments[1][None], self.offsets)[0]


def edges_of(n: int) -> NDArray[np.int64]:
    """Where the blocks of n rows begin, and the end."""
    size = max(BLOCK, -(-n // BLOCKS))
    return np.minimum(np.arange(0, n + size, size, dtype=np.int64), n)


def modes_of(counts: Array, offsets: NDArray[np.int64]) -> NDArray[np.int16]:
    """Most frequent level by cluster and category, (K, Q), the first of several; from weights (K, levels)."""
    found = [counts[:, low:high].argmax(1) for low, high in pairwise(offsets)]
    return np.ascontiguousarray(np.array(found, np.int16).reshape(len(found), len(counts)).T)


def drawn_rows(rows: Mixed, most: int, seed: int) -> NDArray[np.intp]:
    """At most so many rows, drawn alike and without replacement, in an order that hangs on what they hold alone.

    So random draws do not hang on the order of the table, up to `ORDERED` rows. Rows keep their weights: whoever drew
    heavy rows more often would count them twice.
    """
    order = np.argsort(_what_they_hold(rows), kind="stable") if rows.n <= ORDERED else np.arange(rows.n)
    if rows.n <= most:
        return order
    return order[np.sort(np.random.default_rng(seed).choice(rows.n, most, replace=False, shuffle=False))]


def _what_they_hold(rows: Mixed) -> Array:
    """A number for every row, (N,), from its cells and their names: a sum with a fixed weight for each.

    Not a hash: a cell that differs by a rounding error, in another unit, hardly moves its row.
    """
    found = _fixed("weight of the row") * rows.weight
    for name, column in zip(rows.numeric, rows.numbers.T, strict=True):
        found += np.where(np.isnan(column), _fixed(name, "missing"), _fixed(name) * column)
    for name, levels, codes in zip(rows.categorical, rows.levels, rows.codes.T, strict=True):
        found += np.array([*(_fixed(name, level) for level in levels), _fixed(name, "missing")])[codes]
    return found


def _fixed(*texts: str) -> float:
    """A number from 0.5 to 1.5 that belongs to the texts."""
    digest = hashlib.blake2b("\0".join(texts).encode(), digest_size=8).digest()
    return 0.5 + int.from_bytes(digest, "big") / 2.0**64


def _locked(values: NDArray[Any], dtype: type) -> NDArray[Any]:
    """One type for the compiler, whether the caller's array can be written to or not."""
    view: NDArray[Any] = np.ascontiguousarray(values, dtype).view()
    view.flags.writeable = False
    return view
