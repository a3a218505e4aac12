"""The project files in the guide: every block validates, and the recipes read tables of the shape that they name."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cli.config import load, media_section, plan_section, project_section
from mmm.panel import MediaPanel, panel_from_table
from outlay.project import Project
from tests.docs.pages import ROOT, Block, blocks

PROJECT = '[project]\nname = "shop"\n\n'
MEDIA = '[media]\nsource = "a.csv"\ndate = "week"\nkpi = "sales"\n\n'
CHANNEL = '[[media.channels]]\nname = "tv"\nspend = "tv_spend"\n\n'
RECIPES = [block for block in blocks("toml") if block.page.name == "recipes.md"]


def whole(fragment: str) -> str:
    """A fragment of a project file with the sections that it leaves out."""
    text = fragment
    if re.search(r"^\[+media\.", text, re.MULTILINE) and not re.search(r"^\[media\]", text, re.MULTILINE):
        text = MEDIA + ("" if "[[media.channels]]" in text else CHANNEL) + text
    return text if re.search(r"^\[project\]", text, re.MULTILINE) else PROJECT + text


def loaded(block: Block, folder: Path) -> Project:
    path = folder / "outlay.toml"
    path.write_text(whole(block.text), encoding="utf-8")
    return load(path)


@pytest.mark.parametrize("block", blocks("toml"), ids=str)
def test_every_block_validates(block: Block, tmp_path: Path) -> None:
    assert loaded(block, tmp_path).sections


def test_a_misspelt_key_would_be_found(tmp_path: Path) -> None:
    block = Block(ROOT / "README.md", "toml", "[media.prior]\npaid_shares = 0.05\n")
    with pytest.raises(Exception, match="paid_share"):
        loaded(block, tmp_path)


def read(block: Block, folder: Path, frame: pd.DataFrame) -> tuple[Project, MediaPanel]:
    project = loaded(block, folder)
    section = media_section(project)
    (folder / "data").mkdir()
    frame.to_csv(folder / section.source, index=False)
    return project, panel_from_table(section, project_section(project), folder)


def test_the_panel_recipe_reads_its_table(tmp_path: Path) -> None:
    # the columns of PyMC-Marketing's mmm_multidimensional_example.csv
    rng, dates = np.random.default_rng(1), pd.date_range("2022-06-06", periods=60, freq="7D")
    parts = [
        pd.DataFrame({"date": dates, "geo": geo, "x1": rng.gamma(2, 500, 60), "x2": rng.gamma(2, 300, 60)}).assign(
            event_1=(np.arange(60) == 7).astype(int),
            event_2=(np.arange(60) == 40).astype(int),
            y=rng.normal(9e3, 500, 60),
        )
        for geo in ("geo_a", "geo_b")
    ]
    project, panel = read(RECIPES[0], tmp_path, pd.concat(parts))
    assert panel.groups == ("geo_a", "geo_b")
    assert panel.channels == ("x1", "x2")
    assert (panel.exposure == panel.spend).all()
    assert panel.event_names == ("event_1", "event_2")
    plan = plan_section(project)
    assert plan is not None
    assert [(bound.channel, bound.group) for bound in plan.bounds] == [("x1", None), ("x2", "geo_b")]


def test_the_conversion_recipe_reads_its_table(tmp_path: Path) -> None:
    # the columns of Meridian's national_media.csv
    rng, dates = np.random.default_rng(1), pd.date_range("2021-01-25", periods=60, freq="7D")
    frame = pd.DataFrame({"time": dates, "conversions": rng.integers(10**8, 2 * 10**8, 60)})
    frame = frame.assign(revenue_per_conversion=0.035)
    for c in range(4):
        impressions = rng.integers(10**7, 2 * 10**7, 60)
        frame = frame.assign(**{f"Channel{c}_impression": impressions, f"Channel{c}_spend": impressions * 0.011})
    frame = frame.assign(
        competitor_activity_score_control=rng.normal(size=60), sentiment_score_control=rng.normal(size=60)
    )
    _, panel = read(RECIPES[1], tmp_path, frame)
    assert panel.kpi_type == "units"
    assert panel.has_value
    assert (panel.value == 0.035).all()
    assert panel.channels == ("channel_0", "channel_1", "channel_2", "channel_3")
    assert panel.n_periods == 60
