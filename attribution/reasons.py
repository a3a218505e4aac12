"""Reasons: what of a lead raised its score and what lowered it, adding up to the score.

A logistic regression's contributions are exact: coefficient times distance from the mean lead. LightGBM and XGBoost
give the exact Shapley values of their trees. Everything else gets sampled Shapley values: features of the lead replace
those of a lead drawn from the ones that were learnt from, one by one in random order and in its reverse, and a feature
is credited with what the score moves by. They add up exactly whatever the number of orders; what is sampled is how a
joint effect is shared out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attribution.recalibrate import logit_of
from attribution.scores_classifiers import Boosted, Linear, Mixed, Scorer, boost_library
from attribution.scores_features import Encoder, Feature, Matrix
from outlay.transforms import Array

TOP = 3
_ORDERS, _ORDERS_OF_MANY, _MANY = 16, 4, 60


@dataclass(frozen=True, eq=False)
class Reasons:
    """Contributions to the log-odds. N leads, F features.

    Attributes
    ----------
    base : ndarray (N,)
        Log-odds of the leads that each is compared with.
    parts : ndarray (N, F)
        With `base` they add up to the log-odds that the classifier says.
    method : str
        How they were found, in words.
    """

    base: Array
    parts: Array
    method: str


def contributions(scorer: Scorer, matrix: Matrix, background: Matrix, seed: int) -> Reasons:
    """What each feature does to the log-odds of leads, against the leads of `background`."""
    if isinstance(scorer, Mixed):
        one = contributions(scorer.one, matrix, background, seed)
        other = contributions(scorer.other, matrix, background, seed)
        w = scorer.weight
        method = f"{w:.0%}: {one.method}; {1 - w:.0%}: {other.method}"
        return Reasons(w * one.base + (1 - w) * other.base, w * one.parts + (1 - w) * other.parts, method)
    if isinstance(scorer, Linear) and scorer.n_classes == 2 and hasattr(scorer.model, "coef_"):
        return _linear(scorer, matrix, background)
    if isinstance(scorer, Boosted) and scorer.n_classes == 2 and scorer.kind in ("lightgbm", "xgboost"):
        return _native(scorer, matrix)
    return sampled(lambda rows: _log_odds(scorer, rows), matrix, background, seed)


def _log_odds(scorer: Scorer, matrix: Matrix) -> Array:
    """Log-odds of anything but the first class."""
    return logit_of(1 - scorer.probabilities(matrix)[:, 0])


def _linear(scorer: Linear, matrix: Matrix, background: Matrix) -> Reasons:
    design, owner = scorer.encoder.linear(matrix)
    middle = scorer.encoder.linear(background)[0].mean(axis=0)
    weights = np.asarray(scorer.model.coef_, float).ravel()
    moved = (design - middle) * weights
    parts = np.zeros((len(matrix), len(scorer.encoder.features)))
    for d, j in enumerate(owner):
        parts[:, j] += moved[:, d]
    base = float(middle @ weights + np.ravel(scorer.model.intercept_)[0])
    return Reasons(np.full(len(matrix), base), parts, "exact (coefficient times distance from the mean lead)")


def _native(scorer: Boosted, matrix: Matrix) -> Reasons:
    if scorer.kind == "lightgbm":
        found = np.asarray(scorer.model.predict_proba(matrix, pred_contrib=True), float)
    else:
        library = boost_library("xgboost")
        kinds = ["c" if categorical else "q" for categorical in scorer.encoder.categorical]
        rows = library.DMatrix(matrix, feature_types=kinds, enable_categorical=True)
        found = np.asarray(scorer.model.get_booster().predict(rows, pred_contribs=True), float)
    return Reasons(found[:, -1], found[:, :-1], f"Shapley values of the trees ({scorer.kind}'s own)")


def sampled(score: Callable[[Matrix], Array], matrix: Matrix, background: Matrix, seed: int) -> Reasons:
    """Sampled Shapley values of any score.

    Parameters
    ----------
    score : callable
        Matrix (N, F) to log-odds (N,).
    matrix : ndarray (N, F)
    background : ndarray (B, F)
        Leads to compare with.
    seed : int
    """
    n_features = matrix.shape[1]
    orders = _ORDERS if n_features <= _MANY else _ORDERS_OF_MANY
    rng = np.random.default_rng(seed)
    ways = np.argsort(rng.random((orders, n_features)), axis=1).astype(np.int64)
    ways = np.concatenate([ways, ways[:, ::-1]])  # each order and its reverse: half the noise for the same cost
    others = background[rng.integers(0, len(background), orders)]
    others = np.concatenate([others, others])
    base, parts = np.empty(len(matrix)), np.empty((len(matrix), n_features))
    for i, lead in enumerate(matrix):
        base[i], parts[i] = _of_one(score, lead, others, ways)
    method = f"sampled Shapley values ({2 * orders} orders; they add up exactly)"
    return Reasons(base, parts, method)


def _of_one(
    score: Callable[[Matrix], Array], lead: Matrix, others: Matrix, ways: NDArray[np.int64]
) -> tuple[float, Array]:
    count, n_features = others.shape
    steps = np.repeat(others[:, None, :], n_features + 1, axis=1)
    for w, way in enumerate(ways):
        for step, j in enumerate(way):
            steps[w, step + 1 :, j] = lead[j]
    said = score(steps.reshape(-1, n_features)).reshape(count, n_features + 1)
    parts = np.zeros(n_features)
    for w, way in enumerate(ways):
        parts[way] += np.diff(said[w])
    return float(said[:, 0].mean()), parts / count


def in_words(encoder: Encoder, lead: Matrix, parts: Array, extra: tuple[tuple[str, float], ...] = ()) -> list[str]:
    """The strongest reasons of one lead, for example ``"region = EMEA lowers it (odds x 0.72)"``."""
    every = [(_said(feature, lead[j]), float(parts[j])) for j, feature in enumerate(encoder.features)]
    every += list(extra)
    order = sorted(range(len(every)), key=lambda k: (-abs(every[k][1]), k))[:TOP]
    return [
        f"{every[k][0]} {'raises' if every[k][1] > 0 else 'lowers'} it (odds x {np.exp(every[k][1]):.2f})"
        for k in order
        if abs(every[k][1]) > 5e-3
    ]


def _said(feature: Feature, value: float) -> str:
    if np.isnan(value):
        return f"{feature.name} missing" if feature.kind == "number" else f"{feature.name} never seen before"
    if feature.kind == "category":
        return f"{feature.name} = {feature.levels[int(value)]}"
    if feature.truth:
        return f"{feature.name} = {'yes' if value else 'no'}"
    return f"{feature.name} = {value:,.4g}"
