"""The parts that a scorecard shows, and their counts by day: whole numbers, so that parts add up to wholes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from attribution.goals_given import ALL
from attribution.scorecard_calendar import Calendar
from outlay.transforms import Array


class Part(NamedTuple):
    """A part of the leads; empty where it is all of them in that respect."""

    segment: str = ALL
    sub_segment: str = ALL
    region: str = ALL
    sub_region: str = ALL
    origin: str = ALL

    @property
    def has_goal(self) -> bool:
        """Whether goals reach down to it: they are set by segment and region."""
        return self.sub_segment == ALL and self.sub_region == ALL and self.origin == ALL


VIEWS: tuple[tuple[str, ...], ...] = (
    (),
    ("segment",),
    ("region",),
    ("segment", "region"),
    ("segment", "sub_segment"),
    ("region", "sub_region"),
)
"""The cuts that every scorecard holds, from the whole down."""

ORIGIN_VIEWS: tuple[tuple[str, ...], ...] = (("origin",), ("segment", "origin"), ("region", "origin"))
"""The cuts by who made the lead."""


@dataclass(frozen=True, eq=False)
class Counts:
    """Counts by part and day.

    Attributes
    ----------
    parts : tuple of Part (K,)
    by_day : mapping of str to ndarray (K, D)
        By the name of the column: ``leads``, ``made_0`` ...; days as in the calendar.
    """

    parts: tuple[Part, ...]
    by_day: Mapping[str, Array]


def cut(frame: pd.DataFrame, view: Sequence[str], calendar: Calendar, columns: Sequence[str]) -> Counts:
    """Sum the days' counts over everything that a view does not name.

    Parameters
    ----------
    frame : DataFrame
        Of :class:`attribution.scorecard_days.LeadDays`; days outside the calendar are left out.
    view : sequence of str
        Roles to keep apart.
    calendar : Calendar
    columns : sequence of str
        What to sum.
    """
    at = calendar.days.get_indexer(pd.DatetimeIndex(frame["day"]))
    known = at >= 0
    frame, at = frame[known], at[known]
    if view:
        groups = frame.groupby(list(view), sort=True, observed=True)
        codes = groups.ngroup().to_numpy()
        parts = tuple(
            Part(**dict(zip(view, levels if isinstance(levels, tuple) else (levels,), strict=True)))
            for levels in groups.size().index
        )
    else:
        codes, parts = np.zeros(len(frame), dtype=np.int64), (Part(),)
    size = len(parts) * len(calendar.days)
    place = codes * len(calendar.days) + at
    by_day = {
        name: np.asarray(np.bincount(place, weights=frame[name].to_numpy(dtype=float), minlength=size), dtype=float)
        for name in columns
    }
    return Counts(parts, {name: flat.reshape(len(parts), len(calendar.days)) for name, flat in by_day.items()})
