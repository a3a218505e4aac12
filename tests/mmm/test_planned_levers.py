"""Levers that cost money as decisions: nothing is lost or counted twice, and what they cost is history's."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mmm.contributions import baseline_parts
from mmm.design import Design, make_design
from mmm.draws import MediaDraws
from mmm.forecast import future_assumptions, response_draws
from mmm.future_spend import spend_ahead
from mmm.outlook import outlook
from mmm.planned_levers import costly_levers
from outlay.errors import ConfigError
from outlay.response import ResponseDraws
from tests.mmm.fabricated import design_of, draws_of

GROUPS = ("north", "south")
PRICE = {"name": "offer", "column": "price", "cost": "markdown", "reference": "max"}
DISCOUNT = {"name": "discount", "column": "discount", "cost": "markdown"}


def made(n: int = 8, **section: object) -> MediaDraws:
    return draws_of(design_of(**section), n)  # type: ignore[arg-type]


def costly(groups: tuple[str, ...], likelihood: str, levers: tuple[dict[str, str], ...]) -> MediaDraws:
    """Draws with these levers; the market has one column of costs, so a second lever costs as much in other weeks."""
    told = [lever if i == 0 else {k: v for k, v in lever.items() if k != "cost"} for i, lever in enumerate(levers)]
    controls = () if PRICE in levers else ("price",)
    design = design_of(groups=groups, likelihood=likelihood, levers=told, controls=controls)
    cost = np.stack([np.roll(design.panel.lever_cost[..., 0], 3 * i, axis=0) for i in range(len(levers))], axis=-1)
    panel = replace(design.panel, lever_cost=cost, has_cost=np.ones(len(levers), bool))
    return draws_of(make_design(panel, design.section), 8)


def assumed(draws: MediaDraws, response: ResponseDraws) -> np.ndarray:
    """Effect of the levels that were assumed of the planned levers, from the response's own numbers, (S, H, G)."""
    design, total = draws.design, 0.0
    for lever in costly_levers(design).planned:
        c = response.channels.index(lever.name)
        level = design.future.levers[:, :, lever.position] - design.panel.lever_reference[lever.position]
        exposure = lever.side * level / response.scale[:, c]
        assert (response.weights[:, c, 0] == 1.0).all()
        assert not response.weights[:, c, 1:].any()
        total = total + response.coefficient[:, None, :, c] * exposure
    return np.asarray(total)


def as_before(draws: MediaDraws) -> np.ndarray:
    """The forecast that holds the assumed levels of all levers: the response of levers that name no cost."""
    design = draws.design
    free = replace(design.panel, has_cost=np.zeros(len(design.panel.lever_names), bool))
    return response_draws(replace(draws, design=replace(design, panel=free))).baseline


@pytest.mark.parametrize("groups", [(), GROUPS])
@pytest.mark.parametrize("likelihood", ["normal", "log"])
@pytest.mark.parametrize("levers", [(DISCOUNT,), (PRICE,), (DISCOUNT, PRICE)])
def test_baseline_and_the_assumed_levels_are_the_forecast(groups, likelihood, levers) -> None:  # type: ignore[no-untyped-def]
    draws = costly(groups, likelihood, levers)
    response = response_draws(draws)
    assert response.levers == tuple(lever["name"] for lever in levers)
    effect, value = assumed(draws, response), draws.design.future.value
    assert np.abs(effect).max() > 0
    whole = response.baseline * np.exp(effect) if likelihood == "log" else response.baseline + effect * value
    np.testing.assert_allclose(whole, as_before(draws), rtol=1e-9)


def test_effects_that_multiply_leave_the_logarithm() -> None:
    """Against the model's own parts: the lever's is the only one that is taken out."""
    draws = made(likelihood="log")
    columns = draws.design.raw_terms[draws.design.panel.n_periods :]
    part = next(values for name, kind, values in baseline_parts(draws, columns) if kind == "lever")
    np.testing.assert_allclose(np.log(as_before(draws) / response_draws(draws).baseline), part, rtol=1e-6, atol=1e-12)


def test_a_lever_s_effect_is_that_of_its_column() -> None:
    """Per unit of the user's own column: the standardised column's coefficient over the standard deviation."""
    draws = made(groups=GROUPS)
    design, response = draws.design, response_draws(draws)
    k = [term.name for term in design.terms].index("lever discount")
    fit = design.panel.levers[design.fit, :, 0]
    sd = np.sqrt(np.square(fit - fit.mean(0)).mean())
    np.testing.assert_allclose(response.coefficient[:, :, -1], draws.terms[:, :, k] / sd, rtol=1e-12)


def test_a_lever_below_its_reference_is_turned_round() -> None:
    """The full price as reference: more distance is a lower price, so the coefficient changes its sign."""
    draws = made(levers=(PRICE,), controls=())
    panel, response = draws.design.panel, response_draws(draws)
    distance = panel.levers[:, :, 0].max() - panel.levers[:, :, 0]
    np.testing.assert_allclose(response.exposure[:, :, -1], distance, atol=1e-12)
    k = [term.name for term in draws.design.terms].index("lever offer")
    assert (np.sign(response.coefficient[:, 0, -1]) == -np.sign(draws.terms[:, 0, k])).all()
    assert any("offer below" in line for line in response.assumptions)


def test_money_buys_distance_at_the_last_year_s_cost() -> None:
    draws = made(groups=GROUPS)
    panel, response = draws.design.panel, response_draws(draws)
    away = panel.levers[-52:, :, 0] - panel.lever_reference[0]
    cost = panel.lever_cost[-52:, :, 0].sum(0) / away.sum(0)  # 4,000 a unit of depth, as the market was made
    np.testing.assert_allclose(response.cost_per_exposure[:, -1], cost, rtol=1e-12)
    np.testing.assert_allclose(cost, 4_000.0, rtol=1e-9)
    np.testing.assert_array_equal(response.spend[:, :, -1], panel.lever_cost[:, :, 0])
    assert response.saturation[-1] == "none"
    assert response.saturation_first[-1] is False


def changed(design: Design, **fields: Any) -> MediaDraws:
    return draws_of(make_design(replace(design.panel, **fields), design.section), 3)


def test_a_cost_that_is_older_or_borrowed_is_said() -> None:
    design = design_of(groups=GROUPS)
    cost, level = design.panel.lever_cost.copy(), design.panel.levers.copy()
    cost[-52:, 0], level[-52:, 0] = 0.0, 0.0  # north rested for a year
    cost[:, 1] = 0.0  # and in the south it never cost anything
    draws = changed(design, lever_cost=cost, levers=level)
    response = response_draws(draws)
    np.testing.assert_allclose(response.cost_per_exposure[:, -1], 4_000.0, rtol=1e-9)
    assert "Lever at its reference in the last year, so at its older cost: discount in north." in response.assumptions
    assert "Lever without a cost there, so at the cost in the other groups: discount in south." in response.assumptions


def _both_sides(design: Design) -> dict[str, np.ndarray]:
    return {"lever_reference": np.array([0.1])}


def _never_moves(design: Design) -> dict[str, np.ndarray]:
    return {"levers": np.full_like(design.panel.levers, 0.2)}


def _only_at_rest(design: Design) -> dict[str, np.ndarray]:
    """It cost money in the north alone, and moved in the south alone."""
    north = np.array([True, False])[None, :, None]
    panel = design.panel
    return {"lever_cost": np.where(north, panel.lever_cost, 0.0), "levers": np.where(north, 0.0, panel.levers)}


@pytest.mark.parametrize(
    ("fault", "said"),
    [(_both_sides, "both sides"), (_never_moves, "never moves"), (_only_at_rest, "only where it was at its reference")],
)
def test_a_lever_that_no_plan_can_hold_stays_in_the_baseline_and_is_told(fault, said: str) -> None:  # type: ignore[no-untyped-def]
    draws = changed(design_of(groups=GROUPS), **fault(design_of(groups=GROUPS)))
    response, panel = response_draws(draws), draws.design.panel
    assert "discount" not in response.channels
    assert response.levers == ()
    assert any("discount" in line and said in line for line in response.assumptions)
    assert response.unplanned == (("discount", tuple(panel.lever_cost[:, :, 0].sum(1).tolist())),)
    np.testing.assert_allclose(response.baseline, as_before(draws), rtol=1e-12)
    assert f"Lever discount: {draws.design.future.how}." in response.assumptions


def test_a_lever_without_cost_is_as_it_was() -> None:
    for levers in (({"name": "discount", "column": "discount"},), ()):
        response = response_draws(made(levers=levers))
        assert response.levers == ()
        assert response.unplanned == ()
        assert response.channels == ("tv", "search", "radio", "video")
    free = design_of()
    assert response_draws(changed(free, lever_cost=np.zeros_like(free.panel.lever_cost))).levers == ()


def test_what_is_planned_is_not_assumed_and_the_budget_is_said_to_hold_it() -> None:
    draws = made()
    said, how = response_draws(draws).assumptions, draws.design.future.how
    assert f"Lever discount: {how}." not in said
    assert f"Control price: {how}." in said
    assert any("(discount)" in line and "the budget and the reference plan hold the cost" in line for line in said)
    # A forecast without a plan for it goes on as it did.
    assert f"Lever discount: {how}." in future_assumptions(draws)


def test_weeks_before_the_kpi_cost_nothing_and_that_is_said() -> None:
    """Media history without a KPI: levers are not known there, and no number of the response may become NaN."""
    design = design_of()
    levers, cost, kpi = design.panel.levers.copy(), design.panel.lever_cost.copy(), design.panel.kpi.copy()
    levers[:8], cost[:8], kpi[:8] = np.nan, np.nan, np.nan
    response = response_draws(changed(design, levers=levers, lever_cost=cost, kpi=kpi, history=8))
    assert not response.spend[:8, :, -1].any()
    assert np.isfinite(response.spend).all()
    assert np.isfinite(response.exposure).all()
    assert np.isfinite(response.coefficient).all()
    assert any(line.startswith("Before 2022-02-28 nothing is known of discount") for line in response.assumptions)


def plan_of(design: Design, n: int, lever: float | None, groups: tuple[str | None, ...] = (None,)) -> pd.DataFrame:
    names = {"tv": 500.0, "search": 500.0, "radio": 500.0, "video": 500.0} | (
        {} if lever is None else {"discount": lever}
    )
    rows = [(d, c, g, x) for d in design.future.dates[:n] for c, x in names.items() for g in groups]
    table = pd.DataFrame(rows, columns=["date", "channel", "group", "spend"])
    return table if groups != (None,) else table.drop(columns="group")


@pytest.mark.parametrize("likelihood", ["normal", "log"])
@pytest.mark.parametrize("groups", [(None,), GROUPS])
def test_a_forecast_of_a_plan_with_a_lever_has_the_level_that_money_buys(groups, likelihood: str) -> None:  # type: ignore[no-untyped-def]
    """The forecast's expected outcome, against the optimizer's: baseline without the lever, and its straight line."""
    draws = made(groups=GROUPS, likelihood=likelihood)
    response, n = response_draws(draws), 4
    with_lever, without = (
        outlook(draws, spend_ahead(draws.design, plan_of(draws.design, n, x, groups), None), 0.9, 3)
        for x in (900.0, 0.0)
    )
    assert any("(discount)" in line and "level that their money buys" in line for line in with_lever.assumptions)
    assert not any(line.startswith("Lever discount: ") for line in with_lever.assumptions)
    split = response.spend[draws.design.future.repeats][:, :, -1].sum(0)
    for g, name in enumerate(GROUPS):
        spend = 900.0 if groups == GROUPS else 900.0 * split[g] / split.sum()
        effect = response.coefficient[:, g, -1] * spend / response.cost_per_exposure[g, -1]
        most, least = (t.by_period[t.by_period["group"] == name] for t in (with_lever, without))
        if likelihood == "normal":
            np.testing.assert_allclose(most["expected_mean"] - least["expected_mean"], effect.mean(), rtol=1e-6)
        else:
            one = draws.take(np.array([0]))
            looks = [
                outlook(one, spend_ahead(draws.design, plan_of(draws.design, n, x, groups), None), 0.9, 3).by_period
                for x in (900.0, 0.0)
            ]
            means = [look[look["group"] == name]["expected_mean"].to_numpy() for look in looks]
            np.testing.assert_allclose(np.log(means[0] / means[1]), effect[0], rtol=1e-6)


def test_a_forecast_of_a_plan_without_the_lever_keeps_its_assumed_level() -> None:
    draws = made()
    silent = outlook(draws, spend_ahead(draws.design, plan_of(draws.design, 4, None), None), 0.9, 3)
    design, level = draws.design, draws.design.future.levers[:4, 0, 0]
    # The same level, bought: what it was last year, at the one cost that all weeks had.
    table = plan_of(design, 4, 0.0)
    table.loc[table["channel"] == "discount", "spend"] = 4_000.0 * (level - design.panel.lever_reference[0])
    bought = outlook(draws, spend_ahead(design, table, None), 0.9, 3)
    assert any(line.startswith("Lever discount: ") for line in silent.assumptions)
    np.testing.assert_allclose(bought.by_period["expected_mean"], silent.by_period["expected_mean"], rtol=1e-9)


def test_a_lever_s_missing_week_is_refused() -> None:
    design = design_of()
    table = plan_of(design, 4, 900.0)
    short = table[~((table["channel"] == "discount") & (table["date"] == table["date"].max()))]
    with pytest.raises(ConfigError, match="discount") as refused:
        spend_ahead(design, short, None)
    assert refused.value.id == "M023"
