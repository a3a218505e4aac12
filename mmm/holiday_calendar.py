"""Public holidays as series on a panel's periods, from the offline calendar of the ``holidays`` package."""

from __future__ import annotations

import difflib
import re
from functools import lru_cache

import holidays
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mmm.calendar import Days, Frequency
from mmm.catalogue import CATALOGUE
from outlay.findings import Finding

_TOGETHER = " + "


def check_country(country: str | None) -> list[Finding]:
    """A country or region that the calendar does not know (D122)."""
    if country is None:
        return []
    code, _, region = country.partition("-")
    known = holidays.list_supported_countries(include_aliases=True)
    if code not in known:
        near = difflib.get_close_matches(code.upper(), known, 1)
        hint = f"; did you mean {near[0]!r}?" if near and near[0] != code else ""
        return [CATALOGUE.finding("D122", f"[media] holidays = {country!r}", f"no country has the code {code!r}{hint}")]
    if region and region not in known[code]:
        what = f"{code} has no region {region!r}; it has {', '.join(known[code]) or 'none'}"
        return [CATALOGUE.finding("D122", f"[media] holidays = {country!r}", what)]
    return []


def holiday_names(dates: pd.DatetimeIndex, frequency: Frequency, country: str) -> tuple[str, ...]:
    """The holidays whose effect these dates can teach.

    A holiday needs two occurrences at least, and periods without it. Holidays that always fall in the same periods,
    such as Christmas Day and Boxing Day in most weeks, are one series: their names are joined by a plus sign.
    """
    return sort_holidays(dates, frequency, country)[0]


def sort_holidays(
    dates: pd.DatetimeIndex, frequency: Frequency, country: str
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """The holidays of :func:`holiday_names`, those that occur fewer than twice, and those alike in every period."""
    table = _occurrences(country, *_years(dates))
    kept: dict[bytes, list[str]] = {}
    rare, always = [], []
    for name, runs in table.items():
        series = _shares(dates, frequency, runs)
        if _times(dates, frequency, runs) < 2:
            rare.append(name)
        elif np.ptp(series) == 0:
            always.append(name)
        else:
            kept.setdefault(series.tobytes(), []).append(name)
    return tuple(_TOGETHER.join(names) for names in kept.values()), tuple(rare), tuple(always)


def holiday_matrix(
    dates: pd.DatetimeIndex, frequency: Frequency, country: str, names: tuple[str, ...]
) -> NDArray[np.float64]:
    """Share of each holiday's days that fall in each period.

    Parameters
    ----------
    dates : DatetimeIndex (T,)
        The periods, past or future.
    frequency : Frequency
        Their spacing.
    country : str
        Country code, with a region after a dash where wanted.
    names : tuple of str
        The holidays, from :func:`holiday_names` on the history.

    Returns
    -------
    ndarray (T, H)
        A holiday of one day is 1 in its period; one of several days is split over the periods it touches.
    """
    table = _occurrences(country, *_years(dates))
    matrix = np.zeros((len(dates), len(names)))
    for index, name in enumerate(names):
        parts = [_shares(dates, frequency, table.get(part, ())) for part in name.split(_TOGETHER)]
        matrix[:, index] = np.mean(parts, axis=0)
    return matrix


def _years(dates: pd.DatetimeIndex) -> tuple[int, int]:
    """The years that the periods touch; a week may begin in one and end in the next."""
    return int(dates.year.min()) - 1, int(dates.year.max()) + 1


@lru_cache(maxsize=32)
def _occurrences(country: str, first: int, last: int) -> dict[str, tuple[Days, ...]]:
    """Days of each holiday, one array per occurrence: days of one name within a week of each other."""
    code, _, region = country.partition("-")
    languages = holidays.country_holidays(code).supported_languages
    language = "en_US" if "en_US" in languages else None
    calendar = holidays.country_holidays(
        code, subdiv=region or None, years=range(first, last + 1), observed=False, language=language
    )
    days: dict[str, list[np.datetime64]] = {}
    for day in sorted(calendar):
        for name in calendar.get_list(day):
            days.setdefault(_clean(name), []).append(np.datetime64(day, "D"))
    return {name: _split(np.array(found, "datetime64[D]")) for name, found in days.items()}


def _clean(name: str) -> str:
    """The name without what is said in brackets: (observed), (estimated), (substituted from ...)."""
    return re.sub(r"\s*[(（][^)）]*[)）]", "", name).replace(_TOGETHER, " and ").strip()


def _split(days: Days) -> tuple[Days, ...]:
    days = np.unique(days)
    breaks = np.flatnonzero(np.diff(days).astype(int) > 7) + 1
    return tuple(np.split(days, breaks))


def _shares(dates: pd.DatetimeIndex, frequency: Frequency, runs: tuple[Days, ...]) -> NDArray[np.float64]:
    """Sum over occurrences of the share of its days in each period (T,)."""
    first, last = frequency.first_days(dates), frequency.last_days(dates)
    total = np.zeros(len(dates))
    for days in runs:
        inside = (days[None, :] >= first[:, None]) & (days[None, :] <= last[:, None])
        total += inside.sum(1) / len(days)
    return total


def _times(dates: pd.DatetimeIndex, frequency: Frequency, runs: tuple[Days, ...]) -> int:
    """Occurrences that the dates cover."""
    start, end = frequency.first_days(dates).min(), frequency.last_days(dates).max()
    return sum(bool(((days >= start) & (days <= end)).any()) for days in runs)
