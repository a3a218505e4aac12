"""``outlay score`` from the project file to the terminal, the run, the JSON document and the report's section."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from attribution.document_scores import ScoreOutput
from cli.app import app
from outlay.runs import list_runs

PROJECT = """
[project]
name = "scores"

[leads]
source = "leads.csv"
id = "lead"
date = "created"
stages = ["mql", "sqo", "won"]
segment = "segment"
channel = "channel"
value = "amount"
score = "rules"
as_of = 2025-06-30
maturity_days = 30

[score]
classifier = "logistic"
hours = {hours}
hours_per_lead = 2
cost_missed = 90
cost_wasted = 10
event = 2025-04-10
event_name = "the launch"
reasons = 6
"""


def folder_of(path: Path, more: str = "", hours: str = "30", **columns: object) -> Path:
    """A project of 3,000 leads over a year."""
    rng = np.random.default_rng(1)
    n = 3000
    created = pd.Timestamp("2024-07-01") + pd.to_timedelta(np.sort(rng.integers(0, 364, n)), unit="D")
    visits = rng.poisson(3, n)
    p = 1 / (1 + np.exp(2.4 - 0.5 * visits))
    sqo = created + pd.to_timedelta(rng.integers(1, 29, n), unit="D")
    sqo = sqo.where((rng.random(n) < p) & (sqo <= pd.Timestamp("2025-06-30")))
    won = (sqo + pd.Timedelta(days=10)).where(rng.random(n) < 0.3)
    won = won.where(won <= pd.Timestamp("2025-06-30"))
    frame = pd.DataFrame(
        {
            "lead": [f"L{i}" for i in range(n)],
            "created": created,
            "mql": created,
            "sqo": sqo,
            "won": won,
            "amount": np.where(won.notna(), 1000.0, np.nan),
            "segment": rng.choice(["small", "large"], n),
            "channel": rng.choice(["search", "social"], n),
            "rules": np.round(visits + rng.normal(0, 2, n)),
            "visits": visits,
        }
    ).assign(**columns)
    frame.to_csv(path / "leads.csv", index=False, date_format="%Y-%m-%d")
    project = path / "outlay.toml"
    project.write_text(PROJECT.replace("{hours}", hours) + more, encoding="utf-8")
    return project


def run(project: Path, *words: str, width: int = 80) -> object:
    return CliRunner(env={"COLUMNS": str(width)}).invoke(app, ["score", "--project", str(project), *words])


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, object]:
    project = folder_of(tmp_path_factory.mktemp("score"))
    return project, run(project, "--csv", str(project.parent / "open.csv"))


def test_the_tables_fit_the_terminal(made: tuple[Path, object]) -> None:
    said = made[1]
    assert said.exit_code == 0, said.output  # type: ignore[attr-defined]
    out = said.stdout  # type: ignore[attr-defined]
    assert max(map(len, out.splitlines())) <= 80
    for title in ("What the grades would have caught", "By month of creation", "Drift", "hours of a week", "best open"):
        assert title in out
    assert "raises it (odds x" in out


def test_the_run_keeps_tables_and_no_classifier(made: tuple[Path, object]) -> None:
    (kept,) = list_runs(made[0].parent / "runs")
    assert kept.kind == "score"
    assert set(kept.manifest["inputs"]) == {"project", "leads"}
    names = set(kept.manifest["files"])
    assert {"tables/scores.parquet", "tables/captures.parquet", "score.json", "findings.json"} <= names
    assert all(name.endswith((".parquet", ".json", ".toml")) for name in names)
    scores = kept.table("scores")
    # 30 hours at two a lead
    assert scores["handed"].sum() == 15
    assert set(scores["set"]) == {"open", "test"}
    # the best in worth of an hour are handed over, and nobody who is there already
    assert not scores.loc[scores["handed"], "reached"].any()


def test_the_csv_file_holds_the_open_leads(made: tuple[Path, object]) -> None:
    written = pd.read_csv(made[0].parent / "open.csv")
    assert (written["set"] == "open").all()
    assert written["rank"].tolist() == list(range(1, len(written) + 1))


def test_the_story_tells_before_and_after_the_event(made: tuple[Path, object]) -> None:
    from cli.report.story_scores import story

    (kept,) = list_runs(made[0].parent / "runs")
    told = story(kept)
    assert told.id == "scores"
    said = " ".join(told.text)
    assert all(part in said for part in ("The event is the launch, on 2025-04-10.", "Before the event", "no proof"))
    titles = [exhibit.title for exhibit in told.exhibits]
    assert titles[:3] == ["What the grades would have caught", "Month by month", "Do the probabilities come true?"]
    assert all(exhibit.chart is not None for exhibit in told.exhibits[:3])
    assert "rules" in told.learned[0]


def test_the_document_is_what_the_schema_says(made: tuple[Path, object]) -> None:
    said = run(made[0], "--json", "--dry-run")
    assert said.exit_code == 0  # type: ignore[attr-defined]
    found = ScoreOutput.model_validate(json.loads(said.stdout))  # type: ignore[attr-defined]
    assert found.run is None
    assert found.threshold == pytest.approx(0.1)
    assert len(found.leads) == 6
    assert {row.by for row in found.captures} == {"score", "rules"}


def test_a_rehearsal_writes_nothing(tmp_path: Path) -> None:
    said = run(folder_of(tmp_path), "--dry-run")
    assert said.exit_code == 0  # type: ignore[attr-defined]
    assert not (tmp_path / "runs").exists()


def test_a_column_that_leaks_stops_the_work(tmp_path: Path) -> None:
    # the days from the lead to the opportunity are known only for those that became one
    said = run(folder_of(tmp_path, days_to_sqo=lambda f: (pd.to_datetime(f["sqo"]) - f["created"]).dt.days))
    assert said.exit_code == 3  # type: ignore[attr-defined]
    assert "days_to_sqo" in said.output  # type: ignore[attr-defined]
    assert "[score] exclude" in " ".join(said.output.split())  # type: ignore[attr-defined]
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        ('stage = "sold"', 2, "no stage"),
        ('exclude = ["visit"]', 2, "no column"),
        ('features = ["won"]', 3, "S021"),
        ("test_from = 2030-01-01", 3, "S009"),
    ],
)
def test_what_cannot_be_is_refused(tmp_path: Path, line: str, code: int, words: str) -> None:
    said = run(folder_of(tmp_path, more=line))
    assert said.exit_code == code  # type: ignore[attr-defined]
    assert words in said.output  # type: ignore[attr-defined]


def test_hours_by_segment(tmp_path: Path) -> None:
    said = run(folder_of(tmp_path, hours="{ small = 10.0 }"), "--json", "--dry-run")
    found = ScoreOutput.model_validate(json.loads(said.stdout))  # type: ignore[attr-defined]
    assert [(row.segment, row.handed) for row in found.capacity] == [("small", 5)]
    assert "S018" in {row.id for row in found.findings}


def test_an_outcome_of_several_classes(tmp_path: Path) -> None:
    action = np.random.default_rng(2).choice(["none", "trial", "buy"], 3000, p=[0.8, 0.15, 0.05])
    more = 'outcome = "action"\n[score.costs]\nbuy = { none = 20.0, trial = 5.0 }\n'
    said = run(folder_of(tmp_path, more=more, action=action))
    assert said.exit_code == 0, said.output  # type: ignore[attr-defined]
    assert "Predicted beside observed, by class" in said.stdout  # type: ignore[attr-defined]
    assert "least expected cost" in said.stdout  # type: ignore[attr-defined]
