"""``outlay roi``: what each channel returned."""

from __future__ import annotations

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
    """The ROI table of a fit run, totals over groups first."""
    from cli.fits import is_trusted, mapping
    from cli.outputs import BaselineRow, RoiOutput, RoiRow, TotalRow
    from cli.rows import documents

    model = mapping(run, "model.json")
    parts = documents(run.table("baseline"), BaselineRow)
    return RoiOutput(
        run=run.id,
        trusted=is_trusted(run),
        currency=str(model["currency"]),
        outcome_unit=str(model["outcome_unit"]),
        hdi=float(model["hdi"]),
        margin=model.get("margin"),
        window_start=str(model["window_start"]),
        window_end=str(model["window_end"]),
        rows=documents(run.table("roi"), RoiRow),
        baseline={row.component: row for row in parts if row.kind not in ("paid", "organic")},
        total=documents(run.table("total"), TotalRow)[0],
    )


_TOLD = {
    "weak": "little about {}: the intervals hold, but their middle leans on what was assumed before the data.",
    "no": "nothing about {}: these intervals mostly repeat what was assumed before the data. Treat the numbers as "
    "assumptions; a lift test would settle them.",
}


def show(result: RoiOutput) -> None:
    """Print the ROI table of the total, and one for each group where there are groups."""
    from cli.terminal import print_table, say

    groups = list(dict.fromkeys(row.group for row in result.rows))
    for group in groups:
        print_table(_table(result, [row for row in result.rows if row.group == group], group, first=group == groups[0]))
    told = {
        word: [row.channel for row in result.rows if row.group == groups[0] and row.identified == word]
        for word in ("weak", "no")
    }
    for word, what in _TOLD.items():
        if told[word]:
            say(f"\nThe data say {what.format(', '.join(told[word]))}")


def _table(result: RoiOutput, rows: list[RoiRow], group: str | None, *, first: bool) -> TextTable:
    from cli.fits import untrusted_mark
    from cli.terminal import Column, TextTable
    from outlay import style

    level = f"{100 * result.hdi:g}%"
    money = result.outcome_unit == result.currency
    returned = (
        [Column("ROI"), Column(f"{level} HDI"), Column("Marginal\nROI", optional=2), Column(f"{level} HDI", optional=2)]
        if money
        else [Column(f"{result.currency} per\n{result.outcome_unit}"), Column(f"{level} HDI")]
    )
    columns = [
        Column("Channel", False),
        Column(f"Spend\n({result.currency})"),
        Column(f"Contribution\n({result.outcome_unit})", optional=1),
        Column(f"{level} HDI", optional=1),
        Column("Share", optional=3),
        *returned,
        Column("Data say", False),
    ]
    ordered = sorted(rows, key=lambda row: (not row.paid, -(row.contribution_mean or 0.0)))
    cells = [
        (
            row.channel,
            style.number(row.spend) if row.paid else "organic",
            *contribution_cells(row),
            *(returned_cells(row) if money else cost_cells(row)),
            data_say(row),
        )
        for row in ordered
    ]
    place = f" in {group}" if group else ""
    window = f"{result.window_start} to {result.window_end}"
    title = f"What media returned{place}, {window}  (run {result.run}){untrusted_mark(result.trusted)}"
    return TextTable(title, columns, cells, _total(result, money) if first else None, _notes(result, money, first))


def data_say(row: RoiRow) -> str:
    """How much of the row's answer is the data's, with the id of the warning that stands beside it."""
    said = {"yes": "enough", "weak": "little", "no": "nothing"}[row.identified]
    return f"{said}, {row.warning}" if row.warning else said


def _notes(result: RoiOutput, money: bool, first: bool) -> list[str]:
    if not first:
        return []
    what = (
        f"ROI: outcome caused per {result.currency} spent (mean of the posterior)"
        if money
        else f"{result.currency} spent per unit of {result.outcome_unit} caused (median)"
    )
    notes = [f"{what}, effects after the window included; intervals hold {100 * result.hdi:g}% of the posterior."]
    if money and result.margin:
        notes.append(
            f"At a margin of {100 * result.margin:g}% a channel pays for itself from an ROI of {1 / result.margin:.2f}."
        )
    doubted = sorted({row.warning for row in result.rows if row.warning})
    if doubted:
        notes.append(f"{' and '.join(doubted)}: read `outlay explain {doubted[0]}` before using these rows.")
    return notes


def contribution_cells(row: RoiRow | TotalRow) -> tuple[str, str, str]:
    """Contribution, its interval and its share of the outcome, as tables show them."""
    from outlay import style

    return (
        style.number(row.contribution_mean),
        style.between(row.contribution_hdi_low, row.contribution_hdi_high),
        style.percent(row.share_mean),
    )


def returned_cells(row: RoiRow | TotalRow) -> tuple[str, str, str, str]:
    """ROI and marginal ROI with their intervals; empty where there is none."""
    from outlay import style

    if row.roi_mean is None:
        return ("", "", "", "")
    return (
        style.ratio(row.roi_mean),
        style.ratio_between(row.roi_hdi_low, row.roi_hdi_high),
        style.ratio(row.mroi_mean),
        style.ratio_between(row.mroi_hdi_low, row.mroi_hdi_high),
    )


def cost_cells(row: RoiRow) -> tuple[str, str]:
    """Cost per unit of the outcome with its interval; empty for organic channels."""
    from outlay import style

    return (
        (style.ratio(row.cpa_median), style.ratio_between(row.cpa_hdi_low, row.cpa_hdi_high)) if row.paid else ("", "")
    )


def _total(result: RoiOutput, money: bool) -> tuple[str, ...]:
    from outlay import style

    row = result.total
    return (
        "paid media",
        style.number(row.spend),
        *contribution_cells(row),
        *(returned_cells(row) if money else ("", "")),
        "",
    )
