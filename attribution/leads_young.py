"""Leads too young to have converted, counted by the part of their conversions that has come by their age.

Of n leads of which each converts with probability p, and does so by its age with probability F, the number y that has
converted is Binomial(n, p F). It is counted as y of n F trials, so that Binomial(n F, p) has the same mean; its
variance n F p (1 - p) is too small by a factor of (1 - p) / (1 - p F), which is 1 - p at worst and 1 for a lead that
has had its time.
"""

from __future__ import annotations

from collections.abc import Sequence

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from attribution.leads_censoring import age, began, born_by
from attribution.leads_rules import number
from attribution.leads_table import LeadsTable
from outlay.transforms import Array


def young_cells(table: LeadsTable, rows: ir.Table, roles: Sequence[str], transition: int) -> pd.DataFrame:
    """Trials and successes of the leads younger than the transition takes, by cell.

    Returns
    -------
    DataFrame
        The roles, ``young`` (leads), ``trials`` and ``successes``.
    """
    days, delays = table.maturity_days[transition], table.censoring.delays[transition]
    if delays is None or days <= 0:
        return pd.DataFrame(columns=[*roles, "young", "trials", "successes"])
    rows = rows.mutate(began=began(rows, table.section, table.has_days, transition))
    young = rows.filter(rows[f"stage_{transition}"] & (rows["began"] > born_by(table.as_of, days)))
    young = young.mutate(age=age(young["began"], table.as_of))
    counts = young.group_by([*roles, "age"]).aggregate(
        young=young.count(), successes=number(young[f"stage_{transition + 1}"])
    )
    found = table.relation.backend.to_pyarrow(counts).to_pandas()
    found["trials"] = found["young"] * delays.by(days, found["age"].to_numpy(np.int64))
    cells = found.groupby(list(roles), as_index=False, dropna=False)[["young", "trials", "successes"]].sum()
    group = cells["period"] if "period" in roles else np.zeros(len(cells))
    cells["trials"] = balanced(cells["trials"].to_numpy(float), cells["successes"].to_numpy(float), group)
    return cells


def balanced(trials: Array, successes: Array, group: pd.Series | np.ndarray) -> Array:
    """Trials that are nowhere fewer than successes, with the same sum in each group.

    In a cell of few leads more may have converted than expected by their age; a binomial with fewer trials than
    successes has no likelihood. What such cells lack of failures is taken from the other cells of the group in
    proportion, so that the rate of the group stays as it was.
    """
    failures = trials - successes
    kept = np.maximum(failures, 0.0)
    code = pd.factorize(pd.Series(group))[0]
    wanted, held = np.bincount(code, failures), np.bincount(code, kept)
    scale = np.divide(np.maximum(wanted, 0.0), held, out=np.zeros(len(held)), where=held > 0)
    return np.asarray(successes + kept * scale[code])
