"""What the page opens: one fit, how a plan is made from it, and what has to be said about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from budget.config import PlanSection
    from budget.document import PlanOutput
    from budget.planner import Planner
    from outlay.findings import Finding
    from outlay.project import ProjectSection
    from outlay.runs import Run


@dataclass(frozen=True, eq=False)
class Study:
    """One fit as a planner meets it.

    Attributes
    ----------
    project : ProjectSection
        Name, currency, margin, how numbers are written and when the fiscal year starts.
    fit : Run
        Its tables (``roi``, ``curves``, ``contributions`` ...) say what was spent and what it returned.
    outcome, unit, period : str
        Name of the outcome, its unit (the currency, or the KPI's name) and what a period is called.
    money : bool
        Whether the outcome is money.
    hdi : float
        Probability inside the intervals.
    trusted : bool
    reasons : tuple of str
        Why the fit did not pass the trust gate.
    findings : tuple of Finding
        Of the fit.
    base : PlanSection
        The project's ``[plan]``: where a planner starts from.
    planner : callable
        The planner that a question is asked of, made when it is first asked for; one thread at a time may ask for it
        (:meth:`planner.desk.Desk.planner` sees to that), and several may share it then.
    stale : callable
        What changed since the fit was made, in sentences; asked again whenever a page is opened.
    workbook : callable
        Answers, by the names of their scenarios, as a workbook (XLSX).
    read_workbook : callable
        The question of a workbook that a planner edited, over another question.
    folder : Path
        Where the scenarios are kept: beside the runs.
    read_only : bool
        Whether nothing can be kept.
    """

    project: ProjectSection
    fit: Run
    outcome: str
    unit: str
    period: str
    money: bool
    hdi: float
    trusted: bool
    reasons: tuple[str, ...]
    findings: tuple[Finding, ...]
    base: PlanSection
    planner: Callable[[PlanSection], Planner]
    stale: Callable[[], tuple[str, ...]]
    workbook: Callable[[tuple[PlanOutput, ...]], bytes]
    read_workbook: Callable[[bytes, PlanSection], PlanSection]
    folder: Path
    read_only: bool = False

    @property
    def currency(self) -> str:
        """Currency of spend."""
        return self.project.currency
