"""Tables that a browser is sent as CSV, in the writing of the project, so that a spreadsheet reads its numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash import dcc

from outlay import style
from outlay.exports import csv_text

if TYPE_CHECKING:
    import pandas as pd

MARK = "\ufeff"
"""Tells spreadsheets that the text is UTF-8; without it some show umlauts as two signs each."""


MONEY = ("budget", "profit", "spend")
"""First words of columns in the currency."""

OUTCOME = ("expected", "gain", "cvar", "q05", "sd")
"""First words of columns in the outcome's unit."""


def with_units(frame: pd.DataFrame, currency: str, unit: str) -> pd.DataFrame:
    """The table with its units in the columns' names, as those of a plan have them; an empty unit adds nothing."""

    def head(name: str) -> str:
        first = name.partition("_")[0]
        found = currency if first in MONEY else unit if first in OUTCOME else ""
        return f"{name}_{found}" if found else name

    return frame.rename(columns=head)


def csv_file(frame: pd.DataFrame, name: str, numbers: str) -> Any:
    """A download for :class:`dash.dcc.Download`.

    Parameters
    ----------
    frame : DataFrame
    name : str
        Of the file.
    numbers : str
        ``[project] numbers``. Where they have a decimal comma, columns are parted by semicolons, as the spreadsheets of
        those countries expect.
    """
    decimal = style.MARKS[numbers][1]
    text = csv_text(frame, separator=";" if decimal == "," else ",", decimal=decimal)
    return dcc.send_string(MARK + text, name, type="text/csv;charset=utf-8")
