"""The public tables as their owners publish them; skipped where they are not at hand."""

from __future__ import annotations

import numpy as np
import pandas as pd

from outlay.project import ProjectSection
from segmentation.config import CustomersSection
from segmentation.customers_read import read_customers
from segmentation.prepare import prepare
from segmentation.transactions import monthly
from tests.segmentation.customer_tables import shared

POUNDS = ProjectSection(name="test", currency="GBP")
RETAIL = CustomersSection.model_validate(
    {
        "transactions": {
            "source": "uci_online_retail.parquet",
            "customer": "CustomerID",
            "date": "InvoiceDate",
            "date_unit": "s",
            "order": "InvoiceNo",
            "quantity": "Quantity",
            "price": "UnitPrice",
            "without_customer": "leave_out",
        }
    }
)


def test_customer_personality_is_read_with_an_id_and_nothing_else() -> None:
    """Tab-separated and padded; days as 04-09-2012; the counts are those of pandas on the same file."""
    path = shared("customer_personality.csv")
    plain = pd.read_csv(path, sep="\t", skipinitialspace=True).rename(columns=str.strip)
    section = CustomersSection(source=path.name, id="ID")
    read = read_customers(section, POUNDS, path.parent)
    assert read.n_customers == len(plain) == 2240
    assert not {"ID", "Z_CostContact", "Z_Revenue"} & set(read.features)
    assert len(read.numeric) == 17
    assert len(read.categorical) == 9
    assert set(read.frame["Marital_Status"]) == set(plain["Marital_Status"].str.strip())
    assert read.frame["Income"].isna().sum() == plain["Income"].isna().sum() == 24
    days = pd.to_datetime(plain["Dt_Customer"].str.strip(), format="%d-%m-%Y")
    assert read.as_of == days.max().date()
    np.testing.assert_array_equal(read.frame["Dt_Customer"], (days.max() - days).dt.days)
    born = read.frame["Year_Birth"].isna().to_numpy()
    assert plain["Year_Birth"][born].tolist() == [1893, 1899]
    preparation = prepare(read, section)
    told = {each.id: each for each in (*read.findings, *preparation.findings)}
    assert "Absurd, YOLO" in told["K020"].what
    assert "666,666" in told["K018"].what
    rows, _ = preparation.apply(read)
    assert np.isnan(rows.numbers).sum() == 24 + 2
    assert (rows.codes >= 0).all()


def test_half_a_million_rows_of_online_retail_become_customers() -> None:
    """Against the same sums by pandas: days in seconds, cancellations, a quarter of the rows without a customer."""
    path = shared("uci_online_retail.parquet")
    read = read_customers(RETAIL, POUNDS, path.parent)
    rows = pd.read_parquet(path).dropna(subset="CustomerID")
    rows["amount"], rows["day"] = rows["Quantity"] * rows["UnitPrice"], rows["InvoiceDate"] // 86_400
    paid = rows[rows["amount"] > 0]
    assert read.n_customers == paid["CustomerID"].nunique() == 4338
    known = paid.groupby(paid["CustomerID"].astype(int).astype(str))
    last = paid["day"].max()
    ids = list(read.ids)
    # no invoice passes midnight, so that its day is the day of all its rows
    np.testing.assert_array_equal(read.frame["frequency"], known["InvoiceNo"].nunique()[ids])
    np.testing.assert_array_equal(read.frame["recency"], last - known["day"].max()[ids])
    np.testing.assert_array_equal(read.frame["tenure"], last - known["day"].min()[ids])
    spent = rows.groupby(rows["CustomerID"].astype(int).astype(str))["amount"].sum()
    assert read.value is not None
    np.testing.assert_allclose(read.value, spent[ids], rtol=1e-9, atol=1e-5)
    assert read.purchases is not None
    np.testing.assert_array_equal(read.purchases["frequency"], known["day"].nunique()[ids] - 1)
    told = {each.id: each.what for each in read.findings}
    assert "135,080 rows of 541,909 (24.9%)" in told["K024"]
    assert "34 customers of 4,372" in told["K027"]


def test_months_of_online_retail() -> None:
    path = shared("uci_online_retail.parquet")
    found = monthly(RETAIL, POUNDS, path.parent)
    rows = pd.read_parquet(path).dropna(subset="CustomerID")
    np.testing.assert_allclose(found["amount"].sum(), (rows["Quantity"] * rows["UnitPrice"]).sum(), rtol=1e-9)
    assert found["month"].nunique() == 13  # December 2010 to December 2011
