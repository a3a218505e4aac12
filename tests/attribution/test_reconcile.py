"""Journeys beside the media-mix model: ratios and totals draw by draw, costs, and names that are joined."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from attribution.credit import Attribution, attribute
from attribution.journeys_counts import counts_from_frame
from attribution.journeys_run import answer
from attribution.reconcile import MediaTotals, joined, reconcile, spend_of, with_costs
from outlay.project import ProjectSection
from tests.attribution.touches import NOW, random_touches, section

ABOUT = ProjectSection(name="test")


def attributed(**more: Any) -> Attribution:
    of = section(value="value", draws=400, **more)
    return attribute(counts_from_frame(random_touches(1, 800), of, NOW), of, ABOUT)


def totals(draws: np.ndarray, **more: Any) -> MediaTotals:
    plain: dict[str, Any] = {
        "channels": ("c0", "c1", "mail"),
        "spend": np.array([100.0, 200.0, 50.0]),
        "start": date(2025, 1, 1),
        "end": date(2026, 1, 1),
        "unit": "conversions",
        "contribution": draws,
        "outcome": 500.0,
        "run": "fit",
    }
    return MediaTotals(**{**plain, **more})


def test_over_credit_is_credited_over_caused() -> None:
    found = attributed()
    caused = np.full((300, 3), 20.0)  # a model without doubt: all spread is the journeys'
    told = reconcile(found, {}, totals(caused), {}, "linear", 1)
    assert told is not None
    credit = found.credits["linear"]
    assert told.channels["channel"].tolist() == ["c0", "c1"]
    expected = np.median(credit.draws[:, :2], 0) * found.counts.conversions / 20
    np.testing.assert_allclose(told.channels["over_credit_median"], expected, rtol=0.01)
    lines = told.bridge.set_index("line")["mean"]
    assert lines["untracked"] == 500 - found.counts.conversions
    assert lines["baseline"] == pytest.approx(500 - 60)
    assert lines["credited_media"] + lines["credited_other"] == pytest.approx(lines["tracked"])
    assert lines["over_credit"] == pytest.approx(lines["credited_media"] - 40)


def test_a_media_channel_of_two_touch_channels_is_split_by_their_shares() -> None:
    found = attributed()
    caused = np.random.default_rng(1).gamma(50, 1, (400, 3))
    told = reconcile(found, {}, totals(caused), {"c1": "c0"}, "linear", 1)
    assert told is not None
    inside = told.inside
    assert inside["part"].tolist() == ["c0", "c1"]
    assert inside["share_mean"].sum() == pytest.approx(1)
    # model total x journey share: the parts add up to the model's total
    assert inside["incremental_mean"].sum() == pytest.approx(told.channels["incremental_mean"][0])


def test_a_channel_that_caused_nothing_has_no_finite_ratio_and_is_surely_over_credited() -> None:
    told = reconcile(attributed(), {}, totals(np.zeros((300, 3))), {}, "linear", 1)
    assert told is not None
    assert (told.channels["p_over"] == 1).all()
    assert (told.channels["over_credit_median"] >= 1e12).all()


def test_no_common_channel_is_no_comparison() -> None:
    assert reconcile(attributed(), {}, totals(np.ones((10, 3)), channels=("x", "y", "z")), {}, "linear", 1) is None


def test_names_are_joined_by_the_map() -> None:
    assert joined(("a", "b", "c"), ("tv", "c"), {"a": "tv", "b": "tv"}) == {"tv": [0, 1], "c": [2]}
    spend, shared = spend_of(
        ("a", "b", "c"),
        totals(np.ones((1, 2)), channels=("tv", "c"), spend=np.array([7.0, 9.0])),
        {"a": "tv", "b": "tv"},
        {},
    )
    assert (spend, shared) == ({"c": 9.0}, ["a", "b"])


def test_costs_by_hand() -> None:
    found = attributed()
    costs = with_costs(found, {"c0": 1000.0})
    row = costs[(costs["model"] == "linear") & (costs["channel"] == "c0")].iloc[0]
    credit = found.credits["linear"]
    assert row["roi"] == pytest.approx(credit.value_share[0] * found.counts.value / 1000)
    assert row["cpa_median"] == pytest.approx(1000 / (credit.share[0] * found.counts.conversions), rel=0.02)
    assert row["cpa_hdi_low"] < row["cpa_median"] < row["cpa_hdi_high"]
    assert costs[costs["channel"] == "c1"][["spend", "roi", "cpa_median"]].isna().all(axis=None)


@pytest.mark.parametrize(
    ("more", "id"),
    [
        ({"unit": "value"}, ""),
        ({"unit": ""}, "J054"),
        ({"outcome": 3.0}, "J053"),
        ({"start": date(2025, 3, 20), "end": date(2025, 4, 10)}, "J058"),
        ({"start": date(2024, 3, 20), "end": date(2024, 4, 10)}, "J052"),
        ({"spend": np.array([np.nan, 1.0, 1.0])}, "J051"),
    ],
    ids=str,
)
def test_what_does_not_fit_is_told(more: dict[str, Any], id: str, tmp_path: Path) -> None:
    random_touches(1, 400).to_csv(tmp_path / "touches.csv", index=False)
    media = totals(np.full((50, 3), 5.0), **more)
    found = answer(section(value="value", draws=200), ABOUT, tmp_path, lambda start, end: media)
    ids = {finding.id for finding in found.findings}
    assert not id or id in ids
    assert (found.reconciled is None) == (id in ("J052", "J054"))
