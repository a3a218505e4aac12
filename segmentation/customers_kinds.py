"""What the cells of a column are, from its type and from all of its texts: a number, a day, a name, or a mixture."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from outlay import dates, numbers

_NUMBER = r"^\s*[+-]?([0-9]+([.,][0-9]*)?|[.,][0-9]+)([eE][+-]?[0-9]{1,3})?\s*$"
_TIME = re.compile(r"[T ]\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?( ?[AaPp][Mm])?( ?(Z|UTC|GMT|[+-]\d{2}:?\d{2}))?$")
_SIGNED = {"D022", "D024", "D026"}
_HEAD, _MOST, _HALF, _SOME = 200, 0.9, 0.5, 0.05


class Kind(StrEnum):
    """What the cells of a column are."""

    NUMBER = "number"
    DATE = "date"
    TEXT = "text"
    MIXED = "mixed"
    EMPTY = "empty"
    OTHER = "other"


@dataclass(frozen=True)
class Seen:
    """What a column looks like before anything is read.

    Attributes
    ----------
    kind : Kind
    filled : int
        Cells that hold something.
    different : int
        Different texts among them, without spaces around; for a text column only, else 0.
    odd : tuple of str
        Of a mixed column, and of a text column with some numbers: examples of what is no number.
    numbers : int
        Cells of a text column that hold a number.
    declared : str
        Type in the engine, for messages.
    """

    kind: Kind
    filled: int
    different: int = 0
    odd: tuple[str, ...] = ()
    numbers: int = 0
    declared: str = ""


def kind_of(values: pa.ChunkedArray, date_format: str | None = None) -> Seen:
    """What a column holds.

    Parameters
    ----------
    values : pyarrow array (N,)
    date_format : str, optional
        Notation of days as the user stated it.
    """
    kind, declared = values.type, str(values.type)
    filled = len(values) - values.null_count
    if pa.types.is_dictionary(kind):
        return kind_of(values.cast(kind.value_type), date_format)
    if pa.types.is_null(kind) or not filled:
        return Seen(Kind.EMPTY, 0, declared=declared)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return _text(values, date_format)
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        return Seen(Kind.DATE, filled, declared=declared)
    if pa.types.is_boolean(kind) or pa.types.is_integer(kind) or pa.types.is_decimal(kind):
        return Seen(Kind.NUMBER, filled, declared=declared)
    if pa.types.is_floating(kind):
        # a table that went through pandas writes nan for an empty cell
        filled -= int(pc.sum(pc.is_nan(values.drop_null())).as_py() or 0)
        return Seen(Kind.NUMBER if filled else Kind.EMPTY, filled, declared=declared)
    return Seen(Kind.OTHER, filled, declared=declared)


def without_time(texts: pd.Series) -> pd.Series:
    """Texts of days without the time behind them."""
    return texts.str.strip().str.replace(_TIME, "", regex=True)


def _text(values: pa.ChunkedArray, date_format: str | None) -> Seen:
    trimmed = pc.utf8_trim_whitespace(values).combine_chunks()
    counts = pc.value_counts(trimmed)
    texts, times = counts.field("values"), counts.field("counts")
    kept = pc.fill_null(pc.not_equal(texts, ""), fill_value=False)
    texts, times = texts.filter(kept), np.asarray(times.filter(kept))
    filled = int(times.sum())
    if not filled:
        return Seen(Kind.EMPTY, 0, declared="text")
    is_number = np.asarray(pc.match_substring_regex(texts, _NUMBER))
    held = int(times[is_number].sum())
    if _are_days(texts, date_format):
        return Seen(Kind.DATE, filled, len(texts), declared="text")
    odd = tuple(str(text) for text in texts.filter(pa.array(~is_number)).slice(0, 5).to_pylist())
    if not odd:
        return Seen(Kind.NUMBER, filled, len(texts), numbers=held, declared="text")
    strange = texts.filter(pa.array(~is_number)).slice(0, _HEAD).to_pylist()
    if sum(numbers.fault(text, ".") in _SIGNED for text in strange) >= _MOST * len(strange):
        return Seen(
            Kind.NUMBER, filled, len(texts), odd, held, "text"
        )  # signs and thousands: the strict reader says so
    unique = len(texts) > _MOST * filled and filled > _HEAD
    kind = Kind.MIXED if held >= _HALF * filled and not unique else Kind.TEXT
    return Seen(kind, filled, len(texts), odd, held if held >= _SOME * filled else 0, "text")


def _are_days(texts: pa.Array, date_format: str | None) -> bool:
    """True where most of the first texts are days, in whatever notation: the strict reader then says what is wrong."""
    head = pd.Series(texts.slice(0, _HEAD).to_pandas(), dtype="str")
    if not head.str.contains(r"\d").mean() >= _MOST:
        return False
    found = dates.dates_from_text(without_time(head), date_format)
    days = ~np.isnat(found.days)
    for id in ("D032", "D033", "D037"):
        days |= found.faults.get(id, np.zeros(len(head), bool))
    if days.mean() < _MOST:
        return False
    if head.str.fullmatch(r"\d{8}").all():
        # 20120904 is a day only where every number of the column is one
        every = pd.Series(texts.to_pandas(), dtype="str")
        return bool((~np.isnat(dates.dates_from_text(every, date_format).days)).all())
    return True
