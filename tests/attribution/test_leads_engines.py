"""The same expression on DuckDB, PostgreSQL and Spark gives the same cells."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from attribution.leads import LeadCells
from attribution.leads_cells import cells_from_frame, read_cells
from attribution.leads_frame import lead_rows
from outlay.errors import DataError
from tests.attribution.leads_made import ABOUT, as_arrow, leads, section
from tests.servers import postgres

CREATE = (
    "CREATE TABLE {} (lead text, created timestamptz, mql date, sqo date, won date, segment text, region text,"
    " channel text, amount float8, score float8)"
)
ASKED: list[dict[str, Any]] = [{}, {"maturity": "model"}, {"maturity_days": 5, "period": "week"}, {"period": "quarter"}]


def table() -> pd.DataFrame:
    """Leads with empty and padded names, without scores and with fractions in scores."""
    frame = leads(400)
    names = frame["segment"].where(np.arange(400) % 9 != 0, None)
    return frame.assign(segment=names.where(np.arange(400) % 7 != 0, " small "), score=frame["score"] + 0.25)


def same(left: LeadCells, right: LeadCells) -> None:
    assert left.levels == right.levels
    assert left.maturity_days == right.maturity_days
    assert left.young == right.young
    np.testing.assert_array_equal(left.codes, right.codes)
    for name in ("reached", "trials", "successes", "value_count", "value_sum", "value_log_sum", "value_log_square"):
        np.testing.assert_allclose(getattr(left, name), getattr(right, name), rtol=1e-9)  # sums in another order
    assert [finding.id for finding in left.findings] == [finding.id for finding in right.findings]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres() as address:
        yield address


def copy(address: str, name: str, frame: pd.DataFrame) -> str:
    import psycopg

    with psycopg.connect(address, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute("SET TimeZone = 'UTC'")
        cursor.execute(CREATE.format(name))
        with cursor.copy(f"COPY {name} FROM STDIN") as rows:
            for row in frame.itertuples(index=False):
                rows.write_row([None if pd.isna(value) else value for value in row])
    return f"{address}?table={name}"


def test_postgresql_counts_like_the_embedded_engine(server: str, tmp_path: Path) -> None:
    source = copy(server, "leads", table())
    for changes in ASKED:
        expected = cells_from_frame(as_arrow(table()), section(score="score", **changes), ABOUT)
        same(read_cells(section(source=source, score="score", **changes), ABOUT, tmp_path), expected)


def test_postgresql_counts_skipped_stages_and_missing_values_alike(server: str, tmp_path: Path) -> None:
    frame = table()
    won = np.flatnonzero(frame["won"].notna())
    frame.loc[won[:6], "sqo"], frame.loc[won[6:9], "amount"] = None, np.nan
    source = copy(server, "gaps", frame)
    lenient: dict[str, Any] = {"skipped_stages": "reached", "missing_value": "leave_out"}
    for changes in ASKED:
        expected = cells_from_frame(as_arrow(frame), section(score="score", **lenient, **changes), ABOUT)
        same(read_cells(section(source=source, score="score", **lenient, **changes), ABOUT, tmp_path), expected)


def test_postgresql_leads_come_by_id_with_their_features(server: str, tmp_path: Path) -> None:
    source = copy(server, "shuffled", table().sample(frac=1.0, random_state=2))
    rows = lead_rows(section(source=source), ABOUT, tmp_path, ["score"])
    assert rows.frame["id"].tolist() == table()["lead"].tolist()
    assert rows.frame["x_score"].tolist() == table()["score"].tolist()


def test_a_fault_in_postgresql_names_the_lead_because_rows_have_no_number(server: str, tmp_path: Path) -> None:
    frame = table()
    frame.loc[17, "amount"] = -5.0
    source = copy(server, "faulty", frame)
    with pytest.raises(DataError) as caught:
        read_cells(section(source=source), ABOUT, tmp_path)
    (finding,) = (finding for finding in caught.value.findings if finding.severity == "error")
    assert finding.id == "L006"
    assert "lead L00017" in finding.where


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning")
@pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")  # inside pyspark 4.3
@pytest.mark.filterwarnings("ignore::ResourceWarning")  # sockets of py4j
def test_spark_counts_like_the_embedded_engine(tmp_path: Path) -> None:
    spark = pytest.importorskip("pyspark.sql", reason="PySpark is not installed")
    if not shutil.which("java"):
        pytest.skip("Spark needs Java, which is not installed")
    as_arrow(table()).to_parquet(tmp_path / "leads.parquet", coerce_timestamps="us")
    builder = spark.SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
    session = builder.config("spark.sql.shuffle.partitions", "1").getOrCreate()
    try:
        session.read.parquet(str(tmp_path / "leads.parquet")).createOrReplaceTempView("leads")
        for changes in ASKED[:2]:
            expected = cells_from_frame(as_arrow(table()), section(score="score", **changes), ABOUT)
            found = read_cells(section(source="spark:///?table=leads", score="score", **changes), ABOUT, tmp_path)
            same(found, expected)
        assert session.catalog.tableExists("leads")  # a session that ran before is left running
    finally:
        session.stop()
