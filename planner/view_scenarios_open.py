"""Opening a scenario: by its link, from the list, or once more without what was changed since."""

from __future__ import annotations

from typing import Any

import dash
from dash import Input, Output, State, ctx, no_update
from pydantic import ValidationError

from outlay.errors import OutlayError
from planner import ids
from planner.asked import Asked
from planner.desk import Desk
from planner.links import PLAN, Link, link_of, meant
from planner.refusals import refused
from planner.store import Kept
from planner.view_scenarios_save import store_of
from planner.view_scenarios_told import amount, notify, opened_of

KEEP = (no_update, no_update, no_update)


def register(app: dash.Dash, desk: Desk) -> None:
    """Wire the links."""

    @app.callback(
        Output(ids.ASKED, "data", allow_duplicate=True),
        Output(ids.ANSWERED, "data", allow_duplicate=True),
        Output(ids.OPENED, "data", allow_duplicate=True),
        Input(ids.URL, "search"),
        Input("save-discard", "n_clicks"),
        State(ids.URL, "pathname"),
        State(ids.OPENED, "data"),
        prevent_initial_call="initial_duplicate",
    )
    def reopen(search: str | None, discards: int | None, path: str | None, opened: dict[str, Any] | None) -> Any:
        if ctx.triggered_id == "save-discard":
            if not discards or opened is None:
                return KEEP
            return _opened(desk, Link(str(opened["id"]), int(opened["version"])))
        link = link_of(search) if path == PLAN else None
        if link is None:
            if path == PLAN and meant(search):
                text = "Parts of its address are missing or were changed. Copy it again, or look under Scenarios."
                notify("This link leads to no scenario", text, colour="red")
            return KEEP
        if opened is not None and link == Link(str(opened["id"]), int(opened["version"])):
            return KEEP  # going back and forth in the browser loses nothing that was changed since
        return _opened(desk, link)

    # a reload, or a bookmark, of what was saved finds it again
    app.clientside_callback(
        """function(opened, address) {
            if (window.location.pathname === "/plan") {
                window.history.replaceState(window.history.state, "", opened && address ? address : "/plan");
            }
            return window.dash_clientside.no_update;
        }""",
        Output("save-copied", "data", allow_duplicate=True),
        Input(ids.OPENED, "data"),
        Input("save-address", "data"),
        prevent_initial_call=True,
    )


def _opened(desk: Desk, link: Link) -> tuple[Any, Any, Any]:
    """Question and answer of a scenario, on the fit that the page is of."""
    kept = store_of(desk).version(link.id, link.number)
    try:
        asked = Asked.of(kept.asked)
    except (ValidationError, TypeError, KeyError):
        text = (
            f"{_name(kept)} holds a question that this version of outlay does not know. Its numbers stay in the list."
        )
        notify("Not opened", text, colour="red")
        return KEEP
    opened = opened_of(kept, asked.key)
    try:
        now = desk.answer(asked)
    except OutlayError as problem:
        text = f"{_name(kept)} cannot be answered on this fit: {refused(problem)}"
        notify("Opened without its plan", text, colour="yellow")
        return asked.document(), None, opened
    if kept.fit != desk.study.fit.id:
        then, today = amount(kept, "expected"), amount(_with(kept, now.document.model_dump(mode="json")), "expected")
        text = f"{_name(kept)} was planned on another fit. Expected then: {then}; on this fit: {today}."
        notify("The fit is another", text, colour="yellow")
    elif kept.deleted:
        notify("This scenario is deleted", f"{_name(kept)} can be brought back under Scenarios.", colour="yellow")
    elif kept.number < kept.newest:
        notify("An older version", f"{_name(kept)}; the newest is version {kept.newest}.", colour="yellow")
    return asked.document(), asked.document(), opened


def _name(kept: Kept) -> str:
    return f"{kept.name}, version {kept.number},"


def _with(kept: Kept, answer: dict[str, Any]) -> Kept:
    from dataclasses import replace

    return replace(kept, answer=answer)
