"""Parquet files and DuckDB databases: typed columns by the same rules as text; missing sources told in words."""

from __future__ import annotations

import datetime
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from outlay.errors import ConfigError, DataError
from outlay.tables import Role, Table, read_table, table_columns

DAY = datetime.date(2025, 1, 6)


def parquet(folder: Path, values: Sequence[object], kind: pa.DataType, role: Role, *, optional: bool = False) -> Table:
    pq.write_table(pa.table({"x": pa.array(values, kind)}), folder / "t.parquet")
    return read_table("t.parquet", {"x": role}, base=folder, optional=("x",) if optional else ())


def fault(folder: Path, values: Sequence[object], kind: pa.DataType, role: Role) -> tuple[str, str]:
    with pytest.raises(DataError) as caught:
        parquet(folder, values, kind, role)
    (finding,) = (finding for finding in caught.value.findings if finding.severity == "error")
    return finding.id, finding.where


@pytest.mark.parametrize(
    "values, kind, expected",
    [
        ([1, 2], pa.int32(), [1.0, 2.0]),
        ([True, False], pa.bool_(), [1.0, 0.0]),
        (["1.5", " 2 "], pa.string(), [1.5, 2.0]),
        ([1.25, 2.5], pa.float32(), [1.25, 2.5]),
    ],
)
def test_numbers_of_any_declared_kind(
    tmp_path: Path, values: list[object], kind: pa.DataType, expected: list[float]
) -> None:
    table = parquet(tmp_path, values, kind, Role.NUMBER)
    assert table.frame["x"].tolist() == expected
    assert table.frame["x"].dtype == np.float64
    assert table.word == "row"
    assert table.rows.tolist() == [1, 2]


@pytest.mark.parametrize(
    "values, kind",
    [
        ([DAY], pa.date32()),
        ([datetime.datetime(2025, 1, 6)], pa.timestamp("us")),
        ([datetime.datetime(2025, 1, 6)], pa.timestamp("ns")),
        ([datetime.datetime(2025, 1, 6, tzinfo=datetime.UTC)], pa.timestamp("us", tz="UTC")),
        (["2025-01-06"], pa.string()),
        ([20250106], pa.int64()),
        ([20250106.0], pa.float64()),
    ],
)
def test_dates_of_any_declared_kind(tmp_path: Path, values: list[object], kind: pa.DataType) -> None:
    frame = parquet(tmp_path, values, kind, Role.DATE).frame
    assert frame["x"].to_numpy().tolist() == [np.datetime64(DAY, "ns").astype(int)]
    assert str(frame["x"].dtype) == "datetime64[ns]"


@pytest.mark.parametrize("values, kind, text", [([501], pa.int64(), "501"), (["a"], pa.string(), "a")])
def test_names_of_any_declared_kind(tmp_path: Path, values: list[object], kind: pa.DataType, text: str) -> None:
    assert parquet(tmp_path, values, kind, Role.TEXT).frame["x"].tolist() == [text]


@pytest.mark.parametrize(
    "values, kind, role, id",
    [
        ([1.0, None], pa.float64(), Role.NUMBER, "D020"),
        ([1.0, float("nan")], pa.float64(), Role.NUMBER, "D020"),
        ([1.0, float("inf")], pa.float64(), Role.NUMBER, "D025"),
        (["1", "N/A"], pa.string(), Role.NUMBER, "D021"),
        ([DAY, None], pa.date32(), Role.DATE, "D030"),
        ([DAY, datetime.date(1, 1, 1)], pa.date32(), Role.DATE, "D037"),
        ([datetime.datetime(2025, 1, 6), datetime.datetime(2025, 1, 6, 12)], pa.timestamp("us"), Role.DATE, "D034"),
        (["a", None], pa.string(), Role.TEXT, "D040"),
        (["a", ""], pa.string(), Role.TEXT, "D040"),
    ],
)
def test_faulty_rows_are_named(tmp_path: Path, values: list[object], kind: pa.DataType, role: Role, id: str) -> None:
    assert fault(tmp_path, values, kind, role) == (id, "t.parquet, column x, row 2")


@pytest.mark.parametrize(
    "values, kind, role",
    [
        ([[1]], pa.list_(pa.int64()), Role.NUMBER),
        ([DAY], pa.date32(), Role.NUMBER),
        ([True], pa.bool_(), Role.DATE),
        ([{"a": 1}], pa.struct({"a": pa.int64()}), Role.TEXT),
        ([[1]], pa.list_(pa.int64()), Role.DATE),
    ],
)
def test_columns_of_another_kind_are_refused(
    tmp_path: Path, values: list[object], kind: pa.DataType, role: Role
) -> None:
    with pytest.raises(DataError) as caught:
        parquet(tmp_path, values, kind, role)
    assert caught.value.findings[0].id == "D027"


def test_spaces_around_names_are_told(tmp_path: Path) -> None:
    table = parquet(tmp_path, ["North", "North "], pa.string(), Role.TEXT)
    assert table.frame["x"].tolist() == ["North", "North"]
    assert [(finding.id, finding.severity) for finding in table.findings] == [("D041", "warning")]


def test_optional_cells_may_be_missing(tmp_path: Path) -> None:
    assert parquet(tmp_path, [1.0, None], pa.float64(), Role.NUMBER, optional=True).frame["x"].isna().tolist() == [
        False,
        True,
    ]
    assert parquet(tmp_path, ["a", ""], pa.string(), Role.TEXT, optional=True).frame["x"].isna().tolist() == [
        False,
        True,
    ]


def test_a_table_without_rows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        parquet(tmp_path, [], pa.float64(), Role.NUMBER)
    assert caught.value.id == "D004"


def test_a_damaged_parquet_file_is_refused(tmp_path: Path) -> None:
    pq.write_table(pa.table({"x": [1.0] * 100}), tmp_path / "t.parquet")
    whole = (tmp_path / "t.parquet").read_bytes()
    for damaged in (whole[:50], whole[:-20], b"", b"week,tv\n"):
        (tmp_path / "t.parquet").write_bytes(damaged)
        with pytest.raises(DataError) as caught:
            read_table("t.parquet", {"x": Role.NUMBER}, base=tmp_path)
        assert caught.value.id == "D009"


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "sälés 1.db"
    connection = duckdb.connect(str(path))
    connection.execute(
        "CREATE TABLE weekly AS SELECT DATE '2025-01-06' + CAST(7 * i AS INTEGER) AS week, i * 1.5 AS tv"
        " FROM range(3) t(i)"
    )
    connection.execute("CREATE VIEW half AS SELECT week, tv / 2 AS tv FROM weekly")
    connection.execute("CREATE SCHEMA raw")
    connection.execute("CREATE TABLE raw.other AS SELECT 7 AS tv")
    connection.close()
    return path


@pytest.mark.parametrize("address", ["duckdb:///sälés 1.db?table=", "duckdb:///s%C3%A4l%C3%A9s%201.db?table="])
def test_a_database_is_read_by_its_address(database: Path, address: str) -> None:
    roles = {"week": Role.DATE, "tv": Role.NUMBER}
    assert read_table(f"{address}weekly", roles, base=database.parent).frame["tv"].tolist() == [0, 1.5, 3]
    assert read_table(f"{address}half", roles, base=database.parent).frame["tv"].tolist() == [0, 0.75, 1.5]
    assert read_table(f"{address}raw.other", {"tv": Role.NUMBER}, base=database.parent).frame["tv"].tolist() == [7]
    full = f"duckdb:///{database}?table=weekly"  # four slashes
    assert read_table(full, roles, base=Path("elsewhere")).frame["tv"].tolist() == [0, 1.5, 3]
    assert table_columns(full, base=Path()) == [("week", "date"), ("tv", "number")]


def test_a_database_is_never_changed_and_its_content_has_a_fingerprint(database: Path) -> None:
    before = database.read_bytes()
    database.chmod(0o444)
    source = f"duckdb:///{database}?table=weekly"
    first = read_table(source, {"tv": Role.NUMBER}, base=Path())
    assert database.read_bytes() == before
    database.chmod(0o644)
    connection = duckdb.connect(str(database))
    connection.execute("INSERT INTO raw.other VALUES (1)")
    connection.close()
    assert read_table(source, {"tv": Role.NUMBER}, base=Path()).fingerprint == first.fingerprint
    connection = duckdb.connect(str(database))
    connection.execute("UPDATE weekly SET tv = 9 WHERE tv = 3")
    connection.close()
    assert read_table(source, {"tv": Role.NUMBER}, base=Path()).fingerprint != first.fingerprint


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "f.db").write_text("week,tv\n" * 1000)
    with pytest.raises(DataError) as caught:
        read_table("duckdb:///f.db?table=t", {"tv": Role.NUMBER}, base=tmp_path)
    assert caught.value.id == "D009"


@pytest.mark.parametrize(
    "source, id, words",
    [
        ("weekly.csv", "C010", "Did you mean Weekly_2025.csv?"),
        ("nowhere/w.csv", "C010", "no folder"),
        ("folder.csv", "C010", "is a folder"),
        ("Weekly_2025.csv/w.csv", "C010", "no folder"),
        ("a\x00.csv", "C010", ""),
        ("a.xlsx", "C011", "CSV (UTF-8)"),
        ("a.csv.gz", "C011", ".gz"),
        ("a", "C011", "CSV"),
        ("", "C011", "CSV"),
        ("mysql://host/db", "C011", "not read in this version"),
        ("snowflake://host/db", "C011", "not read in this version"),
        ("https://host/a.csv", "C011", "not read in this version"),
        ("f.db", "C012", "duckdb:///f.db?table=name"),
        ("duckdb:///f.db", "C012", "?table="),
        ("duckdb:///f.db?table=a&table=b", "C012", "?table="),
        ("duckdb://f.db?table=a", "C012", "duckdb:///file.db?table=name"),
        ("duckdb:///?table=a", "C012", "duckdb:///file.db"),
        ("duckdb:///no.db?table=a", "C010", "no file"),
    ],
)
def test_sources_that_are_not_there(tmp_path: Path, source: str, id: str, words: str) -> None:
    (tmp_path / "Weekly_2025.csv").write_text("a\n1\n")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(ConfigError) as caught:
        read_table(source, {"a": Role.NUMBER}, base=tmp_path)
    assert caught.value.id == id
    assert words in caught.value.text() or words in caught.value.repair


def test_a_missing_file_shows_the_path_looked_at(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        read_table("w.csv", {"a": Role.NUMBER}, base=tmp_path)
    assert str(tmp_path / "w.csv") in caught.value.what


def test_a_missing_table_names_those_there(database: Path) -> None:
    with pytest.raises(ConfigError, match='Did you mean "weekly"') as caught:
        read_table(f"duckdb:///{database.name}?table=weekyl", {"tv": Role.NUMBER}, base=database.parent)
    assert caught.value.id == "C013"
    assert "half" in caught.value.repair


def test_a_file_without_permission_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(self: Path, mode: str) -> None:  # root may read every file, so the refusal is staged
        raise PermissionError(13, "Permission denied", str(self))

    (tmp_path / "w.csv").write_text("a\n1\n")
    monkeypatch.setattr(Path, "open", denied)
    with pytest.raises(DataError, match="Permission denied") as caught:
        read_table("w.csv", {"a": Role.NUMBER}, base=tmp_path)
    assert caught.value.id == "D009"


def test_importing_the_foundation_is_light() -> None:
    heavy = ("pandas", "ibis", "duckdb", "pyarrow")
    code = f"import sys, outlay, outlay.tables; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
