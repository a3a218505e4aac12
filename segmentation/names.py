"""Names of segments: plain ones made from what tells a segment apart, and the user's own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from outlay.errors import ConfigError
from outlay.findings import Finding
from outlay.transforms import Array
from segmentation.catalogue import CATALOGUE
from segmentation.config import CustomersSection, NamedSegment
from segmentation.customers import Customers
from segmentation.names_words import of_level, of_none, of_number, of_some
from segmentation.profiles import CATEGORY, NUMBER, Profile

MUCH, LITTLE = 4 / 3, 3 / 4
"""A segment's value per customer is called high or low from these multiples of all customers'."""
MOST = 0.5
"""Share from which a level, or having some of a number, is said of the whole segment."""
NONE = 0.8
"""Share of zeros from which a segment has nothing of a number, where others have something."""
MOST_TRAITS = 4
SMALL, MEDIUM = 0.147, 0.33
"""Differences that make a name: the larger, or the smaller where two names would be equal (Romano and others 2006)."""
POOR, NEAR = 0.25, 0.05
"""Mean distance (share of customers in between) from which a match is poor, and lead over another segment below which
it is ambiguous."""


def automatic_names(profile: Profile, value_parts: Sequence[str] = ()) -> dict[int, str]:
    """A short plain name for each segment: "High spend, no kidhome".

    Value per customer comes first where it is a third above or a quarter below that of all, then what tells the segment
    apart most; segments that would be called the same are told apart by where they differ most from each other. Wording
    depends on the direction of a difference and not on its size, so that it stays when customers change a little.

    Parameters
    ----------
    profile : Profile
    value_parts : sequence of str
        Columns that value is added up from: they would say the same twice.
    """
    effects = {(f, v): part.set_index("number")["effect"] for (f, v), part in _by_level(profile)}
    said = {number: [tier] if (tier := _tier(profile, number)) else [] for number in profile.numbers}
    left = {number: _traits(profile, number, set(value_parts)) for number in profile.numbers}
    for _ in range(MOST_TRAITS):
        names = {number: _name(words) for number, words in said.items()}
        for number, words in said.items():
            rivals = [n for n, name in names.items() if n != number and name == names[number]]
            least = SMALL if rivals or not words else MEDIUM
            able = [trait for trait in left[number] if abs(trait.effect) >= least]
            if (rivals or len(words) < 2) and able:
                trait = max(able, key=lambda each: _tells(each, number, rivals, effects))
                left[number].remove(trait)
                words.append(trait.words)
    names = {number: _name(words) for number, words in said.items()}
    taken = list(names.values())
    return {n: name if taken.count(name) == 1 else f"{name} ({n})" for n, name in names.items()}


def _name(traits: Sequence[str]) -> str:
    text = ", ".join(traits) or "like all customers"
    return text[0].upper() + text[1:]


Key = tuple[str, str | None]


@dataclass(frozen=True)
class _Trait:
    """Something that can be said of a segment."""

    key: Key
    words: str
    effect: float


def _by_level(profile: Profile) -> list[tuple[Key, pd.DataFrame]]:
    features = profile.features
    texts = features["level"].astype(object).where(features["level"].notna(), "")
    groups = features.groupby([features["feature"], texts], sort=False)
    return [((str(feature), str(level) or None), part) for (feature, level), part in groups]


def _tells(trait: _Trait, number: int, rivals: Sequence[int], effects: dict[Key, pd.Series]) -> float:
    """How well a trait tells a segment from those that are called the same so far, or from all others."""
    if not rivals:
        return abs(trait.effect)
    own = effects[trait.key]
    sign = 1.0 if trait.effect > 0 else -1.0
    return min(sign * (own[number] - own[rival]) for rival in rivals)


def _tier(profile: Profile, number: int) -> str:
    if "value_lift" not in profile.segments:
        return ""
    lift = float(profile.segments["value_lift"].iloc[number - 1])
    return "high spend" if lift >= MUCH else "low spend" if lift <= LITTLE else ""


def _traits(profile: Profile, number: int, parts: set[str]) -> list[_Trait]:
    """What tells a segment apart, in words, without what value says already."""
    told = profile.told(number)
    if "value_lift" in profile.segments:
        told = told[~told["feature"].isin([*parts, profile.value_name])]
    traits: dict[str, _Trait] = {}
    for row in told[told["effect"].abs() >= SMALL].to_dict("records"):
        level = None if row["kind"] == NUMBER else str(row["level"])
        trait = _Trait((str(row["feature"]), level), _words(row), float(row["effect"]))
        traits.setdefault(trait.words, trait)
    return list(traits.values())


def _words(row: dict[Any, Any]) -> str:
    feature, more = str(row["feature"]), row["effect"] > 0
    if row["kind"] == CATEGORY:
        return of_level(feature, str(row["level"]), more=more, most=row["mean"] >= MOST)
    if not more and row["zeros"] >= NONE:
        return of_none(feature)
    if more and 0 <= row["population"] <= 1 and row["zeros"] <= 1 - MOST and row["lift"] >= MUCH:
        return of_some(feature)  # a count that most customers have none of: children, complaints, contracts
    return of_number(feature, str(row["unit"]), more=more)


@dataclass(frozen=True, eq=False)
class UserNames:
    """The user's names.

    Attributes
    ----------
    names : mapping of int to str
        By segment's number, for those that got one.
    table : DataFrame
        One row per name with a segment: ``name``, ``number``, ``by`` (``"number"`` or ``"like"``), ``distance`` (mean
        share of the customers that lie between the values given and the segment's; NaN by number) and ``second`` (the
        distance to the next best segment).
    findings : tuple of Finding
    """

    names: dict[int, str]
    table: pd.DataFrame
    findings: tuple[Finding, ...]


def check_named(section: CustomersSection, customers: Customers) -> None:
    """See that ``like`` names columns that are there, with numbers for numbers.

    Raises
    ------
    ConfigError
        Before anything is fitted.
    """
    held = set(map(str, customers.frame.columns))
    for each in section.named:
        for feature, value in each.like.items():
            where = f"[[customers.named]] {each.name}, like"
            if feature not in held:
                known = ", ".join(sorted(held))
                raise ConfigError(f"there is no feature {feature!r}", where=where, repair=f"The columns are {known}.")
            if pd.api.types.is_numeric_dtype(customers.frame[feature]) and isinstance(value, str):
                repair = f"Write a number: {feature} = 100, without quotes."
                raise ConfigError(f"{feature} is a number, and {value!r} is none", where=where, repair=repair)


def user_names(section: CustomersSection, customers: Customers, numbers: NDArray[np.integer[Any]]) -> UserNames:
    """Give the user's names to segments: by number, then by ``like``, one to one with the least total distance.

    The distance between a value and a segment is the share of all customers that lie between the value and the
    segment's customers (the difference of mean ranks), of a category the share of the segment that has another level;
    over several features it is the mean. Ranks make it independent of units, logarithms and outliers. The matching is
    the assignment of least total distance (Hungarian method; Kuhn 1955).

    Raises
    ------
    ConfigError
        As :func:`check_named`.
    """
    check_named(section, customers)
    k = int(np.max(numbers))
    findings: list[Finding] = []
    rows: list[dict[str, Any]] = []
    for each in section.named:
        if each.number is not None:
            if each.number > k:
                what = f"segment {each.number} is named, and there are {k}"
                findings.append(CATALOGUE.finding("K055", f"[[customers.named]] {each.name}", what))
            else:
                rows.append({"name": each.name, "number": each.number, "by": "number"})
    taken = {int(row["number"]) for row in rows}
    free = [number for number in range(1, k + 1) if number not in taken]
    likes = [each for each in section.named if each.like]
    matched, told = _match(likes, free, customers, np.asarray(numbers, dtype=np.intp))
    table = pd.DataFrame([*rows, *matched], columns=["name", "number", "by", "distance", "second"])
    names = {int(row["number"]): str(row["name"]) for row in [*rows, *matched]}
    return UserNames(dict(sorted(names.items())), table.astype({"number": "int64"}), (*findings, *told))


def _match(
    likes: Sequence[NamedSegment], free: Sequence[int], customers: Customers, numbers: NDArray[np.intp]
) -> tuple[list[dict[str, Any]], list[Finding]]:
    from scipy.optimize import linear_sum_assignment

    if not likes:
        return [], []
    if not free:
        return [], _nameless(likes, len(free))
    distance = np.stack([_distances(each, customers, numbers) for each in likes])[:, [n - 1 for n in free]]
    given, places = linear_sum_assignment(distance)
    rows, findings = [], _nameless([each for i, each in enumerate(likes) if i not in set(given.tolist())], len(free))
    for i, j in zip(given, places, strict=True):
        second = float(np.delete(distance[i], j).min()) if len(free) > 1 else np.nan
        row = {"name": likes[i].name, "number": free[j], "by": "like", "distance": float(distance[i, j])}
        rows.append(row | {"second": second})
        findings += _judged(likes[i], free, distance[i], int(j))
    return rows, findings


def _nameless(likes: Iterable[NamedSegment], free: int) -> list[Finding]:
    what = f"{free} segments were left for names by `like`, and others fit them better"
    return [CATALOGUE.finding("K055", f"[[customers.named]] {each.name}", what) for each in likes]


def _judged(each: NamedSegment, free: Sequence[int], distance: Array, j: int) -> list[Finding]:
    where, found = f"[[customers.named]] {each.name}", []
    best = int(np.argmin(distance))
    if distance[j] > POOR:
        what = f"segment {free[j]} got it, and {distance[j]:.0%} of the customers lie between it and what is given"
        found.append(CATALOGUE.finding("K053", where, what))
    elif best != j and distance[j] - distance[best] > NEAR:
        what = f"segment {free[j]} got it; segment {free[best]} is nearer ({distance[best]:.0%} against "
        what += f"{distance[j]:.0%}) and got another name"
        found.append(CATALOGUE.finding("K053", where, what))
    others = np.delete(np.arange(len(free)), j)
    if len(others):
        near = int(others[np.argmin(np.abs(distance[others] - distance[j]))])
        if abs(distance[near] - distance[j]) < NEAR:
            what = f"segment {free[j]} got it at a distance of {distance[j]:.1%}, and segment {free[near]} is at "
            found.append(CATALOGUE.finding("K054", where, what + f"{distance[near]:.1%}"))
    return found


def _distances(each: NamedSegment, customers: Customers, numbers: NDArray[np.intp]) -> Array:
    """Mean distance to every segment (K,)."""
    parts = []
    for feature, value in each.like.items():
        column = customers.frame[feature]
        if pd.api.types.is_numeric_dtype(column):
            parts.append(_between(column.to_numpy(dtype=float), float(value), customers.weight, numbers))
        else:
            same = np.asarray(column.astype("str") == str(value), dtype=float)
            parts.append(1 - _mean_of(same, column.notna().to_numpy(), customers.weight, numbers))
    return np.mean(parts, axis=0)


def _between(values: Array, value: float, weight: Array, numbers: NDArray[np.intp]) -> Array:
    """Difference between a value's place among all customers and the mean place of each segment's."""
    known = ~np.isnan(values)
    codes, unique = pd.factorize(values[known], sort=True)
    held = np.bincount(codes, weights=weight[known])
    total = held.sum()
    rank = (np.cumsum(held) - held / 2) / total
    at = int(np.searchsorted(unique, value))
    below = held[:at].sum() / total
    own = held[at] / total if at < len(unique) and unique[at] == value else 0.0
    ranks = np.zeros(len(values))
    ranks[known] = rank[codes]
    return np.abs(below + own / 2 - _mean_of(ranks, known, weight, numbers))


def _mean_of(values: Array, known: NDArray[np.bool_], weight: Array, numbers: NDArray[np.intp]) -> Array:
    """Weighted mean by segment (K,) over known cells; one half where a segment has none."""
    k, place = int(numbers.max()), numbers[known] - 1
    size = np.bincount(place, weights=weight[known], minlength=k)
    total = np.bincount(place, weights=weight[known] * values[known], minlength=k)
    return np.divide(total, size, out=np.full(k, 0.5), where=size > 0)
