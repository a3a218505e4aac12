"""The same customers and purchases from PostgreSQL and Spark as from the embedded engine."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from outlay.errors import DataError
from segmentation.customers import Customers
from segmentation.customers_bought import customers_of_purchase_frame
from segmentation.customers_read import customers_from_frame, read_customers
from segmentation.transactions import monthly
from tests.segmentation.customer_tables import ABOUT, bought, customers, purchases, section
from tests.servers import postgres

CREATE = {
    "customers": "cid text, age float8, spend numeric, since date, region text, opted_in float8",
    "purchases": 'who text, "when" timestamp, "order" text, quantity float8, price float8',
}


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres() as address:
        copy(address, "customers", customers())
        copy(address, "purchases", purchases())
        yield address


def copy(address: str, name: str, frame: pd.DataFrame) -> None:
    import psycopg

    with psycopg.connect(address, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {name} ({CREATE[name]})")
        with cursor.copy(f"COPY {name} FROM STDIN") as rows:
            for row in frame.itertuples(index=False):
                rows.write_row([None if pd.isna(value) else value for value in row])


def same(left: Customers, right: Customers) -> None:
    """By id: a server keeps no order of rows."""
    a = left.frame.assign(id=left.ids).sort_values("id", ignore_index=True)
    b = right.frame.assign(id=right.ids).sort_values("id", ignore_index=True)
    pd.testing.assert_frame_equal(a, b, check_dtype=False, rtol=1e-9)  # sums in another order
    assert (left.numeric, left.categorical, left.as_of) == (right.numeric, right.categorical, right.as_of)


def test_postgresql_gives_the_same_customers(server: str, tmp_path: Path) -> None:
    read = read_customers(section(source=f"{server}?table=customers"), ABOUT, tmp_path)
    same(read, customers_from_frame(customers(), section(), ABOUT))


def test_postgresql_adds_up_purchases_alike(server: str, tmp_path: Path) -> None:
    asked = bought({"source": f"{server}?table=purchases"})
    read, expected = read_customers(asked, ABOUT, tmp_path), customers_of_purchase_frame(purchases(), bought(), ABOUT)
    same(read, expected)
    assert read.purchases is not None
    pd.testing.assert_frame_equal(read.purchases, expected.purchases, rtol=1e-9)
    assert [each.id for each in read.findings] == [each.id for each in expected.findings]
    purchases().to_parquet(tmp_path / "purchases.parquet")
    pd.testing.assert_frame_equal(monthly(asked, ABOUT, tmp_path), monthly(bought(), ABOUT, tmp_path))


def test_a_table_and_its_purchases_may_lie_in_different_places(server: str, tmp_path: Path) -> None:
    customers().to_parquet(tmp_path / "customers.parquet")
    purchases().to_parquet(tmp_path / "purchases.parquet")
    here = section(source="customers.parquet", transactions=bought().transactions)
    there = section(
        source="customers.parquet", transactions=bought({"source": f"{server}?table=purchases"}).transactions
    )
    same(read_customers(there, ABOUT, tmp_path), read_customers(here, ABOUT, tmp_path))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning")
@pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")  # inside pyspark 4.3
@pytest.mark.filterwarnings("ignore::ResourceWarning")  # sockets of py4j
def test_spark_gives_the_same_customers(tmp_path: Path) -> None:
    spark = pytest.importorskip("pyspark.sql", reason="PySpark is not installed")
    if not shutil.which("java"):
        pytest.skip("Spark needs Java, which is not installed")
    builder = spark.SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
    session = builder.config("spark.sql.shuffle.partitions", "1").getOrCreate()
    try:
        for name, frame in (("customers", customers()), ("purchases", purchases())):
            frame.to_parquet(tmp_path / f"{name}.parquet", coerce_timestamps="us")
            session.read.parquet(str(tmp_path / f"{name}.parquet")).createOrReplaceTempView(name)
        read = read_customers(section(source="spark:///?table=customers"), ABOUT, tmp_path)
        same(read, customers_from_frame(customers(), section(), ABOUT))
        read = read_customers(bought({"source": "spark:///?table=purchases"}), ABOUT, tmp_path)
        same(read, customers_of_purchase_frame(purchases(), bought(), ABOUT))
    finally:
        session.stop()


def test_ids_that_do_not_meet_are_refused(tmp_path: Path) -> None:
    customers().assign(cid=lambda t: "X" + t["cid"]).to_parquet(tmp_path / "customers.parquet")
    purchases().to_parquet(tmp_path / "purchases.parquet")
    with pytest.raises(DataError) as caught:
        read_customers(section(source="customers.parquet", transactions=bought().transactions), ABOUT, tmp_path)
    (finding,) = (each for each in caught.value.findings if each.severity == "error")
    assert finding.id == "K029"
    assert "C0000" in finding.what
    assert "XC0000" in finding.what
