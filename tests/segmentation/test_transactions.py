"""Sums of purchases against the same sums made row by row in plain Python, and on five rows by hand."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segmentation.customers_bought import customers_of_purchase_frame
from segmentation.customers_read import read_customers
from segmentation.transactions import monthly, purchases_at
from tests.segmentation.customer_tables import ABOUT, bought, purchases

HAND = pd.DataFrame(
    {
        "who": ["a", "a", "a", "a", "b"],
        "when": pd.to_datetime(["2024-01-10", "2024-01-10", "2024-03-01", "2024-03-05", "2024-04-01"]),
        "order": ["1", "1", "2", "3", "4"],
        "quantity": [2.0, 1.0, 3.0, -1.0, 1.0],
        "price": [10.0, 5.0, 15.0, 10.0, 7.0],
    }
)
"""a: an order of 25 on 10 January, one of 45 on 1 March, 10 sent back on 5 March. b: an order of 7 on 1 April."""


def test_five_rows_by_hand() -> None:
    read = customers_of_purchase_frame(HAND, bought(), ABOUT)
    a = read.frame.iloc[0]
    assert read.as_of == date(2024, 4, 1)
    assert a["recency"] == 31  # from 1 March to 1 April
    assert a["tenure"] == 82  # from 10 January to 1 April of a leap year: 21 + 29 + 31 + 1
    assert a["frequency"] == 2  # what came back is no order
    assert a["monetary"] == 30  # (25 + 45 - 10) / 2
    assert a["items"] == 3  # 2 + 1 + 3 in two orders
    assert a["returns_share"] == pytest.approx(10 / 70)
    assert a["active_months"] == 2
    assert read.value is not None
    assert list(read.value) == [60, 7]
    assert read.units["monetary"] == "EUR per order"
    assert read.purchases is not None
    bought_again = read.purchases.iloc[0]
    assert (bought_again["frequency"], bought_again["recency"], bought_again["age"]) == (1, 51, 82)
    # the one repeat purchase of 45, by what stayed of all purchases: 60 of 70
    assert bought_again["monetary"] == pytest.approx(45 * 60 / 70)
    assert read.purchases.iloc[1]["frequency"] == 0
    assert np.isnan(read.purchases.iloc[1]["monetary"])


def test_returns_that_are_left_out_take_nothing_off() -> None:
    read = customers_of_purchase_frame(HAND, bought({"returns": "leave_out"}), ABOUT)
    assert read.value is not None
    assert list(read.value) == [70, 7]
    assert read.frame["monetary"].tolist() == [35, 7]


def by_hand(rows: pd.DataFrame, as_of: pd.Timestamp) -> dict[str, dict[str, float]]:
    """Features of customers in plain Python, an order at a time."""
    orders: dict[str, dict[str, list[tuple[pd.Timestamp, float, float]]]] = defaultdict(lambda: defaultdict(list))
    for row in rows.itertuples():
        orders[row.who][row.order].append((row.when.normalize(), row.quantity * row.price, row.quantity))
    out = {}
    for who, own in orders.items():
        paid = {number: rows for number, rows in own.items() if any(amount > 0 for _, amount, _ in rows)}
        if not paid:
            continue
        days = {number: min(day for day, _, _ in rows) for number, rows in paid.items()}
        every = [row for rows in own.values() for row in rows]
        gross = sum(amount for _, amount, _ in every if amount > 0)
        spent = sum(amount for _, amount, _ in every)
        out[who] = {
            "recency": (as_of - max(days.values())).days,
            "tenure": (as_of - min(days.values())).days,
            "frequency": len(paid),
            "monetary": spent / len(paid),
            "items": sum(items for _, amount, items in every if amount > 0) / len(paid),
            "returns_share": (gross - spent) / gross,
            "active_months": len({(day.year, day.month) for day in days.values()}),
            "days": len(set(days.values())),
        }
    return out


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 10_000))
def test_features_are_those_of_plain_python(seed: int) -> None:
    rows = purchases(n=300, people=40, seed=seed)
    read = customers_of_purchase_frame(rows, bought(), ABOUT)
    expected = by_hand(rows, rows["when"].max().normalize())
    assert sorted(expected) == list(read.ids)  # by id, those who ordered anything
    for name in ("recency", "tenure", "frequency", "monetary", "items", "returns_share", "active_months"):
        np.testing.assert_allclose(
            read.frame[name], [expected[who][name] for who in read.ids], rtol=1e-9, atol=1e-9, err_msg=name
        )
    assert read.purchases is not None
    assert read.purchases["frequency"].tolist() == [expected[who]["days"] - 1 for who in read.ids]


def test_without_numbers_of_orders_a_day_is_an_order() -> None:
    read = customers_of_purchase_frame(HAND, bought({"order": None}), ABOUT)
    assert read.frame["frequency"].tolist() == [2, 1]
    rows = purchases()
    read = customers_of_purchase_frame(rows, bought({"order": None}), ABOUT)
    paid = rows[rows["quantity"] * rows["price"] > 0]
    expected = paid.groupby("who")["when"].agg(lambda days: days.dt.normalize().nunique())
    assert read.frame["frequency"].tolist() == expected[list(read.ids)].tolist()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bought")
    rows = purchases()
    rows.to_parquet(path / "purchases.parquet")
    rows.to_csv(path / "purchases.csv", index=False)
    return path


def test_months_add_up_to_the_table(folder: Path) -> None:
    rows, found = purchases(), monthly(bought(), ABOUT, folder)
    assert list(found.columns) == ["customer", "month", "orders", "amount", "items"]
    assert (found["month"].dt.day == 1).all()
    assert not found.duplicated(["customer", "month"]).any()
    np.testing.assert_allclose(found["amount"].sum(), (rows["quantity"] * rows["price"]).sum())
    assert found["orders"].sum() == sum(each["frequency"] for each in by_hand(rows, rows["when"].max()).values())


def test_text_gives_the_same_customers_as_typed_columns(folder: Path) -> None:
    typed = read_customers(bought(), ABOUT, folder)
    text = read_customers(bought({"source": "purchases.csv"}), ABOUT, folder)
    pd.testing.assert_frame_equal(typed.frame, text.frame)
    assert list(typed.ids) == list(text.ids)


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns", "excel"])
def test_days_as_numbers_of_any_unit(unit: str, folder: Path, tmp_path: Path) -> None:
    rows = purchases()
    if unit == "excel":  # days since 30 December 1899, the time as a fraction
        number = (rows["when"] - pd.Timestamp("1899-12-30")) / pd.Timedelta(days=1)
    else:
        number = rows["when"].astype(f"datetime64[{unit}]").astype("int64").astype(float)
    rows.assign(when=number).to_parquet(tmp_path / "purchases.parquet")
    read = read_customers(bought({"date_unit": unit}), ABOUT, tmp_path)
    pd.testing.assert_frame_equal(read.frame, read_customers(bought(), ABOUT, folder).frame)


def test_an_earlier_day_sees_only_what_had_happened(folder: Path, tmp_path: Path) -> None:
    day = date(2024, 7, 31)
    then = purchases_at(bought(), ABOUT, folder, day)
    rows = purchases()
    rows[rows["when"] < pd.Timestamp("2024-08-01")].to_parquet(tmp_path / "purchases.parquet")
    cut = read_customers(bought(as_of=day), ABOUT, tmp_path)
    pd.testing.assert_frame_equal(then.frame, cut.frame)
    assert list(then.ids) == list(cut.ids)
    assert any(finding.id == "K016" for finding in then.findings)
    assert not any(finding.id == "K016" for finding in cut.findings)
