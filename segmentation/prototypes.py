"""k-prototypes as a clustering: gamma with its reason, the fit, and the model that labels new rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from outlay.findings import Finding
from outlay.transforms import Array
from segmentation.catalogue import CATALOGUE
from segmentation.clustering import Assignment, Clustering
from segmentation.config import ClustersSection
from segmentation.mixed import Mixed
from segmentation.prototypes_columns import ORDERED, Columns, drawn_rows
from segmentation.prototypes_lloyd import LIMIT, SHORT, Costs, Lloyd, best_of, finalists, lloyd, starts

QUICK = 2_000
"""Customers on whom starts are made in a resample."""

ONE_SIDED = 10.0
"""How many times as much a feature of one type may set customers apart as one of the other type, on average."""


@dataclass(frozen=True)
class Gamma:
    """What a different category counts.

    Attributes
    ----------
    value : float
        In squared units of a scaled number.
    reason : str
        Where it comes from, in a sentence.
    """

    value: float
    reason: str


def gamma_of(columns: Columns, given: float | None) -> Gamma:
    """The stated gamma, or Huang's (1997, section 4): half the mean standard deviation of the numbers."""
    if given is not None:
        return Gamma(given, f"A different category counts {given:g}, as the project file states.")
    if not len(columns.numbers):
        return Gamma(1.0, "There are no numbers, so that a different category counts 1 (k-modes).")
    value = 0.5 * float(np.sqrt(columns.variance).mean())
    if value <= 0:
        return Gamma(1.0, "The numbers do not vary, so that a different category counts 1 (k-modes).")
    reason = (
        f"A different category counts {value:.2f} of a squared unit of a scaled number: half the mean standard "
        f"deviation of the numbers (Huang 1997). It is as much as two numbers that are {np.sqrt(value):.2f} standard "
        "deviations apart."
    )
    return Gamma(value, reason)


@dataclass(frozen=True, eq=False)
class Prototypes:
    """A fitted k-prototypes. K clusters, P numbers, Q categories.

    Attributes
    ----------
    means : ndarray (K, P)
        Mean of each number, in scaled units.
    modes : ndarray of int16 (K, Q)
        Most frequent level of each category.
    number_cost, mismatch_cost : ndarray (P,), (Q,)
        What a squared difference and a different level cost (gamma and the feature's weight are in the latter).
    gamma : float
    shares : tuple of ndarray (K, levels), one per category
        Part of each cluster that has a level, of those where it is known.
    """

    means: Array
    modes: NDArray[np.int16]
    number_cost: Array
    mismatch_cost: Array
    gamma: float
    shares: tuple[Array, ...]
    method: str = "kprototypes"

    @property
    def k(self) -> int:
        """Number of clusters."""
        return len(self.means)

    @property
    def costs(self) -> Costs:
        """What a difference costs."""
        return Costs(self.number_cost, self.mismatch_cost)

    def assign(self, rows: Mixed) -> Assignment:
        """Put rows to their nearest prototypes."""
        return self.assign_columns(Columns.of(rows))

    def assign_columns(self, columns: Columns) -> Assignment:
        """Put customers to their nearest prototypes; the distance is Huang's."""
        from segmentation.kernel_prototypes import nearest_two

        labels = np.empty(columns.n, np.int32)
        best, second = np.empty(columns.n), np.empty(columns.n)
        means, modes = np.ascontiguousarray(self.means), np.ascontiguousarray(self.modes)
        columns.by_block(
            lambda _, first, last: nearest_two(
                columns.numbers,
                columns.codes,
                first,
                last,
                means,
                modes,
                self.number_cost,
                self.mismatch_cost,
                labels,
                best,
                second,
            )
        )
        return Assignment(labels, best, sureness_of(best, second))

    def reordered(self, order: NDArray[np.int64]) -> Prototypes:
        """The same with cluster ``order[j]`` in place j."""
        shares = tuple(share[order] for share in self.shares)
        return replace(self, means=self.means[order], modes=self.modes[order], shares=shares)

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "method": self.method,
            "means": self.means.tolist(),
            "modes": self.modes.tolist(),
            "number_cost": self.number_cost.tolist(),
            "mismatch_cost": self.mismatch_cost.tolist(),
            "gamma": self.gamma,
            "shares": [share.tolist() for share in self.shares],
        }

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> Self:
        """From what :meth:`as_dict` gave."""
        k, p, q = len(kept["means"]), len(kept["number_cost"]), len(kept["mismatch_cost"])
        return cls(
            np.array(kept["means"], float).reshape(k, p),
            np.array(kept["modes"], np.int16).reshape(k, q),
            np.array(kept["number_cost"], float),
            np.array(kept["mismatch_cost"], float),
            float(kept["gamma"]),
            tuple(np.array(share, float) for share in kept["shares"]),
        )


def sureness_of(best: Array, second: Array) -> Array:
    """1 - nearest / second nearest; 0 where both are at no distance, 1 where there is no second."""
    return 1.0 - np.divide(best, second, out=np.ones_like(best), where=second > 0)


def fit_prototypes(rows: Mixed, section: ClustersSection, k: int, seed: int) -> Clustering:
    """Fit k-prototypes: `section.starts` on a sample, the best few of them on all customers.

    Parameters
    ----------
    rows : Mixed
    section : ClustersSection
        Its ``starts``, ``sample`` and ``gamma``.
    k, seed : int
    """
    columns = Columns.of(rows)
    gamma = gamma_of(columns, section.gamma)
    costs = Costs(rows.number_weights.astype(float), gamma.value * rows.category_weights.astype(float))
    tried = starts(_sampled(rows, columns, section.sample, seed), costs, k, section.starts, seed)
    best = best_of([lloyd(columns, costs, each.centres, LIMIT) for each in finalists(tried)])
    model = Prototypes(
        best.centres.means, best.centres.modes, costs.number, costs.mismatch, gamma.value, shares_of(best, columns)
    )
    facts = _facts(columns, costs, gamma, best, tried) | {"sample": min(columns.n, section.sample)}
    return Clustering(model, model.assign_columns(columns), best.cost, facts, _findings(facts, costs, best, k))


def refit_prototypes(rows: Mixed, section: ClustersSection, k: int, seed: int) -> Prototypes:
    """The model alone, for resamples: `section.starts` on `QUICK` customers, the best few of them on all rows."""
    columns = Columns.of(rows)
    gamma = gamma_of(columns, section.gamma)
    costs = Costs(rows.number_weights.astype(float), gamma.value * rows.category_weights.astype(float))
    tried = starts(_sampled(rows, columns, QUICK, seed), costs, k, section.starts, seed)
    best = best_of([lloyd(columns, costs, each.centres, SHORT) for each in finalists(tried)])
    return Prototypes(best.centres.means, best.centres.modes, costs.number, costs.mismatch, gamma.value, ())


def _sampled(rows: Mixed, columns: Columns, sample: int, seed: int) -> Columns:
    """Customers for the starts: all, or so many drawn without looking at them."""
    return columns if sample >= rows.n > ORDERED else Columns.of(rows.take(drawn_rows(rows, sample, seed)))


def shares_of(best: Lloyd, columns: Columns) -> tuple[Array, ...]:
    """Part of each cluster by level, one (K, levels) per category; 0 where nobody has a level."""
    found = []
    for low, high in pairwise(columns.offsets):
        counts = np.maximum(best.counts[:, low:high], 0.0)
        total = counts.sum(1, keepdims=True)
        found.append(np.divide(counts, total, out=np.zeros_like(counts), where=total > 0))
    return tuple(found)


def spread_by_type(columns: Columns, costs: Costs) -> tuple[float, float]:
    """Cost of a single cluster, by numbers and by categories: how far customers are apart before any clustering."""
    (seen, _, _), counts = columns.moments
    numbers = float((costs.number * seen * columns.variance).sum())
    return numbers, _mismatches(counts[None], columns.offsets, costs)


def _mismatches(counts: Array, offsets: NDArray[np.int64], costs: Costs) -> float:
    """Cost of categories, from weights by cluster and level (K, levels)."""
    parts = [counts[:, low:high] for low, high in pairwise(offsets)]
    other = [float((part.sum(1) - part.max(1, initial=0.0)).sum()) for part in parts]
    return float(costs.mismatch @ np.array(other)) if other else 0.0


def _facts(columns: Columns, costs: Costs, gamma: Gamma, best: Lloyd, tried: Sequence[Lloyd]) -> dict[str, Any]:
    numbers, categories = spread_by_type(columns, costs)
    left = min(_mismatches(best.counts, columns.offsets, costs), best.cost)
    return {
        "gamma": gamma.value,
        "gamma_reason": gamma.reason,
        "steps": best.steps,
        "moved": best.moved,
        "reseeded": best.reseeded,
        "starts": [each.cost for each in tried],
        "spread_numbers": numbers,
        "spread_categories": categories,
        "cost_numbers": best.cost - left,
        "cost_categories": left,
        "explained": 1.0 - best.cost / (numbers + categories) if numbers + categories > 0 else 0.0,
    }


def _each(facts: Mapping[str, Any], costs: Costs) -> dict[str, float]:
    """Spread of a feature by type, on average over those that count; 0 where there is none."""
    pairs = (("number", "spread_numbers", costs.number), ("category", "spread_categories", costs.mismatch))
    return {kind: facts[name] / max(int((weights > 0).sum()), 1) for kind, name, weights in pairs}


def _findings(facts: Mapping[str, Any], costs: Costs, best: Lloyd, k: int) -> tuple[Finding, ...]:
    found = []
    each = _each(facts, costs)
    for kind, other in (("number", "category"), ("category", "number")):
        if each[kind] > ONE_SIDED * each[other] > 0:
            what = f"on average, a {kind} sets customers {each[kind] / each[other]:.0f} times as far apart as a {other}"
            found.append(CATALOGUE.finding("K033", "[customers.clusters] gamma", what))
    if best.moved and best.steps >= LIMIT:
        what = f"{best.moved:,} customers still moved in the last of {best.steps} steps"
        found.append(CATALOGUE.finding("K034", f"k = {k}", what))
    left = int((best.mass > 0).sum())
    if left < k:
        found.append(CATALOGUE.finding("K046", f"k = {k}", f"{k - left} of {k} clusters ended without customers"))
    return tuple(found)
