"""What segments mean: profile, names, map, drivers, protected columns, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from outlay.findings import Finding
from outlay.project import ProjectSection
from segmentation.actions import recommend
from segmentation.bias import bias
from segmentation.config import CustomersSection
from segmentation.customers import Customers
from segmentation.map2d import map_of
from segmentation.names import automatic_names, user_names
from segmentation.profiles import Profile, profile
from segmentation.result import Before
from segmentation.workflow_groups import Groups, Tell, kept_names
from segmentation.workflow_numbers import final_names
from segmentation.workflow_tables import labelled
from segmentation.workflow_worth import Worth

Tables = dict[str, pd.DataFrame]


@dataclass(frozen=True, eq=False)
class Meaning:
    """What segments mean.

    Attributes
    ----------
    names : mapping of int to str
        Name of each segment by its number.
    tables : mapping of str to DataFrame
    facts : mapping of str to Any
    findings : tuple of Finding
    """

    names: Mapping[int, str]
    tables: Mapping[str, pd.DataFrame]
    facts: Mapping[str, Any]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, eq=False)
class Asked:
    """What meaning is asked for: the section, what holds for the project, and what is known of worth before."""

    section: CustomersSection
    about: ProjectSection
    before: Before | None
    worth: Worth


def meaning_of(customers: Customers, groups: Groups, asked: Asked, tell: Tell) -> Meaning:
    """Everything that says what segments are; parts that do not apply are left out."""
    section, about = asked.section, asked.about
    tell("Profiling")
    found = profile(customers, groups.numbers, about.hdi)
    called = user_names(section, customers, groups.numbers)
    names, origin = final_names(groups.k, called.names, kept_names(groups, asked.before), automatic_names(found))
    told = recommend(found, section, names=names, extra=asked.worth.by_segment)
    tables: Tables = {
        "segments": _segments(found, groups, names, origin),
        "features": labelled(found.features, names),
        "actions": labelled(told.table, names),
    }
    findings = [*found.findings, *called.findings, *told.findings]
    tell("Drawing the map")
    drawn = map_of(groups.rows, groups.numbers, about.seed)
    tables |= {"map": drawn.points, "map_centres": labelled(drawn.centres, names), "map_axes": drawn.axes}
    findings += drawn.findings
    facts: dict[str, Any] = {"map_shares": list(drawn.shares), "map_sentences": list(drawn.sentences)}
    more, sentences, driven = _drivers(customers, groups, names, asked, tell)
    if section.protected:
        biased = bias(customers, groups.numbers, section, about.hdi, names, asked.worth.rates)
        more["bias"] = labelled(biased.table, names)
        driven += biased.findings
    facts["sentences"] = sentences
    return Meaning(names, tables | more, facts, (*findings, *driven))


def _drivers(
    customers: Customers, groups: Groups, names: Mapping[int, str], asked: Asked, tell: Tell
) -> tuple[Tables, list[str], list[Finding]]:
    """What goes with value, where any is named."""
    if customers.value is None:
        return {}, [], []
    from segmentation.drivers import drivers  # scikit-learn takes a second to load

    tell(f"Looking for what goes with {customers.value_name or 'value'}")
    found = drivers(customers, groups.numbers, asked.section, names, asked.about.seed, asked.about.hdi)
    if found is None:
        return {}, [], []
    tables = {
        "importance": labelled(found.importance, names),
        "partial": found.partial,
        "driver_metrics": labelled(found.metrics, names),
        "effects": labelled(found.effects, names),
    }
    return {name: table for name, table in tables.items() if len(table)}, list(found.sentences), list(found.findings)


def _segments(found: Profile, groups: Groups, names: Mapping[int, str], origin: Mapping[int, str]) -> pd.DataFrame:
    """The profile's table of segments with names and how sure they are."""
    weight = groups.rows.weight
    held = np.bincount(groups.assignment.labels, weight, groups.k)
    sure = np.bincount(groups.assignment.labels, weight * groups.assignment.sureness, groups.k) / held
    table = labelled(found.segments, names)
    at = table["number"].to_numpy(np.int64)
    return table.assign(
        origin=[origin[int(number)] for number in at], sureness=sure[at - 1], stability=groups.steady[at - 1]
    )
