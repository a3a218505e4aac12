"""Customers put to the segments of a kept model, and which of them are like none of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from outlay.findings import Finding
from outlay.places import place
from outlay.transforms import Array
from segmentation.catalogue import CATALOGUE
from segmentation.clustering import Assignment, ClusterModel
from segmentation.customers import Customers
from segmentation.drift import FAR, DriftReference
from segmentation.mixed import Mixed
from segmentation.prepare import Preparation

_RARE = 0.001
"""Probability below which that many far customers are no chance."""


@dataclass(frozen=True, eq=False)
class Assigned:
    """Customers in the segments of a kept model. N customers.

    Attributes
    ----------
    numbers : ndarray of int (N,)
        Segment of each, from 1.
    rows : Mixed
        Their features, by the model's preparation.
    assignment : Assignment
    far : ndarray of bool (N,)
        Further from the middle of their segment than 99 % of its customers were when the model was made.
    findings : tuple of Finding
    """

    numbers: NDArray[np.int64]
    rows: Mixed
    assignment: Assignment
    far: NDArray[np.bool_]
    findings: tuple[Finding, ...]

    @property
    def sureness(self) -> Array:
        """From 0 (as near to a second segment) to 1."""
        return self.assignment.sureness

    @property
    def far_share(self) -> float:
        """Part of the customers, by weight, that are far from all segments."""
        return float(self.rows.weight[self.far].sum() / self.rows.weight.sum())


def assign(
    customers: Customers, preparation: Preparation, model: ClusterModel, reference: DriftReference | None = None
) -> Assigned:
    """Label customers by a kept model.

    Parameters
    ----------
    customers : Customers
        New rows with the columns that the model was made from; others are left alone.
    preparation : Preparation
    model : ClusterModel
        In the order of the segments' numbers.
    reference : DriftReference, optional
        Tells what is far; without it nobody is.

    Raises
    ------
    DataError
        K006 where a feature is not among the columns.
    """
    rows, findings = preparation.apply(customers)
    found = model.assign(rows)
    far = np.zeros(rows.n, bool)
    if reference is not None:
        edge = reference.edge[found.labels]
        far = np.asarray(~np.isnan(edge) & (found.distance > edge))
        findings = (*findings, *_far(customers, far))
    return Assigned(found.labels.astype(np.int64) + 1, rows, found, far, findings)


def _far(customers: Customers, far: NDArray[np.bool_]) -> tuple[Finding, ...]:
    """Told where there are more of them than one in a hundred makes by chance."""
    from scipy.stats import binom

    count, total = int(far.sum()), len(far)
    if not count or binom.sf(count - 1, total, FAR) > _RARE:
        return ()
    where = place(customers.source, word=customers.word, rows=customers.lines[far])
    what = (
        f"{count:,} of {total:,} customers ({count / total:.1%}) are further from the middle of their segment than "
        "99 % of its customers were when the segments were made"
    )
    return (CATALOGUE.finding("K090", where, what),)
