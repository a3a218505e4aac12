"""The prior drawn: its numbers are those that were stated, and its implications are told."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mmm.draws import media_draws
from mmm.prior_check import check_priors
from mmm.prior_draws import prior_samples
from mmm.priors import make_priors
from mmm.returns import window_returns
from tests.mmm.fabricated import MIXED, design_of

N = 4000


def with_prior(**prior: Any) -> tuple[dict[str, Any], ...]:
    """The mixed channels, tv with a prior of its own."""
    return ({**MIXED[0], "prior": prior}, *MIXED[1:])


def quantile_error(probability: float) -> float:
    """Four standard errors of a normal's quantile from N draws, in sds: one false alarm in 16,000."""
    density = {0.05: 0.1031, 0.1: 0.1755, 0.5: 0.3989, 0.9: 0.1755, 0.95: 0.1031}[probability]
    return 4.0 * float(np.sqrt(probability * (1 - probability) / N)) / density


def test_a_range_with_a_probability_is_what_the_draws_hold() -> None:
    """80 % sure between 1 and 3: a tenth of the draws lie below 1 and a tenth above 3."""
    design = design_of(channels=with_prior(on="roi", low=1.0, high=3.0, probability=0.8))
    draws = media_draws(design, prior_samples(design, make_priors(design), N, seed=1))
    roi = draws.share[:, 0, 0] * design.panel.kpi[design.fit].sum() / design.panel.spend[design.fit, 0, 0].sum()
    sd = np.log(3.0) / (2 * 1.2815515655446004)
    for probability, stated in ((0.1, 1.0), (0.9, 3.0), (0.5, np.sqrt(3.0))):
        assert np.log(np.quantile(roi, probability)) == pytest.approx(
            np.log(stated), abs=sd * quantile_error(probability)
        )


def test_a_mean_and_sd_are_those_of_the_draws() -> None:
    design = design_of(channels=with_prior(on="share", mean=0.08, sd=0.03))
    share = media_draws(design, prior_samples(design, make_priors(design), N, seed=2)).share[:, 0, 0]
    assert share.mean() == pytest.approx(0.08, abs=4 * 0.03 / np.sqrt(N))
    # The sd of an sd of a lognormal with this skewness is about 1.6 % here.
    assert share.std() == pytest.approx(0.03, rel=0.08)


def test_a_signed_belief_is_normal_and_may_be_negative() -> None:
    design = design_of(channels=with_prior(on="share", mean=0.0, sd=0.05, family="normal"))
    share = media_draws(design, prior_samples(design, make_priors(design), N, seed=3)).share[:, 0, 0]
    assert (share < 0).mean() == pytest.approx(0.5, abs=4 * 0.5 / np.sqrt(N))
    assert share.std() == pytest.approx(0.05, rel=4 / np.sqrt(2 * N))


def test_a_belief_on_the_coefficient_is_the_coefficient_s() -> None:
    design = design_of(channels=with_prior(on="coefficient", low=0.1, high=0.4))
    draws = media_draws(design, prior_samples(design, make_priors(design), N, seed=4))
    own = draws.coefficient[:, 0, 0] / design.y_scale[0]
    error = (np.log(4.0) / (2 * 1.6448536269514722)) * quantile_error(0.95)
    assert np.log(np.quantile(own, 0.95)) == pytest.approx(np.log(0.4), abs=error)
    # Share and coefficient tell the same contribution.
    returns = window_returns(draws)
    contribution = draws.share[:, 0, 0] * design.panel.kpi[design.fit].sum()
    np.testing.assert_allclose(returns.contribution[:, 0, 0], contribution, rtol=1e-9)


def test_the_table_tells_the_stated_middle_of_paid_media() -> None:
    design = design_of(channels=tuple(c for c in MIXED if c["name"] != "mail"))
    check = check_priors(design, make_priors(design), 0.9, seed=5)
    total = check.channels.set_index("channel").loc["all paid media"]
    # The logit-normal's median is its stated middle; the median of 1,000 draws errs by 4 x 1.2533 x 1.2 / sqrt(1000)
    # on the logit, where the slope of the share is 0.09.
    assert total["share_median"] == pytest.approx(0.10, abs=0.09 * 4 * 1.2533 * 1.2 / np.sqrt(1000))
    assert total["spend"] == pytest.approx(design.panel.spend[design.fit].sum())


def test_a_prior_of_mostly_media_and_of_absurd_returns_is_told() -> None:
    design = design_of(prior={"paid_share": 0.7})
    told = {finding.id for finding in check_priors(design, make_priors(design), 0.9, seed=6).findings}
    assert "M040" in told
    small = design_of(channels=with_prior(on="roi", low=30.0, high=90.0))
    findings = check_priors(small, make_priors(small), 0.9, seed=7).findings
    assert any(finding.id == "M041" and "tv" in finding.where for finding in findings)


@pytest.mark.parametrize("likelihood", ["normal", "student_t", "log"])
@pytest.mark.parametrize("groups", [(), ("north", "south")])
def test_every_likelihood_and_panel_can_be_drawn(likelihood: str, groups: tuple[str, ...]) -> None:
    design = design_of(groups=groups, likelihood=likelihood, knots=2)
    check = check_priors(design, make_priors(design), 0.9, seed=8)
    assert np.isfinite(check.kpi[["observed", "median", "hdi_low", "hdi_high"]].to_numpy()).all()
    if likelihood == "log":
        assert check.below_zero == 0.0
