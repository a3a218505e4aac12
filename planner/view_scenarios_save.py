"""The bar under an answer: name it, save it, save it again, copy its link."""

from __future__ import annotations

from typing import Any

import dash
import dash_mantine_components as dmc
from dash import Input, Output, State, dcc, no_update
from dash.development.base_component import Component

from planner import ids
from planner.asked import Asked
from planner.desk import Desk
from planner.links import Link
from planner.store import Draft, Saved, Store
from planner.view_scenarios_told import notify, opened_of, others, taken

CHANGED = "scenarios-changed"
"""dcc.Store: counts what was kept, renamed or deleted, so that lists are read again."""

HIDDEN = {"display": "none"}


def store_of(desk: Desk) -> Store:
    """The scenarios of the page."""
    return Store(desk.study.folder, read_only=desk.study.read_only)


def savebar(desk: Desk) -> Component:
    """What keeps the answer that is shown: a name, a note, who saves it, and the link."""
    read_only = desk.study.read_only
    fields = dmc.Group(
        [
            dmc.TextInput(
                id="save-name",
                label="Scenario",
                placeholder="Name, such as Spring push",
                flex=3,
                miw=170,
            ),
            dmc.TextInput(id="save-note", label="Note", placeholder="optional", flex=3, miw=170),
            dmc.TextInput(
                id="save-who",
                label="Your name",
                placeholder="optional",
                persistence=True,
                persistence_type="local",
                flex=1,
                miw=120,
            ),
            dmc.Button("Save", id="save-button", **{"aria-keyshortcuts": "Control+S"}),
        ],
        gap="xs",
        align="end",
        style=HIDDEN if read_only else {},
    )
    small = {"size": "compact-sm", "variant": "subtle"}
    about = dmc.Group(
        [
            dmc.Text(
                "This page only reads: nothing can be saved here." if read_only else "",
                id="save-state",
                size="sm",
                c="dimmed",
                flex=1,
                miw=200,
                **{"aria-live": "polite"},
            ),
            dmc.Group(
                [
                    dmc.Button("Discard changes", id="save-discard", style=HIDDEN, **small),
                    dmc.Button("Copy link", id="save-link", style=HIDDEN, **small),
                    dmc.Button("Workbook (XLSX)", id="save-xlsx", **small),
                ],
                gap=4,
            ),
        ],
        gap="xs",
    )
    return dmc.Paper(
        [dmc.Stack([fields, about], gap="xs"), dcc.Store(id="save-copied"), dcc.Store(id="save-address")],
        p="sm",
        bg="var(--mantine-color-default-hover)",
        id="savebar",
    )


def register(app: dash.Dash, desk: Desk) -> None:
    """Wire the bar."""
    _save(app, desk)
    _state(app, desk)
    _link(app)


def _save(app: dash.Dash, desk: Desk) -> None:
    @app.callback(
        Output(ids.OPENED, "data", allow_duplicate=True),
        Output(CHANGED, "data", allow_duplicate=True),
        Output("save-note", "value"),
        Input("save-button", "n_clicks"),
        State("save-name", "value"),
        State("save-note", "value"),
        State("save-who", "value"),
        State(ids.ANSWERED, "data"),
        State(ids.OPENED, "data"),
        prevent_initial_call=True,
    )
    def save(
        clicks: int | None,
        name: str | None,
        note: str | None,
        who: str | None,
        answered: dict[str, Any] | None,
        opened: dict[str, Any] | None,
    ) -> tuple[Any, Any, Any]:
        if not clicks or answered is None:
            return no_update, no_update, no_update
        asked = Asked.of(answered)
        document = desk.answer(asked).document.model_dump(mode="json")
        draft = Draft(asked.document(), document, desk.study.fit.id, note or "", who or "")
        saved = _kept(store_of(desk), name or "", draft, opened)
        kept = saved.kept
        text = f"{kept.name}, version {kept.number}. {taken(name or '', kept)}{others(saved.between)}".strip()
        notify("Saved", text, colour="yellow" if saved.between else "teal")
        return opened_of(kept, asked.key), f"{kept.id} {kept.number}", ""


def _kept(store: Store, name: str, draft: Draft, opened: dict[str, Any] | None) -> Saved:
    """The next version of the scenario that is open, or a new one where the name is another."""
    if opened is not None and _same(name, opened):
        return store.save(str(opened["id"]), int(opened["version"]), draft)
    return store.create(name, draft)


def _same(name: str, opened: dict[str, Any]) -> bool:
    return name.strip().casefold() == str(opened["name"]).casefold()


def _state(app: dash.Dash, desk: Desk) -> None:
    @app.callback(Output("save-name", "value"), Input(ids.OPENED, "data"), prevent_initial_call=True)
    def follow(opened: dict[str, Any] | None) -> str:
        return "" if opened is None else str(opened["name"])

    @app.callback(
        Output("save-state", "children"),
        Output("save-button", "children"),
        Output("save-discard", "style"),
        Output("save-link", "style"),
        Output("save-address", "data"),
        Input(ids.ANSWERED, "data"),
        Input(ids.ASKED, "data"),
        Input(ids.OPENED, "data"),
        Input("save-name", "value"),
    )
    def state(
        answered: dict[str, Any] | None, asked: dict[str, Any], opened: dict[str, Any] | None, name: str | None
    ) -> tuple[Any, ...]:
        shown = None if answered is None else Asked.of(answered).key
        edited = answered is not None and Asked.of(asked).key != shown
        link = None if opened is None else Link(str(opened["id"]), int(opened["version"])).address
        moved = opened is not None and (shown != opened["key"] or edited)
        return (
            _said(opened, shown, edited=edited, read_only=desk.study.read_only),
            _label(name or "", opened),
            {} if moved else HIDDEN,
            HIDDEN if link is None else {},
            link,
        )


def _label(name: str, opened: dict[str, Any] | None) -> str:
    if opened is None:
        return "Save"
    return f"Save version {int(opened['version']) + 1}" if _same(name, opened) else "Save as new"


def _said(opened: dict[str, Any] | None, shown: str | None, *, edited: bool, read_only: bool) -> str:
    if read_only and opened is None:
        return "This page only reads: nothing can be saved here."
    if opened is None:
        return "Not saved yet."
    which = f"{opened['name']}, version {opened['version']}"
    said = f"This plan differs from {which}." if shown != opened["key"] else f"This is {which}."
    later = " What was edited above since is not in it: optimise first." if edited else ""
    return said + later if read_only else f"{said}{later} Under another name it becomes a new scenario."


def _link(app: dash.Dash) -> None:
    # browsers give the clipboard only to pages of this machine or over https; elsewhere a field is selected and copied
    app.clientside_callback(
        """async function(n, address) {
            if (!n || !address) { return window.dash_clientside.no_update; }
            const link = window.location.origin + address;
            let copied = true;
            try {
                await navigator.clipboard.writeText(link);
            } catch (refused) {
                const field = document.createElement("textarea");
                field.value = link;
                document.body.appendChild(field);
                field.select();
                copied = document.execCommand("copy");
                field.remove();
            }
            window.dash_clientside.set_props("NOTICES_ID", {sendNotifications: [{
                action: "show",
                title: copied ? "Link copied" : "Copy this link",
                message: link,
                color: "teal",
                autoClose: copied ? 5000 : false,
            }]});
            return link;
        }""".replace("NOTICES_ID", ids.NOTICES),
        Output("save-copied", "data"),
        Input("save-link", "n_clicks"),
        State("save-address", "data"),
        prevent_initial_call=True,
    )
