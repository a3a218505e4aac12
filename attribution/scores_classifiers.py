"""What scores: classifiers behind one small interface, and which of them to take.

Everything here is handed a matrix of :class:`attribution.scores_features.Encoder` and answers with probabilities,
(N, K). Classes are never re-weighted: a rare class keeps its rare probability, and costs move the threshold.
"""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from attribution.scores_features import Encoder, Matrix
from outlay.errors import MissingDependencyError
from outlay.transforms import Array

_LEAST = 1e-9


class Scorer(Protocol):
    """A fitted classifier."""

    @property
    def encoder(self) -> Encoder:
        """What the matrix was read by."""

    def probabilities(self, matrix: Matrix) -> Array:
        """Probability of each class, (N, K)."""


Maker = Callable[[Encoder, Matrix, NDArray[np.int64], int, int], Scorer]
"""Encoder, matrix (N, F), class (N,), number of classes and seed to a fitted classifier."""


@dataclass(frozen=True, eq=False)
class Linear:
    """A classifier over standardised numbers and indicators: scikit-learn's logistic regression, or the user's own."""

    encoder: Encoder
    model: Any
    n_classes: int

    def probabilities(self, matrix: Matrix) -> Array:
        """Probability of each class, (N, K)."""
        design, _ = self.encoder.linear(matrix)
        return _spread(self.model.predict_proba(design), self.model.classes_, self.n_classes)


@dataclass(frozen=True, eq=False)
class Boosted:
    """Boosted trees over numbers and codes of levels."""

    encoder: Encoder
    model: Any
    n_classes: int
    kind: str

    def probabilities(self, matrix: Matrix) -> Array:
        """Probability of each class, (N, K)."""
        return _spread(self.model.predict_proba(matrix), self.model.classes_, self.n_classes)


@dataclass(frozen=True, eq=False)
class Mixed:
    """The geometric mean of two classifiers: of two classes, the mean of their log-odds."""

    encoder: Encoder
    one: Scorer
    other: Scorer
    weight: float

    def probabilities(self, matrix: Matrix) -> Array:
        """Probability of each class, (N, K)."""
        return mixed(self.one.probabilities(matrix), self.other.probabilities(matrix), self.weight)


def mixed(one: Array, other: Array, weight: float) -> Array:
    """Geometric mean of two sets of probabilities, `weight` on the first."""
    logs = weight * np.log(np.maximum(one, _LEAST)) + (1 - weight) * np.log(np.maximum(other, _LEAST))
    odds = np.exp(logs - logs.max(axis=1, keepdims=True))
    return np.asarray(odds / odds.sum(axis=1, keepdims=True))


def logistic(encoder: Encoder, matrix: Matrix, label: NDArray[np.int64], n_classes: int, seed: int) -> Scorer:
    """Logistic regression (multinomial where there are more than two classes)."""
    from sklearn.linear_model import LogisticRegression

    design, _ = encoder.linear(matrix)
    model = LogisticRegression(C=0.3, max_iter=400, tol=1e-3, random_state=seed)
    return Linear(encoder, _fitted(model, design, label), n_classes)


def boosting(encoder: Encoder, matrix: Matrix, label: NDArray[np.int64], n_classes: int, seed: int) -> Scorer:
    """Histogram gradient boosting; how many trees is settled on a tenth of the leads that it holds back."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    smallest = int(np.bincount(label, minlength=n_classes).min())
    model = HistGradientBoostingClassifier(
        learning_rate=0.06,
        max_iter=200 if n_classes == 2 else 80,
        max_leaf_nodes=12,
        min_samples_leaf=40,
        l2_regularization=1.0,
        categorical_features=encoder.categorical if encoder.categorical.any() else None,
        early_stopping=smallest >= 20,
        random_state=seed,
    )
    return Boosted(encoder, _fitted(model, matrix, label), n_classes, "boosting")


def lightgbm(encoder: Encoder, matrix: Matrix, label: NDArray[np.int64], n_classes: int, seed: int) -> Scorer:
    """LightGBM with the trees of :func:`boosting`."""
    library = boost_library("lightgbm")
    model = library.LGBMClassifier(
        learning_rate=0.05,
        n_estimators=150,
        num_leaves=12,
        min_child_samples=40,
        reg_lambda=1.0,
        random_state=seed,
        deterministic=True,
        force_row_wise=True,
        verbose=-1,
    )
    columns = [int(j) for j in np.flatnonzero(encoder.categorical)]
    # scikit-learn's check of feature names has nothing to compare: the matrix has none
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted = model.fit(matrix, label, categorical_feature=columns or "auto")
    return Boosted(encoder, _Quiet(fitted), n_classes, "lightgbm")


def xgboost(encoder: Encoder, matrix: Matrix, label: NDArray[np.int64], n_classes: int, seed: int) -> Scorer:
    """XGBoost with the trees of :func:`boosting`."""
    library = boost_library("xgboost")
    model = library.XGBClassifier(
        learning_rate=0.05,
        n_estimators=150,
        max_depth=4,
        min_child_weight=5,
        reg_lambda=1.0,
        tree_method="hist",
        feature_types=["c" if categorical else "q" for categorical in encoder.categorical],
        enable_categorical=True,
        random_state=seed,
    )
    return Boosted(encoder, model.fit(matrix, label), n_classes, "xgboost")


MAKERS: dict[str, Maker] = {"logistic": logistic, "boosting": boosting, "lightgbm": lightgbm, "xgboost": xgboost}
"""The classifiers by the name that the project file gives them."""


def own(classifier: Any) -> Maker:
    """A maker around the user's own object with ``fit`` and ``predict_proba``, cloned before every fit."""

    def make(encoder: Encoder, matrix: Matrix, label: NDArray[np.int64], n_classes: int, seed: int) -> Scorer:
        from sklearn.base import clone

        design, _ = encoder.linear(matrix)
        return Linear(encoder, clone(classifier).fit(design, label), n_classes)

    return make


def boost_library(name: str) -> Any:
    """LightGBM or XGBoost, imported when it is first needed.

    Raises
    ------
    MissingDependencyError
        Where it is not installed.
    """
    try:
        return importlib.import_module(name)
    except ImportError as problem:
        raise MissingDependencyError(
            f"[score] classifier = {name!r} needs the package {name}, which is not installed",
            repair='Install the extra: pip install "outlay[boost]". Or leave `classifier` out: "auto" needs no extra.',
        ) from problem


@dataclass(frozen=True, eq=False)
class _Quiet:
    """LightGBM without scikit-learn's warning that a matrix has no feature names."""

    model: Any

    @property
    def classes_(self) -> NDArray[np.int64]:
        return np.asarray(self.model.classes_)

    def predict_proba(self, matrix: Matrix, **more: Any) -> Array:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return np.asarray(self.model.predict_proba(matrix, **more))


def _fitted(model: Any, matrix: Matrix, label: NDArray[np.int64]) -> Any:
    from sklearn.exceptions import ConvergenceWarning

    with warnings.catch_warnings():
        # an optimum that is near to 1e-3 and not at it: the out-of-fold comparison judges the fit
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(matrix, label)


def _spread(found: Array, classes: NDArray[np.int64], n_classes: int) -> Array:
    """Probabilities with a column for every class, zero where the classifier never saw it."""
    out = np.zeros((len(found), n_classes))
    out[:, np.asarray(classes, dtype=np.int64)] = found
    return out
