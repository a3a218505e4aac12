"""The simulator tells the truth: parts add up, and returns match a market with something taken out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmm.simulate import (
    Baseline,
    Channel,
    Driver,
    Event,
    Groups,
    Lever,
    Market,
    Noise,
    Schedule,
    World,
    simulate,
    with_contributions,
)
from outlay.errors import ConfigError
from outlay.transforms import SATURATIONS, adstock_weights

TODAY = date(2030, 1, 1)  # after every simulated date

KINDS = (
    Channel("tv", half_life=2.0, cost=12.0, adstock="delayed", shape=1.0),
    Channel("radio", adstock="weibull", shape=1.5, saturation="logistic", saturation_first=True),
    Channel("print", adstock="weibull_cdf", shape=0.8, saturation="root", exponent=0.6),
    Channel("search", adstock="none", saturation="none", follows=(("demand", 0.5),)),
    Channel("video", frequency=3.0, cost=0.02, exponent=1.4, half_saturation=2.0, follows=(("season", 0.4),)),
    Channel("mail", paid=False, spend=5_000.0, saturation="michaelis_menten"),
    Channel("social", saturation="tanh", exponent=1.0, schedule=Schedule(0.5, 4, "campaign", local=False)),
    Channel("banner", exponent=2.0, schedule=Schedule(0.5, 4, "campaign", local=False), follows=(("fashion", 0.7),)),
)
"""Every adstock, every saturation, both orders, reach and frequency, organic, demand-driven, shared flights."""

RICH = World(
    channels=KINDS,
    drivers=(Driver("price", -0.02, column="price"), Driver("fashion", 0.05), Driver("crisis", -0.1, kind="step")),
    levers=(Lever("discount", cost=50_000.0), Lever("fee", effect=-0.2, seen=False)),
    events=(Event("fair"),),
    baseline=Baseline(bends=((0.5, -0.2),), season=((0.06, 0.04), (0.02, 0.01)), holidays="DE"),
    n=104,
)
PANEL = replace(RICH, groups=Groups(("north", "south", "west"), curves=0.3, season=0.2, population=True), n=60)
LOG = replace(RICH, link="log")
WORLDS = {"national": RICH, "panel": PANEL, "log": LOG, "money": replace(RICH, value=30.0)}


def drawn(name: str, seed: int = 3) -> Market:
    return simulate(WORLDS[name], seed)


def mean(market: Market) -> np.ndarray:
    """Mean outcome of the shown periods: the KPI without its noise, by an algebra of its own."""
    level = market.world.baseline.level * market.size * market.worth
    noise = market.noise[market.line.shown]
    if market.world.link == "log":
        return market.kpi * market.worth * np.exp(market.world.noise.sd**2 / 2 - noise)
    return market.kpi * market.worth - level * noise


@pytest.mark.parametrize("name", WORLDS)
def test_parts_add_up_to_the_mean(name: str) -> None:
    market = drawn(name)
    parts = market.parts()
    np.testing.assert_allclose(sum(parts.values()), mean(market), rtol=1e-12)
    assert set(market.channels) <= set(parts)


@pytest.mark.parametrize("name", WORLDS)
def test_a_contribution_is_what_a_market_without_the_channel_lacks(name: str) -> None:
    """Drawn again with an effect of zero: the same streams, so that only the channel is gone.

    A channel that search looks at would change search, too; contributions are direct, so demand is taken out here.
    """
    world = replace(WORLDS[name], channels=tuple(replace(c, follows=()) for c in KINDS))
    market = simulate(world, 3)
    for c, channel in enumerate(world.channels):
        gone = replace(world, channels=tuple(replace(o, effect=0.0) if o == channel else o for o in world.channels))
        lost = mean(market) - mean(simulate(gone, 3))
        np.testing.assert_allclose(market.contributions()[..., c], lost, atol=1e-9 * market.kpi.max() * market.worth)


def outcome_of(market: Market, exposure: np.ndarray, c: int) -> float:
    """Mean outcome from the first shown period on under another exposure of one channel, period by period."""
    world, channel = market.world, market.world.channels[c]
    weights = adstock_weights(channel.adstock, channel.half_life, channel.shape, world.memory)
    bend = SATURATIONS[channel.saturation].value
    others = np.delete(market.media(only_until_the_end(market)), c, axis=-1).sum(-1)
    total = 0.0
    for g in range(len(market.groups)):
        k, s = market.half_saturation[g, c], channel.exponent
        x = exposure[:, g] / (channel.unit * market.size[g])
        for t in range(market.line.shown.start, len(x)):
            if channel.frequency is not None:
                often = market.all_contacts[:, g, c]
                f = sum(
                    weights[lag] * x[t - lag] * bend(often[t - lag], k, s) for lag in range(min(world.memory, t + 1))
                )
            elif channel.saturation_first:
                f = sum(weights[lag] * bend(x[t - lag], k, s) for lag in range(min(world.memory, t + 1)))
            else:
                f = bend(sum(weights[lag] * x[t - lag] for lag in range(min(world.memory, t + 1))), k, s)
            effect = channel.ceiling / world.baseline.level * market.factor[g, c] * f
            scale = sum(part[t, g] for part in market.baseline_parts.values()) + others[t, g] + effect
            level = world.baseline.level * market.size[g] * market.worth
            total += level * (np.exp(scale + world.noise.sd**2 / 2) if world.link == "log" else 1.0 + scale)
    return float(total)


def only_until_the_end(market: Market) -> np.ndarray:
    exposure = market.all_exposure.copy()
    exposure[market.line.shown.stop :] = 0.0
    return exposure


@pytest.mark.parametrize("name", WORLDS)
@pytest.mark.parametrize("window", [slice(13, None), slice(30, 40)])
def test_returns_are_those_of_a_brute_force_counterfactual(name: str, window: slice) -> None:
    market = drawn(name)
    first, stop = market.line.shown.start, market.line.shown.start + (window.stop or market.world.n)
    roi, mroi = market.roi(window), market.mroi(window)
    for c in range(len(market.channels)):
        if not market.paid[c]:
            assert np.isnan(roi[c])
            assert np.isnan(mroi[c])
            continue
        history = only_until_the_end(market)[..., c]
        without, more = history.copy(), history.copy()
        without[first + window.start : stop] = 0.0
        more[first + window.start : stop] *= 1.01
        spent = market.spend[window, :, c].sum()
        whole = outcome_of(market, history, c)
        assert roi[c] == pytest.approx((whole - outcome_of(market, without, c)) / spent, rel=1e-8)
        assert mroi[c] == pytest.approx((outcome_of(market, more, c) - whole) / (0.01 * spent), rel=1e-5)


@pytest.mark.parametrize("name", ["national", "panel"])
def test_a_curve_at_the_nominal_spend_is_the_effect(name: str) -> None:
    """The definition of ``effect``, where groups do not differ; and no spend, no outcome."""
    world = replace(WORLDS[name], channels=tuple(replace(c, spread=0.0) for c in KINDS))
    market = simulate(replace(world, groups=replace(world.groups, curves=0.0)), 3)
    for channel in world.channels:
        for g, group in enumerate(market.groups):
            if channel.paid:
                at = np.array([0.0, channel.spend * market.size[g]])
                np.testing.assert_allclose(
                    market.curve(channel.name, at, group), [0.0, channel.effect * market.size[g]], atol=1e-6
                )


def test_the_curve_over_all_groups_keeps_their_shares() -> None:
    market = drawn("panel")
    spend = np.array([10_000.0, 50_000.0])
    share = market.spend[..., 0].sum(0) / market.spend[..., 0].sum()
    parts = [market.curve("tv", spend * share[g], group) for g, group in enumerate(market.groups)]
    np.testing.assert_allclose(market.curve("tv", spend), sum(parts), rtol=1e-12)


def test_the_same_seed_is_the_same_market_and_another_is_not() -> None:
    pd.testing.assert_frame_equal(drawn("panel").frame, drawn("panel").frame, check_exact=True)
    assert not drawn("panel").frame["sales"].equals(drawn("panel", seed=4).frame["sales"])


def test_one_channel_more_changes_no_other_series() -> None:
    fewer = simulate(replace(RICH, channels=KINDS[:3]), 3).frame
    more = drawn("national").frame
    same = [name for name in fewer if name != "sales"]
    pd.testing.assert_frame_equal(fewer[same], more[same], check_exact=True)


@settings(max_examples=20, deadline=None)
@given(factor=st.sampled_from([1e-3, 0.25, 8.0, 1e3]), seed=st.integers(0, 2**31))
def test_another_currency_is_the_same_market(factor: float, seed: int) -> None:
    """KPI and spend in other units: returns stay, contributions are multiplied."""
    money = World(channels=KINDS[:3], n=40, memory=6, levers=(Lever("discount", cost=1_000.0),))
    other = replace(
        money,
        channels=tuple(
            replace(
                c, effect=factor * c.effect, spend=factor * c.spend, cost=None if c.cost is None else factor * c.cost
            )
            for c in money.channels
        ),
        baseline=replace(money.baseline, level=factor * money.baseline.level),
        levers=(Lever("discount", cost=factor * 1_000.0),),
    )
    one, two = simulate(money, seed), simulate(other, seed)
    np.testing.assert_allclose(two.roi(), one.roi(), rtol=1e-9)
    np.testing.assert_allclose(two.mroi(), one.mroi(), rtol=1e-6)
    np.testing.assert_allclose(two.contribution(), factor * one.contribution(), rtol=1e-9)
    np.testing.assert_allclose(two.frame["sales"], factor * one.frame["sales"], rtol=1e-9)
    np.testing.assert_allclose(two.frame["tv_exposure"], one.frame["tv_exposure"], rtol=1e-9)


def test_scales_are_fixed_before_the_market_is_drawn() -> None:
    """The truth reads no drawn series: another history of the same world has the same curve."""
    spend = np.linspace(0.0, 100_000.0, 5)
    np.testing.assert_allclose(drawn("national", 1).curve("tv", spend), drawn("national", 2).curve("tv", spend))


@pytest.mark.parametrize("name", ["national", "panel", "log", "money"])
def test_a_user_s_table_passes_the_checks(name: str) -> None:
    """But for reach and frequency, every column is found and no check finds an error."""
    from mmm.panel import panel_from_frame

    world = WORLDS[name]
    plain = replace(world, channels=tuple(c for c in world.channels if c.frequency is None))
    market = simulate(plain, 3)
    panel = panel_from_frame(market.frame, market.section, market.project, today=TODAY)
    np.testing.assert_allclose(panel.kpi, market.kpi)
    np.testing.assert_allclose(panel.exposure, market.exposure)
    np.testing.assert_allclose(panel.spend, market.spend)


def test_media_that_follow_a_hidden_driver_and_demand_move_with_them() -> None:
    market = drawn("national")
    shown = market.line.shown
    banner = market.exposure[:, 0, market.channels.index("banner")]
    fashion = market.baseline_parts["fashion"][shown, 0]
    on = banner > 0
    assert np.corrcoef(np.log(banner[on]), fashion[on])[0, 1] > 0.5  # log spend: 0.7 sd of it, 0.5 of its own
    search = market.exposure[:, 0, market.channels.index("search")]
    assert np.corrcoef(np.log(search[search > 0]), market.kpi[search > 0, 0])[0, 1] > 0.4
    assert "fashion" not in market.frame


def test_channels_with_one_calendar_run_together() -> None:
    market = drawn("panel")
    social, banner = (market.exposure[..., market.channels.index(name)] > 0 for name in ("social", "banner"))
    np.testing.assert_array_equal(social, banner)
    assert (social == social[:, :1]).all()  # not local: all groups together


def test_a_mediator_holds_the_part_of_the_effect_that_flows_through_it() -> None:
    """Least squares on the true series: beside the mediator, the channel keeps what does not flow through it."""
    tv = Channel("tv", effect=40_000.0)
    brand = Driver("brand", 0.05, column="brand_interest", carries=(("tv", 0.75),))
    market = simulate(World(channels=(tv,), drivers=(brand,), noise=Noise(0.0), n=200), 1)
    effect = market.contributions()[:, 0, 0]
    base = market.parts()["base"][:, 0] + market.parts()["season"][:, 0]
    columns = np.column_stack([market.frame["brand_interest"] - 10.0, effect])
    through, direct = np.linalg.lstsq(columns, market.frame["sales"] - base, rcond=None)[0]
    assert through == pytest.approx(0.05 * 400_000.0)
    assert direct == pytest.approx(0.25)


def test_shares_that_are_asked_for_come_out() -> None:
    shares = {"tv": 0.1, "radio": 0.02}
    world = with_contributions(World(channels=KINDS[:3]), 5, shares)
    market = simulate(world, 5)
    for name, share in shares.items():
        mean = market.contributions()[:, 0, market.channels.index(name)].mean()
        assert mean == pytest.approx(share * world.baseline.level)
    assert world.channels[2] == KINDS[2]


def test_heavy_tails_and_persistence_are_those_asked_for() -> None:
    """Over 4,000 periods: a normal has 0.3 % beyond three sds, Student-t with 3 degrees 5.8 % beyond three scales."""
    world = World(channels=KINDS[:1], n=4_000, freq="D")
    heavy = simulate(replace(world, noise=Noise(0.03, nu=3.0)), 1).noise
    assert (np.abs(heavy) > 0.09).mean() == pytest.approx(0.058, abs=0.012)  # three binomial sds
    sticky = simulate(replace(world, noise=Noise(0.03, persistence=0.7)), 1).noise[:, 0]
    assert np.corrcoef(sticky[1:], sticky[:-1])[0, 1] == pytest.approx(0.7, abs=0.05)
    assert sticky.std() == pytest.approx(0.03, rel=0.1)


@pytest.mark.parametrize(
    "parts",
    [
        {"channels": (Channel("tv", follows=(("nothing", 1.0),)),)},
        {"channels": (Channel("tv", frequency=0.5),)},
        {"channels": (Channel("tv"),), "drivers": (Driver("brand", 0.1, carries=(("radio", 0.5),)),)},
        {"channels": (Channel("tv"),), "drivers": (Driver("brand", carries=(("tv", 0.5),)),)},
        {"channels": (Channel("tv"),), "link": "log", "noise": Noise(nu=3.0)},
    ],
)
def test_a_world_that_contradicts_itself_is_refused(parts: dict) -> None:
    with pytest.raises(ConfigError, match="simulated world"):
        World(**parts)
