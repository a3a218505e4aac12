"""A plan by week: channels x weeks free, adstock before a Michaelis-Menten saturation, a value that has a season.

The rules: the whole budget, each channel between half and twice its last share, and no week above three times a
channel's usual one. Carry-over after the window counts; there is none from before.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.budget.curves import Array


@dataclass(frozen=True, eq=False)
class Window:
    """Spend in shares of the budget, (C, H).

    Attributes
    ----------
    name : str
    share : ndarray (C,)
        The last plan.
    gain, half : ndarray (S, C)
        Outcome of a saturated week; half-saturation in usual weeks.
    weights : ndarray (S, C, L)
        Adstock; sums to one.
    value : ndarray (C, P)
        Value of the outcome per counted week, P = H + L - 1.
    weeks : int
    """

    name: str
    share: Array
    gain: Array
    half: Array
    weights: Array
    value: Array
    weeks: int

    @property
    def channels(self) -> int:
        """C."""
        return len(self.share)

    @property
    def level(self) -> Array:
        """The last plan, level over the weeks (C, H)."""
        return np.repeat(self.share[:, None] / self.weeks, self.weeks, axis=1)

    @property
    def most(self) -> Array:
        """Upper bounds (C, H)."""
        return 3.0 * self.level

    def mean(self, spend: Array) -> tuple[float, Array]:
        """Mean outcome of a plan and its gradient (C, H)."""
        draws, lags = len(self.gain), self.weights.shape[2]
        total, gradient = 0.0, np.empty(spend.shape)
        for c in range(self.channels):
            weights, half = self.weights[:, c], self.half[:, c]
            usual = np.concatenate([np.zeros(lags - 1), spend[c] * self.weeks / self.share[c], np.zeros(lags - 1)])
            reach = np.lib.stride_tricks.sliding_window_view(usual, lags)[:, ::-1]  # (P, L)
            stock = reach @ weights.T
            rise = 1.0 / (stock + half)
            worth = self.gain[:, c] * self.value[c][:, None] / draws
            total += float(np.sum(worth * stock * rise))
            pulled = (worth * half * rise * rise) @ weights  # (P, L)
            back = sum(pulled[lag : lag + self.weeks, lag] for lag in range(lags))
            gradient[c] = back * self.weeks / self.share[c]
        return total, gradient


def draw_window(channels: int = 20, weeks: int = 52, draws: int = 500, lags: int = 13, seed: int = 0) -> Window:
    """One window; its last plan brings an outcome near one."""
    rng = np.random.default_rng(seed)
    share = rng.lognormal(0.0, 0.8, channels)
    share /= share.sum()
    retention = 0.5 ** np.exp(-rng.normal(0.5, 0.6, channels) - 0.2 * rng.standard_normal((draws, channels)))
    weights = retention[..., None] ** np.arange(lags)
    season = 1.0 + 0.3 * np.sin(np.arange(weeks + lags - 1) / 8.0 + np.arange(channels)[:, None])
    return Window(
        name=f"{channels} channels x {weeks} weeks x {draws} draws",
        share=share,
        gain=2.0
        * share
        / weeks
        * rng.lognormal(0.0, 0.5, channels)
        * np.exp(0.3 * rng.standard_normal((draws, channels))),
        half=rng.uniform(0.5, 3.0, channels) * np.exp(0.2 * rng.standard_normal((draws, channels))),
        weights=weights / weights.sum(axis=2, keepdims=True),
        value=season,
        weeks=weeks,
    )
