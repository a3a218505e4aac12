"""A database that a star schema is written into: what the export asks of it, and its rows as Arrow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from cli.star.columns import Column, Kind, Table

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

CHUNK = 200_000
"""Rows handed over at once, so that memory does not grow with a run."""


class Target(Protocol):
    """A database inside one transaction; what was not committed when it is left is gone."""

    place: str
    schema: str
    bound: bool
    """Whether primary and foreign keys are declared."""

    def run(self, statement: str) -> None:
        """Do what a statement says."""

    def ask(self, statement: str) -> list[tuple[object, ...]]:
        """Rows that answer a statement."""

    def tables(self) -> set[str] | None:
        """Tables and views of the schema; None where there is no such schema."""

    def load(self, table: Table, rows: pa.Table) -> None:
        """Add rows to a table."""

    def commit(self) -> None:
        """Make all of it visible at once."""


def arrow_rows(table: Table, rows: pd.DataFrame) -> pa.Table:
    """Rows as the columns of a table say; what is missing or not finite is null."""
    import pyarrow as pa

    return pa.table({column.name: _array(column, rows[column.name]) for column in table.columns})


def _array(column: Column, values: pd.Series) -> pa.Array:
    import numpy as np
    import pandas as pd
    import pyarrow as pa

    if column.kind is Kind.NUMBER:
        numbers = pd.to_numeric(values).to_numpy(dtype=float, na_value=np.nan, copy=True)
        numbers[~np.isfinite(numbers)] = np.nan
        return pa.array(numbers, pa.float64(), from_pandas=True)
    if column.kind is Kind.TEXT:
        # Few texts come often: each is looked at once.
        return pa.array(values.astype(object).map(str, na_action="ignore"), pa.string(), from_pandas=True)
    kinds = {
        Kind.KEY: pa.int64(),
        Kind.WHOLE: pa.int32(),
        Kind.TRUTH: pa.bool_(),
        Kind.DATE: pa.date32(),
        Kind.MOMENT: pa.timestamp("us"),
    }
    if column.kind in (Kind.KEY, Kind.WHOLE):
        values = pd.to_numeric(values).astype("Int64")
    return pa.array(values.astype(object), kinds[column.kind], from_pandas=True)
