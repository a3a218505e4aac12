"""Everything again on today's data: the steps one by one, a gate between them, and at the end the publication."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.outputs.refresh import RefreshOutput, StepRow
from cli.refresh_publish import made, publish, published
from cli.refresh_steps import Step, refusal, sentence, steps_of, take

if TYPE_CHECKING:
    from cli.refresh_config import RefreshSection
    from outlay.project import Project
    from outlay.runs import Run

LOCK = ".refresh.lock"


@dataclass
class Refresh:
    """A refresh while it lasts.

    Attributes
    ----------
    project : Project
    section : RefreshSection
    before : str or None
        The latest fit when it began.
    rows : list of StepRow
        What was done so far.
    """

    project: Project
    section: RefreshSection
    before: str | None
    started: str
    rows: list[StepRow] = field(default_factory=list)
    runs: dict[str, str] = field(default_factory=dict)

    def result(self, status: str, why: str = "", **more: Any) -> RefreshOutput:
        """The document of where it stands."""
        about = {"fit": self.runs.get("fit"), "plan": self.runs.get("plan"), "published": [], "changed": [], **more}
        finished = None if status == "planned" else _now()
        known = {"started": self.started, "finished": finished, "status": status, "why": why, "steps": self.rows}
        return RefreshOutput.model_validate({**known, **about})


def refresh(path: Path, *, force: bool = False, dry_run: bool = False) -> RefreshOutput:
    """Refresh a project.

    Parameters
    ----------
    path : Path
        The project file.
    force : bool
        Also where nothing changed since the last publication.
    dry_run : bool
        Only say what would be done.

    Raises
    ------
    OutlayError
        X091, where another refresh of the project has not ended; and as the steps do.
    """
    from filelock import FileLock, Timeout

    from cli.catalogue import CATALOGUE
    from cli.config import load
    from cli.refresh_config import RefreshSection
    from outlay.errors import OutlayError

    project = load(path)
    section = project.section("refresh", RefreshSection) if "refresh" in project.sections else RefreshSection()
    if dry_run:
        return _planned(project, section)
    lock = FileLock(project.base / LOCK, timeout=0)
    try:
        with lock:
            return _refreshed(project, section, force=force)
    except Timeout as taken:
        raise OutlayError(
            "another refresh of this project has not ended",
            where=str(project.base / LOCK),
            repair=CATALOGUE["X091"].repair,
            id="X091",
        ) from taken


def _planned(project: Project, section: RefreshSection) -> RefreshOutput:
    names = [step.name for step in steps_of(project, section)] + _publishing(section)
    rows = [StepRow(step=name, status="planned") for name in names]
    return Refresh(project, section, None, _now(), rows).result("planned", "nothing was done, because of --dry-run")


def _publishing(section: RefreshSection) -> list[str]:
    """What comes after the gate."""
    workbook = ["export xlsx"] if section.workbook else []
    return ["report", *workbook, *(["export db"] if section.database else []), "publish"]


def _refreshed(project: Project, section: RefreshSection, *, force: bool) -> RefreshOutput:
    latest = _latest_fit(project)
    work = Refresh(project, section, latest.id if latest else None, _now())
    if not force and latest is not None and _unchanged(project, section, latest):
        log(f"unchanged since fit {latest.id}, which is published; --force does it all the same")
        return work.result("unchanged", "data and project file are as they were", fit=latest.id)
    steps = steps_of(project, section)
    for i, step in enumerate(steps):
        why = _take(work, step)
        if why:
            later = [each.name for each in steps[i + 1 :]] + _publishing(section)
            work.rows += [StepRow(step=name, status="skipped") for name in later]
            log(f"refused to publish: {why.rstrip('.')}. What was published before stands")
            return work.result("refused", why)
    return _published(work)


def _take(work: Refresh, step: Step) -> str:
    """Take a step; why it forbids publishing, or nothing."""
    log(f"{step.name}: started")
    taken = take(step, work.project.path)
    why = refusal(step, taken, work.section)
    run = taken.document.get("run")
    if isinstance(run, str):
        work.runs[step.name] = run
    told = why or sentence(step, taken.document)
    status = "refused" if why else "done"
    work.rows.append(StepRow(step=step.name, status=status, seconds=round(taken.seconds, 2), run=run, told=told))
    parts = [f"{taken.seconds:.1f} s", *([f"run {run}"] if run else []), *([told] if told else [])]
    log(f"{step.name}: {'refused' if why else 'done'}, {', '.join(parts)}")
    return why


def _published(work: Refresh) -> RefreshOutput:
    """Make report and workbook, write the database, and only then replace what was published."""
    from cli.star.export import export_runs

    section, project = work.section, work.project
    if "fit" not in work.runs:
        log("nothing to publish: the project has no [media], and a publication tells of a fit")
        return work.result("refused", "the project has no [media], and a publication tells of a fit")
    log("report: started")
    with made(project.path, section, work.runs["fit"], work.before) as (files, changed):
        for line in changed:
            log(f"changed: {line}")
        work.rows += [StepRow(step=name, status="done") for name in _publishing(section)]
        databases = []
        if section.database:
            told = export_runs(section.database, project.base / "runs", base=project.base)
            databases = [told.to]
            log(f"export db: done, {sum(told.tables.values())} rows in {told.to}")
        note = {"fit": work.runs["fit"], "plan": work.runs.get("plan"), "refreshed": _now(), "changed": changed}
        places = publish(files, note, section, project.base)
    log(f"published: {', '.join(places)}")
    return work.result("published", published=[*databases, *places], changed=changed)


def _latest_fit(project: Project) -> Run | None:
    from outlay.runs import list_runs

    root = project.base / "runs"
    fits = [run for run in list_runs(root) if run.kind == "fit"] if root.is_dir() else []
    return fits[-1] if fits else None


def _unchanged(project: Project, section: RefreshSection, fit: Run) -> bool:
    """Whether the latest fit is the published one, made from this very project file, and all tables are as they were.

    A table that is no file cannot be looked at without reading it, so a project with one is refreshed.
    """
    from cli.report.stories import stale_data

    if published(section, project.base).get("fit") != fit.id or "config.lock.toml" not in fit.manifest["files"]:
        return False
    if fit.file("config.lock.toml").read_text(encoding="utf-8") != project.text:
        return False
    if any("://" in source for source in _sources(project)):
        return False
    kinds = {run.kind: run for run in _runs(project)}
    return not any(True for run in kinds.values() for _ in stale_data(run))


def _sources(project: Project) -> Sequence[str]:
    """Tables that the project file names."""
    named = (getattr(section, "source", None) for section in project.sections.values())
    return [source for source in named if isinstance(source, str)]


def _runs(project: Project) -> Sequence[Run]:
    from outlay.runs import list_runs

    return list_runs(project.base / "runs")


def log(text: str) -> None:
    """A line with its time for whoever reads the log of a cron job."""
    sys.stdout.flush()
    sys.stderr.write(f"{_now()} {text}\n")
    sys.stderr.flush()


def _now() -> str:
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
