"""The trust gate of lifetime value: over parameters, and over predictions of customers of every kind."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from outlay.sampling import Samples
from outlay.transforms import Array
from outlay.trust import Trust, assess
from segmentation.clv_checks import History
from segmentation.clv_future import MEASURES, Draws, Horizon, predict
from segmentation.clv_population import derived
from segmentation.clv_sample import Posterior

_JUDGED = 24
"""Customers, from the rarest to the most frequent buyer, whose predictions are judged by every draw."""

_WORDS = {
    "p_alive": "chance to be alive",
    "purchases": "purchases to come",
    "value": "value of a purchase",
    "clv": "lifetime value",
}

CAUSES = {
    "parameter": "Few repeat buyers, or a history too short to see customers leave.",
    "purchases": "Few repeat buyers, or a history too short to see customers leave.",
    "chance": "The history may be too short to see customers leave.",
    "value": "Few repeat purchases have an amount, or a few very large ones make the mean.",
    "lifetime": "Few repeat buyers, or a few very large ones make the mean purchase.",
}
"""Likely cause by the beginning of a quantity's name."""


def judge(posteriors: tuple[Posterior, ...], history: History, horizon: Horizon) -> Trust:
    """Judge both posteriors by every parameter and by what is reported.

    Parameters
    ----------
    posteriors : tuple of Posterior
        Of purchases, and of money where there is any.
    history : History
        Customers with a purchase; days.
    horizon : Horizon
    """
    shape = (posteriors[0].samples.chains, posteriors[0].samples.draws)
    quantities = {
        f"parameter {name}": draws.reshape(shape)
        for posterior in posteriors
        for name, draws in (
            *((name, posterior.samples.flat(name)) for name in posterior.names),
            *derived(posterior).items(),
        )
    }
    quantities |= {name: draws.reshape(shape) for name, draws in _predicted(posteriors, history, horizon)}
    return assess(quantities, _worst(posteriors), CAUSES)


def _predicted(posteriors: tuple[Posterior, ...], history: History, horizon: Horizon) -> list[tuple[str, Array]]:
    order = np.lexsort((history.mean, history.recency, history.age, history.frequency))
    rows = order[np.unique(np.linspace(0, len(order) - 1, min(_JUDGED, len(order))).round().astype(int))]
    money = posteriors[1].table() if len(posteriors) > 1 else None
    draws = Draws(posteriors[0].model, posteriors[0].table(), money)
    some = (history.frequency[rows], history.recency[rows], history.age[rows], history.mean[rows])
    single = np.concatenate([np.arange(len(rows)), np.arange(len(rows))])
    both = tuple(np.concatenate([column, column]) for column in some)
    numbers = np.where(np.arange(len(single)) < len(rows), single, len(rows))
    sums = predict((both[0], both[1], both[2], both[3]), draws, horizon, 0.9, numbers).sums
    names = [f"customer with {x:.0f} repeat purchases in {age:.0f} days" for x, age in _seen(history, rows)]
    return [
        (f"{_WORDS[measure]}, {name}", sums[g, m])
        for m, measure in enumerate(MEASURES)
        if money is not None or measure in ("p_alive", "purchases")
        for g, name in enumerate([*names, "all of the sample"])
    ]


def _seen(history: History, rows: Array) -> list[tuple[float, float]]:
    return list(zip(history.frequency[rows], history.age[rows], strict=True))


def _worst(posteriors: tuple[Posterior, ...]) -> Samples:
    """The sampler's statistics: the divergences of the posterior that has most, the energies of all as chains."""
    samples = [posterior.samples for posterior in posteriors]
    most = max(samples, key=lambda own: float(own.stats["diverging"].sum()))
    energy = np.concatenate([own.stats["energy"] for own in samples])
    return replace(most, stats={**most.stats, "energy": energy})
