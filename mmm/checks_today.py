"""Checks of the end of the panel: rows in the future, a period that is not over, a period that looks cut off."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from mmm.catalogue import CATALOGUE
from mmm.wording import amount, count, day, money, span
from outlay.findings import Finding

if TYPE_CHECKING:
    from mmm.panel import MediaPanel

RECENT = 8
"""Periods before the last one that it is set against: two months of weeks."""


def check_today(panel: MediaPanel, today: date) -> list[Finding]:
    """Dates against today (D140, D141) and the last period against the ones before it (D142)."""
    now = np.datetime64(today, "D")
    future = panel.dates[panel.frequency.first_days(panel.dates) > now]
    findings = []
    if len(future):
        what = f"{count(len(future), panel.frequency.unit)} after today, {day(now)}: {span(future)}"
        findings.append(CATALOGUE.finding("D140", f"{panel.source}, dates", what))
    elif panel.frequency.last_days(panel.dates[-1:])[0] >= now and panel.frequency.name != "daily":
        what = (
            f"the {panel.frequency.unit} of {day(panel.dates[-1])} lasts until "
            f"{day(panel.frequency.last_days(panel.dates[-1:])[0])}, and today is {day(now)}"
        )
        findings.append(CATALOGUE.finding("D141", f"{panel.source}, last date", what))
    return findings + check_cut_off(panel)


def check_cut_off(panel: MediaPanel) -> list[Finding]:
    """A last period in which KPI and spend fall far below anything recent at once.

    A period exported after three of seven days has about 43 % of both; a true collapse of sales seldom brings all
    media down in the same period. So both must lie below 60 % of the lowest of the recent periods.
    """
    if panel.n_periods - panel.history <= RECENT:
        return []
    kpi, spend = panel.kpi.sum(1), panel.spend.sum((1, 2))
    before = [series[-1 - RECENT : -1].min() for series in (kpi, spend)]
    if min(before) <= 0 or kpi[-1] >= 0.6 * before[0] or spend[-1] >= 0.6 * before[1]:
        return []
    what = (
        f"on {day(panel.dates[-1])} the KPI is {amount(kpi[-1])} and all spend {money(spend[-1], panel.currency)}, "
        f"against {amount(float(np.median(kpi[-1 - RECENT : -1])))} and "
        f"{money(float(np.median(spend[-1 - RECENT : -1])), panel.currency)} in the {RECENT} periods before"
    )
    return [CATALOGUE.finding("D142", f"{panel.source}, last date", what)]
