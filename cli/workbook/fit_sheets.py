"""Sheets of a fit: what channels returned, what the outcome was made of, and response curves."""

from __future__ import annotations

from collections.abc import Sequence

from cli.report.data import ReportData
from cli.workbook.book import Book, Value, in_unit
from cli.workbook.sheet import HEAD_ROW, Column, Sheet, cells
from mmm.document import RoiRow, TotalRow
from outlay import style


def roi_sheet(book: Book, data: ReportData) -> Sheet:
    """Paid channels with their total, then what has no spend of its own."""
    model = data.model
    window = f"{model.get('window_start', '')} to {model.get('window_end', '')}"
    note = f"{data.outcome}, {window}. ROI: what the spend caused, also after the window, per {data.currency} spent."
    sheet = Sheet(book, "ROI", "What each channel returned", note)
    rows = data.total_rows()
    paid = [row for row in rows if row.kind == "paid"]
    rest = [row for row in rows if row.kind != "paid"]
    columns = _roi_columns(data, data.total, paid)
    block = sheet.table(HEAD_ROW, columns, [_roi_cells(data, row) for row in paid], "Paid media together")
    if rest and block.total is not None:
        sheet.heading(block.total + 2, "Organic channels and levers")
        for i, row in enumerate(rest, block.total + 3):
            for j, (column, value) in enumerate(zip(columns, _roi_cells(data, row), strict=True)):
                sheet.put(i, j, value, column.kind)
    sheet.freeze(HEAD_ROW)
    for name, j in (("roi_spend", 2), ("roi_contribution", 3)):
        sheet.name_range(name, cells(block.first, j, block.last, j, fixed=True))
    return sheet


def groups_sheet(book: Book, data: ReportData) -> Sheet | None:
    """The same for each group of a panel; None for a national fit."""
    rows = [row for row in data.told.roi if row.group is not None]
    if not rows:
        return None
    sheet = Sheet(book, "ROI by group", "What each channel returned in each group", "")
    channel, *others = _roi_columns(data, None, rows)
    told = [(row.channel, row.group, *_roi_cells(data, row)[1:]) for row in rows]
    block = sheet.table(HEAD_ROW, (channel, Column("Group", width=16), *others), told, "Sum")
    sheet.freeze(HEAD_ROW, 2)
    sheet.filtered(block)
    return sheet


def _roi_columns(data: ReportData, total: TotalRow | None, rows: Sequence[RoiRow]) -> list[Column]:
    unit, money, level = data.unit, data.currency, data.level
    back = "ROI" if data.money else f"{unit} per {money}"
    caused = sum(row.contribution_mean or 0.0 for row in rows)
    # under a log likelihood channels together cause less than the sum of what each of them does
    known = None if total is None else total.contribution_mean
    adds_up = known is None or abs(caused - known) <= 1e-6 * max(abs(caused), 1.0)

    def of(name: str) -> float | None:
        return None if total is None else getattr(total, name)

    columns = [
        Column("Channel", width=24),
        Column("Kind", width=9),
        Column(f"Spend ({money})", "money", "sum", 16),
        Column(f"Contribution ({unit})", "outcome", "sum" if adds_up else known, 18),
        Column(f"{level} HDI from", "outcome", of("contribution_hdi_low"), 16),
        Column(f"{level} HDI to", "outcome", of("contribution_hdi_high"), 16),
        Column("Share of outcome", "share", "sum" if adds_up else of("share_mean"), 10),
        Column("Share, HDI from", "share", of("share_hdi_low"), 10),
        Column("Share, HDI to", "share", of("share_hdi_high"), 10),
    ]
    for head, name in ((back, "roi"), (f"Marginal {back}", "mroi")):
        columns += [
            Column(f"{head}, mean", "ratio", of(f"{name}_mean"), 10),
            Column(f"{head}, median", "ratio", of(f"{name}_median"), 10),
            Column(f"{head}, HDI from", "ratio", of(f"{name}_hdi_low"), 10),
            Column(f"{head}, HDI to", "ratio", of(f"{name}_hdi_high"), 10),
        ]
    if any(row.cpa_median is not None for row in data.told.roi):
        cost = f"Cost per {unit} ({money})"
        columns += [Column(f"{cost}, {part}", "ratio", None, 13) for part in ("median", "HDI from", "HDI to")]
    return [
        *columns,
        Column("Data say", width=10),
        Column("Contraction", "plain", None, 12),
        Column("Warning", width=9),
    ]


def _roi_cells(data: ReportData, row: RoiRow) -> tuple[Value, ...]:
    costs = any(each.cpa_median is not None for each in data.told.roi)
    returns = [
        getattr(row, f"{name}_{part}") for name in ("roi", "mroi") for part in ("mean", "median", "hdi_low", "hdi_high")
    ]
    return (
        row.channel,
        row.kind,
        row.spend,
        row.contribution_mean,
        row.contribution_hdi_low,
        row.contribution_hdi_high,
        row.share_mean,
        row.share_hdi_low,
        row.share_hdi_high,
        *returns,
        *((row.cpa_median, row.cpa_hdi_low, row.cpa_hdi_high) if costs else ()),
        style.DATA_SAY[row.identified],
        row.contraction,
        row.warning,
    )


def curves_sheet(book: Book, data: ReportData) -> Sheet:
    """Response curves, point by point, and drawn."""
    note = (
        f"Outcome per {data.period} at constant spend per {data.period}. Beyond the range seen a curve is extrapolated."
    )
    sheet = Sheet(book, "Curves", "Response curves", note)
    panel = any(row.group is not None for row in data.told.curves)
    each = f"per {data.period}"
    columns = [
        Column("Channel", width=24),
        *([Column("Group", width=14)] if panel else []),
        Column(f"Spend {each} ({data.currency})", "money", None, 16),
        Column(in_unit(data.outcome, data.unit) + f" {each}", "outcome", None, 18),
        Column(f"{data.level} HDI from", "outcome", None, 16),
        Column(f"{data.level} HDI to", "outcome", None, 16),
        Column("Current spend", width=10),
        Column("Beyond the range seen", width=12),
    ]
    rows: list[tuple[Value, ...]] = [
        (
            row.channel,
            *([row.group or "all"] if panel else []),
            row.spend,
            row.outcome_mean,
            row.outcome_hdi_low,
            row.outcome_hdi_high,
            row.is_current,
            row.extrapolated,
        )
        for row in data.told.curves
    ]
    block = sheet.table(HEAD_ROW, columns, rows)
    sheet.freeze(HEAD_ROW, 1 + panel)
    sheet.filtered(block)
    sheet.to.print_area(0, 0, max(block.last, HEAD_ROW), len(columns) - 1)
    _curves_chart(sheet, data, block.first, panel=panel)
    return sheet


def _curves_chart(sheet: Sheet, data: ReportData, first: int, *, panel: bool) -> None:
    """The curves of channels over all groups, drawn by the spreadsheet beside the table."""
    spans: dict[str, list[int]] = {}
    for line, row in enumerate(data.told.curves, first):
        if row.group is None:
            spans.setdefault(row.channel, []).append(line)
    if not spans:
        return
    chart = sheet.book.file.add_chart({"type": "scatter", "subtype": "smooth"})
    for lines, colour in zip(spans.values(), style.colours(list(spans)).values(), strict=True):
        name, low, high, x = sheet.name, lines[0], lines[-1], 1 + panel
        chart.add_series(
            {
                "name": [name, low, 0],
                "categories": [name, low, x, high, x],
                "values": [name, low, x + 1, high, x + 1],
                "line": {"color": colour, "width": 2},
            }
        )
    axis = {"num_format": "#,##0", "major_gridlines": {"visible": True, "line": {"color": style.GRID}}}
    chart.set_x_axis({**axis, "name": f"Spend per {data.period} ({data.currency})", "min": 0})
    chart.set_y_axis({**axis, "name": f"{data.outcome} per {data.period} ({data.unit}), mean", "min": 0})
    chart.set_legend({"position": "right"})
    chart.set_size({"width": 860, "height": 480})
    sheet.to.insert_chart(HEAD_ROW, 8 + panel, chart)
