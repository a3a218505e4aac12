"""A KPI in units without a value: costs per unit instead of ROI, and no currency where there is none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fakes import write_fit
from typer.testing import CliRunner

from cli.app import app


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "140")
    write_fit(tmp_path / "runs", units=True)
    return tmp_path


def test_roi_shows_cost_per_unit(project: Path) -> None:
    said = CliRunner().invoke(app, ["roi"])
    assert said.exit_code == 0
    head = said.stdout.partition("────")[0]
    assert "USD per" in head
    assert "orders" in head
    assert "ROI" not in head
    rows = json.loads(CliRunner().invoke(app, ["roi", "--json"]).stdout)["rows"]
    tv = next(row for row in rows if row["channel"] == "tv")
    # cost per unit is one over units per currency, also at the median and with the ends exchanged
    assert tv["cpa_median"] == pytest.approx(1 / tv["roi_median"])
    assert tv["cpa_hdi_low"] == pytest.approx(1 / tv["roi_hdi_high"])


def test_plan_and_report_speak_of_units(project: Path) -> None:
    said = CliRunner().invoke(app, ["plan"])
    assert said.exit_code == 0
    assert "Marginal\nROI" not in said.stdout
    assert " orders (90%" in said.stdout
    page = Path(CliRunner().invoke(app, ["report"]).stdout.strip()).read_text(encoding="utf-8")
    assert "ROI of paid media" not in page
    assert "orders caused per USD spent" in page


def test_a_plan_of_another_total_in_units_is_not_called_better(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_fit(tmp_path / "runs", units=True)
    words = ["plan", "--dry-run", "--objective", "target_kpi", "--target", "9000000"]
    said = CliRunner().invoke(app, words).stdout
    assert "Looks for the cheapest plan that brings 9,000,000 orders" in said
    assert "depends on what orders are worth" in " ".join(said.split())
    assert "better with probability" not in said
