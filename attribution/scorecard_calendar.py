"""The days and months that a scorecard speaks of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attribution.goals_months import month_of, year_of
from outlay.transforms import Array

FIRST_DAYS = 3
"""A month whose first lead comes within its first days counts as whole: a table may begin with a weekend."""


@dataclass(frozen=True, eq=False)
class Calendar:
    """Days from the first month of the leads to the end of the year in which they end.

    Attributes
    ----------
    days : DatetimeIndex (D,)
    months : DatetimeIndex (M,)
        First days of the months.
    of_day : ndarray of int (D,)
        Month of each day.
    first, last : Timestamp
        First day that leads speak of, and the day of the table.
    """

    days: pd.DatetimeIndex
    months: pd.DatetimeIndex
    of_day: NDArray[np.int64]
    first: pd.Timestamp
    last: pd.Timestamp

    @cached_property
    def seen(self) -> NDArray[np.bool_]:
        """Days from the first to the last of the leads, (D,)."""
        return np.asarray((self.days >= self.first) & (self.days <= self.last))

    @cached_property
    def past(self) -> int:
        """T: how many months have begun."""
        return int((self.months <= self.last).sum())

    @cached_property
    def running(self) -> bool:
        """Whether the last month that has begun has days to come."""
        return bool(self.months[self.past - 1] + pd.offsets.MonthEnd(0) > self.last)

    @cached_property
    def whole(self) -> NDArray[np.bool_]:
        """Months of which every day was seen, (M,)."""
        ends = self.months + pd.offsets.MonthEnd(0)
        begun = np.array([self.begins_with(month) for month in self.months])
        return np.asarray((ends <= self.last) & begun)

    def begins_with(self, day: pd.Timestamp) -> bool:
        """Whether leads are there from a month's first days on."""
        return bool(self.first <= day + pd.Timedelta(days=FIRST_DAYS - 1))

    def sums(self, by_day: Array) -> Array:
        """Sums over months of the last axis, (..., M)."""
        starts = np.searchsorted(self.of_day, np.arange(len(self.months)))
        return np.asarray(np.add.reduceat(by_day, starts, axis=-1))

    def at(self, month: pd.Timestamp) -> int:
        """Position of a month."""
        return int(self.months.get_indexer(pd.DatetimeIndex([month]))[0])


def calendar(first: pd.Timestamp, last: date, year_starts: int) -> Calendar:
    """The calendar of leads that were created from one day to another."""
    end = pd.Timestamp(last)
    stop = year_of(month_of(end), year_starts) + pd.DateOffset(months=12) - pd.Timedelta(days=1)
    days = pd.date_range(month_of(first), stop, freq="D")
    months = pd.date_range(month_of(first), stop, freq="MS")
    of_day = np.searchsorted(months.to_numpy(), days.to_numpy(), side="right") - 1
    return Calendar(days, months, of_day.astype(np.int64), first, end)
