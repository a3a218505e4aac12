"""Lift tests from a table to the terminal: fitted with and without, told side by side, and kept in the run."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from cli.app import app
from outlay.runs import open_run
from tests.mmm.simulate import THREE, simulate
from tests.mmm.test_workflow import project_of

WORLD = simulate(31, THREE, n=110)
TESTED = WORLD.section.channels[0].name


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    """A fit with a test that measured ten times what the channel brought, with a small error."""
    folder = tmp_path_factory.mktemp("lifts")
    project_of(WORLD, folder)
    with (folder / "outlay.toml").open("a", encoding="utf-8") as file:
        file.write('[lift_tests]\nsource = "lifts.csv"\n')
    dates, rows = WORLD.panel().dates, slice(60, 72)
    spent = float(WORLD.spend[rows, 0, 0].sum())
    brought = float(WORLD.effect(0, 0, WORLD.exposure[:, 0, 0])[rows].sum())
    test = {"test": "spring", "channel": TESTED, "start": dates[60], "end": dates[71] + pd.Timedelta("6D")}
    measured = {"spend_change": 0.5 * spent, "lift": 10.0 * brought, "lift_se": 0.5 * brought}
    pd.DataFrame([test | measured]).to_csv(folder / "lifts.csv", index=False)
    words = ["fit", "--project", str(folder / "outlay.toml")]
    return folder, CliRunner().invoke(app, words, env={"COLUMNS": "100", "NO_COLOR": "1"})


def test_a_fit_with_lift_tests_shows_belief_series_and_both(said: tuple[Path, Result]) -> None:
    _, result = said
    assert result.exit_code in (0, 4), result.output  # 4: so sharp a contradiction may fail the gate
    assert "Lift tests, and the lift that the model expects" in result.stdout
    assert "1: spring" in result.stdout
    assert "M037" in result.output


def test_the_run_keeps_what_the_test_moved(said: tuple[Path, Result]) -> None:
    folder, _ = said
    run = open_run(folder / "runs", None, "fit")
    (row,) = run.table("lift_tests").to_dict("records")
    assert abs(row["with_mean"] - row["observed"]) < abs(row["without_mean"] - row["observed"])
    assert row["distance"] > 2.0
    channels = run.table("calibration").set_index("stage")
    assert list(channels.index) == ["prior", "without tests", "with tests"]
    assert set(channels["channel"]) == {TESTED}
    assert channels.loc["with tests", "roi_median"] > channels.loc["without tests", "roi_median"]
    found = {finding["id"]: finding for finding in run.json("findings.json")}
    assert "1: spring" in found["M037"]["where"]
    assert "M038" not in found
    assert json.dumps(found)
