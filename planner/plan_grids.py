"""The grids of the plan's view: what is asked of every channel, and what the plan gives it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import dash_ag_grid as dag
from dash.development.base_component import Component

from planner.plan_numbers import formatter

THEME = (
    "themeQuartz.withParams({backgroundColor: 'var(--mantine-color-body)',"
    " foregroundColor: 'var(--mantine-color-text)',"
    " headerBackgroundColor: 'var(--mantine-color-default-hover)', accentColor: 'var(--mantine-primary-color-filled)',"
    " borderColor: 'var(--mantine-color-default-border)', fontFamily: 'inherit',"
    " fontSize: 13, spacing: 5, cellHorizontalPadding: 9,"
    " inputBackgroundColor: 'var(--mantine-color-body)', browserColorScheme: 'inherit'})"
)
"""The grid in the page's own colours, so that it follows light and dark."""

INPUT = {"backgroundColor": "var(--mantine-primary-color-light)", "cursor": "text"}
"""A cell that takes what is typed."""

WRONG = {"backgroundColor": "var(--mantine-color-red-light)", "color": "var(--mantine-color-red-text)"}

SHOWN, HEIGHT = 24, 640
"""Rows up to which a grid is as high as they are; beyond, it scrolls within a height."""

TAB = "params.editing && params.nextCellPosition ? params.nextCellPosition : false"
"""Tab goes from cell to cell while something is typed, and otherwise leaves the grid: arrow keys walk in it."""

WORDS = {"lineHeight": "1.4", "paddingTop": "6px", "paddingBottom": "6px", "whiteSpace": "normal"}
"""A cell of words, which may take more than a line."""


def _grid(name: str, rows: int) -> Component:
    many = rows > SHOWN
    return dag.AgGrid(
        id=name,
        columnDefs=[],
        rowData=[],
        getRowId="params.data.id",
        defaultColDef={
            "sortable": True,
            "resizable": True,
            "suppressMovable": True,
            "wrapHeaderText": True,
            "autoHeaderHeight": True,
            "minWidth": 84,
            "flex": 1,
        },
        dashGridOptions={
            "theme": {"function": THEME},
            "domLayout": "normal" if many else "autoHeight",
            "rowHeight": 34,
            "singleClickEdit": True,
            "stopEditingWhenCellsLoseFocus": True,
            "enterNavigatesVerticallyAfterEdit": True,
            "tooltipShowDelay": 200,
            "suppressCellFocus": False,
            "tabToNextCell": {"function": TAB},
        },
        style={"height": HEIGHT if many else None, "width": "100%"},
    )


def limits_grid(rows: int) -> Component:
    """What is asked of every channel."""
    return _grid("plan-limits", rows)


def answer_grid(rows: int) -> Component:
    """What the plan gives every channel."""
    return _grid("plan-grid", rows)


def limits_columns(
    currency: str, unit: str, numbers: str, *, width: int, panel: bool, more: bool
) -> list[dict[str, Any]]:
    """Columns of the limits, least and most in a unit."""
    said = {"money": currency, "change": "% change", "share": "% of total"}[unit]
    entry = {
        "editable": True,
        "sortable": False,
        "type": "rightAligned",
        "cellStyle": {
            "styleConditions": [
                {"condition": "(params.data.wrong || {})[params.colDef.field]", "style": WRONG},
                {"condition": "!params.value", "style": {**INPUT, "color": "var(--mantine-color-dimmed)"}},
                {"condition": "true", "style": INPUT},
            ]
        },
        "cellEditor": "agTextCellEditor",
        "cellDataType": False,
        "minWidth": 88,
    }
    shown = {"function": "params.value || params.data[params.colDef.field + '_hint'] || ''"}
    return [
        *_names(width, panel),
        _amount("reference", f"Reference ({currency})", numbers),
        {**entry, "field": "lower", "headerName": f"At least ({said})", "valueFormatter": shown},
        {**entry, "field": "upper", "headerName": f"At most ({said})", "valueFormatter": shown},
        {
            "field": "lock",
            "headerName": "Lock",
            "editable": True,
            "cellDataType": "boolean",
            "cellRenderer": "agCheckboxCellRenderer",
            "cellClass": "lock-cell",
            "flex": 0,
            "width": 72,
            "minWidth": 64,
            "headerTooltip": "Keep this channel at what it has in the reference plan, or at the amount typed.",
        },
        {
            "field": "more",
            "hide": not more,
            "headerName": "Also asked",
            "wrapText": True,
            "autoHeight": True,
            "flex": 2,
            "minWidth": 200,
            "cellStyle": WORDS,
        },
    ]


def answer_columns(currency: str, returns: str, numbers: str, *, width: int, panel: bool) -> list[dict[str, Any]]:
    """Columns of the plan."""
    return [
        *_names(width, panel),
        _amount("reference", f"Reference ({currency})", numbers),
        {
            **_amount("spend", f"Plan ({currency})", numbers),
            "minWidth": 104,  # ten million in full on a telephone
            "editable": True,
            "cellEditor": "agTextCellEditor",
            "cellEditorParams": {"useFormatter": True},  # the project's own writing, as it is read back
            "cellDataType": False,
            "cellStyle": INPUT,
            "headerTooltip": "Type another amount to see what it does.",
        },
        {
            "field": "change",
            "headerName": "Change",
            "type": "rightAligned",
            "valueFormatter": {"function": "params.data.change_words"},
            "minWidth": 84,
        },
        {
            "field": "mroi",
            "headerName": f"Next {currency} brings",
            "type": "rightAligned",
            "valueFormatter": {"function": "params.data.mroi_words"},
            "headerTooltip": "Marginal return: what one more unit of spend on this channel brings.",
        },
        {"field": "roi_words", "headerName": returns, "type": "rightAligned", "minWidth": 165},
        {
            "field": "held",
            "headerName": "Held by",
            "flex": 2,
            "minWidth": 170,
            "wrapText": True,
            "autoHeight": True,
            "tooltipField": "rule",
            "cellStyle": WORDS,
        },
        {
            "field": "loosened",
            "headerName": "Loosening it",
            "flex": 3,
            "minWidth": 170,
            "wrapText": True,
            "autoHeight": True,
            "cellStyle": WORDS,
        },
    ]


def name_width(names: Iterable[str]) -> int:
    """Width of the column of channels: as wide as the longest name, within what a telephone can spare."""
    return min(max(28 + 7 * max(map(len, names), default=0), 118), 160)


def _names(width: int, panel: bool) -> list[dict[str, Any]]:
    name = {"width": width, "flex": 0, "tooltipField": "channel", "pinned": "left"}
    return [
        {"field": "channel", "headerName": "Channel", **name},
        *([{"field": "group", "headerName": "Group", "minWidth": 108, "tooltipField": "group"}] if panel else []),
    ]


def _amount(field: str, label: str, numbers: str) -> dict[str, Any]:
    return {
        "field": field,
        "headerName": label,
        "type": "rightAligned",
        "valueFormatter": formatter(numbers, ",.0f"),
        "minWidth": 88,
    }
