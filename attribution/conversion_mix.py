"""Which leads rates are averaged over, and where each of them stands among the groups that are asked for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attribution.conversion_links import PERIOD
from attribution.leads import LeadCells
from outlay.transforms import Array

WINDOW_DAYS = 365
"""Lead mix: periods that begin within this of the last period's beginning, so 12 months."""


@dataclass(frozen=True, eq=False)
class Mix:
    """Leads by combination of levels. M combinations, D dimensions.

    Attributes
    ----------
    dims : tuple of str
    levels : mapping of str to tuple of str
    codes : ndarray of int (M, D)
    leads : ndarray (M,)
        Leads of the window, young ones included.
    all_codes : ndarray of int (A, D)
    all_leads : ndarray (A,)
        The same of all periods.
    window : tuple of (str, str)
        First and last month; empty where leads have no period.
    first_period : int
        Where the window begins among the periods.
    """

    dims: tuple[str, ...]
    levels: dict[str, tuple[str, ...]]
    codes: NDArray[np.int64]
    leads: Array
    all_codes: NDArray[np.int64]
    all_leads: Array
    window: tuple[str, str]
    first_period: int = 0

    @property
    def sentence(self) -> str:
        """Which leads these are."""
        if not self.window[0]:
            return "Rates of a group are averaged over the mix of all observed leads in its other dimensions."
        return (
            "Rates of a group are averaged over the mix of observed leads in its other dimensions, "
            f"{self.window[0]} to {self.window[1]}."
        )

    def shape(self, by: Sequence[str]) -> tuple[int, ...]:
        """Numbers of levels."""
        return tuple(len(self.levels[dim]) for dim in by)

    def labels(self, by: Sequence[str]) -> pd.DataFrame:
        """The full grid of levels, the last dimension fastest."""
        grid = pd.MultiIndex.from_product([self.levels[dim] for dim in by], names=list(by)) if by else None
        return pd.DataFrame(index=range(1)) if grid is None else grid.to_frame(index=False)

    def in_window(self, cells: LeadCells) -> NDArray[np.bool_]:
        """Which cells the window has."""
        if PERIOD not in cells.dims:
            return np.ones(cells.n_cells, bool)
        return np.asarray(cells.code(PERIOD) >= self.first_period)

    def group(self, by: Sequence[str], codes: NDArray[np.int64]) -> NDArray[np.int64]:
        """Place of each combination in the grid of ``by``."""
        out = np.zeros(len(codes), np.int64)
        for dim in by:
            out = out * len(self.levels[dim]) + codes[:, self.dims.index(dim)]
        return out

    def observed(self, by: Sequence[str]) -> tuple[NDArray[np.int64], Array]:
        """The leads that a grouping is about, codes and counts: by period, every period has its own."""
        return (self.all_codes, self.all_leads) if PERIOD in by else (self.codes, self.leads)

    def standing_in(self, by: Sequence[str], empty: NDArray[np.intp]) -> tuple[NDArray[np.int64], Array]:
        """Rows for groups without a lead, codes and weights: their own levels with everybody's mix of the others."""
        at = [self.dims.index(dim) for dim in by]
        others = [d for d in range(len(self.dims)) if d not in at]
        mixed, inverse = np.unique(self.codes[:, others], axis=0, return_inverse=True)
        weight = np.bincount(inverse.ravel(), self.leads, len(mixed))
        rows = np.zeros((len(empty), len(mixed), len(self.dims)), np.int64)
        rows[:, :, others] = mixed[None]
        rows[:, :, at] = np.stack(np.unravel_index(empty, self.shape(by)), axis=1)[:, None, :]
        return rows.reshape(-1, len(self.dims)), np.tile(weight, len(empty))


def recent_mix(cells: LeadCells) -> Mix:
    """The leads of the last 12 months."""
    leads = cells.reached[:, 0]
    if PERIOD not in cells.dims:
        return Mix(cells.dims, cells.levels, cells.codes, leads, cells.codes, leads, ("", ""))
    starts = [dt.date.fromisoformat(name) for name in cells.levels[PERIOD]]
    first = next(k for k, start in enumerate(starts) if (starts[-1] - start).days < WINDOW_DAYS)
    kept = (cells.code(PERIOD) >= first) & (leads > 0)
    window = (f"{starts[first]:%Y-%m}", f"{cells.as_of:%Y-%m}")
    return Mix(cells.dims, cells.levels, cells.codes[kept], leads[kept], cells.codes, leads, window, first)
