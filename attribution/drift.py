"""Drift: whether the leads of today are those that were learnt from (PSI), and whether as many convert."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attribution.scores_features import Encoder, Feature, Matrix
from outlay.transforms import Array

SOME, MUCH = 0.1, 0.25
"""PSI from which a feature has moved somewhat, and from which it has moved a lot (the limits of credit scoring)."""

_PARTS = 10


def psi(before: NDArray[np.int64], after: NDArray[np.int64], size: int) -> float:
    """Population stability index of codes: sum over levels of (q - p) ln(q / p).

    Half a lead is added to every level, so that one that came or went counts and is not infinite.
    """
    p, q = (np.bincount(code, minlength=size) + 0.5 for code in (before, after))
    p, q = p / p.sum(), q / q.sum()
    return float(np.sum((q - p) * np.log(q / p)))


def psi_numbers(before: Array, after: Array) -> float:
    """PSI by the tenths of the first; missing is a level of its own."""
    known = before[~np.isnan(before)]
    edges = np.unique(np.quantile(known, np.linspace(0, 1, _PARTS + 1)[1:-1])) if len(known) else np.empty(0)
    codes = [
        np.where(np.isnan(values), len(edges) + 1, np.searchsorted(edges, values, side="right")).astype(np.int64)
        for values in (before, after)
    ]
    return psi(codes[0], codes[1], len(edges) + 2)


def verdict(value: float) -> str:
    """What a PSI means: stable, moved or drifted."""
    return "stable" if value < SOME else "moved" if value < MUCH else "drifted"


def drift_table(encoder: Encoder, before: Matrix, after: Matrix, score: tuple[Array, Array]) -> pd.DataFrame:
    """PSI of every feature and of the score between two sets of leads, the largest first.

    Columns ``name``, ``psi``, ``verdict``, ``what`` (for a number the two means, for a category the level that moved
    most).
    """
    rows = [{"name": "the score", "psi": psi_numbers(*score), "what": _means(*score)}]
    for j, feature in enumerate(encoder.features):
        old, new = before[:, j].astype(float), after[:, j].astype(float)
        if feature.kind == "number":
            rows.append({"name": feature.name, "psi": psi_numbers(old, new), "what": _means(old, new)})
            continue
        size = len(feature.levels)
        codes = [np.where(np.isnan(column), size, column).astype(np.int64) for column in (old, new)]
        found = psi(codes[0], codes[1], size + 1)
        rows.append({"name": feature.name, "psi": found, "what": _level(codes[0], codes[1], feature)})
    table = pd.DataFrame(rows)
    table.insert(2, "verdict", [verdict(value) for value in table["psi"]])
    return table.sort_values("psi", ascending=False, ignore_index=True, kind="stable")


def _means(before: Array, after: Array) -> str:
    if np.isnan(before).all() or np.isnan(after).all():
        return "mean: none in one of the two"
    return f"mean {np.nanmean(before):.4g} -> {np.nanmean(after):.4g}"


def _level(before: NDArray[np.int64], after: NDArray[np.int64], feature: Feature) -> str:
    size = len(feature.levels) + 1
    p, q = (np.bincount(code, minlength=size) / max(len(code), 1) for code in (before, after))
    k = int(np.argmax(np.abs(q - p)))
    name = feature.levels[k] if k < size - 1 else "levels never seen"
    return f"{name}: {p[k]:.1%} -> {q[k]:.1%}"
