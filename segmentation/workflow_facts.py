"""What a run of segments says of itself: the facts of ``segments.json``."""

from __future__ import annotations

from typing import Any

from outlay.findings import Finding
from outlay.project import Project, ProjectSection
from segmentation.config import CustomersSection
from segmentation.customers import Customers
from segmentation.migration_days import from_value
from segmentation.result import Before
from segmentation.workflow_groups import Groups, numbers_then


def common_facts(customers: Customers, section: CustomersSection, project: Project) -> dict[str, Any]:
    """What holds of the customers, whatever is done with them."""
    about = project.section("project", ProjectSection)
    ids = section.id if section.transactions is None else section.id or section.transactions.customer
    return {
        "project": about.name,
        "source": customers.source,
        "customers": customers.n_customers,
        "as_of": None if customers.as_of is None else customers.as_of.isoformat(),
        "currency": about.currency,
        "hdi": about.hdi,
        "value_name": customers.value_name,
        "id": ids,
        "numeric": list(customers.numeric),
        "categorical": list(customers.categorical),
        "from_value": list(from_value(customers, section)),
    }


def facts_of(
    customers: Customers, groups: Groups, section: CustomersSection, project: Project, before: Before | None
) -> dict[str, Any]:
    """What a run of segments says of itself in ``segments.json``."""
    choice, match = groups.choice, groups.match
    reason = choice.reason if choice is not None else f"{groups.k} segments were asked for."
    return common_facts(customers, section, project) | {
        "method": groups.model.method,
        "k": groups.k,
        "k_given": choice is None,
        "reason": reason,
        "clusters": dict(groups.clustering.facts),
        "cost": groups.clustering.cost,
        "parent": None if before is None or match is None else before.run,
        "kept": None if match is None else match.kept,
        "ari": None if match is None else match.ari,
        "same_customers": None
        if before is None or match is None
        else bool((numbers_then(customers, before) > 0).any()),
    }


def unique(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Each finding once, in order."""
    return tuple(dict.fromkeys(findings))
