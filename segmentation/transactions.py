"""Purchases in sums: by customer, by customer and month, as of an earlier day; all of it added up in the engine."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from outlay.project import ProjectSection
from segmentation.config import CustomersSection
from segmentation.customers import Customers
from segmentation.transactions_table import Purchases, open_purchases

if TYPE_CHECKING:
    from segmentation.prepare_fields import Preparation

_CENTS = 6
"""Sums are rounded to so many digits: the order of adding, which differs with the number of threads, is below it."""
_PERIODS = {"day": "D", "week": "W", "month": "M"}


def monthly(section: CustomersSection, about: ProjectSection, base: Path, *, as_of: date | None = None) -> pd.DataFrame:
    """What every customer bought in every month in which anything happened.

    Returns
    -------
    DataFrame
        ``customer``, ``month`` (its first day), ``orders``, ``amount`` (in the project's currency, less returns unless
        they are left out), ``items`` (where a quantity is named); by customer and month.

    Raises
    ------
    ConfigError, DataError
        As :func:`segmentation.transactions_table.open_purchases`.
    """
    with open_purchases(section, base, as_of, currency=about.currency) as purchases:
        return by_period(purchases, "month").rename(columns={"period": "month"})


def purchases_at(
    section: CustomersSection,
    about: ProjectSection,
    base: Path,
    as_of: date,
    *,
    like: Preparation | None = None,
) -> Customers:
    """The customers as they were known on an earlier day: who had bought by then, and what.

    Raises
    ------
    ConfigError, DataError
        As :func:`segmentation.customers_read.read_customers`.
    """
    from segmentation.customers_read import read_customers

    return read_customers(section, about, base, as_of=as_of, like=like)


def by_period(purchases: Purchases, unit: Literal["day", "week", "month"]) -> pd.DataFrame:
    """Purchases by customer and period in which anything happened.

    Returns
    -------
    DataFrame
        ``customer``, ``period`` (its first day), ``orders``, ``amount``, ``items`` (where a quantity is named).
    """
    days = _by_day(purchases, purchases.rows)
    sums = {"orders": days["orders"].sum(), "amount": days["amount"].sum()}
    if purchases.has_items:
        sums["items"] = days["items"].sum()
    period = days["day"] if unit == "day" else days["day"].truncate(_PERIODS[unit])
    found = _frame(purchases, days.group_by("customer", period=period).aggregate(**sums))
    found["period"] = pd.to_datetime(found["period"]).astype("datetime64[ns]")
    found["orders"] = found["orders"].astype(np.int64)
    return found.assign(amount=found["amount"].round(_CENTS)).sort_values(["customer", "period"], ignore_index=True)


def by_customer(purchases: Purchases) -> pd.DataFrame:
    """Everything that is known of a customer from purchases, one row each, by id.

    Returns
    -------
    DataFrame
        ``customer``, ``orders``, ``days`` (with an order), ``months`` (with an order), ``first``, ``last`` (day of an
        order; NaT where there is none), ``gross`` (bought), ``back`` (returned, above zero), ``first_day`` (bought on
        the first day), ``items`` (ordered; where a quantity is named).
    """
    days = _by_day(purchases, purchases.rows)
    bought = days["orders"] > 0
    when = bought.ifelse(days["day"], ibis.null("date"))
    days = days.mutate(when=when)
    sums: dict[str, ir.Scalar] = {
        "orders": days["orders"].sum(),
        "days": days["when"].count(),
        "months": (days["when"].year() * 12 + days["when"].month()).nunique(),
        "first": days["when"].min(),
        "last": days["when"].max(),
        "gross": days["gross"].sum(),
        "back": days["back"].sum(),
        "first_day": days["gross"].argmin(days["day"], where=days["orders"] > 0),
    }
    if purchases.has_items:
        sums["items"] = days["items"].sum()
    found = _frame(purchases, days.group_by("customer").aggregate(**sums)).sort_values("customer", ignore_index=True)
    for name in ("first", "last"):
        found[name] = pd.to_datetime(found[name]).astype("datetime64[ns]")
    for name in ("gross", "back", "first_day"):
        found[name] = found[name].astype(np.float64).round(_CENTS)
    return found.astype({"orders": np.int64, "days": np.int64, "months": np.int64})


def _by_day(purchases: Purchases, rows: ir.Table) -> ir.Table:
    """Sums by customer and day: ``orders``, ``gross``, ``back``, ``amount``, ``items``.

    An order is what has one number, on the day on which it begins, if money was paid for it.
    """
    amount = rows["amount"]
    sums: dict[str, ir.Scalar] = {
        "gross": (amount > 0).ifelse(amount, 0.0).sum(),
        "back": (amount < 0).ifelse(-amount, 0.0).sum(),
    }
    if purchases.has_items:
        sums["items"] = (amount > 0).ifelse(rows["items"], 0.0).sum()
    if purchases.section.order is None:
        days = rows.group_by("customer", "day").aggregate(**sums)
        subtract = purchases.section.returns == "subtract"
        amount = days["gross"] - days["back"] if subtract else days["gross"]
        return days.mutate(orders=(days["gross"] > 0).ifelse(1, 0), amount=amount)
    orders = rows.group_by("customer", "order").aggregate(day=rows["day"].min(), **sums)
    back = orders["back"].sum()
    daily: dict[str, ir.Scalar] = {
        "orders": (orders["gross"] > 0).ifelse(1, 0).sum(),
        "gross": orders["gross"].sum(),
        "back": back,
        "amount": orders["gross"].sum() - back if purchases.section.returns == "subtract" else orders["gross"].sum(),
    }
    if purchases.has_items:
        daily["items"] = orders["items"].sum()
    return orders.group_by("customer", "day").aggregate(**daily)


def _frame(purchases: Purchases, table: ir.Table) -> pd.DataFrame:
    found: pd.DataFrame = purchases.relation.backend.to_pyarrow(table).to_pandas()
    return found.astype({"customer": "str"})
