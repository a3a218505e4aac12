"""What value goes with a feature, the others as they are: accumulated local effects, in money.

Between two neighbouring values of a number the prediction changes by so much for the customers who lie there; summed up
from the lowest value that is the effect (ALE: Apley and Zhu 2020, "Visualizing the effects of predictor variables in
black box supervised learning models"). It never asks about customers who do not exist, as a partial dependence of
correlated features does. Levels of a category have no neighbours: there every customer is given the level.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri

from outlay.transforms import Array
from segmentation.drivers_learn import Learnt, predict_blocks

BINS = 20
TAILS = (0.01, 0.99)
"""Part of the customers below and beyond whom a curve is not drawn."""

FEW = 12
"""Different values up to which each is a point of the curve."""


@dataclass(frozen=True, eq=False)
class _Curve:
    """Effects at some points, from one model.

    Attributes
    ----------
    effect : ndarray (M,)
    variance : ndarray (B,)
        Over rows: of each step from point to point, the first of which is nothing, or of each level.
    """

    effect: Array
    variance: Array


def partial_effects(learnt: Learnt, units: Mapping[str, str], level: float) -> pd.DataFrame:
    """Curves of every feature over all customers, each model on those that it has not seen.

    The interval adds how much the effect differs between customers to how much the five models differ. Effects are
    differences from the mean over all customers.

    Returns
    -------
    DataFrame
        ``feature``, ``level`` (of a category, else None), ``x`` (of a number, in its unit), ``effect``, ``low``,
        ``high`` (money per customer), ``customers`` (at the point) and ``unit`` (of x).
    """
    features = [_feature(learnt, j, name) for j, name in enumerate(learnt.table.features)]
    curves = [_curves(learnt, f, features) for f in range(len(learnt.models))]
    parts = []
    for i, each in enumerate(features):
        frame = _joined([own[i] for own in curves], each.share, each.made_of, level)
        numeric = each.levels is None
        frame = frame.assign(level=None if numeric else list(each.levels or ()), x=each.points if numeric else np.nan)
        parts.append(frame.assign(feature=each.name, unit=units.get(each.name, "")))
    columns = ["feature", "level", "x", "effect", "low", "high", "customers", "unit"]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


@dataclass(frozen=True, eq=False)
class _Feature:
    """Where a feature's curve is looked at. M points, B steps.

    Attributes
    ----------
    j : int
        Column of the matrix.
    name : str
    levels : tuple of str or None
    points : ndarray (M,)
        Values, or codes of levels.
    share : ndarray (M,)
        Customers at each point.
    made_of : ndarray (M, B)
        Which steps each point is the sum of.
    """

    j: int
    name: str
    levels: tuple[str, ...] | None
    points: Array
    share: Array
    made_of: Array


def _feature(learnt: Learnt, j: int, name: str) -> _Feature:
    values, levels = learnt.table.matrix[:, j], learnt.table.levels.get(name)
    known = ~np.isnan(values)
    points = _points(values[known]) if levels is None else np.arange(float(len(levels)))
    near = np.clip(np.searchsorted(points, values[known], side="left"), 0, len(points) - 1)
    share = np.bincount(near, weights=learnt.weight[known], minlength=len(points)).astype(float)
    made_of = np.tril(np.ones((len(points), len(points)))) if levels is None else np.eye(len(points))
    return _Feature(j, name, levels, points, share, made_of)


def _points(values: Array) -> Array:
    """Where a curve is looked at, from the first to the last per cent of the values: few are beyond, and far away."""
    ends = np.quantile(values, TAILS, method="inverted_cdf")
    unique = np.unique(values)
    if len(unique) <= FEW:
        inner = unique[(unique >= ends[0]) & (unique <= ends[1])]
        return inner if len(inner) > 1 else unique
    points = np.unique(np.quantile(values, np.linspace(*TAILS, BINS + 1), method="inverted_cdf"))
    return points if len(points) > 1 else unique[[0, -1]]


def _curves(learnt: Learnt, f: int, features: Sequence[_Feature]) -> list[_Curve]:
    """The curves of one model."""
    rows = learnt.asked(f)
    matrix, weight = learnt.table.matrix[rows], learnt.weight[rows]
    said = predict_blocks(learnt.models[f], (_asked(matrix, each) for each in features))
    return [
        (_ale if each.levels is None else _given)(each, matrix[:, each.j], weight, own)
        for each, own in zip(features, said, strict=True)
    ]


def _steps(feature: _Feature, values: Array) -> NDArray[np.intp]:
    """Which point lies at the upper end of each row's step; the first step is closed at both ends."""
    return np.clip(np.searchsorted(feature.points, values, side="left"), 1, max(len(feature.points) - 1, 1))


def _asked(matrix: Array, feature: _Feature) -> Array:
    """Rows to predict: at both ends of their step, or with every level."""
    if feature.levels is not None:
        stacked = np.tile(matrix, (len(feature.points), 1))
        stacked[:, feature.j] = np.repeat(feature.points, len(matrix))
        return stacked
    if len(feature.points) < 2:
        return matrix[:0]
    known = matrix[~np.isnan(matrix[:, feature.j])]
    at = _steps(feature, known[:, feature.j])
    stacked = np.tile(known, (2, 1))
    stacked[:, feature.j] = np.concatenate([feature.points[at - 1], feature.points[at]])
    return stacked


def _ale(feature: _Feature, values: Array, weight: Array, said: Array) -> _Curve:
    count = len(feature.points)
    known = ~np.isnan(values)
    if count < 2 or not known.any():
        return _Curve(np.zeros(count), np.zeros(count))
    low, high = said.reshape(2, -1)
    at, change, w = _steps(feature, values[known]), high - low, weight[known]
    size = np.bincount(at, weights=w, minlength=count)[1:]
    safe = np.where(size > 0, size, 1.0)
    mean = np.bincount(at, weights=w * change, minlength=count)[1:] / safe
    spread = np.bincount(at, weights=w * (change - mean[at - 1]) ** 2, minlength=count)[1:] / safe
    rows = np.maximum(np.bincount(at, minlength=count)[1:], 1)
    return _Curve(np.cumsum(np.append(0.0, mean)), np.append(0.0, spread / rows))


def _given(feature: _Feature, values: Array, weight: Array, said: Array) -> _Curve:
    share = weight / weight.sum()
    levels = said.reshape(len(feature.points), -1)
    differences = levels - levels.mean(axis=0)
    mean = differences @ share
    return _Curve(mean, ((differences - mean[:, None]) ** 2) @ share**2)


def _joined(curves: list[_Curve], share: Array, made_of: Array, level: float) -> pd.DataFrame:
    """The mean of the models' curves, centred so that it is nothing on average over customers.

    Parameters
    ----------
    curves : list of _Curve
        One for each model.
    share : ndarray (M,)
        Customers at each point.
    made_of : ndarray (M, B)
        Which steps each point is the sum of.
    level : float
    """
    part = share / share.sum() if share.sum() > 0 else share
    effects = np.stack([curve.effect - part @ curve.effect for curve in curves])
    centred = made_of - part @ made_of
    rows = centred**2 @ np.mean([curve.variance for curve in curves], axis=0) / len(curves)
    half = ndtri(0.5 + level / 2) * np.sqrt(rows + effects.var(axis=0, ddof=1))
    mean = effects.mean(axis=0)
    return pd.DataFrame({"effect": mean, "low": mean - half, "high": mean + half, "customers": share})
