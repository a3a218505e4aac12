"""Leads as counts: what every part of this room sees of the table of leads.

A lead is counted in a cell (a combination of levels such as segment and channel, and a period), with how far it came.
No model, table or chart below sees a row.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from outlay.findings import Finding
from outlay.transforms import Array

MISSING_LEVEL = "(missing)"
"""Level of leads whose cell in a grouping column is empty: kept, and told in a finding."""


@dataclass(frozen=True, eq=False)
class LeadCells:
    """Counts of leads by cell. N cells, D dimensions, J stages (so J - 1 transitions).

    Attributes
    ----------
    stages : tuple of str
        The funnel's stages in order.
    dims : tuple of str
        What cells are made of, by role: of ``segment``, ``sub_segment``, ``region``, ``sub_region``, ``channel``,
        ``persona``, ``team``, ``origin``, ``band`` (of the rule-based score, lowest first) and ``period``.
    levels : mapping of str to tuple of str
        Names of each dimension's levels; periods are the first days of theirs, in order and without gaps.
    codes : ndarray of int (N, D)
        Level of each cell in each dimension.
    reached : ndarray (N, J)
        Leads that reached each stage by ``as_of``, every lead counted.
    trials, successes : ndarray (N, J - 1)
        Of each transition, leads that had their time to make it and those that did. With ``maturity = "model"`` trials
        are leads times the part of conversion that has come by their age, and are no whole numbers.
    value_count, value_sum, value_log_sum, value_log_square : ndarray (N,)
        Leads that reached the last stage with a value above zero, the sum of their values, of the logarithms, and of
        the squared logarithms.
    currency : str
    as_of : date
        Day on which the table was taken.
    maturity_days : tuple of float
        Days after which a lead had its time, for each transition.
    young : tuple of int
        Leads left out of each transition because they had not.
    rows : int
        Leads in the table.
    source, fingerprint : str
    findings : tuple of Finding
    """

    stages: tuple[str, ...]
    dims: tuple[str, ...]
    levels: dict[str, tuple[str, ...]]
    codes: NDArray[np.int64]
    reached: Array
    trials: Array
    successes: Array
    value_count: Array
    value_sum: Array
    value_log_sum: Array
    value_log_square: Array
    currency: str
    as_of: date
    maturity_days: tuple[float, ...]
    young: tuple[int, ...]
    rows: int
    source: str
    fingerprint: str
    findings: tuple[Finding, ...] = ()

    @property
    def n_cells(self) -> int:
        """Number of cells."""
        return len(self.codes)

    def code(self, dim: str) -> NDArray[np.int64]:
        """Level of each cell in one dimension, (N,)."""
        return np.asarray(self.codes[:, self.dims.index(dim)])

    def frame(self) -> pd.DataFrame:
        """One row per cell: its levels by name, and its counts."""
        columns: dict[str, object] = {
            dim: np.asarray(self.levels[dim], dtype=object)[self.code(dim)] for dim in self.dims
        }
        columns |= {f"reached_{stage}": self.reached[:, j] for j, stage in enumerate(self.stages)}
        for j, stage in enumerate(self.stages[1:]):
            columns |= {f"trials_{stage}": self.trials[:, j], f"successes_{stage}": self.successes[:, j]}
        for name in ("value_count", "value_sum", "value_log_sum", "value_log_square"):
            columns[name] = getattr(self, name)
        return pd.DataFrame(columns)
