"""The star schema's parts: keys, words, members, and which runs are chosen."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
from star_case import convert, write_run

from cli.catalogue import CATALOGUE
from cli.star.address import place_of
from cli.star.columns import TOTAL, Kind
from cli.star.dimensions import DIMENSIONS
from cli.star.facts import FACTS, OUTCOME, SEGMENT
from cli.star.keys import key_of, with_keys
from cli.star.schema import TABLES, VERSION, create_table, views
from cli.star.target import arrow_rows
from outlay.errors import ConfigError

# Words that Amazon Redshift keeps to itself and that results could be tempted by (its list of reserved words).
RESERVED = {"group", "raw", "tag", "end", "order", "user", "column", "table", "limit", "offset", "percent", "default"}
TYPES = {"BIGINT", "INTEGER", "DOUBLE PRECISION", "VARCHAR(65535)", "BOOLEAN", "DATE", "TIMESTAMP"}


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_table_and_column_is_told(table) -> None:  # type: ignore[no-untyped-def]
    assert len(table.words) > 20
    assert max(Counter(table.names).values()) == 1
    assert set(table.key) <= set(table.names)
    for column in table.columns:
        assert column.words.endswith("."), column
        assert re.fullmatch(r"[a-z][a-z0-9_]*", column.name)
        assert column.name not in RESERVED
        assert column.kind in TYPES
        assert not column.to or column.to in {each.name for each in DIMENSIONS}


@pytest.mark.parametrize("table", FACTS, ids=lambda table: table.name)
def test_money_and_intervals_say_their_unit(table) -> None:  # type: ignore[no-untyped-def]
    """Words that name a unit in backticks name a column of the same table."""
    for column in table.columns:
        for unit in re.findall(r"`(\w+)`", column.words):
            assert unit in table.names, (table.name, column.name, unit)


def test_keys_never_change() -> None:
    # A key that moved would cut every BI report from its history: these were made by version 1 of the schema.
    assert VERSION == 1
    assert key_of("dim_channel", ["tv"]) == 8043273784113935
    assert key_of("dim_group", ["tv", None]) != key_of("dim_channel", ["tv"])
    keys = [key_of("dim_channel", [f"channel {i}"]) for i in range(2000)]
    assert len(set(keys)) == 2000
    assert max(keys) < 2**53  # a JavaScript number holds them


def test_a_member_called_like_all_together_is_another_one() -> None:
    rows = pd.DataFrame({"run_key": 1, "segment": [None, TOTAL, "", "x"], "number": 1})
    done, members = with_keys(SEGMENT, rows)
    found = members["dim_segment"]
    assert found["segment"].tolist() == [TOTAL, TOTAL, "x"]
    assert found["is_total"].tolist() == [True, False, False]
    assert done["segment_key"].nunique() == 3
    assert done["segment_key"][0] == done["segment_key"][2]


def test_days_are_told_with_their_iso_week() -> None:
    _, members = with_keys(OUTCOME, pd.DataFrame({"run_key": 1, "date_key": [pd.Timestamp("2021-01-03")]}))
    days = members["dim_date"].set_index("date_key")
    assert len(days) == 365  # the whole year, so that a BI tool's calendar has no holes
    third = days.loc[20210103]
    # 3 January 2021 was the Sunday of week 53 of 2020 (ISO 8601)
    assert (third["iso_year"], third["iso_week"], third["weekday"]) == (2020, 53, 7)
    assert (str(third["week_start"]), str(third["month_start"])) == ("2020-12-28", "2021-01-01")


def test_what_is_not_a_number_is_null() -> None:
    rows = pd.DataFrame({"actual": [1.5, float("nan"), float("inf")], "outcome_unit": ["USD", None, "="]})
    full = rows.assign(**{name: 0 for name in OUTCOME.names if name not in rows})
    found = arrow_rows(OUTCOME, full)
    assert found["actual"].to_pylist() == [1.5, None, None]
    assert found["outcome_unit"].to_pylist() == ["USD", None, "="]


def test_keys_are_declared_where_the_database_checks_them_at_the_end() -> None:
    bound = create_table("s", OUTCOME, bound=True)
    assert 'FOREIGN KEY ("run_key") REFERENCES "s".dim_run ("run_key")' in bound
    assert "KEY (" not in create_table("s", OUTCOME, bound=False)
    assert [name for name, _ in views("s")][:2] == ["v_run_latest", "v_plan_run_latest"]


@pytest.mark.parametrize(
    "address, id, words",
    [
        ("mysql://host/db", "X051", "not the address of a database"),
        ("results.db", "X051", "not the address of a database"),
        ("duckdb:///", "X051", "names no file"),
        ("duckdb://host/file.db", "X051", "names no file"),
        ("duckdb:///no/such/folder/file.db", "X051", "there is no folder"),
        ("duckdb:///file.db?table=x", "X051", "table, which is not read"),
        ("duckdb:///file.db?schema=A b", "X051", "cannot be the name of a schema"),
        ("postgresql://host/db?schema=x;drop", "X051", "cannot be the name of a schema"),
        ("postgresql://host/db?schema=pg_catalog", "X051", "cannot be the name of a schema"),
        ("postgresql://host/db?table=t", "C012", "table, which is not read"),
        ("postgresql://ann:secret@host/db", "C014", "holds a password"),
        ("postgresql://host/db?password=secret", "C014", "holds a password"),
    ],
)
def test_an_address_that_cannot_be_is_refused(address: str, id: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        place_of(address, tmp_path)
    assert caught.value.id == id
    assert words in caught.value.what
    assert "secret" not in caught.value.text()


def test_an_address_is_taken_apart(tmp_path: Path) -> None:
    assert place_of("duckdb:///a%20b.db", tmp_path).at == tmp_path / "a b.db"
    assert place_of(f"duckdb:///{tmp_path}/x.db", Path("elsewhere")).at == tmp_path / "x.db"
    place = place_of("postgresql://ann@host:5433/db?schema=finance&sslmode=require")
    assert (place.words, place.schema) == ("postgresql://host:5433/db", "finance")
    assert place.at.options == {"sslmode": "require"}  # type: ignore[union-attr]


def test_runs_without_facts_are_told(tmp_path: Path) -> None:
    from cli.star.choose import choose
    from outlay.errors import RunError

    with pytest.raises(RunError) as caught:
        choose(tmp_path, None, every=False, force=False)
    assert caught.value.id == "X055"
    run = write_run(tmp_path, "score", {}, "score")
    with pytest.raises(RunError) as caught:
        choose(tmp_path, run.id, every=False, force=False)
    assert caught.value.id == "X055"


def test_what_did_not_pass_the_gate_is_left_out_or_refused(tmp_path: Path) -> None:
    from fakes import write_fit

    from cli.star.choose import choose
    from outlay.errors import TrustError

    good = write_fit(tmp_path)
    bad = convert(tmp_path, passed=False)
    chosen = choose(tmp_path, None, every=False, force=False)
    assert [run.run.id for run in chosen.runs] == [good.id]
    assert bad.id in chosen.left_out[0]
    assert len(choose(tmp_path, None, every=False, force=True).runs) == 2
    with pytest.raises(TrustError):
        choose(tmp_path, bad.id, every=False, force=False)
    write_fit(tmp_path, trusted=False)
    with pytest.raises(TrustError):
        choose(tmp_path, None, every=False, force=False)
    # of all runs, only those that passed
    assert [run.run.id for run in choose(tmp_path, None, every=True, force=False).runs] == [good.id]


@pytest.mark.parametrize("id", ["X051", "X052", "X053", "X054", "X055"])
def test_refusals_are_explained(id: str) -> None:
    assert len(CATALOGUE[id].repair) >= 20


def test_kinds_are_types_of_all_three_databases() -> None:
    assert {str(kind) for kind in Kind} == TYPES
