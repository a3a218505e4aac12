"""What a planner tries on an answer: spend set by hand, and other totals."""

from __future__ import annotations

from typing import Any

import dash
import dash_mantine_components as dmc
from dash import ALL, MATCH, Input, Output, State, ctx, dcc, no_update
from dash.development.base_component import Component

from budget import words
from budget.document_around import SweepOutput
from outlay import style
from outlay.errors import OutlayError
from planner import ids, scheme
from planner.asked import Asked
from planner.charts_plan import sweep_chart
from planner.desk import Desk
from planner.plan_answering import GRAPH, refusal, refusal_alert
from planner.plan_form import read_section
from planner.plan_hand import LIVE, as_spend, cells_by_hand, panel, sums, total_words
from planner.plan_limits import SEPARATOR
from planner.plan_numbers import NotANumberError, hidden, parse
from planner.plan_result import on_page, tile_grid, tiles_by_hand


def hand_layout() -> Component:
    """The panel "By hand"."""
    return dmc.Stack(
        [
            dmc.Group(
                [
                    dmc.Text(
                        "Move a slider (or use the arrow keys) and see what the money would do. "
                        "The orange mark is the reference plan.",
                        size="sm",
                        c="dimmed",
                        flex=1,
                        miw=220,
                    ),
                    dmc.Button("Let the optimizer do it again", id="plan-again", variant="light", size="xs"),
                ],
                gap="sm",
            ),
            dmc.Box(id="plan-moved", **{"aria-live": "polite"}, mih=110),
            dmc.Box(id="plan-sliders"),
            dcc.Store(id="plan-moving"),
            dcc.Store(id="plan-rested"),
            dcc.Store(id="plan-stands"),
        ],
        gap="sm",
    )


def totals_layout() -> Component:
    """The panel "Other totals"."""
    return dmc.Stack(
        [
            dmc.Group(
                [
                    dmc.Text(
                        "The best plan at eleven totals, from half of this one to one and a half, by the same rules.",
                        size="sm",
                        c="dimmed",
                        flex=1,
                        miw=220,
                    ),
                    dmc.Button("Sweep the budget", id="plan-sweep", variant="light", size="xs"),
                ],
                gap="sm",
            ),
            dcc.Loading(dmc.Box(id="plan-swept"), delay_show=300),
            dmc.Group(
                [dmc.Button("Plan with the total to stop at", id="plan-take-stop", variant="default", size="xs")],
                id="plan-take-stop-box",
                style=hidden(True),
            ),
            dcc.Store(id="plan-stop-total"),
        ],
        gap="sm",
    )


def register(app: dash.Dash, desk: Desk) -> None:
    """Wire the sliders, the grid's amounts and the sweep."""
    _sliders(app, desk)
    _moved(app, desk)
    _rested(app, desk)
    _sweep(app, desk)


def _sliders(app: dash.Dash, desk: Desk) -> None:
    @app.callback(
        Output("plan-sliders", "children"),
        Output("plan-stands", "data"),
        Input(ids.ANSWERED, "data"),
        State("plan-rested", "data"),
        prevent_initial_call=True,
    )
    def sliders(document: dict[str, Any] | None, rested: dict[str, float] | None) -> tuple[Any, Any]:
        if document is None:
            return None, None
        asked = Asked.of(document)
        if asked.by_hand is not None and rested and _same(sums(asked.by_hand), rested):
            return no_update, rested  # they stand where the hand left them
        plan = desk.answer(asked).document
        return panel(plan, desk.study.project.numbers), plan.by_channel()[1]

    app.clientside_callback(
        """function(slid, typed) {
            const id = window.dash_clientside.callback_context.triggered_id;
            if (!id) { return [window.dash_clientside.no_update, window.dash_clientside.no_update]; }
            if (id.kind === 'plan-slider') { return [window.dash_clientside.no_update, Math.round(slid)]; }
            if (typeof typed !== 'number' || Math.round(slid) === typed) {
                return [window.dash_clientside.no_update, window.dash_clientside.no_update];
            }
            return [typed, window.dash_clientside.no_update];
        }""",
        Output({"kind": "plan-slider", "channel": MATCH}, "value"),
        Output({"kind": "plan-number", "channel": MATCH}, "value"),
        Input({"kind": "plan-slider", "channel": MATCH}, "value"),
        Input({"kind": "plan-number", "channel": MATCH}, "value"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        LIVE,
        Output("plan-moves", "data"),
        Input({"kind": "plan-slider", "channel": ALL}, "value"),
        State({"kind": "plan-slider", "channel": ALL}, "id"),
        State("plan-stands", "data"),
        prevent_initial_call=True,
    )


def _moved(app: dash.Dash, desk: Desk) -> None:
    @app.callback(
        Output("plan-moved", "children"),
        Input("plan-moving", "data"),
        Input(ids.ANSWERED, "data"),
        prevent_initial_call=True,
    )
    def moved(moving: dict[str, Any] | None, document: dict[str, Any] | None) -> Any:
        if document is None:
            return None
        asked = Asked.of(document)
        before = desk.answer(asked).document
        if ctx.triggered_id == ids.ANSWERED or not moving:
            return _told(desk, desk.by_hand(asked, asked.by_hand or cells_by_hand(before, {})))
        try:
            return _told(desk, desk.by_hand(asked, cells_by_hand(before, as_spend(moving))))
        except OutlayError as problem:
            return refusal_alert(refusal(problem))
        except NotANumberError as unreadable:
            return refusal_alert(_unreadable(unreadable))


def _told(desk: Desk, asked: Asked) -> Component:
    judged = desk.judge(asked)
    line, colour = total_words(judged.budget, judged.currency, asked.section.budget)
    broken = [dmc.Text(on_page(rule), size="sm", c="red") for rule in judged.broken_rules]
    return dmc.Stack([tile_grid(tiles_by_hand(judged)), dmc.Text(line, size="sm", c=colour), *broken], gap=6)


def _rested(app: dash.Dash, desk: Desk) -> None:
    @app.callback(
        Output(ids.ASKED, "data", allow_duplicate=True),
        Output(ids.ANSWERED, "data", allow_duplicate=True),
        Output("plan-refusal", "data", allow_duplicate=True),
        Input("plan-rested", "data"),
        Input("plan-grid", "cellValueChanged"),
        State(ids.ANSWERED, "data"),
        prevent_initial_call=True,
    )
    def rested(rested: Any, changes: Any, document: dict[str, Any] | None) -> tuple[Any, Any, Any]:
        if document is None:
            return no_update, no_update, no_update
        asked = Asked.of(document)
        before = desk.answer(asked).document
        try:
            if ctx.triggered_id == "plan-rested":
                cells = cells_by_hand(before, as_spend(rested))
            else:
                cells = _typed(before, changes, desk.study.project.numbers)
            mine = desk.by_hand(asked, cells)
            desk.answer(mine)
        except OutlayError as problem:
            return no_update, no_update, refusal(problem)
        except NotANumberError as unreadable:
            # the answer is told again, so that the grid shows its own amount instead of what was typed
            return no_update, {**document}, _unreadable(unreadable)
        return mine.document(), mine.document(), None

    @app.callback(
        Output(ids.ASKED, "data", allow_duplicate=True),
        Output(ids.ANSWERED, "data", allow_duplicate=True),
        Input("plan-again", "n_clicks"),
        State(ids.ANSWERED, "data"),
        prevent_initial_call=True,
    )
    def again(_: int, document: dict[str, Any] | None) -> tuple[Any, Any]:
        if document is None:
            return no_update, no_update
        best = Asked(Asked.of(document).section).document()
        return best, best


def _unreadable(problem: NotANumberError) -> dict[str, Any]:
    return {"title": "Not an amount", "what": str(problem), "repair": "Type an amount from zero.", "rules": []}


AS_SHOWN = 0.5
"""The grid shows whole units: an amount that is left as it was shown is left as it was."""


def _typed(before: Any, changes: list[dict[str, Any]], numbers: str) -> Any:
    """The plan's cells with the amounts that were typed into the grid."""
    from planner.asked import Cell

    typed = {change["rowId"]: change["value"] for change in changes if change["colId"] == "spend"}
    cells = []
    for row in before.rows:
        if row.period is not None:
            continue
        key, spend = f"{row.channel}{SEPARATOR}{row.group or ''}", row.spend or 0.0
        if key in typed:
            spend = parse(str(typed[key] or ""), numbers)
            if spend < 0:
                raise NotANumberError(f"{row.channel}: spend cannot be below nothing")
            if abs(spend - (row.spend or 0.0)) <= AS_SHOWN:
                spend = row.spend or 0.0
        cells.append(Cell(row.channel, row.group, round(spend, 2)))
    return tuple(cells)


def _same(mine: dict[str, float], theirs: dict[str, float]) -> bool:
    return mine.keys() == theirs.keys() and all(abs(mine[name] - theirs[name]) < 1.0 for name in mine)


def _sweep(app: dash.Dash, desk: Desk) -> None:
    @app.callback(
        Output("plan-swept", "children"),
        Output("plan-stop-total", "data"),
        Input("plan-sweep", "n_clicks"),
        Input(ids.ANSWERED, "data"),
        Input(ids.SCHEME, "data"),
        State("plan-swept", "children"),
        prevent_initial_call=True,
    )
    def swept(_: int, document: dict[str, Any] | None, ground: str, now: Any) -> tuple[Any, Any]:
        if document is None or ctx.triggered_id == ids.ANSWERED:
            return None, None  # another question: its totals are asked for anew
        if ctx.triggered_id == ids.SCHEME and not now:
            return no_update, no_update
        asked = Asked(Asked.of(document).section)
        try:
            plan, found = desk.answer(asked).document, desk.sweep(asked)
        except OutlayError as problem:
            return refusal_alert(refusal(problem)), None
        output = SweepOutput.model_validate(found.to_json())
        chart = dcc.Graph(figure=scheme.figure(sweep_chart(plan, found), ground), config=GRAPH, id="plan-sweep-chart")
        legend = f"Line: expected {plan.outcome}; band: its {words.level(plan)} interval."
        told = [
            dmc.Text(_stopping(output), id="plan-stop"),
            chart,
            dmc.Text(legend, size="xs", c="dimmed"),
            _sweep_table(output, words.level(plan)),
        ]
        return dmc.Stack(told, gap="sm"), None if output.stop is None else output.stop.budget

    @app.callback(Output("plan-take-stop-box", "style"), Input("plan-stop-total", "data"))
    def offer(total: float | None) -> dict[str, str]:
        return hidden(total is None)

    @app.callback(
        Output(ids.ASKED, "data", allow_duplicate=True),
        Output(ids.ANSWERED, "data", allow_duplicate=True),
        Output("plan-refusal", "data", allow_duplicate=True),
        Input("plan-take-stop", "n_clicks"),
        State("plan-stop-total", "data"),
        State(ids.ANSWERED, "data"),
        prevent_initial_call=True,
    )
    def take(_: int, total: float | None, document: dict[str, Any] | None) -> tuple[Any, Any, Any]:
        if total is None or document is None:
            return no_update, no_update, no_update
        stated = Asked.of(document).section.model_dump(mode="json", exclude_unset=True)
        plain = {key: value for key, value in stated.items() if key not in _NO_TOTAL}
        asked = Asked(read_section({**plain, "budget": round(total, 2)}))
        try:
            desk.answer(asked)
        except OutlayError as problem:
            return no_update, no_update, refusal(problem)
        return asked.document(), asked.document(), None


_NO_TOTAL = ("budget_min", "budget_max", "objective", "target", "target_counts")
"""What a sweep leaves aside, since it fixes the total and looks for the most outcome."""


def _stopping(sweep: SweepOutput) -> str:
    said = words.stopping(sweep)
    if sweep.stop is None or sweep.hurdle is None:
        return said
    why = "a unit of spend then no longer earns itself back"
    return f"{said} With the stated margin {why}." if abs(sweep.hurdle - 1.0) > 1e-9 else f"{said} Then {why}."


def _sweep_table(sweep: SweepOutput, level: str) -> Component:
    money = sweep.outcome_unit == sweep.currency
    heads = [
        f"Total ({sweep.currency})",
        "Change",
        f"Outcome ({sweep.outcome_unit})",
        f"{level} interval",
        "ROI" if money else "Return",
        f"Next {sweep.currency} brings",
    ]
    if any(row.profit_mean is not None for row in sweep.rows):
        heads.append(f"Profit ({sweep.currency})")
    rows = []
    for row in sweep.rows:
        cells = [style.amount(row.budget), style.change(row.budget_change)]
        if row.feasible:
            cells += [
                style.number(row.outcome_mean),
                style.between(row.outcome_hdi_low, row.outcome_hdi_high),
                style.ratio(row.roi_mean),
                style.ratio(row.mroi),
            ]
            cells += [style.number(row.profit_mean)] if len(heads) > 6 else []
        else:
            cells += ["the rules cannot hold", *[""] * (len(heads) - 3)]
        rows.append(dmc.TableTr([dmc.TableTd(cell, ta="right") for cell in cells]))
    head = dmc.TableThead(dmc.TableTr([dmc.TableTh(name, ta="right") for name in heads]))
    return dmc.TableScrollContainer(
        dmc.Table([head, dmc.TableTbody(rows)], striped=True, verticalSpacing=4), minWidth=640, type="native"
    )
