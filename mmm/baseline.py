"""Everything that is not media, as columns of one linear design: trend, season, holidays, events, controls, levers.

The design is built once for history and future together, so that a forecast uses exactly the columns that were fitted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from mmm.calendar import WEEKDAYS, year_phase
from mmm.config import MediaSection
from mmm.future import Future
from mmm.holiday_calendar import holiday_matrix, holiday_names
from outlay.transforms import Array

if TYPE_CHECKING:
    from mmm.panel import MediaPanel  # the checks of a panel ask this module which columns there will be

FOURIER_ORDER = {"daily": 6, "weekly": 4, "monthly": 3}
"""Yearly Fourier order by frequency where the user says nothing."""

TREND_SD = 0.5
"""Prior sd of the change of the KPI from the first to the last period, as a share of its mean."""

ONE_OFF_FACTOR = 2.0
"""An event or holiday may move a period by more than the KPI's usual movement: this many times as much."""

_SIGNS = {"any": 0, "positive": 1, "negative": -1}

_STILL = 1e-9
"""Movement, as a share of a column's size, that is rounding and no movement."""


@dataclass(frozen=True)
class Term:
    """One column of the baseline.

    Attributes
    ----------
    name : str
        Unique name, for example ``"control price_index"``.
    component : str
        The row of the contribution tables that it adds to.
    kind : {"base", "season", "event", "control", "lever"}
        What it is.
    prior_sd : float
        Prior standard deviation of its coefficient, in units of the scaled KPI.
    values : ndarray (T + H, G)
        The column over history and future, standardised where it has a unit of its own.
    origin : float
        The value at which its contribution is counted as zero.
    sign : {0, 1, -1}
        The direction of its effect where that is known.
    unit : float
        Of a lever: how much of its own column counts as one; infinite where it never moves.
    """

    name: str
    component: str
    kind: str
    prior_sd: float
    values: Array
    origin: float = 0.0
    sign: int = 0
    unit: float = 1.0


def baseline_terms(panel: MediaPanel, section: MediaSection, future: Future, fit: slice, kpi_sd: float) -> list[Term]:
    """All columns of the baseline but the level.

    Parameters
    ----------
    panel, section, future
        Data, project section, and the assumed future.
    fit : slice
        Rows that are scored; standardisation uses only these.
    kpi_sd : float
        Standard deviation of the scaled KPI within groups: how much there is to explain.
    """
    timeline = pd.DatetimeIndex(panel.dates.append(future.dates))
    terms: list[Term] = []
    if section.trend:
        terms += _trend(panel, timeline, fit, section.knots)
    terms += _season(panel, section, timeline, kpi_sd)
    if section.holidays:
        terms += _holidays(panel, section.holidays, timeline, kpi_sd)
    terms += [
        Term(f"event {name}", "holidays and events", "event", ONE_OFF_FACTOR * kpi_sd, values)
        for name, values in _series(panel.event_names, panel.events, future.events)
    ]
    for name, values in _series(panel.control_names, panel.controls, future.controls):
        # From each group's own mean: slopes differ by group, and with one mean for all a difference between groups,
        # which nothing measures, would become a contribution.
        scaled = (values - values[fit].mean(0)) / _spread(values[fit])
        terms.append(Term(f"control {name}", "controls", "control", kpi_sd, scaled))
    for index, (name, values) in enumerate(_series(panel.lever_names, panel.levers, future.levers)):
        # A lever counts from its reference, which is one number for all groups, so what is subtracted is one as well.
        mean, sd = float(values[fit].mean()), _spread(values[fit])
        origin = (float(panel.lever_reference[index]) - mean) / sd
        sign = _SIGNS[section.levers[index].sign]
        terms.append(Term(f"lever {name}", name, "lever", kpi_sd, (values - mean) / sd, origin, sign, sd))
    return terms


def seasonal_order(panel: MediaPanel, section: MediaSection) -> int:
    """The yearly Fourier order in use; less than a year of data teach no season, whatever is stated."""
    return wanted_order(panel, section) if has_a_year(panel) else 0


def wanted_order(panel: MediaPanel, section: MediaSection) -> int:
    """The yearly Fourier order that the section states, or else the default of the frequency."""
    return FOURIER_ORDER[panel.frequency.name] if section.seasonality is None else section.seasonality


def has_a_year(panel: MediaPanel) -> bool:
    """Whether the data cover a year: 365 days, 52 weeks or 12 months."""
    return panel.n_periods - panel.history >= round(panel.frequency.periods_per_year)


def free_columns(panel: MediaPanel, section: MediaSection) -> int:
    """How many coefficients :func:`baseline_terms` makes, of which the seven weekdays are six unknowns."""
    own = len(panel.event_names) + len(panel.control_names) + len(panel.lever_names)
    holidays = (
        holiday_names(panel.dates[panel.history :], panel.frequency, section.holidays) if section.holidays else ()
    )
    weekdays = len(WEEKDAYS) - 1 if panel.frequency.name == "daily" else 0
    return section.trend * (1 + section.knots) + 2 * seasonal_order(panel, section) + weekdays + len(holidays) + own


def _trend(panel: MediaPanel, timeline: pd.DatetimeIndex, fit: slice, knots: int) -> list[Term]:
    """A slope and its bends: the slope is a random walk over evenly spaced knots, and goes on as it was at the end.

    Writing the walk by its steps makes each bend a column of its own with an independent normal coefficient.
    """
    days = (timeline - timeline[fit][0]).days.to_numpy().astype(float)
    length = max(days[: panel.n_periods][-1], 1.0)
    time = days / length
    terms = [Term("trend", "base", "base", TREND_SD, _all_groups(time - 0.5, panel.n_groups))]
    bend_sd = 2.0 * TREND_SD / np.sqrt(max(knots, 1))
    for bend in range(1, knots + 1):
        after = np.maximum(time - bend / (knots + 1), 0.0)
        terms.append(Term(f"trend bend {bend}", "base", "base", bend_sd, _all_groups(after, panel.n_groups)))
    return terms


def _season(panel: MediaPanel, section: MediaSection, timeline: pd.DatetimeIndex, kpi_sd: float) -> list[Term]:
    phase = 2 * np.pi * year_phase(timeline)
    waves = {"sin": np.sin, "cos": np.cos}
    terms = [
        Term(f"season {name}{k}", "season", "season", kpi_sd, _all_groups(wave(k * phase), panel.n_groups))
        for k in range(1, seasonal_order(panel, section) + 1)
        for name, wave in waves.items()
    ]
    if panel.frequency.name == "daily":
        weekdays = timeline.day_of_week.to_numpy()
        terms += [
            # From the mean day, so that the seven together move nothing between season and base.
            Term(f"weekday {name[:3]}", "season", "season", kpi_sd, _all_groups(weekdays == day, panel.n_groups), 1 / 7)
            for day, name in enumerate(WEEKDAYS)
        ]
    return terms


def _holidays(panel: MediaPanel, country: str, timeline: pd.DatetimeIndex, kpi_sd: float) -> list[Term]:
    names = holiday_names(panel.dates[panel.history :], panel.frequency, country)
    matrix = holiday_matrix(timeline, panel.frequency, country, names)
    return [
        Term(
            f"holiday {name}",
            "holidays and events",
            "event",
            ONE_OFF_FACTOR * kpi_sd,
            _all_groups(column, panel.n_groups),
        )
        for name, column in zip(names, matrix.T, strict=True)
    ]


def _all_groups(column: np.ndarray, n_groups: int) -> Array:
    return np.repeat(np.asarray(column, float)[:, None], n_groups, axis=1)


def _series(names: tuple[str, ...], history: Array, future: Array) -> list[tuple[str, Array]]:
    both = np.concatenate([history, future])
    return [(name, both[..., index]) for index, name in enumerate(names)]


def _spread(scored: Array) -> float:
    """Standard deviation within groups, infinite for a column that never moves in any: dividing makes it zero."""
    # What is left of a column that stands still is rounding, and dividing by it would make numbers of it.
    return float(np.sqrt(np.square(scored - scored.mean(0)).mean())) if moves(scored) else np.inf


def moves(scored: Array) -> bool:
    """Whether a column (F, G) changes within a group over the scored rows; nothing else can be learned from."""
    return bool(np.sqrt(np.square(scored - scored.mean(0)).mean()) > _STILL * np.abs(scored).max())
