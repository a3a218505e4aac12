"""``outlay convert``: tables at 80 columns, JSON of the schema, previews that nothing else reads, exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from attribution.conversion_run import latest_conversion
from attribution.shown import rates_between
from cli.app import app
from cli.conversion import output_of
from cli.outputs.registry import OUTPUTS
from cli.report.story_conversion import story
from outlay.errors import RunError
from outlay.runs import list_runs

PROJECT = """
[project]
name = "B2B"
currency = "EUR"

[leads]
source = "leads.parquet"
date = "created"
stages = ["mql", "sqo", "won"]
segment = "segment"
channel = "channel"
region = "region"
value = "amount"
as_of = 2026-06-30
maturity_days = 0

[leads.outcomes]
column = "action"
missed = { demo = 200 }
wasted = 20

[leads.sampling]
draws = 700
tune = 300
"""


def leads(n: int = 6000) -> pd.DataFrame:
    rng = np.random.default_rng(8)
    segment, channel = rng.integers(0, 3, n), rng.integers(0, 3, n)
    sqo = rng.random(n) < 0.15 + 0.1 * segment + 0.05 * channel
    won = sqo & (rng.random(n) < 0.3)
    return pd.DataFrame(
        {
            "created": pd.Timestamp("2025-07-01") + pd.to_timedelta(rng.integers(0, 360, n), "D"),
            "mql": 1,
            "sqo": sqo.astype(int),
            "won": won.astype(int),
            "segment": np.array(["large", "middle", "small"])[segment],
            "channel": np.array(["search", "social", "[events]"])[channel],  # brackets are no markup
            "region": np.array(["east", "west"])[rng.integers(0, 2, n)],
            "amount": np.where(won, np.exp(rng.normal(9 - segment, 0.6)), np.nan),
            "action": np.where(rng.random(n) < 0.1, "demo", "none"),
        }
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("convert")
    leads().to_parquet(made / "leads.parquet", index=False)
    (made / "outlay.toml").write_text(PROJECT, encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def said(folder: Path) -> str:
    result = CliRunner().invoke(app, ["convert", "--project", str(folder / "outlay.toml")], env={"COLUMNS": "80"})
    assert result.exit_code == 0, result.output
    return result.stdout


def test_tables_fit_a_terminal(said: str) -> None:
    assert max(len(line) for line in said.splitlines()) <= 80
    for title in ("Conversion by segment", "What a lead is worth, by segment", "By channel", "What drives conversion"):
        assert title in said
    assert "[events]" in said
    assert "PREVIEW" not in said


def test_what_to_do_is_told(said: str) -> None:
    assert "Pays from a probability of" in said
    assert "9.1%" in said  # 20 / (200 + 20)


def test_json_is_that_of_the_schema(folder: Path, said: str) -> None:
    run = list_runs(folder / "runs")[-1]
    document = output_of(run).document()
    text = json.dumps(document, allow_nan=False)
    again = OUTPUTS["convert"].model_validate_json(text)
    assert again.document() == document
    assert document["trusted"] is True
    assert {row["stage"] for row in document["rates"]} == {"sqo", "won", "end to end"}
    assert {row["class"] for row in document["classes"]} == {"demo", "none"}
    for row in document["rates"]:
        assert row["low"] <= row["mean"] <= row["high"]


def test_a_preview_is_marked_everywhere_and_read_by_nobody(folder: Path, said: str) -> None:
    project = str(folder / "outlay.toml")
    result = CliRunner().invoke(app, ["convert", "--preview", "--project", project], env={"COLUMNS": "80"})
    assert result.exit_code == 0, result.output
    titles = [
        line for line in result.stdout.splitlines() if line.startswith(("Conversion", "What a lead", "By channel"))
    ]
    assert len(titles) == 3
    assert all("PREVIEW" in title for title in titles)
    assert "V009" in result.stderr
    runs = list_runs(folder / "runs")
    assert runs[-1].kind == "convert_preview"
    assert "PREVIEW" in story(runs[-1]).title
    run, fitted = latest_conversion(folder / "runs")
    assert run.kind == "convert"
    assert not fitted.is_preview
    with pytest.raises(RunError):
        latest_conversion(folder / "runs", runs[-1].id)
    _, forced = latest_conversion(folder / "runs", runs[-1].id, force=True)
    assert forced.is_preview


def test_the_story_tells_numbers_with_intervals(folder: Path, said: str) -> None:
    run = next(run for run in list_runs(folder / "runs") if run.kind == "convert")
    told = story(run)
    assert told.run == run.id
    titles = [exhibit.title for exhibit in told.exhibits]
    assert titles[0] == "Conversion by segment"
    assert "What pooling did to segments and channels" in titles
    assert any("end to end" in line and " to " in line for line in told.learned)
    assert len(told.tiles) == 2


def test_a_dry_run_writes_nothing(folder: Path, said: str) -> None:
    before = sorted((folder / "runs").iterdir())
    result = CliRunner().invoke(app, ["convert", "--dry-run", "--project", str(folder / "outlay.toml")])
    assert result.exit_code == 0
    assert "Nothing was written" in result.stderr
    assert sorted((folder / "runs").iterdir()) == before


def test_a_posterior_that_fails_the_gate_is_exit_4(folder: Path, tmp_path: Path) -> None:
    leads(500).to_parquet(tmp_path / "leads.parquet", index=False)
    short = PROJECT.replace("draws = 700", "draws = 10").replace("tune = 300", "tune = 20")
    (tmp_path / "outlay.toml").write_text(short, encoding="utf-8")
    result = CliRunner().invoke(app, ["convert", "--project", str(tmp_path / "outlay.toml")])
    assert result.exit_code == 4
    assert "V010" in result.stderr
    assert [run.kind for run in list_runs(tmp_path / "runs")] == ["convert"]


def test_bad_leads_are_exit_3_and_leave_no_run(tmp_path: Path) -> None:
    bad = leads(500)
    bad["sqo"] = 7
    bad.to_parquet(tmp_path / "leads.parquet", index=False)
    (tmp_path / "outlay.toml").write_text(PROJECT, encoding="utf-8")
    result = CliRunner().invoke(app, ["convert", "--project", str(tmp_path / "outlay.toml")])
    assert result.exit_code == 3
    assert not (tmp_path / "runs").exists() or not list_runs(tmp_path / "runs")


def test_intervals_of_rates_are_short() -> None:
    assert rates_between(0.132, 0.15) == "13.2 to 15.0%"
    assert rates_between(0.0012, 0.0056) == "0.12 to 0.56%"
    assert rates_between(None, 0.5) == "n/a"
