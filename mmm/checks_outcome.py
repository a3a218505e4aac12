"""Checks of the KPI and its worth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mmm.catalogue import CATALOGUE
from mmm.wording import amount, count, listed, money, span
from outlay.findings import Finding

if TYPE_CHECKING:
    from mmm.panel import MediaPanel

MEDIA_SHARE_LIMIT = 0.6
"""Media that cost more than this share of the KPI's value point to a unit that is wrong."""


def check_outcome(panel: MediaPanel) -> list[Finding]:
    """The KPI's zeros (D143), negatives (D145) and mean (D144), its size against spend (D157), a lone group (D146)."""
    return [*check_lone_group(panel), *check_signs(panel), *check_mean(panel), *check_media_cost(panel)]


def check_lone_group(panel: MediaPanel) -> list[Finding]:
    """A group column that holds one group."""
    if panel.n_groups > 1 or not panel.is_panel:
        return []
    return [
        CATALOGUE.finding("D146", f"{panel.source}, group {panel.groups[0]}", "the group column holds this name only")
    ]


def check_signs(panel: MediaPanel) -> list[Finding]:
    """Periods with a KPI of zero or below."""
    findings = []
    for id, hit, word in (("D143", panel.kpi == 0, "zero"), ("D145", panel.kpi < 0, "below zero")):
        if not hit.any():
            continue
        dates = panel.dates[np.flatnonzero(hit.any(1))]  # a KPI that is not there yet is neither
        names = [panel.groups[index] for index in np.flatnonzero(hit.any(0))]
        groups = f" in {listed(names)}" if panel.is_panel else ""
        what = f"the KPI is {word} in {count(int(hit.sum()), 'row')}{groups}, {span(dates)}"
        findings.append(CATALOGUE.finding(id, f"{panel.source}, column {panel.kpi_name}", what))
    return findings


def check_mean(panel: MediaPanel) -> list[Finding]:
    """A mean that is small beside the spread: a fifth of the standard deviation."""
    total = panel.kpi[panel.observed].sum(1)
    mean, spread = float(total.mean()), float(total.std())
    if abs(mean) >= 0.2 * spread:
        return []
    what = f"the KPI's mean per {panel.frequency.unit} is {amount(mean)} and its standard deviation {amount(spread)}"
    return [CATALOGUE.finding("D144", f"{panel.source}, column {panel.kpi_name}", what)]


def check_media_cost(panel: MediaPanel) -> list[Finding]:
    """Spend against the KPI's value, where that is money."""
    seen = panel.observed
    worth, spent = float((panel.kpi[seen] * panel.value[seen]).sum()), float(panel.spend[seen].sum())
    if not panel.has_value or worth < 0 or spent <= MEDIA_SHARE_LIMIT * worth:
        return []
    what = f"paid media cost {money(spent, panel.currency)} and the whole KPI is worth {money(worth, panel.currency)}"
    return [CATALOGUE.finding("D157", f"{panel.source}, spend against {panel.kpi_name}", what)]
