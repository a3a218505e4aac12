"""The public data sets of the recipes through the whole model; skipped where they are absent."""

from __future__ import annotations

import tomllib
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mmm.config import MediaSection
from mmm.media import FittedMedia, MediaMixModel
from mmm.panel import panel_from_frame
from outlay.project import ProjectSection
from tests.docs.pages import ROOT, blocks
from tests.mmm.test_panel_real_data import DATA

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the public data sets are not beside this checkout")

SHORT = {"chains": 2, "tune": 300, "draws": 300}


def recipe(name: str) -> dict[str, Any]:
    """The project of a recipe, by the name it gives itself."""
    found = [tomllib.loads(block.text) for block in blocks("toml") if block.page == ROOT / "docs" / "recipes.md"]
    return next(project for project in found if project.get("project", {}).get("name") == name)


def fitted(project: dict[str, Any], file: str) -> FittedMedia:
    """A short fit of a recipe on its file."""
    media = MediaSection.model_validate({**project["media"], "sampling": SHORT})
    frame = pd.read_csv(DATA / file)
    for event in media.events:
        frame[event] = (frame["events"] == event).astype(int)
    frame[media.date] = pd.to_datetime(frame[media.date])
    about = ProjectSection(**project["project"])
    return MediaMixModel(panel_from_frame(frame, media, about, today=date(2030, 1, 1)), media, about).fit()


def geo_media() -> dict[str, Any]:
    """The recipe of reach and frequency with impressions in their place, as the page says."""
    project = recipe("reach and frequency")
    channels = [dict(channel) for channel in project["media"]["channels"]]
    del channels[3]["reach"], channels[3]["frequency"]
    channels[3]["exposure"] = "Channel3_impression"
    return {**project, "media": {**project["media"], "channels": channels}}


@pytest.mark.parametrize(
    ("project", "file"),
    [
        (lambda: recipe("all channels"), "meridian/national_all_channels.csv"),
        (lambda: recipe("robyn"), "robyn/dt_simulated_weekly.csv"),
        (geo_media, "meridian/geo_media.csv"),
        (lambda: recipe("reach and frequency"), "meridian/geo_media_rf.csv"),
    ],
    ids=["national_all_channels", "robyn", "geo_media", "geo_media_rf"],
)
def test_a_public_data_set_goes_all_the_way(project: Any, file: str) -> None:
    it = fitted(project(), file)
    assert it.samples.route == "kernel"
    roi = it.roi()
    paid = roi[roi["paid"] & roi["group"].isna()]
    assert len(paid) == it.design.panel.paid.sum()
    assert np.isfinite(paid["roi_mean"]).all()
    assert (paid["roi_hdi_low"] < paid["roi_hdi_high"]).all()
    # What every part brought adds up to the fitted outcome, period by period, in every group.
    whole = it.decomposition.by_period.groupby(["date", "group"], dropna=False)["mean"].sum()
    fit = it.fit_table().set_index(["date", "group"])["mean"]
    np.testing.assert_allclose(whole.sort_index(), fit.sort_index(), rtol=1e-9)
    curves = it.curves()
    assert set(curves["channel"]) == set(paid["channel"])
    total = it.forecast(periods=8).totals
    assert np.isfinite(total.select_dtypes("number").to_numpy()).any()
