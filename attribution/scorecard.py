"""The scorecard: segments and regions, month over month, against their goals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from attribution.catalogue import CATALOGUE
from attribution.config_goals import GoalsSection
from attribution.goals import Goals
from attribution.goals_months import month_name, month_of, year_name, year_of
from attribution.pace import DRAWS
from attribution.scorecard_calendar import Calendar, calendar
from attribution.scorecard_days import LeadDays
from attribution.scorecard_parts import VIEWS, Counts
from attribution.scorecard_question import Question
from attribution.scorecard_rates import BRIDGE_VIEWS, bridge_rows, origin_rows, origin_views, rate_rows
from attribution.scorecard_series import Measured, Told, counts_of, measured, told
from attribution.scorecard_tables import Frame, history_rows, month_rows, year_row
from outlay.errors import ConfigError
from outlay.findings import Finding
from outlay.project import ProjectSection

EVERYTHING = Question()
"""The latest whole month of everything."""

MOSTLY = 0.9
"""Part of a month's counts whose leads have to be in the table for the month to count as complete in that respect."""

_PART = ("segment", "sub_segment", "region", "sub_region", "origin")


@dataclass(frozen=True, eq=False)
class Scorecard:
    """Tables of a scorecard, of all parts, and what they were made from.

    Attributes
    ----------
    tables : mapping of str to DataFrame
        ``months`` (the month that is told and the running one), ``year``, ``history``, ``rates``, ``origin`` and
        ``bridge``. A part is named by its segment, sub_segment, region, sub_region and origin, empty
        where it is all of them.
    facts : mapping
        The month, the day of the table, how counts and pace are made.
    findings : tuple of Finding
    """

    tables: Mapping[str, pd.DataFrame]
    facts: Mapping[str, Any]
    findings: tuple[Finding, ...]

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        from attribution.shown import scorecard_table
        from outlay.html_table import html_table

        return html_table(scorecard_table(self))


def scorecard(
    days: LeadDays,
    goals: Goals | None,
    section: GoalsSection | None,
    about: ProjectSection,
    question: Question = EVERYTHING,
) -> Scorecard:
    """Make a scorecard.

    Parameters
    ----------
    days : LeadDays
        The leads, counted.
    goals : Goals or None
    section : GoalsSection or None
        How stages count and how a month is paced; the defaults where there are no goals.
    about : ProjectSection
    question : Question
        The month (the latest whole one by default, or the running one where there is no other) and the parts.

    Raises
    ------
    ConfigError
        G016 where the leads have no day in that month, G017 where they lack what is drilled into.
    """
    question.check(days)
    counted_by = section.counted_by if section is not None else "created"
    pace = section.pace if section is not None else "usual"
    starts = section.year_starts if section is not None else 1
    when = calendar(pd.Timestamp(days.frame["day"].min()), days.as_of, starts)
    frame = Frame(when, _month(when, question.month), goals, about.hdi, starts)
    measures = [measured(days, name, when, counted_by, pace) for name in days.measures]
    tables = _tables(frame, days, measures, about.seed, question)
    facts = _facts(frame, days, measures, about) | {"counted_by": counted_by, "pace": _pace_words(pace, when)}
    return Scorecard(tables, facts, tuple(_findings(frame, measures, tables)))


def _facts(frame: Frame, days: LeadDays, measures: list[Measured], about: ProjectSection) -> dict[str, Any]:
    """What the tables were made from."""
    when = frame.calendar
    return {
        "name": about.name,
        "month": when.months[frame.month],
        "as_of": days.as_of,
        "running": when.months[when.past - 1] if when.running else None,
        "year": frame.year,
        "stages": list(days.stages),
        "measures": list(days.measures),
        "roles": list(days.roles),
        "currency": days.currency,
        "hdi": about.hdi,
        "seed": about.seed,
        "draws": DRAWS,
        "season": {measure.name: measure.has_season for measure in measures},
        "maturity_days": list(days.maturity_days),
        "goals": frame.goals is not None,
    }


def _month(when: Calendar, asked: str | None) -> int:
    if asked is None:
        whole = [i for i in range(when.past) if when.whole[i]]
        return whole[-1] if whole else when.past - 1
    begun = when.months[: when.past]
    named = [i for i, month in enumerate(begun) if f"{month:%Y-%m}" == asked.strip()]
    if not named:
        what = f'"{asked}" is not among the months of the leads, {begun[0]:%Y-%m} to {begun[-1]:%Y-%m}'
        raise ConfigError(what, where="--month", repair=CATALOGUE["G016"].repair, id="G016")
    return named[0]


def _pace_words(pace: str, when: Calendar) -> str:
    if pace == "days":
        return "the same on every day"
    from attribution.pace_shape import SHAPED_FROM

    whole = int(when.whole.sum())
    if whole < SHAPED_FROM:
        return f"the same on every day, because {whole} whole months are too few for a usual shape"
    return f"the usual shape of a month (weekdays and fifths of the month, last {min(whole, 12)} whole months)"


def _tables(
    frame: Frame, days: LeadDays, measures: list[Measured], seed: int, question: Question
) -> dict[str, pd.DataFrame]:
    rows: dict[str, list[dict[str, Any]]] = {
        name: [] for name in ("months", "year", "history", "rates", "origin", "bridge")
    }
    counted_by = measures[0].counted_by
    detail = question.detail(days)
    for view in [*(view for view in VIEWS if set(view) <= set(days.roles)), *([detail] if detail else [])]:
        only = question.fixed if view == detail else {}
        counts = counts_of(days.within(only), view, frame.calendar, counted_by)
        rows["rates"] += rate_rows(frame, days.within(only), view)
        for measure in measures:
            parts = [told(measure, counts, k, frame.calendar, seed) for k in range(len(counts.parts))]
            _add(rows, frame, measure, counts, parts)
            if view in BRIDGE_VIEWS:
                rows["bridge"] += bridge_rows(frame, measure, view, counts, parts)
    for view in origin_views(days):
        counts = counts_of(days, view, frame.calendar, counted_by)
        for measure in measures:
            rows["origin"] += origin_rows(frame, measure, counts)
    return {name: _framed(name, found) for name, found in rows.items()}


def _add(
    rows: dict[str, list[dict[str, Any]]], frame: Frame, measure: Measured, counts: Counts, parts: list[Told]
) -> None:
    for part, each in zip(counts.parts, parts, strict=True):
        rows["months"] += month_rows(frame, measure, part, each)
        rows["history"] += history_rows(frame, measure, part, each)
        year = year_row(frame, measure, part, each)
        rows["year"] += [year] if year is not None else []


_TEXT = ("kind", "measure", "of", "to", "by", *_PART)


def _framed(name: str, rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Rows as a table whose columns keep their kind where every cell is empty."""
    frame = pd.DataFrame(rows)
    for column in frame.columns:
        if column in ("month", "year", "through"):
            frame[column] = pd.to_datetime(frame[column])
        elif column not in (*_TEXT, "whole") or (column == "whole" and name == "origin"):
            frame[column] = frame[column].astype(float)
    return frame


def _findings(frame: Frame, measures: list[Measured], tables: Mapping[str, pd.DataFrame]) -> Iterator[Finding]:
    when = frame.calendar
    if when.running:
        running = month_name(when.months[when.past - 1])
        what = f"{running} has days to come after {when.last.date()}: its counts are to date"
        yield CATALOGUE.finding("G009", running, what)
    unknown = [measure.name for measure in measures if not measure.final[when.seen].all()]
    if unknown:
        what = f"{', '.join(unknown)}: some leads are too young, and the stages hold no days to tell what is to come"
        yield CATALOGUE.finding("G011", "[leads] stages", what)
    if not all(measure.has_season for measure in measures):
        whole = int(when.whole.sum())
        yield CATALOGUE.finding("G012", "[leads]", f"{whole} whole months of leads; a season is learnt from 24")
    start = year_of(month_of(when.months[frame.month]), frame.year_starts)
    if not when.begins_with(start):
        what = f"leads begin on {when.first.date()}, inside {year_name(start)}: the year has no pace and no probability"
        yield CATALOGUE.finding("G013", "[leads]", what)
    yield from _pipeline(frame, measures)
    if frame.goals is None:
        yield CATALOGUE.finding("G018", "[goals]", "no goals are given")
    else:
        yield from _without_goal(frame, tables["months"])


def _pipeline(frame: Frame, measures: list[Measured]) -> Iterator[Finding]:
    """The months in which some of the leads that reach a stage were created before the table."""
    when = frame.calendar
    days = when.sums(np.where(when.seen, 1.0, 0.0))[: when.past]
    lacking = []
    for measure in measures:
        there = when.sums(np.where(when.seen, measure.in_table, 0.0))[: when.past]
        lacking.append((measure.name, int((there < MOSTLY * days).sum())))
    told = [f"{name} in the first {months} months" for name, months in lacking if months > 0]
    if told:
        what = (
            f"leads begin on {when.first.date()}, and stages count by their own day: {', '.join(told)} lack what was "
        )
        yield CATALOGUE.finding("G014", "[goals] counted_by", f"{what}under way before (more than a tenth)")


def _without_goal(frame: Frame, months: pd.DataFrame) -> Iterator[Finding]:
    """Parts that goals reach down to and that have none, by measure."""
    goals = frame.goals
    if goals is None:
        return
    asked = months[(months["sub_segment"] == "") & (months["sub_region"] == "") & (months["goal"].isna())]
    asked = asked[(goals.has_segments | (asked["segment"] == "")) & (goals.has_regions | (asked["region"] == ""))]
    asked = asked[asked["month"] == frame.calendar.months[frame.month]]
    for measure, rows in asked.groupby("measure", sort=False):
        whose = [
            ", ".join(x for x in (segment, region) if x) or "all together"
            for segment, region in zip(rows["segment"], rows["region"], strict=True)
        ]
        named = ", ".join(whose[:5]) + (f" and {len(whose) - 5} more" if len(whose) > 5 else "")
        leads = rows["counted"].sum()
        what = f"{measure} in {month_name(frame.calendar.months[frame.month])} has no goal for {named}"
        yield CATALOGUE.finding("G010", goals.source, f"{what} ({leads:,.0f} counted there)")
