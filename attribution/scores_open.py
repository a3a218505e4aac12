"""Open leads: their grades, what of them to hand over this week, and why each scores as it does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attribution.catalogue import CATALOGUE
from attribution.config_score import BySegment, ScoreSection
from attribution.grades import Capacity, cut_off, grade
from attribution.reasons import contributions, in_words
from attribution.recalibrate import logit_of
from attribution.scores_features import Matrix
from attribution.scores_table import EVERYONE, ScoringTable, Split
from outlay.findings import Finding
from outlay.transforms import Array

if TYPE_CHECKING:
    from attribution.scores import Fitted, Scored

_BACKGROUND, _POOLED = 256, 20.0


def open_tables(
    table: ScoringTable,
    section: ScoreSection,
    split: Split,
    fitted: Fitted,
    scored: tuple[Scored, Scored],
    matrix: Matrix,
    seed: int,
) -> tuple[dict[str, pd.DataFrame], dict[str, Any], list[Finding]]:
    """Scores of the test's and the open leads, the reasons of the best open ones, and the capacity's cut-off."""
    test, new = scored
    worth, priced = worth_of(table, np.concatenate([split.train, split.between, split.test]))
    frames = [_scores(table, part, worth, name) for part, name in ((new, "open"), (test, "test"))]
    scores = pd.concat([frame for frame in frames if len(frame)], ignore_index=True)
    findings = [] if len(new.rows) else [CATALOGUE.finding("S017", table.where, "there is no open lead to grade")]
    tables: dict[str, pd.DataFrame] = {}
    if section.hours is not None and section.hours_per_lead is not None and len(new.rows):
        capacity = Capacity(_plain(section.hours), _plain(section.hours_per_lead))
        tables["capacity"], told = _handed(scores, capacity, table.where)
        findings += told
    part = new if len(new.rows) else test
    tables["reasons"], method = _reasons(table, fitted, part, matrix, section.reasons, seed)
    words = tables["reasons"].groupby("row")["words"].agg("; ".join)
    scores["reasons"] = scores["row"].map(words).astype("str").where(scores["row"].isin(words.index), "")
    tables["scores"] = scores
    facts: dict[str, Any] = {"reasons_method": method, "worth": priced}
    facts["open_lowest"] = grade(new.probability).lowest if len(new.rows) else {}
    return tables, facts, findings


def _plain(given: BySegment) -> float | dict[str, float]:
    return float(given) if isinstance(given, float | int) else {str(k): float(v) for k, v in given.items()}


def worth_of(table: ScoringTable, known: NDArray[np.intp]) -> tuple[Array, bool]:
    """Money that a lead brings once it is there, by its segment; ones where no value is known.

    The mean over leads that got there and whose value is known, lost ones counting as nothing; a segment's mean is
    pooled towards that of all with the weight of twenty leads.
    """
    segment = table.levels("segment")
    if table.value is None:
        return np.ones(table.n_leads), False
    good = known[(table.outcome[known] == 1) & ~np.isnan(table.value[known])]
    value = table.value[good]
    if not value.sum() > 0:
        return np.ones(table.n_leads), False
    overall, worth = float(value.mean()), np.empty(table.n_leads)
    for name in sorted(set(map(str, segment))):
        ours = value[segment[good] == name]
        worth[segment == name] = (ours.sum() + _POOLED * overall) / (len(ours) + _POOLED)
    return worth, True


def _scores(table: ScoringTable, part: Scored, worth: Array, name: str) -> pd.DataFrame:
    rows = part.rows
    graded = grade(part.probability)
    rules = table.rules[rows] if table.rules is not None else np.full(len(rows), np.nan)
    filled = np.where(np.isnan(rules), -np.inf, rules)
    lines = rows + 1 if table.lines is None else table.lines[rows]
    frame = pd.DataFrame(
        {
            "set": name,
            "row": rows,
            "line": lines,
            "id": lines.astype(str) if table.ids is None else table.ids[rows],
            "created": pd.NaT if table.created is None else pd.to_datetime(table.created[rows]),
            "segment": table.levels("segment")[rows],
            "channel": table.levels("channel")[rows],
            "grade": graded.grade,
            "rank": graded.rank,
            "probability": part.probability,
            "low": part.low,
            "high": part.high,
            "rule_score": rules,
            "rule_grade": grade(filled).grade if not np.isnan(rules).all() else "",
            "outcome": table.outcome[rows],
            "worth": part.probability * worth[rows],
            "handed": False,
        }
    )
    if name == "open" and table.reached is not None:
        frame["reached"] = table.reached[rows]
    else:
        frame["reached"] = frame["outcome"] == 1
    return frame.sort_values("rank", ignore_index=True)


def _handed(scores: pd.DataFrame, capacity: Capacity, where: str) -> tuple[pd.DataFrame, list[Finding]]:
    """Mark the leads that the hours are enough for, among the open ones that nobody has brought there yet."""
    waiting = scores.index[(scores["set"] == "open") & ~scores["reached"]]
    part = scores.loc[waiting]
    columns = (part["probability"].to_numpy(), part["grade"].to_numpy(str), part["worth"].to_numpy())
    chosen, found = cut_off(*columns, part["segment"].to_numpy(object), capacity)
    scores.loc[waiting[chosen], "handed"] = True
    named = [set(given) for given in (capacity.hours, capacity.hours_per_lead) if isinstance(given, dict)]
    lost = sorted({name for name in set(part["segment"]) for names in named if name not in names})
    if not lost:
        return found, []
    count = int(part["segment"].isin(lost).sum())
    what = f"{count} open leads are of segments without hours: {', '.join(lost[:5])}"
    return found, [CATALOGUE.finding("S018", where, what)]


def _reasons(
    table: ScoringTable, fitted: Fitted, part: Scored, matrix: Matrix, most: int, seed: int
) -> tuple[pd.DataFrame, str]:
    """The strongest reasons of the best leads, one row each."""
    columns = ["row", "id", "rank", "words", "log_odds", "base"]
    best = np.argsort(-part.probability, kind="stable")[:most]
    if not len(best):
        return pd.DataFrame(columns=columns), ""
    rng = np.random.default_rng(seed)
    learnt = fitted.training.matrix
    background = learnt[rng.choice(len(learnt), min(_BACKGROUND, len(learnt)), replace=False)]
    found = contributions(fitted.scorer, matrix[part.rows[best]], background, seed)
    # what recalibration and drift add is a reason like any other, so that reasons add up to the final probability
    rest = logit_of(part.probability[best]) - logit_of(part.raw[best])
    rows = []
    for i, at in enumerate(best):
        row = int(part.rows[at])
        extra = ((_circumstance(table, row), float(rest[i])),)
        for words in in_words(fitted.encoder, matrix[row], found.parts[i], extra):
            rows.append((row, words, float(logit_of(part.probability[at : at + 1])[0]), float(found.base[i])))
    frame = pd.DataFrame(rows, columns=["row", "words", "log_odds", "base"])
    ids = frame["row"].map(lambda row: str(row + 1) if table.ids is None else str(table.ids[row]))
    frame.insert(1, "id", ids.astype("str"))
    frame.insert(2, "rank", frame.groupby("row").cumcount() + 1)
    return frame[columns], found.method


def _circumstance(table: ScoringTable, row: int) -> str:
    segment, channel = (str(table.levels(role)[row]) for role in ("segment", "channel"))
    names = " x ".join(name for name in (segment, channel) if name != EVERYONE)
    return f"the recent rate of {names}" if names else "the recent rate"
