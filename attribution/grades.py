"""Grades: the best tenth of the leads is A, the next fifth B, then C, D, and the last tenth E."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from outlay.transforms import Array

GRADES = ("A", "B", "C", "D", "E")
PARTS = (0.1, 0.2, 0.3, 0.3, 0.1)
"""Part of the leads in each grade."""


@dataclass(frozen=True, eq=False)
class Graded:
    """Grades of leads.

    Attributes
    ----------
    grade : ndarray of str (N,)
    rank : ndarray of int (N,)
        From 1, the best lead.
    lowest : mapping of str to float
        Smallest score in each grade.
    split : int
        Leads whose score is also found in another grade, so that the order of the table decided.
    """

    grade: NDArray[np.str_]
    rank: NDArray[np.int64]
    lowest: dict[str, float]
    split: int


def grade(score: Array) -> Graded:
    """Grade leads by their score, the highest first; among equals the earlier in the table comes first.

    Grade g ends after ``round(N (p_A + ... + p_g))`` leads, halves rounded up.
    """
    score = np.asarray(score, float)
    order = np.argsort(-score, kind="stable")
    rank = np.empty(len(score), dtype=np.int64)
    rank[order] = np.arange(1, len(score) + 1)
    ends = np.floor(np.round(np.cumsum(PARTS) * len(score), 6) + 0.5).astype(int)
    code = np.searchsorted(ends, rank, side="left")
    letters = np.array(GRADES)[code]
    lowest = {g: float(score[letters == g].min()) for g in GRADES if (letters == g).any()}
    return Graded(letters, rank, lowest, _split(score, code))


def _split(score: Array, code: NDArray[np.intp]) -> int:
    """Leads that share their score with a lead of another grade."""
    if not len(score):
        return 0
    _, value = np.unique(score, return_inverse=True)
    least, most = np.full(value.max() + 1, len(GRADES)), np.full(value.max() + 1, -1)
    np.minimum.at(least, value, code)
    np.maximum.at(most, value, code)
    return int((least != most)[value].sum())


@dataclass(frozen=True)
class Capacity:
    """Seller hours at hand, and what a lead takes.

    Attributes
    ----------
    hours : float or mapping of str to float
        In all, or by segment.
    hours_per_lead : float or mapping of str to float
    """

    hours: float | dict[str, float]
    hours_per_lead: float | dict[str, float]

    def hours_of(self, segment: NDArray[np.object_]) -> Array:
        """Hours that each lead takes; NaN for a segment that has none."""
        if isinstance(self.hours_per_lead, dict):
            return np.array([self.hours_per_lead.get(str(name), np.nan) for name in segment], dtype=float)
        return np.full(len(segment), float(self.hours_per_lead))


def hand_over(worth: Array, segment: NDArray[np.object_], capacity: Capacity) -> NDArray[np.bool_]:
    """Which leads the hours at hand are best spent on: the most worth an hour first, as long as the next one fits.

    Parameters
    ----------
    worth : ndarray (N,)
        Probability of a lead, or its expected money.
    segment : ndarray of str (N,)
    capacity : Capacity
    """
    need = capacity.hours_of(segment)
    order = np.argsort(-np.where(np.isnan(need), -np.inf, worth / need), kind="stable")
    chosen = np.zeros(len(worth), dtype=bool)
    pools = capacity.hours if isinstance(capacity.hours, dict) else {"": capacity.hours}
    for name, hours in pools.items():
        ours = order if name == "" and not isinstance(capacity.hours, dict) else order[segment[order] == name]
        ours = ours[~np.isnan(need[ours])]
        # a tolerance of a millionth of an hour: 0.1 + 0.2 hours fit into 0.3
        chosen[ours[np.cumsum(need[ours]) <= hours + 1e-6]] = True
    return chosen


def cut_off(
    probability: Array, letters: NDArray[np.str_], worth: Array, segment: NDArray[np.object_], capacity: Capacity
) -> tuple[NDArray[np.bool_], pd.DataFrame]:
    """Which leads to hand over, and the cut-off by segment.

    Returns
    -------
    chosen : ndarray of bool (N,)
    table : DataFrame
        One row per pool of hours: ``segment`` (empty for one pool), ``hours``, ``leads``, ``handed``, ``hours_used``,
        ``last_grade``, ``last_probability``, ``expected`` and ``worth`` of those handed over, and the same of the rest.
    """
    chosen = hand_over(worth, segment, capacity)
    need = capacity.hours_of(segment)
    pools = capacity.hours if isinstance(capacity.hours, dict) else {"": capacity.hours}
    rows = []
    for name, hours in pools.items():
        ours = np.ones(len(segment), dtype=bool) if name == "" else segment == name
        ours, rest = ours & chosen, ours & ~chosen
        last = int(np.flatnonzero(ours)[np.argmin(probability[ours])]) if ours.any() else None
        rows.append(
            {
                "segment": name,
                "hours": float(hours),
                "leads": int((ours | rest).sum()),
                "handed": int(ours.sum()),
                "hours_used": float(need[ours].sum()),
                "last_grade": str(letters[last]) if last is not None else "",
                "last_probability": float(probability[last]) if last is not None else np.nan,
                "expected": float(probability[ours].sum()),
                "worth": float(worth[ours].sum()),
                "left_out": int(rest.sum()),
                "left_expected": float(probability[rest].sum()),
                "left_worth": float(worth[rest].sum()),
            }
        )
    return chosen, pd.DataFrame(rows)
