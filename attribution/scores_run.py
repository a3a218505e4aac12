"""From a project to a run of scores. The classifier itself is not kept: the same seed fits it again."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from attribution.config import LeadsSection
from attribution.config_journeys import JourneysSection
from attribution.config_score import ScoreSection
from attribution.journeys_history import engagement
from attribution.leads_labels import pinned
from attribution.scores import LeadScores, score_leads
from attribution.scores_classes import score_classes
from attribution.scores_protected import protected_table
from attribution.scores_rows import ReadLeads, read_leads
from outlay.project import Project, ProjectSection
from outlay.runs import Run, RunWriter

_TOUCHES_SHOWN = 4


def score_run(project: Project, root: Path, command: Sequence[str]) -> Run:
    """Score the project's leads and keep the result as a run of kind ``"score"``.

    Parameters
    ----------
    project : Project
    root : Path
        Folder of runs.
    command : sequence of str
        The command line, for the manifest.

    Raises
    ------
    ConfigError
        Where ``[score]`` names what is not there.
    DataError
        Where the leads have errors; nothing is written then.
    """
    about = project.section("project", ProjectSection)
    leads, parents = pinned(project.section("leads", LeadsSection), project.base)
    read, found = score_project(project, leads)
    inputs = {"project": hashlib.sha256(project.text.encode()).hexdigest(), "leads": read.fingerprint}
    with RunWriter(root, "score", command=command, seed=about.seed, parents=parents, inputs=inputs) as writer:
        writer.path("config.lock.toml").write_text(project.text, encoding="utf-8")
        writer.write_json("findings", [finding.as_dict() for finding in (*read.findings, *found.findings)])
        writer.write_json("score", found.facts)
        for name, table in found.tables.items():
            writer.write_table(name, table)
    return writer.run


def score_project(project: Project, leads: LeadsSection | None = None) -> tuple[ReadLeads, LeadScores]:
    """The project's leads, and what scoring them found; the section of leads may be pinned to a run of segments."""
    about = project.section("project", ProjectSection)
    section = project.section("score", ScoreSection) if "score" in project.sections else ScoreSection()
    read = read_leads(leads or project.section("leads", LeadsSection), section, about, project.base)
    if read.labels is not None:
        found = score_classes(read.table, read.labels, section, seed=about.seed, level=about.hdi)
    else:
        found = score_leads(read.table, section, seed=about.seed, level=about.hdi)
        found = with_history(found, read, project, about)
    found = with_protected(found, read, about.hdi)
    facts = found.facts | {"stage": read.stage, "currency": about.currency, "source": read.table.where}
    return read, LeadScores(found.tables, facts, found.findings)


def with_protected(found: LeadScores, read: ReadLeads, level: float) -> LeadScores:
    """The same with grades by protected columns, where any are named."""
    if not len(read.protected.columns):
        return found
    table, findings = protected_table(found.tables["scores"], read.protected, level, read.table.where)
    return LeadScores(found.tables | {"protected": table}, found.facts, (*found.findings, *findings))


def with_history(found: LeadScores, read: ReadLeads, project: Project, about: ProjectSection) -> LeadScores:
    """The same with what the leads whose reasons are told have touched, and when."""
    if "journeys" not in project.sections or read.users is None or not len(found.tables["reasons"]):
        return found
    rows = found.tables["reasons"]["row"].unique()
    names = {int(row): str(read.users[row]) for row in rows}
    touches = engagement(project.section("journeys", JourneysSection), about, project.base, set(names.values()))
    scores = found.tables["scores"]
    told = history_words(touches)
    users = scores["row"].map(names)
    scores = scores.assign(history=users.map(told).astype("str").where(users.isin(told.index), ""))
    return LeadScores(found.tables | {"scores": scores, "history": touches}, found.facts, found.findings)


def history_words(touches: pd.DataFrame) -> pd.Series:
    """What each user touched in a sentence, for example ``"5 touches, last webinars 12 Mar, display 9 Mar"``."""
    said = {}
    for user, rows in touches.groupby("user", sort=True):
        last = rows.sort_values("time", ascending=False, kind="stable").head(_TOUCHES_SHOWN)
        days = last["time"].dt.day.astype("str") + " " + last["time"].dt.strftime("%b")
        shown = ", ".join(last["channel"].astype("str") + " " + days)
        count = f"{len(rows)} touches" if len(rows) != 1 else "1 touch"
        said[str(user)] = f"{count}, last {shown}"
    return pd.Series(said, dtype="str")
