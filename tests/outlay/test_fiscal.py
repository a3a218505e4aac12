"""Fiscal weeks against calendars that are published: ISO 8601 and that of the National Retail Federation."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outlay.fiscal import Fiscal
from outlay.project import ProjectSection

MONDAYS = st.integers(0, 3000).map(lambda n: date(1990, 1, 1) + timedelta(weeks=n))  # 1 January 1990 was one


@given(MONDAYS)
def test_mondays_near_new_year_are_iso_weeks(day: date) -> None:
    year, week, _ = day.isocalendar()
    assert Fiscal(1, 1).label(day, "week") == f"FY{year % 100:02d} W{week:02d}"


# First days of the fiscal years 2018 to 2026 of the National Retail Federation's 4-5-4 calendar
NRF = ("2018-02-04", "2019-02-03", "2020-02-02", "2021-01-31", "2022-01-30", "2023-01-29", "2024-02-04", "2025-02-02")


@pytest.mark.parametrize("first", NRF)
def test_sundays_near_february_are_the_retail_calendar(first: str) -> None:
    day = date.fromisoformat(first)
    year = day.year % 100
    assert Fiscal(2, 1).label(day, "week") == f"FY{year:02d} W01"
    # 2017 and 2023 are its years with 53 weeks
    last = Fiscal(2, 1).label(day - timedelta(days=7), "week")
    assert last == f"FY{year - 1:02d} W{53 if first in ('2018-02-04', '2024-02-04') else 52:02d}"


@given(st.integers(1, 12), st.integers(1, 28), st.dates(date(1999, 1, 1), date(2060, 1, 1)))
def test_weeks_count_up_by_one_and_start_again_near_the_day(month: int, day: int, at: date) -> None:
    fiscal = Fiscal(month, day)
    week, after = (fiscal.label(when, "week") for when in (at, at + timedelta(days=7)))
    if after.endswith("W01"):
        start = at + timedelta(days=7)
        assert min(abs((start - date(start.year + k, month, day)).days) for k in (-1, 0, 1)) <= 3
        assert int(week[-2:]) in (52, 53)
    else:
        assert (after[:4], int(after[-2:])) == (week[:4], int(week[-2:]) + 1)


def test_months_count_from_the_month_that_begins_nearest() -> None:
    assert Fiscal(2, 1).label(date(2025, 2, 1), "month") == "FY25 M01"
    assert Fiscal(2, 1).label(date(2025, 1, 1), "month") == "FY24 M12"
    assert Fiscal(1, 25).label(date(2025, 2, 1), "month") == "FY25 M01"
    assert Fiscal(12, 28).label(date(2025, 1, 1), "month") == "FY24 M01"


def test_a_year_may_be_named_by_its_end() -> None:
    assert Fiscal(10, 1, "end").label(date(2025, 10, 1), "month") == "FY26 M01"
    assert Fiscal(1, 1, "end").label(date(2025, 1, 1), "month") == "FY25 M01"  # it ends in the year that it starts in


def test_a_day_is_told_by_week_and_weekday() -> None:
    assert Fiscal(1, 1).label(date(2025, 1, 7), "day") == "FY25 W02 Tue"  # its ISO week


def test_a_project_without_a_fiscal_year_has_no_calendar() -> None:
    assert Fiscal.of(ProjectSection(name="x")) is None
    assert Fiscal.of(ProjectSection(name="x", fiscal_year_starts="02-01")) == Fiscal(2, 1)
