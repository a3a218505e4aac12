"""Draws in original units: the same model as PyMC's, and shares that are what their name says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mmm.contributions import components
from mmm.draws import media_draws
from tests.mmm.probes import case, case_of, prior_samples, probe
from tests.mmm.simulate import THREE, adstock, saturate, simulate

CASES = ("national", "panel", "units", "bare", "daily")


@pytest.mark.parametrize("name", CASES)
def test_components_add_up_to_the_mean_of_the_pymc_model(name: str) -> None:
    """Two paths from the same parameters: PyMC's graph in scaled units, and tables' numpy in original units."""
    it = probe(name)
    seen = [it.at(point) for point in it.points(4, seed=3)]
    draws = media_draws(it.case.design, it.samples([natural for _, _, natural in seen]))
    panel, fit = draws.design.panel, draws.design.fit
    total = sum(part.draws for part in components(draws))
    theirs = np.stack([mu for _, mu, _ in seen]) * draws.design.y_scale * panel.value[fit]
    np.testing.assert_allclose(total, theirs, rtol=1e-9)


@pytest.mark.parametrize("name", ["national", "bare", "daily"])
def test_the_share_of_a_channel_is_its_part_of_the_kpi(name: str) -> None:
    """National: mean contribution over mean KPI in the scored window."""
    draws = case(name).draws()
    design = draws.design
    share = draws.media_mean[:, 0, :] / design.panel.kpi[design.fit].mean()
    np.testing.assert_allclose(share, draws.share[:, 0, :], rtol=1e-9, atol=1e-15)


def test_the_shares_of_a_panel_without_group_effects_are_those_of_the_whole() -> None:
    """With every group typical, contribution over all groups is the share of the KPI of all groups."""
    it = case("panel")
    samples = prior_samples(it.design, it.priors, 5)
    typical = {**samples.values, "group_effect": np.zeros_like(samples.values["group_effect"])}
    draws = media_draws(it.design, replace(samples, values=typical))
    kpi = it.design.panel.kpi[it.design.fit].mean(0)
    np.testing.assert_allclose(draws.media_mean.sum(1) / kpi.sum(), draws.share[:, 0], rtol=1e-9, atol=1e-15)


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


def test_contribution_is_the_loop_over_its_definition() -> None:
    it = case("panel")
    draws = it.draws()
    for g in range(3):
        for c, about in enumerate(it.world.channels):
            x = it.design.panel.exposure[:, g, c] / it.design.x_scale[g, c]
            seen = draws.contribution(g, c)
            for s in (0, 7):
                retention = 0.5 ** (1.0 / draws.half_life[s, c]) if about.half_life else 0.0
                shape = replace(about, half_saturation=draws.half_saturation[s, c])
                naive = draws.coefficient[s, g, c] * saturate(shape, adstock(x, retention, it.world.l_max))
                np.testing.assert_allclose(seen[s], naive, rtol=1e-12, atol=1e-12)


def test_a_channel_without_adstock_has_no_half_life_to_report() -> None:
    draws = case("national").draws()
    assert (draws.half_life[:, 3] == 0).all()
    assert (draws.retention[:, 3] == 0).all()


def test_a_channel_that_never_ran_is_not_a_number_in_shape_and_zero_in_effect() -> None:
    world = simulate(1, THREE, n=40)
    draws = case_of(replace(world, frame=world.frame.assign(search_spend=0.0))).draws()
    assert np.isnan(draws.half_life[:, 1]).all()
    assert (draws.coefficient[:, :, 1] == 0).all()
    assert (draws.media_mean[:, :, 1] == 0).all()
    assert np.isfinite(draws.intercept).all()


def test_scale_of_units_is_the_kpi_s() -> None:
    """The KPI in another unit scales every amount by it and leaves every shape alone."""
    world = simulate(9, THREE, n=50)
    one = case_of(world).draws()
    frame = world.frame.assign(sales=world.frame["sales"] * 1000.0)
    other = case_of(replace(world, frame=frame)).draws()
    for name in ("coefficient", "level", "sigma", "media_mean", "intercept"):
        np.testing.assert_allclose(getattr(other, name), 1000.0 * getattr(one, name), rtol=1e-9, err_msg=name)
    for name in ("half_life", "half_saturation", "share", "retention"):
        np.testing.assert_allclose(getattr(other, name), getattr(one, name), rtol=1e-9, err_msg=name)
