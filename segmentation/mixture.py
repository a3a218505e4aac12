"""The latent-class mixture as a clustering: soft membership, and BIC to choose the number of clusters by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from outlay.compiled import on_cores
from outlay.findings import Finding
from segmentation.catalogue import CATALOGUE
from segmentation.clustering import Assignment, Clustering
from segmentation.config import ClustersSection
from segmentation.mixed import Mixed
from segmentation.mixture_em import (
    FLOOR,
    LIMIT,
    Em,
    Parameters,
    Prior,
    best_of,
    climb,
    compiled_form,
    ordered,
    smoothed,
)
from segmentation.prototypes import gamma_of
from segmentation.prototypes_columns import Columns, drawn_rows
from segmentation.prototypes_lloyd import Costs, lloyd, seeds

SHORT = 25
"""EM steps of a start before the best goes on (Biernacki, Celeux & Govaert 2003: short runs, then one long)."""

QUICK = 50
"""Steps of a refit on resampled customers."""


@dataclass(frozen=True, eq=False)
class Mixture:
    """A fitted mixture. K clusters, P numbers, L levels of Q categories, of the features that count.

    Attributes
    ----------
    parameters : Parameters
    offsets : ndarray of int64 (Q + 1,)
        Where the levels of each category begin.
    use_numbers, use_categories : ndarray of bool
        Which features of the rows count: those whose weight is above 0.
    """

    parameters: Parameters
    offsets: NDArray[np.int64]
    use_numbers: NDArray[np.bool_]
    use_categories: NDArray[np.bool_]
    method: str = "mixture"

    @property
    def k(self) -> int:
        """Number of clusters."""
        return self.parameters.k

    def assign(self, rows: Mixed) -> Assignment:
        """Put rows to their most probable cluster; the distance is minus the log density there."""
        from segmentation.kernel_mixture import membership

        columns = Columns.of(_used(rows, self.use_numbers, self.use_categories))
        belongs, evidence = np.empty((columns.n, self.k)), np.empty(columns.n)
        form = compiled_form(self.parameters)
        columns.by_block(
            lambda _, first, last: membership(
                columns.numbers, columns.codes, first, last, *form, self.offsets, belongs, evidence
            )
        )
        labels = belongs.argmax(1).astype(np.int32)
        own = np.take_along_axis(belongs, labels[:, None].astype(np.int64), 1)[:, 0]
        distance = np.log(self.parameters.share)[labels] - np.log(own) - evidence
        return Assignment(labels, distance, own, belongs)

    def reordered(self, order: NDArray[np.int64]) -> Mixture:
        """The same with cluster ``order[j]`` in place j."""
        return replace(self, parameters=ordered(self.parameters, [int(place) for place in order]))

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        at = self.parameters
        return {
            "method": self.method,
            "share": at.share.tolist(),
            "means": at.means.tolist(),
            "variances": at.variances.tolist(),
            "levels": at.levels.tolist(),
            "offsets": self.offsets.tolist(),
            "use_numbers": self.use_numbers.tolist(),
            "use_categories": self.use_categories.tolist(),
        }

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> Self:
        """From what :meth:`as_dict` gave."""
        share = np.array(kept["share"], float)
        use_numbers, offsets = np.array(kept["use_numbers"], bool), np.array(kept["offsets"], np.int64)
        p, levels = int(use_numbers.sum()), int(offsets[-1])
        parameters = Parameters(
            share,
            np.array(kept["means"], float).reshape(len(share), p),
            np.array(kept["variances"], float).reshape(len(share), p),
            np.array(kept["levels"], float).reshape(len(share), levels),
        )
        return cls(parameters, offsets, use_numbers, np.array(kept["use_categories"], bool))


def fit_mixture(rows: Mixed, section: ClustersSection, k: int, seed: int) -> Clustering:
    """Fit the mixture: short runs from `section.starts` on a sample, the best of them to its end on all customers.

    Parameters
    ----------
    rows : Mixed
    section : ClustersSection
        Its ``starts``, ``sample``, and ``gamma`` (which only starts use).
    k, seed : int
    """
    use = rows.number_weights > 0, rows.category_weights > 0
    used = _used(rows, *use)
    columns = Columns.of(used)
    prior = Prior.of(columns)
    drawn = drawn_rows(used, section.sample, seed)
    some = Columns.of(used.take(drawn))
    found = best_of(_starts(some, prior, section, k, seed))
    found = climb(some, found.parameters, prior, LIMIT)
    if some.n < columns.n:
        found = climb(columns, found.parameters, prior, LIMIT)
    by_mass = np.argsort(-found.mass, kind="stable")
    model = Mixture(ordered(found.parameters, [int(c) for c in by_mass]), columns.offsets, *use)
    customers = float(columns.weight.sum())
    free = free_parameters(k, len(columns.numbers), columns.offsets)
    facts = {
        "log_likelihood": found.log_likelihood,
        "bic": -2.0 * found.log_likelihood + free * float(np.log(customers)),
        "parameters": free,
        "steps": len(found.path) - 1,
        "converged": found.converged,
        "starts": section.starts,
        "sample": some.n,
    }
    findings = _findings(rows, found, prior, k)
    return Clustering(model, model.assign(rows), -found.log_likelihood, facts, findings)


def refit_mixture(rows: Mixed, section: ClustersSection, k: int, seed: int) -> Mixture:
    """The model alone, of all rows and with at most `QUICK` steps: labels are settled long before the likelihood is."""
    use = rows.number_weights > 0, rows.category_weights > 0
    columns = Columns.of(_used(rows, *use))
    prior = Prior.of(columns)
    found = best_of(_starts(columns, prior, section, k, seed))
    found = climb(columns, found.parameters, prior, limit=QUICK)
    return Mixture(found.parameters, columns.offsets, *use)


def free_parameters(k: int, numbers: int, offsets: NDArray[np.int64]) -> int:
    """Free parameters: shares, two for each number, and levels but one for each category."""
    levels = int(np.maximum(np.diff(offsets) - 1, 0).sum())
    return k - 1 + k * (2 * numbers + levels)


def _used(rows: Mixed, numbers: NDArray[np.bool_], categories: NDArray[np.bool_]) -> Mixed:
    """The rows with those features alone that count."""
    if numbers.all() and categories.all():
        return rows
    return Mixed(
        np.ascontiguousarray(rows.numbers[:, numbers]),
        np.ascontiguousarray(rows.codes[:, categories]),
        tuple(names for names, use in zip(rows.levels, categories, strict=True) if use),
        rows.weight,
        tuple(name for name, use in zip(rows.numeric, numbers, strict=True) if use),
        tuple(name for name, use in zip(rows.categorical, categories, strict=True) if use),
        rows.number_weights[numbers],
        rows.category_weights[categories],
    )


def _starts(columns: Columns, prior: Prior, section: ClustersSection, k: int, seed: int) -> list[Em]:
    """Short runs of EM, each from a k-means++ start and two of Lloyd's steps."""
    gamma = gamma_of(columns, section.gamma).value
    costs = Costs(np.ones(len(columns.numbers)), np.full(len(columns.codes), gamma))
    streams = np.random.SeedSequence(seed).spawn(section.starts)

    def one(number: int) -> Em:
        near = lloyd(columns, costs, seeds(columns, costs, k, np.random.default_rng(streams[number])), limit=2)
        share = (near.mass + 1.0) / (near.mass.sum() + k)
        variances = np.tile(prior.variances, (k, 1))
        begin = Parameters(share, near.centres.means, variances, smoothed(near.counts, columns, prior))
        return climb(columns, begin, prior, limit=SHORT)

    return on_cores(one, section.starts)


def _findings(rows: Mixed, found: Em, prior: Prior, k: int) -> tuple[Finding, ...]:
    told, where = [], "[customers.clusters]"
    partial = [
        name
        for name, weight in zip(
            (*rows.numeric, *rows.categorical), (*rows.number_weights, *rows.category_weights), strict=True
        )
        if weight not in (0.0, 1.0)
    ]
    if partial:
        what = f"the weights of {', '.join(partial)} are taken as 1"
        told.append(CATALOGUE.finding("K039", f"{where} weights", what))
    if not found.converged:
        what = f"EM still gained after {len(found.path) - 1} steps"
        told.append(CATALOGUE.finding("K043", f"k = {k}", what))
    held = found.parameters.variances <= FLOOR * prior.variances * (1 + 1e-9)
    low = np.logical_or.reduce(held, axis=0)
    if low.any():
        used = [name for name, weight in zip(rows.numeric, rows.number_weights, strict=True) if weight > 0]
        names = ", ".join(name for name, is_low in zip(used, low, strict=True) if is_low)
        told.append(CATALOGUE.finding("K045", names, f"nearly all customers of a segment share one value of {names}"))
    return tuple(told)
