"""Stories in the report: the scorecard's, with and without a fit, stale or not, and deaf to what names would like."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from pathlib import Path

import pytest
from fakes import write_fit
from plotly.offline import get_plotlyjs
from typer.testing import CliRunner

from cli.app import app
from cli.outputs.registry import OUTPUTS
from cli.report import stories
from outlay.runs import RunWriter
from tests.attribution.carded import leads
from tests.cli.test_scorecard import goals, write_project

EVIL = "</script><img src=x onerror=alert(1)>"


def call(*words: str) -> str:
    said = CliRunner().invoke(app, list(words))
    assert said.exit_code == 0, said.stderr
    return said.stdout.strip()


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write_project(tmp_path)
    call("scorecard")
    return tmp_path


def page(*words: str) -> str:
    return Path(call("report", *words)).read_text(encoding="utf-8").replace(get_plotlyjs(), "")


def test_without_a_fit_the_stories_make_the_page(project: Path) -> None:
    said = page()
    assert "<h1>B2B: goals</h1>" in said
    for part in ('id="scorecard"', "2025 against its goals", "Why measures changed", "Rates between stages"):
        assert part in said
    for part in ("Segments and their parts", "What we learned", "What to do", "How sure we are", 'href="#scorecard"'):
        assert part in said
    assert 'id="returns"' not in said
    # progress of four measures, months of four measures and of two segments, three bridges
    assert said.count('class="chart"') == 4 + 4 + 2 + 3
    assert not re.search(r"""(src|href)\s*=\s*["'](?!#)|@import|url\(|https?://""", said)


def test_beside_a_fit_it_is_one_more_section(project: Path) -> None:
    write_fit(project / "runs")
    document = json.loads(call("report", "--json"))
    OUTPUTS["report"].model_validate(document)
    assert [row["kind"] for row in document["stories"]] == ["scorecard"]
    said = Path(document["path"]).read_text(encoding="utf-8")
    for anchor in ("returns", "scorecard", "model", "trust", "versions"):
        assert f'id="{anchor}"' in said
    # a scorecard takes nothing from the fit: being older than it is no fault
    assert document["stories"][0]["stale"] == []


def test_newer_data_make_a_story_stale(project: Path) -> None:
    assert json.loads(call("report", "--json"))["stories"][0]["stale"] == []
    goals(11).to_csv(project / "goals.csv", index=False)
    later = (project / "goals.csv").stat().st_mtime + 60
    os.utime(project / "goals.csv", (later, later))
    os.utime(project / "leads.parquet", (later, later))  # touched, and the same bytes as before
    [told] = json.loads(call("report", "--json"))["stories"][0]["stale"]
    assert told.startswith("goals.csv changed")
    said = CliRunner().invoke(app, ["report"])
    assert "is stale" in said.stderr


def test_names_are_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_project(tmp_path)
    frame = leads()
    frame["segment"] = frame["segment"].replace("large", EVIL)
    frame["part"] = frame["segment"] + frame["part"].str[-2:]
    frame.to_parquet(tmp_path / "leads.parquet", index=False)
    changed = goals()
    changed["segment"] = changed["segment"].replace("large", EVIL)
    changed.to_csv(tmp_path / "goals.csv", index=False)
    call("scorecard")
    said = page()
    assert "<img" not in said
    assert "onerror=alert(1)&gt;" in said
    for chart in re.findall(r'<script type="application/json">(.*?)</script>', said, re.DOTALL):
        assert chart.rstrip().endswith("}")
        assert "<img" not in json.loads(chart)["data"][0].__repr__()


def test_a_run_that_failed_the_gate_is_left_out(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = stories.stories(project / "runs", None, force=False).told[0].story
    converted = replace(told, id="conversion", nav="Conversion")
    monkeypatch.setattr("cli.report.story_conversion.story", lambda run: converted)
    check = {
        "id": "T001",
        "name": "R-hat",
        "value": 1.2,
        "limit": 1.01,
        "quantity": "rate of large",
        "cause": "",
        "passed": False,
    }
    with RunWriter(project / "runs", "convert", command=["outlay", "convert"], seed=1) as writer:
        writer.write_json("trust", {"passed": False, "checks": [check]})
    document = json.loads(call("report", "--json"))
    assert document["left_out"] == [writer.run.id]
    assert "is left out" in Path(document["path"]).read_text(encoding="utf-8")
    forced = page("--force")
    assert "This run did not pass the trust gate" in forced
    assert "rate of large" in forced


def test_nothing_to_tell_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    said = CliRunner().invoke(app, ["report"])
    assert said.exit_code == 1
