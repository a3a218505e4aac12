"""Drivers of value: which features and programmes go with what customers spend, and what is association only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from outlay import style
from outlay.findings import Finding
from outlay.transforms import Array
from segmentation.catalogue import CATALOGUE
from segmentation.config import CustomersSection
from segmentation.customers import Customers
from segmentation.drivers_learn import Learnt, importance, learn, metrics
from segmentation.drivers_partial import partial_effects
from segmentation.drivers_table import driver_table
from segmentation.effects import EffectFound, effect_of

SAMPLE = 20_000
"""Customers that drivers are learnt from."""
FEWEST = 100
_NAMED = 3

IMPORTANCE = ["number", "feature", "importance", "low", "high", "unit"]
PARTIAL = ["feature", "level", "x", "effect", "low", "high", "customers", "unit"]
METRICS = ["number", "measure", "value", "low", "high", "customers"]


@dataclass(frozen=True, eq=False)
class Drivers:
    """What goes with value.

    Attributes
    ----------
    importance : DataFrame
        As :func:`segmentation.drivers_learn.importance`: ``number`` (missing for all), ``feature``, ``importance``,
        ``low``, ``high``, ``unit``.
    partial : DataFrame
        As :func:`segmentation.drivers_partial.partial_effects`: ``feature``, ``level``, ``x``, ``effect``, ``low``,
        ``high``, ``customers``, ``unit``.
    metrics : DataFrame
        As :func:`segmentation.drivers_learn.metrics`: ``number``, ``measure``, ``value``, ``low``, ``high``,
        ``customers``.
    effects : DataFrame
        As :func:`segmentation.effects.effect_of`: ``number``, ``programme``, ``customers``, ``participants``,
        ``effect``, ``low``, ``high``, ``unit``, ``positive``.
    facts : mapping of str to Any
        JSON-ready: customers, features, columns adjusted for, spreads.
    sentences : tuple of str
        What all this says, and what of it is no cause.
    findings : tuple of Finding
    """

    importance: pd.DataFrame
    partial: pd.DataFrame
    metrics: pd.DataFrame
    effects: pd.DataFrame
    facts: Mapping[str, Any]
    sentences: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables that hold anything, by name."""
        found = {
            "importance": self.importance,
            "partial": self.partial,
            "metrics": self.metrics,
            "effects": self.effects,
        }
        return {name: table for name, table in found.items() if len(table)}


def drivers(
    customers: Customers,
    numbers: NDArray[np.integer[Any]],
    section: CustomersSection,
    names: Mapping[int, str],
    seed: int,
    level: float,
) -> Drivers | None:
    """Find what goes with value, over all customers and by segment.

    Parameters
    ----------
    customers : Customers
    numbers : ndarray of int (N,)
        Segment of each customer, from 1.
    section : CustomersSection
    names : mapping of int to str
        Of the segments, for sentences.
    seed : int
    level : float
        Probability of intervals.

    Returns
    -------
    Drivers or None
        None where no value is named.

    Raises
    ------
    ConfigError
        Where ``[customers.drivers]`` names what is not there.
    DataError
        K063, where a programme is not 0 or 1.
    """
    if customers.value is None:
        return None
    value = np.asarray(customers.value, dtype=float)
    place = np.asarray(numbers, dtype=np.intp) - 1
    rows, findings = _sample(customers, value, seed)
    table, told = driver_table(customers, section, rows, value[rows])
    findings += told
    found = effect_of(customers, np.asarray(numbers, dtype=np.intp), section, names, level, seed)
    findings += found.findings
    facts: dict[str, Any] = {"customers": len(rows), "features": list(table.features), **found.facts}
    if len(rows) < FEWEST or not table.features:
        what = f"{len(rows)} customers with a value and {len(table.features)} columns; {FEWEST} are needed, and one"
        findings.append(CATALOGUE.finding("K061", customers.source, what))
        none = [pd.DataFrame(columns=columns) for columns in (IMPORTANCE, PARTIAL, METRICS)]
        return Drivers(none[0], none[1], none[2], found.table, facts, found.sentences, tuple(findings))
    learnt = learn(table, value[rows], customers.weight[rows], place[rows], seed)
    return _learnt(customers, learnt, found, facts, findings, seed, level)


def _sample(customers: Customers, value: Array, seed: int) -> tuple[NDArray[np.intp], list[Finding]]:
    """Customers with a value, a sample of them where they are many."""
    known = np.flatnonzero(~np.isnan(value))
    if len(known) <= SAMPLE:
        return known, []
    rows = np.sort(np.random.default_rng(seed).choice(known, SAMPLE, replace=False))
    what = f"{SAMPLE:,} of {len(known):,} customers with a value, drawn by the seed"
    return rows, [CATALOGUE.finding("K058", customers.source, what)]


def _learnt(
    customers: Customers,
    learnt: Learnt,
    found: EffectFound,
    facts: Mapping[str, Any],
    findings: list[Finding],
    seed: int,
    level: float,
) -> Drivers:
    """Everything that the models say."""
    good = metrics(learnt, level)
    ranked = importance(learnt, level, seed)
    curves = partial_effects(learnt, customers.units, level)
    best = _best_measure(good)
    if not best["low"] > 0:
        what = f"{best['measure']} on customers that were not learnt from: {best['value']:.2f} ({best['low']:.2f} to "
        findings.append(CATALOGUE.finding("K060", customers.source, f"{what}{best['high']:.2f})"))
    said = (*_sentences(customers, ranked, best, level), *found.sentences)
    return Drivers(ranked[IMPORTANCE], curves[PARTIAL], good[METRICS], found.table, facts, said, tuple(findings))


def _best_measure(good: pd.DataFrame) -> dict[Any, Any]:
    """What was learnt with, over all customers: the deviance where that is the loss, else R2."""
    overall = good[good["number"].isna()].set_index("measure", drop=False)
    name = "deviance explained" if "deviance explained" in overall.index else "R2"
    return dict(overall.loc[name].to_dict())


def _sentences(customers: Customers, ranked: pd.DataFrame, best: dict[Any, Any], level: float) -> tuple[str, ...]:
    value = customers.value_name or "value"
    told = (
        f"Of what differs in {value} between customers, {style.percent(best['value'], 0)} is predicted for customers "
        f"that were not learnt from ({level:.0%} interval {style.percent(best['low'], 0)} to "
        f"{style.percent(best['high'], 0)})."
    )
    if not best["low"] > 0:
        return (told, "So little is no ground for a list of drivers: what follows may be chance.")
    top = ranked[ranked["number"].isna() & (ranked["low"] > 0)].head(_NAMED)
    if top.empty:
        return (told, "No single column matters surely: columns that go together stand in for each other.")
    names = ", ".join(f"{row['feature']} ({style.percent(row['importance'], 0)})" for row in top.to_dict("records"))
    cause = (
        "These are associations: who has more of a column spends more or less, and changing the column need not change "
        "what is spent. Columns that go together share their importance."
    )
    return (told, f"Most of it goes with {names}.", cause)
