"""Lead scores: probabilities of converting, grades A to E, and what they would have caught.

>>> found = score_leads(table, ScoreSection(test_from=date(2025, 4, 1)))
>>> found.tables["captures"]

A classifier learns from the leads before the test, is recalibrated on leads that it predicted without having seen
them, and is checked on the test. Open leads are then scored by the same classifier, fitted again to all leads whose
outcome is known.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attribution.catalogue import CATALOGUE
from attribution.config_score import ScoreSection
from attribution.recalibrate import logit_of
from attribution.scores_adjust import Adjustment, Leads, choose_adjusted, joined
from attribution.scores_checked import checked_tables
from attribution.scores_classifiers import Scorer, own
from attribution.scores_features import Encoder, Matrix, learn_encoder
from attribution.scores_folds import Choice, Forward, Training, candidate, candidates
from attribution.scores_guard import leaks
from attribution.scores_metrics import half_width
from attribution.scores_open import open_tables
from attribution.scores_table import ScoringTable, Split, split_by_date, with_chosen_features
from outlay.errors import DataError
from outlay.findings import Finding, errors
from outlay.transforms import Array

__all__ = ["LeadScores", "Scored", "ScoringTable", "score_leads"]


@dataclass(frozen=True, eq=False)
class Scored:
    """Probabilities of some leads. M leads.

    Attributes
    ----------
    rows : ndarray of int (M,)
        Places in the table, in order of time.
    probability : ndarray (M,)
        With what was known on each lead's day.
    low, high : ndarray (M,)
        Band of the recalibration and of the overall rate. It is not that of the classifier, which gives none.
    frozen : ndarray (M,)
        With what was known on the day of the fit.
    raw : ndarray (M,)
        What the classifier says.
    """

    rows: NDArray[np.intp]
    probability: Array
    low: Array
    high: Array
    frozen: Array
    raw: Array


@dataclass(frozen=True, eq=False)
class LeadScores:
    """Everything that scoring leads found.

    Attributes
    ----------
    tables : mapping of str to DataFrame
        ``scores`` (one row per lead of the test and per open lead), ``metrics``, ``captures``, ``calibration``,
        ``drift``, ``months``, ``reasons``; ``costs`` and ``capacity`` where the section asks for them.
    facts : mapping
        What a reader wants to know beside them, ready for JSON.
    findings : tuple of Finding
    """

    tables: dict[str, pd.DataFrame]
    facts: dict[str, Any]
    findings: tuple[Finding, ...]

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        from attribution.shown import captures_table
        from outlay.html_table import html_table

        return html_table(captures_table(self))


@dataclass(frozen=True, eq=False)
class Fitted:
    """A classifier with what was learnt beside it."""

    encoder: Encoder
    choice: Choice
    scorer: Scorer
    training: Training
    learnt: NDArray[np.intp]
    said: Array
    adjustment: Adjustment


def score_leads(
    table: ScoringTable,
    section: ScoreSection,
    *,
    seed: int = 1,
    level: float = 0.9,
    classifier: Any | None = None,
) -> LeadScores:
    """Score and grade leads, and say how good the scores are.

    Parameters
    ----------
    table : ScoringTable
    section : ScoreSection
        What to leave out, when the test begins, costs and hours.
    seed : int
    level : float
        Probability of intervals.
    classifier : object, optional
        Any object with ``fit`` and ``predict_proba`` as scikit-learn has them, in place of the section's. It sees
        standardised numbers and 0/1 indicators without gaps.

    Raises
    ------
    DataError
        S001, S002, S003, S008, S009, S010.
    """
    table = with_chosen_features(table, section)
    split, findings = split_by_date(table, section, seed)
    if table.created is None:
        findings.append(CATALOGUE.finding("S022", table.where, "training and test were drawn by the seed"))
    encoder, told = encoder_of(table, split, table.outcome, section)
    findings += told
    matrix = encoder.matrix(table.features)
    leads = Leads(table.outcome, split.day, table.levels("segment"), table.levels("channel"), _maturity(table))
    fitted = _fit(split.train, encoder, matrix, leads, (section, seed, classifier, table.created is not None))
    test = _scored(fitted, split.test, matrix, leads, level)
    tables, facts, told = checked_tables(table, section, split, fitted, test, matrix, level)
    findings += [*told, *unseen_levels(encoder, table, np.concatenate([split.test, split.new]))]
    again = _fit_again(split, fitted, matrix, leads)
    new = _scored(again, split.new, matrix, leads, level)
    more, added, told = open_tables(table, section, split, again, (test, new), matrix, seed)
    tables |= more
    return LeadScores(tables, facts | added, (*findings, *told))


def encoder_of(
    table: ScoringTable, split: Split, outcome: Array, section: ScoreSection
) -> tuple[Encoder, list[Finding]]:
    """Features that can be learnt from, after the leakage guard.

    Raises
    ------
    DataError
        S002 and S003 for features that leak, S010 where none is left.
    """
    encoder, findings = learn_encoder(table.features.iloc[split.train], table.where)
    if not encoder.features:
        what = f"none of {table.features.shape[1]} columns can be learnt from"
        raise DataError([*findings, CATALOGUE.finding("S010", table.where, what)])
    matrix = encoder.matrix(table.features.iloc[split.train])
    findings += leaks(encoder, matrix, outcome[split.train], table.where, section.keep)
    if errors(findings):
        raise DataError(findings)
    return encoder, findings


def _fit(
    rows: NDArray[np.intp],
    encoder: Encoder,
    matrix: Matrix,
    leads: Leads,
    how: tuple[ScoreSection, int, Any | None, bool],
) -> Fitted:
    section, seed, classifier, dated = how
    training = training_of(rows, encoder, matrix, leads, seed)
    if classifier is None:
        found = candidates(training, section.classifier)
    else:
        found = {type(classifier).__name__: candidate(training, own(classifier))}
    forward = {name: _in_table(each.forward, rows) for name, each in found.items()}
    best, adjusted = choose_adjusted(forward, leads, drift=section.drift and dated)
    choice = Choice(best, {name: each.loss for name, each in adjusted.items()}, forward[best], found[best].make)
    scorer = choice.make(encoder, training.matrix, training.label, 2, seed)
    said = logit_of(scorer.probabilities(training.matrix)[:, 1])
    return Fitted(encoder, choice, scorer, training, rows, said, adjusted[best])


def training_of(rows: NDArray[np.intp], encoder: Encoder, matrix: Matrix, leads: Leads, seed: int) -> Training:
    """The leads that a classifier learns from, in order of time."""
    label = leads.outcome[rows].astype(np.int64)
    return Training(encoder, matrix[rows], label, leads.day[rows], leads.maturity, 2, seed)


def _in_table(forward: Forward, rows: NDArray[np.intp]) -> Forward:
    """Predictions with places in the table in place of places among the leads that were learnt from."""
    learnt = tuple((rows[known], said) for known, said in forward.learnt)
    return Forward(rows[forward.rows], forward.block, forward.probabilities, learnt)


def _fit_again(split: Split, fitted: Fitted, matrix: Matrix, leads: Leads) -> Fitted:
    """The same classifier on every lead whose outcome is known, for the leads that are open."""
    every = np.concatenate([split.train, split.between, split.test])
    every = every[np.argsort(split.day[every], kind="stable")]
    if not len(split.new):
        return fitted
    training = training_of(every, fitted.encoder, matrix, leads, fitted.training.seed)
    scorer = fitted.choice.make(fitted.encoder, training.matrix, training.label, 2, training.seed)
    said = logit_of(scorer.probabilities(training.matrix)[:, 1])
    return Fitted(fitted.encoder, fitted.choice, scorer, training, every, said, fitted.adjustment)


def _scored(fitted: Fitted, rows: NDArray[np.intp], matrix: Matrix, leads: Leads, level: float) -> Scored:
    raw = fitted.scorer.probabilities(matrix[rows])[:, 1] if len(rows) else np.empty(0)
    adjustment = fitted.adjustment
    logit, spread = adjustment.recalibrated(logit_of(raw), leads, rows)
    before, _ = adjustment.recalibrated(fitted.said, leads, fitted.learnt)
    stretch = joined(before, fitted.learnt, logit, rows, leads)
    followed = adjustment.followed(stretch, leads.maturity)
    frozen = adjustment.followed(stretch, leads.maturity, frozen=True)
    low, high = followed.band(logit, spread, half_width(level))
    return Scored(rows, followed.probability(logit, spread), low, high, frozen.probability(logit, spread), raw)


def _maturity(table: ScoringTable) -> float:
    return table.maturity if table.created is not None else 0.0


def unseen_levels(encoder: Encoder, table: ScoringTable, rows: NDArray[np.intp]) -> list[Finding]:
    """Levels of the leads that are scored that nothing was learnt of."""
    return [
        CATALOGUE.finding(
            "S011",
            f"{table.where}, column {name}" if table.where else f"column {name}",
            f"{count:,} scored leads have levels that were never learnt from: {', '.join(levels[:5])}"
            f"{' ...' if len(levels) > 5 else ''}",
        )
        for name, levels, count in encoder.unseen(table.features.iloc[rows])
    ]
