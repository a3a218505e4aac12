"""What monthly counts may become: a level that moves from month to month, and counts around it.

The model, for a series of counts y with exposure e (days of the month by their usual weight, times the season, times
the part of conversions that has come)::

    y_t ~ NegativeBinomial(mean = e_t exp(x_t), variance = mean + (noise * mean)^2)
    x_t = x_{t-1} + drift + step * normal

``noise``, ``step`` and ``drift`` are integrated over a grid under weak priors; the level is filtered by Laplace's
approximation at each month (log-concave, so Newton's steps always arrive). Nothing is sampled until the forecast.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np

from outlay.transforms import Array

NOISE = (0.005, 0.03, 0.06, 0.1, 0.15, 0.22, 0.32, 0.5)
"""A month's own relative noise beyond chance; prior half-normal with sd 0.15."""

STEP = (0.0, 0.02, 0.04, 0.08, 0.16)
"""How far the level moves in a month, relative; prior half-normal with sd 0.05."""

DRIFT = (-0.045, -0.03, -0.015, 0.0, 0.015, 0.03, 0.045)
"""Growth of the level per month; prior normal with sd 0.015."""

_NEWTON_STEPS = 12


@dataclass(frozen=True, eq=False)
class Level:
    """The level after the last month that was seen, for each point of the grid (G,).

    Attributes
    ----------
    weight : ndarray
        Posterior probability of the point.
    mean, variance : ndarray
        Of the logarithm of the level per unit of exposure.
    noise, step, drift : ndarray
    """

    weight: Array
    mean: Array
    variance: Array
    noise: Array
    step: Array
    drift: Array


def fit_level(counts: Array, exposure: Array) -> Level:
    """Learn a level from whole months.

    Parameters
    ----------
    counts, exposure : ndarray (T,)
        Oldest first; months whose exposure is zero tell nothing and are passed over.
    """
    noise, step, drift = np.array(list(product(NOISE, STEP, DRIFT))).T
    prior = -0.5 * ((noise / 0.15) ** 2 + (step / 0.05) ** 2 + (drift / 0.015) ** 2)
    seen = exposure > 0
    start = np.log((counts[seen].sum() + 0.5) / exposure[seen].sum()) if seen.any() else 0.0
    level = Level(
        weight=np.exp(prior - prior.max()) / np.exp(prior - prior.max()).sum(),
        mean=np.full(len(noise), start),
        variance=np.full(len(noise), 1.5**2),
        noise=noise,
        step=step,
        drift=drift,
    )
    for t, (y, e) in enumerate(zip(counts, exposure, strict=True)):
        level = level if t == 0 else moved(level)
        level = observed(level, float(y), float(e)) if e > 0 else level
    return level


def moved(level: Level) -> Level:
    """The level a month later, before anything of that month was seen."""
    return Level(
        level.weight, level.mean + level.drift, level.variance + level.step**2, level.noise, level.step, level.drift
    )


def observed(level: Level, y: float, e: float) -> Level:
    """The level after a count: Laplace's approximation at each point of the grid, and its evidence."""
    size = level.noise**-2.0
    x = level.mean.copy()
    for _ in range(_NEWTON_STEPS):
        mu = e * np.exp(np.clip(x, -50.0, 50.0))
        slope = y - (y + size) * mu / (size + mu) - (x - level.mean) / level.variance
        x = x + np.clip(slope / _curvature(mu, y, size, level.variance), -2.0, 2.0)
    mu = e * np.exp(np.clip(x, -50.0, 50.0))
    variance = 1.0 / _curvature(mu, y, size, level.variance)
    evidence = _log_chance(y, mu, size) - 0.5 * (x - level.mean) ** 2 / level.variance
    evidence += 0.5 * np.log(variance / level.variance)
    told = np.log(np.maximum(level.weight, 1e-300)) + evidence
    weight = np.exp(told - told.max())
    return Level(weight / weight.sum(), x, variance, level.noise, level.step, level.drift)


def _curvature(mu: Array, y: float, size: Array, variance: Array) -> Array:
    return np.asarray((y + size) * size * mu / (size + mu) ** 2 + 1.0 / variance)


def _log_chance(y: float, mu: Array, size: Array) -> Array:
    from scipy.special import gammaln

    chance = gammaln(y + size) - gammaln(size) + size * np.log(size / (size + mu)) + y * np.log(mu / (size + mu))
    return np.asarray(chance)
