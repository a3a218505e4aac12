"""The ``[leads]`` section in a few lines: what ``outlay check`` tells of it."""

from __future__ import annotations

from pathlib import Path

from attribution.catalogue import CATALOGUE
from attribution.config import LeadsSection
from attribution.leads import MISSING_LEVEL, LeadCells
from attribution.leads_cells import cells_of
from attribution.leads_table import LeadsTable, open_leads
from attribution.leads_words import how_many
from outlay.checked import Checked
from outlay.findings import Finding
from outlay.labels import LATEST, has_labels, runs_beside
from outlay.project import Project, ProjectSection

_SHOWN = 6


def check_leads(project: Project) -> Checked:
    """Read the leads, check every row, and count them as the conversion model will see them.

    Raises
    ------
    ConfigError
        C007, C010 to C014: no [leads], no such file, kind of source, or table.
    DataError
        D0xx, L0xx: every error of the table together.
    """
    section, about = project.section("leads", LeadsSection), project.section("project", ProjectSection)
    section, pending = without_pending(section, project.base)
    with open_leads(section, about, project.base) as table:
        cells = cells_of(table)
        return Checked("leads", section.source, tuple(_facts(table, cells)), (*cells.findings, *pending))


def without_pending(section: LeadsSection, base: Path) -> tuple[LeadsSection, tuple[Finding, ...]]:
    """The section without labels where no run has made any yet, so that the first look at the data needs no run."""
    if section.labels is None or section.labels.run != LATEST or has_labels(runs_beside(base)):
        return section, ()
    what = f"segments by {section.labels.customer} are not there yet: leads are checked without them"
    return section.model_copy(update={"labels": None}), (CATALOGUE.finding("L054", "[leads.labels]", what),)


def _facts(table: LeadsTable, cells: LeadCells) -> list[tuple[str, str]]:
    facts, section = table.facts, table.section
    lines = [("Leads", f"{facts.rows:,}, created {facts.first} to {facts.last}")]
    lines.append(("Taken", f"{table.as_of}{'' if section.as_of else ', the latest day in the table'}"))
    reached = cells.reached.sum(0)
    lines.append(("Stages", ", ".join(f"{name} {n:,.0f}" for name, n in zip(cells.stages, reached, strict=True))))
    lines += [("Rate", _rate(cells, j)) for j in range(len(cells.stages) - 1)]
    if section.value:
        total, count = cells.value_sum.sum(), cells.value_count.sum()
        mean = f", {total / count:,.0f} each" if count else ""
        lines.append(
            ("Value", f"{cells.currency} {total:,.0f} of {how_many(int(count), 'lead')} at {section.stages[-1]}{mean}")
        )
    lines += [(_label(dim), _levels(cells, dim)) for dim in cells.dims]
    if table.labels is not None:
        day = "" if table.labels.as_of is None else f", as of {table.labels.as_of}"
        lines.append(("Labels", f"segments of {len(table.labels.frame):,} customers from {table.labels.run.id}{day}"))
    lines.append(("Cells", f"{cells.n_cells:,} of {' x '.join(cells.dims)}"))
    return lines


def _rate(cells: LeadCells, j: int) -> str:
    trials, successes = cells.trials[:, j].sum(), cells.successes[:, j].sum()
    days = cells.maturity_days[j]
    old = f" that are {days:,.0f} days old" if days > 0 else ""
    rate = f"{100 * successes / trials:.1f} %" if trials > 0 else "no rate"
    return f"{cells.stages[j]} to {cells.stages[j + 1]} {rate} of {trials:,.0f}{old}"


def _label(dim: str) -> str:
    return {"band": "Score band"}.get(dim, dim.capitalize())


def _levels(cells: LeadCells, dim: str) -> str:
    names = cells.levels[dim]
    if dim == "period":
        return f"{len(names)}, {names[0]} to {names[-1]}"
    shown = ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
    known = len([name for name in names if name != MISSING_LEVEL])
    return f"{known}: {shown}"
