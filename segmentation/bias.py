"""How segments, and what follows from them, fall on the levels of columns that are protected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from outlay.errors import ConfigError
from outlay.fairness import FOUR_FIFTHS, Levels, cramers_v, levels_of, rates_by_level, verdict
from outlay.findings import Finding
from outlay.places import place
from outlay.transforms import Array
from segmentation.catalogue import CATALOGUE
from segmentation.config import CustomersSection
from segmentation.customers import Customers


@dataclass(frozen=True, eq=False)
class Bias:
    """Rates by protected columns.

    Attributes
    ----------
    table : DataFrame
        One row per column, outcome and level: ``column``, ``level``, ``number`` (of the segment that the outcome is to
        be in; missing for other outcomes), ``outcome`` (the segment's name, or what else was asked for),
        ``customers``, ``rate`` with ``low`` and ``high``, ``ratio`` to the highest with its bounds, ``best`` (whether
        it is the highest), and ``cramer``: how strongly the column goes with the segments as a whole, or with the
        outcome, from 0 to 1.
    findings : tuple of Finding
    """

    table: pd.DataFrame
    findings: tuple[Finding, ...]


def bias(
    customers: Customers,
    numbers: NDArray[np.integer[Any]],
    section: CustomersSection,
    level: float,
    names: Mapping[int, str],
    rates: Mapping[str, Array] | None = None,
) -> Bias:
    """Tell the rates of segments, and of what else is asked for, by the columns of ``protected``.

    Parameters
    ----------
    customers : Customers
    numbers : ndarray of int (N,)
        Segment of each customer, from 1.
    section : CustomersSection
    level : float
        Probability of intervals.
    names : mapping of int to str
        Of the segments.
    rates : mapping of str to ndarray (N,), optional
        Other outcomes by customer, 1 or 0; NaN where nobody knows: such as being in the tenth with the highest
        lifetime value.

    Raises
    ------
    ConfigError
        Where a protected column is not in the table.
    """
    unknown = [name for name in section.protected if name not in customers.frame]
    if unknown:
        known = ", ".join(sorted(map(str, customers.frame.columns)))
        where = "[customers] protected"
        raise ConfigError(f"there is no column {unknown[0]!r}", where=where, repair=f"The columns are {known}.")
    tables, findings = [], []
    for column in section.protected:
        levels = levels_of(customers.frame[column])
        if levels.cut:
            findings.append(CATALOGUE.finding("K068", place(customers.source, column=column), levels.cut))
        own = _by_segment(levels, np.asarray(numbers, dtype=np.intp), customers.weight, level, names)
        own += [_one(levels, np.asarray(x, float), customers.weight, level, name) for name, x in (rates or {}).items()]
        table = pd.concat(own, ignore_index=True)
        table.insert(0, "column", column)
        findings += _told(table, place(customers.source, column=column))
        tables.append(table)
    columns = ["column", "level", "number", "outcome", "customers", "rate", "low", "high", "ratio", "ratio_low"]
    columns += ["ratio_high", "best", "cramer"]
    found = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=columns)
    return Bias(found[columns].astype({"number": "Int64"}), tuple(findings))


def _by_segment(
    levels: Levels, numbers: NDArray[np.intp], weight: Array, level: float, names: Mapping[int, str]
) -> list[pd.DataFrame]:
    link = cramers_v(levels.names, numbers.astype(object), weight)
    found = []
    for number in range(1, int(numbers.max()) + 1):
        table = rates_by_level(levels.names, (numbers == number).astype(float), weight, level)
        numbered = pd.array([number] * len(table), dtype="Int64")
        found.append(table.assign(number=numbered, outcome=names.get(number, f"segment {number}"), cramer=link))
    return found


def _one(levels: Levels, outcome: Array, weight: Array, level: float, name: str) -> pd.DataFrame:
    known = ~np.isnan(outcome)
    table = rates_by_level(levels.names[known], outcome[known], weight[known], level)
    link = cramers_v(levels.names[known], outcome[known].astype(object), weight[known])
    return table.assign(number=pd.array([None] * len(table), dtype="Int64"), outcome=name, cramer=link)


def _told(table: pd.DataFrame, where: str) -> list[Finding]:
    """What lies below four fifths, surely (K066) or perhaps (K067): one finding for all segments, one an outcome."""
    groups = table["outcome"].where(table["number"].isna(), "")
    best = table[table["best"]].set_index("outcome")
    findings = []
    for _, rows in table.groupby(groups, sort=False):
        cases = rows.to_dict("records")
        said = {kind: [row for row in cases if _verdict(row) == kind] for kind in ("below", "maybe")}
        kind = "below" if said["below"] else "maybe"
        if not said[kind]:
            continue
        worst = min(said[kind], key=lambda row: row["ratio"])
        top, others = best.loc[worst["outcome"]], len(said[kind]) - 1
        what = (
            f"{worst['outcome']}: {worst['rate']:.1%} of {worst['level']} against {top['rate']:.1%} of {top['level']} "
            f"(ratio {worst['ratio']:.2f}, {worst['ratio_low']:.2f} to {worst['ratio_high']:.2f}; the limit is "
            f"{FOUR_FIFTHS:g})" + (f"; and {others} more such rate{'' if others == 1 else 's'}" if others else "")
        )
        findings.append(CATALOGUE.finding("K066" if kind == "below" else "K067", where, what))
    return findings


def _verdict(row: dict[Any, Any]) -> str:
    return verdict(float(row["ratio"]), float(row["ratio_high"]), float(row["customers"]))
