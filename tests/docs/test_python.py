"""The Python examples of the guide: all compile, and those of the interface run."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from mmm import FittedMedia, MediaMixModel
from tests.docs.drawn import fit_from_prior
from tests.docs.pages import ROOT, Block, blocks

README, INTERFACE = "README.md", "python-api.md"


def run(page: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Run a page's examples one after the other, as a reader would, where the retailer's data lie."""
    shutil.copytree(ROOT / "examples", folder / "examples")
    monkeypatch.chdir(folder)
    names: dict[str, Any] = {}
    for block in blocks("python"):
        if block.page.name == page:
            exec(compile(block.text, str(block.page), "exec"), names)  # noqa: S102 - our own pages
    return names


@pytest.mark.parametrize("block", blocks("python"), ids=str)
def test_every_example_compiles(block: Block) -> None:
    compile(block.text, str(block.page), "exec")


@pytest.mark.parametrize("page", [README, INTERFACE])
def test_the_examples_run_on_a_posterior_that_says_nothing(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # sampling takes a minute, and the examples are about the names around it
    monkeypatch.setattr(MediaMixModel, "fit", fit_from_prior)
    names = run(page, tmp_path, monkeypatch)
    assert isinstance(names["fitted"], FittedMedia)
    table = names["allocation"].table
    budget = table["reference_spend"].sum()
    assert table["spend"].sum() == pytest.approx(budget, abs=0.005)  # to the cent, as the guide says


def test_what_was_saved_is_what_is_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MediaMixModel, "fit", fit_from_prior)
    names = run(INTERFACE, tmp_path, monkeypatch)
    pd.testing.assert_frame_equal(names["fitted"].roi(), names["again"].roi())


@pytest.mark.slow
def test_the_ten_lines_of_the_readme_run_as_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = run(README, tmp_path, monkeypatch)
    assert names["fitted"].trust.passed
    # the README says that the data say nothing about these channels
    roi = names["fitted"].roi()
    assert (roi.loc[roi["kind"] != "lever", "identified"] == "no").all()
    shown = (ROOT / README).read_text(encoding="utf-8")
    paid = roi[roi["paid"]]
    printed = [
        float(re.search(rf"^ {channel} .*?B? +(\d+\.\d\d) ", shown, re.MULTILINE)[1]) for channel in paid["channel"]
    ]
    # sd / mean of an ROI's draws is at most 2.1 here (digital audio); with 1,200 effective draws a mean has a standard
    # error of 6 %, the difference of two machines' means 8.5 %; 4.7 of these for the largest of ten is 1 in 40,000
    assert printed == pytest.approx(paid["roi_mean"].tolist(), rel=0.4)
