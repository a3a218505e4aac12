"""Learning how customers are compared: limits, log scales, spreads and levels, every decision told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from outlay.errors import ConfigError
from outlay.findings import Finding
from outlay.transforms import Array
from segmentation.catalogue import CATALOGUE
from segmentation.config import CleanSection, CustomersSection
from segmentation.customers import Customers
from segmentation.customers_words import YEAR, how_many, level_text, listed, spoken
from segmentation.prepare_fields import OTHER, CategoryField, NumberField, Preparation, place_of

__all__ = ["Preparation", "prepare"]

_SKEWED, _STRAIGHTER = 1.0, 0.6
"""Skewness from which a log scale is tried, and what part of it may be left for the log scale to be taken."""
_FAR = 5.0
"""A value is far from all others from so many times the distance of the limit to the median."""
_SMALL_POSITIVE = 0.1
_SAME, _LOOKED_AT, _FEW = 0.98, 20_000, 20


def prepare(customers: Customers, section: CustomersSection) -> Preparation:
    """Learn how customers are compared.

    Numbers are pulled in to their limits (quantiles), put on a log scale where that makes them more symmetric, centred
    and scaled to unit spread, so that no feature counts more for its unit. Categories keep their levels; those that
    few customers have become one. Empty cells stay empty.

    Raises
    ------
    ConfigError
        Where ``weights`` names what is no feature.
    """
    weights = section.clusters.weights
    _see_that_weights_are_of(customers, weights)
    learner = _Learner(customers, section.clean)
    numbers = tuple(learner.number(name, weights.get(name, 1.0)) for name in customers.numeric)
    categories = tuple(learner.category(name, weights.get(name, 1.0)) for name in customers.categorical)
    return Preparation(numbers, categories, (*learner.findings(), *_twins(numbers, customers)))


def _see_that_weights_are_of(customers: Customers, weights: Mapping[str, float]) -> None:
    strange = [name for name in weights if name not in customers.features]
    if strange:
        raise ConfigError(
            f"weights names {strange[0]!r}, which is no feature",
            where="[customers.clusters] weights",
            repair=f"The features are {listed(customers.features, 30)}.",
        )


@dataclass(frozen=True)
class _Clip:
    """What the limits of a number did."""

    low: float
    high: float
    below: int
    above: int


class _Learner:
    """Learns fields one by one and collects what has to be told."""

    def __init__(self, customers: Customers, clean: CleanSection) -> None:
        self.customers = customers
        self.clean = clean
        self.weight = customers.weight
        self.equal = bool((self.weight == self.weight[0]).all())
        self.clips: dict[str, _Clip] = {}
        self.logs: dict[str, tuple[float, float]] = {}
        self.rare: dict[str, tuple[str, ...]] = {}
        self.own: list[Finding] = []

    def number(self, name: str, weight: float) -> NumberField:
        """Limits, scale and spread of a number."""
        values = self.customers.frame[name].to_numpy(np.float64)
        filled = ~np.isnan(values)
        held = values[filled]
        share = None if self.equal else self.weight[filled]
        tails = self.clean.tails
        low, median, high = _quantiles(held, (tails, 0.5, 1.0 - tails), share)
        clipping = self.clean.outliers == "winsorise" and low < high
        limits = (low, high) if clipping else (-np.inf, np.inf)
        if clipping:
            below, above = int((held < low).sum()), int((held > high).sum())
            if below or above:
                self.clips[name] = _Clip(low, high, below, above)
            held = np.clip(held, low, high)
        offset = self._log_offset(name, held, share, zeros=bool((values == 0).any()))
        self._far(name, values, (low, median, high), offset)
        centre, spread = _moments(_on_scale(held, offset), share)
        clipped = self.clips.get(name)
        return NumberField(
            name=name,
            unit=self.customers.units.get(name, ""),
            low=float(limits[0]),
            high=float(limits[1]),
            log=offset is not None,
            offset=float(offset or 0.0),
            centre=centre,
            scale=spread,
            weight=weight,
            typical=float(median),
            clipped=(clipped.below + clipped.above) / len(held) if clipped else 0.0,
        )

    def category(self, name: str, weight: float) -> CategoryField:
        """Levels of a category, commonest first."""
        codes, unique = pd.factorize(self.customers.frame[name])
        kept = codes >= 0
        held = np.bincount(codes[kept], self.weight[kept], minlength=len(unique)).astype(np.float64)
        share = held / held.sum()
        order = sorted(range(len(unique)), key=lambda code: (-share[code], str(unique[code])))
        few = [code for code in order if share[code] < self.clean.rare]
        pooled = len(few) > 1 and len(unique) > 2
        rare = tuple(str(unique[code]) for code in few) if pooled else ()
        levels = [str(unique[code]) for code in order if not pooled or share[code] >= self.clean.rare]
        if pooled:
            self.rare[name] = rare
            levels.append(OTHER)
        return CategoryField(name, tuple(levels), rare, _are_numbers(unique), weight)

    def _far(self, name: str, values: Array, limits: tuple[float, float, float], offset: float | None) -> None:
        """Single values that lie far beyond the limits, on the scale of comparison."""
        low, median, high = limits
        if self.clean.outliers == "keep" or low == high:
            return
        at, (least, middle, most) = _on_scale(values, offset), _on_scale(np.array(limits), offset)
        bad = at > middle + _FAR * (most - middle) if most > middle else np.zeros(len(values), bool)
        bad |= at < middle - _FAR * (middle - least) if middle > least else False
        if not bad.any():
            return
        far = sorted(set(values[bad]), key=lambda value: -abs(value - median))
        part = f"{100 * (1 - 2 * self.clean.tails):.3g} %"
        unit = self.customers.units.get(name, "")
        inside = f"{part} lie between {self._said(name, low)} and {self._said(name, high)}"
        inside += f" {unit}" if unit and unit != YEAR else ""
        done = "pulled in for comparison" if self.clean.outliers == "winsorise" else "kept as they are"
        shown = listed((self._said(name, each) for each in far), 5)
        what = f"{how_many(int(bad.sum()), 'value')} far from all others ({shown}), where {inside}: {done}"
        self.own.append(CATALOGUE.finding("K018", place_of(self.customers, name, bad), what))

    def _log_offset(self, name: str, held: Array, share: Array | None, *, zeros: bool) -> float | None:
        """What is added before the logarithm; None where a number is compared as it is."""
        if self.clean.skew == "none" or held.min() < 0 or held.max() <= 0:
            return None
        skew = _skewness(held, share)
        between = (held > held.min()) & (held < held.max())
        if skew <= _SKEWED or not between.any():
            return None
        positive = held[held > 0]
        offset = float(np.quantile(positive, _SMALL_POSITIVE)) if zeros else 0.0
        after = _skewness(np.log(held + offset), share)
        if abs(after) > _STRAIGHTER * skew:
            return None
        self.logs[name] = (skew, after)
        return offset

    def _said(self, name: str, value: float) -> str:
        return spoken(value, self.customers.units.get(name, ""))

    def findings(self) -> list[Finding]:
        """What was done, one finding for each kind of it."""
        found, where = [*self.own], self.customers.source
        if self.clips:
            parts = [
                f"{name} {clip.below + clip.above:,} ({self._said(name, clip.low)} to {self._said(name, clip.high)})"
                for name, clip in self.clips.items()
            ]
            found.append(CATALOGUE.finding("K017", where, f"values pulled in to limits: {listed(parts, 30)}"))
        if self.logs:
            parts = [f"{name} (skew {before:.1f} to {after:.1f})" for name, (before, after) in self.logs.items()]
            found.append(CATALOGUE.finding("K019", where, f"compared on a log scale: {listed(parts, 30)}"))
        for name, levels in self.rare.items():
            rows = self.customers.frame[name].isin(levels).to_numpy()
            what = (
                f"{how_many(len(levels), 'level')} of {how_many(int(rows.sum()), 'customer')} ({rows.mean():.1%}) "
                f'become "{OTHER}": {listed(levels, 5)}'
            )
            if len(levels) == self.customers.frame[name].nunique():
                what += "; no other level is left, and the column tells nobody apart"
            found.append(CATALOGUE.finding("K020", place_of(self.customers, name, rows), what))
        return found


def _twins(fields: tuple[NumberField, ...], customers: Customers) -> list[Finding]:
    """Numbers that say the same as another: together they count twice."""
    step = max(1, customers.n_customers // _LOOKED_AT)
    rows = customers.frame.iloc[::step]
    scaled = pd.DataFrame({field.name: field.scaled(rows[field.name].to_numpy(np.float64)) for field in fields})
    if len(scaled) < _FEW:
        return []
    together = scaled.corr().to_numpy()
    pairs = [
        f"{fields[i].name} and {fields[j].name} (correlation {together[i, j]:.2f})"
        for i in range(len(fields))
        for j in range(i + 1, len(fields))
        if abs(together[i, j]) >= _SAME
    ]
    if not pairs:
        return []
    repair = "Put one of them in `ignore`, or give both a smaller weight in weights under [customers.clusters]."
    return [CATALOGUE.finding("K011", customers.source, f"numbers that count twice: {listed(pairs)}", repair)]


def _on_scale(values: Array, offset: float | None) -> Array:
    """Values as they are, or their logarithm."""
    return values if offset is None else np.log(np.maximum(values + offset, np.finfo(float).tiny))


def _are_numbers(levels: Iterable[object]) -> bool:
    """True where every level is the text of a number as numbers are written here."""
    for level in levels:
        try:
            if level_text(float(str(level))) != level:
                return False
        except ValueError:
            return False
    return True


def _quantiles(values: Array, levels: tuple[float, ...], share: Array | None) -> tuple[float, ...]:
    """Quantiles; of weighted values the smallest value with so much weight up to it."""
    if share is None:
        return tuple(float(each) for each in np.quantile(values, levels))
    order = np.argsort(values, kind="stable")
    up_to = np.cumsum(share[order])
    at = np.searchsorted(up_to, np.asarray(levels) * up_to[-1])
    return tuple(float(each) for each in values[order][np.minimum(at, len(values) - 1)])


def _moments(values: Array, share: Array | None) -> tuple[float, float]:
    """Mean and standard deviation."""
    mean = float(np.average(values, weights=share))
    away = values - mean
    most = float(np.abs(away).max()) or 1.0  # squares of what is divided by it neither overflow nor vanish
    spread = most * float(np.sqrt(np.average((away / most) ** 2, weights=share)))
    return mean, spread if spread > 0 else 1.0


def _skewness(values: Array, share: Array | None) -> float:
    mean, spread = _moments(values, share)
    scaled = (values - mean) / spread
    return float(np.average(scaled * scaled * scaled, weights=share))
