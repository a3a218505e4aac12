"""The leakage guard: features that know the outcome because they were written after it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attribution.catalogue import CATALOGUE
from attribution.scores_features import Encoder, Feature, Matrix
from outlay.findings import Finding
from outlay.transforms import Array

DECIDES, SUSPECT = 0.95, 0.78
"""AUC of a feature alone from which it is an error, and from which it is a warning."""

_BINS = 20
_RARELY_FILLED, _OFTEN_FILLED = 0.005, 0.5


@dataclass(frozen=True)
class Alone:
    """What a feature tells by itself.

    Attributes
    ----------
    name : str
    auc : float
        Of the outcome's rate by level or twentieth, learnt on every second lead and judged on the others.
    filled_good, filled_bad : float
        Share of leads that have it, among those that converted and the others.
    """

    name: str
    auc: float
    filled_good: float
    filled_bad: float


def alone(encoder: Encoder, matrix: Matrix, outcome: Array) -> Iterator[Alone]:
    """What each feature tells by itself, in the encoder's order."""
    for j, feature in enumerate(encoder.features):
        column = matrix[:, j]
        filled = _filled(column, feature)
        yield Alone(
            feature.name,
            auc_alone(_binned(column, feature), outcome),
            float(filled[outcome == 1].mean()),
            float(filled[outcome == 0].mean()),
        )


def auc_alone(level: NDArray[np.int64], outcome: Array) -> float:
    """AUC of the rate by level, learnt on every second lead and judged on the rest."""
    size, learn = int(level.max()) + 1, np.arange(len(level)) % 2 == 0
    good, every = (
        np.bincount(level[learn], weights=w[learn], minlength=size) for w in (outcome, np.ones_like(outcome))
    )
    overall = outcome[learn].mean()
    rate = (good + overall) / (every + 1)
    return auc_of(rate[level[~learn]], outcome[~learn])


def auc_of(score: Array, outcome: Array) -> float:
    """Probability that a lead that converted scores above one that did not, ties counting half."""
    from scipy.stats import rankdata

    good = int(outcome.sum())
    bad = len(outcome) - good
    if not good or not bad:
        return float("nan")
    ranks = rankdata(score)
    return float((ranks[outcome == 1].sum() - good * (good + 1) / 2) / (good * bad))


def leaks(encoder: Encoder, matrix: Matrix, outcome: Array, where: str, keep: Sequence[str] = ()) -> list[Finding]:
    """Findings about features that nearly decide the outcome, or are filled in only after it."""
    findings = []
    for found in alone(encoder, matrix, outcome):
        if found.name in keep:
            continue
        place = f"{where}, column {found.name}" if where else f"column {found.name}"
        repair = (
            f"Add {found.name!r} to [score] exclude. If it is known on the day a lead is made, add it to [score] keep."
        )
        if found.auc >= DECIDES:
            what = f"alone it nearly decides the outcome: AUC {found.auc:.3f} (limit {DECIDES:g})"
            findings.append(CATALOGUE.finding("S002", place, what, repair))
        elif found.filled_bad <= _RARELY_FILLED and found.filled_good >= _OFTEN_FILLED:
            what = (
                f"it is filled for {found.filled_good:.0%} of the leads that converted and for "
                f"{found.filled_bad:.1%} of the others: it is written after the outcome"
            )
            findings.append(CATALOGUE.finding("S003", place, what, repair))
        elif found.auc >= SUSPECT:
            what = f"alone it tells good leads from bad with an AUC of {found.auc:.3f}; few things known beforehand do"
            findings.append(CATALOGUE.finding("S004", place, what, repair))
    return findings


def _filled(column: Matrix, feature: Feature) -> NDArray[np.bool_]:
    from attribution.leads import MISSING_LEVEL

    if feature.kind == "category":
        gap = feature.levels.index(MISSING_LEVEL) if MISSING_LEVEL in feature.levels else -1
        return np.asarray(column != gap)
    return ~np.isnan(column)


def _binned(column: Matrix, feature: Feature) -> NDArray[np.int64]:
    """Level of a category, twentieth of a number; missing is a level of its own."""
    if feature.kind == "category":
        return np.where(np.isnan(column), len(feature.levels), column).astype(np.int64)
    known = column[~np.isnan(column)]
    edges = np.unique(np.quantile(known, np.linspace(0, 1, _BINS + 1)[1:-1])) if len(known) else np.empty(0)
    return np.where(np.isnan(column), len(edges) + 1, np.searchsorted(edges, column, side="right")).astype(np.int64)
