"""Everything again on today's data: the steps one by one, a gate between them, and at the end the publication."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.outputs.refresh import RefreshOutput, StepRow
from cli.refresh_inputs import inputs
from cli.refresh_publish import ensure_publishable, ensure_writable, make_report, make_workbook, publish, published
from cli.refresh_steps import Step, refusal, sentence, steps_of, take
from outlay import __version__
from outlay.errors import OutlayError

if TYPE_CHECKING:
    from cli.refresh_config import RefreshSection
    from outlay.project import Project

LOCK = ".refresh.lock"


@dataclass
class Refresh:
    """A refresh while it lasts.

    Attributes
    ----------
    project : Project
    section : RefreshSection
    before : str or None
        The fit that is published, where it is still there.
    inputs : dict
        What it starts from; see :func:`cli.refresh_inputs.inputs`.
    rows : list of StepRow
        What was done so far.
    runs : dict of str to str
        The run that each step wrote.
    """

    project: Project
    section: RefreshSection
    before: str | None
    inputs: dict[str, str | None]
    started: str = field(default_factory=lambda: _now())
    rows: list[StepRow] = field(default_factory=list)
    runs: dict[str, str] = field(default_factory=dict)

    def result(self, status: str, why: str = "", **more: Any) -> RefreshOutput:
        """The document of where it stands."""
        about = {"fit": self.runs.get("fit"), "plan": self.runs.get("plan"), "published": [], "changed": [], **more}
        finished = None if status == "planned" else _now()
        known = {"started": self.started, "finished": finished, "status": status, "why": why, "steps": self.rows}
        return RefreshOutput.model_validate({**known, **about})

    @property
    def publishing(self) -> list[str]:
        """The steps behind the gate."""
        workbook = ["export xlsx"] if self.section.workbook and "media" in self.project.sections else []
        return ["report", *workbook, *(["export db"] if self.section.database else []), "publish"]


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
        X091, where another refresh of the project has not ended; as :func:`ensure_publishable`; and as the steps do.
    """
    from filelock import FileLock, Timeout

    from cli.catalogue import CATALOGUE
    from cli.config import load
    from cli.refresh_config import RefreshSection

    project = load(path)
    section = project.section("refresh", RefreshSection) if "refresh" in project.sections else RefreshSection()
    ensure_publishable(section, project.base)
    if dry_run:
        return _planned(Refresh(project, section, None, {}))
    lock = FileLock(project.base / LOCK, timeout=0)
    try:
        with lock:
            note = published(section, project.base)
            return _refreshed(Refresh(project, section, _told(note, project), inputs(project)), note, force=force)
    except Timeout as taken:
        raise OutlayError(
            "another refresh of this project has not ended",
            where=str(project.base / LOCK),
            repair=CATALOGUE["X091"].repair,
            id="X091",
        ) from taken


def _planned(work: Refresh) -> RefreshOutput:
    names = [step.name for step in steps_of(work.project, work.section)] + work.publishing
    work.rows = [StepRow(step=name, status="planned") for name in names]
    return work.result("planned", "nothing was done, because of --dry-run")


def _refreshed(work: Refresh, note: dict[str, Any], *, force: bool) -> RefreshOutput:
    if not force and _unchanged(work, note):
        log(f"unchanged since {note.get('refreshed')}, when it was published; --force does it all the same")
        why = "data, project file and version of outlay are as they were"
        return work.result("unchanged", why, fit=note.get("fit"), plan=note.get("plan"))
    try:
        ensure_writable(work.section, work.project.base)
    except OutlayError as problem:
        log(f"the database does not take rows ({problem.id}), so nothing was begun. What was published before stands")
        raise
    steps = steps_of(work.project, work.section)
    for i, step in enumerate(steps):
        why = _take(work, step)
        if why:
            later = [each.name for each in steps[i + 1 :]] + work.publishing
            work.rows += [StepRow(step=name, status="skipped") for name in later]
            log(f"refused to publish: {why.rstrip('.')}. What was published before stands")
            return work.result("refused", why)
    return _published(work)


def _unchanged(work: Refresh, note: dict[str, Any]) -> bool:
    """Whether a publication was made from what is there now; what cannot be looked at may always have changed."""
    known = note.get("inputs") == work.inputs and note.get("outlay") == __version__
    return known and None not in work.inputs.values()


def _take(work: Refresh, step: Step) -> str:
    """Take a step; why it forbids publishing, or nothing."""
    with _failing(step.name):
        taken = take(step.of(work.runs.get("fit")), work.project.path)
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

    section, project, fit, databases = work.section, work.project, work.runs.get("fit"), []
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        with _step(work, "report"):
            files, changed = make_report(project.path, section, fit, work.before if fit else None, folder)
        for line in changed:
            log(f"changed: {line}")
        if fit is not None and section.workbook:
            with _step(work, "export xlsx"):
                files.append(make_workbook(project.path, fit, folder))
        if section.database is not None:
            with _step(work, "export db"):
                databases = [export_runs(section.database, project.base / "runs", base=project.base).to]
        with _step(work, "publish"):
            note: dict[str, Any] = {"fit": fit, "plan": work.runs.get("plan"), "refreshed": _now()}
            note |= {"outlay": __version__, "changed": changed, "inputs": work.inputs}
            places = publish(files, note, section, project.base)
    log(f"published: {', '.join([*databases, *places])}")
    return work.result("published", published=[*databases, *places], changed=changed)


@contextmanager
def _step(work: Refresh, name: str) -> Iterator[None]:
    """A step behind the gate, with its lines of log and its row."""
    started = time.perf_counter()
    with _failing(name):
        yield
    seconds = time.perf_counter() - started
    work.rows.append(StepRow(step=name, status="done", seconds=round(seconds, 2)))
    log(f"{name}: done, {seconds:.1f} s")


@contextmanager
def _failing(name: str) -> Iterator[None]:
    """Say in the log which step it was that could not be taken; why, the command itself says."""
    log(f"{name}: started")
    try:
        yield
    except OutlayError as problem:
        log(f"{name}: failed ({problem.id}). What was published before stands")
        raise


def _told(note: dict[str, Any], project: Project) -> str | None:
    """The fit that a publication tells of, where its run was not deleted since."""
    fit = note.get("fit")
    return fit if isinstance(fit, str) and (project.base / "runs" / fit).is_dir() else None


def log(text: str) -> None:
    """A line with its time for whoever reads the log of a cron job."""
    sys.stdout.flush()
    sys.stderr.write(f"{_now()} {text}\n")
    sys.stderr.flush()


def _now() -> str:
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
