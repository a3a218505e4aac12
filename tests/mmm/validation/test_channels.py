"""What the posterior tells about each channel: prior or data, pairs, trades with the baseline, and demand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm

from mmm.returns import Returns
from mmm.trades import baseline_trades, explained
from mmm.validation.answers import answers_of
from mmm.validation.collinear import collinear_pairs
from mmm.validation.informed import informed, overlap
from mmm.validation.plausible import ALPHA, _tie, follows_demand
from tests.mmm.validation.markets import fit


@pytest.mark.parametrize("distance", [0.0, 0.7, 3.0])
def test_overlap_of_two_normals_is_the_closed_form(distance: float) -> None:
    """2 Phi(-d / 2). The noise of 20,000 draws in 20 cells takes 0.018 from an overlap of one."""
    rng = np.random.default_rng(1)
    found = overlap(rng.normal(0, 1, 20_000), rng.normal(distance, 1, 20_000))
    assert found == pytest.approx(2 * norm.cdf(-distance / 2), abs=0.025)


def test_overlap_does_not_depend_on_the_scale() -> None:
    rng = np.random.default_rng(2)
    one, other = rng.normal(0, 1, 3000), rng.normal(1, 0.5, 3000)
    assert overlap(np.exp(one), np.exp(other)) == pytest.approx(overlap(one, other), abs=2e-3)


def test_a_channel_whose_posterior_is_its_prior_is_not_identified() -> None:
    """The share of one channel is replaced by draws of its prior; the other stays."""
    from mmm.prior_draws import draw_prior_shares

    it = fit()
    n = it.draws.n_draws
    share = it.draws.share.copy()
    share[:, 0, 1] = draw_prior_shares(it.design, it.priors, n, 99)[:, 1]
    other = replace(it)
    other.__dict__["draws"] = replace(it.draws, share=share)
    table = informed(other, answers_of(it.draws, it.returns)).set_index("channel")
    assert table.loc["search", "verdict"] == "not identified"
    assert table.loc["search", "overlap"] > 0.8  # 300 draws take up to 0.1
    assert table.loc["tv", "verdict"] == "informed by data"
    assert table.loc["tv", "overlap"] < 0.5


def test_a_return_that_follows_an_unknown_curve_leans_on_it() -> None:
    it = fit()
    n = it.draws.n_draws
    rng = np.random.default_rng(3)
    bend = it.draws.half_saturation.copy()
    bend[:, 0] = np.exp(rng.normal(np.log(2.0), 1.0, n))  # as wide as the prior
    other = replace(it)
    other.__dict__["draws"] = replace(it.draws, half_saturation=bend)
    roi = np.stack([np.log(bend[:, 0]) + rng.normal(0, 0.5, n), rng.normal(2, 0.1, n)], axis=1)
    said = replace(answers_of(it.draws, it.returns), roi=roi)
    table = informed(other, said).set_index("channel")
    assert table.loc["tv", "roi_leans_on"] == "half-saturation"
    assert table.loc["search", "roi_leans_on"] == ""


def _returns(correlation: float, sd: float = 30.0) -> Returns:
    """Contributions of 100 each, with a correlation between them."""
    rng = np.random.default_rng(4)
    drawn = rng.multivariate_normal([100.0, 100.0], sd**2 * np.array([[1, correlation], [correlation, 1]]), 4000)
    back = fit().returns
    return replace(back, contribution=drawn[:, None, :], incremental=drawn[:, None, :] * 2)


def test_a_pair_is_reported_when_only_its_sum_is_known() -> None:
    """Correlation -0.9: the sum's relative sd is 0.3 sqrt(0.05) = 0.067, a fifth of each one's."""
    returns = _returns(-0.9)
    row = collinear_pairs(fit(), returns).iloc[0]
    assert (row["one"], row["other"]) == ("tv", "search")
    assert row["relative_sd_sum"] == pytest.approx(0.067, abs=0.005)
    assert row["contribution_mean"] == pytest.approx(200.0, abs=1.0)
    assert row["roi_mean"] == pytest.approx(400.0 / returns.spend.sum(), rel=0.01)


@pytest.mark.parametrize(("correlation", "sd"), [(0.0, 30.0), (-0.4, 30.0), (-0.9, 10.0)])
def test_channels_that_are_known_are_no_pair(correlation: float, sd: float) -> None:
    assert collinear_pairs(fit(), _returns(correlation, sd)).empty


def test_the_explained_share_is_that_of_a_regression() -> None:
    """Target = column + noise of the same size: a half. Columns without any tie explain nothing on average."""
    rng = np.random.default_rng(5)
    columns = rng.normal(size=(4000, 6))
    assert explained(columns[:, 0] + rng.normal(size=4000), columns) == pytest.approx(0.5, abs=0.04)
    assert explained(rng.normal(size=4000), columns) < 0.01
    assert explained(np.zeros(10), columns[:10]) == 0.0


def test_trades_are_told_by_channel() -> None:
    table = baseline_trades(fit().draws, fit().returns)
    assert list(table["channel"]) == ["tv", "search"]
    assert table["explained"].between(0, 1).all()


def test_media_without_a_tie_to_demand_are_accused_as_rarely_as_promised() -> None:
    """1,000 pairs of unrelated series, the media with a memory of its own: at 5 % the rate is within 4 standard errors
    (0.007) of that, and at most one in a hundred is below the verdict's limit, with the same allowance."""
    rng = np.random.default_rng(6)
    p = []
    for _ in range(1000):
        media = np.zeros(120)
        for t in range(1, 120):
            media[t] = 0.6 * media[t - 1] + rng.normal()
        p.append(_tie(media, rng.normal(size=120), np.ones((120, 1)))[0])
    assert np.mean(np.array(p) < 0.05) == pytest.approx(0.05, abs=0.028)
    assert np.mean(np.array(p) < ALPHA) < ALPHA + 4 * np.sqrt(ALPHA / 1000)


def test_media_that_follow_demand_are_found() -> None:
    """Spend of the next week follows a tenth of this week's surprise, beside noise of the same size."""
    rng = np.random.default_rng(7)
    surprise = rng.normal(size=120)
    media = np.concatenate([[0.0], surprise[:-1]]) + rng.normal(size=120)
    p, correlation = _tie(media, surprise, np.ones((120, 1)))
    assert p < 1e-6
    assert correlation > 0.5


def test_every_active_channel_is_tested_for_demand() -> None:
    table = follows_demand(fit())
    assert list(table["channel"]) == ["tv", "search"]
    assert (table["p"] > 0.01).all()
