"""Lift tests: what a table may say, what the model compares, and what the posterior does with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mmm.calibration import untrusted
from mmm.config_lift import LiftSection
from mmm.design import make_design
from mmm.lift_notes import lift_findings
from mmm.lift_series import predicted_lift
from mmm.lift_tests import LiftTest, lift_tests_from_frame, read_lift_tests
from mmm.link import cell_effect
from outlay.errors import ConfigError, DataError
from outlay.trust import Check, Trust
from tests.mmm.fabricated import design_of, draws_of

GEOS = ("north", "south", "west")


def table(**row: Any) -> pd.DataFrame:
    given = {"channel": "tv", "start": "2022-07-04", "end": "2022-07-31", "spend_change": 100.0}
    measured = {} if {"roi", "lift"} & set(row) else {"lift": 900.0, "lift_se": 200.0}
    return pd.DataFrame([given | measured | row])


def ids_of(frame: pd.DataFrame, groups: tuple[str, ...] = GEOS, **section: Any) -> list[str]:
    with pytest.raises(DataError) as caught:
        lift_tests_from_frame(frame, design_of(groups=groups, **section).panel)
    return [finding.id for finding in caught.value.findings]


def test_a_test_is_placed_by_its_dates_channels_and_groups() -> None:
    panel = design_of(groups=GEOS).panel
    (test,) = lift_tests_from_frame(table(channel="tv + radio", group="south+west"), panel)
    # 4 July 2022 is 26 weeks after 3 January 2022; four weeks end on row 29.
    assert (test.first, test.last) == (26, 29)
    assert test.channels == (0, 2)
    assert test.groups == (1, 2)
    assert test.lift == 900.0
    assert not test.after


def test_an_empty_group_is_all_groups_and_a_day_inside_a_week_is_that_week() -> None:
    panel = design_of(groups=GEOS).panel
    (test,) = lift_tests_from_frame(table(start="2022-07-06", end="2022-07-07", group=None), panel)
    assert test.groups == (0, 1, 2)
    assert (test.first, test.last) == (26, 26)


def test_an_roi_becomes_a_lift_in_units_of_the_kpi() -> None:
    panel = design_of(kpi_type="units", value_per_kpi="worth").panel
    (test,) = lift_tests_from_frame(table(roi=2.0, roi_se=0.5), panel)
    worth = panel.value[26:30].mean()
    # Twice a spend of 100 is 200 of value.
    assert test.lift == pytest.approx(200.0 / worth)
    assert test.lift_se == pytest.approx(50.0 / worth)


def test_an_roi_without_a_change_is_about_all_spend_of_the_window() -> None:
    panel = design_of().panel
    (test,) = lift_tests_from_frame(table(roi=1.5, roi_se=0.5, spend_change=np.nan), panel)
    assert test.spend_change == pytest.approx(panel.spend[26:30, :, 0].sum())
    assert test.lift == pytest.approx(1.5 * test.spend_change)


@pytest.mark.parametrize(
    ("row", "id"),
    [
        ({"channel": "print"}, "M030"),
        ({"group": "east"}, "M030"),
        ({"end": "2022-06-01"}, "M031"),
        ({"end": "2031-06-01"}, "M031"),
        ({"lift": 5.0, "lift_se": 0.0}, "M032"),
        ({"lift": 5.0, "lift_se": None}, "M032"),
        ({"lift": 5.0, "lift_se": 1.0, "roi": 2.0, "roi_se": 1.0}, "M032"),
        ({"spend_change": 0.0}, "M033"),
        ({"spend_change": 1e9}, "M033"),
        ({"carry_over": "later"}, "M034"),
    ],
)
def test_a_test_that_cannot_be_read_is_refused(row: dict[str, Any], id: str) -> None:
    assert ids_of(table(**row)) == [id]


def test_a_group_in_a_national_model_and_an_roi_of_a_count_are_refused() -> None:
    assert ids_of(table(group="north"), groups=()) == ["M030"]
    assert ids_of(table(roi=2.0, roi_se=1.0), groups=(), kpi_type="units") == ["M032"]


def test_every_bad_row_is_told() -> None:
    assert ids_of(pd.concat([table(channel="print"), table(spend_change=0.0)])) == ["M030", "M033"]


def test_a_table_is_read_from_its_file_and_unknown_columns_are_refused(tmp_path: Path) -> None:
    panel = design_of(groups=GEOS).panel
    table(group="north", test="spring").to_csv(tmp_path / "lifts.csv", index=False)
    (test,), _ = read_lift_tests(LiftSection(source="lifts.csv", carry_over="after"), panel, tmp_path)
    assert test.name == "1: spring"
    assert test.groups == (0,)
    assert test.after
    table(budget=3).to_csv(tmp_path / "lifts.csv", index=False)
    with pytest.raises(ConfigError, match="budget"):
        read_lift_tests(LiftSection(source="lifts.csv"), panel, tmp_path)


def given(design_options: dict[str, Any], **test: Any) -> tuple[Any, Any]:
    """A design with one test, and draws for it."""
    base = design_of(**design_options)
    tests = lift_tests_from_frame(table(**test), base.panel)
    design = make_design(base.panel, base.section, tests)
    return design, draws_of(design)


@pytest.mark.parametrize("channel", ["tv", "search", "radio", "video"])
@pytest.mark.parametrize("carry", ["inside", "after"])
@pytest.mark.parametrize("change", [-300.0, 250.0])
def test_the_predicted_lift_is_the_difference_of_two_histories(channel: str, carry: str, change: float) -> None:
    """Brute force: the channel's effect over all history as it was, less with the window's exposure scaled back."""
    design, draws = given({"groups": GEOS}, channel=channel, group="south", carry_over=carry, spend_change=change)
    test, c = design.tests[0], design.panel.channels.index(channel)
    counted = slice(test.first, test.last + 1 + (design.l_max - 1 if carry == "after" else 0))
    exposure = design.panel.exposure[:, 1, c]
    without = exposure.copy()
    without[26:30] *= 1.0 - change / design.panel.spend[26:30, 1, c].sum()
    brute = cell_effect(draws, 1, c, counted) - cell_effect(draws, 1, c, counted, without)
    np.testing.assert_allclose(predicted_lift(draws, design.lifts)[:, 0], brute.sum(1), rtol=1e-9)


def test_several_channels_and_groups_add_up_and_share_the_change_by_their_spend() -> None:
    design, draws = given({"groups": GEOS}, channel="tv+search", spend_change=400.0)
    spent = design.panel.spend[26:30][:, :, :2].sum()
    total = np.zeros(draws.n_draws)
    for g in range(3):
        for c in (0, 1):
            without = design.panel.exposure[:, g, c].copy()
            without[26:30] *= 1.0 - 400.0 / spent
            moved = cell_effect(draws, g, c, slice(26, 30)) - cell_effect(draws, g, c, slice(26, 30), without)
            total += moved.sum(1)
    np.testing.assert_allclose(predicted_lift(draws, design.lifts)[:, 0], total, rtol=1e-9)


def test_under_a_log_likelihood_channels_lose_their_part_together() -> None:
    design, draws = given({"likelihood": "log"}, channel="tv+search", spend_change=400.0)
    spent = design.panel.spend[26:30, 0, :2].sum()
    effect = np.zeros((draws.n_draws, 4))
    for c in (0, 1):
        without = design.panel.exposure[:, 0, c].copy()
        without[26:30] *= 1.0 - 400.0 / spent
        effect += cell_effect(draws, 0, c, slice(26, 30)) - cell_effect(draws, 0, c, slice(26, 30), without)
    lost = ((1.0 - np.exp(-effect)) * design.panel.kpi[26:30, 0]).sum(1)
    np.testing.assert_allclose(predicted_lift(draws, design.lifts)[:, 0], lost, rtol=1e-9)


def test_a_dark_test_puts_back_what_its_money_would_have_bought() -> None:
    base = design_of()
    panel = base.panel
    for series in (panel.spend, panel.exposure):
        series[26:30, 0, 0] = 0.0
    tests = lift_tests_from_frame(table(spend_change=-1200.0, lift=-500.0, lift_se=100.0), panel)
    lifts = make_design(panel, base.section, tests).lifts
    assert lifts is not None
    design = make_design(panel, base.section)
    put_back = (lifts.without - lifts.given)[0] * design.x_scale[0, 0]
    # Four equal weeks, at the cost of the last year.
    each = 1200.0 / 4 / design.future.cost_per_exposure[0, 0]
    np.testing.assert_allclose(put_back[design.l_max - 1 : design.l_max + 3], each, rtol=1e-12)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({}, []),
        ({"start": "2022-07-06"}, ["M038"]),
        ({"end": "2022-07-30"}, ["M038"]),
        ({"start": "2022-01-03", "end": "2022-01-30"}, ["M039"]),
        ({"start": "2022-01-31", "end": "2022-02-27"}, []),
        ({"start": "2023-04-24", "end": "2023-05-07", "carry_over": "after"}, ["M039"]),
        ({"start": "2023-04-24", "end": "2023-05-07", "carry_over": "inside"}, []),
    ],
)
def test_periods_in_part_and_the_edges_of_the_data_are_told(row: dict[str, Any], said: list[str]) -> None:
    """70 weeks from 3 January 2022 end on 7 May 2023; l_max of 5 reaches four weeks further on either side."""
    design, _ = given({"likelihood": "log"}, **row)
    assert [finding.id for finding in lift_findings(design)] == said


def test_carry_over_after_the_data_counts_where_effects_add() -> None:
    design, _ = given({}, start="2023-04-24", end="2023-05-07", carry_over="after")
    assert lift_findings(design) == []


@pytest.mark.parametrize("passed, told", [(True, []), (False, ["M029"])])
def test_a_fit_without_tests_that_did_not_converge_is_told(passed: bool, told: list[str]) -> None:
    check = Check("T001", "R-hat", 1.004 if passed else 1.2, 1.01, passed, "ROI of tv", "")
    steady = [Check(id, name, 1000.0, 400.0, True, "ROI of tv", "") for id, name in _OTHERS]
    trust = Trust(passed, (check, *steady), 500, 2)
    found = untrusted(trust)
    assert [finding.id for finding in found] == told
    assert all("ROI of tv" in finding.what for finding in found)


_OTHERS = (("T002", "bulk ESS"), ("T003", "tail ESS"), ("T004", "divergent draws"))


def test_a_test_survives_the_run_s_json() -> None:
    (test,) = lift_tests_from_frame(table(), design_of().panel)
    assert LiftTest.from_dict(test.as_dict()) == test
