"""Customers of today in the segments of an earlier run: who moved, what has drifted, and whether to fit again."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd

from outlay.project import Project, ProjectSection
from segmentation.config import CustomersSection
from segmentation.customers_read import read_customers
from segmentation.result import Before, Segmentation
from segmentation.workflow_facts import common_facts, unique
from segmentation.workflow_groups import Tell
from segmentation.workflow_movement import compared_with, drift_of, since, standing_before, standing_now
from segmentation.workflow_tables import labels_table, purchases_table


def assigned(project: Project, before: Before, source: str | None, tell: Tell) -> Segmentation:
    """Label customers by the model of a run.

    Parameters
    ----------
    project : Project
    before : Before
        The run.
    source : str or None
        Table of customers in place of the project's; of purchases, where the project makes customers from those alone.
    tell : callable

    Raises
    ------
    DataError
        Where the tables have errors, or lack a column that the model goes by.
    """
    start = time.perf_counter()
    section = at_source(project.section("customers", CustomersSection), source)
    about = project.section("project", ProjectSection)
    tell("Reading the customers")
    customers = read_customers(section, about, project.base, like=before.model.preparation)
    tell(f"Putting them to the segments of {before.run}")
    kept = before.model
    found, drift = drift_of(customers, kept, min_share=section.clusters.min_share)
    now = standing_now(customers, found.numbers, kept.names, found.sureness)
    moved = since(standing_before(before), now, compared_with(before, customers), about.hdi)
    labels = labels_table(customers, found.numbers, kept.names, found.sureness)
    tables = {"labels": labels, "segments": _segments(labels, customers.weight, before), **moved.tables, **drift.tables}
    if customers.purchases is not None:
        tables["purchases"] = purchases_table(customers)
    facts = common_facts(customers, section, project) | {
        "method": kept.clusters.method,
        "k": kept.clusters.k,
        "parent": before.run,
        "seconds": round(time.perf_counter() - start, 2),
    }
    findings = (*customers.findings, *found.findings, *drift.findings, *moved.findings)
    return Segmentation(
        customers=customers,
        numbers=found.numbers,
        tables=tables,
        facts={**facts, **moved.facts, **drift.facts},
        model=None,
        findings=unique(findings),
        inputs={"customers": customers.fingerprint},
    )


def at_source(section: CustomersSection, source: str | None) -> CustomersSection:
    """The section with another table of customers, or of purchases where it has no other."""
    if source is None:
        return section
    if section.source is not None or section.transactions is None:
        return section.model_copy(update={"source": source})
    return section.model_copy(update={"transactions": section.transactions.model_copy(update={"source": source})})


def _segments(labels: pd.DataFrame, weight: np.ndarray, before: Before) -> pd.DataFrame:
    """Size, money and sureness of the segments as they are now."""
    rows = []
    total = float(weight.sum())
    spent = float(np.nansum(weight * labels["value"])) if "value" in labels else np.nan
    for number, name in before.model.names.items():
        mine = (labels["number"] == number).to_numpy()
        size = float(weight[mine].sum())
        row = {"number": number, "segment": name, "origin": "kept", "customers": size, "size_share": size / total}
        row["sureness"] = float(weight[mine] @ labels["sureness"].to_numpy(float)[mine] / size) if size else np.nan
        if "value" in labels:
            value = float(np.nansum(weight[mine] * labels["value"].to_numpy(float)[mine]))
            row |= {"value": value, "value_share": value / spent if spent else np.nan}
            row["value_per_customer"] = value / size if size else np.nan
        rows.append(row)
    return pd.DataFrame(rows)
