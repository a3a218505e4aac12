"""The report's tables as text, with units in the headers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.outputs import PlanOutput
from cli.report.data import ReportData
from cli.report.page import Table
from outlay import style

if TYPE_CHECKING:
    import pandas as pd

SAYS = {"yes": "enough", "weak": "little", "no": "nothing"}


def _interval(low: float | None, high: float | None, ratio: bool = False) -> str:
    write = style.ratio if ratio else style.number
    return "" if low is None or high is None else f"{write(low)} to {write(high)}"


def roi(data: ReportData) -> Table:
    """What each channel returned; channels that the data do not identify are marked."""
    level = data.level
    headers = (
        ("Channel", False),
        (f"Spend ({data.currency})", True),
        (f"Contribution ({data.unit})", True),
        (f"{level} HDI", True),
        ("Share", True),
        ("ROI" if data.money else f"{data.unit} per {data.currency}", True),
        (f"{level} HDI", True),
        ("Marginal ROI" if data.money else "Marginal", True),
        (f"{level} HDI", True),
        ("Data say", False),
    )
    rows = data.total_rows()
    body = tuple(
        (
            row.channel,
            style.number(row.spend) if row.paid else "organic",
            style.number(row.contribution_mean),
            _interval(row.contribution_hdi_low, row.contribution_hdi_high),
            style.percent(row.share_mean),
            style.ratio(row.roi_mean) if row.paid else "",
            _interval(row.roi_hdi_low, row.roi_hdi_high, ratio=True),
            style.ratio(row.mroi_mean) if row.paid else "",
            _interval(row.mroi_hdi_low, row.mroi_hdi_high, ratio=True),
            SAYS[row.identified],
        )
        for row in rows
    )
    weak = frozenset(i for i, row in enumerate(rows) if row.identified != "yes")
    return Table(headers, body, _roi_total(data), weak)


def _roi_total(data: ReportData) -> tuple[str, ...] | None:
    row = data.totals.get("paid media")
    if row is None:
        return None
    return (
        row.component,
        style.number(row.spend),
        style.number(row.mean),
        _interval(row.hdi_low, row.hdi_high),
        style.percent(row.share_mean),
        style.ratio(row.roi_mean),
        _interval(row.roi_hdi_low, row.roi_hdi_high, ratio=True),
        "",
        "",
        "",
    )


def baseline(data: ReportData) -> Table:
    """What was not media: baseline parts and levers."""
    headers = (
        ("Part", False),
        (f"Contribution ({data.unit})", True),
        (f"{data.level} HDI", True),
        (f"Share of {data.outcome}", True),
    )
    rows = tuple(
        (row.component, style.number(row.mean), _interval(row.hdi_low, row.hdi_high), style.percent(row.share_mean))
        for row in data.baseline
    )
    return Table(headers, rows)


def plan(result: PlanOutput) -> Table:
    """Reference and planned spend of every cell."""
    panel = any(row.group is not None for row in result.rows)
    money = result.outcome_unit == result.currency
    headers = (
        ("Channel", False),
        *([("Group", False)] if panel else []),
        (f"Reference ({result.currency})", True),
        (f"{'Plan' if result.evaluated else 'Recommended'} ({result.currency})", True),
        ("Change", True),
        (f"Expected outcome ({result.outcome_unit})", True),
        (f"{100 * result.hdi:g}% HDI", True),
        ("Marginal ROI" if money else "Marginal", True),
        ("Held by", False),
    )
    cells = [row for row in result.rows if row.period is None]
    rows = tuple(
        (
            row.channel,
            *([row.group or "all"] if panel else []),
            style.amount(row.reference_spend),
            style.amount(row.spend) + ("*" if row.extrapolated else ""),
            style.signed(style.percent(row.change_share)) if row.change_share is not None else "new",
            style.number(row.outcome_mean),
            _interval(row.outcome_hdi_low, row.outcome_hdi_high) if row.spend else "",
            style.ratio(row.mroi),
            row.binding or "",
        )
        for row in cells
    )
    before = style.amount(sum(row.reference_spend or 0.0 for row in cells))
    after = style.amount(sum(row.spend or 0.0 for row in cells))
    interval = _interval(result.expected_hdi_low, result.expected_hdi_high)
    group = [""] if panel else []
    total = ("total", *group, before, after, "", style.number(result.expected), interval, "", "")
    return Table(headers, rows, total)


def trust(data: ReportData) -> Table:
    """The trust gate, rule by rule."""
    headers = (("Check", False), ("Worst value", True), ("Limit", True), ("Quantity", False), ("Result", False))
    rows = tuple(
        (
            check.name,
            style.number(check.value, 4),
            f"{check.limit:g}",
            check.quantity,
            "passed" if check.passed else "FAILED",
        )
        for check in data.checks
    )
    return Table(headers, rows, None, frozenset(i for i, check in enumerate(data.checks) if not check.passed))


def half_life(data: ReportData) -> Table:
    """How long each channel's effect lasts."""
    headers = (("Channel", False), ("Half-life (days)", True), (f"{data.level} HDI", True))
    rows = tuple(
        (str(row.channel), style.number(float(row.median)), _interval(float(row.hdi_low), float(row.hdi_high)))
        for row in data.half_life.itertuples()
    )
    return Table(headers, rows)


def prior(data: ReportData) -> Table:
    """What was believed before the data beside what is believed after."""
    frame: pd.DataFrame = data.prior
    headers = (
        ("Quantity", False),
        ("Before the data", True),
        (f"{data.level}", True),
        ("After", True),
        (f"{data.level}", True),
    )
    rows = []
    for quantity in frame["quantity"].drop_duplicates():
        cells = [str(quantity)]
        for source in ("prior", "posterior"):
            mine = frame[(frame["quantity"] == quantity) & (frame["source"] == source)]
            if mine.empty:
                cells += ["", ""]
                continue
            row = mine.iloc[0]
            cells += [
                style.number(float(row["mean"])),
                _interval(float(row["hdi_low"]), float(row["hdi_high"])),
            ]
        rows.append(tuple(cells))
    return Table(headers, tuple(rows))
