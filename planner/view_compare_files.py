"""Files of a comparison: a workbook, its numbers, its chart."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import dash
import pandas as pd
from dash import Input, Output, State, dcc, no_update

from budget.document_compare import CompareOutput
from planner import ids
from planner.csv_file import csv_file, with_units
from planner.desk import Desk
from planner.downloads import XLSX

if TYPE_CHECKING:
    from planner.view_compare import Chosen


def register(app: dash.Dash, chosen: Callable[[list[str], dict[str, Any] | None], Chosen], desk: Desk) -> None:
    """Wire the buttons."""

    @app.callback(
        Output("compare-file", "data"),
        Input("compare-xlsx", "n_clicks"),
        State("compare-pick", "value"),
        State(ids.ANSWERED, "data"),
        prevent_initial_call=True,
    )
    def workbook(clicks: int | None, picked: list[str] | None, answered: dict[str, Any] | None) -> Any:
        found = chosen(picked or [], answered)
        if not clicks or not found.answers:
            return no_update
        content = desk.study.workbook(tuple(answer.document for answer in found.answers))
        return dcc.send_bytes(content, "comparison.xlsx", type=XLSX)

    @app.callback(
        Output("compare-file", "data", allow_duplicate=True),
        Input("compare-csv", "n_clicks"),
        State("compare-pick", "value"),
        State(ids.ANSWERED, "data"),
        prevent_initial_call=True,
    )
    def table(clicks: int | None, picked: list[str] | None, answered: dict[str, Any] | None) -> Any:
        found = chosen(picked or [], answered)
        if not clicks or len(found.answers) < 2:
            return no_update
        return csv_file(compare_frame(desk.compare(found.answers)), "comparison.csv", desk.study.project.numbers)

    app.clientside_callback(
        """function(n, figure) {
            if (n && figure) {
                const size = {width: 1100, height: figure.layout.height || 500, scale: 2};
                window.Plotly.downloadImage(figure, {format: 'png', filename: 'comparison', ...size});
            }
            return window.dash_clientside.no_update;
        }""",
        Output("compare-pictured", "data"),
        Input("compare-png", "n_clicks"),
        State("compare-chart", "figure"),
        prevent_initial_call=True,
    )


def compare_frame(found: CompareOutput) -> pd.DataFrame:
    """One row for each scenario: its numbers, and its spend by channel, with units in the columns' names."""
    spend = found.spend_by_channel()
    rows = []
    for number, row in enumerate(found.rows, start=1):
        told = row.model_dump(exclude={"run"})
        about = {"currency": found.currency, "outcome": found.outcome, "outcome_unit": found.outcome_unit}
        by_channel = {f"spend_{name}": amounts[number] for name, amounts in spend.items()}
        rows.append(
            {
                "scenario": told.pop("name"),
                **told,
                **about,
                "interval": found.hdi,
                "better_by": found.better_by,
                **by_channel,
            }
        )
    return with_units(pd.DataFrame(rows), found.currency, found.outcome_unit)
