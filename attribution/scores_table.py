"""What is scored: leads with their features and what became of them, in one object."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attribution.catalogue import CATALOGUE
from attribution.config_score import ScoreSection
from attribution.leads import MISSING_LEVEL
from outlay.errors import ConfigError, DataError
from outlay.findings import Finding
from outlay.transforms import Array

EVERYONE = "(all)"
"""Segment or channel of every lead where there is no such column."""

LAST_PART = 0.25
FEWEST, FEW = 10, 100


@dataclass(frozen=True, eq=False)
class ScoringTable:
    """Leads to learn from and to score, in the order of their table. N leads.

    Attributes
    ----------
    features : DataFrame (N rows)
        Numbers, booleans and text; dates, ids and free text are left out with a finding.
    outcome : ndarray (N,)
        1 where the lead converted, 0 where it had its time and did not, NaN where it is too young to tell.
    created : ndarray of datetime64 (N,), optional
        Day of creation. Without it leads are taken in an order drawn by the seed.
    segment, channel : ndarray of str (N,), optional
        What the score is recalibrated by.
    rules : ndarray (N,), optional
        The rule-based score that there is; NaN where it is missing.
    value : ndarray (N,), optional
        Money that a lead brought: 0 where it was lost, NaN where nobody knows yet.
    reached : ndarray of bool (N,), optional
        Young leads that are already there: nobody needs to work them.
    ids : ndarray of str (N,), optional
    lines : ndarray of int (N,), optional
        Line or row of each lead in its file.
    maturity : float
        Days after which an outcome is known.
    where : str
        The table, for findings.
    word : str
        What `lines` counts.
    """

    features: pd.DataFrame
    outcome: Array
    created: NDArray[np.datetime64] | None = None
    segment: NDArray[np.object_] | None = None
    channel: NDArray[np.object_] | None = None
    rules: Array | None = None
    value: Array | None = None
    reached: NDArray[np.bool_] | None = None
    ids: NDArray[np.object_] | None = None
    lines: NDArray[np.int64] | None = None
    maturity: float = 0.0
    where: str = ""
    word: str = "row"

    @property
    def n_leads(self) -> int:
        """Number of leads."""
        return len(self.outcome)

    def levels(self, role: str) -> NDArray[np.object_]:
        """Segment or channel of each lead: one level for all where there is none, and one of those without a name."""
        found = getattr(self, role)
        if found is None:
            return np.full(self.n_leads, EVERYONE, dtype=object)
        return np.where(pd.isna(found), MISSING_LEVEL, np.asarray(found, dtype=object))

    def days(self, seed: int) -> NDArray[np.int64]:
        """Day of creation as a number; without dates a place in an order drawn by the seed."""
        if self.created is None:
            return np.random.default_rng(seed).permutation(self.n_leads).astype(np.int64)
        return np.asarray(self.created, dtype="datetime64[D]").astype(np.int64)

    def place(self, rows: NDArray[np.intp]) -> str:
        """A few leads by line, for findings."""
        lines = rows + 1 if self.lines is None else self.lines[rows]
        shown = ", ".join(str(line) for line in lines[:5])
        return f"{self.word}s {shown}{' ...' if len(rows) > 5 else ''}"


@dataclass(frozen=True, eq=False)
class Split:
    """Which leads teach, which check, and which are open. Each is in order of time.

    Attributes
    ----------
    train, test, between, new : ndarray of int
        Rows. `between` were created before the test and had no outcome when it began.
    day : ndarray of int (N,)
    test_day : int
        First day of the test.
    """

    train: NDArray[np.intp]
    test: NDArray[np.intp]
    between: NDArray[np.intp]
    new: NDArray[np.intp]
    day: NDArray[np.int64]
    test_day: int


def split_by_date(table: ScoringTable, section: ScoreSection, seed: int) -> tuple[Split, list[Finding]]:
    """Split leads at ``test_from``, or so that the last quarter of those with an outcome checks the score.

    Raises
    ------
    DataError
        S001 where only one outcome comes up, S008 where too few leads converted, S009 where no lead is left to check,
        S025 where a lead has no day.
    """
    undated = np.flatnonzero(np.isnat(table.created)) if table.created is not None else np.empty(0, dtype=np.intp)
    if len(undated):
        what = f"{len(undated):,} of {table.n_leads:,} leads have no day of creation"
        raise DataError([CATALOGUE.finding("S025", f"{table.where}, {table.place(undated)}".lstrip(", "), what)])
    day = table.days(seed)
    order = np.argsort(day, kind="stable")
    known = order[~np.isnan(table.outcome[order])]
    if not len(known):
        what = "no lead has had its time: every outcome is unknown"
        raise DataError([CATALOGUE.finding("S001", table.where, what)])
    if section.test_from is not None and table.created is not None:
        test_day = int(np.datetime64(section.test_from, "D").astype(np.int64))
    else:
        test_day = int(day[known[min(int(len(known) * (1 - LAST_PART)), len(known) - 1)]])
    before = known[day[known] < test_day]
    maturity = table.maturity if table.created is not None else 0.0
    ready = day[before] + maturity <= test_day
    new = order[np.isnan(table.outcome[order])]
    split = Split(before[ready], known[day[known] >= test_day], before[~ready], new, day, test_day)
    return split, _judged(split, table, section)


def _judged(split: Split, table: ScoringTable, section: ScoreSection) -> list[Finding]:
    found, where = [], table.where
    good = float(table.outcome[split.train].sum())
    bad = len(split.train) - good
    when = section.test_from or "the last quarter"
    if not len(split.test):
        what = f"no lead with an outcome was created in the test ({when}), and {len(split.train)} before it"
        found.append(CATALOGUE.finding("S009", where, what))
    if not len(split.train):
        what = f"no lead had its outcome before the test began ({when}): there is none to learn from"
        found.append(CATALOGUE.finding("S001", where, what))
    elif not good or not bad:
        what = f"of {len(split.train):,} leads to learn from {good:,.0f} converted: there is nothing to tell apart"
        found.append(CATALOGUE.finding("S001", where, what))
    elif min(good, bad) < FEWEST:
        fewer = "converted" if good < bad else "did not convert"
        what = f"only {min(good, bad):.0f} of {len(split.train)} leads to learn from {fewer} ({FEWEST} are needed)"
        found.append(CATALOGUE.finding("S008", where, what))
    if found:
        raise DataError(found)
    if good < FEW:
        found.append(
            CATALOGUE.finding("S013", where, f"{good:,.0f} of {len(split.train):,} leads to learn from converted")
        )
    if len(split.between):
        what = (
            f"{len(split.between):,} leads were created before the test and had no outcome when it began "
            f"(maturity {table.maturity:g} days): neither learnt from nor tested"
        )
        found.append(CATALOGUE.finding("S012", where, what))
    return found


def with_chosen_features(table: ScoringTable, section: ScoreSection) -> ScoringTable:
    """The same with the features that the section names, less those that it excludes.

    Raises
    ------
    ConfigError
        Where it names a column that is not there.
    """
    known = tuple(map(str, table.features.columns))
    unknown_columns(section.features or (), known, "features")
    asked = section.features or known
    return replace(table, features=table.features[[name for name in asked if name not in section.exclude]])


def unknown_columns(names: tuple[str, ...], known: tuple[str, ...], key: str) -> None:
    """Refuse columns that the table does not have.

    Raises
    ------
    ConfigError
    """
    strange = [name for name in names if name not in known]
    if strange:
        raise ConfigError(
            f"the table of leads has no column {strange[0]!r}",
            where=f"[score] {key}",
            repair=f"It has {', '.join(known[:30])}.",
        )
