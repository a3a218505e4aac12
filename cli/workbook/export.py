"""The workbook of a study: from the runs to the file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from budget.document import PlanOutput
from cli.workbook.book import About, Book, Paper, Value, in_unit, now
from cli.workbook.sheet import HEAD_ROW, Column, Sheet

if TYPE_CHECKING:
    from datetime import datetime

    from budget.document_around import SweepOutput
    from budget.document_compare import CompareOutput
    from cli.outputs.export_xlsx import ExportXlsxOutput
    from cli.report.data import ReportData
    from outlay.document import FindingRow
    from outlay.findings import Finding
    from outlay.runs import Run

MOST_PLANS = 6
"""Plans that get a sheet."""


@dataclass(frozen=True)
class Asked:
    """What is asked of a workbook; see the options of ``outlay export xlsx``."""

    out: Path | None = None
    plan: str | None = None
    run: str | None = None
    force: bool = False
    dry_run: bool = False


def export_workbook(project: Path, asked: Asked) -> ExportXlsxOutput:
    """Write the workbook of a fit and its plans.

    Raises
    ------
    ConfigError
        X001, where the file is there and holds somebody's edits. X007, where its name is not that of a workbook.
    TrustError
        Where the fit did not pass the trust gate and ``force`` is not given.
    """
    from cli.config import load, project_section, runs_root
    from cli.fits import is_trusted, open_fit
    from cli.outputs.export_xlsx import ExportXlsxOutput
    from cli.report.data import gather, latest_plan_of
    from cli.report.look import report_section
    from outlay import style
    from outlay.exports import atomic_write
    from outlay.objects import address_in

    root = runs_root(project)
    fit = open_fit(project, asked.run, force=asked.force)
    plan = latest_plan_of(fit, root, asked.plan)
    path = asked.out or project.parent / "reports" / f"{(plan or fit).id}.xlsx"
    _ensure_workbook(path)
    _ensure_unedited(path)
    loaded = load(project) if project.is_file() else None
    paper = report_section(loaded).paper
    with style.numbers_as(project_section(loaded).numbers if loaded is not None else "1,234.56"):
        runs, compared, others = _scenarios(fit, plan, root)
        plans = [_document(run, fit) for run in runs]
        content, sheets = study_workbook(gather(fit, plan), plans, compared, paper=paper)
    if not asked.dry_run:
        atomic_write(path, content)
    return ExportXlsxOutput(
        path=address_in(path) or str(path),
        written=not asked.dry_run,
        run=fit.id,
        plans=[run.id for run in runs],
        left_out=[run.id for run in others],
        trusted=is_trusted(fit),
        bytes=len(content),
        sheets=sheets,
    )


def study_workbook(
    data: ReportData,
    plans: Sequence[PlanOutput],
    compared: CompareOutput | None = None,
    *,
    made: datetime | None = None,
    paper: Paper = "A4",
) -> tuple[bytes, list[str]]:
    """The workbook of a fit and its plans, and the names of its sheets."""
    from cli.workbook.contributions_sheets import contributions_sheets
    from cli.workbook.fit_sheets import curves_sheet, groups_sheet, roi_sheet
    from cli.workbook.flighting_sheet import flighting_sheet
    from cli.workbook.plans import plan_sheets, sheet_name, store
    from cli.workbook.scenarios_sheet import scenarios_sheet
    from cli.workbook.summary_sheet import summary_sheet, write_contents
    from cli.workbook.words_sheets import assumptions_sheet, definitions_sheet

    about = About(
        fit=data.fit.id,
        plan=", ".join(str(plan.run) for plan in plans),
        currency=data.currency,
        unit=data.unit,
        plan_unit=plans[0].outcome_unit if plans else data.unit,
        hdi=float(data.model["hdi"]),
        trusted=data.trusted,
        made=made or now(),
        paper=paper,
    )
    book = Book(about, data.title)
    summary, row = summary_sheet(book, data)
    roi_sheet(book, data)
    groups_sheet(book, data)
    contributions_sheets(book, data)
    curves_sheet(book, data)
    written = plan_sheets(book, plans)
    for i, plan in enumerate(plans):
        flighting_sheet(book, plan, sheet_name("Flighting", i))
    if plans and plans[0].sweep is not None:
        _sweep_sheet(book, plans[0], plans[0].sweep)
    if plans:
        scenarios_sheet(book, plans, compared)
    assumptions_sheet(book, _assumed(data, plans), _findings(data, plans))
    definitions_sheet(book)
    names = [sheet.get_name() for sheet in book.file.worksheets()]
    write_contents(summary, row, names[1:])
    if written:
        store(book, written)
    return book.content(), names


def _ensure_workbook(path: Path) -> None:
    """Refuse a name under which a spreadsheet would not open the file; a device may have any."""
    from outlay.errors import ConfigError

    if path.suffix.lower() == ".xlsx" or (path.exists() and not path.is_file() and not path.is_dir()):
        return
    told = "a workbook is an XLSX file, and a spreadsheet would not open it under this name"
    raise ConfigError(told, where=f"--out {path}", repair="Let the name end in .xlsx.", id="X007")


def _ensure_unedited(path: Path) -> None:
    """Refuse to write over what a planner edited, or over a file that is not ours."""
    from budget.config import PlanSection
    from cli.catalogue import CATALOGUE
    from cli.workbook.read import all_edited
    from outlay.errors import ConfigError

    if not path.is_file():
        return
    try:
        edited = any(each.changed for each in all_edited(path, PlanSection(), name=str(path)))
    except ConfigError:
        edited = True
    if edited:
        what = "this file is there and holds edits, or is another workbook"
        raise ConfigError(what, where=str(path), repair=CATALOGUE["X001"].repair, id="X001")


def _document(run: Run, fit: Run) -> PlanOutput:
    """A plan as it was kept; runs know their own id only once they are written."""
    from cli.fits import is_trusted
    from cli.report.data import read_plan_document

    found = read_plan_document(run)
    asked = {key: value for key, value in run.json("section.json").items() if value not in (None, [], {})}
    question = found.question if found.question is not None else asked
    return found.model_copy(update={"run": run.id, "fit": fit.id, "trusted": is_trusted(fit), "question": question})


def _scenarios(fit: Run, plan: Run | None, root: Path) -> tuple[list[Run], CompareOutput | None, list[Run]]:
    """The plans to tell, the one asked for first: those of its call, else the latest of each name from this fit.

    Behind them the comparison, and the plans that are left out because they count another outcome.
    """
    from cli.comparing import batch_of, comparison_of_runs
    from outlay.errors import ConfigError, RunError
    from outlay.runs import list_runs

    if plan is None:
        return [], None, []
    every = [run for run in list_runs(root) if run.kind == "plan" and fit.id in run.parents]
    together = batch_of(plan, every)
    if len(together) < 2:
        latest = {(_name(run), _counts(run)): run for run in every}
        latest.pop((_name(plan), _counts(plan)), None)
        together = [plan, *latest.values()]
    others = [run for run in together if _counts(run) != _counts(plan)]
    runs = [plan, *(run for run in together if run.id != plan.id and run not in others)][:MOST_PLANS]
    if len(runs) < 2:
        return runs, None, others
    try:
        return runs, comparison_of_runs(fit, runs), others
    except (ConfigError, RunError):
        return runs, None, others  # other windows: side by side all the same, without odds


def _name(plan: Run) -> str | None:
    found = plan.json("allocation.json").get("name")
    return None if found is None else str(found)


def _counts(plan: Run) -> tuple[str, str]:
    """What a plan counts, and in which unit: leads and the money of leads do not go into one table."""
    told = plan.json("allocation.json")
    return str(told["outcome"]), str(told["outcome_unit"])


def _assumed(data: ReportData, plans: Sequence[PlanOutput]) -> list[tuple[Value, ...]]:
    """Sentences by what they are about: the model, the future, each plan, versions and data."""
    from cli.workbook.words_sheets import asked_words

    rows: list[tuple[Value, ...]] = [("model", str(line)) for line in data.model.get("assumed", ())]
    rows += [("after the data", str(line)) for line in data.model.get("future", ())]
    for plan in plans:
        name = f"plan {plan.name}" if plan.name else "plan"
        known = set(data.model.get("future", ()))
        rows += [(name, line) for line in asked_words(plan)]
        rows += [(name, line) for line in plan.assumptions if line not in known]
    rows += [("trust", line) for line in data.reasons]
    manifest = data.fit.manifest
    rows += [("version", f"{name} {version}") for name, version in manifest.get("versions", {}).items()]
    rows += [("data", f"{name}: SHA-256 {value}") for name, value in manifest.get("inputs", {}).items()]
    return rows


def _findings(data: ReportData, plans: Sequence[PlanOutput]) -> list[tuple[str, Finding | FindingRow]]:
    found: list[tuple[str, Finding | FindingRow]] = [("fit", finding) for finding in data.findings]
    for plan in plans:
        found += [(f"plan {plan.name}" if plan.name else "plan", finding) for finding in plan.findings]
    return found


def _sweep_sheet(book: Book, plan: PlanOutput, found: SweepOutput) -> Sheet:
    """The best plan at other totals."""
    from budget.words import stopping

    money, unit, level = found.currency, found.outcome_unit, book.about.level
    back = "ROI" if unit == money else f"{unit} per {money}"
    sheet = Sheet(book, "Sweep", "The best plan at other totals", stopping(found), unit=unit)
    columns = (
        Column(f"Budget ({money})", "money", None, 16),
        Column("Change", "share", None, 10),
        Column(in_unit(f"Expected {plan.outcome}", unit), "outcome", None, 20),
        Column(f"{level} HDI from", "outcome", None, 16),
        Column(f"{level} HDI to", "outcome", None, 16),
        Column(back, "ratio", None, 10),
        Column(f"Marginal {back}", "ratio", None, 10),
        Column(f"Profit ({money})", "money", None, 16),
        Column("Rules can hold", width=10),
    )
    rows = [
        (
            row.budget,
            row.budget_change,
            row.outcome_mean,
            row.outcome_hdi_low,
            row.outcome_hdi_high,
            row.roi_mean,
            row.mroi,
            row.profit_mean,
            "yes" if row.feasible else "no",
        )
        for row in found.rows
    ]
    sheet.table(HEAD_ROW, columns, rows)
    sheet.freeze(HEAD_ROW)
    return sheet
