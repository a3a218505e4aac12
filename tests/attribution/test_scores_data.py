"""Scores on real data against plain logistic regression; skipped where the data are not at hand."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from attribution.config_score import ScoreSection
from attribution.scores import LeadScores, score_leads
from attribution.scores_table import ScoringTable
from tests.attribution.doc_rows import rows
from tests.attribution.scored import shared

PAGE = (Path(__file__).parents[2] / "docs" / "scores.md").read_text(encoding="utf-8")

NUMBER = re.compile(r"-?\d+(?:\.\d+)?")

NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTHS = {name: number for number, name in enumerate(NAMES, start=1)}


def bank(*columns: str) -> ScoringTable:
    """UCI bank marketing, 45,211 calls from May 2008 to November 2010; the file is in order of date without years."""
    frame = shared("uci_bank_full.csv")
    month = frame["month"].map(MONTHS).to_numpy()
    year = 2008 + np.concatenate([[0], np.cumsum(np.diff(month) < 0)])
    created = pd.to_datetime(pd.DataFrame({"year": year, "month": month, "day": frame["day"]}))
    return ScoringTable(
        features=frame.drop(columns=["y", *columns]),
        outcome=(frame["y"] == "yes").to_numpy(float),
        created=created.to_numpy("datetime64[D]"),
        segment=frame["job"].to_numpy(object),
        channel=frame["contact"].to_numpy(object),
        where="uci_bank_full.csv",
    )


def telco() -> ScoringTable:
    """IBM's telco churn, 7,043 customers without dates: the split is drawn by the seed."""
    frame = shared("telco_customer_churn.csv")
    return ScoringTable(
        features=frame.drop(columns=["Churn"]),
        outcome=(frame["Churn"] == "Yes").to_numpy(float),
        segment=frame["Contract"].to_numpy(object),
        channel=frame["InternetService"].to_numpy(object),
        where="telco_customer_churn.csv",
    )


@pytest.fixture(scope="module")
def bank_scores() -> LeadScores:
    return score_leads(bank("duration"), ScoreSection(reasons=0))


def test_the_bank_in_order_of_date_beats_plain_logistic_regression(bank_scores: LeadScores) -> None:
    metrics = bank_scores.tables["metrics"].set_index("name")
    score, plain = metrics.loc["score"], metrics.loc["plain logistic regression"]
    # 6.3 % converted before, 27.9 % after: docs/scores.md has the numbers; the gain's interval leaves zero out
    assert score["gain_low"] > 0.2
    assert score["auc"] > plain["auc"] + 0.02
    assert score["pr_auc"] > plain["pr_auc"] + 0.015
    # also without any outcome of the test: what was known on the day of the fit alone
    assert metrics.loc["score, frozen on the day of the fit", "gain_low"] > 0.05


def test_the_bank_is_followed_after_a_quiet_time_too() -> None:
    # before January 2009 nothing moved for long, so that a classifier alone looked better than one that follows the
    # rate: the insurance must not be dropped for that (log-loss 0.679 without it, 0.666 of plain logistic regression)
    found = score_leads(bank("duration"), ScoreSection(reasons=0, test_from=date(2009, 1, 1)))
    score = found.tables["metrics"].iloc[0]
    assert found.facts["drift_taken"]
    assert score["gain_low"] > 0.2
    assert score["slope"] == pytest.approx(1, abs=0.06)


def test_the_bank_is_calibrated_in_order_of_date(bank_scores: LeadScores) -> None:
    score = bank_scores.tables["metrics"].iloc[0]
    assert score["slope"] == pytest.approx(1, abs=0.06)
    assert score["intercept"] == pytest.approx(0, abs=0.06)
    assert score["calibration_error"] < 0.025


def missing_from_page(found: LeadScores) -> list[str]:
    """Rows of the tables that the page does not state.

    Sums depend on the number of threads: one and two differ by one in a log-loss's fourth digit, a PR-AUC's third and a
    slope's second. Twice that is allowed, and a tenth of a percentage.
    """
    stated = [row for row in PAGE.splitlines() if row.startswith("|")]
    return [row for row in rows(found) if not any(_says(row, other) for other in stated)]


def _says(row: str, stated: str) -> bool:
    (words, numbers), (said, those) = ((NUMBER.sub("#", text), NUMBER.findall(text)) for text in (row, stated))
    if words != said:
        return False
    allowed = {0: 0, 1: 0.11, 2: 0.021, 3: 0.0021, 4: 0.00021}
    return all(
        abs(float(a) - float(b)) <= allowed[len(a.partition(".")[2])] for a, b in zip(numbers, those, strict=True)
    )


def test_the_page_states_the_numbers_of_the_bank(bank_scores: LeadScores) -> None:
    assert missing_from_page(bank_scores) == []


def test_the_drift_of_the_bank_is_told(bank_scores: LeadScores) -> None:
    assert {"S014", "S015"} <= {finding.id for finding in bank_scores.findings}
    assert bank_scores.tables["drift"]["verdict"].iloc[0] == "drifted"


def test_the_duration_of_the_call_is_found_out() -> None:
    found = score_leads(bank(), ScoreSection(classifier="logistic", reasons=0))
    assert "uci_bank_full.csv, column duration" in [f.where for f in found.findings if f.id in ("S002", "S004")]


def test_telco_beats_plain_logistic_regression_and_is_calibrated() -> None:
    found = score_leads(telco(), ScoreSection(reasons=0))
    score = found.tables["metrics"].iloc[0]
    assert score["gain_low"] > 0
    assert score["slope_low"] < 1 < score["slope_high"]
    assert score["intercept_low"] < 0 < score["intercept_high"]
    assert missing_from_page(found) == []
    # the customer's id is left out, and the total that is written as text is read as numbers
    assert {"S005", "S006"} <= {finding.id for finding in found.findings}
