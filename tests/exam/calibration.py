"""Simulation-based calibration: markets drawn from the model's own prior, and the rank of the truth in each posterior.

Talts, Betancourt, Simpson, Vehtari and Gelman (2018), "Validating Bayesian inference algorithms with simulation-based
calibration". Exposure, scales and priors are fixed before anything is drawn; only the KPI is drawn anew. The truth
comes from the PyMC model, its KPI from the numpy side of the house, the posterior from whatever route a fit takes: if
all agree, the truth's rank among posterior draws is uniform, and intervals hold it as often as they say.

``python -m tests.exam.calibration`` runs both studies and draws ``docs/figures/calibration-*.svg``.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np

from mmm.contributions import components
from mmm.draws import MediaDraws, media_draws
from mmm.media import MediaMixModel
from mmm.panel import panel_from_frame
from mmm.returns import window_returns
from mmm.simulate import Channel, Driver, Groups, Lever, Schedule, World, simulate
from outlay.sampling import Samples
from tests.exam.rank_plot import rank_plot

MARKETS = 200
RANKS = 100
"""Posterior draws, evenly thinned, among which the truth is ranked: 0 to RANKS."""

_NATIONAL = World(
    channels=(
        Channel("tv", half_life=2.0, spend=40_000.0, cost=12.0, schedule=Schedule(on=0.5)),
        Channel("search", half_life=0.7, spend=15_000.0, schedule=Schedule(on=0.7)),
        Channel("mail", spend=5_000.0, paid=False, schedule=Schedule(on=0.5)),
    ),
    drivers=(Driver("price", column="price", persistence=0.0, local=True),),
    levers=(Lever("discount"),),
    n=110,
    told={"l_max": 8},
)
_PANEL = replace(
    _NATIONAL,
    channels=(*_NATIONAL.channels[:2], Channel("social", spend=12_000.0)),
    groups=Groups(("north", "east", "south", "west", "centre")),
    n=80,
)
WORLDS: Mapping[str, World] = {"national": _NATIONAL, "panel": _PANEL}
"""They lend exposure, prices and promotions; their effects and their KPI are not used."""


@dataclass(frozen=True)
class Study:
    """What one study found.

    Attributes
    ----------
    ranks : mapping of str to ndarray (markets,)
        Number of thinned posterior draws below the truth, by quantity.
    divergent : float
        Share of divergent draws over all fits.
    seconds : float
        Wall seconds of all fits.
    """

    ranks: Mapping[str, np.ndarray]
    divergent: float
    seconds: float

    def coverage(self, level: float) -> dict[str, float]:
        """Share of markets in which the equal-tailed interval holds the truth, by quantity."""
        low, high = RANKS * (1 - level) / 2, RANKS * (1 + level) / 2
        return {name: float(((rank >= low - 1e-9) & (rank <= high + 1e-9)).mean()) for name, rank in self.ranks.items()}


def chance(level: float) -> float:
    """Probability that a uniform rank counts as inside: ranks are whole numbers, so not exactly the level."""
    rank = np.arange(RANKS + 1)
    low, high = RANKS * (1 - level) / 2, RANKS * (1 + level) / 2
    return float(((rank >= low - 1e-9) & (rank <= high + 1e-9)).mean())


def quantities(draws: MediaDraws) -> dict[str, np.ndarray]:
    """Everything that is judged, (S,) each: over all groups, and in the first group."""
    design, returns = draws.design, window_returns(draws)
    first = design.panel.groups[0]
    found = {"noise": draws.sigma[:, 0], "baseline": draws.intercept[:, 0]}
    for c, name in enumerate(design.panel.channels):
        found[f"half-life of {name}"] = draws.half_life[:, c]
        found[f"half-saturation of {name}"] = draws.half_saturation[:, c]
        found[f"contribution of {name}"] = returns.contribution[:, :, c].sum(1)
        if design.panel.is_panel:
            found[f"contribution of {name} in {first}"] = returns.contribution[:, 0, c]
        if design.panel.paid[c]:
            found[f"ROI of {name}"] = returns.incremental[:, :, c].sum(1)
    for k, term in enumerate(design.terms):
        found[f"effect of {term.name}"] = draws.terms[:, 0, k]
    return found


def blank_model(name: str) -> MediaMixModel:
    """The model of a study's world: its scales and priors hold for every market that is drawn from it."""
    market = simulate(WORLDS[name], seed=41)
    settings = {"draws": 500, "tune": 500, "chains": 2}
    section = market.section.model_copy(update={"sampling": market.section.sampling.model_copy(update=settings)})
    panel = panel_from_frame(market.frame, section, market.project, today=date(2030, 1, 1))
    return MediaMixModel(panel, section, market.project)


def truths(model: MediaMixModel, markets: int) -> tuple[MediaDraws, np.ndarray]:
    """Markets from the PyMC model's prior, and the scaled KPI of each, (markets, F, G).

    A design measures its KPI by the KPI's own mean, so every market is drawn given that its mean is the scale's. All
    else in the model is centred over the rows and independent of the mean (the noise's sd nearly so: less than one in a
    thousand): only the level moves, and by as much as the mean does.
    """
    import pymc as pm

    design, built = model.design, model.build()
    drawn = pm.draw(built.free_RVs, draws=markets, random_seed=5)
    values = {variable.name: np.asarray(v, float)[None] for variable, v in zip(built.free_RVs, drawn, strict=True)}
    draws = media_draws(design, Samples(values, {}, {}, {"diverging": np.zeros((1, markets))}))
    mean = np.asarray(sum(part.draws for part in components(draws)))
    noise = draws.sigma[:, None, :] * np.random.default_rng(6).normal(size=mean.shape)
    kpi = (mean + noise) / design.y_scale
    beside = kpi.mean(axis=1) - design.y_mean
    return replace(draws, level=draws.level - beside * design.y_scale), kpi - beside[:, None]


@cache
def study(name: str, markets: int = MARKETS) -> Study:
    """Rank the truth of every market in its posterior."""
    model = blank_model(name)
    blank = model.design
    truth, kpi = truths(model, markets)
    known = quantities(truth)
    ranks = {quantity: np.zeros(markets, int) for quantity in known}
    divergent, started = [], time.perf_counter()
    for index, series in enumerate(kpi):
        model.design = replace(blank, y=series)
        # One seed for all would put the same random numbers under every market, and ranks would not be independent.
        model.project = model.project.model_copy(update={"seed": index})
        fitted = model.fit()
        divergent.append(float(np.mean(fitted.samples.stats["diverging"])))
        for quantity, drawn in quantities(fitted.draws).items():
            thin = drawn[:: len(drawn) // RANKS][:RANKS]
            ranks[quantity][index] = (thin < known[quantity][index]).sum()
    return Study(ranks, float(np.mean(divergent)), time.perf_counter() - started)


def main() -> None:
    """Run both studies, print coverage, and draw the ranks."""
    figures = Path(__file__).resolve().parents[2] / "docs" / "figures"
    for name in sys.argv[1:] or list(WORLDS):
        found = study(name)
        print(f"{name}: {MARKETS} markets in {found.seconds:.0f} s, divergent {found.divergent:.2%}")
        rows = [found.coverage(level) for level in (0.5, 0.8, 0.9)]
        for quantity in found.ranks:
            print(f"{quantity:36} " + " ".join(f"{row[quantity]:.3f}" for row in rows))
        (figures / f"calibration-{name}.svg").write_text(rank_plot(found.ranks, RANKS), encoding="utf-8")


if __name__ == "__main__":
    main()
