"""Checks of each channel: does it change, do spend and exposure belong together, does exposure keep its price."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mmm.catalogue import CATALOGUE
from mmm.wording import amount, count, listed, money, percent, span
from outlay.findings import Finding

if TYPE_CHECKING:
    from mmm.panel import MediaPanel

FEW_PERIODS = 4
"""A channel that ran in no more periods than this is hardly ever on."""
COST_JUMP = 3.0
"""Yearly median costs per exposure that differ by more than this factor."""
LEVEL_JUMP = 20.0
"""Yearly median exposures that differ by more than this factor."""


def check_channels(panel: MediaPanel) -> list[Finding]:
    """Every check of every channel, in the order of the project file."""
    findings = []
    for channel in range(panel.n_channels):
        findings += check_variation(panel, channel)
        findings += check_level(panel, channel)
        if panel.paid[channel] and (panel.exposure[:, :, channel] != panel.spend[:, :, channel]).any():
            findings += check_unseen_spend(panel, channel)
            findings += check_unpaid_exposure(panel, channel)
            findings += check_cost_jumps(panel, channel)
    return findings


def place(panel: MediaPanel, channel: int) -> str:
    """Where a channel is: table and name."""
    return f"{panel.source}, channel {panel.channels[channel]}"


def check_variation(panel: MediaPanel, channel: int) -> list[Finding]:
    """Channels that are always zero (D131), never change (D130) or hardly ever run (D155)."""
    exposure = panel.pressure[:, :, channel]
    where = place(panel, channel)
    if not exposure.any() and not panel.spend[:, :, channel].any():
        return [CATALOGUE.finding("D131", where, f"it is zero in all {count(panel.n_periods, panel.frequency.unit)}")]
    if (exposure == exposure[0]).all():
        level = amount(float(exposure.sum(1)[0]))
        what = f"its exposure is {level} in every one of {count(panel.n_periods, panel.frequency.unit)}"
        return [CATALOGUE.finding("D130", where, what)]
    on = np.flatnonzero(exposure.any(1))
    if len(on) <= FEW_PERIODS:
        what = f"it ran in {count(len(on), panel.frequency.unit)} of {panel.n_periods:,}, {span(panel.dates[on])}"
        return [CATALOGUE.finding("D155", where, what)]
    return []


def check_unseen_spend(panel: MediaPanel, channel: int) -> list[Finding]:
    """Money in periods without exposure (D132)."""
    exposure, spend = panel.exposure[:, :, channel], panel.spend[:, :, channel]
    hit = (spend > 0) & (exposure == 0)
    if not hit.any():
        return []
    lost, total = float(spend[hit].sum()), float(spend.sum())
    what = (
        f"{money(lost, panel.currency)} ({percent(lost / total)} of the channel's spend) in {_cells(panel, hit)} "
        "without exposure; the model sees exposure, so this money buys nothing that it can see"
    )
    return [CATALOGUE.finding("D132", place(panel, channel), what)]


def check_unpaid_exposure(panel: MediaPanel, channel: int) -> list[Finding]:
    """Exposure in periods without spend (D133)."""
    exposure, spend = panel.exposure[:, :, channel], panel.spend[:, :, channel]
    hit = (exposure > 0) & (spend == 0)
    if not hit.any():
        return []
    free, total = float(exposure[hit].sum()), float(exposure.sum())
    what = (
        f"{amount(free)} exposures ({percent(free / total)} of the channel's) in {_cells(panel, hit)} without spend: "
        "free, or booked in another period"
    )
    return [CATALOGUE.finding("D133", place(panel, channel), what)]


def _cells(panel: MediaPanel, hit: NDArray[np.bool_]) -> str:
    """Periods (and groups) of some cells, with the first and last date."""
    dates = panel.dates[np.flatnonzero(hit.any(1))]
    text = f"{count(len(dates), panel.frequency.unit)} ({span(dates)})"
    names = [panel.groups[index] for index in np.flatnonzero(hit.any(0))]
    return f"{text} of {listed(names, 5)}" if panel.is_panel else text


def check_cost_jumps(panel: MediaPanel, channel: int) -> list[Finding]:
    """What a unit of exposure cost, in the median of each year (D134)."""
    exposure, spend = panel.exposure[:, :, channel].sum(1), panel.spend[:, :, channel].sum(1)
    both = (exposure > 0) & (spend > 0)
    cost = np.divide(spend, exposure, out=np.zeros_like(spend), where=both)
    factor, shown = _yearly(panel, cost)
    if factor <= COST_JUMP:
        return []
    what = f"the median cost per exposure differs by a factor of {factor:,.1f}: {panel.currency} {shown}"
    return [CATALOGUE.finding("D134", place(panel, channel), what)]


def check_level(panel: MediaPanel, channel: int) -> list[Finding]:
    """How much exposure a running period had, in the median of each year (D158)."""
    factor, shown = _yearly(panel, panel.pressure[:, :, channel].sum(1))
    if factor <= LEVEL_JUMP:
        return []
    what = f"the median exposure of a {panel.frequency.unit} with any differs by a factor of {factor:,.0f}: {shown}"
    return [CATALOGUE.finding("D158", place(panel, channel), what)]


def _yearly(panel: MediaPanel, values: NDArray[np.float64]) -> tuple[float, str]:
    """Largest over smallest of the yearly medians of what is above zero, and the medians in words.

    A history within one year is compared by halves. Parts with fewer than four periods have no median worth comparing.
    """
    used = values > 0
    values, dates = values[used], panel.dates[used]
    years = dates.year.to_numpy()
    parts = {str(year): values[years == year] for year in np.unique(years) if (years == year).sum() >= 4}
    if len(parts) < 2 and len(values) >= 8:
        half = len(values) // 2
        parts = {span(dates[:half]): values[:half], span(dates[half:]): values[half:]}
    if len(parts) < 2:
        return 1.0, ""
    medians = {name: float(np.median(part)) for name, part in parts.items()}
    shown = listed([f"{amount(median)} in {name}" for name, median in medians.items()], 12)
    return max(medians.values()) / min(medians.values()), shown
