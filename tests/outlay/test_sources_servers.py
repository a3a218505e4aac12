"""Tables of PostgreSQL and Spark: addresses, passwords, what a server refuses, and the same strict cells."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from outlay.errors import ConfigError, DataError, MissingDependencyError
from outlay.sources_address import address_of, without_password
from outlay.tables import Role, read_table, table_columns
from tests.servers import postgres


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres() as address:
        import psycopg

        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute("CREATE TABLE weekly (week date, spend numeric(10, 2), region text, seen timestamptz)")
            connection.execute(
                "INSERT INTO weekly VALUES ('2025-01-06', 1.50, ' north', '2025-01-06 19:00-05'),"
                " ('2025-01-13', 2, 'south', '2025-01-13 00:00+00')"
            )
            connection.execute("CREATE SCHEMA finance")
            connection.execute("CREATE VIEW finance.spend AS SELECT week, spend FROM weekly")
        yield address


def test_a_table_is_read_by_the_same_strict_rules(server: str) -> None:
    roles = {"week": Role.DATE, "spend": Role.NUMBER, "region": Role.TEXT}
    table = read_table(f"{server}?table=weekly", roles, base=Path())
    assert table.frame["week"].dt.strftime("%Y-%m-%d").tolist() == ["2025-01-06", "2025-01-13"]
    assert table.frame["spend"].tolist() == [1.5, 2.0]
    assert table.frame["region"].tolist() == ["north", "south"]
    assert [finding.id for finding in table.findings] == ["D041"]
    assert len(table.fingerprint) == 64


def test_times_are_seen_in_utc_and_not_in_the_zone_of_the_server(server: str) -> None:
    # 19:00 five hours west of UTC is midnight of the next day
    found = read_table(f"{server}?table=weekly", {"seen": Role.DATE}, base=Path()).frame["seen"]
    assert found.dt.strftime("%Y-%m-%d").tolist() == ["2025-01-07", "2025-01-13"]


@pytest.mark.parametrize("name", ["finance.spend", "public.weekly"])
def test_views_and_schemas_are_found(server: str, name: str) -> None:
    columns = table_columns(f"{server}?table={name}", base=Path())
    assert columns[:2] == [("week", "date"), ("spend", "number")]


def test_a_table_that_is_not_there_is_told_with_those_that_are(server: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_table(f"{server}?table=weekley", {"week": Role.DATE}, base=Path())
    assert caught.value.id == "C013"
    assert caught.value.repair == 'Did you mean "weekly"? The database holds weekly, finance.spend.'


def test_nothing_is_written(server: str) -> None:
    from outlay.sources import Wanted, opened

    with opened(f"{server}?table=weekly", Path(), Wanted()) as relation:
        shown = relation.backend.raw_sql("SHOW transaction_read_only")
        assert shown.fetchone() == ("on",)
        shown.close()


def test_a_server_that_does_not_answer_is_told() -> None:
    pytest.importorskip("psycopg")
    with pytest.raises(DataError) as caught:
        read_table("postgresql://x@127.0.0.1:1/db?table=t", {"a": Role.DATE}, base=Path())
    (finding,) = caught.value.findings
    assert finding.id == "D011"
    assert "no connection" in finding.what


@pytest.mark.parametrize(
    "source, hidden",
    [
        ("postgresql://ann:secret@host/db?table=t", "secret"),
        ("postgresql://ann:@host/db?table=t", ":@"),
        ("postgresql://ann@host/db?table=t&password=secret", "secret"),
        ("postgres://ann@host/db?table=t&sslpassword=secret", "secret"),
        ("spark://ann:secret@host:7077?table=t", "secret"),
        ("spark://host:7077?table=t&token=secret", "secret"),
    ],
)
def test_a_password_in_the_address_is_refused_and_not_repeated(source: str, hidden: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_table(source, {"a": Role.DATE}, base=Path())
    assert caught.value.id == "C014"
    assert hidden not in caught.value.text()


@pytest.mark.parametrize(
    "source, words",
    [
        ("postgresql://host/db", "names no table"),
        ("postgresql://host/db?table=", "names no table"),
        ("postgresql://host/db?table=a&table=b", "names no table"),
        ("postgresql://host:port/db?table=a", "cannot be read"),
        ("postgresql://host/db?table=a&options=-c", "options, which is not read"),
        ("spark:///", "names no table"),
        ("spark://host?table=a", "incomplete"),
        ("spark://host:7077/path?table=a", "incomplete"),
    ],
)
def test_an_incomplete_address_is_told(source: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_table(source, {"a": Role.DATE}, base=Path())
    assert caught.value.id == "C012"
    assert words in caught.value.what


def test_what_the_address_leaves_out_is_left_to_the_driver() -> None:
    found = address_of("postgresql:///?table=sales.leads", example="")
    assert (found.host, found.port, found.user, found.path, found.table) == ("", None, "", "", "sales.leads")
    full = address_of("postgresql://an%40n@host:5433/my%20db?table=t&sslmode=require", example="", options=["sslmode"])
    assert (full.user, full.port, full.path, full.options) == ("an@n", 5433, "my db", {"sslmode": "require"})


def test_an_address_for_messages_holds_no_secret() -> None:
    assert without_password("postgresql://a:b@c@host:1/db?password=x") == "postgresql://host:1/db"


@pytest.mark.parametrize("package, source", [("psycopg", "postgresql://h/d?table=t"), ("pyspark", "spark:///?table=t")])
def test_a_driver_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch, package: str, source: str) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == package]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingDependencyError) as caught:
        read_table(source, {"a": Role.DATE}, base=Path())
    assert caught.value.id == "C015"
    assert "outlay[" in caught.value.repair
