"""What became of the data between two fits: periods and series that came or went, and values that were restated."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

    from mmm.panel import MediaPanel
    from outlay.runs import Run
    from outlay.transforms import Array

TOTALLED = frozenset({"outcome", "spend", "exposure"})
"""Kinds of series whose total over time means something; a price or an index has only single values."""


@dataclass(frozen=True)
class Restated:
    """A series with other values in periods that both fits have.

    Attributes
    ----------
    name, kind : str
        The series, and whether it is the outcome, spend, exposure, control, event or lever.
    cells : int
        Values that differ: one for each period and group.
    first, last : str
        Dates of the first and of the last of them.
    before, after : float or None
        Their sums; None for a series whose sum means nothing.
    """

    name: str
    kind: str
    cells: int
    first: str
    last: str
    before: float | None
    after: float | None


@dataclass(frozen=True)
class DataMoved:
    """How the data of two fits differ.

    Attributes
    ----------
    added, gone : tuple of str
        Dates of periods that only the later, or only the earlier fit has.
    came, went : tuple of str
        Series and groups likewise, in words.
    restated : tuple of Restated
        The most values first.
    """

    added: tuple[str, ...]
    gone: tuple[str, ...]
    came: tuple[str, ...]
    went: tuple[str, ...]
    restated: tuple[Restated, ...]

    @property
    def any(self) -> bool:
        """Whether anything differs."""
        return bool(self.added or self.gone or self.came or self.went or self.restated)


def data_moved(before: Run, after: Run) -> DataMoved:
    """Compare the panels that two fits keep.

    Raises
    ------
    RunError
        Where a panel is missing, damaged, or of another format.
    """
    from mmm.store import load_panel

    return panels_moved(load_panel(before.path)[0], load_panel(after.path)[0])


def panels_moved(before: MediaPanel, after: MediaPanel) -> DataMoved:
    """Compare two panels."""
    old, new = _series(before), _series(after)
    groups = [name for name in after.groups if name in before.groups]
    came = [*_words(new, old), *(f"group {name}" for name in after.groups if name not in before.groups)]
    went = [*_words(old, new), *(f"group {name}" for name in before.groups if name not in after.groups)]
    shared = after.dates.intersection(before.dates)
    found = []
    for key in new:
        if key in old and len(shared) and groups:
            was = _cells(old[key], before, shared, groups)
            now = _cells(new[key], after, shared, groups)
            found += list(_restated(key, was, now, shared))
    return DataMoved(
        added=_days(after.dates.difference(before.dates)),
        gone=_days(before.dates.difference(after.dates)),
        came=tuple(came),
        went=tuple(went),
        restated=tuple(sorted(found, key=lambda each: -each.cells)),
    )


Key = tuple[str, str]


def _series(panel: MediaPanel) -> dict[Key, Array]:
    """Every series of a panel, (T, G) each, by kind and name."""
    found: dict[Key, Array] = {("outcome", panel.kpi_name): panel.kpi}
    if panel.has_value:
        found["value", f"value of {panel.kpi_name}"] = panel.value
    for c, name in enumerate(panel.channels):
        if panel.paid[c]:
            found["spend", name] = panel.spend[:, :, c]
        if not (panel.paid[c] and np.array_equal(panel.exposure[:, :, c], panel.spend[:, :, c], equal_nan=True)):
            found["exposure", name] = panel.exposure[:, :, c]
    for kind, names, values in (
        ("control", panel.control_names, panel.controls),
        ("event", panel.event_names, panel.events),
        ("lever", panel.lever_names, panel.levers),
    ):
        found |= {(kind, name): values[:, :, k] for k, name in enumerate(names)}
    return found


def _words(these: dict[Key, Array], others: dict[Key, Array]) -> Iterator[str]:
    """Series that are only here; a channel counts once, by its spend or by its exposure."""
    told = {name for _, name in others}
    for kind, name in these:
        if (kind, name) not in others and name not in told:
            told.add(name)
            yield f"{'channel' if kind in ('spend', 'exposure') else kind} {name}"


def _cells(values: Array, panel: MediaPanel, dates: pd.DatetimeIndex, groups: list[str]) -> Array:
    columns = np.array([panel.groups.index(name) for name in groups])
    return values[np.ix_(panel.dates.get_indexer(dates), columns)]


def _restated(key: Key, was: Array, now: Array, dates: pd.DatetimeIndex) -> Iterator[Restated]:
    # cells of a history without a KPI are NaN in both, and that is no change
    other = ~((was == now) | (np.isnan(was) & np.isnan(now)))
    if not other.any():
        return
    rows = np.flatnonzero(other.any(axis=1))
    kind, name = key
    summed = kind in TOTALLED and bool(np.isfinite(was[other]).all() and np.isfinite(now[other]).all())
    first, last = _days(dates[[rows[0], rows[-1]]])
    sums = (float(was[other].sum()), float(now[other].sum())) if summed else (None, None)
    yield Restated(name, kind, int(other.sum()), first, last, *sums)


def _days(dates: pd.DatetimeIndex) -> tuple[str, ...]:
    return tuple(str(date.date()) for date in dates)
