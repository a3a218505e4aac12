"""Several scenarios: one run each, laid side by side, and what stands around a plan."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from fakes import PAID, write_fit
from typer.testing import CliRunner

from cli.app import app
from cli.outputs.registry import OUTPUTS
from outlay.runs import list_runs

PROJECT = '[project]\nname = "x"\nmargin = 0.4\n[plan]\nperiods = 4\nbudget = 5_000_000\nmax_change = 0.3\n'
LEAN = "budget = 4_000_000\n"
WEEKLY = 'timing = "free"\nmax_step = 0.5\nrisk = {measure = "cvar", level = 0.2}\n'


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write_fit(tmp_path / "runs")
    Path("outlay.toml").write_text(PROJECT, encoding="utf-8")
    Path("lean.toml").write_text(LEAN, encoding="utf-8")
    Path("weekly.toml").write_text(WEEKLY, encoding="utf-8")
    return tmp_path


def ask(*words: str, code: int = 0) -> Any:
    said = CliRunner().invoke(app, [*words, "--json"])
    assert said.exit_code == code, said.stderr
    return json.loads(said.stdout)


def test_a_scenario_goes_before_the_project_file_and_options_before_both(project: Path) -> None:
    found = ask("plan", "--dry-run", "--scenario", "lean.toml")
    assert (found["name"], found["budget"], found["periods"]) == ("lean", 4_000_000, 4)
    over = ask("plan", "--dry-run", "--scenario", "lean.toml", "--budget", "3000000")
    assert over["budget"] == 3_000_000


def test_scenarios_are_runs_that_can_be_compared_again(project: Path) -> None:
    found = ask("plan", "--scenario", "lean.toml", "weekly.toml")
    OUTPUTS["plan-scenarios"].model_validate(found)
    plans = [run for run in list_runs(project / "runs") if run.kind == "plan"]
    assert {plan["run"] for plan in found["plans"]} == {run.id for run in plans}
    assert [plan["name"] for plan in found["plans"]] == ["lean", "weekly"]
    # what was asked is kept, as the file had it and in full
    by_id = {run.id: run for run in plans}
    lean = by_id[found["plans"][0]["run"]]
    assert tomllib.loads(lean.file("scenario.toml").read_text(encoding="utf-8")) == {"budget": 4_000_000}
    assert lean.json("section.json")["max_change"] == 0.3
    again = ask("compare")
    OUTPUTS["compare"].model_validate(again)
    assert again == found["comparison"]
    named = ask("compare", *(row["run"] for row in reversed(again["rows"])))
    assert [row["name"] for row in named["rows"]] == ["weekly", "lean"]


def test_probabilities_of_a_pair_add_up(project: Path) -> None:
    found = ask("plan", "--dry-run", "--scenario", "lean.toml", "weekly.toml")["comparison"]
    odds = {(row["scenario"], row["than"]): row["probability"] for row in found["better"]}
    # each draw has one better plan, and equal ones count half for both
    assert odds["lean", "weekly"] + odds["weekly", "lean"] == pytest.approx(1.0)
    assert sum(row["p_best"] for row in found["rows"]) == pytest.approx(1.0)
    assert found["better_by"] == "profit"  # the project states a margin
    assert {row["risk"] for row in found["rows"]} == {"mean", "CVaR 20%"}
    assert sum(row["scenarios"]["lean"] for row in found["spend"]) == pytest.approx(4_000_000)


def test_without_scenarios_the_two_latest_plans_are_compared(project: Path) -> None:
    assert "two plans" in ask("compare", code=2)["error"]["what"]
    for budget in ("4000000", "5000000", "6000000"):
        ask("plan", "--budget", budget)
    rows = ask("compare")["rows"]
    assert [row["budget"] for row in rows] == [5_000_000, 6_000_000]
    assert len({row["name"] for row in rows}) == 2  # both are called "plan"; the end of the run's id tells them apart


def test_plans_of_different_totals_are_not_ranked_without_a_margin(project: Path) -> None:
    Path("outlay.toml").write_text(PROJECT.replace("margin = 0.4\n", ""), encoding="utf-8")
    Path("more.toml").write_text("budget = 6_000_000\n", encoding="utf-8")
    found = ask("plan", "--scenario", "lean.toml", "more.toml")["comparison"]
    OUTPUTS["compare"].model_validate(found)
    assert {row["probability"] for row in found["better"]} == {row["p_best"] for row in found["rows"]} == {None}
    said = CliRunner().invoke(app, ["compare"]).stdout
    assert "Which plan beats which: not compared: totals differ and no margin is known." in " ".join(said.split())
    assert "P(best of these)" not in said
    page = CliRunner().invoke(app, ["report", "--out", "page.html"])
    assert page.exit_code == 0, page.stderr
    text = Path("page.html").read_text(encoding="utf-8")
    assert "not compared: totals differ" in text
    assert "the plan of the row beats" not in text


def test_plans_of_different_windows_are_refused_before_any_is_kept(project: Path) -> None:
    Path("short.toml").write_text("periods = 3\n", encoding="utf-8")
    said = ask("plan", "--scenario", "lean.toml", "short.toml", code=2)["error"]
    assert (said["id"], "differ in periods" in said["what"]) == ("P087", True)
    assert len(list_runs(project / "runs")) == 1  # the fit


def test_a_target_out_of_reach_still_lets_a_plan_be_judged(project: Path) -> None:
    rows = "\n".join(f"{name},1000000" for name in PAID)
    Path("mine.csv").write_text(f"channel,spend\n{rows}\n", encoding="utf-8")
    Path("far.toml").write_text('\ufeffobjective = "target_roi"\ntarget = 900.0\nbudget_max = 20_000_000\n', "utf-8")
    asked = ("plan", "--scenario", "far.toml", "--evaluate", "mine.csv")
    mine = ask(*asked)
    OUTPUTS["plan"].model_validate(mine)
    assert (mine["certificate"], mine["gap"], mine["upper_bound"]) == (None, None, None)
    assert "misses the target" in CliRunner().invoke(app, [*asked, "--dry-run"]).stdout
    assert CliRunner().invoke(app, ["report", "--out", "page.html"]).exit_code == 0


def test_plans_of_two_fits_are_not_compared(project: Path) -> None:
    first = ask("plan")["run"]
    write_fit(project / "runs", units=True)
    second = ask("plan")["run"]
    said = ask("compare", first, second, code=2)["error"]
    assert (said["id"], "different fits" in said["what"]) == ("P087", True)


def test_the_terminal_has_them_side_by_side(project: Path) -> None:
    said = CliRunner().invoke(app, ["plan", "--dry-run", "--scenario", "lean.toml", "weekly.toml"]).stdout
    for part in ("side by side", "P(best of these)", "What differs", "weekly against lean", "CVaR 20%", "reference"):
        assert part in said


def test_a_weekly_plan_is_shown_week_by_week(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    said = CliRunner().invoke(app, ["plan", "--dry-run", "--scenario", "weekly.toml", "--periods", "13"]).stdout
    assert "Spend by week (USD" in said
    table = said.partition("Spend by week")[2].partition("Looks for")[0]
    assert max(len(line) for line in table.splitlines()) <= 80
    assert table.count("Channel") == 2  # 13 weeks do not fit 80 columns: two blocks of seven and six
    assert "comes from when the money is spent" in said
    assert "over the worst 20% of draws" in said


def test_every_period_is_in_the_document_and_adds_up(project: Path) -> None:
    rows = ask("plan", "--dry-run", "--scenario", "weekly.toml")["rows"]
    weeks = {name: [r["spend"] for r in rows if r["channel"] == name and r["period"] is not None] for name in PAID}
    totals = {row["channel"]: row["spend"] for row in rows if row["period"] is None}
    assert {len(each) for each in weeks.values()} == {4}
    assert {name: round(sum(each), 2) for name, each in weeks.items()} == totals


def test_what_stands_around_a_plan(project: Path) -> None:
    found = ask("plan", "--sweep", "--frontier", "--sensitivity", "--points", "3")
    budgets = [row["budget"] for row in found["sweep"]["rows"]]
    assert budgets == [2_500_000, 5_000_000, 7_500_000]
    assert found["sweep"]["hurdle"] == pytest.approx(2.5)  # one over the margin
    assert [row["weight"] for row in found["frontier"]["rows"]] == [0.0, 0.5, 1.0]
    assert {len(row["spend"]) for row in found["frontier"]["spend"]} == {3}
    assert [row["channel"] for row in found["sensitivity"]["channels"]] == list(PAID)
    run = next(run for run in list_runs(project / "runs") if run.kind == "plan")
    assert run.table("sweep")["budget"].tolist() == budgets
    assert run.json("allocation.json")["sweep"] == found["sweep"]
    said = CliRunner().invoke(app, ["plan", "--dry-run", "--sweep", "--frontier", "--sensitivity", "--points", "3"])
    for part in ("Other totals", "From the best mean to the best worst draws", "leans on each channel's return"):
        assert part in said.stdout


@pytest.mark.parametrize(
    "words, told",
    [
        (["lean.toml"], "write --scenario"),
        (["--sweep", "--evaluate", "mine.csv"], "--evaluate judges"),
        (["--sweep", "--scenario", "lean.toml", "weekly.toml"], "one plan"),
        (["--points", "3"], "--sweep or --frontier"),
        (["--scenario", "lean.toml", "lean.toml"], "called lean"),
        (["--objective", "target_roi"], "needs target"),
        (["--objective", "target_kpi", "--target", "5", "--budget", "7"], "budget"),
    ],
)
def test_options_that_exclude_each_other(project: Path, words: list[str], told: str) -> None:
    said = ask("plan", *words, code=2)["error"]
    assert said["id"] == "X007"
    assert told in said["what"]


def test_an_objective_replaces_that_of_the_file(project: Path) -> None:
    Path("lean.toml").write_text('objective = "target_roi"\ntarget = 1.5\nbudget_max = 9_000_000\n', encoding="utf-8")
    found = ask("plan", "--dry-run", "--scenario", "lean.toml", "--objective", "profit")
    assert found["objective"] == "profit"
    assert found["total_is_free"] is True


def test_a_scenario_that_cannot_be_read(project: Path) -> None:
    Path("bad.toml").write_text("budgett = 3\n", encoding="utf-8")
    said = ask("plan", "--scenario", "bad.toml", code=2)["error"]
    assert (said["id"], said["where"]) == ("P086", "bad.toml")
    assert ask("plan", "--scenario", "none.toml", code=2)["error"]["id"] == "P086"


def test_conflicting_rules_are_listed_with_the_least_repair(project: Path) -> None:
    Path("tight.toml").write_text(
        f'[[groups]]\nchannels = ["{PAID[5]}", "{PAID[9]}"]\nmin_share = 0.9\n', encoding="utf-8"
    )
    said = CliRunner().invoke(app, ["plan", "--scenario", "tight.toml"])
    assert said.exit_code == 5
    assert said.stderr.startswith("error P0")
    assert "tight.toml, [" in said.stderr
    assert "90 %" in said.stderr
    assert "->" in said.stderr
    assert len(list_runs(project / "runs")) == 1  # the fit; a call keeps all of its plans or none


def test_a_conflict_that_no_sum_shows_is_a_list_with_a_repair(project: Path) -> None:
    # nothing in the first week and then steps of a tenth of the mean week: no sum shows that the second cannot be large
    week = f'[[bounds]]\nchannel = "{PAID[5]}"\nfirst = 2023-11-{{}}\nlast = 2023-11-{{}}\n'
    Path("steps.toml").write_text(
        'timing = "free"\nmax_step = 0.1\n'
        + week.format(20, 26)
        + "max = 0\n"
        + week.format(27, 30)
        + "min = 200_000\n",
        encoding="utf-8",
    )
    said = CliRunner().invoke(app, ["plan", "--scenario", "steps.toml"])
    assert said.exit_code == 5, said.stderr
    assert said.stderr.startswith("error P007: steps.toml, [plan]: these rules cannot all hold:\n  - ")
    assert said.stderr.count("\n  - ") >= 3  # the two weeks and the steps
    assert "least change that would do" in said.stderr
