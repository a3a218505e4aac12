"""Keys of ``[media]`` that contradict each other are refused in words, and nothing that was written is ignored."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from mmm.config import ChannelPriorSection, ChannelSection, MediaSection
from tests.mmm.markets import section_of
from tests.mmm.panels import section


@pytest.mark.parametrize(
    "channel, words",
    [
        ({"reach": "r"}, "reach and frequency go together"),
        ({"frequency": "f"}, "reach and frequency go together"),
        ({"reach": "r", "frequency": "f", "exposure": "e"}, "an exposure, or reach and frequency"),
        ({"reach": "r", "frequency": "f", "saturation": "tanh"}, 'saturation = "hill"'),
        ({"reach": "r", "frequency": "f", "slope": 2.0}, "slope on frequency is always free"),
        ({"saturation": "root", "slope": "free"}, "slope belongs to"),
        ({"saturation": "tanh", "slope": 2.0}, "slope belongs to"),
        ({"slope": 0.0}, "above zero"),
        ({"slope": -1.0}, "above zero"),
        ({"slope": float("inf")}, "finite"),
        ({"adstock": "none", "half_life_days": 3.0}, "take one of the two out"),
        ({"half_life_days": 0.0}, "greater than 0"),
    ],
)
def test_a_channel_that_contradicts_itself_is_refused(channel: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        ChannelSection(name="tv", spend="tv", **channel)


def test_an_organic_channel_has_no_roi_to_believe_in() -> None:
    with pytest.raises(ValidationError, match="no ROI"):
        ChannelSection(name="mail", exposure="mail", prior=ChannelPriorSection(mean=1.0, sd=1.0))
    ChannelSection(name="mail", exposure="mail", prior=ChannelPriorSection(on="share", mean=0.1, sd=0.1))


@pytest.mark.parametrize(
    "prior, words",
    [
        ({}, "give mean and sd, or low and high"),
        ({"mean": 1.0}, "give mean and sd"),
        ({"low": 1.0, "sd": 1.0}, "give mean and sd"),
        ({"mean": 1.0, "sd": 1.0, "low": 0.5, "high": 2.0}, "not both"),
        ({"mean": 1.0, "sd": 1.0, "low": 0.5}, "not both"),
        ({"low": 2.0, "high": 2.0}, "low needs to be below high"),
        ({"low": 0.0, "high": 2.0}, 'family = "normal"'),
        ({"mean": -1.0, "sd": 1.0}, 'family = "normal"'),
        ({"mean": 1.0, "sd": 0.0}, "greater than 0"),
        ({"mean": float("nan"), "sd": 1.0}, "finite"),
        ({"low": 1.0, "high": 2.0, "probability": 1.0}, "less than 1"),
        ({"on": "coefficient", "mean": 0.1, "sd": 0.1, "family": "normal"}, "coefficient is lognormal"),
    ],
)
def test_a_belief_has_one_form_and_possible_numbers(prior: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        ChannelPriorSection(**prior)


def test_bends_need_a_trend() -> None:
    with pytest.raises(ValidationError, match="knots bend the trend"):
        section(knots=2, trend=False)
    assert section(knots=2).knots == 2


def test_a_slope_written_as_a_whole_number_is_that_slope() -> None:
    """TOML tells 2 from 2.0, and a slope that is no float would be taken for the default."""
    channel = ChannelSection.model_validate({"name": "tv", "spend": "tv", "slope": 2})
    assert isinstance(channel.slope, float)
    assert channel.slope == 2.0


def test_a_section_comes_back_from_json_as_it_was() -> None:
    """So does a run: every family, belief, sign and two group columns."""
    before = section_of(group=("region", "store"), likelihood="log", hierarchy="normal")
    assert MediaSection.model_validate_json(json.dumps(before.model_dump(mode="json"))) == before
