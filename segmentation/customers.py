"""Customers as they were read: one row each, in original units, with what every column means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from outlay.findings import Finding
from outlay.transforms import Array


@dataclass(frozen=True, eq=False)
class Customers:
    """A table of customers. N rows in the order of the source.

    Attributes
    ----------
    frame : DataFrame (N rows)
        Features and every other column that was named, in original units: numbers as float64 (NaN where missing),
        categories as text (None where missing). Days have become days before `as_of`.
    numeric, categorical : tuple of str
        The features among its columns: what segments are made from.
    units : mapping of str to str
        Unit of each number: ``"days"``, the currency, ``"orders"``, ``"per customer"``; empty where none is known.
    ids : ndarray of str (N,)
        The customer's id; the row's number where no column is named.
    lines : ndarray of int (N,)
        Line or row in the source; from 1 where customers are made from purchases.
    word : {"line", "row"}
        What `lines` counts.
    weight : ndarray (N,)
        How many customers a row stands for.
    value : ndarray (N,) or None
        What a customer is worth (spent so far), in `currency`; NaN where it is missing.
    value_name : str
        What that is, in words for headers: ``"MntWines + 5 more"``, ``"spent"``.
    currency : str
    as_of : date or None
        Day that ages and recency are counted to; None where no table holds a day.
    purchases : DataFrame (N rows) or None
        Of transactions, for lifetime value: ``frequency`` (repeat purchases: days with a purchase after the first),
        ``recency`` (days from the first to the last purchase), ``age`` (days from the first purchase to `as_of`),
        ``monetary`` (mean value of a repeat purchase; NaN where there is none). Zero purchases: a row of NaN.
    source : str
        The table, for messages.
    fingerprint : str
    findings : tuple of Finding
    """

    frame: pd.DataFrame
    numeric: tuple[str, ...]
    categorical: tuple[str, ...]
    units: Mapping[str, str]
    ids: NDArray[np.object_]
    lines: NDArray[np.int64]
    word: str
    weight: Array
    value: Array | None
    value_name: str
    currency: str
    as_of: date | None
    purchases: pd.DataFrame | None
    source: str
    fingerprint: str
    findings: tuple[Finding, ...] = ()

    @property
    def n_customers(self) -> int:
        """Number of rows."""
        return len(self.frame)

    @property
    def features(self) -> tuple[str, ...]:
        """What segments are made from, numbers first."""
        return (*self.numeric, *self.categorical)
