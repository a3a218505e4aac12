"""Recalibration and the drift term against simulated truth."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from attribution.drift_rate import Stretch, step_of, still, surprise, track
from attribution.recalibrate import logit_of, recalibrate
from attribution.scores_adjust import Leads, choose_adjusted, learn_adjustment
from attribution.scores_folds import Forward


def cells(n: int, seed: int, sd: float = 0.7) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(seed)
    segment, channel = rng.integers(0, 5, n), rng.integers(0, 4, n)
    effect = rng.normal(0, sd, (5, 4))
    x = rng.normal(-2, 1, n)
    p = expit(x + effect[segment, channel] - effect.mean())
    names = (np.array([f"s{k}" for k in segment], object), np.array([f"c{k}" for k in channel], object))
    return x, (rng.random(n) < p).astype(float), *names, p


def test_cells_that_differ_are_put_right() -> None:
    x, y, segment, channel, p = cells(20_000, 1)
    found = recalibrate(x, y, segment, channel).apply(x, segment, channel)
    before, after = (np.sqrt(np.mean((expit(z) - p) ** 2)) for z in (x, found))
    # the effects have an sd of 0.7 on the logit; with 1,000 leads a cell most of it can be learnt
    assert after < 0.35 * before


def test_cells_that_do_not_differ_are_left_alone() -> None:
    x, y, segment, channel, _ = cells(20_000, 2, sd=0.0)
    found = recalibrate(x, y, segment, channel)
    # the sd of a raw cell's log-odds is about 0.1 here; pooled ones stay well within it
    assert np.abs(found.apply(x, segment, channel) - x).mean() < 0.06


def test_the_overall_rate_is_left_alone() -> None:
    x, y, segment, channel, _ = cells(5000, 3)
    found = recalibrate(x + 1.0, y, segment, channel).apply(x + 1.0, segment, channel)
    assert expit(found).mean() == pytest.approx(expit(x + 1.0).mean(), abs=1e-9)


def test_small_cells_are_pulled_to_the_whole() -> None:
    x, y, segment, channel, _ = cells(4000, 4)
    x, y = np.append(x, [-2.0, -2.0]), np.append(y, [1.0, 1.0])
    segment, channel = np.append(segment, ["tiny"] * 2), np.append(channel, ["c0"] * 2)
    found = recalibrate(x, y, segment, channel)
    # two leads, both converted: raw log-odds are infinite, the cell's own intercept moves by less than two
    moved = found.apply(np.array([-2.0]), np.array(["tiny"], object), np.array(["c0"], object))
    assert -2.0 < moved[0] < 0.5


def test_a_pair_that_was_never_seen_gets_its_segment_and_channel() -> None:
    rng = np.random.default_rng(5)
    segment = np.array(["a", "a", "b"], object)[rng.integers(0, 3, 6000)]
    channel = np.where(segment == "b", "x", np.where(rng.random(6000) < 0.5, "x", "y")).astype(object)
    p = expit(-1 + 1.5 * (segment == "b"))
    y = (rng.random(6000) < p).astype(float)
    found = recalibrate(np.full(6000, -1.0) + rng.normal(0, 0.3, 6000), y, segment, channel)
    new = np.array(["b"], object), np.array(["y"], object)
    known = np.array(["a"], object), np.array(["y"], object)
    assert found.apply(np.array([-1.0]), *new)[0] > found.apply(np.array([-1.0]), *known)[0] + 0.5


def test_one_segment_and_one_channel_have_only_a_slope() -> None:
    rng = np.random.default_rng(6)
    x = rng.normal(-1, 1.5, 20_000)
    y = (rng.random(20_000) < expit(0.5 * x - 0.5)).astype(float)
    one = np.full(20_000, "(all)", object)
    found = recalibrate(x, y, one, one)
    assert found.variances == {}
    # the standard error of a slope over 20,000 leads is near 0.01
    assert found.slope[0] == pytest.approx(0.5, abs=0.05)


def stretch(jump: float, seed: int = 1, n: int = 20_000) -> tuple[Stretch, np.ndarray]:
    """Leads over 400 days of which the first 200 were learnt from; the rate moves on day 250."""
    rng = np.random.default_rng(seed)
    day = np.sort(rng.integers(0, 400, n))
    x = rng.normal(-2, 1, n)
    p = expit(x + jump * (day >= 250))
    y = (rng.random(n) < p).astype(float)
    learnt = int((day < 200).sum())
    return Stretch(x, y, day, learnt, np.full(n, "(all)", object)), p


def test_the_rate_is_followed_after_a_jump() -> None:
    given, p = stretch(1.5)
    tracked = track(given, 0.0)
    new = slice(given.learnt, None)
    late = given.day[new] > 280
    error = np.abs(tracked.probability(given.logit[new])[late] - p[new][late])
    unmoved = np.abs(expit(given.logit[new])[late] - p[new][late])
    assert error.mean() < 0.15 * unmoved.mean()


def test_where_nothing_moves_it_costs_nearly_nothing() -> None:
    given, _ = stretch(0.0, seed=2)
    cost = surprise(given, track(given, 0.0)).mean() - surprise(given, still(len(given.day) - given.learnt)).mean()
    # the premium at which it is left out is 2 % of a log-loss of about 0.37
    assert cost < 0.002


def test_outcomes_are_used_only_once_they_are_known() -> None:
    given, _ = stretch(1.5)
    new = slice(given.learnt, None)
    early = given.day[new] < 300
    plain = track(given, 60.0)
    changed = given.outcome.copy()
    changed[given.day >= 240] = 1.0
    other = track(Stretch(given.logit, changed, given.day, given.learnt, given.segment), 60.0)
    # outcomes of day 240 are known on day 300 at the earliest
    assert np.array_equal(plain.mean[early], other.mean[early])
    assert not np.array_equal(plain.mean, other.mean)


def test_frozen_uses_nothing_after_the_fit() -> None:
    given, _ = stretch(1.5)
    changed = given.outcome.copy()
    changed[given.learnt :] = 1.0
    other = Stretch(given.logit, changed, given.day, given.learnt, given.segment)
    assert np.array_equal(track(given, 0.0, frozen=True).mean, track(other, 0.0, frozen=True).mean)


def test_a_segment_moves_alone() -> None:
    given, _ = stretch(0.0, seed=3)
    rng = np.random.default_rng(4)
    segment = np.array(["a", "b"], object)[rng.integers(0, 2, len(given.day))]
    moved = (segment == "b") & (given.day >= 250)
    outcome = np.where(moved, rng.random(len(moved)) < expit(given.logit + 1.5), given.outcome).astype(float)
    tracked = track(Stretch(given.logit, outcome, given.day, given.learnt, segment), 0.0)
    late = given.day[given.learnt :] > 330
    b = segment[given.learnt :] == "b"
    assert tracked.mean[late & b].mean() > 1.0
    assert abs(tracked.mean[late & ~b].mean()) < 0.35


@pytest.mark.parametrize(("maturity", "days"), [(0.0, 1), (14.0, 1), (40.0, 4), (200.0, 7)])
def test_leads_are_taken_together_by_days(maturity: float, days: int) -> None:
    assert step_of(maturity) == days


def test_what_does_not_help_is_not_taken() -> None:
    _, y, segment, channel, p = cells(8000, 7, sd=0.0)
    half = logit_of(p)
    block = np.arange(8000) * 4 // 8000
    rows = np.arange(8000)
    learnt = tuple((rows[block == b], np.column_stack([1 - p, p])[block == b]) for b in range(4))
    forward = Forward(rows, block, np.column_stack([1 - expit(half), expit(half)]), learnt)
    leads = Leads(y, rows.astype(np.int64), segment, channel, 0.0)
    found = learn_adjustment(forward, leads, drift=False)
    # true probabilities cannot be improved on: whatever the trial learnt is noise, and at best a tie
    assert found.trials[0].after > found.trials[0].before - 1e-4
    assert (found.recalibration is not None) == found.trials[0].taken


def forward_of(x: np.ndarray, n: int) -> Forward:
    rows, block = np.arange(n), np.arange(n) * 4 // n
    p = np.column_stack([1 - expit(x), expit(x)])
    return Forward(rows, block, p, tuple((rows[: n // 8], p[: n // 8]) for _ in range(4)))


def test_what_helps_is_taken_and_learnt_from_known_outcomes_alone() -> None:
    x, y, segment, channel, _ = cells(8000, 8)
    day = np.arange(8000, dtype=np.int64)
    found = learn_adjustment(forward_of(x, 8000), Leads(y, day, segment, channel, 0.0), drift=False)
    # an sd of 0.7 on the logit at rates near 0.15: knowing the cells is worth up to p(1-p) 0.7^2 / 2 = 0.03 of
    # log-loss, of which the first block has none and the second what 100 leads a cell tell
    assert found.recalibration is not None
    assert found.trials[0].after < found.trials[0].before - 0.01
    # outcomes that take longer than the whole stretch are known for no block: there is nothing to learn from
    blind = learn_adjustment(forward_of(x, 8000), Leads(y, day, segment, channel, 9000.0), drift=False)
    assert blind.recalibration is None
    assert np.isnan(blind.trials[0].before)


def test_the_overall_slope_is_left_to_the_drift_term() -> None:
    x, y, segment, channel, _ = cells(20_000, 9)
    found = recalibrate(2 * x, y, segment, channel, keep_slope=True)
    # the outcome's slope on 2 x is one half everywhere: cells do not differ in it, and the whole is left alone
    assert found.slope == pytest.approx(np.ones(20), abs=0.15)
    assert expit(found.apply(2 * x, segment, channel)).mean() == pytest.approx(expit(2 * x).mean(), abs=1e-9)


def test_the_classifier_is_chosen_with_what_is_adjusted() -> None:
    x, y, segment, channel, _ = cells(8000, 10)
    leads = Leads(y, np.arange(8000, dtype=np.int64), segment, channel, 0.0)
    rng = np.random.default_rng(11)
    name, adjusted = choose_adjusted(
        {"noisy": forward_of(x + rng.normal(0, 1, 8000), 8000), "sharp": forward_of(x, 8000)}, leads, drift=True
    )
    assert name == "sharp"
    assert adjusted["sharp"].loss < adjusted["noisy"].loss
