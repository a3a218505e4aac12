"""Response curves: monotone, concave, in steady state, and honest about where nothing was seen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mmm.curves import curve_table, shape_table
from tests.mmm.probes import MIXED, Case, case, case_of
from tests.mmm.simulate import THREE, adstock, saturate, simulate


@pytest.mark.parametrize("name", ["national", "panel", "units"])
def test_curves_rise_and_bend_down(name: str) -> None:
    """A mean of increasing concave curves is increasing and concave, at any prior draws."""
    table = curve_table(case(name).draws(n=40), 0.9)
    for (_, _), curve in table.groupby(["channel", "group"], dropna=False):
        spend, outcome = curve["spend"].to_numpy(), curve["outcome_mean"].to_numpy()
        slope = np.diff(outcome) / np.diff(spend)
        assert spend[0] == 0.0
        assert outcome[0] == 0.0
        assert (slope > 0).all()
        assert (np.diff(slope) <= 1e-9 * slope[0]).all()  # equal but for rounding where the grid steps are tiny


def naive_steady(it: Case, s: int, g: int, c: int, spend: float) -> float:
    """Spend the same in each period until carry-over has filled up, and read the last period."""
    draws = it.draws(n=3)
    design, about = it.design, it.world.channels[c]
    x = spend / design.future.cost_per_exposure[g, c] / design.x_scale[g, c]
    retention = 0.5 ** (1.0 / draws.half_life[s, c]) if about.half_life else 0.0
    carried = adstock(np.full(3 * design.l_max, x), retention, design.l_max)
    shape = replace(about, half_saturation=draws.half_saturation[s, c])
    value = design.panel.value[-52:, g].mean()  # the last year
    return float(value * draws.coefficient[s, g, c] * saturate(shape, carried)[-1])


@pytest.mark.parametrize("name, group", [("national", None), ("panel", "north"), ("units", "south")])
def test_a_curve_is_the_steady_state_of_constant_spend(name: str, group: str | None) -> None:
    it = case(name)
    table = curve_table(it.draws(n=3), 0.9)
    rows = table[table["group"].isna() if group is None else table["group"] == group]
    g = 0 if group is None else it.design.panel.groups.index(group)
    for c in np.flatnonzero(it.design.panel.paid):
        curve = rows[rows["channel"] == it.design.panel.channels[c]]
        for _, point in curve.iloc[[5, 20, -1]].iterrows():
            naive = np.mean([naive_steady(it, s, g, c, point["spend"]) for s in range(6)])
            assert point["outcome_mean"] == pytest.approx(naive, rel=1e-9)


def test_the_total_curve_splits_spend_as_the_last_year_did() -> None:
    it = case("panel")
    table = curve_table(it.draws(n=3), 0.9)
    point = table[table["group"].isna() & (table["channel"] == "tv")].iloc[10]
    recent = it.design.panel.spend[-52:, :, 0].mean(0)
    parts = [
        np.mean([naive_steady(it, s, g, 0, point["spend"] * recent[g] / recent.sum()) for s in range(6)])
        for g in range(3)
    ]
    assert point["outcome_mean"] == pytest.approx(sum(parts), rel=1e-9)


def test_spend_beyond_the_largest_period_is_marked() -> None:
    it = case("panel")
    table = curve_table(it.draws(n=3), 0.9)
    for name, total in (
        ("west", it.design.panel.spend[:, 2, 1].max()),
        (None, it.design.panel.spend[:, :, 1].sum(1).max()),
    ):
        rows = table[table["group"].isna() if name is None else table["group"] == name]
        curve = rows[rows["channel"] == "search"]
        np.testing.assert_array_equal(curve["extrapolated"], curve["spend"] > total)
        assert curve["extrapolated"].any()
        assert curve["spend"].max() == pytest.approx(2 * total)


def test_today_is_one_point_at_the_mean_of_the_last_year() -> None:
    it = case("national")
    for name, curve in curve_table(it.draws(n=3), 0.9).groupby("channel"):
        c = it.design.panel.channels.index(str(name))
        today = curve[curve["is_current"]]
        assert len(today) == 1
        assert today["spend"].iloc[0] == it.design.panel.spend[-52:, 0, c].mean()


def test_organic_channels_have_no_curve_and_shapes_in_exposure() -> None:
    draws = case("national").draws(n=3)
    assert "mail" not in set(curve_table(draws, 0.9)["channel"])
    shapes = shape_table(draws, 0.9).set_index(["channel", "quantity"])
    assert shapes.loc[("mail", "half_saturation"), "unit"] == "exposure per week"
    assert shapes.loc[("tv", "half_saturation"), "unit"] == "EUR per week"


@pytest.mark.parametrize("freq, n, days", [("D", 120, 1), ("7D", 104, 7), ("MS", 36, 30)])
def test_half_lives_are_told_in_days(freq: str, n: int, days: int) -> None:
    it = case_of(simulate(1, MIXED, n=n, freq=freq, l_max=4))
    draws = it.draws(n=50)
    table = shape_table(draws, 0.9)
    half_life = table[table["quantity"] == "half_life"].set_index("channel")
    assert set(half_life["unit"]) == {"days"}
    assert half_life.loc["tv", "mean"] == pytest.approx(draws.half_life[:, 0].mean() * days, rel=1e-12)
    assert "radio" not in half_life.index  # without adstock there is none


def test_half_saturation_in_money_is_the_spend_of_half_the_ceiling() -> None:
    it = case("national")
    draws = it.draws(n=1, chains=1)
    table = shape_table(draws, 0.9).set_index(["channel", "quantity"])
    for name in ("tv", "search", "radio", "social"):
        spend = table.loc[(name, "half_saturation"), "median"]
        c = it.design.panel.channels.index(name)
        x = spend / it.design.future.cost_per_exposure[0, c] / it.design.x_scale[0, c]
        about = replace(it.world.channels[c], half_saturation=draws.half_saturation[0, c])
        assert saturate(about, np.array([x]))[0] == pytest.approx(0.5, rel=1e-12)


def test_a_group_where_nothing_was_spent_has_no_curve_and_no_part_in_the_scale() -> None:
    """Media in one of two groups: its half-saturation is that group's own, and the idle group has no curve."""
    world = simulate(3, THREE[:1], n=60, groups=("a", "b"), l_max=5)
    frame = world.frame.copy()
    columns = [name for name in frame.columns if name.startswith(THREE[0].name)]
    frame.loc[frame[world.section.group] == "b", columns] = 0.0
    both = case_of(replace(world, frame=frame))
    draws = both.draws(n=40)
    curves = curve_table(draws, 0.9)
    assert set(curves["group"].dropna()) == {"a"}
    assert curves["outcome_mean"].notna().all()
    shape = shape_table(draws, 0.9).set_index("quantity").loc["half_saturation"]
    unit = both.design.future.cost_per_exposure[0, 0] * both.design.x_scale[0, 0]
    assert shape["median"] == pytest.approx(np.median(draws.half_saturation[:, 0]) * unit)
