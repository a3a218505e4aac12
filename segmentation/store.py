"""Runs of segments: what ``outlay segment`` writes, and what a later one reads."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from outlay.errors import RunError
from outlay.project import Project, ProjectSection
from outlay.runs import Run, RunWriter, list_runs, open_run
from segmentation.result import Before, KeptModel, Segmentation

FIT, ASSIGN = "segment", "segment_assign"
"""Kinds of runs: a fit, and labels by the model of one."""


def write(
    found: Segmentation, project: Project, root: Path, command: Sequence[str], parents: Sequence[Run] = ()
) -> Run:
    """Keep what was found as a run; of kind ``"segment"`` where a model was fitted, else ``"segment_assign"``."""
    about = project.section("project", ProjectSection)
    inputs = {"project": hashlib.sha256(project.text.encode()).hexdigest(), **found.inputs}
    kind = FIT if found.model is not None else ASSIGN
    with RunWriter(root, kind, command=command, seed=about.seed, parents=parents, inputs=inputs) as writer:
        writer.path("config.lock.toml").write_text(project.text, encoding="utf-8")
        writer.write_json("findings", [finding.as_dict() for finding in found.findings])
        writer.write_json("segments", found.facts)
        if found.model is not None:
            writer.write_json("model", found.model.as_dict())
        if found.clv_trust is not None:
            # not trust.json: segments do not rest on lifetime value, and stay usable where it fails the gate
            writer.write_json("clv_trust", found.clv_trust.as_dict())
        for name, table in found.tables.items():
            writer.write_table(name, table)
    return writer.run


def latest(root: Path) -> Run | None:
    """The latest fit of segments in a folder of runs; None where there is none."""
    fits = [run for run in list_runs(root) if run.kind == FIT] if root.is_dir() else []
    return fits[-1] if fits else None


def open_segments(root: Path, ref: str | None, kinds: tuple[str, ...] = (FIT,)) -> Run:
    """The run of segments that was asked for, or the latest of some kinds.

    Raises
    ------
    RunError
        Where there is none, or it is damaged.
    """
    if ref is None and len(kinds) > 1:
        found = [run for run in list_runs(root) if run.kind in kinds] if root.is_dir() else []
        ref, kind = (found[-1].id, found[-1].kind) if found else (None, kinds[0])
        return open_run(root, ref, kind)
    for kind in kinds[1:]:
        if ref is not None and f"-{kind}-" in ref:
            return open_run(root, ref, kind)
    return open_run(root, ref, kinds[0])


def before_of(run: Run) -> Before:
    """What a later run takes from a fit of segments.

    Raises
    ------
    RunError
        R003 or R004, where a file of it is damaged or of another version.
    """
    facts = run.json("segments")
    try:
        model = KeptModel.from_dict(run.json("model"))
    except (KeyError, TypeError, ValueError) as problem:
        raise RunError(
            f"its model is not one that this version reads ({type(problem).__name__}: {problem})",
            where=str(run.path / "model.json"),
            repair="Fit again with `outlay segment`.",
            id="R004",
        ) from problem
    return Before(run.id, model, run.table("labels"), facts.get("as_of"), facts.get("id"))


def tables_of(run: Run) -> Mapping[str, pd.DataFrame]:
    """The tables of a run of segments, by name."""
    names = [name for name in run.manifest["files"] if name.startswith("tables/")]
    return {Path(name).stem: run.table(Path(name).stem) for name in names}
