"""What counts of leads show: stages that nobody or everybody reaches, leads too young, cells without any, too few."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from attribution.catalogue import CATALOGUE
from attribution.leads import LeadCells
from attribution.leads_bands import Bands
from attribution.leads_maturity import LEAST
from attribution.leads_table import LeadsTable
from attribution.leads_words import how_many
from outlay.findings import Finding
from outlay.places import first_few

FEW = 200
"""Leads below which rates by cell are little more than what the model assumes."""

UNEVEN = 1.5
"""A band that holds more than so many times its part of the leads is told as uneven."""


def cell_findings(table: LeadsTable, cells: LeadCells) -> list[Finding]:
    """Findings about the counts as a whole."""
    return [
        *_few(cells),
        *_classes(cells),
        *_young(table, cells),
        *(_bands(table, cells, table.bands) if table.bands and "band" in cells.dims else ()),
        *_empty(cells),
    ]


def _few(cells: LeadCells) -> Iterator[Finding]:
    leads = int(cells.reached[:, 0].sum())
    if leads < FEW:
        what = f"{how_many(leads, 'lead')} reached {cells.stages[0]}"
        yield CATALOGUE.finding("L041", cells.source, what)


def _classes(cells: LeadCells) -> Iterator[Finding]:
    for j, name in enumerate(cells.stages[1:]):
        trials, successes = cells.trials[:, j].sum(), cells.successes[:, j].sum()
        where = f"{cells.source}, column {name}"
        if trials <= 0:
            reached, days = int(cells.reached[:, j].sum()), f"{cells.maturity_days[j]:,.0f}"
            why = f"nobody reached {cells.stages[j]}"
            if reached:
                why = f"all {how_many(reached, 'lead')} at {cells.stages[j]} are younger than {days} days"
            yield CATALOGUE.finding("L042", where, f"no lead had its time for {name}: {why}")
        elif successes in (0, trials):
            who = "nobody" if successes == 0 else "everybody"
            yield CATALOGUE.finding("L043", where, f"{who} of {trials:,.0f} leads reached {name}")
        elif successes < LEAST:
            what = f"{successes:,.0f} of {trials:,.0f} leads reached {name}"
            yield CATALOGUE.finding("L041", where, what)


def _young(table: LeadsTable, cells: LeadCells) -> Iterator[Finding]:
    for j, name in enumerate(cells.stages[1:]):
        days, reached = cells.maturity_days[j], int(cells.reached[:, j].sum())
        where = f"{cells.source}, column {name}"
        if cells.young[j]:
            what = (
                f"{cells.young[j]:,} of {reached:,} leads at {cells.stages[j]} are left out of the rate of {name}: "
                f"younger than {days:,.0f} days on {table.as_of.isoformat()}"
            )
            yield CATALOGUE.finding("L033", where, what)


def _bands(table: LeadsTable, cells: LeadCells, bands: Bands) -> Iterator[Finding]:
    where = f"{table.source}, column {table.section.score}"
    sizes = np.bincount(cells.code("band"), weights=cells.reached[:, 0], minlength=len(bands.names))[: len(bands.names)]
    parts = sizes / max(sizes.sum(), 1)
    wanted = table.section.score_bands
    if len(bands.names) < wanted or parts.max() > UNEVEN / wanted:
        told = ", ".join(f"{name}: {part:.0%}" for name, part in zip(bands.names, parts, strict=True))
        what = f"equal scores stay together, so that {len(bands.names)} bands of uneven size come of {wanted}: {told}"
        yield CATALOGUE.finding("L027", where, what)


def _empty(cells: LeadCells) -> Iterator[Finding]:
    """Cells of segment and channel that a plan may ask about and no lead is in."""
    pair = [dim for dim in ("segment", "channel") if dim in cells.dims]
    if len(pair) < 2:
        return
    sizes = tuple(len(cells.levels[dim]) for dim in pair)
    seen = np.zeros(sizes, bool)
    seen[cells.code(pair[0]), cells.code(pair[1])] = True
    gaps = np.argwhere(~seen)
    if len(gaps):
        told = first_few(f"{cells.levels[pair[0]][a]} x {cells.levels[pair[1]][b]}" for a, b in gaps)
        more = f" and {len(gaps) - 5} more" if len(gaps) > 5 else ""
        what = f"{len(gaps):,} of {seen.size:,} cells of {' x '.join(pair)} hold no lead: {told}{more}"
        yield CATALOGUE.finding("L044", cells.source, what)
