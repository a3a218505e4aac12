"""Densities against scipy, and leave-one-out against a model whose leave-one-out is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import stats

from mmm.validation.checks import predictive_check
from mmm.validation.loo import leave_one_out, psis_loo
from mmm.validation.predictive import fitted_mean, log_likelihood, within
from tests.mmm.validation.markets import fit


def test_densities_are_those_of_scipy_for_every_likelihood() -> None:
    draws = fit().draws
    mean = fitted_mean(draws, 0)[:, :, None]
    actual = draws.design.panel.kpi[draws.design.fit]
    sigma = draws.sigma[:, None, :]
    np.testing.assert_allclose(log_likelihood(draws, mean, actual), stats.norm.logpdf(actual, mean, sigma), rtol=1e-10)
    heavy = replace(draws, degrees=np.full(draws.n_draws, 4.5))
    np.testing.assert_allclose(
        log_likelihood(heavy, mean, actual), stats.t.logpdf(actual, 4.5, mean, sigma), rtol=1e-10
    )
    section = draws.design.section.model_copy(update={"likelihood": "log"})
    logs = replace(draws, design=replace(draws.design, section=section), sigma=np.full_like(draws.sigma, 0.2))
    around = np.log(mean)
    np.testing.assert_allclose(
        log_likelihood(logs, around, actual), stats.lognorm.logpdf(actual, 0.2, scale=np.exp(around)), rtol=1e-10
    )


def test_leave_one_out_of_a_normal_mean_is_the_exact_one() -> None:
    """y ~ N(mu, 1) with a flat prior: without y_i, y_i ~ N(mean of the others, 1 + 1 / (n - 1)).

    20,000 independent draws: smoothed weights leave an error below 0.02 where no point is far out.
    """
    rng = np.random.default_rng(4)
    y = rng.normal(2.0, 1.0, 30)
    mu = rng.normal(y.mean(), 1 / np.sqrt(30), 20_000)
    elpd, khat, p = psis_loo(stats.norm.logpdf(y, mu[:, None], 1.0))
    others = (y.sum() - y) / 29
    np.testing.assert_allclose(elpd, stats.norm.logpdf(y, others, np.sqrt(1 + 1 / 29)), atol=0.02)
    assert khat.max() < 0.5
    assert 0.7 < p.sum() < 1.4  # one parameter


def test_a_period_that_is_far_out_is_named() -> None:
    it = fit()
    kpi = it.design.panel.kpi.copy()
    kpi[60] *= 1.6
    panel = replace(it.design.panel, kpi=kpi)
    found = leave_one_out(replace(it.draws, design=replace(it.design, panel=panel)))
    assert found.influential.iloc[0]["date"] == panel.dates[60]
    assert found.table["elpd"].idxmin() == 60 - it.design.fit.start
    assert 60 - it.design.fit.start not in leave_one_out(it.draws).influential.index


def test_the_model_s_own_data_look_like_the_model_s() -> None:
    """A KPI drawn from the posterior passes; one with spells of errors is caught by its persistence."""
    it = fit()
    drawn = within(it.draws, 9).kpi[5]
    own = _with_kpi(it.draws, drawn)
    table = predictive_check(own, 1).table.set_index("statistic")["p"]
    assert table.between(0.01, 0.99).all()
    spells = np.repeat(np.random.default_rng(3).normal(size=12), 10)[: len(drawn), None] * 60_000.0
    table = predictive_check(_with_kpi(it.draws, drawn + spells), 1).table.set_index("statistic")["p"]
    assert table["persistence"] < 0.01


def _with_kpi(draws, scored):  # type: ignore[no-untyped-def]
    kpi = draws.design.panel.kpi.copy()
    kpi[draws.design.fit] = scored
    return replace(draws, design=replace(draws.design, panel=replace(draws.design.panel, kpi=kpi)))
