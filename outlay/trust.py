"""The trust gate: nothing is reported from a posterior that did not pass it.

Rank-normalised split R-hat, bulk and tail effective sample size (Vehtari, Gelman, Simpson, Carpenter and Buerkner 2021,
"Rank-normalization, folding, and localization"), divergences, and E-BFMI (Betancourt 2016, "Diagnosing suboptimal
cotangent disintegrations"). The gate looks at every quantity that is reported, and not only at parameters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from outlay.sampling import Samples
from outlay.transforms import Array

MAX_RHAT = 1.01
MIN_ESS = 400.0
MAX_DIVERGENT_SHARE = 0.001
MIN_EBFMI = 0.3

_FEWEST_DRAWS = 4
"""Draws that a chain needs to be split in two and to have a variance in each half."""


@dataclass(frozen=True)
class Check:
    """One number of the gate.

    Attributes
    ----------
    id : str
        Id that ``outlay explain`` knows.
    name : str
        What was measured, for example ``"R-hat"``.
    value, limit : float
        The worst value seen and the limit it must keep.
    passed : bool
        Whether it did.
    quantity : str
        The worst quantity, in the user's words.
    cause : str
        Why that may be; empty where it passed.
    """

    id: str
    name: str
    value: float
    limit: float
    passed: bool
    quantity: str
    cause: str


@dataclass(frozen=True)
class Trust:
    """The verdict on one posterior.

    Attributes
    ----------
    passed : bool
        Whether every check passed.
    checks : tuple of Check
        One per diagnostic.
    draws, chains : int
        What was sampled.
    failing : tuple of str
        Names of all quantities that fail R-hat or ESS, worst first.
    """

    passed: bool
    checks: tuple[Check, ...]
    draws: int
    chains: int
    failing: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready form, as kept in ``trust.json``."""
        return asdict(self)

    def sentence(self) -> str:
        """The verdict in one sentence."""
        worst = {check.name: check.value for check in self.checks}
        if self.passed:
            return (
                f"The chains agree: R-hat at most {worst['R-hat']:.3f}, effective draws at least "
                f"{min(worst['bulk ESS'], worst['tail ESS']):,.0f}, {worst['divergent draws']:.2%} divergent draws."
            )
        first = next(check for check in self.checks if not check.passed)
        return (
            f"The chains do not agree: {first.name} of {first.quantity} is {first.value:.4g} "
            f"(limit {first.limit:g}). {first.cause}"
        )


def trust_from_dict(data: Mapping[str, Any]) -> Trust:
    """The inverse of :meth:`Trust.as_dict`."""
    return Trust(
        passed=bool(data["passed"]),
        checks=tuple(_check_from_dict(check) for check in data["checks"]),
        draws=int(data["draws"]),
        chains=int(data["chains"]),
        failing=tuple(data["failing"]),
    )


def _check_from_dict(data: Mapping[str, Any]) -> Check:
    """JSON knows neither infinity nor not-a-number: both are null there."""
    return Check(**{**data, "value": np.nan if data["value"] is None else data["value"]})


def assess(quantities: Mapping[str, Array], samples: Samples, causes: Mapping[str, str]) -> Trust:
    """Judge a posterior by every quantity that is reported from it.

    Parameters
    ----------
    quantities : mapping of str to ndarray (chains, draws)
        Scalar quantities by the name that the user sees, for example ``"half-life of tv"``.
    samples : Samples
        The sampler's statistics.
    causes : mapping of str to str
        Likely cause by the beginning of a quantity's name, for example ``{"half-life": "..."}``.
    """
    names = list(quantities)
    stacked = np.stack([np.asarray(quantities[name], float) for name in names], axis=-1)
    rhat, bulk, tail = _diagnose(stacked)
    divergent = float(samples.stats["diverging"].mean())
    ebfmi = _ebfmi(samples.stats["energy"])
    seen = _seen_causes(stacked)

    def cause(quantity: str) -> str:
        likely = next((text for prefix, text in causes.items() if quantity.startswith(prefix)), "")
        return " ".join(part for part in (seen.get(names.index(quantity), ""), likely) if part)

    def worst(id: str, name: str, values: Array, limit: float, *, high_is_bad: bool) -> Check:
        at = int(np.argmax(values) if high_is_bad else np.argmin(values))
        value = float(values[at])
        passed = value <= limit if high_is_bad else value >= limit
        return Check(id, name, value, limit, bool(passed), names[at], "" if passed else cause(names[at]))

    checks = (
        worst("T001", "R-hat", rhat, MAX_RHAT, high_is_bad=True),
        worst("T002", "bulk ESS", bulk, MIN_ESS, high_is_bad=False),
        worst("T003", "tail ESS", tail, MIN_ESS, high_is_bad=False),
        _sampler_check("T004", "divergent draws", divergent, MAX_DIVERGENT_SHARE, divergent <= MAX_DIVERGENT_SHARE),
        _sampler_check("T005", "E-BFMI", ebfmi, MIN_EBFMI, ebfmi >= MIN_EBFMI),
    )
    severity = np.maximum(rhat - MAX_RHAT, 0) * 1e3 + np.maximum(MIN_ESS - np.minimum(bulk, tail), 0) / MIN_ESS
    order = np.argsort(-severity)
    return Trust(
        passed=all(check.passed for check in checks),
        checks=checks,
        draws=samples.draws,
        chains=samples.chains,
        failing=tuple(names[i] for i in order if severity[i] > 0),
    )


_SAMPLER_CAUSES = {
    "T004": "The sampler met regions that it could not follow, so parts of the posterior may be missing.",
    "T005": "The sampler explored the energy poorly, so the tails of the posterior may be missing.",
}


def _sampler_check(id: str, name: str, value: float, limit: float, passed: bool) -> Check:
    return Check(id, name, value, limit, passed, "all draws", "" if passed else _SAMPLER_CAUSES[id])


def _diagnose(stacked: Array) -> tuple[Array, Array, Array]:
    """R-hat, bulk ESS and tail ESS of each quantity; a quantity that never moves counts as agreed."""
    from arviz_stats.base import array_stats

    n = stacked.shape[-1]
    # What cannot be judged fails: numbers that are not finite, and chains too short to be compared.
    rhat, bulk, tail = np.full(n, np.inf), np.zeros(n), np.zeros(n)
    for i in range(n):
        draws = stacked[..., i]
        if not np.isfinite(draws).all():
            continue
        if np.ptp(draws) == 0:
            rhat[i], bulk[i], tail[i] = 1.0, np.inf, np.inf
        elif draws.shape[1] >= _FEWEST_DRAWS:
            rhat[i] = array_stats.rhat(draws, chain_axis=0, draw_axis=1, method="rank")
            bulk[i] = array_stats.ess(draws, chain_axis=0, draw_axis=1, method="bulk")
            tail[i] = array_stats.ess(draws, chain_axis=0, draw_axis=1, method="tail", prob=(0.05, 0.95))
    total = stacked.shape[0] * stacked.shape[1]
    return rhat, np.minimum(bulk, 10 * total), np.minimum(tail, 10 * total)


def _ebfmi(energy: Array) -> float:
    """The lowest Bayesian fraction of missing information over chains."""
    change = np.square(np.diff(energy, axis=1)).sum(axis=1)
    around = np.square(energy - energy.mean(axis=1, keepdims=True)).sum(axis=1)
    return float((change / np.maximum(around, np.finfo(float).tiny)).min())


def _seen_causes(stacked: Array) -> dict[int, str]:
    """What the draws themselves show: numbers that broke, chains too short, or chains with different answers."""
    finite = np.isfinite(stacked).all(axis=(0, 1))
    causes = {int(i): "It is not a finite number in some draws." for i in np.flatnonzero(~finite)}
    if stacked.shape[1] < _FEWEST_DRAWS:
        return causes | {int(i): "The chains are too short to be compared." for i in np.flatnonzero(finite)}
    kept = np.where(finite, stacked, 0.0)
    means, within = kept.mean(axis=1), kept.std(axis=1).mean(axis=0)
    apart = (np.ptp(means, axis=0) > within) & (np.ptp(kept, axis=(0, 1)) > 0)
    different = "The chains settled on different answers: the data allow more than one explanation."
    return causes | {int(i): different for i in np.flatnonzero(apart)}
