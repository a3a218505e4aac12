"""The fiscal calendar: which year and week (or month) of the company's own calendar a period is.

A fiscal year starts with the period whose first day is nearest to a day of the year. Calendars that companies use are
of that form: ISO weeks (Mondays, nearest to 1 January) and the retail calendar of the National Retail Federation
(Sundays, nearest to 1 February).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from outlay.project import ProjectSection

_WEEK = 7


@dataclass(frozen=True)
class Fiscal:
    """A fiscal calendar.

    Attributes
    ----------
    month, day : int
        Near which the year starts.
    named : {"start", "end"}
        Whether a year has the number of the calendar year that it starts or ends in.
    """

    month: int
    day: int
    named: Literal["start", "end"] = "start"

    @classmethod
    def of(cls, project: ProjectSection) -> Fiscal | None:
        """The calendar of a project; None where it states none."""
        if project.fiscal_year_starts is None:
            return None
        month, day = project.fiscal_year_starts.split("-")
        return cls(int(month), int(day), project.fiscal_year_named)

    def label(self, day: date, period: str) -> str:
        """A period by its first day: ``FY25 W14``, of months ``FY25 M03``, of days ``FY25 W14 Tue``.

        Parameters
        ----------
        day : date
            First day of the period.
        period : str
            ``day``, ``week`` or ``month``.
        """
        if period == "month":
            return self._month(day)
        # nothing says on which weekday a company's weeks begin where its data are daily: on Mondays, as in ISO 8601
        start = day - timedelta(days=day.weekday()) if period == "day" else day
        first, year = self._first_week(start)
        week = f"{self._year(year)} W{(start - first).days // _WEEK + 1:02d}"
        return f"{week} {day:%a}" if period == "day" else week

    def _first_week(self, day: date) -> tuple[date, int]:
        """First day of the fiscal year that a week is of, and the calendar year of its start."""
        year = day.year + 1
        while (first := self._nearest(year, day)) > day:
            year -= 1
        return first, year

    def _nearest(self, year: int, like: date) -> date:
        """The day of the same weekday that is nearest to the start of a year."""
        start = self._start(year)
        ahead = (like.weekday() - start.weekday()) % _WEEK
        return start + timedelta(days=ahead if ahead <= _WEEK // 2 else ahead - _WEEK)

    def _start(self, year: int) -> date:
        """The day itself; the last of February where a year has no 29th."""
        try:
            return date(year, self.month, self.day)
        except ValueError:
            return date(year, self.month + 1, 1) - timedelta(days=1)

    def _month(self, day: date) -> str:
        # the month that begins nearest to the day: from the 16th on it is the next one
        first = self.month % 12 + 1 if self.day > 15 else self.month
        turned = self.day > 15 and self.month == 12
        year = day.year - (day.month < first)
        return f"{self._year(year - turned)} M{(day.month - first) % 12 + 1:02d}"

    def _year(self, start: int) -> str:
        ends = start if (self.month, self.day) == (1, 1) else start + 1
        return f"FY{(start if self.named == 'start' else ends) % 100:02d}"
