"""What customers are worth, as a run of segments keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from outlay.findings import Finding
from outlay.project import ProjectSection
from outlay.transforms import Array
from outlay.trust import Trust
from segmentation.config import CustomersSection
from segmentation.customers import Customers
from segmentation.workflow_groups import Tell
from segmentation.workflow_tables import labelled

TOP = 0.1
"""Part of the customers that are the best by lifetime value, for rates by protected columns."""


@dataclass(frozen=True, eq=False)
class Worth:
    """What customers are worth; empty where no purchases are known.

    Attributes
    ----------
    tables : mapping of str to DataFrame
        ``clv`` (by customer), ``clv_segments`` (by ``number``), ``clv_population``, ``holdout``.
    facts : mapping of str to Any
    findings : tuple of Finding
    trust : Trust or None
    rates : mapping of str to ndarray (N,)
        Yes or no by customer, for rates by protected columns.
    """

    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    trust: Trust | None = None
    rates: Mapping[str, Array] = field(default_factory=dict)

    @property
    def by_segment(self) -> pd.DataFrame | None:
        """Measures of worth that actions may go by; None where there are none, or the gate did not let them pass."""
        if "clv_segments" not in self.tables or (self.trust is not None and not self.trust.passed):
            return None
        return self.tables["clv_segments"]

    def named(self, names: Mapping[int, str]) -> dict[str, pd.DataFrame]:
        """The tables with the names of segments."""
        return {name: labelled(table, names) if "number" in table else table for name, table in self.tables.items()}


def worth_of(
    customers: Customers,
    numbers: NDArray[np.int64],
    section: CustomersSection,
    about: ProjectSection,
    base: Path,
    tell: Tell,
) -> Worth:
    """Lifetime value of customers and segments, where purchases are known."""
    if customers.purchases is None:
        return Worth()
    from segmentation.transactions import purchases_at
    from segmentation.worth import early, early_day, worth

    tell("Learning how customers buy")
    day = early_day(customers, section)
    then = None if day is None else early(customers, purchases_at(section, about, base, day))
    fitted = worth(customers, section, about, then, lambda progress: tell(f"Lifetime value: {progress.stage}"))
    if fitted is None:
        return Worth()
    tell("Lifetime value of every customer")
    ids = pd.Series(customers.ids, dtype="str", name="id")
    single = fitted.predict(customers.purchases)
    tables = {
        "clv": pd.concat([ids, single.reset_index(drop=True)], axis=1),
        "clv_segments": fitted.by_segment(customers.purchases, numbers),
        "clv_population": fitted.population,
    }
    findings, facts, checked = [*fitted.findings], dict(fitted.facts), ""
    if fitted.holdout is not None:
        tables["holdout"] = fitted.holdout.table
        findings += fitted.holdout.findings
        facts["checked"] = fitted.holdout.facts
        checked = str(fitted.holdout.facts["sentence"])
    trust = fitted.trust
    told = {
        "lifetime": facts,
        "clv_model": section.clv.model,
        "clv_months": section.clv.months,
        "clv_checked": checked,
        "clv_trusted": trust.passed,
        "clv_reasons": [] if trust.passed else [trust.sentence()],
    }
    return Worth(tables, told, tuple(findings), trust, _rates(single, trust))


def _rates(single: pd.DataFrame, trust: Trust) -> dict[str, Array]:
    """Who is among the best by lifetime value."""
    clv = single["clv"].to_numpy(float)
    known = clv[~np.isnan(clv)]
    if not trust.passed or not known.size:
        return {}
    best = (clv >= np.quantile(known, 1 - TOP)).astype(float)
    return {f"best {TOP:.0%} by lifetime value": np.where(np.isnan(clv), np.nan, best)}
