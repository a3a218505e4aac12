"""``outlay refresh``: the order of the work, the gate before publishing, and nothing done where nothing changed."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb
import fsspec
import pytest
from fakes import write_fit
from filelock import FileLock
from typer.testing import CliRunner, Result

from cli import refresh as module
from cli.app import app
from cli.refresh_steps import Step, Taken, take
from outlay.errors import OutlayError
from outlay.runs import list_runs

ROOT = Path(__file__).parents[2]
MEDIA = """
[project]
name = "retailer"

[media]
source = "weekly.csv"
date = "week"
kpi = "sales"
kpi_type = "revenue"

[[media.channels]]
name = "tv"
spend = "tv"

[plan]
periods = 13
max_change = 0.3
"""
ORDER = ["check", "fit", "validate", "plan", "report", "export xlsx", "export db", "publish"]
Refresh = Callable[..., Result]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose fits and validations are made up; checks come back clean, and plans are real."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "weekly.csv").write_text("week,sales,tv\n2025-01-06,1,1\n", encoding="utf-8")
    configure(tmp_path)
    return tmp_path


def configure(folder: Path, refresh: str = 'database = "duckdb:///results.db"\n') -> None:
    (folder / "outlay.toml").write_text(f"{MEDIA}\n[refresh]\n{refresh}", encoding="utf-8")


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, folder: Path) -> dict[str, Any]:
    """What the made-up steps answer: whether the fit passes its gate, and the verdict of its validation."""
    answers: dict[str, Any] = {"trusted": True, "status": "good", "taken": []}

    def made_up(step: Step, project: Path) -> Taken:
        answers["taken"].append(step.name)
        if step.name == "check":
            return Taken({"findings": []}, 0.1, True)
        if step.name == "fit":
            run = write_fit(folder / "runs", trusted=answers["trusted"], lock=project.read_text(encoding="utf-8"))
            return Taken({"run": run.id, "reasons": ["R-hat of tv is 1.3"]}, 0.1, answers["trusted"])
        if step.name == "validate":
            return Taken({"run": "v", "status": answers["status"], "sentence": "So it is."}, 0.1, True)
        return take(step, project)

    monkeypatch.setattr(module, "take", made_up)
    return answers


def refresh(*words: str) -> tuple[int, dict[str, Any], str]:
    said = CliRunner().invoke(app, ["refresh", "--json", *words])
    return said.exit_code, json.loads(said.stdout) if said.stdout.strip() else {}, said.stderr


def publication(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((folder / "reports" / "latest").glob("*"))}


def test_everything_is_done_in_order_and_published(folder: Path, world: dict[str, Any]) -> None:
    code, told, log = refresh()
    assert (code, told["status"]) == (0, "published")
    assert [row["step"] for row in told["steps"]] == ORDER
    assert {row["status"] for row in told["steps"]} == {"done"}
    files = publication(folder)
    assert list(files) == ["refresh.json", "report.html", "workbook.xlsx"]
    note = json.loads(files["refresh.json"])
    assert (note["fit"], note["plan"]) == (told["fit"], told["plan"])
    assert note["files"] == {name: sha256(files[name]).hexdigest() for name in ("report.html", "workbook.xlsx")}
    assert told["fit"].encode() in files["report.html"]
    assert told["plan"].encode() in files["report.html"]
    with duckdb.connect(str(folder / "results.db"), read_only=True) as database:
        assert database.execute("SELECT count(*) FROM outlay.dim_run").fetchone() == (2,)  # the fit and the plan
    assert all(line[:4].isdigit() and line[10] == "T" for line in log.splitlines())  # every line begins with its time


@pytest.mark.parametrize("world_change", [{"trusted": False}, {"status": "bad"}])
def test_what_fails_its_gate_leaves_the_last_publication_as_it_was(
    folder: Path, world: dict[str, Any], world_change: dict[str, Any]
) -> None:
    refresh()
    before, database = publication(folder), (folder / "results.db").read_bytes()
    world.update(world_change)
    code, told, log = refresh("--force")
    assert (code, told["status"]) == (4, "refused")
    assert publication(folder) == before
    assert (folder / "results.db").read_bytes() == database
    assert "What was published before stands" in log
    refused = next(row for row in told["steps"] if row["status"] == "refused")
    assert refused["told"] == told["why"] != ""
    after = told["steps"][told["steps"].index(refused) + 1 :]
    assert {row["status"] for row in after} == {"skipped"}


def test_a_verdict_that_the_project_accepts_is_published(folder: Path, world: dict[str, Any]) -> None:
    world["status"] = "bad"
    configure(folder, 'accept = "bad"\n')
    assert refresh()[1]["status"] == "published"
    configure(folder, 'accept = "good"\n')
    world["status"] = "watch"
    assert refresh()[0] == 4


def test_nothing_is_done_where_nothing_changed(folder: Path, world: dict[str, Any]) -> None:
    refresh()
    runs, files = len(list_runs(folder / "runs")), publication(folder)
    code, told, _ = refresh()
    assert (code, told["status"], told["steps"]) == (0, "unchanged", [])
    assert len(list_runs(folder / "runs")) == runs
    assert publication(folder) == files
    world["taken"].clear()
    (folder / "weekly.csv").write_text("week,sales,tv\n2025-01-06,2,1\n", encoding="utf-8")
    told = refresh()[1]
    assert told["status"] == "published"
    assert told["changed"][0].startswith("Not compared with fit")  # made-up fits hold no posterior
    assert world["taken"] == ["check", "fit", "validate", "plan"]


def test_a_project_without_media_publishes_what_it_has(
    folder: Path, world: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "outlay.toml").write_text('[project]\nname = "b2b"\n', encoding="utf-8")
    seen: list[Any] = []

    def page(project: Path, section: Any, fit: str | None, before: str | None, into: Path) -> Any:
        seen.append((fit, before))
        (into / "report.html").write_text("<!doctype html>", encoding="utf-8")
        return [into / "report.html"], []

    monkeypatch.setattr(module, "make_report", page)
    code, told, _ = refresh()
    assert (code, told["status"], told["fit"]) == (0, "published", None)
    assert [row["step"] for row in told["steps"]] == ["check", "report", "publish"]
    assert seen == [(None, None)]


def test_a_table_that_was_copied_with_its_older_time_is_a_change(folder: Path, world: dict[str, Any]) -> None:
    refresh()
    table = folder / "weekly.csv"
    table.write_text("week,sales,tv\n2025-01-06,3,1\n", encoding="utf-8")
    os.utime(table, (0, 0))
    assert refresh()[1]["status"] == "published"


def test_a_server_may_have_changed(folder: Path, world: dict[str, Any]) -> None:
    text = (folder / "outlay.toml").read_text(encoding="utf-8")
    (folder / "outlay.toml").write_text(
        text.replace('"weekly.csv"', '"postgresql://host/db?table=t"'), encoding="utf-8"
    )
    assert [refresh()[1]["status"] for _ in range(2)] == ["published"] * 2


def test_what_changed_is_told_since_the_publication_and_not_since_a_fit_that_was_refused(
    folder: Path, world: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = refresh()[1]["fit"]
    world["trusted"] = False
    assert refresh("--force")[0] == 4
    world["trusted"] = True
    compared, real = [], module.make_report

    def noted(*given: Any) -> Any:
        compared.append(given[3])
        return real(*given)

    monkeypatch.setattr(module, "make_report", noted)
    code, told, _ = refresh("--force")
    assert (code, compared) == (0, [first])
    # the made-up fits hold no model to compare, which keeps no report back and is told
    assert told["changed"][0].startswith(f"Not compared with fit {first}")


def test_another_project_file_or_a_lost_publication_is_a_change(folder: Path, world: dict[str, Any]) -> None:
    refresh()
    configure(folder, "workbook = false\n")
    assert [row["step"] for row in refresh()[1]["steps"]] == ["check", "fit", "validate", "plan", "report", "publish"]
    (folder / "reports" / "latest" / "report.html").unlink()
    assert refresh()[1]["status"] == "published"


def test_two_at_once_do_not_publish_over_each_other(folder: Path, world: dict[str, Any]) -> None:
    with FileLock(folder / ".refresh.lock"):
        code, told, _ = refresh()
    assert (code, told["error"]["id"]) == (1, "X091")
    assert world["taken"] == []


def test_a_dry_run_says_what_it_would_do_and_does_nothing(folder: Path, world: dict[str, Any]) -> None:
    code, told, _ = refresh("--dry-run")
    assert (code, told["status"]) == (0, "planned")
    assert [row["step"] for row in told["steps"]] == ORDER
    assert world["taken"] == []
    assert sorted(path.name for path in folder.iterdir()) == ["outlay.toml", "weekly.csv"]


def test_a_publication_goes_to_cloud_storage(folder: Path, world: dict[str, Any]) -> None:
    configure(folder, 'publish = "memory://outlay/daily"\n')
    told = refresh()[1]
    store = fsspec.filesystem("memory")
    assert told["published"][-1] == "memory://outlay/daily/refresh.json"
    assert json.loads(store.cat_file("/outlay/daily/refresh.json"))["fit"] == told["fit"]
    assert store.cat_file("/outlay/daily/report.html").startswith(b"<!doctype html>")
    assert refresh()[1]["status"] == "unchanged"
    store.rm("/outlay", recursive=True)


@pytest.mark.parametrize(
    ("section", "id"),
    [
        ('publish = "ftp://host/outlay"', "X092"),
        ('publish = "s3://key:secret@bucket/outlay"', "C014"),
        ('database = "mysql://host/db"', "X051"),
        ('database = "postgresql://ann:secret@host/db"', "C014"),
    ],
)
def test_what_could_not_be_published_is_refused_before_anything_is_done(
    folder: Path, world: dict[str, Any], section: str, id: str
) -> None:
    configure(folder, section)
    code, told, log = refresh()
    assert (code, told["error"]["id"]) == (2, id)
    assert world["taken"] == []
    assert "secret" not in log + json.dumps(told)


def test_a_database_that_takes_no_rows_is_found_before_the_work(folder: Path, world: dict[str, Any]) -> None:
    configure(folder, 'database = "postgresql://ann@127.0.0.1:1/mart?connect_timeout=2"\n')
    code, _, said = refresh()
    assert (code, world["taken"]) == (3, [])
    assert "D011" in said
    assert "nothing was begun" in said
    configure(folder)
    with duckdb.connect(str(folder / "results.db")) as database:
        database.execute("CREATE SCHEMA outlay; CREATE TABLE outlay.fact_roi (mine integer)")
    code, _, said = refresh()
    assert (code, world["taken"]) == (1, [])
    assert "X054" in said
    with duckdb.connect(str(folder / "results.db")) as database:  # what was tried was undone
        assert len(database.execute("SELECT table_name FROM information_schema.tables").fetchall()) == 1


def test_a_place_that_takes_nothing_keeps_what_it_had(
    folder: Path, world: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    refresh()
    before = publication(folder)

    def full(place: Path, content: bytes) -> None:
        if place.name == "workbook.xlsx":  # the report came before it
            raise OSError(28, "No space left on device")
        place.write_bytes(content)

    monkeypatch.setattr("cli.refresh_publish.atomic_write", full)
    code, told, log = refresh("--force")
    assert (code, told["error"]["id"]) == (1, "R008")
    assert "publish: failed (R008)" in log
    assert publication(folder) == before


def test_what_a_step_cannot_do_ends_the_refresh_with_its_own_code(
    folder: Path, world: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(step: Step, project: Path) -> Taken:
        raise OutlayError("the disk is full", id="X004")

    monkeypatch.setattr(module, "take", failing)
    code, told, log = refresh()
    assert (code, told["error"]["id"]) == (1, "X004")
    assert "check: failed (X004)" in log
    assert not (folder / "reports").exists()


def test_a_step_is_the_command_itself_and_its_document() -> None:
    found = take(Step("check", {}), ROOT / "examples" / "retailer" / "outlay.toml")
    assert found.passed
    assert len(found.document["channels"]) == 13  # ten paid and three organic
