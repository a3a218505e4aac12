"""Purchases in sums: by customer, by customer and month, by period and segment; all of it added up in the engine."""

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


def purchases_between(
    section: CustomersSection, about: ProjectSection, base: Path, after: date, until: date | None = None
) -> pd.DataFrame:
    """What came after a day: for checking what was predicted on it.

    Parameters
    ----------
    section : CustomersSection
    about : ProjectSection
    base : Path
    after : date
        Purchases of this day are not counted any more.
    until : date, optional
        Last day that counts. Default: the last day in the table.

    Returns
    -------
    DataFrame
        ``customer``, ``days`` (with a purchase), ``orders``, ``amount``; customers without a purchase are absent.
    """
    with open_purchases(section, base, until, currency=about.currency) as purchases:
        rows = purchases.rows
        later = rows.filter(rows["day"] > ibis.literal(after, type="date"))
        days = _by_day(purchases, later)
        found = _frame(
            purchases,
            days.group_by("customer").aggregate(
                days=(days["orders"] > 0).ifelse(1, 0).sum(), orders=days["orders"].sum(), amount=days["amount"].sum()
            ),
        )
    kept = found[found["orders"] > 0].sort_values("customer", ignore_index=True)
    return kept.assign(amount=kept["amount"].round(_CENTS))


def period_by_segment(
    section: CustomersSection,
    about: ProjectSection,
    base: Path,
    labels: pd.DataFrame,
    *,
    unit: Literal["day", "week", "month"] = "week",
    as_of: date | None = None,
) -> pd.DataFrame:
    """Purchases by period and segment, a row for each pair whether anything was bought or not.

    Parameters
    ----------
    section : CustomersSection
    about : ProjectSection
    base : Path
    labels : DataFrame
        ``id`` (text) and ``segment`` of every customer; those who are not in it are in ``"(missing)"``.
    unit : {"day", "week", "month"}
        Weeks begin on Monday.
    as_of : date, optional

    Returns
    -------
    DataFrame
        ``period`` (its first day), ``segment``, ``amount`` (in the project's currency), ``orders``, ``customers``
        (who ordered), ``new_customers`` (who ordered for the first time), ``items`` (where a quantity is named).
    """
    with open_purchases(section, base, as_of, currency=about.currency) as purchases:
        found = by_period(purchases, unit)
        first, last = purchases.first, purchases.last
    segment = found["customer"].map(dict(zip(labels["id"].astype("str"), labels["segment"], strict=True)))
    found["segment"] = segment.astype(object).where(segment.notna(), "(missing)")
    bought = found["orders"] > 0
    found["customers"] = bought.astype(np.int64)
    begun = found[bought].groupby("customer")["period"].transform("min")
    found["new_customers"] = (found["period"] == begun.reindex(found.index)).astype(np.int64)
    sums = [name for name in ("amount", "orders", "customers", "new_customers", "items") if name in found]
    panel = found.groupby(["period", "segment"], observed=True)[sums].sum()
    every = pd.MultiIndex.from_product([_calendar(first, last, unit), sorted(set(found["segment"]))])
    # nothing was bought: the sum over no rows
    whole = panel.reindex(every.set_names(["period", "segment"]), fill_value=0).reset_index()
    return whole.assign(amount=whole["amount"].round(_CENTS))


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
    days = days.mutate(when=when, start=when.min().over(ibis.window(group_by=days["customer"])))
    sums: dict[str, ir.Scalar] = {
        "orders": days["orders"].sum(),
        "days": days["when"].count(),
        "months": (days["when"].year() * 12 + days["when"].month()).nunique(),
        "first": days["when"].min(),
        "last": days["when"].max(),
        "gross": days["gross"].sum(),
        "back": days["back"].sum(),
        "first_day": (days["when"] == days["start"]).ifelse(days["gross"], 0.0).sum(),
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
        "day": rows["day"].min(),
        "gross": (amount > 0).ifelse(amount, 0.0).sum(),
        "back": (amount < 0).ifelse(-amount, 0.0).sum(),
    }
    if purchases.has_items:
        sums["items"] = (amount > 0).ifelse(rows["items"], 0.0).sum()
    orders = rows.group_by("customer", "order").aggregate(**sums)
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


def _calendar(first: date, last: date, unit: str) -> pd.DatetimeIndex:
    """The first days of all periods from the first purchase to the last day."""
    start, end = pd.Timestamp(first), pd.Timestamp(last)
    if unit == "week":
        start -= pd.Timedelta(days=start.weekday())
    elif unit == "month":
        start = start.replace(day=1)
    frequency = {"day": "D", "week": "7D", "month": "MS"}[unit]
    return pd.date_range(start, end, freq=frequency, unit="ns")
