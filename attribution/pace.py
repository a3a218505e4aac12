"""How the month and the year may end: draws of the counts that are still to come, and the chance of a goal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attribution.pace_level import Level, fit_level, moved, observed
from outlay.transforms import Array

DRAWS = 4000
"""Draws of what is to come; the Monte Carlo error of a probability is below 0.8 points."""

PRIOR_WINS = 2.0
"""Conversions at the rate of all leads that a part's own rate is mixed with, before its own are counted."""

FEWEST_VALUES = 5.0
"""Wins at the mean value of all that a part's own mean value is mixed with."""


@dataclass(frozen=True, eq=False)
class Values:
    """Values of wins.

    Attributes
    ----------
    count, total : float
        How many wins the part has, and their sum.
    all_count, all_total, all_square : float
        The same of all parts together, from which a part with few wins borrows, and the sum of squares.
    """

    count: float
    total: float
    all_count: float
    all_total: float
    all_square: float

    def mean(self) -> float:
        """Mean value of a win."""
        if self.all_count <= 0:
            return 0.0
        everywhere = self.all_total / self.all_count
        return (self.total + FEWEST_VALUES * everywhere) / (self.count + FEWEST_VALUES)

    def spread(self) -> float:
        """Standard deviation of single values over their mean, of all wins."""
        mean = self.all_total / self.all_count if self.all_count > 0 else 0.0
        return float(np.sqrt(max(self.all_square / self.all_count - mean**2, 0.0)) / mean) if mean > 0 else 0.0


@dataclass(frozen=True, eq=False)
class Series:
    """One row of a scorecard over time: the months of the data (T), then those that are left of the year (K).

    Attributes
    ----------
    counts : ndarray (T,)
        What was counted by the day of the table; of the running month so far.
    exposure : ndarray (T,)
        Weight of each month's days, of the running month up to the day of the table.
    running : bool
        Whether the last month is running.
    rest : float
        Weight of the running month's days that are left.
    future : ndarray (K,)
        Weight of each month after it.
    complete : ndarray (T,)
        Part of each month's conversions that can be in the counts: that have come by now, of leads in the table.
    gap : ndarray (T,)
        Leads of each month times the part of their conversions that has not come.
    trials, wins : float
        Leads times the part of their conversions that has come, and the conversions, over all months.
    rate : float
        Conversions per lead of all parts together; a part's own rate is mixed with it.
    """

    counts: Array
    exposure: Array
    running: bool
    rest: float
    future: Array
    complete: Array
    gap: Array
    trials: float
    wins: float
    rate: float


def coming(series: Series, rng: np.random.Generator, draws: int = DRAWS) -> Array:
    """Draws of what each month still brings, (S, T + K): beyond what was counted."""
    still = np.zeros((draws, len(series.counts) + len(series.future)))
    months = len(series.counts)
    still[:, :months] = _maturing(series, rng, draws)
    level = _level_now(series)
    point = rng.choice(len(level.weight), size=draws, p=level.weight)
    x = rng.normal(level.mean[point], np.sqrt(level.variance[point]))
    size = level.noise[point] ** -2.0
    if series.running:
        # The month's own noise is taken to hold for all its days, so the days that were seen tell of those to come.
        seen = series.exposure[-1] * series.complete[-1] * np.exp(x)
        factor = rng.gamma(size + series.counts[-1]) / (size + seen)
        still[:, months - 1] += rng.poisson(factor * series.rest * np.exp(x))
    for k, exposure in enumerate(series.future):
        x = x + level.drift[point] + level.step[point] * rng.normal(size=draws)
        still[:, months + k] = rng.poisson(rng.gamma(size) / size * exposure * np.exp(np.minimum(x, 30.0)))
    return still


def _level_now(series: Series) -> Level:
    """The level of the last month, the running month's days included."""
    exposure = series.exposure * series.complete
    if not series.running:
        return fit_level(series.counts, exposure)
    before = fit_level(series.counts[:-1], exposure[:-1])
    before = moved(before) if len(series.counts) > 1 else before
    return observed(before, float(series.counts[-1]), float(exposure[-1])) if exposure[-1] > 0 else before


def _maturing(series: Series, rng: np.random.Generator, draws: int) -> Array:
    """Conversions that leads of these months still make, (S, T): Poisson, at a rate from its gamma posterior."""
    if not series.gap.any() or series.rate <= 0:
        return np.zeros((draws, len(series.gap)))
    rate = rng.gamma(series.wins + PRIOR_WINS, size=draws) / (series.trials + _prior_trials(series))
    return np.asarray(rng.poisson(rate[:, None] * series.gap), dtype=float)


def maturing_rate(series: Series) -> float:
    """Conversions per lead, of its own leads and a few of all together."""
    return (series.wins + PRIOR_WINS) / (series.trials + _prior_trials(series)) if series.rate > 0 else 0.0


def _prior_trials(series: Series) -> float:
    return PRIOR_WINS / series.rate


def money(still: Array, values: Values, rng: np.random.Generator) -> Array:
    """What wins that are still to come are worth, of the shape of `still`.

    A sum of values is drawn from a gamma distribution with the mean and the variance of that many wins; the mean value
    of a win has its own uncertainty.
    """
    mean, spread = values.mean(), values.spread()
    if spread == 0:
        return np.asarray(still * mean)
    known = (values.count + FEWEST_VALUES) / spread**2
    centre = mean * rng.gamma(known, size=(len(still), 1)) / known
    shape = still / spread**2
    return np.asarray(np.where(still > 0, rng.gamma(np.maximum(shape, 1e-12)), 0.0) * centre * spread**2)
