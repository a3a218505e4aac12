"""Credit by rule: first, last, linear, position, time decay, and the sum game, with intervals that cost no rows.

The posterior is the Bayesian bootstrap over converted journeys: each has a weight from an exponential distribution,
and a channel's credit is the weighted sum of what the rule gives it. Journeys are counted by their set of channels. The
weight of a set's n journeys is then a gamma of n, and how it falls on the set's channels is a Dirichlet with the
observed mean credit c and the concentration

    A = n^2 sum_k c_k (1 - c_k) / sum_k (sum_i c_ik^2 - n c_k^2),

which gives it the variance that the weights of single journeys have. For first and last touch A = n and the draws are
those of the single journeys exactly; where all journeys of a set are credited alike, A is infinite and so are these.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attribution.credit_draws import gammas, mean_values, shares_of
from outlay.transforms import Array

_SURE = 1e12
_SETS = 500
_CHUNK = 100_000


@dataclass(frozen=True, eq=False)
class RuleCounts:
    """What a rule gave. T sets of channels, m channels.

    Attributes
    ----------
    credit, valued : ndarray (T, m)
        Credit in conversions and in value.
    squares : ndarray (T,)
        Sum over journeys and channels of the squared credit.
    count, value, square : ndarray (T,)
        Conversions, their value, and the sum of its squares.
    """

    credit: Array
    valued: Array
    squares: Array
    count: Array
    value: Array
    square: Array


def rule_counts(credits: pd.DataFrame, sets: pd.DataFrame, rule: str, n_channels: int) -> RuleCounts:
    """One rule's credit by set of channels; beyond 500 sets the rarest are taken together.

    Parameters
    ----------
    credits, sets : DataFrame
        As :class:`attribution.journeys_counts.JourneyCounts` holds them, of any cells.
    rule : str
        A rule of :data:`attribution.paths_counts.RULES`.
    n_channels : int
    """
    won = sets[sets["conversions"] > 0].groupby("mask")[["conversions", "value", "square"]].sum()
    won = won.sort_values("conversions", ascending=False, kind="stable")
    place = pd.Series(np.minimum(np.arange(len(won)), _SETS - 1), index=won.index)
    size = min(len(won), _SETS)
    row = np.asarray(place[credits["mask"]], np.int64)
    column = np.asarray(credits["channel"], np.int64)

    def spread(name: str) -> Array:
        full = np.zeros((size, n_channels))
        if name in credits:
            np.add.at(full, (row, column), credits[name].to_numpy(float))
        return full

    sums = won.groupby(place.to_numpy())[["conversions", "value", "square"]].sum().to_numpy(float)
    return RuleCounts(
        credit=spread(rule),
        valued=spread(f"{rule}_value"),
        squares=spread(f"{rule}_square").sum(1),
        count=sums[:, 0],
        value=sums[:, 1],
        square=sums[:, 2],
    )


@dataclass(frozen=True, eq=False)
class SetWeights:
    """Draws of how much each set of channels weighs, and what it was worth, (S, T): the same for every rule."""

    weights: Array
    worth: Array

    @classmethod
    def of(cls, counts: RuleCounts, draws: int, rng: np.random.Generator) -> SetWeights:
        """Draw them: rules differ in how a set's conversions fall on its channels, and not in how many there are."""
        weights = gammas(counts.count, draws, rng)
        return cls(weights, weights * mean_values(counts.count, counts.value, counts.square, draws, rng))


def rule_draws(
    counts: RuleCounts, draws: int, rng: np.random.Generator, drawn: SetWeights | None = None
) -> tuple[Array, Array]:
    """Shares of conversions and of value under the posterior, (S, m) each; by weights of sets where they are drawn."""
    drawn = drawn or SetWeights.of(counts, draws, rng)
    mean = shares_of(counts.credit)
    valued = np.where(counts.value[:, None] > 0, shares_of(counts.valued), mean)
    between = _concentration(counts, mean)
    sure = between >= _SURE
    share, value = drawn.weights[:, sure] @ mean[sure], drawn.worth[:, sure] @ valued[sure]
    doubt = ~sure
    if doubt.any():
        size = max(_CHUNK // max(int((mean[doubt] != 0).sum()), 1), 1)
        for i in range(0, draws, size):
            weights, worth = drawn.weights[i : i + size, doubt], drawn.worth[i : i + size, doubt]
            split = _Split.of(mean[doubt], valued[doubt], between[doubt], len(weights), rng)
            more, more_value = split.added(weights, worth)
            share[i : i + size] += more
            value[i : i + size] += more_value
    return shares_of(share), shares_of(value)


@dataclass(frozen=True, eq=False)
class _Split:
    """How the weights of sets fall on their channels. e pairs of a set and a channel, in the order of sets."""

    row: NDArray[np.int64]
    channel: NDArray[np.int64]
    starts: NDArray[np.int64]
    drawn: Array
    tilt: Array
    n_channels: int

    @classmethod
    def of(cls, mean: Array, valued: Array, between: Array, draws: int, rng: np.random.Generator) -> _Split:
        """Draw the Dirichlets of all sets at once; value is tilted by what each channel's conversions were worth."""
        row, channel = np.nonzero(mean)
        drawn = gammas(between[row] * mean[row, channel], draws, rng)
        starts = np.flatnonzero(np.diff(row, prepend=-1))
        return cls(row, channel, starts, drawn, valued[row, channel] / mean[row, channel], mean.shape[1])

    def added(self, weights: Array, worth: Array) -> tuple[Array, Array]:
        """Credit in conversions and in value, (S, m) each."""
        onto = np.zeros((len(self.channel), self.n_channels))
        onto[np.arange(len(self.channel)), self.channel] = 1.0
        parts = []
        for split, amount in ((self.drawn, weights), (self.drawn * self.tilt, worth)):
            whole = np.add.reduceat(split, self.starts, axis=1)
            scale = np.divide(amount, whole, out=np.zeros_like(amount), where=whole > 0)
            parts.append((split * scale[:, self.row]) @ onto)
        return parts[0], parts[1]


def _concentration(counts: RuleCounts, mean: Array) -> Array:
    n = counts.count
    left = counts.squares - n * (mean**2).sum(1)
    apart = n**2 * (mean * (1 - mean)).sum(1)
    same = left <= 1e-9 * np.maximum(counts.squares, 1e-300)
    return np.asarray(np.where(same, _SURE, apart / np.where(same, 1.0, left)))


def sum_game_counts(sets: pd.DataFrame, n_channels: int) -> RuleCounts:
    """The sum game as a rule: a conversion is shared equally among the channels of its journey."""
    masks = sets["mask"].to_numpy(np.int64)
    row, channel = np.nonzero((masks[:, None] >> np.arange(n_channels)) & 1)
    equal = 1.0 / np.bincount(row, minlength=len(masks))[row]
    won = sets["conversions"].to_numpy(float)[row]
    shares = pd.DataFrame(
        {
            "mask": masks[row],
            "channel": channel,
            "equal": won * equal,
            "equal_square": won * equal**2,
            "equal_value": sets["value"].to_numpy(float)[row] * equal,
        }
    )
    return rule_counts(shares[won > 0], sets, "equal", n_channels)
