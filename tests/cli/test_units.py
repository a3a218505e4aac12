"""A KPI in units without a value: costs per unit instead of ROI, and no currency where there is none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fakes import write_fit
from typer.testing import CliRunner

from cli.app import app
from cli.report.data import gather
from mmm.shown import total_cost_cells
from outlay.runs import open_run


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
    # what a unit costs is what people can picture; a return of 0.002 orders per USD is not
    assert "Lowest cost in USD per orders (90% intervals)" in page
    assert "<dt>USD of paid media per orders</dt>" in page
    # the table of a KPI in units has no marginal return, so no note explains one
    assert "Marginal" not in page.partition("What each channel returned")[2].partition("</section>")[0]


def test_the_cost_of_a_unit_is_one_over_the_return(project: Path) -> None:
    total = gather(open_run(project / "runs", None, "fit"), None).total
    known = total.model_copy(update={"roi_median": 0.01, "roi_hdi_low": 0.008, "roi_hdi_high": 0.02})
    assert total_cost_cells(known) == ("100", "50.0 to 125")
    open_ended = known.model_copy(update={"roi_hdi_low": -0.001})
    assert total_cost_cells(open_ended) == ("100", "from 50.00, without an upper end")


def test_a_plan_of_another_total_in_units_is_not_called_better(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_fit(tmp_path / "runs", units=True)
    words = ["plan", "--dry-run", "--objective", "target_kpi", "--target", "9000000"]
    said = CliRunner().invoke(app, words).stdout
    assert "Looks for the cheapest plan that brings 9,000,000 orders" in said
    assert "depends on what orders are worth" in " ".join(said.split())
    assert "better with probability" not in said
