"""Log likelihood, Student's t and a net KPI after the posterior: counterfactuals by simulation, and the noise told.

The counterfactual runs the reference model again on a changed exposure: the expected KPI with and without, by loops.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mmm.contributions import components, predictive_noise
from mmm.draws import MediaDraws
from mmm.link import expected_kpi, lost, won
from mmm.returns import window_returns
from tests.mmm import reference
from tests.mmm.markets import market
from tests.mmm.probes import Setup

MARKETS = ("families", "nested", "net", "crossed")


def effect_of(it: Setup, draws: MediaDraws, s: int, g: int, c: int, exposure: np.ndarray) -> np.ndarray:
    """What one channel adds to the model's mean under an exposure that goes on after the data, by loops."""
    design = it.design
    channel, tail = design.section.channels[c], len(exposure) - design.panel.n_periods
    shape = (draws.half_life[s, c], draws.adstock_shape[s, c], draws.half_saturation[s, c], draws.exponent[s, c])
    contacts = np.append(design.panel.contacts[:, g, c], np.zeros(tail))
    x = exposure / reference.unit(design, g, c)
    return draws.coefficient[s, g, c] * reference.response(channel, x, contacts, shape, design.l_max)


def expected_of(it: Setup, draws: MediaDraws, s: int, g: int, change: tuple[int, np.ndarray] | None) -> np.ndarray:
    """Expected KPI of one group and draw over the data and the carry-over after it, one exposure perhaps changed."""
    design = it.design
    n, tail = design.panel.n_periods, np.zeros(design.l_max - 1)
    columns = design.raw_terms[: n + len(tail), g] - design.raw_terms[reference.scored(design), g].mean(0)
    mean = draws.level[s, g] + columns @ draws.terms[s, g]
    for c in design.blocks.active:
        whole = np.append(design.panel.exposure[:, g, c], tail)
        centre = effect_of(it, draws, s, g, c, whole)[reference.scored(design)].mean()
        now = whole if change is None or change[0] != c else change[1]
        mean = mean + effect_of(it, draws, s, g, c, now) - centre
    return np.exp(mean + draws.sigma[s, g] ** 2 / 2) if design.log else mean


@pytest.mark.parametrize("name", MARKETS)
@pytest.mark.parametrize("window", ["scored", "inside"])
def test_returns_are_the_difference_between_two_histories(name: str, window: str) -> None:
    """Contribution, incremental outcome and one per cent more, for every channel and group of two draws.

    1e-7 relative to the largest: differences of expected KPIs that agree in three to six digits.
    """
    it = market(name)
    design, panel, draws = it.design, it.design.panel, it.draws(n=1)
    rows = design.fit if window == "scored" else slice(design.fit.start + 4, panel.n_periods - 9)
    returns = window_returns(draws, rows)
    inside = np.zeros(panel.n_periods + design.l_max - 1, bool)
    inside[rows] = True
    seen = np.zeros_like(inside)  # what counts: the window, and the carry-over of its last period
    seen[rows.start : rows.stop + design.l_max - 1] = True
    value = np.concatenate([panel.value, design.future.value[: design.l_max - 1]])
    found = np.zeros((3, draws.n_draws, panel.n_groups, panel.n_channels))
    for s in range(draws.n_draws):
        for g in range(panel.n_groups):
            run = expected_of(it, draws, s, g, None)
            for c in design.blocks.active:
                whole = np.append(panel.exposure[:, g, c], np.zeros(design.l_max - 1))
                paths = np.zeros_like(whole), np.where(inside, 0.0, whole), np.where(inside, 1.01 * whole, whole)
                off, without, more = (expected_of(it, draws, s, g, (int(c), path)) for path in paths)
                found[0, s, g, c] = ((run - off) * value[:, g])[inside].sum()
                found[1, s, g, c] = ((run - without) * value[:, g])[seen].sum()
                found[2, s, g, c] = ((more - run) * value[:, g])[seen].sum()
    for mine, theirs in zip((returns.contribution, returns.incremental, returns.extra), found, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-6, atol=1e-7 * np.abs(theirs).max())


def test_expected_kpi_is_the_mean_of_the_simulated_kpi() -> None:
    """exp(mu + sigma^2 / 2) against 400,000 draws of exp(mu + sigma z): a mean good to 0.1 % at sigma = 0.3."""
    it = market("nested")
    draws = it.draws(n=1, chains=1)
    loud = replace(draws, sigma=np.full_like(draws.sigma, 0.3))
    point = np.log(expected_kpi(loud, 0, it.design.fit)[0]) - 0.3**2 / 2  # type: ignore[index]
    z = np.random.default_rng(1).standard_normal((400_000, 1))
    simulated = np.exp(point[:3] + 0.3 * z).mean(0)
    np.testing.assert_allclose(expected_kpi(loud, 0, it.design.fit)[0, :3], simulated, rtol=3e-3)  # type: ignore[index]


def test_what_is_lost_and_what_is_won_are_two_sides() -> None:
    """Lose an effect and win it back: nothing changed. Under the identity both are the effect."""
    effect, expected = np.array([[-0.3, 0.0, 0.2, 1.5]]), np.full((1, 4), 100.0)
    left = expected - lost(effect, expected)
    np.testing.assert_allclose(left + won(effect, left), expected, rtol=1e-14)
    np.testing.assert_array_equal(lost(effect, None), effect)
    np.testing.assert_array_equal(won(effect, None), effect)


def test_interaction_is_what_the_parts_bring_only_together() -> None:
    """Each channel is what would be missing without it; all parts with the interaction are the expected KPI."""
    draws = market("nested").draws()
    parts = {part.name: part.draws for part in components(draws)}
    assert list(parts)[-1] == "interaction"
    total = np.sum(list(parts.values()), axis=0)
    expected = np.stack([np.asarray(expected_kpi(draws, g, draws.design.fit)) for g in range(4)], axis=-1)
    np.testing.assert_allclose(total, expected, rtol=1e-9)
    for c, name in enumerate(draws.design.panel.channels):
        effect = np.stack([draws.effect(g, c)[:, draws.design.fit] for g in range(4)], axis=-1)
        np.testing.assert_allclose(parts[name], expected * (1.0 - np.exp(-effect)), rtol=1e-7, atol=1e-9 * total.max())


def test_no_other_likelihood_has_an_interaction() -> None:
    for name in ("families", "crossed", "net"):
        assert "interaction" not in [part.name for part in components(market(name).draws(n=1))]


def many(name: str, n: int) -> MediaDraws:
    """One draw of a market, many times."""
    draws = market(name).draws(n=1, chains=1)
    return draws.take(np.zeros(n, np.intp))


def test_noise_of_student_s_t_has_its_scale_and_tails() -> None:
    """Variance nu / (nu - 2) sigma^2. At nu = 6 the variance of 60,000 draws is good to 1.2 % (kurtosis 6)."""
    draws = many("crossed", 60_000)
    fixed = replace(draws, degrees=np.full(draws.n_draws, 6.0))
    value = np.ones((1, draws.design.panel.n_groups))
    mean = np.zeros((draws.n_draws, 1, draws.design.panel.n_groups))
    noise = predictive_noise(fixed, mean, value, slice(None), np.random.default_rng(2))
    spread = noise[:, 0].std(0) / draws.sigma[0]
    np.testing.assert_allclose(spread, np.sqrt(6.0 / 4.0), rtol=0.03)
    beyond = (np.abs(noise[:, 0]) > 4.0 * draws.sigma[0]).mean()
    assert beyond == pytest.approx(0.0071, abs=0.001)  # P(|t_6| > 4) = 0.0071; of a normal it is 0.00006


def test_noise_that_multiplies_leaves_the_expected_outcome_and_never_falls_below_zero() -> None:
    draws = many("nested", 200_000)
    loud = replace(draws, sigma=np.full_like(draws.sigma, 0.4))
    mean = np.full((draws.n_draws, 1, draws.design.panel.n_groups), 50.0)
    noise = predictive_noise(loud, mean, np.ones((1, mean.shape[-1])), slice(None), np.random.default_rng(3))
    outcome = (mean + noise)[:, 0, 0]
    assert outcome.min() > 0
    assert outcome.mean() == pytest.approx(50.0, rel=0.005)  # sd 0.42 of it over 200,000 draws: 0.1 %
    assert np.log(outcome).std() == pytest.approx(0.4, rel=0.01)
