"""Customers from a table, from purchases, or from both: the one way into the room."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from outlay.errors import DataError
from outlay.findings import Finding, errors
from outlay.project import ProjectSection
from outlay.sources import Relation, Wanted, opened, relation_of_frame
from outlay.transforms import Array
from segmentation.catalogue import CATALOGUE
from segmentation.clean import days_before, known_bounds, latest_day, missing_cells, possible
from segmentation.config import CustomersSection
from segmentation.customers import Customers
from segmentation.customers_columns import Columns, read_columns
from segmentation.customers_flags import as_flags
from segmentation.customers_kinds import Kind
from segmentation.customers_roles import CONSTANT, Roles, flag_columns, roles_of
from segmentation.customers_words import how_many, listed

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
    return _customers(table, section, about, when or latest_day(table.columns), stated=when is not None, like=like)


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
    return _customers(table, section, about, when or latest_day(table.columns), stated=when is not None, like=like)


@dataclass(frozen=True, eq=False)
class Table:
    """A table of customers whose columns are read and whose days still are days."""

    columns: Columns
    ids: NDArray[np.object_]
    weight: Array
    findings: tuple[Finding, ...]


def _read(relation: Relation, source: str, section: CustomersSection, like: Preparation | None) -> Table:
    columns = read_columns(
        relation, source, section.csv, _named(section, like), others=section.features is None and like is None
    )
    findings: list[Finding] = [*known_bounds(columns, section)]
    columns, told = as_flags(columns, flag_columns(section))
    findings += told
    ids = _ids(columns, section, findings)
    weight = _weight(columns, section, findings)
    if errors(findings):
        raise DataError([*columns.findings, *findings])
    return Table(columns, ids, weight, (*columns.findings, *findings))


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
    ids = columns.frame[section.id]
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


def _customers(
    table: Table,
    section: CustomersSection,
    about: ProjectSection,
    as_of: date | None,
    *,
    stated: bool,
    like: Preparation | None,
) -> Customers:
    """Customers of a table alone."""
    findings = [*table.findings]
    if as_of is not None and not stated:
        what = f"no as_of is stated: days are counted to {as_of}, the latest day in the table"
        findings.append(CATALOGUE.finding("K015", table.columns.source, what))
    columns, told = days_before(table.columns, as_of)
    findings += told
    columns, told = possible(columns, section, as_of)
    findings += told
    roles = roles_of(columns, section) if like is None else like.roles_of(columns)
    findings += [*roles.findings, *missing_cells(columns, (*roles.numeric, *roles.categorical), section)]
    findings += _usable(columns, roles) if like is None else []
    if errors(findings):
        raise DataError(findings)
    return Customers(
        frame=_kept(roles, section),
        numeric=tuple(roles.numeric),
        categorical=tuple(roles.categorical),
        units=_units(columns, section, about),
        ids=table.ids,
        lines=columns.lines,
        word=columns.word,
        weight=table.weight,
        value=_value(columns, section),
        value_name=_value_name(section),
        currency=about.currency,
        as_of=as_of,
        purchases=None,
        source=columns.source,
        fingerprint=columns.fingerprint,
        findings=tuple(findings),
    )


def _kept(roles: Roles, section: CustomersSection) -> pd.DataFrame:
    """Features, and the other columns that are named."""
    named = (*section.protected, *flag_columns(section), *(section.drivers.features or ()), *section.value_columns)
    names = dict.fromkeys((*roles.numeric, *roles.categorical, *named))
    return roles.frame[[name for name in names if name in roles.frame]]


def _units(columns: Columns, section: CustomersSection, about: ProjectSection) -> dict[str, str]:
    days = {name: "days" for name, kind in columns.kinds.items() if kind is Kind.DATE}
    return days | dict.fromkeys(section.value_columns, about.currency)


def _value(columns: Columns, section: CustomersSection) -> Array | None:
    """The sum of the columns of value; missing where one of them is."""
    names = section.value_columns
    if not names:
        return None
    parts = [columns.frame[name].to_numpy(np.float64) for name in names if name in columns.frame]
    return np.sum(parts, axis=0) if parts else np.full(len(columns.frame), np.nan)


def _value_name(section: CustomersSection) -> str:
    names = section.value_columns
    return "" if not names else names[0] if len(names) == 1 else f"{names[0]} + {len(names) - 1} more"


def _usable(columns: Columns, roles: Roles) -> list[Finding]:
    """See that there is something to make segments from, and that customers differ in it."""
    features = [*roles.numeric, *roles.categorical]
    if errors(roles.findings):
        return []
    if features:
        return []
    same = [name for name, why in roles.left_out.items() if why == CONSTANT]
    if same:
        what = f"{how_many(len(roles.frame), 'customer')}, and no column in which two differ: {listed(same)}"
        return [CATALOGUE.finding("K004", columns.source, what)]
    why = "; ".join(f"{name}: {reason}" for name, reason in roles.left_out.items())
    what = "no column is left that segments could be made from" + (f" ({why})" if why else "")
    return [CATALOGUE.finding("K001", columns.source, what)]
