"""Reading tables: the one door through which the user's rows come in.

A table is read whole and strictly: every cell of a column that is asked for becomes a number, a day or a name, or the
table is refused with the line and the repair of every fault. Nothing is filled, dropped, reordered or guessed.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import Field, field_validator

from outlay.findings import Finding
from outlay.project import Section

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

# Python's codecs that are encodings of tables; others among them (zlib, punycode, utf-7) are not.
_ENCODING = re.compile(
    r"ascii|utf-(8(-sig)?|16(-[lb]e)?|32(-[lb]e)?)|iso8859-\d+|cp\d+|mac-\w+|koi8-\w|shift_jis\w*|euc_\w+|gbk?|gb\d+|big5\w*"
)


class Role(StrEnum):
    """What a column's cells are."""

    DATE = "date"
    NUMBER = "number"
    TEXT = "text"


class CsvOptions(Section):
    """How a CSV file is written. What is not stated is detected where it is certain, and otherwise refused."""

    encoding: str | None = Field(
        default=None, description='Encoding of the text, for example "latin-1"; UTF-8 and marked UTF-16 need none.'
    )
    separator: Literal[",", ";", "\t", "|"] | None = Field(
        default=None, description='Character between values: ",", ";", "\\t" (tab) or "|".'
    )
    decimal: Literal[".", ","] | None = Field(default=None, description='Decimal mark of all numbers: "." or ",".')
    date_format: str | None = Field(
        default=None, description='How all dates are written, in strptime notation: "%d.%m.%Y" is 31.12.2025.'
    )

    @field_validator("encoding")
    @classmethod
    def _is_encoding(cls, value: str | None) -> str | None:
        try:
            known = value is None or bool(_ENCODING.fullmatch(codecs.lookup(value).name))
        except (LookupError, ValueError):
            known = False
        if not known:
            raise ValueError(f'"{value}" is no text encoding; usual ones are "utf-8", "latin-1" and "cp1252"')
        return value

    @field_validator("date_format")
    @classmethod
    def _is_date_format(cls, value: str | None) -> str | None:
        from outlay.dates import is_date_format

        if value is not None and not is_date_format(value):
            raise ValueError(f'"{value}" does not tell year, month and day; write for example "%d.%m.%Y"')
        return value


@dataclass(frozen=True, eq=False)
class Table:
    """The columns that were asked for.

    Attributes
    ----------
    frame : DataFrame (N rows)
        NUMBER columns are float64, DATE columns datetime64[ns] at midnight, TEXT columns str, in the order asked for.
        Only columns named as optional hold missing values.
    rows : ndarray of int (N,)
        Line of each row in the file (the header is on line 1); for Parquet and databases the row from 1.
    word : {"line", "row"}
        What `rows` counts, for messages.
    source : str
        The table as the project file names it.
    fingerprint : str
        sha256 of the file's bytes; for a database, of the content that was read.
    findings : tuple of Finding
        Warnings and notes.
    """

    frame: pd.DataFrame
    rows: NDArray[np.int64]
    word: str
    source: str
    fingerprint: str
    findings: tuple[Finding, ...] = ()


_PLAIN = CsvOptions()


def read_table(
    source: str,
    roles: Mapping[str, Role],
    *,
    base: Path,
    options: CsvOptions = _PLAIN,
    optional: Collection[str] = (),
) -> Table:
    """Read named columns of a table.

    Parameters
    ----------
    source : str
        Path of a CSV (``.csv``, ``.tsv``, ``.txt``) or Parquet file, or ``duckdb:///file.db?table=name``.
    roles : mapping of str to Role
        The columns to read and what they hold.
    base : Path
        Folder at which relative paths start.
    options : CsvOptions
        What the user stated about the text.
    optional : collection of str
        Columns in which cells may be empty (NaN, NaT or missing text).

    Raises
    ------
    ConfigError
        C010 to C013: no such file, kind of source, or table.
    DataError
        D001 to D041, all faults of the table together.
    """
    # Imported here so that a project file can be checked without the table engine's start-up.
    from outlay.cells import read_cells
    from outlay.sources import Wanted, opened

    wanted = Wanted(columns=roles, encoding=options.encoding, separator=options.separator)
    with opened(source, Path(base), wanted) as relation:
        return read_cells(relation, source, roles, options, frozenset(optional))


def table_columns(source: str, *, base: Path, options: CsvOptions = _PLAIN) -> list[tuple[str, str]]:
    """Names of all columns and what they seem to hold: ``"date"``, ``"number"``, ``"text"`` or ``"other"``.

    For a first project file; the first rows decide about text.

    Raises
    ------
    ConfigError, DataError
        As :func:`read_table`, for the file as a whole.
    """
    from outlay.cells import kinds
    from outlay.sources import Wanted, opened

    with opened(source, Path(base), Wanted(encoding=options.encoding, separator=options.separator)) as relation:
        return kinds(relation, options)
