"""What the report is made from, read once from the runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from budget.document import PlanOutput
from budget.document_compare import CompareOutput
from mmm.document import BaselineRow, RoiRow, TotalRow
from mmm.told import Told
from outlay.document import TrustCheck

if TYPE_CHECKING:
    import pandas as pd

    from cli.outputs.validation import ValidateOutput
    from mmm.media import FittedMedia
    from outlay.findings import Finding
    from outlay.runs import Run


@dataclass(frozen=True)
class ReportData:
    """Tables and facts of one fit, and of the plan made from it where there is one.

    Attributes
    ----------
    fit : Run
        The fit run.
    plan_run : Run or None
        The plan run.
    model : mapping
        Facts about the model (``model.json``).
    told : Told
        Returns, curves, contributions and the fit against the outcome, as charts take them.
    baseline, total
        Typed rows of the run's tables; ``total`` is all paid media.
    shapes : DataFrame
        Half-lives and half-saturations.
    trusted : bool
    checks, reasons
        The trust gate.
    findings : tuple of Finding
    plan : PlanOutput or None
    brought_run, brought
        The latest plan that was brought with ``--evaluate`` after a recommended one; None where the plan itself was.
    scenarios : CompareOutput or None
        The plan beside those that were made in one call with it.
    validation_run, validation
        The latest validation of the fit, where there is one.
    fitted : FittedMedia or None
        The fit with its draws; None for a run that keeps only tables.
    """

    fit: Run
    plan_run: Run | None
    model: Mapping[str, Any]
    told: Told
    baseline: tuple[BaselineRow, ...]
    total: TotalRow
    shapes: pd.DataFrame
    trusted: bool
    checks: tuple[TrustCheck, ...]
    reasons: tuple[str, ...]
    findings: tuple[Finding, ...]
    plan: PlanOutput | None
    brought_run: Run | None
    brought: PlanOutput | None
    scenarios: CompareOutput | None
    validation_run: Run | None
    validation: ValidateOutput | None
    fitted: FittedMedia | None

    @property
    def trust_facts(self) -> Mapping[str, Any]:
        """The fit's ``trust.json``: draws and chains beside the rules."""
        from cli.fits import trust_of

        return trust_of(self.fit)

    @property
    def currency(self) -> str:
        """Currency of spend."""
        return str(self.model["currency"])

    @property
    def unit(self) -> str:
        """Unit of the outcome: the currency, or the KPI's name."""
        return str(self.model["outcome_unit"])

    @property
    def money(self) -> bool:
        """Whether the outcome is money, so that there is an ROI."""
        return bool(self.model["money"])

    @property
    def outcome(self) -> str:
        """Name of the outcome: the KPI, or its value where units have one."""
        return self.told.outcome

    @property
    def period(self) -> str:
        """What a period is called: ``"week"``."""
        return str(self.model.get("period", "period"))

    @property
    def title(self) -> str:
        """The project's name, as its file had it when the fit was made."""
        import tomllib

        if "config.lock.toml" not in self.fit.manifest["files"]:
            return self.outcome
        project = tomllib.loads(self.fit.file("config.lock.toml").read_text(encoding="utf-8")).get("project", {})
        return str(project.get("name", self.outcome))

    @property
    def level(self) -> str:
        """Level of the intervals, ``"90%"``."""
        return f"{100 * float(self.model['hdi']):g}%"

    @property
    def groups(self) -> tuple[str, ...]:
        """Groups of a panel; empty for a national model."""
        return tuple(dict.fromkeys(row.group for row in self.told.roi if row.group is not None))

    def total_rows(self) -> list[RoiRow]:
        """Channels and levers over all groups: paid, organic, levers, and the largest contribution first."""
        return self.told.total_rows()


def gather(fit: Run, plan_run: Run | None) -> ReportData:
    """Read everything that the report shows.

    Raises
    ------
    RunError
        Where a file of the run is missing, damaged or of another version.
    """
    from cli.fits import findings_of, is_trusted, mapping, reasons, trust_checks
    from cli.report.appendix import loaded
    from cli.report.validation import latest_validation, read_validation
    from outlay.document import documents

    checked = latest_validation(fit)
    beside = None if plan_run is None else brought_after(fit, plan_run)
    model = mapping(fit, "model.json")
    return ReportData(
        fit=fit,
        plan_run=plan_run,
        model=model,
        told=Told.of_tables(model, {name: fit.table(name) for name in ("roi", "curves", "contributions", "fit")}),
        baseline=tuple(documents(fit.table("baseline"), BaselineRow)),
        total=documents(fit.table("total"), TotalRow)[0],
        shapes=fit.table("shapes"),
        trusted=is_trusted(fit),
        checks=tuple(trust_checks(fit)),
        reasons=tuple(reasons(fit)),
        findings=tuple(findings_of(fit)),
        plan=None if plan_run is None else read_plan_document(plan_run),
        brought_run=beside,
        brought=None if beside is None else read_plan_document(beside),
        scenarios=None if plan_run is None else _scenarios_with(fit, plan_run),
        validation_run=checked,
        validation=None if checked is None else read_validation(checked, fit),
        fitted=loaded(fit),
    )


def _scenarios_with(fit: Run, plan_run: Run) -> CompareOutput | None:
    """The comparison of the call that made a plan; None where it made no other."""
    from cli.comparing import batch_of, comparison_of_runs
    from outlay.runs import list_runs

    together = batch_of(plan_run, [run for run in list_runs(plan_run.path.parent) if run.kind == "plan"])
    return comparison_of_runs(fit, together) if len(together) > 1 else None


def read_plan_document(run: Run) -> PlanOutput:
    """The ``allocation.json`` of a plan run."""
    from pydantic import ValidationError

    from outlay.errors import RunError

    try:
        return PlanOutput.model_validate(run.json("allocation.json"))
    except ValidationError as problem:
        raise RunError(
            "the allocation does not fit this version",
            where=str(run.path / "allocation.json"),
            repair="Plan again with this version.",
            id="R004",
        ) from problem


def latest_plan_of(fit: Run, root: Path, ref: str | None) -> Run | None:
    """The plan that was asked for, or the latest one made from the fit; None where there is none.

    A plan that was brought with ``--evaluate`` is judged and not recommended: it is the latest one only where nothing
    else was made from the fit.
    """
    from outlay.errors import RunError
    from outlay.runs import open_run

    if ref is not None:
        run = open_run(root, ref, "plan", option="--plan")
        if fit.id not in run.parents:
            raise RunError(
                f"this plan was made from another fit ({', '.join(run.parents)})",
                where=f"--plan {run.id}",
                repair=f"Name that fit with --run, or plan again from {fit.id}.",
                id="R002",
            )
        return run
    mine = _newest_first(fit, root)
    return next((run for run in mine if not _was_brought(run)), mine[0] if mine else None)


def brought_after(fit: Run, plan_run: Run) -> Run | None:
    """The latest plan that was brought after a recommended one; None where that one was brought itself."""
    mine = _newest_first(fit, plan_run.path.parent)
    ids = [run.id for run in mine]
    if plan_run.id not in ids or _was_brought(plan_run):
        return None
    return next((run for run in mine[: ids.index(plan_run.id)] if _was_brought(run)), None)


def _newest_first(fit: Run, root: Path) -> list[Run]:
    from outlay.runs import list_runs

    return [run for run in list_runs(root) if run.kind == "plan" and fit.id in run.parents][::-1]


def _was_brought(run: Run) -> bool:
    return read_plan_document(run).evaluated
