"""Who moved from which segment to which, between two runs or two days, and how much money moved with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from outlay.findings import Finding
from outlay.summary import jeffreys
from outlay.transforms import Array
from segmentation.catalogue import CATALOGUE

if TYPE_CHECKING:
    from outlay.runs import Run

OUTSIDE = 0
"""Number of those who are not in one of the two tables: new customers come from it, and lost ones go there."""

BORDER = 0.1
"""Sureness below which a customer lies at a border: less than a tenth nearer to the segment than to the second one."""

_MANY_AT_BORDER, _FEWEST_MOVED = 0.3, 30


@dataclass(frozen=True, eq=False)
class Standing:
    """Who was in which segment at one time. N customers.

    Attributes
    ----------
    ids : ndarray of str (N,)
        Each once.
    numbers : ndarray of int (N,)
        Segment of each, from 1.
    names : mapping of int to str
        Name of each segment.
    value : ndarray (N,) or None
        Money of each, NaN where it is not known.
    sureness : ndarray (N,) or None
    when : str
        The day or the run, for headers.
    """

    ids: NDArray[np.object_]
    numbers: NDArray[np.integer[Any]]
    names: Mapping[int, str]
    value: Array | None = None
    sureness: Array | None = None
    when: str = ""

    def frame(self) -> pd.DataFrame:
        """``id``, ``number``, ``value``, ``sureness``; NaN where not known."""
        empty = np.full(len(self.ids), np.nan)
        return pd.DataFrame(
            {
                "id": pd.Series(self.ids, dtype="str"),
                "number": np.asarray(self.numbers, np.int64),
                "value": empty if self.value is None else self.value,
                "sureness": empty if self.sureness is None else self.sureness,
            }
        )


@dataclass(frozen=True, eq=False)
class Migration:
    """Movement between two times.

    Attributes
    ----------
    matrix : DataFrame
        One row per pair of segments that anybody moved between, and of those who stayed: ``before_number``,
        ``before``, ``after_number``, ``after`` (names; number 0 is ``"(new)"`` and ``"(gone)"``), ``customers``,
        ``rate`` (part of those who were in the first segment; NaN from ``"(new)"``) with ``low`` and ``high``,
        ``value_before`` and ``value_after`` (money of these customers then and now), ``value_change``, ``border`` (part
        of these customers who were at a border of their segment at both times; NaN where not known).
    segments : DataFrame
        One row per segment: ``number``, ``segment``, ``before``, ``after`` (customers), ``stayed``, ``came`` and
        ``went`` (from and to other segments), ``new``, ``gone``, ``stay_rate`` with ``low`` and ``high`` (of those who
        are in both tables), ``value_came``, ``value_went``, ``value_new``, ``value_gone``, ``value_net`` (money that
        movement brought: came - went + new - gone; those who go count with what they were worth, those who come with
        what they are worth).
    facts : dict of str to Any
        JSON-ready: ``before``, ``after`` (when), ``customers`` (in both), ``moved``, ``move_rate`` with ``move_low``
        and ``move_high``, ``new``, ``gone``, ``value_moved``, ``border``.
    findings : tuple of Finding
    """

    matrix: pd.DataFrame
    segments: pd.DataFrame
    facts: dict[str, Any]
    findings: tuple[Finding, ...] = field(default=())


def migration(before: Standing, after: Standing, *, level: float = 0.9) -> Migration:
    """Count movement between two times.

    Parameters
    ----------
    before, after : Standing
        By the same model, or by two whose segments were matched: a number means the same segment in both.
    level : float
        Probability of intervals (Jeffreys'; they say what is known of the rate of customers like these).
    """
    pairs = before.frame().merge(after.frame(), on="id", how="outer", suffixes=("_before", "_after"))
    for side in ("before", "after"):
        pairs[side] = pairs[f"number_{side}"].astype("Int64").to_numpy(np.float64, na_value=OUTSIDE).astype(np.int64)
    at_border = np.fmax(pairs["sureness_before"].to_numpy(float), pairs["sureness_after"].to_numpy(float)) < BORDER
    known = (pairs["sureness_before"].notna() | pairs["sureness_after"].notna()).to_numpy()
    pairs["border"] = np.where(known, at_border.astype(float), np.nan)
    both = (pairs["before"] != OUTSIDE) & (pairs["after"] != OUTSIDE)
    facts = _facts(before, after, pairs[both], (pairs["before"] == OUTSIDE, pairs["after"] == OUTSIDE), level)
    return Migration(
        _matrix(pairs, before, after, level),
        _segments(pairs, before, after, level),
        facts,
        tuple(_findings(before, after, facts)),
    )


def standing_of(run: Run) -> Standing:
    """Who was in which segment in a run of `outlay segment`.

    Raises
    ------
    RunError
        Where the run is damaged.
    """
    labels = run.table("labels")
    names = {int(number): str(name) for number, name in zip(labels["number"], labels["segment"], strict=True)}
    when = run.json("segments").get("as_of") or run.id
    value = labels["value"].to_numpy(float) if "value" in labels else None
    sureness = labels["sureness"].to_numpy(float) if "sureness" in labels else None
    return Standing(labels["id"].to_numpy(object), labels["number"].to_numpy(np.int64), names, value, sureness, when)


def _matrix(pairs: pd.DataFrame, before: Standing, after: Standing, level: float) -> pd.DataFrame:
    found = pairs.groupby(["before", "after"], as_index=False).agg(
        customers=("id", "size"),
        value_before=("value_before", _total),
        value_after=("value_after", _total),
        border=("border", "mean"),
    )
    from_all = pairs.groupby("before")["id"].size()
    trials = np.asarray(from_all.loc[found["before"]], dtype=np.float64)
    counts = found["customers"].to_numpy(float)
    low, high = jeffreys(counts, trials, level)
    outside = (found["before"] == OUTSIDE).to_numpy()
    rate = np.where(outside, np.nan, counts / trials)
    table = pd.DataFrame(
        {
            "before_number": found["before"],
            "before": [_name(before, after, number, "(new)") for number in found["before"]],
            "after_number": found["after"],
            "after": [_name(after, before, number, "(gone)") for number in found["after"]],
            "customers": found["customers"],
            "rate": rate,
            "low": np.where(outside, np.nan, low),
            "high": np.where(outside, np.nan, high),
            "value_before": found["value_before"],
            "value_after": found["value_after"],
            "value_change": found["value_after"] - found["value_before"],
            "border": found["border"],
        }
    )
    # segments first, those outside last
    order = np.lexsort([_last(table["after_number"]), _last(table["before_number"])])
    return table.iloc[order].reset_index(drop=True)


def _segments(pairs: pd.DataFrame, before: Standing, after: Standing, level: float) -> pd.DataFrame:
    numbers = sorted({*pairs["before"], *pairs["after"]} - {OUTSIDE})
    then, now = pairs["before"].to_numpy(), pairs["after"].to_numpy()
    worth_then, worth_now = pairs["value_before"].to_numpy(float), pairs["value_after"].to_numpy(float)
    rows = []
    for number in numbers:
        was, is_ = then == number, now == number
        came, went = is_ & (then != number) & (then != OUTSIDE), was & (now != number) & (now != OUTSIDE)
        new, gone = is_ & (then == OUTSIDE), was & (now == OUTSIDE)
        stayed, trials = int((was & is_).sum()), int((was & (now != OUTSIDE)).sum())
        low, high = jeffreys(float(stayed), float(trials), level)
        money = {
            "value_came": _total(worth_now[came]),
            "value_went": _total(worth_then[went]),
            "value_new": _total(worth_now[new]),
            "value_gone": _total(worth_then[gone]),
        }
        rows.append(
            {
                "number": number,
                "segment": _name(after, before, number, ""),
                "before": int(was.sum()),
                "after": int(is_.sum()),
                "stayed": stayed,
                "came": int(came.sum()),
                "went": int(went.sum()),
                "new": int(new.sum()),
                "gone": int(gone.sum()),
                "stay_rate": stayed / trials if trials else np.nan,
                "low": float(low) if trials else np.nan,
                "high": float(high) if trials else np.nan,
                **money,
                "value_net": money["value_came"] - money["value_went"] + money["value_new"] - money["value_gone"],
            }
        )
    table = pd.DataFrame(rows)
    if before.value is None and after.value is None:
        table = table.drop(columns=[name for name in table.columns if name.startswith("value_")])
    return table


def _facts(
    before: Standing, after: Standing, both: pd.DataFrame, outside: tuple[pd.Series, pd.Series], level: float
) -> dict[str, Any]:
    moved = both["before"] != both["after"]
    count, total = int(moved.sum()), len(both)
    low, high = jeffreys(float(count), float(total), level)
    border = both.loc[moved, "border"].mean() if count else np.nan
    money = after.value is not None
    return {
        "before": before.when,
        "after": after.when,
        "customers": total,
        "moved": count,
        "move_rate": count / total if total else None,
        "move_low": float(low) if total else None,
        "move_high": float(high) if total else None,
        "new": int(outside[0].sum()),
        "gone": int(outside[1].sum()),
        "value_moved": _total(both.loc[moved, "value_after"].to_numpy(float)) if money else None,
        "border": None if np.isnan(border) else float(border),
        "level": level,
    }


def _findings(before: Standing, after: Standing, facts: Mapping[str, Any]) -> list[Finding]:
    where = f"migration from {before.when} to {after.when}"
    if not facts["customers"]:
        what = f"none of {len(before.ids):,} customers before is among {len(after.ids):,} after"
        return [CATALOGUE.finding("K093", where, what)]
    if facts["border"] is not None and facts["border"] > _MANY_AT_BORDER and facts["moved"] >= _FEWEST_MOVED:
        what = f"{facts['border']:.0%} of the {facts['moved']:,} customers who moved were at a border all the time"
        return [CATALOGUE.finding("K099", where, what)]
    return []


def _total(values: pd.Series | Array) -> float:
    """Sum of what is known; not a number where nothing is and somebody is meant."""
    held = np.asarray(values, float)
    filled = held[~np.isnan(held)]
    return float(filled.sum()) if filled.size or not held.size else float("nan")


def _name(first: Standing, second: Standing, number: int, outside: str) -> str:
    if number == OUTSIDE:
        return outside
    return first.names.get(number, second.names.get(number, f"segment {number}"))


def _last(numbers: pd.Series) -> NDArray[np.float64]:
    """The numbers in an order with those outside at the end."""
    return np.where(numbers == OUTSIDE, np.inf, numbers.to_numpy(float))
