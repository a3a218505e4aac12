"""Customers from tables: roles, days, ids, values, and the same customers from any source."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from outlay.errors import DataError
from segmentation.customers import Customers
from segmentation.customers_read import customers_from_frame, read_customers
from segmentation.prepare import prepare
from tests.segmentation.customer_tables import ABOUT, BOUGHT, customers, purchases, section


def ids(findings: Customers) -> list[str]:
    return [finding.id for finding in findings.findings]


def test_roles_come_from_the_cells() -> None:
    read = customers_from_frame(customers(), section(), ABOUT)
    assert read.numeric == ("age", "spend", "since")
    assert read.categorical == ("region", "opted_in")  # 0/1: half of it means nothing
    assert list(read.ids[:2]) == ["C0000", "C0001"]
    assert set(read.frame["opted_in"]) == {"0", "1"}
    assert "cid" not in read.features


def test_days_become_days_before_the_day_of_the_table() -> None:
    frame = customers()
    read = customers_from_frame(frame, section(), ABOUT)
    assert read.as_of == frame["since"].max().date()
    expected = (frame["since"].max() - frame["since"]).dt.days.to_numpy()
    assert np.array_equal(read.frame["since"], expected)
    assert read.units["since"] == "days"
    assert "K015" in ids(read)
    later = customers_from_frame(frame, section(as_of=date(2025, 1, 1)), ABOUT)
    assert later.frame["since"].min() == (pd.Timestamp("2025-01-01") - frame["since"].max()).days
    assert "K015" not in ids(later)


@pytest.mark.parametrize("kind", ["csv", "parquet", "duckdb"])
def test_every_source_gives_the_same_customers(kind: str, tmp_path: Path) -> None:
    frame = customers()
    expected = customers_from_frame(frame, section(), ABOUT)
    source = {"csv": "c.csv", "parquet": "c.parquet", "duckdb": "duckdb:///c.duckdb?table=c"}[kind]
    if kind == "csv":
        frame.to_csv(tmp_path / source, index=False)
    elif kind == "parquet":
        frame.to_parquet(tmp_path / source)
    else:
        with duckdb.connect(str(tmp_path / "c.duckdb")) as database:
            database.register("given", frame)
            database.execute("CREATE TABLE c AS SELECT * FROM given")
    read = read_customers(section(source=source), ABOUT, tmp_path)
    assert read.features == expected.features
    pd.testing.assert_frame_equal(read.frame, expected.frame, check_dtype=False)
    assert list(read.ids) == list(expected.ids)
    first = 2 if kind == "csv" else 1  # the header is on line 1
    assert list(read.lines[:2]) == [first, first + 1]


def test_ids_that_went_through_pandas_keep_no_point() -> None:
    frame = customers().assign(cid=lambda t: np.arange(len(t)) + 17850.0)
    assert list(customers_from_frame(frame, section(), ABOUT).ids[:2]) == ["17850", "17851"]


def test_ids_with_a_point_are_the_same_as_text(tmp_path: Path) -> None:
    """A text file that pandas wrote: 17850.0 for 17850, because a cell of the column was empty once."""
    people = customers().assign(cid=lambda t: np.arange(len(t)) + 17850)
    bought = purchases().assign(who=lambda t: t["who"].str[1:].astype(float) + 17850.0)
    people.to_csv(tmp_path / "c.csv", index=False)
    bought.to_csv(tmp_path / "p.csv", index=False)
    both = section(source="c.csv", transactions={**BOUGHT, "source": "p.csv"})
    read = read_customers(both, ABOUT, tmp_path)
    assert list(read.ids[:2]) == ["17850", "17851"]
    assert read.frame["frequency"].notna().sum() == bought["who"].nunique()
    alone = read_customers(section(source=None, id=None, transactions={**BOUGHT, "source": "p.csv"}), ABOUT, tmp_path)
    assert set(alone.ids) == {f"{who:.0f}" for who in bought["who"]}
    people.assign(cid=people["cid"].astype(float)).to_csv(tmp_path / "c.csv", index=False)
    assert list(read_customers(both, ABOUT, tmp_path).ids) == list(read.ids)


def test_long_ids_keep_their_digits() -> None:
    """Numbers of 17 digits, as a frame holds them where one was empty: 15 digits of them would be the same for all."""
    exact = 2.0**56 + 16.0 * np.arange(300)
    read = customers_from_frame(customers().assign(cid=exact), section(), ABOUT)
    assert list(read.ids) == [str(int(each)) for each in exact]


def test_days_that_come_once_each_are_no_ids() -> None:
    frame = customers().assign(since=lambda t: pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(len(t)), "D"))
    assert "since" in customers_from_frame(frame, section(), ABOUT).numeric


def test_an_empty_column_of_value_is_refused() -> None:
    with pytest.raises(DataError) as refusal:
        customers_from_frame(customers().assign(worth=np.nan), section(value="worth"), ABOUT)
    assert refusal.value.id == "K006"


def test_ids_are_no_features_whether_named_or_not() -> None:
    frame = customers().assign(number=lambda t: np.arange(len(t)) + 5.0, customer_id=lambda t: np.arange(len(t)) * 7.0)
    read = customers_from_frame(frame, section(id=None), ABOUT)
    assert not {"cid", "number", "customer_id"} & set(read.features)
    told = next(finding.what for finding in read.findings if finding.id == "K009")
    assert all(name in told for name in ("cid", "number", "customer_id"))
    assert list(read.ids[:2]) == ["1", "2"]  # the number of the row


def test_whole_numbers_that_come_once_each_can_still_be_amounts() -> None:
    """An income is different for nearly everybody, too: only a name or a sequence makes an id of it."""
    rng = np.random.default_rng(3)
    frame = customers().assign(income=lambda t: rng.permutation(900_000)[: len(t)].astype(float))
    assert "income" in customers_from_frame(frame, section(), ABOUT).numeric


def test_protected_columns_are_read_and_are_no_features() -> None:
    read = customers_from_frame(customers(), section(protected=("region",), ignore=("age",)), ABOUT)
    assert "region" in read.frame
    assert "region" not in read.features
    assert "age" not in read.frame


def test_responses_stay_numbers_and_are_no_features_unless_named() -> None:
    frame = customers().assign(answer=lambda t: np.where(t.index % 3 == 0, "Yes", "no"))
    campaigns = {"responses": ("opted_in", "answer")}
    read = customers_from_frame(frame, section(campaigns=campaigns), ABOUT)
    assert not {"opted_in", "answer"} & set(read.features)
    assert np.array_equal(read.frame["answer"], (frame.index % 3 == 0).astype(float))
    named = customers_from_frame(frame, section(campaigns=campaigns, features=("spend", "opted_in")), ABOUT)
    assert named.numeric == ("spend", "opted_in")


def test_several_columns_of_value_are_added_up_and_a_gap_is_not_zero() -> None:
    frame = customers()
    read = customers_from_frame(frame, section(value=("age", "spend")), ABOUT)
    assert read.value is not None
    np.testing.assert_array_equal(read.value, (frame["age"] + frame["spend"]).to_numpy())  # NaN where spend is
    assert np.isnan(read.value).sum() == frame["spend"].isna().sum() > 0
    assert read.value_name == "age + 1 more"


def test_birth_years_that_cannot_be_count_as_missing() -> None:
    frame = customers().assign(birth_year=lambda t: 2000.0 - t["age"])
    frame.loc[[3, 7], "birth_year"] = [1893.0, 2031.0]
    read = customers_from_frame(frame, section(), ABOUT)
    assert np.flatnonzero(read.frame["birth_year"].isna()).tolist() == [3, 7]
    assert read.units["birth_year"] == "year"
    wider = section(clean={"bounds": {"birth_year": (1800.0, 2100.0)}})
    assert not customers_from_frame(frame, wider, ABOUT).frame["birth_year"].isna().any()


def test_new_rows_are_read_as_the_preparation_took_the_old_ones(tmp_path: Path) -> None:
    """Today's rows may all have the same region and a flag that nobody set: neither is left out as a constant."""
    old = customers_from_frame(customers(), section(), ABOUT)
    preparation = prepare(old, section())
    new = customers(n=5, seed=9).assign(region="north", opted_in=0.0)
    read = customers_from_frame(new, section(), ABOUT, like=preparation)
    assert (read.numeric, read.categorical) == (preparation.numeric, preparation.categorical)
    assert set(read.frame["opted_in"]) == {"0"}
    rows, _ = preparation.apply(read)
    assert rows.n == 5
    assert (rows.codes >= 0).all()


def test_the_order_of_rows_and_columns_changes_nothing_else() -> None:
    frame = customers()
    read = customers_from_frame(frame, section(), ABOUT)
    shuffled = frame.sample(frac=1, random_state=1)[list(reversed(frame.columns))]
    other = customers_from_frame(shuffled, section(), ABOUT)
    assert set(other.numeric) == set(read.numeric)
    assert set(other.categorical) == set(read.categorical)
    a = read.frame.assign(id=read.ids).sort_values("id", ignore_index=True)
    b = other.frame.assign(id=other.ids).sort_values("id", ignore_index=True)
    pd.testing.assert_frame_equal(a, b[list(a.columns)])


def test_purchases_stand_beside_the_columns_of_their_customer(tmp_path: Path) -> None:
    table, rows = customers(), purchases()
    table.to_parquet(tmp_path / "customers.parquet")
    rows.to_parquet(tmp_path / "purchases.parquet")
    both = section(source="customers.parquet", transactions=BOUGHT)
    read = read_customers(both, ABOUT, tmp_path)
    assert read.features == (
        "age",
        "spend",
        "since",
        "recency",
        "frequency",
        "monetary",
        "tenure",
        "region",
        "opted_in",
    )
    never = ~table["cid"].isin(rows["who"]).to_numpy()
    assert never.sum() == len(table) - rows["who"].nunique() > 0  # all who bought are in the table
    assert read.frame["recency"].isna().to_numpy()[never].all()
    assert read.value is not None
    assert (read.value[never] == 0).all()
    np.testing.assert_allclose(read.value.sum(), (rows["quantity"] * rows["price"]).sum())
    assert "K027" in ids(read)


def test_a_derived_feature_does_not_take_the_place_of_a_column(tmp_path: Path) -> None:
    customers().assign(recency=1.0 + np.arange(300) % 7).to_parquet(tmp_path / "customers.parquet")
    purchases().to_parquet(tmp_path / "purchases.parquet")
    read = read_customers(section(source="customers.parquet", transactions=BOUGHT), ABOUT, tmp_path)
    assert {"recency", "purchase_recency"} <= set(read.numeric)
    assert read.frame["recency"].max() == 7
