"""What a segment is: its size, its share of value, and the features that tell it apart.

Segments were made from these features, so that differences in them were sought and not found: intervals say how well a
difference is known, and are no tests of whether there is one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from outlay.findings import Finding
from outlay.places import place
from outlay.transforms import Array
from segmentation.catalogue import CATALOGUE
from segmentation.customers import Customers
from segmentation.profile_parts import (
    Means,
    Weighed,
    counts_of,
    dominance,
    means_of,
    ordered_codes,
    share_lifts,
)

MOST_LEVELS = 30
"""Levels of a category that are told one by one; the rest, the rarest, stand together."""
REST = "(all other levels)"
NUMBER, CATEGORY = "number", "category"


@dataclass(frozen=True, eq=False)
class Profile:
    """Who is in each segment. K segments.

    Attributes
    ----------
    segments : DataFrame (K rows)
        ``number`` (from 1), ``customers`` (by weight), ``size_share``, and where a value is known ``value`` (total, in
        the currency), ``value_share``, ``value_per_customer``, each of the last two with ``_low`` and ``_high``,
        ``value_lift`` (per customer, over that of all) with its bounds, and ``value_missing`` (customers without one).
    features : DataFrame
        One row per segment and number, or level of a category: ``number``, ``feature``, ``kind`` (``"number"`` or
        ``"category"``), ``level``, ``unit``, ``made_of`` (whether segments were made from it), ``mean`` (of a number;
        share of a level) with ``low`` and ``high``, ``population`` (the same over all customers), ``lift`` with bounds
        (missing where a number can be negative), ``apart`` (mean or share less that of all) with bounds, ``zeros``
        (share of a number's cells that are 0), ``missing`` (share of the segment's cells that are empty), ``effect``
        with bounds, and ``rank``. The effect is how much more often a customer of the segment has more of a number than
        one from outside than the reverse (Cliff's delta), or the difference between the shares of a level: both from -1
        to 1. Rank 1 tells the segment apart most; one level of a category has a rank, and only what stands out by more
        than its interval.
    level : float
        Probability of intervals.
    currency : str
    value_name : str
    findings : tuple of Finding
    """

    segments: pd.DataFrame
    features: pd.DataFrame
    level: float
    currency: str
    value_name: str
    findings: tuple[Finding, ...]

    @property
    def numbers(self) -> tuple[int, ...]:
        """The segments' numbers, from 1."""
        return tuple(int(number) for number in self.segments["number"])

    def told(self, number: int) -> pd.DataFrame:
        """What tells a segment apart, the most first."""
        own = self.features[(self.features["number"] == number) & self.features["rank"].notna()]
        return own.sort_values("rank", ignore_index=True)

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        from outlay.html_table import html_table
        from segmentation.shown import segments_table

        return html_table(segments_table(self))


def profile(customers: Customers, numbers: NDArray[np.integer[Any]], level: float) -> Profile:
    """Profile segments.

    Parameters
    ----------
    customers : Customers
    numbers : ndarray of int (N,)
        Segment of each customer, from 1.
    level : float
        Probability of intervals. With weights a segment counts as the effective number of its rows (Kish), not as the
        customers that they stand for.
    """
    place_of = np.asarray(numbers, dtype=np.intp) - 1
    rows = Weighed(place_of, np.asarray(customers.weight, dtype=float), int(place_of.max()) + 1)
    segments, findings = _segments(customers, rows, level)
    parts: list[pd.DataFrame] = []
    for name in _told(customers):
        column = customers.frame[name]
        if pd.api.types.is_numeric_dtype(column):
            parts.append(_number(customers, rows, name, level))
        else:
            table, finding = _category(customers, rows, name, level)
            parts.append(table)
            findings += finding
    features = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=[*_COLUMNS])
    made = len(customers.features)
    what = f"segments were made from {made} feature{'' if made == 1 else 's'}, and are compared by the same"
    findings.append(CATALOGUE.finding("K050", customers.source, what))
    ranked = _ranked(features)
    return Profile(segments, ranked, level, customers.currency, customers.value_name, tuple(findings))


_COLUMNS: tuple[str, ...] = (
    "number",
    "feature",
    "kind",
    "level",
    "unit",
    "made_of",
    "mean",
    "low",
    "high",
    "population",
)
_COLUMNS += (
    "lift",
    "lift_low",
    "lift_high",
    "apart",
    "apart_low",
    "apart_high",
    "zeros",
    "missing",
    "effect",
    "effect_low",
    "effect_high",
)


def _told(customers: Customers) -> list[str]:
    """Features first, then the other columns that hold numbers or a few levels."""
    others = [str(name) for name in customers.frame.columns if name not in customers.features]
    plain = [name for name in others if _few_levels(customers.frame[name])]
    return [*customers.features, *plain]


def _few_levels(column: pd.Series) -> bool:
    if pd.api.types.is_numeric_dtype(column):
        return bool(column.notna().any())
    is_text = pd.api.types.is_object_dtype(column) or pd.api.types.is_string_dtype(column)
    return is_text and 0 < column.nunique() <= MOST_LEVELS


def _segments(customers: Customers, rows: Weighed, level: float) -> tuple[pd.DataFrame, list[Finding]]:
    size = rows.sums()
    table: dict[str, Any] = {"number": np.arange(1, rows.k + 1), "customers": size, "size_share": size / size.sum()}
    if customers.value is None:
        return pd.DataFrame(table), []
    value = np.asarray(customers.value, dtype=float)
    known = ~np.isnan(value)
    held = rows.where(known)
    found = means_of(held, value[known], level)
    total = held.sums(value[known])
    share = held.sums() / held.sums().sum() if known.any() else np.full(rows.k, np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        table |= {"value": total, "value_share": total / total.sum()}
    table |= {"value_share_low": share * found.lift_low, "value_share_high": share * found.lift_high}
    table |= {"value_per_customer": found.mean, "value_per_customer_low": found.low}
    table |= {"value_per_customer_high": found.high, "value_lift": found.lift}
    table |= {"value_lift_low": found.lift_low, "value_lift_high": found.lift_high}
    table |= {"value_missing": size - held.sums()}
    return pd.DataFrame(table), _without_value(customers, known)


def _without_value(customers: Customers, known: NDArray[np.bool_]) -> list[Finding]:
    if known.all():
        return []
    lines = customers.lines[~known]
    where = place(customers.source, column=customers.value_name, word=customers.word, rows=lines)
    what = (
        f"{len(lines):,} of {len(known):,} customers have no value; they count in sizes, not in means and shares of it"
    )
    return [CATALOGUE.finding("K051", where, what)]


def _frame(customers: Customers, name: str, kind: str, found: Means, label: str | None = None) -> pd.DataFrame:
    """One row per segment, without effect and rank."""
    return pd.DataFrame(
        {
            "number": np.arange(1, len(found.mean) + 1),
            "feature": name,
            "kind": kind,
            "level": pd.Series([label] * len(found.mean), dtype=object),
            "unit": customers.units.get(name, ""),
            "made_of": name in customers.features,
            "mean": found.mean,
            "low": found.low,
            "high": found.high,
            "population": found.population,
            "lift": found.lift,
            "lift_low": found.lift_low,
            "lift_high": found.lift_high,
            "apart": found.apart,
            "apart_low": found.apart_low,
            "apart_high": found.apart_high,
        }
    )


def _number(customers: Customers, rows: Weighed, name: str, level: float) -> pd.DataFrame:
    values = customers.frame[name].to_numpy(dtype=float)
    known = ~np.isnan(values)
    held, filled = rows.where(known), values[known]
    table = _frame(customers, name, NUMBER, means_of(held, filled, level))
    codes, count = ordered_codes(filled)
    delta, low, high = dominance(counts_of(held, codes, count), held.rows(), level)
    with np.errstate(invalid="ignore", divide="ignore"):
        table["zeros"] = held.sums((filled == 0).astype(float)) / held.sums()
    table["missing"] = 1 - held.sums() / rows.sums()
    return table.assign(effect=delta, effect_low=low, effect_high=high)


def _category(customers: Customers, rows: Weighed, name: str, level: float) -> tuple[pd.DataFrame, list[Finding]]:
    codes, labels = pd.factorize(customers.frame[name], sort=True)
    known = codes >= 0
    held = rows.where(known)
    counts = counts_of(held, np.asarray(codes[known], dtype=np.intp), max(len(labels), 1))
    names, counts, findings = _few(customers, name, [str(label) for label in labels], counts)
    n, size = held.rows(), held.sums()
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = counts / size[:, None]
    parts = []
    for j, label in enumerate(names):
        table = _frame(customers, name, CATEGORY, share_lifts(held, shares[:, j], n, level), label)
        delta, low, high = dominance(np.stack([size - counts[:, j], counts[:, j]], axis=1), n, level)
        parts.append(table.assign(zeros=np.nan, effect=delta, effect_low=low, effect_high=high))
    frame = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=[*_COLUMNS])
    frame["missing"] = np.tile(1 - size / rows.sums(), len(names))
    return frame, findings


def _few(customers: Customers, name: str, labels: list[str], counts: Array) -> tuple[list[str], Array, list[Finding]]:
    """The commonest levels one by one, and the others together."""
    if len(labels) <= MOST_LEVELS:
        return labels, counts, []
    order = np.argsort(-counts.sum(axis=0), kind="stable")
    kept, rest = np.sort(order[: MOST_LEVELS - 1]), order[MOST_LEVELS - 1 :]
    together = counts[:, rest].sum(axis=1, keepdims=True)
    what = f"{len(labels):,} levels: the {len(kept)} commonest are told one by one, {len(rest):,} others together"
    finding = CATALOGUE.finding("K052", place(customers.source, column=name), what)
    return [*(labels[j] for j in kept), REST], np.concatenate([counts[:, kept], together], axis=1), [finding]


def _ranked(features: pd.DataFrame) -> pd.DataFrame:
    """The same with a rank for what stands out, one level for each category."""
    sure = (features["effect_low"] > 0) | (features["effect_high"] < 0)
    able = features[sure & features["made_of"].astype(bool) & (features["level"] != REST)]
    strength = able["effect"].abs()
    order = able.assign(strength=strength).sort_values("strength", ascending=False, kind="stable")
    best = order.drop_duplicates(["number", "feature"])
    rank = best.groupby("number").cumcount() + 1
    return features.assign(rank=rank.reindex(features.index).astype("Int64"))
