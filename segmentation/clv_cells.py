"""Customers as cells: those with the same frequency, recency and age are one, with a weight.

A likelihood of purchases sees only the three numbers, and each of its hard parts only two of them: what comes after the
last purchase depends on frequency and age, what came until then on frequency and recency. So the kernels work out some
thousand pairs, and a cell costs one exponential and one logarithm.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from outlay.transforms import Array

Places = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class PurchaseCells:
    """Cells in the order of frequency, age and recency. C cells, K frequencies, J and I pairs.

    Attributes
    ----------
    frequency, recency, age, weight : ndarray (C,)
        Repeat purchases; time from the first to the last purchase and to the day of counting; customers.
    of : ndarray of int (N,)
        The cell of each row.
    """

    frequency: Array
    recency: Array
    age: Array
    weight: Array
    of: Places

    @cached_property
    def counts(self) -> tuple[Array, Places]:
        """The frequencies that occur (K,), and the place of each cell's among them (C,)."""
        values, place = np.unique(self.frequency, return_inverse=True)
        return values, place.astype(np.int64)

    @cached_property
    def after(self) -> tuple[Places, Array, Places]:
        """Pairs of frequency and age: place of the frequency (J,), age (J,), and where their cells begin (J + 1,)."""
        _, count = self.counts
        new = np.r_[True, (np.diff(count) != 0) | (np.diff(self.age) != 0)]
        first = np.flatnonzero(new)
        return count[first], self.age[first], np.r_[first, len(count)].astype(np.int64)

    @cached_property
    def until(self) -> tuple[Places, Array, Places]:
        """Pairs of frequency and recency: place of the frequency (I,), recency (I,), and each cell's pair (C,)."""
        _, count = self.counts
        keys, pair = group(count, self.recency)
        return count[keys], self.recency[keys], pair


@dataclass(frozen=True, eq=False)
class MoneyCells:
    """Repeat buyers in the order of frequency, those with the same total together. C cells, K frequencies.

    Attributes
    ----------
    frequency : ndarray (K,)
        Repeat purchases that occur.
    weight, log_mean : ndarray (K,)
        Customers, and the sum of the logarithms of their mean purchases.
    begins : ndarray of int (K + 1,)
        Where each frequency's cells begin.
    total, many : ndarray (C,)
        Money of all repeat purchases together, and customers with it.
    """

    frequency: Array
    weight: Array
    log_mean: Array
    begins: Places
    total: Array
    many: Array


def purchase_cells(frequency: Array, recency: Array, age: Array, weight: Array | None = None) -> PurchaseCells:
    """Group customers (N,) by frequency, recency and age; the order of rows does not matter."""
    first, of = group(frequency, age, recency)
    many = np.bincount(of, weight, minlength=len(first)).astype(float)
    return PurchaseCells(frequency[first], recency[first], age[first], many, of)


def money_cells(frequency: Array, mean: Array, weight: Array | None = None) -> MoneyCells:
    """Group repeat buyers (N,) by frequency and total money; all means are above zero."""
    first, of = group(frequency, frequency * mean)
    own = np.bincount(of, weight, minlength=len(first)).astype(float)
    values, place = np.unique(frequency[first], return_inverse=True)
    begins = np.searchsorted(place, np.arange(len(values) + 1)).astype(np.int64)
    return MoneyCells(
        frequency=values,
        weight=np.bincount(place, own, minlength=len(values)).astype(float),
        log_mean=np.bincount(place, own * np.log(mean[first]), minlength=len(values)).astype(float),
        begins=begins,
        total=frequency[first] * mean[first],
        many=own,
    )


def group(*columns: Array | Places) -> tuple[Places, Places]:
    """A row of each different combination, in the columns' order, and the combination of each row."""
    key = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        values, place = np.unique(column, return_inverse=True)
        key = np.unique(key, return_inverse=True)[1] * len(values) + place
    _, first, of = np.unique(key, return_index=True, return_inverse=True)
    return first.astype(np.int64), of.astype(np.int64)
