"""From effects on the model's mean to outcome: as they are, or multiplied where the model is about the log of the KPI.

Under a log likelihood the expected KPI is ``exp(mu + sigma^2 / 2)``, the mean of a lognormal, and taking an effect away
loses ``1 - exp(-effect)`` of it. Effects then share what they bring together: the parts do not add up to the whole, and
what is left is told as interaction.
"""

from __future__ import annotations

import numpy as np

from mmm.draws import MediaDraws
from outlay.transforms import Array


def lost(effect: Array, expected: Array | None) -> Array:
    """KPI that would be missing without an effect: the effect itself, or its part of the expected KPI."""
    return effect if expected is None else np.asarray(-np.expm1(-effect) * expected)


def won(effect: Array, expected: Array | None) -> Array:
    """KPI that an effect would add to what is there."""
    return effect if expected is None else np.asarray(np.expm1(effect) * expected)


def expected_kpi(draws: MediaDraws, group: int, rows: slice) -> Array | None:
    """Expected KPI of one group under a log likelihood, (S, rows); None under the others, which do not need it.

    Parameters
    ----------
    draws : MediaDraws
        The posterior.
    group : int
        The group.
    rows : slice
        Periods from the first scored one on. They may reach into the future, where no media run any more.
    """
    design = draws.design
    if not design.log:
        return None
    return np.exp(baseline_mean(draws, group, rows) + media_effect(draws, group, rows) + half_variance(draws, group))


def half_variance(draws: MediaDraws, group: int) -> Array:
    """What the noise adds to the logarithm of the expected KPI, (S, 1)."""
    return np.asarray(0.5 * np.square(draws.sigma[:, group, None]))


def baseline_mean(draws: MediaDraws, group: int, rows: slice) -> Array:
    """The model's mean without media in some periods of history or future, (S, rows)."""
    design = draws.design
    columns = design.raw_terms[rows, group] - design.centre[group]
    return np.asarray(draws.intercept[:, group, None] + draws.terms[:, group] @ columns.T)


def media_effect(draws: MediaDraws, group: int, rows: slice) -> Array:
    """What all channels together add to the model's mean, with their carry-over past the data, (S, rows)."""
    total = np.zeros((draws.n_draws, rows.stop - rows.start))
    for c in np.flatnonzero(draws.design.active):
        total += cell_effect(draws, group, int(c), rows)
    return total


def cell_effect(draws: MediaDraws, group: int, channel: int, rows: slice, exposure: Array | None = None) -> Array:
    """What one channel adds to the model's mean, (S, rows), under its history or another exposure of the same length.

    Nothing runs after the data; the contacts of a reach and frequency channel stay as they were.
    """
    panel = draws.design.panel
    history = panel.exposure[:, group, channel] if exposure is None else exposure
    after = np.zeros(max(rows.stop - panel.n_periods, 0))
    contacts = draws.contacts(group, channel)
    seen = None if contacts is None else np.concatenate([contacts, np.ones_like(after)])[: rows.stop]
    saturated = draws.saturated(group, channel, np.concatenate([history, after])[: rows.stop], seen)
    return np.asarray(draws.coefficient[:, group, channel, None] * saturated[:, rows])
