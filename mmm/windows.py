"""Which periods and which groups a question is about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from difflib import get_close_matches

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mmm.design import Design
from mmm.panel import MediaPanel
from mmm.wording import day, listed, span
from outlay.errors import ConfigError

Day = str | date | pd.Timestamp
Scope = tuple[str | None, NDArray[np.int64]]
"""A row of a table: the group's name, None for the total, and the groups that it adds up."""


def window_rows(design: Design, start: Day | None = None, end: Day | None = None) -> slice:
    """The periods from the one that holds ``start`` to the one that holds ``end``; all scored ones by default.

    Raises
    ------
    ConfigError
        M020, where the window does not lie inside the scored rows or ends before it starts.
    """
    panel, fit = design.panel, design.fit
    first = fit.start if start is None else _row(panel, start)
    last = panel.n_periods - 1 if end is None else _row(panel, end)
    said = f"{day(pd.Timestamp(start)) if start else 'the first'} to {day(pd.Timestamp(end)) if end else 'the last'}"
    if first > last:
        raise ConfigError(
            "the window ends before it starts",
            where=said,
            repair="Give --from (start=) a date before --to (end=).",
            id="M020",
        )
    if first < fit.start or last >= panel.n_periods:
        scored = span(panel.dates[fit])
        raise ConfigError(
            f"the window is not inside the scored periods, which are {scored}",
            where=said,
            repair=f"Choose dates inside {scored}. The rows before only warm up the adstock; for what comes after "
            "the data there is `outlay forecast`.",
            id="M020",
        )
    return slice(first, last + 1)


def _row(panel: MediaPanel, when: Day) -> int:
    """The row of the period that a day lies in, counted past either end of the data too."""
    frequency = panel.frequency
    stamp = pd.DatetimeIndex([pd.Timestamp(when).normalize()])
    if frequency.name == "weekly" and frequency.marks == "end":
        stamp = stamp + pd.Timedelta(days=6)  # such a week's date comes up to six days after its other days
    return int(frequency.position(stamp)[0] - frequency.position(panel.dates[:1])[0])


def window_words(design: Design, rows: slice) -> tuple[str, str]:
    """First and last date of a window, as the data write them."""
    return day(design.panel.dates[rows][0]), day(design.panel.dates[rows][-1])


def scopes(panel: MediaPanel, group: str | None = None) -> list[Scope]:
    """The total and every group, or one group, or one value of a group column that several groups share.

    Raises
    ------
    ConfigError
        M021, where there is no such group.
    """
    everywhere = np.arange(panel.n_groups)
    if group is None:
        each = [(name, np.array([g])) for g, name in enumerate(panel.groups)] if panel.is_panel else []
        return [(None, everywhere), *each]
    if panel.is_panel and group in panel.groups:
        return [(group, np.array([panel.groups.index(group)]))]
    for level in panel.levels:
        if group in level.labels:
            return [(group, np.flatnonzero(level.index == level.labels.index(group)))]
    known = [*panel.groups, *(label for level in panel.levels for label in level.labels)] if panel.is_panel else []
    raise unknown("group", group, list(dict.fromkeys(known)), "M021")


def unknown(kind: str, name: str, known: Sequence[str], id: str) -> ConfigError:
    """The refusal of a name that the model does not have, with the nearest one that it has."""
    close = get_close_matches(name, known, n=1)
    meant = f"Did you mean {close[0]!r}? " if close else ""
    there = f"The model has {listed(known)}." if known else f"The model has no {kind}s."
    return ConfigError(f"there is no {kind} {name!r}", where=f"{kind} {name}", repair=meant + there, id=id)
