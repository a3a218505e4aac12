"""``outlay export db`` against DuckDB and a real PostgreSQL server: numbers, repeats, newer runs, kills, refusals."""

# ruff: noqa: S608  (names are those of the schema)

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from fakes import write_fit
from star_case import plan, segment, write_study
from typer.testing import CliRunner

from cli.app import app
from cli.outputs.registry import OUTPUTS
from cli.star.export import export_runs
from cli.star.facts import FACTS
from cli.star.schema import TABLES
from outlay.errors import OutlayError
from outlay.runs import list_runs
from tests.servers import postgres

ROOT = Path(__file__).parents[2]
GROUPS = ("north", "south")
type Ask = Callable[[str], list[tuple[object, ...]]]


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("study")
    write_study(folder, GROUPS)
    return folder


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres() as address:
        yield address


@pytest.fixture(scope="module", params=["duckdb", "postgresql"])
def exported(request: pytest.FixtureRequest, study: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The study in a database of each kind; tests only read it."""
    if request.param == "duckdb":
        place = f"duckdb:///{tmp_path_factory.mktemp('duckdb') / 'results.db'}?schema=kept"
    else:
        place = f"{request.getfixturevalue('server')}?schema=kept"
    result = export_runs(place, study / "runs")
    assert set(result.tables) == {table.name for table in FACTS}
    return place.partition("?")[0]


@pytest.fixture(params=["duckdb", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database, of each kind in turn."""
    if request.param == "duckdb":
        return f"duckdb:///{tmp_path / 'results.db'}"
    place = request.getfixturevalue("server")
    import psycopg

    with psycopg.connect(place, autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS outlay CASCADE")
    return str(place)


def ask(address: str, question: str) -> list[tuple[object, ...]]:
    if address.startswith("duckdb"):
        with duckdb.connect(address.removeprefix("duckdb:///"), read_only=True) as connection:
            return connection.execute(question).fetchall()
    import psycopg

    with psycopg.connect(address) as connection:
        return connection.execute(question).fetchall()


def everything(address: str, schema: str = "outlay") -> dict[str, list[tuple[object, ...]]]:
    """All rows of all tables, in an order of their own."""
    if address.startswith("duckdb"):
        with duckdb.connect(address.removeprefix("duckdb:///"), read_only=True) as connection:
            return _all_rows(lambda question: connection.execute(question).fetchall(), schema)
    import psycopg

    with psycopg.connect(address) as connection:
        return _all_rows(lambda question: connection.execute(question).fetchall(), schema)


def _all_rows(ask: Ask, schema: str) -> dict[str, list[tuple[object, ...]]]:
    return {table.name: sorted(ask(f"SELECT * FROM {schema}.{table.name}"), key=repr) for table in TABLES}


def test_facts_are_what_the_runs_say(study: Path, exported: str) -> None:
    runs = {run.kind: run for run in list_runs(study / "runs")}
    roi = runs["fit"].table("roi")
    (truth,) = roi[(roi["channel"] == "tv") & (roi["group"] == "south")].to_dict("records")
    told = ask(
        exported,
        "SELECT spend, roi_mean, mroi_hdi_low, outcome_unit, currency, hdi, window_start, window_end, all_channels"
        " FROM kept.v_roi_latest WHERE channel = 'tv' AND group_name = 'south'",
    )
    ((spend, mean, low, unit, currency, hdi, start, end, whole),) = told
    # floats go over whole: the text of COPY is the shortest that reads back the same
    assert (spend, mean, low) == (truth["spend"], truth["roi_mean"], truth["mroi_hdi_low"])
    assert (unit, currency, hdi, whole) == ("USD", "USD", 0.9, False)
    assert (str(start), str(end)) == ("2021-01-04", "2023-11-13")  # 150 weeks from a Monday
    made = runs["fit"].table("contributions")
    tv = made[(made["component"] == "tv") & made["group"].isna()]["mean"].sum()
    ((total,),) = ask(
        exported,
        "SELECT sum(contribution_mean) FROM kept.v_contribution_latest WHERE channel = 'tv' AND all_groups",
    )
    assert total == pytest.approx(tv, rel=1e-12)  # a sum in another order
    answer = runs["plan"].json("allocation.json")
    ((budget, gain, p_better),) = ask(exported, "SELECT budget, gain_mean, p_better FROM kept.v_plan_total_latest")
    assert (budget, gain, p_better) == (answer["budget"], answer["gain_mean"], answer["p_better"])
    ((planned,),) = ask(exported, "SELECT sum(spend) FROM kept.v_plan_latest")
    ((weekly,),) = ask(exported, "SELECT sum(spend) FROM kept.v_plan_period_latest")
    assert planned == pytest.approx(budget, abs=0.01)
    assert weekly == pytest.approx(budget, abs=0.01)


def test_an_organic_channel_has_null_and_not_nan(exported: str) -> None:
    organic = ask(
        exported, "SELECT spend, roi_mean FROM kept.v_roi_latest WHERE kind = 'organic' AND channel = 'email'"
    )
    assert organic == [(None, None)]
    rows = everything(exported, "kept")
    assert not any(cell != cell for table in rows.values() for row in table for cell in row)


def test_leads_and_segments_are_told_by_name(exported: str) -> None:
    pair = ask(
        exported,
        "SELECT segment, channel, all_segments, all_channels, trials FROM kept.v_conversion_latest"
        " ORDER BY dimension, level",
    )
    # all; the channel; the segment; the pair, whose trials were infinite in the run
    assert pair == [
        ("(all)", "(all)", True, True, 80.0),
        ("(all)", "tv", True, False, 40.0),
        ("a x b", "(all)", False, True, 60.0),
        ("a x b", "tv", False, False, None),
    ]
    card = ask(
        exported,
        "SELECT kind, segment, counted, goal, unit FROM kept.v_scorecard_latest WHERE NOT all_segments"
        " ORDER BY kind, segment",
    )
    assert card == [
        ("month", "large", 10.0, 20.0, "leads"),
        ("month", "small", 20.0, None, "leads"),
        ("year", "large", 100.0, 20.0, "leads"),
        ("year", "small", 200.0, None, "leads"),
    ]
    found = ask(
        exported, "SELECT segment, all_segments, customers, clv_mean FROM kept.v_segment_latest ORDER BY number"
    )
    assert found == [("(all)", False, 10.0, 120.0), ("small", False, 30.0, None)]


def test_every_key_leads_somewhere_and_no_two_rows_are_the_same(exported: str) -> None:
    rows = {name: pd.DataFrame(found) for name, found in everything(exported, "kept").items()}
    for table in TABLES:
        rows[table.name].columns = table.names
    for table in TABLES:
        found = rows[table.name]
        assert not found.duplicated(list(table.key)).any(), table.name
        for column in table.links:
            assert found[column.name].isin(rows[column.to].iloc[:, 0]).all(), (table.name, column.name)


def test_twice_is_the_same_and_newer_runs_are_added(study: Path, address: str, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    shutil.copytree(study, mine)
    export_runs(address, mine / "runs")
    once = everything(address)
    export_runs(address, mine / "runs", every=True)
    assert everything(address) == once
    newer = segment(mine / "runs")
    export_runs(address, mine / "runs")
    twice = everything(address)
    assert len(twice["fact_segment"]) == 2 * len(once["fact_segment"])
    assert set(once["fact_segment"]) < set(twice["fact_segment"])
    assert {name: rows for name, rows in twice.items() if name not in ("fact_segment", "dim_run")} == {
        name: rows for name, rows in once.items() if name not in ("fact_segment", "dim_run")
    }
    assert ask(address, "SELECT DISTINCT run_id FROM outlay.v_segment_latest") == [(newer.id,)]


def test_scenarios_have_their_latest_plan(study: Path, tmp_path: Path) -> None:
    address = f"duckdb:///{tmp_path / 'results.db'}"
    mine = tmp_path / "mine"
    shutil.copytree(study, mine)
    (mine / "outlay.toml").write_text('[project]\nname = "retailer"\n\n[plan]\nname = "cut"\nperiods = 4\n')
    plan(mine, "--budget", "400000")
    plan(mine, "--budget", "500000")
    export_runs(address, mine / "runs", every=True)
    assert ask(address, "SELECT count(*) FROM outlay.fact_plan_total") == [(3,)]
    latest = ask(address, "SELECT scenario, budget FROM outlay.v_plan_total_latest WHERE scenario = 'cut'")
    assert latest == [("cut", 500_000.0)]
    assert len(ask(address, "SELECT * FROM outlay.v_plan_total_latest")) == 2


def test_names_are_only_text(address: str, tmp_path: Path) -> None:
    odd = 'tv"; DROP SCHEMA outlay; --\\N,\n\\.\nélan'
    write_fit(tmp_path / "runs", odd_name=odd)
    export_runs(address, tmp_path / "runs")
    assert ask(address, "SELECT count(*) FROM outlay.v_roi_latest WHERE channel LIKE 'tv%'") == [(1,)]
    ((name,),) = ask(address, "SELECT channel FROM outlay.dim_channel WHERE channel LIKE 'tv%'")
    assert name == odd


def test_the_command_tells_what_it_wrote(study: Path, address: str) -> None:
    words = ["export", "db", "--to", address, "--project", str(study / "outlay.toml")]
    rehearsed = json.loads(CliRunner().invoke(app, [*words, "--json", "--dry-run"]).stdout)
    assert not rehearsed["written"]
    with pytest.raises(Exception, match=r"(?i)does not exist|no such"):
        ask(address, "SELECT 1 FROM outlay.dim_run")
    said = CliRunner().invoke(app, [*words, "--json"])
    assert said.exit_code == 0, said.output
    document = json.loads(said.stdout)
    OUTPUTS["export-db"].model_validate(document)
    assert {**rehearsed, "written": True} == document
    rows = {name: ask(address, f"SELECT count(*) FROM outlay.{name}")[0][0] for name in document["tables"]}
    assert rows == document["tables"]
    assert "tester" not in said.stdout
    shown = CliRunner().invoke(app, words).stdout
    assert max(len(line) for line in shown.splitlines()) <= 80
    assert "fact_contribution" in shown


def test_a_newer_schema_is_refused_in_words(study: Path, address: str) -> None:
    export_runs(address, study / "runs")
    change(address, "UPDATE outlay.outlay_schema SET version = 99")
    before = everything(address)
    with pytest.raises(OutlayError) as caught:
        export_runs(address, study / "runs")
    assert caught.value.id == "X054"
    assert "version 99" in caught.value.what
    assert everything(address) == before


def test_what_somebody_dropped_is_named(study: Path, address: str) -> None:
    """Without a view an export would succeed, and a dashboard would stay empty without a word."""
    export_runs(address, study / "runs")
    change(address, "DROP VIEW outlay.v_roi_latest")
    with pytest.raises(OutlayError) as caught:
        export_runs(address, study / "runs")
    assert (caught.value.id, "dropped v_roi_latest from the schema outlay" in caught.value.what) == ("X054", True)


def test_tables_of_somebody_else_are_left_alone(study: Path, address: str) -> None:
    change(address, "CREATE SCHEMA outlay")
    change(address, "CREATE TABLE outlay.fact_roi (mine integer)")
    with pytest.raises(OutlayError) as caught:
        export_runs(address, study / "runs")
    assert caught.value.id == "X054"
    assert "fact_roi, which outlay did not make" in caught.value.what
    assert ask(address, "SELECT count(*) FROM outlay.fact_roi") == [(0,)]
    export_runs(f"{address}?schema=mine", study / "runs")  # another schema beside it is free
    assert len(ask(address, "SELECT * FROM mine.dim_run")) == 5
    change(address, "DROP SCHEMA mine CASCADE")


def change(address: str, statement: str) -> None:
    if address.startswith("duckdb"):
        with duckdb.connect(address.removeprefix("duckdb:///")) as connection:
            connection.execute(statement)
        return
    import psycopg

    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(statement)


KILLED = """
import sys, time
from pathlib import Path
import cli.star.export as export

load = {"left": int(sys.argv[3])}
write = export.arrow_rows

def slowly(table, rows):
    load["left"] -= 1
    if load["left"] < 0:
        print("in the middle", flush=True)
        time.sleep(60)
    return write(table, rows)

export.arrow_rows = slowly
export.export_runs(sys.argv[1], Path(sys.argv[2]))
"""


@pytest.mark.parametrize("after", [1, 9])
def test_killed_in_the_middle_the_old_state_stays(study: Path, address: str, tmp_path: Path, after: int) -> None:
    """kill -9 after so many loads: among the dimensions, and among the facts."""
    mine = tmp_path / "mine"
    shutil.copytree(study, mine)
    export_runs(address, mine / "runs")
    before = everything(address)
    write_fit(mine / "runs", groups=GROUPS)
    segment(mine / "runs")
    if after == 1:  # also where there was nothing at all
        change(address, "DROP SCHEMA outlay CASCADE")
    command = [sys.executable, "-c", KILLED, address, str(mine / "runs"), str(after)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)}
    ) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "in the middle\n"
        writer.send_signal(signal.SIGKILL)
    assert writer.returncode == -signal.SIGKILL
    if after == 1:
        assert ask(address, "SELECT 1 FROM information_schema.tables WHERE table_schema = 'outlay'") == []
    else:
        assert everything(address) == before
    export_runs(address, mine / "runs")  # and the next export finds nothing in its way
    assert len(ask(address, "SELECT * FROM outlay.dim_run WHERE kind = 'segment'")) == (1 if after == 1 else 2)


def test_two_exports_at_once_both_arrive(study: Path, server: str) -> None:
    import psycopg

    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS outlay CASCADE")
    code = "import sys; from pathlib import Path; from cli.star.export import export_runs;"
    code += "export_runs(sys.argv[1], Path(sys.argv[2]))"
    command = [sys.executable, "-c", code, server, str(study / "runs")]
    both = [subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(ROOT)}) for _ in range(2)]
    assert [each.wait(timeout=120) for each in both] == [0, 0]
    once = everything(server)
    export_runs(server, study / "runs")
    assert everything(server) == once


def test_a_file_that_another_process_holds_is_told(study: Path, tmp_path: Path) -> None:
    path = tmp_path / "results.db"
    code = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", code, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "open\n"
        with pytest.raises(OutlayError) as caught:
            export_runs(f"duckdb:///{path}", study / "runs")
        holder.communicate("")
    assert caught.value.id == "X052"
    assert str(holder.pid) in caught.value.what
    export_runs(f"duckdb:///{path}", study / "runs")


def test_a_file_of_another_kind_is_told(study: Path, tmp_path: Path) -> None:
    path = tmp_path / "results.db"
    path.write_text("These are not tables, however long one looks at them. " * 100, encoding="utf-8")
    before = path.read_bytes()
    with pytest.raises(OutlayError) as caught:
        export_runs(f"duckdb:///{path}", study / "runs")
    assert caught.value.id == "X053"
    assert path.read_bytes() == before


def test_a_user_who_may_not_write_is_told(study: Path, server: str) -> None:
    import psycopg

    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS outlay CASCADE")
        connection.execute("DROP ROLE IF EXISTS reader")
        connection.execute("CREATE ROLE reader LOGIN")
    with pytest.raises(OutlayError) as caught:
        export_runs(server.replace("tester", "reader"), study / "runs")
    assert caught.value.id == "X053"
    assert "permission denied" in caught.value.what
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA outlay AUTHORIZATION reader")
    export_runs(server.replace("tester", "reader"), study / "runs")  # a schema of his own is enough


def test_the_password_comes_from_the_driver_and_is_nowhere_else(study: Path, server: str, tmp_path: Path) -> None:
    """PGPASSWORD, .pgpass and a service file are the driver's; the server here asks for none, so they are only read."""
    where = server.rpartition("@")[2].partition("/")[0]
    host, _, port = where.partition(":")
    service = tmp_path / "services.conf"
    service.write_text(f"[bi]\nhost={host}\nport={port}\nuser=tester\ndbname=postgres\npassword=s3cret-word\n")
    command = [
        sys.executable,
        "-m",
        "cli.app",
        "export",
        "db",
        "--to",
        "postgresql:///?service=bi",
        "--json",
        "--debug",
    ]
    said = subprocess.run(
        [*command, "--project", str(study / "outlay.toml")],
        env={**os.environ, "PYTHONPATH": str(ROOT), "PGSERVICEFILE": str(service), "PGPASSWORD": "s3cret-word"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert said.returncode == 0, said.stderr
    assert "s3cret" not in said.stdout + said.stderr
    assert json.loads(said.stdout)["written"]


def test_tables_are_explained_in_the_database(exported: str) -> None:
    if exported.startswith("duckdb"):
        question = "SELECT table_name, column_name, comment FROM duckdb_columns() WHERE schema_name = 'kept'"
        question += " AND table_name IN (SELECT table_name FROM duckdb_tables())"
    else:
        question = "SELECT c.relname, a.attname, col_description(c.oid, a.attnum) FROM pg_class c"
        question += " JOIN pg_attribute a ON a.attrelid = c.oid WHERE c.relkind = 'r' AND a.attnum > 0"
        question += " AND c.relnamespace = 'kept'::regnamespace"
    told = {(table, column): words for table, column, words in ask(exported, question)}
    assert {
        (table.name, column.name): column.words for table in TABLES for column in table.columns
    }.items() <= told.items()


def test_rows_by_insert_are_those_by_copy(study: Path, server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The way for databases that speak PostgreSQL's protocol without COPY FROM STDIN."""
    import psycopg

    from cli.star import target_postgres

    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS outlay CASCADE")
    few = next(run.id for run in list_runs(study / "runs") if run.kind == "convert")
    export_runs(server, study / "runs", run=few)
    copied = everything(server)
    made = target_postgres.PostgresTarget
    monkeypatch.setattr(
        target_postgres,
        "PostgresTarget",
        lambda *words, copies: made(*words, copies=False),
    )
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("DROP SCHEMA outlay CASCADE")
    export_runs(server, study / "runs", run=few)
    assert copied["fact_conversion"]
    assert everything(server) == copied


def test_many_rows_are_written_in_parts(monkeypatch: pytest.MonkeyPatch, study: Path, tmp_path: Path) -> None:
    monkeypatch.setattr("cli.star.export.CHUNK", 997)  # no multiple of anything here
    fit = next(run for run in list_runs(study / "runs") if run.kind == "fit")
    address = f"duckdb:///{tmp_path / 'results.db'}"
    export_runs(address, study / "runs", run=fit.id)
    assert ask(address, "SELECT count(*) FROM outlay.fact_contribution") == [(len(fit.table("contributions")),)]


def test_without_the_driver_the_package_is_named(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == "psycopg"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(OutlayError) as caught:
        export_runs("postgresql://nobody@127.0.0.1:1/db", study / "runs")
    assert caught.value.id == "C015"


def test_two_choices_at_once_are_refused(study: Path) -> None:
    words = ["export", "db", "--to", "duckdb:///x.db", "--run", "2", "--all-runs"]
    said = CliRunner().invoke(app, [*words, "--project", str(study / "outlay.toml")])
    assert said.exit_code == 2


PAGE = ROOT / "docs" / "database.md"


@pytest.mark.parametrize("query", re.findall(r"^```sql\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.M | re.S))
def test_queries_of_the_guide_run(exported: str, query: str) -> None:
    assert ask(exported, query.replace("outlay.", "kept."))


def test_the_guide_names_every_table_and_view() -> None:
    from cli.star.schema import views

    told = PAGE.read_text(encoding="utf-8")
    names = {table.name for table in FACTS} | {name for name, _ in views("outlay") if "run_latest" not in name}
    assert [name for name in sorted(names) if f"`{name}`" not in told] == []


def test_the_picture_is_of_these_tables() -> None:
    from docs.figures import star

    assert star.FILE.read_text(encoding="utf-8") == star.picture()  # made by docs/figures/star.py


def test_saved_scenarios_are_scenarios_of_the_database(study: Path, address: str, tmp_path: Path) -> None:
    from planner.store import Draft, Store

    mine = tmp_path / "mine"
    shutil.copytree(study, mine)
    runs = {run.kind: run for run in list_runs(mine / "runs")}
    answer = runs["plan"].json("allocation.json")
    store, fit = Store(mine), runs["fit"].id
    spring = store.create("Spring push", Draft({}, {**answer, "budget": 1.0}, fit)).kept
    store.save(spring.id, 1, Draft({}, {**answer, "budget": 2.0}, fit))
    store.create("Of another fit", Draft({}, answer, "20200101T000000Z-fit-00000000"))
    store.create("Of another version", Draft({}, {"status": "?"}, fit))
    result = export_runs(address, mine / "runs")
    assert [line.split(" (")[0] for line in result.left_out] == [
        "Scenario Of another version",
        "Scenario Of another fit",
    ]
    question = "SELECT scenario, budget, fit_run_id FROM outlay.v_plan_total_latest WHERE scenario = 'Spring push'"
    assert ask(address, question) == [("Spring push", 2.0, fit)]
    assert (
        len(ask(address, "SELECT * FROM outlay.v_plan_latest WHERE scenario = 'Spring push'")) == 20
    )  # cells of a panel
    # the views of the fit do not take a saved scenario for a newer run
    assert ask(address, "SELECT DISTINCT run_id FROM outlay.v_roi_latest") == [(fit,)]
    once = everything(address)
    export_runs(address, mine / "runs")
    assert everything(address) == once
    export_runs(address, mine / "runs", every=True)
    assert len(ask(address, "SELECT * FROM outlay.dim_run WHERE kind = 'scenario'")) == 2
    store.delete(spring.id)
    export_runs(address, mine / "runs")
    assert ask(address, question) == []


def test_an_export_that_does_not_end_is_told(study: Path, server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import psycopg

    monkeypatch.setattr("cli.star.target_postgres.WAIT_SECONDS", 1)
    with psycopg.connect(server) as holder:
        holder.execute("SELECT pg_advisory_xact_lock(hashtext('outlay:outlay'))")
        with pytest.raises(OutlayError) as caught:
            export_runs(server, study / "runs")
    assert caught.value.id == "X052"
    assert "has not ended within 1 seconds" in caught.value.what


def test_a_connection_that_breaks_in_the_middle_leaves_the_old_state(
    study: Path, server: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    import psycopg

    from cli.star import export

    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS outlay CASCADE")
    export_runs(server, study / "runs")
    before = everything(server)
    write = export.arrow_rows

    def breaking(*words):  # type: ignore[no-untyped-def]
        with psycopg.connect(server, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'outlay'")
        return write(*words)

    monkeypatch.setattr(export, "arrow_rows", breaking)
    with pytest.raises(OutlayError) as caught:
        export_runs(server, study / "runs")
    assert caught.value.id == "X053"
    assert capfd.readouterr().err == ""  # the driver keeps its own words to itself
    assert everything(server) == before
