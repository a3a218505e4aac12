"""Handing results out: CSV that a spreadsheet opens without running anything, and strict JSON.

A spreadsheet takes a text cell that begins with ``=``, ``+``, ``-`` or ``@`` for a formula, also when it comes from a
CSV file. Such cells and column names get a single quote in front, which spreadsheets read as "this is text". Numbers
are never touched, negative ones included.
"""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import enum
import functools
import json
import math
import numbers
import re
from collections.abc import Mapping, Sequence, Set
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, Literal

from outlay.files import atomic_write

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["atomic_write", "csv_text", "neutral", "records", "to_json", "write_csv"]

_SEPARATORS = ",;|\t"
_BLANK = r"[\s\x00\"\u200b-\u200f\u2060\ufeff]*"  # what a reader may drop before it looks at the first sign
_SIGN = r"[=+\-@\uff1d\uff0b\uff0d\uff20]"  # full-width signs count in East Asian locales


def neutral(text: str, *, separator: str = ",") -> str:
    """Text that no spreadsheet takes for a formula: a single quote goes before ``= + - @``, tab and carriage return.

    Leading blanks are looked through. A spreadsheet that is set to another separator than the file's splits cells in
    the middle, so what follows another separator or a line end counts as a start, too. Other text comes back as it is,
    and what was neutralised once is not changed again.
    """
    return _formula(separator).sub("'", text)


@functools.cache
def _formula(separator: str) -> re.Pattern[str]:
    others = re.escape(_SEPARATORS.replace(separator, "") + "\r\n")
    return re.compile(rf"(?:^|(?<=[{others}]))(?={_BLANK}{_SIGN})|^(?=[\t\r])")


def csv_text(frame: pd.DataFrame, *, separator: str = ",", decimal: str = ".") -> str:
    """A table as CSV text without its index; empty where a value is missing, dates as ISO, floats in full precision.

    Parameters
    ----------
    frame : DataFrame
        The table.
    separator, decimal : str
        ``";"`` and ``","`` suit spreadsheets in countries with a decimal comma.
    """
    safe: pd.DataFrame = frame.copy(deep=False)
    texts = [position for position, dtype in enumerate(frame.dtypes) if dtype.kind not in "biufcmM"]
    for position in texts:
        column = frame.iloc[:, position].astype(object)
        safe.isetitem(position, column.map(functools.partial(_safe_cell, separator), na_action="ignore").to_numpy())
    safe.columns = [neutral(str(name), separator=separator) for name in frame.columns]
    text: str = safe.to_csv(
        index=False, lineterminator="\n", sep=separator, decimal=decimal, quoting=_quoting(safe, texts)
    )
    return text


def write_csv(frame: pd.DataFrame, path: Path | str, *, separator: str = ",", decimal: str = ".") -> Path:
    """Write a table as UTF-8 CSV that no spreadsheet runs; see :func:`csv_text`.

    Raises
    ------
    RunError
        Where the place cannot be written to; an older file of that name is then still whole.
    """
    return atomic_write(path, csv_text(frame, separator=separator, decimal=decimal))


def to_json(value: object, *, indent: int | None = 2) -> str:
    """Strict JSON of plain and scientific Python values, in ASCII, ending without a newline.

    NaN, infinities, ``NaT`` and ``NA`` become null; numpy scalars and arrays, tables (a list of rows), dataclasses,
    pydantic models, enums, paths and sets (sorted) become what they hold. Dates are ISO 8601; a time at midnight
    without a zone is written as its date. Order of keys is kept and numbers are not rounded.

    Raises
    ------
    TypeError
        For a value that has no JSON form; bytes are one.
    ValueError
        Where two keys of a mapping become the same text.
    """
    return json.dumps(_plain(value), indent=indent, allow_nan=False)


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """A table as a list of JSON-ready rows."""
    names = [str(name) for name in frame.columns]
    if len(set(names)) < len(names):
        raise ValueError("two columns have the same name")
    columns = [[_plain(cell) for cell in frame.iloc[:, position].tolist()] for position in range(len(names))]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _quoting(frame: pd.DataFrame, texts: Sequence[int]) -> Literal[0, 2]:
    """Every text in quotes where one holds a carriage return: the csv module would leave it bare among lines that end
    in a line feed, and readers would split the row there.
    """
    cells = [cell for position in texts for cell in frame.iloc[:, position] if isinstance(cell, str)]
    return csv.QUOTE_NONNUMERIC if any("\r" in text for text in [*frame.columns, *cells]) else csv.QUOTE_MINIMAL


def _safe_cell(separator: str, cell: object) -> object:
    """A cell of a text column; numbers, dates and truth values in a mixed column stay what they are."""
    if isinstance(cell, numbers.Number | dt.date | dt.timedelta | bool):
        return cell
    return neutral(str(cell), separator=separator)


def _plain(value: object) -> object:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, enum.Enum):
        return _plain(value.value)
    if isinstance(value, str):
        return str(value)
    if type(value).__module__.partition(".")[0] in ("numpy", "pandas"):
        return _plain_scientific(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, numbers.Real) or type(value).__name__ == "Decimal":
        number = float(value)  # type: ignore[arg-type]
        return number if math.isfinite(number) else None
    if isinstance(value, dt.date | dt.time):
        return _iso(value)
    if isinstance(value, PurePath):
        return str(value)
    return _plain_container(value)


def _plain_container(value: object) -> object:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        plain = {_key(key): _plain(item) for key, item in value.items()}
        if len(plain) < len(value):
            raise ValueError("two keys of a mapping become the same text")
        return plain
    if isinstance(value, Set):
        return sorted((_plain(item) for item in value), key=lambda item: (str(type(item)), item))
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if hasattr(value, "model_dump"):
        return _plain(value.model_dump())
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _plain_scientific(value: object) -> object:
    """Values of numpy and pandas; imported here because this module must load without them."""
    import numpy as np
    import pandas as pd

    if isinstance(value, pd.DataFrame):
        return records(value)
    if isinstance(value, pd.Series | pd.Index):
        return [_plain(item) for item in value.tolist()]
    if isinstance(value, np.ndarray):
        items = list(value) if value.dtype.kind == "M" and value.ndim else value.tolist()
        return [_plain(item) for item in items] if value.ndim else _plain(items)
    if value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, np.datetime64):
        return None if np.isnat(value) else _iso(pd.Timestamp(value))
    if isinstance(value, pd.Timestamp):
        return _iso(value)
    if isinstance(value, np.generic) and value.dtype.kind in "biufU":
        return _plain(value.item())
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _iso(moment: dt.date | dt.time) -> str:
    if isinstance(moment, dt.datetime) and moment.tzinfo is None and moment.time() == dt.time.min:
        return moment.date().isoformat()
    return moment.isoformat()


def _key(key: object) -> str:
    plain = _plain(key)
    if isinstance(plain, str):
        return plain
    if plain is None or isinstance(plain, int | float):
        return json.dumps(plain)
    raise TypeError(f"a {type(key).__name__} cannot be a key in JSON")
