"""Checks of what stands beside media, one by one: does it change, does it begin with a hole, is there a season."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from mmm.baseline import has_a_year, moves, wanted_order
from mmm.calendar import carry_over_length, scored_rows
from mmm.catalogue import CATALOGUE
from mmm.config import MediaSection
from mmm.holiday_calendar import sort_holidays
from mmm.presets import slowest_days
from mmm.rows import Floats
from mmm.wording import amount, count, day, listed, span
from outlay.findings import Finding

if TYPE_CHECKING:
    from mmm.panel import MediaPanel

LEADING_ZEROS = 4
"""Zeros at the start of a column that are taken for a hole rather than for a true level."""


def check_series(panel: MediaPanel, section: MediaSection) -> list[Finding]:
    """Every check of every control, event and lever, of the holiday calendar and of the season."""
    findings = []
    l_max = carry_over_length(panel.n_periods, panel.frequency, section.l_max, slowest_days(section))
    warm_up = scored_rows(panel, l_max).start - panel.history
    for kind, name, values in series(panel):
        findings += check_movement(panel, kind, name, values, warm_up)
        if kind != "event":
            findings += check_leading_zeros(panel, kind, name, values)
    for index, name in enumerate(panel.event_names):
        findings += check_shares(panel, name, panel.events[panel.observed, :, index])
    for index, name in enumerate(panel.lever_names):
        findings += check_reference(
            panel, name, panel.levers[panel.observed, :, index], float(panel.lever_reference[index])
        )
    for name in section.mediators:
        findings.append(
            CATALOGUE.finding(
                "D138", f"{panel.source}, control {name}", "it is declared as lying between media and the KPI"
            )
        )
    return [*findings, *check_holidays(panel, section.holidays), *check_season(panel, section)]


def series(panel: MediaPanel) -> Iterator[tuple[str, str, Floats]]:
    """Kind, name and values of every control, event and lever over the periods with a KPI."""
    for kind, names, values in (
        ("control", panel.control_names, panel.controls),
        ("event", panel.event_names, panel.events),
        ("lever", panel.lever_names, panel.levers),
    ):
        for index, name in enumerate(names):
            yield kind, name, values[panel.observed, :, index]


_STILL = {"control": "D150", "event": "D148", "lever": "D149"}


def check_movement(panel: MediaPanel, kind: str, name: str, values: Floats, warm_up: int) -> list[Finding]:
    """No movement within any group over the scored rows: the model sees nothing of such a column."""
    if moves(values[warm_up:]):
        return []
    unit = panel.frequency.unit
    if moves(values):
        what = f"it changes only in the first {count(warm_up, unit)}, which warm up the carry-over and are not scored"
    elif (values == values[0, 0]).all():
        what = f"it is {amount(float(values[0, 0]))} in all {count(len(values), unit)}"
    else:
        what = f"it differs between groups, and within each it is the same in all {count(len(values), unit)}"
    return [CATALOGUE.finding(_STILL[kind], f"{panel.source}, {kind} {name}", what)]


def check_leading_zeros(panel: MediaPanel, kind: str, name: str, values: Floats) -> list[Finding]:
    """A block of zeros in front of values that are never zero again (D151)."""
    zero = (values == 0).all(1)
    first = int(np.argmin(zero))
    dates = panel.dates[panel.observed]
    if not LEADING_ZEROS <= first < len(values) - 1 or (values[first:] <= 0).any():
        return []
    what = (
        f"zero in the first {count(first, panel.frequency.unit)} ({span(dates[:first])}) and above zero "
        f"ever since {day(dates[first])}: it looks as if it was not recorded before"
    )
    return [CATALOGUE.finding("D151", f"{panel.source}, {kind} {name}", what)]


def check_reference(panel: MediaPanel, name: str, values: Floats, reference: float) -> list[Finding]:
    """A reference that the lever never had (D159)."""
    low, high = float(values.min()), float(values.max())
    if low <= reference <= high:
        return []
    what = f"its reference is {amount(reference)}, and its values lie from {amount(low)} to {amount(high)}"
    return [CATALOGUE.finding("D159", f"{panel.source}, lever {name}", what)]


def check_shares(panel: MediaPanel, name: str, values: Floats) -> list[Finding]:
    """Events between 0 and 1 (D152)."""
    part = (values > 0) & (values < 1)
    if not part.any():
        return []
    what = f"{count(int(part.sum()), 'value')} between 0 and 1, read as the share of the {panel.frequency.unit}"
    return [CATALOGUE.finding("D152", f"{panel.source}, event {name}", what)]


def check_holidays(panel: MediaPanel, country: str | None) -> list[Finding]:
    """A holiday calendar that gives nothing for these dates (D154), or only some of its holidays (D164)."""
    if country is None:
        return []
    kept, rare, always = sort_holidays(panel.dates[panel.observed], panel.frequency, country)
    where = f"{panel.source}, holidays"
    unit = panel.frequency.unit
    reasons = [(rare, "fewer than twice in the data"), (always, f"alike in every {unit}")]
    left_out = "; ".join(f"{why}: {listed(names, 30)}" for names, why in reasons if names)
    if not kept:
        what = f"no holiday of {country} occurs at least twice and in some {unit}s only ({left_out})"
        return [CATALOGUE.finding("D154", where, what)]
    if not left_out:
        return []
    return [CATALOGUE.finding("D164", where, f"in the model: {listed(kept, 30)}; left out, {left_out}")]


def check_season(panel: MediaPanel, section: MediaSection) -> list[Finding]:
    """A season that is wanted, by default or as stated, and cannot be learned from less than a year (D163)."""
    if has_a_year(panel) or wanted_order(panel, section) == 0:
        return []
    seen = count(panel.n_periods - panel.history, panel.frequency.unit)
    what = f"{seen} are less than a year of data: no season in the model"
    if section.seasonality is not None:
        what += f", although seasonality = {section.seasonality} is stated"
    return [CATALOGUE.finding("D163", f"{panel.source}, dates", what)]
