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
_NEWTON_STEPS, _NEAR = 12, 1e-5


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
    lines = _filtered(stretch.logit, design, batches, start, np.outer(PACES, [1.0, TILT]))
    scored = np.flatnonzero(new)
    whole = _ahead(lines, np.column_stack([np.ones(len(scored)), x[scored]]), batches, scored)
    # what the batch itself showed of all leads is not to be taken for a segment's distance from them
    now = stretch.logit + _now(lines, design, batches.batch)
    mean, variance = whole.mean, whole.variance
    for name in sorted(set(map(str, stretch.segment[scored]))) if len(set(map(str, stretch.segment))) > 1 else ():
        rows = np.flatnonzero(stretch.segment == name)
        ours = batches.take(rows)
        ones = np.ones((len(rows), 1))
        walks = _filtered(now[rows], ones, ours, (np.zeros(1), np.array([_START])), np.array(SEGMENT_PACES)[:, None])
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
class _Lines:
    """K walks at the start and after each batch, (W + 1, K, ...): mean, covariance, and how well each foretold."""

    mean: Array
    cover: Array
    log_weight: Array
    pace: Array


def _ahead(lines: _Lines, design: Array, batches: _Batches, rows: NDArray[np.intp]) -> Tracked:
    """Moments of the mixture of walks for some leads, each from the place that was known on its day."""
    at = batches.known[batches.batch[rows]]
    passed = np.concatenate([[0.0], np.cumsum(batches.leads)])
    gone = passed[batches.batch[rows] + 1] - passed[at]
    means = np.einsum("nki,ni->nk", lines.mean[at], design)
    variances = np.einsum("ni,nkij,nj->nk", design, lines.cover[at], design)
    variances += gone[:, None] * (design**2 @ lines.pace.T)
    weight = _weights(lines.log_weight[at])
    mean = (weight * means).sum(axis=1)
    variance = (weight * (variances + (means - mean[:, None]) ** 2)).sum(axis=1)
    last = int(np.argmax(lines.log_weight[-1]))
    slope = Slope(float(lines.mean[-1, last, -1]), float(lines.cover[-1, last, -1, -1]))
    return Tracked(mean, variance, slope)


def _now(lines: _Lines, design: Array, batch: NDArray[np.int64]) -> Array:
    """What the mixture of walks says of leads once their own batch is known."""
    means = np.einsum("nki,ni->nk", lines.mean[batch + 1], design)
    return np.asarray((_weights(lines.log_weight[batch + 1]) * means).sum(axis=1))


def _weights(logs: Array) -> Array:
    weight = np.exp(logs - logs.max(axis=1, keepdims=True))
    return np.asarray(weight / weight.sum(axis=1, keepdims=True))


def _filtered(logit: Array, design: Array, batches: _Batches, start: tuple[Array, Array], pace: Array) -> _Lines:
    count, (walks, width) = batches.ends, pace.shape
    mean, cover = np.empty((count + 1, walks, width)), np.empty((count + 1, walks, width, width))
    log_weight = np.zeros((count + 1, walks))
    mean[0], cover[0] = start[0], np.diag(start[1])
    created, diagonal = batches.leads, np.eye(width)
    known = np.flatnonzero(~np.isnan(batches.outcome))
    known = known[np.argsort(batches.batch[known], kind="stable")]
    ends = np.searchsorted(batches.batch[known], np.arange(count + 1))
    for w in range(count):
        rows = known[ends[w] : ends[w + 1]]
        moves = pace * created[w]
        if batches.learnt[rows].all():  # the slope stands still where no lead speaks of it
            moves = moves * (np.arange(width) == 0)
        before = cover[w] + moves[:, :, None] * diagonal
        mean[w + 1], cover[w + 1], said = _updated(mean[w], before, design[rows], logit[rows], batches.outcome[rows])
        log_weight[w + 1] = _FORGET * log_weight[w] + said
    return _Lines(mean, cover, log_weight, pace)


def _updated(
    mean: Array, cover: Array, design: Array, logit: Array, outcome: Array
) -> tuple[Array, Array, Array | float]:
    """Mode and covariance of each walk after a batch, and the Laplace approximation of how likely the batch was."""
    if not len(logit):
        return mean, cover, 0.0
    prior, theta = np.linalg.inv(cover), mean
    curvature = prior
    for _ in range(_NEWTON_STEPS):
        p = expit(logit + theta @ design.T)
        curvature = np.einsum("kn,ni,nj->kij", p * (1 - p), design, design) + prior
        pull = np.einsum("kij,kj->ki", prior, theta - mean)
        move = np.linalg.solve(curvature, ((outcome - p) @ design - pull)[..., None])[..., 0]
        theta = theta + np.clip(move, -1.0, 1.0)
        if np.abs(move).max() < _NEAR:
            break
    after, gap = np.linalg.inv(curvature), theta - mean
    eta = logit + theta @ design.T
    said = (outcome * eta - np.logaddexp(0, eta)).sum(axis=1) - 0.5 * np.einsum("ki,kij,kj->k", gap, prior, gap)
    said += 0.5 * (np.linalg.slogdet(after)[1] - np.linalg.slogdet(cover)[1])
    return theta, after, said


def step_of(maturity: float) -> int:
    """Days of leads that are taken together."""
    return int(np.clip(round(maturity / PARTS), 1, LONGEST))


def surprise(stretch: Stretch, tracked: Tracked) -> Array:
    """Log-loss of each scored lead, (N,)."""
    logit, outcome = stretch.logit[stretch.learnt :], stretch.outcome[stretch.learnt :]
    p = np.clip(tracked.probability(logit), 1e-9, 1 - 1e-9)
    return np.asarray(-np.where(outcome == 1, np.log(p), np.log1p(-p)))
