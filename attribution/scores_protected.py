"""Grades by protected columns: who is graded A or B, and whether what is said of each group comes true.

A protected column is never learnt from. That does not keep a score from following it: other columns go with it. So the
rates are told, with intervals, whatever they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attribution.captures import TOP
from attribution.catalogue import CATALOGUE
from outlay.fairness import FOUR_FIFTHS, levels_of, rates_by_level, verdict
from outlay.findings import Finding
from outlay.places import place
from outlay.summary import jeffreys

COLUMNS = ("column", "level", "set", "leads", "top", "rate", "low", "high", "ratio", "ratio_low", "ratio_high", "best")
CALIBRATION = ("predicted", "converted", "observed", "observed_low", "observed_high", "inside")


def protected_table(
    scores: pd.DataFrame, protected: pd.DataFrame, level: float, where: str = ""
) -> tuple[pd.DataFrame, list[Finding]]:
    """Share of each level that is graded A or B, and its calibration on the test.

    Parameters
    ----------
    scores : DataFrame
        As :func:`attribution.scores.score_leads` gives it: ``row``, ``set`` (``"test"`` or ``"open"``), ``grade``, and
        for calibration ``probability`` and ``outcome``.
    protected : DataFrame (N rows)
        The protected columns of all leads, in the order of their table.
    level : float
        Probability of intervals.
    where : str
        The table, for findings.

    Returns
    -------
    table : DataFrame
        One row per column, set of leads and level: ``column``, ``level`` (a number in bands, an empty cell as
        ``"(missing)"``), ``set``, ``leads``, ``top`` (graded A or B), ``rate`` with Jeffreys' bounds, ``ratio`` to the
        highest rate with bounds, ``best`` where it is the highest; and of the test ``predicted`` (mean probability),
        ``converted``, ``observed`` with bounds, and ``inside`` (whether the first lies within them).
    findings : list of Finding
        S026 where a rate is surely below four fifths of the highest, S027 where what is said does not come true, S028
        where a column was cut into groups.
    """
    tables, findings = [], []
    for column in protected.columns:
        found = levels_of(protected[column])
        place_of = place(where, column=str(column)).lstrip(", ")
        if found.cut:
            findings.append(CATALOGUE.finding("S028", place_of, found.cut))
        for name, part in scores.groupby("set", sort=True):
            names = found.names[part["row"].to_numpy(dtype=np.intp)]
            table = _graded(part, names, level)
            table.insert(0, "column", str(column))
            table.insert(2, "set", str(name))
            findings += [*_apart(table, place_of), *_wrong(table, place_of)]
            tables.append(table)
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=[*COLUMNS, *CALIBRATION]), findings


def _graded(part: pd.DataFrame, names: NDArray[np.object_], level: float) -> pd.DataFrame:
    top = np.asarray(part["grade"].isin(TOP), dtype=float)
    table = rates_by_level(names, top, np.ones(len(part)), level)
    table = table.rename(columns={"customers": "leads", "positives": "top"}).astype({"leads": "int64", "top": "int64"})
    known = "probability" in part and "outcome" in part and part["outcome"].notna().all()
    if not known:
        empty = dict.fromkeys(("predicted", "observed", "observed_low", "observed_high"), np.nan)
        nothing = [None] * len(table)
        return table.assign(**empty, converted=pd.array(nothing, dtype="Int64"), inside=pd.array(nothing, "boolean"))
    grouped = part.assign(level=names.astype(str)).groupby("level")
    converted = grouped["outcome"].sum().reindex(table["level"]).to_numpy()
    predicted = grouped["probability"].mean().reindex(table["level"]).to_numpy()
    low, high = jeffreys(converted, table["leads"].to_numpy(dtype=float), level)
    return table.assign(
        predicted=predicted,
        converted=pd.array(converted.astype(np.int64), dtype="Int64"),
        observed=converted / table["leads"].to_numpy(dtype=float),
        observed_low=low,
        observed_high=high,
        inside=pd.array((low <= predicted) & (predicted <= high), dtype="boolean"),
    )


def _apart(table: pd.DataFrame, where: str) -> Iterator[Finding]:
    """Levels whose rate is surely below four fifths of the highest, together."""
    rows = [
        row
        for row in table.to_dict("records")
        if verdict(float(row["ratio"]), float(row["ratio_high"]), float(row["leads"])) == "below"
    ]
    if not rows:
        return
    worst, best = min(rows, key=lambda row: row["ratio"]), table[table["best"]].iloc[0]
    what = (
        f"of the {worst['set']} leads {worst['rate']:.1%} of {worst['level']} are graded A or B, and "
        f"{best['rate']:.1%} of {best['level']} (ratio {worst['ratio']:.2f}, {worst['ratio_low']:.2f} to "
        f"{worst['ratio_high']:.2f}; the limit is {FOUR_FIFTHS:g}){_more(rows)}"
    )
    yield CATALOGUE.finding("S026", where, what)


def _wrong(table: pd.DataFrame, where: str) -> Iterator[Finding]:
    """Levels whose leads convert at another rate than was said."""
    rows = table[~table["inside"].fillna(True)].to_dict("records")
    if not rows:
        return
    worst = max(rows, key=lambda row: abs(row["predicted"] - row["observed"]))
    what = (
        f"{worst['predicted']:.1%} was said of the leads of {worst['level']} on average, and {worst['observed']:.1%} "
        f"got there ({worst['observed_low']:.1%} to {worst['observed_high']:.1%}){_more(rows)}"
    )
    yield CATALOGUE.finding("S027", where, what)


def _more(rows: Sequence[Any]) -> str:
    others = len(rows) - 1
    return f"; and {others} more level{'' if others == 1 else 's'}" if others else ""
