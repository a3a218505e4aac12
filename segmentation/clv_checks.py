"""What has to be true of purchases before a model of them is fitted, and what is told beside it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from outlay.errors import DataError
from outlay.findings import Finding, errors
from outlay.places import counted, place
from outlay.transforms import Array
from segmentation.catalogue import CATALOGUE

COLUMNS = ("frequency", "recency", "age", "monetary")
FEW_REPEATERS = 100
"""Repeat buyers below which a population's shape is mostly its prior."""

CORRELATED = 0.2
"""Rank correlation of frequency and mean purchase from which Gamma-Gamma's values are told to be wrong together."""

_SURE = 3.0
"""Standard errors that a correlation must be away from zero before it is told."""


@dataclass(frozen=True, eq=False)
class Source:
    """Where purchases are from, for messages.

    Attributes
    ----------
    name : str
        The table.
    word : {"line", "row"}
        What `lines` counts.
    lines : ndarray of int (N,) or None
        Line or row of each customer; None counts rows from 1.
    """

    name: str = "purchases"
    word: str = "row"
    lines: NDArray[np.int64] | None = None

    def at(self, bad: NDArray[np.bool_], column: str = "") -> str:
        """The place of some rows, in words."""
        rows = np.flatnonzero(bad)
        lines = rows + 1 if self.lines is None else self.lines[rows]
        return place(self.name, column=column, word=self.word, rows=np.asarray(lines, np.int64))


@dataclass(frozen=True, eq=False)
class History:
    """Customers' purchases as arrays (N,); times in days, not a number where a customer has no purchase."""

    frequency: Array
    recency: Array
    age: Array
    mean: Array

    @property
    def known(self) -> NDArray[np.bool_]:
        """Who has a purchase at all."""
        return ~np.isnan(self.frequency)

    @property
    def valued(self) -> NDArray[np.bool_]:
        """Whose repeat purchases have a mean value above zero."""
        return (self.frequency > 0) & (self.mean > 0)

    def of(self, rows: NDArray[np.bool_]) -> History:
        """Some of the customers."""
        return History(self.frequency[rows], self.recency[rows], self.age[rows], self.mean[rows])


def history_of(purchases: pd.DataFrame, source: Source) -> History:
    """Purchases as arrays.

    Raises
    ------
    DataError
        K072 or K073, where a row cannot be; with all such rows.
    """
    columns = [purchases[name].to_numpy(dtype=float, na_value=np.nan) for name in COLUMNS]
    history = History(*columns)
    bad = errors([*_impossible(history, source), *_in_future(history, source)])
    if bad:
        raise DataError(bad)
    return history


def check_history(history: History, source: Source, currency: str) -> tuple[Finding, ...]:
    """What is told of purchases beside a fit.

    Raises
    ------
    DataError
        K070, where nobody bought again.
    """
    repeaters = int((history.frequency > 0).sum())
    if repeaters == 0:
        raise DataError(
            [
                CATALOGUE.finding(
                    "K070",
                    source.name,
                    f"none of {counted(int(history.known.sum()), 'customer')} bought on a second day",
                )
            ]
        )
    found = []
    if repeaters < FEW_REPEATERS:
        what = f"{repeaters} of {counted(int(history.known.sum()), 'customer')} bought on a second day"
        found.append(CATALOGUE.finding("K071", source.name, what))
    absent = ~history.known
    if absent.any():
        what = f"{counted(int(absent.sum()), 'customer')} of {len(absent)} without a purchase get no prediction"
        found.append(CATALOGUE.finding("K079", source.at(absent), what))
    return (*found, *_money(history, source, currency))


def _money(history: History, source: Source, currency: str) -> list[Finding]:
    again = history.frequency > 0
    if not (again & ~np.isnan(history.mean)).any():
        return [CATALOGUE.finding("K076", source.name, "repeat purchases have no amounts: purchases are counted only")]
    found = []
    negative, missing = again & (history.mean <= 0), again & np.isnan(history.mean)
    if negative.any():
        what = (
            f"{counted(int(negative.sum()), 'customer')} whose repeat purchases are worth {currency} 0 or less on the "
            "mean are left out of the model of money and valued as the population's mean"
        )
        found.append(CATALOGUE.finding("K074", source.at(negative, "monetary"), what))
    if missing.any():
        what = (
            f"{counted(int(missing.sum()), 'customer')} with repeat purchases without an amount are left out of the "
            "model of money and valued as the population's mean"
        )
        found.append(CATALOGUE.finding("K075", source.at(missing, "monetary"), what))
    told = _independence(history, source)
    return found if told is None else [*found, told]


def _independence(history: History, source: Source) -> Finding | None:
    """Gamma-Gamma takes it that how often and how much have nothing to do with each other."""
    own = history.of(history.valued)
    rho = rank_correlation(own.frequency, own.mean)
    if not np.isfinite(rho):
        return None
    error = 1.0 / math.sqrt(max(len(own.mean) - 1, 1))
    head = f"rank correlation of frequency and mean purchase {rho:+.2f} over {counted(len(own.mean), 'repeat buyer')}"
    if abs(rho) < CORRELATED or abs(rho) < _SURE * error:
        return CATALOGUE.finding("K078", source.name, f"{head}: small enough for Gamma-Gamma")
    which = "more" if rho > 0 else "less"
    return CATALOGUE.finding(
        "K077", source.name, f"{head}: those who buy often spend {which} per purchase than Gamma-Gamma says"
    )


def rank_correlation(first: Array, second: Array) -> float:
    """Spearman's rank correlation; not a number where one of them never moves."""
    if len(first) < 3 or np.ptp(first) == 0 or np.ptp(second) == 0:
        return math.nan
    return float(np.corrcoef(pd.Series(first).rank(), pd.Series(second).rank())[0, 1])


def _impossible(history: History, source: Source) -> list[Finding]:
    x, last, age = history.frequency, history.recency, history.age
    seen = history.known
    half = seen != ~(np.isnan(last) | np.isnan(age))
    ahead = seen & (age < 0)
    with np.errstate(invalid="ignore"):
        kinds = {
            "frequency": (seen & ((x < 0) | (x != np.floor(x)) | np.isinf(x)), "is no whole number from 0"),
            "recency": (seen & ~half & ~ahead & (last > age), "is above the customer's age"),
            "age": (half, "or recency is missing where there are purchases, or the other way round"),
        }
        odd = seen & ~half & (x >= 0) & ((last < 0) | ((x > 0) != (last > 0)))
        kinds["frequency, recency"] = (odd, "do not go together: a repeat purchase is on a later day than the first")
    return [
        CATALOGUE.finding("K072", source.at(bad, column), f"{column} {why}")
        for column, (bad, why) in kinds.items()
        if bad.any()
    ]


def _in_future(history: History, source: Source) -> list[Finding]:
    ahead = history.known & (history.age < 0)
    if not ahead.any():
        return []
    what = f"{counted(int(ahead.sum()), 'customer')} whose first purchase is after the day that ages are counted to"
    return [CATALOGUE.finding("K073", source.at(ahead, "age"), what)]
