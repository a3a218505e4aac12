"""What a report says of an earlier fit: data, settings, returns and plan, then and now; and of the fit's validation."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from fakes import PAID, write_fit
from kept import keep_fit
from plotly.offline import get_plotlyjs
from typer.testing import CliRunner, Result

from cli.app import app
from cli.outputs.answers import ChangeRow
from cli.outputs.registry import OUTPUTS
from cli.report.compare import Moved
from cli.report.compare_data import panels_moved
from cli.report.compare_settings import flat, is_belief, settings_moved
from mmm.document import RoiRow
from outlay.runs import Run, RunWriter
from tests.mmm.probes import case


def report(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["report", "--project", str(folder / "outlay.toml"), *words])


def page_of(said: Result) -> str:
    assert said.exit_code == 0, said.stderr
    return Path(said.stdout.strip()).read_text(encoding="utf-8").replace(get_plotlyjs(), "")


def section(page: str, name: str) -> str:
    """The text between a section's heading and the next section."""
    start = page.index(f'<h2 id="{name}">')
    return page[start : page.index("</section>", start)]


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Run, Run]:
    """Two fits of the same data, one after the other."""
    folder = tmp_path_factory.mktemp("compare")
    return folder, keep_fit(folder / "runs"), keep_fit(folder / "runs")


def test_nothing_changed_is_said_and_no_cause_is_made_up(two: tuple[Path, Run, Run]) -> None:
    folder, before, after = two
    said = report(folder, "--compare", before.id, "--json")
    assert said.exit_code == 0, said.stderr
    document = json.loads(said.stdout)
    OUTPUTS["report"].model_validate(document)
    assert document["compared"] == before.id
    assert document["run"] == after.id
    page = Path(document["path"]).read_text(encoding="utf-8").replace(get_plotlyjs(), "")
    told = section(page, "changes")
    assert "the same data under the same beliefs." in told
    assert "No return moved by more than another seed would move it." in told
    assert "History that was restated" not in told
    assert "Settings that changed" not in told
    assert page.index('id="changes"') < page.index('id="model"')
    assert before.id in section(page, "versions")
    # a real fit keeps its priors, so that the appendix shows what was believed before the data
    assert "Beliefs before the data, and after" in section(page, "assumptions")


def test_its_own_or_a_later_fit_is_refused(two: tuple[Path, Run, Run]) -> None:
    folder, before, after = two
    own = report(folder, "--compare", after.id)
    assert own.exit_code == 2
    assert "X044" in own.stderr
    later = report(folder, "--run", before.id, "--compare", after.id)
    assert later.exit_code == 2
    assert "is later than" in " ".join(later.stderr.split())
    assert report(folder, "--compare", "2020").exit_code == 1  # no such run


def test_a_fit_in_another_currency_is_refused(tmp_path: Path) -> None:
    before = write_fit(tmp_path / "runs")
    write_fit(tmp_path / "runs", currency="EUR")
    said = report(tmp_path, "--compare", before.id)
    assert said.exit_code == 2
    assert "counts money in USD, and the report's fit in EUR" in " ".join(said.stderr.split())


def test_an_earlier_fit_that_failed_the_gate_is_refused_and_marked_under_force(tmp_path: Path) -> None:
    before = keep_fit(tmp_path / "runs", trusted=False)
    keep_fit(tmp_path / "runs")
    said = report(tmp_path, "--compare", before.id)
    assert said.exit_code == 4
    assert before.id in said.stderr
    assert "The earlier fit did NOT pass the trust gate" in page_of(report(tmp_path, "--compare", before.id, "--force"))


def test_periods_and_series_that_came_or_went_and_values_that_were_restated() -> None:
    new = case("panel").design.panel
    spend = new.spend[:-2].copy()
    spend[3, 0, 0] += 100.0
    spend[5, 0, 0] += 50.0
    old = replace(
        new,
        dates=new.dates[:-2],
        kpi=new.kpi[:-2],
        value=new.value[:-2],
        exposure=new.exposure[:-2],
        spend=spend,
        contacts=new.contacts[:-2],
        controls=new.controls[:-2],
        events=new.events[:-2],
        levers=new.levers[:-2],
        lever_cost=new.lever_cost[:-2],
        channels=(*new.channels[:-1], "old name"),
    )
    moved = panels_moved(old, new)
    assert moved.added == tuple(str(date.date()) for date in new.dates[-2:])
    assert moved.gone == ()
    assert moved.came == (f"channel {new.channels[-1]}",)
    assert moved.went == ("channel old name",)
    [each] = [each for each in moved.restated if each.kind == "spend"]
    assert (each.name, each.cells) == (new.channels[0], 2)
    assert (each.first, each.last) == (str(new.dates[3].date()), str(new.dates[5].date()))
    assert each.before is not None
    assert each.after is not None
    assert each.before - each.after == pytest.approx(150)  # 100 and 50 more before
    assert not panels_moved(new, new).any


def test_holes_in_a_history_are_no_change() -> None:
    panel = case("panel").design.panel
    kpi = panel.kpi.copy()
    kpi[:4] = np.nan
    assert not panels_moved(replace(panel, kpi=kpi), replace(panel, kpi=kpi.copy())).any


def with_file(root: Path, text: str) -> Run:
    with RunWriter(root, "fit", command=["outlay", "fit"], seed=1) as writer:
        writer.path("config.lock.toml").write_text(text, encoding="utf-8")
    return writer.run


BEFORE = """
[project]
name = "x"
[media.prior]
paid_share = 0.05
[media.sampling]
draws = 500
[[media.channels]]
name = "tv"
spend = "tv_usd"
[plan]
budget = 100
"""


def test_settings_by_key_and_whether_they_can_move_a_return(tmp_path: Path) -> None:
    after = BEFORE.replace("0.05", "0.06").replace("500", "900").replace('"tv_usd"', '"tv_eur"').replace("= 100", "= 9")
    moved = settings_moved(with_file(tmp_path, BEFORE), with_file(tmp_path, after))
    told = {each.key: (each.before, each.after, each.belief) for each in moved}
    assert told == {
        "media.prior.paid_share": ("0.05", "0.06", True),
        "media.channels.tv.spend": ("tv_usd", "tv_eur", True),
        "media.sampling.draws": ("500", "900", False),
        "plan.budget": ("100", "9", False),
    }
    assert [each.belief for each in moved] == [True, True, False, False]


def test_keys_that_came_are_told_by_their_names() -> None:
    assert flat({"a": {"b": [1, 2], "c": [{"name": "n", "d": True}, {"d": False}]}}) == {
        "a.b": "1, 2",
        "a.c.n.d": "true",
        "a.c.2.d": "false",
    }
    assert is_belief("lift_tests.3.lift")
    assert not is_belief("media.source")
    assert is_belief("media.source_of_something")


def moved_by(after: float, why: str, low: float | None, high: float | None) -> Moved:
    numbers = {name: 0.0 for name in RoiRow.model_fields if name not in ("channel", "group", "paid", "kind")}
    rest = {"identified": "yes", "warning": None}
    row = RoiRow.model_validate(
        {**numbers, **rest, "channel": "tv", "group": None, "paid": True, "kind": "paid"}
        | {"roi_hdi_low": low, "roi_hdi_high": high}
    )
    change = ChangeRow(
        channel="tv",
        group=None,
        quantity="roi",
        before=2.0,
        after=after,
        change=after - 2.0,
        noise=0.01,
        in_sd=1.0,
        from_data=0.0,
        from_beliefs=0.0,
        why=why,
    )
    return Moved(change, row, row)


def test_a_move_is_noise_inside_or_beyond_what_was_reported() -> None:
    assert moved_by(2.01, "sampling noise", 1.0, 3.0).noise
    inside, beyond = moved_by(2.9, "data", 1.0, 3.0), moved_by(3.1, "data", 1.0, 3.0)
    assert (inside.noise, inside.beyond) == (False, False)
    assert (beyond.noise, beyond.beyond) == (False, True)
    assert not moved_by(9.0, "data", None, None).beyond  # without an interval nothing lies outside it


def write_validation(root: Path, fit: Run) -> Run:
    """A validation run with two verdicts, as `outlay validate` keeps it."""
    verdict = {"channels": [], "barred": [], "repair": ""}
    about = {
        "fit": fit.id,
        "status": "bad",
        "sentence": "Do not use the numbers of tv (V010).",
        "quick": True,
        "horizon": 13,
        "verdicts": [
            {**verdict, "id": "V001", "about": "forecasts", "status": "good", "what": "CRPS lower by 12.5%"},
            {**verdict, "id": "V010", "about": "what the data said", "status": "bad", "what": "not identified: tv"}
            | {"repair": "Run a lift test with `outlay check`.", "barred": ["tv"]},
            {**verdict, "id": "V999", "about": "<b>odd</b>", "status": "open", "what": "not judged"},
        ],
        "in_sample_coverage": [],
        "elpd_loo": -1.0,
        "elpd_loo_error": 0.1,
        "p_loo": 3.0,
        "khat_limit": 0.7,
    }
    rows = [
        {
            "channel": name,
            "paid": True,
            "share_mean": 0.1,
            "share_hdi_low": 0.0,
            "share_hdi_high": 0.2,
            "roi_mean": 1.5,
            "roi_hdi_low": 0.5,
            "roi_hdi_high": 2.5,
            "verdict": "not identified" if name == "tv" else "informed by data",
            "use": "bad" if name == "tv" else "good",
            "ids": "V010" if name == "tv" else "",
        }
        for name in PAID
    ]
    with RunWriter(root, "validate", command=["outlay", "validate"], seed=1, parents=[fit]) as writer:
        writer.write_json("validation", about)
        writer.write_table("channels", pd.DataFrame(rows))
        loo = {"date": pd.to_datetime(["2021-01-04"]), "group": ["all"], "elpd": [-1.0], "khat": [0.1]}
        writer.write_table("loo", pd.DataFrame(loo))
    return writer.run


def test_validation_has_a_section_where_the_fit_was_validated(tmp_path: Path) -> None:
    fit = write_fit(tmp_path / "runs")
    unchecked = page_of(report(tmp_path))
    assert 'id="validation"' not in unchecked
    assert "was not checked" in unchecked
    run = write_validation(tmp_path / "runs", fit)
    page = page_of(report(tmp_path))
    told = section(page, "validation")
    for part in ("Do not use the numbers of tv", "Does it predict?", "Could the data tell?", "What else was seen"):
        assert part in told
    assert '<span class="badge is-bad">fails</span>' in told
    assert "<code>outlay check</code>" in told
    assert "&lt;b&gt;odd&lt;/b&gt;" in told.lower()
    assert "Validation: Do not use the numbers of tv" in page  # on the first page
    assert run.id in section(page, "versions")
    write_fit(tmp_path / "runs")  # a newer fit was not validated: what was said of the old one is not said of it
    assert 'id="validation"' not in page_of(report(tmp_path))
