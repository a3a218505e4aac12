"""Waterfalls, joint counterfactuals and the best frequency, against what they are defined as."""

from __future__ import annotations

import numpy as np
import pytest

from mmm.contributions import components
from mmm.counterfactual import what_if, what_if_table
from mmm.draws import MediaDraws
from mmm.frequency import best_frequency, frequency_table
from mmm.link import cell_effect, expected_kpi
from mmm.returns import window_returns
from mmm.waterfall import totals_table, waterfall_table
from mmm.windows import scopes, window_rows
from outlay.errors import ConfigError
from outlay.transforms import SATURATIONS
from tests.mmm.fabricated import design_of, draws_of

GROUPS = ("north", "south")
WORTH = {"kpi_type": "units", "value_per_kpi": "worth"}


def market(**section: object) -> tuple[MediaDraws, slice]:
    draws = draws_of(design_of(**section), 12)
    return draws, window_rows(draws.design, "2022-06-01", "2022-10-31")


@pytest.mark.parametrize("section", [{}, {"groups": GROUPS}, {"groups": GROUPS, "likelihood": "log"}, WORTH])
def test_a_waterfall_is_the_sum_of_the_components_and_ends_at_the_outcome(section: dict[str, object]) -> None:
    draws, rows = market(**section)
    table = waterfall_table(draws, window_returns(draws, rows), 0.9)
    fitted = {part.name: part.draws.sum((1, 2)).mean() for part in components(draws, rows)}
    whole = table[table["group"].isna()].set_index("component")
    for name, mean in fitted.items():
        assert whole.loc[name, "mean"] == pytest.approx(mean, rel=1e-9)
    actual = (draws.design.panel.kpi * draws.design.panel.value)[rows].sum()
    assert whole.loc["fitted", "mean"] == pytest.approx(sum(fitted.values()), rel=1e-9)
    assert whole.loc["actual", "mean"] == pytest.approx(actual, rel=1e-12)
    assert whole.loc["residual", "mean"] == pytest.approx(actual - sum(fitted.values()), rel=1e-6)
    steps = whole[whole["kind"].isin(("baseline", "lever", "organic", "paid"))]
    np.testing.assert_allclose(steps["start"].iloc[1:], steps["end"].iloc[:-1], rtol=1e-12)
    assert steps["end"].iloc[-1] == pytest.approx(whole.loc["fitted", "end"], rel=1e-12)
    if section.get("likelihood") == "log":
        assert steps.index[-1] == "interaction"


def test_the_waterfalls_of_groups_add_up_to_that_of_all() -> None:
    draws, rows = market(groups=GROUPS)
    table = waterfall_table(draws, window_returns(draws, rows), 0.9)
    groups = table[table["group"].notna()].groupby("component")["mean"].sum()
    whole = table[table["group"].isna()].set_index("component")["mean"]
    np.testing.assert_allclose(groups.loc[whole.index], whole, rtol=1e-9)


def test_the_baseline_table_is_the_waterfall_s_of_one_scope() -> None:
    draws, rows = market(groups=GROUPS)
    returns = window_returns(draws, rows)
    south = waterfall_table(draws, returns, 0.9, scopes(draws.design.panel, "south"))
    parts = totals_table(south).set_index("component")
    assert parts.loc["tv", "mean"] == pytest.approx(returns.contribution[:, 1, 0].mean(), rel=1e-9)
    assert "actual" not in parts.index


@pytest.mark.parametrize("likelihood", ["normal", "log"])
def test_a_joint_what_if_is_the_difference_of_two_expected_outcomes(likelihood: str) -> None:
    """Off and half at once: the model's mean with both changed, against the mean as it was."""
    draws, rows = market(groups=GROUPS, likelihood=likelihood)
    design, panel = draws.design, draws.design.panel
    asked = what_if(draws, {"tv": 0.0, "video": 0.5}, rows)
    reach = slice(rows.start, rows.stop + design.l_max - 1)
    for g in range(2):
        gone = 0.0
        for c, factor in ((0, 0.0), (3, 0.5)):
            exposure = panel.exposure[:, g, c].copy()
            exposure[rows] *= factor
            gone = gone + cell_effect(draws, g, c, reach) - cell_effect(draws, g, c, reach, exposure)
        expected = expected_kpi(draws, g, reach)
        lost = gone if expected is None else expected * -np.expm1(-gone)
        inside = rows.stop - rows.start
        np.testing.assert_allclose(asked.joint_inside[:, g], lost[:, :inside].sum(1), rtol=1e-9)
        np.testing.assert_allclose(asked.joint_after[:, g], lost[:, inside:].sum(1), rtol=1e-9)


def test_one_channel_off_loses_what_its_return_says() -> None:
    """Both are defined by taking the window's exposure out: lost per money is the ROI."""
    draws, rows = market(groups=GROUPS, likelihood="log")
    returns = window_returns(draws, rows)
    table = what_if_table(draws, what_if(draws, {"tv": 0.0}, rows), 0.9)
    roi = returns.incremental[:, :, 0].sum(1) / returns.spend[:, 0].sum()
    assert len(table) == 3  # the total and two groups: a single change has no singles and no interaction
    assert table["per_money_mean"].iloc[0] == pytest.approx(roi.mean(), rel=1e-9)


@pytest.mark.parametrize("likelihood", ["normal", "log"])
def test_interaction_is_joint_less_singles(likelihood: str) -> None:
    draws, rows = market(likelihood=likelihood)
    table = what_if_table(draws, what_if(draws, {"tv": 0.0, "search": 0.0}, rows), 0.9).set_index("change")
    singles = table.loc["tv", "lost_mean"] + table.loc["search", "lost_mean"]
    assert table.loc["interaction", "lost_mean"] == pytest.approx(
        table.loc["together", "lost_mean"] - singles, abs=1e-6
    )
    if likelihood == "log":
        assert table.loc["interaction", "lost_hdi_high"] < 0  # each single claims what both bring together
    else:
        assert table.loc["interaction", "lost_mean"] == 0.0


def test_more_spend_gains_and_costs() -> None:
    draws, rows = market()
    table = what_if_table(draws, what_if(draws, {"tv": 1.5}, rows), 0.9).iloc[0]
    spend = draws.design.panel.spend[rows, :, 0].sum()
    assert table["spared"] == pytest.approx(-0.5 * spend)
    assert table["lost_hdi_high"] < 0 < table["per_money_mean"]


def test_a_lever_goes_back_to_its_reference() -> None:
    draws, rows = market(groups=GROUPS)
    asked = what_if(draws, {"discount": 0.0}, rows)
    np.testing.assert_allclose(asked.joint_inside, window_returns(draws, rows).levers.contribution[..., 0], rtol=1e-9)
    np.testing.assert_array_equal(asked.joint_after, 0.0)


@pytest.mark.parametrize("factors", [{"tvv": 0.0}, {"tv": -1.0}, {"tv": float("nan")}, {}])
def test_a_what_if_that_cannot_be_asked_is_refused(factors: dict[str, float]) -> None:
    draws, rows = market()
    with pytest.raises(ConfigError) as refused:
        what_if(draws, factors, rows)
    assert refused.value.id == "M022"


def test_the_best_frequency_brings_the_most_per_money() -> None:
    """hill(F) / F over a fine grid of frequencies from one up, draw by draw."""
    draws, _ = market(groups=GROUPS)
    grid = np.linspace(1.0, 12.0, 20_001)  # steps of 0.00055
    value = SATURATIONS["hill"].value
    k, s = draws.half_saturation[:, 3], draws.exponent[:, 3]
    by_hand = grid[np.argmax(value(grid, k[:, None], s[:, None]) / grid, axis=1)]
    np.testing.assert_allclose(best_frequency(draws, 3), by_hand, atol=0.0006)
    assert (s < 1.0).any() or (by_hand > 1.0).any()


def test_without_a_threshold_once_is_best() -> None:
    """A curve that only flattens (slope of one or below) brings the most by reaching ever more people once."""
    draws, _ = market()
    draws.exponent[:, 3] = 0.9
    np.testing.assert_array_equal(best_frequency(draws, 3), 1.0)
    row = frequency_table(draws, 0.9).iloc[0]
    assert (row["best"], row["p_more"], row["channel"]) == (1.0, 0.0, "video")
    assert row["gain_mean"] > 1.0
