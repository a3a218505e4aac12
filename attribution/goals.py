"""Goals: the table that was promised, read strictly, and what it says of a month, a year, a segment and a region."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from attribution.config_goals import GoalsSection
from attribution.goals_checks import check_rows, check_sums
from attribution.goals_given import ALL, Given, Target
from attribution.goals_months import month_of, year_of
from outlay.errors import DataError
from outlay.findings import Finding, errors
from outlay.tables import Role, read_table

if TYPE_CHECKING:
    from attribution.scorecard_days import LeadDays
    from outlay.checked import Checked
    from outlay.project import Project


@dataclass(frozen=True, eq=False)
class Goals:
    """The goals of a project.

    Attributes
    ----------
    given : Given
        Every goal of the table, by the first day of its month or year.
    has_segments, has_regions : bool
        Whether any goal is for one of them.
    source, fingerprint : str
    year_starts : int
    findings : tuple of Finding
    """

    given: Given
    has_segments: bool
    has_regions: bool
    source: str
    fingerprint: str
    year_starts: int
    findings: tuple[Finding, ...] = ()

    def month(self, month: pd.Timestamp, measure: str, segment: str = ALL, region: str = ALL) -> float | None:
        """The goal of a month; None where there is none. Where only its parts have goals it is their sum."""
        return self.given.of(Target("month", month, measure, segment, region))

    def year(self, start: pd.Timestamp, measure: str, segment: str = ALL, region: str = ALL) -> float | None:
        """The goal of the year that begins then: its own, or the sum of twelve months; None where one is missing."""
        own = self.given.of(Target("year", start, measure, segment, region))
        if own is not None:
            return own
        months = [self.month(each, measure, segment, region) for each in pd.date_range(start, periods=12, freq="MS")]
        known = [goal for goal in months if goal is not None]
        return sum(known) if len(known) == 12 else None

    def to_date(
        self, start: pd.Timestamp, month: pd.Timestamp, measure: str, segment: str = ALL, region: str = ALL
    ) -> float | None:
        """The sum of the goals of the months from the year's start up to, and without, a month."""
        before = [each for each in pd.date_range(start, periods=12, freq="MS") if each < month]
        goals = [self.month(each, measure, segment, region) for each in before]
        known = [goal for goal in goals if goal is not None]
        return sum(known) if len(known) == len(goals) else None


def read_goals(section: GoalsSection, base: Path, days: LeadDays, listed: Sequence[str] = ()) -> Goals:
    """Read and check the table of goals.

    Parameters
    ----------
    section : GoalsSection
    base : Path
        Folder at which relative paths start.
    days : LeadDays
        The leads, whose names goals have to use.
    listed : sequence of str
        Segments that the project file lists although no lead may be in them yet.

    Raises
    ------
    ConfigError, DataError
        Of the table; G001 to G006, all together.
    """
    roles = {section.month: Role.DATE, section.measure: Role.TEXT, section.goal: Role.NUMBER}
    names = {"segment": section.segment, "region": section.region, "period": section.period}
    roles |= {name: Role.TEXT for name in names.values() if name is not None}
    table = read_table(
        section.source,
        roles,
        base=base,
        options=section.csv,
        optional=[name for key, name in names.items() if name is not None and key != "period"],
    )
    frame = _normalised(table.frame, section)
    findings = [*table.findings, *check_rows(frame, table, section, days, listed)]
    if errors(findings):
        raise DataError(findings)
    given = Given({Target(*row[:-1]): float(row[-1]) for row in frame.itertuples(index=False, name=None)})
    goals = Goals(
        given=given,
        has_segments=bool((frame["segment"] != ALL).any()),
        has_regions=bool((frame["region"] != ALL).any()),
        source=section.source,
        fingerprint=table.fingerprint,
        year_starts=section.year_starts,
        findings=tuple(findings),
    )
    return replace(goals, findings=(*findings, *check_sums(given, section)))


def _normalised(frame: pd.DataFrame, section: GoalsSection) -> pd.DataFrame:
    """The table with columns of known names, in the order of :class:`Target`, and the goal."""

    def text(name: str | None, missing: str) -> pd.Series:
        if name is None:
            return pd.Series(missing, index=frame.index, dtype=object)
        found = frame[name].astype(object)
        return found.where(found.notna(), missing)

    period = text(section.period, "month")
    months = [month_of(each) for each in frame[section.month]]
    start = [
        year_of(month, section.year_starts) if each == "year" else month
        for month, each in zip(months, period, strict=True)
    ]
    return pd.DataFrame(
        {
            "period": period,
            "start": start,
            "measure": frame[section.measure].astype(object),
            "segment": text(section.segment, ALL),
            "region": text(section.region, ALL),
            "goal": frame[section.goal],
        }
    )


def check_goals(project: Project) -> Checked:
    """What ``outlay check`` tells of ``[goals]``; the leads are counted on the way, because goals use their names.

    Raises
    ------
    ConfigError, DataError
        Of either table.
    """
    from attribution.config import LeadsSection
    from attribution.leads_check import without_pending
    from attribution.leads_table import open_leads
    from attribution.scorecard_days import count_days
    from outlay.checked import Checked
    from outlay.project import ProjectSection

    section = project.section("goals", GoalsSection)
    leads, about = project.section("leads", LeadsSection), project.section("project", ProjectSection)
    _, pending = without_pending(leads, project.base)
    if pending:
        waits = ("Waits", "for `outlay segment`, because goals go by the segments of leads")
        return Checked("goals", section.source, (waits,), pending)
    with open_leads(leads, about, project.base) as table:
        days = count_days(table)
    goals = read_goals(section, project.base, days, leads.segments or ())
    months = sorted({each.start for each in goals.given.goals if each.period == "month"})
    facts = [("Rows", f"{len(goals.given.goals):,}")]
    if months:
        facts.append(("Months", f"{months[0]:%Y-%m} to {months[-1]:%Y-%m}, {len(months)}"))
    facts.append(("Measures", ", ".join(dict.fromkeys(each.measure for each in goals.given.goals))))
    for role in ("segment", "region"):
        named = sorted({getattr(each, role) for each in goals.given.goals} - {ALL})
        facts.append((f"{role.capitalize()}s", ", ".join(named) if named else "all together"))
    facts.append(("Counted by", "creation of the lead" if section.counted_by == "created" else "day of the stage"))
    return Checked("goals", section.source, tuple(facts), goals.findings)
