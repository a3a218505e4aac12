"""The report's tables as text, with units in the headers."""

from __future__ import annotations

from cli.report.data import ReportData
from cli.report.parts import Table
from mmm.shown import contribution_cells, cost_cells, data_say, returned_cells, spend_cell, total_cost_cells
from outlay import style
from outlay.exports import records


def roi(data: ReportData) -> Table:
    """What each channel returned; channels that the data do not identify are marked."""
    level = data.level
    returned = (
        (("ROI", True), (f"{level} HDI", True), ("Marginal ROI", True), (f"{level} HDI", True))
        if data.money
        else ((f"{data.currency} per {data.unit}", True), (f"{level} HDI", True))
    )
    headers = (
        ("Channel", False),
        (f"Spend ({data.currency})", True),
        (f"Contribution ({data.unit})", True),
        (f"{level} HDI", True),
        ("Share", True),
        *returned,
        ("Data say", False),
    )
    rows = data.total_rows()
    body = tuple(
        (
            row.channel,
            spend_cell(row),
            *contribution_cells(row),
            *(returned_cells(row) if data.money else cost_cells(row)),
            data_say(row),
        )
        for row in rows
    )
    weak = frozenset(i for i, row in enumerate(rows) if row.identified != "yes")
    total = data.total
    last = ("paid media", style.number(total.spend), *contribution_cells(total))
    return Table(headers, body, (*last, *(returned_cells(total) if data.money else total_cost_cells(total)), ""), weak)


_PARTS = {"controls": "controls (from their mean, so zero in total)"}
"""Parts whose number would mislead without a word beside it."""


def baseline(data: ReportData) -> Table:
    """What was not media: baseline parts and levers."""
    headers = (
        ("Part", False),
        (f"Contribution ({data.unit})", True),
        (f"{data.level} HDI", True),
        (f"Share of {data.outcome}", True),
        (f"{data.level} HDI", True),
    )
    rows = tuple(
        (
            _PARTS.get(row.component, f"{row.component} (lever)" if row.kind == "lever" else row.component),
            style.number(_clean(row.mean, data)),
            style.between(_clean(row.hdi_low, data), _clean(row.hdi_high, data)),
            style.percent(row.share_mean),
            f"{style.percent(row.share_hdi_low)} to {style.percent(row.share_hdi_high)}",
        )
        for row in data.baseline
        if row.kind not in ("paid", "organic")
    )
    return Table(headers, rows)


def _clean(x: float | None, data: ReportData) -> float | None:
    """Zero for what is rounding error beside the whole outcome."""
    return 0.0 if x is not None and abs(x) < 1e-9 * abs(data.total.outcome or 0.0) else x


def trust(data: ReportData) -> Table:
    """The trust gate, rule by rule."""
    headers = (("Check", False), ("Worst value", True), ("Limit", True), ("Quantity", False), ("Result", False))
    rows = tuple(
        (
            check.name,
            f"{check.value:.4g}" if check.value is not None else style.MISSING,
            f"{check.limit:g}",
            check.quantity,
            "passed" if check.passed else "FAILED",
        )
        for check in data.checks
    )
    return Table(headers, rows, None, frozenset(i for i, check in enumerate(data.checks) if not check.passed))


def shapes(data: ReportData) -> Table:
    """How long each channel's effect lasts, and at which spend half of its ceiling is reached."""
    headers = (
        ("Channel", False),
        ("Half-life (days)", True),
        (f"{data.level} HDI", True),
        ("Half-saturation", True),
        (f"{data.level} HDI", True),
        ("Unit", False),
    )
    found = {(row["channel"], row["quantity"]): row for row in records(data.shapes)}
    rows = []
    for channel in dict.fromkeys(str(row["channel"]) for row in records(data.shapes)):
        cells, unit = [channel], ""
        for quantity in ("half_life", "half_saturation"):
            row = found.get((channel, quantity))
            cells += (
                ["", ""]
                if row is None
                else [style.number(row["median"]), style.between(row["hdi_low"], row["hdi_high"])]
            )
            unit = str(row["unit"]) if row is not None and quantity == "half_saturation" else unit
        rows.append((*cells, unit))
    return Table(headers, tuple(rows))
