"""What the data said beyond the prior, and the warnings of a fitted model at their exact limits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from mmm.contributions import Decomposition, decompose
from mmm.doubts import doubts
from mmm.draws import MediaDraws
from mmm.identify import Identification, fit_quality, identify, judged, model_findings
from mmm.returns import window_returns
from mmm.roi import roi_table, total_table
from outlay.findings import Finding
from tests.mmm.markets import MARKETS, market
from tests.mmm.panels import ids
from tests.mmm.probes import Case, Setup, case, case_of
from tests.mmm.simulate import THREE, simulate


def findings_of(it: Setup, draws: MediaDraws, found: Identification | None = None) -> list[Finding]:
    returns = window_returns(draws)
    found = found or identify(draws, it.priors, 1)
    return model_findings(
        draws,
        found,
        judged(roi_table(draws, returns, 0.9), draws, found),
        total_table(draws, returns, 0.9),
        decompose(draws, 0.9, 1),
    )


@pytest.mark.parametrize("name", ["national", "bare"])
def test_a_posterior_that_is_the_prior_has_no_contraction(name: str) -> None:
    it = case(name)
    found = identify(it.draws(n=3000, seed=8), it.priors, 1)
    # Two sds from 6000 and 4000 draws: relative error 1.5 %, so 6 % is four of it.
    np.testing.assert_allclose(found.contraction, 0.0, atol=0.06)
    assert set(found.verdict) == {"no"}


@pytest.mark.parametrize("name", MARKETS)
def test_no_belief_hierarchy_or_likelihood_makes_contraction_out_of_nothing(name: str) -> None:
    """Signed shares, coefficients, effects of groups that fall below zero: what is the prior reads as the prior.

    4,000 and 4,000 draws of widths with heavy tails in small panels: 12 % is four of their error, seen at 3 %.
    """
    it = market(name)
    found = identify(it.draws(n=2000, seed=8), it.priors, 1)
    active = it.design.active
    np.testing.assert_allclose(found.contraction[active], 0.0, atol=0.12)
    assert (found.contraction[~active] == 0.0).all()
    assert set(found.verdict) == {"no"}


def test_a_sharper_coefficient_and_a_sharper_signed_share_are_learned() -> None:
    """Draws of both pulled to a fifth of their width around the middle: a contraction of 0.8 by construction."""
    it = market("families")
    draws = it.draws(n=4000, seed=8)
    ooh, print_ = (it.design.panel.channels.index(name) for name in ("ooh", "print"))
    coefficient, share = draws.coefficient.copy(), draws.share.copy()
    log = np.log(coefficient[..., ooh])
    coefficient[..., ooh] = np.exp(log.mean() + 0.2 * (log - log.mean()))
    share[..., print_] = share[..., print_].mean() + 0.2 * (share[..., print_] - share[..., print_].mean())
    found = identify(replace(draws, coefficient=coefficient, share=share), it.priors, 1)
    assert found.contraction[[ooh, print_]] == pytest.approx([0.8, 0.8], abs=0.02)


@pytest.mark.parametrize("factor", [0.1, 0.5, 0.8, 1.5])
def test_contraction_is_one_minus_the_ratio_of_widths(factor: float) -> None:
    """Shrink the prior's own log shares around their mean: the contraction is known in advance."""
    it = case("bare")
    draws = it.draws(n=20_000, seed=8)
    log = np.log(draws.share)
    shrunk = replace(draws, share=np.exp(log.mean(0) + factor * (log - log.mean(0))))
    found = identify(shrunk, it.priors, 1)
    # The prior is drawn again with 4000 draws: 1.1 % of an sd is one sigma.
    assert found.contraction[0] == pytest.approx(1 - factor, abs=0.04)


@pytest.mark.parametrize("contraction, word", [(0.5, "yes"), (0.4999, "weak"), (0.2, "weak"), (0.1999, "no")])
def test_the_limits_of_the_words_belong_to_the_better_one(contraction: float, word: str) -> None:
    it = case("bare")
    draws = it.draws(n=400, seed=8)
    before = np.log(_prior(it)).std()
    log = np.log(draws.share[:, 0, 0])
    wanted = (1 - contraction) * before
    moved = np.exp((log - log.mean()) / log.std() * wanted)
    # One part in 1e12 keeps rounding from deciding at the limit itself.
    found = identify(replace(draws, share=moved[:, None, None] ** (1 - 1e-12)), it.priors, 1)
    assert found.verdict == (word,)


def _prior(it: Case) -> np.ndarray:
    from mmm.identify import PRIOR_DRAWS
    from mmm.prior_draws import draw_prior_shares

    return draw_prior_shares(it.design, it.priors, PRIOR_DRAWS, 1)[:, 0]


def test_a_channel_that_never_ran_is_named_and_not_judged() -> None:
    world = simulate(1, THREE, n=40)
    it = case_of(replace(world, frame=world.frame.assign(search_spend=0.0)))
    found = findings_of(it, it.draws(n=50))
    never = [finding for finding in found if finding.id == "M001"]
    assert [finding.where for finding in never] == ["channel search"]
    assert not any("search" in finding.what for finding in found if finding.id in ("M002", "M003"))


def test_unidentified_channels_are_told_with_how_little_was_learned() -> None:
    it = case("national")
    found = findings_of(
        it, it.draws(n=50), Identification(np.array([0.9, 0.3, 0.1, -0.2, 0.6]), ("yes", "weak", "no", "no", "yes"))
    )
    texts = {finding.id: finding for finding in found}
    assert texts["M002"].where == "2 of 5 channels"
    assert "mail (10% narrower), radio (20% wider)" in texts["M002"].what
    assert "search (30% narrower)" in texts["M003"].what


def with_returns(it: Case, factor: float) -> MediaDraws:
    draws = it.draws(n=50)
    return replace(draws, coefficient=draws.coefficient * factor, share=draws.share * factor)


def test_a_return_beyond_belief_is_told_in_money_and_not_in_units() -> None:
    """A hundred visits for a unit of currency are nothing strange; a hundred in money are."""
    money = case_of(simulate(4, THREE, n=60))
    units = case_of(simulate(4, THREE, n=60, kpi_type="units"))
    for it, told in ((money, True), (units, False)):
        assert ("M004" in ids(findings_of(it, with_returns(it, 1000.0)))) is told


def parts(residual: np.ndarray, spread: float = 1.0) -> Decomposition:
    rng = np.random.default_rng(0)
    actual = 100.0 + spread * rng.normal(size=len(residual))
    fit = pd.DataFrame({"group": None, "actual": actual, "residual": residual})
    return Decomposition(pd.DataFrame(), fit, 0.0)


def test_r2_and_neighbouring_residuals_are_their_formulas() -> None:
    rng = np.random.default_rng(1)
    white = rng.normal(size=4000)
    slow = np.zeros(4000)
    for t in range(1, 4000):
        slow[t] = 0.8 * slow[t - 1] + white[t]
    _, lag = fit_quality(parts(slow))
    assert lag == pytest.approx(0.8, abs=0.04)  # se of an AR(1) coefficient: sqrt((1 - 0.64) / 4000) = 0.0095
    r2, lag = fit_quality(parts(white, spread=2.0))
    assert r2 == pytest.approx(1 - 1 / 4, abs=0.03)
    assert lag == pytest.approx(0.0, abs=0.064)  # four times 1 / sqrt(4000)


def test_a_negative_baseline_is_told() -> None:
    it = case("national")
    draws = with_returns(it, 1.0)
    low = replace(draws, level=draws.level * 0.01)
    assert "M006" in ids(findings_of(it, low))


def test_a_kpi_that_falls_below_zero_may_have_a_baseline_that_does() -> None:
    it = market("net")
    assert (it.design.panel.kpi[it.design.fit] < 0).any()
    draws = it.draws(n=50)
    assert decompose(draws, 0.9, 1).baseline_below_zero > 0
    assert "M006" not in ids(findings_of(it, draws))


def test_a_large_share_of_paid_media_is_told() -> None:
    it = case("bare")
    draws = it.draws(n=50)
    spread = np.linspace(0.9, 1.1, draws.n_draws)[:, None, None]
    kpi = it.design.panel.kpi[it.design.fit]
    for share, told in ((0.5, False), (0.62, True)):
        factor = share / draws.share * spread
        now = replace(draws, coefficient=draws.coefficient * factor, share=draws.share * factor)
        assert now.media_mean.mean(0)[0, 0] / kpi.mean() == pytest.approx(share, rel=0.01)
        assert ("M005" in ids(findings_of(it, now))) is told


@pytest.mark.parametrize(
    "left, long, told", [(0.56, 100, False), (0.57, 100, True), (0.57, 20, False), (0.57, 21, True)]
)
def test_carry_over_past_its_window_is_told_from_a_tenth_of_it_and_one_in_five(
    left: float, long: int, told: bool
) -> None:
    """l_max is 4: 0.56 ** 4 = 0.098 and 0.57 ** 4 = 0.106 of a geometric effect come later, in some of 100 draws."""
    it = case("bare")
    draws = it.draws(n=50)
    half_life = np.full_like(draws.half_life, -1.0 / np.log2(0.4))
    half_life[:long] = -1.0 / np.log2(left)
    fixed = replace(draws, half_life=half_life)
    mean, sd = it.priors.half_life_log
    returns, parts = window_returns(fixed), decompose(fixed, 0.9, 1)
    sure = replace(it.priors, half_life_log=(mean, np.full_like(sd, 0.1)))
    assert ("M009" in ids(doubts(fixed, sure, returns, parts))) is told
    # A belief that itself holds as much possible is not a finding of the data.
    unsure = replace(it.priors, half_life_log=(mean, np.full_like(sd, 3.0)))
    assert "M009" not in ids(doubts(fixed, unsure, returns, parts))


def test_warnings_stand_beside_their_rows_and_the_graver_one_wins() -> None:
    """Contraction at -0.1 is a conflict, just above it is none; a return beyond belief is graver than a conflict."""
    it = case_of(simulate(4, THREE, n=60))
    draws = it.draws(n=50)
    found = Identification(np.array([-0.1, -0.0999, -0.5]), ("no", "no", "no"))
    table = roi_table(draws, window_returns(draws), 0.9).assign(roi_median=[1.0, 1.0, 20.1], roi_hdi_high=2.0)
    rows = judged(table, draws, found)
    assert rows["warning"].tolist() == ["M013", None, "M004"]
    assert judged(table.assign(roi_median=20.0, roi_hdi_high=40.0), draws, found)["warning"].tolist()[1] is None
    assert judged(table.assign(roi_median=1.0, roi_hdi_high=40.1), draws, found)["warning"].tolist() == ["M004"] * 3


def test_data_that_pull_against_the_prior_are_told() -> None:
    it = case_of(simulate(4, THREE, n=60))
    draws = it.draws(n=50)
    told = findings_of(it, draws, Identification(np.array([-0.2, 0.0, 0.6]), ("no", "no", "yes")))
    conflict = next(finding for finding in told if finding.id == "M013")
    assert it.design.panel.channels[0] in conflict.what
    assert it.design.panel.channels[1] not in conflict.what
