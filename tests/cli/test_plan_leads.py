"""A plan in the money that leads turn into: on the command line, at narrow widths, in the run and in the report."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from fakes import write_fit
from typer.testing import CliRunner

from budget import Planner, PlanSection
from budget.document import PlanOutput
from budget.words import order_line
from cli.app import app
from cli.plan_leads import segments_table, volume_lines
from cli.report.plan_leads import exhibits
from outlay.errors import RunError
from outlay.response import load_response
from outlay.runs import RunWriter, list_runs
from tests.budget.leads import make_downstream, make_money

CAPACITY = [{"segment": "seg0", "hours": 2_000.0, "hours_per_unit": 4.0}, {"segment": "seg2", "most": 300.0}]
VOLUMES = [{"segment": "seg1", "stage": "won", "goal": 400.0, "counts": "all"}, {"segment": "seg1", "min": 100.0}]


def document(**keys: object) -> PlanOutput:
    section = PlanSection(value_from="conversion", periods=8, margin_of_range=None, **keys)  # type: ignore[arg-type]
    found = Planner(make_money(3, channels=3, groups=2, draws=40)).optimize(section)
    return PlanOutput.model_validate(found.to_json())


@pytest.fixture(scope="module")
def limited() -> PlanOutput:
    return document(capacity=CAPACITY, volumes=VOLUMES)


def test_the_table_tells_hours_where_there_are_some(limited: PlanOutput) -> None:
    table = segments_table(limited)
    titles = [column.title.replace("\n", " ") for column in table.columns]
    assert titles[0] == "Segment"
    assert {"Leads in all", "Worked", "Hours needed", "at hand", "Value (USD)", "One more hour or lead (USD)"} <= set(
        titles
    )
    assert [row[0] for row in table.rows] == ["seg0", "seg1", "seg2"]
    at_hand = titles.index("at hand")
    assert [row[at_hand] for row in table.rows] == ["2.00k", "", ""]
    free = [column.title for column in segments_table(document()).columns]
    assert "Worked" not in free


@pytest.mark.parametrize("width", [80, 100])
def test_the_table_fits_the_terminal(
    limited: PlanOutput, width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from cli.plan_leads import show_leads

    monkeypatch.setattr("cli.terminal.table_width", lambda: width)
    monkeypatch.setenv("COLUMNS", str(width))
    show_leads(limited)
    shown = capsys.readouterr().out
    assert max(len(line) for line in shown.splitlines()) <= width
    assert "seg1" in shown
    assert "One more" in shown


def test_sentences_tell_minimums_goals_and_the_order(limited: PlanOutput) -> None:
    goal, least = volume_lines(limited)
    assert "goal of 400 is reached with probability" in goal
    assert "at least 100 asked for" in least
    assert "keep one order" in order_line(limited)[0]
    assert order_line(document()) == []


def test_the_report_shows_worked_leads_and_volumes(limited: PlanOutput) -> None:
    first, second = exhibits(limited)
    assert first.chart is not None
    bars = json.loads(first.chart.json)["data"]
    worked, left = (dict(zip(bar["y"], bar["x"], strict=True)) for bar in bars)
    assert worked["seg0"] == pytest.approx(500.0)
    assert left["seg1"] == pytest.approx(0.0, abs=1e-6)
    assert first.table is not None
    assert all(len(row) == len(first.table.headers) for row in first.table.rows)
    assert second.table is not None
    assert len(second.table.rows) == 2
    assert exhibits(limited.model_copy(update={"segments": []})) == ()


# ------------------------------------------------------------------------------------------------- the command itself


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fit that counts orders, and a conversion run that the join of the two is replaced for."""
    import attribution.conversion_run
    import attribution.refine

    monkeypatch.chdir(tmp_path)
    fit = write_fit(tmp_path / "runs", units=True)
    with RunWriter(tmp_path / "runs", "convert", command=["outlay", "convert"], seed=1) as writer:
        writer.write_json("model", {})
    leads = load_response(fit.file("response.nc"))
    leads = replace(leads, coefficient=leads.coefficient / 5_000.0, baseline=leads.baseline / 50_000.0)

    def refined(response: object, conversion: object, seed: int) -> SimpleNamespace:
        assert (conversion, seed) == ("conversion", 3)
        money = attribution.refine.in_money(leads, make_downstream(leads, 1))
        return SimpleNamespace(response=money, findings=())

    monkeypatch.setattr(attribution.conversion_run, "latest_conversion", lambda *_, **__: (writer.run, "conversion"))
    monkeypatch.setattr(attribution.refine, "refine", refined)
    return tmp_path


TOML = """[project]
name = "x"
seed = 3
[plan]
value_from = "conversion"
[[plan.capacity]]
segment = "seg0"
hours = 2_000
hours_per_unit = 4
"""


def test_a_plan_of_leads_is_made_from_both_runs(project: Path) -> None:
    Path("outlay.toml").write_text(TOML, encoding="utf-8")
    said = CliRunner().invoke(app, ["plan", "--json"])
    assert said.exit_code == 0, said.stderr
    made = json.loads(said.stdout)
    assert made["outcome_unit"] == "USD"
    assert [row["segment"] for row in made["segments"]] == ["seg0", "seg1", "seg2"]
    assert made["segments"][0]["worked"]["mean"] <= 500.0 + 1e-6
    run = next(run for run in list_runs(project / "runs") if run.id == made["run"])
    kinds = [next(each for each in list_runs(project / "runs") if each.id == parent).kind for parent in run.parents]
    assert kinds == ["fit", "convert"]
    assert list(run.table("segments")["segment"]) == ["seg0", "seg1", "seg2"]


def test_plans_of_one_conversion_model_are_compared(project: Path) -> None:
    Path("outlay.toml").write_text(TOML, encoding="utf-8")
    Path("free.toml").write_text("capacity = []\n", encoding="utf-8")
    Path("tight.toml").write_text('name = "tight"\n', encoding="utf-8")
    said = CliRunner().invoke(app, ["plan", "--scenario", "free.toml", "tight.toml", "--json"])
    assert said.exit_code == 0, said.stderr
    assert CliRunner().invoke(app, ["compare", "--json"]).exit_code == 0
    Path("count.toml").write_text('value_from = "kpi"\ncapacity = []\n', encoding="utf-8")
    mixed = CliRunner().invoke(app, ["plan", "--scenario", "free.toml", "count.toml"])
    assert mixed.exit_code == 2  # orders and money stand in no table together
    assert "P087" in mixed.stderr


def test_without_a_conversion_run_the_plan_says_what_to_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_fit(tmp_path / "runs", units=True)
    monkeypatch.chdir(tmp_path)
    Path("outlay.toml").write_text(TOML, encoding="utf-8")
    said = CliRunner().invoke(app, ["plan"])
    assert isinstance(said.exception, RunError | SystemExit)
    assert said.exit_code == 1
    assert "convert" in said.stderr + str(said.exception)
