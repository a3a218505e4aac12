"""How long leads take from stage to stage, learnt from those that made it although some have not had the time.

A delay is seen only if it is not longer than its lead is old: the sample is truncated from the right, and the plain
distribution of delays is too short. The estimator is the product limit in reverse time (Lynden-Bell 1971; Kalbfleisch
and Lawless 1989; the chain ladder of claims is the same product): with n(s) delays of s days, and R(s) leads whose
delay is s at most and whose age is s at least, ``F(t) = prod over s > t of 1 - n(s) / R(s)``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from outlay.transforms import Array

QUANTILE = 0.95
"""Part of the conversions that has come when a lead counts as mature."""

ALL = 0.999
"""Part of the conversions after which no more are waited for where young leads are modelled."""

LEAST = 20
"""Leads that must be at risk for the longest delay that is looked at; and conversions to learn from."""

type Days = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Delays:
    """The distribution of the days that one transition takes.

    Attributes
    ----------
    part : ndarray (H + 1,)
        Part of the conversions that has come after 0, 1, ... H days, among those that come within H days.
    learnt_from : int
        Conversions that it was learnt from.
    later : int
        Conversions seen after more than H days, where too few leads are old enough to tell their part.
    """

    part: Array
    learnt_from: int
    later: int

    @property
    def horizon(self) -> int:
        """H, the longest delay that is looked at."""
        return len(self.part) - 1

    def at(self, days: Days) -> Array:
        """Part that has come by these ages."""
        return np.asarray(self.part[np.clip(days, 0, self.horizon)])

    def by(self, days: float, ages: Days) -> Array:
        """Part that has come by these ages, of the conversions that come within `days`."""
        whole = float(self.at(np.array([int(days)]))[0])
        return np.minimum(self.at(ages) / whole, 1.0) if whole > 0 else np.ones(len(ages))

    def quantile(self, part: float = QUANTILE) -> int:
        """Days after which that part has come."""
        return int(np.argmax(self.part >= part - 1e-12))


def learn(delays: Days, ages: Days, counts: Days) -> Delays | None:
    """Estimate the distribution of delays; None where fewer than ``LEAST`` conversions are known.

    Parameters
    ----------
    delays, ages : ndarray of int (K,)
        Days from stage to stage, and days from the first of them to the day on which the table was taken.
    counts : ndarray of int (K,)
        Leads of each pair. Those with a delay longer than their age are not yet known and must not be among them.
    """
    if counts.sum() < LEAST:
        return None
    size = int(ages.max()) + 1
    came = np.bincount(delays, weights=counts, minlength=size)
    old = np.bincount(ages, weights=counts, minlength=size)
    # delay <= s <= age: those with a delay of s at most, less those that are younger than s
    at_risk = np.cumsum(came) - (np.cumsum(old) - old)
    enough = np.flatnonzero(at_risk >= LEAST)
    horizon = int(enough[-1]) if len(enough) else 0
    kept = came[: horizon + 1]
    stays = 1.0 - np.divide(kept, at_risk[: horizon + 1], out=np.zeros(horizon + 1), where=at_risk[: horizon + 1] > 0)
    part = np.append(np.cumprod(stays[::-1])[::-1][1:], 1.0)
    return Delays(part, int(kept.sum()), int(came.sum() - kept.sum()))
