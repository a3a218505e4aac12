"""What changed since an earlier fit, and why: data, beliefs, returns and the plan, read from both runs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cli.report.compare_data import DataMoved, data_moved
from cli.report.compare_settings import Setting, settings_moved, versions_moved

if TYPE_CHECKING:
    from budget.document import PlanOutput
    from cli.outputs.answers import ChangeRow, ChangesRows
    from mmm.document import RoiRow
    from mmm.media import FittedMedia
    from outlay.findings import Finding
    from outlay.runs import Run


@dataclass(frozen=True)
class Moved:
    """One channel in both fits, over the periods that both scored.

    Attributes
    ----------
    change : ChangeRow
        The step with its causes; of the ROI, or of the contribution where there is no spend.
    before, after : RoiRow or None
        Means and intervals of both fits; None where a fit does not have the channel in that window.
    """

    change: ChangeRow
    before: RoiRow | None
    after: RoiRow | None

    @property
    def channel(self) -> str:
        """Name of the channel."""
        return self.change.channel

    @property
    def noise(self) -> bool:
        """Whether the step is no more than what another seed would make."""
        return self.change.why == "sampling noise"

    @property
    def beyond(self) -> bool:
        """Whether the new mean lies outside the interval that was reported before."""
        low, _, high = self.interval(earlier=True)
        mean = self.change.after
        return mean is not None and low is not None and high is not None and not low <= mean <= high

    def interval(self, *, earlier: bool) -> tuple[float | None, float | None, float | None]:
        """Low end, mean and high end of the quantity, in one of the fits."""
        row = self.before if earlier else self.after
        mean = self.change.before if earlier else self.change.after
        if row is None:
            return None, mean, None
        if self.change.quantity == "roi":
            return row.roi_hdi_low, mean, row.roi_hdi_high
        return row.contribution_hdi_low, mean, row.contribution_hdi_high


@dataclass(frozen=True)
class Earlier:
    """What changed since an earlier fit.

    Attributes
    ----------
    before, after : Run
        The fits.
    changes : ChangesRows
        Steps with their causes, over the window that both scored.
    moved : tuple of Moved
        Channels over all groups, the largest step in posterior standard deviations first.
    data : DataMoved
    settings : tuple of Setting
    versions : tuple of (str, str, str)
    trusted : bool
        Whether the earlier fit passed the trust gate.
    new_findings, old_findings : tuple of Finding
        Errors and warnings that only the later, or only the earlier fit has.
    plans : tuple of two PlanOutput or None
        The latest plan of each fit, where there is one.
    """

    before: Run
    after: Run
    changes: ChangesRows
    moved: tuple[Moved, ...]
    data: DataMoved
    settings: tuple[Setting, ...]
    versions: tuple[tuple[str, str, str], ...]
    trusted: bool
    new_findings: tuple[Finding, ...]
    old_findings: tuple[Finding, ...]
    plans: tuple[PlanOutput | None, PlanOutput | None]

    @property
    def beliefs(self) -> tuple[Setting, ...]:
        """Settings that can move a return."""
        return tuple(each for each in self.settings if each.belief)


def earlier_fit(root: Path, ref: str, fit: Run, *, force: bool) -> Run:
    """The fit that a report is to be compared with.

    Raises
    ------
    RunError
        Where there is none of that name.
    ConfigError
        X044, where it is the report's own, a later one, or one in another currency.
    TrustError
        Where it did not pass the trust gate and `force` is not given.
    """
    from cli.catalogue import CATALOGUE
    from cli.fits import distrust, is_trusted
    from outlay.errors import ConfigError
    from outlay.runs import open_run

    run = open_run(root, ref, "fit", option="--compare")
    what = _why_not(run, fit)
    if what:
        raise ConfigError(f"{run.id} {what}", where=f"--compare {ref}", repair=CATALOGUE["X044"].repair, id="X044")
    if not is_trusted(run) and not force:
        raise distrust(run)
    return run


def _why_not(run: Run, fit: Run) -> str:
    """Why a fit is none that the report's fit can be set beside; empty where it is."""
    from cli.fits import mapping

    if run.id == fit.id:
        return "is the report's own fit"
    if run.created > fit.created:
        return f"is later than the report's fit {fit.id}"
    old, new = (mapping(each, "model.json").get("currency") for each in (run, fit))
    # a return of 2 USD for one USD and one of 2 EUR for one EUR are alike; amounts and costs of units are not
    return "" if old == new else f"counts money in {old}, and the report's fit in {new}"


def compare(before: Run, after: Run, plan: Run | None) -> Earlier:
    """Read both fits and what became of them.

    Parameters
    ----------
    before, after : Run
        The fits, the earlier one first.
    plan : Run or None
        The plan that the report shows.

    Raises
    ------
    ConfigError
        M026, where the fits have no period in common or are about other outcomes.
    RunError
        Where a file of a run is missing, damaged or of another version.
    """
    from cli.fits import findings_of, is_trusted
    from cli.report.data import latest_plan_of, read_plan_document
    from mmm.media import FittedMedia

    changes, moved = _returns(before, after, FittedMedia.load(before.path), FittedMedia.load(after.path))
    was, now = (
        {(f.id, f.where): f for f in findings_of(run) if f.severity in ("error", "warning")} for run in (before, after)
    )
    earlier_plan = latest_plan_of(before, before.path.parent, None)
    return Earlier(
        before=before,
        after=after,
        changes=changes,
        moved=moved,
        data=data_moved(before, after),
        settings=settings_moved(before, after),
        versions=versions_moved(before, after),
        trusted=is_trusted(before),
        new_findings=tuple(finding for key, finding in now.items() if key not in was),
        old_findings=tuple(finding for key, finding in was.items() if key not in now),
        plans=(
            None if earlier_plan is None else read_plan_document(earlier_plan),
            None if plan is None else read_plan_document(plan),
        ),
    )


def _returns(before: Run, after: Run, old: FittedMedia, new: FittedMedia) -> tuple[ChangesRows, tuple[Moved, ...]]:
    from mmm.document import RoiRow
    from outlay.document import documents

    changes = _kept(before, after) or _computed(before, old, new)
    window = (changes.window_start, changes.window_end)
    rows = [
        {row.channel: row for row in documents(fit.roi(*window), RoiRow) if row.group is None} for fit in (old, new)
    ]
    total = [row for row in changes.rows if row.group is None]
    bought = {row.channel for row in total if row.quantity == "roi"}
    told = [row for row in total if row.quantity == "roi" or row.channel not in bought]
    told.sort(key=lambda row: -abs(row.in_sd or 0.0))
    return changes, tuple(Moved(row, rows[0].get(row.channel), rows[1].get(row.channel)) for row in told)


def _kept(before: Run, after: Run) -> ChangesRows | None:
    """What the later fit kept of the comparison, where it was made with this very run: causes are told apart there."""
    from cli.fits import mapping
    from cli.outputs.answers import ChangeRow, ChangesRows
    from outlay.document import documents

    files = after.manifest["files"]
    if "changes.json" not in files or "tables/changes.parquet" not in files:
        return None
    facts = mapping(after, "changes.json")
    if facts.get("previous") != before.id or "window_start" not in facts:
        return None
    return ChangesRows(**facts, rows=documents(after.table("changes"), ChangeRow))


def _computed(before: Run, old: FittedMedia, new: FittedMedia) -> ChangesRows:
    from cli.outputs.answers import ChangeRow, ChangesRows
    from outlay.document import documents

    changes = new.compare(old)
    facts = changes.facts()
    if changes.unattributed:
        facts["unattributed"] = "data and beliefs both changed, and these are not neighbouring fits"
    return ChangesRows(previous=before.id, **facts, rows=documents(changes.table, ChangeRow))
