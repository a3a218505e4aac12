"""What media returned as a table of text: a terminal prints its cells, a notebook shows it."""

from __future__ import annotations

from mmm.document import RoiRow, TotalRow
from mmm.told import Told
from outlay import style
from outlay.text_table import Column, TextTable


def returns_table(told: Told) -> TextTable:
    """Spend, contribution and return of every channel and lever over all groups, with intervals."""
    columns = [
        Column("Channel", False),
        Column(f"Spend\n({told.currency})"),
        Column(f"Contribution\n({told.unit})"),
        Column(f"{told.level} HDI"),
        Column("Share"),
        *(
            [Column("ROI"), Column(f"{told.level} HDI"), Column("Marginal\nROI"), Column(f"{told.level} HDI")]
            if told.money
            else [Column(f"{told.currency} per\n{told.unit}"), Column(f"{told.level} HDI")]
        ),
        Column("Data say", False),
    ]
    rows = [
        (
            row.channel,
            spend_cell(row),
            *contribution_cells(row),
            *(returned_cells(row) if told.money else cost_cells(row)),
            data_say(row),
        )
        for row in told.total_rows()
    ]
    what = (
        f"ROI: outcome caused per {told.currency} spent (mean of the posterior)"
        if told.money
        else f"{told.currency} spent per unit of {told.unit} caused (median)"
    )
    note = f"{what}, effects after the window included; intervals hold {told.level} of the posterior."
    return TextTable(f"What media returned ({told.outcome})", columns, rows, None, [note])


def spend_cell(row: RoiRow) -> str:
    """What the row cost; the word for its kind where it cost nothing that the model knows of."""
    return style.number(row.spend) if row.spend is not None else row.kind


def data_say(row: RoiRow) -> str:
    """How much of the row's answer is the data's, with the id of the warning that stands beside it."""
    said = style.DATA_SAY[row.identified]
    low, high = row.contribution_hdi_low, row.contribution_hdi_high
    if row.kind == "lever" and said == "enough" and low is not None and high is not None and low < 0 < high:
        said = "sign unclear"  # a lever may work either way, so a narrower belief is not yet an answer
    return f"{said}, {row.warning}" if row.warning else said


def contribution_cells(row: RoiRow | TotalRow) -> tuple[str, str, str]:
    """Contribution, its interval and its share of the outcome, as tables show them."""
    return (
        style.number(row.contribution_mean),
        style.between(row.contribution_hdi_low, row.contribution_hdi_high),
        style.percent(row.share_mean),
    )


def returned_cells(row: RoiRow | TotalRow) -> tuple[str, str, str, str]:
    """ROI and marginal ROI with their intervals; empty where there is none."""
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
    return (
        (style.ratio(row.cpa_median), style.ratio_between(row.cpa_hdi_low, row.cpa_hdi_high)) if row.paid else ("", "")
    )


def total_cost_cells(row: TotalRow) -> tuple[str, str]:
    """Cost per unit of all paid media, with its interval.

    Cost is one over the return: its middle is that of the median, and its interval holds the same draws.
    """
    middle, low, high = (1 / x if x else None for x in (row.roi_median, row.roi_hdi_high, row.roi_hdi_low))
    if low is None or low < 0 or high is None or high < 0:
        return style.ratio(middle), f"from {style.ratio(low)}, without an upper end"
    return style.ratio(middle), style.ratio_between(low, high)


def carried_cells(row: RoiRow | TotalRow) -> tuple[str, str, str, str]:
    """Contribution, its interval, the part carried over, and its share."""
    amount, interval, share = contribution_cells(row)
    whole = row.contribution_mean
    carried = style.percent(row.carried_mean / whole, 0) if row.carried_mean is not None and whole else ""
    return amount, interval, carried, share
