"""The panel "Forecast": all outcome of the window, baseline included, and whether it reaches the goal."""

from __future__ import annotations

from typing import Any

import dash
import dash_mantine_components as dmc
from dash import Input, Output, dcc, no_update
from dash.development.base_component import Component

from outlay import style
from outlay.errors import OutlayError
from outlay.response import ResponseDraws
from planner import ids, scheme
from planner.asked import Asked
from planner.charts_plan import forecast_chart
from planner.desk import Desk
from planner.forecast import Forecast
from planner.plan_answering import GRAPH
from planner.plan_result import Tile, tile_grid


def layout() -> Component:
    """The panel."""
    return dmc.Box(id="plan-forecast")


def register(app: dash.Dash, desk: Desk) -> None:
    """Wire the panel to the answer; it is made when it is looked at."""

    @app.callback(
        Output("plan-forecast", "children"),
        Input(ids.ANSWERED, "data"),
        Input(ids.SCHEME, "data"),
        Input("plan-tabs", "value"),
        prevent_initial_call=True,
    )
    def show(document: dict[str, Any] | None, ground: str, tab: str) -> Any:
        if document is None:
            return None
        if tab != "forecast":
            return no_update
        try:
            asked = Asked.of(document)
            found, response = desk.forecast(asked), desk.planner(asked.section).response
        except OutlayError as problem:
            return dmc.Text(f"{problem.what}. {problem.repair}")
        if found is None:
            return dmc.Text("This fit holds no forecast of the baseline in this window.")
        return _panel(found, response, ground)


def _panel(found: Forecast, response: ResponseDraws, ground: str) -> Component:
    parts: list[Any] = [tile_grid(tiles_of(found, response.outcome, response.currency))]
    if found.periods:
        chart = scheme.figure(forecast_chart(found, response.outcome, response.period), ground)
        parts.append(
            dcc.Graph(figure=chart, config=GRAPH, id="plan-forecast-chart", style={"height": chart.layout.height})
        )
    return dmc.Stack([*parts, dmc.Text(found.words, size="sm", c="dimmed")], gap="sm")


def tiles_of(found: Forecast, outcome: str, currency: str) -> list[Tile]:
    """All outcome of the window, the same under the reference plan, what the plan adds, and the goal."""

    def said(x: float) -> str:
        return style.money(x, currency) if found.outcome_unit == currency else f"{style.number(x)} {found.outcome_unit}"

    def tile(label: str, value: Any, note: str = "") -> Tile:
        level = f"{100 * found.hdi:g}%"
        return Tile(label, said(value.mean), f"{level}: {said(value.low)} to {said(value.high)}", note)

    told = [
        tile(f"All {outcome} in the window", found.outcome, "with the plan, baseline included"),
        tile("The same with the reference plan", found.reference),
        tile("What the plan adds", found.media, "inside the window; what comes later is not in it"),
    ]
    if found.goal is not None:
        told.append(
            Tile(
                f"Reaches {said(found.goal)}",
                style.chance(found.p_goal),
                "probability",
                f"the reference plan: {style.chance(found.reference_p_goal)}",
            )
        )
    else:
        told.append(Tile("Goal", "none", "", "state one in step 1"))
    return told
