"""From a project to a run of kind ``"scorecard"``."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from attribution.config import LeadsSection
from attribution.config_goals import GoalsSection
from attribution.goals import read_goals
from attribution.leads_labels import pinned
from attribution.leads_table import open_leads
from attribution.scorecard import EVERYTHING, Scorecard, scorecard
from attribution.scorecard_days import count_days
from attribution.scorecard_question import Question
from outlay.findings import Finding
from outlay.project import Project, ProjectSection
from outlay.runs import Run, RunWriter


def make(
    project: Project, question: Question = EVERYTHING, leads: LeadsSection | None = None
) -> tuple[Scorecard, dict[str, str], tuple[Finding, ...]]:
    """The scorecard of a project, the hashes of what it was made from, and every finding; ``leads`` may be pinned.

    Raises
    ------
    ConfigError, DataError
        Where the project, the leads or the goals have errors; every one of a table together.
    """
    leads, about = leads or project.section("leads", LeadsSection), project.section("project", ProjectSection)
    section = project.section("goals", GoalsSection) if "goals" in project.sections else None
    with open_leads(leads, about, project.base) as table:
        days = count_days(table)
        found = table.findings
        # A database has no file to hash: what was counted stands for it.
        fingerprint = table.relation.fingerprint or hashlib.sha256(days.frame.to_csv().encode()).hexdigest()
    goals = read_goals(section, project.base, days, leads.segments or ()) if section is not None else None
    card = scorecard(days, goals, section, about, question)
    inputs = {"project": hashlib.sha256(project.text.encode()).hexdigest(), "leads": fingerprint}
    if goals is not None:
        inputs["goals"] = goals.fingerprint
    return card, inputs, (*found, *(goals.findings if goals else ()), *card.findings)


def scorecard_run(project: Project, root: Path, command: Sequence[str], question: Question = EVERYTHING) -> Run:
    """Make the scorecard and keep it as a run.

    Parameters
    ----------
    project : Project
    root : Path
        Folder of runs.
    command : sequence of str
        The command line, for the manifest.
    question : Question
        The month, and what is drilled into beyond what every scorecard holds.

    Raises
    ------
    ConfigError, DataError
        As :func:`make`; nothing is written then.
    """
    leads, parents = pinned(project.section("leads", LeadsSection), project.base)
    card, inputs, findings = make(project, question, leads)
    seed = card.facts["seed"]
    with RunWriter(root, "scorecard", command=command, seed=seed, parents=parents, inputs=inputs) as writer:
        writer.path("config.lock.toml").write_text(project.text, encoding="utf-8")
        writer.write_json("scorecard", card.facts)
        writer.write_json("findings", [finding.as_dict() for finding in findings])
        for name, table in card.tables.items():
            if len(table.columns):
                writer.write_table(name, table)
    return writer.run
