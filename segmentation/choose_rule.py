"""The rule that recommends a number of segments, and its reason in words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from segmentation.config import ClustersSection
from segmentation.stability import PATTERN, TRUSTED

CRITERION = {"mixture": "bic", "gaussian": "bic"}
"""What decides among those that are allowed, where it is not the finest stable split: methods with a likelihood."""

WEAK = 0.25
"""Silhouette below which clusters run into each other (Kaufman & Rousseeuw 1990, table 4)."""

NEAR = 0.9
"""Part of the elbow's depth that a split must have to lie at the elbow, and not past it."""


@dataclass(frozen=True)
class Pick:
    """The recommendation.

    Attributes
    ----------
    k : int
    allowed : tuple of bool
        Whether a candidate can be recommended, in the order of the table.
    why : tuple of str
        What speaks against each, or for it.
    reason : str
    """

    k: int
    allowed: tuple[bool, ...]
    why: tuple[str, ...]
    reason: str


def recommend(table: pd.DataFrame, section: ClustersSection) -> Pick:
    """Which number of segments.

    Allowed is what leaves no segment too small and none that does not come back in resamples (`TRUSTED`). Of those, a
    method with a likelihood takes the least BIC. Else the finest split is taken whose every segment is a pattern by
    its stability (`PATTERN`), which is no weaker than `WEAK` by its silhouette, and not past the elbow: the silhouette
    alone nearly always prefers two (much and little) in tables of customers. Where there is none such, the greatest
    silhouette decides; where nothing is allowed, the number whose least stable segment is the most stable.
    """
    against = [_against(row, section) for _, row in table.iterrows()]
    allowed = np.array([not said for said in against])
    if not allowed.any():
        place, reason = _least_bad(table, section)
    elif CRITERION.get(section.method) == "bic":
        place, reason = _by_bic(table, allowed)
    else:
        place, reason = _finest(table, allowed)
    why = [said or ("chosen" if at == place else "allowed") for at, said in enumerate(against)]
    return Pick(int(table["k"].iloc[place]), tuple(bool(one) for one in allowed), tuple(why), reason)


def _against(row: pd.Series, section: ClustersSection) -> str:
    """What speaks against a candidate; empty where nothing does."""
    said = []
    if row["smallest_share"] < section.min_share:
        said.append(f"a segment of {row['smallest_share']:.1%}")
    if row["stability_low"] < TRUSTED:
        said.append(f"a segment that does not come back ({row['stability_low']:.2f})")
    return ", ".join(said)


def _by_bic(table: pd.DataFrame, allowed: NDArray[np.bool_]) -> tuple[int, str]:
    """The least BIC among those allowed, and why."""
    place = int(np.where(allowed, table["bic"].to_numpy(float), np.inf).argmin())
    return place, f"{table['k'].iloc[place]} segments: the lowest BIC {_among(allowed)}.{_steady(table, place)}"


def _finest(table: pd.DataFrame, allowed: NDArray[np.bool_]) -> tuple[int, str]:
    """The finest firm split up to the elbow, or else the clearest, and why."""
    shape, bend = table["silhouette"].to_numpy(float), table["elbow"].to_numpy(float)
    firm = allowed & (table["stability_low"].to_numpy(float) >= PATTERN) & (shape >= WEAK)
    fine = np.flatnonzero(firm & (bend >= NEAR * bend.max()))
    open_ = firm if firm.any() else allowed
    clearest = int(np.where(open_, shape, -np.inf).argmax())
    if not len(fine) or fine[-1] == clearest:
        k = table["k"].iloc[clearest]
        reason = f"{k} segments: the highest silhouette ({shape[clearest]:.2f}) {_among(allowed)}."
        return clearest, reason + _steady(table, clearest)
    place = int(fine[-1])
    reason = (
        f"{table['k'].iloc[place]} segments: the finest split up to the elbow of the cost of which every segment comes "
        f"back in resamples.{_steady(table, place)} The clearest split is {table['k'].iloc[clearest]} (silhouette "
        f"{shape[clearest]:.2f} against {shape[place]:.2f})."
    )
    return place, reason


def _among(allowed: NDArray[np.bool_]) -> str:
    return "of all that were tried" if allowed.all() else f"of the {int(allowed.sum())} that are allowed"


def _least_bad(table: pd.DataFrame, section: ClustersSection) -> tuple[int, str]:
    """The most stable where nothing is allowed, large enough ones first."""
    low = table["stability_low"].fillna(0.0).to_numpy()
    large = (table["smallest_share"] >= section.min_share).to_numpy()
    place = int(np.lexsort((-table["smallest_share"].to_numpy(), -low, ~large))[0])
    row = table.iloc[place]
    reason = (
        f"No number of segments meets every condition. {row['k']} come nearest: the smallest holds "
        f"{row['smallest_share']:.1%} of the customers"
    )
    steady = "" if np.isnan(row["stability_low"]) else f", the least stable comes back to {row['stability_low']:.0%}"
    return place, f"{reason}{steady}."


def _steady(table: pd.DataFrame, place: int) -> str:
    """How stable and how small, in a sentence."""
    row = table.iloc[place]
    small = f" The smallest holds {row['smallest_share']:.0%} of the customers"
    if np.isnan(row["stability_low"]):
        return f"{small}; stability was not asked for."
    return f"{small}; the least stable comes back to {row['stability_low']:.0%} in resamples."
