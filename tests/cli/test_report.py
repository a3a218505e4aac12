"""The report: complete, self-contained, and deaf to what a name would like to do to it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from fakes import ORGANIC, PAID, write_fit
from plotly.offline import get_plotlyjs
from typer.testing import CliRunner

from cli.app import app
from cli.report import words
from cli.report.data import gather
from outlay.runs import open_run

EVIL = "</script><img src=x onerror=alert(1)>"


def report(*words: str) -> str:
    said = CliRunner().invoke(app, ["report", *words])
    assert said.exit_code == 0, said.stderr
    return Path(said.stdout.strip()).read_text(encoding="utf-8")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write_fit(tmp_path / "runs")
    return tmp_path


def test_everything_is_in_it(project: Path) -> None:
    assert CliRunner().invoke(app, ["plan"]).exit_code == 0
    page = report()
    for title in ("What we learned", "What to do", "How sure we are", "What each channel returned", "Certificate"):
        assert title in page
    for section in ("model", "returns", "causes", "curves", "plan", "findings", "trust", "assumptions", "versions"):
        assert f'id="{section}"' in page
    for name in (*PAID, *ORGANIC):
        assert name in page
    assert page.count('class="chart"') == 6 + len(PAID)
    assert "not identified" in page
    assert "spend without exposure" in page


def test_it_asks_the_network_for_nothing(project: Path) -> None:
    page = report()
    own = page.replace(get_plotlyjs(), "")
    assert page.count(get_plotlyjs()) == 1
    assert "default-src 'none'" in own
    assert not re.search(r"""(src|href)\s*=\s*["'](?!#)|@import|url\(|https?://""", own)


def test_names_are_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_fit(tmp_path / "runs", odd_name=EVIL)
    own = report().replace(get_plotlyjs(), "")
    assert "<img" not in own
    assert "onerror=alert(1)&gt;" in own  # in tables
    # in charts: the script element of a chart ends where its JSON ends
    for chart in re.findall(r'<script type="application/json">(.*?)</script>', own, re.DOTALL):
        assert chart.rstrip().endswith("}")


def test_without_a_plan_it_says_how_to_get_one(project: Path) -> None:
    page = report()
    assert "outlay plan" in page
    assert 'id="plan"' not in page


def test_advice_is_to_measure_where_the_data_cannot_tell(project: Path) -> None:
    """Weak channels hold 19 % of the fake spend, so the plan is advised; with all of them weak, tests come first."""
    data = gather(open_run(project / "runs", None, "fit"), None)
    assert words._first_measure(data) == []
    weak = tuple(row.model_copy(update={"identified": "weak"}) for row in data.told.roi)
    told = words._first_measure(replace(data, told=replace(data.told, roi=weak)))
    assert "Lift tests on newspaper" in told[0]  # the channel with the largest spend
    said = words.learned(replace(data, told=replace(data.told, roi=weak)))
    assert any("the data say little" in line for line in said)
    assert not any("cannot tell" in line for line in said)  # that is for channels of which the data say nothing
    blind = tuple(row.model_copy(update={"identified": "no"}) for row in data.told.roi)
    assert any(
        "every channel the data cannot tell" in line
        for line in words.learned(replace(data, told=replace(data.told, roi=blind)))
    )


def test_an_untrusted_fit_carries_its_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_fit(tmp_path / "runs", trusted=False)
    page = report("--force")
    assert "did not pass the trust gate" in page
    assert "do not act on them" in page
    assert "half-life of tv" in page
    assert "Do not move money by this fit" in page
    assert CliRunner().invoke(app, ["plan", "--force"]).exit_code == 0
    planned = report("--force")
    assert "Do not move money by this fit" in planned
    assert "The plan that was made from it spends" in planned
    assert "<li>Spend " not in planned


def test_a_panel_has_totals_and_groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_fit(tmp_path / "runs", groups=("north", "south"))
    assert CliRunner().invoke(app, ["plan"]).exit_code == 0
    page = report()
    assert "2 groups" in page
    assert ">north<" in page


def test_dry_run_and_place(project: Path) -> None:
    said = CliRunner().invoke(app, ["report", "--dry-run"])
    assert said.exit_code == 0
    assert not (project / "reports").exists()
    said = CliRunner().invoke(app, ["report", "--out", "my own/page.html"])
    assert said.exit_code == 0
    assert (project / "my own" / "page.html").stat().st_size > 1_000_000  # plotly.js alone has four


def test_a_plan_of_another_fit_is_refused(project: Path) -> None:
    assert CliRunner().invoke(app, ["plan"]).exit_code == 0
    plan = next(path.name for path in (project / "runs").iterdir() if "-plan-" in path.name)
    write_fit(project / "runs", trusted=True)
    fits = sorted(path.name for path in (project / "runs").iterdir() if "-fit-" in path.name)
    other = next(fit for fit in fits if fit != _parent(project, plan))
    said = CliRunner().invoke(app, ["report", "--run", other, "--plan", plan])
    assert said.exit_code == 1
    assert "another fit" in said.stderr


def _parent(project: Path, plan: str) -> str:
    return open_run(project / "runs", plan, "plan").parents[0]


def test_a_plan_by_week_among_scenarios_is_told_whole(project: Path) -> None:
    Path("outlay.toml").write_text('[project]\nname = "x"\nmargin = 0.4\n', encoding="utf-8")
    Path("lean.toml").write_text("budget = 4_000_000\nperiods = 4\n", encoding="utf-8")
    Path("weekly.toml").write_text(
        'budget = 5_000_000\nperiods = 4\ntiming = "free"\nrisk = {measure = "cvar", level = 0.2}\n', encoding="utf-8"
    )
    said = CliRunner().invoke(app, ["plan", "--scenario", "lean.toml", "weekly.toml"])
    assert said.exit_code == 0, said.stderr
    page = report()
    assert page.count('class="chart"') == 6 + len(PAID) + 2  # weeks, scenarios
    for part in ("Spend by week", "Mean of the worst 20 % of draws (CVaR)", "Profit at the stated margin"):
        assert part in page
    for part in ("Beside the other scenarios", "CVaR 20%", "P(best of these)", "weekly against lean"):
        assert part in page


def test_a_brought_plan_is_told_and_not_recommended(project: Path) -> None:
    """The first page advises the latest plan that was recommended, however many are judged after it."""
    Path("mine.csv").write_text("channel,spend\n" + "".join(f"{name},1000000\n" for name in PAID), encoding="utf-8")
    chosen, brought = (
        json.loads(CliRunner().invoke(app, ["plan", "--json", *words]).stdout)["run"]
        for words in ((), ("--evaluate", "mine.csv"))
    )
    made = CliRunner().invoke(app, ["report"])
    page = Path(made.stdout.strip()).read_text(encoding="utf-8")
    assert f"plan {chosen}" in page
    assert "The recommended plan" in page
    assert "A plan that was brought since was judged and is no recommendation" in page
    assert f"<td>{brought}</td>" in page  # the table of runs
    assert f"The newer plan {brought} was brought" in " ".join(made.stderr.split())
    asked = report("--plan", brought)
    assert "The plan that was brought spends" in asked
    assert "brought since" not in asked


def test_a_brought_plan_is_shown_where_there_is_no_other(project: Path) -> None:
    Path("mine.csv").write_text("channel,spend\n" + "".join(f"{name},1000000\n" for name in PAID), encoding="utf-8")
    assert CliRunner().invoke(app, ["plan", "--evaluate", "mine.csv"]).exit_code == 0
    page = report()
    assert "The plan that was brought spends" in page
    assert "The recommended plan" not in page


def test_what_stands_around_a_plan_is_drawn(project: Path) -> None:
    words = ["plan", "--sweep", "--frontier", "--sensitivity", "--points", "3"]
    assert CliRunner().invoke(app, words).exit_code == 0
    page = report()
    assert page.count('class="chart"') == 6 + len(PAID) + 2  # totals, frontier
    for part in ("Other totals", "From the best mean to the best worst draws", "leans on each channel"):
        assert part in page
