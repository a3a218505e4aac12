"""The rule that recommends a number of segments, and its reason in words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from segmentation.config import ClustersSection
from segmentation.stability import TRUSTED

CRITERION = {"mixture": "bic", "gaussian": "bic"}
"""What decides among those that are allowed: BIC where the method has a likelihood, else the silhouette."""


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

    Allowed is what leaves no segment too small and none that does not come back in resamples. Among those, the least
    BIC decides, or the greatest silhouette; where others have a silhouette within its standard error, the elbow among
    them. Where nothing is allowed, the number whose least stable segment is the most stable.
    """
    against = [_against(row, section) for _, row in table.iterrows()]
    allowed = np.array([not said for said in against])
    criterion = CRITERION.get(section.method, "silhouette")
    if allowed.any():
        place, reason = _best(table, allowed, criterion)
    else:
        place, reason = _least_bad(table, section)
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


def _best(table: pd.DataFrame, allowed: np.ndarray, criterion: str) -> tuple[int, str]:
    """Place of the best of those allowed, and why."""
    open_ = np.flatnonzero(allowed)
    among = "of all that were tried" if allowed.all() else f"of the {len(open_)} that are allowed"
    if criterion == "bic":
        place = int(open_[table["bic"].to_numpy()[open_].argmin()])
        return place, f"{table['k'].iloc[place]} segments: the lowest BIC {among}.{_steady(table, place)}"
    values = table["silhouette"].to_numpy()
    top = int(open_[values[open_].argmax()])
    near = [int(at) for at in open_ if values[at] >= values[top] - table["silhouette_error"].iloc[top]]
    place = near[int(table["elbow"].to_numpy()[near].argmax())]
    k, said = table["k"].iloc[place], f"{values[place]:.2f}"
    if place == top:
        reason = f"{k} segments: the highest silhouette ({said}) {among}."
    else:
        reason = (
            f"{k} segments: the silhouette ({said}) is as high as that of {table['k'].iloc[top]} within its error, "
            f"and the cost falls more slowly from there on."
        )
    return place, reason + _steady(table, place)


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
