"""A check for controls that look like mediators: they follow media, and the KPI follows them."""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from mmm.baseline import seasonal_order
from mmm.calendar import year_phase
from mmm.catalogue import CATALOGUE
from mmm.config import MediaSection
from mmm.regression import what_is_left
from mmm.rows import Floats
from outlay.findings import Finding

if TYPE_CHECKING:
    from mmm.panel import MediaPanel

ALPHA = 0.01
"""Chance that a control without any tie to media passes the first of the two tests."""
LEAST = 0.3
"""A partial correlation below this is too small a tie to speak of, however many rows show it."""
AHEAD = 0.15
"""By so much the control's tie to past media must exceed its tie to media still to come."""
FEWEST = 40
"""Periods below which lagged correlations say nothing."""
_LAGS = 8


def check_mediators(panel: MediaPanel, section: MediaSection) -> list[Finding]:
    """Controls, not declared as mediators, that follow media of earlier periods and move with the KPI (D168).

    Groups are averaged first, so that a series which all groups share does not count once for each. Trend and season
    are taken out of every series. A control that drives the budget is tied to media to come as much as to media past,
    and is no mediator.
    """
    start = max(panel.history, _LAGS)
    stop = panel.n_periods - _LAGS
    if stop - start < FEWEST:
        return []
    rows = slice(start, stop)
    trend = _trend_and_season(panel, section)[rows]
    past, coming = (what_is_left(values[rows], trend) for values in _around(panel))
    now = what_is_left(_common(panel.pressure)[rows], trend)
    kpi = what_is_left(what_is_left(_common(panel.kpi[:, :, None])[rows], trend), now)[:, 0]
    findings = []
    for index, name in enumerate(panel.control_names):
        if name in section.mediators:
            continue
        control = what_is_left(_common(panel.controls[:, :, [index]])[rows], trend)[:, 0]
        follows = _strongest_follower(control, past, coming)
        leads = _correlation(what_is_left(control[:, None], now)[:, 0], kpi)
        if follows is None or not _is_tie(leads, control, kpi, 1) or follows[1] * leads < 0:
            continue
        what = (
            f"it follows {panel.channels[follows[0]]} of earlier {panel.frequency.unit}s "
            f"(correlation {follows[1]:.2f} beyond trend and season), and the KPI moves with it ({leads:.2f})"
        )
        findings.append(CATALOGUE.finding("D168", f"{panel.source}, control {name}", what))
    return findings


def _common(values: Floats) -> Floats:
    """(T, G, n) to (T, n): the mean over groups, each by its own size."""
    size = np.nanmean(np.abs(values), axis=0)
    return np.asarray((values / np.where(size > 0, size, 1.0)).mean(1))


def _around(panel: MediaPanel) -> tuple[Floats, Floats]:
    """Media of the eight periods before each, and of the eight after, by a half-life of a week; (T, C) each."""
    media = _common(panel.pressure)
    keep = 0.5 ** (365.25 / panel.frequency.periods_per_year / 7.0)
    past, coming = np.zeros_like(media), np.zeros_like(media)
    for lag in range(1, _LAGS + 1):
        past[lag:] += keep ** (lag - 1) * media[:-lag]
        coming[:-lag] += keep ** (lag - 1) * media[lag:]
    return past, coming


def _trend_and_season(panel: MediaPanel, section: MediaSection) -> Floats:
    time = np.linspace(-1.0, 1.0, panel.n_periods)
    columns = [np.ones_like(time), time, time**2]
    phase = 2 * np.pi * year_phase(panel.dates)
    for order in range(1, seasonal_order(panel, section) + 1):
        columns += [np.sin(order * phase), np.cos(order * phase)]
    if panel.frequency.name == "daily":
        columns += [(panel.dates.day_of_week == day).astype(float) for day in range(6)]
    return np.column_stack(columns)


def _correlation(one: Floats, other: Floats) -> float:
    length = float(np.sqrt((one @ one) * (other @ other)))
    return float(one @ other) / length if length > 0 else 0.0


def _strongest_follower(control: Floats, past: Floats, coming: Floats) -> tuple[int, float] | None:
    """The channel whose past the control follows most, and how closely; None where it follows none."""
    ties = [_correlation(control, past[:, c]) for c in range(past.shape[1])]
    reverse = [abs(_correlation(control, coming[:, c])) for c in range(past.shape[1])]
    best = int(np.argmax(np.abs(ties)))
    if abs(ties[best]) < reverse[best] + AHEAD or not _is_tie(ties[best], control, past[:, best], past.shape[1]):
        return None
    return best, ties[best]


def _is_tie(correlation: float, one: Floats, other: Floats, trials: int) -> bool:
    """Whether a correlation is large, and larger than chance makes the largest of so many trials."""
    if abs(correlation) < LEAST:
        return False
    rows = len(one) / _repetition(one, other)
    limit = NormalDist().inv_cdf(1.0 - ALPHA / 2.0 / max(trials, 1))
    return bool(np.arctanh(min(abs(correlation), 1.0 - 1e-12)) * np.sqrt(max(rows - 3.0, 0.0)) > limit)


def _repetition(one: Floats, other: Floats) -> float:
    """By how much two slow series have fewer independent rows than rows (Bartlett's formula for a correlation)."""
    lags = len(one) // 4
    products = [_autocorrelation(one, lag) * _autocorrelation(other, lag) for lag in range(1, lags + 1)]
    return max(1.0 + 2.0 * float(np.sum(products)), 1.0)


def _autocorrelation(values: Floats, lag: int) -> float:
    length = float(values @ values)
    return float(values[lag:] @ values[:-lag]) / length if length > 0 else 0.0
