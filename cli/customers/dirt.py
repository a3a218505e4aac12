"""The table as somebody exported it: padded with blanks, with holes, odd levels and years in which nobody was born."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cli.customers.world import SPEND

BLANK_INCOMES = 24
ODD_YEARS = 3
ODD_LEVELS = {"Alone": 3, "Absurd": 2, "YOLO": 2}
TYPING_ERROR = 666_666
CONSTANTS = {"Z_CostContact": 3, "Z_Revenue": 11}
_AS_TEXT = {"Education", "Marital_Status", "Dt_Customer"}
COLUMNS = [
    "ID",
    *("Year_Birth", "Education", "Marital_Status", "Income", "Kidhome", "Teenhome", "Dt_Customer", "Recency"),
    *SPEND,
    *("NumDealsPurchases", "NumWebPurchases", "NumCatalogPurchases", "NumStorePurchases", "NumWebVisitsMonth"),
    *("AcceptedCmp3", "AcceptedCmp4", "AcceptedCmp5", "AcceptedCmp1", "AcceptedCmp2", "Complain"),
    *CONSTANTS,
    "Response",
]
"""Columns of the table, in its order."""


def make_dirty(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """The clean table with what goes wrong in such tables; the same customers in the same order."""
    table = frame.assign(**CONSTANTS)[COLUMNS]
    rows = _apart(len(table), rng)
    years = rng.permutation(np.arange(1886, 1900))[:ODD_YEARS]
    table.loc[rows[:ODD_YEARS], "Year_Birth"] = years[: len(rows[:ODD_YEARS])]
    at = ODD_YEARS
    for level, count in ODD_LEVELS.items():
        table.loc[rows[at : at + count], "Marital_Status"] = level
        at += count
    table.loc[rows[at : at + BLANK_INCOMES], "Income"] = np.nan
    at += BLANK_INCOMES
    table.loc[rows[at : at + 1], "Income"] = TYPING_ERROR
    return table


def _apart(n: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Rows that something happens to, each once; a tenth of a small table at the most."""
    wanted = ODD_YEARS + sum(ODD_LEVELS.values()) + BLANK_INCOMES + 1
    return rng.permutation(n)[: min(wanted, n // 10)]


def as_text(table: pd.DataFrame) -> str:
    """The table as text: tabs between the columns, every cell filled up with blanks to the width of its column."""
    columns = []
    for name in table.columns:
        cells = [_cell(value) for value in table[name]]
        width = max(len(name), *map(len, cells)) if cells else len(name)
        if name in _AS_TEXT:
            columns.append([name.ljust(width), *(cell.ljust(width) for cell in cells)])
        else:
            columns.append([name.ljust(width), *(cell.rjust(width) for cell in cells)])
    return "".join("\t ".join(cells) + "\n" for cells in zip(*columns, strict=True))


def _cell(value: object) -> str:
    if isinstance(value, pd.Timestamp):
        return value.strftime("%d-%m-%Y")
    if isinstance(value, float):
        return "" if np.isnan(value) else f"{value:.0f}"
    return str(value)
