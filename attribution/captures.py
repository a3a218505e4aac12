"""What grades would have caught: conversions, lift and calibration by grade, segment, channel and month."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attribution.grades import GRADES
from outlay.summary import jeffreys
from outlay.transforms import Array

TOP = ("A", "B")
"""The grades that are meant by "caught" where one number is wanted."""


def capture_table(letters: NDArray[np.str_], outcome: Array, level: float) -> pd.DataFrame:
    """What each grade holds. One row per grade, A first.

    ``leads`` and ``converted`` count; ``rate`` is the share that converted; ``captured`` is the share of all
    conversions that the grade holds; ``lift`` is the grade's rate over the rate of all leads, which is ``captured``
    over the grade's share of leads; ``caught`` adds ``captured`` up from A. Intervals are Jeffreys': of the rate given
    the leads of the grade, of the captured share given all conversions.
    """
    rows = [(letters == g) for g in GRADES]
    leads = np.array([int(r.sum()) for r in rows], dtype=float)
    converted = np.array([float(outcome[r].sum()) for r in rows])
    total, everyone = converted.sum(), leads.sum()
    low, high = jeffreys(converted, leads, level)
    part_low, part_high = jeffreys(converted, np.full(len(rows), total), level)
    caught = np.cumsum(converted)
    caught_low, caught_high = jeffreys(caught, np.full(len(rows), total), level)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = leads / everyone
        return pd.DataFrame(
            {
                "grade": GRADES,
                "leads": leads.astype(np.int64),
                "converted": converted.astype(np.int64),
                "rate": converted / leads,
                "rate_low": low,
                "rate_high": high,
                "captured": converted / total,
                "captured_low": part_low,
                "captured_high": part_high,
                "lift": converted / total / share,
                "lift_low": part_low / share,
                "lift_high": part_high / share,
                "caught": caught / total,
                "caught_low": caught_low,
                "caught_high": caught_high,
            }
        )


def calibration_table(probability: Array, outcome: Array, by: NDArray[np.object_], level: float) -> pd.DataFrame:
    """What was predicted beside what came, by segment (or whatever ``by`` names), the largest first.

    ``inside`` tells whether the predicted rate lies in the interval of the observed one.
    """
    rows = []
    for name in sorted(set(map(str, by))):
        ours = by == name
        n, hits, predicted = int(ours.sum()), float(outcome[ours].sum()), float(probability[ours].mean())
        low, high = (float(bound) for bound in jeffreys(hits, n, level))
        rows.append(
            {
                "name": name,
                "leads": n,
                "converted": int(hits),
                "predicted": predicted,
                "observed": hits / n,
                "observed_low": low,
                "observed_high": high,
                "inside": low <= predicted <= high,
            }
        )
    return pd.DataFrame(rows).sort_values(["leads", "name"], ascending=[False, True], ignore_index=True)


def tenths(probability: Array, outcome: Array, level: float) -> pd.DataFrame:
    """What was predicted beside what came, by tenths of the leads in order of their probability."""
    order = np.argsort(probability, kind="stable")
    part = np.empty(len(order), dtype=np.int64)
    part[order] = np.arange(len(order)) * 10 // max(len(order), 1)
    names = np.array([f"{10 * k + 1} to {10 * k + 10} %" for k in range(10)], dtype=object)
    table = calibration_table(probability, outcome, names[part], level)
    return table.sort_values("predicted", ignore_index=True)


def months_table(
    month: NDArray[np.object_],
    outcome: Array,
    probability: Array,
    ours: NDArray[np.str_],
    rules: NDArray[np.str_] | None,
    level: float,
) -> pd.DataFrame:
    """By month: leads, conversions, what was expected, and what grades A and B caught of them, ours and the rules'."""
    rows = []
    for name in sorted(set(map(str, month))):
        at = month == name
        total = float(outcome[at].sum())
        row: dict[str, object] = {
            "month": name,
            "leads": int(at.sum()),
            "converted": int(total),
            "expected": float(probability[at].sum()),
        }
        row |= _caught("caught", ours[at], outcome[at], level)
        if rules is not None:
            row |= _caught("rules_caught", rules[at], outcome[at], level)
        rows.append(row)
    return pd.DataFrame(rows)


def _caught(name: str, letters: NDArray[np.str_], outcome: Array, level: float) -> dict[str, object]:
    total, hits = float(outcome.sum()), float(outcome[np.isin(letters, TOP)].sum())
    low, high = (float(bound) for bound in jeffreys(hits, total, level))
    share = hits / total if total else np.nan
    return {name: int(hits), f"{name}_share": share, f"{name}_low": low, f"{name}_high": high}


def graded_within(score: Array, part: NDArray[np.object_]) -> NDArray[np.str_]:
    """Grades within each part (a month) of its own."""
    from attribution.grades import grade

    letters = np.full(len(score), "E", dtype="<U1")
    for name in sorted(set(map(str, part))):
        at = np.flatnonzero(part == name)
        letters[at] = grade(score[at]).grade
    return letters
