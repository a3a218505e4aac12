"""The five things that ``outlay segment`` does: fit, profile, choose, assign, drift."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from cli.config import load, runs_root
from cli.segments_document import document_of, document_of_run
from cli.segments_response import with_response
from cli.segments_steps import steps

if TYPE_CHECKING:
    import pandas as pd

    from cli.segments_steps import Tell
    from outlay.project import Project
    from segmentation.document import Mode, SegmentOutput
    from segmentation.result import KeptModel, Segmentation


_AHEAD = {
    f"{column}{end}": f"{name}{end}"
    for column, name in (("purchases", "expected_purchases"), ("value", "value_per_purchase"))
    for end in ("", "_low", "_high")
}
"""What columns of lifetime value are called beside what was bought so far."""


@dataclass(frozen=True)
class Asked:
    """What the command line asks for.

    Attributes
    ----------
    project : Path
    mode : {"fit", "profile", "choose", "assign", "drift"}
    data : str or None
        Table in place of the project's.
    k : int or None
        Number of segments in place of the project's.
    run : str or None
        Run to read, in place of the latest.
    force : bool
        Whether to show lifetime value that did not pass the trust gate.
    dry_run : bool
    panel : Path or None
        File for purchases by week and segment.
    """

    project: Path
    mode: Mode
    data: str | None = None
    k: int | None = None
    run: str | None = None
    force: bool = False
    dry_run: bool = False
    panel: Path | None = None


@dataclass(frozen=True, eq=False)
class Found:
    """What there is to show and to write.

    Attributes
    ----------
    output : SegmentOutput
    tables : mapping of str to DataFrame
        By name as in the run.
    model : KeptModel or None
        None where no segments were made or read.
    versions : mapping of str to str
        Of the packages that made the run.
    sections : frozenset of str
        Sections of the project file; ``"leads.labels"`` where leads take segments.
    """

    output: SegmentOutput
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    model: KeptModel | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    sections: frozenset[str] = frozenset()

    def customers(self) -> pd.DataFrame:
        """Every customer: segment, sureness, money, purchases and lifetime value, as far as there is any.

        Lifetime value that may not be shown is not among them.
        """
        table = self.tables["labels"].rename(columns={"value": "spent"})
        for name in ("purchases", "clv") if self.output.clv else ("purchases",):
            if name in self.tables:
                ahead = {column: _AHEAD.get(column, column) for column in self.tables[name].columns}
                more = self.tables[name].rename(columns=ahead)
                table = table.merge(more, on="id", how="left", validate="one_to_one")
        return table


def find(asked: Asked) -> Found:
    """Do what was asked for."""
    project = load(asked.project)
    if asked.panel is not None:
        from cli.segments_panel import check_panel

        check_panel(asked.panel, project)
    if asked.mode == "profile":
        return replace(_profile(asked, project), sections=_sections(project))
    with steps() as tell:
        found = {"fit": _fit, "choose": _choose, "assign": _assign, "drift": _drift}[asked.mode](asked, project, tell)
    return replace(found, sections=_sections(project))


def _sections(project: Project) -> frozenset[str]:
    leads = project.sections.get("leads")
    return frozenset([*project.sections, *(["leads.labels"] if getattr(leads, "labels", None) is not None else [])])


def _fit(asked: Asked, project: Project, tell: Tell) -> Found:
    """Make segments, and keep them as a run."""
    from segmentation import store
    from segmentation.workflow import segment

    root = runs_root(asked.project)
    last = store.latest(root)
    before = None if last is None else store.before_of(last)
    found = with_response(segment(project, k=asked.k, before=before, tell=tell), project, tell)
    if asked.dry_run:
        return Found(_of(found, "fit", None, asked), found.tables, found.model)
    parents = () if last is None or found.facts["parent"] is None else (last,)
    run = store.write(found, project, root, sys.argv, parents)
    return with_panel(
        Found(_of(found, "fit", run.id, asked), found.tables, found.model, run.manifest["versions"]), asked, project
    )


def _assign(asked: Asked, project: Project, tell: Tell) -> Found:
    """Put today's customers to the segments of a run."""
    from segmentation import store
    from segmentation.workflow_assign import assigned

    root = runs_root(asked.project)
    last = store.open_segments(root, asked.run)
    found = assigned(project, store.before_of(last), asked.data, tell)
    if asked.dry_run:
        return Found(_of(found, "assign", None, asked), found.tables)
    run = store.write(found, project, root, sys.argv, (last,))
    return with_panel(Found(_of(found, "assign", run.id, asked), found.tables), asked, project)


def _drift(asked: Asked, project: Project, tell: Tell) -> Found:
    """Compare today's customers with those of a run, and keep nothing."""
    from segmentation import store
    from segmentation.workflow_assign import assigned

    last = store.open_segments(runs_root(asked.project), asked.run)
    found = assigned(project, store.before_of(last), asked.data, tell)
    tables = {name: table for name, table in found.tables.items() if name == "drift"}
    return Found(document_of("drift", None, tables, found.facts, found.findings, force=asked.force), tables)


def _choose(asked: Asked, project: Project, tell: Tell) -> Found:
    """Judge how many segments there are, and keep nothing."""
    from segmentation.workflow import choose

    choice, facts, findings = choose(project, tell=tell)
    tables = {"choice": choice.table}
    return Found(document_of("choose", None, tables, facts, findings, force=asked.force), tables)


def _profile(asked: Asked, project: Project) -> Found:
    """Tell a run again."""
    from segmentation import store

    kinds = (store.FIT, store.ASSIGN)
    run = store.open_segments(runs_root(asked.project), asked.run, kinds if asked.run is not None else kinds[:1])
    tables = store.tables_of(run)
    model = store.before_of(run).model if run.kind == store.FIT else None
    found = Found(
        document_of_run(run, tables, force=asked.force, mode="profile"), tables, model, run.manifest["versions"]
    )
    return with_panel(found, asked, project)


def _of(found: Segmentation, mode: Mode, run: str | None, asked: Asked) -> SegmentOutput:
    return document_of(mode, run, found.tables, found.facts, found.findings, force=asked.force)


def with_panel(found: Found, asked: Asked, project: Project) -> Found:
    """Write purchases by week and segment where a file for them was named; what was seen on the way is told, too."""
    if asked.panel is None:
        return found
    from cli.segments_panel import write_panel
    from outlay.document import FindingRow

    told = write_panel(asked.panel, project, found.tables["labels"])
    known = found.output.findings
    more = [row for row in (FindingRow.of(finding) for finding in told) if row not in known]
    return replace(found, output=found.output.model_copy(update={"findings": [*known, *more]}))
