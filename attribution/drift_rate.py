"""How the overall rate moves: a line on top of the score that follows the outcomes known so far.

    logit p_t = x + c_t + s_t (x - centre),   c_t and s_t random walks

Weeks of leads update both (Laplace, as in a Kalman filter). The intercept also follows the leads that the classifier
learnt from, on which it is right on average and not in every month; the slope does not, since a classifier is surer of
leads that it has seen. Slow, middling and fast walks run side by side, each weighted by how well it has foretold the
outcomes so far, older ones counting less (dynamic model averaging: Raftery, Karny, Ettler 2010).

A lead is scored with what was known on its day: outcomes of leads that were mature by then, and the walk's doubt since.
Neither rows nor classes are re-weighted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from outlay.transforms import Array

WEEK = 7
PACES = (1e-4, 1e-3, 1e-2)
"""Variances of the intercept's step in a day: an sd of 0.05, 0.17 and 0.55 on the logit in a month."""

TILT = 0.1
"""Variance of the slope's step, as a part of the intercept's."""

_START, _SLOPE_START, _FORGET = 0.01, 0.04, 0.95
_NEWTON_STEPS = 12


@dataclass(frozen=True, eq=False)
class Stretch:
    """Leads that a classifier learnt from, then leads that it scores. M and N leads.

    Attributes
    ----------
    logit, outcome : ndarray (M + N,)
        Log-odds that the classifier says, and what came (NaN where it is not known).
    day : ndarray of int (M + N,)
    learnt : int
        M.
    """

    logit: Array
    outcome: Array
    day: NDArray[np.int64]
    learnt: int


@dataclass(frozen=True)
class Slope:
    """What is known of the slope: its distance from one, and the variance of that."""

    mean: float = 0.0
    variance: float = _SLOPE_START


@dataclass(frozen=True, eq=False)
class Tracked:
    """What is added to the log-odds of each scored lead, (N,) each: mean and variance; and the slope at the end."""

    mean: Array
    variance: Array
    slope: Slope = Slope()

    def probability(self, logit: Array, spread: Array | float = 0.0) -> Array:
        """Probability with the doubt averaged over (the probit approximation)."""
        doubt = self.variance + np.square(spread)
        return np.asarray(expit((logit + self.mean) / np.sqrt(1 + np.pi * doubt / 8)))

    def band(self, logit: Array, spread: Array | float, errors: float) -> tuple[Array, Array]:
        """Probabilities so many standard errors of the line and the recalibration below and above."""
        wide = errors * np.sqrt(self.variance + np.square(spread))
        return np.asarray(expit(logit + self.mean - wide)), np.asarray(expit(logit + self.mean + wide))


def still(count: int) -> Tracked:
    """No movement at all, for `count` leads."""
    return Tracked(np.zeros(count), np.zeros(count))


def track(stretch: Stretch, maturity: float, slope: Slope | None = None, *, frozen: bool = False) -> Tracked:
    """The line on each scored lead's day, from outcomes that were known by then.

    Parameters
    ----------
    stretch : Stretch
    maturity : float
        Days after which an outcome is known.
    slope : Slope, optional
        What is known of the slope before any scored lead.
    frozen : bool
        Whether to use only the outcomes of the leads that were learnt from.
    """
    scored, slope = slice(stretch.learnt, None), slope or Slope()
    if len(stretch.day) == stretch.learnt:
        return Tracked(np.empty(0), np.empty(0), slope)
    week = (stretch.day - int(stretch.day.min())) // WEEK
    weeks = np.arange(int(week.max()) + 1)
    outcome = stretch.outcome.copy()
    if frozen:
        outcome[scored] = np.nan
    centre = float(stretch.logit[: stretch.learnt].mean()) if stretch.learnt else float(stretch.logit.mean())
    # the last week that had ended, and had its time, when this one began
    known = np.maximum(weeks - int(np.ceil(maturity / WEEK)), 0)
    if frozen:
        known = np.minimum(known, int(week[: stretch.learnt].max(initial=0)) + 1)
    x = stretch.logit - centre
    new = np.arange(len(x)) >= stretch.learnt
    means, variances, logs = [], [], []
    at, ahead = known[week[scored]], (weeks + 1 - known)[week[scored]] * WEEK
    end: list[Slope] = []
    for pace in PACES:
        line = _filtered(stretch.logit, x, outcome, week, (new, pace, slope))
        m, v = line.mean[at], line.cover[at]
        z = x[scored]
        means.append(m[:, 0] + m[:, 1] * z)
        variances.append(v[:, 0, 0] + 2 * z * v[:, 0, 1] + z * z * v[:, 1, 1] + pace * ahead * (1 + TILT * z * z))
        logs.append(line.log_weight[at])
        end.append(Slope(float(line.mean[-1, 1]), float(line.cover[-1, 1, 1])))
    return _averaged(np.array(means), np.array(variances), np.array(logs), end)


def _averaged(means: Array, variances: Array, logs: Array, end: list[Slope]) -> Tracked:
    """Moments of the mixture of walks, (walks, N) each."""
    weight = np.exp(logs - logs.max(axis=0))
    weight /= weight.sum(axis=0)
    mean = (weight * means).sum(axis=0)
    variance = (weight * (variances + (means - mean) ** 2)).sum(axis=0)
    best = int(np.argmax(weight[:, -1]))
    return Tracked(mean, variance, end[best])


@dataclass(frozen=True, eq=False)
class _Line:
    """One walk at the start and after each week, W + 1 places: the line, its covariance, and how well it foretold."""

    mean: Array
    cover: Array
    log_weight: Array


def _filtered(
    logit: Array, x: Array, outcome: Array, week: NDArray[np.int64], how: tuple[NDArray[np.bool_], float, Slope]
) -> _Line:
    new, pace, slope = how
    count = int(week.max()) + 1
    mean, cover, log_weight = np.zeros((count + 1, 2)), np.zeros((count + 1, 2, 2)), np.zeros(count + 1)
    mean[0, 1] = slope.mean
    cover[0] = np.diag([_START, slope.variance])
    step = np.diag([pace * WEEK, TILT * pace * WEEK])
    known = np.flatnonzero(~np.isnan(outcome))
    known = known[np.argsort(week[known], kind="stable")]
    ends = np.searchsorted(week[known], np.arange(count + 1))
    for w in range(count):
        rows = known[ends[w] : ends[w + 1]]
        # in the weeks that were learnt from the slope stands still, and its leads do not speak of it
        fresh = bool(new[rows].any())
        before = cover[w] + (step if fresh else np.diag([pace * WEEK, 0.0]))
        design = np.column_stack([np.ones(len(rows)), np.where(new[rows], x[rows], 0.0)])
        mean[w + 1], cover[w + 1], said = _updated(mean[w], before, design, logit[rows], outcome[rows])
        log_weight[w + 1] = _FORGET * log_weight[w] + said
    return _Line(mean, cover, log_weight)


def _updated(mean: Array, cover: Array, design: Array, logit: Array, outcome: Array) -> tuple[Array, Array, float]:
    """Mode and covariance after a week, and the Laplace approximation of how likely the week was."""
    if not len(logit):
        return mean, cover, 0.0
    prior, theta = np.linalg.inv(cover), mean.copy()
    curvature = prior
    for _ in range(_NEWTON_STEPS):
        p = expit(logit + design @ theta)
        curvature = design.T @ (design * (p * (1 - p))[:, None]) + prior
        move = np.linalg.solve(curvature, design.T @ (outcome - p) - prior @ (theta - mean))
        theta = theta + np.clip(move, -1.0, 1.0)
        if np.abs(move).max() < 1e-8:
            break
    after = np.linalg.inv(curvature)
    eta, gap = logit + design @ theta, theta - mean
    said = float((outcome * eta - np.logaddexp(0, eta)).sum() - 0.5 * gap @ prior @ gap)
    said += 0.5 * float(np.linalg.slogdet(after)[1] - np.linalg.slogdet(cover)[1])
    return theta, after, said


def surprise(stretch: Stretch, tracked: Tracked) -> Array:
    """Log-loss of each scored lead, (N,)."""
    logit, outcome = stretch.logit[stretch.learnt :], stretch.outcome[stretch.learnt :]
    p = np.clip(tracked.probability(logit), 1e-9, 1 - 1e-9)
    return np.asarray(-np.where(outcome == 1, np.log(p), np.log1p(-p)))
