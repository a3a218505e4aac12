"""``outlay attribute`` from the outside: help, tables, JSON, the run it writes, refusals, and its story."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from attribution.document_journeys import AttributeOutput
from cli.app import app
from outlay.runs import list_runs
from tests.attribution.touches import random_touches

GOLDEN = Path(__file__).parent / "golden"

PROJECT = """
[project]
name = "Shop"

[journeys]
source = "touches.csv"
user = "user"
time = "time"
channel = "channel"
conversion = "conversion"
value = "value"
segment = "segment"
order = 2
draws = 200

[journeys.spend]
c0 = 1000.0
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    frame = random_touches(1, 600)
    frame.assign(segment=frame["user"].str[-1].isin(list("01234")).map({True: "low", False: "high"})).to_csv(
        tmp_path / "touches.csv", index=False
    )
    (tmp_path / "outlay.toml").write_text(PROJECT, encoding="utf-8")
    return tmp_path


def attribute(project: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["attribute", "--project", str(project / "outlay.toml"), *words])


def test_help_is_what_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set OUTLAY_GOLDEN=write to accept a change, and read the difference before you commit it."""
    monkeypatch.setenv("COLUMNS", "80")
    said = CliRunner().invoke(app, ["attribute", "--help"], prog_name="outlay")
    text = "\n".join(line.rstrip() for line in said.stdout.splitlines()) + "\n"
    path = GOLDEN / "help-attribute.txt"
    if os.environ.get("OUTLAY_GOLDEN") == "write":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_tables_fit_eighty_columns(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    said = attribute(project)
    assert said.exit_code == 0, said.output
    assert max(len(line) for line in said.stdout.splitlines()) <= 80
    for words in ("Share of conversions by model", "Markov, order 1", "Cost of credited conversions"):
        assert words in said.stdout
    assert "does not say what would not have happened" in " ".join(said.stderr.split())


def test_the_document_says_what_the_run_holds(project: Path) -> None:
    said = attribute(project, "--json")
    document = AttributeOutput.model_validate(json.loads(said.stdout))
    (run,) = list_runs(project / "runs")
    assert (run.kind, run.id) == ("attribute", document.run)
    whole = [row for row in document.credits if row.segment is None and row.model == "linear"]
    assert sum(row.conversions or 0 for row in whole) == pytest.approx(document.conversions)
    assert {row.order for row in document.removal} == {1, 2}
    assert not document.over_credit
    only = json.loads(attribute(project, "--json", "--segment", "low").stdout)
    assert {row["segment"] for row in only["credits"]} == {"low"}


def test_the_same_seed_gives_the_same_tables(project: Path) -> None:
    attribute(project)
    attribute(project)
    first, second = list_runs(project / "runs")
    kept = [{name: file["sha256"] for name, file in run.manifest["files"].items()} for run in (first, second)]
    assert kept[0] == kept[1]


def test_a_rehearsal_writes_nothing(project: Path) -> None:
    said = attribute(project, "--dry-run")
    assert said.exit_code == 0
    assert "Nothing was written" in said.stderr
    assert not (project / "runs").exists()
    assert json.loads(attribute(project, "--dry-run", "--json").stdout)["run"] is None


def test_bad_touches_are_refused_with_their_lines(project: Path) -> None:
    table = project / "touches.csv"
    table.write_text(table.read_text().replace("c1,0,0.0", "c1,7,0.0", 1))
    said = attribute(project)
    assert said.exit_code == 3
    assert "J004" in said.stderr
    assert not (project / "runs").exists()


def test_an_unknown_segment_is_refused(project: Path) -> None:
    said = attribute(project, "--segment", "lou")
    assert said.exit_code == 2
    assert 'Did you mean "low"?' in " ".join(said.stderr.split())


def test_the_story_is_told_from_the_run_alone(project: Path) -> None:
    from cli.report.story_journeys import story

    attribute(project)
    (run,) = list_runs(project / "runs")
    (project / "touches.csv").unlink()
    told = story(run)
    assert told.run == run.id
    assert told.exhibits[0].chart is not None
    assert "not causal" in " ".join(told.certainty)
    assert all(exhibit.table is None or exhibit.table.rows for exhibit in told.exhibits)
