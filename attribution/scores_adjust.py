"""From a classifier's log-odds to honest probabilities: recalibrated by cell, and following the overall rate.

The recalibration is learnt from all blocks of the training period but the last, and taken where it predicts that one
better. The drift term learns as it goes, so that every block tries it. It is an insurance, against what has not moved
yet: it is taken unless it costs more than a premium.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from attribution.drift_rate import Slope, Stretch, Tracked, still, surprise, track
from attribution.recalibrate import Recalibration, logit_of, recalibrate
from attribution.scores_folds import Forward
from attribution.scores_metrics import log_loss
from outlay.transforms import Array

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
    """

    recalibration: Recalibration | None
    follows: bool
    slope: Slope
    trials: tuple[Trial, ...]

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
    if len(blocks) < 2:
        trials = tuple(Trial(name, float("nan"), float("nan"), False) for name in ("recalibration", "drift"))
        return Adjustment(None, False, Slope(), trials)
    logit = logit_of(forward.probabilities[:, 1])
    recalibration, first = _try_recalibration(logit, forward, leads, blocks[-1])
    if not drift:
        return Adjustment(recalibration, False, Slope(), (first,))
    slope, losses = Slope(), np.zeros((0, 2))
    for block in blocks:
        stretch = stretch_of(forward, leads, block, recalibration, logit)
        tracked = track(stretch, leads.maturity, slope)
        pair = [surprise(stretch, way) for way in (still(len(tracked.mean)), tracked)]
        losses = np.concatenate([losses, np.column_stack(pair)])
        slope = Slope(tracked.slope.mean, max(tracked.slope.variance, Slope().variance))
    before, after = map(float, losses.mean(axis=0))
    second = Trial("drift", before, after, after < before * (1 + PREMIUM))
    return Adjustment(recalibration, second.taken, slope, (first, second))


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


def _try_recalibration(logit: Array, forward: Forward, leads: Leads, last: int) -> tuple[Recalibration | None, Trial]:
    seen = forward.block != last
    rows = forward.rows
    trial = recalibrate(logit[seen], leads.outcome[rows[seen]], *leads.cells(rows[seen]), forward.block[seen])
    moved = trial.apply(logit[~seen], *leads.cells(rows[~seen]))
    outcome = leads.outcome[rows[~seen]]
    before, after = (float(log_loss(expit(x), outcome).mean()) for x in (logit[~seen], moved))
    if after >= before:
        return None, Trial("recalibration", before, after, False)
    whole = recalibrate(logit, leads.outcome[rows], *leads.cells(rows), forward.block)
    return whole, Trial("recalibration", before, after, True)
