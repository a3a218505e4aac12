"""The calendar of a panel: how far apart its dates are, which dates come next, and where in the year they lie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

if TYPE_CHECKING:
    from mmm.panel import MediaPanel

FrequencyName = Literal["daily", "weekly", "monthly"]
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

LATER_SHARE_HALF_LIVES = float(np.log2(6.0))
"""After so many half-lives a sixth of a geometric effect is still to come."""

Days = NDArray[np.datetime64]
Index = NDArray[np.int64]


@dataclass(frozen=True)
class Frequency:
    """The spacing of a panel's dates.

    Attributes
    ----------
    name : {"daily", "weekly", "monthly"}
        The spacing.
    anchor : str
        What all dates share: a weekday for weekly data, ``"start"``, ``"end"`` or ``"day 15"`` for monthly data.
    marks : {"start", "end"}
        Whether a date is the first or the last day of its period. Month ends always mark the end.
    """

    name: FrequencyName
    anchor: str = ""
    marks: Literal["start", "end"] = "start"

    @property
    def days(self) -> int:
        """Days in a period: 1, 7 or 30."""
        return {"daily": 1, "weekly": 7, "monthly": 30}[self.name]

    @property
    def periods_per_year(self) -> float:
        """Periods in a mean year of 365.25 days."""
        return {"daily": 365.25, "weekly": 365.25 / 7, "monthly": 12.0}[self.name]

    @property
    def unit(self) -> str:
        """The period in words: day, week or month."""
        return {"daily": "day", "weekly": "week", "monthly": "month"}[self.name]

    def position(self, dates: pd.DatetimeIndex) -> Index:
        """Number of the period that each date falls in, counted from a fixed origin.

        Dates of one period share a number, and the next period's is one higher, so gaps and repeats are plain integers.
        """
        if self.name == "monthly":
            return dates.to_numpy().astype("datetime64[M]").astype(np.int64)
        days = dates.to_numpy().astype("datetime64[D]").astype(np.int64)
        if self.name == "daily":
            return days
        # Day 0 of the epoch was a Thursday; counting from the anchor's weekday puts every week in one number.
        return (days - (WEEKDAYS.index(self.anchor) - 3) % 7) // 7

    def date(self, position: Index) -> pd.DatetimeIndex:
        """The anchored date of each period number; the inverse of :meth:`position`."""
        position = np.asarray(position, np.int64)
        if self.name == "daily":
            days = position.astype("datetime64[D]")
        elif self.name == "weekly":
            days = (position * 7 + (WEEKDAYS.index(self.anchor) - 3) % 7).astype("datetime64[D]")
        elif self.anchor == "end":
            days = (position + 1).astype("datetime64[M]").astype("datetime64[D]") - 1
        else:
            day = 1 if self.anchor == "start" else int(self.anchor.removeprefix("day "))
            days = position.astype("datetime64[M]").astype("datetime64[D]") + (day - 1)
        return pd.DatetimeIndex(days.astype("datetime64[ns]"))

    def on_anchor(self, dates: pd.DatetimeIndex) -> NDArray[np.bool_]:
        """Whether each date is the anchored date of its period."""
        return np.asarray(dates == self.date(self.position(dates)), bool)

    def future(self, last: pd.Timestamp, n: int) -> pd.DatetimeIndex:
        """The ``n`` dates that follow ``last``."""
        start = self.position(pd.DatetimeIndex([last]))[0]
        return self.date(start + 1 + np.arange(n))

    def first_days(self, dates: pd.DatetimeIndex) -> Days:
        """First day of each date's period."""
        return self._bounds(dates)[0]

    def last_days(self, dates: pd.DatetimeIndex) -> Days:
        """Last day of each date's period."""
        return self._bounds(dates)[1]

    def _bounds(self, dates: pd.DatetimeIndex) -> tuple[Days, Days]:
        days = dates.to_numpy().astype("datetime64[D]")
        if self.name == "monthly" and self.anchor in ("start", "end"):
            months = days.astype("datetime64[M]")
            return months.astype("datetime64[D]"), (months + 1).astype("datetime64[D]") - 1
        if self.marks == "end":
            return self._neighbour(dates, -1) + 1, days
        return days, self._neighbour(dates, 1) - 1

    def _neighbour(self, dates: pd.DatetimeIndex, step: int) -> Days:
        return np.asarray(self.date(self.position(dates) + step).to_numpy().astype("datetime64[D]"))


def detect_frequency(
    dates: pd.DatetimeIndex, groups: Index | None = None, *, marks: Literal["start", "end"] = "start"
) -> Frequency | None:
    """The spacing that most steps between neighbouring dates of a group have, or None where there is none.

    Repeated dates are passed over; they are another fault. A table with some steps of another length still has its
    main frequency here: the checks name the rows that do not fit.

    Parameters
    ----------
    dates : DatetimeIndex (N,)
        One date per row, in any order.
    groups : ndarray (N,), optional
        Group number of each row.
    marks : {"start", "end"}
        Whether a weekly date is the first or the last day of its week.
    """
    days = dates.to_numpy().astype("datetime64[D]").astype(np.int64)
    codes = np.zeros(len(days), np.int64) if groups is None else groups
    order = np.lexsort((days, codes))
    step = np.diff(days[order])[np.diff(codes[order]) == 0]
    step = step[step > 0]
    if not len(step):
        return None
    counts = {
        "daily": int((step == 1).sum()),
        "weekly": int((step == 7).sum()),
        "monthly": int(((step >= 28) & (step <= 31)).sum()),
    }
    name = max(counts, key=lambda key: counts[key])
    if counts[name] == 0 or 2 * sum(counts.values()) < len(step):
        return None
    # Months differ in length; steps of 28 days throughout are four-week blocks, which run out of step with the year.
    if name == "monthly" and len(step) >= 4 and len(np.unique(step)) == 1:
        return None
    if name == "weekly":
        weekday = np.bincount((days + 3) % 7, minlength=7).argmax()
        return Frequency("weekly", WEEKDAYS[weekday], marks)
    if name == "monthly":
        return _monthly(dates, marks)
    return Frequency("daily")


def _monthly(dates: pd.DatetimeIndex, marks: Literal["start", "end"]) -> Frequency | None:
    """Monthly data on month starts, month ends, or one day of the month up to the 28th."""
    if 2 * int(dates.is_month_end.sum()) > len(dates):
        return Frequency("monthly", "end", "end")
    day = int(np.bincount(dates.day, minlength=32).argmax())
    if day == 1:
        return Frequency("monthly", "start")
    return Frequency("monthly", f"day {day}", marks) if day <= 28 else None


def carry_over_length(n_periods: int, frequency: Frequency, l_max: int | None, slowest_days: float) -> int:
    """Periods over which an exposure acts.

    Parameters
    ----------
    n_periods : int
        Periods of the panel, with those of its media history.
    frequency : Frequency
        Their spacing.
    l_max : int or None
        What the user says; it stands.
    slowest_days : float
        The longest half-life that is believed possible, in days (:func:`mmm.presets.slowest_days`).

    Returns
    -------
    int
        As many periods as leave a sixth of the effect for later at that half-life; at least one, and at most an eighth
        of the data, because a short history is worth more as rows to learn from than as a long tail.
    """
    if l_max is not None:
        return l_max
    period = 365.25 / frequency.periods_per_year
    wanted = round(LATER_SHARE_HALF_LIVES * slowest_days / period)
    # Anything that carries over reaches the next period at least; with one period a half-life would mean nothing.
    return max(1, min(max(wanted, 2 if slowest_days > 0 else 1), n_periods // 8))


def first_scored(history: int, l_max: int) -> int:
    """The first row that is scored: the first with a KPI, or the first with ``l_max`` rows before it.

    A scored row needs the exposures of the ``l_max - 1`` rows before it. Media history of that length or more gives
    them all, and every row with a KPI is scored. With a shorter one, or none, the first ``l_max`` rows are not scored.
    """
    return history if history and history >= l_max - 1 else l_max


def scored_rows(panel: MediaPanel, l_max: int) -> slice:
    """The rows of a panel that the model is fitted to, see :func:`first_scored`."""
    return slice(first_scored(panel.history, l_max), panel.n_periods)


def year_phase(dates: pd.DatetimeIndex) -> NDArray[np.float64]:
    """Share of the year that lies before each date, in [0, 1): 1 January is 0 in every year."""
    length = np.where(dates.is_leap_year, 366.0, 365.0)
    return np.asarray((dates.day_of_year.to_numpy() - 1) / length, np.float64)
