"""From a run of segments to what is made from leads: one segment everywhere, its run a parent, newer ones told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner

from cli.app import app
from cli.report import stories
from outlay.labels import LABEL_KINDS
from outlay.runs import Run, list_runs
from tests.attribution.carded import leads
from tests.labelled import segment_run

PROJECT = """
[project]
name = "B2B"
currency = "EUR"

[leads]
source = "leads.parquet"
id = "lead"
date = "created"
stages = ["mql", "sqo", "won"]
region = "region"
value = "amount"

[leads.labels]
customer = "account_id"

[score]
classifier = "logistic"
"""


def table() -> pd.DataFrame:
    frame = leads(1500)
    rank = frame.groupby("segment").cumcount() % 20
    accounts = frame["segment"] + "-" + rank.astype(str)
    return frame.assign(account_id=accounts, lead=[f"L{k}" for k in range(len(frame))]).drop(columns=["part", "area"])


def labels(frame: pd.DataFrame) -> dict[str, str]:
    return {name: f"Segment {name.split('-')[0]}" for name in frame["account_id"].unique()}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    frame = table()
    frame.drop(columns="segment").to_parquet(tmp_path / "leads.parquet", index=False)
    (tmp_path / "outlay.toml").write_text(PROJECT, encoding="utf-8")
    return tmp_path


def call(*words: str) -> Any:
    said = CliRunner().invoke(app, [*words, "--json"])
    assert said.exit_code == 0, said.stderr
    return json.loads(said.stdout)


def latest(folder: Path) -> Run:
    return list_runs(folder / "runs")[-1]


def test_labels_flow_into_what_is_made_of_leads(project: Path) -> None:
    made = segment_run(project, labels(table()))
    names = {"Segment large", "Segment small"}
    facts = {row["label"]: row["text"] for row in call("check")["sections"][0]["facts"]}
    assert facts["Segment"] == "2: Segment large, Segment small"
    assert made.id in facts["Labels"]

    call("convert", "--preview")
    assert latest(project).parents == (made.id,)
    assert names <= set(latest(project).table("rates")["level"])

    call("scorecard")
    assert latest(project).parents == (made.id,)

    call("score")
    assert latest(project).parents == (made.id,)
    assert set(latest(project).table("scores")["segment"]) == names
    # the id of a customer is no feature, its segment is
    assert latest(project).json("score")["features"] == ["made_by", "region", "segment of account_id"]


def test_newer_segments_make_a_story_stale(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in LABEL_KINDS:  # the runs of segments are made by hand and hold labels alone: they have no story
        monkeypatch.delitem(stories.MODULES, kind, raising=False)
    first = segment_run(project, labels(table()))
    call("scorecard")
    assert call("report")["stories"][-1]["stale"] == []
    # A re-assignment says who is in which segment as much as a refit does.
    newer = segment_run(project, labels(table()), kind="segment_assign")
    [told] = [row for row in call("report")["stories"] if row["kind"] == "scorecard"]
    assert told["stale"] == [f"It was made from {first.id}, and there is a newer segment_assign run ({newer.id})."]
    call("scorecard")
    [told] = [row for row in call("report")["stories"] if row["kind"] == "scorecard"]
    assert told["stale"] == []


def test_without_a_run_every_command_asks_for_one(project: Path) -> None:
    # a first look at the data needs no segments; what is made of leads by segment does
    looked = CliRunner().invoke(app, ["check"])
    assert looked.exit_code == 0
    assert "L054" in looked.stderr
    for words in (["convert", "--preview"], ["scorecard"], ["score"]):
        said = CliRunner().invoke(app, words)
        assert said.exit_code == 2
        assert "C023" in said.stderr
        assert "outlay segment" in said.stderr
    assert not list_runs(project / "runs")


def test_nobody_found_writes_nothing(project: Path) -> None:
    segment_run(project, {"nobody": "none"})
    said = CliRunner().invoke(app, ["scorecard"])
    assert said.exit_code == 3
    assert "L051" in said.stderr
    assert [run.kind for run in list_runs(project / "runs")] == ["segment"]
