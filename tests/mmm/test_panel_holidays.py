"""Holidays on periods: the right weeks, whole and split, with names that learn and names that cannot."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mmm.calendar import Frequency
from mmm.holiday_calendar import check_country, holiday_matrix, holiday_names

WEEKLY = Frequency("weekly", "Sunday")
WEEKS = pd.date_range("2014-08-03", periods=209, freq="7D")


def column(dates: pd.DatetimeIndex, name: str, country: str = "US", frequency: Frequency = WEEKLY) -> pd.DatetimeIndex:
    """The dates on which a holiday is on."""
    matrix = holiday_matrix(dates, frequency, country, (name,))
    return dates[matrix[:, 0] > 0]


def test_thanksgiving_is_the_fourth_thursday_of_november() -> None:
    # The Sundays before 27 Nov 2014, 26 Nov 2015, 24 Nov 2016 and 23 Nov 2017
    found = column(WEEKS, "Thanksgiving Day")
    assert list(found.strftime("%Y-%m-%d")) == ["2014-11-23", "2015-11-22", "2016-11-20", "2017-11-19"]


def test_a_week_dated_by_its_last_day_holds_the_days_before_it() -> None:
    found = column(WEEKS, "Thanksgiving Day", frequency=Frequency("weekly", "Sunday", "end"))
    assert found[0] == pd.Timestamp("2014-11-30")  # the Sunday after Thursday 27 November


def test_names_need_two_occurrences_and_periods_without() -> None:
    year = pd.date_range("2023-01-01", periods=52, freq="7D")
    assert holiday_names(year, WEEKLY, "US") == ()  # one of each
    assert "Thanksgiving Day" in holiday_names(WEEKS, WEEKLY, "US")
    monthly = pd.date_range("2020-01-01", periods=48, freq="MS")
    assert all(
        np.ptp(holiday_matrix(monthly, Frequency("monthly", "start"), "US", (name,))) > 0
        for name in holiday_names(monthly, Frequency("monthly", "start"), "US")
    )


def test_names_are_bare_of_remarks() -> None:
    for country in ("US", "GB", "DE-BY", "SA", "CN", "IN", "TR"):
        for name in holiday_names(WEEKS, WEEKLY, country):
            assert "observed" not in name.lower()
            assert "estimated" not in name.lower()
            assert "(" not in name


def test_a_holiday_of_several_days_is_split_over_its_weeks() -> None:
    # Saudi Eid al-Fitr 2023 is listed on 21 to 24 April: Friday and Saturday in one week, Sunday and Monday in the next
    weeks = pd.date_range("2023-04-09", periods=4, freq="7D")
    names = [name for name in holiday_names(WEEKS, WEEKLY, "SA") if "Fitr" in name]
    assert names
    shares = holiday_matrix(weeks, WEEKLY, "SA", (names[0].split(" + ")[0],))[:, 0]
    assert shares == pytest.approx([0.0, 0.5, 0.5, 0.0])


def test_holidays_always_in_the_same_weeks_are_one_series() -> None:
    # Saturday-dated weeks from 2021 on: 25 and 26 December lie in one week in every year but 2026
    weeks = pd.date_range("2021-01-02", periods=208, freq="7D")
    joined = [name for name in holiday_names(weeks, Frequency("weekly", "Saturday"), "DE") if "Christmas" in name]
    assert len(joined) == 1
    assert " + " in joined[0]


def test_the_future_has_the_same_columns() -> None:
    names = holiday_names(WEEKS, WEEKLY, "US")
    future = WEEKLY.future(WEEKS[-1], 52)
    matrix = holiday_matrix(future, WEEKLY, "US", names)
    assert matrix.shape == (52, len(names))
    assert matrix.sum(0) == pytest.approx(np.ones(len(names)))  # each once in any 52 weeks that hold its day


def test_a_region_has_holidays_of_its_own() -> None:
    assert any("Epiphany" in name for name in holiday_names(WEEKS, WEEKLY, "DE-BY"))
    assert not any("Epiphany" in name for name in holiday_names(WEEKS, WEEKLY, "DE"))


def test_known_countries_pass() -> None:
    assert not check_country(None)
    assert not check_country("US")
    assert not check_country("DE-BY")
