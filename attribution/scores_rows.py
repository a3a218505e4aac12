"""From the table of leads to what is scored: which columns to learn from, which outcomes are known, who is open."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attribution.catalogue import CATALOGUE
from attribution.config import LeadsSection
from attribution.config_score import ScoreSection
from attribution.leads_frame import LeadRows, lead_rows
from attribution.leads_given import FEATURE
from attribution.scores_table import ScoringTable, unknown_columns
from outlay.errors import ConfigError, DataError
from outlay.findings import Finding
from outlay.project import ProjectSection
from outlay.tables import table_columns

OPEN_DAYS = 7
"""Age below which leads stand for the open ones where nothing says how long a lead takes."""


@dataclass(frozen=True, eq=False)
class ReadLeads:
    """Leads as they are scored, with where they came from. N leads.

    Attributes
    ----------
    table : ScoringTable
    labels : ndarray of str (N,) or None
        Class of each lead where the outcome has several; empty where it is not known.
    users : ndarray of str (N,) or None
        The lead as journeys name it.
    protected : DataFrame (N rows)
        The protected columns by their names in the source; none of them is a feature.
    stage : str
        What is predicted.
    fingerprint : str
    findings : tuple of Finding
    """

    table: ScoringTable
    labels: NDArray[np.object_] | None
    users: NDArray[np.object_] | None
    protected: pd.DataFrame
    stage: str
    fingerprint: str
    findings: tuple[Finding, ...]


def read_leads(section: LeadsSection, score: ScoreSection, about: ProjectSection, base: Path) -> ReadLeads:
    """Read the leads of a project for scoring.

    Raises
    ------
    ConfigError
        Where ``[score]`` names a stage or a column that is not there.
    DataError
        The table's errors, and S021 where a feature cannot be one.
    """
    stage = _stage(section, score)
    known = tuple(name for name, _ in table_columns(section.source, base=base, options=section.csv))
    known = (*known, *((section.labels.column,) if section.labels is not None else ()))
    named = {"features": score.features or (), "exclude": score.exclude, "keep": score.keep}
    named |= {"protected": score.protected}
    for key, names in (named | {"outcome": (score.outcome,) if score.outcome else ()}).items():
        unknown_columns(names, known, key)
    columns, roles = feature_columns(section, score, known)
    protected = protected_columns(section, score)
    asked = (*columns, *(name for name, role in protected.items() if role is None))
    rows = lead_rows(section, about, base, (*asked, *((score.outcome,) if score.outcome else ())))
    held = pd.DataFrame({name: rows.frame[role or f"{FEATURE}{name}"] for name, role in protected.items()})
    return _read(rows, section, score, (stage, columns, roles), held)


def protected_columns(section: LeadsSection, score: ScoreSection) -> dict[str, str | None]:
    """The protected columns, with the roles of those that ``[leads]`` names.

    Raises
    ------
    ConfigError
        Where the score would follow one of them all the same, or it cannot have levels.
    """
    roles = {column: role for role, column in section.dims.items()}
    known: dict[str | None, str] = {section.id: "id", section.value: "value", section.score: "score"}
    known |= {section.date: "date"}
    known |= dict.fromkeys(section.stages, "stage")
    known.update(roles)
    for name in score.protected:
        role = known.get(name)
        if role in ("segment", "channel"):
            raise ConfigError(
                f"{name!r} is the {role} of [leads], which scores are recalibrated by",
                where="[score] protected",
                repair=f"Take it out of `protected`, or take `{role}` out of [leads].",
            )
        if role is not None and name not in roles:
            raise ConfigError(
                f"{name!r} is the {role} of [leads], and no column of groups",
                where="[score] protected",
                repair="Name a column that says what kind of lead it is.",
            )
    return {name: roles.get(name) for name in score.protected}


def feature_columns(
    section: LeadsSection, score: ScoreSection, known: tuple[str, ...]
) -> tuple[tuple[str, ...], dict[str, str]]:
    """Columns to learn from that the section does not name, and those that it does with their roles.

    Raises
    ------
    DataError
        S021 where a stage, the value or the date is asked for.
    """
    roles = {column: role for role, column in section.dims.items()}
    late = {*section.stages, section.date, section.value, section.id, section.user} - {None}
    wrong = [name for name in score.features or () if name in late]
    if wrong:
        where = f"{section.source}, column {wrong[0]}"
        raise DataError([CATALOGUE.finding("S021", where, f"[leads] names {wrong[0]!r}, and [score] features too")])
    if score.features is not None:
        asked = list(score.features)
        roles |= {section.score: "score"} if section.score else {}
    else:
        customer = section.labels.customer if section.labels is not None else None
        out = {*late, section.score, score.outcome, customer, *score.exclude, *score.protected}
        asked = [name for name in known if name not in out]
    free = tuple(name for name in asked if name not in roles and name != score.outcome)
    return free, {name: roles[name] for name in asked if name in roles}


def _stage(section: LeadsSection, score: ScoreSection) -> int:
    name = score.stage or section.stages[1]
    if name not in section.stages[1:]:
        raise ConfigError(
            f"{name!r} is no stage that a lead can convert to",
            where="[score] stage",
            repair=f"The stages of [leads] after the first are {', '.join(section.stages[1:])}.",
        )
    return section.stages.index(name)


def _read(
    rows: LeadRows,
    section: LeadsSection,
    score: ScoreSection,
    how: tuple[int, tuple[str, ...], dict[str, str]],
    protected: pd.DataFrame,
) -> ReadLeads:
    stage, columns, roles = how
    frame = rows.frame
    features = pd.DataFrame({name: frame[f"{FEATURE}{name}"] for name in columns})
    for name, role in roles.items():
        features[name] = frame[role]
    maturity = float(sum(rows.maturity_days[:stage]))
    age = frame["age_days"].to_numpy(np.int64)
    young = age < (maturity if maturity > 0 else OPEN_DAYS)
    reached = frame[f"stage_{stage}"].to_numpy(bool)
    findings = list(rows.findings)
    if not maturity and young.any():
        what = f"{int(young.sum())} leads of the last {OPEN_DAYS} days stand for the open ones: no maturity is known"
        findings.append(CATALOGUE.finding("S017", rows.source, what))
    outcome = np.where(young, np.nan, reached.astype(float))
    labels = None
    if score.outcome is not None:
        labels, outcome, told = _labels(frame[f"{FEATURE}{score.outcome}"], young, rows.source, score.outcome)
        findings += told
    table = ScoringTable(
        features=features,
        outcome=outcome,
        created=frame["created"].to_numpy("datetime64[D]"),
        segment=_text(frame, "segment"),
        channel=_text(frame, "channel"),
        rules=frame["score"].to_numpy(float) if "score" in frame else None,
        value=_value(frame, section, age, float(sum(rows.maturity_days))) if "value" in frame else None,
        reached=reached,
        ids=_text(frame, "id"),
        lines=rows.rows,
        maturity=maturity,
        where=rows.source,
        word=rows.word,
    )
    users = _text(frame, "user")
    what = score.outcome or section.stages[stage]
    users = table.ids if users is None else users
    return ReadLeads(table, labels, users, protected, what, rows.fingerprint, tuple(findings))


def _text(frame: pd.DataFrame, name: str) -> NDArray[np.object_] | None:
    return frame[name].to_numpy(object) if name in frame else None


def _value(frame: pd.DataFrame, section: LeadsSection, age: NDArray[np.int64], maturity: float) -> NDArray[np.float64]:
    """Money that each lead brought: nothing where it was lost, NaN where it is too young for the last stage."""
    won = frame[f"stage_{len(section.stages) - 1}"].to_numpy(bool)
    value = np.where(won, frame["value"].to_numpy(float), 0.0)
    return np.where((age < maturity) & ~won, np.nan, value)


def _labels(
    column: pd.Series, young: NDArray[np.bool_], source: str, name: str
) -> tuple[NDArray[np.object_], NDArray[np.float64], list[Finding]]:
    """Class of each lead; the outcome is whether it is another than the commonest."""
    empty = column.isna().to_numpy() | (column.astype("str").str.strip() == "").to_numpy()
    labels = np.where(empty | young, "", column.astype("str").str.strip().to_numpy(object)).astype(object)
    findings = []
    if (empty & ~young).any():
        what = f"{int((empty & ~young).sum())} leads that have had their time have no class"
        findings.append(CATALOGUE.finding("S024", f"{source}, column {name}", what))
    known = labels != ""
    names, counts = np.unique(labels[known].astype(str), return_counts=True)
    common = names[np.argmax(counts)] if len(names) else ""
    return labels, np.where(known, (labels != common).astype(float), np.nan), findings
