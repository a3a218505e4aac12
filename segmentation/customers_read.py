"""Customers from a table, from purchases, or from both: the one way into the room."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from outlay.errors import DataError
from outlay.findings import Finding, errors
from outlay.labels import without_point
from outlay.project import ProjectSection
from outlay.sources import Relation, Wanted, opened, relation_of_frame
from outlay.transforms import Array
from segmentation.catalogue import CATALOGUE
from segmentation.clean import known_bounds, latest_day
from segmentation.config import CustomersSection
from segmentation.customers import Customers
from segmentation.customers_columns import Columns, read_columns
from segmentation.customers_flags import as_flags
from segmentation.customers_kinds import Kind
from segmentation.customers_made import Gathered, customers_of
from segmentation.customers_roles import flag_columns
from segmentation.customers_words import how_many, listed
from segmentation.rfm import DERIVED, TWICE

if TYPE_CHECKING:
    from segmentation.prepare_fields import Preparation

IN_FRAME = "DataFrame"
"""Source of a table that came as a frame."""


def read_customers(
    section: CustomersSection,
    about: ProjectSection,
    base: Path,
    *,
    as_of: date | None = None,
    like: Preparation | None = None,
) -> Customers:
    """Customers as the section describes them.

    Parameters
    ----------
    section : CustomersSection
    about : ProjectSection
    base : Path
        Folder at which relative paths start.
    as_of : date, optional
        Look back: only what was known on that day. Default: as the section says.
    like : Preparation, optional
        Read the columns that it compares, as what it took them for; nothing else is a feature. For new rows.

    Raises
    ------
    ConfigError
        C010 to C014: no such file, kind of source, or table.
    DataError
        D0xx, K0xx: every error of the tables together.
    """
    when = as_of or section.as_of
    if section.source is None:
        from segmentation.customers_bought import customers_of_purchases

        return customers_of_purchases(section, about, base, when, like)
    wanted = Wanted(None, section.csv.encoding, section.csv.separator)
    with opened(section.source, Path(base), wanted) as relation:
        table = _read(relation, section.source, section, like)
    if section.transactions is not None:
        from segmentation.customers_bought import customers_with_purchases

        return customers_with_purchases(table, section, about, base, when, like)
    return customers_of(dated(table, when), section, about, like)


def customers_from_frame(
    frame: pd.DataFrame,
    section: CustomersSection,
    about: ProjectSection,
    *,
    as_of: date | None = None,
    like: Preparation | None = None,
) -> Customers:
    """Customers of a DataFrame, one row each; see :func:`read_customers`.

    Raises
    ------
    DataError
        D0xx, K0xx: every error together.
    """
    when = as_of or section.as_of
    with relation_of_frame(frame) as relation:
        table = _read(relation, IN_FRAME, section, like)
    return customers_of(dated(table, when), section, about, like)


def dated(table: Gathered, as_of: date | None) -> Gathered:
    """The table with the day that time is counted to: the one stated, else the latest in it, which is told."""
    latest = table.as_of if as_of is None else as_of
    if as_of is not None or latest is None:
        return replace(table, as_of=latest)
    what = f"no as_of is stated: days are counted to {latest}, the latest day in the table"
    note = CATALOGUE.finding("K015", table.columns.source, what)
    return replace(table, findings=(*table.findings, note))


def _read(relation: Relation, source: str, section: CustomersSection, like: Preparation | None) -> Gathered:
    named = _named(section, like)
    if section.transactions is not None:
        made = {*DERIVED, *(f"{TWICE}{name}" for name in DERIVED)} - set(relation.names)
        named = {name: kind for name, kind in named.items() if name not in made}
    columns = read_columns(relation, source, section.csv, named, others=section.features is None and like is None)
    findings: list[Finding] = [*known_bounds(columns, section)]
    columns, told = as_flags(columns, flag_columns(section))
    findings += told
    ids = _ids(columns, section, findings)
    weight = _weight(columns, section, findings)
    if errors(findings):
        raise DataError([*columns.findings, *findings])
    return Gathered(columns, ids, weight, latest_day(columns), (*columns.findings, *findings))


def _named(section: CustomersSection, like: Preparation | None) -> dict[str, Kind | None]:
    """The columns that the section names, with the kind that it gives them; those that are not read, too."""
    named: dict[str, Kind | None] = {}
    named |= dict.fromkeys(section.ignore, Kind.OTHER)
    named |= dict.fromkeys((*(section.features or ()), *section.protected, *(section.drivers.features or ())))
    named |= dict.fromkeys((*flag_columns(section), *section.clean.bounds))
    named |= dict.fromkeys((*section.numeric, *section.value_columns), Kind.NUMBER)
    named |= dict.fromkeys(section.categorical, Kind.TEXT) | dict.fromkeys(section.date, Kind.DATE)
    if like is not None:
        named |= {name: kind for name, kind in like.kinds().items() if name not in named}
    if section.weight is not None:
        named[section.weight] = Kind.NUMBER
    if section.id is not None:
        named[section.id] = Kind.TEXT
    return named


def _ids(columns: Columns, section: CustomersSection, findings: list[Finding]) -> NDArray[np.object_]:
    """Ids as text; the number of the row where none are named."""
    if section.id is None:
        return np.array([str(number) for number in range(1, len(columns.frame) + 1)], dtype=object)
    if section.id not in columns.frame:
        findings.append(CATALOGUE.finding("K003", columns.where(section.id), "not one cell holds an id"))
        return np.empty(len(columns.frame), dtype=object)
    ids = without_point(columns.frame[section.id])
    missing = ids.isna().to_numpy()
    if missing.any():
        what = f"{how_many(int(missing.sum()), 'customer')} without an id"
        findings.append(CATALOGUE.finding("K003", columns.where(section.id, missing), what))
    twice = (ids.duplicated(keep=False) & ids.notna()).to_numpy()
    if twice.any():
        names = ids[twice].unique()
        what = f"{how_many(len(names), 'id')} in several rows: {listed(names, 5)}"
        findings.append(CATALOGUE.finding("K002", columns.where(section.id, twice), what))
    return ids.to_numpy(dtype=object)


def _weight(columns: Columns, section: CustomersSection, findings: list[Finding]) -> Array:
    if section.weight is None:
        return np.ones(len(columns.frame))
    if section.weight not in columns.frame:
        findings.append(CATALOGUE.finding("K028", columns.where(section.weight), "not one cell holds a number"))
        return np.ones(len(columns.frame))
    weight = columns.frame[section.weight].to_numpy(np.float64)
    bad = ~(weight > 0)
    if bad.any():
        what = f"{how_many(int(bad.sum()), 'customer')} with a weight that is not above zero"
        findings.append(CATALOGUE.finding("K028", columns.where(section.weight, bad), what))
    return weight
