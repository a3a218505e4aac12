"""Recency, frequency, monetary value and tenure: what purchases say of a customer, in units."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from outlay.transforms import Array

DERIVED = ("recency", "frequency", "monetary", "tenure", "items", "returns_share", "active_months")
"""Names of the features that can come from purchases."""
COMPARED = ("recency", "frequency", "monetary", "tenure")
"""Those that segments are made from where `features` does not say it; the others say much of the same."""

TWICE = "purchase_"
"""Stands before the name of a derived feature where the table has a column of that name."""


@dataclass(frozen=True, eq=False)
class Rfm:
    """What purchases say of customers. N rows in the order of the sums.

    Attributes
    ----------
    features : DataFrame (N rows)
        Some of :data:`DERIVED`, in the units below; NaN where a customer has no order.
    units : dict of str to str
    spent : ndarray (N,)
        What a customer spent, in the project's currency.
    purchases : DataFrame (N rows)
        As :attr:`segmentation.customers.Customers.purchases`.
    """

    features: pd.DataFrame
    units: dict[str, str]
    spent: Array
    purchases: pd.DataFrame


def rfm(sums: pd.DataFrame, as_of: date, currency: str, *, subtract: bool) -> Rfm:
    """Features of customers from the sums of their purchases.

    - recency: days from the last order to `as_of`
    - frequency: number of orders
    - monetary: mean value of an order, what was returned taken off
    - tenure: days from the first order to `as_of`
    - items: ordered, for each order
    - returns_share: part of the money that was returned
    - active_months: calendar months with an order

    Parameters
    ----------
    sums : DataFrame (N rows)
        As :func:`segmentation.transactions.by_customer` gives it.
    as_of : date
    currency : str
    subtract : bool
        Whether returns are taken off what was spent.
    """
    end = np.datetime64(as_of, "D")
    some = (sums["orders"] > 0).to_numpy()
    orders = np.where(some, sums["orders"].to_numpy(np.float64), np.nan)
    gross, back = sums["gross"].to_numpy(np.float64), sums["back"].to_numpy(np.float64)
    spent = gross - back if subtract else gross
    features = {
        "recency": _days(end, sums["last"]),
        "frequency": orders,
        "monetary": spent / orders,
        "tenure": _days(end, sums["first"]),
    }
    units = {"recency": "days", "frequency": "orders", "monetary": f"{currency} per order", "tenure": "days"}
    if "items" in sums:
        features["items"], units["items"] = sums["items"].to_numpy(np.float64) / orders, "items per order"
    if back.any():
        part = np.divide(back, gross, out=np.full(len(sums), np.nan), where=some & (gross > 0))
        features["returns_share"], units["returns_share"] = part, "of what was bought"
    features["active_months"] = np.where(some, sums["months"].to_numpy(np.float64), np.nan)
    units["active_months"] = "months"
    return Rfm(pd.DataFrame(features), units, spent, _purchases(sums, end, spent))


def _purchases(sums: pd.DataFrame, end: np.datetime64, spent: Array) -> pd.DataFrame:
    """Repeat purchases, counted in days with an order; returns lower all purchases of the customer alike."""
    some = (sums["orders"] > 0).to_numpy()
    days = np.where(some, sums["days"].to_numpy(np.float64), np.nan)
    gross = sums["gross"].to_numpy(np.float64)
    repeats = np.where(days > 1, days - 1, np.nan)
    repeated = (gross - sums["first_day"].to_numpy(np.float64)) / repeats
    with np.errstate(invalid="ignore", divide="ignore"):
        monetary = repeated * (spent / gross)
    first, age = _days(end, sums["last"]), _days(end, sums["first"])
    return pd.DataFrame(
        {
            "frequency": days - 1,
            "recency": age - first,
            "age": age,
            "monetary": np.where(monetary > 0, monetary, np.nan),
        }
    )


def _days(end: np.datetime64, days: pd.Series) -> Array:
    """Days from each day to `end`; NaN where there is none."""
    held = days.to_numpy().astype("datetime64[D]")
    return np.where(np.isnat(held), np.nan, (end - held).astype(np.float64))
