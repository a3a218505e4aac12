"""Leads row by row, for scores: the normalised columns and the features that are asked for, in the source's order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from attribution.config import LeadsSection
from attribution.leads_given import FEATURE, columns_of
from attribution.leads_table import LeadsTable, leads_of, open_leads
from attribution.leads_text import ROW
from outlay.cells import kinds, read_cells
from outlay.findings import Finding
from outlay.project import ProjectSection
from outlay.sources import relation_of_frame
from outlay.tables import Role, Table, table_columns


@dataclass(frozen=True, eq=False)
class LeadRows:
    """Leads row by row.

    Attributes
    ----------
    frame : DataFrame (N rows)
        ``id``, ``user`` (str, where named), ``created`` (datetime64[ns]), ``stage_j`` (bool), ``day_j``
        (datetime64[ns]), each grouping role (str), ``value``, ``score`` (float64), ``band`` (str), ``age_days``
        (int64); and each feature under ``x_`` and its name: float64, str (both may miss), or datetime64[ns].
    rows : ndarray of int (N,)
        Line of each lead in a text file, elsewhere its row from 1.
    word : {"line", "row"}
        What `rows` counts.
    features : tuple of str
        The features by the source's name.
    as_of : date
    maturity_days : tuple of float
    findings : tuple of Finding
    source, fingerprint : str
    """

    frame: pd.DataFrame
    rows: NDArray[np.int64]
    word: str
    features: tuple[str, ...]
    as_of: date
    maturity_days: tuple[float, ...]
    findings: tuple[Finding, ...]
    source: str
    fingerprint: str


def lead_rows(
    section: LeadsSection, about: ProjectSection, base: Path, columns: Sequence[str] | None = None
) -> LeadRows:
    """Read leads and some of their features.

    Parameters
    ----------
    section : LeadsSection
    about : ProjectSection
    base : Path
        Folder at which relative paths start.
    columns : sequence of str, optional
        Features by the source's names. Default: every column that the section does not name.

    Raises
    ------
    ConfigError
        C010 to C014, C023: no such file, kind of source, table, or run of segments.
    DataError
        D0xx, L0xx: every error of the table together.
    """
    features = _others(section, base) if columns is None else tuple(dict.fromkeys(columns))
    with open_leads(section, about, base, columns=features) as table:
        return rows_of(table, features)


def rows_from_frame(
    frame: pd.DataFrame, section: LeadsSection, about: ProjectSection, columns: Sequence[str]
) -> LeadRows:
    """The leads of a DataFrame, by the same rules as those of a file; see :func:`lead_rows`."""
    with relation_of_frame(frame) as relation:
        return rows_of(leads_of(relation, "DataFrame", section, about, columns), columns)


def rows_of(table: LeadsTable, features: Sequence[str]) -> LeadRows:
    """The leads of an open table; see :func:`lead_rows`."""
    numbered = table.numbered
    if not table.relation.ordered and "id" in numbered.columns:
        numbered = numbered.order_by("id")
    elif table.labels is not None:  # a join keeps no order
        numbered = numbered.order_by(ROW)
    leads = table.relation.backend.to_pyarrow(numbered)
    rows = leads[ROW].to_numpy().astype(np.int64)
    columns = {name: _column(leads[name], name) for name in leads.column_names if name != ROW}
    findings = list(table.findings)
    if table.relation.lines is not None and features:
        texts = _from_text(table, features)
        kept = np.isin(table.relation.lines, rows)  # not those created after as_of
        columns |= {f"{FEATURE}{name}": texts.frame[name][kept].reset_index(drop=True) for name in features}
        findings += texts.findings
    return LeadRows(
        frame=pd.DataFrame(columns),
        rows=rows,
        word=table.word,
        features=tuple(features),
        as_of=table.as_of,
        maturity_days=table.maturity_days,
        findings=tuple(dict.fromkeys(findings)),
        source=table.source,
        fingerprint=table.relation.fingerprint,
    )


def _others(section: LeadsSection, base: Path) -> tuple[str, ...]:
    """Columns of the source that the section does not name."""
    named = set(columns_of(section))
    return tuple(name for name, _ in table_columns(section.source, base=base, options=section.csv) if name not in named)


def _from_text(table: LeadsTable, features: Sequence[str]) -> Table:
    """Features of a text file: what the first rows show a column to be, every cell of it must be."""
    roles = {"number": Role.NUMBER, "date": Role.DATE}
    relation, options = replace(table.relation, names=tuple(features)), table.section.csv
    asked = {name: roles.get(kind, Role.TEXT) for name, kind in kinds(relation, options)}
    return read_cells(relation, table.source, asked, options, frozenset(asked))


def _column(values: pa.ChunkedArray, name: str) -> pd.Series:
    """A column as pandas holds it: days, numbers that may miss, truth, or text."""
    kind = values.type
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind) or pa.types.is_null(kind):
        return pd.Series(values.cast(pa.timestamp("ns")).to_pandas())
    if name.startswith("stage_") or name == "age_days":
        return pd.Series(values.to_pandas())
    number = pa.types.is_boolean(kind) or pa.types.is_integer(kind) or pa.types.is_floating(kind)
    if (number or pa.types.is_decimal(kind)) and name not in {"id", "user"}:
        return pd.Series(values.cast(pa.float64()).to_pandas(), dtype="float64")
    return pd.Series(values.cast(pa.string()).to_pandas(), dtype="str")
