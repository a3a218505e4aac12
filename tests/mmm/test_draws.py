"""Draws in original units: every family's effect as documented, shares that are what their name says, invariances."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmm.config import MediaSection
from mmm.contributions import components
from mmm.draws import MediaDraws, media_draws
from mmm.prior_draws import draw_prior_shares
from mmm.returns import window_returns
from tests.mmm import reference
from tests.mmm.markets import FAMILIES, MARKETS, frame_of, market, section_of, setup_of
from tests.mmm.probes import Setup, case, case_of, points_of, prior_samples
from tests.mmm.simulate import THREE, simulate

QUICK = settings(max_examples=10, deadline=None)


def both(name: str, n: int = 2, seed: int = 1) -> tuple[Setup, MediaDraws, list[dict[str, np.ndarray]]]:
    """A market with the same draws as original units and as points of natural parameters."""
    it = market(name)
    samples = prior_samples(it.design, it.priors, n, seed)
    return it, media_draws(it.design, samples), points_of(samples)


@pytest.mark.parametrize("name", MARKETS)
def test_effects_are_the_documentation_s_for_every_family_and_input(name: str) -> None:
    """By loops over lags; 1e-9 is rounding in sums of at most five lags and in a share over its typical media."""
    it, draws, points = both(name)
    design = it.design
    for s, point in enumerate(points):
        found = reference.effects(design, point)
        assert sorted(found) == design.blocks.active.tolist()
        for c, effect in found.items():
            for g in range(design.panel.n_groups):
                scale = design.y_scale[g]
                seen = draws.effect(g, c)[s, design.fit]
                np.testing.assert_allclose(seen, effect[:, g] * scale, rtol=1e-9, atol=1e-12 * scale)


@pytest.mark.parametrize("name", MARKETS)
def test_components_add_up_to_the_expected_outcome(name: str) -> None:
    """The reference's mean in the user's units; under a log likelihood the mean of a lognormal around it."""
    it, draws, points = both(name)
    design = it.design
    total = np.sum([part.draws for part in components(draws)], axis=0)
    for s, point in enumerate(points):
        mean = reference.mean(design, point)
        if design.section.likelihood == "log":
            expected = np.exp(mean + point["sigma"] ** 2 / 2.0)
        else:
            expected = mean * reference.size(design)
        expected = expected * design.panel.value[design.fit]
        np.testing.assert_allclose(total[s], expected, rtol=1e-9, atol=1e-9 * np.abs(expected).max())


@pytest.mark.parametrize("name", ["families", "instant", "organic", "owned"])
def test_the_share_of_a_channel_is_its_part_of_the_kpi(name: str) -> None:
    """National: mean effect over the mean size of the KPI in the scored window, also for a prior on the coefficient."""
    it, draws, _ = both(name)
    share = draws.media_mean[:, 0, :] / reference.size(it.design)[0]
    np.testing.assert_allclose(share, draws.share[:, 0, :], rtol=1e-9, atol=1e-15)


def test_the_shares_of_a_panel_without_group_effects_are_those_of_the_whole() -> None:
    """With every group typical, contribution over all groups is the share of the KPI of all groups."""
    it = market("crossed")
    samples = prior_samples(it.design, it.priors, 5)
    still = {name: np.zeros_like(v) if name.startswith("group_effect") else v for name, v in samples.values.items()}
    draws = media_draws(it.design, replace(samples, values=still))
    kpi = reference.size(it.design)
    np.testing.assert_allclose(draws.media_mean.sum(1) / kpi.sum(), draws.share[:, 0], rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("name", ["crossed", "nested"])
def test_two_dimensions_multiply_under_the_lognormal_and_add_under_the_normal(name: str) -> None:
    """What is left of a share without the group's factor is the share of a typical group, the same everywhere."""
    it = market(name)
    samples = prior_samples(it.design, it.priors, 3)
    share = media_draws(it.design, samples).share
    total = np.zeros_like(share)
    for i, level in enumerate(it.design.panel.levels):
        own = samples.flat(f"group_spread_{i + 1}")[:, None] * samples.flat(f"group_effect_{i + 1}")
        total += own[:, level.index]
    typical = share / (np.exp(total) if name == "crossed" else 1.0 + total)
    np.testing.assert_allclose(typical, np.repeat(typical[:, :1], typical.shape[1], axis=1), rtol=1e-9)


def test_a_group_effect_multiplies_its_own_cell_only() -> None:
    it = case("panel")
    samples = prior_samples(it.design, it.priors, 4)
    effect = np.zeros_like(samples.values["group_effect"])
    plain = media_draws(it.design, replace(samples, values={**samples.values, "group_effect": effect}))
    raised = effect.copy()
    raised[..., 1, 0] = 1.0
    other = media_draws(it.design, replace(samples, values={**samples.values, "group_effect": raised}))
    factor = np.ones_like(plain.coefficient)
    factor[:, 1, 0] = np.exp(samples.flat("group_spread")[:, 0])
    np.testing.assert_allclose(other.coefficient, plain.coefficient * factor, rtol=1e-12)


def test_a_signed_lever_never_turns_and_is_alike_in_all_groups() -> None:
    for name, sign in (("families", 1.0), ("nested", -1.0)):
        draws = market(name).draws(n=40)
        place = [term.component for term in draws.design.terms].index("discount")
        assert (sign * draws.terms[..., place] > 0).all()
        scaled = draws.terms[..., place] / draws.design.y_scale
        np.testing.assert_allclose(scaled, np.repeat(scaled[:, :1], scaled.shape[1], axis=1), rtol=1e-12)


def test_a_channel_that_never_ran_is_not_a_number_in_shape_and_zero_in_effect() -> None:
    draws = market("families").draws()
    idle = [channel["name"] for channel in FAMILIES].index("idle")
    assert np.isnan(draws.half_life[:, idle]).all()
    assert (draws.coefficient[:, :, idle] == 0).all()
    assert (draws.media_mean[:, :, idle] == 0).all()
    assert np.isfinite(draws.intercept).all()


def test_a_channel_without_adstock_has_no_half_life_and_acts_at_once() -> None:
    draws = market("families").draws()
    ooh = [channel["name"] for channel in FAMILIES].index("ooh")
    assert (draws.half_life[:, ooh] == 0).all()
    np.testing.assert_array_equal(draws.weights(ooh), np.eye(1, 5).repeat(draws.n_draws, axis=0))


def test_a_fixed_slope_and_the_default_one_are_the_curve_s_exponent() -> None:
    draws = market("families").draws()
    names = [channel["name"] for channel in FAMILIES]
    assert (draws.exponent[:, names.index("steep")] == 2.5).all()
    assert (draws.exponent[:, names.index("search")] == 1.0).all()
    assert len(np.unique(draws.exponent[:, names.index("tv")])) == draws.n_draws  # free


def test_hill_with_slope_one_is_michaelis_menten() -> None:
    """Two channels alike but for the family's name: one curve, to rounding."""
    channels = [{"name": kind, "spend": kind, "saturation": kind} for kind in ("hill", "michaelis_menten")]
    frame = frame_of(8, 40)
    frame = frame.assign(hill=frame["tv"], michaelis_menten=frame["tv"])
    it = setup_of(frame, section_of(channels=channels, knots=0))
    samples = prior_samples(it.design, it.priors, 6)
    shared = {name: np.repeat(samples.values[name][..., :1], 2, -1) for name in ("half_life", "half_saturation")}
    draws = media_draws(
        it.design, replace(samples, values={**samples.values, **shared, "paid_split": np.zeros((2, 6, 2))})
    )
    np.testing.assert_allclose(draws.effect(0, 0), draws.effect(0, 1), rtol=1e-12)


FRAME = frame_of(9, 44)
SECTION = section_of(knots=1)
BASE = setup_of(FRAME, SECTION)
SAMPLES = prior_samples(BASE.design, BASE.priors, 3, seed=5)
DRAWS = media_draws(BASE.design, SAMPLES)
SPENT = ["tv", "search", "radio", "print", "ooh", "video", "steep"]


def roi(draws: MediaDraws) -> np.ndarray:
    """ROI of the channels that cost something, (S, C)."""
    returns = window_returns(draws)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(returns.incremental.sum(1) / returns.spend.sum(0))


@QUICK
@given(money=st.floats(1e-3, 1e6))
def test_another_currency_scales_amounts_and_leaves_roi_and_shapes(money: float) -> None:
    """A thousand of a currency instead of one: KPI and spend by the same factor, ROI priors and all."""
    frame = FRAME.assign(**{name: FRAME[name] * money for name in ["sales", *SPENT]})
    it = setup_of(frame, SECTION)
    for mine, theirs in zip(it.priors.own, BASE.priors.own, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-9)
    draws = media_draws(it.design, SAMPLES)
    np.testing.assert_allclose(roi(draws), roi(DRAWS), rtol=1e-8)
    for name in ("coefficient", "level", "sigma", "intercept", "terms"):
        mine, theirs = getattr(draws, name), getattr(DRAWS, name) * money
        np.testing.assert_allclose(mine, theirs, rtol=1e-7, atol=1e-9 * np.abs(theirs).max(), err_msg=name)
    np.testing.assert_allclose(draws.share, DRAWS.share, rtol=1e-9)


@QUICK
@given(order=st.permutations(range(len(FAMILIES))))
def test_permuted_channels_keep_their_effects_and_their_prior(order: list[int]) -> None:
    turned = MediaSection(**{**SECTION.model_dump(), "channels": [FAMILIES[i] for i in order]})
    it = setup_of(FRAME, turned)
    names = [channel["name"] for channel in FAMILIES]
    before, after = (_labels(each) for each in (BASE, it))
    values = dict(SAMPLES.values)
    for name, dim in _BY_CHANNEL.items():
        index = [before[dim].index(label) for label in after[dim]]
        values[name] = values[name][..., index]
    samples = replace(SAMPLES, values=values)
    draws = media_draws(it.design, samples)
    np.testing.assert_allclose(draws.coefficient, DRAWS.coefficient[..., order], rtol=1e-11)
    np.testing.assert_allclose(
        window_returns(draws).incremental, window_returns(DRAWS).incremental[..., order], rtol=1e-9
    )
    density = reference.log_density(it.design, points_of(samples)[0])
    assert density == pytest.approx(reference.log_density(BASE.design, points_of(SAMPLES)[0]), rel=1e-12)
    assert [names[i] for i in order] == list(it.design.panel.channels)


_BY_CHANNEL = {
    "half_life": "decaying",
    "adstock_shape": "shaped",
    "half_saturation": "bent",
    "slope": "sloped",
    "root": "rooted",
    "paid_split": "pooled",
    "own_share": "own",
}


def _labels(it: Setup) -> dict[str, list[str]]:
    names = it.design.panel.channels
    return {dim: [names[c] for c in getattr(it.design.blocks, dim)] for dim in set(_BY_CHANNEL.values())}


@QUICK
@given(seed=st.integers(0, 1000), cycles=st.integers(1, 3))
def test_rows_in_another_order_and_dates_leap_cycles_ago_change_nothing(seed: int, cycles: int) -> None:
    """Four years have 1461 days, which are not whole weeks; 28 years are."""
    frame = FRAME.sample(frac=1.0, random_state=seed)
    draws = media_draws(setup_of(frame, SECTION).design, SAMPLES)
    np.testing.assert_array_equal(draws.coefficient, DRAWS.coefficient)
    np.testing.assert_array_equal(draws.terms, DRAWS.terms)
    moved = FRAME.assign(date=FRAME["date"] + np.timedelta64(-1461 * 7 * cycles, "D"))
    shifted = media_draws(setup_of(moved, SECTION).design, SAMPLES)
    np.testing.assert_allclose(shifted.terms, DRAWS.terms, rtol=1e-9, atol=1e-12)
    np.testing.assert_array_equal(shifted.coefficient, DRAWS.coefficient)


def test_an_added_channel_without_spend_changes_no_number() -> None:
    more = MediaSection(**{**SECTION.model_dump(), "channels": [*FAMILIES, {"name": "none", "spend": "nothing"}]})
    it = setup_of(FRAME.assign(nothing=0.0), more)
    draws = media_draws(it.design, SAMPLES)
    np.testing.assert_array_equal(draws.coefficient[..., :-1], DRAWS.coefficient)
    np.testing.assert_array_equal(draws.intercept, DRAWS.intercept)
    assert (draws.coefficient[..., -1] == 0.0).all()


@QUICK
@given(part=st.floats(0.05, 0.95))
def test_a_channel_split_in_two_that_run_alike_is_the_channel_it_was(part: float) -> None:
    """Each part has its own scale, so at the same parameters both have the same media; their shares follow the spend.

    Exact in the mean. Not in the prior: the two parts may differ, and their sum is narrower and lies higher.
    Its middle moves up by 12 % at most (two even halves), and it is never wider than the one channel was.
    """
    whole = [{"name": "a", "spend": "tv"}, {"name": "b", "spend": "search"}]
    halves = [{"name": "a1", "spend": "a1"}, {"name": "a2", "spend": "a2"}, {"name": "b", "spend": "search"}]
    frame = FRAME.assign(a1=part * FRAME["tv"], a2=(1 - part) * FRAME["tv"])
    one, two = (setup_of(frame, section_of(channels=made, knots=0)) for made in (whole, halves))
    samples = prior_samples(one.design, one.priors, 3)
    values = dict(samples.values)
    for name in ("half_life", "half_saturation", "paid_split"):
        values[name] = values[name][..., [0, 0, 1]]
    first, second = media_draws(one.design, samples), media_draws(two.design, replace(samples, values=values))
    np.testing.assert_allclose(second.effect(0, 0) + second.effect(0, 1), first.effect(0, 0), rtol=1e-9)
    np.testing.assert_allclose(second.intercept, first.intercept, rtol=1e-12)
    before, after = (draw_prior_shares(it.design, it.priors, 20_000, 3) for it in (one, two))
    alone, summed = np.log(before[:, 0]), np.log(after[:, 0] + after[:, 1])
    assert -0.03 < np.median(summed) - np.median(alone) < 0.15
    assert summed.std() < 1.03 * alone.std()  # 20,000 draws: an sd is good to half a per cent


def test_scale_of_units_is_the_kpi_s() -> None:
    """The KPI in another unit scales every amount by it and leaves every shape alone."""
    world = simulate(9, THREE, n=50)
    one = case_of(world).draws()
    frame = world.frame.assign(sales=world.frame["sales"] * 1000.0)
    other = case_of(replace(world, frame=frame)).draws()
    for name in ("coefficient", "level", "sigma", "media_mean", "intercept"):
        np.testing.assert_allclose(getattr(other, name), 1000.0 * getattr(one, name), rtol=1e-9, err_msg=name)
    for name in ("half_life", "half_saturation", "share", "exponent"):
        np.testing.assert_allclose(getattr(other, name), getattr(one, name), rtol=1e-9, err_msg=name)
