"""``outlay plan``: what it writes, what it prints, and that what is brought is judged by the same tables."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fakes import PAID, write_fit
from typer.testing import CliRunner

from cli.app import app
from outlay.runs import list_runs


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write_fit(tmp_path / "runs")
    return tmp_path


def plan(*words: str) -> dict[str, object]:
    said = CliRunner().invoke(app, ["plan", "--json", *words])
    assert said.exit_code == 0, said.stderr
    document: dict[str, object] = json.loads(said.stdout)
    return document


def test_a_plan_is_a_run_made_from_the_fit(project: Path) -> None:
    document = plan("--budget", "10000000")
    fit, run = list_runs(project / "runs")
    assert (run.kind, run.id, run.parents) == ("plan", document["run"], (fit.id,))
    assert run.json("allocation.json")["budget"] == 10_000_000
    # the budget is met to the cent
    assert round(float(run.table("allocation")["spend"].sum()), 2) == 10_000_000
    assert len(run.table("flighting")) == 13 * len(PAID)


def test_options_go_before_the_project_file(project: Path) -> None:
    Path("outlay.toml").write_text('[project]\nname = "x"\n[plan]\nperiods = 4\nbudget = 5000\n', encoding="utf-8")
    assert (plan("--dry-run")["periods"], plan("--dry-run")["budget"]) == (4, 5000)
    assert (plan("--dry-run", "--periods", "8")["periods"]) == 8
    assert plan("--dry-run", "--start", "2023-11-27")["start"] == "2023-11-27"
    run_id = plan()["run"]
    lock = next(run for run in list_runs(project / "runs") if run.id == run_id).file("config.lock.toml")
    assert "periods = 4" in lock.read_text(encoding="utf-8")


def test_dry_run_writes_nothing(project: Path) -> None:
    before = len(list_runs(project / "runs"))
    assert plan("--dry-run")["run"] is None
    assert len(list_runs(project / "runs")) == before


def test_a_brought_plan_is_judged(project: Path) -> None:
    best = plan("--dry-run", "--budget", "10000000")
    even = "\n".join(f"{name},1000000" for name in PAID)
    Path("mine.csv").write_text(f"channel,spend\n{even}\n", encoding="utf-8")
    mine = plan("--evaluate", "mine.csv", "--budget", "10000000")
    assert mine["evaluated"] is True
    assert [row["spend"] for row in mine["rows"]] == [1_000_000.0] * len(PAID)  # type: ignore[index, attr-defined]
    # the best plan of the same budget is known, and the brought one is not above it by more than chance
    assert mine["expected"] < best["upper_bound"]  # type: ignore[operator]
    said = CliRunner().invoke(app, ["plan", "--evaluate", "mine.csv", "--dry-run"]).stdout
    assert said.startswith("Your plan")


def test_a_brought_plan_that_breaks_rules_has_no_gap(project: Path) -> None:
    rule = f'[[plan.bounds]]\nchannel = "{PAID[0]}"\nmax = 1000\n'
    Path("outlay.toml").write_text(f'[project]\nname = "x"\n[plan]\n{rule}', encoding="utf-8")
    rows = "\n".join(f"{name},1000000" for name in PAID)
    Path("mine.csv").write_text(f"channel,spend\n{rows}\n", encoding="utf-8")
    mine = plan("--evaluate", "mine.csv")
    assert mine["broken_rules"]
    assert (mine["gap"], mine["upper_bound"]) == (None, None)
    assert mine["certificate"]["gap"] >= 0  # type: ignore[index, call-overload]
    out = CliRunner().invoke(app, ["plan", "--evaluate", "mine.csv", "--dry-run"]).stdout
    assert "Evaluated: it breaks" in out


def test_a_brought_plan_with_an_unknown_channel(project: Path) -> None:
    Path("mine.csv").write_text("channel,spend\ntvv,5\n", encoding="utf-8")
    said = CliRunner().invoke(app, ["plan", "--evaluate", "mine.csv"])
    assert said.exit_code == 2
    assert "P001" in said.stderr
    assert "tvv" in said.stderr


def test_the_table_says_what_a_planner_asks(project: Path) -> None:
    out = CliRunner().invoke(app, ["plan", "--dry-run"]).stdout
    for part in ("Recommended", "Change", "better with probability", "it is proven", "Assumed of the future", "total"):
        assert part in out
