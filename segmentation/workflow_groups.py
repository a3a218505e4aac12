"""From customers to numbered segments: how they are compared, how many kinds there are, and who is in which."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from outlay.findings import Finding
from outlay.project import ProjectSection
from outlay.transforms import Array
from segmentation.choose import Choice, choose_k
from segmentation.clusterers import fit_clusters
from segmentation.clustering import Assignment, Clustering, ClusterModel
from segmentation.config import CustomersSection
from segmentation.customers import Customers
from segmentation.match import Match, match_labels
from segmentation.mixed import Mixed
from segmentation.prepare import Preparation, prepare
from segmentation.result import Before
from segmentation.stability import stability
from segmentation.workflow_numbers import by_value, renumbered

Tell = Callable[[str], None]
"""Called with what is being done, in words for a person who waits."""


@dataclass(frozen=True, eq=False)
class Groups:
    """Customers in segments, numbered. N customers, K segments.

    Attributes
    ----------
    preparation : Preparation
    rows : Mixed
    model : ClusterModel
        Its clusters in the order of the segments' numbers.
    assignment : Assignment
        Labels from 0 in that order.
    clustering : Clustering
        As it was found, before numbers were given.
    steady : ndarray (K,)
        How much of each segment comes back in resamples, from 0 to 1; not a number where none were drawn.
    choice : Choice or None
        None where the number of segments was stated.
    match : Match or None
        To the run before; None where there is none, or nothing to go by.
    findings : tuple of Finding
    """

    preparation: Preparation
    rows: Mixed
    model: ClusterModel
    assignment: Assignment
    clustering: Clustering
    steady: Array
    choice: Choice | None
    match: Match | None
    findings: tuple[Finding, ...]

    @property
    def numbers(self) -> NDArray[np.int64]:
        """Segment of each customer, from 1."""
        return self.assignment.labels.astype(np.int64) + 1

    @property
    def k(self) -> int:
        """Number of segments."""
        return self.model.k


def groups_of(
    customers: Customers, section: CustomersSection, about: ProjectSection, before: Before | None, tell: Tell
) -> Groups:
    """Segments of customers, with the numbers of the run before where there is one."""
    tell("Cleaning")
    preparation = prepare(customers, section)
    rows, told = preparation.apply(customers)
    choice = None
    if section.clusters.k == "auto":
        tell("Judging how many segments there are")
        choice = choose_k(rows, section.clusters, about.seed, counting(tell))
    k = choice.k if choice is not None else int(section.clusters.k)
    tell(f"Making {k} segments")
    clustering = fit_clusters(rows, section.clusters, k, about.seed)
    order = by_value(clustering.labels, clustering.k, customers.weight, customers.value)
    model, assignment = in_order(clustering.model, clustering.assignment, order)
    match = matched(customers, assignment.labels, model.k, before)
    if match is not None:
        model, assignment = in_order(model, assignment, match.order)
    tell("Seeing whether each segment comes back")
    steady = stability(rows, assignment.labels, section.clusters, model.k, about.seed).by_cluster
    findings = (*preparation.findings, *told, *(choice.findings if choice else ()), *clustering.findings)
    return Groups(preparation, rows, model, assignment, clustering, steady, choice, match, findings)


def counting(tell: Tell) -> Callable[[int, int], None]:
    """What tells how many numbers of segments are judged."""
    return lambda done, total: tell(f"Judging how many segments there are: {done} of {total}")


def in_order(model: ClusterModel, assignment: Assignment, order: NDArray[np.int64]) -> tuple[ClusterModel, Assignment]:
    """Model and labels with cluster ``order[j]`` in place j."""
    membership = None if assignment.membership is None else assignment.membership[:, order]
    labels = renumbered(assignment.labels, order)
    return model.reordered(order), replace(assignment, labels=labels, membership=membership)


def matched(customers: Customers, labels: NDArray[np.int32], k: int, before: Before | None) -> Match | None:
    """Segments matched to those of the run before; None where there is none, or nothing to go by.

    They are matched by the customers that are in both runs; where none are, by where the model of before would put the
    customers of now, if they have the features that it goes by.
    """
    if before is None:
        return None
    then = numbers_then(customers, before)
    if not (then > 0).any():
        kept = before.model.preparation
        if not (set(kept.numeric) <= set(customers.numeric) and set(kept.categorical) <= set(customers.categorical)):
            return None
        then = before.model.clusters.assign(kept.apply(customers)[0]).labels.astype(np.int64) + 1
    return match_labels(then - 1, labels.astype(np.int64), before.model.clusters.k, k)


def numbers_then(customers: Customers, before: Before) -> NDArray[np.int64]:
    """Segment of each customer in the run before; 0 for those whom it did not know, or could not know again."""
    if before.id is None:
        return np.zeros(customers.n_customers, np.int64)
    known = pd.Series(before.labels["number"].to_numpy(np.int64), index=before.labels["id"].astype("str"))
    return known.reindex(pd.Index(customers.ids.astype(str))).fillna(0).to_numpy(np.int64)


def kept_names(groups: Groups, before: Before | None) -> Mapping[int, str]:
    """Names that segments had in the run before, by their number now."""
    if before is None or groups.match is None:
        return {}
    names = before.model.names
    pairs = enumerate(groups.match.partner, start=1)
    return {number: names[int(old) + 1] for number, old in pairs if old >= 0 and int(old) + 1 in names}
