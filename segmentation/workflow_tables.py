"""Tables of a run of segments that no part of the room makes by itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from outlay.transforms import Array
from segmentation.customers import Customers

ALL = "all"
"""Name of all customers together, where a table has them beside the segments."""


def labels_table(
    customers: Customers, numbers: NDArray[np.integer[Any]], names: Mapping[int, str], sureness: Array
) -> pd.DataFrame:
    """Who is in which segment: ``id``, ``number``, ``segment``, ``sureness``, and ``value`` where that is known."""
    table = pd.DataFrame(
        {
            "id": pd.array(customers.ids.astype(str), dtype="str"),
            "number": numbers.astype(np.int64),
            "segment": pd.array([names[int(number)] for number in numbers], dtype="str"),
            "sureness": np.asarray(sureness, float),
        }
    )
    return table if customers.value is None else table.assign(value=customers.value)


def purchases_table(customers: Customers) -> pd.DataFrame:
    """What was bought, by customer: ``id`` and what :class:`segmentation.customers.Customers` has of purchases."""
    table = pd.DataFrame({"id": pd.array(customers.ids.astype(str), dtype="str")})
    if customers.purchases is None:
        return table
    return pd.concat([table, customers.purchases.reset_index(drop=True)], axis=1)


def labelled(table: pd.DataFrame, names: Mapping[int, str]) -> pd.DataFrame:
    """A table by number of segment (0 or missing: all customers) with the name of each behind its number.

    The number stands in ``number``, or in ``segment`` where there is no such column; it is missing for all customers.
    """
    column = "number" if "number" in table.columns else "segment"
    known = pd.to_numeric(table[column]).astype("Int64").to_numpy(np.int64, na_value=0)
    rest = table.drop(columns=[name for name in ("segment", "name", "number") if name in table.columns])
    head = pd.DataFrame(
        {
            "number": pd.array([int(each) if each else None for each in known], "Int64"),
            "segment": pd.array([names[int(each)] if each else ALL for each in known], dtype="str"),
        }
    )
    return pd.concat([head, rest.reset_index(drop=True)], axis=1)
