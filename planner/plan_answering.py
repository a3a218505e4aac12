"""How the plan's view answers: the best plan, or why there is none, in words, numbers and charts."""

from __future__ import annotations

from typing import Any

import dash
import dash_mantine_components as dmc
from dash import Input, Output, State, ctx, dcc, html, no_update, set_props
from dash.development.base_component import Component

from budget import words
from outlay.errors import OutlayError
from planner import ids, scheme
from planner.asked import Asked
from planner.charts_plan import spend_chart, timing_chart
from planner.desk import Desk
from planner.plan_grids import answer_columns, answer_grid, name_width
from planner.plan_numbers import hidden
from planner.plan_result import on_page, plan_rows, prices_table, remarks, repair_on_page, tile_grid, tiles_of, told
from planner.refusals import sentence

GRAPH = {"displaylogo": False, "displayModeBar": False, "responsive": True}
"""Charts without Plotly's own buttons: the page has its own for pictures."""


def layout(
    rows: int, save: list[Component], hand: Component, forecast: Component, totals: Component
) -> list[Component]:
    """Places of the answer.

    Parameters
    ----------
    rows : int
        How many the plan's grid will have.
    save : list of Component
        What keeps the answer: the bar of scenarios.
    hand, forecast, totals : Component
        The panels "By hand", "Forecast" and "Other totals".
    """
    tabs = [
        ("channels", "By channel", _channels(rows)),
        ("hand", "By hand", hand),
        ("forecast", "Forecast", forecast),
        ("totals", "Other totals", totals),
        ("rules", "Rules that bind", dmc.Box(id="plan-prices")),
        ("remarks", "What it rests on", dmc.Box(id="plan-remarks")),
    ]
    panels = dmc.Tabs(
        [
            dmc.TabsList([dmc.TabsTab(label, value=value) for value, label, _ in tabs]),
            *(dmc.TabsPanel(content, value=value, pt="sm") for value, _, content in tabs),
        ],
        id="plan-tabs",
        value="channels",
    )
    nothing = "Nothing asked yet. Press Optimise above: the fields already hold a question that can be answered."
    return [
        dmc.Text(nothing, id="plan-empty", c="dimmed"),
        dmc.Stack(
            [dmc.Box(id="plan-tiles"), dmc.Box(id="plan-told"), *save, panels],
            id="plan-shown",
            gap="md",
            style={"display": "none"},
        ),
    ]


def _channels(rows: int) -> Component:
    """The panel "By channel"."""
    files = dmc.Group(
        [
            dmc.Button("Table (CSV)", id="plan-csv", variant="default", size="xs"),
            dmc.Button("Table (PNG)", id="plan-table-png", variant="default", size="xs"),
            dmc.Button("Chart (PNG)", id="plan-chart-png", variant="default", size="xs"),
        ],
        gap="xs",
    )
    how = "Type another amount into the column Plan, or move the sliders under By hand."
    return dmc.Stack(
        [
            dmc.Text(how, size="sm", c="dimmed"),
            answer_grid(rows),
            files,
            dcc.Graph(id="plan-chart", config=GRAPH),
            dmc.Box(dcc.Graph(id="plan-timing-chart", config=GRAPH), id="plan-timing-box"),
        ],
        gap="sm",
    )


def register(app: dash.Dash, desk: Desk) -> None:
    """Wire the button and the answer."""
    _optimise(app, desk)
    _show(app, desk)

    @app.callback(
        Output("plan-state", "children"),
        Output("plan-optimise", "variant"),
        Input(ids.ASKED, "data"),
        Input(ids.ANSWERED, "data"),
        Input("plan-unclear", "data"),
        Input("plan-refusal", "data"),
    )
    def state(asked: Any, answered: Any, unclear: dict[str, str] | None, refusal: Any) -> tuple[str, str]:
        if unclear:
            return f"Not taken: {' '.join(unclear.values())}", "filled"
        if answered is None:
            return ("There is no such plan: see why below." if refusal else "Not optimised yet."), "filled"
        if Asked.of(asked).key != Asked.of(answered).key:
            return "Changed since the plan below was made: optimise again.", "filled"
        by_hand = answered["by_hand"] is not None
        return ("The plan below was set by hand." if by_hand else "The plan below answers this."), "light"

    # a cell that is still being typed in is told a moment after the click that leaves it
    app.clientside_callback(
        "function(n) { return new Promise(done => setTimeout(() => done(n), 150)); }",
        Output("plan-go", "data"),
        Input("plan-optimise", "n_clicks"),
        prevent_initial_call=True,
    )
    # a new answer is brought into sight
    app.clientside_callback(
        """function(answered, n) {
            if (!n) { return window.dash_clientside.no_update; }
            setTimeout(() => {
                const card = document.getElementById('plan-result');
                if (card) { card.scrollIntoView({behavior: 'smooth', block: 'start'}); }
            }, 150);
            return window.dash_clientside.no_update;
        }""",
        Output("plan-scrolled", "data"),
        Input("plan-settled", "data"),
        State("plan-optimise", "n_clicks"),
    )


def _optimise(app: dash.Dash, desk: Desk) -> None:
    @app.callback(
        Output(ids.ANSWERED, "data"),
        Output("plan-refusal", "data"),
        Output("plan-settled", "data"),
        Input("plan-go", "data"),
        # as an input, so that the button waits for an edit that is still on its way
        Input(ids.ASKED, "data"),
        State("plan-unclear", "data"),
        prevent_initial_call=True,
    )
    def optimise(clicks: int | None, document: dict[str, Any], unclear: dict[str, str] | None) -> tuple[Any, Any, Any]:
        if "plan-go" not in ctx.triggered_prop_ids.values() or not clicks:
            return no_update, None if ctx.triggered_id == ids.ASKED else no_update, no_update
        if unclear:
            said = {"title": "A field is not clear", "repair": "Correct the field above and optimise again."}
            return None, {**said, "what": " ".join(unclear.values()), "rules": []}, clicks
        asked = Asked(Asked.of(document).section)
        try:
            desk.afresh(asked)
        except OutlayError as problem:
            return None, refusal(problem), clicks
        if document["by_hand"] is not None:
            set_props(ids.ASKED, {"data": asked.document()})
        return asked.document(), None, clicks

    @app.callback(Output("plan-refused", "children"), Input("plan-refusal", "data"))
    def refused(found: dict[str, Any] | None) -> Component | None:
        return None if found is None else refusal_alert(found)


def refusal(problem: OutlayError) -> dict[str, Any]:
    """Why there is no plan: what, what to do, and the rules that stand in its way."""
    lines = problem.what.split("\n  - ")
    listed = lines[1:] or [problem.what]
    return {"what": lines[0], "repair": problem.repair, "rules": listed, "listed": lines[1:], "id": problem.id}


def refusal_alert(found: dict[str, Any]) -> Component:
    """A refusal as the page shows it."""
    listed = dmc.List([dmc.ListItem(on_page(rule)) for rule in found.get("listed", [])], size="sm")
    return dmc.Alert(
        dmc.Stack(
            [
                dmc.Text(sentence(on_page(found["what"])), size="sm"),
                listed,
                dmc.Text([html.B("What to do: "), repair_on_page(found["repair"])], size="sm"),
            ],
            gap=4,
        ),
        title=found.get("title", "There is no such plan"),
        color="red",
        variant="light",
        id="plan-refused-alert",
    )


def _show(app: dash.Dash, desk: Desk) -> None:
    study = desk.study

    @app.callback(
        Output("plan-tiles", "children"),
        Output("plan-told", "children"),
        Output("plan-grid", "rowData"),
        Output("plan-grid", "columnDefs"),
        Output("plan-prices", "children"),
        Output("plan-remarks", "children"),
        Output("plan-empty", "style"),
        Output("plan-shown", "style"),
        Input(ids.ANSWERED, "data"),
        Input("plan-refusal", "data"),
    )
    def show(document: dict[str, Any] | None, refusal: dict[str, Any] | None) -> tuple[Any, ...]:
        if document is None:
            return (None, None, [], [], None, None, hidden(refusal is not None), hidden(True))
        plan = desk.answer(Asked.of(document)).document
        returns = f"{'ROI' if words.is_money(plan) else 'Return'} ({words.level(plan)} interval)"
        panel = any(row.group is not None for row in plan.rows)
        width = name_width(row.channel for row in plan.rows)
        return (
            tile_grid(tiles_of(plan)),
            told(plan),
            plan_rows(plan),
            answer_columns(plan.currency, returns, study.project.numbers, width=width, panel=panel),
            prices_table(plan) or dmc.Text("No rule holds the plan back."),
            remarks(plan),
            hidden(True),
            {},
        )

    @app.callback(
        Output("plan-chart", "figure"),
        Output("plan-chart", "style"),
        Output("plan-timing-chart", "figure"),
        Output("plan-timing-box", "style"),
        Input(ids.ANSWERED, "data"),
        Input(ids.SCHEME, "data"),
        prevent_initial_call=True,
    )
    def charts(document: dict[str, Any] | None, ground: str) -> tuple[Any, ...]:
        if document is None:
            return (no_update,) * 4
        plan = desk.answer(Asked.of(document)).document
        spend, timing = spend_chart(plan), timing_chart(plan)
        return (
            scheme.figure(spend, ground),
            {"height": spend.layout.height},
            {} if timing is None else scheme.figure(timing, ground),
            hidden(timing is None),
        )
