"""Objects of cloud storage, in a store that lives in memory: the same rows, the same strictness, whole writes."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pandas as pd
import pytest

from outlay.errors import ConfigError, DataError, MissingDependencyError, RunError
from outlay.files import atomic_write
from outlay.objects import address_in, is_object, read_object, write_object
from outlay.tables import Role, read_table, table_columns

WEEKLY = pd.DataFrame({"week": pd.to_datetime(["2025-01-06", "2025-01-13"]), "spend": [1.5, 2.0], "note": ["a", "b"]})
ROLES = {"week": Role.DATE, "spend": Role.NUMBER}


@pytest.fixture
def store() -> Iterator[fsspec.AbstractFileSystem]:
    memory = fsspec.filesystem("memory")
    memory.pipe_file("/media/weekly.csv", WEEKLY.to_csv(index=False).encode())
    content = io.BytesIO()
    WEEKLY.to_parquet(content)
    memory.pipe_file("/media/weekly.parquet", content.getvalue())
    yield memory
    memory.rm("/media", recursive=True)


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_an_object_is_read_like_the_file(store: fsspec.AbstractFileSystem, tmp_path: Path, kind: str) -> None:
    (tmp_path / f"weekly.{kind}").write_bytes(store.cat_file(f"/media/weekly.{kind}"))
    far = read_table(f"memory://media/weekly.{kind}", ROLES, base=Path())
    near = read_table(f"weekly.{kind}", ROLES, base=tmp_path)
    pd.testing.assert_frame_equal(far.frame, near.frame)
    assert len(far.fingerprint) == 64
    assert [name for name, _ in table_columns(f"memory://media/weekly.{kind}", base=Path())] == list(WEEKLY)


def test_a_changed_object_has_another_fingerprint(store: fsspec.AbstractFileSystem) -> None:
    address = "memory://media/weekly.parquet"
    before = read_table(address, ROLES, base=Path()).fingerprint
    content = io.BytesIO()
    WEEKLY.assign(spend=[1.5, 3.0]).to_parquet(content)
    write_object(address, content.getvalue())
    assert read_table(address, ROLES, base=Path()).fingerprint != before


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_an_object_that_is_not_there_is_told(kind: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_table(f"memory://media/none.{kind}", ROLES, base=Path())
    assert caught.value.id == "C010"


@pytest.mark.parametrize(
    ("address", "id"),
    [
        ("s3://key:secret@bucket/weekly.csv", "C014"),
        ("s3://bucket/weekly.csv?token=secret", "C014"),
        ("s3://bucket", "C016"),
        ("memory://media/weekly.xlsx", "C011"),
        ("ftp://host/weekly.csv", "C011"),
    ],
)
def test_addresses_that_cannot_be_used_are_refused_and_tell_no_secret(address: str, id: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_object(address) if id == "C016" else read_table(address, ROLES, base=Path())
    assert caught.value.id == id
    assert "secret" not in caught.value.text()


def test_the_package_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    import fsspec.core

    def none(address: str) -> None:
        raise ImportError("Install s3fs to access S3")

    monkeypatch.setattr(fsspec.core, "url_to_fs", none)
    with pytest.raises(MissingDependencyError, match="s3fs") as caught:
        read_table("s3://bucket/weekly.csv", ROLES, base=Path())
    assert caught.value.id == "C017"


def test_what_a_store_refuses_is_told(store: fsspec.AbstractFileSystem, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise PermissionError("Access Denied")

    monkeypatch.setattr(type(store), "cat_file", refused)
    with pytest.raises(DataError, match="Access Denied") as read:
        read_object("memory://media/weekly.csv")
    assert read.value.id == "D009"
    monkeypatch.setattr(type(store), "pipe_file", refused)
    with pytest.raises(RunError, match="Access Denied") as written:
        write_object("memory://media/report.html", "x")
    assert written.value.id == "R010"


def test_an_object_is_written_whole() -> None:
    write_object("memory://media/report.html", "<p>one</p>")
    assert read_object("memory://media/report.html") == b"<p>one</p>"
    fsspec.filesystem("memory").rm("/media", recursive=True)


def test_a_path_that_was_an_address_leads_to_the_object(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    atomic_write(Path("memory://media/report.html"), "<p>two</p>")  # as a command line hands it over
    assert read_object("memory://media/report.html") == b"<p>two</p>"
    assert list(tmp_path.iterdir()) == []
    fsspec.filesystem("memory").rm("/media", recursive=True)
    assert address_in(Path("S3://bucket/a b/c.html")) == "s3://bucket/a b/c.html"
    assert [address_in(Path(each)) for each in ("", "s3/x", "c:/x", "/s3:/x", "./x")] == [None] * 5
    for each in ("ftp://ann:secret@host/x.html", "file:///home/x.html"):  # as paths they would make a folder "ftp:"
        with pytest.raises(ConfigError) as caught:
            atomic_write(Path(each), "x")
        assert caught.value.id == "C016"
        assert "secret" not in caught.value.text()
    assert list(tmp_path.iterdir()) == []


def test_files_and_databases_are_no_objects() -> None:
    assert is_object("S3://bucket/x.csv")
    assert not any(is_object(each) for each in ("x.csv", "postgresql://host/db", "C:/x.csv", "duckdb:///x.db"))
