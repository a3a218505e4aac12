"""The default national and panel models are calibrated; :mod:`tests.exam.calibration` says how that is measured."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from tests.exam.calibration import MARKETS, RANKS, WORLDS, chance, study
from tests.exam.rank_plot import rank_plot

LEVELS = (0.5, 0.8, 0.9)

FALSE_ALARM = 0.01
"""Chance that calibrated models fail one of these tests under another seed; shared out over all its comparisons."""


def band(level: float, alarm: float) -> np.ndarray:
    """Shares of markets between which a calibrated interval's coverage lies with probability ``1 - alarm``."""
    return stats.binom.ppf([alarm / 2, 1 - alarm / 2], MARKETS, chance(level)) / MARKETS


@pytest.mark.slow
@pytest.mark.parametrize("name", WORLDS)
@pytest.mark.filterwarnings("ignore")  # third parties warn of their own future while they compile
def test_intervals_hold_the_truth_as_often_as_they_say(name: str) -> None:
    """Equal-tailed 50, 80 and 90 % intervals of every quantity.

    None outside the band whose false-alarm rate is shared out over worlds, quantities and levels (Bonferroni). And few
    outside the plain 99 % band: one in a hundred is expected; with quantities that go together, one in twenty is the
    most that is let pass.
    """
    found = study(name)
    alarm = FALSE_ALARM / (len(WORLDS) * len(LEVELS) * len(found.ranks))
    outside, plain, report = [], 0, [f"coverage of 50, 80 and 90 % intervals, {name}"]
    rows = {level: found.coverage(level) for level in LEVELS}
    for quantity in found.ranks:
        report.append(f"{quantity:36} " + " ".join(f"{rows[level][quantity]:.3f}" for level in LEVELS))
        for level in LEVELS:
            low, high = band(level, alarm)
            if not low <= rows[level][quantity] <= high:
                outside.append(f"{quantity}: {rows[level][quantity]:.3f} at {level}, band {low:.3f} to {high:.3f}")
            low, high = band(level, 0.01)
            plain += not low <= rows[level][quantity] <= high
    print("\n".join(report))
    assert not outside, outside
    assert plain <= 0.05 * len(LEVELS) * len(found.ranks), report


@pytest.mark.slow
@pytest.mark.parametrize("name", WORLDS)
@pytest.mark.filterwarnings("ignore")
def test_ranks_are_uniform(name: str) -> None:
    """Chi-square over ten bins of ranks, the false-alarm rate shared out over worlds and quantities."""
    found = study(name).ranks
    uneven = {}
    for quantity, rank in found.items():
        counts = np.bincount(np.minimum(rank * 10 // (RANKS + 1), 9), minlength=10)
        expected = np.bincount(np.arange(RANKS + 1) * 10 // (RANKS + 1), minlength=10) / (RANKS + 1) * MARKETS
        p = stats.chisquare(counts, expected).pvalue
        if p < FALSE_ALARM / (len(WORLDS) * len(found)):
            uneven[quantity] = (p, counts.tolist())
    assert not uneven, uneven


@pytest.mark.slow
@pytest.mark.parametrize("name", WORLDS)
@pytest.mark.filterwarnings("ignore")
def test_the_sampler_rarely_diverges_over_the_whole_prior(name: str) -> None:
    """Also in markets that nobody has: at most one draw in a thousand, the gate's own limit, over all fits."""
    assert study(name).divergent <= 0.001


def test_the_bands_are_those_of_the_binomial() -> None:
    """200 simulations of a 90 % interval at 99 %: 0.9 +- 2.58 sds of 2.1 %; ranks 5 to 95 are 91 of 101."""
    low, high = band(0.9, 0.01)
    assert low == pytest.approx(0.9 - 2.58 * 0.0212, abs=0.006)
    assert high == pytest.approx(0.9 + 2.58 * 0.0212, abs=0.006)
    assert chance(0.9) == pytest.approx(91 / 101)
    assert chance(0.5) == pytest.approx(51 / 101)


def test_a_plot_shows_which_ranks_are_uneven() -> None:
    """Uniform ranks stay inside the band, ranks in the upper half leave it; names are text and not markup."""
    even = np.arange(200) * 101 // 200
    svg = rank_plot({"fair": even, "ROI of <b>": 50 + even // 2}, 100)
    assert svg.count("<polyline") == 2
    assert svg.count("#D55E00") == 1
    assert "<b>" not in svg
