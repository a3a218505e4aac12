"""How months and years end: exact cases, and probabilities that come true as often as they say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from attribution.pace import Series, Values, coming, maturing_rate, money
from attribution.pace_level import fit_level
from attribution.pace_shape import day_weights, season


def series(counts: list[float], **more: object) -> Series:
    """A series of whole months of 30 days, of which nothing is still to come."""
    n = len(counts)
    given: dict[str, object] = {
        "counts": np.array(counts, dtype=float),
        "exposure": np.full(n, 30.0),
        "running": False,
        "rest": 0.0,
        "future": np.zeros(0),
        "complete": np.ones(n),
        "gap": np.zeros(n),
        "trials": 0.0,
        "wins": 0.0,
        "rate": 0.0,
    }
    return Series(**{**given, **more})  # type: ignore[arg-type]


def test_nothing_is_to_come_of_whole_months() -> None:
    assert not coming(series([10, 12, 9]), np.random.default_rng(1)).any()


def test_a_steady_series_goes_on() -> None:
    # 24 months of about 900 with sd 30 (chance alone): a month to come lies at 900, and a year at 10,800
    counts = np.random.default_rng(3).poisson(900, 24).astype(float)
    still = coming(series(list(counts), future=np.full(12, 30.0)), np.random.default_rng(1))
    assert still[:, 24].mean() == pytest.approx(counts.mean(), rel=0.03)
    assert still[:, 24:].sum(axis=1).mean() == pytest.approx(12 * counts.mean(), rel=0.06)
    # chance alone gives 30 of spread to a month; what is not known of level and noise adds less than threefold
    assert 30 < still[:, 24].std() < 90


def test_uncertainty_grows_with_the_distance() -> None:
    counts = 900 * np.exp(np.cumsum(np.random.default_rng(5).normal(0, 0.06, 24)))
    still = coming(series(list(np.round(counts)), future=np.full(12, 30.0)), np.random.default_rng(1))
    spread = still[:, 24:].std(axis=0)
    assert spread[11] > 1.5 * spread[0]


def test_the_running_month_tells_of_its_own_rest() -> None:
    # half of a month brought twice the usual: the other half is expected above the usual 450, and below twice that
    past = [900.0] * 12
    slow = series([*past, 450], exposure=np.append(np.full(12, 30.0), 15.0), running=True, rest=15.0)
    fast = series([*past, 900], exposure=np.append(np.full(12, 30.0), 15.0), running=True, rest=15.0)
    usual, more = (coming(each, np.random.default_rng(1))[:, -1].mean() for each in (slow, fast))
    assert usual == pytest.approx(450, rel=0.03)
    assert 500 < more < 900


def test_a_series_of_nothing_expects_little() -> None:
    still = coming(series([0.0] * 12, future=np.full(3, 30.0)), np.random.default_rng(1))
    assert still.sum(axis=1).mean() < 3
    assert (still.sum(axis=1) == 0).mean() > 0.4


def test_young_leads_make_what_old_ones_made() -> None:
    # 300 of 1,000 leads with their time converted; of 200 young ones half of the time is still to come: 30 are expected
    young = series([100, 100, 100], gap=np.array([0.0, 0.0, 100.0]), trials=1000.0, wins=300.0, rate=0.3)
    assert maturing_rate(young) == pytest.approx(0.3)
    still = coming(young, np.random.default_rng(1))
    assert still[:, 2].mean() == pytest.approx(30, rel=0.02)
    # Poisson's 30 and the rate's own 30 * sqrt(1 / 302): variance 33
    assert still[:, 2].var() == pytest.approx(33, rel=0.1)
    assert not still[:, :2].any()


def test_a_part_without_wins_borrows_the_rate_of_all() -> None:
    # (0 + 2) / (20 + 2 / 0.1): two conversions at the rate of all are mixed in
    few = series([0.0], gap=np.array([10.0]), trials=20.0, wins=0.0, rate=0.1)
    assert maturing_rate(few) == pytest.approx(0.05)


def test_money_has_the_mean_and_the_spread_of_its_wins() -> None:
    # 400 wins of 100 each with sd 50: ten wins make 1,000, with sd sqrt(10) * 50 = 158
    values = Values(400.0, 40_000.0, 400.0, 40_000.0, 400 * (100.0**2 + 50.0**2))
    drawn = money(np.full((20_000, 1), 10.0), values, np.random.default_rng(1))
    assert drawn.mean() == pytest.approx(1000, rel=0.01)
    assert drawn.std() == pytest.approx(158, rel=0.05)
    assert not money(np.zeros((5, 2)), values, np.random.default_rng(1)).any()


def test_few_values_borrow_the_mean_of_all() -> None:
    # one win of 700 beside five at the mean of all, 100
    assert Values(1.0, 700.0, 400.0, 40_000.0, 5e6).mean() == pytest.approx((700 + 500) / 6)
    assert Values(0.0, 0.0, 0.0, 0.0, 0.0).mean() == 0.0


def test_the_level_of_one_rate_is_its_logarithm() -> None:
    # 12 months of 3,000 in 30 days: 100 a day, known to about 1 / sqrt(36,000) where nothing else varies
    level = fit_level(np.full(12, 3000.0), np.full(12, 30.0))
    assert (level.weight * level.mean).sum() == pytest.approx(np.log(100), abs=0.01)
    assert level.weight.sum() == pytest.approx(1.0)


def test_months_that_tell_nothing_are_passed_over() -> None:
    whole = fit_level(np.array([300.0, 310.0, 290.0]), np.full(3, 30.0))
    gap = fit_level(np.array([300.0, 310.0, 290.0, 7.0]), np.array([30.0, 30.0, 30.0, 0.0]))
    assert (gap.weight * gap.mean).sum() == pytest.approx((whole.weight * whole.mean).sum(), abs=0.02)


def test_weekends_weigh_nothing_where_nothing_comes() -> None:
    days = pd.date_range("2024-01-01", "2024-12-31", freq="D")
    counts = np.where(days.day_of_week < 5, 10.0, 0.0)
    weights = day_weights(days, counts, np.ones(len(days), dtype=bool))
    assert weights[days.day_of_week >= 5].max() == 0.0
    # 262 of the 366 days of 2024 are weekdays: 366 / 262 each
    assert weights[days.day_of_week < 5] == pytest.approx(366 / 262, rel=1e-3)


def test_a_push_at_the_months_end_is_learnt() -> None:
    days = pd.date_range("2024-01-01", "2024-12-31", freq="D")
    late = ((days.day - 1) * 5) // days.days_in_month == 4  # the last fifth
    weights = day_weights(days, np.where(late, 30.0, 10.0), np.ones(len(days), dtype=bool))
    assert weights[late].mean() / weights[~late].mean() == pytest.approx(3.0, rel=0.05)


def test_too_few_months_have_no_shape() -> None:
    days = pd.date_range("2024-01-01", "2024-02-29", freq="D")
    counts = np.where(days.day_of_week < 5, 10.0, 0.0)
    assert (day_weights(days, counts, np.ones(len(days), dtype=bool)) == 1.0).all()


def test_a_season_takes_two_years() -> None:
    months = pd.date_range("2022-01-01", periods=36, freq="MS")
    wave = 1 + 0.3 * np.sin(2 * np.pi * months.month / 12)
    counts, exposure = 1000 * np.asarray(wave), np.ones(36)
    found = season(months, counts, exposure, np.ones(36, dtype=bool))
    assert found is not None
    assert found[2] / found[8] == pytest.approx(1.3 / 0.7, rel=0.02)  # March against September
    assert season(months, counts, exposure, np.arange(36) < 23) is None


def test_chance_is_no_season() -> None:
    # three years of pure chance around 1,000: the months' effects are drawn in to less than half of their raw scatter
    # of about 1.8 % (1 / sqrt(1,000) / sqrt(3))
    rng = np.random.default_rng(2)
    months = pd.date_range("2022-01-01", periods=36, freq="MS")
    scatters = []
    for _ in range(40):
        found = season(months, rng.poisson(1000, 36).astype(float), np.ones(36), np.ones(36, dtype=bool))
        assert found is not None
        scatters.append(np.log(found).std())
    assert np.mean(scatters) < 0.009


WORLDS = [(300.0, 0.08, 0.03, 0.01), (4000.0, 0.05, 0.03, 0.0), (12.0, 0.1, 0.05, 0.0), (2.0, 0.1, 0.05, 0.0)]
"""Mean month, a month's own noise, step of the level, drift per month."""


@pytest.mark.slow
@pytest.mark.parametrize("world", WORLDS, ids=lambda world: f"{world[0]:g} a month")
def test_goals_are_reached_as_often_as_said(world: tuple[float, float, float, float]) -> None:
    """Simulated years: 14 months seen, half of the 15th, four months to come; goals around what is expected.

    In each of five bins of the stated probability the goal is reached as often as said, within the binomial band that
    one right bin in 2,000 leaves (about 1 false alarm in 400 per world), widened by four points because the level is
    learnt from 14 months.
    """
    mean, noise, step, drift = world
    rng = np.random.default_rng(11)
    said, reached = [], []
    for _ in range(400):
        level = mean * np.exp(np.cumsum(rng.normal(drift, step, 19)))
        months = rng.poisson(level * rng.gamma(1 / noise**2, noise**2, 19)).astype(float)
        half = float(rng.binomial(int(months[14]), 0.5))
        exposure = np.append(np.full(14, 30.0), 15.0)
        counts = [*months[:14], half]
        seen = series(counts, exposure=exposure, running=True, rest=15.0, future=np.full(4, 30.0))
        still = coming(seen, rng, 1000).sum(axis=1)
        goal = np.ceil(4.5 * mean * np.exp(rng.normal(0, 0.12)))
        said.append(float((still >= goal).mean()))
        reached.append(bool(months[14:].sum() - half >= goal))
    p, hit = np.array(said), np.array(reached)
    for low in np.arange(0, 1, 0.2):
        inside = (p >= low) & (p < low + 0.2 + 1e-9)
        if inside.sum() < 10:
            continue
        n, expected = int(inside.sum()), float(p[inside].mean())
        least, most = binom.ppf([0.00025, 0.99975], n, expected) / n
        assert least - 0.04 <= hit[inside].mean() <= most + 0.04, (low, n, expected, hit[inside].mean())


@pytest.mark.slow
def test_intervals_hold_what_they_say() -> None:
    """90 % intervals of the rest of a year over 300 simulated ones: 255 to 285 hold it (0.4 % false alarms)."""
    rng = np.random.default_rng(4)
    held = 0
    for _ in range(300):
        level = 200 * np.exp(np.cumsum(rng.normal(0, 0.04, 24)))
        months = rng.poisson(level * rng.gamma(100, 0.01, 24)).astype(float)
        still = coming(series(list(months[:18]), future=np.full(6, 30.0)), rng, 1000).sum(axis=1)
        low, high = np.quantile(still, [0.05, 0.95])
        held += bool(low <= months[18:].sum() <= high)
    assert 255 <= held <= 285
