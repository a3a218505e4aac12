"""Series that are known beside media: trend, season, controls, levers and events, as columns of a regression."""

from __future__ import annotations

import numpy as np

from mmm.baseline import seasonal_order
from mmm.calendar import year_phase
from mmm.design import Design
from mmm.panel import MediaPanel
from outlay.transforms import Array


def known_columns(design: Design) -> Array:
    """Trend, season, controls, levers and events of the scored rows, averaged over groups, (F, K)."""
    panel = design.panel
    columns = time_columns(panel, seasonal_order(panel, design.section))[design.fit]
    others = [panel.controls, panel.levers, panel.events]
    return np.column_stack([columns, *(block[design.fit].mean(1) for block in others)])


def time_columns(panel: MediaPanel, order: int) -> Array:
    """A bent trend and the waves of the season, up to an order, over all periods, (T, K)."""
    time = np.linspace(-1.0, 1.0, panel.n_periods)
    columns = [np.ones_like(time), time, time**2]
    phase = 2 * np.pi * year_phase(panel.dates)
    for wave in range(1, order + 1):
        columns += [np.sin(wave * phase), np.cos(wave * phase)]
    return np.column_stack(columns)
