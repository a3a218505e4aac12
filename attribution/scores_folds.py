"""Forward in time: blocks of leads, each predicted by a model that saw only what was known before it began.

A model that learnt from far fewer leads than the one that will score says nothing about it: blocks that begin before
half as many leads as they hold had their outcome are not predicted.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from attribution.scores_classifiers import MAKERS, Maker, Mixed, Scorer, mixed
from attribution.scores_features import Encoder, Matrix
from outlay.transforms import Array

BLOCKS = 5
_FEWEST, _FEWEST_OF_CLASS, _FEWEST_PART = 50, 5, 0.5
_WEIGHTS = (0.25, 0.5, 0.75)
_LEAST = 1e-9


@dataclass(frozen=True, eq=False)
class Training:
    """Leads to learn from, in order of time. N leads.

    Attributes
    ----------
    encoder : Encoder
    matrix : ndarray (N, F)
    label : ndarray of int (N,)
    day : ndarray of int (N,)
        Day of creation as a number; any order where there is none.
    maturity : float
        Days after which an outcome is known.
    n_classes : int
    seed : int
    """

    encoder: Encoder
    matrix: Matrix
    label: NDArray[np.int64]
    day: NDArray[np.int64]
    maturity: float
    n_classes: int
    seed: int


@dataclass(frozen=True, eq=False)
class Forward:
    """Predictions of leads by models that had not seen them.

    Attributes
    ----------
    rows : ndarray of int (M,)
        Leads that were predicted.
    block : ndarray of int (M,)
        Block of each.
    probabilities : ndarray (M, K)
    learnt : tuple of (ndarray of int, ndarray)
        By block the leads that its model learnt from, and what it says of them.
    """

    rows: NDArray[np.intp]
    block: NDArray[np.int64]
    probabilities: Array
    learnt: tuple[tuple[NDArray[np.intp], Array], ...]

    def mixed_with(self, other: Forward, weight: float) -> Forward:
        """The mixture of two classifiers' predictions of the same leads."""
        learnt = tuple(
            (rows, mixed(one, two, weight)) for (rows, one), (_, two) in zip(self.learnt, other.learnt, strict=True)
        )
        return Forward(self.rows, self.block, mixed(self.probabilities, other.probabilities, weight), learnt)


@dataclass(frozen=True, eq=False)
class Choice:
    """Which classifier was taken, with what each was worth.

    Attributes
    ----------
    name : str
    losses : mapping of str to float
        Log-loss of each on leads that it had not seen, with what is adjusted.
    forward : Forward
        Predictions of the one that was taken.
    make : callable
        Fits the one that was taken.
    """

    name: str
    losses: dict[str, float]
    forward: Forward
    make: Maker


def blocks_of(
    day: NDArray[np.int64], maturity: float, label: NDArray[np.int64]
) -> list[tuple[slice, NDArray[np.intp]]]:
    """Blocks to predict, each with the leads whose outcomes were known when it began; leads are in order of day."""
    ends = np.linspace(0, len(day), BLOCKS + 1).astype(int)
    found = []
    for start, stop in pairwise(ends[1:]):
        known = np.flatnonzero((day[:start] + maturity <= day[start]) if maturity > 0 else np.ones(start, dtype=bool))
        enough = len(known) >= max(_FEWEST, _FEWEST_PART * (stop - start))
        if enough and np.bincount(label[known], minlength=2)[:2].min() >= _FEWEST_OF_CLASS:
            found.append((slice(int(start), int(stop)), known))
    return found


def predicted_forward(training: Training, make: Maker) -> Forward:
    """Predictions of every block that :func:`blocks_of` finds."""
    rows, block, found, learnt = [], [], [], []
    for b, (span, known) in enumerate(blocks_of(training.day, training.maturity, training.label)):
        scorer = make(
            training.encoder, training.matrix[known], training.label[known], training.n_classes, training.seed
        )
        found.append(scorer.probabilities(training.matrix[span]))
        learnt.append((known, scorer.probabilities(training.matrix[known])))
        rows.append(np.arange(span.start, span.stop))
        block.append(np.full(span.stop - span.start, b))
    if not rows:
        empty = np.empty(0, dtype=np.int64)
        return Forward(empty.astype(np.intp), empty, np.empty((0, training.n_classes)), ())
    return Forward(np.concatenate(rows), np.concatenate(block), np.concatenate(found), tuple(learnt))


def log_losses(probabilities: Array, label: NDArray[np.int64]) -> Array:
    """Log-loss of each lead, (N,)."""
    return np.asarray(-np.log(np.maximum(probabilities[np.arange(len(label)), label], _LEAST)))


@dataclass(frozen=True, eq=False)
class Candidate:
    """A classifier that may be taken: its predictions forward in time, and how it is fitted."""

    forward: Forward
    make: Maker


def candidates(training: Training, classifier: str) -> dict[str, Candidate]:
    """The classifier of that name; for ``"auto"`` the built-in ones, plain logistic regression first, and mixtures."""
    if classifier != "auto":
        return {classifier: candidate(training, MAKERS[classifier])}
    found = {name: candidate(training, MAKERS[name]) for name in ("logistic", "boosting")}
    plain, trees = (found[name].forward for name in ("logistic", "boosting"))
    for weight in _WEIGHTS:
        name = f"{weight:.0%} logistic, {1 - weight:.0%} boosting"
        found[name] = Candidate(plain.mixed_with(trees, weight), _mixture(weight))
    return found


def candidate(training: Training, make: Maker) -> Candidate:
    """A classifier with its forward predictions."""
    return Candidate(predicted_forward(training, make), make)


def choose(training: Training, found: dict[str, Candidate]) -> Choice:
    """The candidate that predicted forward best; the first where there was nothing to predict."""
    label = training.label[next(iter(found.values())).forward.rows]
    losses = {name: _mean_loss(each.forward.probabilities, label) for name, each in found.items()}
    best = min(losses, key=lambda name: losses[name]) if len(label) else next(iter(found))
    return Choice(best, losses, found[best].forward, found[best].make)


def _mean_loss(probabilities: Array, label: NDArray[np.int64]) -> float:
    return float(log_losses(probabilities, label).mean()) if len(label) else float("nan")


def _mixture(weight: float) -> Maker:
    def make(encoder: Encoder, matrix: Matrix, label: NDArray[np.int64], n_classes: int, seed: int) -> Scorer:
        one, other = (MAKERS[name](encoder, matrix, label, n_classes, seed) for name in ("logistic", "boosting"))
        return Mixed(encoder, one, other, weight)

    return make
