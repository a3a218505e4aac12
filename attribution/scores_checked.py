"""How good the scores are on the test: metrics, captures, calibration, months, costs and drift."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

from attribution.captures import calibration_table, capture_table, graded_within, months_table, tenths
from attribution.catalogue import CATALOGUE
from attribution.config_score import ScoreSection
from attribution.drift import MUCH, drift_table
from attribution.grades import grade
from attribution.scores_classifiers import Linear, Scorer
from attribution.scores_features import Matrix
from attribution.scores_folds import Training
from attribution.scores_metrics import cost_table, half_width, log_loss, mean_of, metrics, ranking, threshold
from attribution.scores_table import EVERYONE, ScoringTable, Split
from outlay.findings import Finding
from outlay.transforms import Array

if TYPE_CHECKING:
    from attribution.scores import Fitted, Scored

Checked = tuple[dict[str, pd.DataFrame], dict[str, Any], list[Finding]]


def checked_tables(
    table: ScoringTable,
    section: ScoreSection,
    split: Split,
    fitted: Fitted,
    test: Scored,
    matrix: Matrix,
    level: float,
) -> Checked:
    """Everything that the test says, with the findings that come of it."""
    outcome = table.outcome[test.rows]
    rules, findings = rules_of(table, test.rows)
    graded = grade(test.probability)
    if graded.split:
        what = f"{graded.split:,} leads of the test share their score with a lead of another grade"
        findings.append(CATALOGUE.finding("S020", table.where, what))
    tables = {
        "metrics": _metrics(fitted, test, outcome, rules, matrix, level),
        "captures": _captures(graded.grade, rules, outcome, level),
        "calibration": _calibration(table, test, outcome, level),
        "drift": drift_table(
            fitted.encoder, matrix[split.train], matrix[test.rows], (np.asarray(expit(fitted.said)), test.raw)
        ),
    }
    if table.created is not None:
        tables["months"] = _months(table, test, outcome, rules, level)
    if section.cost_missed is not None and section.cost_wasted is not None:
        tables["costs"] = cost_table(test.probability, outcome, section.cost_missed, section.cost_wasted, rules)
    findings += [*_moved(table, split, tables["drift"], outcome, level), *_trials(table, fitted)]
    return tables, _facts(table, section, split, fitted, test, (outcome, level)), findings


def rules_of(table: ScoringTable, rows: NDArray[np.intp]) -> tuple[Array | None, list[Finding]]:
    """The rule-based score of some leads, missing ones below all others; None where there is none."""
    if table.rules is None or np.isnan(table.rules[rows]).all():
        return None, [CATALOGUE.finding("S016", table.where, "[leads] names no score, or it is empty for the test")]
    rules = table.rules[rows]
    return np.where(np.isnan(rules), np.nanmin(rules) - 1.0, rules), []


def _metrics(
    fitted: Fitted, test: Scored, outcome: Array, rules: Array | None, matrix: Matrix, level: float
) -> pd.DataFrame:
    plain = plain_logistic(fitted.training).probabilities(matrix[test.rows])[:, 1]
    ways = {"score": test.probability}
    if fitted.adjustment.follows:
        ways["score, frozen on the day of the fit"] = test.frozen
    if fitted.adjustment.follows or fitted.adjustment.recalibration is not None:
        ways["classifier alone"] = test.raw
    rows = [metrics(name, probability, outcome, level) for name, probability in ways.items()]
    rows.append(metrics("plain logistic regression", plain, outcome, level))
    if rules is not None:
        rows.append(ranking("rules", rules, outcome, level))
    # per lead against plain logistic regression: leads that are hard for one are hard for both
    for row, probability in zip(rows, ways.values(), strict=False):
        gain = mean_of(log_loss(plain, outcome) - log_loss(probability, outcome), level)
        row |= {"gain": gain.value, "gain_low": gain.low, "gain_high": gain.high}
    return pd.DataFrame(rows)


def plain_logistic(training: Training) -> Scorer:
    """Logistic regression as most would fit it, for comparison: scikit-learn's defaults and nothing beside."""
    from sklearn.linear_model import LogisticRegression

    design, _ = training.encoder.linear(training.matrix)
    return Linear(training.encoder, LogisticRegression(max_iter=1000).fit(design, training.label), 2)


def _captures(letters: NDArray[np.str_], rules: Array | None, outcome: Array, level: float) -> pd.DataFrame:
    found = [capture_table(letters, outcome, level).assign(by="score")]
    if rules is not None:
        found.append(capture_table(grade(rules).grade, outcome, level).assign(by="rules"))
    return pd.concat(found, ignore_index=True)


def _calibration(table: ScoringTable, test: Scored, outcome: Array, level: float) -> pd.DataFrame:
    found = [tenths(test.probability, outcome, level).assign(by="tenth")]
    for role in ("segment", "channel"):
        names = table.levels(role)[test.rows]
        if len(set(names)) > 1 or names[0] != EVERYONE:
            found.append(calibration_table(test.probability, outcome, names, level).assign(by=role))
    return pd.concat(found, ignore_index=True)


def _months(table: ScoringTable, test: Scored, outcome: Array, rules: Array | None, level: float) -> pd.DataFrame:
    month = months_of(table, test.rows)
    ours = graded_within(test.probability, month)
    theirs = graded_within(rules, month) if rules is not None else None
    return months_table(month, outcome, test.probability, ours, theirs, level)


def months_of(table: ScoringTable, rows: NDArray[np.intp]) -> NDArray[np.object_]:
    """Month of creation, ``"2025-04"``."""
    created = np.asarray(table.created, dtype="datetime64[M]")[rows]
    return np.asarray(created.astype(str), dtype=object)


def _moved(table: ScoringTable, split: Split, drift: pd.DataFrame, outcome: Array, level: float) -> list[Finding]:
    findings = []
    for row in drift[drift["psi"] >= MUCH].itertuples():
        place = table.where if row.name == "the score" else f"{table.where}, column {row.name}".lstrip(", ")
        findings.append(CATALOGUE.finding("S014", place, f"PSI {row.psi:.2f} (limit {MUCH}); {row.what}"))
    trained = table.outcome[split.train]
    before, after = float(trained.mean()), float(outcome.mean())
    error = np.sqrt(before * (1 - before) / len(trained) + after * (1 - after) / len(outcome))
    if abs(after - before) > half_width(0.99) * error:
        what = (
            f"{before:.1%} of {len(trained):,} leads converted in the training period and {after:.1%} of "
            f"{len(outcome):,} in the test"
        )
        findings.append(CATALOGUE.finding("S015", table.where, what))
    return findings


def _trials(table: ScoringTable, fitted: Fitted) -> list[Finding]:
    names = {"recalibration": "the recalibration by segment and channel", "drift": "the drift term"}
    findings = []
    for trial in fitted.adjustment.trials:
        if trial.taken:
            continue
        what = f"{names[trial.name]} was left out: log-loss {trial.before:.4f} without it, {trial.after:.4f} with it"
        if np.isnan(trial.before):
            what = f"{names[trial.name]} was not tried: there are too few leads for a validation slice"
        findings.append(CATALOGUE.finding("S019", table.where, what))
    return findings


def _facts(
    table: ScoringTable,
    section: ScoreSection,
    split: Split,
    fitted: Fitted,
    test: Scored,
    how: tuple[Array, float],
) -> dict[str, Any]:
    outcome, level = how
    recalibration = fitted.adjustment.recalibration
    first = np.asarray(table.created, dtype="datetime64[D]")[test.rows[0]] if table.created is not None else None
    facts: dict[str, Any] = {
        "classifier": fitted.choice.name,
        "classifier_losses": {name: None if np.isnan(x) else x for name, x in fitted.choice.losses.items()},
        "features": list(fitted.encoder.names),
        "train": len(split.train),
        "test": len(split.test),
        "between": len(split.between),
        "open": len(split.new),
        "test_from": str(first) if first is not None else None,
        "train_rate": float(table.outcome[split.train].mean()),
        "test_rate": float(outcome.mean()),
        "maturity_days": table.maturity,
        "hdi": level,
        "drift_taken": fitted.adjustment.follows,
        "trials": [
            {
                "name": trial.name,
                "before": None if np.isnan(trial.before) else trial.before,
                "after": None if np.isnan(trial.after) else trial.after,
                "taken": trial.taken,
            }
            for trial in fitted.adjustment.trials
        ],
        "recalibration_variances": dict(recalibration.variances) if recalibration is not None else {},
        "lowest": grade(test.probability).lowest,
        "event": section.event.isoformat() if section.event is not None else None,
        "event_name": section.event_name,
    }
    if section.cost_missed is not None and section.cost_wasted is not None:
        facts["threshold"] = threshold(section.cost_missed, section.cost_wasted)
    return facts
