"""Exact removal effects of Markov chains over channels, of any order (Anderl et al. 2016).

A state is the last k channels of a journey. With the transition matrix Q between states, start p0 and conversion r, one
fundamental matrix F = (I - Q)^-1 gives everything: expected visits v = p0 F, conversion from a state h = F r, and, for
the states A whose current channel is removed, the probability of entering A first in each of its states,
``hit = v_A F_AA^-1``. What is lost without the channel is ``hit h_A``, and

    removal effect = hit h_A / (p0 h).

For chains of order one A is one state and ``hit = v_k / F_kk``. No journey is simulated, and nothing is approximate.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attribution.credit_draws import gammas, mean_values, shares_of
from attribution.paths import CONVERTED, LOST
from outlay.transforms import Array

MOST_STATES = 3000
"""Histories of a chain; beyond, exact effects take too long."""

_WORK = 2e10
_FEWEST = 200
_CHUNK = 4_000_000


@dataclass(frozen=True, eq=False)
class Chain:
    """Transition counts of a chain. n states, m channels, e observed transitions.

    Attributes
    ----------
    order : int
    n_channels : int
    channel : ndarray of int (n,)
        Current channel of each state.
    source, target : ndarray of int (e,)
        Ends of each transition between states.
    moves : ndarray (e,)
        How often it was seen.
    start, convert, lose : ndarray (n,)
        How often journeys start in a state, and end from it with and without a conversion.
    value, square : ndarray (n,)
        Sum of the values, and of their squares, of the conversions from a state.
    """

    order: int
    n_channels: int
    channel: NDArray[np.int64]
    source: NDArray[np.int64]
    target: NDArray[np.int64]
    moves: Array
    start: Array
    convert: Array
    lose: Array
    value: Array
    square: Array

    @property
    def n_states(self) -> int:
        """Number of histories that occur."""
        return len(self.channel)


def chain_of(grams: pd.DataFrame, n_channels: int, order: int) -> Chain:
    """The chain of an order from counts of histories; see :class:`attribution.journeys_counts.JourneyCounts`."""
    older = [f"h{step}" for step in range(order - 1, 0, -1)]
    keys = [*older, "channel"]
    counted = grams.groupby([*keys, "follows"], as_index=False)[["touches", "value", "square"]].sum()
    states = counted[keys].drop_duplicates().to_numpy(np.int64)
    number = {tuple(state): i for i, state in enumerate(states.tolist())}
    source = np.array([number[tuple(row)] for row in counted[keys].to_numpy(np.int64).tolist()], np.int64)
    follows, touches = counted["follows"].to_numpy(np.int64), counted["touches"].to_numpy(float)
    moving = follows < CONVERTED
    shifted = np.column_stack([counted[keys[1:]].to_numpy(np.int64), follows])[moving]
    target = np.array([number[tuple(row)] for row in shifted.tolist()], np.int64)
    sums: dict[str, Array] = {
        name: np.bincount(source[kept], weights=weights[kept], minlength=len(states)).astype(float)
        for name, kept, weights in (
            ("convert", follows == CONVERTED, touches),
            ("lose", follows == LOST, touches),
            ("value", follows == CONVERTED, counted["value"].to_numpy(float)),
            ("square", follows == CONVERTED, counted["square"].to_numpy(float)),
        )
    }
    return Chain(
        order=order,
        n_channels=n_channels,
        channel=states[:, -1],
        source=source[moving],
        target=target,
        moves=touches[moving],
        start=_starts(len(states), source, target, touches, moving),
        **sums,
    )


def _starts(
    n: int, source: NDArray[np.int64], target: NDArray[np.int64], touches: Array, moving: NDArray[np.bool_]
) -> Array:
    """Journeys that start in each state: what leaves a state and did not come from another."""
    left = np.bincount(source, weights=touches, minlength=n)
    return np.asarray(left - np.bincount(target, weights=touches[moving], minlength=n))


@dataclass(frozen=True)
class Removal:
    """Removal effects. Leading axes are those of the counts.

    Attributes
    ----------
    effect : ndarray (..., m)
        Part of the conversions that is lost without each channel.
    value_effect : ndarray (..., m)
        Part of their value.
    rate : ndarray (...,)
        Probability that a journey converts.
    """

    effect: Array
    value_effect: Array
    rate: Array

    @property
    def share(self) -> Array:
        """Removal effects made to add up to one."""
        return shares_of(self.effect)

    @property
    def value_share(self) -> Array:
        """The same of the value."""
        return shares_of(self.value_effect)


def removal_effects(chain: Chain) -> Removal:
    """Exact removal effects of the observed chain."""
    weights = Weights(chain.moves, chain.start, chain.convert, chain.lose, chain.value)
    return _solve(chain, Weights(*(part[None] for part in weights.parts())), single=True)


@dataclass(frozen=True)
class Weights:
    """Counts of a chain, or draws of them: of moves (S, e), and by state (S, n)."""

    moves: Array
    start: Array
    convert: Array
    lose: Array
    value: Array

    def parts(self) -> tuple[Array, ...]:
        """The arrays in order."""
        return self.moves, self.start, self.convert, self.lose, self.value


def removal_draws(chain: Chain, draws: int, rng: np.random.Generator) -> Removal:
    """Removal effects under the Dirichlet posterior of every row of the chain.

    Rows are drawn as independent gammas of the observed counts: the posterior under the improper prior that adds
    nothing to them, also known as the Bayesian bootstrap (Rubin 1981). Chains with many states get fewer draws, but 200
    at least.
    """
    draws = max(min(draws, int(_WORK / chain.n_states**3)), min(draws, _FEWEST))
    size = max(1, int(_CHUNK / chain.n_states**2))
    parts = [_solve(chain, _drawn(chain, min(size, draws - i), rng)) for i in range(0, draws, size)]
    return Removal(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in ("effect", "value_effect", "rate"))
    )


def _drawn(chain: Chain, draws: int, rng: np.random.Generator) -> Weights:
    convert = gammas(chain.convert, draws, rng)
    worth = mean_values(chain.convert, chain.value, chain.square, draws, rng)
    return Weights(
        moves=gammas(chain.moves, draws, rng),
        start=gammas(chain.start, draws, rng),
        convert=convert,
        lose=gammas(chain.lose, draws, rng),
        value=convert * worth,
    )


def _solve(chain: Chain, weights: Weights, *, single: bool = False) -> Removal:
    """Removal effects of a batch of counts, (S, m)."""
    size, n = len(weights.start), chain.n_states
    out = weights.convert + weights.lose
    for i in range(size):
        out[i] += np.bincount(chain.source, weights=weights.moves[i], minlength=n)
    matrix = np.broadcast_to(np.eye(n), (size, n, n)).copy()
    matrix[:, chain.source, chain.target] -= weights.moves / out[:, chain.source]
    fundamental = np.linalg.inv(matrix)
    p0 = weights.start / weights.start.sum(-1, keepdims=True)
    visits = (p0[:, None, :] @ fundamental)[:, 0]
    ends = np.stack([weights.convert / out, weights.value / out], -1)
    reach = fundamental @ ends
    whole = (p0[:, :, None] * reach).sum(1)
    effect = np.zeros((size, chain.n_channels, 2))
    for k in range(chain.n_channels):
        own = np.flatnonzero(chain.channel == k)
        if len(own):
            within = fundamental[:, own[:, None], own]
            hit = np.linalg.solve(np.swapaxes(within, 1, 2), visits[:, own, None])[..., 0]
            effect[:, k] = (hit[..., None] * reach[:, own]).sum(1)
    effect = np.divide(effect, whole[:, None], out=np.zeros_like(effect), where=whole[:, None] > 0)
    found = (effect[..., 0], effect[..., 1], whole[:, 0])
    return Removal(*(part[0] if single else part for part in found))
