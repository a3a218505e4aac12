"""From a project file to a run: what is kept, what was restated since, and a posterior that nobody may rely on."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mmm.config import MediaSection
from mmm.media import FittedMedia, MediaMixModel
from mmm.workflow import fit_run
from outlay.errors import DataError
from outlay.project import Project, ProjectSection, load_project
from outlay.response import load_response
from outlay.runs import Run, list_runs
from tests.mmm.fits import national_fit, national_world
from tests.mmm.simulate import THREE, Channel, World, simulate

COMMAND = ("outlay", "fit")


def project_of(world: World, folder: Path) -> Project:
    """A project file and its table on disk."""
    world.frame.to_csv(folder / "weekly.csv", index=False)
    lines = ["[project]", 'name = "simulated"', 'currency = "EUR"', "[media]", 'source = "weekly.csv"']
    section = world.section.model_dump(mode="json", exclude_defaults=True, exclude={"channels", "levers", "sampling"})
    lines += [f"{key} = {json.dumps(value)}" for key, value in section.items()]
    lines += ["[media.sampling]"] + [
        f"{key} = {json.dumps(value)}"
        for key, value in world.section.sampling.model_dump(mode="json", exclude_none=True).items()
    ]
    for kind, entries in (("channels", world.section.channels), ("levers", world.section.levers)):
        for entry in entries:
            known = entry.model_dump(mode="json", exclude_defaults=True)
            lines += [f"[[media.{kind}]]"] + [f"{key} = {json.dumps(value)}" for key, value in known.items()]
    path = folder / "outlay.toml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return load_project(path, {"project": ProjectSection, "media": MediaSection})


@pytest.fixture
def sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    """The national posterior in place of sampling it again."""
    draws = national_fit().samples
    monkeypatch.setattr(
        MediaMixModel, "fit", lambda model, tell=None: FittedMedia(model.design, model.priors, model.project, draws)
    )


def finding_ids(run: Run) -> list[str]:
    return [finding["id"] for finding in run.json("findings.json")]


@pytest.mark.usefixtures("sampled")
def test_a_run_holds_everything_that_later_commands_read(tmp_path: Path) -> None:
    project = project_of(national_world(), tmp_path)
    run = fit_run(project, tmp_path / "runs", COMMAND, progress=False)
    assert run.kind == "fit"
    files = {str(path.relative_to(run.path)) for path in run.path.rglob("*") if path.is_file()}
    tables = {f"tables/{name}.parquet" for name in national_fit().tables()}
    kept = {"panel.parquet", "posterior.nc", "design.nc", "fitted.json", "response.nc", "config.lock.toml"}
    assert files == kept | tables | {"trust.json", "findings.json", "model.json", "manifest.json"}
    assert (run.path / "config.lock.toml").read_text() == project.text
    for name, table in national_fit().tables().items():
        pd.testing.assert_frame_equal(run.table(name), table, check_exact=True, obj=name)
    assert load_response(run.path / "response.nc").n_draws == 1000
    assert run.json("trust.json")["passed"] is True
    again = FittedMedia.load(run.path)
    pd.testing.assert_frame_equal(again.roi(), national_fit().roi(), check_exact=True)


@pytest.mark.usefixtures("sampled")
def test_restated_history_of_the_previous_fit_is_found(tmp_path: Path) -> None:
    world, root = national_world(), tmp_path / "runs"
    first = fit_run(project_of(world, tmp_path), root, COMMAND, progress=False)
    assert not {"D160", "D161", "D162"} & set(finding_ids(first))
    same = fit_run(project_of(world, tmp_path), root, COMMAND, progress=False)
    assert not {"D160", "D161", "D162"} & set(finding_ids(same))
    table = pd.read_csv(tmp_path / "weekly.csv")
    table.loc[40, "sales"] *= 1.02
    table.to_csv(tmp_path / "weekly.csv", index=False)
    project = load_project(tmp_path / "outlay.toml", {"project": ProjectSection, "media": MediaSection})
    restated = fit_run(project, root, COMMAND, progress=False)
    told = [finding for finding in restated.json("findings.json") if finding["id"] == "D160"]
    assert len(told) == 1
    assert "2022-10-10" in told[0]["what"]  # 3 January 2022 and 40 weeks


@pytest.mark.usefixtures("sampled")
@pytest.mark.parametrize("damage", ["panel.parquet", "fitted.json", "another panel"])
def test_a_damaged_previous_run_is_told_and_stops_nothing(tmp_path: Path, damage: str) -> None:
    world, root = national_world(), tmp_path / "runs"
    first = fit_run(project_of(world, tmp_path), root, COMMAND, progress=False)
    if damage == "another panel":
        pd.read_parquet(first.path / "panel.parquet").drop(columns="control:price").to_parquet(
            first.path / "panel.parquet"
        )
    else:
        (first.path / damage).write_bytes(b"not what it was")
    second = fit_run(project_of(world, tmp_path), root, COMMAND, progress=False)
    assert "M012" in finding_ids(second)


def test_data_with_errors_write_nothing(tmp_path: Path) -> None:
    world = national_world()
    project = project_of(world, tmp_path)
    world.frame.assign(sales=np.where(np.arange(130) == 7, np.nan, world.frame["sales"])).to_csv(
        tmp_path / "weekly.csv", index=False
    )
    with pytest.raises(DataError):
        fit_run(project, tmp_path / "runs", COMMAND, progress=False)
    assert not (tmp_path / "runs").exists()


def test_a_posterior_that_cannot_be_trusted_is_refused_in_words_and_kept(tmp_path: Path) -> None:
    """Two channels that always run together and 20 draws a chain: 80 draws cannot be worth the 400 that are needed."""
    world = simulate(31, (THREE[1], Channel("twin")), n=60, l_max=4, seasonality=0, controls=(), levers=())
    world.frame["twin_spend"] = 1.3 * world.frame["search_spend"]
    section = world.section.model_copy(
        update={"sampling": world.section.sampling.model_copy(update={"draws": 20, "tune": 50})}
    )
    project = project_of(World(**(world.__dict__ | {"section": section})), tmp_path)
    run = fit_run(project, tmp_path / "runs", COMMAND, progress=False)
    assert [kept.id for kept in list_runs(tmp_path / "runs")] == [run.id]
    fitted = FittedMedia.load(run.path)
    assert run.json("trust.json")["passed"] is False
    text = fitted.trust.sentence()
    assert text.startswith("The chains do not agree: ")
    assert fitted.trust.failing
    named = [check for check in fitted.trust.checks if not check.passed and check.quantity != "all draws"]
    assert named
    assert all(check.quantity in fitted.trust.failing for check in named)
    assert all(check.cause for check in named)
    # The data said so before: the two move together.
    assert "D135" in finding_ids(run)
    shutil.rmtree(tmp_path / "runs")
