"""The PyMC model against its docstring, re-derived here with loops and scipy and no line of the model's code."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytensor.tensor as pt
import pytest
from scipy import stats

from mmm.model import build_model
from tests.mmm.probes import Case, Probe, case, case_of, probe, probe_of
from tests.mmm.simulate import THREE, Channel, adstock, saturate, simulate

CASES = ("national", "panel", "units", "bare", "daily")
EXACT = 1e-8  # the exam's bound; both sides are float64 sums of some thousand terms of size 1 to 10


def mean_of(case: Case, p: dict[str, np.ndarray]) -> np.ndarray:
    """Equations of the docstring, from the raw panel: mu[t, g]."""
    design, panel = case.design, case.design.panel
    fit = slice(case.world.l_max, panel.n_periods)
    kpi = panel.kpi[fit]
    weight = np.abs(kpi).mean(0) / np.abs(kpi).mean(0).sum()
    mu = np.repeat(p["level"][None, :], len(kpi), axis=0)
    shares = shares_of(case, p)
    decaying = 0
    for c, about in enumerate(case.world.channels):
        retention = 0.0
        if about.half_life > 0:
            retention = 0.5 ** (1.0 / p["half_life"][decaying])
            decaying += 1
        f = np.empty_like(kpi)
        for g in range(panel.n_groups):
            exposure = panel.exposure[:, g, c]
            carried = adstock(exposure / exposure[exposure > 0].mean(), retention, case.world.l_max)
            f[:, g] = saturate(replace(about, half_saturation=p["half_saturation"][c]), carried)[fit]
        typical = (weight * f.mean(0)).sum()
        own = np.exp(p["group_spread"][c] * p["group_effect"][:, c]) if "group_spread" in p else 1.0
        mu += shares[c] * own / typical * (f - f.mean(0))
    if design.n_terms:
        columns = design.raw_terms[fit] - design.raw_terms[fit].mean(0)
        mu += np.einsum("tgk,gk->tg", columns, coefficients_of(case, p) @ design.rotation.T)
    return mu


def shares_of(case: Case, p: dict[str, np.ndarray]) -> np.ndarray:
    """The total of paid media, split around spend; organic channels each on their own."""
    spend = case.world.spend[case.world.l_max :].sum((0, 1))
    paid = np.flatnonzero(spend > 0)
    shares = np.zeros(len(spend))
    weight = spend[paid] / spend[paid].sum() * np.exp(p.get("paid_split", np.zeros(1)))
    shares[paid] = weight / weight.sum() / (1.0 + np.exp(-p["paid_share_logit"]))
    shares[spend == 0] = p.get("organic_share", [])
    return shares


def coefficients_of(case: Case, p: dict[str, np.ndarray]) -> np.ndarray:
    """Standard coefficients per group, (G, K): the common ones, and deviations written either way."""
    design = case.design
    own = np.repeat(p["coefficient"][None, :], design.panel.n_groups, axis=0)
    if "baseline_spread" in p:
        if "coefficient_group" in p:
            own[:, design.centred] = p["coefficient_group"]
        if "coefficient_deviation" in p:
            own[:, ~design.centred] += p["baseline_spread"] * p["coefficient_deviation"]
    return own


def log_density(case: Case, p: dict[str, np.ndarray]) -> float:
    """Prior and likelihood in natural parameters, with the documented defaults written as numbers."""
    panel, fit = case.design.panel, slice(case.world.l_max, case.design.panel.n_periods)
    y = panel.kpi[fit] / np.abs(panel.kpi[fit]).mean(0)
    kpi_sd = np.sqrt(((y - y.mean(0)) ** 2).mean())
    days = {"weekly": 7.0, "daily": 1.0}[panel.frequency.name]
    normal, half, lognormal = stats.norm.logpdf, stats.halfnorm.logpdf, stats.lognorm.logpdf
    total = normal(p["level"], y.mean(0), 0.5).sum()
    total += half(p["sigma"], scale=kpi_sd).sum()
    total += lognormal(p["half_life"], s=1.0, scale=7.0 / days).sum()  # median 7 days, log sd 1
    total += lognormal(p["half_saturation"], s=1.0, scale=2.0).sum()  # median twice the mean exposure
    total += normal(p["paid_share_logit"], np.log(0.1 / 0.9), 1.2)
    if "paid_split" in p:
        # An isotropic normal inside the plane where the values add to zero, which has one dimension less.
        sd, split = np.log(5.0) / stats.norm.ppf(0.95), p["paid_split"]
        total += -0.5 * (split**2).sum() / sd**2 - (len(split) - 1) * np.log(sd * np.sqrt(2 * np.pi))
    if "organic_share" in p:
        total += lognormal(p["organic_share"], s=1.25, scale=0.01).sum()
    if "coefficient" in p:
        total += normal(p["coefficient"]).sum()
    if "group_spread" in p:
        total += half(p["group_spread"], scale=0.5).sum() + normal(p["group_effect"]).sum()
        total += half(p["baseline_spread"], scale=0.5)
        total += normal(p.get("coefficient_deviation", np.zeros(0))).sum()
        if "coefficient_group" in p:
            common = p["coefficient"][case.design.centred]
            total += normal(p["coefficient_group"], common, p["baseline_spread"]).sum()
    return float(total + normal(y, mean_of(case, p), p["sigma"]).sum())


@pytest.mark.parametrize("name", CASES)
def test_log_density_and_mean_are_those_of_the_docstring(name: str) -> None:
    it = probe(name)
    for point in it.points(5):
        logp, mu, natural = it.at(point)
        np.testing.assert_allclose(mu, mean_of(it.case, natural), rtol=0, atol=1e-9)
        assert logp == pytest.approx(log_density(it.case, natural), rel=EXACT, abs=EXACT)


def test_the_panel_case_holds_both_ways_of_writing_a_deviation() -> None:
    # Otherwise the test above would not see one of the two.
    centred = case("panel").design.centred
    assert centred.any()
    assert not centred.all()


def test_sampling_space_adds_only_the_jacobians_of_logs() -> None:
    """Between two points the sampled density differs by the log of every positive parameter; zero-sum is a rotation."""
    it = probe("national")
    sampled = it.model.compile_fn(it.model.logp(), inputs=it.model.value_vars, mode="FAST_COMPILE")
    first, second = it.points(2, seed=9)
    positive = ("half_life", "half_saturation", "organic_share", "sigma")

    def jacobian(point: dict[str, np.ndarray]) -> float:
        natural = it.at(point)[2]
        return sum(float(np.log(natural[name]).sum()) for name in positive)

    seen = float(sampled(first) - sampled(second)) - (it.at(first)[0] - it.at(second)[0])
    assert seen == pytest.approx(jacobian(first) - jacobian(second), abs=EXACT)


def test_gradient_is_finite_beside_a_channel_without_adstock() -> None:
    """0 ** lag has no derivative at lag 0; it must not reach the other channels."""
    it = probe("national")
    gradient = it.model.compile_fn(it.model.dlogp(), inputs=it.model.value_vars, mode="FAST_COMPILE")
    assert all(np.isfinite(gradient(point)).all() for point in it.points(3))


def aligned(it: Probe, p: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Natural parameters to a point of another model's sampling space."""
    point = {}
    for rv in it.model.free_RVs:
        value, transform = it.model.rvs_to_values[rv], it.model.rvs_to_transforms[rv]
        natural = pt.as_tensor(np.asarray(p[rv.name], float))
        point[value.name] = (natural if transform is None else transform.forward(natural, *rv.owner.inputs)).eval()
    return point


def test_permuted_channels_have_the_same_log_density() -> None:
    it = probe("national")
    order = [3, 1, 4, 0, 2]
    section = it.case.world.section
    turned = section.model_copy(update={"channels": tuple(section.channels[i] for i in order)})
    channels = tuple(it.case.world.channels[i] for i in order)
    world = replace(it.case.world, section=turned, channels=channels, spend=it.case.world.spend[..., order])
    other = probe_of(case_of(world))
    logp, mu, natural = it.at(it.points(1)[0])
    names = [channel.name for channel in it.case.world.channels]
    labels = {dim: [str(v) for v in it.model.coords[dim]] for dim in ("channel", "paid", "organic", "decaying")}
    turned_labels = {dim: [str(v) for v in other.model.coords[dim]] for dim in labels}
    assert turned_labels["channel"] == [names[i] for i in order]
    for parameter, dim in (("half_saturation", "channel"), ("paid_split", "paid"), ("half_life", "decaying")):
        natural[parameter] = natural[parameter][[labels[dim].index(label) for label in turned_labels[dim]]]
    logp_other, mu_other, _ = other.at(aligned(other, natural))
    assert logp_other == pytest.approx(logp, abs=EXACT)
    np.testing.assert_allclose(mu_other, mu, rtol=0, atol=1e-11)


def test_a_channel_that_never_ran_leaves_the_model_as_it_was() -> None:
    it = probe("national")
    world = it.case.world
    described = it.case.world.section.channels[1].model_copy(
        update={"name": "idle", "spend": "idle_spend", "exposure": None}
    )
    more = world.section.model_copy(update={"channels": (*world.section.channels, described)})
    idle = Channel("idle", spend=1.0)
    none = np.zeros((*world.spend.shape[:2], 1))
    wider = replace(
        world,
        section=more,
        frame=world.frame.assign(idle_spend=0.0),
        channels=(*world.channels, idle),
        spend=np.concatenate([world.spend, none], -1),
    )
    other = probe_of(case_of(wider))
    for point in it.points(3):
        assert other.at(point)[0] == pytest.approx(it.at(point)[0], abs=1e-10)  # the same sums in the same order
    assert [rv.name for rv in other.model.free_RVs] == [rv.name for rv in it.model.free_RVs]


def test_a_channel_without_adstock_that_ran_only_before_the_scored_rows_has_no_parameters() -> None:
    """Its saturated media are zero in every scored row, and a share over zero is not a number."""
    world = simulate(8, (THREE[1], replace(THREE[1], name="early", half_life=0.0)), n=60)
    world.frame.loc[world.l_max :, "early_spend"] = 0.0
    world.frame.loc[0, "early_spend"] = 500.0
    model = build_model(case_of(world).design, case_of(world).priors)
    assert list(model.coords["channel"]) == ["search"]
    assert np.isfinite(model.compile_logp(mode="FAST_COMPILE")(model.initial_point()))
