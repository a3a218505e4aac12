"""Learning value from features, judged on customers that were not learnt from.

Gradient-boosted trees (scikit-learn's histogram form) are fitted five times, each time to four fifths of the customers;
every customer is predicted by the one that has not seen it. Where no value is negative the loss is Poisson's, so that
predictions are expected money, positive, and effects multiply; else it is the squared error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri, xlogy

from outlay.transforms import Array
from segmentation.drivers_table import DriverTable

FOLDS = 5
REPEATS = 3
"""Shuffles of a column in each fold."""
MOST_ROWS = 5_000
"""Customers that importances and curves rest on: each model takes a fifth of them, of those that it has not seen."""
_AT_ONCE = 200_000
"""Rows that are predicted in one call: a call costs milliseconds however few they are."""


@dataclass(frozen=True, eq=False)
class Learnt:
    """Five models and the customers that each has not seen. N rows.

    Attributes
    ----------
    table : DriverTable
    value, weight : ndarray (N,)
    place : ndarray of int (N,)
        Segment from 0.
    models : tuple
    held : tuple of ndarray of int
        Rows that each model has not seen.
    predicted : ndarray (N,)
    mean : ndarray (N,)
        Mean value of the customers that the row's model has learnt from.
    deviance : callable
        Of a value and a prediction.
    """

    table: DriverTable
    value: Array
    weight: Array
    place: NDArray[np.intp]
    models: tuple[Any, ...]
    held: tuple[NDArray[np.intp], ...]
    predicted: Array
    mean: Array
    deviance: Callable[[Array, Array], Array]

    def asked(self, f: int) -> NDArray[np.intp]:
        """The rows that a model is asked about: not seen by it, evenly taken where they are more than needed."""
        own, most = self.held[f], MOST_ROWS // len(self.held)
        return own if len(own) <= most else own[np.linspace(0, len(own) - 1, most).astype(np.intp)]


def poisson_deviance(value: Array, predicted: Array) -> Array:
    """Twice the log-likelihood that a prediction loses to a perfect one, by row."""
    return 2 * (xlogy(value, value / predicted) - value + predicted)


def squared(value: Array, predicted: Array) -> Array:
    """Squared error by row."""
    return (value - predicted) ** 2


def learn(table: DriverTable, value: Array, weight: Array, place: NDArray[np.intp], seed: int) -> Learnt:
    """Fit the five models.

    One thread, because sums over rows depend on how many there are.
    """
    from sklearn.ensemble import HistGradientBoostingRegressor
    from threadpoolctl import threadpool_limits

    counts = bool(value.min() >= 0 and value.max() > 0)
    fold = np.random.default_rng(seed).permutation(len(value)) % FOLDS
    models, held, predicted, mean = [], [], np.empty(len(value)), np.empty(len(value))
    categories = [name in table.levels for name in table.features]
    with threadpool_limits(1):
        for f in range(FOLDS):
            own, rest = np.flatnonzero(fold == f), np.flatnonzero(fold != f)
            model = HistGradientBoostingRegressor(
                loss="poisson" if counts else "squared_error",
                learning_rate=0.1,
                max_iter=150,
                max_leaf_nodes=15,
                min_samples_leaf=max(20, len(rest) // 500),
                l2_regularization=1.0,
                max_bins=128,
                categorical_features=categories if any(categories) else None,
                early_stopping=True,
                validation_fraction=0.15,
                n_iter_no_change=10,
                random_state=seed + f,
            ).fit(table.matrix[rest], value[rest], sample_weight=weight[rest])
            models.append(model)
            held.append(own)
            predicted[own] = model.predict(table.matrix[own])
            mean[own] = np.average(value[rest], weights=weight[rest])
    deviance = poisson_deviance if counts else squared
    return Learnt(table, value, weight, place, tuple(models), tuple(held), predicted, mean, deviance)


@dataclass(frozen=True)
class Estimate:
    """A number with its interval."""

    value: float
    low: float
    high: float


def explained(loss: Array, base: Array, weight: Array, level: float) -> Estimate:
    """One less the ratio of two means, with the interval of its influence function: R2 of squared errors."""
    total = float((weight * base).sum())
    if not total > 0:
        return Estimate(np.nan, np.nan, np.nan)
    ratio = float((weight * loss).sum()) / total
    influence = weight * (loss - ratio * base) / (total / len(loss))
    half = ndtri(0.5 + level / 2) * float(influence.std(ddof=1)) / np.sqrt(len(loss))
    return Estimate(1 - ratio, 1 - ratio - half, 1 - ratio + half)


def metrics(learnt: Learnt, level: float) -> pd.DataFrame:
    """How well customers are predicted that the model has not seen, over all and by segment.

    ``number`` (missing for all), ``measure`` (``"R2"``: part of the squared differences in value that is predicted;
    ``"deviance explained"``: the same of the loss that was learnt with, which a few very large customers do not rule;
    ``"mean absolute error"`` in money), ``value``, ``low``, ``high`` and ``customers``. Against the mean of all that
    was learnt from; within a segment against the segment's mean.
    """
    rows: list[dict[str, Any]] = []
    for number in (None, *range(1, int(learnt.place.max()) + 1)):
        own = np.ones(len(learnt.value), bool) if number is None else learnt.place == number - 1
        y, p, w = learnt.value[own], learnt.predicted[own], learnt.weight[own]
        if len(y) < 3:
            continue
        base = learnt.mean[own] if number is None else np.full(len(y), np.average(y, weights=w))
        found = {"R2": explained(squared(y, p), squared(y, base), w, level)}
        if learnt.deviance is not squared and base.min() > 0:
            found["deviance explained"] = explained(learnt.deviance(y, p), learnt.deviance(y, base), w, level)
        found["mean absolute error"] = _mean(np.abs(y - p), w, level)
        for measure, each in found.items():
            row = {"number": number, "measure": measure, "value": each.value, "low": each.low, "high": each.high}
            rows.append(row | {"customers": len(y)})
    return pd.DataFrame(rows).astype({"number": "Int64"})


def _mean(values: Array, weight: Array, level: float) -> Estimate:
    share = weight / weight.sum()
    mean = float(share @ values)
    half = ndtri(0.5 + level / 2) * float(np.sqrt((share**2) @ (values - mean) ** 2))
    return Estimate(mean, mean - half, mean + half)


def importance(learnt: Learnt, level: float, seed: int) -> pd.DataFrame:
    """Part of the differences in value that goes with a column, by shuffling it among customers not learnt from.

    Permutation importance (Breiman 2001) is how much the loss grows. Half of it is told, as a part of the loss that the
    mean alone has: where effects add up, shuffling counts a column's own variation twice (Gregorutti, Michel and
    Saint-Pierre 2017, proposition 1), and half is the part of the differences that the column stands for. Over all
    customers the column is shuffled among all; within a segment among its own, so that what only tells segments apart
    counts for nothing there.

    Returns
    -------
    DataFrame
        ``number`` (missing for all), ``feature``, ``importance``, ``low``, ``high`` (interval over the customers that
        were predicted, given the models), ``unit`` (``"share"``); the most important first within each number.
    """
    rng = np.random.default_rng(seed)
    k = int(learnt.place.max()) + 1
    among_all = _lost(learnt, np.zeros_like(learnt.place), rng)
    among_own = among_all if k == 1 else _lost(learnt, learnt.place, rng)
    rows = _shares(learnt, among_all, None, level)
    for number in range(1, k + 1):
        rows += _shares(learnt, among_own, number, level)
    frame = pd.DataFrame(rows, columns=["number", "feature", "importance", "low", "high", "unit"])
    order = frame.assign(first=frame["number"].fillna(0)).sort_values(
        ["first", "importance"], ascending=[True, False], kind="stable"
    )
    return order.drop(columns="first").reset_index(drop=True).astype({"number": "Int64"})


def _lost(learnt: Learnt, groups: NDArray[np.intp], rng: np.random.Generator) -> Array:
    """Increase of each row's deviance by each column's shuffling within groups (N, F), the mean over repeats.

    NaN for rows that no model is asked about.
    """
    n, count = learnt.table.matrix.shape
    found = np.full((n, count), np.nan)
    for f, model in enumerate(learnt.models):
        own = learnt.asked(f)
        before = learnt.deviance(learnt.value[own], learnt.predicted[own])
        orders = [_shuffled(groups[own], rng) for _ in range(REPEATS)]
        matrix, value = learnt.table.matrix[own], np.tile(learnt.value[own], REPEATS)
        blocks = (_with_shuffled(matrix, j, orders) for j in range(count))
        for j, after in enumerate(predict_blocks(model, blocks)):
            found[own, j] = learnt.deviance(value, after).reshape(REPEATS, -1).mean(axis=0) - before
    return found


def predict_blocks(model: Any, blocks: Iterable[Array]) -> Iterator[Array]:
    """Predictions of one block of rows after the other, many in a call."""
    waiting: list[Array] = []
    for block in blocks:
        waiting.append(block)
        if sum(map(len, waiting)) >= _AT_ONCE:
            yield from _predicted(model, waiting)
            waiting = []
    if waiting:
        yield from _predicted(model, waiting)


def _predicted(model: Any, blocks: Sequence[Array]) -> list[Array]:
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):  # trees are walked in milliseconds: threads that wait for each other cost more
        said = model.predict(np.concatenate(blocks)) if sum(map(len, blocks)) else np.empty(0)
    return np.split(said, np.cumsum([len(block) for block in blocks])[:-1])


def _shuffled(groups: NDArray[np.intp], rng: np.random.Generator) -> NDArray[np.intp]:
    """An order of rows that is random within each group."""
    order = np.lexsort((rng.random(len(groups)), groups))
    found = np.empty_like(order)
    found[np.lexsort((np.arange(len(groups)), groups))] = order
    return found


def _with_shuffled(matrix: Array, j: int, orders: Sequence[NDArray[np.intp]]) -> Array:
    stacked = np.tile(matrix, (len(orders), 1))
    stacked[:, j] = np.concatenate([matrix[order, j] for order in orders])
    return stacked


def _shares(learnt: Learnt, lost: Array, number: int | None, level: float) -> list[dict[str, Any]]:
    own = ~np.isnan(lost[:, 0])
    own = own if number is None else own & (learnt.place == number - 1)
    y, w = learnt.value[own], learnt.weight[own]
    if len(y) < 3:
        return []
    base = learnt.mean[own] if number is None else np.full(len(y), np.average(y, weights=w))
    whole = learnt.deviance(y, base) if base.min() > 0 or learnt.deviance is squared else squared(y, base)
    rows = []
    for j, feature in enumerate(learnt.table.features):
        # 1 - explained() is the ratio of means: here of what is lost to what the mean leaves open
        each = explained(-0.5 * lost[own, j], whole, w, level)
        row = {"number": number, "feature": feature, "importance": each.value - 1, "low": each.low - 1}
        rows.append(row | {"high": each.high - 1, "unit": "share"})
    return rows
