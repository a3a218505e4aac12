"""Checks of the series against each other: which move together, and are there rows enough for them all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mmm.baseline import free_columns
from mmm.calendar import carry_over_length, scored_rows
from mmm.catalogue import CATALOGUE
from mmm.checks_series import series
from mmm.config import BENT_SATURATIONS, SHAPED_ADSTOCKS, MediaSection
from mmm.presets import slowest_days
from mmm.rows import Floats
from mmm.wording import count, listed
from outlay.findings import Finding

if TYPE_CHECKING:
    from mmm.panel import MediaPanel

PAIR_LIMIT = 0.9
"""Correlation of two channels beyond which their split is hardly known."""
COPY_LIMIT = 0.95
"""Correlation of a control with a channel beyond which it may stand for the channel."""
TWIN_LIMIT = 0.99
"""Correlation of two controls, events or levers beyond which one is a copy of the other."""
VIF_LIMIT = 10.0
"""Variance inflation beyond which less than a tenth of a channel's movement is its own."""


def check_design(panel: MediaPanel, section: MediaSection) -> list[Finding]:
    """Collinear channels (D135, D136), controls that copy media (D137) or each other (D153), few rows (D139, D156)."""
    media = standardised(panel.pressure[panel.observed])
    others = [(kind, name, values) for kind, name, values in series(panel)]
    rest = standardised(np.stack([values for _, _, values in others], axis=2)) if others else np.zeros((len(media), 0))
    names = [f"{kind} {name}" for kind, name, _ in others]
    return [
        *check_pairs(panel, media),
        *check_inflation(panel, media),
        *check_copies(panel, media, rest, names),
        *check_twins(panel, rest, names),
        *few_rows(panel, section),
    ]


def standardised(values: Floats) -> Floats:
    """(T, G, n) to (T * G, n): each series with mean 0 in every group and length 1, zero where it never changes.

    Groups differ in size and the model knows it, so only movement within a group counts, each group alike.
    """
    largest = np.abs(values).max(0)
    values = values / np.where(largest == 0, 1.0, largest)  # tiny units must not vanish when squared
    centred = values - values.mean(0)
    norm = np.sqrt((centred**2).sum(0))
    still = norm <= 1e-9
    scaled = np.where(still, 0.0, centred / np.where(still, 1.0, norm))
    flat = scaled.reshape(-1, values.shape[2])
    length = np.sqrt((flat**2).sum(0))
    return np.asarray(flat / np.where(length == 0, 1.0, length))


def check_pairs(panel: MediaPanel, media: Floats) -> list[Finding]:
    """Pairs of channels with a correlation beyond 0.9, strongest first."""
    correlation = np.triu(media.T @ media, 1)
    shown = _strongest(correlation, PAIR_LIMIT, list(panel.channels), list(panel.channels))
    if not shown:
        return []
    what = f"{count(len(shown), 'pair')} of channels move together: {listed(shown, 20)}"
    return [CATALOGUE.finding("D135", f"{panel.source}, channels", what)]


def _strongest(correlation: Floats, limit: float, rows: list[str], columns: list[str]) -> list[str]:
    """Pairs beyond a limit in words, strongest first."""
    first, second = np.nonzero(np.abs(correlation) > limit)
    strength = correlation[first, second]
    order = np.argsort(-np.abs(strength), kind="stable")
    return [f"{rows[first[i]]} and {columns[second[i]]} ({strength[i]:.2f})" for i in order]


def inflation(media: Floats) -> Floats:
    """Variance inflation factor of each series: 1 / (1 - R2 on all others); infinite for an exact combination."""
    used = np.flatnonzero(media.any(0))
    factors = np.ones(media.shape[1])
    if len(used) < 2 or len(media) <= len(used) + 1:
        return factors
    values, vectors = np.linalg.eigh(media[:, used].T @ media[:, used])
    # The diagonal of the inverse correlation matrix; directions without any movement make their series infinite.
    small = values < 1e-10
    with np.errstate(divide="ignore"):
        weights = np.where(small, 0.0, 1.0 / np.maximum(values, 1e-300))
    factors[used] = vectors**2 @ weights
    factors[used[(vectors[:, small] ** 2).sum(1) > 1e-6]] = np.inf
    return factors


def check_inflation(panel: MediaPanel, media: Floats) -> list[Finding]:
    """Channels that the others predict (D136); not told without more rows than channels."""
    factors = inflation(media)
    order = np.argsort(-factors, kind="stable")
    high = [f"{panel.channels[i]} ({_factor(factors[i])})" for i in order if factors[i] > VIF_LIMIT]
    if not high:
        return []
    what = f"variance inflation beyond {VIF_LIMIT:.0f} in {count(len(high), 'channel')}: {listed(high, 20)}"
    return [CATALOGUE.finding("D136", f"{panel.source}, channels", what)]


def _factor(value: float) -> str:
    return f"{value:,.0f}" if np.isfinite(value) else "an exact combination of the others"


def check_copies(panel: MediaPanel, media: Floats, rest: Floats, names: list[str]) -> list[Finding]:
    """Controls, events and levers that move with a channel."""
    correlation = rest.T @ media
    findings = []
    for index, name in enumerate(names):
        shown = _strongest(correlation[index : index + 1], COPY_LIMIT, [name], list(panel.channels))
        if shown:
            findings.append(
                CATALOGUE.finding("D137", f"{panel.source}, {name}", f"it moves with media: {listed(shown, 5)}")
            )
    return findings


def check_twins(panel: MediaPanel, rest: Floats, names: list[str]) -> list[Finding]:
    """Controls, events and levers that are copies of each other."""
    shown = _strongest(np.triu(rest.T @ rest, 1), TWIN_LIMIT, names, names)
    if not shown:
        return []
    what = f"{count(len(shown), 'pair')} of columns say the same: {listed(shown, 20)}"
    return [CATALOGUE.finding("D153", f"{panel.source}, controls, events and levers", what)]


def parameter_count(panel: MediaPanel, section: MediaSection) -> int:
    """How many unknowns the model of this panel has.

    Per channel a coefficient per group and what its curves have: a half-life, with some adstocks a second number, a
    half-saturation, and a free exponent; the baseline's own columns; a level and a noise per group. What a group's
    baseline differs by from the common one is pooled and not counted.
    """
    channels = panel.n_channels * panel.n_groups
    for channel in section.channels:
        channels += (channel.adstock != "none") + (channel.adstock in SHAPED_ADSTOCKS)
        channels += channel.saturation in BENT_SATURATIONS
        channels += channel.saturation == "root" or channel.slope == "free" or channel.reaches
    return channels + free_columns(panel, section) + 2 * panel.n_groups


def few_rows(panel: MediaPanel, section: MediaSection) -> list[Finding]:
    """Scored rows against unknowns: fewer rows (D139), or fewer than four rows for each (D156)."""
    parameters = parameter_count(panel, section)
    l_max = carry_over_length(panel.n_periods, panel.frequency, section.l_max, slowest_days(section))
    rows = (panel.n_periods - scored_rows(panel, l_max).start) * panel.n_groups
    if rows >= 4 * parameters:
        return []
    what = f"{count(rows, 'scored row')} for about {parameters:,} parameters, {rows / parameters:.1f} for each"
    return [CATALOGUE.finding("D139" if rows < parameters else "D156", panel.source, what)]
