"""Whether customers still spread over features and segments as they did when the segments were made.

The population stability index (PSI) of a feature is ``sum (q - p) log(q / p)`` over its bins, with p the share of the
bin then and q now: the symmetric Kullback-Leibler divergence (Jeffreys 1946). Half a customer is added to every bin, so
that an empty one has a logarithm. Two samples of one population, of n and m customers, differ too: by
``(B - 1) (1 / n + 1 / m)`` in expectation over B bins (Yurdakul 2018). The band told beside each index is that of two
such samples, drawn at these sizes, and an index counts as beyond chance only where it would be rare among all indices
that are compared at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from outlay.transforms import Array
from segmentation.drift_chance import Chance, chance_of, effective
from segmentation.drift_counts import DriftFeature, category_feature, counted, number_feature, sums_by
from segmentation.mixed import Mixed

if TYPE_CHECKING:
    from segmentation.prepare_fields import Preparation

EVERYBODY = 0
"""Number that stands for all segments together."""

SEGMENTS = "(segment)"
"""Name under which the sizes of the segments themselves are compared."""

FAR = 0.01
"""Part of a segment's customers that lie beyond its edge when the model is made."""

FALSE_ALARMS = 0.05
"""Probability that any of all indices of a table is called beyond chance where nothing has changed."""


@dataclass(frozen=True, eq=False)
class DriftReference:
    """How customers were when their segments were made; kept with the model.

    Attributes
    ----------
    features : tuple of DriftFeature
    customers : ndarray (K,)
        Customers of each segment, by weight.
    effective : ndarray (K,)
        The same as so many customers of equal weight would tell as much.
    edge : ndarray (K,)
        Distance beyond which one in a hundred of the segment lay; not a number where none was handed in.
    sureness : ndarray (K,)
        Mean sureness of the segment; not a number where none was handed in.
    """

    features: tuple[DriftFeature, ...]
    customers: Array
    effective: Array
    edge: Array
    sureness: Array

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready form."""
        features = [
            {
                "name": each.name,
                "kind": each.kind,
                "edges": list(each.edges),
                "levels": list(each.levels),
                "counts": each.counts.tolist(),
                "mean": _plain(each.mean),
            }
            for each in self.features
        ]
        return {
            "features": features,
            "customers": self.customers.tolist(),
            "effective": self.effective.tolist(),
            "edge": _plain(self.edge),
            "sureness": _plain(self.sureness),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> DriftReference:
        """The inverse of :meth:`as_dict`."""
        features = tuple(
            DriftFeature(
                str(each["name"]),
                each["kind"],
                tuple(map(float, each["edges"])),
                tuple(map(str, each["levels"])),
                np.array(each["counts"], float),
                np.array(each["mean"], float),
            )
            for each in data["features"]
        )
        held = {name: np.array(data[name], float) for name in ("customers", "effective", "edge", "sureness")}
        return cls(features, **held)


@dataclass(frozen=True, eq=False)
class Drift:
    """What has changed.

    Attributes
    ----------
    table : DataFrame
        One row per segment and feature, everybody (number 0) first, the greatest index first: ``number``,
        ``segment``, ``feature``, ``kind``, ``psi``, ``expected`` and ``high`` (mean and 95 % limit of the index of two
        samples of one population at these sizes), ``chance`` (probability of an index this large by chance),
        ``beyond`` (rarer than chance makes the largest of all), ``size`` (``"small"`` below 0.1, ``"moderate"``,
        ``"large"`` from 0.25), ``shift`` (of a number, in standard deviations of then; NaN for a category), ``what``
        (what moved most, in words), ``customers_then``, ``customers_now``.
    bins : DataFrame
        ``number``, ``feature``, ``bin``, ``then``, ``now`` (shares), of every row of `table`.
    """

    table: pd.DataFrame
    bins: pd.DataFrame

    def of(self, number: int = EVERYBODY) -> pd.DataFrame:
        """The rows of one segment, or of everybody."""
        return self.table[self.table["number"] == number].reset_index(drop=True)


def reference(
    rows: Mixed,
    numbers: NDArray[np.integer[Any]],
    *,
    distance: Array | None = None,
    sureness: Array | None = None,
    preparation: Preparation | None = None,
) -> DriftReference:
    """What later customers are compared with.

    Parameters
    ----------
    rows : Mixed
        The customers that segments were made from.
    numbers : ndarray of int (N,)
        Segment of each, from 1.
    distance, sureness : ndarray (N,), optional
        As :class:`segmentation.clustering.Assignment` has them; for rows that are far from all segments.
    preparation : Preparation, optional
        Names bins by their borders in original units; else they are numbered.
    """
    k = int(numbers.max())
    segment = np.asarray(numbers, np.int64) - 1
    fields = [None] * len(rows.numeric) if preparation is None else preparation.numbers
    features = [number_feature(rows, j, (segment, k), field) for j, field in enumerate(fields)]
    features += [category_feature(rows, j, (segment, k)) for j in range(len(rows.categorical))]
    customers = sums_by(segment, rows.weight, k)
    squares = sums_by(segment, rows.weight**2, k)
    edge = sure = np.full(k, np.nan)
    if distance is not None:
        held = [distance[segment == s] for s in range(k)]
        edge = np.array([np.quantile(each, 1 - FAR) if each.size else np.nan for each in held])
    if sureness is not None:
        sure = sums_by(segment, rows.weight * sureness, k) / customers
    return DriftReference(tuple(features), customers, effective(customers, squares), edge, sure)


def compare(
    before: DriftReference,
    rows: Mixed,
    numbers: NDArray[np.integer[Any]],
    *,
    names: Mapping[int, str] | None = None,
    level: float = 0.95,
) -> Drift:
    """Compare customers with those that the segments were made from.

    Parameters
    ----------
    before : DriftReference
    rows : Mixed
        Customers of now, by the same preparation.
    numbers : ndarray of int (N,)
        Segment of each, from 1, by the same model.
    names : mapping of int to str, optional
        Names of the segments.
    level : float
        Of the limit ``high``.
    """
    k, segment = len(before.customers), np.asarray(numbers, np.int64) - 1
    now = [counted(each, rows, (segment, k)) for each in before.features]
    size, squares = sums_by(segment, rows.weight, k), sums_by(segment, rows.weight**2, k)
    sizes_now = effective(size, squares)
    cells = []
    for s in range(EVERYBODY, k + 1):
        pick = slice(None) if s == EVERYBODY else slice(s - 1, s)
        then_n, now_n = _sizes(before.customers[pick], before.effective[pick]), _sizes(size[pick], sizes_now[pick])
        if not (then_n[0] > 0 and now_n[0] > 0):
            continue
        for each, (counts, mean) in zip(before.features, now, strict=True):
            pair = (each.counts[pick].sum(0), counts[pick].sum(0))
            shift = float(mean[s] - each.mean[s])
            cells.append(_Cell(s, each, pair, (then_n, now_n), shift))
        if s == EVERYBODY:
            labels = tuple(_name(names, number) for number in range(1, k + 1))
            own = DriftFeature(SEGMENTS, "segment", (), labels, before.customers[:, None], np.full(k + 1, np.nan))
            cells.append(_Cell(s, own, (before.customers, size), (then_n, now_n), np.nan))
    return _table(cells, names, level)


@dataclass(frozen=True, eq=False)
class _Cell:
    """One comparison: customers by bin then and now, and of how many customers they are, by weight and effectively."""

    segment: int
    feature: DriftFeature
    counts: tuple[Array, Array]
    sizes: tuple[tuple[float, float], tuple[float, float]]
    shift: float

    @property
    def shares(self) -> tuple[Array, Array]:
        """Counts of as many customers of equal weight, with half a customer more in each bin, as shares."""
        found = []
        for counts, (total, alike) in zip(self.counts, self.sizes, strict=True):
            held = counts * (alike / total) + 0.5
            found.append(held / held.sum())
        return found[0], found[1]

    @property
    def chance(self) -> Chance:
        """What two samples of one population would differ by."""
        pooled = sum(counts * (alike / total) for counts, (total, alike) in zip(self.counts, self.sizes, strict=True))
        return chance_of(np.asarray(pooled), self.sizes[0][1], self.sizes[1][1])


def psi(then: Array, now: Array) -> float:
    """Population stability index of two sets of shares, all above zero."""
    return float(((now - then) * np.log(now / then)).sum())


def _table(cells: Sequence[_Cell], names: Mapping[int, str] | None, level: float) -> Drift:
    rows, bins = [], []
    rare = 1.0 - (1.0 - FALSE_ALARMS) ** (1.0 / max(len(cells), 1))
    for cell in cells:
        then, now = cell.shares
        index, chance = psi(then, now), cell.chance
        found = chance.beyond(index)
        who = "everybody" if cell.segment == EVERYBODY else _name(names, cell.segment)
        rows.append(
            {
                "number": cell.segment,
                "segment": who,
                "feature": cell.feature.name,
                "kind": cell.feature.kind,
                "psi": index,
                "expected": chance.mean,
                "high": chance.quantile(level),
                "chance": found,
                "beyond": found < rare,
                "size": "large" if index >= 0.25 else "moderate" if index >= 0.1 else "small",
                "shift": cell.shift,
                "what": _moved(cell),
                "customers_then": cell.sizes[0][0],
                "customers_now": cell.sizes[1][0],
            }
        )
        labels = _labels(cell.feature)
        shown = [counts / total for counts, (total, _) in zip(cell.counts, cell.sizes, strict=True)]
        bins += [
            {"number": cell.segment, "feature": cell.feature.name, "bin": label, "then": p, "now": q}
            for label, p, q in zip(labels, *shown, strict=True)
        ]
    table = pd.DataFrame(rows).sort_values(["number", "psi"], ascending=[True, False], ignore_index=True)
    return Drift(table, pd.DataFrame(bins))


def _moved(cell: _Cell) -> str:
    """The greatest change in words: how far a number moved, or which level gained or lost most."""
    then, now = (counts / total for counts, (total, _) in zip(cell.counts, cell.sizes, strict=True))
    labels = _labels(cell.feature)
    gone = now[-1] - then[-1]
    numeric = cell.feature.kind == "number"
    if numeric and abs(cell.shift) >= 0.05 and abs(gone) < 0.05:
        return f"{'up' if cell.shift > 0 else 'down'} {abs(cell.shift):.2f} sd"
    most = int(np.argmax(np.abs(now - then)))
    return f"{labels[most]} {100 * then[most]:.1f} % -> {100 * now[most]:.1f} %"


def _labels(feature: DriftFeature) -> tuple[str, ...]:
    return feature.levels if feature.kind == "segment" else (*feature.levels, "(missing)")


def _sizes(customers: Array, alike: Array) -> tuple[float, float]:
    """Customers by weight and effectively, of one segment or of all: squares of weights add up."""
    total = float(customers.sum())
    squares = np.divide(customers**2, alike, out=np.zeros_like(customers), where=alike > 0).sum()
    return total, float(total**2 / squares) if squares > 0 else 0.0


def _name(names: Mapping[int, str] | None, number: int) -> str:
    return (names or {}).get(number, f"segment {number}")


def _plain(values: Array) -> list[float | None]:
    """Numbers as JSON has them: not a number is null."""
    return [None if np.isnan(value) else float(value) for value in values]
