"""A whole project whose tables lie in PostgreSQL: panel, leads, goals and customers give what the same files give."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from test_scorecard import PROJECT as B2B
from test_scorecard import goals
from test_segment import people
from typer.testing import CliRunner

from cli.app import app
from tests.attribution.carded import leads
from tests.servers import postgres

ROOT = Path(__file__).parents[2]
REST = """
[media]
source = "weekly.parquet"
date = "week"
kpi = "sales"
kpi_type = "revenue"
group = "geo"

[[media.channels]]
name = "search"
spend = "search_spend"

[[media.channels]]
name = "tv"
spend = "tv_spend"
exposure = "tv_grp"

[customers]
source = "customers.parquet"
id = "customer"
features = ["visits", "age", "region"]
value = "spent"

[customers.clusters]
k = 3
bootstraps = 2
"""
TYPES = {"i": "bigint", "f": "double precision", "M": "timestamp", "b": "boolean"}


def weekly() -> pd.DataFrame:
    """Two geos of 60 weeks; numbers with two decimals, as a database keeps money."""
    weeks = pd.date_range("2024-01-01", periods=60, freq="7D")
    rows = pd.DataFrame([(week, geo) for geo in ("north", "south") for week in weeks], columns=["week", "geo"])
    number = pd.Series(range(len(rows)))
    spend = {"search_spend": 100.25 + 7 * (number % 13), "tv_spend": 900.5 + 31 * (number % 17)}
    return rows.assign(sales=20_000.75 + 11 * number % 997, **spend, tv_grp=80.0 + 3 * (number % 17))


def tables() -> dict[str, pd.DataFrame]:
    planned = goals()
    planned["month"] = pd.to_datetime(planned["month"])
    return {"weekly": weekly(), "leads": leads(), "goals": planned, "customers": people(300)}


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Path]]:
    """Two folders with the same project: one reads files, the other the same tables on a server."""
    files, server = tmp_path_factory.mktemp("files"), tmp_path_factory.mktemp("server")
    text = (B2B + REST).replace("goals.csv", "goals.parquet")
    (files / "outlay.toml").write_text(text, encoding="utf-8")
    with postgres() as address:
        for name, frame in tables().items():
            frame.to_parquet(files / f"{name}.parquet", index=False)
            put(address, f"marketing.{name}", frame)
            text = text.replace(f'"{name}.parquet"', f'"{address}?table=marketing.{name}"')
        assert ".parquet" not in text
        (server / "outlay.toml").write_text(text, encoding="utf-8")
        yield files, server


def put(address: str, name: str, frame: pd.DataFrame) -> None:
    """Make a table of a frame; what is missing is null."""
    import psycopg

    columns = ", ".join(f'"{column}" {TYPES.get(dtype.kind, "text")}' for column, dtype in frame.dtypes.items())
    with psycopg.connect(address) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA IF NOT EXISTS marketing")
        cursor.execute(f"CREATE TABLE {name} ({columns})")
        with cursor.copy(f"COPY {name} FROM STDIN") as copy:
            for row in frame.astype(object).where(frame.notna(), None).itertuples(index=False, name=None):
                copy.write_row(row)


def outlay(folder: Path, *words: str) -> dict[str, Any]:
    said = CliRunner().invoke(app, [*words, "--json", "--project", str(folder / "outlay.toml")])
    assert said.exit_code == 0, said.output
    return dict(json.loads(said.stdout))


def plain(value: Any) -> Any:
    """A document without what tells files from a server: places, and the note that a database keeps no order."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items() if key not in ("source", "where", "seconds", "run")}
    if isinstance(value, list):
        return [plain(item) for item in value if not (isinstance(item, dict) and item.get("id") == "D041")]
    return value


def test_a_check_understands_the_same(places: tuple[Path, Path]) -> None:
    files, server = (outlay(folder, "check") for folder in places)
    assert server["source"].startswith("postgresql://")
    assert [section["section"] for section in server["sections"]] == ["media", "customers", "leads", "goals"]
    assert plain(server) == plain(files)


def test_leads_and_goals_make_the_same_scorecard(places: tuple[Path, Path]) -> None:
    files, server = (outlay(folder, "scorecard", "--dry-run") for folder in places)
    assert server["rows"]
    assert plain(server) == plain(files)


def test_customers_make_the_same_segments(places: tuple[Path, Path]) -> None:
    files, server = (outlay(folder, "segment") for folder in places)
    found = [[(row["segment"], row["customers"], row["value"]) for row in each["segments"]] for each in (files, server)]
    assert len(found[0]) == 3
    for mine, theirs in zip(*found, strict=True):
        assert mine[:2] == theirs[:2]
        assert mine[2] == pytest.approx(theirs[2], rel=1e-12)  # a sum in another order


def test_the_panel_of_a_run_is_the_one_of_the_files(places: tuple[Path, Path]) -> None:
    from cli.commands.check import read_panel
    from cli.config import load

    files, server = (read_panel(load(folder / "outlay.toml")) for folder in places)
    for name in ("kpi", "spend", "exposure"):
        mine, theirs = getattr(files, name), getattr(server, name)
        assert (mine == theirs).all(), name


def test_a_password_reaches_the_driver_and_no_run(places: tuple[Path, Path]) -> None:
    _, folder = places
    command = [sys.executable, "-m", "cli.app", "scorecard", "--debug"]
    said = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PGPASSWORD": "s3cret-word"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert said.returncode == 0, said.stderr
    kept = [path for path in (folder / "runs").rglob("*") if path.is_file()]
    assert any("scorecard" in str(path) for path in kept)
    assert not any(b"s3cret" in path.read_bytes() for path in kept)
    assert "s3cret" not in said.stdout + said.stderr


@pytest.mark.parametrize("section", ["weekly", "leads", "goals", "customers"])
def test_a_password_in_the_project_file_is_refused_in_every_section(
    places: tuple[Path, Path], tmp_path: Path, section: str
) -> None:
    text = (places[1] / "outlay.toml").read_text(encoding="utf-8")
    before, _, after = text.partition(f"table=marketing.{section}")
    with_secret = before[::-1].replace("@", "@drow-t3rces:", 1)[::-1] + f"table=marketing.{section}" + after
    (tmp_path / "outlay.toml").write_text(with_secret, encoding="utf-8")
    said = CliRunner().invoke(app, ["check", "--project", str(tmp_path / "outlay.toml")])
    assert said.exit_code == 2
    assert "C014" in said.output
    assert "s3cret" not in said.output


def test_a_table_without_rights_is_told(places: tuple[Path, Path], tmp_path: Path) -> None:
    import psycopg

    text = (places[1] / "outlay.toml").read_text(encoding="utf-8")
    address = text.partition('source = "')[2].partition("?")[0]
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("CREATE ROLE stranger LOGIN")
    (tmp_path / "outlay.toml").write_text(text.replace("tester@", "stranger@"), encoding="utf-8")
    said = CliRunner().invoke(app, ["check", "--project", str(tmp_path / "outlay.toml")])
    assert said.exit_code in (2, 3)
    assert "C013" in said.output or "permission denied" in said.output
    assert "Traceback" not in said.output
