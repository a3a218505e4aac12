"""``outlay roi``: what each channel returned."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from cli.options import DEFAULT_PROJECT, Debug, Force, Json, ProjectFile, RunRef

if TYPE_CHECKING:
    from cli.outputs import RoiOutput, RoiRow, TotalRow
    from cli.terminal import TextTable
    from outlay.runs import Run


def command(
    project: ProjectFile = DEFAULT_PROJECT,
    run: RunRef = None,
    force: Force = False,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Show what each channel returned, with intervals."""
    from cli.fits import open_fit
    from cli.terminal import print_json

    result = summarise(open_fit(project, run, force=force))
    if as_json:
        print_json(result.document())
    else:
        show(result)


def summarise(run: Run) -> RoiOutput:
    """The ROI table of a fit run, totals first."""
    from cli.fits import is_trusted, mapping
    from cli.outputs import BaselineRow, RoiOutput, RoiRow
    from cli.rows import documents

    model = mapping(run, "model.json")
    baseline = documents(run.table("baseline"), BaselineRow)
    return RoiOutput(
        run=run.id,
        trusted=is_trusted(run),
        currency=str(model["currency"]),
        outcome_unit=str(model["outcome_unit"]),
        hdi=float(model["hdi"]),
        rows=documents(run.table("roi"), RoiRow),
        baseline={row.component: row for row in baseline},
        totals=totals_of(run),
    )


def totals_of(run: Run) -> dict[str, TotalRow]:
    """Sums over components by name; empty where the run holds none."""
    from cli.outputs import TotalRow
    from cli.rows import documents

    if "tables/totals.parquet" not in run.manifest["files"]:
        return {}
    return {row.component: row for row in documents(run.table("totals"), TotalRow)}


def show(result: RoiOutput) -> None:
    """Print the ROI table of the total, and one for each group where there are groups."""
    from cli.terminal import print_table, say

    groups = list(dict.fromkeys(row.group for row in result.rows))
    for group in groups:
        print_table(_table(result, [row for row in result.rows if row.group == group], group, first=group == groups[0]))
    weak = [row.channel for row in result.rows if row.group == groups[0] and row.identified != "yes"]
    if weak:
        say(
            f"\nThe data say little or nothing about {', '.join(weak)}: these intervals mostly repeat what was assumed "
            "before the data. Treat the numbers as assumptions; a lift test would settle them."
        )


def _table(result: RoiOutput, rows: list[RoiRow], group: str | None, *, first: bool) -> TextTable:
    from cli.fits import untrusted_mark
    from cli.terminal import Column, TextTable
    from outlay import style

    level = f"{100 * result.hdi:g}%"
    money = result.outcome_unit == result.currency
    per = "ROI" if money else f"{result.outcome_unit} per {result.currency}"
    columns = [
        Column("Channel", False),
        Column(f"Spend\n({result.currency})"),
        Column(f"Contribution\n({result.outcome_unit})"),
        Column(f"{level} HDI", optional=2),
        Column("Share", optional=1),
        Column(per),
        Column(f"{level} HDI"),
        Column(f"Marginal\n{'ROI' if money else 'return'}", optional=3),
        Column(f"{level} HDI", optional=4),
        Column("Data say", False),
    ]
    cells = [_cells(row) for row in sorted(rows, key=lambda row: (not row.paid, -(row.contribution_mean or 0.0)))]
    total = None if group else _total(result.totals.get("paid media"))
    place = f" in {group}" if group else ""
    notes = [
        f"ROI: {'outcome' if money else result.outcome_unit} caused per {result.currency} spent, effects after the "
        f"window included; intervals hold {level} of the posterior."
    ]
    return TextTable(f"What media returned{place}  (run {result.run}){untrusted_mark(result.trusted)}", columns, cells, total, notes if first else ())


def _cells(row: RoiRow) -> tuple[str, ...]:
    from outlay import style

    paid = row.paid
    return (
        row.channel,
        style.number(row.spend) if paid else "organic",
        style.number(row.contribution_mean),
        _interval(row.contribution_hdi_low, row.contribution_hdi_high, style.number),
        style.percent(row.share_mean),
        style.ratio(row.roi_mean) if paid else "",
        _interval(row.roi_hdi_low, row.roi_hdi_high, style.ratio) if paid else "",
        style.ratio(row.mroi_mean) if paid else "",
        _interval(row.mroi_hdi_low, row.mroi_hdi_high, style.ratio) if paid else "",
        {"yes": "enough", "weak": "little", "no": "nothing"}[row.identified],
    )


def _total(row: TotalRow | None) -> tuple[str, ...] | None:
    from outlay import style

    if row is None:
        return None
    return (
        row.component,
        style.number(row.spend),
        style.number(row.mean),
        _interval(row.hdi_low, row.hdi_high, style.number),
        style.percent(row.share_mean),
        style.ratio(row.roi_mean),
        _interval(row.roi_hdi_low, row.roi_hdi_high, style.ratio),
        "",
        "",
        "",
    )


def _interval(low: float | None, high: float | None, write: Callable[[float | None], str]) -> str:
    return "" if low is None or high is None else f"{write(low)} to {write(high)}"
