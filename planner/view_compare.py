"""The view "Compare": up to four scenarios side by side, on the same draws."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

import dash
import dash_mantine_components as dmc
from dash import Input, Output, State, ctx, dcc, html, no_update
from dash.development.base_component import Component

from budget.document_compare import CompareOutput
from budget.plots import plot_scenarios
from outlay import style
from outlay.errors import OutlayError
from planner import ids, scheme
from planner.asked import Asked
from planner.desk import Answered, Desk
from planner.downloads import answered_again, named
from planner.refusals import sentence
from planner.store import Kept
from planner.view_compare_files import register as register_files
from planner.view_compare_tables import better_table, numbers_table, spend_table
from planner.view_scenarios_list import MOST_COMPARED
from planner.view_scenarios_save import CHANGED, HIDDEN, store_of
from planner.view_scenarios_told import notify

NOW = "now"
"""The plan that the page shows, saved or not."""

NOW_NAME = "Plan on this page"


@dataclass(frozen=True, eq=False)
class Chosen:
    """Answers that were chosen, and what could not be answered, in sentences."""

    answers: tuple[Answered, ...]
    left: tuple[str, ...]


def layout(desk: Desk) -> Component:
    """The view's components."""
    pick = dmc.MultiSelect(
        id="compare-pick",
        label=f"Scenarios, {MOST_COMPARED} at most",
        data=[{"value": NOW, "label": NOW_NAME}],
        maxValues=MOST_COMPARED,
        searchable=True,
        limit=50,  # options that are drawn at once; a search finds the others
        clearable=True,
        placeholder="Choose two or more",
        nothingFoundMessage="No scenario of this name",
    )
    files = dmc.Group(
        [
            dmc.Button("Workbook (XLSX)", id="compare-xlsx", variant="default", size="xs"),
            dmc.Button("Numbers (CSV)", id="compare-csv", variant="default", size="xs"),
            dmc.Button("Chart (PNG)", id="compare-png", variant="default", size="xs"),
        ],
        gap="xs",
    )
    graph = dcc.Graph(id="compare-chart", config={"displaylogo": False, "displayModeBar": False, "responsive": True})
    found = dmc.Stack(
        [
            dmc.Box(id="compare-numbers"),
            files,
            dmc.Title("Spend by channel", order=2, size="h4"),
            # a figure is drawn wide before it learns how wide the page is
            dmc.Box(graph, style={"overflow": "hidden"}),
            dmc.Box(id="compare-spend"),
        ],
        id="compare-found",
        gap="md",
        style=HIDDEN,
    )
    return dmc.Stack(
        [
            dcc.Download(id="compare-file"),
            dcc.Store(id="compare-pictured"),
            dmc.Title("Compare", order=1, size="h2"),
            pick,
            dmc.Box(id="compare-said"),
            found,
        ],
        gap="md",
    )


def register(app: dash.Dash, desk: Desk) -> None:
    """Wire the view's callbacks."""
    _choices(app, desk)
    _shown(app, desk)
    register_files(app, lambda picked, answered: chosen(desk, picked, answered), desk)


def _choices(app: dash.Dash, desk: Desk) -> None:
    @app.callback(
        Output("compare-pick", "data"),
        Output("compare-pick", "value"),
        Input(ids.URL, "pathname"),
        Input(ids.URL, "search"),
        Input(CHANGED, "data"),
        Input(ids.ANSWERED, "data"),
        State("compare-pick", "value"),
    )
    def offer(path: str, search: str | None, _: Any, answered: Any, value: list[str] | None) -> tuple[Any, Any]:
        if path != "/compare":
            return no_update, no_update
        kept = store_of(desk).scenarios()
        data = [{"value": one.id, "label": one.name} for one in kept]
        data += [{"value": NOW, "label": now_name(kept)}] if answered is not None else []
        known = {one["value"] for one in data}
        asked = _in_address(search)
        missing = sum(one not in known for one in asked)
        if missing and ctx.triggered_id != ids.ANSWERED:
            text = f"{missing} of the {len(asked)} scenarios in this address are not kept here, or were deleted."
            notify("Not all can be compared", text, colour="yellow")
        return data, [one for one in asked or value or [] if one in known][:MOST_COMPARED]


def now_name(kept: Iterable[Kept]) -> str:
    """What the plan on the page is called: no scenario may have the same name in a comparison."""
    taken = {one.name for one in kept}
    name = NOW_NAME
    while name in taken:
        name += " now"
    return name


def _in_address(search: str | None) -> list[str]:
    """What an address asks to compare; none of it need be there."""
    try:
        said = parse_qs((search or "").removeprefix("?"), max_num_fields=10).get("scenarios", [""])[-1]
    except ValueError:
        return []
    return [one for one in said.split(".", 20)[:20] if one]


def chosen(desk: Desk, picked: list[str], answered: dict[str, Any] | None) -> Chosen:
    """The answers of what was picked, in that order, each under a name of its own."""
    known = {one.id: one for one in store_of(desk).scenarios()}
    answers: list[Answered] = []
    left: list[str] = []
    for id in picked[:MOST_COMPARED]:
        if id == NOW and answered is not None:
            answers.append(named(desk.answer(Asked.of(answered)), now_name(known.values())))
        elif id in known:
            again, not_again = answered_again(desk, [known[id]])
            answers += again
            left += not_again
    return Chosen(tuple(answers), tuple(left))


def _shown(app: dash.Dash, desk: Desk) -> None:
    @app.callback(
        Output("compare-said", "children"),
        Output("compare-numbers", "children"),
        Output("compare-spend", "children"),
        Output("compare-chart", "figure"),
        Output("compare-chart", "style"),
        Output("compare-found", "style"),
        Input("compare-pick", "value"),
        Input(ids.SCHEME, "data"),
        Input(ids.ANSWERED, "data"),
        Input(CHANGED, "data"),
        State(ids.URL, "pathname"),
    )
    def show(picked: list[str] | None, ground: str, answered: Any, _: Any, path: str) -> tuple[Any, ...]:
        if path != "/compare":
            return (no_update,) * 6
        found = chosen(desk, picked or [], answered)
        if len(found.answers) < 2:
            return _too_few(found), None, None, no_update, no_update, HIDDEN
        try:
            compared = desk.compare(found.answers)
        except OutlayError as problem:
            return (*_refused([*found.left, sentence(problem.what)]), no_update, no_update, HIDDEN)
        figure = compare_chart(compared)
        return (
            _remarks(compared, found.left),
            dmc.Stack([numbers_table(compared), better_table(compared)], gap="md"),
            spend_table(compared),
            scheme.figure(figure, ground),
            {"height": figure.layout.height},
            {},
        )


def _too_few(found: Chosen) -> Component:
    text = dmc.Text(
        "Choose two or more scenarios above. They are answered again on the fit of this page, so that all of them are "
        "judged on the same draws.",
        c="dimmed",
    )
    return dmc.Stack([*_left(found.left), text], gap="xs")


def _refused(said: list[str]) -> tuple[Component, None, None]:
    why = "Plans are compared over one window: same first period, same length, same outcome."
    alert = dmc.Alert(
        [*(dmc.Text(line, size="sm") for line in said), dmc.Text(why, size="sm")],
        title="These cannot be compared",
        color="yellow",
        variant="light",
    )
    return alert, None, None


def _left(said: tuple[str, ...]) -> list[Component]:
    if not said:
        return []
    lines = [dmc.Text(line, size="sm") for line in said]
    return [dmc.Alert(lines, title="Left out", color="yellow", variant="light")]


def _remarks(found: CompareOutput, left: tuple[str, ...]) -> Component:
    """Which is the best, and what differs, in words."""
    lines = [html.Li(dmc.Text(line, size="sm")) for line in found.differs]
    return dmc.Stack(
        [
            *_left(left),
            dmc.Text(best_words(found), fw=550),
            dmc.Box(
                [
                    dmc.Title("What differs", order=2, size="h4"),
                    html.Ul(lines, style={"margin": "4px 0 0", "paddingLeft": "1.2em"}),
                ]
            ),
        ],
        gap="sm",
    )


def best_words(found: CompareOutput) -> str:
    """Which scenario is most probably the best, by what, in a sentence."""
    known = [row for row in found.rows if row.p_best is not None]
    if not known:
        return f"No plan is called the best: {found.better_by}."
    best = max(known, key=lambda row: row.p_best or 0.0)
    return (
        f"{best.name} is the best of these with probability {style.chance(best.p_best)}, judged by {found.better_by}."
    )


def compare_chart(found: CompareOutput) -> Any:
    """Spend by channel."""
    return style.relaid(plot_scenarios(found), {"margin": {"l": 8, "r": 16, "t": 40, "b": 48}})
