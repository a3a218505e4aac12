"""Taking the plan along: its table as CSV, its table and its chart as pictures."""

from __future__ import annotations

from typing import Any

import dash
import pandas as pd
from dash import Input, Output, State, no_update

from budget.document import PlanOutput
from planner import ids
from planner.asked import Asked
from planner.charts_plan import table_picture
from planner.csv_file import csv_file
from planner.desk import Desk


def register(app: dash.Dash, desk: Desk) -> None:
    """Wire the three buttons."""

    @app.callback(
        Output("plan-file", "data"),
        Input("plan-csv", "n_clicks"),
        State(ids.ANSWERED, "data"),
        prevent_initial_call=True,
    )
    def csv(_: int, document: dict[str, Any] | None) -> Any:
        if document is None:
            return no_update
        plan = desk.answer(Asked.of(document)).document
        return csv_file(plan_frame(plan), f"plan-{plan.start}.csv", desk.study.project.numbers)

    @app.callback(
        Output("plan-picture", "data"),
        Input("plan-table-png", "n_clicks"),
        State(ids.ANSWERED, "data"),
        prevent_initial_call=True,
    )
    def picture(_: int, document: dict[str, Any] | None) -> Any:
        if document is None:
            return no_update
        return table_picture(desk.answer(Asked.of(document)).document).to_plotly_json()

    app.clientside_callback(
        """function(figure) {
            if (figure) {
                const size = {width: figure.layout.width, height: figure.layout.height, scale: 2};
                window.Plotly.downloadImage(figure, {format: 'png', filename: 'plan-table', ...size});
            }
            return window.dash_clientside.no_update;
        }""",
        Output("plan-pictured", "data"),
        Input("plan-picture", "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        """function(n, figure) {
            if (n && figure) {
                const size = {width: 1100, height: figure.layout.height || 500, scale: 2};
                window.Plotly.downloadImage(figure, {format: 'png', filename: 'plan-chart', ...size});
            }
            return window.dash_clientside.no_update;
        }""",
        Output("plan-pictured", "data", allow_duplicate=True),
        Input("plan-chart-png", "n_clicks"),
        State("plan-chart", "figure"),
        prevent_initial_call=True,
    )


def plan_frame(plan: PlanOutput) -> pd.DataFrame:
    """The plan's table with its units in the columns' names."""
    return pd.DataFrame(
        {
            "channel": row.channel,
            **({"group": row.group} if row.group is not None else {}),
            "period": row.period or f"{plan.start} to {plan.end}",
            f"reference_spend_{plan.currency}": row.reference_spend,
            f"spend_{plan.currency}": row.spend,
            "change_share": row.change_share,
            f"lower_{plan.currency}": row.lower,
            f"upper_{plan.currency}": row.upper,
            "marginal_return": row.mroi,
            "roi_mean": row.roi_mean,
            "roi_hdi_low": row.roi_hdi_low,
            "roi_hdi_high": row.roi_hdi_high,
            f"outcome_{plan.outcome_unit}": row.outcome_mean,
            "held_by": row.binding,
        }
        for row in plan.rows
    )
