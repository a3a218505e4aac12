"""The page of verdicts and the multiverse on the command line, from fits by regression."""

from __future__ import annotations

import json
from pathlib import Path
from unittest.mock import patch

import pytest
from typer.testing import CliRunner, Result

from cli.app import app
from cli.outputs.registry import OUTPUTS
from cli.outputs.validation import MultiverseOutput
from outlay.runs import Run, RunWriter
from tests.mmm.validation.fitters import conjugate_fit
from tests.mmm.validation.markets import fit

ASKED = ["--folds", "4", "--horizon", "8", "--quick"]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one fit run."""
    folder, it = tmp_path_factory.mktemp("validate"), fit()
    with RunWriter(folder / "runs", "fit", command=["outlay", "fit"], seed=1) as writer:
        it.save(writer.folder)
        writer.write_json("trust", {**it.trust.as_dict(), "passed": True})
        writer.write_json("findings", [])
        writer.write_json("model", it.facts())
        for name in ("roi", "total"):
            writer.write_table(name, it.tables()[name])
    return folder


def asked(project: Path, *words: str, width: int = 100) -> Result:
    runner = CliRunner()
    with patch("mmm.validation.report.short_fitter", return_value=conjugate_fit):
        return runner.invoke(
            app, [*words, "--project", str(project / "outlay.toml")], env={"COLUMNS": str(width), "NO_COLOR": "1"}
        )


@pytest.mark.parametrize("width", [80, 120])
def test_the_page_answers_every_question_within_the_terminal(project: Path, width: int) -> None:
    said = asked(project, "validate", *ASKED, width=width)
    assert said.exit_code == 0, said.output
    page = said.stdout
    assert "samples through PyMC, and each of about" in " ".join(said.stderr.split())  # as this fit says of itself
    for question in ("Does it predict?", "Does it stay?", "Could the data tell?", "What to do", "Use it?"):
        assert question in page
    for id in ("V001", "V008", "V010"):
        assert f"  {id}  " in page
    assert max(len(line) for line in page.splitlines()) <= width
    assert len(page.splitlines()) < 75  # a page


def test_the_document_has_every_number(project: Path) -> None:
    said = asked(project, "validate", *ASKED, "--json")
    assert said.exit_code == 0, said.output
    document = json.loads(said.stdout)
    OUTPUTS["validate"].model_validate(document)
    assert len(document["folds"]) == 2
    assert document["scores"][0]["naive"] == "same period last year"
    assert {row["level"] for row in document["coverage"]} == {0.5, 0.8, 0.9}
    assert [row["channel"] for row in document["channels"]] == ["tv", "search"]


def test_a_horizon_that_leaves_no_origin_is_said_and_no_error(project: Path) -> None:
    said = asked(project, "validate", "--horizon", "60", "--quick", "--json")
    assert said.exit_code == 0, said.output
    document = json.loads(said.stdout)
    assert document["skill"] is None
    first = next(row for row in document["verdicts"] if row["id"] == "V001")
    assert first["status"] == "open"
    assert "too few periods" in first["what"]


def test_one_origin_is_no_cross_validation(project: Path) -> None:
    assert asked(project, "validate", "--folds", "1").exit_code == 2


def test_without_a_fit_there_is_nothing_to_validate(tmp_path: Path) -> None:
    said = asked(tmp_path, "validate")
    assert said.exit_code != 0
    assert "R001" in said.output


def test_the_multiverse_is_kept_with_a_picture_and_shown(project: Path) -> None:
    """Names of channels reach the page escaped, and nothing in it is fetched."""
    from cli.charts_multiverse import picture
    from cli.multiverse import summarise
    from mmm.validation.multiverse_run import multiverse_run
    from outlay.runs import open_run

    run: Run = open_run(project / "runs", None, "fit")
    with (
        patch("mmm.validation.multiverse_run.short_fitter", return_value=conjugate_fit),
        patch("mmm.validation.multiverse.chains_met", return_value=True),
    ):
        made = multiverse_run(run, project / "runs", ["outlay"], cap=4, draw=picture)
    assert made.parents == (run.id,)
    result = summarise(made)
    MultiverseOutput.model_validate(json.loads(json.dumps(result.document())))
    assert len(result.models) == 4 * 2
    assert sum(result.weights.values()) == pytest.approx(1.0)
    page = made.file("multiverse.html").read_text(encoding="utf-8")
    assert "<script src" not in page
    assert "Multiverse: 4 plausible models" in page
