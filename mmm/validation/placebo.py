"""Channels that did nothing: a shuffled copy of a real one is fitted beside the others, and must come out as zero.

Blocks of the copy come from the same season of another year, so that it looks like a real channel and still has
nothing to do with the KPI beyond the season, which the model has. Its coefficient may be negative.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import binom

from mmm.baseline import seasonal_order
from mmm.config import ChannelPriorSection, ChannelSection
from mmm.known import time_columns
from mmm.media import FittedMedia
from mmm.panel import MediaPanel
from mmm.regression import what_is_left
from mmm.validation.refits import Failed, Fitter, Refit, kept, refit_all, settled, with_channel
from outlay.response import periods_per_year
from outlay.transforms import Array

LEVEL = 0.9
PRIOR_SD = 0.05
"""Prior sd of a placebo's share of the KPI: as large as a real channel's, so that the data decide."""

ALIKE = 0.4
"""Correlation with a real channel beyond which a shuffle is not used: it would stand for that channel."""

_TRIES = 40
_BLOCK_DAYS = 28


@dataclass(frozen=True)
class Placebos:
    """Placebo channels and what the model made of them.

    Attributes
    ----------
    table : DataFrame
        ``placebo, source, share_mean, share_low, share_high, caught``: share of the KPI, central 90 % interval, and
        whether it leaves zero out.
    failed : tuple of Failed
        Placebos that could not be fitted, or sources without a shuffle that is unlike every channel.
    """

    table: pd.DataFrame
    failed: tuple[Failed, ...]

    @property
    def caught(self) -> int:
        """Placebos whose interval leaves zero out."""
        return int(self.table["caught"].sum()) if len(self.table) else 0

    @property
    def chance(self) -> float:
        """Probability of so many or more if each is caught with 10 %, the rate of a right model."""
        return false_alarm_chance(self.caught, len(self.table))


def false_alarm_chance(caught: int, placebos: int) -> float:
    """Probability of at least so many false alarms among so many placebos, at 10 % each."""
    return float(binom.sf(caught - 1, placebos, 1.0 - LEVEL))


def placebos(fitted: FittedMedia, fitter: Fitter, count: int = 8, workers: int = 1) -> Placebos:
    """Fit placebo channels, one at a time.

    Parameters
    ----------
    fitted : FittedMedia
        The fit; its channels are copied in turn, the largest contributions first.
    fitter : Fitter
        What fits.
    count : int
        Placebos.
    workers : int
        Fits at once.
    """
    design = fitted.design
    panel, section = design.panel, settled(design.section, design)
    rng = np.random.default_rng(fitted.project.seed + 7)
    share = fitted.draws.share.mean((0, 1))
    sources = sorted((int(c) for c in np.flatnonzero(design.active & ~panel.reaches)), key=lambda c: -share[c])
    refits, refused = [], []
    for i in range(count if sources else 0):
        c = sources[i % len(sources)]
        exposure = shuffled(panel, c, seasonal_order(panel, section), rng)
        if exposure is None:
            refused.append(Failed(panel.channels[c], "every shuffle of it is too much like a real channel"))
            continue
        name = f"placebo {i + 1} ({panel.channels[c]})"
        belief = ChannelPriorSection(on="share", mean=0.0, sd=PRIOR_SD, family="normal")
        like = section.channels[c].model_dump(include={"adstock", "saturation", "slope", "saturation_first"})
        channel = ChannelSection(name=name, exposure=name, prior=belief, **like)
        more, longer = with_channel(panel, section, channel, exposure)
        refits.append(Refit(name, more, longer, fitted.project, fitted.project.seed + 100 + i))

    def measure(refit: Refit, again: FittedMedia) -> dict[str, object]:
        drawn = (again.draws.share[:, :, -1] * again.design.weight).sum(1)
        low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
        source = refit.name.partition("(")[2][:-1]
        return {
            "placebo": refit.name.partition(" (")[0],
            "source": source,
            "share_mean": float(drawn.mean()),
            "share_low": float(low),
            "share_high": float(high),
            "caught": bool(low > 0 or high < 0),
        }

    results = refit_all(refits, fitter, measure, workers)
    rows = [result for result in results if isinstance(result, dict)]
    columns = ["placebo", "source", "share_mean", "share_low", "share_high", "caught"]
    return Placebos(pd.DataFrame(rows, columns=columns), (*refused, *kept(results)))


def shuffled(panel: MediaPanel, channel: int, order: int, rng: np.random.Generator) -> Array | None:
    """A copy of a channel's exposure that is unlike every channel, (T, G); None where none was found.

    With two years or more, each block of four weeks comes from the same season of another year. With less, blocks are
    put in a new order. What it shares with a channel by trend and season, which the model has, does not count.

    Parameters
    ----------
    panel : MediaPanel
        The data.
    channel : int
        What is copied.
    order : int
        Fourier order of the model's season.
    rng : Generator
        Where the order comes from.
    """
    source, known = panel.exposure[:, :, channel], time_columns(panel, order)
    real = [what_is_left(panel.exposure[:, :, c], known) for c in range(panel.n_channels)]
    for _ in range(_TRIES):
        copy = source[_order(len(source), panel.frequency.days, rng)]
        left = what_is_left(copy, known)
        if max(_alike(left, other) for other in real) <= ALIKE and copy[panel.history :].any():
            return copy
    return None


def _order(n: int, days: int, rng: np.random.Generator) -> np.ndarray:
    """Rows in their new order."""
    block, year = max(_BLOCK_DAYS // days, 1), periods_per_year(days)
    rows, years = np.arange(n), n // year
    if years < 2:
        starts = rng.permutation(np.arange(0, n, block))
        return np.concatenate([np.arange(start, min(start + block, n)) for start in starts])
    # Within whole years, counted from the end; the rest, at the beginning, keeps its rows of the year after.
    first = n - years * year
    out = rows.copy()
    out[:first] = rows[:first] + year
    for start in range(0, year, block):
        place = np.arange(start, min(start + block, year))
        order = _derangement(years, rng)
        for to, origin in enumerate(order):
            out[first + to * year + place] = first + origin * year + place
    return out


def _derangement(n: int, rng: np.random.Generator) -> Sequence[int]:
    """A random order in which nothing stays in its place."""
    while True:
        order = rng.permutation(n)
        if (order != np.arange(n)).all():
            return [int(i) for i in order]


def _alike(one: Array, other: Array) -> float:
    """Correlation of two series without their means, over all groups."""
    size = np.sqrt(np.square(one).sum() * np.square(other).sum())
    return float(abs((one * other).sum()) / size) if size > 0 else 0.0
