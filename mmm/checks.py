"""All checks of a media panel, in the order in which they are told."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from mmm.calendar import Frequency
from mmm.checks_channels import check_channels
from mmm.checks_dates import check_dates
from mmm.checks_design import check_design
from mmm.checks_levels import check_grouping, check_media_history
from mmm.checks_mediators import check_mediators
from mmm.checks_outcome import check_outcome
from mmm.checks_rows import check_rows
from mmm.checks_series import check_series
from mmm.checks_today import check_today
from mmm.config import MediaSection
from mmm.holiday_calendar import check_country
from mmm.rows import Rows
from outlay.catalogue import CATALOGUE as TABLES
from outlay.findings import Finding

if TYPE_CHECKING:
    from mmm.panel import MediaPanel


def check_table(rows: Rows, section: MediaSection, frequency: Frequency | None, currency: str) -> list[Finding]:
    """Whatever makes the rows no panel at all. Every fault is collected, none stops the search for others."""
    findings = check_country(section.holidays)
    if not len(rows):
        return [*findings, TABLES.finding("D004", rows.source, "the table has no rows")]
    return [
        *findings,
        *check_rows(rows, section, currency),
        *check_dates(rows, frequency, section),
        *check_grouping(rows),
    ]


def check_panel(panel: MediaPanel, section: MediaSection, today: date) -> list[Finding]:
    """Whatever weakens the answer of a panel that is complete."""
    return [
        *check_media_history(panel, section),
        *check_today(panel, today),
        *check_outcome(panel),
        *check_channels(panel),
        *check_series(panel, section),
        *check_design(panel, section),
        *check_mediators(panel, section),
    ]
