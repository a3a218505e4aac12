"""After a fit: the run before it, and the new data under the old beliefs, which tells the causes of a change apart."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mmm.catalogue import CATALOGUE
from mmm.changes import Changes, compare_fits, what_differs
from mmm.engine import obstacle_to_kernel
from mmm.panel import panel_from_table
from mmm.store import load_fit
from outlay.errors import ConfigError, DataError, OutlayError, RunError
from outlay.findings import Finding
from outlay.runs import Run, list_runs
from outlay.sampling import OnProgress

if TYPE_CHECKING:
    from mmm.media import FittedMedia


@dataclass(frozen=True)
class Since:
    """What changed since a run, or why that cannot be said.

    Attributes
    ----------
    run : str
        Id of the previous run.
    changes : Changes or None
        None where the two cannot be compared; the findings say why.
    findings : tuple of Finding
        Notes about the comparison.
    """

    run: str
    changes: Changes | None
    findings: tuple[Finding, ...]

    def facts(self) -> dict[str, Any]:
        """What is kept as ``changes.json``."""
        return {"previous": self.run, **(self.changes.facts() if self.changes else {})}


def since_previous(root: Path, fitted: FittedMedia, base: Path, on_progress: OnProgress | None = None) -> Since | None:
    """Compare a new fit with the latest run of kind ``fit``; None where there is none, or only of another KPI.

    Parameters
    ----------
    root : Path
        Folder of runs.
    fitted : FittedMedia
        The new fit, not yet among them.
    base : Path
        Folder that the data's path counts from.
    on_progress : callable, optional
        Is told of the fit in between, where one is made.
    """
    runs = [run for run in list_runs(root) if run.kind == "fit"] if root.is_dir() else []
    if not runs:
        return None
    latest = max(runs, key=lambda run: run.created)
    try:
        before = _load(latest)
    except RunError as problem:
        return Since(latest.id, None, (CATALOGUE.finding("M012", latest.id, problem.what),))
    if before.design.panel.kpi_name != fitted.design.panel.kpi_name:
        return None
    between, why = None, ""
    if all(what_differs(before, fitted)):
        between, why = _between(before, fitted, base, on_progress)
    try:
        changes = compare_fits(before, fitted, between, why)
    except ConfigError as problem:
        return Since(latest.id, None, (CATALOGUE.finding("M026", latest.id, problem.what),))
    found = [CATALOGUE.finding("M027", latest.id, changes.unattributed)] if changes.unattributed else []
    if not _passed(latest):
        found.append(CATALOGUE.finding("M028", latest.id, "the previous fit did not pass the trust gate"))
    return Since(latest.id, changes, tuple(found))


def _load(run: Run) -> FittedMedia:
    from mmm.media import FittedMedia

    return FittedMedia(*load_fit(run.path))


def _passed(run: Run) -> bool:
    trust = run.json("trust.json")
    return isinstance(trust, dict) and bool(trust.get("passed"))


def _between(
    before: FittedMedia, after: FittedMedia, base: Path, on_progress: OnProgress | None
) -> tuple[FittedMedia | None, str]:
    """The new data under the old beliefs, or why there is no such fit."""
    from mmm.media import MediaMixModel

    section = before.design.section
    if section.channels != after.design.section.channels and after.design.tests:
        return None, "lift tests name channels, and the channels changed"
    section = section.model_copy(update={name: getattr(after.design.section, name) for name in ("source", "csv")})
    section = section.model_copy(update={"sampling": after.design.section.sampling})
    try:
        panel = panel_from_table(section, before.project, base)
        model = MediaMixModel(panel, section, after.project, after.design.tests)
        obstacle = obstacle_to_kernel(model.design)
        if obstacle is not None:
            return None, f"the fit of the new data under the old beliefs would be slow ({obstacle})"
        between = model.fit(on_progress)
    except DataError as problem:
        return None, f"the new data do not go with the old beliefs ({problem.what})"
    except OutlayError as problem:
        return None, f"the new data could not be fitted under the old beliefs ({problem.what})"
    if not between.trust.passed:
        return None, "the fit of the new data under the old beliefs did not pass the trust gate"
    return between, ""
