"""From columns, wherever they came from, to customers: days, limits, roles and values in one place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from outlay.errors import DataError
from outlay.findings import Finding, errors
from outlay.project import ProjectSection
from outlay.transforms import Array
from segmentation.catalogue import CATALOGUE
from segmentation.clean import days_before, missing_cells, possible, years
from segmentation.config import CustomersSection
from segmentation.customers import Customers
from segmentation.customers_columns import Columns
from segmentation.customers_kinds import Kind
from segmentation.customers_roles import CONSTANT, Roles, flag_columns, roles_of
from segmentation.customers_words import YEAR, how_many, listed

if TYPE_CHECKING:
    from segmentation.prepare_fields import Preparation

SPENT = "spent"
"""Name of the value that comes from purchases."""


@dataclass(frozen=True, eq=False)
class Gathered:
    """What was read of customers. N rows.

    Attributes
    ----------
    columns : Columns
        Days still are days.
    ids : ndarray of str (N,)
    weight : ndarray (N,)
    as_of : date or None
    findings : tuple of Finding
        Of reading, those of `columns` among them.
    units : mapping of str to str
        Of columns that do not come from the table itself.
    spent : ndarray (N,) or None
        Money in purchases.
    purchases : DataFrame (N rows) or None
    """

    columns: Columns
    ids: NDArray[np.object_]
    weight: Array
    as_of: date | None
    findings: tuple[Finding, ...] = ()
    units: Mapping[str, str] = field(default_factory=dict)
    spent: Array | None = None
    purchases: pd.DataFrame | None = None


def customers_of(
    read: Gathered, section: CustomersSection, about: ProjectSection, like: Preparation | None
) -> Customers:
    """Customers from what was read.

    Raises
    ------
    DataError
        K0xx: everything that is wrong with the columns, together.
    """
    findings = [*read.findings]
    columns, told = days_before(read.columns, read.as_of)
    findings += told
    columns, told = possible(columns, section, read.as_of)
    findings += told
    roles = roles_of(columns, section) if like is None else like.roles_of(columns)
    findings += [*roles.findings, *missing_cells(columns, roles.frame[[*roles.numeric, *roles.categorical]], section)]
    findings += _usable(columns, roles) if like is None else []
    if errors(findings):
        raise DataError(findings)
    named = section.value_columns
    return Customers(
        frame=_kept(roles, section, read),
        numeric=tuple(roles.numeric),
        categorical=tuple(roles.categorical),
        units=_units(columns, section, about, read),
        ids=read.ids,
        lines=columns.lines,
        word=columns.word,
        weight=read.weight,
        value=_value(columns, named) if named else read.spent,
        value_name=_value_name(named) if named else SPENT if read.spent is not None else "",
        currency=about.currency,
        as_of=read.as_of,
        purchases=read.purchases,
        source=columns.source,
        fingerprint=columns.fingerprint,
        findings=tuple(findings),
    )


def _kept(roles: Roles, section: CustomersSection, read: Gathered) -> pd.DataFrame:
    """Features, the other columns that are named, and what purchases say."""
    named = (*section.protected, *flag_columns(section), *(section.drivers.features or ()), *section.value_columns)
    names = dict.fromkeys((*roles.numeric, *roles.categorical, *named, *read.units))
    return roles.frame[[name for name in names if name in roles.frame]]


def _units(columns: Columns, section: CustomersSection, about: ProjectSection, read: Gathered) -> dict[str, str]:
    days = {name: "days" for name, kind in columns.kinds.items() if kind is Kind.DATE}
    days |= dict.fromkeys(years(columns), YEAR)
    return days | dict(read.units) | dict.fromkeys(section.value_columns, about.currency)


def _value(columns: Columns, names: tuple[str, ...]) -> Array:
    """The sum of the columns of value; missing where one of them is."""
    parts = [columns.frame[name].to_numpy(np.float64) for name in names if name in columns.frame]
    return np.sum(parts, axis=0) if len(parts) == len(names) else np.full(len(columns.frame), np.nan)


def _value_name(names: tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} + {len(names) - 1} more"


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
