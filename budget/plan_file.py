"""A plan that the user brings as a table: channel, spend, and where there are any, group and date."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from budget.catalogue import CATALOGUE
from budget.cells import Cells
from budget.config_rules import MOST_MONEY
from outlay.errors import PlanError
from outlay.findings import Finding
from outlay.transforms import Array

_DATE_COLUMNS = ("date", "period")


@dataclass(frozen=True)
class BroughtPlan:
    """A plan file on the axes of a model.

    Attributes
    ----------
    totals : ndarray (K,)
        Spend per cell over the window.
    timing : ndarray (H, K) or None
        Spend per period, where the file has dates.
    findings : tuple of Finding
    """

    totals: Array
    timing: Array | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Spread:
    """How the amounts of a plan without groups are spread over them.

    Attributes
    ----------
    like : ndarray (K,)
        Spend that they are spread in proportion to; evenly where a channel has none.
    words : str
        The same in words.
    """

    like: Array
    words: str


def read_plan(source: str, base: Path) -> pd.DataFrame:
    """Read a plan file through the same door as every table.

    Parameters
    ----------
    source : str
        CSV or Parquet path, or a URI.
    base : Path
        Folder that a relative path counts from.

    Raises
    ------
    PlanError
        P010, where a column is missing.
    DataError
        Where cells cannot be read.
    """
    from outlay.tables import Role, read_table, table_columns  # brings the table engine, which totals need not load

    columns = [name for name, _ in table_columns(source, base=base)]
    missing = [name for name in ("channel", "spend") if name not in columns]
    if missing:
        raise PlanError(
            f"the column {missing[0]} is missing; the file has {', '.join(columns)}",
            where=source,
            repair="A plan needs the columns channel and spend; group and date are optional.",
            id="P010",
        )
    roles = {"channel": Role.TEXT, "spend": Role.NUMBER}
    roles |= {"group": Role.TEXT} if "group" in columns else {}
    roles |= {name: Role.DATE for name in _DATE_COLUMNS if name in columns}
    # A plan by totals, such as one that Outlay wrote, has these columns empty.
    return read_table(source, roles, base=base, optional=("group", *_DATE_COLUMNS)).frame


def brought_plan(frame: pd.DataFrame, cells: Cells, edges: pd.DatetimeIndex, spread: Spread, where: str) -> BroughtPlan:
    """Put a plan table on the model's cells and the window's periods.

    Parameters
    ----------
    frame : DataFrame
        Columns ``channel`` and ``spend``, and optionally ``group`` and ``date`` (or ``period``); others, such as
        those of a plan that Outlay wrote, are not read.
    cells : Cells
        The model's cells.
    edges : DatetimeIndex (H + 1,)
        First day of each period of the window, and the day after it.
    spread : Spread
        How a table without groups is spread over them.
    where : str
        How messages name the table.

    Raises
    ------
    ConfigError
        P001 or P002, for names that the model does not have.
    PlanError
        P010, for amounts or dates that cannot be used.
    """
    frame = frame.reset_index(drop=True)
    spend = _amounts(frame, where)
    group = _filled(frame, "group") if cells.is_panel or _filled(frame, "group") is not None else None
    date_column = next((name for name in _DATE_COLUMNS if _filled(frame, name) is not None), None)
    period, findings = _periods(frame, date_column, edges, where)
    timing = np.zeros((len(edges) - 1, len(cells)))
    named = np.zeros(len(cells), bool)
    seen: dict[tuple[str, object, int], int] = {}
    for row in range(len(frame)):
        channel = str(frame["channel"][row])
        in_group = None if group is None else str(group[row])
        place = f"{where}, row {row + 1}"
        key = (channel, in_group, int(period[row]))
        if key in seen:
            what = f"{cells.scope(channel, in_group)} stands there twice (rows {seen[key]} and {row + 1})"
            raise _unusable(what, where)
        seen[key] = row + 1
        index = cells.select(channel, in_group, place)
        timing[period[row], index] += spend[row] * _split(spread.like[index])
        named[index] = True
    if cells.is_panel and group is None:
        findings += (
            CATALOGUE.finding("P055", where, f"the plan has no groups; amounts were spread over them {spread.words}"),
        )
    if not named.all():
        left_out = ", ".join(cells.label(int(cell)) for cell in np.flatnonzero(~named)[:8])
        findings += (CATALOGUE.finding("P034", where, f"not in the plan, counted as no spend: {left_out}"),)
    return BroughtPlan(timing.sum(axis=0), None if date_column is None else timing, findings)


def _amounts(frame: pd.DataFrame, where: str) -> Array:
    for name in ("channel", "spend"):
        if name not in frame:
            raise _unusable(f"the column {name} is missing", where)
    spend = pd.to_numeric(frame["spend"], errors="coerce").to_numpy(float)
    bad = np.flatnonzero(~np.isfinite(spend) | (spend < 0))
    if len(bad):
        raise _unusable(f"row {bad[0] + 1} has no usable spend ({frame['spend'][bad[0]]})", where)
    if not len(frame):
        raise _unusable("the plan has no rows", where)
    if spend.sum() > MOST_MONEY:
        raise _unusable(f"the plan spends {spend.sum():.3g}, and {MOST_MONEY:,.0f} is the most that is planned", where)
    return spend


def _filled(frame: pd.DataFrame, name: str) -> pd.Series | None:
    """The column, or None where it is absent or wholly empty (as in a plan by totals)."""
    if name not in frame:
        return None
    column = frame[name]
    return None if (column.isna() | (column.astype(str).str.strip() == "")).all() else column


def _periods(
    frame: pd.DataFrame, date_column: str | None, edges: pd.DatetimeIndex, where: str
) -> tuple[np.ndarray, tuple[Finding, ...]]:
    """Position of every row in the window; without dates all rows count in the first place."""
    if date_column is None:
        return np.zeros(len(frame), np.intp), ()
    days = pd.to_datetime(frame[date_column], errors="coerce", format="ISO8601")
    if days.isna().any():
        row = int(np.flatnonzero(days.isna())[0])
        raise _unusable(f"row {row + 1} has no usable date ({frame[date_column][row]}); write 2025-01-06", where)
    if (days >= edges[0]).all() and (days < edges[-1]).all():
        return np.asarray(edges.searchsorted(days, side="right") - 1, np.intp), ()
    distinct = pd.DatetimeIndex(days.unique()).sort_values()
    if len(distinct) != len(edges) - 1:
        raise _unusable(
            f"its dates ({distinct[0]:%Y-%m-%d} to {distinct[-1]:%Y-%m-%d}) are not those of the window "
            f"({edges[0]:%Y-%m-%d} to {edges[-1] - pd.Timedelta(days=1):%Y-%m-%d}, {len(edges) - 1} periods)",
            where,
        )
    what = f"its periods from {distinct[0]:%Y-%m-%d} were read as those of the window from {edges[0]:%Y-%m-%d}"
    return np.asarray(distinct.searchsorted(days), np.intp), (CATALOGUE.finding("P038", where, what),)


def _split(weights: Array) -> Array:
    total = weights.sum()
    return weights / total if total > 0 else np.full(len(weights), 1.0 / len(weights))


def _unusable(what: str, where: str) -> PlanError:
    return PlanError(what, where=where, repair=CATALOGUE["P010"].repair, id="P010")
