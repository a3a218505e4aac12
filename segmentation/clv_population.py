"""What is known of the population: its parameters in words, with intervals, and whether the data told them."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from outlay.findings import Finding
from outlay.places import first_few
from outlay.summary import summarise
from outlay.transforms import Array
from segmentation.catalogue import CATALOGUE
from segmentation.clv_pack import LEAST_ABOVE
from segmentation.clv_sample import MONEY, Posterior

_MEANINGS = {
    "r": ("shape of purchase rates; small: customers differ much", ""),
    "alpha": ("rate of purchase rates", "{unit}s"),
    "a": ("leaving after a purchase: beta distribution", ""),
    "b": ("leaving after a purchase: beta distribution", ""),
    "s": ("shape of leaving rates; small: customers differ much", ""),
    "beta": ("rate of leaving rates", "{unit}s"),
    "p": ("shape of a customer's purchases around the mean", ""),
    "q": ("shape of customers' means; small: they differ much", ""),
    "v": ("scale of customers' means", "{currency}"),
    "purchase rate": ("purchases of a mean customer who has not left", "per {unit}"),
    "leaving": ("chance to leave after a purchase", "share"),
    "leaving in a year": ("chance to leave within the first year", "share"),
    "mean purchase": ("expected value of a purchase", "{currency}"),
}
"""What a parameter means, and its unit."""

DAYS = {"day": 1.0, "week": 7.0}
_POWER = {"alpha": -1, "beta": -1, "purchase rate": 1}
"""Power of a unit's days that turns a parameter into the unit."""

_PRIOR_SPREAD = {"weibull": math.pi / math.sqrt(6.0) / 2.0, "logistic": math.pi / math.sqrt(3.0)}
"""Standard deviations, before the data, of the logarithm of a Weibull variable of shape 2, and of a logistic one (the
logit of a uniform share; the logarithm of a Pareto variable of shape 1, less 1)."""

_NOT_TOLD = 0.75
"""Part of its prior spread from which on a parameter counts as not told by the data."""

_YEAR = 365.25
_WIDE = 3.0
_OFTEN = 0.05
"""Part of the draws in which the variance of money may be without bound before it is told."""


def population(posteriors: tuple[Posterior, ...], unit: str, currency: str, level: float) -> pd.DataFrame:
    """Table of parameters: parameter, meaning, mean, low, high, unit (``"day"`` or ``"week"`` where it is of time)."""
    rows = []
    for posterior in posteriors:
        for name, draws in (*_own(posterior).items(), *derived(posterior).items()):
            meaning, of = _MEANINGS[name]
            told = summarise(draws * DAYS[unit] ** _POWER.get(name, 0), level)
            rows.append(
                {
                    "parameter": name,
                    "meaning": meaning,
                    "mean": float(told.mean),
                    "low": float(told.low),
                    "high": float(told.high),
                    "unit": of.format(unit=unit, currency=currency),
                }
            )
    return pd.DataFrame(rows)


def derived(posterior: Posterior) -> dict[str, Array]:
    """What follows from the parameters, (S,) each."""
    own = _own(posterior)
    if posterior.model == MONEY:
        return {"mean purchase": own["p"] * own["v"] / (own["q"] - 1.0)}
    out = {"purchase rate": own["r"] / own["alpha"]}
    if posterior.model == "bg_nbd":
        return out | {"leaving": own["a"] / (own["a"] + own["b"])}
    return out | {"leaving in a year": -np.expm1(own["s"] * -np.log1p(_YEAR / own["beta"]))}


def check_told(posteriors: tuple[Posterior, ...], where: str) -> tuple[Finding, ...]:
    """Findings on what the data hardly told."""
    found = []
    for posterior in posteriors:
        weak = [name for name, (draws, kind) in _unbounded(posterior).items() if _is_prior(draws, kind)]
        if weak:
            what = f"hardly told by the data: {first_few(weak)} ({posterior.model})"
            found.append(CATALOGUE.finding("K082", where, what))
        if posterior.model == MONEY:
            low, high = np.quantile(derived(posterior)["mean purchase"], [0.05, 0.95])
            if high > _WIDE * low:
                what = f"the mean purchase lies between {low:,.2f} and {high:,.2f} (90 %)"
                found.append(CATALOGUE.finding("K083", where, what))
            boundless = float((_own(posterior)["q"] < 2.0 + LEAST_ABOVE).mean())
            if boundless > _OFTEN:
                what = f"q is below {2.0 + LEAST_ABOVE:g} in {boundless:.0%} of the draws"
                found.append(CATALOGUE.finding("K087", where, what))
    return tuple(found)


def _is_prior(draws: Array, kind: str) -> bool:
    return bool(draws.std() > _NOT_TOLD * _PRIOR_SPREAD[kind])


def _own(posterior: Posterior) -> dict[str, Array]:
    return {name: posterior.samples.flat(name) for name in posterior.names}


def _unbounded(posterior: Posterior) -> dict[str, tuple[Array, str]]:
    own = _own(posterior)
    if posterior.model == "bg_nbd":
        share = own["a"] / (own["a"] + own["b"])
        return {
            "r": (np.log(own["r"]), "weibull"),
            "alpha": (np.log(own["alpha"]), "weibull"),
            "a / (a + b)": (np.log(share) - np.log1p(-share), "logistic"),
            "a + b": (np.log(own["a"] + own["b"] - 1.0), "logistic"),
        }
    if posterior.model == MONEY:
        own = own | {"q": own["q"] - 1.0}
    return {name: (np.log(draws), "weibull") for name, draws in own.items()}
