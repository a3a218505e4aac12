"""Lifetime value: who still buys, how often they will, and what that is worth.

Purchases are BG/NBD or Pareto/NBD, the value of a purchase is Gamma-Gamma: customers differ in their rates and means as
a population does, and a customer's own history says where in it he is. The definition is :mod:`segmentation.model_clv`
(PyMC, with PyMC-Marketing's distributions); what usually samples it is :mod:`segmentation.kernel_clv`.

Intervals of single customers and of means are of expectations: how sure the mean of customers with such a history is.
What a single customer does varies much more. Intervals of a segment's totals hold that chance too: they are of what
will come.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from outlay.findings import Finding
from outlay.project import ProjectSection
from outlay.sampling import OnProgress
from outlay.summary import summarise
from outlay.transforms import Array
from outlay.trust import Trust, trust_from_dict
from segmentation.catalogue import CATALOGUE
from segmentation.clv_cells import money_cells, purchase_cells
from segmentation.clv_checks import History, Source, check_history, history_of
from segmentation.clv_future import MEASURES, Draws, Horizon, predict
from segmentation.clv_holdout import Early, Holdout, by_chance, compare
from segmentation.clv_population import check_told, population
from segmentation.clv_priors import Priors, priors_for
from segmentation.clv_sample import MANY_CELLS, How, Posterior, sample_money, sample_purchases
from segmentation.clv_trust import judge
from segmentation.config import ClvSection

__all__ = ["Early", "FittedClv", "Holdout", "Source", "fit_clv"]

PREDICTED_BY = 200
"""Draws that predictions are made by and that are kept, of those that the gate judges."""

DAYS_OF_MONTH, DAYS_OF_YEAR = 365.25 / 12.0, 365.25

_FORMAT = 1
_FAR = 2.0
"""Horizon over the age of the oldest customer from which on it is told."""


@dataclass(frozen=True, eq=False)
class FittedClv:
    """A fitted model of lifetime value.

    Attributes
    ----------
    section : ClvSection
        What was asked.
    about : ProjectSection
        Interval level, currency, seed.
    draws : Draws
        200 draws of the parameters, which predictions are made by; times in days.
    priors : Priors
        What was believed before; times in days.
    population : DataFrame
        parameter, meaning, mean, low, high, unit; times in the section's unit.
    trust : Trust
        The verdict on the posterior. A model that did not pass is kept, and K085 says so.
    holdout : Holdout or None
        The check on purchases that the model had not seen.
    findings : tuple of Finding
        Those of the holdout are with the holdout.
    facts : mapping
        JSON-ready: customers, repeat buyers, cells, route, seconds, correlation and the like.
    """

    section: ClvSection
    about: ProjectSection
    draws: Draws
    priors: Priors
    population: pd.DataFrame
    trust: Trust
    holdout: Holdout | None
    findings: tuple[Finding, ...]
    facts: Mapping[str, Any]

    @property
    def horizon(self) -> Horizon:
        """The months ahead, and the discount."""
        return horizon_of(self.section)

    def predict(self, purchases: pd.DataFrame) -> pd.DataFrame:
        """Predict customers, those of the fit or others.

        Parameters
        ----------
        purchases : DataFrame (N rows)
            frequency, recency and age in days, monetary; as ``Customers.purchases``.

        Returns
        -------
        DataFrame (N rows)
            In the same order: ``p_alive``; ``purchases`` expected within the months asked for; ``value`` expected of a
            purchase; ``clv``, the discounted value of all of them; each with ``_low`` and ``_high``. Not a number where
            the customer has no purchase.

        Raises
        ------
        DataError
            Where a row cannot be.
        """
        history = history_of(purchases, Source())
        known = history.known
        rows = np.full((4, 3, len(known)), np.nan)
        rows[:, :, known] = predict(_columns(history.of(known)), self.draws, self.horizon, self.about.hdi, None).rows
        columns = {
            measure + end: rows[m, e]
            for m, measure in enumerate(MEASURES)
            for e, end in enumerate(("", "_low", "_high"))
        }
        return pd.DataFrame(columns, index=purchases.index)

    def by_segment(self, purchases: pd.DataFrame, numbers: NDArray[np.int64]) -> pd.DataFrame:
        """Predict segments.

        Parameters
        ----------
        purchases : DataFrame (N rows)
            As for :meth:`predict`.
        numbers : ndarray of int (N,)
            Segment of each customer, from 1; 0 or below for none.

        Returns
        -------
        DataFrame
            A row for each segment (``number``) and one for all (missing number): ``customers`` that have a prediction,
            mean ``p_alive``, ``purchases`` of all of them, mean ``value`` of a purchase, mean ``clv``, ``clv_total``;
            each with ``_low`` and ``_high``. Those of the two totals hold the chance of single purchases and amounts,
            as the sum of so many customers has it; those of the means are of expectations.
        """
        history = history_of(purchases, Source())
        known = history.known
        own = np.asarray(numbers, np.int64)[known] - 1
        future = predict(
            _columns(history.of(known)), self.draws, self.horizon, self.about.hdi, _or_last(own), chance=True
        )
        k = int(own.max(initial=-1)) + 1
        many = np.bincount(own[own >= 0], minlength=k)
        groups: list[tuple[int | None, int, Array]] = [
            (number + 1, many[number], future.sums[number]) for number in range(k) if many[number]
        ]
        groups.append((None, int(known.sum()), future.sums.sum(axis=0)))
        table = pd.DataFrame([self._segment(*group) for group in groups])
        return table.assign(number=table["number"].astype("Int64"))

    def _segment(self, number: int | None, customers: int, sums: Array) -> dict[str, Any]:
        """A row of segments from draws of sums (6, S)."""
        alive, purchases, value, clv, *variances = sums
        measures = {
            "p_alive": alive / customers,
            "purchases": purchases,
            "value": value / customers,
            "clv": clv / customers,
            "clv_total": clv,
        }
        row: dict[str, Any] = {"number": number, "customers": int(customers)}
        for name, draws in measures.items():
            told = summarise(draws, self.about.hdi)
            row |= {name: float(told.mean), f"{name}_low": float(told.low), f"{name}_high": float(told.high)}
        rng = np.random.default_rng([self.about.seed, number or 0])
        for name, draws, variance in zip(("purchases", "clv_total"), (purchases, clv), variances, strict=True):
            told = summarise(by_chance(draws, variance, rng), self.about.hdi)
            row |= {f"{name}_low": float(told.low), f"{name}_high": float(told.high)}
        return row

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready form; :meth:`from_dict` reads it."""
        hold = self.holdout
        return {
            "format": _FORMAT,
            "section": self.section.model_dump(mode="json"),
            "project": self.about.model_dump(mode="json"),
            "purchases": self.draws.purchases.tolist(),
            "money": None if self.draws.money is None else self.draws.money.tolist(),
            "priors": self.priors.as_dict(),
            "population": self.population.to_dict("list"),
            "trust": self.trust.as_dict(),
            "holdout": None if hold is None else {"table": hold.table.to_dict("list"), "facts": dict(hold.facts)},
            "facts": dict(self.facts),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> FittedClv:
        """The inverse of :meth:`as_dict`; findings stay with the run."""
        section = ClvSection.model_validate(data["section"])
        hold, money = data["holdout"], data["money"]
        return cls(
            section=section,
            about=ProjectSection.model_validate(data["project"]),
            draws=Draws(
                section.model,
                np.asarray(data["purchases"], dtype=float),
                None if money is None else np.asarray(money, dtype=float),
            ),
            priors=Priors.from_dict(data["priors"]),
            population=pd.DataFrame(data["population"]),
            trust=trust_from_dict(data["trust"]),
            holdout=None if hold is None else Holdout(pd.DataFrame(hold["table"]), hold["facts"], ()),
            findings=(),
            facts=data["facts"],
        )


def horizon_of(section: ClvSection) -> Horizon:
    """Months and yearly discount, in days."""
    return Horizon(section.months * DAYS_OF_MONTH, math.log1p(section.discount) / DAYS_OF_YEAR)


def fit_clv(
    purchases: pd.DataFrame,
    section: ClvSection,
    about: ProjectSection,
    *,
    early: Early | None = None,
    source: Source | None = None,
    on_progress: OnProgress | None = None,
) -> FittedClv:
    """Fit a model of lifetime value.

    Parameters
    ----------
    purchases : DataFrame (N rows)
        frequency, recency and age in days, monetary; as ``Customers.purchases``.
    section : ClvSection
        Model, months, discount, unit of time.
    about : ProjectSection
        Interval level, currency, seed.
    early : Early, optional
        Purchases as of an earlier day and what came since, for the holdout check.
    source : Source, optional
        Where purchases are from, for messages.
    on_progress : callable, optional
        Is given a :class:`outlay.sampling.Progress` a few times a second.

    Raises
    ------
    DataError
        K070 where nobody bought again, K072 or K073 where rows cannot be.
    TrustError
        Where a density is not a number wherever its chains may start.
    """
    source = source or Source()
    every = history_of(purchases, source)
    findings = [*check_history(every, source, about.currency)]
    history = every.of(every.known)
    posteriors, priors = _posteriors(history, section, about.seed, on_progress)
    trust = judge(posteriors, history, horizon_of(section))
    holdout = None if early is None else _check(early, section, about, source, on_progress)
    findings += [*check_told(posteriors, source.name), *_of_the_fit(posteriors, trust, history, section, source)]
    if holdout is None:
        findings.append(CATALOGUE.finding("K081", source.name, "the model of purchases was not checked by a holdout"))
    return FittedClv(
        section=section,
        about=about,
        draws=_thinned(posteriors),
        priors=priors,
        population=population(posteriors, section.unit, about.currency, about.hdi),
        trust=trust,
        holdout=holdout,
        findings=tuple(findings),
        facts=_facts(posteriors, history, section),
    )


def _posteriors(
    history: History, section: ClvSection, seed: int, on_progress: OnProgress | None, *, money: bool = True
) -> tuple[tuple[Posterior, ...], Priors]:
    """Of purchases, and of money where it is known and wanted; without it for the check, which few draws do for."""
    paid = history.of(history.valued)
    has_money = money and len(paid.mean) > 0
    priors = priors_for(float(history.age.mean()), float(paid.mean.mean()) if has_money else 1.0)
    cells = purchase_cells(history.frequency, history.recency, history.age)
    paying = money_cells(paid.frequency, paid.mean) if has_money else None
    many = not money or max(len(cells.weight), 0 if paying is None else len(paying.total)) >= MANY_CELLS
    first = sample_purchases(cells, section.model, priors, How(seed, many), on_progress)
    if paying is None:
        return (first,), priors
    return (first, sample_money(paying, priors, How(seed + 7919, many), on_progress)), priors


def _check(
    early: Early, section: ClvSection, about: ProjectSection, source: Source, on_progress: OnProgress | None
) -> Holdout | None:
    """Fit on the earlier day and compare; None where nobody had bought again by then."""
    every = history_of(early.purchases, replace(source, lines=None, word="row"))
    known = every.known
    history = every.of(known)
    if not (history.frequency > 0).any():
        return None
    posteriors, _ = _posteriors(history, section, about.seed + 1, on_progress, money=False)
    kept = replace(early, later=np.asarray(early.later, float)[known])
    asked = (about.hdi, about.seed, source.name)
    return compare(history, kept, _thinned(posteriors), asked)


def _thinned(posteriors: tuple[Posterior, ...]) -> Draws:
    money = posteriors[1].table(PREDICTED_BY) if len(posteriors) > 1 else None
    return Draws(posteriors[0].model, posteriors[0].table(PREDICTED_BY), money)


def _of_the_fit(
    posteriors: tuple[Posterior, ...], trust: Trust, history: History, section: ClvSection, source: Source
) -> list[Finding]:
    found = []
    if not trust.passed:
        found.append(CATALOGUE.finding("K085", source.name, trust.sentence()))
    if posteriors[0].samples.route != "kernel":
        found.append(CATALOGUE.finding("K086", source.name, f"PyMC sampled: {posteriors[0].samples.why}"))
    oldest = float(history.age.max())
    ahead = section.months * DAYS_OF_MONTH
    if ahead > _FAR * oldest:
        what = f"{section.months} months ahead, and the oldest customer is known for {oldest / DAYS_OF_MONTH:.1f}"
        found.append(CATALOGUE.finding("K084", "[customers.clv] months", what))
    return found


def _facts(posteriors: tuple[Posterior, ...], history: History, section: ClvSection) -> dict[str, Any]:
    again = history.frequency > 0
    seconds = {posterior.model: dict(posterior.samples.seconds) for posterior in posteriors}
    return {
        "model": section.model,
        "months": section.months,
        "discount": section.discount,
        "unit": section.unit,
        "customers": len(again),
        "repeat_buyers": int(again.sum()),
        "repeat_purchases": float(history.frequency.sum()),
        "with_money": int(history.valued.sum()),
        "oldest_days": float(history.age.max()),
        "route": posteriors[0].samples.route,
        "seconds": seconds,
        "draws": posteriors[0].samples.chains * posteriors[0].samples.draws,
    }


def _or_last(own: NDArray[np.int64]) -> NDArray[np.int64]:
    """Segments from 0, and customers of none in a segment of their own at the end, so that they are in the total."""
    return np.where(own >= 0, own, own.max(initial=-1) + 1)


def _columns(history: History) -> tuple[Array, Array, Array, Array]:
    return history.frequency, history.recency, history.age, history.mean
