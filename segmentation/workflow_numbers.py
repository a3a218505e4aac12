"""Numbers and names of segments: the largest in money is number 1, unless a run before says otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from outlay.transforms import Array


def by_value(labels: NDArray[np.int32], k: int, weight: Array, value: Array | None) -> NDArray[np.int64]:
    """Clusters in the order of what their customers spent in total; of how many they are where no value is known.

    Parameters
    ----------
    labels : ndarray of int (N,)
        Cluster of each row, from 0.
    k : int
        Number of clusters.
    weight : ndarray (N,)
        How many customers a row stands for.
    value : ndarray (N,) or None
        What a customer is worth; a missing one adds nothing.

    Returns
    -------
    ndarray of int (K,)
        The cluster in each place. Ties go to the larger one, then to the one that came first.
    """
    count = np.bincount(labels, weights=weight, minlength=k)
    total = count if value is None else np.bincount(labels, weights=weight * np.nan_to_num(value), minlength=k)
    return np.lexsort((np.arange(k), -count, -total)).astype(np.int64)


def renumbered(labels: NDArray[np.int32], order: NDArray[np.int64]) -> NDArray[np.int32]:
    """Labels from 0 after cluster ``order[j]`` was put in place j."""
    place = np.empty(len(order), np.int32)
    place[order] = np.arange(len(order), dtype=np.int32)
    return place[labels]


def final_names(
    k: int, user: Mapping[int, str], kept: Mapping[int, str], automatic: Mapping[int, str]
) -> tuple[dict[int, str], dict[int, str]]:
    """One name for each segment, and where it came from: the user's, else the one it had, else an automatic one.

    A name that is taken by a stronger claim is not given twice: the next source is asked, and an automatic name that
    is taken gets the segment's number behind it.

    Returns
    -------
    dict of int to str
        Name by number.
    dict of int to str
        ``"yours"``, ``"kept"`` or ``"automatic"`` by number.
    """
    names: dict[int, str] = {}
    origin: dict[int, str] = {}
    for source, offered in (("yours", user), ("kept", kept), ("automatic", automatic)):
        for number in range(1, k + 1):
            name = offered.get(number)
            if number not in names and name and name not in names.values():
                names[number], origin[number] = name, source
    for number in range(1, k + 1):
        if number not in names:
            names[number] = _free(automatic.get(number) or "Segment", number, names.values())
            origin[number] = "automatic"
    return dict(sorted(names.items())), dict(sorted(origin.items()))


def _free(name: str, number: int, taken: Iterable[str]) -> str:
    known = set(taken)
    offered = f"{name} {number}"
    while offered in known:
        offered += "'"
    return offered
