"""Leads to counts by cell: one expression, executed where the leads are."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from attribution.catalogue import CATALOGUE
from attribution.checks_leads_cells import cell_findings
from attribution.config import LeadsSection
from attribution.leads import MISSING_LEVEL, LeadCells
from attribution.leads_censoring import began, born_by
from attribution.leads_rules import number
from attribution.leads_table import LeadsTable, leads_of, named, open_leads
from attribution.leads_young import young_cells
from outlay.errors import ConfigError, DataError
from outlay.findings import Finding, errors
from outlay.labels import Labels
from outlay.project import ProjectSection
from outlay.sources import relation_of_frame

GROUPED = ("segment", "region", "channel", "persona", "band", "period")
"""What cells are made of where nothing is asked for, as far as the section names it."""

_UNITS = {"week": "W", "month": "M", "quarter": "Q"}
_FREQUENCIES = {"week": "W-MON", "month": "MS", "quarter": "QS"}


def read_cells(
    section: LeadsSection, about: ProjectSection, base: Path, dims: Sequence[str] | None = None
) -> LeadCells:
    """Count leads by cell in the engine that holds them.

    Parameters
    ----------
    section : LeadsSection
    about : ProjectSection
    base : Path
        Folder at which relative paths start.
    dims : sequence of str, optional
        Roles to group by, of those that the section names, ``"band"`` and ``"period"``. Default: segment, region,
        channel, persona, band and period, as far as they are named.

    Raises
    ------
    ConfigError
        C006, C010 to C014, C023: a role that the section does not name; no such source; no such run of segments.
    DataError
        D0xx, L0xx: every error of the table together.
    """
    with open_leads(section, about, base) as table:
        return cells_of(table, dims)


def cells_from_frame(
    frame: pd.DataFrame,
    section: LeadsSection,
    about: ProjectSection,
    dims: Sequence[str] | None = None,
    labels: Labels | None = None,
) -> LeadCells:
    """Count the leads of a DataFrame, by the same expressions as those of a file; see :func:`read_cells`.

    Labels that the section asks for are handed in, because a DataFrame has no folder of runs beside it.
    """
    with relation_of_frame(frame) as relation:
        return cells_of(leads_of(relation, "DataFrame", section, about, labels=labels), dims)


def cells_of(table: LeadsTable, dims: Sequence[str] | None = None) -> LeadCells:
    """Count the leads of an open table; see :func:`read_cells`."""
    roles = _roles(table, dims)
    found = table.relation.backend.to_pyarrow(counts(table, roles)).to_pandas()
    notes: list[Finding] = []
    if table.section.maturity == "model":
        found, notes = _with_young(table, roles, found)
    cells = _cells(table, roles, found)
    findings = (*table.findings, *notes, *cell_findings(table, cells))
    if errors(findings):
        raise DataError(findings)
    return replace(cells, findings=findings, fingerprint=cells.fingerprint or _fingerprint(cells))


def _fingerprint(cells: LeadCells) -> str:
    """sha256 of what was counted, where no file stands behind it."""
    digest = hashlib.sha256(repr((cells.as_of, cells.maturity_days, cells.levels)).encode())
    for counts in (cells.codes, cells.reached, cells.trials, cells.successes, cells.value_count):
        digest.update(np.ascontiguousarray(counts).tobytes())
    return digest.hexdigest()


def _with_young(table: LeadsTable, roles: tuple[str, ...], found: pd.DataFrame) -> tuple[pd.DataFrame, list[Finding]]:
    """The counts with those of young leads added, by the part of their conversions that has come."""
    rows, notes = with_period(table.rows, table.section), []
    for j, name in enumerate(table.section.stages[1:]):
        young = young_cells(table, rows, roles, j)
        if young.empty:
            continue
        joined = found[list(roles)].merge(young, on=list(roles), how="left").fillna({"trials": 0.0, "successes": 0.0})
        for column in ("trials", "successes"):
            found[f"{column}_{j}"] = found[f"{column}_{j}"] + joined[column].to_numpy(float)
        what = (
            f"{int(young['young'].sum()):,} leads younger than {table.maturity_days[j]:,.0f} days count as "
            f"{young['trials'].sum():,.0f} for {name}, by the part of its conversions that has come by their age"
        )
        notes.append(CATALOGUE.finding("L035", f"{table.source}, column {name}", what))
    return found, notes


def counts(table: LeadsTable, roles: Sequence[str]) -> ir.Table:
    """The expression: one row per cell.

    Rows are counted by the names as they are written, and those counts by the names that are meant: trimming a name
    for each of ten million rows would cost more than counting them.
    """
    rows = with_period(table.written, table.section)
    if table.bands is not None and "band" in roles:
        rows = rows.mutate(band=table.bands.codes(rows["score"]))
    written = rows.group_by(list(roles)).aggregate(**_sums(table, rows))
    meant = written.mutate(**{role: named(written[role]) for role in roles if role in table.section.dims})
    if table.bands is not None and "band" in roles:
        meant = meant.mutate(band=table.bands.named(meant["band"]))
    names = [name for name in written.columns if name not in roles]
    return meant.group_by(list(roles)).aggregate(**{name: meant[name].sum() for name in names})


def with_period(rows: ir.Table, section: LeadsSection) -> ir.Table:
    """The rows with ``period``, the first day of the period of creation."""
    return rows.mutate(period=rows["created"].truncate(_UNITS[section.period]).cast("date"))


def _sums(table: LeadsTable, rows: ir.Table) -> dict[str, ir.Scalar]:
    last = len(table.section.stages) - 1
    sums: dict[str, ir.Scalar] = {"leads": rows.count()}
    sums |= {f"reached_{j}": number(rows[f"stage_{j}"]) for j in range(last + 1)}
    for j, days in enumerate(table.maturity_days):
        mature = rows[f"stage_{j}"]
        if days > 0:
            old = began(rows, table.section, table.has_days, j) <= born_by(table.as_of, days)
            whole = table.has_days[j] and table.section.skipped_stages == "refuse"
            mature = old if whole else mature & old  # a stage's own day says that it was reached
        sums[f"trials_{j}"] = number(mature)
        sums[f"successes_{j}"] = number(mature & rows[f"stage_{j + 1}"])
    if table.section.value:
        worth = (rows[f"stage_{last}"] & (rows["value"] > 0)).ifelse(rows["value"], ibis.null("float64"))
        log = worth.ln()
        sums |= {
            "value_count": worth.count(),
            "value_sum": worth.sum(),
            "value_log_sum": log.sum(),
            "value_log_square": (log * log).sum(),
        }
    return sums


def _roles(table: LeadsTable, dims: Sequence[str] | None) -> tuple[str, ...]:
    held = (*table.section.dims, *(("band",) if table.bands else ()), "period")
    if dims is None:
        return tuple(role for role in GROUPED if role in held)
    unknown = [role for role in dims if role not in held]
    if unknown:
        raise ConfigError(
            f"[leads] names no column for {', '.join(unknown)}",
            where=table.source,
            repair=f"Name the column in [leads], or group by {', '.join(held)}.",
            id="C006",
        )
    return tuple(dict.fromkeys(dims))


def _cells(table: LeadsTable, roles: tuple[str, ...], found: pd.DataFrame) -> LeadCells:
    levels = {role: _levels(table, role, found[role]) for role in roles}
    if "period" in roles:
        found["period"] = pd.to_datetime(found["period"]).dt.strftime("%Y-%m-%d")
    codes = np.column_stack([pd.Index(levels[role]).get_indexer(pd.Index(found[role])) for role in roles])
    order = np.lexsort(codes.T[::-1])
    found, codes = found.iloc[order], codes[order].astype(np.int64)

    def column(name: str) -> np.ndarray:
        return found[name].fillna(0).to_numpy(float) if name in found else np.zeros(len(found))

    stages, modelled = table.section.stages, table.section.maturity == "model"
    transitions = range(len(stages) - 1)
    reached = np.column_stack([column(f"reached_{j}") for j in range(len(stages))])
    trials = np.column_stack([column(f"trials_{j}") for j in transitions])
    return LeadCells(
        stages=stages,
        dims=roles,
        levels=levels,
        codes=codes,
        reached=reached,
        trials=trials,
        successes=np.column_stack([column(f"successes_{j}") for j in transitions]),
        value_count=column("value_count"),
        value_sum=column("value_sum"),
        value_log_sum=column("value_log_sum"),
        value_log_square=column("value_log_square"),
        currency=table.currency,
        as_of=table.as_of,
        maturity_days=table.maturity_days,
        young=tuple(0 if modelled else int(reached[:, j].sum() - trials[:, j].sum()) for j in transitions),
        rows=table.facts.rows,
        source=table.source,
        fingerprint=table.relation.fingerprint,
    )


def _levels(table: LeadsTable, role: str, found: pd.Series) -> tuple[str, ...]:
    """Names of a dimension's levels: in the order that they have, else by name; the missing one last."""
    if role == "period":
        days = pd.to_datetime(found)
        every = pd.date_range(days.min(), days.max(), freq=_FREQUENCIES[table.section.period])
        return tuple(every.strftime("%Y-%m-%d"))
    held = set(found)
    if role == "band" and table.bands is not None:
        known: tuple[str, ...] = table.bands.names
    else:
        known = (table.section.segments or ()) if role == "segment" else ()
    named = [*known, *sorted(held - set(known) - {MISSING_LEVEL})]
    return (*named, *([MISSING_LEVEL] if MISSING_LEVEL in held else []))
