"""Segments of customers joined to leads: equal to a column that says the same, in every engine and every order."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from attribution.leads import MISSING_LEVEL, LeadCells
from attribution.leads_cells import cells_from_frame, read_cells
from attribution.leads_check import without_pending
from attribution.leads_frame import lead_rows
from attribution.leads_labels import pinned
from outlay.errors import ConfigError, DataError
from outlay.labels import LabelsSection
from tests.attribution.leads_made import ABOUT, as_arrow, leads, section
from tests.labelled import segment_run
from tests.servers import postgres

CUSTOMERS = 50
JOINED = {"segment": None, "labels": LabelsSection(customer="account_id")}


def table(n: int = 600) -> pd.DataFrame:
    """Leads of some customers; the segment is the customer's."""
    frame, rng = leads(n), np.random.default_rng(5)
    account = rng.integers(0, CUSTOMERS, n)
    names = np.array(["enterprise", "small", "public"])[account % 3]
    return frame.assign(account_id=[f"A{k}" for k in account], segment=names)


def labels(frame: pd.DataFrame) -> dict[str, str]:
    return dict(zip(frame["account_id"], frame["segment"], strict=True))


def write(frame: pd.DataFrame, folder: Path, suffix: str) -> str:
    """The table as a file without the segment, as a project would name it."""
    bare = frame.drop(columns="segment")
    if suffix == "csv":
        bare.to_csv(folder / "leads.csv", index=False)
        return "leads.csv"
    as_arrow(bare).to_parquet(folder / "leads.parquet")
    if suffix == "parquet":
        return "leads.parquet"
    import duckdb

    with duckdb.connect(str(folder / "study.duckdb")) as connection:
        connection.read_parquet(str(folder / "leads.parquet")).create("leads")
    return "duckdb:///study.duckdb?table=leads"


def same(left: LeadCells, right: LeadCells) -> None:
    assert left.levels == right.levels
    np.testing.assert_array_equal(left.codes, right.codes)
    for name in ("reached", "trials", "successes", "value_count"):
        np.testing.assert_array_equal(getattr(left, name), getattr(right, name))
    np.testing.assert_allclose(left.value_sum, right.value_sum, rtol=1e-12)  # sums of floats in another order


@pytest.mark.parametrize("suffix", ["csv", "parquet", "duckdb"])
def test_labels_count_like_a_column_that_says_the_same(tmp_path: Path, suffix: str) -> None:
    frame = table()
    expected = cells_from_frame(as_arrow(frame), section(), ABOUT)
    run = segment_run(tmp_path, labels(frame))
    found = read_cells(section(source=write(frame, tmp_path, suffix), **JOINED), ABOUT, tmp_path)
    same(found, expected)
    (told,) = [finding for finding in found.findings if finding.id == "L052"]
    assert run.id in told.what
    assert f"{CUSTOMERS} of {CUSTOMERS} customers" in told.what
    assert not {"L020", "L050", "L053"} & {finding.id for finding in found.findings}


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_rows_keep_their_order_and_their_lines(tmp_path: Path, suffix: str) -> None:
    frame = table(5000)
    segment_run(tmp_path, labels(frame))
    rows = lead_rows(section(source=write(frame, tmp_path, suffix), **JOINED), ABOUT, tmp_path, ["score"])
    assert rows.frame["id"].tolist() == frame["lead"].tolist()
    assert rows.frame["segment"].tolist() == frame["segment"].tolist()
    assert rows.frame["x_score"].tolist() == frame["score"].tolist()
    first = 2 if suffix == "csv" else 1  # the header is line 1
    np.testing.assert_array_equal(rows.rows, np.arange(first, first + len(frame)))


def test_leads_without_a_segment_are_missing_and_told(tmp_path: Path) -> None:
    frame = table()
    known = labels(frame)
    del known["A7"]
    frame.loc[:3, "account_id"] = ["", "  ", None, "A1 "]
    frame.loc[3, "segment"] = known["A1"]
    segment_run(tmp_path, known)
    found = read_cells(section(source=write(frame, tmp_path, "csv"), **JOINED), ABOUT, tmp_path)
    strangers = int((frame["account_id"] == "A7").sum())
    missing = found.frame().query(f"segment == '{MISSING_LEVEL}'")["reached_mql"].sum()
    assert missing == strangers + 3
    (told,) = [finding for finding in found.findings if finding.id == "L050"]
    assert told.where.startswith("leads.csv, column account_id, lines 2, 3, 4, ")
    assert f"{strangers + 3} of 600 leads" in told.what
    assert f'{strangers} leads of customers without one ("A7"), 3 leads without a customer' in told.what
    assert "L020" not in {finding.id for finding in found.findings}


def test_ids_that_are_numbers_meet_text(tmp_path: Path) -> None:
    frame = table().assign(account_id=lambda t: t["account_id"].str[1:].astype(float))
    frame.loc[0, "account_id"] = np.nan  # so pandas holds whole numbers as 12.0
    segment_run(tmp_path, {f"{k:.0f}": name for k, name in labels(frame.iloc[1:]).items()})
    found = read_cells(section(source=write(frame, tmp_path, "parquet"), **JOINED), ABOUT, tmp_path)
    missing = found.frame().query(f"segment == '{MISSING_LEVEL}'")["reached_mql"].sum()
    assert missing == 1


@pytest.mark.parametrize("suffix", ["csv", "duckdb"])
def test_ids_with_a_point_in_a_text_meet_those_without(tmp_path: Path, suffix: str) -> None:
    frame = table().assign(account_id=lambda t: t["account_id"].str[1:] + ".0")
    frame.loc[0, "account_id"] = None  # why pandas took them for numbers
    segment_run(tmp_path, {k.removesuffix(".0"): name for k, name in labels(frame.iloc[1:]).items()})
    found = read_cells(section(source=write(frame, tmp_path, suffix), **JOINED), ABOUT, tmp_path)
    assert found.frame().query(f"segment == '{MISSING_LEVEL}'")["reached_mql"].sum() == 1


def test_a_point_stays_where_not_every_id_has_one(tmp_path: Path) -> None:
    frame = table().assign(account_id=lambda t: t["account_id"].str[1:] + ".0")
    frame.loc[frame["account_id"] == "7.0", "account_id"] = "7.5"
    segment_run(tmp_path, labels(frame))
    found = read_cells(section(source=write(frame, tmp_path, "csv"), **JOINED), ABOUT, tmp_path)
    assert "L050" not in {finding.id for finding in found.findings}


def test_nobody_found_shows_both_spellings(tmp_path: Path) -> None:
    frame = table()
    segment_run(tmp_path, {"0001": "enterprise"})
    with pytest.raises(DataError, match=r'leads name "A0".*are called "0001"') as told:
        read_cells(section(source=write(frame, tmp_path, "parquet"), **JOINED), ABOUT, tmp_path)
    assert told.value.id == "L051"


def test_a_missing_column_is_told_with_the_others(tmp_path: Path) -> None:
    frame = table()
    segment_run(tmp_path, labels(frame))
    source = write(frame.rename(columns={"account_id": "account", "region": "area"}), tmp_path, "csv")
    with pytest.raises(DataError) as told:
        read_cells(section(source=source, **JOINED), ABOUT, tmp_path)
    assert [finding.id for finding in told.value.findings] == ["D006", "D006"]
    assert "account_id" in told.value.findings[1].what


def test_no_segments_yet_asks_for_outlay_segment(tmp_path: Path) -> None:
    source = write(table(), tmp_path, "csv")
    with pytest.raises(ConfigError, match="no segments yet"):
        read_cells(section(source=source, **JOINED), ABOUT, tmp_path)


def test_a_first_look_needs_no_segments(tmp_path: Path) -> None:
    frame = table()
    asked = section(source=write(frame, tmp_path, "parquet"), **JOINED)
    plain, told = without_pending(asked, tmp_path)
    assert plain.labels is None
    assert [finding.id for finding in told] == ["L054"]
    segment_run(tmp_path, labels(frame))
    assert without_pending(asked, tmp_path) == (asked, ())


def test_segment_comes_from_one_place() -> None:
    with pytest.raises(ValidationError, match="name one"):
        section(labels=LabelsSection(customer="account_id"))
    parts = section(**JOINED, sub_segment="sub")
    assert parts.dims["segment"] == "segment of account_id"


def test_segments_that_know_later_purchases_are_told(tmp_path: Path) -> None:
    frame = table()
    asked = section(source=write(frame, tmp_path, "parquet"), **JOINED)
    segment_run(tmp_path, labels(frame), as_of="2024-06-30", from_value=["monetary"])
    found = read_cells(asked, ABOUT, tmp_path)
    (told,) = [finding for finding in found.findings if finding.id == "L053"]
    assert "made from monetary up to 2024-06-30" in told.what
    # made from what does not change with a purchase, or known before the first lead
    for changes in ({"as_of": "2024-06-30"}, {"as_of": "2023-12-31", "from_value": ["monetary"]}):
        segment_run(tmp_path, labels(frame), **changes)
        assert "L053" not in {finding.id for finding in read_cells(asked, ABOUT, tmp_path).findings}


def test_a_pinned_section_stays_with_its_run(tmp_path: Path) -> None:
    frame = table()
    run = segment_run(tmp_path, labels(frame))
    fixed, parents = pinned(section(source=write(frame, tmp_path, "parquet"), **JOINED), tmp_path)
    segment_run(tmp_path, dict.fromkeys(labels(frame), "everybody"))
    assert [parent.id for parent in parents] == [run.id]
    assert set(read_cells(fixed, ABOUT, tmp_path).levels["segment"]) == {"enterprise", "small", "public"}
    assert pinned(section(), tmp_path)[1] == ()


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres() as address:
        yield address


def test_postgresql_joins_inside_a_transaction_that_writes_nothing(server: str, tmp_path: Path) -> None:
    import psycopg

    frame = table(300)
    kinds = "lead text, created date, mql date, sqo date, won date, region text, channel text, amount float8, score "
    with psycopg.connect(server, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE leads ({kinds} float8, account_id text)")
        with cursor.copy("COPY leads FROM STDIN") as rows:
            for row in frame.drop(columns="segment").itertuples(index=False):
                rows.write_row([None if pd.isna(value) else value for value in row])
    named = labels(frame) | {"it's": 'a "quote" \\ and é'}  # what would break a query made of text
    segment_run(tmp_path, named)
    found = read_cells(section(source=f"{server}?table=leads", **JOINED), ABOUT, tmp_path)
    same(found, cells_from_frame(as_arrow(frame), section(), ABOUT))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning")
@pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")  # inside pyspark 4.3
@pytest.mark.filterwarnings("ignore::ResourceWarning")  # sockets of py4j
@pytest.mark.skipif(shutil.which("java") is None, reason="Spark needs Java")
def test_spark_joins_labels_as_a_view(tmp_path: Path) -> None:
    spark = pytest.importorskip("pyspark.sql", reason="PySpark is not installed")
    frame = table(300)
    as_arrow(frame.drop(columns="segment")).to_parquet(tmp_path / "leads.parquet", coerce_timestamps="us")
    segment_run(tmp_path, labels(frame))
    builder = spark.SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
    session = builder.config("spark.sql.shuffle.partitions", "1").getOrCreate()
    try:
        session.read.parquet(str(tmp_path / "leads.parquet")).createOrReplaceTempView("leads")
        found = read_cells(section(source="spark:///?table=leads", **JOINED), ABOUT, tmp_path)
    finally:
        session.stop()
    same(found, cells_from_frame(as_arrow(frame), section(), ABOUT))
