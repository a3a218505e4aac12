"""The list of scenarios: their numbers as they were, and what can be done with each."""

from __future__ import annotations

from typing import Any

import dash
import dash_mantine_components as dmc
from dash import ALL, Input, Output, State, ctx, dcc, no_update
from dash.development.base_component import Component

from planner import ids
from planner.desk import Desk
from planner.links import Link
from planner.store import Kept, Store
from planner.view_scenarios_save import CHANGED, store_of
from planner.view_scenarios_told import moment, notify, numbers_of, provenance

MOST_COMPARED = 4
"""Scenarios that are read side by side; more columns than that nobody compares."""

Key = dict[str, Any]

LIKE_A_BUTTON = {
    "padding": "4px 14px",
    "borderRadius": "var(--mantine-radius-sm)",
    "background": "var(--mantine-primary-color-light)",
    "color": "var(--mantine-primary-color-light-color)",
    "fontWeight": 600,
}


def layout(desk: Desk) -> list[Component]:
    """Places of the list, of the window for names and versions, and the way to the comparison."""
    bar = dmc.Group(
        [
            dmc.Switch(id="scenarios-deleted", label="Show deleted", size="sm"),
            link_button("Compare", "/scenarios", id="scenarios-compare"),
        ],
        justify="space-between",
    )
    return [
        bar,
        dmc.Stack(id="scenarios-list", gap="sm"),
        dmc.Modal(id="scenario-window", title="", opened=False, size="lg"),
        dcc.Store(id="scenario-looked-at"),
    ]


def register(app: dash.Dash, desk: Desk) -> None:
    """Wire the list."""
    _list(app, desk)
    _act(app, desk)
    _window(app, desk)


def _list(app: dash.Dash, desk: Desk) -> None:
    @app.callback(
        Output("scenarios-list", "children"),
        Input(ids.URL, "pathname"),
        Input(CHANGED, "data"),
        Input("scenarios-deleted", "checked"),
        Input(ids.OPENED, "data"),
        State({"kind": "scenario-pick", "id": ALL}, "checked"),
        State({"kind": "scenario-pick", "id": ALL}, "id"),
    )
    def show(
        path: str, _: Any, deleted: bool | None, opened: dict[str, Any] | None, picked: list[bool], of: list[Key]
    ) -> Any:
        if path != "/scenarios":
            return no_update
        store = store_of(desk)
        kept = store.scenarios() + (store.scenarios(deleted=True) if deleted else ())
        if not kept:
            return _empty()
        chosen = {key["id"] for key, checked in zip(of, picked, strict=True) if checked}
        mine = "" if opened is None else str(opened["id"])
        return [_card(one, desk, picked=one.id in chosen, opened=one.id == mine) for one in kept]

    @app.callback(
        Output("scenarios-compare", "children"),
        Output("scenarios-compare", "href"),
        Output("scenarios-compare", "style"),
        Input({"kind": "scenario-pick", "id": ALL}, "checked"),
        State({"kind": "scenario-pick", "id": ALL}, "id"),
    )
    def chosen(picked: list[bool], of: list[Key]) -> tuple[str, str, dict[str, Any]]:
        found = [key["id"] for key, checked in zip(of, picked, strict=True) if checked]
        if 2 <= len(found) <= MOST_COMPARED:
            return f"Compare {len(found)}", f"/compare?scenarios={'.'.join(found)}", LIKE_A_BUTTON
        label = f"Four can be compared, {len(found)} are ticked" if found[MOST_COMPARED:] else "Tick two to compare"
        return label, "/scenarios", {**LIKE_A_BUTTON, "opacity": 0.6, "pointerEvents": "none"}


def _empty() -> Component:
    return dmc.Paper(
        dmc.Stack(
            [
                dmc.Text("Nothing is kept yet."),
                dmc.Text(
                    "Make a plan, give it a name in the bar under its numbers, and press Save. It then stands here "
                    "with its numbers, can be opened again by a link, and be compared with others.",
                    size="sm",
                    c="dimmed",
                ),
                dmc.Anchor("Make a plan", href="/plan", refresh=False),
            ],
            gap=4,
        ),
        withBorder=True,
        p="md",
    )


def _card(kept: Kept, desk: Desk, *, picked: bool, opened: bool) -> Component:
    other_fit = kept.fit != desk.study.fit.id
    badges = [
        dmc.Badge(f"version {kept.number}", variant="light", color="gray"),
        *([dmc.Badge("open", variant="light", color="teal")] if opened else []),
        *([dmc.Badge("another fit", variant="light", color="yellow")] if other_fit else []),
        *([dmc.Badge("deleted", variant="filled", color="gray")] if kept.deleted else []),
    ]
    name = dmc.Text(kept.name, fw=600, style={"overflowWrap": "anywhere"})
    pick = dmc.Checkbox(
        id={"kind": "scenario-pick", "id": kept.id},
        checked=picked and not kept.deleted,
        disabled=kept.deleted,
        **{"aria-label": f"Compare {kept.name}"},
    )
    about = provenance(kept) + (". Its numbers are those of then." if other_fit else "")
    return dmc.Paper(
        dmc.Stack(
            [
                dmc.Group(
                    [
                        dmc.Group([pick, name, *badges], gap="xs", flex=1, miw=200),
                        _buttons(kept, read_only=desk.study.read_only),
                    ],
                    justify="space-between",
                    gap="xs",
                ),
                dmc.Box(
                    [
                        *([dmc.Text(kept.note, size="sm", style={"overflowWrap": "anywhere"})] if kept.note else []),
                        dmc.Text(about, size="xs", c="dimmed"),
                    ]
                ),
                dmc.SimpleGrid(
                    [_number(*one) for one in numbers_of(kept)], cols={"base": 2, "sm": 3, "md": 5}, spacing="sm"
                ),
            ],
            gap="xs",
        ),
        withBorder=True,
        p="sm",
        className="scenario",
        opacity=0.65 if kept.deleted else 1,
    )


def _number(label: str, number: str, beside: str) -> Component:
    return dmc.Box(
        [
            dmc.Text(label, size="xs", c="dimmed"),
            dmc.Text(number, fw=600, className="num"),
            dmc.Text(beside, size="xs", c="dimmed", className="num"),
        ]
    )


def _buttons(kept: Kept, *, read_only: bool) -> Component:
    def do(what: str, label: str, **more: Any) -> Component:
        return dmc.MenuItem(label, id={"kind": "scenario-do", "do": what, "id": kept.id}, n_clicks=0, **more)

    changing = [] if read_only else [do("rename", "Rename"), do("copy", "Copy"), do("delete", "Delete", color="red")]
    menu = dmc.Menu(
        [
            dmc.MenuTarget(dmc.Button("More", variant="default", size="xs", **{"aria-label": f"More: {kept.name}"})),
            dmc.MenuDropdown([do("versions", f"Versions ({kept.newest})"), *changing]),
        ],
        position="bottom-end",
    )
    if kept.deleted:
        back = dmc.Button(
            "Bring back",
            id={"kind": "scenario-do", "do": "undelete", "id": kept.id},
            n_clicks=0,
            size="xs",
            variant="light",
        )
        return dmc.Group([] if read_only else [back], gap="xs")
    return dmc.Group([open_link(kept, f"Open {kept.name}"), menu], gap="xs")


def open_link(kept: Kept, label: str) -> Component:
    """The link that opens a version."""
    return link_button("Open", Link(kept.id, kept.number).address, **{"aria-label": label})


def link_button(label: str, href: str, **more: Any) -> Component:
    """A link that looks like a button: it leads somewhere, and a browser can open it in another tab."""
    return dmc.Anchor(label, href=href, refresh=False, underline="never", size="sm", style=LIKE_A_BUTTON, **more)


def _act(app: dash.Dash, desk: Desk) -> None:
    @app.callback(
        Output(CHANGED, "data"),
        Output("scenario-looked-at", "data"),
        Output(ids.OPENED, "data", allow_duplicate=True),
        Input({"kind": "scenario-do", "do": ALL, "id": ALL}, "n_clicks"),
        State("save-who", "value"),
        State(ids.OPENED, "data"),
        prevent_initial_call=True,
    )
    def act(_: list[int], who: str | None, opened: dict[str, Any] | None) -> tuple[Any, Any, Any]:
        key = ctx.triggered_id
        if not isinstance(key, dict) or not ctx.triggered[0]["value"]:
            return no_update, no_update, no_update  # the buttons were only made
        clicks = ctx.triggered[0]["value"]
        if key["do"] in ("rename", "versions"):
            return no_update, {"do": key["do"], "id": key["id"], "n": clicks}, no_update
        said = _done(store_of(desk), key["do"], key["id"], who or "")
        gone = key["do"] == "delete" and opened is not None and opened["id"] == key["id"]
        return f"{said} {clicks}", no_update, None if gone else no_update


def _done(store: Store, what: str, id: str, who: str) -> str:
    """Copy, delete or bring back, and say so."""
    if what == "copy":
        kept = store.copy(id, store.version(id).number, who=who).kept
        notify("Copied", f"{kept.name} begins as a {kept.origin}.")
    elif what == "delete":
        kept = store.delete(id)
        notify("Deleted", f"{kept.name} is out of the list. Show deleted brings it back, with all of its versions.")
    else:
        kept = store.undelete(id)
        notify("Back again", f"{kept.name}, with all of its versions.")
    return f"{what} {kept.id}"


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
            return True, f"Rename {kept.name}", _rename(kept)
        versions = store_of(desk).versions(kept.id)
        shown = [_version(one, read_only=desk.study.read_only) for one in versions]
        return True, f"Versions of {kept.name}", dmc.Stack(shown, gap="sm")

    @app.callback(
        Output(CHANGED, "data", allow_duplicate=True),
        Output("scenario-looked-at", "data", allow_duplicate=True),
        Output(ids.OPENED, "data", allow_duplicate=True),
        Input({"kind": "scenario-rename", "id": ALL}, "n_clicks"),
        Input({"kind": "scenario-restore", "id": ALL, "number": ALL}, "n_clicks"),
        State({"kind": "scenario-name", "id": ALL}, "value"),
        State("save-who", "value"),
        State(ids.OPENED, "data"),
        prevent_initial_call=True,
    )
    def change(
        _: list[int], __: list[int], names: list[str], who: str | None, opened: dict[str, Any] | None
    ) -> tuple[Any, Any, Any]:
        key = ctx.triggered_id
        if not isinstance(key, dict) or not ctx.triggered[0]["value"]:
            return no_update, no_update, no_update
        if key["kind"] == "scenario-restore":
            kept = store_of(desk).restore(key["id"], int(key["number"]), who=who or "").kept
            notify("Restored", f"{kept.name}: version {kept.number} is {kept.origin}.")
            return f"restored {kept.id} {kept.number}", None, no_update
        kept = store_of(desk).rename(key["id"], names[0] or "")
        notify("Renamed", f"It is called {kept.name} now.")
        mine = opened is not None and opened["id"] == kept.id
        return f"renamed {kept.id} {kept.name}", None, {**(opened or {}), "name": kept.name} if mine else no_update


def _rename(kept: Kept) -> Component:
    return dmc.Group(
        [
            dmc.TextInput(
                id={"kind": "scenario-name", "id": kept.id},
                label="New name",
                value=kept.name,
                flex=1,
                **{"data-autofocus": True},
            ),
            dmc.Button("Rename", id={"kind": "scenario-rename", "id": kept.id}, n_clicks=0),
        ],
        align="end",
    )


def _version(kept: Kept, *, read_only: bool) -> Component:
    """One version with its number of then, its link, and the way back to it."""
    expected = next(one for one in numbers_of(kept) if one[0].startswith("Expected"))
    restore = dmc.Button(
        "Restore",
        id={"kind": "scenario-restore", "id": kept.id, "number": kept.number},
        n_clicks=0,
        size="xs",
        variant="default",
    )
    newest = kept.number == kept.newest
    head = f"Version {kept.number}{', the newest' if newest else ''}"
    who = f" by {kept.who}" if kept.who else ""
    return dmc.Paper(
        dmc.Group(
            [
                dmc.Box(
                    [
                        dmc.Text(head, fw=600, size="sm"),
                        dmc.Text(
                            f"{moment(kept)}{who}{f' ({kept.origin})' if kept.origin else ''}", size="xs", c="dimmed"
                        ),
                        *([dmc.Text(kept.note, size="sm")] if kept.note else []),
                        dmc.Text(f"{expected[0]}: {expected[1]} ({expected[2]})", size="sm", className="num"),
                    ],
                    flex=1,
                    miw=200,
                ),
                dmc.Group(
                    [
                        open_link(kept, f"Open version {kept.number}"),
                        *([] if newest or read_only else [restore]),
                    ],
                    gap="xs",
                ),
            ],
            justify="space-between",
        ),
        withBorder=True,
        p="xs",
    )
