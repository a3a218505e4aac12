"""From a project to a conversion run: count, sample, judge, and keep what later commands read."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from attribution.config import Engine, LeadsSection
from attribution.conversion import ConversionModel, FittedConversion
from attribution.conversion_checks import check_trust
from attribution.leads_cells import read_cells
from attribution.leads_labels import pinned
from attribution.outcomes import Outcomes, model_outcomes
from outlay.errors import TrustError
from outlay.progress import sampling_bar
from outlay.project import Project, ProjectSection
from outlay.runs import Run, RunWriter, open_run

KIND, PREVIEW = "convert", "convert_preview"
"""Kinds of runs. A preview has its own, so that whoever asks for the latest ``convert`` never reads one."""


def convert_run(
    project: Project,
    root: Path,
    command: Sequence[str],
    *,
    progress: bool,
    preview: bool = False,
    engine: Engine | None = None,
) -> Run:
    """Fit the project's conversion model and keep it as a run.

    Parameters
    ----------
    project : Project
    root : Path
        Folder of runs.
    command : sequence of str
        The command line, for the manifest.
    progress : bool
        Whether to show a progress bar on stderr.
    preview : bool
        Approximate in a second in place of sampling; the run is of kind ``"convert_preview"``.
    engine : str, optional
        Another engine than ``[leads.sampling]`` names.

    Returns
    -------
    Run
        Kept whether or not it passed the trust gate; ``trust.json`` tells.

    Raises
    ------
    DataError
        Where the leads have errors; nothing is written then.
    """
    section, parents = pinned(_by_engine(project.section("leads", LeadsSection), engine), project.base)
    about = project.section("project", ProjectSection)
    cells = read_cells(section, about, project.base)
    model = ConversionModel(cells, section, about)
    with sampling_bar(enabled=progress and not preview) as tell:
        fitted = model.preview() if preview else model.fit(tell)
        outcomes = model_outcomes(section, about, project.base, preview=preview, on_progress=tell)
    return _write((fitted, outcomes), project, root, command, parents)


def latest_conversion(root: Path, ref: str | None = None, *, force: bool = False) -> tuple[Run, FittedConversion]:
    """The latest conversion run, or the one that is named; never a preview, unless it is named and forced.

    Raises
    ------
    RunError
        Where there is none.
    TrustError
        T006, where it did not pass the trust gate and ``force`` is not given.
    """
    kind = PREVIEW if force and ref is not None and f"-{PREVIEW}-" in ref else KIND
    run = open_run(root, ref, kind)
    if kind == KIND and not force and not run.json("trust.json").get("passed"):
        raise TrustError(
            "the conversion model did not pass the trust gate",
            where=f"run {run.id}",
            repair="Sample longer ([leads.sampling] draws and tune) and run `outlay convert` again; --force reads it "
            "all the same.",
            id="T006",
        )
    return run, FittedConversion.load(run.path)


def _by_engine(section: LeadsSection, engine: Engine | None) -> LeadsSection:
    if engine is None:
        return section
    return section.model_copy(update={"sampling": section.sampling.model_copy(update={"engine": engine})})


def _write(
    found: tuple[FittedConversion, Outcomes | None],
    project: Project,
    root: Path,
    command: Sequence[str],
    parents: Sequence[Run],
) -> Run:
    fitted, outcomes = found
    # Everything is computed before the run's folder is opened: a failure leaves nothing, and the lock is held briefly.
    tables, trust, facts = fitted.tables(), fitted.trust, _facts(fitted)
    findings = [*fitted.findings, *check_trust(fitted)]
    if outcomes is not None:
        tables, findings = tables | outcomes.tables(), [*findings, *outcomes.findings]
        trust = outcomes.joined(trust)
    inputs = {"project": hashlib.sha256(project.text.encode()).hexdigest(), "leads": fitted.cells.fingerprint}
    kind = PREVIEW if fitted.is_preview else KIND
    seed = fitted.about.seed
    with RunWriter(root, kind, command=command, seed=seed, parents=parents, inputs=inputs) as writer:
        fitted.save(writer.folder)
        writer.path("config.lock.toml").write_text(project.text, encoding="utf-8")
        if trust is not None:
            writer.write_json("trust", trust.as_dict())
        writer.write_json("findings", [finding.as_dict() for finding in findings])
        writer.write_json("model", facts)
        for name, table in tables.items():
            writer.write_table(name, table)
    return writer.run


def _facts(fitted: FittedConversion) -> dict[str, Any]:
    cells = fitted.cells
    samples = fitted.parts[0].samples
    return {
        "engine": fitted.route,
        "engine_reason": samples.why,
        "preview": fitted.is_preview,
        "hdi": fitted.about.hdi,
        "currency": cells.currency,
        "stages": list(cells.stages),
        "dims": list(cells.dims),
        "leads": cells.rows,
        "cells": cells.n_cells,
        "as_of": cells.as_of.isoformat(),
        "window": list(fitted.window),
        "mix": fitted.mix.sentence,
        "young": list(cells.young),
        "maturity_days": list(cells.maturity_days),
        "draws": fitted.n_draws,
        "has_values": fitted.has_values,
        "seconds": {part.link.name: round(sum(part.samples.seconds.values()), 2) for part in fitted.parts},
    }
