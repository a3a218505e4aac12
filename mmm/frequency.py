"""The best frequency of reach and frequency channels: contacts per person at which money brings the most.

With a constant cost per contact, a budget buys reach times frequency; what it brings is reach times the saturated
frequency. So per unit of money a frequency brings ``hill(F) / F``, which rises to a peak at ``F = k (s - 1)^(1/s)``
where the curve is S-shaped (``s > 1``) and only falls where it is not. Nobody can be reached less than once.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from mmm.draws import MediaDraws
from outlay.response import NATIONAL
from outlay.summary import summarise
from outlay.transforms import Array

_GRID = np.geomspace(1.0, 50.0, 400)
"""Frequencies among which the best one for the mean of the draws is looked for."""


def best_frequency(draws: MediaDraws, channel: int) -> Array:
    """Contacts per person that bring the most per unit of money, (S,); at least one."""
    k, s = draws.half_saturation[:, channel], draws.exponent[:, channel]
    peak = k * np.power(np.maximum(s - 1.0, 0.0), 1.0 / s)
    return np.asarray(np.maximum(peak, 1.0))


def frequency_table(draws: MediaDraws, level: float) -> pd.DataFrame:
    """One row per reach and frequency channel and group, the total first.

    Columns: ``channel, group, current`` (contacts per person of the last year), ``largest`` (seen in any period),
    ``best`` (the most outcome per unit of money in the mean over draws), ``optimal_*`` (the best frequency per draw),
    ``gain_*`` (outcome per unit of money at ``best``, as a multiple of that at ``current``), ``p_more`` (probability
    that more contacts than now are better), ``extrapolated`` (``best`` is more than was ever seen).
    """
    panel = draws.design.panel
    rows = []
    for c in np.flatnonzero(panel.reaches & draws.design.active):
        everywhere = _usual(draws, int(c))
        rows.append(_row(draws, int(c), None, everywhere, slice(None), level))
        if panel.groups == (NATIONAL,):
            continue
        for g, name in enumerate(panel.groups):
            if panel.exposure[:, g, c].any():
                current = float(draws.design.future.contacts[g, c])
                rows.append(_row(draws, int(c), name, current, slice(g, g + 1), level))
    return pd.DataFrame(rows)


def _usual(draws: MediaDraws, channel: int) -> float:
    """Contacts per person over all groups: each group's own, weighted by its reach over the last year it has any."""
    panel = draws.design.panel
    reach = panel.exposure[:, :, channel].sum(0)
    return float((draws.design.future.contacts[:, channel] * reach).sum() / reach.sum())


def _row(
    draws: MediaDraws, channel: int, group: str | None, current: float, groups: slice, level: float
) -> dict[str, object]:
    panel, bend = draws.design.panel, draws.bend(channel)
    seen = panel.contacts[:, groups, channel][panel.exposure[:, groups, channel] > 0]
    optimal = best_frequency(draws, channel)
    per_money = (draws.coefficient[:, groups, channel].sum(1)[:, None] * bend.value(_GRID) / _GRID).mean(0)
    best = float(_GRID[int(per_money.argmax())])
    at = bend.value(np.array([best, current])) / np.array([best, current])
    gain = at[:, 0] / at[:, 1]
    row: dict[str, object] = {
        "channel": panel.channels[channel],
        "group": group,
        "current": current,
        "largest": float(seen.max()),
        "best": best,
    }
    for prefix, values in (("optimal", optimal), ("gain", gain)):
        row |= {name: float(value) for name, value in summarise(values, level).columns(prefix).items()}
    return row | {"p_more": float((optimal > current).mean()), "extrapolated": best > float(seen.max())}
