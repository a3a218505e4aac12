"""``outlay report``: one HTML file that tells the whole study."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import DEFAULT_PROJECT, Debug, DryRun, Force, Json, ProjectFile, RunRef

if TYPE_CHECKING:
    from cli.outputs.runs import ReportOutput
    from cli.report.compare import Earlier
    from cli.report.data import ReportData
    from cli.report.look import Look
    from cli.report.stories import Stories
    from outlay.runs import Run


def command(
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Where to write; default: reports/ beside the project.")
    ] = None,
    plan: Annotated[
        str | None,
        typer.Option("--plan", metavar="ID", help="Plan to show; default: the latest recommended from the fit."),
    ] = None,
    compare: Annotated[
        str | None, typer.Option("--compare", metavar="ID", help="Earlier fit: tell what changed since, and why.")
    ] = None,
    pdf: Annotated[
        bool, typer.Option("--pdf", help="Write a PDF beside the page; needs Chromium, Chrome or Edge.")
    ] = False,
    project: ProjectFile = DEFAULT_PROJECT,
    run: RunRef = None,
    force: Force = False,
    dry_run: DryRun = False,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Write one self-contained HTML report.

    It needs no network: summary, model, validation, returns, causes over time, response curves, plan, segments,
    conversion, scores, journeys, scorecard, findings, trust and assumptions in one file for a browser, a phone or a
    printer. What has no run has no section; without a fit the page tells of leads alone. [report] in the project file
    chooses sections, title, logo, colour and paper.
    """
    from cli.terminal import print_json

    asked = Asked(out=out, plan=plan, run=run, compare=compare, pdf=pdf, force=force, dry_run=dry_run)
    made = make(project, asked)
    if as_json:
        print_json(made.output.document())
    else:
        _tell(made)


@dataclass(frozen=True)
class Asked:
    """What is asked of a report; see the command's options."""

    out: Path | None = None
    plan: str | None = None
    run: str | None = None
    compare: str | None = None
    pdf: bool = False
    force: bool = False
    dry_run: bool = False


@dataclass(frozen=True)
class Made:
    """A report that was written.

    Attributes
    ----------
    output : ReportOutput
        Where it is and what it tells.
    stories : Stories
        Runs beside the fit.
    lacks_plan : bool
        Whether there is a fit and no plan from it.
    brought : str or None
        The plan that was brought after the one that the page shows, by its id.
    """

    output: ReportOutput
    stories: Stories
    lacks_plan: bool
    brought: str | None


def make(project: Path, asked: Asked) -> Made:
    """Write the report that a project file asks for."""
    from cli.config import runs_root
    from cli.report.data import brought_after, latest_plan_of
    from cli.report.stories import stories
    from outlay import style

    root, look = runs_root(project), _look(project)
    with style.numbers_as(look.numbers):
        fit = _fit(project, asked)
        told = stories(root, fit, force=asked.force)
        plan = latest_plan_of(fit, root, asked.plan) if fit is not None else None
        name = fit.id if fit is not None else max(each.run.id for each in told.told) if told.told else ""
        if not name:
            raise _nothing_to_tell(root, told)
        finish = Finish(look, _earlier(root, asked, fit, plan), pdf=asked.pdf)
        path = asked.out or project.parent / "reports" / f"{name}.html"
        output = write(fit, plan, path, dry_run=asked.dry_run, stories=told, finish=finish)
    newer = brought_after(fit, plan) if fit is not None and plan is not None and asked.plan is None else None
    return Made(output, told, fit is not None and plan is None, None if newer is None else newer.id)


def _tell(made: Made) -> None:
    """What a reader of the terminal should know of the page, and where it is."""
    from cli.terminal import emit, say

    result = made.output
    for line in result.changed:
        say(line)
    if made.lacks_plan:
        say("No plan was made from this fit yet, so the report has none. `outlay plan` makes one.")
    if made.brought:
        say(f"The newer plan {made.brought} was brought and is no recommendation: --plan {made.brought} shows it.")
    for line in result.stale:
        say(f"The fit {result.run} is stale. {line}")
    for row in result.stories:
        for line in row.stale:
            say(f"{row.kind} {row.run} is stale. {line}")
    for each in made.stories.left_out:
        say(f"The {each.kind} run {each.id} is left out: it did not pass the trust gate (T006). --force shows it.")
    if not result.written:
        say(f"Would write {result.bytes / 1e6:.1f} MB. Nothing was written.")
    emit(result.path)
    if result.pdf is not None:
        emit(result.pdf)


def _look(project: Path) -> Look:
    """What the project file says about its report; a folder of runs without one has a report, too."""
    from cli.config import load
    from cli.report.look import look_of

    return look_of(load(project) if project.is_file() else None)


def _earlier(root: Path, asked: Asked, fit: Run | None, plan: Run | None) -> Earlier | None:
    """What changed since the fit that ``--compare`` names."""
    if asked.compare is None or fit is None:
        return None
    from cli.report.compare import compare, earlier_fit

    return compare(earlier_fit(root, asked.compare, fit, force=asked.force), fit, plan)


def _fit(project: Path, asked: Asked) -> Run | None:
    """The fit to tell: none where there is none and none was asked for, but other runs have a story."""
    from cli.config import runs_root
    from cli.fits import open_fit
    from cli.report.stories import MODULES
    from outlay.runs import list_runs

    root = runs_root(project)
    kinds = {run.kind for run in list_runs(root)} if root.is_dir() else set()
    needed = asked.run or asked.plan or asked.compare
    if needed is None and "fit" not in kinds and kinds & set(MODULES):
        return None
    return open_fit(project, asked.run, force=asked.force)


def _nothing_to_tell(root: Path, told: Stories) -> Exception:
    """The refusal where every run that has a story failed the trust gate."""
    from outlay.errors import TrustError

    which = ", ".join(run.id for run in told.left_out)
    repair = "Mend the cause and run again. --force shows the numbers all the same, with the warning beside them."
    return TrustError(f"no run passed the trust gate: {which}", where=str(root), repair=repair, id="T006")


@dataclass(frozen=True)
class Finish:
    """What a report has beside its runs.

    Attributes
    ----------
    look : Look or None
        Words on top, logo, colours, sections and paper; None for the house's own.
    earlier : Earlier or None
        What changed since an earlier fit.
    pdf : bool
        Whether a PDF is made, too.
    """

    look: Look | None = None
    earlier: Earlier | None = None
    pdf: bool = False


def write(
    fit: Run | None,
    plan: Run | None,
    path: Path,
    *,
    dry_run: bool = False,
    stories: Stories | None = None,
    finish: Finish = Finish(),
) -> ReportOutput:
    """Render the report and put it in place in one step, and the PDF in another."""
    from cli.report.data import gather
    from cli.report.look import Look
    from cli.report.page import render
    from cli.report.pdf import chromium, print_pdf
    from cli.report.stories import Stories
    from outlay.exports import atomic_write
    from outlay.objects import address_in

    told, look = stories or Stories(), finish.look or Look()
    browser, printed = (chromium(), _beside(path)) if finish.pdf else ("", None)  # before anything is written
    data = gather(fit, plan) if fit is not None else None
    page = render(data, told, look, finish.earlier)
    if not dry_run:
        atomic_write(path, page)
    if printed is not None and not dry_run:
        atomic_write(printed, print_pdf(render(data, told, look, finish.earlier, paper=True), browser))
    return _summarise(fit, plan, path, told, finish).model_copy(
        update={
            "changed": _changed(data, finish.earlier),
            "written": not dry_run,
            "bytes": len(page.encode()),
            "pdf": None if printed is None else address_in(printed) or str(printed),
        }
    )


def _changed(data: ReportData | None, earlier: Earlier | None) -> list[str]:
    """What changed since the earlier fit, in sentences."""
    from cli.report.compare_page import learned

    return learned(data, earlier) if data is not None and earlier is not None else []


def _beside(path: Path) -> Path:
    """Where the PDF goes: beside the page, under its name."""
    from outlay.errors import ConfigError

    if path.suffix.lower() == ".pdf":
        repair = "Name an .html file; --pdf writes the PDF beside it under the same name."
        raise ConfigError("--out names the page, and the PDF goes beside it", where=str(path), repair=repair, id="X007")
    return path.with_suffix(".pdf")


def _summarise(fit: Run | None, plan: Run | None, path: Path, told: Stories, finish: Finish) -> ReportOutput:
    """The document of a report, not yet written."""
    from cli.fits import is_trusted
    from cli.outputs.runs import ReportOutput, StoryRow
    from cli.report.stories import stale_data
    from outlay.objects import address_in

    rows = [
        StoryRow(kind=each.run.kind, run=each.run.id, created=each.made, trusted=each.trusted, stale=list(each.stale))
        for each in told.told
    ]
    return ReportOutput(
        path=address_in(path) or str(path),
        written=False,
        run=fit.id if fit is not None else None,
        plan=plan.id if plan else None,
        compared=finish.earlier.before.id if finish.earlier is not None else None,
        trusted=is_trusted(fit) if fit is not None else None,
        bytes=0,
        stale=list(stale_data(fit)) if fit is not None else [],
        stories=rows,
        left_out=[run.id for run in told.left_out],
    )
