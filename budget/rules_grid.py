"""The grid of a plan (periods x cells) and the names and days by which rules point into it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from budget._entries_rules import RULE_CATALOGUE
from budget.cells import Cells, Index
from outlay.errors import ConfigError

if TYPE_CHECKING:
    from scipy.sparse import csr_array


@dataclass(frozen=True)
class Grid:
    """H periods x K cells, flattened period by period: position ``t * K + k``.

    Attributes
    ----------
    cells : Cells
    edges : DatetimeIndex (H + 1,)
        First day of each period, and the day after the last.
    currency : str
    period : str
        What a period is called: ``week``.
    """

    cells: Cells
    edges: pd.DatetimeIndex
    currency: str
    period: str = "period"

    @property
    def periods(self) -> int:
        """H."""
        return len(self.edges) - 1

    def __len__(self) -> int:
        return self.periods * len(self.cells)

    def period_of(self, day: date, where: str) -> int:
        """Position of the period that a day lies in.

        Raises
        ------
        ConfigError
            P070, where it lies outside of the window.
        """
        position = int(self.edges.searchsorted(pd.Timestamp(day), side="right")) - 1
        if 0 <= position < self.periods:
            return position
        last = self.edges[-1] - pd.Timedelta(days=1)
        raise ConfigError(
            f"{day} lies outside of the plan's window, {self.edges[0]:%Y-%m-%d} to {last:%Y-%m-%d}",
            where=where,
            repair=RULE_CATALOGUE["P070"].repair,
            id="P070",
        )

    def stretch(self, first: date | None, last: date | None, where: str) -> Index:
        """Positions of the periods from one day to another; None stands for the window's own."""
        start = 0 if first is None else self.period_of(first, where)
        stop = self.periods - 1 if last is None else self.period_of(last, where)
        return np.arange(start, stop + 1, dtype=np.intp)

    def select(self, channel: str | None, group: str | None, where: str) -> Index:
        """Cells of a channel, of a group, or of both; all cells where neither is named."""
        names = self.cells.channels if channel is None else (channel,)
        return np.sort(np.concatenate([self.cells.select(name, group, where) for name in names]))

    def select_many(self, channels: Sequence[str] | None, groups: Sequence[str] | None, where: str) -> Index:
        """Cells of any of the channels in any of the groups."""
        pairs = [(channel, group) for channel in channels or (None,) for group in groups or (None,)]
        return np.sort(np.concatenate([self.select(channel, group, where) for channel, group in pairs]))

    def row(self, cells: Index, periods: Index) -> csr_array:
        """One row (1, H * K) that sums these cells over these periods."""
        from scipy.sparse import csr_array

        at = self.positions(cells, periods).ravel()
        return csr_array((np.ones(len(at)), at, np.array([0, len(at)])), shape=(1, len(self)))

    def rows(self, cells: Index, periods: Index) -> csr_array:
        """One row per period (R, H * K) that sums these cells."""
        from scipy.sparse import csr_array

        at = self.positions(cells, periods)
        ends = len(cells) * np.arange(len(periods) + 1)
        return csr_array((np.ones(at.size), at.ravel(), ends), shape=(len(periods), len(self)))

    def positions(self, cells: Index, periods: Index) -> Index:
        """Positions on the flat grid, (periods, cells)."""
        return np.asarray(np.asarray(periods)[:, None] * len(self.cells) + np.asarray(cells)[None, :], np.intp)

    def scope(self, channel: str | None, group: str | None) -> str:
        """What a rule speaks of: ``tv``, ``tv in north``, ``all channels in north``."""
        return self.cells.scope("all channels" if channel is None else channel, group)

    def scope_many(self, channels: Sequence[str] | None, groups: Sequence[str] | None) -> str:
        """``search + social``, ``tv in north + south``."""
        names = "all channels" if channels is None else " + ".join(channels)
        return self.cells.scope(names, None if groups is None else " + ".join(groups))

    def when(self, periods: Index) -> str:
        """The days of a part of the window, in words; nothing for the whole window."""
        if len(periods) == self.periods:
            return ""
        first, last = self.edges[periods[0]], self.edges[periods[-1] + 1] - pd.Timedelta(days=1)
        return f" from {first:%Y-%m-%d} to {last:%Y-%m-%d}"
