"""Returns in the terminal: the ROI table, the waterfall, and what would be missing without channels."""

from __future__ import annotations

from cli.fits import untrusted_mark
from cli.outputs.answers import WaterfallRow, WhatIfRow
from cli.outputs.media import RoiOutput
from cli.terminal import emit, print_table, say
from mmm.document import RoiRow
from mmm.shown import (
    carried_cells,
    contribution_cells,
    cost_cells,
    data_say,
    returned_cells,
    spend_cell,
    total_cost_cells,
)
from outlay import style
from outlay.text_table import Column, TextTable

_TOLD = {
    "weak": "little about {}: the intervals hold, but their middle leans on what was assumed before the data.",
    "no": "nothing about {}: these intervals mostly repeat what was assumed before the data. Treat the numbers as "
    "assumptions; a lift test would settle them.",
}


def show(result: RoiOutput) -> None:
    """Print the ROI table of the total, and one for each group where there are groups."""
    groups = list(dict.fromkeys(row.group for row in result.rows))
    for group in groups:
        rows = [row for row in result.rows if row.group == group]
        media, levers = ([row for row in rows if (row.kind == "lever") is lever] for lever in (False, True))
        if group != groups[0]:
            emit("")
        print_table(_table(result, media, group, first=group == groups[0]))
        if levers:
            emit("")
            print_table(_lever_table(result, levers, group))
    told = {
        word: [row.channel for row in result.rows if row.group == groups[0] and row.identified == word]
        for word in ("weak", "no")
    }
    for word, what in _TOLD.items():
        if told[word]:
            say(f"\nThe data say {what.format(', '.join(told[word]))}")


def _table(result: RoiOutput, rows: list[RoiRow], group: str | None, *, first: bool) -> TextTable:
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
        Column("Carried\nover", optional=4),
        Column("Share", optional=3),
        *returned,
        Column("Data say", False),
    ]
    ordered = sorted(rows, key=lambda row: (_ORDER[row.kind], -(row.contribution_mean or 0.0)))
    cells = [
        (
            row.channel,
            spend_cell(row),
            *carried_cells(row),
            *(returned_cells(row) if money else cost_cells(row)),
            data_say(row),
        )
        for row in ordered
    ]
    place = f" in {group}" if group else ""
    window = f"{result.window_start} to {result.window_end}"
    title = f"What media returned{place}, {window}  (run {result.run}){untrusted_mark(result.trusted)}"
    return TextTable(title, columns, cells, _total(result, group, money), _notes(result, money, first))


_ORDER = {"paid": 0, "organic": 1}


def _lever_table(result: RoiOutput, rows: list[RoiRow], group: str | None) -> TextTable:
    """Levers, apart from media: counted from their reference, with an ROI where they cost money."""
    level = f"{100 * result.hdi:g}%"
    cost = any(row.spend is not None for row in rows)
    columns = [
        Column("Lever", False),
        *([Column(f"Cost\n({result.currency})")] if cost else []),
        Column(f"Contribution\n({result.outcome_unit})"),
        Column(f"{level} HDI"),
        Column("Share", optional=1),
        *([Column("ROI"), Column(f"{level} HDI")] if cost else []),
        Column("Data say", False),
    ]
    cells = [
        (
            row.channel,
            *([style.number(row.spend) if row.spend is not None else ""] if cost else []),
            *contribution_cells(row),
            *(returned_cells(row)[:2] if cost else ()),
            data_say(row),
        )
        for row in sorted(rows, key=lambda row: -(row.contribution_mean or 0.0))
    ]
    return TextTable(f"What levers did{f' in {group}' if group else ''}, from their reference", columns, cells)


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


def _total(result: RoiOutput, group: str | None, money: bool) -> tuple[str, ...] | None:
    row = next((row for row in result.totals if row.group == group), None)
    if row is None:
        return None
    return (
        "paid media",
        style.number(row.spend),
        *carried_cells(row),
        *(returned_cells(row) if money else total_cost_cells(row)),
        "",
    )


def show_waterfall(result: RoiOutput) -> None:
    """Print the steps from the base to the outcome, for the total and each group."""
    for i, group in enumerate(dict.fromkeys(row.group for row in result.waterfall)):
        if i:
            emit("")
        print_table(_steps(result, [row for row in result.waterfall if row.group == group], group))
    if not result.waterfall:
        say("This run was made by an older version and keeps no waterfall. --from and --to compute one.")


def _steps(result: RoiOutput, rows: list[WaterfallRow], group: str | None) -> TextTable:
    level = f"{100 * result.hdi:g}%"
    columns = [
        Column("Step", False),
        Column("Kind", False, optional=3),
        Column(f"Outcome\n({result.outcome_unit})"),
        Column(f"{level} HDI", optional=1),
        Column("Share", optional=2),
        Column("Reaches"),
    ]
    whole = max((abs(row.mean or 0.0) for row in rows), default=0.0)
    cells = [
        (
            row.component,
            row.kind if row.kind != row.component else "",
            _signed(row, whole),
            style.between(_clean(row.hdi_low, whole), _clean(row.hdi_high, whole)) if row.kind != "actual" else "",
            style.percent(row.share_mean) if _clean(row.mean, whole) else "0.0%",
            style.number(row.end) if row.kind not in _ENDS else "",
        )
        for row in rows
    ]
    place = f" in {group}" if group else ""
    window = f"{result.window_start} to {result.window_end}"
    title = f"From base to outcome{place}, {window}  (run {result.run}){untrusted_mark(result.trusted)}"
    notes = ["Steps add up to the fitted outcome; the residual is what the outcome was beyond it."]
    return TextTable(title, columns, cells, None, notes if group is None else [])


_ENDS = ("fitted", "residual", "actual")


def _clean(x: float | None, whole: float) -> float | None:
    """Zero for what is rounding beside the outcome."""
    return 0.0 if x is not None and abs(x) <= 1e-9 * whole else x


def _signed(row: WaterfallRow, whole: float) -> str:
    """A step with its sign."""
    mean = _clean(row.mean, whole) or 0.0
    return style.number(mean) if row.kind in ("fitted", "actual") else style.signed(style.number(mean))


def show_what_if(result: RoiOutput) -> None:
    """Print what would be missing, for the total and each group."""
    for i, group in enumerate(dict.fromkeys(row.group for row in result.what_if)):
        if i:
            emit("")
        print_table(_missing(result, [row for row in result.what_if if row.group == group], group))
    together = next(row for row in result.what_if if row.change == "together")
    unit = result.outcome_unit
    before = f"{style.number(together.inside_mean)} {unit} of it in the window"
    say(f"\n{before}, {style.number(together.after_mean)} {unit} after it, where carry-over would be missing.")


def _missing(result: RoiOutput, rows: list[WhatIfRow], group: str | None) -> TextTable:
    level, money = f"{100 * result.hdi:g}%", result.outcome_unit == result.currency
    each = f"Lost per\n{result.currency}" if money else f"{result.outcome_unit} lost\nper {result.currency}"
    columns = [
        Column("What if", False),
        Column(f"Not spent\n({result.currency})"),
        Column(f"Outcome lost\n({result.outcome_unit})"),
        Column(f"{level} HDI"),
        Column("Share", optional=2),
        Column(each, optional=1),
        Column(f"{level} HDI", optional=1),
    ]
    # Where effects add up there is nothing that only the joint question knows.
    shown = [row for row in rows if row.change != "interaction" or row.lost_mean]
    cells = [
        (
            _change_name(row, rows),
            style.number(row.spared) if row.spared else "",
            style.number(row.lost_mean),
            style.between(row.lost_hdi_low, row.lost_hdi_high),
            style.percent(row.share_mean),
            style.ratio(row.per_money_mean) if row.per_money_mean is not None else "",
            style.ratio_between(row.per_money_hdi_low, row.per_money_hdi_high),
        )
        for row in shown
    ]
    place = f" in {group}" if group else ""
    window = f"{result.window_start} to {result.window_end}"
    title = f"What if{place}, {window}  (run {result.run}){untrusted_mark(result.trusted)}"
    notes = ["Outcome lost in the window and, as carry-over, after it; a gain is negative. All changes at once."]
    if len(shown) < len(rows):
        notes.append("Effects add up in this model: together is the sum of the singles.")
    return TextTable(title, columns, cells, None, notes if group is None else [])


def _change_name(row: WhatIfRow, rows: list[WhatIfRow]) -> str:
    if row.factor is None:
        return row.change if len(rows) > 1 else "all changes"
    return f"{row.change} off" if row.factor == 0 else f"{row.change} x {row.factor:g}"
