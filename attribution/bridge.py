"""Why a measure changed between two months: volume, mix and rate, which add up to the change.

A measure is ``M = N * sum_s w_s r_s``: leads, the share of each part s in them, and what the part makes of a lead. The
three effects are the Shapley values of the three factors (the mean over the six orders in which N, w and r can move
from one month to the next): a split that treats the factors alike and leaves no remainder; with two factors it is
Bennet's (1920). Written out, with ``F(a, b) = sum_s w_s^a r_s^b`` for shares of month a and rates of month b::

    volume = (N1 - N0) * ((F(0,0) + F(1,1)) / 3 + (F(0,1) + F(1,0)) / 6)
    mix    = sum_s (w1_s - w0_s) * ((N0 r0_s + N1 r1_s) / 3 + (N0 r1_s + N1 r0_s) / 6)
    rate   = sum_s (r1_s - r0_s) * ((N0 w0_s + N1 w1_s) / 3 + (N0 w1_s + N1 w0_s) / 6)
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from outlay.transforms import Array


@dataclass(frozen=True, eq=False)
class Bridge:
    """A change in its parts.

    Attributes
    ----------
    before, after : float
        The measure in both months.
    volume, mix, rate : float
        What more leads, other shares of the parts, and other rates within the parts changed.
    other : float
        Change of the measure in parts that had no leads in the month: no rate exists there. Zero where the measure
        counts by the month in which leads were created.
    volume_of, mix_of, rate_of, other_of : ndarray (P,)
        The effects by part. A part's mix is told against the rate of all parts together: growing where rates are
        high adds, growing where they are low takes away. They add up to the effects above.
    """

    before: float
    after: float
    volume: float
    mix: float
    rate: float
    other: float
    volume_of: Array
    mix_of: Array
    rate_of: Array
    other_of: Array

    @property
    def change(self) -> float:
        """What the parts add up to."""
        return self.after - self.before


def bridge(leads_before: Array, leads_after: Array, made_before: Array, made_after: Array) -> Bridge:
    """Split the change of a measure between two months.

    Parameters
    ----------
    leads_before, leads_after : ndarray (P,)
        Leads of each part.
    made_before, made_after : ndarray (P,)
        The measure of each part. Where a part had no leads in one month it is taken to have had the other month's rate,
        so that its coming or going is volume and mix.
    """
    n0, n1 = (np.asarray(x, dtype=float) for x in (leads_before, leads_after))
    m0, m1 = (np.asarray(x, dtype=float) for x in (made_before, made_after))
    rate0, rate1 = _rates(n0, m0, n1, m1), _rates(n1, m1, n0, m0)
    total0, total1 = float(n0.sum()), float(n1.sum())
    share0, share1 = _shares(n0, n1), _shares(n1, n0)
    volume_of = (total1 - total0) * _pair(share0, share1, rate0, rate1)
    per_share = _pair(total0, total1, rate0, rate1)
    # Shares sum to one in both months, so what is taken off every part here cancels over the parts.
    common = float(((share0 + share1) / 2 * per_share).sum())
    mix_of = (share1 - share0) * (per_share - common)
    rate_of = (rate1 - rate0) * _pair(total0, total1, share0, share1)
    other_of = np.where(n1 > 0, 0.0, m1) - np.where(n0 > 0, 0.0, m0)
    return Bridge(
        before=math.fsum(m0),
        after=math.fsum(m1),
        volume=math.fsum(volume_of),
        mix=math.fsum(mix_of),
        rate=math.fsum(rate_of),
        other=math.fsum(other_of),
        volume_of=volume_of,
        mix_of=mix_of,
        rate_of=rate_of,
        other_of=other_of,
    )


def _rates(n: Array, m: Array, other_n: Array, other_m: Array) -> Array:
    """The measure per lead of each part; the other month's where the part had no leads, zero where it never had any."""
    own = np.divide(m, n, out=np.zeros_like(n), where=n > 0)
    other = np.divide(other_m, other_n, out=np.zeros_like(n), where=other_n > 0)
    return np.where(n > 0, own, other)


def _shares(n: Array, other: Array) -> Array:
    """Share of each part in the leads; the other month's where there were none at all, so that all of it is volume."""
    for leads in (n, other):
        if leads.sum() > 0:
            return np.asarray(leads / leads.sum())
    return np.zeros_like(n)


def _pair(a0: Array | float, a1: Array | float, b0: Array, b1: Array) -> Array:
    """Shapley's weight of a factor that meets two others: thirds where both are of one month, sixths where not."""
    return np.asarray((a0 * b0 + a1 * b1) / 3 + (a0 * b1 + a1 * b0) / 6)
