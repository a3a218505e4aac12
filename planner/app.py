"""The page: a shell with four views over one study."""

from __future__ import annotations

from types import ModuleType

import dash
import dash_mantine_components as dmc
from dash import Input, Output, dcc

from planner import ids, view_compare, view_plan, view_scenarios, view_today
from planner.desk import Desk

VIEWS: dict[str, tuple[str, ModuleType]] = {
    "/": ("Today", view_today),
    "/plan": ("Plan", view_plan),
    "/scenarios": ("Scenarios", view_scenarios),
    "/compare": ("Compare", view_compare),
}
"""Address, label and module of every view. All are on the page at once; the address says which one is seen."""


def build(desk: Desk, *, read_only: bool = False) -> dash.Dash:
    """The page as a Dash application, whose ``server`` is a WSGI application.

    Parameters
    ----------
    desk : Desk
    read_only : bool
        Whether scenarios may be looked at and planned with, but not kept.
    """
    app = dash.Dash("planner", title=f"{desk.study.project.name}: plan", update_title="")
    app.layout = lambda: _layout(desk)
    for _, module in VIEWS.values():
        module.register(app, desk)
    shown = [Output(f"view-{label}", "style") for label, _ in VIEWS.values()]

    @app.callback(shown, Input(ids.URL, "pathname"))
    def show(path: str) -> list[dict[str, str]]:
        path = path if path in VIEWS else "/"
        return [{} if path == each else {"display": "none"} for each in VIEWS]

    return app


def _layout(desk: Desk) -> dmc.MantineProvider:
    views = [dmc.Box(module.layout(desk), id=f"view-{label}") for label, module in VIEWS.values()]
    links = [dmc.NavLink(label=label, href=path) for path, (label, _) in VIEWS.items()]
    stores = [
        dcc.Location(id=ids.URL),
        dcc.Store(id=ids.SCHEME, data="light", storage_type="local"),
        dcc.Store(
            id=ids.ASKED, data={"section": desk.study.base.model_dump(mode="json", exclude_unset=True), "by_hand": None}
        ),
        dcc.Store(id=ids.ANSWERED),
        dcc.Store(id=ids.OPENED),
    ]
    return dmc.MantineProvider([*stores, dmc.NotificationContainer(id=ids.NOTICES), dmc.Group(links), *views])
