"""How rates move: a line on top of the score that follows the outcomes known so far.

    logit p_t = x + c_t + s_t (x - centre) + d_{segment, t},   c, s and each d random walks

Leads update them day by day, or week by week where outcomes take long (Laplace, as in a Kalman filter): first the line
that all leads share, then each segment's distance from it. Intercepts also follow the leads that the classifier learnt
from, on which it is right on average and not in every month; the slope does not, since a classifier is surer of leads
that it has seen. Slow and fast walks run side by side, each weighted by how well it has foretold the outcomes so far,
older ones counting less (dynamic model averaging: Raftery, Karny, Ettler 2010).

A lead is scored with what was known on its day: outcomes of leads that were mature by then, and the walks' doubt since.
Neither rows nor classes are re-weighted.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from outlay.transforms import Array

LONGEST, PARTS = 7, 10
"""Leads are taken together by this many days at most, and by a tenth of the time that an outcome takes."""

PACES = (1e-6, 1e-5, 1e-4, 1e-3)
"""Variances of the intercept's step from one lead to the next: an sd of 0.03, 0.1, 0.3 and 1 in a thousand leads.

The walk goes by leads and not by days: a few odd leads in a quiet month are no new rate.
"""

SEGMENT_PACES = (1e-6, 1e-5, 1e-4)
"""The same of a segment's distance from the whole, by the segment's leads."""

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
    segment : ndarray of str (M + N,)
    """

    logit: Array
    outcome: Array
    day: NDArray[np.int64]
    learnt: int
    segment: NDArray[np.object_]


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
    """What is added to each scored lead's log-odds on its day, from outcomes that were known by then.

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
    slope = slope or Slope()
    if len(stretch.day) == stretch.learnt:
        return Tracked(np.empty(0), np.empty(0), slope)
    batches = _Batches.of(stretch, maturity, frozen=frozen)
    x = stretch.logit - float(stretch.logit[: stretch.learnt or None].mean())
    new = np.arange(len(x)) >= stretch.learnt
    design = np.column_stack([np.ones(len(x)), np.where(new, x, 0.0)])
    start = (np.array([0.0, slope.mean]), np.array([_START, slope.variance]))
    lines = [_filtered(stretch.logit, design, batches, start, pace * np.array([1.0, TILT])) for pace in PACES]
    scored = np.flatnonzero(new)
    whole = _ahead(lines, np.column_stack([np.ones(len(scored)), x[scored]]), batches, scored)
    # what the batch itself showed of all leads is not to be taken for a segment's distance from them
    now = stretch.logit + _now(lines, design, batches.batch)
    mean, variance = whole.mean, whole.variance
    for name in sorted(set(map(str, stretch.segment[scored]))) if len(set(map(str, stretch.segment))) > 1 else ():
        rows = np.flatnonzero(stretch.segment == name)
        ours = batches.take(rows)
        ones = np.ones((len(rows), 1))
        walks = [
            _filtered(now[rows], ones, ours, (np.zeros(1), np.array([_START])), np.array([pace]))
            for pace in SEGMENT_PACES
        ]
        at = rows[rows >= stretch.learnt]
        part = _ahead(walks, np.ones((len(at), 1)), ours, np.flatnonzero(rows >= stretch.learnt))
        mean[at - stretch.learnt] += part.mean
        variance[at - stretch.learnt] += part.variance
    return Tracked(mean, variance, whole.slope)


@dataclass(frozen=True, eq=False)
class _Batches:
    """Leads in batches of days: which each belongs to, its outcome, and what was known when it began. W batches."""

    batch: NDArray[np.int64]
    outcome: Array
    learnt: NDArray[np.bool_]
    known: NDArray[np.int64]  # (W,) the place in a walk that is known when a batch begins
    ends: int

    @property
    def leads(self) -> Array:
        """Leads created in each batch, (W,)."""
        return np.bincount(self.batch, minlength=self.ends).astype(float)

    @classmethod
    def of(cls, stretch: Stretch, maturity: float, *, frozen: bool) -> _Batches:
        length = step_of(maturity)
        batch = (stretch.day - int(stretch.day.min())) // length
        count = int(batch.max()) + 1
        learnt = np.arange(len(batch)) < stretch.learnt
        outcome = np.where(learnt | (not frozen), stretch.outcome, np.nan)
        # the last batch that had ended, and had its time, when this one began
        known = np.maximum(np.arange(count) - int(np.ceil(maturity / length)), 0)
        if frozen:
            known = np.minimum(known, int(batch[: stretch.learnt].max(initial=0)) + 1)
        return cls(batch, outcome, learnt, known, count)

    def take(self, rows: NDArray[np.intp]) -> _Batches:
        """The same of some leads."""
        return replace(self, batch=self.batch[rows], outcome=self.outcome[rows], learnt=self.learnt[rows])


@dataclass(frozen=True, eq=False)
class _Line:
    """One walk at the start and after each batch, W + 1 places: its mean, covariance, and how well it foretold."""

    mean: Array
    cover: Array
    log_weight: Array
    pace: Array


def _ahead(lines: list[_Line], design: Array, batches: _Batches, rows: NDArray[np.intp]) -> Tracked:
    """Moments of the mixture of walks for some leads, each from the place that was known on its day."""
    at = batches.known[batches.batch[rows]]
    passed = np.concatenate([[0.0], np.cumsum(batches.leads)])
    gone = passed[batches.batch[rows] + 1] - passed[at]
    means = np.array([(line.mean[at] * design).sum(axis=1) for line in lines])
    variances = np.array(
        [np.einsum("ni,nij,nj->n", design, line.cover[at], design) + gone * (design**2 @ line.pace) for line in lines]
    )
    weight = _weights(np.array([line.log_weight[at] for line in lines]))
    mean = (weight * means).sum(axis=0)
    variance = (weight * (variances + (means - mean) ** 2)).sum(axis=0)
    last = lines[int(np.argmax([line.log_weight[-1] for line in lines]))]
    slope = Slope(float(last.mean[-1, -1]), float(last.cover[-1, -1, -1]))
    return Tracked(mean, variance, slope)


def _now(lines: list[_Line], design: Array, batch: NDArray[np.int64]) -> Array:
    """What the mixture of walks says of leads once their own batch is known."""
    weight = _weights(np.array([line.log_weight[batch + 1] for line in lines]))
    return np.asarray((weight * [(line.mean[batch + 1] * design).sum(axis=1) for line in lines]).sum(axis=0))


def _weights(logs: Array) -> Array:
    weight = np.exp(logs - logs.max(axis=0))
    return np.asarray(weight / weight.sum(axis=0))


def _filtered(logit: Array, design: Array, batches: _Batches, start: tuple[Array, Array], pace: Array) -> _Line:
    count, width = batches.ends, design.shape[1]
    mean, cover = np.zeros((count + 1, width)), np.zeros((count + 1, width, width))
    log_weight = np.zeros(count + 1)
    mean[0], cover[0] = start[0], np.diag(start[1])
    created = batches.leads
    known = np.flatnonzero(~np.isnan(batches.outcome))
    known = known[np.argsort(batches.batch[known], kind="stable")]
    ends = np.searchsorted(batches.batch[known], np.arange(count + 1))
    for w in range(count):
        rows = known[ends[w] : ends[w + 1]]
        moves = pace * created[w]
        if batches.learnt[rows].all():  # the slope stands still where no lead speaks of it
            moves = moves * (np.arange(width) == 0)
        before = cover[w] + np.diag(moves)
        mean[w + 1], cover[w + 1], said = _updated(mean[w], before, design[rows], logit[rows], batches.outcome[rows])
        log_weight[w + 1] = _FORGET * log_weight[w] + said
    return _Line(mean, cover, log_weight, pace)


def _updated(mean: Array, cover: Array, design: Array, logit: Array, outcome: Array) -> tuple[Array, Array, float]:
    """Mode and covariance after a batch, and the Laplace approximation of how likely the batch was."""
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


def step_of(maturity: float) -> int:
    """Days of leads that are taken together."""
    return int(np.clip(round(maturity / PARTS), 1, LONGEST))


def surprise(stretch: Stretch, tracked: Tracked) -> Array:
    """Log-loss of each scored lead, (N,)."""
    logit, outcome = stretch.logit[stretch.learnt :], stretch.outcome[stretch.learnt :]
    p = np.clip(tracked.probability(logit), 1e-9, 1 - 1e-9)
    return np.asarray(-np.where(outcome == 1, np.log(p), np.log1p(-p)))
