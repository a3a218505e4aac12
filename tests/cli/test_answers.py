"""Windows, groups and what-ifs of ``outlay roi``, and ``outlay forecast``: what they print, keep and refuse."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from fakes import write_fit
from kept import fitted_of, keep_fit
from typer.testing import CliRunner

from cli.app import app
from cli.outputs.registry import OUTPUTS
from outlay.runs import list_runs

SCORED = ("2022-02-14", "2023-02-20")  # 60 weeks from 2022-01-03, of which six warm up


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project folder with the fit of a panel of three groups."""
    folder = tmp_path_factory.mktemp("kept")
    keep_fit(folder / "runs")
    return folder


@pytest.fixture
def project(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(home)
    monkeypatch.setenv("COLUMNS", "160")
    return home


def document(name: str, *words: str) -> dict[str, Any]:
    said = CliRunner().invoke(app, [name, *words, "--json"])
    assert said.exit_code == 0, said.stderr
    found: dict[str, Any] = json.loads(said.stdout)
    OUTPUTS[name].model_validate(found)
    return found


def test_the_kept_tables_and_the_posterior_say_the_same(project: Path) -> None:
    """Without a window the tables of the run are read; with the whole window the posterior is asked."""
    kept, asked = document("roi"), document("roi", "--from", SCORED[0], "--to", SCORED[1])
    assert (kept["window_start"], kept["window_end"]) == SCORED
    assert len(kept["rows"]) == len(asked["rows"]) == (5 + 1) * 4  # five channels and a lever; three groups and all
    for before, after in zip(kept["rows"], asked["rows"], strict=True):
        assert before["contribution_mean"] == pytest.approx(after["contribution_mean"], rel=1e-9)
    for before, after in zip(kept["waterfall"], asked["waterfall"], strict=True):
        assert (before["component"], before["end"]) == (after["component"], pytest.approx(after["end"], rel=1e-9))


def test_a_window_of_a_group(project: Path) -> None:
    found = document("roi", "--from", "2022-06-01", "--to", "2022-08-31", "--group", "north")
    assert (found["window_start"], found["window_end"]) == ("2022-05-30", "2022-08-29")
    assert (found["scored_start"], found["scored_end"]) == SCORED
    assert {row["group"] for row in found["rows"]} == {"north"}
    table = fitted_of("panel").roi("2022-06-01", "2022-08-31", "north").set_index("channel")
    tv = next(row for row in found["rows"] if row["channel"] == "tv")
    assert tv["roi_mean"] == pytest.approx(table.loc["tv", "roi_mean"], rel=1e-9)
    assert tv["immediate_mean"] + tv["carried_mean"] == pytest.approx(tv["contribution_mean"], rel=1e-9)
    assert next(row for row in found["rows"] if row["kind"] == "lever")["roi_mean"] is None  # it names no cost


def test_a_window_outside_names_the_scored_span(project: Path) -> None:
    said = CliRunner().invoke(app, ["roi", "--from", "2022-01-03", "--to", "2022-08-31"])
    assert said.exit_code == 2
    assert "M020" in said.stderr
    assert " to ".join(SCORED) in said.stderr.replace("\n", " ").replace("  ", " ")


def test_a_misspelt_group_and_channel_are_told_the_right_one(project: Path) -> None:
    said = CliRunner().invoke(app, ["roi", "--group", "nort"])
    assert (said.exit_code, "north" in said.stderr) == (2, True)
    said = CliRunner().invoke(app, ["roi", "--off", "serch"])
    assert (said.exit_code, "search" in said.stderr) == (2, True)


@pytest.mark.parametrize("words", [["--scale", "tv"], ["--scale", "tv=half"], ["--off", "tv", "--scale", "tv=0.5"]])
def test_a_factor_that_is_none_is_refused(project: Path, words: list[str]) -> None:
    said = CliRunner().invoke(app, ["roi", *words])
    assert said.exit_code == 2
    assert "M022" in said.stderr


def test_what_if_is_printed_and_a_document(project: Path) -> None:
    found = document("roi", "--off", "tv,search", "--scale", "radio=0.5")
    whole = [row for row in found["what_if"] if row["group"] is None]
    assert [row["change"] for row in whole] == ["together", "tv", "search", "radio", "interaction"]
    assert [row["factor"] for row in whole] == [None, 0, 0, 0.5, None]
    out = CliRunner().invoke(app, ["roi", "--off", "tv,search", "--scale", "radio=0.5", "--group", "east"]).stdout
    for part in ("What if in east", "tv off", "search off", "radio x 0.5", "together"):
        assert part in out


def test_the_waterfall_is_printed_to_the_actual_outcome(project: Path) -> None:
    out = CliRunner().invoke(app, ["roi", "--waterfall"]).stdout
    lines = [line.split()[0] for line in out.splitlines() if line.strip()]
    for part in ("base", "season", "tv", "fitted", "residual", "actual"):
        assert part in lines


def test_a_forecast_is_a_run_made_from_the_fit(project: Path) -> None:
    found = document("forecast", "--periods", "4", "--goal", "1000000")
    fit, run = list_runs(project / "runs")[0], list_runs(project / "runs")[-1]
    assert (run.kind, run.id, run.parents) == ("forecast", found["run"], (fit.id,))
    assert (found["periods"], found["start"], found["end"]) == (4, "2023-02-27", "2023-03-20")
    assert len(run.table("forecast")) == 4 * 4
    total = found["total"]
    assert total["baseline_mean"] + total["media_mean"] == pytest.approx(total["expected_mean"], rel=1e-9)
    assert found["p_goal"] == total["p_goal"]
    assert run.json("forecast.json")["total"] == total


def test_a_forecast_prints_its_assumptions(project: Path) -> None:
    out = CliRunner().invoke(app, ["forecast", "--dry-run", "--periods", "3", "--goal", "1e15"]).stdout
    for part in ("Forecast of", "Baseline", "Media", "Assumed of the future", "Spend:", "independent", "below 1%"):
        assert part in out
    before = len(list_runs(project / "runs"))
    CliRunner().invoke(app, ["forecast", "--dry-run"])
    assert len(list_runs(project / "runs")) == before


def test_a_forecast_of_a_plan_file_leaves_nothing_open(project: Path) -> None:
    dates = pd.date_range("2023-02-27", periods=3, freq="7D").strftime("%Y-%m-%d")
    rows = [f"{date},{name},1000" for date in dates for name in ("tv", "search", "radio", "social")]
    Path("plan.csv").write_text("\n".join(["date,channel,spend", *rows]) + "\n", encoding="utf-8")
    found = document("forecast", "--plan", "plan.csv", "--dry-run")
    assert (found["periods"], found["total"]["spend"]) == (3, pytest.approx(12_000))
    assert any("split over them" in line for line in found["assumptions"])
    Path("plan.csv").write_text("\n".join(["date,channel,spend", *rows[:-1]]) + "\n", encoding="utf-8")
    said = CliRunner().invoke(app, ["forecast", "--plan", "plan.csv"])
    assert said.exit_code == 2
    assert "M023" in said.stderr
    assert "social" in said.stderr


def test_a_forecast_of_a_plan_run_has_its_spend(project: Path) -> None:
    made = CliRunner().invoke(app, ["plan", "--budget", "500000", "--periods", "5", "--json"])
    assert made.exit_code == 0, made.stderr
    found = document("forecast", "--plan", json.loads(made.stdout)["run"], "--dry-run")
    assert found["periods"] == 5
    assert found["total"]["spend"] == pytest.approx(500_000, abs=1.0)  # to the cent in every cell


def test_an_untrusted_fit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    keep_fit(tmp_path / "runs", "bare", trusted=False)
    assert CliRunner().invoke(app, ["forecast"]).exit_code == 4
    said = CliRunner().invoke(app, ["forecast", "--force", "--dry-run", "--periods", "2"])
    assert said.exit_code == 0
    assert "DID NOT PASS THE TRUST GATE" in said.stdout


def test_tables_of_an_older_run_are_enough_for_the_whole_window(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run without a waterfall says so; its ROI table is read as ever."""
    monkeypatch.chdir(tmp_path)
    write_fit(tmp_path / "runs")
    assert document("roi")["waterfall"] == []
    said = CliRunner().invoke(app, ["roi", "--waterfall"])
    assert "older version" in said.stderr
