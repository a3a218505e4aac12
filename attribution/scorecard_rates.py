"""Rates between stages, contributions by origin, and why a measure changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from attribution.bridge import bridge
from attribution.scorecard_days import LeadDays
from attribution.scorecard_parts import ORIGIN_VIEWS, Counts, Part, cut
from attribution.scorecard_series import Measured, Told
from attribution.scorecard_tables import Frame
from outlay.summary import jeffreys

BRIDGE_VIEWS: tuple[tuple[str, ...], ...] = (("segment",), ("region",), ("segment", "region"))
"""The cuts over which a change is split."""


def rate_rows(frame: Frame, days: LeadDays, view: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Rates between stages of leads created in the latest month, up to the told one, whose leads all had their time."""
    calendar = frame.calendar
    columns = [f"{name}_{j}" for j in range(len(days.stages) - 1) for name in ("old", "kept")]
    counts = cut(days.frame, view, calendar, columns)
    for j in range(len(days.stages) - 1):
        month = _mature_month(frame, float(sum(days.maturity_days[: j + 1])))
        if month is None:
            continue
        trials, successes = (calendar.sums(counts.by_day[f"{name}_{j}"]) for name in ("old", "kept"))
        for k, part in enumerate(counts.parts):
            n, hits = float(trials[k, month]), float(successes[k, month])
            low, high = (float(x) for x in jeffreys(hits, n, frame.level))
            before = month > 0 and bool(calendar.whole[month - 1])
            yield {
                "month": calendar.months[month],
                "of": days.stages[j],
                "to": days.stages[j + 1],
                **part._asdict(),
                "trials": n,
                "successes": hits,
                "rate": hits / n if n > 0 else None,
                "rate_low": low if n > 0 else None,
                "rate_high": high if n > 0 else None,
                "before_trials": float(trials[k, month - 1]) if before else None,
                "before_successes": float(successes[k, month - 1]) if before else None,
            }


def _mature_month(frame: Frame, needed: float) -> int | None:
    calendar = frame.calendar
    ends = calendar.months + pd.offsets.MonthEnd(0)
    mature = np.asarray(ends + pd.Timedelta(days=needed) <= calendar.last) & calendar.whole
    found = np.flatnonzero(mature[: frame.month + 1])
    return int(found[-1]) if len(found) else None


def origin_rows(frame: Frame, measure: Measured, counts: Counts) -> Iterator[dict[str, Any]]:
    """What each origin brought in the month and since the year began, as counted by the day of the table."""
    calendar = frame.calendar
    monthly = calendar.sums(np.where(calendar.seen, counts.by_day[measure.column], 0.0))
    in_year = np.asarray((calendar.months >= frame.year) & (np.arange(len(calendar.months)) <= calendar.past - 1))
    in_year &= np.asarray(calendar.months < frame.year + pd.DateOffset(months=12))
    year = monthly[:, in_year].sum(axis=1)
    wholes = [part._replace(origin="") for part in counts.parts]
    for k, part in enumerate(counts.parts):
        alike = np.array([whole == wholes[k] for whole in wholes])
        now, all_now = float(monthly[k, frame.month]), float(monthly[alike, frame.month].sum())
        before = frame.month > 0 and bool(calendar.whole[frame.month - 1])
        earlier = (float(monthly[k, frame.month - 1]), float(monthly[alike, frame.month - 1].sum())) if before else None
        counted = measure.column != "value" and all_now > 0
        low, high = (float(x) for x in jeffreys(now, all_now, frame.level)) if counted else (None, None)
        yield {
            "month": calendar.months[frame.month],
            "measure": measure.name,
            **part._asdict(),
            "counted": now,
            "whole": all_now,
            "share": now / all_now if all_now > 0 else None,
            "share_low": low,
            "share_high": high,
            "before_counted": earlier[0] if earlier else None,
            "before_share": earlier[0] / earlier[1] if earlier and earlier[1] > 0 else None,
            "year_counted": float(year[k]),
            "year_share": float(year[k] / year[alike].sum()) if year[alike].sum() > 0 else None,
        }


def origin_views(days: LeadDays) -> list[tuple[str, ...]]:
    """The cuts by origin that the leads allow."""
    return [view for view in ORIGIN_VIEWS if set(view) <= set(days.roles)]


def bridge_rows(
    frame: Frame, measure: Measured, by: Sequence[str], counts: Counts, told: Sequence[Told]
) -> Iterator[dict[str, Any]]:
    """The change of a measure from the month before, split over the parts of a view; the whole first."""
    calendar, month = frame.calendar, frame.month
    inside = [(calendar.of_day == m) & calendar.seen for m in (month - 1, month)]
    if month == 0 or not calendar.whole[[month - 1, month]].all() or not measure.final[inside[0] | inside[1]].all():
        return
    leads = calendar.sums(counts.by_day["leads"])
    made = np.array([[each.expected[days].sum() for days in inside] for each in told]).reshape(-1, 2)
    split = bridge(leads[:, month - 1], leads[:, month], made[:, 0], made[:, 1])
    about = {"month": calendar.months[month], "measure": measure.name, "by": " x ".join(by)}
    effects = {"volume": split.volume, "mix": split.mix, "rate": split.rate, "other": split.other}
    yield {**about, **Part()._asdict(), "before": split.before, "after": split.after, **effects}
    for k, part in enumerate(counts.parts):
        parts = (split.volume_of[k], split.mix_of[k], split.rate_of[k], split.other_of[k])
        effects = dict(zip(("volume", "mix", "rate", "other"), (float(x) for x in parts), strict=True))
        yield {**about, **part._asdict(), "before": float(made[k, 0]), "after": float(made[k, 1]), **effects}
