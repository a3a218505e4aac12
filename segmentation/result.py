"""What segmenting customers found, and what a later run needs of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from outlay.findings import Finding
from outlay.trust import Trust
from segmentation.clustering import ClusterModel
from segmentation.customers import Customers
from segmentation.drift import DriftReference
from segmentation.prepare import Preparation


@dataclass(frozen=True, eq=False)
class KeptModel:
    """Everything that it takes to label customers later, without code and without their data.

    Attributes
    ----------
    preparation : Preparation
        How columns become features.
    clusters : ClusterModel
        In the order of the segments' numbers.
    names : mapping of int to str
        Name of each segment by its number, from 1.
    reference : DriftReference
        How features were spread over segments.
    """

    preparation: Preparation
    clusters: ClusterModel
    names: Mapping[int, str]
    reference: DriftReference

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready form, as kept in ``model.json``."""
        return {
            "preparation": self.preparation.as_dict(),
            "clusters": self.clusters.as_dict(),
            "names": {str(number): name for number, name in self.names.items()},
            "reference": self.reference.as_dict(),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> KeptModel:
        """The inverse of :meth:`as_dict`."""
        from segmentation.clusterers import model_from_dict

        return cls(
            Preparation.from_dict(data["preparation"]),
            model_from_dict(data["clusters"]),
            {int(number): str(name) for number, name in data["names"].items()},
            DriftReference.from_dict(data["reference"]),
        )


@dataclass(frozen=True, eq=False)
class Before:
    """What an earlier run knows: numbers and names are kept, and movement is counted from it.

    Attributes
    ----------
    run : str
        Its id.
    model : KeptModel
    labels : DataFrame
        ``id``, ``number``, ``segment`` and ``sureness`` of its customers.
    as_of : str or None
        The day up to which it knew them.
    id : str or None
        Column of the customer's id; without one the customers of two runs cannot be told to be the same.
    """

    run: str
    model: KeptModel
    labels: pd.DataFrame
    as_of: str | None
    id: str | None


@dataclass(frozen=True, eq=False)
class Segmentation:
    """Customers in segments. N customers in the order of their table, K segments.

    Attributes
    ----------
    customers : Customers
    numbers : ndarray of int (N,)
        Segment of each customer, from 1.
    tables : mapping of str to DataFrame
        By name as in the run: labels, segments, features, choice, map, ... A table that does not apply is not there.
    facts : mapping of str to Any
        JSON-ready: what ``segments.json`` holds.
    model : KeptModel or None
        None where an earlier model was used and not a new one fitted.
    findings : tuple of Finding
    clv_trust : Trust or None
        The gate's verdict on lifetime value; None where none was sampled.
    inputs : mapping of str to str
        Hash of each table that was read, by section.
    """

    customers: Customers
    numbers: NDArray[np.int64]
    tables: Mapping[str, pd.DataFrame]
    facts: Mapping[str, Any]
    model: KeptModel | None
    findings: tuple[Finding, ...]
    clv_trust: Trust | None = None
    inputs: Mapping[str, str] = field(default_factory=dict)
