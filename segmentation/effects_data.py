"""Who is compared with whom: rows, covariates and the scale of value in the regression of a programme's effect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from outlay.findings import Finding
from outlay.places import place
from outlay.transforms import Array
from segmentation.catalogue import CATALOGUE
from segmentation.config import CustomersSection
from segmentation.customers import Customers
from segmentation.drivers_table import DriverTable, driver_table
from segmentation.effects_stats import EffectData, Squares, squares_of

FEW_NOTHING = 0.05
"""Part of the customers with a value of nothing or less up to which they are left out and logarithms are taken."""
_SKEWED = 2.0
_TAIL = 0.01
_LENT = 10.0
"""How many customers of all stand in for a segment's own in the spread of its residuals."""


@dataclass(frozen=True, eq=False)
class Compared:
    """Customers in the comparison. N of them.

    Attributes
    ----------
    rows : ndarray of int (N,)
        Places in the table.
    y : ndarray (N,)
        Logarithm of value, or value.
    part : ndarray (N,)
        1 where the customer took part.
    scale : {"log", "money"}
    covariates : ndarray (N, C)
    adjusted : tuple of str
        Columns that customers are alike in.
    weight : ndarray (N,)
        Sums up to the effective number of rows (Kish).
    """

    rows: NDArray[np.intp]
    y: Array
    part: Array
    scale: Literal["log", "money"]
    covariates: Array
    adjusted: tuple[str, ...]
    weight: Array

    def data(self, place_of: NDArray[np.intp], k: int) -> EffectData:
        """The regression by some segments, with the spread of each one's residuals about least squares."""
        reach = 1.0 if self.scale == "log" else float(np.std(self.y))
        plain = EffectData(self.y, self.part, place_of, self.covariates, self.weight, k, np.ones(k), reach)
        return plain if k == 1 else _with_ratios(plain, squares_of(plain))


def _with_ratios(data: EffectData, squares: Squares) -> EffectData:
    ridge = 1e-6 * np.diag(np.diag(squares.xx) + 1e-12)
    coefficients = np.linalg.solve(squares.xx + ridge, squares.xy)
    rest = np.empty(len(data.y))
    for start in range(0, len(rest), 65_536):
        part = slice(start, start + 65_536)
        own = data.place[part]
        fit = coefficients[: data.k][own] + data.covariates[part] @ coefficients[data.k : -data.k]
        fit = fit + coefficients[-data.k :][own] * data.part[part]
        rest[part] = (data.y[part] - data.centre - fit) ** 2
    whole = float(np.average(rest, weights=data.weight))
    size = np.bincount(data.place, weights=data.weight, minlength=data.k)
    sums = np.bincount(data.place, weights=data.weight * rest, minlength=data.k)
    ratio = np.sqrt((sums + _LENT * whole) / (size + _LENT) / max(whole, np.finfo(float).tiny))
    return EffectData(data.y, data.part, data.place, data.covariates, data.weight, data.k, ratio, data.reach)


def compared(customers: Customers, section: CustomersSection, programme: str) -> tuple[Compared, list[Finding]]:
    """Everybody whose value and participation are known, and what they are held alike in."""
    value = np.asarray(customers.value, dtype=float)
    part = customers.frame[programme].to_numpy(dtype=float)
    known = ~np.isnan(value) & ~np.isnan(part)
    nothing = known & (value <= 0)
    scale: Literal["log", "money"] = "money"
    findings = _left_out(customers, ~known, f"no value, or no entry of {programme}")
    if known.any() and nothing.sum() <= FEW_NOTHING * known.sum():
        scale = "log"
        findings += _left_out(customers, nothing, "a value of nothing or less, which has no logarithm")
        known &= ~nothing
    rows = np.flatnonzero(known)
    y = np.log(value[rows]) if scale == "log" else value[rows]
    table, _ = driver_table(customers, section, rows, value[rows])
    columns, names = covariates_of(table, programme)
    weight = customers.weight[rows].astype(float)
    weight = weight * (weight.sum() / max(float((weight**2).sum()), np.finfo(float).tiny))
    return Compared(rows, y, part[rows], scale, columns, names, weight), findings


def _left_out(customers: Customers, rows: NDArray[np.bool_], why: str) -> list[Finding]:
    if not rows.any():
        return []
    where = place(customers.source, word=customers.word, rows=customers.lines[rows])
    what = f"{int(rows.sum()):,} of {len(rows):,} customers are left out of the effect: {why}"
    return [CATALOGUE.finding("K065", where, what)]


def covariates_of(table: DriverTable, programme: str) -> tuple[Array, tuple[str, ...]]:
    """Columns of the regression, centred and scaled.

    A number gives its value (pulled in to its outer hundredths, on a log scale where it is skewed) and the square of
    it, a category an indicator for each level but the commonest, and an empty cell an indicator of its own.
    """
    parts: list[Array] = []
    names = []
    for j, name in enumerate(table.features):
        if name == programme:
            continue
        values = table.matrix[:, j]
        levels = table.levels.get(name)
        parts += _number(values) if levels is None else _category(values, len(levels))
        names.append(name)
    kept = [part for part in (_scaled(part) for part in parts) if part is not None]
    return (np.column_stack(kept) if kept else np.empty((len(table.matrix), 0))), tuple(names)


def _number(values: Array) -> list[Array]:
    missing = np.isnan(values)
    if missing.all():
        return []
    low, high = np.quantile(values[~missing], (_TAIL, 1 - _TAIL))
    pulled = np.clip(values, low, high) if low < high else values
    held = pulled[~missing]
    deviation = held - held.mean()
    spread = float(np.sqrt((deviation**2).mean()))
    if spread > 0 and low >= 0 and float((deviation**3).mean()) / spread**3 > _SKEWED:
        pulled = np.log1p(pulled)
    filled = np.where(missing, pulled[~missing].mean(), pulled)  # with an indicator of its own beside it
    centred = filled - filled.mean()
    found = [filled, centred**2] if len(np.unique(held)) > 2 else [filled]
    return [*found, missing.astype(float)] if missing.any() else found


def _category(codes: Array, count: int) -> list[Array]:
    missing = np.isnan(codes)
    sizes = np.bincount(codes[~missing].astype(np.intp), minlength=count)
    common = int(np.argmax(sizes)) if len(sizes) else -1
    found = [(codes == code).astype(float) for code in range(count) if code != common and sizes[code] > 0]
    return [*found, missing.astype(float)] if missing.any() else found


def _scaled(column: Array) -> Array | None:
    centred = column - column.mean()
    spread = float(np.sqrt((centred**2).mean()))
    return centred / spread if spread > 1e-12 else None


def counts_by(part: Array, place_of: NDArray[np.intp], weight: Array, k: int) -> Mapping[str, Array]:
    """Customers and participants by segment (K,), by weight; and rows of both kinds."""
    took = part > 0
    return {
        "customers": np.bincount(place_of, weights=weight, minlength=k).astype(float),
        "participants": np.bincount(place_of, weights=weight * took, minlength=k).astype(float),
        "with": np.bincount(place_of[took], minlength=k).astype(float),
        "without": np.bincount(place_of[~took], minlength=k).astype(float),
    }
