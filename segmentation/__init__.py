"""Segmentation: who the customers are, how many kinds there are, what each kind is worth, and how they move.

Customers or their purchases become features; k-prototypes or a mixture puts them together; profiles, names and drivers
say what a segment is; lifetime value says what it is worth; labels become a column of leads and panels.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from segmentation.actions import recommend
    from segmentation.choose import Choice, choose_k
    from segmentation.clusterers import fit_clusters
    from segmentation.clustering import Assignment, Clustering
    from segmentation.clv import FittedClv, fit_clv
    from segmentation.config import CustomersSection
    from segmentation.customers import Customers
    from segmentation.customers_bought import customers_of_purchase_frame
    from segmentation.customers_read import customers_from_frame, read_customers
    from segmentation.drift import Drift, DriftReference
    from segmentation.drivers import Drivers
    from segmentation.map2d import SegmentMap
    from segmentation.match import Match, match_labels
    from segmentation.migration import Migration, Standing
    from segmentation.mixed import Mixed
    from segmentation.names import automatic_names, user_names
    from segmentation.panel import Panel
    from segmentation.prepare_fields import Preparation
    from segmentation.profiles import Profile, profile
    from segmentation.transactions import monthly, purchases_at

__all__ = [
    "Assignment",
    "Choice",
    "Clustering",
    "Customers",
    "CustomersSection",
    "Drift",
    "DriftReference",
    "Drivers",
    "FittedClv",
    "Match",
    "Migration",
    "Mixed",
    "Panel",
    "Preparation",
    "Profile",
    "SegmentMap",
    "Standing",
    "automatic_names",
    "choose_k",
    "customers_from_frame",
    "customers_of_purchase_frame",
    "fit_clusters",
    "fit_clv",
    "match_labels",
    "monthly",
    "profile",
    "purchases_at",
    "read_customers",
    "recommend",
    "user_names",
]

_HOMES = {
    "Assignment": "segmentation.clustering",
    "Choice": "segmentation.choose",
    "Clustering": "segmentation.clustering",
    "Customers": "segmentation.customers",
    "CustomersSection": "segmentation.config",
    "Drift": "segmentation.drift",
    "DriftReference": "segmentation.drift",
    "Drivers": "segmentation.drivers",
    "FittedClv": "segmentation.clv",
    "Match": "segmentation.match",
    "Migration": "segmentation.migration",
    "Mixed": "segmentation.mixed",
    "Panel": "segmentation.panel",
    "Preparation": "segmentation.prepare_fields",
    "Profile": "segmentation.profiles",
    "SegmentMap": "segmentation.map2d",
    "Standing": "segmentation.migration",
    "automatic_names": "segmentation.names",
    "choose_k": "segmentation.choose",
    "customers_from_frame": "segmentation.customers_read",
    "customers_of_purchase_frame": "segmentation.customers_bought",
    "fit_clusters": "segmentation.clusterers",
    "fit_clv": "segmentation.clv",
    "match_labels": "segmentation.match",
    "monthly": "segmentation.transactions",
    "profile": "segmentation.profiles",
    "purchases_at": "segmentation.transactions",
    "read_customers": "segmentation.customers_read",
    "recommend": "segmentation.actions",
    "user_names": "segmentation.names",
}
"""Where the names live. They are imported when asked for: a section of the project file needs no table engine."""


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
