"""The first sheet: key figures, what was learned, what to do, how sure that is, and what is where."""

from __future__ import annotations

from collections.abc import Sequence

from cli.report import words
from cli.report.data import ReportData
from cli.workbook.book import Book, Kind, Value
from cli.workbook.sheet import HEAD_ROW, Sheet

WIDTHS = (44, 20, 18, 18, 16)

ABOUT_SHEETS = {
    "ROI": "what each channel returned",
    "ROI by group": "the same in each group",
    "Contributions": "what the outcome was made of",
    "By date": "the same period by period",
    "Curves": "outcome at other levels of spend",
    "Plan": "reference, recommended, limits, change; yellow cells can be edited and asked again",
    "Flighting": "spend by period",
    "Sweep": "the best plan at other totals",
    "Scenarios": "plans side by side",
    "Assumptions": "what the numbers rest on, and findings about data and model",
    "Definitions": "what every number means",
}


def summary_sheet(book: Book, data: ReportData) -> tuple[Sheet, int]:
    """Write it; also the row where the list of sheets goes once all are written."""
    sheet = Sheet(book, "Summary", data.title, "")
    for j, width in enumerate(WIDTHS):
        sheet.to.set_column(j, j, width)
    sheet.to.set_portrait()
    sheet.to.fit_to_pages(1, 1)
    row = _figures(sheet, data, HEAD_ROW)
    texts = (
        ("What we learned", words.learned(data)),
        ("What to do", words.advice(data)),
        ("How sure we are", words.certainty(data)),
    )
    for heading, lines in texts:
        sheet.heading(row + 1, heading)
        for i, line in enumerate(lines, row + 2):
            sheet.paragraph(i, line, len(WIDTHS), sum(WIDTHS))
        row += 2 + len(lines)
    sheet.heading(row + 1, "Sheets")
    sheet.to.freeze_panes(2, 0)
    return sheet, row + 2


def _figures(sheet: Sheet, data: ReportData, row: int) -> int:
    """Key figures with their intervals; the row after them."""
    heads = ("Key figures", "Value", f"{data.level} HDI from", f"{data.level} HDI to", "Unit")
    for j, head in enumerate(heads):
        right = {"align": "right"} if 0 < j < 4 else {"indent": 1} if j else {}
        sheet.to.write_string(row, j, head, sheet.book.format("text", "head", **right))
    for label, kind, values, unit in _key_figures(data):
        row += 1
        sheet.put(row, 0, label)
        for j, value in enumerate(values, 1):
            sheet.put(row, j, value, kind)
        sheet.put(row, 4, unit)
    return row + 1


def _key_figures(data: ReportData) -> list[tuple[str, Kind, Sequence[Value], str]]:
    total, unit, money = data.total, data.unit, data.currency
    back = f"{unit} per {money}"
    window = f"{data.model.get('window_start', '')} to {data.model.get('window_end', '')}"
    found: list[tuple[str, Kind, Sequence[Value], str]] = [
        (f"Paid media: spend, {window}", "money", (total.spend, None, None), money),
        (
            f"Paid media: {data.outcome} caused",
            "outcome",
            (total.contribution_mean, total.contribution_hdi_low, total.contribution_hdi_high),
            unit,
        ),
        ("Share of the outcome", "share", (total.share_mean, total.share_hdi_low, total.share_hdi_high), ""),
        ("ROI" if data.money else "Return", "ratio", (total.roi_mean, total.roi_hdi_low, total.roi_hdi_high), back),
        (
            "Marginal ROI" if data.money else "Marginal return",
            "ratio",
            (total.mroi_mean, total.mroi_hdi_low, total.mroi_hdi_high),
            back,
        ),
    ]
    plan = data.plan
    if plan is None:
        return found
    brings: Kind = "money" if plan.outcome_unit == money else "units"
    return [
        *found,
        (f"Plan: budget, {plan.periods} {plan.period_unit}s from {plan.start[:10]}", "money", (plan.budget,), money),
        (
            f"Plan: expected {plan.outcome}",
            brings,
            (plan.expected, plan.expected_hdi_low, plan.expected_hdi_high),
            plan.outcome_unit,
        ),
        (
            "Plan: gain over the reference plan",
            brings,
            (plan.gain_mean, plan.gain_hdi_low, plan.gain_hdi_high),
            plan.outcome_unit,
        ),
        ("Plan: P(beats the reference plan)", "chance", (plan.p_better,), ""),
    ]


def write_contents(sheet: Sheet, row: int, names: Sequence[str]) -> None:
    """The list of sheets."""
    link = sheet.book.look(font_color="#0072B2", underline=1)
    for i, name in enumerate(names, row):
        sheet.to.write_url(i, 0, f"internal:'{name}'!A1", link, name)
        kind = name.rstrip("0123456789 ") if name not in ABOUT_SHEETS else name
        sheet.text(i, 1, ABOUT_SHEETS.get(kind, ""))
