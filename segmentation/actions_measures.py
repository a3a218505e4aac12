"""What conditions of actions are about: measures of a segment, what stands beside them, and how they are written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from outlay import style
from segmentation.config import Condition
from segmentation.profiles import CATEGORY, NUMBER, Profile

FILLED = ("name", "number", "customers", "size_share", "value", "value_share", "value_per_customer", "value_tenth")
"""What a sentence can always be filled with; the last is a tenth of all that the segment spends."""
KNOWN_LATER = ("recency", "tenure", "p_alive", "purchases", "clv", "clv_total")
"""What purchases and lifetime value add where there are any; without them it is no mistake to ask for it."""
_TEXT = ("name", "number")
_SHARES = ("size_share", "value_share", "p_alive")
_MONEY = ("value", "value_per_customer", "value_tenth", "clv", "clv_total")
_TOTALS = ("customers", "value", "value_tenth", "clv_total", "size_share", "value_share")
_WORDS: Mapping[str, str] = {
    "size_share": "share of the customers",
    "value_share": "share of the value",
    "value_per_customer": "value per customer",
    "value_tenth": "a tenth of the value",
    "p_alive": "part that still buys",
    "clv": "lifetime value ahead",
    "clv_total": "lifetime value of all of them",
    "purchases": "purchases ahead, of all of them",
}


@dataclass(frozen=True)
class Measured:
    """A number that a condition is about.

    Attributes
    ----------
    value, low, high : float
        Bounds are NaN where nothing was estimated.
    words : str
        What it is, and what it is beside.
    """

    value: float
    low: float
    high: float
    words: str


@dataclass(frozen=True, eq=False)
class Measures:
    """Measures of segments.

    Attributes
    ----------
    profile : Profile
    names : mapping of int to str
    table : DataFrame
        By number: measures of whole segments, with ``_low`` and ``_high`` where they are estimated.
    overall : mapping of str to float
        The same over all customers.
    """

    profile: Profile
    names: Mapping[int, str]
    table: pd.DataFrame
    overall: Mapping[str, float] = field(default_factory=dict)

    def knows(self, name: str) -> bool:
        """Whether there is such a measure, or column of the profile."""
        if name in _TEXT:
            return True
        if name in self.table.columns:
            return bool(np.isfinite(self.table[name]).all())
        return self._feature(name) is not None

    def _feature(self, name: str) -> str | None:
        """The column of the profile that is meant: of that name, else the only one that differs in capitals alone."""
        held = [str(feature) for feature in self.profile.features["feature"].unique()]
        if name in held:
            return name
        near = [feature for feature in held if feature.lower() == name.lower()]
        return near[0] if len(near) == 1 else None

    def stat(self, condition: Condition, number: int) -> Measured:
        """What the condition is about, of one segment; NaN where the profile has no such level."""
        if condition.measure in self.table.columns:
            return self._of_segment(condition, number)
        rows = self._rows(condition)
        own = rows[rows["number"] == number]
        if own.empty:
            return Measured(np.nan, np.nan, np.nan, "")
        row = own.iloc[0]
        name = str(row["feature"]) if condition.level is None else f"{row['feature']} = {condition.level}"
        write = style.percent if condition.level is not None else self._feature_text(str(row["feature"]))
        beside = f"{name}: {write(row['mean'])} against {write(row['population'])} of all customers"
        if condition.stat == "rank":
            return _ranked(rows.set_index("number")["mean"], number, name)
        if condition.stat == "lift":
            words = f"{beside} (x{row['lift']:.2f})"
            return Measured(float(row["lift"]), float(row["lift_low"]), float(row["lift_high"]), words)
        return Measured(float(row["mean"]), float(row["low"]), float(row["high"]), beside)

    def filled(self, number: int) -> dict[str, str]:
        """Every measure as text, to fill a sentence with."""
        texts = {"name": self.names.get(number, f"segment {number}"), "number": str(number)}
        row = self.table.index.get_loc(number)
        for name in self.table.columns:
            if not name.endswith(("_low", "_high")):
                texts[name] = self._text(name, float(self.table[name].to_numpy(float)[row]))
        numeric = self.profile.features[self.profile.features["number"] == number]
        for each in numeric[numeric["kind"] == NUMBER].to_dict("records"):
            feature = str(each["feature"])
            text = self._feature_text(feature)(each["mean"])
            texts.setdefault(feature, text)
            if self._feature(feature.lower()) == feature:
                texts.setdefault(feature.lower(), text)
        return texts

    def _rows(self, condition: Condition) -> pd.DataFrame:
        features = self.profile.features
        rows = features[features["feature"] == self._feature(condition.measure)]
        return rows[(rows["kind"] == CATEGORY) & (rows["level"] == condition.level)] if condition.level else rows

    def _of_segment(self, condition: Condition, number: int) -> Measured:
        name = condition.measure
        column = self.table[name]
        value = float(column.to_numpy(float)[column.index.get_loc(number)])
        low, high = (self._bound(name, end, number) for end in ("low", "high"))
        words = f"{_WORDS.get(name, name)}: {self._text(name, value)}"
        if np.isfinite(low) and np.isfinite(high):
            level = self.profile.level
            words += f" ({level:.0%} interval {self._text(name, low)} to {self._text(name, high)})"
        if condition.stat == "rank":
            return _ranked(column, number, _WORDS.get(name, name))
        if condition.stat != "lift":
            return Measured(value, low, high, words)
        mean = self._overall(name)
        with np.errstate(divide="ignore", invalid="ignore"):
            lift, least, most = (float(np.divide(x, mean)) for x in (value, low, high))
        least, most = (
            self._bound(f"{name}_lift", "low", number, least),
            self._bound(f"{name}_lift", "high", number, most),
        )
        return Measured(lift, least, most, f"{words}, x{lift:.2f} that of all customers ({self._text(name, mean)})")

    def _bound(self, name: str, end: str, number: int, default: float = np.nan) -> float:
        column = f"{name}_{end}"
        return float(self.table[column][number]) if column in self.table.columns else default

    def _overall(self, name: str) -> float:
        """The measure over all customers; of a total or a share, the mean over segments."""
        if name in self.overall:
            return self.overall[name]
        size = self.table["customers"]
        if name in _TOTALS:
            return float(self.table[name].mean())
        return float((self.table[name] * size).sum() / size.sum())

    def _text(self, name: str, value: float) -> str:
        if name in _SHARES:
            return style.percent(value, 0) if value >= 0.1 else style.percent(value)
        if name in _MONEY:
            return style.money(value, self.profile.currency)
        return style.amount(value) if name == "customers" else style.number(value)

    def _feature_text(self, feature: str) -> _Write:
        rows = self.profile.features[self.profile.features["feature"] == feature]
        return _Write(str(rows["unit"].iloc[0]) if len(rows) else "", self.profile.currency)


@dataclass(frozen=True)
class _Write:
    """Writes a feature's numbers in its unit."""

    unit: str
    currency: str

    def __call__(self, value: float) -> str:
        if self.unit == self.currency:
            return style.money(value, self.currency)
        return f"{style.number(value)} {self.unit}".rstrip()


def _ranked(column: pd.Series, number: int, name: str) -> Measured:
    rank = float(column.rank(ascending=False, method="min")[number])
    return Measured(rank, np.nan, np.nan, f"{name}: rank {rank:.0f} of {len(column)} segments")


def measures_of(profile: Profile, names: Mapping[int, str], extra: pd.DataFrame | None) -> Measures:
    """Collect the measures that there are."""
    table = profile.segments.set_index("number")
    overall: dict[str, float] = {}
    if "value" in table:
        table = table.assign(value_tenth=table["value"] / 10)
        renamed = {f"value_lift_{end}": f"value_per_customer_lift_{end}" for end in ("low", "high")}
        table = table.rename(columns=renamed).drop(columns=["value_lift", "value_missing"])
        counted = table["customers"] - profile.segments.set_index("number")["value_missing"]
        overall["value_per_customer"] = float(table["value"].sum() / counted.sum())
    if extra is not None:
        own = extra[extra["number"].notna()]
        more = own.set_index(own["number"].astype("int64")).select_dtypes("number")
        more = more.drop(columns=[name for name in more.columns if name in table.columns or name == "number"])
        table = table.join(more)
        whole = extra[extra["number"].isna()].select_dtypes("number")
        if len(whole):
            overall |= {str(name): float(whole[name].to_numpy(float)[0]) for name in more.columns if name in whole}
    return Measures(profile, names, table.astype(float), overall)
