"""``outlay check`` of a whole project: every section that names data, with or without [media]."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from cli.app import app
from tests.attribution.leads_made import as_arrow, leads

PROJECT = '[project]\nname = "b2b"\ncurrency = "EUR"\n'
LEADS = """
[leads]
source = "leads.parquet"
id = "lead"
date = "created"
stages = ["mql", "sqo", "won"]
segment = "segment"
channel = "channel"
value = "amount"
"""
MEDIA = """
[media]
source = "weekly.csv"
date = "week"
kpi = "mqls"
kpi_type = "units"

[[media.channels]]
name = "search"
spend = "search_spend"
"""


def check(folder: Path, text: str, frame: pd.DataFrame, *words: str) -> Result:
    (folder / "outlay.toml").write_text(PROJECT + text, encoding="utf-8")
    frame.to_parquet(folder / "leads.parquet")
    weeks = pd.date_range("2024-01-01", periods=60, freq="7D")
    weekly = pd.DataFrame({"week": weeks, "mqls": range(10, 70), "search_spend": [100.0, 250.0, 300.0] * 20})
    weekly.to_csv(folder / "weekly.csv", index=False)
    return CliRunner().invoke(app, ["check", "--project", str(folder / "outlay.toml"), *words])


def test_leads_alone_are_a_project(tmp_path: Path) -> None:
    said = check(tmp_path, LEADS, as_arrow(leads()), "--json")
    assert said.exit_code == 0, said.output
    document = json.loads(said.stdout)
    assert document["source"] is None
    assert document["rows"] is None
    assert document["channels"] == []
    assert document["currency"] == "EUR"
    (section,) = document["sections"]
    assert (section["section"], section["source"]) == ("leads", "leads.parquet")
    facts = {fact["label"]: fact["text"] for fact in section["facts"]}
    assert facts["Leads"].startswith("600, created 2024-01-0")
    assert facts["Segment"] == "3: enterprise, public, small"
    assert section["findings"] == document["findings"]
    assert {"L011", "L030", "L033"} == {finding["id"] for finding in document["findings"]}


def test_media_keep_their_fields_and_become_a_section_too(tmp_path: Path) -> None:
    said = check(tmp_path, MEDIA + LEADS, as_arrow(leads()), "--json")
    assert said.exit_code == 0, said.output
    document = json.loads(said.stdout)
    assert (document["source"], document["rows"], document["kpi"]) == ("weekly.csv", 60, "mqls")
    assert [section["section"] for section in document["sections"]] == ["media", "leads"]
    own = [finding["id"] for section in document["sections"] for finding in section["findings"]]
    assert own == [finding["id"] for finding in document["findings"]]


def test_the_text_shows_both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    said = check(tmp_path, MEDIA + LEADS, as_arrow(leads()))
    assert said.exit_code == 0, said.output
    assert "KPI      mqls" in said.stdout
    assert "[leads]  leads.parquet" in said.stdout
    assert max(len(line) for line in said.stdout.splitlines()) <= 80


def test_the_errors_of_all_sections_are_told_together(tmp_path: Path) -> None:
    frame = as_arrow(leads())
    frame.loc[3, "amount"] = -1.0
    said = check(tmp_path, MEDIA.replace("mqls", "visits") + LEADS, frame, "--json")
    assert said.exit_code == 3
    ids = {finding["id"] for finding in json.loads(said.stdout)["error"]["findings"] if finding["severity"] == "error"}
    assert ids == {"D006", "L006"}


def test_a_project_without_data_is_told_what_it_needs(tmp_path: Path) -> None:
    said = check(tmp_path, "", as_arrow(leads()))
    assert said.exit_code == 2
    assert "C007" in said.output
