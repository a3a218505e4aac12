"""The check of a model of purchases: fitted on the first part of the time, it predicts the last part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from outlay.findings import Finding
from outlay.transforms import Array
from segmentation.catalogue import CATALOGUE
from segmentation.clv_checks import History
from segmentation.clv_future import Draws, class_moments

CLASSES = 7
"""Customers with this many repeat purchases or more are one class."""

_BIAS = 0.15
"""Relative error of the total from which on the model is told to fail."""

_REPLICATES = 20
"""Random numbers of purchases for each draw of the parameters."""


@dataclass(frozen=True, eq=False)
class Early:
    """Purchases as they were known on an earlier day, and what came since.

    Attributes
    ----------
    purchases : DataFrame (N rows)
        As ``Customers.purchases`` of that day.
    later : ndarray (N,)
        Days with a purchase since then, of the same customers.
    days : float
        How long that is.
    """

    purchases: pd.DataFrame
    later: Array
    days: float


@dataclass(frozen=True, eq=False)
class Holdout:
    """What the last part of the time says of the model.

    Attributes
    ----------
    table : DataFrame
        By repeat purchases before (``frequency``: ``"0"`` to ``"7+"``, ``"all"`` last): customers, and per customer
        the actual purchases, those expected, low and high. Intervals hold the chance of single purchases too, and not
        only what is not known of the parameters.
    facts : mapping
        ``days`` predicted, ``customers``, ``actual``, ``expected``, ``low``, ``high``, ``bias`` (relative error of the
        total), ``inside`` (share of the classes whose number lies in its interval), ``passed``, and ``sentence``: what
        that says of the values, and what to do. Purchases are totals.
    findings : tuple of Finding
    """

    table: pd.DataFrame
    facts: Mapping[str, Any]
    findings: tuple[Finding, ...]


def compare(history: History, early: Early, draws: Draws, asked: tuple[float, int, str]) -> Holdout:
    """Compare what was predicted on the earlier day with what came.

    Parameters
    ----------
    history : History
        Of the earlier day, customers with a purchase only.
    early : Early
        With the purchases that came of these customers.
    draws : Draws
        Of the model fitted on that history.
    asked : tuple of float, int and str
        Probability of intervals, seed, table's name.
    """
    level, seed, where = asked
    kinds = np.minimum(history.frequency, CLASSES).astype(np.int64)
    own = (history.frequency, history.recency, history.age)
    mean, variance = class_moments(own, draws, early.days, kinds)
    many = np.bincount(kinds, minlength=len(mean))
    actual = np.bincount(kinds, early.later, minlength=len(mean))
    names = [f"{k}+" if k == CLASSES else str(k) for k in range(len(mean))]
    rows = [
        _row(names[k], (many[k], actual[k]), (mean[k], variance[k]), level, np.random.default_rng([seed, k]))
        for k in map(int, np.flatnonzero(many))
    ]
    total = (mean.sum(axis=0), variance.sum(axis=0))
    rows.append(_row("all", (many.sum(), actual.sum()), total, level, np.random.default_rng([seed, len(mean)])))
    totals = pd.DataFrame(rows)
    facts = _facts(totals, early.days)
    per = ["actual", "expected", "low", "high"]
    table = totals.assign(**totals[per].div(totals["customers"], axis=0))
    return Holdout(table, facts, () if facts["passed"] else (_failed(facts, where),))


def _row(
    name: str, seen: tuple[float, float], moments: tuple[Array, Array], level: float, rng: np.random.Generator
) -> dict[str, Any]:
    """A class: a gamma distribution has the mean and variance of its number of purchases under each draw."""
    mean, variance = moments
    drawn = by_chance(mean, variance, rng)
    low, high = np.quantile(drawn, [0.5 - 0.5 * level, 0.5 + 0.5 * level])
    customers, actual = seen
    return {
        "frequency": name,
        "customers": int(customers),
        "actual": float(actual),
        "expected": float(mean.mean()),
        "low": float(low),
        "high": float(high),
    }


def by_chance(mean: Array, variance: Array, rng: np.random.Generator) -> Array:
    """Numbers that may come, (draws times replicates,): gamma, with the mean and variance under each draw (S,)."""
    if np.isnan(mean).any():
        return mean
    safe = np.maximum(mean, 1e-12)
    spread = np.maximum(variance, 1e-12) / safe
    return rng.gamma(np.tile(safe / spread, _REPLICATES), np.tile(spread, _REPLICATES))


def _facts(table: pd.DataFrame, days: float) -> dict[str, Any]:
    last, classes = table.iloc[-1], table.iloc[:-1]
    # numbers of purchases are whole: an interval holds those that round into it
    inside = (classes["actual"] >= np.floor(classes["low"])) & (classes["actual"] <= np.ceil(classes["high"]))
    actual, expected = float(last["actual"]), float(last["expected"])
    bias = (expected - actual) / actual if actual > 0 else float("inf")
    within = float(np.floor(last["low"])) <= actual <= float(np.ceil(last["high"]))
    found = {
        "days": days,
        "customers": int(last["customers"]),
        "actual": actual,
        "expected": expected,
        "low": float(last["low"]),
        "high": float(last["high"]),
        "bias": bias if np.isfinite(bias) else None,
        "inside": float(inside.mean()),
        "passed": bool(within or abs(bias) < _BIAS),
    }
    return found | {"sentence": _sentence(found, within)}


def _sentence(facts: Mapping[str, Any], within: bool) -> str:
    """What the check says of the values beside it."""
    said = (
        f"Asked about the last {facts['days']:.0f} days, which it had not seen, the model expected "
        f"{facts['expected']:,.0f} repeat purchases and {facts['actual']:,.0f} came"
    )
    if within:
        return f"{said}: no more apart than chance makes it."
    if facts["bias"] is None:
        return f"{said}: do not plan by these values."
    few = facts["bias"] < 0
    said += f", {abs(facts['bias']):.0%} too {'few' if few else 'many'}"
    if facts["passed"]:
        return f"{said}: more than chance makes it, and little. Values to come may be off as much."
    return (
        f"{said}. Intervals do not hold such an error. Compare customers and segments by these values; before money is "
        f"planned by them, ask whether those days were a season (then check over a whole year) or trade is "
        f"{'growing' if few else 'shrinking'} (then expect {'more' if few else 'less'} than they say)."
    )


def _failed(facts: Mapping[str, Any], where: str) -> Finding:
    off = "" if facts["bias"] is None else f" ({facts['bias']:+.0%})"
    what = (
        f"in the last {facts['days']:.0f} days {facts['actual']:,.0f} repeat purchases came, and "
        f"{facts['expected']:,.0f} ({facts['low']:,.0f} to {facts['high']:,.0f}) were predicted{off}"
    )
    return CATALOGUE.finding("K080", where, what)
