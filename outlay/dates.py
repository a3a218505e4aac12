"""Strict dates from text: ISO always, any other notation only where all dates of the column agree on exactly one.

No date is ever passed over as missing, and day and month are never guessed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

ISO = "%Y-%m-%d"
_FORMATS = (
    *("%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%Y-%m"),
    *("%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%d %m %Y", "%m/%d/%Y", "%m.%d.%Y", "%m-%d-%Y", "%m %d %Y"),
    *("%d/%m/%y", "%d.%m.%y", "%d-%m-%y", "%m/%d/%y", "%m.%d.%y", "%m-%d-%y", "%y/%m/%d", "%y.%m.%d", "%y-%m-%d"),
    *("%d %b %Y", "%d-%b-%Y", "%d/%b/%Y", "%d %b %y", "%d-%b-%y", "%b %d, %Y", "%b %d %Y", "%b %Y"),
    *("%d %B %Y", "%d-%B-%Y", "%B %d, %Y", "%B %d %Y", "%B %Y"),
)
_DIRECTIVES = {
    "%Y": r"\d{4}",
    "%y": r"\d{2}",
    "%m": r"\d{1,2}",
    "%d": r"\d{1,2}",
    "%b": "[A-Za-z]{3}",
    "%B": "[A-Za-z]+",
}
_EXACT = {ISO: r"\d{4}-\d{2}-\d{2}", "%Y%m%d": r"\d{8}", "%Y-%m": r"\d{4}-\d{2}"}


def _shape(notation: str) -> re.Pattern[str]:
    """What a text in the notation looks like: cheaper than parsing it, and stricter about digits."""
    plain = re.sub("%[A-Za-z]", lambda match: _DIRECTIVES[match[0]], notation.replace(".", r"\."))
    return re.compile(_EXACT.get(notation, plain))


_SHAPES = {notation: _shape(notation) for notation in (ISO, *_FORMATS)}
_SERIAL = re.compile(r"[1-7]\d{4}(\.\d+)?")
_TIME = re.compile(
    r"[T ](?P<clock>\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(?P<half> ?[AaPp][Mm])?(?: ?(?:Z|UTC|GMT|[+-]\d{2}:?\d{2}))?$"
)
_FIRST, _BEHIND = pd.Timestamp(1900, 1, 1), pd.Timestamp(2200, 1, 1)

type Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Dates:
    """What a column of dates holds.

    Attributes
    ----------
    days : ndarray of datetime64[ns] (N,)
        Midnight of each row's day, NaT where there is none.
    format : str
        How the dates are written, in strptime notation.
    faults : dict of str to ndarray of bool (N,)
        Rows with a fault, by id; the reader words them.
    readings : tuple of str
        For D032: the notations that fit all dates.
    """

    days: NDArray[np.datetime64]
    format: str = ISO
    faults: dict[str, Flags] = field(default_factory=dict)
    readings: tuple[str, ...] = ()


def dates_from_timestamps(stamps: pd.Series) -> Dates:
    """Days from values that the engine already holds as dates or timestamps."""
    missing = stamps.isna().to_numpy()
    outside = ~missing & ~((stamps >= _FIRST) & (stamps < _BEHIND)).to_numpy()
    stamps = stamps.mask(outside)
    days = stamps.dt.normalize()
    faults = {"D030": missing, "D034": (stamps.notna() & (stamps != days)).to_numpy(), "D037": outside}
    return Dates(_nanoseconds(days), faults=faults)


def dates_from_text(texts: pd.Series, date_format: str | None) -> Dates:
    """Days from text; empty or null where a date is missing, spaces around it do no harm.

    Parameters
    ----------
    texts : Series of str (N,)
    date_format : str, optional
        Notation stated by the user.
    """
    codes, unique = pd.factorize(texts)
    # A number such as 20240101 that went through a float column ends in .0.
    written = pd.Series(unique, dtype="str").str.strip().str.replace(r"^(\d+)\.0$", r"\1", regex=True)
    filled = (written != "").to_numpy(bool)
    codes = np.append(np.where(filled, np.cumsum(filled) - 1, -1), -1)[codes]
    found = _read_unique(written[filled].reset_index(drop=True), date_format)
    missing = codes < 0
    days = np.full(len(codes), np.datetime64("NaT", "ns"))
    days[~missing] = found.days[codes[~missing]]
    faults = {"D030": missing}
    for id, bad in found.faults.items():
        faults[id] = np.zeros(len(codes), bool)
        faults[id][~missing] = bad[codes[~missing]]
    return Dates(days, found.format, faults, found.readings)


def _read_unique(texts: pd.Series, stated: str | None) -> Dates:
    """The different texts of a column, none of them missing."""
    if stated is not None:
        days = _parse(texts, stated)
        return _dated(days, stated, {"D036": days.isna().to_numpy()})
    if len(texts) and texts.str.fullmatch(_SERIAL).all():
        return _undated(texts, "D035")
    plain, timed = _without_midnight(texts)
    if timed.any():
        return Dates(_nothing(len(texts)), faults={"D034": timed})
    iso = _parse(plain, ISO)
    if iso.notna().all():
        return _dated(iso, ISO, {})
    likely = [each for each in _FORMATS if _SHAPES[each].fullmatch(plain.iloc[0])]
    fits = {each: days for each in likely if (days := _parse(plain, each)).notna().all()}
    if not fits:
        return _disagreeing(plain)
    notation, days = next(iter(fits.items()))
    if any(not days.equals(other) for other in fits.values()):
        return Dates(_nothing(len(texts)), faults={"D032": np.full(len(texts), True)}, readings=tuple(fits))
    return _dated(days, notation, {})


def _disagreeing(texts: pd.Series) -> Dates:
    """No notation reads all: what the commonest does not read is mixed if another reads it, else no date."""
    days = {each: _parse(texts, each) for each in (ISO, *_FORMATS)}
    read = {each: found.notna().to_numpy() for each, found in days.items()}
    commonest = max(read, key=lambda each: int(read[each].sum()))
    rest = ~read[commonest]
    other = np.logical_or.reduce(list(read.values())) & rest
    return _dated(days[commonest], commonest, {"D031": rest & ~other, "D033": other})


def _without_midnight(texts: pd.Series) -> tuple[pd.Series, Flags]:
    """The texts without a time of midnight, and which have another time."""
    time = texts.str.extract(_TIME)
    half = time["half"].str.strip().str.lower()
    digits = time["clock"].str.replace(r"[:.]", "", regex=True).str.strip("0")
    midnight = ((digits == "") & (half != "pm")) | ((digits == "12") & (half == "am"))
    timed = (time["clock"].notna() & ~midnight).to_numpy(bool)
    return texts.str.replace(_TIME, "", regex=True), timed


def _parse(texts: pd.Series, notation: str) -> pd.Series:
    """Days by one notation, NaT where a text is not written so."""
    shape = _SHAPES.get(notation)  # none for a notation that the user states
    if shape is not None:
        texts = texts.where(texts.str.fullmatch(shape))
    if texts.isna().all():
        return pd.Series(_nothing(len(texts)))
    return pd.to_datetime(texts, format=notation, exact=True, errors="coerce").dt.normalize()


def _dated(days: pd.Series, notation: str, faults: dict[str, Flags]) -> Dates:
    outside = days.notna() & ~((days >= _FIRST) & (days < _BEHIND))
    return Dates(_nanoseconds(days.mask(outside)), notation, {**faults, "D037": outside.to_numpy()})


def _undated(texts: pd.Series, id: str) -> Dates:
    return Dates(_nothing(len(texts)), faults={id: np.full(len(texts), True)})


def _nothing(size: int) -> NDArray[np.datetime64]:
    return np.full(size, np.datetime64("NaT", "ns"))


def _nanoseconds(days: pd.Series) -> NDArray[np.datetime64]:
    return np.asarray(days.to_numpy().astype("datetime64[ns]"))


def is_date_format(notation: str) -> bool:
    """True where the notation names year, month and, at most, day, so that a text in it is one date."""
    probe = pd.Timestamp(2023, 11, 1)
    try:
        return bool(pd.to_datetime([probe.strftime(notation)], format=notation, exact=True)[0] == probe)
    except (ValueError, re.error):
        return False
