"""What was assumed is told as the model has it: every sentence belongs to a choice, and no choice goes untold."""

from __future__ import annotations

import re

import numpy as np
import pytest

from mmm.assumed import assumptions
from mmm.facts import window_findings
from tests.mmm.markets import frame_of, market, picked, section_of, setup_of


def told(name: str) -> str:
    it = market(name)
    return "\n".join(assumptions(it.design, it.priors))


def test_beliefs_of_channels_are_told_one_by_one() -> None:
    text = told("families")
    left = market("families").design
    share = 100 * 0.1 * left.spend_share[left.blocks.pooled].sum()
    stated = r"The paid channels without a belief of their own \(tv, search, video\) cause ([\d.]+) % of the KPI"
    found = re.search(stated, text)
    assert found is not None
    assert float(found[1]) == pytest.approx(share, rel=0.005)  # three digits
    for line in (
        "radio: ROI of 2 on average with sd 1.5 (lognormal prior of its own).",
        "print: share of the KPI of 0.01 on average with sd 0.02 (normal prior of its own).",
        "ooh: coefficient (effect per period at full saturation, over the KPI) of 0.01 to 0.05 with 80% prior "
        "probability (lognormal prior of its own).",
        "steep: ROI of 0.5 to 3 with 80% prior probability (lognormal prior of its own).",
        "mail: each causes 1.0% of the KPI in the middle of the prior.",
    ):
        assert line in text.split("\n")


def test_half_lives_are_told_with_where_they_come_from() -> None:
    text = told("families")
    assert "Half-life of tv: 9.4 days in the middle of the prior, between 4 and 22 days" in text
    assert "(media type tv)" in text
    assert "Half-life of search: 2.1 days" in text
    assert "Half-life of radio: 10 days" in text
    assert "(its own half_life_days)" in text
    assert "Half-life of print, video, mail, steep: 7 days" in text
    assert "ooh" not in next(line for line in text.split("\n") if line.startswith("Half-life of print"))
    assert "The effect of tv, video peaks between 2.2 and 22 days after the exposure" in text
    assert "Weibull shape of search, radio" in text


def test_curves_are_told_by_what_they_are() -> None:
    lines = told("families").split("\n")
    families = "Adstock: delayed, geometric, none, weibull, weibull_cdf; "
    assert families + "saturation: hill, logistic, michaelis_menten, none, root, tanh." in lines
    assert "Exposure of print, mail saturates in its own period, before it carries over." in lines
    assert "Hill slope of tv: free, between 0.44 and 2.3 with 90 % prior probability." in lines
    assert "Hill slope of steep: fixed at 2.5." in lines
    assert any(
        line.startswith("video: linear in reach, half of the most at between 1 and 3.9 contacts") for line in lines
    )
    assert not any("idle" in line for line in lines)  # it never ran: nothing was assumed of it


@pytest.mark.parametrize(
    "name, said, unsaid",
    [
        ("families", "The effect of print may be negative", "Media effects are never negative"),
        ("families", "More of discount only ever raises the KPI", "lowers"),
        ("families", "a trend with 2 evenly spaced bends", "linear trend"),
        ("families", "Noise is normal", "Student"),
        ("crossed", "varies over region and store around a common one (lognormal)", "(normal)"),
        ("crossed", "Student's t", "Noise is normal"),
        ("nested", "In a single group a media effect may be negative", "Media effects are never negative"),
        ("nested", "More of discount only ever lowers the KPI", "raises"),
        ("nested", "Noise multiplies", "Noise is normal"),
        ("nested", "Effects multiply", "Student"),
        ("net", "The base has no trend.", "linear trend"),
        ("organic", "tv, mail", "Paid media"),
        ("owned", "radio: ROI of 2", "Paid media"),
    ],
)
def test_signs_groups_noise_and_trend_are_told_as_they_are(name: str, said: str, unsaid: str) -> None:
    text = told(name).replace("mail, tv", "tv, mail")
    assert said in text
    assert unsaid not in text


def test_a_plain_model_says_the_plain_things() -> None:
    it = setup_of(frame_of(3, 50), section_of(channels=picked("tv", "search"), knots=0, levers=(), controls=()))
    lines = assumptions(it.design, it.priors)
    assert lines[0].startswith(
        "Paid media cause 10 % of the KPI in the middle of the prior (sd 1.2 on the logit), split"
    )
    assert "Media effects are never negative." in lines
    assert not any("Levers" in line or "varies over" in line for line in lines)
    assert lines[-1] == "The base has a linear trend."


def first_rows(history: int, l_max: int = 5) -> str:
    frame = frame_of(4, 50)
    frame.loc[frame.index[:history], "sales"] = np.nan
    found = window_findings(setup_of(frame, section_of(l_max=l_max, knots=0)).design)
    return next(finding.what for finding in found if finding.id == "M010")


def test_the_first_rows_are_told_with_and_without_media_history() -> None:
    """Weeks from 3 January 2022. Four weeks of history are enough for a carry-over of five periods, three are not."""
    assert first_rows(0).startswith("the first 5 weeks (2022-01-03 to 2022-01-31) only warm up the adstock")
    enough = first_rows(4)
    assert enough.startswith("media history without a KPI, 4 weeks (2022-01-03 to 2022-01-24), warms up the adstock")
    assert "every row with a KPI is scored" in enough
    assert "all tables are about 2022-01-31 to 2022-12-12" in enough
    assert "20 weeks (2022-01-03 to 2022-05-16)" in first_rows(20)
    short = first_rows(3)
    assert "3 weeks (2022-01-03 to 2022-01-17), is shorter than the carry-over" in short
    assert "so 2 weeks with a KPI (2022-01-24 to 2022-01-31) warm up the adstock too" in short


def test_a_paid_channel_without_spend_in_the_scored_rows_is_told() -> None:
    frame = frame_of(4, 50)
    frame.loc[frame.index[5:], "tv"] = 0.0  # its exposure goes on
    found = window_findings(setup_of(frame, section_of(channels=picked("tv", "search"), knots=0)).design)
    assert [finding.where for finding in found if finding.id == "M011"] == ["channel tv"]
