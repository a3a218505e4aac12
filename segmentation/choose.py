"""How many segments: every candidate judged in five ways, and a recommendation with its reason in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from outlay.errors import DataError
from outlay.findings import Finding
from outlay.transforms import Array
from segmentation.catalogue import CATALOGUE
from segmentation.choose_rule import CRITERION, WEAK, Pick, recommend
from segmentation.clusterers import check_rows, distinct_rows, fit_clusters
from segmentation.config import ClustersSection
from segmentation.mixed import Mixed
from segmentation.prototypes_columns import drawn_rows
from segmentation.silhouette import silhouette
from segmentation.stability import TRUSTED, stability

OnStep = Callable[[int, int], None]
"""Is given how many candidates are done, and of how many."""

LARGEST = {"gaussian": 5_000, "agglomerative": 4_000}
"""Customers whom a candidate is fitted on, where the method cannot take the sample."""


@dataclass(frozen=True, eq=False)
class Choice:
    """How many segments, and why.

    Attributes
    ----------
    table : DataFrame
        One row per candidate: ``k``, ``cost`` (the method's own, per customer), ``explained`` (part of the spread;
        k-prototypes), ``elbow`` (how far the cost lies below the straight line between the first and the last
        candidate, 0 to 1), ``silhouette`` and ``silhouette_error``, ``bic`` (mixtures), ``stability`` (mean over
        segments) and ``stability_low`` (the least stable segment), ``smallest_share``, ``allowed``, ``why`` (what
        speaks against it, or for it), ``chosen``.
    k : int
        The recommendation.
    reason : str
        In a sentence or three.
    facts : dict
        JSON-ready: customers and resamples that it rests on, the criterion.
    findings : tuple of Finding
    """

    table: pd.DataFrame
    k: int
    reason: str
    facts: dict[str, Any]
    findings: tuple[Finding, ...]

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        from outlay.html_table import html_table
        from segmentation.shown import choice_table

        return html_table(choice_table(self))


def choose_k(rows: Mixed, section: ClustersSection, seed: int, on_progress: OnStep | None = None) -> Choice:
    """Judge every number of segments among the candidates, on a sample.

    Parameters
    ----------
    rows : Mixed
    section : ClustersSection
        Its candidates, ceiling, smallest share, sample, bootstraps and method.
    seed : int
    on_progress : callable, optional
        Is given ``(done, total)`` after each candidate.

    Raises
    ------
    DataError
        Where not even the least candidate can be fitted.
    """
    findings = list(check_rows(rows, section.candidates[0]))
    tried, cut = _candidates(rows, section)
    findings += cut
    size = min(section.sample, LARGEST.get(section.method, section.sample))
    some = rows.take(drawn_rows(rows, size, seed))
    told = on_progress or (lambda done, total: None)
    judged, seen = [], {}
    for done, k in enumerate(tried, 1):
        row, found = _judged(some, section, k, seed)
        judged.append(row)
        seen.update({finding.id: finding for finding in found})
        told(done, len(tried))
    table = pd.DataFrame(judged)
    table["elbow"] = elbow(table["k"].to_numpy(float), table["cost"].to_numpy(float))
    pick = recommend(table, section)
    table = table.assign(allowed=pick.allowed, why=pick.why, chosen=table["k"] == pick.k)
    facts = {
        "criterion": CRITERION.get(section.method, "finest"),
        "customers": some.n,
        "resamples": section.bootstraps,
        "trusted": TRUSTED,
        "ceiling": section.ceiling,
        "min_share": section.min_share,
    }
    findings += [*_of_choice(table, section, pick), *seen.values()]
    return Choice(table[list(_COLUMNS)], pick.k, pick.reason, facts, tuple(findings))


_COLUMNS = (
    "k",
    "cost",
    "explained",
    "elbow",
    "silhouette",
    "silhouette_error",
    "bic",
    "stability",
    "stability_low",
    "smallest_share",
    "allowed",
    "why",
    "chosen",
)


def elbow(k: Array, cost: Array) -> Array:
    """How far each cost lies below the straight line from the first to the last, as part of the fall.

    The knee of Satopää et al. (2011), *Finding a "kneedle" in a haystack*, without smoothing: 0 at both ends.
    """
    fall = cost[0] - cost[-1]
    if len(k) < 3 or fall <= 0:
        return np.zeros(len(k))
    return (cost[0] - cost) / fall - (k - k[0]) / (k[-1] - k[0])


def _candidates(rows: Mixed, section: ClustersSection) -> tuple[list[int], list[Finding]]:
    """The numbers of segments that can be tried, and what was cut off."""
    low, high = section.candidates
    most, why = high, ""
    if section.ceiling is not None and section.ceiling < most:
        most, why = section.ceiling, f"the ceiling is {section.ceiling}"
    different = distinct_rows(rows, high + 1)
    if different < most:
        most, why = different, f"only {different} customers differ"
    if most < low:
        what = f"the least candidate is {low}, but {why}"
        raise DataError([CATALOGUE.finding("K047", "[customers.clusters] candidates", what)])
    if most == high:
        return list(range(low, high + 1)), []
    cut = f"{high}" if most + 1 == high else f"{most + 1} to {high}"
    what = f"{cut} segments were not tried: {why}"
    return list(range(low, most + 1)), [CATALOGUE.finding("K044", "[customers.clusters] candidates", what)]


def _judged(rows: Mixed, section: ClustersSection, k: int, seed: int) -> tuple[dict[str, Any], tuple[Finding, ...]]:
    """One row of the table, and what the fit tells."""
    found = fit_clusters(rows, section, k, seed)
    share = np.bincount(found.labels, rows.weight, k) / rows.weight.sum()
    shape = silhouette(rows, found.labels, k, seed, section.gamma)
    steady = stability(rows, found.labels, section, k, seed)
    row = {
        "k": k,
        "cost": found.cost / float(rows.weight.sum()),
        "explained": found.facts.get("explained", np.nan),
        "silhouette": shape.mean,
        "silhouette_error": shape.error,
        "bic": found.facts.get("bic", np.nan),
        "stability": steady.mean,
        "stability_low": steady.low,
        "smallest_share": float(share.min()),
    }
    return row, found.findings


def _of_choice(table: pd.DataFrame, section: ClustersSection, pick: Pick) -> list[Finding]:
    """What has to be said about the recommendation."""
    found, where = [], "[customers.clusters]"
    if not any(pick.allowed):
        found.append(CATALOGUE.finding("K040", where, pick.reason))
    chosen = table.loc[table["k"] == pick.k].iloc[0]
    if pick.k == table["k"].max() and len(table) > 1 and (section.ceiling is None or pick.k < section.ceiling):
        what = f"{pick.k} segments are recommended, the most that were tried"
        found.append(CATALOGUE.finding("K041", f"{where} candidates", what))
    if chosen["silhouette"] < WEAK:
        what = f"the mean silhouette of {pick.k} segments is {chosen['silhouette']:.2f}"
        found.append(CATALOGUE.finding("K042", where, what))
    return found
