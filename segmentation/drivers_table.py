"""What value is learnt from: columns as numbers and codes, without those that are part of the value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from outlay.errors import ConfigError
from outlay.findings import Finding
from outlay.places import place
from outlay.transforms import Array
from segmentation.catalogue import CATALOGUE
from segmentation.config import CustomersSection
from segmentation.customers import Customers
from segmentation.customers_made import SPENT
from segmentation.rfm import TWICE

MOST_LEVELS = 50
_LOOKED_AT = 20_000
ALONE = 0.98
"""Rank correlation with value from which a column counts as the value under another name."""
_OF_PURCHASES = ("frequency", "monetary", "items", "active_months")
"""What was spent is the number of orders times items times price; and months with an order count orders."""


@dataclass(frozen=True, eq=False)
class DriverTable:
    """Columns that may go with value. N rows, F features.

    Attributes
    ----------
    features : tuple of str (F)
    matrix : ndarray (N, F)
        Numbers as they are and codes of levels; NaN where missing.
    levels : mapping of str to tuple of str
        Levels of each category, by code.
    """

    features: tuple[str, ...]
    matrix: Array
    levels: Mapping[str, tuple[str, ...]]

    def take(self, rows: NDArray[np.intp]) -> DriverTable:
        """Some of the rows."""
        return DriverTable(self.features, self.matrix[rows], self.levels)


def driver_table(
    customers: Customers, section: CustomersSection, rows: NDArray[np.intp], value: Array
) -> tuple[DriverTable, list[Finding]]:
    """Columns that may go with value, of some rows.

    By default every column of the table that was read: features, programmes and responses. Left out, and told: the
    parts of the value, columns that give it alone, and protected columns.

    Parameters
    ----------
    customers : Customers
    section : CustomersSection
    rows : ndarray of int (M,)
        Which customers.
    value : ndarray (M,)

    Raises
    ------
    ConfigError
        Where ``features`` or ``programmes`` of ``[customers.drivers]`` name what is not there.
    """
    names = _asked(customers, section)
    parts = value_parts(customers, section)
    out = [name for name in names if name in parts]
    kept = [name for name in names if name not in parts and name not in section.protected]
    frame = customers.frame.iloc[rows]
    columns: dict[str, Array] = {}
    levels: dict[str, tuple[str, ...]] = {}
    for name in kept:
        column = frame[name]
        if pd.api.types.is_numeric_dtype(column):
            values = column.to_numpy(dtype=float)
            if _gives(values, value):
                out.append(name)
                continue
            columns[name] = values
        else:
            codes, held = _coded(column)
            columns[name], levels[name] = codes, held
    matrix = np.column_stack(list(columns.values())) if columns else np.empty((len(rows), 0))
    findings = []
    if out:
        what = f"left out, because value is made of them or they give it alone: {', '.join(out)}"
        findings.append(CATALOGUE.finding("K059", place(customers.source), what))
    return DriverTable(tuple(columns), matrix, levels), findings


def value_parts(customers: Customers, section: CustomersSection) -> tuple[str, ...]:
    """Columns that value is added up or multiplied from, and value itself."""
    if customers.value is None:
        return ()
    parts = [*section.value_columns, customers.value_name]
    if customers.value_name == SPENT:
        parts += [*_OF_PURCHASES, *(f"{TWICE}{name}" for name in _OF_PURCHASES)]
    return tuple(name for name in dict.fromkeys(parts) if name in customers.frame)


def _asked(customers: Customers, section: CustomersSection) -> list[str]:
    drivers = section.drivers
    programmes = [*drivers.programmes, *((drivers.effect,) if drivers.effect else ())]
    for key, names in (("features", drivers.features or ()), ("programmes", programmes)):
        unknown = [name for name in names if name not in customers.frame]
        if unknown:
            known = ", ".join(sorted(map(str, customers.frame.columns)))
            where = f"[customers.drivers] {key}"
            raise ConfigError(f"there is no column {unknown[0]!r}", where=where, repair=f"The columns are {known}.")
    if drivers.features is not None:
        return list(dict.fromkeys([*drivers.features, *programmes]))
    return [str(name) for name in customers.frame.columns if _usable(customers.frame[name])]


def _usable(column: pd.Series) -> bool:
    """Numbers, and text of few levels; what is the same for all says nothing."""
    unique = column.nunique()
    if pd.api.types.is_numeric_dtype(column):
        return bool(unique > 1)
    is_text = pd.api.types.is_object_dtype(column) or pd.api.types.is_string_dtype(column)
    return is_text and 1 < unique <= max(MOST_LEVELS, len(column) // 20)


def _coded(column: pd.Series) -> tuple[Array, tuple[str, ...]]:
    """Codes of the commonest levels; rarer ones share the last code."""
    counts = column.value_counts()
    names = sorted(str(name) for name in counts.index[: MOST_LEVELS - 1])
    levels = (*names, "(all other levels)") if len(counts) >= MOST_LEVELS else tuple(names)
    codes = pd.Categorical(column.astype("str"), categories=names).codes.astype(float)
    codes[(codes < 0) & column.notna().to_numpy()] = len(names)
    codes[column.isna().to_numpy()] = np.nan
    return codes, levels


def _gives(values: Array, value: Array) -> bool:
    """Whether a number ranks customers as value does."""
    every = max(len(values) // _LOOKED_AT, 1)
    values, value = values[::every], value[::every]
    known = ~np.isnan(values) & ~np.isnan(value)
    if known.sum() < 10 or np.ptp(values[known]) == 0 or np.ptp(value[known]) == 0:
        return False
    ranks = pd.DataFrame({"x": values[known], "y": value[known]}).rank()
    return bool(abs(np.corrcoef(ranks["x"], ranks["y"])[0, 1]) >= ALONE)
