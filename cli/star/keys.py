"""Keys: every export gives the same member the same one, in whichever database."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from cli.star.columns import TOTAL, Column, Table
from cli.star.dimensions import DIMENSIONS, NATURAL

if TYPE_CHECKING:
    import pandas as pd

_KEYS = {table.name: table.key[0] for table in DIMENSIONS}
_BITS = 53  # whole numbers that a spreadsheet or a browser holds exactly


def key_of(dimension: str, values: Sequence[object]) -> int:
    """The key of a member: a hash of what names it, so that it needs no look-up and never changes."""
    named = [None if value != value else value for value in values]
    told = json.dumps([dimension, *named], ensure_ascii=True, separators=(",", ":"))
    return int.from_bytes(hashlib.sha256(told.encode()).digest()[:8]) >> (64 - _BITS)


def run_key(run_id: str) -> int:
    """The key of a run."""
    return key_of("dim_run", [run_id])


def with_keys(table: Table, rows: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, pd.DataFrame]]:
    """A fact's rows with keys in place of names, in the table's columns, and the members that they lead to.

    ``rows`` holds dates under the names of their keys, and the other members under those of :data:`NATURAL`. A member
    that is not named is that of all together.
    """
    import pandas as pd

    found: dict[str, pd.Series] = {}
    members: dict[str, pd.DataFrame] = {}
    for column in table.links:
        if column.to == "dim_run":
            found[column.name] = rows[column.name]
        elif column.to == "dim_date":
            found[column.name] = _day_keys(rows[column.name])
        else:
            found[column.name], members[column.to] = _member_keys(column, rows)
    days = [rows[column.name] for column in table.links if column.to == "dim_date"]
    if days and len(rows):
        members["dim_date"] = _days(pd.concat(days))
    plain = {name: rows.get(name) for name in table.names if name not in found}
    done = pd.DataFrame({**found, **plain}, index=rows.index)
    return done[list(table.names)], members


def _day_keys(days: pd.Series) -> pd.Series:
    import pandas as pd

    each = pd.to_datetime(days).dt
    return (each.year * 10_000 + each.month * 100 + each.day).astype("int32")


def _member_keys(column: Column, rows: pd.DataFrame) -> tuple[pd.Series, pd.DataFrame]:
    """The key of each row's member, and the members, each once."""
    import pandas as pd

    names = list(NATURAL[column.to])
    told = pd.DataFrame({name: rows.get(name) for name in names}, index=rows.index, dtype=object)
    told = told.where(told.notna() & (told != ""), None)
    codes = told.groupby(names, sort=False, dropna=False).ngroup()
    # Keys are made before the totals get their name: a group that is called "(all)" is not all groups.
    members = told[~codes.duplicated()].reset_index(drop=True)
    keys = [key_of(column.to, values) for values in members.itertuples(index=False, name=None)]
    if column.to != "dim_scenario":
        members["is_total"] = members[names].isna().all(axis=1)
        members[names] = members[names].fillna(TOTAL)
    members.insert(0, _KEYS[column.to], keys)
    return codes.map(dict(enumerate(keys))).astype("int64"), members


def _days(touched: pd.Series) -> pd.DataFrame:
    """Every day of the years that are touched."""
    import pandas as pd

    years = pd.to_datetime(touched).dt.year
    day = pd.Series(pd.date_range(f"{years.min()}-01-01", f"{years.max()}-12-31"))
    iso = day.dt.isocalendar()
    return pd.DataFrame(
        {
            "date_key": _day_keys(day),
            "date": day.dt.date,
            "year": day.dt.year,
            "quarter": day.dt.quarter,
            "month": day.dt.month,
            "day": day.dt.day,
            "weekday": iso["day"].astype("int32"),
            "iso_year": iso["year"].astype("int32"),
            "iso_week": iso["week"].astype("int32"),
            "month_start": (day - pd.to_timedelta(day.dt.day - 1, unit="D")).dt.date,
            "week_start": (day - pd.to_timedelta(iso["day"].astype("int64") - 1, unit="D")).dt.date,
        }
    )
