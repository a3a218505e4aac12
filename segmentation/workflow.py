"""Segmenting customers from the project file to everything that there is to tell, in one pass without side effects."""

from __future__ import annotations

import time
from typing import Any

import pandas as pd

from outlay.findings import Finding
from outlay.project import Project, ProjectSection
from segmentation.actions import check_actions
from segmentation.choose import Choice, choose_k
from segmentation.config import CustomersSection
from segmentation.customers import Customers
from segmentation.customers_read import read_customers
from segmentation.drift import reference
from segmentation.migration import Standing
from segmentation.names import check_named
from segmentation.prepare import prepare
from segmentation.result import Before, KeptModel, Segmentation
from segmentation.workflow_facts import common_facts, facts_of, unique
from segmentation.workflow_groups import Groups, Tell, counting, groups_of, numbers_then
from segmentation.workflow_meaning import Asked, meaning_of
from segmentation.workflow_movement import (
    Movement,
    compared_with,
    joined,
    looked_back,
    since,
    standing_before,
    standing_now,
)
from segmentation.workflow_tables import labels_table, purchases_table
from segmentation.workflow_worth import worth_of


def quiet(words: str) -> None:
    """Tell nobody."""


def with_count(section: CustomersSection, k: int | None) -> CustomersSection:
    """The section with a stated number of segments, where there is one."""
    if k is None:
        return section
    return section.model_copy(update={"clusters": section.clusters.model_copy(update={"k": k})})


def segment(
    project: Project, *, k: int | None = None, before: Before | None = None, tell: Tell = quiet
) -> Segmentation:
    """Make segments of the project's customers and find out what they are.

    Parameters
    ----------
    project : Project
    k : int, optional
        Number of segments, in place of what the section says.
    before : Before, optional
        An earlier run, whose numbers and names are kept as far as the segments are the same.
    tell : callable
        Called with each step.

    Raises
    ------
    ConfigError
        Where the section names what is not there.
    DataError
        Where the tables have errors, all together.
    """
    start = time.perf_counter()
    section = with_count(project.section("customers", CustomersSection), k)
    about = project.section("project", ProjectSection)
    tell("Reading the customers")
    customers = read_customers(section, about, project.base)
    check_named(section, customers)
    check_actions(section, customers)
    groups = groups_of(customers, section, about, before, tell)
    worth = worth_of(customers, groups.numbers, section, about, project.base, tell)
    meaning = meaning_of(customers, groups, Asked(section, about, before, worth), tell)
    model = KeptModel(
        groups.preparation,
        groups.model,
        meaning.names,
        reference(
            groups.rows,
            groups.numbers,
            distance=groups.assignment.distance,
            sureness=groups.assignment.sureness,
            preparation=groups.preparation,
        ),
    )
    tell("Counting who moved")
    now = standing_now(customers, groups.numbers, meaning.names, groups.assignment.sureness)
    movement = joined(
        _moved(customers, groups, now, before, about.hdi),
        looked_back(customers, now, model, (section, about, project.base)),
    )
    tables: dict[str, pd.DataFrame] = {
        "labels": labels_table(customers, groups.numbers, meaning.names, groups.assignment.sureness)
    }
    tables |= {} if groups.choice is None else {"choice": groups.choice.table}
    tables |= {} if customers.purchases is None else {"purchases": purchases_table(customers)}
    tables |= {**meaning.tables, **worth.named(meaning.names), **movement.tables}
    facts = facts_of(customers, groups, section, project, before)
    facts = {**facts, **meaning.facts, **worth.facts, **movement.facts}
    findings = (*customers.findings, *groups.findings, *meaning.findings, *worth.findings, *movement.findings)
    return Segmentation(
        customers=customers,
        numbers=groups.numbers,
        tables=tables,
        facts=facts | {"seconds": round(time.perf_counter() - start, 2)},
        model=model,
        findings=unique(findings),
        clv_trust=worth.trust,
        inputs={"customers": customers.fingerprint},
    )


def _moved(customers: Customers, groups: Groups, now: Standing, before: Before | None, level: float) -> Movement:
    """Movement since the run before, where it shares customers with this one."""
    if before is None or groups.match is None or not (numbers_then(customers, before) > 0).any():
        return Movement()
    compared = compared_with(before, customers)
    if groups.match.kept == 1 and before.run in compared:
        return Movement()  # the same customers on the same day in the same segments
    return since(standing_before(before, groups.match), now, compared, level)


def choose(project: Project, *, tell: Tell = quiet) -> tuple[Choice, dict[str, Any], tuple[Finding, ...]]:
    """Judge how many segments there are, and make none.

    Returns
    -------
    Choice
    dict
        Facts, as :func:`segment` gives them.
    tuple of Finding
    """
    start = time.perf_counter()
    section = project.section("customers", CustomersSection)
    about = project.section("project", ProjectSection)
    tell("Reading the customers")
    customers = read_customers(section, about, project.base)
    tell("Cleaning")
    preparation = prepare(customers, section)
    rows, told = preparation.apply(customers)
    choice = choose_k(rows, section.clusters, about.seed, counting(tell))
    facts = common_facts(customers, section, project) | {
        "k": choice.k,
        "reason": choice.reason,
        "method": section.clusters.method,
        "seconds": round(time.perf_counter() - start, 2),
    }
    return choice, facts, unique((*customers.findings, *preparation.findings, *told, *choice.findings))
