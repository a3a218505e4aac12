"""Checks of the panel's two beginnings: how two group columns were understood, and media history before the KPI."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mmm.calendar import carry_over_length, first_scored
from mmm.catalogue import CATALOGUE
from mmm.config import MediaSection
from mmm.presets import slowest_days
from mmm.rows import Rows
from mmm.wording import count, day, span
from outlay.findings import Finding

if TYPE_CHECKING:
    from mmm.panel import MediaPanel


def check_grouping(rows: Rows) -> list[Finding]:
    """Whether two group columns are nested or crossed (D166)."""
    columns = rows.grouping.columns
    if len(columns) < 2 or not rows.grouping.keys:
        return []
    what, repair = rows.grouping.words()
    return [CATALOGUE.finding("D166", f"{rows.source}, columns {' and '.join(columns)}", what, repair)]


def check_media_history(panel: MediaPanel, section: MediaSection) -> list[Finding]:
    """Leading periods without a KPI, and from where on the rows are scored (D165)."""
    if not panel.history:
        return []
    l_max = carry_over_length(panel.n_periods, panel.frequency, section.l_max, slowest_days(section))
    start = first_scored(panel.history, l_max)
    unit = panel.frequency.unit
    before = panel.dates[: panel.history]
    what = (
        f"the KPI is empty in the first {count(panel.history, unit)} ({span(before)}), which are read as media "
        f"history; the first scored {unit} is {day(panel.dates[start])}"
    )
    if start > panel.history:
        what += f", because l_max is {l_max:,} and {count(start - panel.history, unit)} with a KPI warm up as well"
    beside = [*panel.control_names, *panel.lever_names, *panel.event_names]
    if beside:
        what += "; controls, levers and events of those dates are not used"
    return [CATALOGUE.finding("D165", f"{panel.source}, column {panel.kpi_name}", what)]
