"""Months and years of a scorecard."""

from __future__ import annotations

import pandas as pd


def month_of(day: pd.Timestamp) -> pd.Timestamp:
    """First day of a day's month."""
    return pd.Timestamp(day.year, day.month, 1)


def year_of(month: pd.Timestamp, year_starts: int) -> pd.Timestamp:
    """First day of the year that a month lies in, where years begin with the month ``year_starts``."""
    return pd.Timestamp(month.year if month.month >= year_starts else month.year - 1, year_starts, 1)


def month_name(month: pd.Timestamp) -> str:
    """``October 2026``."""
    return f"{month:%B %Y}"


def year_name(start: pd.Timestamp) -> str:
    """``2026``, or ``the year from July 2026`` where it does not begin in January."""
    return f"{start.year}" if start.month == 1 else f"the year from {start:%B %Y}"
