"""How customers are compared: what is done to every feature, as numbers and names that fit any rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from outlay.errors import DataError
from outlay.findings import Finding
from outlay.places import SHOWN, first_few, place, quoted
from outlay.transforms import Array
from segmentation.catalogue import CATALOGUE
from segmentation.customers import Customers
from segmentation.customers_columns import Columns
from segmentation.customers_kinds import Kind
from segmentation.customers_roles import Roles
from segmentation.customers_words import how_many, level_texts, spoken
from segmentation.mixed import Mixed

OTHER = "(other)"
"""Level of what few customers have."""

_STRAY = 3.0
"""How many times the part that was pulled in at first makes new rows worth a word."""


@dataclass(frozen=True)
class NumberField:
    """A number among the features.

    Attributes
    ----------
    name, unit : str
        ``"days"`` where the column holds days.
    low, high : float
        Limits that values are pulled in to, in original units; infinite where they are not.
    log : bool
        Whether customers are compared on a log scale: log(value + offset).
    offset : float
    centre, scale : float
        Mean and standard deviation on the scale of comparison, after the limits.
    weight : float
        How much a squared difference counts.
    typical : float
        Median in original units.
    clipped : float
        Part of the customers that the limits pulled in when they were learnt.
    """

    name: str
    unit: str
    low: float
    high: float
    log: bool
    offset: float
    centre: float
    scale: float
    weight: float = 1.0
    typical: float = 0.0
    clipped: float = 0.0

    def scaled(self, values: Array) -> Array:
        """Values (N,) on the scale of comparison; NaN stays."""
        held = np.clip(values, self.low, self.high)
        if self.log:
            held = np.log(np.maximum(held + self.offset, np.finfo(float).tiny))
        return np.asarray((held - self.centre) / self.scale)

    def in_units(self, numbers: Array) -> Array:
        """Numbers on the scale of comparison in original units."""
        held = np.asarray(numbers, np.float64) * self.scale + self.centre
        return np.exp(held) - self.offset if self.log else held


@dataclass(frozen=True)
class CategoryField:
    """A category among the features.

    Attributes
    ----------
    name : str
    levels : tuple of str
        Commonest first; ``"(other)"`` last where there is one.
    other : tuple of str
        Levels that few customers have, which count as ``"(other)"``.
    from_numbers : bool
        Whether the column holds numbers, so that 1.0 and 1 are one level.
    weight : float
        How much a mismatch counts, before gamma.
    """

    name: str
    levels: tuple[str, ...]
    other: tuple[str, ...] = ()
    from_numbers: bool = False
    weight: float = 1.0

    def codes(self, texts: pd.Series) -> NDArray[np.int32]:
        """Place in `levels` of each text; -1 where it is missing, -2 where it was never seen."""
        places = {level: code for code, level in enumerate(self.levels)}
        places |= dict.fromkeys(self.other, places.get(OTHER, -2))
        codes, unique = pd.factorize(texts)
        known = np.array([*(places.get(str(text), -2) for text in unique), -1], np.int32)
        return known[codes]


@dataclass(frozen=True, eq=False)
class Preparation:
    """What is done to features before customers are compared; made by :func:`segmentation.prepare.prepare`.

    Attributes
    ----------
    numbers : tuple of NumberField
    categories : tuple of CategoryField
    findings : tuple of Finding
        What was done when it was made; not kept by :meth:`as_dict`.
    """

    numbers: tuple[NumberField, ...]
    categories: tuple[CategoryField, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def numeric(self) -> tuple[str, ...]:
        """Names of the numbers."""
        return tuple(field.name for field in self.numbers)

    @property
    def categorical(self) -> tuple[str, ...]:
        """Names of the categories."""
        return tuple(field.name for field in self.categories)

    def apply(self, customers: Customers) -> tuple[Mixed, tuple[Finding, ...]]:
        """Customers as clustering sees them, and what is new about them.

        Raises
        ------
        DataError
            K006 where a feature is not among their columns.
        """
        self._see_that_all_are_there(customers)
        findings: list[Finding] = []
        numbers = np.empty((customers.n_customers, len(self.numbers)), np.float32)
        for j, field in enumerate(self.numbers):
            values = customers.frame[field.name].to_numpy(np.float64)
            numbers[:, j] = field.scaled(values)
            findings += _outside(field, values, customers)
        codes = np.empty((customers.n_customers, len(self.categories)), np.int32)
        for j, category in enumerate(self.categories):
            texts = customers.frame[category.name]
            codes[:, j] = category.codes(texts)
            findings += _never_seen(category, codes[:, j], texts, customers)
        np.maximum(codes, -1, out=codes)
        return self._mixed(numbers, codes, customers.weight), tuple(findings)

    def _mixed(self, numbers: NDArray[np.float32], codes: NDArray[np.int32], weight: Array) -> Mixed:
        return Mixed(
            numbers=numbers,
            codes=codes,
            levels=tuple(field.levels for field in self.categories),
            weight=weight,
            numeric=self.numeric,
            categorical=self.categorical,
            number_weights=np.array([field.weight for field in self.numbers]),
            category_weights=np.array([field.weight for field in self.categories]),
        )

    def _see_that_all_are_there(self, customers: Customers) -> None:
        absent = [name for name in (*self.numeric, *self.categorical) if name not in customers.frame]
        if absent:
            what = "not one cell holds anything, and segments were made from this column"
            raise DataError([CATALOGUE.finding("K006", place(customers.source, column=name), what) for name in absent])

    def in_units(self, numbers: Array) -> Array:
        """Numbers (..., P) on the scale of comparison in original units; of a log scale, the typical value."""
        held = np.asarray(numbers, np.float64)
        out = np.empty_like(held)
        for j, field in enumerate(self.numbers):
            out[..., j] = field.in_units(held[..., j])
        return out

    def kinds(self) -> dict[str, Kind]:
        """What each of its columns has to be read as; see :func:`segmentation.customers_read.read_customers`."""
        days = {field.name: Kind.DATE if field.unit == "days" else Kind.NUMBER for field in self.numbers}
        return days | {field.name: Kind.NUMBER if field.from_numbers else Kind.TEXT for field in self.categories}

    def roles_of(self, columns: Columns) -> Roles:
        """The columns of new rows in the roles that they had."""
        frame = columns.frame.copy(deep=False)
        for field in self.categories:
            if field.from_numbers and field.name in frame:
                frame[field.name] = _as_levels(frame[field.name])
        features = {*self.numeric, *self.categorical}
        for name in self.numeric:
            if name not in frame:  # a column without a single cell
                frame[name] = np.full(len(frame), np.nan)
        for name in self.categorical:
            if name not in frame:
                frame[name] = pd.Series([None] * len(frame), dtype="str")
        left = {name: "not a feature" for name in columns.kinds if name not in features}
        return Roles(frame, list(self.numeric), list(self.categorical), left)

    def as_dict(self) -> dict[str, Any]:
        """The fields as JSON-ready numbers and text."""
        return {
            "numbers": [
                {**asdict(field), "low": _finite(field.low), "high": _finite(field.high)} for field in self.numbers
            ],
            "categories": [
                {**asdict(field), "levels": list(field.levels), "other": list(field.other)} for field in self.categories
            ],
        }

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> Preparation:
        """The preparation that :meth:`as_dict` told."""
        numbers = [
            NumberField(
                **{
                    **each,
                    "low": -np.inf if each["low"] is None else each["low"],
                    "high": np.inf if each["high"] is None else each["high"],
                }
            )
            for each in kept["numbers"]
        ]
        categories = [
            CategoryField(**{**each, "levels": tuple(each["levels"]), "other": tuple(each["other"])})
            for each in kept["categories"]
        ]
        return cls(tuple(numbers), tuple(categories))


def _as_levels(column: pd.Series) -> pd.Series:
    """Numbers as names of levels; a text that is no number stays as it is, and was never seen."""
    numbers = pd.to_numeric(column, errors="coerce").to_numpy(np.float64)
    texts = pd.Series(level_texts(numbers), dtype="str")
    return texts if pd.api.types.is_numeric_dtype(column) else texts.where(texts.notna(), column)


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None


def _outside(field: NumberField, values: Array, customers: Customers) -> list[Finding]:
    """Told where far more of the rows lie outside the limits than when these were learnt."""
    bad = (values < field.low) | (values > field.high)
    part = float(bad.mean()) if len(bad) else 0.0
    if part <= max(_STRAY * field.clipped, 0.05):
        return []
    what = (
        f"{how_many(int(bad.sum()), 'value')} ({part:.1%}) outside {spoken(field.low)} to {spoken(field.high)}, the "
        f"limits that were learnt, where {field.clipped:.1%} were then: pulled in"
    )
    return [CATALOGUE.finding("K018", place_of(customers, field.name, bad), what)]


def _never_seen(
    field: CategoryField, codes: NDArray[np.int32], texts: pd.Series, customers: Customers
) -> list[Finding]:
    strange = codes == -2
    if not strange.any():
        return []
    what = f"{how_many(int(strange.sum()), 'customer')} with a level that was never seen: {quoted(texts[strange])}"
    return [CATALOGUE.finding("K021", place_of(customers, field.name, strange), what)]


def place_of(customers: Customers, column: str, bad: NDArray[np.bool_]) -> str:
    """Where in the customers' table something is; customers who are made from purchases go by their ids."""
    if customers.purchases is not None:
        ids = customers.ids[bad]
        shown = f"customer{'' if len(ids) == 1 else 's'} {first_few(map(str, ids))}"
        more = f" and {len(ids) - SHOWN:,} more" if len(ids) > SHOWN else ""
        return f"{place(customers.source, column=column)}, {shown}{more}"
    return place(customers.source, column=column, word=customers.word, rows=customers.lines[bad])
