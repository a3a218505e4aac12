"""Simulation-based calibration of the national model: 200 markets drawn from the prior, one compiled model.

Talts, Betancourt, Simpson, Vehtari and Gelman (2018), "Validating Bayesian inference algorithms with simulation-based
calibration". Exposure and scales are fixed before simulating; only the KPI is drawn anew. If sampler, model and the
numpy side agree, the truth's rank among posterior draws is uniform, and intervals hold it as often as they say.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from scipy import stats

from mmm.contributions import components
from mmm.design import LEVEL_SD
from mmm.draws import MediaDraws, media_draws
from mmm.model import build_model
from mmm.returns import window_returns
from outlay.sampling import Samples
from tests.mmm.probes import Case, case_of, prior_samples
from tests.mmm.simulate import THREE, simulate

pytestmark = pytest.mark.slow

MARKETS = 200
RANKS = 100
"""Posterior draws, evenly thinned, among which the truth is ranked: 0 to RANKS."""

FALSE_ALARM = 0.01
"""Chance that a calibrated model fails the whole file under another seed; shared out over its comparisons."""


def quantities(draws: MediaDraws) -> dict[str, np.ndarray]:
    """Everything that is judged, (S,) each."""
    returns, found = window_returns(draws), {"noise": draws.sigma[:, 0], "baseline": draws.intercept[:, 0]}
    for c, name in enumerate(draws.design.panel.channels):
        found[f"half-life of {name}"] = draws.half_life[:, c]
        found[f"half-saturation of {name}"] = draws.half_saturation[:, c]
        found[f"contribution of {name}"] = returns.contribution[:, 0, c]
        if draws.design.panel.paid[c]:
            found[f"ROI of {name}"] = returns.incremental[:, 0, c]
    for k, term in enumerate(draws.design.terms):
        found[f"effect of {term.name}"] = draws.terms[:, 0, k]
    return found


def truths(it: Case) -> tuple[MediaDraws, np.ndarray]:
    """Markets from the prior, and the scaled KPI of each, (MARKETS, F, 1)."""
    samples = prior_samples(it.design, it.priors, MARKETS, seed=5, chains=1)
    rng = np.random.default_rng(6)
    level = rng.normal(it.design.y_mean, LEVEL_SD, (1, MARKETS, 1))
    draws = media_draws(it.design, replace(samples, values={**samples.values, "level": level}))
    mean = sum(part.draws for part in components(draws))
    kpi = mean + draws.sigma[:, None, :] * rng.normal(size=np.shape(mean))
    return draws, kpi / it.design.y_scale


def posteriors(it: Case, kpi: np.ndarray) -> Iterator[MediaDraws]:
    """The posterior of each market under one compiled model whose KPI is exchanged."""
    import nutpie
    import pytensor

    shared: Any = pytensor.shared(kpi[0], name="simulated_kpi")
    model = build_model(replace(it.design, y=shared), it.priors)
    names = [variable.name for variable in model.free_RVs]
    with pytensor.config.change_flags(numba__fastmath=False):
        compiled = nutpie.compile_pymc_model(model, var_names=names)
    for index, series in enumerate(kpi):
        tree = nutpie.sample(
            compiled.with_data(simulated_kpi=series),
            draws=500,
            tune=500,
            chains=2,
            seed=index,
            target_accept=0.97,
            progress_bar=False,
        )
        posterior = tree["posterior"].to_dataset()
        values = {name: posterior[name].to_numpy() for name in names}
        yield media_draws(it.design, Samples(values, {}, {}, {"diverging": np.zeros((2, 500))}))


@cache
def ranks() -> dict[str, np.ndarray]:
    """Number of thinned posterior draws below the truth, (MARKETS,) per quantity."""
    it = case_of(simulate(41, THREE, n=110))
    truth, kpi = truths(it)
    known, found = quantities(truth), {name: np.zeros(MARKETS, int) for name in quantities(truth)}
    for index, posterior in enumerate(posteriors(it, kpi)):
        for name, drawn in quantities(posterior).items():
            found[name][index] = (drawn[:: len(drawn) // RANKS][:RANKS] < known[name][index]).sum()
    return found


@pytest.mark.filterwarnings("ignore")  # third parties warn of their own future while they compile
def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    """Equal-tailed 50, 80 and 90 % intervals of every quantity inside their binomial band.

    The band is that of the false-alarm rate shared out over quantities and levels (Bonferroni).
    """
    found = ranks()
    share = FALSE_ALARM / 2 / (3 * len(found))
    report, outside = [], []
    for name, rank in found.items():
        row = []
        for level in (0.5, 0.8, 0.9):
            low, high = RANKS * (1 - level) / 2, RANKS * (1 + level) / 2
            hits = int(((rank >= low) & (rank < high + 1e-9)).sum())
            band = stats.binom.ppf([share / 2, 1 - share / 2], MARKETS, level)
            row.append(f"{hits / MARKETS:.3f}")
            if not band[0] <= hits <= band[1]:
                outside.append(f"{name}: {hits / MARKETS:.3f} at {level}, band {band / MARKETS}")
        report.append(f"{name:32} {' '.join(row)}")
    print("\n".join(["coverage of 50, 80 and 90 % intervals", *report]))
    assert not outside, outside


@pytest.mark.filterwarnings("ignore")
def test_ranks_are_uniform() -> None:
    """Chi-square over ten bins of ranks, the false-alarm rate shared out over quantities."""
    found = ranks()
    uneven = {}
    for name, rank in found.items():
        counts = np.bincount(np.minimum(rank * 10 // (RANKS + 1), 9), minlength=10)
        expected = np.bincount(np.arange(RANKS + 1) * 10 // (RANKS + 1), minlength=10) / (RANKS + 1) * MARKETS
        p = stats.chisquare(counts, expected).pvalue
        if p < FALSE_ALARM / 2 / len(found):
            uneven[name] = (p, counts.tolist())
    assert not uneven, uneven
