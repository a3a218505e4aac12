"""Features of leads as numbers: kinds from dtypes, missing values as information, nothing left out without a word."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attribution.catalogue import CATALOGUE
from attribution.leads import MISSING_LEVEL
from outlay.findings import Finding

Matrix = NDArray[np.float32]
RARE_LEVEL = "(rare)"
"""Level of what is too rare to learn from, and of what was never seen."""

MOST_LEVELS, RARE_BELOW = 200, 20
_NEARLY_UNIQUE, _FREE_TEXT_WORDS, _LOOKS_NUMERIC = 0.5, 4, 0.95


@dataclass(frozen=True)
class Feature:
    """How a column is read.

    Attributes
    ----------
    name : str
    kind : {"number", "category"}
    levels : tuple of str
        Of a category, the commonest first.
    mean, sd : float
        Of a number, over the leads that have one.
    gaps : bool
        Whether it was missing for some lead that was learnt from.
    truth : bool
        Whether its numbers are yes and no.
    """

    name: str
    kind: Literal["number", "category"]
    levels: tuple[str, ...] = ()
    mean: float = 0.0
    sd: float = 1.0
    gaps: bool = False
    truth: bool = False


@dataclass(frozen=True, eq=False)
class Encoder:
    """Reads columns as it learnt to.

    A matrix has a column per feature: a number (NaN where missing) or the code of a level. Missing is a level of its
    own; a level that was never seen becomes ``(rare)`` where there is such a level, and NaN otherwise.
    """

    features: tuple[Feature, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the features."""
        return tuple(feature.name for feature in self.features)

    @property
    def categorical(self) -> NDArray[np.bool_]:
        """Which columns of the matrix are codes of levels."""
        return np.array([feature.kind == "category" for feature in self.features], dtype=bool)

    def matrix(self, frame: pd.DataFrame) -> Matrix:
        """The features of leads, (N, F)."""
        out = np.empty((len(frame), len(self.features)), dtype=np.float32)
        for j, feature in enumerate(self.features):
            column = frame[feature.name]
            out[:, j] = numbers_of(column) if feature.kind == "number" else _codes(column, feature)
        return out

    def unseen(self, frame: pd.DataFrame) -> Iterator[tuple[str, list[str], int]]:
        """Features with levels that were not learnt from: name, the levels, and how many leads have one."""
        for feature in self.features:
            if feature.kind == "category":
                text = texts_of(frame[feature.name])
                strange = ~text.isin(feature.levels)
                if RARE_LEVEL not in feature.levels and strange.any():
                    yield feature.name, sorted(set(text[strange])), int(strange.sum())

    def linear(self, matrix: Matrix) -> tuple[Matrix, NDArray[np.int64]]:
        """Standardised numbers, indicators of levels and of gaps, (N, D), and the feature that each belongs to."""
        owner = self.owners()
        out = np.zeros((len(matrix), len(owner)), dtype=np.float32)
        at = 0
        for j, feature in enumerate(self.features):
            column = matrix[:, j]
            if feature.kind == "category":
                rows = np.flatnonzero(~np.isnan(column))
                out[rows, at + column[rows].astype(np.int64)] = 1.0
                at += len(feature.levels)
                continue
            empty = np.isnan(column)
            out[:, at] = np.where(empty, 0.0, (column - feature.mean) / feature.sd)
            at += 1
            if feature.gaps:
                out[:, at] = empty
                at += 1
        return out, owner

    def owners(self) -> NDArray[np.int64]:
        """Feature of each column of :meth:`linear`."""
        width = [len(f.levels) if f.kind == "category" else 1 + f.gaps for f in self.features]
        return np.repeat(np.arange(len(self.features)), width)


def learn_encoder(frame: pd.DataFrame, where: str = "") -> tuple[Encoder, list[Finding]]:
    """How to read the columns of a frame, and what was left out of them."""
    features: list[Feature] = []
    findings: list[Finding] = []
    for name in frame.columns:
        feature, finding = _learn(str(name), frame[name], f"{where}, column {name}" if where else f"column {name}")
        features += [feature] if feature else []
        findings += [finding] if finding else []
    return Encoder(tuple(features)), findings


def numbers_of(column: pd.Series) -> Matrix:
    """A column as numbers; NaN where it is missing or infinite."""
    values = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float32, na_value=np.nan)
    return np.where(np.isfinite(values), values, np.float32(np.nan))


def texts_of(column: pd.Series) -> pd.Series:
    """A column as text; missing and blank are :data:`MISSING_LEVEL`."""
    text = column.astype("str").str.strip()
    return text.mask(column.isna() | (text == ""), MISSING_LEVEL)


def _learn(name: str, column: pd.Series, where: str) -> tuple[Feature | None, Finding | None]:
    if pd.api.types.is_datetime64_any_dtype(column) or _holds_days(column):
        return None, CATALOGUE.finding("S005", where, "it holds dates, which do not repeat, and was left out")
    if pd.api.types.is_bool_dtype(column) or pd.api.types.is_numeric_dtype(column):
        return _number(name, column, where)
    text = texts_of(column)
    filled = text[text != MISSING_LEVEL]
    levels = filled.value_counts()
    if len(filled) and len(levels) > 2 and numeric_share(filled) >= _LOOKS_NUMERIC:
        feature, finding = _number(name, column, where)
        return feature, finding or CATALOGUE.finding(
            "S006", where, f"it is text that holds numbers, and was read as numbers; {_gaps(column)} without one"
        )
    if len(levels) > max(_NEARLY_UNIQUE * len(filled), 20) or _is_prose(levels):
        kind = "free text" if _is_prose(levels) else "nearly unique, like an id"
        return None, CATALOGUE.finding("S005", where, f"{len(levels)} levels in {len(filled)} leads: {kind}; left out")
    return _category(name, text, where)


def _number(name: str, column: pd.Series, where: str) -> tuple[Feature | None, Finding | None]:
    values = numbers_of(column)
    known = values[~np.isnan(values)].astype(np.float64)
    gaps = len(known) < len(values)
    if not len(known) or (known.min() == known.max() and not gaps):
        return None, CATALOGUE.finding("S005", where, "it is the same for every lead that was learnt from; left out")
    truth = pd.api.types.is_bool_dtype(column)
    return Feature(name, "number", mean=float(known.mean()), sd=float(known.std()) or 1.0, gaps=gaps, truth=truth), None


def _category(name: str, text: pd.Series, where: str) -> tuple[Feature | None, Finding | None]:
    counts = text.value_counts()
    if len(counts) < 2:
        return None, CATALOGUE.finding("S005", where, "it is the same for every lead that was learnt from; left out")
    order = sorted(counts.index, key=lambda level: (-int(counts[level]), level))
    kept = [level for level in order[:MOST_LEVELS] if counts[level] >= RARE_BELOW or level == MISSING_LEVEL]
    rare = [level for level in order if level not in set(kept)]
    if len(kept) + bool(rare) < 2:
        return None, CATALOGUE.finding("S005", where, f"no two of its levels have {RARE_BELOW} leads; left out")
    levels = (*kept, RARE_LEVEL) if rare else tuple(kept)
    if not rare:
        return Feature(name, "category", levels), None
    told = CATALOGUE.finding(
        "S007", where, f"{len(rare)} of {len(order)} levels ({int(counts[rare].sum())} leads) are {RARE_LEVEL} together"
    )
    return Feature(name, "category", levels), told


def _codes(column: pd.Series, feature: Feature) -> Matrix:
    text = texts_of(column)
    codes = pd.Index(feature.levels).get_indexer(pd.Index(text)).astype(np.float32)
    other = feature.levels.index(RARE_LEVEL) if RARE_LEVEL in feature.levels else np.nan
    return np.where(codes < 0, np.float32(other), codes)


def numeric_share(filled: pd.Series) -> float:
    """Part of texts that are numbers."""
    return float(pd.to_numeric(filled, errors="coerce").notna().mean())


def _holds_days(column: pd.Series) -> bool:
    import datetime as dt

    if column.dtype != object:
        return False
    known = column.dropna()
    return bool(len(known)) and isinstance(known.iloc[0], dt.date)


def _is_prose(levels: pd.Series) -> bool:
    head: Sequence[str] = [str(level) for level in levels.index[:200]]
    return len(levels) > 50 and float(np.median([len(level.split()) for level in head])) > _FREE_TEXT_WORDS


def _gaps(column: pd.Series) -> str:
    count = int(np.isnan(numbers_of(column)).sum())
    return f"{count} lead is" if count == 1 else f"{count} leads are"
