"""Outcomes of several classes: honest probabilities of each, and the decision that costs least.

Classes are never re-weighted, however rare: a class of one lead in two hundred keeps a probability near that, and a
cost matrix says when it is worth acting on.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attribution.captures import capture_table
from attribution.catalogue import CATALOGUE
from attribution.config_score import ScoreSection
from attribution.drift import drift_table
from attribution.grades import grade
from attribution.scores import LeadScores, encoder_of, unseen_levels
from attribution.scores_classifiers import Linear, own
from attribution.scores_features import Matrix
from attribution.scores_folds import Choice, Training, candidate, candidates, choose, log_losses
from attribution.scores_metrics import auc, average_precision, cost_matrix, decide, mean_of
from attribution.scores_table import ScoringTable, Split, split_by_date, with_chosen_features
from outlay.errors import ConfigError
from outlay.findings import Finding
from outlay.summary import jeffreys
from outlay.transforms import Array

_FEWEST = 20


def score_classes(
    table: ScoringTable,
    labels: NDArray[np.object_],
    section: ScoreSection,
    *,
    seed: int = 1,
    level: float = 0.9,
    classifier: Any | None = None,
) -> LeadScores:
    """Score leads for an outcome of several classes; see :func:`attribution.scores.score_leads`.

    Parameters
    ----------
    table : ScoringTable
        Its outcome is 1 where the class is another than the commonest.
    labels : ndarray of str (N,)
        Class of each lead, ``""`` where it is not known.
    section : ScoreSection
        ``costs`` is the cost matrix by name; 1 for every mistake without.
    seed : int
    level : float
    classifier : object, optional

    Returns
    -------
    LeadScores
        Tables ``scores`` (a column ``p_<class>`` for each class, the decision and the grade by the probability of
        anything but the commonest class), ``classes``, ``metrics``, ``costs``, ``captures`` and ``drift``.
    """
    table = with_chosen_features(table, section)
    split, findings = split_by_date(table, section, seed)
    classes = classes_of(labels[split.train])
    _check_costs(section, classes)
    costs = cost_matrix(classes, section.costs)
    encoder, told = encoder_of(table, split, table.outcome, section)
    findings += [*told, *_rare(labels[split.train], classes, table.where)]
    matrix = encoder.matrix(table.features)
    code = _codes(labels, classes)
    train, test = (rows[code[rows] >= 0] for rows in (split.train, split.test))
    maturity = table.maturity if table.created is not None else 0.0
    training = Training(encoder, matrix[train], code[train], split.day[train], maturity, len(classes), seed)
    if classifier is None:
        choice = choose(training, candidates(training, section.classifier))
    else:
        choice = choose(training, {type(classifier).__name__: candidate(training, own(classifier))})
    said = choice.make(encoder, training.matrix, training.label, len(classes), seed).probabilities
    found = said(matrix[test])
    rest = (1 - said(training.matrix)[:, 0], 1 - found[:, 0])
    tables = {
        "metrics": _metrics(training, found, code[test], matrix[test], level),
        "classes": _by_class(classes, found, code[test], level),
        "costs": _costs(found, code[test], costs),
        "captures": capture_table(grade(rest[1]).grade, (code[test] > 0).astype(float), level).assign(by="score"),
        "drift": drift_table(encoder, matrix[split.train], matrix[split.test], rest),
        "scores": _scores(table, split, labels, classes, costs, (said, matrix, test)),
    }
    findings += unseen_levels(encoder, table, np.concatenate([split.test, split.new]))
    return LeadScores(tables, _facts(table, split, classes, choice, encoder.names, level), tuple(findings))


def classes_of(labels: NDArray[np.object_]) -> tuple[str, ...]:
    """The classes that there are to learn from, the commonest first."""
    names, counts = np.unique(labels[labels != ""].astype(str), return_counts=True)
    return tuple(str(names[k]) for k in np.lexsort((names, -counts)))


def _check_costs(section: ScoreSection, classes: tuple[str, ...]) -> None:
    strange = sorted({*section.costs, *(name for row in section.costs.values() for name in row)} - set(classes))
    if strange:
        raise ConfigError(
            f"no lead that was learnt from is of the class {strange[0]!r}",
            where="[score] costs",
            repair=f"The classes are {', '.join(classes)}.",
        )


def _rare(labels: NDArray[np.object_], classes: tuple[str, ...], where: str) -> list[Finding]:
    counts = {name: int((labels == name).sum()) for name in classes}
    return [
        CATALOGUE.finding("S023", where, f"the class {name} has {count} leads to learn from")
        for name, count in counts.items()
        if count < _FEWEST
    ]


def _codes(labels: NDArray[np.object_], classes: tuple[str, ...]) -> NDArray[np.int64]:
    """Place of each lead's class, -1 where it has none that was learnt from."""
    return np.asarray(pd.Index(classes).get_indexer(pd.Index(labels)), dtype=np.int64)


def _metrics(training: Training, found: Array, code: NDArray[np.int64], matrix: Matrix, level: float) -> pd.DataFrame:
    from sklearn.linear_model import LogisticRegression

    design, _ = training.encoder.linear(training.matrix)
    model = LogisticRegression(max_iter=200).fit(design, training.label)
    plain = Linear(training.encoder, model, training.n_classes).probabilities(matrix)
    rate = np.bincount(training.label, minlength=training.n_classes) / len(training.label)
    ways = {"score": found, "plain logistic regression": plain, "rates of the training": np.tile(rate, (len(code), 1))}
    rows = []
    for name, probabilities in ways.items():
        loss = mean_of(log_losses(probabilities, code), level)
        brier = ((probabilities - np.eye(training.n_classes)[code]) ** 2).sum(axis=1)
        rows.append(
            {
                "name": name,
                "log_loss": loss.value,
                "log_loss_low": loss.low,
                "log_loss_high": loss.high,
                "brier": float(brier.mean()),
            }
        )
    return pd.DataFrame(rows)


def _by_class(classes: tuple[str, ...], found: Array, code: NDArray[np.int64], level: float) -> pd.DataFrame:
    rows = []
    for k, name in enumerate(classes):
        outcome, p = (code == k).astype(float), found[:, k]
        low, high = (float(bound) for bound in jeffreys(float(outcome.sum()), len(code), level))
        row: dict[str, object] = {
            "name": name,
            "leads": int(outcome.sum()),
            "predicted": float(p.mean()),
            "observed": float(outcome.mean()),
            "observed_low": low,
            "observed_high": high,
            "inside": low <= float(p.mean()) <= high,
        }
        for key, estimate in (("auc", auc(p, outcome, level)), ("pr_auc", average_precision(p, outcome, level))):
            row |= {key: estimate.value, f"{key}_low": estimate.low, f"{key}_high": estimate.high}
        rows.append(row)
    return pd.DataFrame(rows)


def _costs(found: Array, code: NDArray[np.int64], costs: Array) -> pd.DataFrame:
    ways = {
        "least expected cost": decide(found, costs),
        "likeliest class": found.argmax(axis=1),
        "always the commonest": np.zeros(len(code), dtype=np.int64),
    }
    rows = [
        {
            "way": name,
            "cost": float(costs[code, decided].sum()),
            "cost_per_lead": float(costs[code, decided].mean()),
            "expected_per_lead": float((found @ costs)[np.arange(len(code)), decided].mean()),
            "acted": int((decided > 0).sum()),
        }
        for name, decided in ways.items()
    ]
    return pd.DataFrame(rows)


def _scores(
    table: ScoringTable,
    split: Split,
    labels: NDArray[np.object_],
    classes: tuple[str, ...],
    costs: Array,
    how: tuple[Any, Matrix, NDArray[np.intp]],
) -> pd.DataFrame:
    said, matrix, test = how
    frames = []
    for name, rows in (("open", split.new), ("test", test)):
        if not len(rows):
            continue
        found = said(matrix[rows])
        graded = grade(1 - found[:, 0])
        lines = rows + 1 if table.lines is None else table.lines[rows]
        columns: dict[str, object] = {
            "set": name,
            "row": rows,
            "line": lines,
            "id": lines.astype(str) if table.ids is None else table.ids[rows],
            "segment": table.levels("segment")[rows],
            "channel": table.levels("channel")[rows],
            "grade": graded.grade,
            "rank": graded.rank,
            "probability": 1 - found[:, 0],
            "decision": np.array(classes, dtype=object)[decide(found, costs)],
            "outcome": labels[rows],
        }
        columns |= {f"p_{label}": found[:, k] for k, label in enumerate(classes)}
        frames.append(pd.DataFrame(columns).sort_values("rank"))
    return pd.concat(frames, ignore_index=True)


def _facts(
    table: ScoringTable, split: Split, classes: tuple[str, ...], choice: Choice, names: tuple[str, ...], level: float
) -> dict[str, Any]:
    created = np.asarray(table.created, dtype="datetime64[D]") if table.created is not None else None
    return {
        "classes": list(classes),
        "classifier": choice.name,
        "classifier_losses": {name: None if np.isnan(x) else x for name, x in choice.losses.items()},
        "features": list(names),
        "train": len(split.train),
        "test": len(split.test),
        "between": len(split.between),
        "open": len(split.new),
        "test_from": str(created[split.test[0]]) if created is not None else None,
        "train_rate": float(table.outcome[split.train].mean()),
        "test_rate": float(table.outcome[split.test].mean()),
        "maturity_days": table.maturity,
        "hdi": level,
    }
