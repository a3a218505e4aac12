"""New segments: due where customers have changed, and seldom where they have not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from segmentation.assign import Assigned, assign
from segmentation.drift import DriftReference, compare, reference
from segmentation.drift_verdict import Verdict, refit
from segmentation.mixed import Mixed
from tests.segmentation.moving import Halves, customers, mixed, preparation


def kept(rows: Mixed) -> DriftReference:
    found = Halves().assign(rows)
    return reference(rows, found.labels + 1, distance=found.distance, sureness=found.sureness)


def verdict(then: Mixed, now: Mixed, min_share: float = 0.03) -> tuple[Verdict, Assigned]:
    before = kept(then)
    found = assign(customers(now), preparation(), Halves(), before)
    return refit(compare(before, found.rows, found.numbers), before, found, min_share=min_share), found


def test_the_same_customers_need_no_new_segments() -> None:
    told, found = verdict(mixed(3000, 1), mixed(2000, 2))
    assert not told.refit
    assert told.findings == ()
    assert "no more than chance makes it" in told.reasons[0]
    assert found.far_share == pytest.approx(0.01, abs=0.007)  # 3 standard errors of sqrt(.01 .99 / 2000)


def test_a_feature_that_moved_far_is_the_reason() -> None:
    told, _ = verdict(mixed(3000, 1), mixed(2000, 2, shift=0.7))
    assert told.refit
    assert told.reasons[0].startswith("spent moved far: PSI 0.")
    assert {finding.id for finding in told.findings} == {"K091", "K092"}
    assert "up 0." in told.findings[0].what


def test_a_small_change_beyond_chance_is_no_reason() -> None:
    # 0.25 sd: an index of about 0.06, beyond chance at 20,000 customers, and small
    told, _ = verdict(mixed(20_000, 1), mixed(20_000, 2, shift=0.25))
    assert not told.refit
    assert "beyond chance, and little" in told.reasons[0]


def test_customers_unlike_any_segment_are_a_reason() -> None:
    now = mixed(2000, 2)
    now.numbers[:140, 0] = 9.0  # in the last bin as many others: no index sees it
    told, found = verdict(mixed(3000, 1), now)
    assert told.refit
    assert any("unlike any segment" in reason for reason in told.reasons)
    assert found.far[:140].all()
    (finding,) = [each for each in found.findings if each.id == "K090"]
    assert "customers.csv, lines 2, 3, 4, 5, 6" in finding.where


def test_a_feature_that_moved_inside_segments_is_a_reason() -> None:
    # Up in one segment and down in the other: everybody together spreads as before, twice as far apart.
    then, now = mixed(3000, 1), mixed(2000, 2)
    sign = np.where(now.numbers[:, 2] > 0, 1.0, -1.0).astype(np.float32)
    now.numbers[:, 1] = 0.7 * sign + np.sqrt(np.float32(0.51)) * now.numbers[:, 1]
    told, _ = verdict(then, now)
    assert told.refit
    assert any("visits moved far inside segments 1, 2, which hold 100%" in reason for reason in told.reasons)


def test_segments_that_run_empty_are_a_reason() -> None:
    then, now = mixed(3000, 1), mixed(2000, 2)
    now.numbers[:, 2] = -np.abs(now.numbers[:, 2])
    now.numbers[:20, 2] = 1.0
    told, _ = verdict(then, now)
    assert any(reason.startswith("segment 2 holds 1.0%") for reason in told.reasons)


def test_blurred_borders_are_a_reason() -> None:
    then, now = mixed(3000, 1), mixed(2000, 2)
    now.numbers[:, 2] *= 0.2
    told, _ = verdict(then, now)
    assert any("nearer to borders" in reason for reason in told.reasons)


def test_without_distances_nobody_is_far() -> None:
    then = mixed(500, 1)
    before = reference(then, Halves().assign(then).labels + 1)
    assert not assign(customers(mixed(300, 2)), preparation(), Halves(), before).far.any()


def test_new_levels_are_neutral_and_told() -> None:
    table = customers(mixed(300, 2))
    table.frame.loc[:9, "card"] = "platinum"
    found = assign(replace(table), preparation(), Halves(), kept(mixed(500, 1)))
    assert (found.rows.codes[:10, 0] == -1).all()
    assert len(found.numbers) == 300
    assert any("platinum" in finding.what for finding in found.findings)


@pytest.mark.slow
def test_false_alarms_are_rare() -> None:
    # 200 pairs of unchanged tables: no verdict of a refit. One in 200 would be tolerable; two would come with a
    # probability of 26 % at that rate and 98 % at a rate of 3 %, so the test sees a rate of 3 %.
    assert sum(verdict(mixed(400, 2 * seed), mixed(300, 2 * seed + 1))[0].refit for seed in range(200)) <= 1
