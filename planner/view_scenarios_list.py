"""The list of scenarios: their numbers as they were, and what can be done with each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from typing import Any

import dash
import dash_mantine_components as dmc
from dash import ALL, Input, Output, State, ctx, dcc, html, no_update
from dash.development.base_component import Component

from planner import ids
from planner.desk import Desk
from planner.store import Kept, Store
from planner.view_scenarios_card import LIKE_A_BUTTON, card, link_button, nothing_kept, rename, version
from planner.view_scenarios_save import CHANGED, HIDDEN, store_of
from planner.view_scenarios_told import notify, taken

MOST_COMPARED = 4
"""Scenarios that are read side by side; more columns than that nobody compares."""

AT_ONCE = 20
"""Scenarios that the list shows before more are asked for; hundreds at once keep a browser busy for minutes."""

Key = dict[str, Any]


def layout(desk: Desk) -> list[Component]:
    """Places of the list, of the window for names and versions, and the way to the comparison."""
    bar = dmc.Group(
        [
            dmc.Group(
                [
                    dmc.TextInput(
                        id="scenarios-find",
                        placeholder="Find a name, note or person",
                        debounce=250,
                        size="xs",
                        w=220,
                        **{"aria-label": "Find scenarios"},
                    ),
                    dmc.Switch(id="scenarios-deleted", label="Show deleted", size="sm"),
                ],
                gap="md",
            ),
            link_button("Compare", "/scenarios", id="scenarios-compare"),
        ],
        justify="space-between",
    )
    return [
        bar,
        html.Div(dmc.Stack(id="scenarios-list", gap="sm"), id="scenarios-place", tabIndex=-1),
        dmc.Group(
            [
                dmc.Text(id="scenarios-count", size="sm", c="dimmed", **{"aria-live": "polite"}),
                dmc.Button(f"Show {AT_ONCE} more", id="scenarios-more", variant="default", size="xs", style=HIDDEN),
            ],
            gap="xs",
        ),
        dmc.Modal(id="scenario-window", title="", opened=False, size="lg"),
        dcc.Store(id="scenario-do"),
        dcc.Store(id="scenario-looked-at"),
        dcc.Store(id="scenario-focused"),
    ]


def register(app: dash.Dash, desk: Desk) -> None:
    """Wire the list."""
    _list(app, desk)
    _act(app, desk)
    _window(app, desk)


def _list(app: dash.Dash, desk: Desk) -> None:
    @app.callback(
        Output("scenarios-list", "children"),
        Output("scenarios-count", "children"),
        Output("scenarios-more", "style"),
        Input(ids.URL, "pathname"),
        Input(CHANGED, "data"),
        Input("scenarios-deleted", "checked"),
        Input(ids.OPENED, "data"),
        Input("scenarios-find", "value"),
        Input("scenarios-more", "n_clicks"),
        State({"kind": "scenario-pick", "id": ALL}, "checked"),
        State({"kind": "scenario-pick", "id": ALL}, "id"),
    )
    def show(
        path: str,
        _: Any,
        deleted: bool | None,
        opened: dict[str, Any] | None,
        find: str | None,
        more: int | None,
        picked: list[bool],
        of: list[Key],
    ) -> tuple[Any, Any, Any]:
        if path != "/scenarios":
            return no_update, no_update, no_update
        store = store_of(desk)
        kept = store.scenarios() + (store.scenarios(deleted=True) if deleted else ())
        if not kept:
            return nothing_kept(), "", HIDDEN
        chosen = {key["id"] for key, checked in zip(of, picked, strict=True) if checked}
        mine = "" if opened is None else str(opened["id"])
        shown, count, left = shown_of(kept, chosen, find or "", AT_ONCE * (1 + (more or 0)))
        cards = [card(one, desk, picked=one.id in chosen, opened=one.id == mine) for one in shown]
        return cards, count, {} if left else HIDDEN

    @app.callback(
        Output("scenarios-compare", "children"),
        Output("scenarios-compare", "href"),
        Output("scenarios-compare", "style"),
        Output("scenarios-compare", "tabIndex"),
        Output("scenarios-compare", "aria-disabled"),
        Input({"kind": "scenario-pick", "id": ALL}, "checked"),
        State({"kind": "scenario-pick", "id": ALL}, "id"),
    )
    def chosen(picked: list[bool], of: list[Key]) -> tuple[str, str, dict[str, Any], int, str]:
        found = [key["id"] for key, checked in zip(of, picked, strict=True) if checked]
        if 2 <= len(found) <= MOST_COMPARED:
            return f"Compare {len(found)}", f"/compare?scenarios={'.'.join(found)}", LIKE_A_BUTTON, 0, "false"
        label = f"Four can be compared, {len(found)} are ticked" if found[MOST_COMPARED:] else "Tick two to compare"
        return label, "/scenarios", {**LIKE_A_BUTTON, "opacity": 0.6, "pointerEvents": "none"}, -1, "true"

    # the list is made anew after a change, and with it goes the button that had the focus: who uses the keyboard, or
    # listens, goes on at the list and not at the top of the page
    app.clientside_callback(
        """function(changed) {
            window.setTimeout(function () {
                if (changed && document.activeElement === document.body) {
                    document.getElementById("scenarios-place").focus({preventScroll: true});
                }
            }, 600);
            return window.dash_clientside.no_update;
        }""",
        Output("scenario-focused", "data"),
        Input(CHANGED, "data"),
        prevent_initial_call=True,
    )


def shown_of(kept: Sequence[Kept], ticked: Set[str], find: str, most: int) -> tuple[list[Kept], str, bool]:
    """Those that the list shows, how many they are in words, and whether there are more.

    What is ticked stays in the list, so that nothing is compared that cannot be seen.
    """
    words = find.casefold().split()
    found = [one for one in kept if all(word in f"{one.name} {one.note} {one.who}".casefold() for word in words)]
    seen = {one.id for one in found[:most]} | ticked
    shown = [one for one in kept if one.id in seen]
    left = len(found) > most
    if left:
        return shown, f"{min(most, len(found))} of {len(found)} are shown, those saved last.", True
    if words:
        return shown, f"{len(found)} of {len(kept)} hold these words.", False
    return shown, "", False


def _act(app: dash.Dash, desk: Desk) -> None:
    @app.callback(
        Output(CHANGED, "data"),
        Output("scenario-looked-at", "data"),
        Output(ids.OPENED, "data", allow_duplicate=True),
        Input("scenario-do", "data"),
        State("save-who", "value"),
        State(ids.OPENED, "data"),
        prevent_initial_call=True,
    )
    def act(asked: dict[str, Any] | None, who: str | None, opened: dict[str, Any] | None) -> tuple[Any, Any, Any]:
        if asked is None:
            return no_update, no_update, no_update
        what, id, nth = str(asked["do"]), str(asked["id"]), asked["n"]
        if what in ("rename", "versions"):
            return no_update, {"do": what, "id": id, "n": nth}, no_update
        said = _DOES[what](store_of(desk), id, int(asked["version"]), who or "")
        gone = what == "delete" and opened is not None and opened["id"] == id
        return f"{said} {nth}", None, None if gone else no_update


def _copied(store: Store, id: str, _: int, who: str) -> str:
    kept = store.copy(id, store.version(id).number, who=who).kept
    notify("Copied", f"{kept.name} begins as a {kept.origin}.")
    return kept.id


def _deleted(store: Store, id: str, _: int, __: str) -> str:
    kept = store.delete(id)
    notify("Deleted", f"{kept.name} is out of the list. Show deleted brings it back, with all of its versions.")
    return kept.id


def _brought_back(store: Store, id: str, _: int, __: str) -> str:
    kept = store.undelete(id)
    notify("Back again", f"{kept.name}, with all of its versions.")
    return kept.id


def _restored(store: Store, id: str, number: int, who: str) -> str:
    kept = store.restore(id, number, who=who).kept
    notify("Restored", f"{kept.name}: version {kept.number} is {kept.origin}.")
    return kept.id


_DOES: Mapping[str, Callable[[Store, str, int, str], str]] = {
    "copy": _copied,
    "delete": _deleted,
    "undelete": _brought_back,
    "restore": _restored,
}
"""What a button does with a scenario; each says so on the page and returns the scenario's id."""


def _window(app: dash.Dash, desk: Desk) -> None:
    @app.callback(
        Output("scenario-window", "opened"),
        Output("scenario-window", "title"),
        Output("scenario-window", "children"),
        Input("scenario-looked-at", "data"),
        prevent_initial_call=True,
    )
    def look(what: dict[str, Any] | None) -> tuple[bool, str, Any]:
        if what is None:
            return False, "", None
        kept = store_of(desk).version(what["id"])
        if what["do"] == "rename":
            return True, f"Rename {kept.name}", rename(kept)
        versions = store_of(desk).versions(kept.id)
        shown = [version(one, read_only=desk.study.read_only) for one in versions]
        return True, f"Versions of {kept.name}", dmc.Stack(shown, gap="sm")

    @app.callback(
        Output(CHANGED, "data", allow_duplicate=True),
        Output("scenario-looked-at", "data", allow_duplicate=True),
        Output(ids.OPENED, "data", allow_duplicate=True),
        Input({"kind": "scenario-rename", "id": ALL}, "n_clicks"),
        Input({"kind": "scenario-name", "id": ALL}, "n_submit"),
        State({"kind": "scenario-name", "id": ALL}, "value"),
        State(ids.OPENED, "data"),
        prevent_initial_call=True,
    )
    def change(_: list[int], __: list[int], names: list[str], opened: dict[str, Any] | None) -> tuple[Any, Any, Any]:
        key = ctx.triggered_id
        if not isinstance(key, dict) or not ctx.triggered[0]["value"]:
            return no_update, no_update, no_update
        kept = store_of(desk).rename(key["id"], names[0] or "")
        notify("Renamed", f"It is called {kept.name} now. {taken(names[0] or '', kept)}".strip())
        mine = opened is not None and opened["id"] == kept.id
        return f"renamed {kept.id} {kept.name}", None, {**(opened or {}), "name": kept.name} if mine else no_update
