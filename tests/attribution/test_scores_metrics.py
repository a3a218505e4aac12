"""Metrics against scikit-learn, and their intervals against repetition."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit
from sklearn.metrics import average_precision_score, roc_auc_score

from attribution.drift import psi, psi_numbers, verdict
from attribution.scores_metrics import auc, average_precision, calibration_error, calibration_line, ranking


def world(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    p = expit(rng.normal(-1.5, 1.2, n))
    return p, (rng.random(n) < p).astype(float)


def test_areas_are_those_of_scikit_learn_ties_included() -> None:
    p, y = world(500, 1)
    for score in (p, np.round(p, 1)):
        assert auc(score, y, 0.9).value == pytest.approx(roc_auc_score(y, score), abs=1e-12)
        assert average_precision(score, y, 0.9).value == pytest.approx(average_precision_score(y, score), abs=1e-12)


def test_the_interval_of_the_area_holds_as_often_as_it_says() -> None:
    truth = auc(*world(400_000, 0), 0.9).value
    found = [auc(*world(400, seed), 0.9) for seed in range(1, 201)]
    inside = sum(one.low <= truth <= one.high for one in found)
    # binomial(200, 0.9): 165 to 194 with a chance of 99.9 % (false alarms: one in a thousand)
    assert 165 <= inside <= 194


def test_honest_probabilities_have_slope_one() -> None:
    p, y = world(50_000, 3)
    intercept, slope = calibration_line(p, y, 0.999)
    assert intercept.low < 0 < intercept.high
    assert slope.low < 1 < slope.high
    # mean distance over tenths by chance alone: about sqrt(2 / pi) * sqrt(p q / 5000), 0.005
    assert calibration_error(p, y) < 0.012


def test_exaggerated_probabilities_are_found_out() -> None:
    p, y = world(20_000, 4)
    exaggerated = expit(2 * np.log(p / (1 - p)) + 1.0)
    _, slope = calibration_line(exaggerated, y, 0.9)
    # the log-odds were doubled, so that half of them is right
    assert slope.value == pytest.approx(0.5, abs=0.03)
    assert calibration_error(exaggerated, y) > 0.05


def test_a_score_that_separates_perfectly_has_no_interval_and_no_error() -> None:
    row = ranking("rules", np.array([1.0, 2, 3, 4]), np.array([0.0, 0, 1, 1]), 0.9)
    assert row["auc"] == 1.0
    assert np.isnan(float(row["auc_low"]))


def test_psi_of_two_levels_by_hand() -> None:
    # 99 and 1 against 1 and 99, with half a lead added: p = 99.5/101, q = 1.5/101 and the reverse
    p, q = 99.5 / 101, 1.5 / 101
    one, other = np.repeat([0, 1], [99, 1]), np.repeat([0, 1], [1, 99])
    assert psi(one, other, 2) == pytest.approx(2 * (p - q) * np.log(p / q))
    assert psi(one, one, 2) == 0.0


def test_missing_values_that_appear_are_drift() -> None:
    before = np.random.default_rng(1).normal(size=2000)
    after = np.where(np.arange(2000) % 2 == 0, np.nan, before)
    assert verdict(psi_numbers(before, after)) == "drifted"
    assert verdict(psi_numbers(before, before[::-1])) == "stable"
