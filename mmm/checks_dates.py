"""Checks of the calendar: repeated dates, gaps, mixed spacing, ragged groups. All of these stop the work."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mmm.calendar import Frequency, carry_over_length, first_scored
from mmm.catalogue import CATALOGUE
from mmm.config import MediaSection
from mmm.presets import slowest_days
from mmm.rows import Index, Rows
from mmm.wording import count, day, listed, span
from outlay.findings import Finding

MIN_SCORED_PERIODS = 12
"""Periods that must be left after the first ones, which only warm up the carry-over."""
_PATTERNS_SHOWN = 20


def check_dates(rows: Rows, frequency: Frequency | None, section: MediaSection) -> list[Finding]:
    """Every fault of the dates, taken over all groups. Rows without a date or group are other checks' business."""
    used = np.flatnonzero(~np.asarray(rows.dates.isna()) & (rows.code >= 0))
    findings = check_duplicates(rows, used)
    alone, several = _single_rows(rows, used)
    findings += alone
    if not len(used):
        return findings
    if frequency is None:
        return findings + check_spacing(rows, used)
    apart, misfits = check_anchors(rows, several, frequency)
    findings += misfits
    fitting = several[~np.isin(several, apart)]
    if len(used) == len(rows):  # a row whose date cannot be read is not a gap
        findings += check_gaps(rows, fitting, frequency)
        findings += check_ragged(rows, fitting, frequency) if not misfits else []
    if len(fitting):
        findings += check_length(rows, fitting, frequency, section)
        if section.likelihood == "log":
            findings += check_logarithm(rows, fitting, frequency, section)
    return findings


def check_duplicates(rows: Rows, used: Index) -> list[Finding]:
    """Rows that share date and group (D110)."""
    days = rows.dates[used].to_numpy().astype(np.int64)
    order = np.lexsort((days, rows.code[used]))
    same = (np.diff(days[order]) == 0) & (np.diff(rows.code[used][order]) == 0)
    if not same.any():
        return []
    twice = used[order[np.append(same, False) | np.insert(same, 0, False)]]
    firsts = used[order[np.append(same, False) & ~np.insert(same, 0, False)]]
    shown = listed([rows.moment(int(row)) for row in firsts], 5)
    what = f"{count(len(twice), 'row')} share {count(len(firsts), 'date')} with another row: {shown}"
    return [CATALOGUE.finding("D110", rows.place(np.sort(twice)), what)]


def _single_rows(rows: Rows, used: Index) -> tuple[list[Finding], Index]:
    """Groups with one row in a panel (D124), and the rows of the other groups."""
    counts = np.bincount(rows.code[used], minlength=len(rows.groups))
    alone = used[counts[rows.code[used]] == 1]
    if not len(alone) or counts.max() == 1:
        return [], used
    names = listed([rows.groups[code] for code in rows.code[alone]])
    what = f"{count(len(alone), 'group')} with one row only: {names}"
    return [CATALOGUE.finding("D124", rows.place(np.sort(alone)), what)], used[counts[rows.code[used]] > 1]


def check_spacing(rows: Rows, used: Index) -> list[Finding]:
    """Dates that are neither daily, weekly nor monthly (D118), or too few to tell (D117)."""
    dates = rows.dates[used].unique().sort_values()
    if len(dates) < 3:
        what = f"there is {count(len(dates), 'date')} only, so neither spacing nor any effect can be seen"
        return [CATALOGUE.finding("D117", rows.source, what)]
    steps, times = np.unique(np.diff(dates.to_numpy().astype("datetime64[D]")).astype(int), return_counts=True)
    common = ", ".join(count(int(step), "day") for step in steps[np.argsort(-times, kind="stable")][:3])
    what = f"{len(dates):,} dates from {span(dates)} lie {common} apart, which is no daily, weekly or monthly spacing"
    return [CATALOGUE.finding("D118", rows.place(used), what)]


def check_anchors(rows: Rows, used: Index, frequency: Frequency) -> tuple[Index, list[Finding]]:
    """Rows whose date is not where a full period's date would be: D112, D113 or D114.

    Also gives the rows that are no periods of their own, which the further checks leave out. A row on another weekday
    is one: it stands for its week.
    """
    if frequency.name == "daily":
        return _weekly_stretches(rows, used)
    dates = rows.dates[used]
    off = used[~frequency.on_anchor(dates)]
    if not len(off):
        return off, []
    # One date past all others is a period cut short; several are weeks that changed their day.
    late = rows.dates[off] > rows.dates[np.setdiff1d(used, off)].max()
    if bool(late.all()) and rows.dates[off].min() == rows.dates[off].max():
        what = (
            f"the last date {day(rows.dates[off[0]])} is not {_anchor_words(frequency)} like the others, "
            f"so the row is part of a {frequency.unit}"
        )
        return off, [CATALOGUE.finding("D114", rows.place(off), what)]
    position = frequency.position(dates)
    key = rows.code[used] * (position.max() - position.min() + 1) + position - position.min()
    repeats = np.bincount(np.unique(key, return_inverse=True)[1])
    crowded = used[repeats[np.unique(key, return_inverse=True)[1]] > 1]
    finer = np.intersect1d(off, crowded)
    strays = np.setdiff1d(off, crowded)
    findings = []
    if len(finer):
        what = (
            f"most dates are one {frequency.unit} apart, and {count(len(finer), 'row')} lie in between "
            f"(first {rows.moment(int(finer[0]))})"
        )
        findings.append(CATALOGUE.finding("D112", rows.place(finer), what))
    if len(strays):
        days = sorted({rows.dates[row].day_name() for row in strays}) if frequency.name == "weekly" else ["another day"]
        what = (
            f"most dates are {_anchor_words(frequency)}, but {count(len(strays), 'row')} on {' or '.join(days)} "
            f"(first {rows.moment(int(strays[0]))})"
        )
        findings.append(CATALOGUE.finding("D113", rows.place(strays), what))
    return finer, findings


def _anchor_words(frequency: Frequency) -> str:
    if frequency.name == "weekly":
        return f"a {frequency.anchor}"
    return {"start": "the start of a month", "end": "the end of a month"}.get(
        frequency.anchor, f"{frequency.anchor} of a month"
    )


def _weekly_stretches(rows: Rows, used: Index) -> tuple[Index, list[Finding]]:
    """Weekly rows within daily data: two steps of seven days or more in a row, which a gap seldom makes."""
    days = rows.dates[used].to_numpy().astype("datetime64[D]").astype(np.int64)
    order = np.lexsort((days, rows.code[used]))
    same = np.diff(rows.code[used][order]) == 0
    week = (np.diff(days[order]) == 7) & same
    if not (week[1:] & week[:-1]).any():
        return np.empty(0, np.int64), []
    # In a group that knows no other step, the first row is a week's row as well.
    other = np.unique(rows.code[used][order[1:][same & ~week]])
    whole = ~np.isin(rows.code[used], other)
    weekly = np.sort(np.union1d(used[order[1:][week]], used[whole]))
    what = (
        f"most dates are one day apart, and {count(len(weekly), 'row')} a week after the one before "
        f"(first {rows.moment(int(weekly[0]))})"
    )
    return weekly, [CATALOGUE.finding("D112", rows.place(weekly), what)]


def check_gaps(rows: Rows, used: Index, frequency: Frequency) -> list[Finding]:
    """Dates missing within a group, between its first and its last (D111): one finding per pattern of dates."""
    position, code = frequency.position(rows.dates[used]), rows.code[used]
    order = np.lexsort((position, code))
    step, same = np.diff(position[order]), np.diff(code[order]) == 0
    before = order[:-1][same & (step > 1)]
    if not len(before):
        return []
    patterns: dict[tuple[tuple[int, int], ...], list[str]] = {}
    after = order[1:][same & (step > 1)]
    cuts = np.flatnonzero(np.diff(code[before])) + 1
    for own in np.split(np.arange(len(before)), cuts):
        pattern = tuple(zip((position[before[own]] + 1).tolist(), (position[after[own]] - 1).tolist(), strict=True))
        patterns.setdefault(pattern, []).append(rows.groups[code[before[own[0]]]])
    shown = list(patterns.items())
    findings = [_gap(rows, frequency, pattern, names) for pattern, names in shown[:_PATTERNS_SHOWN]]
    rest = [name for _, names in shown[_PATTERNS_SHOWN:] for name in names]
    if rest:
        what = f"dates are missing in {count(len(rest), 'more group')}: {listed(rest, 100)}"
        findings.append(CATALOGUE.finding("D111", rows.source, what))
    return findings


def _gap(rows: Rows, frequency: Frequency, pattern: tuple[tuple[int, int], ...], names: list[str]) -> Finding:
    missing = frequency.date(np.concatenate([np.arange(first, last + 1) for first, last in pattern]))
    shown = [span(frequency.date(np.array(run))) for run in pattern]
    what = f"{count(len(missing), frequency.unit)} missing: {listed(shown, 20)}"
    weekend = frequency.name == "daily" and bool((missing.day_of_week >= 5).all())
    repair = "Add a row for every Saturday and Sunday, with 0 where nothing was spent or sold." if weekend else ""
    groups = f", {'group' if len(names) == 1 else 'groups'} {listed(names)}" if rows.is_panel else ""
    return CATALOGUE.finding("D111", f"{rows.source}{groups}", what, repair)


def check_ragged(rows: Rows, used: Index, frequency: Frequency) -> list[Finding]:
    """Groups that begin later or end earlier than the others (D115)."""
    if not rows.is_panel:
        return []
    position = pd.Series(frequency.position(rows.dates[used]))
    ends = position.groupby(rows.code[used]).agg(["min", "max"])
    first, last = ends["min"].min(), ends["max"].max()
    short = ends[(ends["min"] > first) | (ends["max"] < last)]
    if short.empty:
        return []
    names = [
        f"{rows.groups[int(code)]} has {span(frequency.date(np.array([low, high])))}"
        for code, low, high in short.itertuples(name=None)
    ]
    what = (
        f"{count(len(short), 'group')} of {len(ends):,} not on all dates "
        f"{span(frequency.date(np.array([first, last])))}: {listed(names, 20)}"
    )
    where = f"{rows.source}, {'group' if len(short) == 1 else 'groups'} " + listed(
        [rows.groups[int(code)] for code in short.index], 20
    )
    return [CATALOGUE.finding("D115", where, what)]


def check_length(rows: Rows, used: Index, frequency: Frequency, section: MediaSection) -> list[Finding]:
    """Fewer than a dozen periods after those that warm up the carry-over (D117)."""
    n, warm_up = _warm_up(rows, used, frequency, section)
    if n - warm_up >= MIN_SCORED_PERIODS:
        return []
    whose = "l_max" if section.l_max is not None else "the default l_max for so short a history"
    if rows.history.any():
        whose = f"{whose}, and periods without a KPI"
    what = (
        f"{count(n, frequency.unit)} ({span(rows.dates[used])}): the first {warm_up} only warm up the carry-over "
        f"({whose}), which leaves {max(n - warm_up, 0)} to learn from, and {MIN_SCORED_PERIODS} are the least"
    )
    return [CATALOGUE.finding("D117", rows.source, what)]


def check_logarithm(rows: Rows, used: Index, frequency: Frequency, section: MediaSection) -> list[Finding]:
    """Scored rows whose KPI has no logarithm (D128)."""
    position = frequency.position(rows.dates[used])
    _, warm_up = _warm_up(rows, used, frequency, section)
    bad = used[(position >= position.min() + warm_up) & (rows.numbers[section.kpi][used] <= 0)]
    if not len(bad):
        return []
    what = f"{count(len(bad), 'row')} with a KPI of zero or below, first on {rows.moment(int(bad[0]))}"
    return [CATALOGUE.finding("D128", rows.place(np.sort(bad), section.kpi), what)]


def _warm_up(rows: Rows, used: Index, frequency: Frequency, section: MediaSection) -> tuple[int, int]:
    """How many periods there are, and how many lie before the first that is scored."""
    position = frequency.position(rows.dates[used])
    n = len(np.unique(position))
    l_max = carry_over_length(n, frequency, section.l_max, slowest_days(section))
    history = len(np.unique(position[rows.history[used]]))
    return n, first_scored(history, l_max)
