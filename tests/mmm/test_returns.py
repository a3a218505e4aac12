"""Returns against a simulation of the definitions: run history again without the window's exposure, and compare."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from mmm.draws import MediaDraws
from mmm.paths import MARGIN
from mmm.returns import window_returns
from mmm.roi import roi_table, total_table
from tests.mmm.probes import Case, case, case_of
from tests.mmm.simulate import THREE, adstock, saturate, simulate

CASES = ("national", "panel", "units", "daily")


def outcome_of(it: Case, draws: MediaDraws, s: int, g: int, c: int, exposure: np.ndarray, *, money: bool) -> np.ndarray:
    """One draw's outcome by period for an exposure series, by loops."""
    design, about = it.design, it.world.channels[c]
    retention = 0.5 ** (1.0 / draws.half_life[s, c]) if about.half_life else 0.0
    shape = replace(about, half_saturation=draws.half_saturation[s, c])
    kpi = draws.coefficient[s, g, c] * saturate(
        shape, adstock(exposure / design.x_scale[g, c], retention, design.l_max)
    )
    if not money:
        return kpi
    value = np.concatenate([design.panel.value[:, g], design.future.value[:, g]])
    return kpi * value[: len(kpi)]


@pytest.mark.parametrize("name", CASES)
def test_returns_are_what_history_without_the_window_s_exposure_says(name: str) -> None:
    it = case(name)
    draws = it.draws(n=2)
    returns = window_returns(draws)
    panel, start, tail = it.design.panel, it.design.l_max, np.zeros(it.design.l_max - 1)
    for g in range(panel.n_groups):
        for c in range(panel.n_channels):
            for s in range(draws.n_draws):
                whole = np.append(panel.exposure[:, g, c], tail)  # and then nothing: carry-over after the window
                window = np.zeros(len(whole), bool)
                window[start : panel.n_periods] = True
                run = outcome_of(it, draws, s, g, c, whole, money=True)
                without = outcome_of(it, draws, s, g, c, np.where(window, 0.0, whole), money=True)
                more = outcome_of(it, draws, s, g, c, np.where(window, 1.01 * whole, whole), money=True)
                kpi = outcome_of(it, draws, s, g, c, whole, money=False)
                bare = outcome_of(it, draws, s, g, c, np.where(window, 0.0, whole), money=False)
                # Sums of about 100 terms, each good to 1e-15; the marginal one is a difference of 1 %.
                assert returns.contribution[s, g, c] == pytest.approx(run[window].sum(), rel=1e-11)
                assert returns.incremental[s, g, c] == pytest.approx((run - without).sum(), rel=1e-11)
                assert returns.extra[s, g, c] == pytest.approx((more - run).sum(), rel=1e-8)
                assert returns.units[s, g, c] == pytest.approx((kpi - bare).sum(), rel=1e-11)


def test_carry_over_into_the_window_counts_for_contribution_and_not_for_roi() -> None:
    """One burst just before the window: all its contribution, none of its ROI."""
    world = simulate(3, THREE[1:2], n=40, l_max=6, controls=(), levers=())
    frame = world.frame.assign(search_spend=0.0)
    frame.loc[4, "search_spend"] = 1_000.0  # before the window: rows 6 and later
    frame.loc[39, "search_spend"] = 10.0  # the last row, so that there is a spend to divide by
    draws = case_of(replace(world, frame=frame)).draws(n=20)
    returns = window_returns(draws)
    early = returns.contribution[:, 0, 0] - returns.incremental[:, 0, 0]
    # Two rows after the burst a quarter of it is left at a half-life of one; the last row's spend is a hundredth of it.
    slow = draws.half_life[:, 0] > 1.0
    assert slow.any()
    assert (early > 0.5 * returns.contribution[:, 0, 0])[slow].all()


def test_carry_over_after_the_window_counts_for_roi() -> None:
    """One burst in the last row: most of a slow channel's effect comes after the data end."""
    world = simulate(3, THREE[1:2], n=40, l_max=6, controls=(), levers=())
    frame = world.frame.assign(search_spend=0.0)
    frame.loc[39, "search_spend"] = 1_000.0
    it = case_of(replace(world, frame=frame))
    draws = it.draws(n=20)
    returns = window_returns(draws)
    # The burst is the only exposure, so the window sees lag 0 of l_max lags.
    seen = returns.contribution[:, 0, 0] / returns.incremental[:, 0, 0]
    assert (seen < 1.0).all()
    slow = draws.half_life[:, 0] > 2.0
    assert slow.any()
    assert (seen[slow] < 0.6).all()  # lag 0 holds under a third of the exposure there; concavity lifts it below 0.6


def test_marginal_roi_is_below_roi_and_near_its_derivative() -> None:
    """Concave curves through the carry-over of the past: one per cent more brings less than an average per cent."""
    it = case("national")
    returns = window_returns(it.draws(n=30))
    paid = it.design.panel.paid
    assert (returns.extra[..., paid] / MARGIN <= returns.incremental[..., paid] * (1 + 1e-9)).all()


def table_of(name: str) -> pd.DataFrame:
    draws = case(name).draws(n=50)
    return roi_table(draws, window_returns(draws), 0.9)


def test_group_rows_add_up_to_the_total() -> None:
    table = table_of("panel")
    groups = table[table["group"].notna()].groupby("channel")[["spend", "contribution_mean"]].sum()
    whole = table[table["group"].isna()].set_index("channel")[["spend", "contribution_mean"]]
    pd.testing.assert_frame_equal(groups.loc[whole.index], whole, rtol=1e-12)


def test_the_total_row_is_the_sum_of_paid_channels() -> None:
    it = case("panel")
    draws = it.draws(n=50)
    returns = window_returns(draws)
    total = total_table(draws, returns, 0.9).iloc[0]
    table = roi_table(draws, returns, 0.9)
    whole = table[table["group"].isna() & table["paid"]]
    assert total["spend"] == pytest.approx(whole["spend"].sum(), rel=1e-12)
    assert total["contribution_mean"] == pytest.approx(whole["contribution_mean"].sum(), rel=1e-12)
    # The mean ROI of all is the spend-weighted mean of the mean ROIs.
    weighted = (whole["roi_mean"] * whole["spend"]).sum() / whole["spend"].sum()
    assert total["roi_mean"] == pytest.approx(weighted, rel=1e-12)


def test_organic_channels_have_a_contribution_and_no_return() -> None:
    row = table_of("national").set_index("channel").loc["mail"]
    assert not row["paid"]
    assert row["contribution_mean"] > 0
    assert row[["roi_mean", "mroi_mean", "cpa_median"]].isna().all()


def test_a_revenue_kpi_has_no_cost_per_acquisition() -> None:
    assert table_of("national")["cpa_median"].isna().all()


def test_units_with_a_value_have_a_roi_in_money_and_a_cost_per_unit() -> None:
    it = case("units")
    draws = it.draws(n=50)
    returns = window_returns(draws)
    table = roi_table(draws, returns, 0.9)
    row = table[table["group"].isna()].set_index("channel").loc["tv"]
    spend = it.world.spend[it.world.l_max :, :, 0].sum()
    units = returns.units[:, :, 0].sum(1)
    assert row["cpa_median"] == pytest.approx(np.median(spend / units), rel=1e-12)
    assert "cpa_mean" not in table
    # Each unit is worth 30 to 35, so ROI times cost per unit, draw by draw, lies between the two.
    worth = returns.incremental[:, :, 0].sum(1) / units
    assert ((worth > 30.0) & (worth < 35.0)).all()


def test_shares_are_contributions_over_the_observed_outcome() -> None:
    table, it = table_of("units"), case("units")
    outcome = (it.design.panel.kpi * it.design.panel.value)[it.design.fit]
    north = table[table["group"] == "north"].set_index("channel").loc["tv"]
    assert north["share_mean"] == pytest.approx(north["contribution_mean"] / outcome[:, 0].sum(), rel=1e-12)


def test_a_paid_channel_that_never_ran_has_no_estimates_and_no_weight_in_the_total() -> None:
    """Spend that nothing was modelled for would drag the ROI of all down, and 0.00 (0.00 to 0.00) would be a lie."""
    world = simulate(1, THREE, n=40)
    it = case_of(replace(world, frame=world.frame.assign(search_spend=0.0)))
    draws = it.draws()
    row = roi_table(draws, window_returns(draws), 0.9).set_index("channel").loc["search"]
    assert np.isnan(row[["contribution_mean", "share_mean", "roi_mean", "mroi_mean"]].astype(float)).all()


def test_the_total_is_of_channels_with_an_effect_to_estimate() -> None:
    """Exposure that was never recorded: the money is told in M001 and stays out of the ROI of all paid media."""
    world = simulate(1, THREE, n=40)
    it = case_of(replace(world, frame=world.frame.assign(search_spend=0.0)))
    draws = it.draws()
    returns = window_returns(draws)
    panel, active = it.design.panel, it.design.active
    unseen = replace(returns, spend=returns.spend + np.where(active, 0.0, 1e6))
    total = total_table(draws, unseen, 0.9).iloc[0]
    assert total["spend"] == pytest.approx(returns.spend[:, panel.paid & active].sum())
