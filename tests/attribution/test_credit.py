"""Credit and its intervals: exact where a posterior is known, and right as often as they say on simulated journeys."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from attribution.credit import TITLES, attribute
from attribution.journeys_counts import JourneyCounts, counts_from_frame
from attribution.markov import chain_of, removal_effects
from attribution.paths_counts import RULES
from attribution.rules_credit import RuleCounts, rule_counts, rule_draws, sum_game_counts
from outlay.project import ProjectSection
from outlay.summary import hdi_bounds
from tests.attribution.touches import NOW, journeys, random_touches, section

ABOUT = ProjectSection(name="test", seed=3)


def test_first_touch_has_the_dirichlet_posterior() -> None:
    counts = counts_from_frame(random_touches(1, 600), section(), NOW)
    told = rule_counts(counts.credits, counts.coalitions, "first", 4)
    share, _ = rule_draws(told, 4000, np.random.default_rng(1))
    won = told.credit.sum(0)
    for k in range(4):
        # Kolmogorov-Smirnov against the marginal of Dirichlet(counts), a beta; a fixed seed, p below 0.001 by chance
        # in one of 250 such tests of four channels
        assert stats.kstest(share[:, k], stats.beta(won[k], won.sum() - won[k]).cdf).pvalue > 1e-3


@pytest.mark.parametrize("rule", RULES)
def test_draws_of_rules_have_the_spread_of_single_journeys(rule: str) -> None:
    frame, of = random_touches(2, 900, channels=3), section()
    counts = counts_from_frame(frame, of, NOW)
    told = rule_counts(counts.credits, counts.coalitions, rule, 3)
    share, _ = rule_draws(told, 4000, np.random.default_rng(2))
    weights = np.random.default_rng(3).standard_exponential((4000, counts.conversions))
    single = np.stack([_credit(each, rule) for each in journeys(frame, of) if each.converted])
    direct = weights @ single
    direct /= direct.sum(1, keepdims=True)
    # standard errors with 4000 draws: of a mean 1.6 % of the sd, of an sd 1.1 %; the sums are moment-matched by set
    np.testing.assert_allclose(share.mean(0), direct.mean(0), atol=0.1 * direct.std(0).max())
    np.testing.assert_allclose(share.std(0), direct.std(0), rtol=0.1)


def _credit(journey: Any, rule: str) -> np.ndarray:
    from tests.attribution.test_journeys_counts import credit

    given = credit(journey, rule)
    return np.array([given[f"c{k}"] for k in range(3)])


def test_the_sum_game_is_a_rule_without_doubt_inside_a_set() -> None:
    sets = pd.DataFrame(
        {"mask": [1, 3], "journeys": [10, 20], "conversions": [4, 6], "value": [4.0, 6.0], "square": [4.0, 6.0]}
    )
    told = sum_game_counts(sets, 2)
    np.testing.assert_allclose(told.credit.sum(0), [7.0, 3.0])  # 4 + 6/2, and 6/2
    share, _ = rule_draws(told, 5000, np.random.default_rng(1))
    # the second channel has half of a beta(6, 4) of the conversions
    assert stats.kstest(2 * share[:, 1], stats.beta(6, 4).cdf).pvalue > 1e-3


def test_many_sets_are_taken_together_without_losing_credit() -> None:
    rng = np.random.default_rng(1)
    masks = np.arange(1, 4001)
    won = rng.integers(1, 20, 4000).astype(float)
    sets = pd.DataFrame({"mask": masks, "journeys": won, "conversions": won, "value": won, "square": won})
    told = sum_game_counts(sets, 12)
    assert isinstance(told, RuleCounts)
    assert len(told.count) == 500
    assert told.credit.sum() == pytest.approx(won.sum())
    assert told.count.sum() == pytest.approx(won.sum())


def test_tables_add_up_and_name_every_model() -> None:
    frame = random_touches(4, 800)
    frame["segment"] = frame["user"].str[-1].isin(list("01234")).map({True: "low", False: "high"})
    of = section(value="value", segment="segment", period="month", order=2, draws=300)
    found = attribute(counts_from_frame(frame, of, NOW), of, ABOUT)
    whole = found.table[found.table["segment"].isna() & found.table["period"].isna()]
    assert set(whole["model"]) == set(TITLES) - {"markov_3", "markov_4"}
    sums = whole.groupby("model")[["share", "conversions", "value"]].sum()
    np.testing.assert_allclose(sums["share"], 1.0)
    np.testing.assert_allclose(sums["conversions"], found.counts.conversions)
    np.testing.assert_allclose(sums["value"], found.counts.value)
    inside = whole[whole["model"] != "shapley_rate"]
    assert (inside["share_hdi_low"] <= inside["share"]).all()
    assert (inside["share"] <= inside["share_hdi_high"]).all()
    parts = found.table[found.table["segment"].notna() & found.table["period"].isna()]
    linear = parts[parts["model"] == "linear"].groupby("channel")["conversions"].sum()
    np.testing.assert_allclose(linear, whole[whole["model"] == "linear"]["conversions"])
    assert "J057" in {finding.id for finding in found.findings}


def test_renaming_channels_renames_the_answer() -> None:
    frame, of = random_touches(5, 600), section(draws=200)
    turned = frame.assign(channel=frame["channel"].map({"c0": "z", "c1": "y", "c2": "x", "c3": "w"}))
    one, two = (attribute(counts_from_frame(each, of, NOW), of, ABOUT) for each in (frame, turned))
    for model, credit in one.credits.items():
        np.testing.assert_allclose(two.credits[model].share[::-1], credit.share, atol=1e-10)


def simulate(rng: np.random.Generator, users: int) -> pd.DataFrame:
    """One journey per user over three channels by a fixed chain: after each touch convert, stop, or move."""
    convert, stop = np.array([0.10, 0.20, 0.30]), np.array([0.4, 0.3, 0.3])
    move = np.array([[0.2, 0.5, 0.3], [0.4, 0.2, 0.4], [0.5, 0.3, 0.2]])
    rows, at, alive, step = [], rng.choice(3, users, p=[0.5, 0.3, 0.2]), np.arange(users), 0
    while len(alive):
        draw = rng.random(len(alive))
        now = at[alive]
        won = draw < convert[now]
        rows.append(pd.DataFrame({"user": alive, "step": step, "channel": now, "conversion": won.astype(int)}))
        alive = alive[draw >= convert[now] + stop[now]]
        after = move[at[alive]].cumsum(1)
        at[alive] = np.minimum((rng.random(len(alive))[:, None] > after).sum(1), 2)
        step += 1
    frame = pd.concat(rows)
    return frame.assign(time=pd.Timestamp("2025-01-01") + pd.to_timedelta(frame["step"], unit="D")).astype(
        {"channel": str}
    )


def truth() -> dict[str, np.ndarray]:
    """Shares of two million users: their own error is a fiftieth of an interval's."""
    counts = _counts(simulate(np.random.default_rng(0), 2_000_000))
    exact = {
        rule: rule_counts(counts.credits, counts.coalitions, rule, 3).credit.sum(0) / counts.conversions
        for rule in ("first", "linear", "decay")
    }
    exact["shapley_sum"] = sum_game_counts(counts.coalitions, 3).credit.sum(0) / counts.conversions
    exact["markov_1"] = removal_effects(chain_of(counts.grams, 3, 1)).share
    return exact


def _counts(frame: pd.DataFrame) -> JourneyCounts:
    return counts_from_frame(frame, section(lookback_days=None, session_minutes=0.0), NOW)


@pytest.mark.slow
def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    exact, rng = truth(), np.random.default_rng(1)
    replicates, level = 60, 0.9
    held = dict.fromkeys(exact, 0)
    for _ in range(replicates):
        found = attribute(_counts(simulate(rng, 1500)), section(draws=500), ABOUT)
        for model, share in exact.items():
            low, high = hdi_bounds(found.credits[model].draws, level)
            held[model] += int(((low <= share) & (share <= high))[0])  # one channel: channels of a table are dependent
    # Binomial(60, 0.9): 46 to 60 holds with probability 0.999; five models, which are dependent, fail once in 200 or
    # less often
    assert all(count >= 46 for count in held.values()), held


def test_what_is_too_large_to_be_told_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    frame, of = random_touches(9, 600), section(order=2, draws=200)
    counts = counts_from_frame(frame, of, NOW)
    monkeypatch.setattr("attribution.shapley.MOST_CHANNELS", 3)  # the table has 4
    monkeypatch.setattr("attribution.markov.MOST_STATES", 4)  # as many as order 1 has; order 2 has more
    found = attribute(counts, of, ABOUT)
    assert {"J050", "J055"} <= {finding.id for finding in found.findings}
    assert "shapley_rate" not in found.credits
    assert "markov_1" in found.credits
    assert "markov_2" not in found.credits
