"""What changed in the past: a panel against the one that the previous fit was made from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from mmm.catalogue import CATALOGUE
from mmm.wording import amount, count, day, listed, span
from outlay.findings import Finding

if TYPE_CHECKING:
    from mmm.panel import MediaPanel

SAME = 1e-9
"""Relative difference below which two numbers are one number written in two ways."""


def compare_history(old: MediaPanel, new: MediaPanel) -> list[Finding]:
    """Dates and columns of the old panel that are gone or have other values in the new one.

    Parameters
    ----------
    old, new : MediaPanel
        The panel of the previous fit, and the present one.

    Returns
    -------
    list of Finding
        D160 per series whose values changed, D161 for dates or groups that are gone, D162 for series that came or went.
    """
    before, after = (_numbers(panel) for panel in (old, new))
    return [*_dropped(old, new), *_columns(before, after, new), *_restated(before, after, new)]


def _numbers(panel: MediaPanel) -> pd.DataFrame:
    frame = panel.to_frame().set_index(["date", "group"])
    return frame.drop(columns=[name for name in frame.columns if name.startswith("group:")])


def _dropped(old: MediaPanel, new: MediaPanel) -> list[Finding]:
    findings = []
    gone = old.dates.difference(new.dates)
    if len(gone):
        what = f"{count(len(gone), old.frequency.unit)} of the previous fit are no longer there: {span(gone)}"
        findings.append(CATALOGUE.finding("D161", f"{new.source}, dates", what))
    groups = [name for name in old.groups if name not in new.groups]
    if groups:
        what = f"{count(len(groups), 'group')} of the previous fit no longer there: {listed(groups)}"
        findings.append(CATALOGUE.finding("D161", f"{new.source}, groups", what))
    return findings


def _columns(before: pd.DataFrame, after: pd.DataFrame, new: MediaPanel) -> list[Finding]:
    gone, come = list(before.columns.difference(after.columns)), list(after.columns.difference(before.columns))
    parts = [f"{listed(names)} {word}" for names, word in ((gone, "went"), (come, "came")) if names]
    if not parts:
        return []
    return [CATALOGUE.finding("D162", f"{new.source}, columns", "; ".join(parts))]


def _restated(before: pd.DataFrame, after: pd.DataFrame, new: MediaPanel) -> list[Finding]:
    rows = before.index.intersection(after.index)
    findings = []
    for column in before.columns.intersection(after.columns, sort=False):
        was, now = before.loc[rows, column].to_numpy(np.float64), after.loc[rows, column].to_numpy(np.float64)
        changed = np.abs(now - was) > SAME * np.maximum(np.abs(now), np.abs(was))
        if column == "kpi":
            changed |= np.isnan(was) != np.isnan(now)  # media history that has a KPI now, or the other way
        if not changed.any():
            continue
        dates = pd.DatetimeIndex(rows[changed].get_level_values("date")).unique().sort_values()
        names = sorted(set(rows[changed].get_level_values("group")))
        groups = f" in {listed(names, 5)}" if new.is_panel else ""
        days = listed([day(date) for date in dates])
        what = (
            f"{count(int(changed.sum()), 'value')} changed on {count(len(dates), 'date')} ({days})"
            f"{groups}; their sum went from {amount(float(np.nansum(was[changed])))} to "
            f"{amount(float(np.nansum(now[changed])))}"
        )
        findings.append(CATALOGUE.finding("D160", f"{new.source}, {column.replace(':', ' ')}", what))
    return findings
