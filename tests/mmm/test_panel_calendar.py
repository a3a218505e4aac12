"""Frequencies: detected, continued, and turned into periods with a first and a last day."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmm.calendar import (
    Frequency,
    FrequencyName,
    carry_over_length,
    detect_frequency,
    first_scored,
    scored_rows,
    year_phase,
)
from mmm.presets import slowest_days
from outlay.transforms import adstock_weights
from tests.mmm.panels import panel, section, table

SPACINGS = {"D": ("daily", ""), "W-SUN": ("weekly", "Sunday"), "MS": ("monthly", "start"), "ME": ("monthly", "end")}


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    st.dates(pd.Timestamp("1995-01-01").date(), pd.Timestamp("2040-01-01").date()),
    st.integers(4, 300),
    st.sampled_from(sorted(SPACINGS)),
)
def test_dates_of_pandas_are_detected_and_continued(start: object, n: int, alias: str) -> None:
    every = pd.date_range(start, periods=n + 10, freq=alias)  # type: ignore[call-overload]
    frequency = detect_frequency(every[:n])
    assert frequency is not None
    assert (frequency.name, frequency.anchor) == SPACINGS[alias]
    assert frequency.on_anchor(every).all()
    # pandas' own calendar is the reference for what comes next
    assert frequency.future(every[n - 1], 10).equals(every[n:].as_unit("ns"))
    assert np.diff(frequency.position(every)).tolist() == [1] * (n + 9)
    assert frequency.date(frequency.position(every)).equals(every.as_unit("ns"))


@settings(max_examples=30, deadline=None, derandomize=True)
@given(
    st.dates(pd.Timestamp("2015-01-01").date(), pd.Timestamp("2030-01-01").date()), st.sampled_from(sorted(SPACINGS))
)
def test_periods_cover_every_day_once(start: object, alias: str) -> None:
    dates = pd.date_range(start, periods=60, freq=alias)  # type: ignore[call-overload]
    for marks in ("start", "end"):
        frequency = detect_frequency(dates, marks=marks)
        assert frequency is not None
        first, last = frequency.first_days(dates), frequency.last_days(dates)
        assert ((first[1:] - last[:-1]).astype(int) == 1).all()
        inside = dates.to_numpy().astype("datetime64[D]")
        assert ((first <= inside) & (inside <= last)).all()


def test_a_week_runs_from_or_to_its_date() -> None:
    sunday = pd.DatetimeIndex(["2024-03-10"])
    start, end = Frequency("weekly", "Sunday"), Frequency("weekly", "Sunday", "end")
    assert [str(start.first_days(sunday)[0]), str(start.last_days(sunday)[0])] == ["2024-03-10", "2024-03-16"]
    assert [str(end.first_days(sunday)[0]), str(end.last_days(sunday)[0])] == ["2024-03-04", "2024-03-10"]


def test_fifty_three_week_years_are_plain_weeks() -> None:
    # 2020 and 2026 have an ISO week 53
    dates = pd.date_range("2019-12-30", "2027-01-04", freq="7D")
    frequency = detect_frequency(dates)
    assert frequency == Frequency("weekly", "Monday")
    assert (np.diff(frequency.position(dates)) == 1).all()


def test_one_group_after_the_other_makes_no_step_between_them() -> None:
    dates = pd.date_range("2024-01-01", periods=10, freq="7D")
    both = pd.DatetimeIndex(np.concatenate([dates, dates]))
    assert detect_frequency(both, np.repeat([0, 1], 10)) == Frequency("weekly", "Monday")


@pytest.mark.parametrize("step", ["2D", "14D", "90D"])
def test_other_spacings_have_no_name(step: str) -> None:
    assert detect_frequency(pd.date_range("2024-01-01", periods=20, freq=step)) is None


def test_a_single_date_has_no_frequency() -> None:
    assert detect_frequency(pd.DatetimeIndex(["2024-01-01"] * 3)) is None


def test_year_phase_starts_at_zero_and_ends_below_one() -> None:
    phase = year_phase(pd.DatetimeIndex(["2023-01-01", "2024-01-01", "2024-12-31", "2023-07-02"]))
    # 365 of 366 days lie before the last day of a leap year; 182 of 365 before 2 July
    assert phase == pytest.approx([0.0, 0.0, 365 / 366, 182 / 365], abs=1e-15)


SLOWEST = slowest_days(section())  # 7 days in the middle and a log sd of 1: 7 exp(1.645) = 36.3 days


@pytest.mark.parametrize(
    # 36.3 days are 5.18 weeks or 1.19 months; times log2(6) = 2.585 that is 93.7 days, 13.4 weeks, 3.1 months
    "name, n, l_max",
    [
        ("weekly", 104, 13),
        ("weekly", 103, 12),
        ("daily", 800, 94),
        ("daily", 480, 60),
        ("monthly", 48, 3),
        ("monthly", 5, 1),
    ],
)
def test_carry_over_is_at_most_an_eighth_of_the_data(name: FrequencyName, n: int, l_max: int) -> None:
    assert carry_over_length(n, Frequency(name), None, SLOWEST) == l_max
    assert carry_over_length(n, Frequency(name), 7, SLOWEST) == 7  # what the user says stands


@pytest.mark.parametrize("half_life", [2.0, 3.7, 5.2])
def test_at_most_a_sixth_comes_later_at_the_slowest_half_life(half_life: float) -> None:
    length = carry_over_length(1000, Frequency("weekly"), None, 7.0 * half_life)
    weights = adstock_weights("geometric", np.array([half_life]), np.array([1.0]), 400)[0]
    # Half a period of rounding changes the sixth by a factor of 2^(0.5 / half-life) at most.
    assert weights[length:].sum() == pytest.approx(1 / 6, rel=2 ** (0.5 / half_life) - 1)


def test_without_carry_over_a_period_acts_alone() -> None:
    still = section(channels=[{"name": "tv", "spend": "tv", "adstock": "none"}])
    assert carry_over_length(104, Frequency("weekly"), None, slowest_days(still)) == 1


@pytest.mark.parametrize(
    "history, l_max, first",
    [
        (0, 13, 13),  # without media history the first l_max rows warm up
        (5, 13, 13),  # eight rows with a KPI warm up as well
        (11, 13, 13),
        (12, 13, 12),  # the row before has lags 0 to 12 in rows 0 to 12: all there are
        (30, 13, 30),
        (0, 1, 1),
        (1, 1, 1),
    ],
)
def test_the_first_scored_row(history: int, l_max: int, first: int) -> None:
    assert first_scored(history, l_max) == first


def test_scored_rows_end_with_the_panel() -> None:
    frame = table(60)
    frame.loc[:19, "sales"] = np.nan
    assert scored_rows(panel(frame), 7) == slice(20, 60)


def test_periods_per_year() -> None:
    # 365.25 days in a mean year, 7 in a week
    assert Frequency("weekly", "Monday").periods_per_year == pytest.approx(52.178571, abs=1e-6)
    assert [Frequency(name).days for name in ("daily", "weekly", "monthly")] == [1, 7, 30]
