"""The study that the planner's page opens: a fit, with what the page may not import handed in."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from budget.config import PlanSection
    from budget.document import PlanOutput
    from cli.workbook.book import Paper
    from outlay.runs import Run
    from planner.study import Study


def study_of(project: Path, ref: str | None, *, force: bool) -> Study:
    """The study of a fit.

    Raises
    ------
    RunError
        Where there is no such fit.
    TrustError
        Where it did not pass the trust gate and ``force`` is not given.
    """
    from cli.config import project_section
    from cli.fits import findings_of, is_trusted, mapping, open_fit, reasons
    from cli.questions import Planners, section_of
    from cli.report.look import report_section
    from outlay.project import ProjectSection
    from planner.study import Study

    fit = open_fit(project, ref, force=force)
    section, loaded = section_of(project)
    model = mapping(fit, "model.json")
    planners = Planners(fit, loaded, project.parent, force=force)
    return Study(
        project=project_section(loaded)
        if loaded
        else ProjectSection(name=str(model["kpi"]), currency=model["currency"]),
        fit=fit,
        outcome=str(model["kpi"]),
        unit=str(model["outcome_unit"]),
        period=str(model.get("period", "period")),
        money=bool(model["money"]),
        hdi=float(model["hdi"]),
        trusted=is_trusted(fit),
        reasons=tuple(reasons(fit)),
        findings=tuple(findings_of(fit)),
        base=section,
        planner=planners.of,
        stale=lambda: tuple(_changed(fit)),
        workbook=partial(_workbook, paper=report_section(loaded).paper),
        read_workbook=_read_workbook,
        folder=project.parent,
    )


def _changed(fit: Run) -> Iterator[str]:
    """What changed since a fit was made: its tables, and that there is a later one."""
    from cli.report.stories import stale_data
    from outlay.runs import list_runs

    yield from stale_data(fit)
    later = [run for run in list_runs(fit.path.parent) if run.kind == "fit" and run.created > fit.created]
    if later:
        made = max(later, key=lambda run: run.created)
        yield (
            f"A newer fit was made on {made.created:%Y-%m-%d at %H:%M} UTC ({made.id}): start `outlay serve` again to "
            "plan with it."
        )


def _workbook(answers: tuple[PlanOutput, ...], *, paper: Paper) -> bytes:
    from cli.workbook.plans import plans_workbook

    return plans_workbook(answers, paper=paper)


def _read_workbook(content: bytes, base: PlanSection) -> PlanSection:
    from cli.workbook.read import question_of

    return question_of(content, base, name="the workbook")
