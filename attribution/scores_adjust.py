"""From a classifier's log-odds to honest probabilities: recalibrated by cell, and following the overall rate.

Both are judged together on every block of the training period, as they would be used: with what was known when it
began. The recalibration is learnt from the blocks before, less the leads that had no outcome yet, and taken where that
predicts better. The drift term is an insurance against what has not moved yet: it is taken unless it costs more than a
premium. Classifiers are compared after both, since what follows the rate takes away much of what sets them apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attribution.drift_rate import Slope, Stretch, Tracked, still, surprise, track
from attribution.recalibrate import Recalibration, logit_of, recalibrate
from attribution.scores_folds import Forward
from outlay.transforms import Array

_NONE = float("nan")

PREMIUM = 0.02
"""Part of the log-loss that the drift term may cost on a block in which nothing moved."""


@dataclass(frozen=True, eq=False)
class Leads:
    """What the adjustments look at: outcome, day, segment and channel of leads, (N,) each."""

    outcome: Array
    day: NDArray[np.int64]
    segment: NDArray[np.object_]
    channel: NDArray[np.object_]
    maturity: float

    def cells(self, rows: NDArray[np.intp]) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
        """Segment and channel of some leads."""
        return self.segment[rows], self.channel[rows]


@dataclass(frozen=True)
class Trial:
    """What an adjustment was worth on leads that it had not seen.

    Attributes
    ----------
    name : str
    before, after : float
        Log-loss without it and with it; NaN where there were too few leads to try.
    taken : bool
    """

    name: str
    before: float
    after: float
    taken: bool


@dataclass(frozen=True, eq=False)
class Adjustment:
    """What is done to a classifier's log-odds.

    Attributes
    ----------
    recalibration : Recalibration or None
    follows : bool
        Whether the overall rate follows the outcomes known so far.
    slope : Slope
        What the validation blocks said of the slope.
    trials : tuple of Trial
    loss : float
        Log-loss of the validation blocks with what was taken; NaN where there were none.
    """

    recalibration: Recalibration | None
    follows: bool
    slope: Slope
    trials: tuple[Trial, ...]
    loss: float = float("nan")

    def recalibrated(self, logit: Array, leads: Leads, rows: NDArray[np.intp]) -> tuple[Array, Array]:
        """Log-odds after the recalibration, and the sd that it has."""
        if self.recalibration is None:
            return logit, np.zeros(len(logit))
        return self.recalibration.apply_with_spread(logit, *leads.cells(rows))

    def followed(self, stretch: Stretch, maturity: float, *, frozen: bool = False) -> Tracked:
        """What is added to each lead's log-odds on its day."""
        if not self.follows:
            return still(len(stretch.day) - stretch.learnt)
        return track(stretch, maturity, self.slope, frozen=frozen)


def learn_adjustment(forward: Forward, leads: Leads, *, drift: bool) -> Adjustment:
    """Learn both adjustments from predictions of leads that the classifier had not seen.

    Parameters
    ----------
    forward : Forward
        Its rows are those of `leads`.
    leads : Leads
    drift : bool
        Whether the overall rate may follow the outcomes.
    """
    blocks = [int(b) for b in np.unique(forward.block)]
    logit = logit_of(forward.probabilities[:, 1])
    if not blocks:
        names = ("recalibration", "drift") if drift else ("recalibration",)
        return Adjustment(None, False, Slope(), tuple(Trial(name, _NONE, _NONE, False) for name in names))
    before = [_learnt_before(forward, leads, block, logit, keep_slope=drift) for block in blocks]
    tried = any(each is not None for each in before)
    plain = _judged(forward, leads, logit, [None] * len(blocks), drift=drift)
    moved = _judged(forward, leads, logit, before, drift=drift) if tried else plain
    best = moved if moved.followed < plain.followed else plain
    follows = drift and best.followed < min(plain.still, moved.still) * (1 + PREMIUM)
    pair = tuple(each.followed if follows else each.still for each in (plain, moved))
    taken = pair[1] < pair[0]
    found, best = None, moved if taken else plain
    if taken:
        found = recalibrate(
            logit, leads.outcome[forward.rows], *leads.cells(forward.rows), forward.block, keep_slope=drift
        )
    first, second = pair if tried else (_NONE, _NONE)
    trials = [Trial("recalibration", first, second, taken)]
    trials += [Trial("drift", best.still, best.followed, follows)] if drift else []
    return Adjustment(found, follows, best.slope, tuple(trials), min(pair))


def choose_adjusted(found: Mapping[str, Forward], leads: Leads, *, drift: bool) -> tuple[str, dict[str, Adjustment]]:
    """The classifier that predicted forward best with what is adjusted, and the adjustments of each.

    Where any of them affords the drift term, those that do are compared: the insurance is not dropped for what a
    classifier gains in a time in which nothing moved. The first is taken where there was nothing to predict.
    """
    adjusted = {name: learn_adjustment(forward, leads, drift=drift) for name, forward in found.items()}
    insured = [name for name, each in adjusted.items() if each.follows] or list(adjusted)
    known = [name for name in insured if not np.isnan(adjusted[name].loss)]
    best = min(known, key=lambda name: adjusted[name].loss) if known else next(iter(found))
    return best, adjusted


@dataclass(frozen=True)
class _Judged:
    """Log-loss of all blocks without the drift term and with it, and the slope at the end."""

    still: float
    followed: float
    slope: Slope


def _judged(
    forward: Forward, leads: Leads, logit: Array, before: Sequence[Recalibration | None], *, drift: bool
) -> _Judged:
    """What the blocks say of the log-odds after the recalibration that was known before each."""
    slope, losses = Slope(), np.zeros((0, 2))
    for block, recalibration in zip(np.unique(forward.block), before, strict=True):
        stretch = stretch_of(forward, leads, int(block), recalibration, logit)
        unmoved = still(len(stretch.day) - stretch.learnt)
        tracked = track(stretch, leads.maturity, slope) if drift else unmoved
        losses = np.concatenate([losses, np.column_stack([surprise(stretch, way) for way in (unmoved, tracked)])])
        slope = Slope(tracked.slope.mean, max(tracked.slope.variance, Slope().variance))
    unmoved_loss, followed_loss = losses.mean(axis=0)
    return _Judged(float(unmoved_loss), float(followed_loss), slope)


def _learnt_before(
    forward: Forward, leads: Leads, block: int, logit: Array, *, keep_slope: bool
) -> Recalibration | None:
    """The recalibration that could be learnt when a block began; None where no outcome was known."""
    begins = int(leads.day[forward.rows[forward.block == block]].min())
    seen = (forward.block < block) & (leads.day[forward.rows] + leads.maturity <= begins)
    if not leads.maturity:
        seen = forward.block < block
    if not seen.any():
        return None
    rows = forward.rows[seen]
    return recalibrate(logit[seen], leads.outcome[rows], *leads.cells(rows), forward.block[seen], keep_slope=keep_slope)


def stretch_of(
    forward: Forward, leads: Leads, block: int, recalibration: Recalibration | None, logit: Array
) -> Stretch:
    """A block of predictions behind the leads that its model learnt from."""
    rows, learnt = forward.rows[forward.block == block], forward.learnt[block]
    before, after = logit_of(learnt[1][:, 1]), logit[forward.block == block]
    if recalibration is not None:
        before = recalibration.apply(before, *leads.cells(learnt[0]))
        after = recalibration.apply(after, *leads.cells(rows))
    return joined(before, learnt[0], after, rows, leads)


def joined(before: Array, learnt: NDArray[np.intp], after: Array, rows: NDArray[np.intp], leads: Leads) -> Stretch:
    """Leads that were learnt from, then those that are scored."""
    every = np.concatenate([learnt, rows])
    return Stretch(
        np.concatenate([before, after]), leads.outcome[every], leads.day[every], len(learnt), leads.segment[every]
    )
