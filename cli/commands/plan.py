"""``outlay plan``: where the next budget should go, or how good a plan is that the user brings."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import DEFAULT_PROJECT, Debug, DryRun, Force, Json, ProjectFile, RunRef

if TYPE_CHECKING:
    from budget.allocation import Allocation
    from budget.document import PlanOutput
    from budget.frontiers import Frontier
    from budget.planner import Planner
    from budget.sensitivities import Sensitivity
    from budget.sweeps import Sweep
    from cli.questions import Planners, Question
    from outlay.runs import Run


class Objective(StrEnum):
    """What a plan looks for."""

    OUTCOME = "outcome"
    PROFIT = "profit"
    TARGET_ROI = "target_roi"
    TARGET_MROI = "target_mroi"
    TARGET_CPA = "target_cpa"
    TARGET_KPI = "target_kpi"


class Timing(StrEnum):
    """How a total is spread over the window."""

    REFERENCE = "reference"
    EVEN = "even"
    FREE = "free"


More = Annotated[list[Path] | None, typer.Argument(metavar="FILE", help="More scenarios, after --scenario.")]
Scenario = Annotated[
    list[Path] | None,
    typer.Option("--scenario", metavar="FILE", help="Keys of [plan] that go before the project file's (TOML)."),
]
Book = Annotated[
    Path | None,
    typer.Option("--from", metavar="FILE", help="Ask what a planner wrote into a workbook of `outlay export xlsx`."),
]
Evaluate = Annotated[
    Path | None, typer.Option("--evaluate", metavar="FILE", help="Judge this plan (columns channel, spend) instead.")
]
Budget = Annotated[float | None, typer.Option("--budget", metavar="AMOUNT", help="Total over the window.")]
Periods = Annotated[int | None, typer.Option("--periods", min=1, help="Length of the window in periods of the data.")]
Start = Annotated[
    datetime | None, typer.Option("--start", formats=["%Y-%m-%d"], metavar="DATE", help="Any day of the first period.")
]
Look = Annotated[
    Objective | None,
    typer.Option(
        "--objective",
        metavar="NAME",
        help="outcome, profit, target_roi, target_mroi, target_cpa or target_kpi.",
    ),
]
Target = Annotated[float | None, typer.Option("--target", metavar="NUMBER", help="What a target_* objective aims at.")]
When = Annotated[
    Timing | None,
    typer.Option("--timing", metavar="NAME", help="reference, even, or free: every period is decided."),
]
Sweeping = Annotated[bool, typer.Option("--sweep", help="Also plan for other totals, and tell where to stop.")]
Cautious = Annotated[bool, typer.Option("--frontier", help="Also plan from the best mean to the best worst draws.")]
Leaning = Annotated[
    bool, typer.Option("--sensitivity", help="Also plan with each return 20 % lower, and tell the regret.")
]
Points = Annotated[
    int | None,
    typer.Option("--points", min=2, max=101, help="Points of --sweep and --frontier; default: 11 and 6."),
]


@dataclass(frozen=True)
class Around:
    """What was asked for around the plan."""

    sweep: bool = False
    frontier: bool = False
    sensitivity: bool = False
    points: int | None = None

    @property
    def words(self) -> str:
        """The options as they were given."""
        given = (("--sweep", self.sweep), ("--frontier", self.frontier), ("--sensitivity", self.sensitivity))
        return " ".join(name for name, wanted in given if wanted)


@dataclass(frozen=True, eq=False)
class Answer:
    """A plan, with what was asked for around it."""

    question: Question
    allocation: Allocation
    sweep: Sweep | None = None
    frontier: Frontier | None = None
    sensitivity: Sensitivity | None = None


def command(
    more: More = None,
    scenario: Scenario = None,
    book: Book = None,
    evaluate: Evaluate = None,
    budget: Budget = None,
    periods: Periods = None,
    start: Start = None,
    objective: Look = None,
    target: Target = None,
    timing: When = None,
    sweep: Sweeping = False,
    frontier: Cautious = False,
    sensitivity: Leaning = False,
    points: Points = None,
    project: ProjectFile = DEFAULT_PROJECT,
    run: RunRef = None,
    force: Force = False,
    dry_run: DryRun = False,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Find the best budget within your rules, and prove it.

    Window, objective and rules come from [plan] in the project file; a --scenario goes before it, and the other options
    before both. The plan is compared with the reference plan. Several scenarios are planned one by one and laid side by
    side. Exit 5 where the rules cannot all hold.
    """
    from cli.fits import open_fit
    from cli.questions import Overrides, Planners, question_of_book, questions_of

    files = [*(scenario or ()), *(more or ())]
    around = Around(sweep, frontier, sensitivity, points)
    _refuse_mixed(files, more if not scenario else None, evaluate, around)
    _refuse_two_sources(files, book)
    overrides = Overrides(budget, periods, start.date() if start else None, objective, target, timing)
    fit = open_fit(project, run, force=force)
    if book is None:
        questions, loaded = questions_of(project, files, overrides)
    else:
        question, loaded = question_of_book(project, book, overrides)
        questions = (question,)
    planners = Planners(fit, loaded, project.parent, force=force)
    answers = [_decide_in(planners.of(question.section), question, evaluate, around) for question in questions]
    _ensure_comparable(answers)
    written = [None] * len(answers) if dry_run else keep(planners, answers, project)
    results = [summarise(answer, fit, kept) for answer, kept in zip(answers, written, strict=True)]
    _tell(fit, answers, results, as_json=as_json)


def _ensure_comparable(answers: Sequence[Answer]) -> None:
    """Refuse plans that cannot be laid side by side before any of them is kept."""
    if len(answers) > 1:
        from budget import scenarios

        scenarios.compare([scenarios.Scenario.of(answer.allocation) for answer in answers])


def _decide_in(planner: Planner, question: Question, brought: Path | None, around: Around) -> Answer:
    """The answer; a refusal names the scenario's file."""
    from outlay.errors import ConfigError, PlanError

    try:
        return decide(planner, question, brought, around)
    except (ConfigError, PlanError) as problem:
        if question.file is None and question.book is None:
            raise
        where = question.where(problem.where)
        raise type(problem)(problem.what, where=where, repair=problem.repair, id=problem.id) from problem


def decide(planner: Planner, question: Question, brought: Path | None = None, around: Around | None = None) -> Answer:
    """Ask the optimizer, or let it judge the plan that was brought."""
    from budget import frontier, read_plan, sensitivity, sweep

    asked, section = around or Around(), question.section
    if brought is not None:
        # a path on the command line counts from where the user stands, not from the project file
        return Answer(question, planner.evaluate(section, read_plan(str(brought), Path()), where=str(brought)))
    return Answer(
        question,
        planner.optimize(section),
        sweep=sweep(planner, section, asked.points or 11) if asked.sweep else None,
        frontier=frontier(planner, section, asked.points or 6) if asked.frontier else None,
        sensitivity=sensitivity(planner, section) if asked.sensitivity else None,
    )


def keep(planners: Planners, answers: Sequence[Answer], project: Path) -> list[Run]:
    """Keep every plan as a run made from the fit, and the conversion model; plans of one call know each other."""
    batch = None
    if len(answers) > 1:
        from secrets import token_hex

        batch = {"batch": token_hex(8), "names": [answer.allocation.name for answer in answers]}
    return [write(planners, answer, project, batch) for answer in answers]


def write(planners: Planners, answer: Answer, project: Path, batch: Mapping[str, object] | None = None) -> Run:
    """Keep one plan with its question, its draws and what stands around it."""
    from budget.leads_told import segments_frame
    from cli.config import runs_root
    from outlay.runs import RunWriter

    found, loaded = answer.allocation, planners.loaded
    parents = planners.parents(answer.question.section)
    with RunWriter(runs_root(project), "plan", command=sys.argv, seed=None, parents=parents) as writer:
        for name, table in (("allocation", found.table), ("flighting", found.flighting), ("draws", found.draws)):
            writer.write_table(name, table)
        if found.leads.segments:
            writer.write_table("segments", segments_frame(found.leads.segments))
        if answer.sweep is not None:
            writer.write_table("sweep", answer.sweep.table)
        if answer.frontier is not None:
            writer.write_table("frontier", answer.frontier.table)
        if answer.sensitivity is not None:
            writer.write_table("sensitivity", answer.sensitivity.channels)
        writer.write_json("allocation", summarise(answer, planners.fit, None).document())
        writer.write_json("section", found.section.model_dump(mode="json"))
        writer.write_json("findings", [finding.as_dict() for finding in found.findings])
        if batch is not None:
            writer.write_json("batch", batch)
        if loaded is not None:
            writer.path("config.lock.toml").write_text(loaded.text, encoding="utf-8")
        if answer.question.file is not None:
            text = answer.question.file.read_text(encoding="utf-8-sig")
            writer.path("scenario.toml").write_text(text, encoding="utf-8")
    return writer.run


def summarise(answer: Answer, fit: Run, written: Run | None) -> PlanOutput:
    """The plan as the document that ``--json`` prints."""
    from budget.document import PlanOutput
    from budget.document_around import FrontierOutput
    from cli.fits import is_trusted

    about: dict[str, object] = {"run": written.id if written else None, "fit": fit.id, "trusted": is_trusted(fit)}
    if answer.sweep is not None:
        about["sweep"] = answer.sweep.to_json()
    if answer.frontier is not None:
        about["frontier"] = FrontierOutput.of(answer.frontier)
    if answer.sensitivity is not None:
        about["sensitivity"] = answer.sensitivity.to_json()
    return PlanOutput.of(answer.allocation, **about)


def _tell(fit: Run, answers: Sequence[Answer], results: Sequence[PlanOutput], *, as_json: bool) -> None:
    from cli.planning import show
    from cli.terminal import print_findings, print_json

    if len(answers) == 1:
        if as_json:
            print_json(results[0].document())
            return
        show(results[0])
        print_findings(answers[0].allocation.findings)
        return
    from budget.document_compare import ScenariosOutput
    from cli.comparing import comparison_of, show_scenarios

    comparison = comparison_of(fit, [answer.allocation for answer in answers], [result.run for result in results])
    if as_json:
        print_json(ScenariosOutput(plans=list(results), comparison=comparison).document())
        return
    show_scenarios(results, comparison)


def _refuse_two_sources(files: Sequence[Path], book: Path | None) -> None:
    from cli.questions import refused

    if files and book is not None:
        raise refused(f"{files[0]} and {book} ask two questions; name scenarios or a workbook", "--from")


def _refuse_mixed(files: Sequence[Path], loose: list[Path] | None, evaluate: Path | None, around: Around) -> None:
    from cli.questions import refused

    if loose:
        raise refused(f"{loose[0]} stands alone; write --scenario before scenario files", str(loose[0]))
    if around.words and evaluate is not None:
        raise refused(f"{around.words} plans anew, and --evaluate judges a plan as it is", around.words)
    if around.words and len(files) > 1:
        raise refused(f"{around.words} stands around one plan, and {len(files)} scenarios were named", around.words)
    if around.points is not None and not (around.sweep or around.frontier):
        raise refused("--points counts the points of --sweep or --frontier, and neither was asked for", "--points")
