"""From a project to a fit run: read, check, sample, judge, and keep what later commands read."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from mmm.calibration import calibrate
from mmm.catalogue import CATALOGUE
from mmm.checks_history import compare_history
from mmm.config import Engine, MediaSection
from mmm.config_lift import LiftSection
from mmm.lift_tests import LiftTest, read_lift_tests
from mmm.media import FittedMedia, MediaMixModel
from mmm.panel import MediaPanel, panel_from_table
from mmm.since import Since, since_previous
from mmm.store import load_panel
from outlay.errors import RunError
from outlay.findings import Finding
from outlay.progress import sampling_bar
from outlay.project import Project, ProjectSection
from outlay.response import save_response
from outlay.runs import Run, RunWriter, list_runs


def fit_run(
    project: Project, root: Path, command: Sequence[str], *, progress: bool, engine: Engine | None = None
) -> Run:
    """Fit the project's media-mix model and keep it as a run of kind ``"fit"``.

    Parameters
    ----------
    project : Project
        The loaded project file.
    root : Path
        Folder of runs.
    command : sequence of str
        The command line, for the manifest.
    progress : bool
        Whether to show a progress bar on stderr.
    engine : str, optional
        Another engine than ``[media.sampling]`` names.

    Returns
    -------
    Run
        Kept whether or not it passed the trust gate; ``trust.json`` tells.

    Raises
    ------
    DataError
        Where the data have errors; nothing is written then.
    """
    section = _by_engine(project.section("media", MediaSection), engine)
    about = project.section("project", ProjectSection)
    panel = panel_from_table(section, about, project.base)
    tests, notes = _lift_tests(project, panel)
    found = [*_history_findings(root, panel), *notes]
    model = MediaMixModel(panel, section, about, tests)
    with sampling_bar(enabled=progress) as tell:
        fitted = model.fit(tell)
        tables = dict(fitted.tables())
        if tests:
            calibration = calibrate(fitted, MediaMixModel(panel, section, about).fit(tell))
            tables |= {"calibration": calibration.channels, "lift_tests": calibration.tests}
            found += calibration.findings
        since = since_previous(root, fitted, project.base, tell)
        if since is not None:
            found += since.findings
            if since.changes is not None:
                tables["changes"] = since.changes.table
    return _write(fitted, tables, project, root, command, found, since)


def _by_engine(section: MediaSection, engine: Engine | None) -> MediaSection:
    if engine is None:
        return section
    return section.model_copy(update={"sampling": section.sampling.model_copy(update={"engine": engine})})


def _lift_tests(project: Project, panel: MediaPanel) -> tuple[tuple[LiftTest, ...], list[Finding]]:
    if "lift_tests" not in project.sections:
        return (), []
    return read_lift_tests(project.section("lift_tests", LiftSection), panel, project.base)


def _write(
    fitted: FittedMedia,
    tables: Mapping[str, pd.DataFrame],
    project: Project,
    root: Path,
    command: Sequence[str],
    found: Sequence[Finding],
    since: Since | None,
) -> Run:
    panel = fitted.design.panel
    inputs = {"project": hashlib.sha256(project.text.encode()).hexdigest(), "media": panel.fingerprint}
    # Everything is computed before the run's folder is opened: a failure leaves nothing, and the lock is held briefly.
    findings, trust, facts = (*found, *fitted.findings), fitted.trust, fitted.facts()
    with RunWriter(root, "fit", command=command, seed=fitted.project.seed, inputs=inputs) as writer:
        fitted.save(writer.folder)
        save_response(fitted.response, writer.path("response.nc"))
        writer.path("config.lock.toml").write_text(project.text, encoding="utf-8")
        writer.write_json("trust", trust.as_dict())
        writer.write_json("findings", [finding.as_dict() for finding in findings])
        writer.write_json("model", facts)
        if since is not None and since.changes is not None:
            writer.write_json("changes", since.facts())
        for name, table in tables.items():
            writer.write_table(name, table)
    return writer.run


def _history_findings(root: Path, panel: MediaPanel) -> list[Finding]:
    """What changed in the data since the previous fit of the same KPI."""
    previous = [run for run in list_runs(root) if run.kind == "fit"] if root.is_dir() else []
    if not previous:
        return []
    latest = max(previous, key=lambda run: run.created)
    try:
        old, _, _ = load_panel(latest.path)
    except RunError as problem:
        return [CATALOGUE.finding("M012", latest.id, problem.what)]
    return compare_history(old, panel) if old.kpi_name == panel.kpi_name else []
