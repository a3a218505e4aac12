"""What the data say against a fitted model: movement that it leaves, forms that do not fit, effects without a place."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mmm.catalogue import CATALOGUE
from mmm.contributions import Decomposition
from mmm.draws import MediaDraws
from mmm.misfit import ALPHA, bent_rest, misfits, shared_noise, slow_rest
from mmm.priors import Priors
from mmm.returns import Returns
from mmm.trades import TRADED, baseline_trades
from outlay.findings import Finding
from outlay.transforms import Array, adstock_weights

BEYOND = 0.1
"""Part of an effect beyond the window of carry-over that is too much to leave out."""

CHANCE = 0.2
"""Posterior probability of that from which it is told, if it is also twice what the prior held possible."""


def doubts(draws: MediaDraws, priors: Priors, returns: Returns, parts: Decomposition) -> list[Finding]:
    """Warnings about the form of the model, each by a test or a probability (M009, M016 to M019, M050).

    Parameters
    ----------
    draws : MediaDraws
        The posterior.
    priors : Priors
        The beliefs about half-lives.
    returns : Returns
        What media returned in the scored window.
    parts : Decomposition
        The outcome taken apart by period.
    """
    by_residuals = (*_slow_rest(draws, parts), *_misfits(draws, parts), *_bent_rest(draws, parts), *_shared(parts))
    return [*_long_carry_over(draws, priors), *by_residuals, *_trades(draws, returns)]


def _long_carry_over(draws: MediaDraws, priors: Priors) -> Iterator[Finding]:
    """Carry-over that may well reach past the window it is allowed, by the data and not by belief alone."""
    design = draws.design
    for c in design.blocks.decaying:
        mean, sd = (float(number[c]) for number in priors.half_life_log)
        believed = np.exp(mean + sd * np.random.default_rng(c).standard_normal(draws.n_draws))
        chance, before = (_chance_beyond(draws, int(c), half_life) for half_life in (draws.half_life[:, c], believed))
        if chance > max(CHANCE, 2 * before):
            what = (
                f"with a probability of {chance:.0%}, more than {BEYOND:.0%} of its effect comes later than l_max = "
                f"{design.l_max} {design.panel.frequency.unit}s, and is not counted"
            )
            yield CATALOGUE.finding("M009", f"channel {design.panel.channels[c]}", what)


def _chance_beyond(draws: MediaDraws, c: int, half_life: Array) -> float:
    """Probability that more than a tenth of an effect comes later than is counted, over draws of its half-life."""
    design = draws.design
    longer = adstock_weights(design.panel.adstock[c], half_life, draws.adstock_shape[:, c], 4 * design.l_max)
    return float((longer[:, design.l_max :].sum(1) > BEYOND).mean())


def _slow_rest(draws: MediaDraws, parts: Decomposition) -> Iterator[Finding]:
    p = slow_rest(draws.design, parts)
    if p < ALPHA:
        what = f"the residuals rise and fall over months (p = {p:.1g}), which trend, season and controls do not explain"
        yield CATALOGUE.finding("M016", "baseline", what)


def _misfits(draws: MediaDraws, parts: Decomposition) -> Iterator[Finding]:
    table = misfits(draws, parts)
    for row in table[table["p"] < ALPHA].to_dict("records"):
        what = f"the residuals contradict its {row['part']} (p = {row['p']:.1g})"
        yield CATALOGUE.finding("M017", f"channel {row['channel']}", what)


def _bent_rest(draws: MediaDraws, parts: Decomposition) -> Iterator[Finding]:
    p = 1.0 if draws.design.log else bent_rest(draws.design, parts)  # effects that multiply do not add up
    if p < ALPHA:
        what = f"the residuals follow the square of the fitted KPI (p = {p:.1g})"
        yield CATALOGUE.finding("M019", "fit", what)


def _shared(parts: Decomposition) -> Iterator[Finding]:
    ratio, p = shared_noise(parts.fit)
    if p < ALPHA:
        what = (
            f"the noise of groups moves together: over all of them it is {np.sqrt(ratio):.1f} times what independent "
            "noise would be"
        )
        yield CATALOGUE.finding("M050", "noise", what)


def _trades(draws: MediaDraws, returns: Returns) -> Iterator[Finding]:
    table = baseline_trades(draws, returns)
    for row in table[table["explained"] > TRADED].to_dict("records"):
        what = f"{row['explained']:.0%} of the doubt about it is whether trend or season are the cause instead"
        yield CATALOGUE.finding("M018", f"channel {row['channel']}", what)
