"""``outlay refresh``: the order of the work, the gate before publishing, and nothing done where nothing changed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
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


def test_another_project_file_or_a_lost_publication_is_a_change(folder: Path, world: dict[str, Any]) -> None:
    refresh()
    configure(folder, "workbook = false\n")
    assert [row["step"] for row in refresh()[1]["steps"]] == ["check", "fit", "validate", "plan", "report", "publish"]
    shutil.rmtree(folder / "reports")
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


def test_what_a_step_cannot_do_ends_the_refresh_with_its_own_code(
    folder: Path, world: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(step: Step, project: Path) -> Taken:
        raise OutlayError("the disk is full", id="X004")

    monkeypatch.setattr(module, "take", failing)
    code, told, _ = refresh()
    assert (code, told["error"]["id"]) == (1, "X004")
    assert not (folder / "reports").exists()


def test_a_step_is_the_command_itself_and_its_document() -> None:
    found = take(Step("check", {}), ROOT / "examples" / "retailer" / "outlay.toml")
    assert found.passed
    assert len(found.document["channels"]) == 13  # ten paid and three organic
